"""A page as a tagged PDF that a screen reader can read (PDF/UA), where the extra `pdf` is installed."""

import logging
from pathlib import Path
from typing import Any

try:
    import weasyprint
except (ImportError, OSError):  # not installed; or without Pango, which it needs of the system
    weasyprint = None

# It warns of every rule of the style sheet that paper has no use for.
logging.getLogger("weasyprint").setLevel(logging.ERROR)

STYLE = Path(__file__).parent / "static" / "leerkring.css"


def available() -> bool:
    """Whether this installation can make a PDF."""
    return weasyprint is not None


def make(html: str) -> bytes:
    """The PDF of a page in our own style. Nothing is fetched for it, from nowhere."""
    page = weasyprint.HTML(string=html, url_fetcher=_refuse)
    made = page.write_pdf(
        stylesheets=[weasyprint.CSS(string=STYLE.read_text(encoding="utf-8"))], pdf_variant="pdf/ua-1"
    )
    return bytes(made)


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"nothing is fetched: {url}")
