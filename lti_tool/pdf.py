"""A page as a tagged PDF that a screen reader can read (PDF/UA), where the extra `pdf` is installed."""

import logging
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# It warns of every rule of the style sheet that paper has no use for.
logging.getLogger("weasyprint").setLevel(logging.ERROR)

STYLE = Path(__file__).parent / "static" / "leerkring.css"


@cache
def available() -> bool:
    """Whether this installation can make a PDF: the extra is there, and the system's Pango that it needs."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


def make(html: str) -> bytes:
    """The PDF of a page in our own style. Nothing is fetched for it, from nowhere."""
    # Here, not above: it is half a second and 25 MB that no other page and no worker needs.
    import weasyprint

    page = weasyprint.HTML(string=html, url_fetcher=_refuse)
    made = page.write_pdf(
        stylesheets=[weasyprint.CSS(string=STYLE.read_text(encoding="utf-8"))], pdf_variant="pdf/ua-1"
    )
    return bytes(made)


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"nothing is fetched: {url}")
