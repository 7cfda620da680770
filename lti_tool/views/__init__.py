"""The community's pages, all under /l/<launch>/: load, check access, act, answer.

Every view declares its audience; the application does not start with one that does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError
from sqlalchemy import bindparam, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.db import UtcDateTime, db, now
from lti_tool.domain import access, cycle
from lti_tool.domain.access import Audience
from lti_tool.domain.cycle import Turn
from lti_tool.i18n import use
from lti_tool.lti.session import SESSION_LIFE
from lti_tool.models import BrowserSession, Community, Course, Cycle, Launch, Member, Person, ResourceLink, StepRun
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step

circle = Blueprint("circle", __name__, url_prefix="/l/<launch_id>")

View = TypeVar("View", bound=Callable[..., Any])


ANY_LAUNCH = "-launch-"
# /l/<launch>/ is the launch's own cycle, /l/<launch>~2/ is cycle 2: a form knows the cycle it was opened in.
IN_CYCLE = "~"
NO_CYCLE = 0


@lru_cache(maxsize=2048)
def _address(endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    """The address of a page of any launch: a page has a dozen, and building each anew takes its time."""
    return url_for(f"circle.{endpoint}", launch_id=ANY_LAUNCH, **dict(values))


@dataclass
class Here:
    """Who is looking, from which launch, at which community. Everything a view acts on hangs on this."""

    launch: Launch
    person: Person
    course: Course
    community: Community
    member: Member | None
    link: ResourceLink | None
    viewer: frozenset[Audience] = field(default_factory=frozenset)
    asked: int | None = None

    @cached_property
    def cycles(self) -> dict[Cycle, dict[str, StepRun]]:
        """The community's cycles, newest first, each with its opened steps by name."""
        return cycle.all_of(db.session(), self.community)

    @cached_property
    def cycle(self) -> Cycle:
        """The cycle that the address names, else that of the placed step, else the newest: home moves along."""
        number = self.link.cycle_number if self.asked is None and self.link and self.link.step else self.asked
        return next((each for each in self.cycles if each.number == number), self.newest)

    @property
    def newest(self) -> Cycle:
        """The cycle the community is in."""
        if next(iter(self.cycles)).closed_at is not None:
            # It was closed while this page was made; the next began in the same transaction.
            del self.cycles
        return next(iter(self.cycles))

    @property
    def runs(self) -> dict[str, StepRun]:
        """The opened steps of this cycle, by name."""
        return self.cycles[self.cycle]

    @property
    def takes_part(self) -> bool:
        """Whether this person can bring something in here: a member can, until the cycle is over for good."""
        return self.member is not None and self.member.standing == "member" and self.cycle.closed_at is None

    @property
    def facilitates(self) -> bool:
        """Whether this person can move the cycle on: its facilitator can, until it is over for good."""
        return Audience.FACILITATOR in self.viewer and self.cycle.closed_at is None

    @cached_property
    def present(self) -> int:
        """How many take part."""
        return cycle.present_members(db.session(), self.community)

    def turn(self, step: Step) -> Turn | None:
        """This person's turn at a step, or None while the step was not opened."""
        run = self.runs.get(step.name)
        return Turn(db.session(), self.community, self.cycle, run, self.member) if run else None

    def turns(self) -> dict[str, Turn]:
        """This person's turns at every opened step, for one page: what they have in common is found once."""
        turn = Turn(db.session(), self.community, self.cycle, StepRun(), self.member)
        return {name: turn.beside(run) for name, run in self.runs.items()}

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this launch, in the same cycle."""
        return self.url_in(self.cycle, endpoint, **values)

    def url_in(self, cycle: Cycle, endpoint: str, **values: Any) -> str:
        """The address of a page in a cycle. It names the cycle, unless a placed step already says which."""
        by_placement = self.link is not None and self.link.step and self.link.cycle_number == cycle.number
        place = self.launch.id if by_placement else f"{self.launch.id}{IN_CYCLE}{cycle.number}"
        return _address(endpoint, tuple(values.items())).replace(ANY_LAUNCH, place, 1)


def here() -> Here:
    """The loaded launch of this request."""
    return cast(Here, g.here)


def audience(allowed: frozenset[Audience]) -> Callable[[View], View]:
    """Declare whom a view is for; anybody else gets 403."""

    def declare(view: View) -> View:
        view.audience = allowed  # type: ignore[attr-defined]
        return view

    return declare


# The launch a page names, if this browser's session holds it, and all that hangs on it. Built once, it is hot.
_HERE = (
    select(Launch, Person, Course, Community, Member, ResourceLink)
    .select_from(Launch)
    .join(BrowserSession, BrowserSession.token_hash == Launch.session_hash)
    .join(Person, Person.id == Launch.person_id)
    .join(Course, (Course.id == Launch.course_id) & (Course.deployment_id == Launch.deployment_id))
    .outerjoin(ResourceLink, ResourceLink.id == Launch.resource_link_id)
    # The placement's own community; without a placement the course's default one.
    .join(
        Community,
        (Community.course_id == Course.id)
        & ((Community.id == ResourceLink.community_id) | (ResourceLink.id.is_(None) & (Community.group_id == ""))),
    )
    .outerjoin(Member, (Member.community_id == Community.id) & (Member.person_id == Launch.person_id))
    .where(
        Launch.id == bindparam("launch"),
        Launch.session_hash == bindparam("held"),
        BrowserSession.created_at > bindparam("since", type_=UtcDateTime()),
    )
)


@circle.url_value_preprocessor
def _take_launch(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    launch_id, named, number = (values or {}).pop("launch_id", "").partition(IN_CYCLE)
    # PostgreSQL takes no zero byte, not even to look for.
    g.launch_id = launch_id if launch_id.isprintable() else ""
    known = number.isascii() and number.isdecimal() and len(number) < 6
    g.cycle_asked = None if not named else int(number) if known else NO_CYCLE


@circle.before_request
def _load() -> Response | tuple[str, int] | None:
    """Find the launch in this browser's session, and let through only the declared audience."""
    row = db.session.execute(
        _HERE, {"launch": g.launch_id, "held": parts().sessions.holds(request), "since": now() - SESSION_LIFE}
    ).one_or_none()
    if row is None:
        return lost_session()
    launch, person, course, community, found, link = row
    member: Member | None = found
    use(person.locale or launch.locale)
    g.frame_ancestors = launch.frame_ancestors
    roles = launch.roles.split()
    administrator = "administrator" in roles
    if not {"instructor", "learner"} & set(roles):
        # Who has no role in the course any more has none in its community.
        member = None
    viewer = access.audiences(member, administrator)
    g.here = Here(launch, person, course, community, member, link, viewer, g.cycle_asked)
    allowed = _audience_of(request.endpoint)
    if not g.here.viewer & allowed:
        if Audience.ASKED in g.here.viewer and request.method == "GET":
            return redirect(g.here.url("welcome"), 303)
        log.warning("refused", reason="audience", endpoint=request.endpoint)
        return web.error_page(
            _("This page is not for you."),
            advice=_("It belongs to the members of this community, or to whoever facilitates it."),
            status=403,
        )
    if Audience.ASKED in g.here.viewer and request.endpoint in ("circle.board", "circle.home"):
        return redirect(g.here.url("welcome"), 303)
    if g.cycle_asked is not None and g.here.cycle.number != g.cycle_asked:
        abort(404)
    return None


