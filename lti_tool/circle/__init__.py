"""The community's pages, all under /l/<launch>/: load, check access, act, answer.

Every view declares its audience; lti_tool.audience lets nobody else in.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, TypeVarTuple, cast

from flask import Blueprint, Flask, abort, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, load_only
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response

from lti_tool import bodies, web
from lti_tool.audience import Reception
from lti_tool.bodies import Stranger
from lti_tool.circle import marks
from lti_tool.circle.lost import closed, lost
from lti_tool.db import UtcDateTime, db, now
from lti_tool.domain import cycle
from lti_tool.domain.community import access, naming
from lti_tool.domain.community.access import Audience
from lti_tool.domain.community.circle import called
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.domain.hours import approvals, attended, handed, said
from lti_tool.domain.meeting import running
from lti_tool.domain.participation import Passback, columns
from lti_tool.domain.reading import things, words
from lti_tool.domain.school import access as school_access
from lti_tool.domain.school import schools
from lti_tool.domain.thread.flow import Flow
from lti_tool.door.sessions import IDLE, SESSION_LIFE
from lti_tool.i18n import say as _
from lti_tool.i18n import use
from lti_tool.models import (
    Authors,
    Beside,
    BrowserSession,
    Community,
    Course,
    Cycle,
    Deployment,
    Ending,
    Launch,
    Member,
    Person,
    Practice,
    ResourceLink,
    ScoreState,
    Seat,
    Standing,
    StepRun,
)
from lti_tool.models.school import Power, School
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.text import Text, beginning

Columns = TypeVarTuple("Columns")

circle = Blueprint("circle", __name__, url_prefix="/l/<launch_id>")

ANY_LAUNCH = "-launch-"
# /l/<launch>/ is the launch's own cycle, /l/<launch>~2/ is cycle 2: a form knows the cycle it was opened in.
IN_CYCLE = "~"
NO_CYCLE = 0


@lru_cache(maxsize=2048)
def address(endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    """The address of a page of any launch: a page has a dozen, and building each anew takes its time."""
    return url_for(endpoint if "." in endpoint else f"circle.{endpoint}", launch_id=ANY_LAUNCH, **dict(values))


@dataclass
class Here:
    """Who is looking, from which launch, at which community. Everything a view acts on hangs on this.

    What it finds once it keeps without a lock: until Python 3.12 functools' cached_property has one for all requests
    together, and whoever waits in it for SQLite's write lock would keep waiting who holds that one.
    launched_at: when this person last came from the LMS in this browser. follows: for a page that looks by itself
    whether the community has gone on, where it stands (circle.together.following); live: whether what others do
    meanwhile is shown there by itself. administers: whether administration of its school is open to this person, which
    the pages know that link to it. several: whether the course has several communities, which home knows. practises:
    whether all of this is a practice, of this person's.
    """

    launch: Launch
    person: Person
    course: Course
    community: Community
    member: Member | None
    link: ResourceLink | None
    launched_at: dt.datetime
    viewer: frozenset[Audience] = field(default_factory=frozenset)
    asked: int | None = None
    in_meeting: bool = False
    follows: str = ""
    live: bool = False
    administers: bool = False
    practises: bool = False
    several: bool = False

    @cached_property
    def cycles(self) -> dict[Cycle, dict[str, StepRun]]:
        """The community's cycles, newest first, each with its opened steps by name."""
        return cycle.all_of(db.session(), self.community)

    @cached_property
    def opens_step(self) -> bool:
        """Whether a step's activity was opened: that one is of its cycle."""
        return self.launch.step is not None and self.launch.step not in list(Beside)

    @cached_property
    def cycle(self) -> Cycle:
        """The cycle that the address names, else that of the placed step, else the newest: home moves along."""
        number = self.launch.cycle_number if self.asked is None and self.opens_step else self.asked
        return next((each for each in self.cycles if each.number == number), self.newest)

    @property
    def of_other_cycle(self) -> int | None:
        """The number of a cycle that this community does not have, of which the opened activity is: the communities of
        a course share its placements."""
        placed = self.launch.cycle_number
        return placed if self.asked is None and self.opens_step and placed != self.cycle.number else None

    @property
    def newest(self) -> Cycle:
        """The cycle the community is in; or one that was ended, while none follows it."""
        if (last := next(iter(self.cycles))).closed_at is not None and last.ending is None:
            # It was closed while this page was made; the next began in the same transaction.
            del self.cycles
        return next(iter(self.cycles))

    @property
    def runs(self) -> dict[str, StepRun]:
        """The opened steps of this cycle, by name."""
        return self.cycles[self.cycle]

    @cached_property
    def at_hand(self) -> attended.AtHand | None:
        """The session that is on, or the latest; home finds it together with who is asking."""
        return attended.look(db.session(), self.community.id, self.person.id)

    @cached_property
    def to_approve(self) -> int:
        """How many entries of others wait for this person here; home finds it in the same way."""
        return approvals.waits(db.session(), self.community.id, self.person.id)

    @property
    def takes_part(self) -> bool:
        """Whether this person can bring something in here now: a member can, until the cycle is over or paused."""
        return self.member is not None and self.member.standing == Standing.MEMBER and self.cycle.under_way

    @property
    def facilitates(self) -> bool:
        """Whether this person can move the cycle on now: who facilitates can, until it is over or paused."""
        return Audience.FACILITATOR in self.viewer and self.cycle.under_way

    @property
    def guides(self) -> bool:
        """Whether this person facilitates, whatever the cycle is in."""
        return Audience.FACILITATOR in self.viewer

    @property
    def put_to_all(self) -> Step | None:
        """The side step in which it is asked now whether this cycle ends."""
        step = ending_step()
        run = self.runs.get(step.name)
        asking = run is not None and run.closed_at is None and run.stage != step.stages[0].name
        return step if asking and self.cycle.under_way else None

    def title(self, step: Step) -> Text:
        """What a step is called here: as its school calls it, else as it calls itself."""
        return naming.title(self.community, step.name, step.title)

    def turn(self, step: Step) -> Turn | None:
        """This person's turn at a step, or None while the step was not opened."""
        run = self.runs.get(step.name)
        return self.beside(run) if run else None

    @property
    def reader(self) -> things.Viewer:
        """Who reads."""
        return things.Viewer(self.viewer, self.member.id if self.member else None)

    def beside(self, run: StepRun) -> Turn:
        """This person's turn at a run, or at one that was not opened: at the cycle as a whole."""
        tool = parts()
        zone = tool.settings.zone
        return Turn(db.session(), self.community, self.cycle, run, self.member, tool.steps, self.viewer, zone)

    def turns(self) -> dict[str, Turn]:
        """This person's turns at every opened step, for one page: what they have in common is found once."""
        turn = self.beside(StepRun())
        return {name: turn.beside(run) for name, run in self.runs.items()}

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this launch, in the same cycle."""
        return self.url_in(self.cycle, endpoint, **values)

    def url_in(self, cycle: Cycle, endpoint: str, **values: Any) -> str:
        """The address of a page in a cycle. It names the cycle, unless a placed step already says which."""
        by_placement = self.opens_step and self.launch.cycle_number == cycle.number
        place = self.launch.id if by_placement else f"{self.launch.id}{IN_CYCLE}{cycle.number}"
        return address(endpoint, tuple(values.items())).replace(ANY_LAUNCH, place, 1)


def ending_step() -> Step:
    """The side step in which a community decides whether to end a cycle."""
    steps = parts().steps
    return steps.by_name[steps.keeping(Flow.LEARNED).name]


def here() -> Here:
    """The loaded launch of this request."""
    return cast(Here, g.here)


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


@circle.url_value_preprocessor
def _take_launch(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    launch_id, named, number = (values or {}).pop("launch_id", "").partition(IN_CYCLE)
    g.launch_id = named_launch(launch_id)
    known = number.isascii() and number.isdecimal() and len(number) < 6
    g.cycle_asked = None if not named else int(number) if known else NO_CYCLE


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


@circle.before_request
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


@circle.errorhandler(Stranger)
def _stranger(_error: Stranger) -> tuple[str, int]:
    return lost("stranger")


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page of a launch needs."""
    page = render_template(template, here=here(), steps=parts().steps, **values)
    return make_response(marks.said(page), status)


