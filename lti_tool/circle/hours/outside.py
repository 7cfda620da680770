"""The approve activity: for whom a pot of any community of the deployment names, whatever course they open it in.

Addresses are /a/<launch>/, and /a/<launch>~<community>/ for one of these communities. There its approve page is the
same as its members have; nothing else of it has an address here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, abort, g, redirect, request
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response

from lti_tool.audience import Reception, audience
from lti_tool.bodies import Stranger
from lti_tool.circle import ANY_LAUNCH, IN_CYCLE, Here, address, show
from lti_tool.circle.lost import lost
from lti_tool.circle.reception import named_launch
from lti_tool.db import UtcDateTime, db, now
from lti_tool.domain.community import access
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import outside
from lti_tool.domain.school import access as school_access
from lti_tool.door.sessions import IDLE, SESSION_LIFE
from lti_tool.i18n import use
from lti_tool.models import BrowserSession, Deployment, Launch, Person
from lti_tool.parts import parts

approving = Blueprint("approving", __name__, url_prefix="/a/<launch_id>")

_HERE = (
    select(Launch, Person, BrowserSession, school_access.has(Deployment.school_id, Person.id))
    .join(BrowserSession, BrowserSession.token_hash == Launch.session_hash)
    .join(Person, Person.id == Launch.person_id)
    .join(Deployment, Deployment.id == Launch.deployment_id)
    .where(
        Launch.id == bindparam("launch"),
        Launch.session_hash.in_(bindparam("held", expanding=True)),
        Launch.course_id.is_(None),
        BrowserSession.created_at > bindparam("since", type_=UtcDateTime()),
    )
)


def _url(place: str, endpoint: str, values: dict[str, Any]) -> str:
    return address(f"approving.{endpoint}", tuple(values.items())).replace(ANY_LAUNCH, place, 1)


@dataclass
class Coming:
    """Who opened an approve activity, and is at no community's page. follows, live, administers: as circle.Here."""

    launch: Launch
    person: Person
    viewer: frozenset[Audience] = frozenset({Audience.GUEST})
    follows: str = ""
    live: bool = False
    administers: bool = False

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this launch."""
        return _url(self.launch.id, endpoint, values)


class Approving(Here):
    """The same at a community's approve page."""

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this launch, at the same community."""
        return _url(f"{self.launch.id}{IN_CYCLE}{self.community.id}", endpoint, values)


@approving.url_value_preprocessor
def _take_launch(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    launch_id, named, number = (values or {}).pop("launch_id", "").partition(IN_CYCLE)
    g.launch_id = named_launch(launch_id)
    known = number.isascii() and number.isdecimal() and 0 < len(number) < 10
    g.community_asked = None if not named else int(number) if known else 0


def _viewer() -> frozenset[Audience] | tuple[str, int]:
    """Find the launch in this browser's session; at a community, whether a pot names this person now."""
    moment = now()
    given = {"launch": g.launch_id, "held": parts().sessions.held(request), "since": moment - SESSION_LIFE}
    row = db.session.execute(_HERE, given).one_or_none()
    if row is None:
        return lost()
    launch, person, held, administers = row
    use(person.locale or launch.locale)
    if moment - held.used_at > IDLE:
        return lost("idle")
    parts().sessions.use(held)
    g.frame_ancestors = launch.frame_ancestors
    g.here = Coming(launch, person, administers=administers)
    if g.community_asked is not None:
        found = outside.find(db.session(), launch.deployment_id, person.id, g.community_asked)
        if found is None:
            return frozenset({Audience.GUEST})
        community, course = found
        viewer = frozenset({Audience.APPROVER})
        g.here = Approving(
            launch, person, course, community, None, None, held.created_at, viewer, administers=administers
        )
    return frozenset(g.here.viewer)


def _refuse() -> Response:
    abort(404)


RECEPTION = Reception(_viewer, _refuse)


@approving.errorhandler(Stranger)
def _stranger(_error: Stranger) -> tuple[str, int]:
    return lost("stranger")


@audience(access.EVERYBODY)
def arrive() -> Response:
    """The communities in which something can wait for oneself; of one alone its page, unless all are asked for."""
    at = g.here
    places = outside.places(db.session(), at.launch.deployment_id, at.person.id)
    if len(places) == 1 and "all" not in request.args:
        return redirect(_page(at.launch, places[0]), 303)
    return show("hours/approving.html", places=[(each, _page(at.launch, each)) for each in places])


def _page(launch: Launch, place: outside.Place) -> str:
    return _url(f"{launch.id}{IN_CYCLE}{place.community_id}", "to_approve", {})


@cache
def add_pages() -> None:
    """Once in a process: every application there shares the blueprint. The pages are those that members have."""
    from lti_tool.circle import arrive as community
    from lti_tool.circle import mine
    from lti_tool.circle.hours import approve, assigning, attending, files, pack
    from lti_tool.circle.hours.mine import hours_proof

    approving.get("/")(arrive)
    approving.post("/language")(community.language)
    approving.get("/sessions")(mine.my_sessions)
    approving.post("/sessions/end")(mine.end_session)
    approve.register(approving)
    assigning.register(approving)
    files.register(approving)
    approving.get("/hours/approve/pack/<int:number>")(pack.pot_pack)
    approving.post("/hours/attended/answer")(attending.answer_attendance)
    approving.get("/hours/proof/<int:number>")(hours_proof)
