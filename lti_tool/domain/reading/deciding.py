"""The second door: what must know all of it, hidden or not. Who was heard, how a round ends, what is published.

It takes no viewer. What the mechanisms and steps make of it are ids, numbers, outcomes and refusals; no page reads a
text through it: import-linter keeps what pages show, and the pages themselves, from this module.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, delete, exists, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from lti_tool.db import plain
from lti_tool.domain import Refused
from lti_tool.domain.reading import rows
from lti_tool.domain.reading.pieces import Gathered, Given, Piece, Tally
from lti_tool.models import Cycle, Member, Pass, Round, Standing, StepRun
from lti_tool.models.voices import Consent, Contribution, Dot, Link, Note, Revision

if TYPE_CHECKING:
    from lti_tool.domain.cycle import Turn


def of_kind(turn: "Turn", *kinds: str) -> list[Piece]:
    """All pieces of these kinds in the turn's step, whoever's, oldest first."""
    return rows.of_run(turn, kinds)


def gather(turn: "Turn", *kinds: str) -> Gathered:
    """All of the turn's step, with these kinds that flow to it: for who needs only whose they are, and how many."""
    return rows.whole(turn, rows.fetch(turn, rows.sources(turn.steps, kinds), [turn.cycle.number], here=True))


def of_cycle(turn: "Turn", *kinds: str) -> Gathered:
    """All pieces of these kinds in the turn's cycle, whichever steps hold them."""
    return rows.whole(turn, rows.fetch(turn, rows.sources(turn.steps, kinds), [turn.cycle.number], here=False))


# Every step's page asks this. Built once, it is hot.
_AUTHORS = (
    select(Contribution.member_id)
    .where(
        Contribution.step_run_id == bindparam("run"),
        Contribution.kind.in_(bindparam("kinds", expanding=True)),
        Contribution.withdrawn_at.is_(None),
    )
    .distinct()
)


def author_ids(turn: "Turn", *kinds: str) -> set[int]:
    """Ids of the members who brought in something of these kinds: people, not posts."""
    there = rows.fetched(turn)
    if there is not None:
        return {row.member_id for row in there if row.step_run_id == turn.run.id and row.kind in kinds}
    keys = {"run": turn.run.id, "kinds": [str(kind) for kind in kinds]}
    return set(plain(turn.session, _AUTHORS, keys).scalars())


def heard_in_step(turn: "Turn") -> set[int]:
    """Ids of the members who brought anything into the turn's step, whatever it is, or passed in it."""
    written = select(Contribution.member_id).where(
        Contribution.step_run_id == turn.run.id, Contribution.withdrawn_at.is_(None), Contribution.kind != "group"
    )
    given = select(Pass.member_id).where(Pass.step_run_id == turn.run.id)
    return set(turn.session.execute(union_all(written, given)).scalars())


def anybody_wrote(session: Session, run: StepRun) -> bool:
    """Whether anybody who takes part has brought anything in, taken back or not."""
    written = (
        select(Contribution.id)
        .join(Member, Member.id == Contribution.member_id)
        .where(Contribution.step_run_id == run.id, Member.standing != Standing.LEADER)
        .limit(1)
    )
    return session.scalar(written) is not None


def anybody_wrote_since(turn: "Turn", since: dt.datetime) -> bool:
    """Whether anybody brought something into the step, or changed it, later than that; groups are settled at once."""
    written = select(Contribution.id).where(
        Contribution.step_run_id == turn.run.id, Contribution.kind != "group", Contribution.updated_at > since
    )
    return turn.session.scalar(written.limit(1)) is not None


def drop_open_rounds(turn: "Turn") -> None:
    """Remove the open rounds of the step, in which nobody has said anything."""
    turn.session.execute(delete(Round).where(Round.step_run_id == turn.run.id, Round.closed_at.is_(None)))


def last_written(session: Session, cycle: Cycle) -> dt.datetime | None:
    """When anybody last brought something in, changed it or answered in a round of a cycle: whoever, whatever."""
    runs = select(StepRun.id).where(StepRun.cycle_id == cycle.id)
    written = session.scalar(select(func.max(Contribution.updated_at)).where(Contribution.step_run_id.in_(runs)))
    answered = session.scalar(
        select(func.max(Consent.at)).join(Round, Round.id == Consent.round_id).where(Round.step_run_id.in_(runs))
    )
    return max((each for each in (written, answered) if each is not None), default=None)


