"""Who takes part in a community, and as what: facilitator, member, leader. Never the LMS's roles, always its own."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select, false, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, away, leaving
from lti_tool.domain.community.access import FACILITATING, UNANSWERED
from lti_tool.domain.community.circle import in_a_list
from lti_tool.domain.community.school_days import NONE, days_off, school_days
from lti_tool.domain.cycle import Steps, pausing
from lti_tool.domain.participation import columns
from lti_tool.domain.school.setting_kinds import Facilitation
from lti_tool.models import Act, Community, Course, Cycle, Member, Person, Seat, Standing, StepRun

Columns = TypeVarTuple("Columns")

# Where nobody who facilitates was here for so many school days, any member may take it over.
ABSENCE = 14


@dataclass(frozen=True)
class Choice:
    """An answer to the question what somebody does here."""

    standing: Standing
    facilitates: bool
    leads: bool


CHOICES: Mapping[str, Choice] = {
    "facilitate_and_join": Choice(Standing.MEMBER, True, False),
    "facilitate": Choice(Standing.OUTSIDE, True, False),
    "join": Choice(Standing.MEMBER, False, False),
    "join_and_lead": Choice(Standing.MEMBER, False, True),
    "follow": Choice(Standing.LEADER, False, False),
}


def present_people(session: Session, community: Community) -> list[tuple[Member, Person]]:
    """Who takes part, facilitates or follows as leader, and sits in the course, by name."""
    rows = session.execute(
        select(Member, Person)
        .join(Person, Person.id == Member.person_id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(
            Member.community_id == community.id,
            Member.standing.not_in(UNANSWERED),
            Seat.present,
        )
    )
    return by_name((member, person) for member, person in rows)


def by_name(people: Iterable[tuple[Member, Person]]) -> list[tuple[Member, Person]]:
    """As somebody is looked for in a list."""
    return sorted(people, key=lambda each: in_a_list(each[1].name, each[0].number))


def taking_part(members: Select[*Columns], course: Course) -> Select[*Columns]:
    """Of a query of members those who take part in any community of a course, and sit in it."""
    return (
        members.join(Community, Community.id == Member.community_id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
        .where(Community.course_id == course.id, Member.standing == Standing.MEMBER, Seat.present)
    )


def open_first(member: Member, standing: Standing) -> None:
    """Somebody came from the LMS whom only the roster named until now. standing: as which who comes first joins.

    Whoever another left out is asked first, and so is whom the roster calls something else than the launch.
    """
    if member.opened_at is None:
        member.opened_at = now()
        if member.standing == Standing.MEMBER:
            member.standing = standing
        away.launched(member)


def open_again(member: Member) -> None:
    """Somebody came from the LMS again."""
    if member.facilitates and member.facilitated_on != (day := now().date()):
        # By it one knows that nobody has been here who facilitates (is_free); of nobody else it is kept.
        member.facilitated_on = day
    away.launched(member)


def sit_again(member: Member, learner: bool) -> None:
    """Somebody is back who sat in another community of the course: in from the next stage on, like who comes later."""
    member.standing = Standing.MEMBER if learner else Standing.ASKED
    member.joined_at = now()


def go_elsewhere(member: Member) -> None:
    """Somebody sits in another community of the course from now on: nobody waits for them here, or names them.

    What goes with them (leaving.clear) is the caller's to take away.
    """
    member.standing, member.by_hand, member.sits = Standing.ELSEWHERE, False, False
    member.facilitates, member.facilitated_on, member.leads = False, None, False
    member.away_until = member.away_since = member.away_seen_at = None


# Facilitating


def may_facilitate(session: Session, community: Community, member: Member) -> bool:
    """Whether somebody may facilitate by their own word or a facilitator's, as the school set it.

    What the school's list or an administrator says needs no more than that (listed.make, appoint, set_standing).
    """
    rule = community.facilitation or Facilitation.ANYBODY
    if rule != Facilitation.TEACHERS:
        return rule == Facilitation.ANYBODY
    roles = select(Seat.launch_role, Seat.roster_role).where(
        Seat.course_id == community.course_id, Seat.person_id == member.person_id
    )
    row = session.execute(roles).one_or_none()
    return row is not None and "instructor" in row


def _require(session: Session, community: Community, member: Member) -> None:
    if not may_facilitate(session, community, member):
        teachers = community.facilitation == Facilitation.TEACHERS
        raise Refused("facilitating_teachers") if teachers else Refused("facilitating_named")


def was_named(session: Session, member: Member) -> bool:
    """Whether an administrator or the school's list once had this person facilitate, or deputise."""
    kinds = (acts.Kind.ROLE_NAMED, acts.Kind.LISTED)
    named = select(Act.id).where(Act.about_id == member.id, Act.member_id.is_(None), Act.kind.in_(kinds)).limit(1)
    return session.scalar(named) is not None


