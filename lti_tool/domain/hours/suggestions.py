"""What a finished step or action suggests by the community's published tariff; nothing until it is accepted.

The tariff is that of the community, or as long as nobody chose one there that of its school (the setting `tariff`); it
is off until somebody sets it. Each step of a cycle, and each action in it, is accepted at most once by
somebody, and all of one step together up to its most. What was accepted is an entry like any other.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, null, select, union_all
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.community import acts
from lti_tool.domain.hours import entries, joins
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.ledger import DAY_MOST
from lti_tool.domain.reading.things import Thing, Viewer, require
from lti_tool.models import Community, Member, Moment
from lti_tool.models.community import setting_of
from lti_tool.models.hours import HoursEntry, HoursSuggestion, HoursTariff
from lti_tool.models.hours_codes import Kind

STEP = 0  # the piece of what the step itself suggests


@dataclass(frozen=True)
class Worth:
    """What a step is worth, in minutes. action: each action done in it; most: of one cycle's step together."""

    minutes: int = 0
    action: int = 0
    most: int = 0


Tariff = Mapping[str, Worth]


@dataclass(frozen=True)
class Finished:
    """Something that somebody took part in and that is done. piece: the action, STEP for the step itself."""

    run_id: int
    step: str
    piece: int
    day: dt.date
    line: str


@dataclass(frozen=True)
class Offer:
    """What can be accepted of it."""

    of: Finished
    minutes: int


def tariff(session: Session, community_id: int) -> Tariff:
    """The tariff in force, as everybody in the community reads it; empty while it is off."""
    query = select(HoursTariff.steps).where(HoursTariff.community_id == community_id)
    own = query.order_by(HoursTariff.id.desc()).limit(1).scalar_subquery()
    row = session.execute(select(own, _OF_SCHOOL).where(Community.id == community_id)).one()
    return _in_force(row[0], row[1])


# What is set for the school, or the course: {"value": as HoursTariff.steps}.
_OF_SCHOOL = setting_of("tariff", Community.course_id)


def _in_force(own: Mapping[str, Any] | None, of_school: Mapping[str, Any] | None) -> Tariff:
    """A community that turned it off for itself has none, whatever its school has."""
    return _read(own if own is not None else (of_school or {}).get("value") or {})


def tariffs(session: Session, community_id: int) -> list[tuple[dt.datetime, Tariff]]:
    """Since when which tariff was in force, the first one first."""
    query = select(HoursTariff).where(HoursTariff.community_id == community_id).order_by(HoursTariff.id)
    own = [(row.at, _read(row.steps)) for row in session.scalars(query)]
    since = setting_of("tariff", Community.course_id, since=True)
    before = session.execute(select(since, _OF_SCHOOL).where(Community.id == community_id)).one()
    # Of the school's only the present one is known; a community's own goes before it from then on.
    of_school = before[1] is not None and (not own or before[0] < own[0][0])
    return [*([(before[0], _in_force(None, before[1]))] if of_school else []), *own]


def _read(kept: Mapping[str, Any]) -> Tariff:
    return {step: Worth(each["minutes"], each["action"], each["most"]) for step, each in kept.items()}


def set_tariff(session: Session, community: Community, by: Member, wanted: Tariff, steps: Collection[str]) -> None:
    """Set what steps are worth from now on; empty turns it off. steps: the steps there are.

    Refused: "hours_tariff".
    """
    for step, worth in wanted.items():
        amounts = (worth.minutes, worth.action, worth.most)
        if step not in steps or not all(0 <= each <= DAY_MOST for each in amounts):
            raise Refused("hours_tariff")
        if (not worth.minutes and not worth.action) or worth.most < max(worth.minutes, worth.action):
            raise Refused("hours_tariff")
    kept = {step: vars(worth) for step, worth in wanted.items()}
    made = HoursTariff(community_id=community.id, steps=kept)
    session.add(made)
    session.flush()
    acts.note(session, community.id, acts.Kind.TARIFF_SET, by, detail={"tariff": made.id})


