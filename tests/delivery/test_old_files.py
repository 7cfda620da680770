"""Files of before they were cleaned on the way in are cleaned by the worker, each once; what is new is left alone."""

from typing import Any

import structlog
from sqlalchemy import func, select

from lti_tool.domain import outbox
from lti_tool.domain.mechanisms import cleaning
from lti_tool.models import OutboxRow
from lti_tool.models.voices import Attachment, Contribution
from tests.delivery.desk import Desk
from tests.web.test_files import MARK, document, inside, jpeg, png, webp


def keep(desk: Desk, *files: tuple[str, bytes]) -> list[int]:
    """Files as an older Leerkring kept them; their numbers."""
    with desk.tool.session() as session:
        run, member = desk.run(session), desk.member(session, "fatima")
        numbers = []
        for media_type, content in files:
            piece = Contribution(step_run_id=run.id, kind="idea", member_id=member.id, body={})
            session.add(piece)
            session.flush()
            about: dict[str, Any] = {"media_type": media_type, "size": len(content)}
            # Numbers that rise with them, whatever is drawn.
            after = session.scalar(select(func.max(Attachment.id))) or 0
            session.add(row := Attachment(id=after + 1, contribution_id=piece.id, content=content, **about))
            session.flush()
            numbers.append(row.id)
        return numbers


def kept(desk: Desk) -> dict[int, bytes]:
    with desk.tool.session() as session:
        found = session.execute(select(Attachment.id, Attachment.size, Attachment.content)).all()
        assert [row.size for row in found] == [len(row.content) for row in found]
        return {row.id: row.content for row in found}


def test_each_old_file_is_cleaned_once_and_no_new_one(any_desk: Desk, monkeypatch: Any) -> None:
    desk = any_desk
    cleaned: list[str] = []
    clean = cleaning.clean

    def counted(media_type: str, content: bytes) -> bytes:
        cleaned.append(media_type)
        return clean(media_type, content)

    monkeypatch.setattr(cleaning, "clean", counted)
    secret = document("geheim")
    before = [("image/jpeg", jpeg()), ("application/pdf", secret), ("image/png", png()), ("image/webp", webp())]
    first, unreadable, withdrawn, third = keep(desk, *before)
    with desk.tool.session() as session:
        session.delete(session.get_one(Attachment, withdrawn))
        # As migration 0013 puts it in.
        session.add(OutboxRow(kind="clean", key="files", ids={"after": 0, "last": third}))
    (new,) = keep(desk, ("image/png", png()))
    with structlog.testing.capture_logs() as lines:
        desk.deliver()
        desk.deliver()
    found = kept(desk)
    for number in (first, third):
        assert MARK.encode() not in inside(found[number])
    assert found[unreadable] == secret, "what nobody can read stays as it is"
    assert found[new] == png()
    assert cleaned == ["image/jpeg", "application/pdf", "image/webp"]
    assert [line["attachment"] for line in lines if line["event"] == "file_not_cleaned"] == [unreadable]
    rows = desk.rows(outbox.Kind.CLEAN)
    assert {row.done_at is None for row in rows} == {False}
    assert [row.reason for row in rows] == [None, "file_unclean", None, "all_clean"]


def test_a_file_that_could_not_be_cleaned_now_is_tried_again(desk: Desk, monkeypatch: Any) -> None:
    (number,) = keep(desk, ("image/png", png()))
    with desk.tool.session() as session:
        session.add(OutboxRow(kind="clean", key="files", ids={"after": 0, "last": number}))

    def broken(*_: Any) -> bytes:
        raise OSError("no process left")

    with monkeypatch.context() as patched:
        patched.setattr(cleaning, "clean", broken)
        desk.deliver()
    assert desk.row(outbox.Kind.CLEAN).done_at is None
    desk.catch_up(outbox.Kind.CLEAN)
    assert MARK.encode() not in inside(kept(desk)[number])
