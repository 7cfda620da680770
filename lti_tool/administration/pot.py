"""One pot of the school: which groups it is open to, who approves, for how much somebody belongs to it, its period; and
a group's pot that becomes the school's. Nobody's hours are read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, request
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.administration import Section, here, pots, show
from lti_tool.administration.forms import Form, number
from lti_tool.audience import audience
from lti_tool.circle import pot_forms
from lti_tool.circle.answering import form
from lti_tool.circle.loading import Day, load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import closing, holders, lifting, school_pots
from lti_tool.domain.hours import pots as domain
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.closing import Foreseen
from lti_tool.domain.hours.lifting import Lifting
from lti_tool.domain.hours.places import OfSchool
from lti_tool.domain.hours.planned import Stretch
from lti_tool.domain.hours.school_pots import Listed, Place
from lti_tool.domain.hours.states import State
from lti_tool.domain.school import administrators
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.administrators import Known
from lti_tool.i18n import say as _
from lti_tool.models.hours_codes import Decision, Role
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS: tuple[Section, ...] = ()
# In this order it is listed what is still open: what is lost first.
OPEN = (State.SENT, State.KEPT, State.CLAIMED, State.QUERIED, State.DISPUTED)
# Of the pots of one name, what they say otherwise.
DIFFERS = {
    "first_day": Text("een andere eerste dag", "another first day"),
    "last_day": Text("een andere laatste dag", "another last day"),
    "for_all": Text("voor andere mensen bedoeld", "meant for other people"),
    "review": Text("anders goedgekeurd", "approved in another way"),
    "minutes": Text("een ander aantal uren", "another number of hours"),
    "caps": Text("andere grenzen", "other limits"),
    "evidence": Text("een andere afspraak over bewijs", "another rule about proof"),
    "arranging": Text("een andere afspraak over regelen", "another rule about arranging"),
    "carries": Text("iets anders over wat meegaat", "another rule about what goes on"),
    "surplus": Text("iets anders over te veel gedaan", "another rule about a surplus"),
    "decision": Text("iemand anders beslist", "somebody else decides"),
    "rounds": Text("op papier anders afgerond", "rounded otherwise on paper"),
}


@dataclass(frozen=True)
class PotPage:
    """The names in templates/administration/pot.html. asked, found: the name that was looked for, and who has it."""

    each: Listed
    places: Sequence[Place]
    asked: str
    found: Sequence[Known]
    over: bool
    problem: Refused | None


class _Open(Form):
    open_to = fields.String(load_default="all")
    place = fields.List(pot_forms.Whole("pot_nowhere"), load_default=list)


class _Named(Form):
    called = fields.String(load_default="")
    person = pot_forms.Whole("hours_pot_people", load_default=None, allow_none=True)
    waits = pot_forms.Whole("not_found", load_default=None, allow_none=True)
    role = pot_forms.one_of(Role, Role.APPROVER)
    out = fields.String(load_default="")


class _Rules(pot_forms.TermsForm, pot_forms.DecidedForm):
    pass


class _Hold(pot_forms.Form):
    person = number("hours_pot_people")
    first_day = Day("hours_factor_day", load_default=None, allow_none=True)
    last_day = Day("hours_factor_day", load_default=None, allow_none=True)
    percent = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 100, error="pot_percent"),
        error_messages={"invalid": "pot_percent"},
    )
    hours = pot_forms.Hours("hours_factor_minutes", load_default=None, allow_none=True)


class _Lift(Form):
    other = fields.List(pot_forms.Whole("pot_not_alike"), load_default=list)


@audience(ADMINISTRATORS)
def school_pot(number: int) -> Response:
    """A pot of the school, with what can be changed of it."""
    return _page(None, number)


def _page(problem: Refused | None, number: int) -> Response:
    session, school = db.session(), here().school.id
    each = next((one for one in school_pots.listed(session, school) if one.pot.id == number), None)
    if each is None:
        return _gone()
    asked = request.values.get("name", "")[: administrators.LONGEST_NAME]
    page = PotPage(
        each=each,
        places=school_pots.communities(session, school),
        asked=asked,
        found=administrators.found(session, school, asked),
        over=midnights.day_of(now(), parts().settings.zone) > each.pot.last_day,
        problem=problem,
    )
    return show("administration/pot.html", 422 if problem else 200, **vars(page), **pots.words())


def _gone() -> Response:
    words = _("Deze pot is er niet, of is niet van deze school.", "There is no such pot, or it is not this school's.")
    return make_response(web.error_page(words, status=404))


@audience(ADMINISTRATORS)
@form(_page, "open_school_pot")
def open_pot(number: int) -> str:
    """Say which groups a pot is open to."""
    at, data = here(), load_form(_Open, request.form)
    where = None if data["open_to"] == "all" else data["place"]
    school_pots.open_for(db.session(), at.school.id, at.actor, number, where)
    return at.url("school_pot", number=number)


@audience(ADMINISTRATORS)
@form(_page, "school_pot_people")
def people(number: int) -> str:
    """Have somebody approve: chosen by hand, or named as a list does; or no longer."""
    at, data, session = here(), load_form(_Named, request.form), db.session()
    place = (session, at.school.id, at.actor)
    if data["waits"] is not None:
        school_pots.take_back(*place, data["waits"])
    elif data["person"] is None:
        named = pots.called(data["called"], Role(data["role"]))
        if not named:
            raise Refused("pot_who", who=[data["called"][:40]])
        for each in named:
            school_pots.name_called(*place, number, each)
    elif data["out"]:
        domain.unname(session, OfSchool(at.school.id), at.actor, number, data["person"])
    else:
        school_pots.name(*place, number, data["person"], Role(data["role"]))
    return at.url("school_pot", number=number, _anchor="who")


@audience(ADMINISTRATORS)
@form(_page, "school_pot_rules")
def rules(number: int) -> str:
    """Say whose decision a pot is, how a paper rounds, and what is carried over."""
    at, data, session = here(), load_form(_Rules, request.form), db.session()
    of = (session, OfSchool(at.school.id), at.actor, number)
    domain.decide(*of, Decision(data["decision"]), data["rounds"])
    domain.carries(*of, Terms(data["carries"] or 0, data["surplus"]))
    return at.url("school_pot", number=number)


@audience(ADMINISTRATORS)
@form(_page, "hold_school_pot")
def hold(number: int) -> str:
    """Have somebody belong to a pot for a part, or for hours of their own, from a day on."""
    at, data, session = here(), load_form(_Hold, request.form), db.session()
    share = None if data["percent"] is None else data["percent"] * 100
    asked = holders.Asked(data["person"], Stretch(data["first_day"], data["last_day"], share, data["hours"]))
    known = [data["person"]] if administrators.is_known(session, at.school.id, data["person"]) else []
    holders.hold(session, OfSchool(at.school.id), at.actor, number, asked, known)
    return at.url("school_pot", number=number)


@audience(ADMINISTRATORS)
@form(_page, "stop_school_pot")
def stop(number: int) -> str:
    """Offer a pot no longer."""
    at = here()
    domain.stop(db.session(), OfSchool(at.school.id), at.actor, number)
    return at.url("school_pot", number=number)


# Its period


@audience(ADMINISTRATORS)
def closing_pot(number: int) -> Response:
    """What closing a pot's period will do."""
    return _closing(None, number)