def facilitators(session: Session, community: Community) -> list[Member]:
    """Who facilitates and still sits in the course, by number."""
    query = (
        select(Member)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(Member.community_id == community.id, Member.facilitates, Member.standing.in_(FACILITATING), Seat.present)
        .order_by(Member.number)
    )
    return list(session.scalars(query))


def is_free(here_on: Iterable[dt.date | None], off: Collection[dt.date] = NONE) -> bool:
    """Whether any member may take facilitating over: nobody does it, or none of them was here for ABSENCE school days.

    here_on: the day on which each who facilitates, and sits in the course, was last here.
    """
    today = now().date()
    return all(day is None or school_days(day, ABSENCE, off) < today for day in here_on)


def is_free_now(session: Session, community: Community, here_on: Collection[dt.date | None]) -> bool:
    """The same, where holidays do not count, nor the days on which the community paused: nobody is waited for then."""
    off = days_off(community)
    return is_free(here_on, off) and is_free(here_on, off | pausing.days(session, community))


def take_over(session: Session, community: Community, member: Member) -> None:
    """Facilitate in place of those who were not here; each of them can come back beside (`resume`).

    Refused("guided") while one of them was here; a second one who takes it over at the same moment reads that too.
    """
    # Two at once: the one who waits finds the other here.
    hold(session, community, member)
    if member.standing != Standing.MEMBER or member.facilitates:
        raise Refused("cannot_take_over")
    _require(session, community, member)
    if not is_free_now(session, community, [each.facilitated_on for each in facilitators(session, community)]):
        raise Refused("guided")
    # Whoever left the course with the role has it no longer either.
    query = select(Member).where(Member.community_id == community.id, Member.facilitates)
    formers = session.scalars(query).all()
    for former in formers:
        lay_down(former)
    take_up(member)
    acts.note(session, community.id, acts.Kind.ROLE_TAKEN, member, detail={"over": len(formers)})


def name(session: Session, community: Community, by: Member, to: Member) -> None:
    """Have somebody who takes part facilitate too; Refused("not_here_yet") where they have not opened it."""
    if not by.facilitates or to.community_id != community.id or to.standing != Standing.MEMBER or to.facilitates:
        raise Refused("cannot_name")
    if to.opened_at is None:
        # Nobody facilitates before they know of it.
        raise Refused("not_here_yet")
    _require(session, community, to)
    take_up(to)
    acts.note(session, community.id, acts.Kind.ROLE_NAMED, by, about=to)


def stop(session: Session, community: Community, member: Member) -> None:
    """Facilitate no longer; who stood outside with it is asked what they do here."""
    if not member.facilitates:
        raise Refused("facilitates_not")
    lay_down(member)
    member.facilitated_on = None
    acts.note(session, community.id, acts.Kind.ROLE_STOPPED, member)


def may_resume(member: Member) -> bool:
    """Whether somebody took facilitating over from this person, who can come back to it."""
    return not member.facilitates and member.facilitated_on is not None


def resume(session: Session, community: Community, member: Member) -> None:
    """Facilitate again, beside whoever took it over."""
    if not may_resume(member) or member.standing != Standing.MEMBER:
        raise Refused("cannot_resume")
    if not was_named(session, member):
        _require(session, community, member)
    take_up(member)
    acts.note(session, community.id, acts.Kind.ROLE_RESUMED, member)


def let_be(member: Member) -> None:
    """Leave facilitating to whoever took it over."""
    if not member.facilitates:
        member.facilitated_on = None


def hold(session: Session, *rows: Community | Member) -> None:
    """Let nobody else change these until the transaction ends, and see what the one before did.

    Others may refer to them meanwhile (FOR NO KEY UPDATE): whoever wrote an act of a community already, would else
    wait here for somebody who did the same.
    """
    session.flush()
    for row in rows:
        session.refresh(row, with_for_update={"key_share": True})


def take_up(member: Member) -> None:
    """Have somebody facilitate from today on; who calls it notes the act."""
    member.facilitates, member.facilitated_on = True, now().date()


