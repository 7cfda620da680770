"""The turn of a year: cycles of many communities paused, ended or begun; shown first, with why where it cannot be."""

import datetime as dt
from collections.abc import Mapping

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.administration import Group, Section, here, show, year_words
from lti_tool.audience import audience
from lti_tool.circle.answering import form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import midnights, pausing
from lti_tool.domain.hours import closing
from lti_tool.domain.school import year_turn
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.overview import LONGEST
from lti_tool.i18n import say as _
from lti_tool.models.school import Turning
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.YEAR,
        "year",
        Text("Jaarwisseling", "End of the school year"),
        Text(
            "Aan het eind van het schooljaar: cycli van alle groepen tegelijk pauzeren, beëindigen of beginnen, en hun"
            " uren meenemen.",
            "Pausing, ending or beginning the cycles of all groups at once, and carrying over their hours.",
        ),
    ),
)

TURNINGS: Mapping[Turning, Text] = {
    Turning.PAUSE: Text("Cycli pauzeren", "Pause cycles"),
    Turning.END: Text("Cycli beëindigen die stilliggen", "End cycles that have stalled"),
    Turning.BEGIN: Text("De volgende cyclus beginnen", "Begin the next cycle"),
    Turning.CARRY: Text("Uren afsluiten en meenemen", "Close hours and carry them over"),
}


@audience(ADMINISTRATORS)
def year() -> Response:
    """What can be done, and what was done lately."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    today = midnights.day_of(now(), parts().settings.zone)
    return show(
        "administration/year.html",
        422 if problem else 200,
        turnings=TURNINGS,
        latest=year_turn.latest(db.session(), here().school.id),
        earliest=today + dt.timedelta(days=1),
        farthest=today + pausing.LONGEST,
        problem=problem,
        typed=request.form if problem else {},
    )


def _day() -> dt.date:
    try:
        return dt.date.fromisoformat(request.form.get("until", ""))
    except ValueError as error:
        raise Refused("date_missing") from error


@audience(ADMINISTRATORS)
@form(_page, "year_turn")
def look() -> str:
    """Have looked at what can be done: nothing is changed."""
    at, chosen = here(), request.form.get("what", "")
    if chosen not in list(Turning):
        raise Refused("answer_missing")
    what = Turning(chosen)
    until = _day() if what == Turning.PAUSE else None
    title = request.form.get("title", "").replace("\0", "").strip()[:LONGEST]
    made = year_turn.ask(db.session(), at.actor, at.school.id, what, until, title)
    return at.url("year_turn", number=made.id)


@audience(ADMINISTRATORS)
def turn(number: int) -> Response:
    """What can be, what cannot and why; and how far it is."""
    return _turn(None, number)


def _turn(problem: Refused | None, number: int) -> Response:
    session = db.session()
    try:
        found = year_turn.find(session, here().school.id, number)
    except Refused:
        words = _("Deze jaarwisseling is er niet meer.", "This turn of the year is not there any more.")
        return make_response(web.error_page(words, status=404))
    return show(
        "administration/year_turn.html",
        422 if problem else 200,
        turn=found,
        turnings=TURNINGS,
        progress=year_turn.progress(session, found.id),
        can=year_turn.lines(session, found.id, cannot=False),
        cannot=year_turn.lines(session, found.id, cannot=True),
        why=year_words.why,
        pots=year_turn.pots_of(session, found, parts().settings.zone) if not found.applied_at else [],
        unsettled=closing.unsettled,
        problem=problem,
    )


@audience(ADMINISTRATORS)
@form(_turn, "year_turn_apply")
def apply(number: int) -> str:
    """Do it, for all for which it can be."""
    at = here()
    year_turn.apply(db.session(), at.actor, year_turn.find(db.session(), at.school.id, number))
    return at.url("year_turn", number=number)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/year")(year)
    blueprint.post("/year")(look)
    blueprint.get("/year/<int:number>", endpoint="year_turn")(turn)
    blueprint.post("/year/<int:number>", endpoint="year_turn_apply")(apply)
