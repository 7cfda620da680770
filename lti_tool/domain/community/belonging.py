"""Who belongs to the circle: whom the roster names, opened or not, or how many somebody says there are.

Before the first reveal of a cycle it may be made smaller by hand, within limits; after that only larger.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, false, func, literal, null, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, leaving, members
from lti_tool.domain.community.circle import may_be_counted
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import StageKind, Steps, Turn, stage_of
from lti_tool.models import Act, Community, Course, Cycle, Member, Person, Seat, Standing, StepRun

# What is done for others never leaves fewer, nor fewer than all whom the roster names where it names fewer.
FEWEST = 3
# So many colleagues a number given by hand is about at most.
MOST = 10_000

# Whoever came as a teacher is asked what they do here, whatever a roster calls them.
LEARNERS: ColumnElement[bool] = (Seat.roster_role == "learner") & Seat.launch_role.is_distinct_from("instructor")
TEACHERS: ColumnElement[bool] = (Seat.roster_role == "instructor") & Seat.launch_role.is_(None)
# How somebody stands whom another's hand left out, as long as they have not opened it.
LEFT_OUT = frozenset({Standing.APART, Standing.ASKED})

_IS_MEMBER = (Member.person_id == Seat.person_id) & (Member.community_id == bindparam("community"))
_other, _seated_there = aliased(Community), aliased(Member)
# A course's roster is one: who sits in another of its communities is nobody to wait for in this one.
_SITS_ELSEWHERE = (
    select(_seated_there.id)
    .join(_other, _other.id == _seated_there.community_id)
    .where(
        _seated_there.person_id == Seat.person_id,
        _seated_there.standing != Standing.ELSEWHERE,
        _other.course_id == Seat.course_id,
        _other.id != bindparam("community"),
        _other.archived_at.is_(None),
    )
    .correlate(Seat)
    .exists()
)
_NEW = (Seat.course_id == bindparam("course"), Seat.present, Member.id.is_(None), ~_SITS_ELSEWHERE)


# Joining


def join_listed(session: Session, course: Course) -> None:
    """Whom a roster that was applied calls Learner belongs: unopened, by no act of anybody's, whatever their number.

    Into the course's own community, unless they sit in another: of groups a roster tells nothing (M52).
    """
    query = select(Community).where(Community.course_id == course.id, Community.group_id == OWN, Community.by_roster)
    split = select(Community.id).where(Community.course_id == course.id, Community.group_id != OWN).limit(1)
    for community in session.scalars(query).all():
        if community.archived_at is None or session.scalar(split) is None:
            _join(session, community, LEARNERS)


def _join(session: Session, community: Community, which: ColumnElement[bool]) -> int:
    """Make members of those who sit in the course and are none yet; returns how many.

    Numbered by lot: in the roster's own order one could tell who "Lid 7" is.
    """
    keys = {"community": community.id, "course": community.course_id}
    left = select(Seat.id).outerjoin(Member, _IS_MEMBER).where(*_NEW, which).limit(1)
    last = select(func.coalesce(func.max(Member.number), 0)).where(Member.community_id == bindparam("community"))
    values: dict[str, Any] = {
        "community_id": bindparam("community", type_=Member.community_id.type),
        "person_id": Seat.person_id,
        "number": last.scalar_subquery() + func.row_number().over(order_by=func.random()),
        "standing": literal(Standing.MEMBER, Member.standing.type),
        "facilitates": false(),
        "leads": false(),
        "joined_at": literal(now(), Member.joined_at.type),
        "opened_at": null(),
    }
    rows = select(*values.values()).select_from(Seat).outerjoin(Member, _IS_MEMBER).where(*_NEW, which)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    joining = insert(Member).from_select(list(values), rows, include_defaults=False).on_conflict_do_nothing()
    joined = 0
    # Who collides with the number of somebody who launches meanwhile tries again.
    while session.scalar(left, keys) is not None:
        joined += session.connection().execute(joining, keys).rowcount
    return joined


def was_asked(session: Session, community: Community) -> bool:
    """Whether somebody said already if the others of the course belong; asked of a community that was there before."""
    query = select(Act.id).where(Act.community_id == community.id, Act.kind == acts.Kind.CIRCLE_BY_ROSTER).limit(1)
    return community.by_roster or session.scalar(query) is not None


def answer(session: Session, community: Community, by: Member, yes: bool) -> None:
    """Whether the others of the course belong too. Once they do, that is how it stays."""
    members.hold(session, community)
    if community.by_roster:
        raise Refused("already_chosen")
    acts.note(session, community.id, acts.Kind.CIRCLE_BY_ROSTER, by, detail={"belongs": int(yes)})
    if yes:
        community.by_roster = True
        session.flush()
        if community.group_id == OWN:
            _join(session, community, LEARNERS)


# How many there are, where the LMS names nobody


@dataclass(frozen=True)
class Counted:
    """A number that somebody gave by hand: when, and who (a member's id)."""

    number: int
    at: dt.datetime
    by: int | None


def count(session: Session, community: Community, course: Course, by: Member, number: int, steps: Steps) -> None:
    """Say how many colleagues there are: at least two, never below those seen. Each change is noted, for all to see.

    Refused("number_while_deciding") for fewer than before while anything is being decided: fewer would be enough then.
    """
    members.hold(session, community)
    if not may_be_counted(community, course):
        raise Refused("roster_counts")
    if number > MOST:
        raise Refused("number_too_large")
    seen = _size(session, community)
    if number < max(2, seen):
        raise Refused("number_too_small", least=max(2, seen))
    if number < community.headcount and _deciding(session, community, steps):
        raise Refused("number_while_deciding", least=community.headcount)
    if number != community.headcount:
        detail = {"number": number, "was": community.headcount}
        community.headcount = number
        acts.note(session, community.id, acts.Kind.CIRCLE_COUNTED, by, detail=detail)


def _deciding(session: Session, community: Community, steps: Steps) -> bool:
    """Whether a decision is open in any cycle of a community."""
    query = select(StepRun).join(Cycle, Cycle.id == StepRun.cycle_id)
    query = query.where(Cycle.community_id == community.id, Cycle.closed_at.is_(None), StepRun.closed_at.is_(None))
    # One that is opened at this moment has no answers yet: it was opened after the number fell.
    runs = session.scalars(query)
    stages = [stage_of(steps.by_name[run.step], run) for run in runs if run.step in steps.by_name]
    return any(stage.kind == StageKind.DECIDE for stage in stages)


def counts(session: Session, community: Community) -> list[Counted]:
    """What was given by hand, the newest first."""
    query = (
        select(Act.detail, Act.at, Act.member_id)
        .where(Act.community_id == community.id, Act.kind == acts.Kind.CIRCLE_COUNTED)
        .order_by(Act.id.desc())
    )
    return [Counted(int(row.detail["number"]), row.at, row.member_id) for row in session.execute(query)]


def _there(community: Community) -> tuple[ColumnElement[bool], ...]:
    """Of members joined with their seats: who is in the circle."""
    return Member.community_id == community.id, Member.standing == Standing.MEMBER, Seat.present.is_(True)


def _seated(community: Community) -> ColumnElement[bool]:
    return (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id)


def _size(session: Session, community: Community) -> int:
    query = select(func.count(Member.id)).join(Seat, _seated(community)).where(*_there(community))
    return session.scalars(query).one()


def _fewest(session: Session, community: Community, size: int) -> int:
    """How many of the circle have to be left, whatever is done for others."""
    query = select(func.count(Seat.id)).where(
        Seat.course_id == community.course_id, Seat.present, Seat.roster_role == "learner"
    )
    named = session.scalars(query).one()
    return min(FEWEST, named or size)


# Smaller, and larger


def revealed(runs: Mapping[str, StepRun], steps: Steps) -> bool:
    """Whether anything was revealed in a cycle yet: whether it has left the first stage of any of its steps.

    What was entered keeps who may be named in it, if nobody yet (StepRun.told); an ambition that was carried on from
    the cycle before was completed without. Of stages from before there were such rules nobody kept that.
    """
    for name, run in runs.items():
        step = steps.by_name.get(name)
        began = step is not None and bool(step.stages) and run.stage == step.stages[0].name
        if (not began or run.reopened) and (run.told is not None or not run.by_circle):
            return True
    return False


@dataclass(frozen=True)
class Cut:
    """What a change of the circle is made in: by whom, in which cycle, with its opened steps."""

    session: Session
    community: Community
    cycle: Cycle
    runs: Mapping[str, StepRun]
    by: Member
    steps: Steps

    def begin(self) -> set[int]:
        """Let nobody else change the circle meanwhile, nor reveal anything; ids of who was heard in this cycle."""
        members.hold(self.session, self.community)
        heard: set[int] = set()
        for name, run in sorted(self.runs.items(), key=lambda each: each[1].id):
            turn = Turn(self.session, self.community, self.cycle, run, self.by, self.steps)
            turn.hold()
            if run.closed_at is None and name in self.steps.by_name:
                heard |= self.steps.by_name[name].heard(turn).everybody
        if revealed(self.runs, self.steps):
            raise Refused("revealed_already")
        return heard


def leave_out(cut: Cut, chosen: Collection[int]) -> None:
    """Leave these members (ids) out of the circle; whoever of them opens it says yes, and belongs.

    Never whoever has brought something in, nor facilitates, nor does it.
    """
    _take_out(cut, chosen, Standing.APART)


def takes_no_part(cut: Cut, member_id: int) -> None:
    """Somebody who has not opened it leads or supports: once they open it they are asked what they do here."""
    _take_out(cut, [member_id], Standing.ASKED)


def _take_out(cut: Cut, chosen: Collection[int], standing: Standing) -> None:
    heard = cut.begin()
    session, community = cut.session, cut.community
    query = select(Member).join(Seat, _seated(community)).where(*_there(community))
    circle = {each.id: each for each in session.scalars(query)}
    out = [circle[each] for each in set(chosen) & circle.keys()]
    if len(out) < len(set(chosen)):
        raise Refused("not_in_circle")
    if any(each.id in heard for each in out):
        raise Refused("heard_already")
    if any(each.facilitates or each.id == cut.by.id for each in out):
        raise Refused("facilitates_here")
    if standing == Standing.ASKED and any(each.opened_at for each in out):
        raise Refused("opened_already")
    if not out:
        return
    fewest = _fewest(session, community, len(circle))
    if len(circle) - len(out) < fewest:
        raise Refused("circle_too_small", least=fewest)
    for each in out:
        each.standing = standing
        each.away_until = each.away_since = each.away_seen_at = None
    session.flush()
    leaving.clear(session, community, [each.id for each in out if each.opened_at], cut.steps)
    acts.note_unnamed(session, community.id, acts.Unnamed.LEFT_OUT, cycle=cut.cycle)


def bring_in(session: Session, community: Community, by: Member, chosen: Collection[int]) -> None:
    """Have those belong again (ids of members) whom another's hand left out, and who have not opened it since."""
    _some(chosen)
    members.hold(session, community)
    changed = session.execute(
        update(Member)
        .where(
            Member.id.in_(chosen),
            Member.community_id == community.id,
            Member.standing.in_(LEFT_OUT),
            Member.opened_at.is_(None),
        )
        .values(standing=Standing.MEMBER, joined_at=now())
        .execution_options(synchronize_session="fetch")
    )
    _widened(session, community, by, changed.rowcount)  # type: ignore[attr-defined]


def take_in(session: Session, community: Community, by: Member, people: Collection[int]) -> None:
    """Have teachers belong (ids of people) who have not opened it; whoever does is asked what they do here."""
    _some(people)
    if not community.by_roster:
        raise Refused("not_by_roster")
    _widened(session, community, by, _join(session, community, TEACHERS & Seat.person_id.in_(people)))


def _some(chosen: Collection[int]) -> None:
    if not chosen:
        raise Refused("nobody_chosen")


def _widened(session: Session, community: Community, by: Member, many: int) -> None:
    if not many:
        raise Refused("not_found")
    acts.note(session, community.id, acts.Kind.CIRCLE_WIDENED, by, detail={"people": many})


# Who is shown


@dataclass(frozen=True)
class Colleagues:
    """Who belongs, by name; who was left out and has not opened it; who has, is asked whether they take part, and has
    not said so; and teachers who have not opened it, by name. Who left by their own word stands nowhere."""

    circle: Sequence[tuple[Member, Person]]
    left_out: Sequence[tuple[Member, Person]]
    asked: Sequence[tuple[Member, Person]]
    teachers: Sequence[Person]


def colleagues(session: Session, community: Community) -> Colleagues:
    """Everybody who belongs or could."""
    query = (
        select(Member, Person)
        .join(Person, Person.id == Member.person_id)
        .join(Seat, _seated(community))
        .where(Member.community_id == community.id, Seat.present)
        # Asked of those few only whom it could be.
        .where(case((Member.standing == Standing.APART, ~acts.left_by_own_word()), else_=true()))
    )
    found = members.by_name((member, person) for member, person in session.execute(query))
    waiting = [each for each in found if each[0].standing in LEFT_OUT]
    keys = {"community": community.id, "course": community.course_id}
    unseen = select(Person).join(Seat, Seat.person_id == Person.id).outerjoin(Member, _IS_MEMBER)
    return Colleagues(
        [each for each in found if each[0].standing == Standing.MEMBER],
        [each for each in waiting if each[0].opened_at is None],
        [each for each in waiting if each[0].opened_at],
        list(session.scalars(unseen.where(*_NEW, TEACHERS).order_by(Person.name, Person.id), keys)),
    )
