"""The gate: what pages read of what others brought in. It applies the table to each piece in the phase of its own step.

One's own one always reads. Of others it leaves out what the table does not give, and refuses what is asked for as
such: Refused("tally_hidden") for what a round that is open will tell, Refused("not_yours_to_read") for anything else.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.db import plain
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import deciding, rows
from lti_tool.domain.reading.pieces import Answers, Earlier, File, Gathered, Given, Noted, Piece, Tally, shows_each
from lti_tool.domain.reading.things import ROUNDS, RULES, Form, Thing, gets, reads, require
from lti_tool.models import Round
from lti_tool.models.voices import Attachment, Contribution, Note, Revision


def gather(turn: Turn, *kinds: str) -> Gathered:
    """What the viewer may read of the turn's step now; with these kinds that flow to it from elsewhere in the cycle."""

    def find() -> Gathered:
        of = rows.sources(turn.steps, kinds)
        return _opened(turn, rows.fetch(turn, of, [turn.cycle.number], here=True))

    return turn.once(f"read here {' '.join(sorted(kinds))}", find)


def of_cycle(turn: Turn, *kinds: str) -> Gathered:
    """What the viewer may read of these kinds in the turn's cycle, whichever steps hold them."""
    return of_cycles(turn, (turn.cycle.number,), *kinds)[turn.cycle.number]


def of_cycles(turn: Turn, numbers: Sequence[int], *kinds: str) -> Mapping[int, Gathered]:
    """number -> the same, of several cycles of the turn's community in one statement; of each that was asked for."""

    def find() -> dict[int, Gathered]:
        found = rows.fetch(turn, rows.sources(turn.steps, kinds), numbers, here=False)
        return {number: _opened(turn, [row for row in found if row.number == number]) for number in numbers}

    return turn.once_for_all(f"read {numbers} {' '.join(sorted(kinds))}", find)


def _opened(turn: Turn, found: Sequence[Any]) -> Gathered:
    """What of these rows the viewer may read."""
    ties = rows.ties(found)
    owners = {row.id: row.member_id for row in found}
    said_to: dict[int, set[int]] = {}
    for tie in ties:
        if tie.to_id in owners:
            said_to.setdefault(tie.from_id, set()).add(owners[tie.to_id])
    me = turn.viewer.member_id
    known: dict[tuple[Any, ...], bool] = {}

    def may(row: Any, item: Piece) -> bool:
        thing = rows.thing_of(turn.steps.by_name.get(row.step), item.kind, item.settled)
        to = said_to.get(item.id, ())
        return thing is not None and reads(turn.viewer, thing, item.member_id, phase=item.phase, said_to=to)

    items: dict[int, Piece] = {}
    standing = rows.standing(turn, found)
    for row in found:
        if row.id in items:
            continue
        item = standing.get(row.id) or rows.piece(turn.steps, row)
        # The table says the same of all of a kind in a step that are alike in this.
        alike = (item.run_id, item.kind, item.member_id == me, me is not None and me in said_to.get(item.id, ()))
        if alike not in known:
            known[alike] = may(row, item)
        if known[alike]:
            items[item.id] = item
    return Gathered(items.values(), ties)


def mine(turn: Turn, *kinds: str) -> list[Piece]:
    """The member's own pieces of these kinds in the turn's step, oldest first, as they are now."""
    me = turn.viewer.member_id
    return rows.of_run(turn, kinds, me) if me is not None else []


def earlier(turn: Turn, item: Piece) -> list[Earlier]:
    """What a piece that the viewer reads said in its earlier versions, newest first."""
    if item.id not in gather(turn).items:
        raise Refused("not_yours_to_read")
    if item.version == 1:
        return []
    query = (
        select(Revision.version, Revision.member_id, Revision.body, Revision.created_at)
        .where(Revision.contribution_id == item.id)
        .order_by(Revision.version.desc())
    )
    return [Earlier(row[0], row[1], rows.frozen(row[2]), row[3]) for row in turn.session.execute(query)]


# Files, notes


_FILES = (
    select(
        Attachment.id,
        Attachment.contribution_id,
        Attachment.media_type,
        Attachment.size,
    )
    .join(Contribution, Contribution.id == Attachment.contribution_id)
    .where(Contribution.step_run_id == bindparam("run"))
)


def files(turn: Turn) -> dict[int, File]:
    """piece id -> its file, without the content: of the pieces in the turn's step that the viewer reads."""
    there = gather(turn).items
    return {
        found.piece_id: found
        for row in plain(turn.session, _FILES, {"run": turn.run.id})
        if (found := File(*row)).piece_id in there and _reads_file(turn, there[found.piece_id])
    }


def file(turn: Turn, file_id: int) -> tuple[File, bytes]:
    """One of those with its content; Refused("not_found") for any other."""
    found = next((each for each in files(turn).values() if each.id == file_id), None)
    if found is None:
        raise Refused("not_found")
    return found, turn.session.scalars(select(Attachment.content).where(Attachment.id == found.id)).one()


