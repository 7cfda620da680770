"""Files of contributions: what may come in, and without what. Who may fetch it again, the gate says.

What a file is, its first bytes say; its name and its sender are not believed.
"""

from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import cleaning, contributions
from lti_tool.domain.reading.pieces import Piece

MOST = 5 * 1024 * 1024  # bytes

# First bytes -> what it is. Pictures and PDF: what a phone makes and a copier sends. Nothing that can run.
KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True)
class Upload:
    """A file that is fit to keep."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes) -> Upload:
    """The file as it may be kept; Refused("file_too_large", "file_empty", "file_kind" or "file_unclean") if not.

    Takes a second: nothing may be locked meanwhile.
    """
    if not content:
        raise Refused("file_empty")
    if len(content) > MOST:
        raise Refused("file_too_large")
    kind = next((kind for start, kind in KINDS if content.startswith(start)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if not kind:
        raise Refused("file_kind")
    try:
        content = cleaning.clean(kind, content)
    except cleaning.Unclean as error:
        raise Refused("file_unclean") from error
    if len(content) > MOST:
        raise Refused("file_too_large")
    # Of the name a folder and whatever no screen shows is left out: it goes into a header.
    kept = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c not in '"<>')
    return Upload(kept.strip()[-120:] or "bestand", kind, content)


def attach(turn: Turn, item: Piece, upload: Upload | None) -> None:
    """Keep a file with a contribution that has none yet; without a file nothing happens."""
    if upload is not None:
        contributions.attach(turn, item, upload.name, upload.media_type, upload.content)
