"""Several communities in a course: one is split, two become one. First shown, then done, all or nothing.

What was written stays with the community that it was written in, and so do its agreements, its yields and its hours.
Who goes starts in the other one, in from its next stage on; in the one they leave nobody waits for them any more, and
what nobody has read of theirs goes, as with whoever leaves (community.leaving). Scores that were sent remain: a column
shows the most that somebody earned in one of the course's communities (domain.participation).
"""

import datetime as dt
import hashlib
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, removal
from lti_tool.domain.community import acts, elsewhere, from_template, leaving, members, roster, seating
from lti_tool.domain.community.access import FACILITATING
from lti_tool.domain.community.circle import called, in_a_list
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.cycle import Steps, Turn, ending, pausing
from lti_tool.domain.hours import school_pots
from lti_tool.domain.meeting import running
from lti_tool.domain.school import schools
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.models import Community, Course, Cycle, Ending, Launch, Member, Person, Seat, Standing, StepRun
from lti_tool.text import Text

LONGEST_NAME = 255
# Who left the circle by their own word is not put anywhere.
NOWHERE = (Standing.ELSEWHERE, Standing.APART)


@dataclass(frozen=True)
class Sitting:
    """Somebody of a community who can be put into another. groups: the LMS's, as the last launch told them."""

    person_id: int
    name: Text
    standing: Standing
    facilitates: bool
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A community that is to be split off: who goes there, who facilitates it. group_id: the LMS's; "" by hand."""

    name: str
    people: tuple[int, ...]
    facilitator: int | None = None
    group_id: str = ""


@dataclass(frozen=True)
class Split:
    """What splitting would do: for each part who goes, and who stays.

    unguided: nobody who stays facilitates; under_way: a cycle is, in which what nobody has read of who goes is lost.
    digest: of all that was looked at.
    """

    goes: Sequence[tuple[Part, Sequence[Sitting]]]
    stays: Sequence[Sitting]
    unguided: bool
    under_way: bool
    digest: str


@dataclass(frozen=True)
class Join:
    """What joining would do: who comes, who would but sits in no course of the other one, whether a cycle is ended.

    untouched: nobody has worked in it yet, so that nothing of it is kept.
    """

    comes: Sequence[Sitting]
    absent: Sequence[Sitting]
    ends: bool
    untouched: bool
    digest: str