def _reads_file(turn: Turn, item: Piece) -> bool:
    return reads(turn.viewer, Thing.FILE, item.member_id, phase=item.phase)


# Every step's page asks this. Built once, it is hot.
_NOTES = (
    select(Note.id, Note.action, Note.body, Note.taker_id, Note.member_id)
    .where(Note.step_run_id == bindparam("run"), Note.member_id == bindparam("member"))
    .order_by(Note.created_at)
)


def notes(turn: Turn) -> list[Noted]:
    """What others wrote down for the viewer in the turn's step, and what is not settled yet."""
    me = turn.viewer.member_id
    if me is None:
        return []
    return [
        Noted(row.id, row.action, rows.frozen(row.body), row.taker_id)
        for row in plain(turn.session, _NOTES, {"run": turn.run.id, "member": me})
        if reads(turn.viewer, Thing.NOTE, row.taker_id, said_to={row.member_id})
    ]


# Rounds


def _require(turn: Turn, round_: Round, thing: Thing, form: Form) -> None:
    """Refused unless the round is of the turn's step, and tells the viewer this thing in this form now."""
    if round_.step_run_id != turn.run.id or RULES[thing].form != form:
        raise Refused("not_yours_to_read")
    round_open = round_.closed_at is None
    if round_open and gets(turn.viewer, thing) and not gets(turn.viewer, thing, round_open=True):
        raise Refused("tally_hidden")
    require(turn.viewer, thing, round_open=round_open)


def my_dots(turn: Turn, round_: Round) -> dict[int, int]:
    """The viewer's own dots, open round or not: piece id -> how many."""
    return {item: count for member, item, count in deciding.laid(turn, round_) if member == turn.viewer.member_id}


def tally(turn: Turn, round_: Round) -> dict[int, Tally]:
    """piece id -> the dots it got, and of how many people; Refused while the round is open, for everybody."""
    _require(turn, round_, ROUNDS[round_.kind][0], Form.TOTALS)
    laid: dict[int, set[tuple[int, int]]] = {}
    for member, item, count in deciding.laid(turn, round_):
        laid.setdefault(member, set()).add((item, count))
    told = not shows_each([frozenset(each) for each in laid.values()])
    return {item: replace(each, told=told, of=round_.circle) for item, each in deciding.tally(turn, round_).items()}


def my_answer(turn: Turn, round_: Round) -> Given | None:
    """The viewer's own answer in a round, open or not."""
    me = turn.viewer.member_id
    return next((given for given in deciding.answers(turn, round_) if me is not None and given.member_id == me), None)


def answers(turn: Turn, round_: Round) -> Answers:
    """How often each answer was given, unless that shows what each said; Refused while the round is open."""
    _require(turn, round_, ROUNDS[round_.kind][0], Form.TOTALS)
    return _answers(turn, round_)


def _answers(turn: Turn, round_: Round) -> Answers:
    said = [given.answer for given in deciding.answers(turn, round_)]
    return Answers(len(said), None if shows_each(said) else Counter(said))


def behind(turn: Turn, round_: Round, answer: str) -> Answers:
    """How many people gave one answer, where no more than that is told; Refused while the round is open."""
    _require(turn, round_, ROUNDS[round_.kind][0], Form.COUNT)
    found = _answers(turn, round_)
    return found if found.given is None else Answers(found.people, {answer: found.given.get(answer, 0)})


def said(turn: Turn, round_: Round, answer: str) -> list[Given]:
    """What was said with an answer, in the order of its ids, which are drawn; Refused as long as it is hidden."""
    thing = ROUNDS[round_.kind][1]
    if thing is None:
        raise Refused("not_yours_to_read")
    _require(turn, round_, thing, Form.PIECES)
    given = [each for each in deciding.answers(turn, round_) if each.answer == answer]
    return sorted(given, key=lambda each: each.id)


def choices(turn: Turn, round_: Round, kind: str) -> dict[int, dict[str, int | None]]:
    """piece id -> choice -> how many people, of a round in which each says something of several pieces at once.

    None, where a number would show what each said.
    """
    _require(turn, round_, ROUNDS[round_.kind][0], Form.TOTALS)
    return {
        item: dict.fromkeys(counted) if shows_each(list(counted.elements())) else dict(counted)
        for item, counted in deciding.choices(turn, round_, kind).items()
    }


def number(turn: Turn, thing: Thing, found: int | None) -> int | None:
    """A number that stands for what others may not read themselves; Refused for who is no reader of it."""
    if RULES[thing].form != Form.COUNT:
        raise Refused("not_yours_to_read")
    require(turn.viewer, thing)
    return found


def everywhere(turn: Turn, kind: str) -> list[tuple[int, str, Piece]]:
    """(number of the cycle, step, piece) of a kind that the viewer may read, of all steps and cycles, in order."""
    found = []
    for row in rows.everywhere(turn, kind):
        item = rows.piece(turn.steps, row)
        thing = rows.thing_of(turn.steps.by_name.get(row.step), item.kind, item.settled)
        if thing is not None and reads(turn.viewer, thing, item.member_id, phase=item.phase):
            found.append((row.number, row.step, item))
    return found
