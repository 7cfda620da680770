"""The rows behind the gate, fetched as values: columns, which are cheaper than entities and shared by nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, or_, select

from lti_tool.db import plain
from lti_tool.domain.reading.pieces import Gathered, Piece, Tie
from lti_tool.domain.reading.things import Phase, Thing
from lti_tool.models import Cycle, Reopening, StepRun
from lti_tool.models.voices import Contribution, Link, Revision

if TYPE_CHECKING:
    from lti_tool.domain.cycle import Step, Steps, Turn

Sources = tuple[tuple[str, tuple[str, ...]], ...]


def thing_of(step: "Step | None", kind: str, settled: bool) -> Thing | None:
    """Which thing a kind is; None for a kind that its step does not declare: that nobody reads."""
    if step is None:
        return None
    return step.becomes.get(kind, step.keeps.get(kind)) if settled else step.keeps.get(kind)


@lru_cache(maxsize=1024)
def phase_of(step: "Step", stage: str) -> Phase:
    """The phase of a stage; of a stage that the step does not know, the one in which nothing is revealed."""
    if stage == Phase.CLOSED:
        return Phase.CLOSED
    return next((each.phase for each in step.stages if each.name == stage), Phase.ALONE)


def sources(steps: "Steps", kinds: Iterable[str]) -> Sources:
    """Which steps hold these kinds that flow on, as (name, kinds)."""
    found: dict[str, list[str]] = {}
    for kind in sorted(set(kinds)):
        found.setdefault(steps.keeping(kind).name, []).append(str(kind))
    return tuple((name, tuple(each)) for name, each in found.items())


_PIECE = (
    Contribution.id,
    Contribution.kind,
    Contribution.step_run_id,
    Contribution.member_id,
    Contribution.body,
    Contribution.version,
    Contribution.created_at,
    Contribution.updated_at,
    StepRun.step,
    StepRun.stage,
    StepRun.closed_at,
    StepRun.reopened,
)


# Oldest first. Ids are drawn, and say nothing of it.
_WRITTEN = Contribution.created_at, Contribution.id


@lru_cache(maxsize=256)
def _statement(of: Sources, here: bool, several: bool) -> Select[Any]:
    """Pieces with their ties: of these kinds, of one or several cycles of a community; and of one step all."""
    wanted: list[Any] = [(StepRun.step == name) & Contribution.kind.in_(kinds) for name, kinds in of]
    if here:
        wanted.append(StepRun.id == bindparam("run"))
    numbers = Cycle.number.in_(bindparam("numbers", expanding=True)) if several else Cycle.number == bindparam("number")
    return (
        select(*_PIECE, Cycle.number.label("number"), Link.kind.label("tie"), Link.to_id.label("to_id"))
        .join(StepRun, StepRun.id == Contribution.step_run_id)
        .join(Cycle, Cycle.id == StepRun.cycle_id)
        .outerjoin(Link, Link.from_id == Contribution.id)
        .where(
            Cycle.community_id == bindparam("community"),
            numbers,
            or_(*wanted),
            Contribution.withdrawn_at.is_(None),
        )
        .order_by(*_WRITTEN, Link.id)
    )


def fetch(turn: "Turn", of: Sources, numbers: Sequence[int], here: bool) -> Sequence[Any]:
    """The rows of these kinds in these cycles of the turn's community; here: with all of the turn's own step.

    Fetched once for both doors: which of them somebody may read is not said here.
    """
    # One is the rule, and a list is written into the statement anew each time.
    several = len(numbers) != 1
    keys: dict[str, Any] = {"community": turn.community.id}
    keys |= {"numbers": list(numbers)} if several else {"number": numbers[0]}
    keys |= {"run": turn.run.id} if here else {}

    def find() -> Sequence[Any]:
        return plain(turn.session, _statement(of, here, several), keys).all()

    if not here:
        return turn.once_for_all(f"rows {of} {numbers}", find)
    found = turn.once(f"rows {of} {numbers}", find)
    turn.once(_HERE, lambda: found)
    return found


_HERE = "rows here"


def fetched(turn: "Turn") -> Sequence[Any] | None:
    """All rows of the turn's step, with some of elsewhere, where they were fetched already."""
    found: Sequence[Any] | None = turn.known(_HERE)
    return found


