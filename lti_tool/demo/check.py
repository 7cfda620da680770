"""The demo's self-check: a whole step, from placing the activities to the scores in the gradebook.

It needs nobody to look: it walks as the people of the LMS do, in Chromium or else over HTTP, and what it
believes is only what the LMS's own gradebook holds at the end.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TypeVar

import requests

from lti_tool.demo.model import Activity, Column, Person
from lti_tool.demo.run import Demo, Say
from lti_tool.demo.visitors import HttpVisitor, Meet, VisitError, Visitor

TEACHERS = ("fatima", "marieke", "youssef", "janwillem")
SILENT = "janwillem"  # responds to nobody: two of three moments
AMBITION = "In juni vertelt elke leerling aan thuis wat hij leerde."
ARRIVE = 20.0  # seconds in which the scores must be there

Found = TypeVar("Found")


class CheckError(Exception):
    """What was missing."""


class Walk:
    """One walk through one demo. Each stage returns what it saw, as a sentence."""

    def __init__(self, demo: Demo, meet: Meet) -> None:
        self.demo = demo
        self.school = demo.lms.school
        self.course = next(iter(self.school.courses.values()))
        self._meet = meet
        self._visitors: dict[str, Visitor] = {}
        self._launched: set[str] = set()

    def stages(self) -> Iterator[Callable[[], str]]:
        """What to do, in this order."""
        yield from (self.registered, self.placed, self.facilitated, self.written, self.revealed, self.responded)
        yield from (self.dotted, self.drafted, self.adopted, self.scored, self.listed)

    def registered(self) -> str:
        """The tool is registered at the LMS and activated."""
        tools = [tool for tool in self.school.tools.values() if tool.active]
        _expect(len(tools) == 1, f"{len(tools)} active tools at the LMS")
        self.client_id = tools[0].client_id
        return f"{tools[0].client_name} is registered at the LMS"

    def placed(self) -> str:
        """Wout selects content: the whole cycle, with columns."""
        wout = self._as("wout")
        wout.open(f"{self._at('wout')}/course/{self.course.id}/select/{self.client_id}")
        wout.submit("/place", {"what": "cycle", "passback": "moments"})
        activities = _until(lambda: self.school.course_activities(self.course.id), 5, "no activity came back")
        columns = self.school.course_columns(self.course.id)
        _expect((len(activities), len(columns)) == (7, 6), f"{len(activities)} activities, {len(columns)} columns")
        return "7 activities and 6 columns were placed in the course"

    def facilitated(self) -> str:
        """Wout opens step 1 and says that he facilitates."""
        wout = self._at_step("wout")
        wout.submit("/welcome", {"choice": "facilitate"})
        wout.controls("/facilitate/advance")
        return "Wout was asked what he does, and facilitates"

    def written(self) -> str:
        """Four teachers write an idea that nobody else sees yet."""
        for name in TEACHERS:
            self._at_step(name).submit("/idea", {"text": _idea(name), "why": "Dat telt voor onze leerlingen."})
        for name in TEACHERS:
            seen = self._at_step(name).text()
            others = [other for other in TEACHERS if other != name and _idea(other) in seen]
            _expect(_idea(name) in seen, f"{name} does not find the own idea again")
            _expect(not others, f"{name} reads the hidden idea of {', '.join(others)}")
        return f"{len(TEACHERS)} teachers wrote an idea, and see only their own"

    def revealed(self) -> str:
        """Wout reveals the ideas."""
        self._advance()
        seen = self._at_step("fatima").text()
        _expect(all(_idea(name) in seen for name in TEACHERS), "not all ideas are shown after the reveal")
        return "the ideas were revealed, to all at once"

    def responded(self) -> str:
        """All but one respond to a colleague."""
        for name in TEACHERS:
            if name != SILENT:
                self._at_step(name).submit("/respond", {"text": f"Mooi! Hoe merk je dat, vraagt {name}."})
        return f"{len(TEACHERS) - 1} of them responded to a colleague"

    def dotted(self) -> str:
        """Everybody places three dots."""
        self._advance()
        for name in TEACHERS:
            teacher = self._at_step(name)
            field = next((field for field, _ in teacher.controls("/dots") if field.startswith("dots-")), None)
            if field is None:
                raise CheckError("there is no idea to place dots on")
            teacher.submit("/dots", {field: "3"})
        return "everybody placed three dots"

    def drafted(self) -> str:
        """Marieke writes the text, from the ideas."""
        self._advance()
        marieke = self._at_step("marieke")
        idea = next((value for field, value in marieke.controls("/propose") if field == "ideas"), None)
        if idea is None:
            raise CheckError("there is no idea to build the text on")
        marieke.submit("/propose", {"text": AMBITION, "ideas": idea})
        _expect(AMBITION in self._at_step("fatima").text(), "Fatima does not see the text that Marieke wrote")
        return "a text was written, from an idea of the community"

    def adopted(self) -> str:
        """Everybody agrees, and the ambition is adopted."""
        self._advance()
        for name in TEACHERS:
            self._at_step(name).submit("/consent", {"answer": "agree"})
        self._advance()
        fatima = self._at_step("fatima")
        fatima.follow("/home")
        _expect(AMBITION in fatima.text(), "the adopted ambition does not stand on the home page")
        return "everybody agreed: the ambition is adopted"

    def scored(self) -> str:
        """The scores are in the LMS's gradebook."""
        column = self._column()
        wanted = {self._person(name).id: 67 if name == SILENT else 100 for name in TEACHERS}

        def there() -> bool:
            return self._scores(column) == wanted

        try:
            _until(there, ARRIVE, "")
        except CheckError:
            names = {person.id: person.name for person in self.school.people.values()}
            found = {names[each]: score for each, score in self._scores(column).items()}
            expected = {names[each]: score for each, score in wanted.items()}
            raise CheckError(f"column “{column.label}” should hold {expected} and holds {found or 'nothing'}") from None
        return f"the scores are in the gradebook, under “{column.label}”: 100, 100, 100 and 67"

    def listed(self) -> str:
        """The tool has read the LMS's list of people."""
        wout = self._at_step("wout")
        wout.follow("/community")
        wout.submit("/community/roster", {})
        people = len(self.school.roster(self.course.id))
        url = self._open_url("wout", self._activity())

        def there() -> bool:
            wout.open(url)
            wout.follow("/community")
            return str(people) in wout.text().split()

        answered = self.demo.lms.site
        _until(
            lambda: any(c.name == "memberships" and c.status == 200 for c in answered.calls), 10, "nobody asked the LMS"
        )
        _until(there, 10, f"the tool does not say that the LMS listed {people} people")
        return f"the list of {people} people was read"

    def _as(self, name: str) -> Visitor:
        if name not in self._visitors:
            self._visitors[name] = self._meet()
        return self._visitors[name]

    def _person(self, name: str) -> Person:
        return next(person for person in self.school.people.values() if person.username == name)

    def _at(self, name: str) -> str:
        return f"{self.demo.lms.url}/as/{self._person(name).id}"

    def _open_url(self, name: str, activity: Activity) -> str:
        return f"{self._at(name)}/activity/{activity.id}"

    def _activity(self) -> Activity:
        return self.school.activities[str(self._column().activity_id)]

    def _column(self) -> Column:
        return self.school.course_columns(self.course.id)[0]

    def _at_step(self, name: str) -> Visitor:
        """Somebody at step 1: launched from the course the first time, then by the step's own link."""
        visitor, activity = self._as(name), self._activity()
        if name in self._launched:
            visitor.follow(f"/step/{activity.custom['step']}")
        else:
            visitor.open(self._open_url(name, activity))
            self._launched.add(name)
        return visitor

    def _advance(self) -> None:
        self._at_step("wout").submit("/facilitate/advance", {})

    def _scores(self, column: Column) -> dict[str, float]:
        grades = list(self.school.grades.values())
        return {g.person_id: g.score for g in grades if g.column_id == column.id and g.score is not None}