@cache
def _add_pages() -> None:
    """Once in a process: every application there shares the blueprint."""
    from lti_tool.circle import (
        administer,
        arrive,
        being_away,
        belonging,
        home,
        hours,
        laying,
        manage,
        mine,
        moving,
        noting,
        pause,
        place,
        practise,
        pulse,
        reopening,
        restart,
        roles,
        sharing,
        step,
        texts,
        thread,
        together,
    )

    for module in (
        laying,
        administer,
        arrive,
        home,
        practise,
        step,
        place,
        manage,
        moving,
        pause,
        noting,
        together,
        mine,
        hours,
        pulse,
        restart,
        roles,
        sharing,
        texts,
        thread,
        belonging,
        being_away,
        reopening,
    ):
        module.register(circle)


# So many things of a long list are shown at first.
AT_A_TIME = 12
# What a template compares with.
_CODES = {each.__name__: each for each in (Authors, Ending, Passback, ScoreState, Standing)}
_LOCKED = {"LOCKED": columns.LOCKED, "ALL_LOCKED": columns.ALL_LOCKED}


def init_app(app: Flask) -> None:
    """Register all pages."""
    from lti_tool.circle import messages
    from lti_tool.circle.health import health
    from lti_tool.circle.hours import handed, outside, shown
    from lti_tool.circle.together.news import news

    _add_pages()
    app.register_blueprint(circle)
    app.register_blueprint(health)
    app.register_blueprint(news)
    outside.add_pages()
    app.register_blueprint(outside.approving)
    app.register_blueprint(handed.desk)
    app.jinja_env.filters.update(written=words.written, beginning=beginning, duration=shown.duration)
    app.jinja_env.globals.update(hours_bar=shown.bar, hours_said=said, hours_typed=shown.typed)
    app.jinja_env.globals.update(
        who_sees=things.who_sees, sentence=messages.sentence, called=called, AT_A_TIME=AT_A_TIME, **_LOCKED, **_CODES
    )
