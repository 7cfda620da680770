"""The community's pages, all under /l/<launch>/: load, check access, act, answer.

Every view declares its audience; lti_tool.audience lets nobody else in.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, cast

from flask import Blueprint, Flask, g, make_response, render_template, url_for
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response

from lti_tool.circle import marks
from lti_tool.db import db
from lti_tool.domain import cycle
from lti_tool.domain.community import naming
from lti_tool.domain.community.access import Audience
from lti_tool.domain.community.circle import called
from lti_tool.domain.cycle import Turn
from lti_tool.domain.hours import approvals, attended, said
from lti_tool.domain.participation import Passback, columns
from lti_tool.domain.reading import things, words
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import (
    Authors,
    Beside,
    Community,
    Course,
    Cycle,
    Ending,
    Launch,
    Member,
    Person,
    ResourceLink,
    ScoreState,
    Standing,
    StepRun,
)
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.text import Text, beginning

circle = Blueprint("circle", __name__, url_prefix="/l/<launch_id>")

ANY_LAUNCH = "-launch-"
# /l/<launch>/ is the launch's own cycle, /l/<launch>~2/ is cycle 2: a form knows the cycle it was opened in.
IN_CYCLE = "~"


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
        reception,
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
        reception,
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
