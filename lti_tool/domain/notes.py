"""What a note-taker writes down for somebody in a meeting. It counts once that person says: yes, I said so."""

from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.domain import Refused, contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Note

# Open notes one person can have in one step: enough for a meeting, too few to bury somebody under.
MOST = 5


def take(turn: Turn, member_id: int, action: str, body: dict[str, Any]) -> None:
    """Write down what a present member said; the turn is the note-taker's."""
    assert turn.member is not None
    turn.hold()
    if member_id not in turn.present_ids or member_id == turn.member.id:
        raise Refused("note_for_whom")
    said = [value for value in body.values() if isinstance(value, str) and contributions.says_something(value)]
    if not said:
        raise Refused("blank")
    open_notes = turn.session.scalars(select(Note).filter_by(step_run_id=turn.run.id, member_id=member_id)).all()
    if any(note.action == action and note.body == body for note in open_notes):
        raise Refused("said_already")
    if len(open_notes) >= MOST:
        raise Refused("enough_notes")
    turn.session.add(
        Note(step_run_id=turn.run.id, member_id=member_id, taker_id=turn.member.id, action=action, body=body)
    )


# Every step's page asks this. Built once, it is hot.
_MINE = (
    select(Note).where(Note.step_run_id == bindparam("run"), Note.member_id == bindparam("member")).order_by(Note.id)
)


def mine(turn: Turn) -> list[Note]:
    """What others wrote down for this member in this step, and what is not settled yet."""
    if turn.member is None:
        return []
    return list(turn.session.scalars(_MINE, {"run": turn.run.id, "member": turn.member.id}))


def get_mine(turn: Turn, note_id: int) -> Note:
    """One of those; Refused("not_found") for anybody else's."""
    note = next((note for note in mine(turn) if note.id == note_id), None)
    if note is None:
        raise Refused("not_found")
    return note


def drop(turn: Turn, note: Note) -> None:
    """A note is gone once its member confirmed it (it is a contribution then) or said: no, not like this."""
    turn.hold()
    turn.session.delete(note)
