"""Who comes to a community's page: found by one statement, and let in, or told why not."""

import datetime as dt
from typing import Any, TypeVarTuple

from flask import Blueprint, abort, g, make_response, redirect, request
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, load_only
from werkzeug.wrappers import Response

from lti_tool import bodies, web
from lti_tool.audience import Reception
from lti_tool.bodies import Stranger
from lti_tool.circle import IN_CYCLE, Here, show
from lti_tool.circle.lost import closed, lost
from lti_tool.db import UtcDateTime, db, now
from lti_tool.domain.community import access
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import approvals, attended, handed
from lti_tool.domain.meeting import running
from lti_tool.domain.school import access as school_access
from lti_tool.domain.school import schools
from lti_tool.door.sessions import IDLE, SESSION_LIFE
from lti_tool.i18n import say as _
from lti_tool.i18n import use
from lti_tool.models import (
    BrowserSession,
    Community,
    Course,
    Deployment,
    Launch,
    Member,
    Person,
    Practice,
    ResourceLink,
    Seat,
    Standing,
)
from lti_tool.models.school import Power, School
from lti_tool.observe import log
from lti_tool.parts import parts

Columns = TypeVarTuple("Columns")


def of_launch(asked: Select[*Columns]) -> Select[*Columns]:
    """A query about the launch that a page names, if this browser's session holds it, and all that hangs on it."""
    return (
        asked.select_from(Launch)
        .join(BrowserSession, BrowserSession.token_hash == Launch.session_hash)
        .join(Course, (Course.id == Launch.course_id) & (Course.deployment_id == Launch.deployment_id))
        .join(Seat, (Seat.course_id == Course.id) & (Seat.person_id == Launch.person_id))
        .outerjoin(ResourceLink, ResourceLink.id == Launch.resource_link_id)
        # One of the course's, the launch says which: a placement is shared by all.
        .join(Community, (Community.id == Launch.community_id) & (Community.course_id == Course.id))
        .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == Launch.person_id))
        .where(
            Launch.id == bindparam("launch"),
            Launch.session_hash.in_(bindparam("held", expanding=True)),
            BrowserSession.created_at > bindparam("since", type_=UtcDateTime()),
        )
    )


_ITS_SCHOOL = func.coalesce(
    Course.school_id,
    select(Deployment.school_id).where(Deployment.id == Course.deployment_id).correlate(Course).scalar_subquery(),
)
# Built once, it is hot.
_HERE = (
    of_launch(
        select(
            *(Launch, Person, Course, Community, Member, ResourceLink, BrowserSession),
            Seat.present,
            running.is_meeting(),
            select(School.opens_on).where(School.id == _ITS_SCHOOL).correlate(Course).scalar_subquery(),
            select(Practice.id).where(Practice.course_id == Course.id).correlate(Course).exists(),
        )
    )
    .join(Person, Person.id == Launch.person_id)
    # What every page needs; whoever wants more of one of them, gets it by asking.
    .options(
        load_only(
            Launch.person_id,
            Launch.step,
            Launch.cycle_number,
            Launch.roles,
            Launch.locale,
            Launch.reopen_url,
            Launch.frame_ancestors,
        ),
        load_only(Course.deployment_id, Course.title, Course.memberships_url, Course.roster_at),
        load_only(Person.name, Person.locale),
        load_only(Community.course_id, Community.name, Community.locale, Community.founded_at),
        load_only(Community.by_roster, Community.headcount, Community.holidays, Community.off_school),
        load_only(Community.version, Community.moved, Community.archived_at),
        load_only(Community.step_names, Community.facilitation),
        load_only(Member.community_id, Member.person_id, Member.number, Member.standing, Member.leads),
        load_only(Member.facilitates, Member.facilitated_on, Member.away_until, Member.away_since),
        load_only(Member.away_own, Member.away_seen_at, Member.to_mend, Member.sits),
        load_only(ResourceLink.course_id, ResourceLink.line_items_url, ResourceLink.passback),
        load_only(BrowserSession.created_at, BrowserSession.used_at),
    )
)


_beside = aliased(Community)
# Where a link to administration stands, for whom it is open.
_AT_HOME = attended.with_at_hand(_HERE).add_columns(
    school_access.has(_ITS_SCHOOL, Person.id),
    approvals.waiting(Community.id, Person.id),
    select(func.count(_beside.id)).where(_beside.course_id == Course.id).correlate(Course).scalar_subquery(),
)
# Whose pages that is read for, besides who is there and what waits.
_HOMES = ("circle.home", "circle.arrive", "circle.welcome", "circle.choose", "circle.pick")


def named_launch(given: str) -> str:
    """The launch that an address names; "" for what can be none."""
    # PostgreSQL takes no zero byte, not even to look for.
    return given if given.isprintable() else ""