def _closing(problem: Refused | None, number: int) -> Response:
    try:
        foreseen = school_pots.foresee(db.session(), here().school.id, number)
    except Refused:
        return _gone()
    return show("administration/pot_close.html", 422 if problem else 200, problem=problem, **_open(foreseen))


def _open(foreseen: Foreseen) -> dict[str, Any]:
    today = midnights.day_of(now(), parts().settings.zone)
    return {
        "foreseen": foreseen,
        "open": [(state, foreseen.open[state]) for state in OPEN if state in foreseen.open],
        "early": today <= foreseen.pot.last_day,
        "unsettled": closing.unsettled(foreseen),
    }


@audience(ADMINISTRATORS)
@form(_closing, "close_school_pot")
def close(number: int) -> str:
    """Close a pot's period, for all its groups at once."""
    at = here()
    today = midnights.day_of(now(), parts().settings.zone)
    school_pots.close(db.session(), at.school.id, at.actor, number, today)
    return at.url("school_pots")


# A group's pot becomes the school's


@audience(ADMINISTRATORS)
def lifting_pot(number: int) -> Response:
    """What it comes to when a group's pot becomes the school's."""
    return _lifting(None, number)


def _lifting(problem: Refused | None, number: int) -> Response:
    try:
        shown: Lifting = lifting.look(db.session(), here().school.id, number)
    except Refused:
        return _gone()
    ticked = request.form.getlist("other") if problem else None
    status = 422 if problem else 200
    return show("administration/pot_lift.html", status, lifting=shown, problem=problem, ticked=ticked, DIFFERS=DIFFERS)


@audience(ADMINISTRATORS)
@form(_lifting, "lift_pot")
def lift(number: int) -> str:
    """Make it the school's, with those that were ticked."""
    at, data = here(), load_form(_Lift, request.form)
    lifting.lift(db.session(), at.school.id, at.actor, number, data["other"])
    return at.url("school_pot", number=number)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    one = "/pots/<int:number>"
    blueprint.get(one, endpoint="school_pot")(school_pot)
    blueprint.post(f"{one}/open", endpoint="open_school_pot")(open_pot)
    blueprint.post(f"{one}/people", endpoint="school_pot_people")(people)
    blueprint.post(f"{one}/rules", endpoint="school_pot_rules")(rules)
    blueprint.post(f"{one}/part", endpoint="hold_school_pot")(hold)
    blueprint.post(f"{one}/stop", endpoint="stop_school_pot")(stop)
    blueprint.get(f"{one}/close", endpoint="closing_school_pot")(closing_pot)
    blueprint.post(f"{one}/close", endpoint="close_school_pot")(close)
    blueprint.get(f"{one}/lift", endpoint="lifting_pot")(lifting_pot)
    blueprint.post(f"{one}/lift", endpoint="lift_pot")(lift)
