"""Who sits in a course and in its community: met at a launch, completed by the LMS's roster."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db import Base, now
from lti_tool.domain import Refused, cycle, outbox, participation
from lti_tool.models import Community, Course, Member, Person, ResourceLink, Seat

# A roster older than this is read again when somebody launches.
FRESH = dt.timedelta(days=1)
CHUNK = 500

ASKED, MEMBER, LEADER, OUTSIDE = "asked", "member", "leader", "outside"

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class Arrival:
    """A launch, as the community needs to know it. Empty strings and None: the LMS did not say."""

    issuer: str
    deployment_id: int
    sub: str
    name: str
    locale: str
    role: str
    context_id: str
    context_title: str
    resource_link_id: str | None = None
    resource_link_title: str = ""
    step: str | None = None
    cycle_number: int | None = None
    passback: str = participation.Passback.MOMENTS
    line_items_url: str = ""
    line_item_url: str = ""
    scopes: str = ""
    memberships_url: str | None = None
    history: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Met:
    """Who and what a launch turned out to be. member is None for somebody without a role in the course."""

    person: Person
    course: Course
    community: Community
    member: Member | None
    link: ResourceLink | None


# All that a launch names, in one statement: what is unknown comes as None. Built once, it is hot.
_NAMED = (
    select(Course, Community, Person, Seat, Member, ResourceLink)
    .select_from(Course)
    .join(Community, (Community.course_id == Course.id) & (Community.group_id == ""))
    .outerjoin(Person, (Person.issuer == bindparam("issuer")) & (Person.sub == bindparam("sub")))
    .outerjoin(Seat, (Seat.course_id == Course.id) & (Seat.person_id == Person.id))
    .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == Person.id))
    .outerjoin(
        ResourceLink,
        (ResourceLink.deployment_id == bindparam("deployment")) & (ResourceLink.resource_link_id == bindparam("link")),
    )
    .where(Course.deployment_id == bindparam("deployment"), Course.context_id == bindparam("context"))
)


def meet(session: Session, arrival: Arrival) -> Met:
    """Find or found what a launch names: person, course, community with its first cycle, seat, placement."""
    named = session.execute(
        _NAMED,
        {
            "issuer": arrival.issuer,
            "sub": arrival.sub,
            "deployment": arrival.deployment_id,
            "context": arrival.context_id,
            "link": arrival.resource_link_id,
        },
    ).one_or_none()
    course, community, person, seat, member, link = named or (None,) * 6
    person = person or find_person(session, arrival.issuer, arrival.sub)
    if arrival.name and person.name != arrival.name:
        person.name = arrival.name
    if course is None or community is None:
        course, community = _found(session, arrival)
        member = link = None
    _name_course(arrival, course, community)
    member = _seat(session, arrival, person, course, community, seat, member)
    if arrival.resource_link_id:
        link = _placement(session, arrival, course, community, link)
    stale = course.roster_at is None or course.roster_at + FRESH < now()
    # One that is being retried keeps its own pace: a launch must not hurry a platform that is in trouble.
    if course.memberships_url and stale and not outbox.waiting(session, outbox.ROSTER, str(course.id)):
        outbox.put(session, outbox.ROSTER, str(course.id), course=course.id)
    return Met(person, course, community, member, link)


def find_person(session: Session, issuer: str, sub: str) -> Person:
    """The person (issuer, sub), made when unknown."""
    found = session.scalar(select(Person).where(Person.issuer == issuer, Person.sub == sub))
    return found or _add(session, Person, {"issuer": issuer, "sub": sub}, name="")


def _found(session: Session, arrival: Arrival) -> tuple[Course, Community]:
    """A course's first launch founds its community and first cycle."""
    course = _add(
        session,
        Course,
        {"deployment_id": arrival.deployment_id, "context_id": arrival.context_id},
        title=arrival.context_title,
        history=arrival.history,
    )
    community = _add(
        session,
        Community,
        {"course_id": course.id, "group_id": ""},
        name=arrival.context_title,
        locale=arrival.locale or "nl",
    )
    cycle.found(session, community)
    return course, community


def _name_course(arrival: Arrival, course: Course, community: Community) -> None:
    if arrival.context_title and course.title != arrival.context_title:
        # The community is called what its course is called, until somebody gives it another name.
        if community.name == course.title:
            community.name = arrival.context_title
        course.title = arrival.context_title
    if arrival.memberships_url and course.memberships_url != arrival.memberships_url:
        course.memberships_url = arrival.memberships_url


