"""What who facilitates does for the community: move the step, announce a date, name another, read the roster."""

import datetime as dt

from flask import Blueprint, redirect, request
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, ending_step, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import given_day
from lti_tool.circle.moving import opened
from lti_tool.circle.step import again
from lti_tool.db import db, now
from lti_tool.delivery import alarms
from lti_tool.domain import Refused, cycle, outbox, participation
from lti_tool.domain.community import access, from_template, members, roster, twins
from lti_tool.domain.community.access import FACILITATOR, Audience
from lti_tool.domain.community.school_days import days_off, on_or_after
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.domain.hours import column
from lti_tool.domain.participation import Passback, columns
from lti_tool.i18n import choose_locale
from lti_tool.models import LineItem, Member, ResourceLink
from lti_tool.parts import parts


@audience(FACILITATOR)
@form(again("announce"), "announce")
def announce(name: str) -> str:
    """Announce the last day of the present stage: it ends at midnight in the school's time zone, on a school day."""
    turn, step = opened(name)
    if step.dates_itself:
        raise Refused("date_fixed")
    if "none" in request.form:
        cycle.set_date(turn, None)
        return here().url("page", name=name)
    given = given_day()
    cycle.set_date(turn, _end_of_day(turn, given))
    return here().url("page", name=name, asked=given.isoformat())


@audience(FACILITATOR)
@form(again("authors"), "authors")
def authors(name: str) -> str:
    """Settle, as the community agreed, whether this step shows who wrote what."""
    turn, _step = opened(name)
    cycle.choose_authors(turn, request.form.get("authors", ""))
    return here().url("page", name=name)


def _end_of_day(turn: Turn, given: dt.date) -> dt.datetime:
    """The end of that day or, where there is no school on it, of the first one after it."""
    try:
        midnight = midnights.end_of(on_or_after(given, days_off(turn.community)), parts().settings.zone)
    except OverflowError as error:
        raise Refused("date_missing") from error
    if midnight > now() + dt.timedelta(days=730):
        raise Refused("date_missing")
    return midnight


@audience(access.COMMUNITY)
def community() -> Response:
    """Who is in the community, for all of it; for who facilitates also the roster's receipt and the roles."""
    return show_community()


def show_community(problem: Refused | None = None) -> Response:
    """The community's page, after a refused form with what is wrong."""
    at = here()
    people = members.present_people(db.session(), at.community)
    reading = outbox.waiting(db.session(), outbox.Kind.ROSTER, str(at.course.id))
    lost = {link.id: link for link, _ in db.session.execute(_lost_columns(at))}.values()
    facilitates = Audience.FACILITATOR in at.viewer
    left = participation.left_behind(db.session(), at.community) if facilitates else []
    if facilitates:
        left += column.left_behind(db.session(), at.course.id, choose_locale())
    locked = columns.locked(db.session(), at.community) if facilitates else []
    gradebook = participation.has_gradebook(db.session(), at.course.id) if facilitates else None
    elsewhere = alarms.waiting_for(db.session(), at.course) if facilitates else []
    doubled = twins.in_course(db.session(), at.course.id) if facilitates else []
    return show(
        "community.html",
        422 if problem else 200,
        people=people,
        reading=reading,
        lost=lost,
        left=left,
        locked=locked,
        gradebook=gradebook,
        elsewhere=elsewhere,
        doubled=doubled,
        of_template=from_template.said(db.session(), at.course.id),
        problem=problem,
        ending=ending_step(),
    )


def _lost_columns(at: Here) -> Select[ResourceLink, LineItem]:
    return (
        select(ResourceLink, LineItem)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        # Where somebody chose that nothing goes to the gradebook, the column went with that choice.
        .where(ResourceLink.course_id == at.course.id, LineItem.gone, ResourceLink.passback != Passback.NONE)
    )


@audience(FACILITATOR)
@form(show_community, "name")
def name() -> str:
    """Have somebody else facilitate too."""
    at = here()
    assert at.member is not None
    chosen = request.form.get("member", "")
    there = (member for member, _ in members.present_people(db.session(), at.community))
    found = next((member for member in there if str(member.id) == chosen), None)
    if found is None:
        raise Refused("cannot_name")
    members.name(db.session(), at.community, at.member, found)
    return at.url("community")


@audience(FACILITATOR)
@form(show_community, "ask_again")
def ask_again() -> str:
    """Have a school leader asked again how they take part."""
    at = here()
    chosen = request.form.get("member", "")
    found = db.session.get(Member, int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    if found is None:
        raise Refused("cannot_ask_again")
    members.ask_again(db.session(), at.community, at.member, found)
    return at.url("community")


@audience(FACILITATOR)
def read_roster() -> Response:
    """Have the roster read again: by the worker, nobody waits for the LMS."""
    at = here()
    roster.ask_reading(db.session(), at.community, at.course, at.member)
    return redirect(at.url("community"), 303)


@audience(FACILITATOR)
def restore_column() -> Response:
    """Have a new column made where somebody removed one: never by itself, removing may have been meant."""
    at = here()
    chosen = request.form.get("link", "")
    for link, item in db.session.execute(_lost_columns(at)):
        if str(link.id) == chosen:
            participation.ask_column(db.session(), at.community, link, item, at.member)
    return redirect(at.url("community"), 303)


@audience(FACILITATOR)
def keep_twins() -> Response:
    """Whoever facilitates saw that an activity stands in the course twice, and needs not read it again."""
    at = here()
    twins.keep(db.session(), at.community, at.member, request.form.get("link", ""))
    return redirect(at.url("community"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/step/<name>/facilitate/announce")(announce)
    blueprint.post("/step/<name>/facilitate/authors")(authors)
    blueprint.get("/community")(community)
    blueprint.post("/community/name")(name)
    blueprint.post("/community/ask-again")(ask_again)
    blueprint.post("/community/roster")(read_roster)
    blueprint.post("/community/column")(restore_column)
    blueprint.post("/community/twins")(keep_twins)