def lay_down(member: Member) -> None:
    """Have somebody facilitate no longer; who calls it notes the act."""
    member.facilitates = False
    if member.standing == Standing.OUTSIDE:
        # Without the role there is nothing left to do from outside: ask again.
        member.standing = Standing.ASKED


# What somebody does here


def offered(session: Session, community: Community, member: Member) -> list[str]:
    """The names of the CHOICES that are open to somebody now.

    A leader has none: only who facilitates can have them asked anew. Where somebody facilitates, a Learner who is
    asked is no facilitator by saying so: that takes being named. Nor is whom the school's setting leaves out.
    """
    if member.standing not in FACILITATING | {Standing.ASKED}:
        return []
    facilitating = member.facilitates
    if member.standing == Standing.ASKED:
        roles = session.execute(
            select(Seat.launch_role, Seat.roster_role).where(
                Seat.course_id == community.course_id, Seat.person_id == member.person_id
            )
        ).one()
        here_on = [each.facilitated_on for each in facilitators(session, community)]
        free = is_free_now(session, community, here_on)
        facilitating = facilitating or "instructor" in roles or may_resume(member) or free
        if not may_facilitate(session, community, member):
            facilitating = may_resume(member) and was_named(session, member)
    return [name for name, choice in CHOICES.items() if facilitating or not choice.facilitates]


def choose(session: Session, community: Community, member: Member, chosen: str, steps: Steps) -> None:
    """The answer of somebody who was asked. Refused("already_chosen") to a second one."""
    hold(session, member)
    if member.standing != Standing.ASKED:
        raise Refused("already_chosen")
    choice = _offered(session, community, member, chosen)
    _become(session, community, member, choice, steps)
    acts.note(session, community.id, acts.Kind.STANDING_CHOSEN, member, detail=_said(member))


def correct(session: Session, community: Community, member: Member, chosen: str, steps: Steps) -> None:
    """Another answer, by oneself. From leader to anything else there is none: `ask_again`."""
    hold(session, member)
    choice, led = _offered(session, community, member, chosen), member.leads
    if choice == chosen_by(member):
        return
    _become(session, community, member, choice, steps)
    acts.note(session, community.id, acts.Kind.STANDING_CORRECTED, member, detail=_said(member))
    if led and not member.leads and member.standing == Standing.MEMBER:
        acts.note(session, community.id, acts.Kind.LEAD_TAKEN_BACK, member)


def chosen_by(member: Member) -> Choice:
    """What somebody does here now."""
    return Choice(member.standing, member.facilitates, member.leads and not member.facilitates)


def _offered(session: Session, community: Community, member: Member, chosen: str) -> Choice:
    if chosen not in CHOICES:
        raise Refused("answer_missing")
    if chosen not in offered(session, community, member):
        raise Refused("not_offered")
    return CHOICES[chosen]


def _become(session: Session, community: Community, member: Member, choice: Choice, steps: Steps) -> None:
    if choice.facilitates and not member.facilitates:
        kind = acts.Kind.ROLE_RESUMED if may_resume(member) else acts.Kind.ROLE_TAKEN
        acts.note(session, community.id, kind, member)
    elif member.facilitates and not choice.facilitates:
        acts.note(session, community.id, acts.Kind.ROLE_STOPPED, member)
    _set(session, community, member, choice, steps)


def _set(session: Session, community: Community, member: Member, choice: Choice, steps: Steps) -> None:
    if choice.facilitates and not member.facilitates:
        take_up(member)
    elif not choice.facilitates:
        member.facilitates, member.facilitated_on = False, None
    if choice.standing == Standing.MEMBER != member.standing:
        # In from the next stage on, like everybody who comes later.
        member.joined_at = now()
    member.standing = choice.standing
    # Whoever leads and facilitates as well is still known to lead.
    member.leads = choice.leads or (member.leads and choice.facilitates)
    if choice.standing != Standing.MEMBER:
        leaving.clear(session, community, [member.id], steps)


def _said(member: Member) -> dict[str, str | int]:
    return {"standing": member.standing, "leads": member.leads}


def ask_again(session: Session, community: Community, by: Member | None, member: Member) -> None:
    """Have somebody who follows as school leader asked anew, by who facilitates; all read that it was done."""
    if member.community_id != community.id or member.standing != Standing.LEADER:
        raise Refused("cannot_ask_again")
    member.standing = Standing.ASKED
    acts.note(session, community.id, acts.Kind.ASKED_AGAIN, by, about=member)