def _take_launch(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    launch_id, named, number = (values or {}).pop("launch_id", "").partition(IN_CYCLE)
    g.launch_id = named_launch(launch_id)
    known = number.isascii() and number.isdecimal() and len(number) < 6
    # No cycle has the number 0.
    g.cycle_asked = None if not named else int(number) if known else 0


def _viewer() -> frozenset[Audience] | tuple[str, int]:
    """Find the launch in this browser's session, and all that whoever opened it is in its community."""
    moment = now()
    given: dict[str, Any] = {"since": moment - SESSION_LIFE, "lately": moment - running.LONGEST}
    given |= {"launch": g.launch_id, "held": parts().sessions.held(request)}
    home = request.endpoint in _HOMES
    asked = (_AT_HOME, given | attended.moments()) if home else (_HERE, given)
    row = db.session.execute(*asked).one_or_none()
    if row is None:
        return lost()
    launch, person, course, community, found, link, held, present, meeting, opens_on, practises, *sat = row
    member: Member | None = found
    use(person.locale or launch.locale)
    if moment - held.used_at > IDLE:
        return lost("idle")
    offered = not present and member is not None and handed.is_offered(db.session(), member)
    if not present and not (offered and request.endpoint == "circle.hand_hours"):
        # The roster that was last applied does not name them. A launch does, and brings them back (roster.meet).
        # Nothing is theirs here any more but their own hours.
        g.frame_ancestors = launch.frame_ancestors
        return lost("gone", hours=offered)
    if opens_on and not _is_let_in(opens_on, launch, course, person):
        return closed(opens_on)
    if request.headers.get("Sec-Fetch-Dest") != "empty" or request.method not in bodies.SAFE:
        # What a page looks up by itself, nobody is at work for.
        parts().sessions.use(held)
    g.frame_ancestors = launch.frame_ancestors
    if present and member is not None and member.standing == Standing.ELSEWHERE:
        # They were put, or came, into another of the course's communities: nothing of this one is theirs to read.
        return lost("elsewhere")
    viewer = access.in_course(member, launch.roles.split()) if present else frozenset({Audience.ASKED})
    if present and not access.COURSE_ROLES & set(launch.roles.split()):
        # Who has no role in the course any more has none in its community.
        member = None
    g.here = Here(launch, person, course, community, member, link, held.created_at, viewer, g.cycle_asked, meeting)
    g.here.practises = practises
    if home:
        g.here.several = sat.pop() > 1
        g.here.to_approve = sat.pop()
        g.here.administers = sat.pop()
        g.here.at_hand = attended.at_hand(sat)
    return viewer


# What whoever may come to administer a school that is not open yet needs for it.
_AT_THE_GATE = ("administer", "type_code", "ask_to_administer", "language", "my_sessions", "end_session")


def _is_let_in(opens_on: dt.date, launch: Launch, course: Course, person: Person) -> bool:
    """Whether a school that is closed until a day is open to this person: to who administers it, and it came."""
    if midnights.day_of(now(), parts().settings.zone) >= opens_on:
        return True
    if "administrator" in launch.roles.split() and (request.endpoint or "").partition(".")[2] in _AT_THE_GATE:
        return True
    school = schools.of_course(db.session(), course.id)
    return Power.ADMINISTRATOR in school_access.powers(db.session(), school, person.id)


def _refuse() -> Response | tuple[str, int]:
    if Audience.ASKED in g.here.viewer and request.method == "GET":
        return redirect(g.here.url("welcome"), 303)
    log.warning("refused", reason="audience", endpoint=request.endpoint)
    return web.error_page(
        _("Deze pagina is niet voor jou.", "This page is not for you."),
        advice=_(
            "Ze hoort bij de leden van deze leergemeenschap, of bij wie haar begeleidt.",
            "It belongs to the members of this community, or to whoever facilitates it.",
        ),
        status=403,
    )


RECEPTION = Reception(_viewer, _refuse)


# What somebody did elsewhere is no part of a practice, and nothing of that is kept with it.
_HOURS = "/l/<launch_id>/hours"


def _enter() -> Response | None:
    """Who was let in comes to the question first, if there is one; and to no cycle that does not exist."""
    if Audience.ASKED in g.here.viewer and request.endpoint in ("circle.arrive", "circle.home"):
        return redirect(g.here.url("welcome"), 303)
    if g.cycle_asked is not None and g.here.cycle.number != g.cycle_asked:
        abort(404)
    if g.here.practises and request.url_rule is not None and request.url_rule.rule.startswith(_HOURS):
        log.warning("refused", reason="practice_without_hours", endpoint=request.endpoint)
        words = _("Bij oefenen horen geen uren.", "There are no hours in a practice.")
        return make_response(*web.error_page(words, status=403))
    of_contents = "name" in (request.view_args or {}) or request.endpoint in _OF_CONTENTS
    of_contents = of_contents or (request.endpoint == "circle.arrive" and g.here.opens_step)
    if of_contents and g.here.member is not None and g.here.cycle.emptied_at is not None:
        # 410: it was there, and is gone for good.
        return show("emptied.html", 410)
    return None


# What reads what was written in a cycle, besides the pages of its steps.
_OF_CONTENTS = ("circle.thread", "circle.thread_pdf", "circle.beamer")


def _stranger(_error: Stranger) -> tuple[str, int]:
    return lost("stranger")


def register(blueprint: Blueprint) -> None:
    """What goes before every view of the blueprint."""
    blueprint.url_value_preprocessor(_take_launch)
    blueprint.before_request(_enter)
    blueprint.register_error_handler(Stranger, _stranger)