@dataclass(frozen=True)
class Standing:
    """What somebody's suggestions hang on, read in one statement.

    moments: run -> the kinds of moments they have in it; accepted: run -> piece -> its minutes.
    """

    tariff: Tariff
    moments: Mapping[int, set[str]]
    accepted: Mapping[int, Mapping[int, int]]


def standing(session: Session, viewer: Viewer, owner: Member) -> Standing:
    """Somebody's own; Refused for anybody else."""
    require(viewer, Thing.HOURS, owner.id)
    last = select(HoursTariff.id).where(HoursTariff.community_id == owner.community_id)
    in_force = select(
        literal("tariff").label("what"), literal(0), literal(0), literal(0), literal(""), HoursTariff.steps
    ).where(HoursTariff.id == last.order_by(HoursTariff.id.desc()).limit(1).scalar_subquery())
    none = null().cast(HoursTariff.steps.type)
    of_school = select(literal("school"), literal(0), literal(0), literal(0), literal(""), _OF_SCHOOL).where(
        Community.id == owner.community_id
    )
    in_steps = select(literal("moment"), Moment.step_run_id, literal(0), literal(0), Moment.kind, none).where(
        Moment.member_id == owner.id, Moment.gone.is_(False)
    )
    run_and_piece = (HoursSuggestion.step_run_id, HoursSuggestion.piece)
    taken = (
        select(literal("taken"), *run_and_piece, HoursEntry.minutes, literal(""), none)
        .join(HoursEntry, HoursEntry.id == HoursSuggestion.entry_id)
        # + 0: for SQLite's planner, as in gate.mine.
        .where(HoursEntry.person_id.in_(joins.of(owner.person_id)), HoursEntry.community_id + 0 == owner.community_id)
    )
    own: Mapping[str, Any] | None = None
    inherited: Mapping[str, Any] | None = None
    moments, accepted = defaultdict[int, set[str]](set), defaultdict[int, dict[int, int]](dict)
    for what, run_id, piece, minutes, kind, steps in session.execute(union_all(in_force, of_school, in_steps, taken)):
        if what == "tariff":
            own = steps
        elif what == "school":
            inherited = steps
        elif what == "moment":
            moments[run_id].add(kind)
        else:
            accepted[run_id][piece] = minutes
    return Standing(_in_force(own, inherited), moments, accepted)


def offers(known: Standing, finished: Iterable[Finished]) -> list[Offer]:
    """What of these can be accepted, in their order."""
    found = []
    for each in finished:
        worth = known.tariff.get(each.step, Worth())
        accepted = known.accepted.get(each.run_id, {})
        minutes = min(worth.minutes if each.piece == STEP else worth.action, worth.most - sum(accepted.values()))
        # Of an action it is its doers' own word that it was done; of a step, that they took part in it.
        there = each.piece != STEP or each.run_id in known.moments
        if minutes > 0 and there and each.piece not in accepted:
            found.append(Offer(each, minutes))
    return found


def accept(
    asker: Asker,
    viewer: Viewer,
    owner: Member,
    finished: Sequence[Finished],
    which: tuple[int, int],
    learning: bool,
    pot_id: int | None,
) -> int:
    """Accept what a run's piece (which) suggests: an entry, to a pot or kept. Returns its id.

    Refused: "hours_suggestion" where it is not offered, or no longer; and what adding an entry refuses and asks.
    """
    # Two presses at once are one after the other from here on.
    entries.hold(asker.session, [asker.person_id])
    known = standing(asker.session, viewer, owner)
    offer = next((each for each in offers(known, finished) if (each.of.run_id, each.of.piece) == which), None)
    if offer is None:
        raise Refused("hours_suggestion")
    typed = Typed(Kind.SUGGESTED, learning, offer.of.line[: entries.LONGEST], offer.of.day, offer.minutes)
    made = entries.add(asker, typed, pot_id)
    asker.session.add(HoursSuggestion(entry_id=made, step_run_id=offer.of.run_id, piece=offer.of.piece))
    asker.session.flush()
    return made
