"""What an administrator can do for one community: a facilitator, somebody's standing, the roster, laying it aside.

Each is noted twice: in the trail of the school, and, where it changes something for its members, in the community's
own acts, which say that an administrator did it and not who.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, removal
from lti_tool.domain.community import elsewhere, members, roster
from lti_tool.domain.community.access import FACILITATING, UNANSWERED
from lti_tool.domain.community.circle import called, in_a_list
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school import schools
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.domain.school.wanting import of_school
from lti_tool.models import Community, Course, Cycle, LineItem, Member, Person, ResourceLink, Seat, Standing
from lti_tool.text import Text


@dataclass(frozen=True)
class Seated:
    """Somebody of a course's roster, and how they stand in the community; None: not in it yet.

    name: "Lid 7" where the LMS names nobody, and "" for who has no number yet either.
    """

    person_id: int
    name: Text
    standing: Standing | None
    facilitates: bool
    leads: bool

    @property
    def answered(self) -> bool:
        """Whether it is known what they do here."""
        return self.standing is not None and self.standing not in UNANSWERED


@dataclass(frozen=True)
class Remains:
    """What deleting a community takes along, and what stays in the LMS. rows: of all tables together."""

    people: int
    cycles: int
    activities: int
    columns: int
    hours: int
    rows: int


def find(session: Session, school_id: int | None, community_id: int) -> tuple[Community, Course]:
    """A community of a school (None: of any) with its course; Refused where there is none."""
    query = select(Community, Course).join(Course, Course.id == Community.course_id).where(Community.id == community_id)
    found = session.execute(of_school(query, school_id)).one_or_none()
    if found is None:
        raise Refused("no_such_community")
    community, course = found
    return community, course


def seated(session: Session, community: Community) -> list[Seated]:
    """Who sits in the course now, by name: for choosing a facilitator or correcting a standing. Never what they did."""
    query = (
        select(Person.id, Person.name, Member.number, Member.standing, Member.facilitates, Member.leads)
        .join(Seat, (Seat.person_id == Person.id) & (Seat.course_id == community.course_id))
        .outerjoin(Member, (Member.person_id == Person.id) & (Member.community_id == community.id))
        .where(Seat.present)
    )
    found = [
        Seated(
            row.id,
            called(row.name, row.number) if row.name or row.number else Text("", ""),
            # Who sits in another community of the course is not in this one.
            row.standing if row.standing != Standing.ELSEWHERE else None,
            bool(row.facilitates) and row.standing in FACILITATING,
            bool(row.leads) or row.standing == Standing.LEADER,
        )
        for row in sorted(session.execute(query), key=lambda row: in_a_list(row.name, row.number))
    ]
    return [each for each in found if each.name.nl]


def name_facilitator(session: Session, by: Actor, community: Community, person_id: int) -> None:
    """Have somebody of the course's roster facilitate, opened or not; Refused("cannot_appoint") for whom that is not.

    Who comes to the community by it stands outside until they say otherwise: facilitating gives nobody a voice.
    """
    members.hold(session, community)
    sits = select(Seat.id).filter_by(course_id=community.course_id, person_id=person_id, present=True)
    if session.scalar(sits) is None:
        raise Refused("cannot_appoint")
    member = session.scalars(select(Member).filter_by(community_id=community.id, person_id=person_id)).one_or_none()
    if member is None:
        member = roster.seat_in(session, community, person_id, Standing.OUTSIDE)
    members.appoint(session, community, member)
    session.flush()
    elsewhere.seat_also(session, member)
    schools.note(session, Kind.FACILITATOR_NAMED, by, community, about_id=person_id)


def correct(session: Session, by: Actor, community: Community, person_id: int, chosen: str, steps: Steps) -> None:
    """Correct how somebody stands (members.CHOICES), or have them asked anew: chosen "ask".

    Refused for who left the circle by their own word: only they come back.
    """
    member = session.scalars(select(Member).filter_by(community_id=community.id, person_id=person_id)).one_or_none()
    if member is None or member.standing == Standing.ELSEWHERE:
        raise Refused("no_such_member")
    members.set_standing(session, community, member, chosen, steps)
    schools.note(session, Kind.STANDING_CORRECTED, by, community, about_id=person_id, chosen=chosen)


def ask_roster(session: Session, by: Actor, community: Community, course: Course) -> None:
    """Have the course's roster read anew; Refused("no_roster") where the LMS gave no address for it."""
    if not course.memberships_url:
        raise Refused("no_roster")
    roster.ask_reading(session, community, course, None)
    schools.note(session, Kind.ROSTER_ASKED, by, community)


def archive(session: Session, by: Actor, community: Community) -> None:
    """Lay a community aside: it can be read as it was, and no cycle begins.

    Refused("cycle_still_open") while one is open.
    """
    members.hold(session, community)
    if community.archived_at is not None:
        return
    under_way = select(Cycle.id).where(Cycle.community_id == community.id, Cycle.closed_at.is_(None))
    if session.scalar(under_way) is not None:
        raise Refused("cycle_still_open")
    community.archived_at = now()
    schools.note(session, Kind.COMMUNITY_ARCHIVED, by, community)


def restore(session: Session, by: Actor, community: Community) -> None:
    """Take an archived community up again."""
    members.hold(session, community)
    if community.archived_at is None:
        return
    community.archived_at = None
    schools.note(session, Kind.COMMUNITY_RESTORED, by, community)


def remains(session: Session, community: Community) -> Remains:
    """What would go with a community, and what would stay in the LMS."""
    goes = _goes(session, community)
    links = ResourceLink.course_id == community.course_id
    columns = (
        select(func.count(LineItem.id)).join(ResourceLink).where(links, LineItem.url != "", LineItem.gone.is_(False))
    )
    return Remains(
        people=goes.count("member"),
        cycles=goes.count("cycle"),
        activities=session.scalars(select(func.count(ResourceLink.id)).where(links)).one(),
        columns=session.scalars(columns).one(),
        hours=goes.count("hours_entry"),
        rows=goes.total,
    )


def _goes(session: Session, community: Community) -> removal.Removal:
    """A community with all that hangs on it; with a course's last one also what is known of its placements."""
    others = select(Community.id).where(Community.course_id == community.course_id, Community.id != community.id)
    if session.scalar(others.limit(1)) is not None:
        return removal.of(session, Community, community.id)
    links = session.scalars(select(ResourceLink.id).where(ResourceLink.course_id == community.course_id))
    return removal.of(session, Community, community.id, {ResourceLink: links})


def delete(session: Session, by: Actor, community: Community) -> None:
    """Delete a community and all that was written in it; its course stays. There is no way back but a backup.

    Refused("has_hours") where somebody's hours hang on it: these are theirs, and such a community can be archived.
    """
    members.hold(session, community)
    goes = _goes(session, community)
    if goes.count("hours_entry"):
        raise Refused("has_hours")
    schools.note(session, Kind.COMMUNITY_DELETED, by, community, rows=goes.total)
    session.flush()
    session.expunge(community)
    removal.carry_out(session, goes)
