"""Files of contributions: what may come in, and who may fetch it again.

What a file is, its first bytes say; its name and its sender are not believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.models import Attachment, Contribution

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
    """A file as it came in, found fit to keep."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes) -> Upload:
    """The file, if it may be kept; Refused("file_too_large", "file_empty" or "file_kind") if not."""
    if not content:
        raise Refused("file_empty")
    if len(content) > MOST:
        raise Refused("file_too_large")
    kind = next((kind for start, kind in KINDS if content.startswith(start)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if not kind:
        raise Refused("file_kind")
    # Of the name a folder and whatever no screen shows is left out: it goes into a header.
    kept = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c not in '"<>')
    return Upload(kept.strip()[-120:] or "bestand", kind, content)


def attach(turn: Turn, item: Contribution, upload: Upload | None) -> None:
    """Keep a file with a contribution that has none yet; without a file nothing happens."""
    if upload is not None:
        turn.session.add(
            Attachment(
                contribution_id=item.id,
                name=upload.name,
                media_type=upload.media_type,
                size=len(upload.content),
                content=upload.content,
            )
        )


def of(turn: Turn, item_ids: Iterable[int]) -> dict[int, Attachment]:
    """contribution id -> its file, without the content; only for contributions the caller may show."""
    query = (
        select(Attachment)
        .join(Contribution, Contribution.id == Attachment.contribution_id)
        .where(Contribution.step_run_id == turn.run.id)
    )
    among = set(item_ids)
    return {row.contribution_id: row for row in turn.session.scalars(query) if row.contribution_id in among}


def get(turn: Turn, file_id: int, visible: Iterable[Contribution]) -> Attachment:
    """One file of a contribution that is visible to the asker; Refused("not_found") for any other."""
    found = turn.session.get(Attachment, file_id) if 0 < file_id < 2**31 else None
    if found is None or found.contribution_id not in {item.id for item in visible}:
        raise Refused("not_found")
    return found
