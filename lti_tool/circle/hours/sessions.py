"""Sessions, for who facilitates: opening one, its letters on the big screen, its list, closing that, corrections."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import Filled, posted, whole
from lti_tool.circle.hours import forms, shown, sitting
from lti_tool.circle.loading import FormError, load_form
from lti_tool.circle.together.beamer import qr_code
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.hours import attended, attending, letters
from lti_tool.domain.hours import sessions as domain
from lti_tool.domain.hours.attended import Sitting
from lti_tool.parts import parts
from lti_tool.text import Text

# What is proposed as the end: most of an afternoon's session.
USUAL = dt.timedelta(minutes=90)


@dataclass(frozen=True)
class Sessions:
    """The names in templates/hours/sessions.html. about: what a session can be about, (value, words) each.

    overnight: whether the times that the form proposes go past midnight, so that its own proposal is not asked about.
    """

    sittings: Sequence[Sitting]
    fill: Filled
    about: Sequence[tuple[str, Text]]
    today: str
    begins: str
    ends: str
    overnight: bool
    problem: Refused | None
    failed: str
    asked: str
    sure: Sequence[str]


@dataclass(frozen=True)
class Letters:
    """The names in templates/hours/letters.html. left: for how many seconds they are shown. qr, address: as beamer."""

    sat: Sitting
    letters: str
    left: int
    qr: Markup | None
    address: str


@audience(access.COMMUNITY)
def sessions() -> Response:
    """The sessions of the community, each with one's own part."""
    return _page()


def _page(problem: Refused | None = None, failed: str = "") -> Response:
    at, zone = here(), parts().settings.zone
    moment = now().astimezone(zone)
    begins, ends = attended.clock(moment, zone), attended.clock(moment + USUAL, zone)
    about = [("", Text("iets anders", "something else")), (domain.CYCLE, Text("onze hele cyclus", "our whole cycle"))]
    page = Sessions(
        sittings=attended.of_community(db.session(), at.community.id, at.person.id),
        fill=Filled(
            url=at.url("open_session"), key="session", draft_url="", full="", file=False,
            typed=posted() if problem else None,
            errors=problem.errors if isinstance(problem, FormError) else {}, draft=None,
        ),
        about=about + [(each.name, at.title(each)) for each in parts().steps],
        today=moment.date().isoformat(),
        begins=begins,
        ends=ends,
        overnight=problem is None and ends <= begins,
        problem=problem,
        failed=failed,
        asked=problem.code if problem and problem.code in shown.ASKED else "",
        sure=[each for each in request.form.getlist("sure") if each in shown.ASKED] if problem else [],
    )  # fmt: skip
    return show("hours/sessions.html", 422 if problem else 200, **vars(page))


@audience(FACILITATOR)
@form(lambda refused: _page(refused, "open"), "open_session")
def open_session() -> str:
    """Open a session."""
    at = here()
    data = load_form(forms.Session, request.form)
    if data["begins"] is None or data["ends"] is None:
        raise Refused("session_times")
    asked = domain.Asked(data["title"], data["day"], data["begins"], data["ends"], data["place"], data["about"])
    steps = [each.name for each in parts().steps]
    made = domain.open_(shown.asker(data["sure"]), sitting.member(), asked, at.cycle, steps)
    return at.url("session_page", number=made)


@audience(access.COMMUNITY)
def session_page(number: int) -> Response:
    """One session."""
    return sitting.page(number)


@audience(FACILITATOR)
def session_letters(number: int) -> Response:
    """The six letters, for the big screen: nothing stands there but what everybody in the room may see."""
    at, of = here(), sitting.sat(number)
    if not of.sees_list(sitting.member()):
        abort(404)
    address = at.launch.reopen_url or at.community.activity_url
    page = Letters(
        sat=of,
        letters=attended.shown_letters(db.session(), of.id) if of.on else "",
        left=letters.seconds_left(now()),
        qr=qr_code(address) if address else None,
        address=address.partition("://")[2],
    )
    return show("hours/letters.html", **vars(page))


def _ids(name: str) -> list[int]:
    """The persons that a field of the posted list names; Refused("session_people") for whom it cannot."""
    found = []
    for each in request.form.getlist(name):
        if (number := whole(each)) is None:
            raise Refused("session_people")
        found.append(number)
    return list(dict.fromkeys(found))


def _keep(number: int) -> None:
    of = sitting.sat(number)
    if not of.sees_list(sitting.member()):
        raise Refused("not_found")
    listed = {each.person_id for each in attended.everybody(db.session(), of, sitting.member())}
    ticked = _ids("here")
    if not set(ticked) <= sitting.people() | listed:
        raise Refused("session_people")
    domain.keep_list(shown.asker(), sitting.member(), number, sitting.lines(shown.names(), ticked), _ids("seen"))


@audience(FACILITATOR)
@form(lambda refused, number: sitting.page(number, refused, "list"), "keep_list")
def keep_list(number: int) -> str:
    """Keep who is here."""
    _keep(number)
    return here().url("session_page", number=number, _anchor="list")


@audience(FACILITATOR)
@form(lambda refused, number: sitting.page(number, refused, "list"), "close_list")
def close_list(number: int) -> str:
    """Close the list, as it was ticked."""
    data = load_form(forms.Close, request.form)
    _keep(number)
    domain.close(shown.asker(), sitting.member(), number, data["ends"])
    return here().url("session_page", number=number, _anchor="list")


@audience(FACILITATOR)
@form(lambda refused, number: sitting.page(number, refused, "cancel"), "cancel_session")
def cancel_session(number: int) -> str:
    """It did not take place."""
    domain.cancel(shown.asker(), sitting.member(), number)
    return here().url("sessions")


@audience(FACILITATOR)
@form(lambda refused, number: sitting.page(number, refused, "correct"), "correct_list")
def correct_list(number: int) -> str:
    """Correct what a closed list says of somebody, or answer them."""
    data, names = load_form(forms.Times, request.form), shown.names()
    of = sitting.sat(number)
    if not of.sees_list(sitting.member()):
        raise Refused("not_found")
    listed = {each.person_id for each in attended.everybody(db.session(), of, sitting.member())}
    if data["person"] not in sitting.people() | listed or data["person"] not in names:
        raise Refused("session_people")
    line = domain.Line(data["person"], names[data["person"]], data["came"], data["left"])
    attending.correct(shown.asker(), sitting.member(), number, line, absent=bool(data["absent"]), words=data["words"])
    return here().url("session_page", number=number, _anchor="list")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/sessions")(sessions)
    blueprint.post("/hours/sessions")(open_session)
    blueprint.get("/hours/sessions/<int:number>")(session_page)
    blueprint.get("/hours/sessions/<int:number>/letters")(session_letters)
    blueprint.post("/hours/sessions/<int:number>/list")(keep_list)
    blueprint.post("/hours/sessions/<int:number>/close")(close_list)
    blueprint.post("/hours/sessions/<int:number>/cancel")(cancel_session)
    blueprint.post("/hours/sessions/<int:number>/correct")(correct_list)
