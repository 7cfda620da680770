"""Beginning with a profile: one pot after the other, each as a form that is read and changed before it is sent."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.circle.hours import forms
from lti_tool.circle.hours import pots as page
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.hours import known_pots, profiles
from lti_tool.domain.hours import pots as domain
from lti_tool.domain.hours.profiles import Profile
from lti_tool.models.hours_codes import Decision


@audience(FACILITATOR)
def pot_profiles() -> Response:
    """The profiles to choose from; of the one that was chosen, the form of one of its pots."""
    profile = profiles.of(request.args.get("of", ""))
    if profile is None:
        return show("hours/profiles.html", profiles=profiles.PROFILES)
    return _form(profile, _place(profile, request.args.get("pot", "")))


def _form(profile: Profile, place: int, problem: Refused | None = None) -> Response:
    known = known_pots.pots(db.session(), here().community.id)
    return show(
        "hours/profile.html",
        422 if problem else 200,
        profile=profile,
        place=place,
        sketch=profile.pots[place - 1],
        there={each.name for each in known if not each.closed},
        problem=problem,
        pots=known,
        **page.to_make(problem, "make" if problem else ""),
    )


def _place(profile: Profile, asked: str) -> int:
    """Which of its pots, from 1 on."""
    return min(max(whole(asked, 2) or 1, 1), len(profile.pots))


def _again(refused: Refused) -> Response:
    profile = profiles.of(forms.one("profile"))
    if profile is None:
        return page.with_problem(refused, "make")
    return _form(profile, _place(profile, forms.one("place")), refused)


@audience(FACILITATOR)
@form(_again, "make_pot")
def make_pot() -> str:
    """Set up a pot; one of a profile leads to the next of it."""
    page.make()
    profile = profiles.of(forms.one("profile"))
    place = _place(profile, forms.one("place")) if profile else 0
    if profile is None or place == len(profile.pots):
        return here().url("hours_pots")
    return here().url("pot_profiles", of=profile.key, pot=place + 1)


@audience(FACILITATOR)
@form(lambda refused: page.with_problem(refused, "decision"), "decide_pot")
def decide_pot() -> str:
    """Say whose decision a pot is, and how a paper of it rounds."""
    at, data = here(), load_form(forms.Decided, request.form)
    assert at.member is not None
    decision = Decision(data["decision"])
    domain.decide(db.session(), at.community, at.member, data["pot"], decision, data["rounds"])
    return at.url("hours_pots", _anchor=f"pot-{data['pot']}")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pots/profiles")(pot_profiles)
    blueprint.post("/hours/pots")(make_pot)
    blueprint.post("/hours/pots/decision")(decide_pot)
