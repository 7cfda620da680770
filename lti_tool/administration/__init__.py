"""The administrators' pages, all under /b/<launch>/: what goes by school, and nobody's words or participation.

Every view declares whom of a school it is for (ADMINISTRATORS, READERS); lti_tool.audience lets nobody else in. From
any launch of the school: of an activity, of the picker, of an approve activity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import bindparam, select
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.audience import Reception, audience, declared
from lti_tool.bodies import Stranger
from lti_tool.circle.lost import lost
from lti_tool.db import UtcDateTime, db, now
from lti_tool.domain.school import access, administrators, schools
from lti_tool.domain.school.access import READERS
from lti_tool.domain.school.trail import Actor
from lti_tool.door.sessions import IDLE, SESSION_LIFE
from lti_tool.i18n import LANGUAGES, use
from lti_tool.i18n import say as _
from lti_tool.models import BrowserSession, Course, Deployment, Launch, Person
from lti_tool.models.school import Power, School
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.text import Text

administration = Blueprint("administration", __name__, url_prefix="/b/<launch_id>")


class Group(Enum):
    """Under which heading of the overview a section stands, in their order."""

    YEAR = Text("Dit schooljaar", "This school year")
    PEOPLE = Text("Mensen en rechten", "People and rights")
    SETTINGS = Text("Instellingen en stukken", "Settings and documents")


@dataclass(frozen=True)
class Section:
    """A line of the overview. endpoint: of the page, without the blueprint; who may not open it, does not read it."""

    group: Group
    endpoint: str
    title: Text
    what: Text


@dataclass
class Here:
    """Who is looking, from which launch, at which school. Everything a view acts on hangs on this.

    follows, live: as circle.Here has them, for base.html.
    """

    launch: Launch
    person: Person
    school: School
    viewer: frozenset[Power]
    follows: str = ""
    live: bool = False

    @property
    def actor(self) -> Actor:
        """Who does what is done, for the trail."""
        return Actor(self.person.id)

    @property
    def administers(self) -> bool:
        """Whether this person can change anything: an officer reads."""
        return Power.ADMINISTRATOR in self.viewer

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this launch: of administration, or with its blueprint's name of another."""
        if endpoint in _OF_LAUNCH:
            endpoint = f"{'circle' if self.launch.course_id else 'approving'}.{endpoint}"
        name = endpoint if "." in endpoint else f"administration.{endpoint}"
        return url_for(name, launch_id=self.launch.id, **values)


# What every launch has, whatever was opened: base.html's foot asks for it.
_OF_LAUNCH = ("my_sessions", "end_session", "arrive")

_HERE = (
    select(
        *(Launch, Person, BrowserSession, School),
        *(access.has(School.id, Person.id, power) for power in Power),
    )
    .join(BrowserSession, BrowserSession.token_hash == Launch.session_hash)
    .join(Person, Person.id == Launch.person_id)
    .join(Deployment, Deployment.id == Launch.deployment_id)
    .outerjoin(Course, Course.id == Launch.course_id)
    .join(School, School.id == schools.school_id_of())
    .where(
        Launch.id == bindparam("launch"),
        Launch.session_hash.in_(bindparam("held", expanding=True)),
        BrowserSession.created_at > bindparam("since", type_=UtcDateTime()),
    )
)


@administration.url_value_preprocessor
def _take_launch(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    given = (values or {}).pop("launch_id", "")
    # PostgreSQL takes no zero byte, not even to look for.
    g.launch_id = given if given.isprintable() else ""


def _viewer() -> frozenset[Power] | tuple[str, int]:
    """Find the launch in this browser's session, its school, and what whoever opened it is to that now."""
    moment = now()
    given = {"launch": g.launch_id, "held": parts().sessions.held(request), "since": moment - SESSION_LIFE}
    row = db.session.execute(_HERE, given).one_or_none()
    if row is None:
        return lost()
    launch, person, held, school, *has = row
    use(person.locale or launch.locale)
    if moment - held.used_at > IDLE:
        return lost("idle")
    parts().sessions.use(held)
    g.frame_ancestors = launch.frame_ancestors
    viewer = frozenset(power for power, there in zip(Power, has, strict=True) if there)
    g.here = Here(launch, person, school, viewer)
    return viewer


def _refuse() -> tuple[str, int]:
    log.warning("refused", reason="audience", endpoint=request.endpoint)
    return web.error_page(
        _("Deze pagina is niet voor jou.", "This page is not for you."),
        advice=_(
            "Ze is voor wie Leerkring op deze school beheert. Wie dat is, benoemt de beheerder zelf; je rol in de"
            " leeromgeving is daarvoor niet genoeg.",
            "It is for whoever administers Leerkring at this school. An administrator names them; your role in the"
            " learning platform is not enough.",
        ),
        status=403,
    )


RECEPTION = Reception(_viewer, _refuse, Power)


@administration.errorhandler(Stranger)
def _stranger(_error: Stranger) -> tuple[str, int]:
    return lost("stranger")


def here() -> Here:
    """The loaded launch of this request."""
    return cast(Here, g.here)


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page of administration needs."""
    return make_response(render_template(template, here=here(), **values), status)


@audience(READERS)
def overview() -> Response:
    """A link to each section that is for who looks; said first to who has just become administrator, that they are,
    and how many ask to be."""
    viewer = here().viewer
    mine = [each for each in _sections() if viewer & declared(current_app, f"administration.{each.endpoint}")]
    groups = [(group.value, [each for each in mine if each.group is group]) for group in Group]
    asking = len(administrators.requests(db.session(), here().school.id)) if here().administers else 0
    return show("administration/overview.html", groups=[each for each in groups if each[1]], asking=asking)


@audience(READERS)
def language() -> Response:
    """Change the language of the pages, for this person, who stays on the page they were on."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        here().person.locale = chosen
    return redirect(_came_from() or here().url("overview"), 303)


def _came_from() -> str:
    """The page of this launch that a form was sent from, if it can be opened again; else ""."""
    came = urlsplit(request.referrer or "")
    adapter = current_app.create_url_adapter(request)
    if came.netloc != request.host or adapter is None or not came.path.startswith(here().url("overview")):
        return ""
    try:
        adapter.match(came.path, method="GET")
    except HTTPException:
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _pages() -> Sequence[ModuleType]:
    """Every module with pages: its `register` adds its addresses, its SECTIONS stand in the overview, in this order."""
    from lti_tool.administration import (
        console,
        course,
        packs,
        people,
        pot,
        pots,
        provision,
        school,
        settings,
        several,
        templates,
        trail,
        year,
    )

    return (
        console,
        course,
        several,
        templates,
        provision,
        pots,
        pot,
        year,
        people,
        school,
        settings,
        packs,
        trail,
    )


@cache
def _sections() -> Sequence[Section]:
    return [section for module in _pages() for section in cast(Iterable[Section], module.SECTIONS)]


@cache
def _add_pages() -> None:
    """Once in a process: every application there shares the blueprint."""
    administration.get("/")(overview)
    administration.post("/language")(language)
    for module in _pages():
        module.register(administration)


def init_app(app: Flask) -> None:
    """Register all pages."""
    _add_pages()
    app.register_blueprint(administration)
