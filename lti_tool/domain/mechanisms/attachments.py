"""Files of contributions: what may come in, and without what. Who may fetch it again, the gate says.

What a file is, its first bytes say; its sender is not believed. What the sender called it says who that was, or what
the class is called: it is not kept, and a file is called by what it is.
"""

from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import cleaning, contributions
from lti_tool.domain.reading.pieces import Piece
from lti_tool.text import Text

MOST = 5 * 1024 * 1024  # bytes

# What a file is called where it is opened, without what it ends in.
NAME = Text("bijlage", "attachment")

# First bytes -> what it is. Pictures and PDF: what a phone makes and a copier sends. Nothing that can run.
KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})


def ending(media_type: str) -> str:
    """What the name of such a file ends in: .jpeg, .pdf."""
    return "." + media_type.partition("/")[2]


@dataclass(frozen=True)
class Upload:
    """A file that is fit to keep."""

    media_type: str
    content: bytes


def check(content: bytes) -> Upload:
    """The file as it may be kept; Refused("file_too_large", "file_empty", "file_kind", "file_busy" or "file_unclean")
    if not.

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
    except cleaning.Busy as error:
        raise Refused("file_busy") from error
    except cleaning.Unclean as error:
        raise Refused("file_unclean") from error
    if len(content) > MOST:
        raise Refused("file_too_large")
    return Upload(kind, content)


def attach(turn: Turn, item: Piece, upload: Upload | None) -> None:
    """Keep a file with a contribution that has none yet; without a file nothing happens."""
    if upload is not None:
        contributions.attach(turn, item, upload.media_type, upload.content)