def _idea(name: str) -> str:
    return f"leerlingen vertellen wat ze leerden, schrijft {name}"


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckError(otherwise)


def _until(look: Callable[[], Found], seconds: float, otherwise: str) -> Found:
    """What `look` finds, as soon as it finds anything."""
    end, pause = time.monotonic() + seconds, Event()
    while not (found := look()):
        if time.monotonic() > end:
            raise CheckError(otherwise)
        pause.wait(0.05)
    return found


def walk(demo: Demo, meet: Meet, say: Say = print) -> bool:
    """Walk through a demo and say what was seen; whether everything was there."""
    for stage in (tour := Walk(demo, meet)).stages():
        try:
            say(f"✓ {stage()}")
        except Exception as error:
            if not isinstance(error, CheckError | VisitError | requests.RequestException):
                error = CheckError(f"{type(error).__name__}: {error}")
            say(f"✗ {stage.__doc__}\n  What was missing: {error}")
            for call in [call for call in tour.demo.lms.calls if call.status >= 400][-3:]:
                say(f"  The LMS refused {call.method} {call.name} ({call.status}): {call.reason}")
            for line in demo.logged(3):
                say(f"  The tool logged: {line}")
            return False
    return True


def visitors(stack: ExitStack, headed: bool) -> tuple[Meet, str]:
    """Visitors with Chromium where there is one, else without a browser; and a sentence that says which."""
    try:
        from lti_tool.demo import chromium

        browser = stack.enter_context(chromium.running(headed=headed))
    except ImportError:
        why = "Playwright is not installed"
    except VisitError as error:
        why = str(error)
    else:
        meet = lambda: chromium.ChromiumVisitor(browser.new_context(locale="nl-NL"))  # noqa: E731
        return meet, f"In Chromium {browser.version}, third-party cookies blocked:"
    return HttpVisitor, f"Over HTTP, without a browser ({why}):"


def check(headed: bool = False, say: Say = print) -> int:
    """Walk through a demo of its own, at free ports and in a folder that is thrown away; the exit status."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Demo(Path(folder)) as demo, ExitStack() as stack:
        meet, how = visitors(stack, headed)
        say(how)
        passed = walk(demo, meet, say)
    took = f"{time.monotonic() - begin:.0f} seconds"
    say(f"The demo works ({took})." if passed else f"The demo does not work ({took}).")
    return 0 if passed else 1
