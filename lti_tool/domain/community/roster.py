"""Who sits in a course and in its community: met at a launch, completed by the LMS's roster."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, defer, load_only
from sqlalchemy.sql.dml import ReturningInsert

from lti_tool.db import Base, now
from lti_tool.domain import cycle, outbox, participation
from lti_tool.domain.community import acts, members, placing, seating
from lti_tool.domain.school import pseudonyms, schools, settings, templates
from lti_tool.models import (
    Community,
    Course,
    Deployment,
    LineItem,
    Member,
    Person,
    ResourceLink,
    Seat,
    Standing,
)
from lti_tool.models.provision import HoursNamed, ProvisionLine, ProvisionPart, Trouble
from lti_tool.models.school import School
from lti_tool.text import Text

# A roster older than this is read again when somebody launches.
FRESH = dt.timedelta(hours=1)
# What a course is called whose platform gives it no title (core 1.3, 5.4.1: it need not).
UNTITLED = Text("Leergemeenschap", "Learning community")


Row = TypeVar("Row", bound=Base)


class Who(NamedTuple):
    """Who a launch names. name: "" where the LMS shares none."""

    issuer: str
    realm: str
    sub: str
    name: str


@dataclass(frozen=True)
class Arrival:
    """A launch, as the community needs to know it. Empty strings and None: the LMS did not say.

    step: the step whose activity was opened; None with names_step is the home, without it nothing was said of it.
    realm: whose people the launch brings (Registration). origin: the key that the activity was placed with. shares: by
    what it lets its person be known (Course.shares). groups: the ids of the LMS's groups that this person is in; None
    where it does not say. administrator: whether the LMS calls them its administrator.
    """

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
    names_step: bool = False
    cycle_number: int | None = None
    passback: participation.Passback | None = None
    line_items_url: str = ""
    line_item_url: str = ""
    scopes: str = ""
    memberships_url: str | None = None
    history: list[str] = field(default_factory=list)
    realm: str = ""
    origin: str = ""
    context_label: str = ""
    context_sis_id: str = ""
    context_begins: dt.datetime | None = None
    shares: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    administrator: bool = False


@dataclass(frozen=True)
class Met:
    """Who and what a launch turned out to be. member is None for somebody without a role in the course.

    page: what the launch opens, where it has a placement. awaited: whether a provision list may wait for this course
    or somebody in it, or a school's pot for somebody (domain.school.provision.matching). left: of which of the
    course's other communities this person was one until now, by the groups that the LMS named then; what goes with
    that is the caller's to take away (community.leaving).
    """

    person: Person
    course: Course
    community: Community
    member: Member | None
    link: ResourceLink | None
    page: placing.Page | None = None
    awaited: bool = False
    left: Sequence[tuple[Community, Member]] = ()


# All that a launch names, in one statement, a row for each community of the course: what is unknown comes as None.
# Built once, it is hot.
_AWAITS = or_(
    select(ProvisionPart.id)
    .join(ProvisionLine, ProvisionLine.id == ProvisionPart.line_id)
    .where(ProvisionLine.course_id == Course.id)
    .where(or_(ProvisionPart.in_force_at.is_(None), ProvisionPart.trouble == Trouble.REPLACED))
    .exists(),
    # A pot of a school waits for who approves it, wherever they come in.
    select(HoursNamed.id).exists(),
)
_NAMED = (
    select(Course, Community, Person, Seat, Member, ResourceLink, LineItem, _AWAITS, pseudonyms.hold_in(Course.id))
    .add_columns(School.id, School.opens_on)
    .select_from(Course)
    .join(Deployment, Deployment.id == Course.deployment_id)
    .join(School, School.id == schools.school_id_of())
    .join(Community, Community.course_id == Course.id)
    .outerjoin(
        Person,
        (Person.issuer == bindparam("issuer"))
        & (Person.realm == bindparam("realm"))
        & (Person.sub == bindparam("sub")),
    )
    .outerjoin(Seat, (Seat.course_id == Course.id) & (Seat.person_id == Person.id))
    .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == Person.id))
    .outerjoin(
        ResourceLink,
        # Some platforms number the links of each course anew (O1): the same id elsewhere is another placement.
        (ResourceLink.course_id == Course.id) & (ResourceLink.resource_link_id == bindparam("link")),
    )
    .outerjoin(LineItem, (LineItem.resource_link_id == ResourceLink.id) & (LineItem.kind == participation.TAG))
    .where(Course.deployment_id == bindparam("deployment"), Course.context_id == bindparam("context"))
    .order_by(Community.id)
    # What a launch compares or hands on; whoever wants more of one of them, gets it by asking.
    .options(
        load_only(Course.title, Course.label, Course.sis_id, Course.shares, Course.launch_named),
        load_only(Course.memberships_url, Course.roster_at),
        load_only(Community.course_id, Community.name, Community.locale, Community.group_id, Community.archived_at),
        load_only(Person.name, Person.locale),
        load_only(Seat.launch_role, Seat.roster_role, Seat.present, Seat.group_ids),
        load_only(Member.standing, Member.facilitates, Member.facilitated_on, Member.opened_at),
        load_only(Member.away_until, Member.away_seen_at, Member.by_hand, Member.sits),
        defer(ResourceLink.created_at),
    )
)


class Known(NamedTuple):
    """What is known of what a launch names: rows of _NAMED, none of a course that is new.

    opening: the course's school, and before which day it is closed; None of a course that is new.
    """

    rows: Sequence[Any]
    opening: tuple[int, dt.date | None] | None


def look(session: Session, arrival: Arrival) -> Known:
    """What is known of what a launch names. Nothing is kept of it yet: its school may be closed."""
    rows = session.execute(
        _NAMED,
        {
            "issuer": arrival.issuer,
            "realm": arrival.realm,
            "sub": arrival.sub,
            "deployment": arrival.deployment_id,
            "context": arrival.context_id,
            "link": arrival.resource_link_id,
        },
    ).all()
    return Known(rows, tuple(rows[0][-2:]) if rows else None)


def meet(session: Session, arrival: Arrival, known: Known | None = None) -> Met:
    """Find or found what a launch names: person, course, community with its first cycle, seat, placement.

    known: what was found of it in this transaction, where that was looked at already. Raises seating.NoPlace for who
    has no community in a course that has several.
    """
    rows = (known or look(session, arrival)).rows
    here = _placed_in(arrival, rows)
    named = here.row
    course, community, person, seat, member, link, item, awaited, numbers = named[:-2] if named else (None,) * 9
    if course is None or community is None:
        course, community = _found(session, arrival)
        member = link = item = None
        awaited, numbers = True, pseudonyms.hold(session, course.id)
    if person is None:
        # Where the course was found, so would the person have been.
        who = Who(arrival.issuer, arrival.realm, arrival.sub, "" if numbers else arrival.name)
        person = whoever(session, who, new=named is not None)
    if person.name != ("" if numbers else arrival.name):
        pseudonyms.call(session, person, arrival.name, course)
    if course.launch_named != (names := bool(arrival.name)):
        course.launch_named = names
    awaited = _name_course(arrival, course, community) or awaited
    member = _seat(session, arrival, person, course, community, seat, member)
    if member is not None and len(rows) > 1:
        _sit(member, [row[4] for row in rows if row[4] is not None])
    page = None
    if arrival.resource_link_id:
        if link is None:
            link = _placed(session, arrival, course, community)
            templates.take(session, course, community, arrival.origin, arrival.context_begins)
        page = placing.follow(session, arrival, community, link, item)
    stale = course.roster_at is None or course.roster_at + FRESH < now()
    # One that is being retried keeps its own pace: a launch must not hurry a platform that is in trouble.
    if course.memberships_url and stale and not outbox.waiting(session, outbox.Kind.ROSTER, str(course.id)):
        read_again(session, course)
    return Met(person, course, community, member, link, page, bool(awaited), here.left)


class _Here(NamedTuple):
    """The row of the community that a launch is in; and those of the course of which its person is none any more."""

    row: Any
    left: Sequence[tuple[Community, Member]]


def _placed_in(arrival: Arrival, rows: Sequence[Any]) -> _Here:
    """In which of the course's communities a launch is (seating.decide); nowhere in a course that is not known yet."""
    if not rows:
        return _Here(None, ())
    found = {community.id: (row, community, member) for row in rows for community, member in [(row[1], row[4])]}
    decided = seating.decide([place_of(community, member) for _, community, member in found.values()], arrival.groups)
    left = [
        (community, member)
        for _, community, member in (found[each] for each in decided.leaves)
        if member is not None and member.standing != Standing.ELSEWHERE
    ]
    if decided.sits is not None:
        return _Here(found[decided.sits][0], left)
    if not arrival.administrator:
        raise seating.NoPlace
    # Who administers the LMS comes to see to it, and belongs nowhere.
    return _Here(rows[0], ())