def lost_session() -> tuple[str, int]:
    """One sentence and one button; what was typed stands below them."""
    log.info("refused", reason="session_lost")
    launch = db.session.get(Launch, g.launch_id)
    # The way back to the same activity holds nothing personal, and only who has the page's address gets it.
    return web.error_page(
        _("You are no longer signed in here, for instance because someone else opened Leerkring in this browser."),
        advice=_("Open the activity again from your course. Drafts that were kept will be there."),
        reopen_url=launch.reopen_url if launch else "",
        status=401,
    )


def _audience_of(endpoint: str | None) -> frozenset[Audience]:
    view: Any = current_app.view_functions[endpoint or ""]
    return cast(frozenset[Audience], view.audience)


class FormError(Exception):
    """A form that cannot be taken as it is: field -> codes of what is wrong with it."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


def load_form(schema: type[Schema], form: "MultiDict[str, str]") -> dict[str, Any]:
    """Load the posted form by a schema; raises FormError.

    Texts are stripped; `name-12=3` becomes {"name": {12: 3}}; a list field takes all values of its name.
    """
    made = schema()
    data: dict[str, Any] = {}
    for name, values in form.lists():
        group, dash, key = name.partition("-")
        if dash and group in made.fields:
            among = data.setdefault(group, {})
            if isinstance(among, dict):
                among[key] = values[-1].strip()
        elif type(made.fields.get(name)).__name__ == "List":
            data[name] = values
        else:
            # A zero byte is no character of a text, and PostgreSQL keeps none.
            value = values[-1].replace("\r\n", "\n").replace("\0", "").strip()
            data[name] = None if value == "" and getattr(made.fields.get(name), "allow_none", False) else value
    try:
        return cast(dict[str, Any], made.load(data))
    except ValidationError as error:
        raise FormError({str(name): _codes(found) for name, found in error.messages_dict.items()}) from error


def _codes(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    values = found.values() if isinstance(found, dict) else found
    return [code for value in values for code in _codes(value)]


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page of a launch needs."""
    return make_response(render_template(template, here=here(), steps=parts().steps, **values), status)


@cache
def _add_pages() -> None:
    """Once in a process: every application there shares the blueprint."""
    from lti_tool.views import board, home, manage, meeting, own, place, pulse, restart, sharing, step, thread

    for module in (board, home, step, place, manage, meeting, own, pulse, restart, sharing, thread):
        module.register(circle)


def init_app(app: Flask) -> None:
    """Register all pages; refuse to start with one that has no audience."""
    from lti_tool.views import messages
    from lti_tool.views.health import health

    _add_pages()
    app.register_blueprint(circle)
    app.register_blueprint(health)
    app.jinja_env.globals.update(who_sees=access.who_sees, sentence=messages.sentence)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("circle.") and not isinstance(getattr(view, "audience", None), frozenset):
            raise TypeError(f"{endpoint} declares no audience")