def ask_unknown(session: Session, course: Course, since: dt.datetime | None) -> None:
    """A roster was read anew: whoever came in as Learner since the one before, and is none by it, is asked.

    Nobody is asked who has answered already. since: when the one before was read; None: there was none.
    """
    answered = (
        select(Act.id)
        .where(
            Act.community_id == Member.community_id,
            Act.member_id == Member.id,
            Act.kind == acts.Kind.STANDING_CHOSEN,
        )
        .exists()
    )
    query = taking_part(select(Member), course).where(
        Seat.launch_role == "learner",
        or_(Seat.roster_role.is_(None), Seat.roster_role == "instructor"),
        ~answered,
    )
    if since is not None:
        query = query.where(Member.joined_at > since)
    for member in session.scalars(query):
        member.standing = Standing.ASKED


# What an administrator does. The acts have nobody's name then: home says that it was an administrator.

ASK = "ask"


def appoint(session: Session, community: Community, to: Member) -> None:
    """Have somebody facilitate whom an administrator names, who knows it by the first page they open.

    Refused("cannot_appoint") for who left the circle or follows as school leader: they are asked first.
    """
    if to.facilitates or to.standing in (Standing.APART, Standing.LEADER):
        raise Refused("cannot_appoint")
    if to.standing in (Standing.ASKED, Standing.ELSEWHERE):
        to.standing = Standing.OUTSIDE
    take_up(to)
    acts.note(session, community.id, acts.Kind.ROLE_NAMED, None, about=to)


def set_standing(session: Session, community: Community, member: Member, chosen: str, steps: Steps) -> None:
    """Correct what somebody does here (CHOICES), or have them asked anew (ASK).

    Refused("left_by_choice") for who left the circle by their own word: only they come back.
    """
    hold(session, member)
    if chosen not in (*CHOICES, ASK):
        raise Refused("answer_missing")
    if member.standing == Standing.APART and has_left(session, member):
        raise Refused("left_by_choice")
    if chosen == ASK:
        asked = Choice(Standing.ASKED, False, False)
        if member.standing != Standing.ASKED:
            _set(session, community, member, asked, steps)
            acts.note(session, community.id, acts.Kind.ASKED_AGAIN, None, about=member)
        return
    if CHOICES[chosen] != chosen_by(member):
        _set(session, community, member, CHOICES[chosen], steps)
        acts.note(session, community.id, acts.Kind.STANDING_CORRECTED, None, about=member, detail=_said(member))


# Leaving, and coming back


def leave(session: Session, community: Community, member: Member, steps: Steps) -> None:
    """Leave the circle: what was shown stays, what nobody has read goes, open actions are free again."""
    hold(session, member)
    if member.standing != Standing.MEMBER:
        raise Refused("not_a_member")
    if member.facilitates:
        stop(session, community, member)
    member.standing, member.facilitated_on = Standing.APART, None
    leaving.clear(session, community, [member.id], steps)
    acts.note(session, community.id, acts.Kind.CIRCLE_LEFT, member)


def has_left(session: Session, member: Member) -> bool:
    """Whether who is apart left by their own word, and was not left out by somebody else since."""
    return session.scalars(select(acts.left_by_own_word()).where(Member.id == member.id)).one()


def come_back(session: Session, community: Community, member: Member) -> None:
    """Take part again: saying so is enough."""
    hold(session, member)
    if member.standing != Standing.APART:
        raise Refused("already_chosen")
    member.standing, member.joined_at = Standing.MEMBER, now()
    acts.note(session, community.id, acts.Kind.CIRCLE_JOINED_AGAIN, member)


def back_in_course(session: Session, course: Course, gone: Mapping[int, dt.datetime | None]) -> None:
    """People are in the course again: person id -> since when they were not.

    They are in from the next stage on, like everybody who comes later: no quorum rises by them. Whoever was gone and is
    back within one stage was in it all along.
    """
    for person_id, since in gone.items():
        columns.send_again(session, course.id, person_id)
        saw_it_begin = (
            select(StepRun.id)
            .join(Cycle, Cycle.id == StepRun.cycle_id)
            .where(Cycle.community_id == Member.community_id, StepRun.closed_at.is_(None))
            .where(StepRun.stage_since < since if since is not None else false())
        )
        theirs = select(Community.id).where(Community.course_id == course.id)
        session.execute(
            update(Member)
            .where(Member.person_id == person_id, Member.community_id.in_(theirs), ~saw_it_begin.exists())
            .values(joined_at=now())
            .execution_options(synchronize_session="fetch")
        )