def place_of(community: Community, member: Member | None) -> seating.Place:
    """A community, as deciding where somebody sits has to know it."""
    here = member is not None and member.standing != Standing.ELSEWHERE
    mine = (member.by_hand, member.sits, here) if member is not None else (False, False, False)
    return seating.Place(community.id, community.group_id, community.archived_at is not None, *mine)


def _sit(member: Member, known: Sequence[Member]) -> None:
    """Remember in which of several communities somebody sat last."""
    for each in (member, *known):
        if each.sits != (each is member):
            each.sits = each is member


def whoever(session: Session, named: Who, *, new: bool = False) -> Person:
    """Who a launch names, without any place in its course. new: they are not known yet, and are not looked for."""
    keys = {"issuer": named.issuer, "realm": named.realm, "sub": named.sub}
    found = None if new else session.scalars(select(Person).filter_by(**keys)).one_or_none()
    return found or _add(session, Person, keys, name=named.name)


def read_again(session: Session, course: Course) -> None:
    """Have a course's roster read."""
    outbox.put(session, outbox.Kind.ROSTER, str(course.id), deployment=course.deployment_id, course=course.id)


def _found(session: Session, arrival: Arrival) -> tuple[Course, Community]:
    """A course's first launch founds its community and first cycle."""
    split = schools.split_for(session, arrival.deployment_id, arrival.context_id)
    school = split or session.scalars(select(Deployment.school_id).where(Deployment.id == arrival.deployment_id)).one()
    chosen = settings.value(session, settings.Name.LANGUAGE, arrival.deployment_id, school)
    locale = chosen or arrival.locale or "nl"
    title = arrival.context_title or UNTITLED.of(locale)
    course = _add(
        session,
        Course,
        {"deployment_id": arrival.deployment_id, "context_id": arrival.context_id},
        title=title,
        history=arrival.history,
        school_id=split,
    )
    community = _add(
        session,
        Community,
        {"course_id": course.id, "group_id": ""},
        name=title,
        locale=locale,
    )
    cycle.found(session, community)
    return course, community


