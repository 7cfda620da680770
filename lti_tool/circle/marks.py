"""What stands in the place of words that are gone, said in the page's language: one place for pages, PDF and export."""

from markupsafe import escape

from lti_tool.domain.reading.words import HIDDEN, TAKEN
from lti_tool.i18n import say as _


def said(page: str) -> str:
    """A page that is written, with words for the marks in it."""
    if TAKEN in page:
        page = page.replace(TAKEN, escape(_("(teruggenomen)", "(taken back)")))
    if HIDDEN in page:
        page = page.replace(HIDDEN, escape(_("(weggehaald door wie begeleidt)", "(removed by whoever facilitates)")))
    return page