def overdue(kind: str, settled: Mapping[str, str], today: dt.date) -> Select[int]:
    """The community of each piece of a kind that waits for a reply wanted before today, in a cycle that is under way.

    kind: "request", by its index. settled: kind -> the tie by which one of it settles such a piece. Of which community
    they are, and no more: whose or what they are stays here.
    """
    other = aliased(Contribution)
    ended = (
        exists()
        .where(Link.to_id == Contribution.id, Link.from_id == other.id, other.withdrawn_at.is_(None))
        .where(or_(*((other.kind == by) & (Link.kind == tie) for by, tie in settled.items())))
    )
    # As a literal: SQLite knows an index of some rows by no value that is bound.
    of_kind = Contribution.kind == literal_column(f"'{kind}'")
    return (
        select(Cycle.community_id)
        .select_from(Contribution)
        .join(StepRun, StepRun.id == Contribution.step_run_id)
        .join(Cycle, Cycle.id == StepRun.cycle_id)
        .where(of_kind, Contribution.withdrawn_at.is_(None), ~ended)
        .where(Contribution.body["reply_by"].as_string() < today.isoformat())
        .where(Cycle.closed_at.is_(None), Cycle.paused_until.is_(None))
    )


def hangs_on(turn: "Turn", item: Piece, tie: str) -> bool:
    """Whether something that stands leads to this piece."""
    query = (
        select(Link.id)
        .join(Contribution, Contribution.id == Link.from_id)
        .where(Link.to_id == item.id, Link.kind == tie, Contribution.withdrawn_at.is_(None))
        .limit(1)
    )
    return turn.session.scalar(query) is not None


def ever_hung_on(turn: "Turn", item: Piece, tie: str) -> bool:
    """Whether something ever led to this piece, taken back since or not."""
    query = select(Link.id).where(Link.to_id == item.id, Link.kind == tie).limit(1)
    return turn.session.scalar(query) is not None


def led_from(turn: "Turn", kind: str, tie: str) -> dict[int, int]:
    """id of what a piece of a kind in the turn's step came from -> its own id, taken back or not."""
    query = (
        select(Link.to_id, Link.from_id)
        .join(Contribution, Contribution.id == Link.from_id)
        .where(Contribution.step_run_id == turn.run.id, Contribution.kind == str(kind), Link.kind == tie)
    )
    return {row.to_id: row.from_id for row in turn.session.execute(query)}


def writers_of(turn: "Turn", ids: Sequence[int]) -> set[int]:
    """Whose these pieces of the turn's step are, taken back or not."""
    query = select(Contribution.member_id).where(Contribution.id.in_(ids), Contribution.step_run_id == turn.run.id)
    return set(turn.session.scalars(query)) if ids else set()


def wrote_before(turn: "Turn", ids: Sequence[int]) -> set[int]:
    """Who wrote an earlier version of these pieces of the turn's step, that somebody changed since."""
    query = (
        select(Revision.member_id)
        .join(Contribution, Contribution.id == Revision.contribution_id)
        .where(Contribution.id.in_(ids), Contribution.step_run_id == turn.run.id)
    )
    return set(turn.session.scalars(query)) if ids else set()


# Rounds


def answers(turn: "Turn", round_: Round) -> list[Given]:
    """All answers of a round of the turn's step."""
    return all_answers(turn).get(round_.id, [])


def all_answers(turn: "Turn") -> dict[int, list[Given]]:
    """round id -> its answers, of all rounds of the step in one statement."""

    def find() -> dict[int, list[Given]]:
        query = (
            select(Consent.id, Consent.round_id, Consent.member_id, Consent.answer, Consent.body)
            .join(Round, Round.id == Consent.round_id)
            .where(Round.step_run_id == turn.run.id)
            .order_by(Consent.at, Consent.id)
        )
        found: dict[int, list[Given]] = {}
        for row in turn.session.execute(query):
            given = Given(row.id, row.round_id, row.member_id, row.answer, rows.frozen(row.body))
            found.setdefault(row.round_id, []).append(given)
        return found

    return turn.once("answers", find)