def _name_course(arrival: Arrival, course: Course, community: Community) -> bool:
    """Follow what the LMS calls a course; whether its id in the school's administration is a new one."""
    title = arrival.context_title or course.title or UNTITLED.of(community.locale)
    if course.title != title:
        # The community is called what its course is called, until somebody gives it another name.
        if community.name == course.title:
            community.name = title
        course.title = title
    if arrival.memberships_url and course.memberships_url != arrival.memberships_url:
        course.memberships_url = arrival.memberships_url
    if arrival.context_label and course.label != arrival.context_label:
        course.label = arrival.context_label
    # What one person lacks, another may have; who reads the roster knows it of all.
    shares = " ".join(sorted({*(course.shares or "").split(), *arrival.shares}))
    if course.shares != shares:
        course.shares = shares
    if not arrival.context_sis_id or course.sis_id == arrival.context_sis_id:
        return False
    course.sis_id = arrival.context_sis_id
    return True


def _seat(
    session: Session,
    arrival: Arrival,
    person: Person,
    course: Course,
    community: Community,
    seat: Seat | None,
    member: Member | None,
) -> Member | None:
    before = None
    if seat is None:
        keys = {"course_id": course.id, "person_id": person.id}
        groups = None if arrival.groups is None else seating.kept(arrival.groups)
        seat = _add(session, Seat, keys, launch_role=arrival.role, group_ids=groups)
    else:
        before = seat.launch_role
        if arrival.groups is not None and seat.group_ids != (kept := seating.kept(arrival.groups)):
            seat.group_ids = kept
    if seat.launch_role != arrival.role:
        seat.launch_role = arrival.role
    if not seat.present:
        # Who launches is here, whatever an older roster said.
        members.back_in_course(session, course, {person.id: seat.gone_at})
        seat.present, seat.gone_at = True, None
    if arrival.role and member is not None and member.standing == Standing.ELSEWHERE:
        members.sit_again(member, arrival.role == "learner")
    if arrival.role and (member is None or member.opened_at is None):
        seated = arrival.role == "learner" and _is_learner(course, before, seat.roster_role)
        standing = Standing.MEMBER if seated else Standing.ASKED
        member = member or _join(session, community, person, standing)
        members.open_first(member, standing)
    elif member is not None and arrival.role:
        members.open_again(member)
    return member