def _seat(
    session: Session,
    arrival: Arrival,
    person: Person,
    course: Course,
    community: Community,
    seat: Seat | None,
    member: Member | None,
) -> Member | None:
    if seat is None:
        keys = {"course_id": course.id, "person_id": person.id}
        seat = _add(session, Seat, keys, launch_role=arrival.role)
    if seat.launch_role != arrival.role:
        seat.launch_role = arrival.role
    if not seat.present:
        # Who launches is here, whatever an older roster said.
        seat.present, seat.gone_at = True, None
    if member is None and arrival.role:
        standing = MEMBER if arrival.role == "learner" else ASKED
        member = _join(session, community, person, standing)
    elif member is not None and member.standing == OUTSIDE and not member.facilitates:
        # Somebody else took the role over while they were away: there is nothing left to do from outside.
        member.standing = MEMBER if arrival.role == "learner" else ASKED
    elif member is not None and arrival.role == "learner" and member.standing == ASKED:
        # A role lost in the LMS is lost here: nobody asks a Learner. A leader stays outside even then, or
        # Moodle's "switch role to student" would open the door; the facilitator can have them asked again.
        member.standing = MEMBER
    return member


def _join(session: Session, community: Community, person: Person, standing: str) -> Member:
    keys = {"community_id": community.id, "person_id": person.id}
    number = select(func.coalesce(func.max(Member.number), 0) + 1).where(Member.community_id == community.id)
    while True:
        # Numbers are given out one at a time: two at once collide on the constraint, and one tries again.
        row = _insert(session, Member, **keys, standing=standing, number=number.scalar_subquery())
        if row or (row := session.scalar(select(Member).filter_by(**keys))):
            return row


def _placement(
    session: Session, arrival: Arrival, course: Course, community: Community, link: ResourceLink | None
) -> ResourceLink:
    if link is None:
        link = _add(
            session,
            ResourceLink,
            {"deployment_id": arrival.deployment_id, "resource_link_id": arrival.resource_link_id},
            course_id=course.id,
            community_id=community.id,
            step=arrival.step,
            cycle_number=cycle.existing_number(session, community, arrival.cycle_number),
            passback=arrival.passback,
        )
    # Found by its column before anybody opened it (place_unopened): only this launch says what it hands on.
    opened = link.line_item_url and not link.line_items_url and arrival.line_items_url
    corrected = bool(opened) and link.passback != arrival.passback
    if corrected:
        link.passback = arrival.passback
    had_column = bool(link.line_items_url or link.line_item_url) and not link.line_item_gone
    for name, value in (
        ("title", arrival.resource_link_title),
        ("line_items_url", arrival.line_items_url),
        ("scopes", arrival.scopes),
    ):
        if value and getattr(link, name) != value:
            setattr(link, name, value)
    # The stored column wins over the claim: Moodle's claim vanishes once there are two (M22).
    if arrival.line_item_url and (not link.line_item_url or link.line_item_gone):
        participation.set_column(session, link, arrival.line_item_url)
    elif link.step and (corrected or not had_column) and link.line_items_url and not link.line_item_gone:
        participation.catch_up(session, link)
    return link


def place_unopened(session: Session, like: ResourceLink, line_item_url: str, **values: Any) -> ResourceLink | None:
    """Keep a placement that only its column tells of; None where link or column are known as another's.

    Of the same course as `like`. The column is the caller's to set (set_column); line_items_url stays ""
    until a launch names it: by that the launch which opens it first is known.
    """
    taken = select(ResourceLink.id).filter_by(deployment_id=like.deployment_id, line_item_url=line_item_url)
    if session.scalars(taken).first() is not None:
        return None
    same = {name: getattr(like, name) for name in ("deployment_id", "course_id", "community_id", "scopes")}
    return _insert(session, ResourceLink, **same, **values)