def sitting(session: Session, community: Community) -> list[Sitting]:
    """Who can be put into another community, by name."""
    rows = session.execute(
        select(Member, Person.name, Seat.group_ids)
        .join(Person, Person.id == Member.person_id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(Member.community_id == community.id, Member.standing.not_in(NOWHERE), Seat.present)
    )
    return [
        Sitting(
            member.person_id,
            called(name, member.number),
            member.standing,
            member.facilitates and member.standing in FACILITATING,
            tuple((groups or "").split()),
        )
        for member, name, groups in sorted(rows, key=lambda row: in_a_list(row[1], row[0].number))
    ]


def others(session: Session, community: Community, *, archived: bool = False) -> list[Community]:
    """The other communities of its course, the oldest first: those at work, or all."""
    query = select(Community).where(Community.course_id == community.course_id, Community.id != community.id)
    query = query if archived else query.where(Community.archived_at.is_(None))
    return list(session.scalars(query.order_by(Community.id)))


def of_course(session: Session, course_id: int) -> Community | None:
    """A course's own community, or the oldest at work where that is no more."""
    query = select(Community).where(Community.course_id == course_id, Community.archived_at.is_(None))
    return session.scalars(query.order_by(Community.group_id != OWN, Community.id).limit(1)).one_or_none()


def told_groups(session: Session, community: Community, known: Sequence[Sitting]) -> dict[str, list[Sitting]]:
    """The LMS's groups that launches told of, of which the course has no community: id -> who of this one is in it."""
    taken = {each.group_id for each in (community, *others(session, community, archived=True))}
    found: dict[str, list[Sitting]] = {}
    for each in known:
        for group in each.groups:
            if group not in taken:
                found.setdefault(group, []).append(each)
    return dict(sorted(found.items(), key=lambda each: int(each[0])))


def _digest(*looked_at: object) -> str:
    return hashlib.sha256(repr(looked_at).encode()).hexdigest()[:32]


def _newest(session: Session, community: Community) -> Cycle | None:
    return session.scalars(
        select(Cycle).where(Cycle.community_id == community.id).order_by(Cycle.number.desc()).limit(1)
    ).one_or_none()


def hold(session: Session, *held: Community) -> None:
    """Let nobody else divide these meanwhile, nor the others of their courses."""
    session.flush()
    for course_id in sorted({each.course_id for each in held}):
        course = session.get_one(Course, course_id)
        session.refresh(course, with_for_update={"key_share": True})
    members.hold(session, *sorted(held, key=lambda each: each.id))


def refuse_if_busy(session: Session, *these: Community) -> None:
    """Refused where one of these is archived, or in a meeting."""
    for each in these:
        if each.archived_at is not None:
            raise Refused("community_archived")
        if running.running(session, each) is not None:
            raise Refused("several_in_meeting")


# Splitting


def plan(session: Session, community: Community, parts: Sequence[Part]) -> Split:
    """What splitting these off would do; Refused where it cannot be.

    Refused: "split_nobody" for a part without people, "split_everybody" where nobody would stay, "split_unknown" for
    who is not in the community or cannot facilitate, "split_twice" for who is put by hand into two, "split_name" for a
    name that is missing, too long, or another's here, "split_group" for a group that has a community.
    """
    refuse_if_busy(session, community)
    known = {each.person_id: each for each in sitting(session, community)}
    groups = told_groups(session, community, list(known.values()))
    names = [each.name for each in (community, *others(session, community))]
    goes: list[tuple[Part, Sequence[Sitting]]] = []
    for part in parts:
        if not part.people:
            raise Refused("split_nobody")
        if part.group_id and part.group_id not in groups:
            raise Refused("split_group")
        if not set(part.people) <= known.keys() or not _may_guide(part, known):
            raise Refused("split_unknown")
        if not 0 < len(part.name) <= LONGEST_NAME or not part.name.isprintable() or part.name in names:
            raise Refused("split_name")
        names.append(part.name)
        goes.append((part, [known[each] for each in known if each in part.people]))
    if not goes:
        raise Refused("split_nobody")
    by_hand = [each for part in parts if not part.group_id for each in part.people]
    if len(by_hand) != len(set(by_hand)):
        raise Refused("split_twice")
    gone = {each for part in parts for each in part.people}
    stays = [each for each in known.values() if each.person_id not in gone]
    if not stays:
        raise Refused("split_everybody")
    unguided = not any(each.facilitates for each in stays)
    of = _newest(session, community)
    under_way = of is not None and of.closed_at is None
    return Split(goes, stays, unguided, under_way, _digest(community.id, sorted(known.items()), parts))


def _may_guide(part: Part, known: Mapping[int, Sitting]) -> bool:
    """Whether whom a part names for it can facilitate it: who goes there, or who facilitates already."""
    if part.facilitator is None:
        return True
    named = known.get(part.facilitator)
    if named is None or named.standing == Standing.LEADER:
        return False
    return named.person_id in part.people or named.facilitates


def split(
    session: Session,
    by: Actor,
    community: Community,
    parts: Sequence[Part],
    steps: Steps,
    zone: dt.tzinfo,
    shown: str | None = None,
) -> list[Community]:
    """Do what was shown; returns the new communities. Refused("several_moved") where it would do something else now."""
    hold(session, community)
    planned = plan(session, community, parts)
    if shown is not None and shown != planned.digest:
        raise Refused("several_moved")
    were = _members(session, community)
    made = [_split_off(session, by, community, part, were, steps, zone) for part, _ in planned.goes]
    gone = [were[each] for each in sorted({each for part, _ in planned.goes for each in part.people})]
    for member in gone:
        members.go_elsewhere(member)
    session.flush()
    leaving.clear(session, community, [each.id for each in gone], steps)
    for part, _ in planned.goes:
        if part.facilitator is not None and part.facilitator not in part.people:
            # They facilitate both, and go from one to the other themselves.
            were[part.facilitator].by_hand = True
    session.flush()
    for each in planned.stays:
        elsewhere.keep_here(session, were[each.person_id], each.groups)
    acts.note(session, community.id, acts.Kind.COMMUNITY_SPLIT, None, detail={"people": len(gone)})
    session.flush()
    return made


def _split_off(
    session: Session,
    by: Actor,
    community: Community,
    part: Part,
    were: Mapping[int, Member],
    steps: Steps,
    zone: dt.tzinfo,
) -> Community:
    counted = max(2, len(part.people)) if community.headcount else 0
    new = Community(
        course_id=community.course_id,
        group_id=part.group_id or seating.new_group(),
        name=part.name,
        locale=community.locale,
        by_roster=community.by_roster,
        headcount=counted,
        holidays=community.holidays,
        activity_url=community.activity_url,
    )
    session.add(new)
    session.flush()
    cycle.found(session, new)
    school_pots.follow(session, community.id, new.id)
    found = {each: seat(session, new, were[each]) for each in _by_lot(part.people)}
    for member in found.values():
        member.by_hand = not part.group_id
    if part.facilitator is not None:
        guide = found.get(part.facilitator)
        if guide is None:
            guide = seat(session, new, were[part.facilitator])
            guide.standing, guide.by_hand, guide.sits = Standing.OUTSIDE, True, False
        members.appoint(session, new, guide)
        session.flush()
        if guide.opened_at is not None:
            from_template.begin(session, new, steps, guide, zone)
    acts.note(session, new.id, acts.Kind.COMMUNITY_SPLIT, None, detail={"people": len(part.people), "new": 1})
    by_group, going = int(bool(part.group_id)), len(part.people)
    schools.note(session, Kind.COMMUNITY_SPLIT, by, community, people=going, made=new.id, by_group=by_group)
    return new


def _by_lot(people: Collection[int]) -> list[int]:
    """In an order that says nothing of who "Lid 7" is."""
    drawn = sorted(people)
    random.SystemRandom().shuffle(drawn)
    return drawn


def _members(session: Session, community: Community) -> dict[int, Member]:
    found = session.scalars(select(Member).where(Member.community_id == community.id))
    return {each.person_id: each for each in found}


def seat(session: Session, into: Community, like: Member, *, as_before: bool = False) -> Member:
    """Somebody sits in a community as they sat in another. as_before: they come back, and nothing happened since."""
    standing = like.standing if like.standing != Standing.OUTSIDE or like.facilitates else Standing.ASKED
    query = select(Member).where(Member.community_id == into.id, Member.person_id == like.person_id)
    member = session.scalars(query).one_or_none()
    if member is None:
        member = roster.seat_in(session, into, like.person_id, standing)
        member.ask_me = like.ask_me
    elif member.standing not in NOWHERE:
        return member
    elif not as_before:
        member.joined_at = now()
    member.standing, member.opened_at, member.sits = standing, member.opened_at or like.opened_at, True
    member.leads = like.leads
    member.away_until, member.away_own = like.away_until, like.away_own
    member.away_since, member.away_seen_at = like.away_since, like.away_seen_at
    return member


# Joining


def plan_join(session: Session, gone: Community, into: Community) -> Join:
    """What joining one community into another would do; Refused("join_same", "community_archived", ...)."""
    if gone.id == into.id:
        raise Refused("join_same")
    refuse_if_busy(session, gone, into)
    known = sitting(session, gone)
    there = set(
        session.scalars(select(Seat.person_id).where(Seat.course_id == into.course_id, Seat.present))
        if gone.course_id != into.course_id
        else [each.person_id for each in known]
    )
    comes = [each for each in known if each.person_id in there]
    absent = [each for each in known if each.person_id not in there]
    of = _newest(session, gone)
    ends, untouched = of is not None and of.closed_at is None, not _worked_in(session, gone)
    untouched = untouched and gone.group_id != OWN and gone.course_id == into.course_id
    return Join(comes, absent, ends, untouched, _digest(gone.id, into.id, known, ends, untouched))


def _worked_in(session: Session, community: Community) -> bool:
    """Whether anybody brought anything in, so that there is something to keep."""
    goes = removal.of(session, Community, community.id)
    told = ("contribution", "moment", "hours_entry", "hours_session", "hours_pot", "journal_entry", "meeting", "note")
    return any(goes.count(name) for name in told)


def join(
    session: Session,
    by: Actor,
    gone: Community,
    into: Community,
    steps: Steps,
    zone: dt.tzinfo,
    shown: str | None = None,
) -> Join:
    """Have the people of one community sit in another, of the same course or of another one; what it was is archived.

    Its cycle, if one is under way, ends without a decision, and nothing undecided counts as adopted (circle.md 6). Who
    was in it can still read it. One that nobody has worked in is gone, and its people are where they were before.
    """
    hold(session, gone, into)
    planned = plan_join(session, gone, into)
    if shown is not None and shown != planned.digest:
        raise Refused("several_moved")
    were = _members(session, gone)
    if planned.ends and not planned.untouched:
        _end(session, gone, steps, zone)
    for who in _by_lot([each.person_id for each in planned.comes]):
        member = seat(session, into, were[who], as_before=planned.untouched)
        if were[who].facilitates and not member.facilitates and member.standing in FACILITATING:
            members.take_up(member)
    if into.headcount:
        into.headcount = max(into.headcount, len(sitting(session, into)))
    if gone.course_id == into.course_id:
        _give_up_group(session, gone, into)
    for was in were.values():
        was.by_hand = was.sits = False
    gone.archived_at = now()
    session.flush()
    for each in planned.comes:
        found = session.scalars(select(Member).filter_by(community_id=into.id, person_id=each.person_id)).one()
        elsewhere.keep_here(session, found, each.groups)
    acts.note(session, into.id, acts.Kind.COMMUNITY_JOINED, None, detail={"people": len(planned.comes)})
    schools.note(session, Kind.COMMUNITY_JOINED, by, gone, people=len(planned.comes), into=into.id)
    session.flush()
    if planned.untouched:
        # Whoever does this may have come by it.
        mine = update(Launch).where(Launch.community_id == gone.id, Launch.person_id == by.person_id)
        session.execute(mine.values(community_id=into.id))
        session.expunge(gone)
        removal.carry_out(session, removal.of(session, Community, gone.id))
    return planned


def _give_up_group(session: Session, gone: Community, into: Community) -> None:
    """A course keeps one of its own, where whoever comes new sits: what it was joined into. A group's id is free."""
    was, gone.group_id = gone.group_id, seating.new_group()
    session.flush()
    if was == OWN:
        into.group_id = OWN
        session.flush()


def _end(session: Session, community: Community, steps: Steps, zone: dt.tzinfo) -> None:
    of = _newest(session, community)
    assert of is not None
    turn = Turn(session, community, of, StepRun(), None, steps, zone=zone)
    if of.paused_until is not None:
        pausing.resume(turn)
    ending.end(turn, Ending.UNDECIDED, by="administrator")
