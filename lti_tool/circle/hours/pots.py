"""The pots of a community: everybody reads their rules and who approves; who facilitates sets them up."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import Filled, posted
from lti_tool.circle.hours import forms, shown
from lti_tool.circle.loading import FormError, load_form
from lti_tool.circle.pot_forms import CAPS, NOT_ROUNDED, ROUNDED, Pot, asked_of
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access, members
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.community.circle import called
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import calling, known_pots, ledger, outside, said, suggestions
from lti_tool.domain.hours import pots as domain
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.outside import Visitor
from lti_tool.domain.thread.flow import Flow
from lti_tool.i18n import say as _
from lti_tool.models.hours_codes import Kind, Review, Role
from lti_tool.parts import parts
from lti_tool.text import Text


@audience(access.FOLLOWERS)
def pots() -> Response:
    """The community's pots."""
    return _page()


def with_problem(problem: Refused, failed: str) -> Response:
    """The page, with what is refused of a form on it."""
    return _page(problem, failed)


def _page(problem: Refused | None = None, failed: str = "") -> Response:
    at, session = here(), db.session()
    typed = posted() if problem else None
    named, known = calling.known(session, at.community.id), known_pots.pots(session, at.community.id)
    names = {person_id: name for person_id, (name, _foreign) in named.items()}
    to_choose = to_make(problem, failed)
    listed = {each for each, _name in to_choose["approvers"]}
    return show(
        "hours/pots.html",
        422 if problem else 200,
        pots=known,
        approves=any(at.person.id in each.approving for each in known),
        names=names,
        outside={person_id for person_id, (_name, foreign) in named.items() if foreign},
        # Who approves and is gone meanwhile can be taken off too.
        gone={
            pot.id: [(str(each), names[each]) for each in sorted(pot.approving) if str(each) not in listed]
            for pot in known
        },
        problem=problem,
        failed=failed,
        sketch=None,
        ROUNDED=ROUNDED,
        tariff=suggestions.tariff(session, at.community.id),
        acting=parts().steps.keeping(Flow.RESULT).name,
        typed=typed if failed == "tariff" else {},
        today=midnights.day_of(now(), parts().settings.zone),
        capped=shown.capped,
        Role=Role,
        **to_choose,
    )


def to_make(problem: Refused | None, failed: str) -> dict[str, Any]:
    """The names in templates/hours/_pot.html, the form of a new pot. people, approvers: who can be named in it."""
    at, session = here(), db.session()
    first, last = ledger.school_year(midnights.day_of(now(), parts().settings.zone))
    present = members.present_people(session, at.community) if at.guides else []
    people = [(str(person.id), called(person.name, member.number)) for member, person in present]
    visitors = outside.visitors(session, at.community, [person.id for _member, person in present]) if at.guides else []
    return {
        "people": people,
        "approvers": people + [(str(each.person_id), _who(each)) for each in visitors],
        "fill": Filled(
            url=at.url("make_pot"), key="pot", draft_url="", full="", file=False,
            typed=posted() if problem and failed == "make" else None,
            errors=problem.errors if isinstance(problem, FormError) and failed == "make" else {},
            draft=None,
        ),
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "caps": CAPS,
        "periods": [(str(each), _periods(each)) for each in range(domain.CARRIES_AT_MOST + 1)],
        "decisions": [(str(each), words) for each, words in said.DECISIONS.items()],
        "roundings": [("", NOT_ROUNDED), *((str(each), words) for each, words in ROUNDED.items())],
        "said": said,
        **{each.__name__: each for each in (Per, Kind, Review)},
    }  # fmt: skip


def _periods(number: int) -> str:
    """For how long what is left goes on, in words."""
    if not number:
        return _("niets: wat over is, vervalt", "nothing: what is left lapses")
    if number == 1:
        return _("één periode", "one period")
    return _("%(number)s periodes", "%(number)s periods", number=number)


def _who(visitor: Visitor) -> Text:
    """Who opened an approve activity, and where: a name alone could be anybody's."""
    name, course = visitor.name, visitor.course
    if not course:
        return Text(f"{name.nl} (niet in deze groep)", f"{name.en} (not in this group)")
    return Text(
        f"{name.nl} (niet in deze groep; opende Goedkeuren in {course})",
        f"{name.en} (not in this group; opened Approve in {course})",
    )


def _people() -> list[int]:
    return [person.id for _member, person in members.present_people(db.session(), here().community)]


def _visitors(people: list[int]) -> list[int]:
    return [each.person_id for each in outside.visitors(db.session(), here().community, people)]


def make() -> None:
    """Set up a pot, of the posted form."""
    at = here()
    assert at.member is not None
    asked = asked_of(load_form(Pot, request.form), request.form)
    people = _people()
    domain.make(db.session(), at.community, at.member, asked, people, _visitors(people))


@audience(FACILITATOR)
@form(lambda refused: _page(refused, "stop"), "stop_pot")
def stop_pot() -> str:
    """Offer a pot no longer."""
    at, data = here(), load_form(forms.Named, request.form)
    assert at.member is not None
    domain.stop(db.session(), at.community, at.member, data["pot"])
    return at.url("hours_pots")


@audience(FACILITATOR)
@form(lambda refused: _page(refused, "approver"), "name_approver")
def name_approver() -> str:
    """Have somebody more approve, or somebody no longer."""
    at, data = here(), load_form(forms.Named, request.form)
    assert at.member is not None
    place = (db.session(), at.community, at.member, data["pot"], data["person"])
    if forms.one("out"):
        domain.unname(*place)
    else:
        people = _people()
        domain.name(*place, Role(data["role"]), people, _visitors(people))
    return at.url("hours_pots")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pots", endpoint="hours_pots")(pots)
    blueprint.post("/hours/pots/stop")(stop_pot)
    blueprint.post("/hours/pots/approver")(name_approver)
