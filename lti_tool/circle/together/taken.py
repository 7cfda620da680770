"""What one takes away of a meeting: what we decided, who does what by when, when we meet again; text and calendar."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, make_response, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import given_day, posted
from lti_tool.circle.together.standing import cycle_of, for_all
from lti_tool.db import MAX_ID, db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import days, midnights
from lti_tool.domain.cycle.days import Day
from lti_tool.domain.hours import attended
from lti_tool.domain.hours.attended import Sitting
from lti_tool.domain.mechanisms import rounds, stakeholders
from lti_tool.domain.meeting import running
from lti_tool.domain.reading import gate
from lti_tool.domain.thread.flow import Flow
from lti_tool.i18n import coming, speak, weekday
from lti_tool.i18n import say as _
from lti_tool.models import Meeting, Parked
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.text import Text

# How long the next meeting is in a calendar, where its time is known.
if TYPE_CHECKING:
    import icalendar

HOUR = dt.timedelta(hours=1)
_ASK = Text("Buiten onze groep vragen:", "Ask outside our group:")


@dataclass(frozen=True)
class Taken:
    """The names in templates/together/taken.html. decided: steps completed in it, with what each came to and how many
    were heard by note; days: what was agreed, with its day and who; text: all of it, to paste. sat: the session that it
    was, while its list is to be closed, for whoever closes it. typed, problem: of the form for the next one.
    """

    meeting: Meeting
    decided: Sequence[tuple[Step, str, int]]
    days: Sequence[Day]
    parked: Sequence[Parked]
    text: str
    sat: Sitting | None
    problem: Refused | None
    typed: Mapping[str, Any]


@audience(access.COMMUNITY)
def taken_away(number: int) -> Response:
    """One page of a meeting."""
    return _taken(number)


def _found(number: int) -> Meeting:
    found = running.found(db.session(), here().community, min(number, MAX_ID))
    if found is None:
        abort(404)
    return found


def _taken(number: int, problem: Refused | None = None) -> Response:
    at, meeting = here(), _found(number)
    decided, agreed = _decided(at, meeting), _days(at, meeting)
    parked = running.parked(db.session(), meeting)
    page = Taken(
        meeting=meeting,
        decided=decided,
        days=agreed,
        parked=parked,
        text=_text(at, meeting, decided, agreed, parked),
        sat=_to_close(at, meeting),
        problem=problem,
        typed=posted() if problem else {},
    )
    return show("together/taken.html", 422 if problem else 200, **vars(page))


def _to_close(at: Here, meeting: Meeting) -> Sitting | None:
    found = attended.of_meeting(db.session(), meeting.id) if at.guides and meeting.ended_at else None
    return found if found is not None and not found.closed and not found.cancelled else None


def _decided(at: Here, meeting: Meeting) -> list[tuple[Step, str, int]]:
    known, runs = parts().steps.by_name, at.cycles[cycle_of(at, meeting)]
    mine = [each for each in running.decided(meeting, runs, parts().steps) if at.viewer & known[each[0]].outcome_for]
    cycle = cycle_of(at, meeting)
    last = {name: rounds.newest(for_all(at, cycle, runs[name])) for name, _came_to in mine}
    return [(known[name], came_to, each.noted if (each := last[name]) else 0) for name, came_to in mine]


def _days(at: Here, meeting: Meeting) -> list[Day]:
    cycle = cycle_of(at, meeting)
    runs = at.cycles[cycle]
    if not runs:
        return []
    turn = for_all(at, cycle, next(iter(runs.values())))
    asked = stakeholders.voices(turn, gate.of_cycle(turn, Flow.VOICE).of(Flow.VOICE))
    today = midnights.day_of(now(), parts().settings.zone)
    found = [Day(each.day, _ASK, each.question, who=[each.asks]) for each in asked if each.day >= today]
    return sorted([*found, *days.of_community(turn, runs, named=True)], key=lambda each: each.day)


def _text(
    at: Here,
    meeting: Meeting,
    decided: Sequence[tuple[Step, str, int]],
    agreed: Sequence[Day],
    parked: Sequence[Parked],
) -> str:
    lines = [f"{at.community.name}, {weekday(meeting.started_at)}", ""]
    if decided:
        lines += [_("Wat we besloten", "What we decided")]
        for step, came_to, noted in decided:
            lines += [f"{speak(step.outcome_title or at.title(step))}: {came_to}", *([by_note(noted)] if noted else [])]
        lines += [""]
    if agreed:
        lines += [_("Wie doet wat, en wanneer", "Who does what, and by when")]
        lines += [f"- {coming(each.day)}: {said(each)}" for each in agreed] + [""]
    if parked:
        lines += [_("Geparkeerd voor later", "Parked for later")]
        lines += [f"- {each.text}" for each in parked] + [""]
    if meeting.next_on:
        lines += [_("We zien elkaar weer: %(when)s", "We meet again: %(when)s", when=next_when(meeting))]
    return "\n".join(lines).strip()


def by_note(number: int) -> str:
    """That so many were heard by a note that waits for their yes; never who."""
    if number == 1:
        return _("Eén collega antwoordde per notitie.", "One colleague answered by note.")
    return _("%(n)s collega's antwoordden per notitie.", "%(n)s colleagues answered by note.", n=number)


def said(day: Day) -> str:
    """What a day is for, in one line: with whose words, and who does it."""
    who = ", ".join(speak(each) for each in day.who)
    return " ".join(filter(None, [speak(day.what), day.words, f"({who})" if who else ""]))


def next_when(meeting: Meeting) -> str:
    """When they meet again, in words."""
    assert meeting.next_on is not None
    time = _(", om %(time)s uur", ", at %(time)s", time=f"{meeting.next_time:%H.%M}") if meeting.next_time else ""
    return coming(meeting.next_on) + time


def _again(refused: Refused, number: int) -> Response:
    return _taken(number, refused)


@audience(FACILITATOR)
@form(_again, "meet_again")
def meet_again(number: int) -> str:
    """When they meet again; without a day that is not known yet."""
    at, meeting = here(), _found(number)
    day = given_day() if request.form.get("date") else None
    try:
        time = dt.time.fromisoformat(request.form["time"]) if request.form.get("time") else None
    except ValueError as error:
        raise Refused("time_wrong") from error
    running.meet_again(db.session(), meeting, day, time, midnights.day_of(now(), parts().settings.zone))
    return at.url("taken_away", number=number)


@audience(access.COMMUNITY)
def dates(number: int) -> Response:
    """The days of it as a calendar file (RFC 5545): the next meeting, and what was agreed."""
    # Here, not above: it takes a tenth of what a process needs to start, and few ask for a calendar.
    import icalendar

    at, meeting = here(), _found(number)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Leerkring//NL")
    calendar.add("version", "2.0")
    if meeting.next_on:
        title = _("Leerkring: %(name)s", "Leerkring: %(name)s", name=at.community.name)
        calendar.add_component(_event(f"meeting-{meeting.id}", meeting.next_on, title, meeting.next_time))
    for place, each in enumerate(_days(at, meeting)):
        calendar.add_component(_event(f"day-{meeting.id}-{place}", each.day, said(each)))
    answer = make_response(calendar.to_ical())
    answer.content_type = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="leerkring.ics"'
    return answer


def _event(name: str, day: dt.date, title: str, time: dt.time | None = None) -> "icalendar.Event":
    import icalendar

    made = icalendar.Event()
    # The same day keeps its place in a calendar that the file is read into twice.
    made.add("uid", f"{name}@{here().community.id}.leerkring")
    made.add("dtstamp", now())
    made.add("summary", title)
    if time is None:
        made.add("dtstart", day)
        made.add("dtend", day + dt.timedelta(days=1))
        made.add("transp", "TRANSPARENT")
        return made
    # In UTC: a file with a zone of its own has to bring the zone's rules too.
    began = dt.datetime.combine(day, time, parts().settings.zone).astimezone(dt.UTC)
    made.add("dtstart", began)
    made.add("dtend", began + HOUR)
    return made