def laid(turn: "Turn", round_: Round) -> list[tuple[int, int, int]]:
    """All dots of a round as (member, piece, how many)."""

    def find() -> dict[int, list[tuple[int, int, int]]]:
        query = (
            select(Dot.round_id, Dot.member_id, Dot.contribution_id, Dot.count)
            .join(Round, Round.id == Dot.round_id)
            .where(Round.step_run_id == turn.run.id)
            .order_by(Dot.id)
        )
        found: dict[int, list[tuple[int, int, int]]] = {}
        for row in turn.session.execute(query):
            found.setdefault(row.round_id, []).append((row[1], row[2], row[3]))
        return found

    # Of all rounds of the step in one statement: where dots tie there are several.
    return turn.once("laid", find).get(round_.id, [])


def took_part(turn: "Turn", round_: Round) -> set[int]:
    """Ids of the members who laid dots in a round, or answered in it: never what."""
    if turn.known("laid") is not None:
        return {row[0] for row in laid(turn, round_)} | {row.member_id for row in answers(turn, round_)}
    of = Dot.round_id == round_.id, Consent.round_id == round_.id
    query = union_all(select(Dot.member_id).where(of[0]), select(Consent.member_id).where(of[1]))
    return turn.once(f"took part {round_.id}", lambda: set(turn.session.execute(query).scalars()))


def tally(turn: "Turn", round_: Round) -> dict[int, Tally]:
    """piece id -> what it got; Refused while the round is open, for everybody."""
    _closed(round_)
    found: dict[int, Tally] = {}
    for _, item, count in laid(turn, round_):
        so_far = found.get(item, Tally(0, 0))
        found[item] = Tally(so_far.dots + count, so_far.people + 1)
    return found


def choices(turn: "Turn", round_: Round, kind: str) -> dict[int, Counter[str]]:
    """piece id -> choice -> how many people, of pieces that hold the choices of a round; Refused while it is open."""
    _closed(round_)
    found: dict[int, Counter[str]] = {}
    for item in of_kind(turn, kind):
        if item.body["round"] == round_.id:
            for about, choice in item.body["choices"].items():
                found.setdefault(int(about), Counter())[choice] += 1
    return found


def _closed(round_: Round) -> None:
    if round_.closed_at is None:
        raise Refused("tally_hidden")


# Notes, and answers that are asked for


def open_notes(turn: "Turn", member_id: int) -> list[tuple[str, Any]]:
    """(action, form) of the notes that wait for somebody's yes."""
    query = select(Note.action, Note.body).where(Note.step_run_id == turn.run.id, Note.member_id == member_id)
    return [(row.action, row.body) for row in turn.session.execute(query)]


# Every page asks these two. Built once, they are hot.
_BESIDES = union_all(
    select(literal("passed").label("how"), Pass.member_id.label("who")).where(
        Pass.step_run_id == bindparam("run"), Pass.stage == bindparam("stage")
    ),
    select(literal("noted"), Note.member_id).where(
        Note.step_run_id == bindparam("run"), Note.created_at >= bindparam("since")
    ),
)


def passed(turn: "Turn") -> set[int]:
    """Ids of the members who passed in the present stage."""
    return {who for how, who in _heard_besides(turn) if how == "passed"}


def noted_members(turn: "Turn") -> set[int]:
    """Ids of the members for whom something is written down that waits for their yes, in the present stage."""
    return {who for how, who in _heard_besides(turn) if how == "noted"}


def _heard_besides(turn: "Turn") -> list[tuple[str, int]]:
    keys = {"run": turn.run.id, "stage": turn.run.stage, "since": turn.run.stage_since}
    return turn.once("heard besides", lambda: [(row.how, row.who) for row in plain(turn.session, _BESIDES, keys)])


def unanswered(turn: "Turn", steps: Sequence[str], answer: str, published: str) -> list[str]:
    """Which of these steps are completed and still want the viewer's answer, because nothing is published yet."""
    query = (
        select(StepRun.step)
        .where(
            StepRun.cycle_id == turn.cycle.id,
            StepRun.step.in_(steps),
            StepRun.closed_at.is_not(None),
            ~select(Contribution.id)
            .where(
                Contribution.step_run_id == StepRun.id,
                (Contribution.kind == published)
                | (Contribution.kind == answer) & (Contribution.member_id == turn.viewer.member_id),
            )
            .exists(),
        )
        .order_by(StepRun.id)
    )
    return list(turn.session.scalars(query))
