"""What a note-taker writes down for somebody in a meeting. It counts once that person says: yes, I said so.

It makes them heard at once, and outlives its stage: then their yes makes it a late answer (late.say).
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Noted
from lti_tool.models.voices import Note

# Open notes one person can have in one step: enough for a meeting, too few to bury somebody under.
MOST = 5


def take(turn: Turn, member_id: int, action: str, body: dict[str, Any], *, chosen: bool = False) -> None:
    """Write down what a present member said; the turn is the note-taker's. chosen: a choice in it says enough."""
    assert turn.member is not None
    turn.hold()
    if member_id not in turn.present_ids or member_id == turn.member.id:
        raise Refused("note_for_whom")
    said = [value for value in body.values() if isinstance(value, str) and contributions.says_something(value)]
    if not said and not chosen:
        raise Refused("blank")
    open_notes = deciding.open_notes(turn, member_id)
    if (action, body) in open_notes:
        raise Refused("said_already")
    if len(open_notes) >= MOST:
        raise Refused("enough_notes")
    turn.session.add(
        Note(step_run_id=turn.run.id, member_id=member_id, taker_id=turn.member.id, action=action, body=body)
    )


def get_mine(turn: Turn, note_id: int) -> Noted:
    """What was written down for this member and is not settled yet; Refused("not_found") for anybody else's."""
    note = next((note for note in gate.notes(turn) if note.id == note_id), None)
    if note is None:
        raise Refused("not_found")
    return note


def drop(turn: Turn, note: Noted) -> None:
    """A note is gone once its member confirmed it (it is a contribution then) or said: no, not like this."""
    turn.hold()
    turn.session.execute(delete(Note).where(Note.id == note.id))


def forget(turn: Turn, members: Collection[int]) -> None:
    """Delete what was written down for these members in the turn's step, and waits for their yes."""
    turn.session.execute(delete(Note).where(Note.step_run_id == turn.run.id, Note.member_id.in_(members)))