def _insert(session: Session, table: type[Row], **values: Any) -> Row | None:
    """Insert a row, or nothing and None where a constraint says that it is there already."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return session.scalar(insert(table).values(**values).on_conflict_do_nothing().returning(table))


def _add(session: Session, table: type[Row], keys: dict[str, Any], **values: Any) -> Row:
    """Insert a row, or take the one that another launch inserted at the same moment."""
    return _insert(session, table, **keys, **values) or session.scalars(select(table).filter_by(**keys)).one()


def present_people(session: Session, community: Community) -> list[tuple[Member, Person]]:
    """Who takes part, facilitates or follows as leader, and sits in the course, by number."""
    rows = session.execute(
        select(Member, Person)
        .join(Person, Person.id == Member.person_id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(Member.community_id == community.id, Member.standing.in_((MEMBER, OUTSIDE, LEADER)), Seat.present)
        .order_by(Member.number)
    )
    return [(member, person) for member, person in rows]


# Standing and roles in the community: never the LMS's, always the community's own.


def facilitator(session: Session, community: Community) -> Member | None:
    """Who facilitates and still sits in the course; nobody, when that person left."""
    return session.scalar(
        select(Member)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == community.course_id))
        .where(Member.community_id == community.id, Member.facilitates, Seat.present)
    )


def take_over(session: Session, community: Community, member: Member) -> None:
    """Make somebody the one who facilitates; who left the course with the role no longer has it."""
    session.execute(
        update(Member).where(Member.community_id == community.id, Member.id != member.id).values(facilitates=False)
    )
    member.facilitates = True


def choose(
    session: Session, community: Community, member: Member, standing: str, *, facilitate: bool, leads: bool
) -> None:
    """An Instructor's answer: facilitate (only if nobody does), take part, or follow as school leader."""
    if member.standing != ASKED:
        raise Refused("already_chosen")
    if facilitate:
        if facilitator(session, community) not in (None, member):
            raise Refused("already_facilitated")
        take_over(session, community, member)
    member.standing, member.leads = standing, leads and standing == MEMBER


def ask_again(community: Community, member: Member) -> None:
    """Have somebody who follows as school leader asked anew, by the facilitator."""
    if member.community_id != community.id or member.standing != LEADER:
        raise Refused("cannot_ask_again")
    member.standing = ASKED


def hand_on(session: Session, community: Community, holder: Member, to: Member) -> None:
    """The facilitator hands the role to somebody who takes part or facilitates from outside."""
    if not holder.facilitates or to.community_id != community.id or to.standing not in (MEMBER, OUTSIDE):
        raise Refused("cannot_hand_on")
    holder.facilitates = False
    session.flush()
    to.facilitates = True
    if holder.standing == OUTSIDE:
        # Without the role there is nothing left to do from outside: ask again.
        holder.standing = ASKED


# The roster, as the LMS tells it.


class Entry(Protocol):
    """One membership of a roster."""

    @property
    def sub(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


def apply(session: Session, course: Course, issuer: str, entries: Iterable[Entry]) -> dict[str, int]:
    """Take over a complete roster: upsert people and seats, mark who vanished, delete nobody.

    Returns the receipt: members, new, gone. Never call it with part of a roster.
    """
    listed = {entry.sub: entry for entry in entries}
    known = {
        person.sub: (seat, person)
        for seat, person in session.execute(
            select(Seat, Person).join(Person, Person.id == Seat.person_id).where(Seat.course_id == course.id)
        )
    }
    unknown = [entry for sub, entry in listed.items() if sub not in known]
    _add_seats(session, course, issuer, unknown)
    came_back = 0
    for sub, entry in listed.items():
        if sub not in known:
            continue
        seat, person = known[sub]
        if entry.name and person.name != entry.name:
            person.name = entry.name
        if seat.roster_role != entry.role:
            seat.roster_role = entry.role
        if not seat.present:
            seat.present, seat.gone_at = True, None
            came_back += 1
    gone = 0
    for sub, (seat, _) in known.items():
        # Somebody the roster never knew (an administrator who launched) cannot vanish from it.
        if sub not in listed and seat.present and seat.roster_role is not None:
            seat.present, seat.gone_at = False, now()
            gone += 1
    receipt = {"members": len(listed), "new": len(unknown) + came_back, "gone": gone}
    course.roster, course.roster_at = dict(receipt), now()
    return receipt


def _add_seats(session: Session, course: Course, issuer: str, entries: list[Entry]) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        session.execute(
            insert(Person).on_conflict_do_nothing(),
            [{"issuer": issuer, "sub": entry.sub, "name": entry.name, "created_at": now()} for entry in chunk],
        )
        ids: dict[str, int] = {
            sub: person_id
            for person_id, sub in session.execute(
                select(Person.id, Person.sub).where(
                    Person.issuer == issuer, Person.sub.in_([entry.sub for entry in chunk])
                )
            )
        }
        session.execute(
            insert(Seat).on_conflict_do_nothing(),
            [
                {
                    "course_id": course.id,
                    "person_id": ids[entry.sub],
                    "roster_role": entry.role,
                    "present": True,
                    "first_seen_at": now(),
                }
                for entry in chunk
            ],
        )
