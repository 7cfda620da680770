"""Who belongs to a pot, from when on and for how much of it: for who makes pots, and for who approves of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import Filled, posted, whole
from lti_tool.circle.hours import forms, shown
from lti_tool.circle.hours import pots as page
from lti_tool.circle.loading import FormError, load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access, members
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.hours import holders, known_pots
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.planned import Stretch
from lti_tool.models import Standing
from lti_tool.text import Text


@dataclass(frozen=True)
class Holder:
    """Somebody for whom a pot is. planned: minutes, None of an open pot; sum: how they come about, in words."""

    person_id: int
    name: Text
    planned: int | None
    sum: str
    changed: bool


@dataclass(frozen=True)
class HoldersPage:
    """The names in templates/hours/holders.html. people: who can be chosen; problem: what was refused."""

    pot: Pot
    holders: Sequence[Holder]
    people: Sequence[tuple[str, Text]]
    fill: Filled
    problem: Refused | None


@audience(access.FOLLOWERS)
def pot_holders(number: int) -> Response:
    """For whom a pot is, for how much."""
    return _page(number)


def _page(number: int, problem: Refused | None = None) -> Response:
    at, session = here(), db.session()
    pot = next((each for each in known_pots.pots(session, at.community.id) if each.id == number), None)
    if pot is None or not ((at.guides and pot.school_id is None) or at.person.id in pot.approving):
        abort(404)
    names = shown.names([pot] if at.person.id in pot.approving else [])
    present = {person.id: member.standing for member, person in members.present_people(session, at.community)}
    for_all = [each for each, standing in present.items() if standing == Standing.MEMBER] if pot.for_all else []
    found = [
        Holder(each, names[each], pot.planned(each), shown.sum_of(pot, each), each in pot.stretches)
        for each in {*for_all, *pot.stretches}
        if each in names
    ]
    filled = Filled(
        url=at.url("hold_pot"), key="holder", draft_url="", full="", file=False,
        typed=posted() if problem else None, errors=problem.errors if isinstance(problem, FormError) else {},
        draft=None,
    )  # fmt: skip
    known = HoldersPage(
        pot=pot,
        holders=sorted(found, key=lambda each: each.name.nl.casefold()),
        people=[(str(each), names[each]) for each in {**present, **dict.fromkeys(pot.stretches)} if each in names],
        fill=filled,
        problem=problem,
    )
    return show("hours/holders.html", 422 if problem else 200, **vars(known))


def _again(refused: Refused) -> Response:
    number = whole(request.form.get("pot", ""))
    if number is not None and any(each.id == number for each in known_pots.pots(db.session(), here().community.id)):
        return _page(number, refused)
    return page.with_problem(refused, "holder")


@audience(FACILITATOR)
@form(_again, "hold_pot")
def hold_pot() -> str:
    """Have somebody belong to a pot from a day on, for a part of it or for hours of their own."""
    at, data = here(), load_form(forms.Holder, request.form)
    assert at.member is not None
    asked = holders.Asked(
        data["person"], Stretch(data["first_day"], data["last_day"], data["factor"], data["hours"]), data["joins"]
    )
    people = [person.id for _member, person in members.present_people(db.session(), at.community)]
    holders.hold(db.session(), at.community, at.member, data["pot"], asked, people)
    return at.url("pot_holders", number=data["pot"], _anchor=f"holder-{data['person']}")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pots/people/<int:number>")(pot_holders)
    blueprint.post("/hours/pots/people")(hold_pot)
