"""What members bring in: adding, changing, withdrawing. Reading it is the gate's: domain/reading."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate, rows
from lti_tool.domain.reading.pieces import Piece
from lti_tool.models import StepRun
from lti_tool.models.voices import Attachment, Contribution, Link, Revision

# With fewer words nobody knows what is meant: "mee eens" is a tap of its own (agreeing).
LEAST_WORDS = 3


def add(
    turn: Turn,
    kind: str,
    body: Mapping[str, Any],
    links: Iterable[tuple[str, Piece]] = (),
    by: int | None = None,
) -> Piece:
    """Bring something in; links: (kind, other piece of the same community).

    by: id of who brings it in, where that is nobody who takes part (a school leader's frame). Raises LookupError
    for a kind that the step does not declare: nobody could ever read it.
    """
    step = turn.steps.by_name[turn.run.step]
    if kind not in step.keeps:
        raise LookupError(f"step {step.name} does not say which thing {kind!r} is")
    author = turn.me.id if by is None else by
    item = Contribution(step_run_id=turn.run.id, kind=str(kind), member_id=author, body=dict(body))
    turn.session.add(item)
    turn.session.flush()
    turn.session.add_all(Link(from_id=item.id, to_id=other.id, kind=link_kind) for link_kind, other in links)
    return _now(turn, item)


def _now(turn: Turn, item: Contribution) -> Piece:
    turn.session.flush()
    turn.forget()
    return rows.one(turn, item.id)


def revise(turn: Turn, item: Piece, body: Mapping[str, Any], expected_version: int, by: int | None = None) -> Piece:
    """Change a piece; the older body is kept. Refused("changed_meanwhile") if it is not the version seen.

    by: id of who changes it, where that is nobody who takes part (a school leader's answer).
    """
    row = turn.session.get_one(Contribution, item.id)
    if row.version != expected_version:
        raise Refused("changed_meanwhile")
    turn.session.add(Revision(contribution_id=row.id, version=row.version, member_id=row.member_id, body=row.body))
    row.body, row.version, row.updated_at = dict(body), row.version + 1, now()
    row.member_id = turn.me.id if by is None else by
    return _now(turn, row)


def revise_as_it_is(turn: Turn, number: int, body: Mapping[str, Any]) -> None:
    """Change a piece by its id, whatever version it has: under a lock, where nobody typed over what they had read."""
    item = rows.one(turn, number)
    revise(turn, item, body, item.version)


def replace(turn: Turn, item: Piece, body: Mapping[str, Any]) -> None:
    """Change a piece of which no earlier version is kept, because nobody else ever reads it."""
    row = turn.session.get_one(Contribution, item.id)
    row.body = dict(body)
    _now(turn, row)


def touch(turn: Turn, item: Piece) -> None:
    """Note that somebody is at work on it."""
    row = turn.session.get_one(Contribution, item.id)
    row.updated_at = now()
    _now(turn, row)


def withdraw(turn: Turn, item: Piece) -> None:
    """Take a piece back; its row stays for those who answered it, its text goes in every version."""
    row = turn.session.get_one(Contribution, item.id)
    row.withdrawn_at, row.body = now(), {}
    turn.session.execute(delete(Revision).where(Revision.contribution_id == row.id))
    turn.session.execute(delete(Attachment).where(Attachment.contribution_id == row.id))
    turn.session.flush()
    turn.forget()


def let_stand(turn: Turn, item_id: int, stands: bool) -> None:
    """Let a piece stand, or stand no longer and keep what it said: it can stand again."""
    row = turn.session.get_one(Contribution, item_id)
    row.withdrawn_at = None if stands else row.withdrawn_at or now()
    turn.session.flush()
    turn.forget()


def get_mine(turn: Turn, kind: str, item_id: int) -> Piece:
    """One of the member's own pieces; Refused("not_found") for anybody else's."""
    me = turn.me.id
    item = next((each for each in gate.mine(turn, kind) if each.id == item_id and each.member_id == me), None)
    if item is None:
        raise Refused("not_found")
    return item


def get(turn: Turn, kind: str, item_id: int) -> Piece:
    """A piece of this step that the member may read; Refused("not_found") for any other."""
    item = gate.gather(turn).items.get(item_id)
    if item is None or item.kind != kind or item.run_id != turn.run.id:
        raise Refused("not_found")
    return item


def relink(turn: Turn, item: Piece, kind: str, to: Iterable[Piece]) -> None:
    """Replace a piece's links of a kind."""
    turn.session.execute(delete(Link).where(Link.from_id == item.id, Link.kind == kind))
    turn.session.add_all(Link(from_id=item.id, to_id=other.id, kind=kind) for other in to)
    turn.session.flush()
    turn.forget()


def link_all(turn: Turn, items: Iterable[Piece], kind: str, to: Piece, anew: bool = False) -> None:
    """Link these to one piece; anew: and no others."""
    if anew:
        turn.session.execute(delete(Link).where(Link.to_id == to.id, Link.kind == kind))
    turn.session.add_all(Link(from_id=each.id, to_id=to.id, kind=kind) for each in items)
    turn.session.flush()
    turn.forget()


def attach(turn: Turn, item: Piece, media_type: str, content: bytes) -> None:
    """Keep a file with a piece that has none yet."""
    turn.session.add(Attachment(contribution_id=item.id, media_type=media_type, size=len(content), content=content))
    turn.session.flush()


def file_after(session: Session, after: int, last: int) -> tuple[int, str, bytes] | None:
    """The next file by number, `last` at most: (number, media type, content). Read for upkeep; nobody is shown it."""
    found = session.execute(
        select(Attachment.id, Attachment.media_type, Attachment.content)
        .where(Attachment.id > after, Attachment.id <= last)
        .order_by(Attachment.id)
        .limit(1)
    ).one_or_none()
    return None if found is None else (found.id, found.media_type, found.content)


def replace_file(session: Session, number: int, content: bytes) -> None:
    """Keep other content of a file, unless it was withdrawn meanwhile."""
    session.execute(update(Attachment).where(Attachment.id == number).values(content=content, size=len(content)))


def forget(session: Session, run_id: int, kinds: Sequence[str], members: Collection[int] | None = None) -> None:
    """Delete all pieces of these kinds for good, withdrawn ones too; members: only those of these members."""
    query = delete(Contribution).where(
        Contribution.step_run_id == run_id, Contribution.kind.in_([str(kind) for kind in kinds])
    )
    session.execute(query if members is None else query.where(Contribution.member_id.in_(members)))


def forget_over(
    session: Session, step: str, kind: str, published: str, *, published_before: dt.datetime, given_before: dt.datetime
) -> int:
    """Delete pieces of a kind for good, in all runs of a step, withdrawn ones too; returns how many.

    Those whose totals (a piece of the kind `published` beside them) are from before a moment; and, where there are
    no totals, those that were brought in before another.
    """
    totals = aliased(Contribution)
    beside = select(totals.id).where(totals.step_run_id == Contribution.step_run_id, totals.kind == str(published))
    over = or_(
        beside.where(totals.created_at < published_before).exists(),
        ~beside.exists() & (Contribution.created_at < given_before),
    )
    of_step = select(StepRun.id).where(StepRun.step == step)
    going = delete(Contribution).where(Contribution.step_run_id.in_(of_step), Contribution.kind == str(kind), over)
    result = session.connection().execute(going)
    return result.rowcount


def runs_with(session: Session, step: str, kinds: Iterable[str], *, before: dt.datetime) -> set[int]:
    """Ids of the runs of a step that have a piece of these kinds from before a moment."""
    query = (
        select(Contribution.step_run_id)
        .join(StepRun, StepRun.id == Contribution.step_run_id)
        .where(StepRun.step == step, Contribution.kind.in_([*kinds]), Contribution.created_at < before)
    )
    return set(session.scalars(query))


def words(text: str) -> list[str]:
    """The words and numbers in a text, as they count and as they are compared: letters and digits, in small letters."""
    found = ("".join(each for each in word.casefold() if each.isalnum()) for word in text.split())
    return [word for word in found if word]


def says_something(text: str) -> bool:
    """Whether there is a word in it, or a number: not only dots, dashes and invisible characters."""
    return bool(words(text))


def says_enough(text: str) -> bool:
    """Whether it says what a contribution says at least."""
    return len(words(text)) >= LEAST_WORDS


def refuse_blank_or_double(text: str, others: Iterable[str]) -> None:
    """Refused for a text that says nothing, or what the member said before: extra posts earn nothing."""
    if not says_something(text):
        raise Refused("blank")
    if words(text) in [words(other) for other in others]:
        raise Refused("said_already")


def refuse_what_a_colleague_said(
    turn: Turn, body: Mapping[str, Any], others: Iterable[Piece], instead: str, parts: Sequence[str] = ("text",)
) -> None:
    """Refused("said_by_colleague") for what a colleague said already, among what the member reads.

    instead: the deed by which one joins it, which the page offers beside the refusal; parts: of the body, what is said.
    """
    said = [words(str(body[part])) for part in parts]
    for other in others:
        if other.member_id != turn.me.id and [words(str(other.body[part])) for part in parts] == said:
            raise Refused("said_by_colleague").offering(instead, other.id)
