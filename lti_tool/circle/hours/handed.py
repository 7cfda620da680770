"""One's own hours after leaving: made from within, opened without a login by whoever holds the address.

The address is the secret: only its hash is kept, the log says the rule and no more, and no answer says whether an
address was ever good.
"""

import datetime as dt
import secrets

from flask import Blueprint, abort, g, make_response, render_template, request
from limits import RateLimitItemPerMinute
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from lti_tool.audience import PUBLIC, audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.arrive import show_welcome
from lti_tool.circle.hours import mine, pack
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import handed
from lti_tool.domain.hours.handed import Handed
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Member, Person
from lti_tool.parts import parts

desk = Blueprint("handed", __name__, url_prefix="/u/<token>")
# Of one address of the network: somebody fetches three files, and nobody guesses 256 bits.
OFTEN = RateLimitItemPerMinute(60)


@audience(frozenset({Audience.ASKED}))
@form(show_welcome, "hand_hours")
def hand_hours() -> Response:
    """Make the address, and show it this once."""
    at = here()
    if request.form.get("answer", "") != "yes":
        raise Refused("answer_missing")
    assert at.member is not None
    address, until = made(db.session(), at.member)
    return show("hours/address.html", address=address, until=until)


def made(session: Session, member: Member) -> tuple[str, dt.datetime]:
    """An address of somebody's hours, which nothing can tell a second time, and until when it is good.

    Refused("hours_handed") where none is offered.
    """
    token = secrets.token_urlsafe(32)
    until = handed.hand(session, member, _hash(token))
    return f"{parts().settings.base_url}/u/{token}/", until


def _hash(token: str) -> str:
    return parts().sessions.hash(f"hours {token}")


@desk.before_request
def _often() -> None:
    seconds = parts().rates.wait(OFTEN, "handed", request.remote_addr or "")
    if seconds:
        raise TooManyRequests(retry_after=seconds)


@desk.after_request
def _unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _found(token: str) -> Handed:
    g.frame_ancestors = "'none'"
    found = handed.find(db.session(), _hash(token))
    if found is None:
        abort(404)
    return found


def _reader(found: Handed) -> Viewer:
    return Viewer(frozenset(), found.owner.id)


@audience(PUBLIC)
def page(token: str) -> Response:
    """What there is to fetch: of this person's hours, and nothing else."""
    found = _found(token)
    return make_response(render_template("hours/handed.html", token=token, handed=found))


@audience(PUBLIC)
def csv(token: str) -> Response:
    """The hours as CSV."""
    found = _found(token)
    return mine.of_owner(_reader(found), found.owner, "csv")


@audience(PUBLIC)
def xlsx(token: str) -> Response:
    """The hours as XLSX."""
    found = _found(token)
    return mine.of_owner(_reader(found), found.owner, "xlsx")


@audience(PUBLIC)
def record(token: str) -> Response:
    """The audit pack."""
    found = _found(token)
    person = db.session.get_one(Person, found.owner.person_id)
    return pack.of_owner(_reader(found), found.owner, person.name)


desk.get("/")(page)
desk.get("/hours.csv")(csv)
desk.get("/hours.xlsx")(xlsx)
desk.get("/pack.zip")(record)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module under a launch."""
    blueprint.post("/hours/handed")(hand_hours)
