"""Who belongs to the circle, for all to read; for who facilitates also to complete it, and to set somebody away."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import given_day, posted, whole
from lti_tool.db import MAX_ID, db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access, away, belonging
from lti_tool.domain.community.access import FACILITATOR, Audience
from lti_tool.domain.community.belonging import Counted, Cut
from lti_tool.domain.community.circle import Circle, may_be_counted
from lti_tool.domain.cycle import Somebody, midnights
from lti_tool.models import Member, Person, StepRun
from lti_tool.parts import parts


@dataclass(frozen=True)
class Belonging:
    """The names in templates/belonging.html.

    people: who belongs, by name; outside: how many teachers have not opened it; aside: how many others of the course
    were left out, or lead or support, and have not opened it; unsaid: how many have, are asked whether they take part
    and did not say so yet. counts: the numbers given by hand, the newest first, said: how their givers are called. From
    counting on: what who facilitates can do. fixed: who cannot be left out; smaller: whether anybody still can be.
    asked: who unsaid are. away: who is, and away by their own word.
    """

    circle: Circle
    people: Sequence[tuple[Member, Person]]
    outside: int
    aside: int
    unsaid: int
    counts: Sequence[Counted]
    said: Mapping[int, Somebody]
    problem: Refused | None
    typed: Mapping[str, object]
    counting: bool = False
    guides: bool = False
    smaller: bool = False
    fixed: frozenset[int] = frozenset()
    left_out: Sequence[tuple[Member, Person]] = ()
    asked: Sequence[tuple[Member, Person]] = ()
    teachers: Sequence[Person] = ()
    away: Sequence[tuple[Member, Person]] = ()
    proposed: dt.date | None = None


@audience(access.COMMUNITY)
def belongs() -> Response:
    """Who belongs."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    at, session = here(), db.session()
    turn = at.beside(next(iter(at.runs.values()), StepRun()))
    found = belonging.colleagues(session, at.community)
    guides = at.member is not None and Audience.FACILITATOR in at.viewer and at.cycle.closed_at is None
    smaller = guides and not belonging.revealed(at.runs, parts().steps)
    heard = _heard(at) if smaller else set()
    page = Belonging(
        circle=turn.circle,
        people=found.circle,
        outside=len(found.teachers) if at.community.by_roster else 0,
        aside=len(found.left_out),
        unsaid=len(found.asked),
        counts=belonging.counts(session, at.community) if at.community.headcount else [],
        said=turn.people,
        problem=problem,
        typed=posted() if problem else {},
        counting=may_be_counted(at.community, at.course),
        guides=guides,
        smaller=smaller,
        fixed=frozenset(each.id for each, _ in found.circle if each.facilitates or each.id in heard),
        left_out=found.left_out if guides else [],
        asked=found.asked if guides else [],
        teachers=found.teachers if guides and at.community.by_roster else [],
        away=[each for each in found.circle if away.is_away(each[0])] if guides else [],
        proposed=away.proposed(at.community, midnights.day_of(now(), parts().settings.zone)),
    )
    return show("belonging.html", 422 if problem else 200, **vars(page))


def _heard(at: Here) -> set[int]:
    steps = parts().steps.by_name
    turns = [turn for turn in at.turns().values() if turn.run.closed_at is None and turn.run.step in steps]
    return {each for turn in turns for each in steps[turn.run.step].heard(turn).everybody}


def _cut(at: Here) -> Cut:
    assert at.member is not None
    if at.cycle.closed_at is not None:
        raise Refused("cycle_closed")
    return Cut(db.session(), at.community, at.cycle, at.runs, at.member, parts().steps)


def _id(given: str) -> int:
    return min(whole(given, len(str(MAX_ID))) or 0, MAX_ID)


def _chosen(name: str) -> set[int]:
    return {number for each in request.form.getlist(name) if (number := _id(each))}


def one() -> Member:
    """The member whom a form names; Refused where it is nobody of this community."""
    found = db.session.get(Member, _id(request.form.get("member", "")))
    if found is None or found.community_id != here().community.id:
        raise Refused("not_in_circle")
    return found


@audience(FACILITATOR)
@form(_page, "others")
def others() -> str:
    """Whether the others of the course belong too, of a community that was there before."""
    at, said = here(), request.form.get("answer", "")
    assert at.member is not None
    if said not in ("yes", "no"):
        raise Refused("answer_missing")
    belonging.answer(db.session(), at.community, at.member, said == "yes")
    return at.url("belongs" if said == "yes" else "home")


@audience(FACILITATOR)
@form(_page, "count")
def count() -> str:
    """How many colleagues there are, where the LMS names nobody."""
    at, given = here(), request.form.get("number", "").strip()
    assert at.member is not None
    if not (given.isascii() and given.isdecimal()):
        raise Refused("number_missing")
    number = int(given[:9])
    belonging.count(db.session(), at.community, at.course, at.member, number, parts().steps)
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "circle")
def narrow() -> str:
    """Who of those who were on the screen belongs: the others are left out."""
    at = here()
    shown = {number for each in request.form.get("shown", "").split(",") if (number := _id(each))}
    if not shown:
        raise Refused("nobody_chosen")
    belonging.leave_out(_cut(at), shown - _chosen("member"))
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "aside")
def aside() -> str:
    """Somebody who has not opened it takes no part: leads, or supports."""
    at = here()
    belonging.takes_no_part(_cut(at), _id(request.form.get("member", "")))
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "bring")
def bring() -> str:
    """Have somebody belong after all."""
    at = here()
    assert at.member is not None
    belonging.bring_in(db.session(), at.community, at.member, _chosen("member"))
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "teachers")
def teachers() -> str:
    """Have teachers take part who have not opened it."""
    at = here()
    assert at.member is not None
    belonging.take_in(db.session(), at.community, at.member, _chosen("person"))
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "set_away")
def set_away() -> str:
    """Have nobody wait for somebody until a day."""
    at = here()
    assert at.member is not None
    away.set_other(db.session(), at.community, at.member, one(), given_day(), zone=parts().settings.zone)
    return at.url("belongs")


@audience(FACILITATOR)
@form(_page, "not_away")
def not_away() -> str:
    """Somebody was set away by mistake."""
    away.take_back(one())
    return here().url("belongs")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/belonging")(belongs)
    blueprint.post("/belonging/others")(others)
    blueprint.post("/belonging/count")(count)
    blueprint.post("/belonging/circle")(narrow)
    blueprint.post("/belonging/aside")(aside)
    blueprint.post("/belonging/bring")(bring)
    blueprint.post("/belonging/teachers")(teachers)
    blueprint.post("/belonging/away")(set_away)
    blueprint.post("/belonging/here")(not_away)