def _is_learner(course: Course, before: str | None, listed: str | None) -> bool:
    """Whether somebody who launches as Learner, for the first time, is one: else they are asked what they do here.

    before, listed: the role by an earlier launch and by the roster. Moodle's "switch role" makes a Learner of a
    teacher, and of an administrator whom no roster lists (M43). A roster that is not fresh says nothing of somebody
    it does not list: it is read anew, and then they may be asked (members.ask_unknown).
    """
    if "instructor" in (before, listed):
        return False
    return listed is not None or course.roster_at is None or course.roster_at + FRESH < now()


def _join(session: Session, community: Community, person: Person, standing: Standing) -> Member:
    keys = {"community_id": community.id, "person_id": person.id}
    while True:
        # Who collides with another's number tries again.
        row = _insert(session, Member, **keys, standing=standing, among=community.id)
        if row or (row := session.scalar(select(Member).filter_by(**keys))):
            return row


def seat_in(session: Session, community: Community, person_id: int, standing: Standing) -> Member:
    """Somebody of the course becomes one of a community by another's word; they have not opened it."""
    member = _join(session, community, session.get_one(Person, person_id), standing)
    member.opened_at = None
    return member


def _placed(session: Session, arrival: Arrival, course: Course, community: Community) -> ResourceLink:
    """A placement that is opened for the first time is what the launch says it is."""
    return _add(
        session,
        ResourceLink,
        {"course_id": course.id, "resource_link_id": arrival.resource_link_id},
        deployment_id=arrival.deployment_id,
        step=arrival.step,
        cycle_number=cycle.existing_number(session, community, arrival.cycle_number),
        passback=arrival.passback or settings.passback(session, course),
    )


def place_unopened(session: Session, like: ResourceLink, line_item_url: str, **values: Any) -> ResourceLink | None:
    """Keep a placement that only its column tells of; None where link or column are known as another's.

    Of the same course as `like`. The column is the caller's to set (set_column); line_items_url stays ""
    until a launch names it: by that the launch which opens it first is known.
    """
    known = ResourceLink.resource_link_id == values["resource_link_id"]
    taken = (
        select(ResourceLink.id)
        .outerjoin(LineItem, LineItem.resource_link_id == ResourceLink.id)
        # Where links are numbered by course (O1), only a launch says of which course this one is.
        .where(ResourceLink.deployment_id == like.deployment_id, known | (LineItem.url == line_item_url))
    )
    if session.scalars(taken.limit(1)).first() is not None:
        return None
    same = {name: getattr(like, name) for name in ("deployment_id", "course_id", "scopes")}
    return _insert(session, ResourceLink, **same, **values)


@cache
def _inserting(table: type[Row], dialect: str) -> ReturningInsert[tuple[Row]]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    if table is Member:
        # Numbers are given out one at a time: two at once collide on the constraint.
        taken = select(func.coalesce(func.max(Member.number), 0) + 1).where(Member.community_id == bindparam("among"))
        statement = statement.values(number=taken.scalar_subquery())
    return statement.returning(table)


def _insert(session: Session, table: type[Row], **values: Any) -> Row | None:
    """Insert a row, or nothing and None where a constraint says that it is there already."""
    # Built once for each table, they are hot.
    return session.scalars(_inserting(table, session.get_bind().dialect.name), values).one_or_none()


def _add(session: Session, table: type[Row], keys: dict[str, Any], **values: Any) -> Row:
    """Insert a row, or take the one that another launch inserted at the same moment."""
    return _insert(session, table, **keys, **values) or session.scalars(select(table).filter_by(**keys)).one()


def ask_reading(session: Session, community: Community, course: Course, by: Member | None) -> None:
    """Have the roster read anew, by the worker: nobody waits for the LMS."""
    if course.memberships_url:
        read_again(session, course)
        acts.note(session, community.id, acts.Kind.ROSTER_ASKED, by)
