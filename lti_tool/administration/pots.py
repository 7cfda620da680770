"""The school's pots of hours: what there is, making one, and which of the groups' pots can become the school's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from marshmallow import fields
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.audience import audience
from lti_tool.circle import pot_forms
from lti_tool.circle.answering import form
from lti_tool.circle.loading import load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import ledger, lifting, said, school_pots
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.lifting import Candidate
from lti_tool.domain.hours.pots import CARRIES_AT_MOST
from lti_tool.domain.hours.school_pots import Called, Listed, Place
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.provision.lines import hashed
from lti_tool.domain.school.provision.reading import identifier, is_identifier
from lti_tool.models.hours_codes import Kind, Review, Role
from lti_tool.models.provision import Named
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.YEAR,
        "school_pots",
        Text("Potten met uren", "Pots of hours"),
        Text(
            "Potten van de school: één keer gemaakt, voor alle groepen of voor enkele.",
            "Pots of the school: made once, for all groups or for some.",
        ),
    ),
)


@dataclass(frozen=True)
class PotsPage:
    """The names in templates/administration/pots.html. candidates: groups' pots that can become the school's."""

    listed: Sequence[Listed]
    candidates: Sequence[Candidate]
    places: Sequence[Place]
    first_day: str
    last_day: str
    typed: Mapping[str, Any]
    problem: Refused | None


class _Make(pot_forms.Pot):
    """A new pot of the school. approves, deputizes: who does, as a provision list names people."""

    approves = fields.String(load_default="")
    deputizes = fields.String(load_default="")
    open_to = fields.String(load_default="all")
    place = fields.List(pot_forms.Whole("pot_nowhere"), load_default=list)


@audience(ADMINISTRATORS)
def show_pots() -> Response:
    """The school's pots, and those of its groups that can become one."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, session = here(), db.session()
    first, last = ledger.school_year(midnights.day_of(now(), parts().settings.zone))
    page = PotsPage(
        listed=school_pots.listed(session, at.school.id),
        candidates=lifting.candidates(session, at.school.id),
        places=school_pots.communities(session, at.school.id),
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        typed=request.form if problem else MultiDict(),
        problem=problem,
    )
    return show("administration/pots.html", 422 if problem else 200, **vars(page), **words())


def words() -> dict[str, Any]:
    """What the pages of pots say of a pot's rules, and what can be chosen."""
    return {
        "said": said,
        "Per": Per,
        "Kind": Kind,
        "Review": Review,
        "caps": pot_forms.CAPS,
        "rounded": {None: pot_forms.NOT_ROUNDED, **pot_forms.ROUNDED},
        "carries": range(CARRIES_AT_MOST + 1),
        "NAMED": NAMED,
    }


# By what somebody is waited for.
NAMED = {
    Named.EMAIL: Text("een e-mailadres", "an e-mail address"),
    Named.LOGIN: Text("een gebruikersnaam", "a login"),
    Named.ID: Text("een id in de leeromgeving", "an id in the learning platform"),
}


def called(typed: str, role: Role) -> list[Called]:
    """Whom a field names, as a provision list does. Refused: "pot_who" for a name, which is not enough."""
    found = []
    for each in filter(None, map(str.strip, re.split(r"[;,\n]", typed))):
        by, value = identifier(each)
        if not is_identifier(by, value) or not value.isprintable():
            raise Refused("pot_who", who=[each[:40]])
        found.append(Called(role, by, value, hashed(parts().sessions.hash, by, value)))
    return list({each.hash: each for each in found}.values())


@audience(ADMINISTRATORS)
@form(_page, "make_school_pot")
def make_pot() -> str:
    """Make a pot of the school."""
    at, data = here(), load_form(_Make, request.form)
    named = [*called(data["approves"], Role.APPROVER), *called(data["deputizes"], Role.DEPUTY)]
    named = list({each.hash: each for each in reversed(named)}.values())[::-1]
    asked = pot_forms.asked_of({**data, "approvers": [], "deputies": [], "holders": [], "whom": "all"}, request.form)
    where = None if data["open_to"] == "all" else data["place"]
    made = school_pots.make(db.session(), at.school.id, at.actor, asked, named, where)
    return at.url("school_pot", number=made)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/pots", endpoint="school_pots")(show_pots)
    blueprint.post("/pots", endpoint="make_school_pot")(make_pot)