_OF_RUN = (
    select(*_PIECE)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .where(
        Contribution.step_run_id == bindparam("run"),
        Contribution.kind.in_(bindparam("kinds", expanding=True)),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(*_WRITTEN)
)
_OWN = _OF_RUN.where(Contribution.member_id == bindparam("member"))
_ONE = select(*_PIECE).join(StepRun, StepRun.id == Contribution.step_run_id).where(Contribution.id == bindparam("id"))


_EVERYWHERE = (
    select(*_PIECE, Cycle.number.label("number"))
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .join(Cycle, Cycle.id == StepRun.cycle_id)
    .where(
        Cycle.community_id == bindparam("community"),
        Contribution.kind == bindparam("kind"),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Cycle.number, StepRun.id, *_WRITTEN)
)


def everywhere(turn: "Turn", kind: str) -> Sequence[Any]:
    """The rows of a kind in all cycles of the turn's community."""
    return plain(turn.session, _EVERYWHERE, {"community": turn.community.id, "kind": str(kind)}).all()


def of_run(turn: "Turn", kinds: Sequence[str], member_id: int | None = None) -> list[Piece]:
    """All pieces of these kinds in the turn's step, oldest first; of one member only, if one is named."""
    if member_id is None and (there := fetched(turn)) is not None:
        return pieces(turn, (row for row in there if row.step_run_id == turn.run.id and row.kind in kinds))
    keys: dict[str, Any] = {"run": turn.run.id, "kinds": [str(kind) for kind in kinds], "member": member_id}
    if member_id is None:
        return pieces(turn, plain(turn.session, _OF_RUN, {name: keys[name] for name in ("run", "kinds")}))
    return pieces(turn, plain(turn.session, _OWN, keys))


def one(turn: "Turn", item_id: int) -> Piece:
    """A piece as it is now: for who has just written it."""
    return pieces(turn, plain(turn.session, _ONE, {"id": item_id}))[0]


def pieces(turn: "Turn", rows: Iterable[Any]) -> list[Piece]:
    """Rows as pieces, each once."""
    return list({row.id: piece(turn.steps, row) for row in rows}.values())


def piece(steps: "Steps", row: Any) -> Piece:
    """One row as a piece."""
    number, kind, run, member, body, version, created_at, updated_at, name, stage, closed_at, _ = row[: len(_PIECE)]
    step = steps.by_name.get(name)
    phase = phase_of(step, stage) if step else Phase.ALONE
    settled = closed_at is not None
    return Piece(number, kind, run, member, frozen(body), version, created_at, updated_at, phase, settled)


_ADOPTED = (
    select(Revision.contribution_id, Revision.version, Revision.member_id, Revision.body)
    .join(Contribution, Contribution.id == Revision.contribution_id)
    .where(
        Contribution.step_run_id.in_(bindparam("runs", expanding=True)),
        Revision.created_at
        > select(func.max(Reopening.closed_at))
        .where(Reopening.step_run_id == Contribution.step_run_id, Reopening.opened_at.is_not(None))
        .scalar_subquery(),
    )
    .order_by(Revision.contribution_id, Revision.version.desc())
)


def standing(turn: "Turn", found: Sequence[Any]) -> dict[int, Piece]:
    """id -> what was adopted and stands until there is something new, as it was: of steps that are open again.

    A step's own page shows what is being made of it; to every other page it is what was adopted.
    """
    kept = {row.id: row for row in found if row.reopened and row.closed_at is None and _adoptable(turn, row)}
    if not kept:
        return {}
    runs = sorted({row.step_run_id for row in kept.values()})
    adopted = {row.contribution_id: row for row in plain(turn.session, _ADOPTED, {"runs": runs})}
    stood: dict[int, Piece] = {}
    for number, row in kept.items():
        then = adopted.get(number, row)
        stood[number] = replace(
            piece(turn.steps, row),
            body=frozen(then.body), version=then.version, member_id=then.member_id, phase=Phase.CLOSED, settled=True,
        )  # fmt: skip
    return stood


def _adoptable(turn: "Turn", row: Any) -> bool:
    step = turn.steps.by_name.get(row.step)
    return step is not None and row.step_run_id != turn.run.id and row.kind in step.becomes


def frozen(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body that nobody changes unseen."""
    return MappingProxyType(body)


def ties(rows: Iterable[Any]) -> list[Tie]:
    """The ties that rows came with."""
    return [Tie(row.id, row.tie, row.to_id) for row in rows if row.tie is not None]


def whole(turn: "Turn", found: Sequence[Any]) -> Gathered:
    """All of them with their ties."""
    there = {item.id: item for item in pieces(turn, found)} | standing(turn, found)
    return Gathered(there.values(), ties(found))
