"""The page of one session: for whoever keeps its list the list, for everybody their own part of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from werkzeug.wrappers import Response

from lti_tool.circle import here, show
from lti_tool.circle.forms import posted
from lti_tool.circle.hours import forms, shown
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import members
from lti_tool.domain.hours import assigned, attended, sessions
from lti_tool.domain.hours.assigned import Assigned
from lti_tool.domain.hours.attended import Attendance, Sitting
from lti_tool.models import Member, Standing
from lti_tool.parts import parts
from lti_tool.text import Text


@dataclass(frozen=True)
class Row:
    """Somebody on the list as its form shows them. came, left: as in a field; seen: whether they are on it."""

    person_id: int
    name: Text
    seen: bool
    ticked: bool
    came: str
    left: str
    is_at: Attendance | None


@dataclass(frozen=True)
class SessionPage:
    """The names in templates/hours/session.html. rows: the list, None for who does not see it; keeps: whether they
    change it. assigned: to which pots it was. disputes: what of it somebody says is not right. until: what the field
    for the end holds.
    """

    sat: Sitting
    rows: Sequence[Row] | None
    keeps: bool
    there: int
    assigned: Sequence[Assigned]
    disputes: Sequence[Row]
    names: Mapping[int, Text]
    about: Text | None
    until: str
    began: bool
    can_dispute: bool
    problem: Refused | None
    failed: str
    typed: Mapping[str, Any]


def member() -> Member:
    """Who asks, as a member."""
    found = here().member
    assert found is not None
    return found


def people() -> set[int]:
    """Ids of the persons who can be on a list: who takes part or facilitates, and no school leader."""
    found = members.present_people(db.session(), here().community)
    return {person.id for each, person in found if each.standing == Standing.MEMBER or each.facilitates}


def sat(number: int) -> Sitting:
    """The session that an address names; 404 for none of this community."""
    at = here()
    try:
        return attended.one(db.session(), at.community.id, at.person.id, number)
    except Refused:
        abort(404)


def lines(names: Mapping[int, Text], ids: Sequence[int]) -> list[sessions.Line]:
    """The lines of the posted list; of nobody but these."""
    found = []
    for each in ids:
        who = names[each]
        found.append(sessions.Line(each, who, forms.time_of(f"came-{each}", who), forms.time_of(f"left-{each}", who)))
    return found


def page(number: int, problem: Refused | None = None, failed: str = "") -> Response:
    """The page of a session."""
    at, of = here(), sat(number)
    typed = posted() if problem else {}
    names, zone = shown.names(), parts().settings.zone
    seen = of.sees_list(member())
    rows = _rows(of, names, typed if failed == "list" else {}) if seen else None
    step = parts().steps.by_name.get(of.step)
    made = SessionPage(
        sat=of,
        rows=rows,
        keeps=seen and at.guides,
        there=sum(1 for each in rows or () if each.seen),
        assigned=assigned.of_sessions(db.session(), [of.id]).get(of.id, ()),
        disputes=[each for each in rows or () if each.is_at is not None and each.is_at.disputed_at is not None],
        names=names,
        about=at.title(step) if step is not None else None,
        until=attended.clock(min(of.ends, now()), zone),
        began=of.begins < now(),
        can_dispute=of.over and not of.cancelled and not (seen and at.guides),
        problem=problem,
        failed=failed,
        typed=typed,
    )
    return show("hours/session.html", 422 if problem else 200, **vars(made))


def _rows(of: Sitting, names: Mapping[int, Text], typed: Mapping[str, Any]) -> list[Row]:
    listed = {each.person_id: each for each in attended.everybody(db.session(), of, member())}
    ticked = typed.get("here", [])
    chosen = set(ticked if isinstance(ticked, list) else [ticked])

    def row(person_id: int) -> Row:
        found = listed.get(person_id)
        seen = found is not None and found.present
        came = _time(found.came if seen and found else None, of.begins)
        left = _time(found.left if seen and found else None, None)
        return Row(
            person_id,
            names[person_id],
            seen,
            str(person_id) in chosen if typed else seen,
            str(typed.get(f"came-{person_id}", came)),
            str(typed.get(f"left-{person_id}", left)),
            found,
        )

    all_of = {each for each in people() | {each for each in listed if each is not None} if each in names}
    return sorted((row(each) for each in all_of), key=lambda each: each.name.nl.casefold())


def _time(moment: dt.datetime | None, usual: dt.datetime | None) -> str:
    """A time as its field has it; nothing for the beginning and the end themselves."""
    return "" if moment is None or moment == usual else attended.clock(moment, parts().settings.zone)
