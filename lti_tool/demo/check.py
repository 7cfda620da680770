"""The demo's self-check: a whole walk, from placing the activities to the scores in the gradebook.

It needs nobody to look: it walks as the people of the LMS do, in Chromium or else over HTTP, and what it
believes is only what the LMS's own gradebook holds at the end.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from typing import TypeVar

import requests

from lti_tool.demo import past, story
from lti_tool.demo.model import Activity, Column, Person
from lti_tool.demo.past import HOME
from lti_tool.demo.run import Demo, Say
from lti_tool.demo.teachers import TEACHERS
from lti_tool.demo.visitors import HttpVisitor, Meet, VisitError, Visitor

CAST = dict(zip(("fatima", "marieke", "youssef", "janwillem", "siobhan", "soren"), TEACHERS.values(), strict=True))
SILENT = "janwillem"  # responds to nobody in step 1: two of three moments
LEADER = "mieke"
# Who has a real browser, where there is one: the facilitator and a member. What the others see is the same page, and
# as many windows beside each other would take most of the time.
BROWSING = ("wout", "fatima")
ASIDE, AWAY = "els", ("chantal", "ruben")  # who supports, and who is not there
ARRIVE = 60.0  # seconds in which what was done must show; a machine may be busy
# What the pages say of all together, of the first action and of the survey. Siobhan reads English. Of that action all
# said the same: then it is not said how many did.
KEPT = ("De groep kiest: houden", "The group chooses: keep")
ANSWERED = (f"{len(CAST)} van de 8 leden antwoordden", f"{len(CAST)} of the 8 members answered")

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
        self._launched: set[tuple[str, str]] = set()
        self._community = past.Community(self._at_step, CAST, "wout", LEADER, self._look, SILENT)

    def stages(self) -> Iterator[Callable[[], str]]:
        """What to do, in this order."""
        yield from (self.registered, self.placed, self.facilitated, self.belongs)
        yield from (self.ambition, self.information, self.interpretation)
        yield from (self.consequences, self.actions, self.evaluation)
        yield from (self.scored, self.kept_hours, self.listed, self.began_again)

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
        wout.submit("/place", {"what": "cycle", "passback": "moments", "item": ["hours"], "graded": "hours"})
        activities = _until(lambda: self.school.course_activities(self.course.id), ARRIVE, "no activity came back")
        columns = self.school.course_columns(self.course.id)
        _expect((len(activities), len(columns)) == (8, 6), f"{len(activities)} activities, {len(columns)} columns")
        return "8 activities and 6 columns were placed in the course, the hours among them"

    def facilitated(self) -> str:
        """Wout opens step 1 and says that he facilitates; Mieke follows as school leader."""
        self._at_step("wout").submit("/welcome", {"choice": "facilitate"})
        self._at_step(LEADER).submit("/welcome", {"choice": "follow"})
        return "Wout and Mieke were asked what they do: he facilitates, she follows as school leader"

    def belongs(self) -> str:
        """Everybody of the course belongs, but who leads or supports; two of them are away."""
        away = [self._person(name).name for name in AWAY]
        past.settle(self._at_step("wout"), len(CAST) + len(AWAY), [self._person(ASIDE).name], away)
        return f"of the course {len(CAST) + len(AWAY)} people belong, opened or not; {len(AWAY)} of them are away"

    def ambition(self) -> str:
        """Everybody goes through step 1: ideas, responses, small groups, dots, one text, consent."""
        self._community.ambition()
        self._stands(story.AMBITION["text"])
        return "step 1: nobody read another's idea before the reveal, and the ambition was adopted by consent"

    def information(self) -> str:
        """Everybody goes through step 2: questions, evidence, what it tells, enough."""
        self._community.information()
        first = CAST[self._community.people[past.ASKED[0]]]
        self._stands(first.question)
        return f"step 2: {len(past.ASKED)} questions were chosen and {len(CAST)} pieces of evidence gathered"

    def interpretation(self) -> str:
        """Everybody goes through step 3: what they see, what explains it, what needs attention."""
        self._community.interpretation()
        self._stands(*(point for point, _ in story.POINTS))
        return f"step 3: {len(story.POINTS)} points of attention were chosen"

    def consequences(self) -> str:
        """Everybody goes through step 4: proposals, questions and advice, a board of actions, consent."""
        self._community.consequences()
        self._stands(*(plan.what for plan in story.PLANS))
        return f"step 4: {len(story.PLANS)} actions were taken on, and the school leader answered what was asked of her"

    def actions(self) -> str:
        """Everybody goes through step 5: what they did and saw, keep, adjust or stop, what they learned."""
        self._community.actions()
        self._stands(*(plan.learned for plan in story.PLANS))
        return "step 5: what each said of an action was counted only when all had, and every action was ended"

    def evaluation(self) -> str:
        """Everybody goes through step 6: survey, stories, a verdict, knowledge cards, the yield."""
        self._community.evaluation()
        self._stands(story.YIELD)
        return "step 6: of the survey only totals were shown, and two thirds stand behind the yield, not half"

    def _look(self, step: str, stage: str) -> None:
        """What is hidden until it is revealed, is; and then it is there for all."""
        looks = {
            ("ambition", "ideas-done"): lambda: self._reads(step, _ideas(), alone=True),
            ("ambition", "respond"): lambda: self._reads(step, _ideas()),
            ("consequences", "propose-done"): lambda: self._reads(step, _proposals(), alone=True),
            ("consequences", "advise"): lambda: self._reads(step, _proposals()),
            ("consequences", "asked"): self._leader_is_asked,
            ("actions", "check-done"): lambda: self._counted(step, KEPT, ()),
            ("actions", "close"): lambda: self._counted(step, KEPT, (*CAST, "wout")),
            ("evaluation", "survey-done"): lambda: self._reads(step, _changes(), alone=True),
            ("evaluation", "stories"): lambda: self._counted(step, ANSWERED, CAST),
            ("evaluation", "endorse-half"): self._half_is_not_enough,
        }
        if (step, stage) in looks:
            looks[step, stage]()

    def _reads(self, step: str, written: Mapping[str, str], alone: bool = False) -> None:
        """Each reads what all wrote; or, alone, what they wrote themselves, and the facilitator nothing."""
        for name in (*CAST, "wout"):
            seen = self._at_step(name, step).text()
            read = {other for other, text in written.items() if text in seen}
            wanted = written.keys() & {name} if alone else set(written)
            when = "before" if alone else "after"
            _expect(read == wanted, f"{step}: {when} the reveal {name} reads what was written by {sorted(read)}")

    def _counted(self, step: str, count: tuple[str, str], readers: Collection[str]) -> None:
        """Only these read how many there were."""
        for name in (*CAST, "wout"):
            seen = self._at_step(name, step).text()
            reads = any(each in seen for each in count)
            _expect(reads == (name in readers), f"{step}: {name} {'reads' if reads else 'does not read'} “{count[0]}”")

    def _leader_is_asked(self) -> None:
        seen = self._at_step(LEADER, HOME).text()
        _expect(story.REQUEST in seen, "the school leader does not see what is asked of her")
        written = [*_ideas().values(), *_proposals().values(), *(plan.what for plan in story.PLANS)]
        _expect(not (read := [text for text in written if text in seen]), f"the school leader reads {read}")

    def _half_is_not_enough(self) -> None:
        with suppress(VisitError):
            self._at_step("wout", "evaluation").submit("/facilitate/advance", {})
        _expect(self._at_step("fatima", "evaluation").has("/endorse"), "the yield was settled by half of them")

    def _stands(self, *texts: str) -> None:
        seen = self._at_step("fatima", HOME).text()
        for text in texts:
            _expect(text in seen, f"the home does not say “{text}”")

    def scored(self) -> str:
        """The scores are in the LMS's gradebook."""
        for number, column in enumerate(self._columns()):
            self._arrived(column, SILENT if number == 0 else "")
        return f"the scores are in the gradebook, in {len(self._columns())} columns; who responded to nobody has 67"

    def _arrived(self, column: Column, silent: str) -> None:
        wanted = {self._person(name).id: 67 if name == silent else 100 for name in CAST}
        try:
            _until(lambda: self._scores(column) == wanted, ARRIVE, "")
        except CheckError:
            names = {person.id: person.name for person in self.school.people.values()}
            found = {names[each]: score for each, score in self._scores(column).items()}
            expected = {names[each]: score for each, score in wanted.items()}
            raise CheckError(f"column “{column.label}” should hold {expected} and holds {found or 'nothing'}") from None

    def kept_hours(self) -> str:
        """They keep hours, of a session too, and the gradebook shows of each what their own page says."""
        kept = past.Hours(self._at_hours, {name: self._person(name).name for name in CAST}, "wout")
        kept.live()
        minutes = kept.of_session(0)
        _expect(minutes > 0, "of the session nothing counts")
        wanted: dict[str, dict[str, float]] = {}
        for who, name in enumerate(CAST):
            for year, hours in kept.in_gradebook(who).items():
                wanted.setdefault(f"Uren {year}", {})[self._person(name).id] = hours
        _expect(bool(wanted), "nobody's page says what the gradebook shows of their hours")
        try:
            _until(lambda: self._of_hours() == wanted, ARRIVE, "")
        except CheckError:
            raise CheckError(f"the columns of hours should hold {wanted} and hold {self._of_hours()}") from None
        shown = sum(map(len, wanted.values()))
        return (
            f"a session became {minutes} minutes, and the gradebook shows the hours of {shown} people as their pages do"
        )

    def _of_hours(self) -> dict[str, dict[str, float]]:
        columns = self.school.course_columns(self.course.id)
        return {column.label: self._scores(column) for column in columns if column.tag == "hours"}

    def _at_hours(self, name: str) -> Visitor:
        visitor = HttpVisitor()
        visitor.open(self._open_url(name, self._activity("hours")))
        return visitor

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
            lambda: any(c.name == "memberships" and c.status == 200 for c in answered.calls),
            ARRIVE,
            "nobody asked the LMS",
        )
        _until(there, ARRIVE, f"the tool does not say that the LMS listed {people} people")
        return f"the list of {people} people was read"

    def began_again(self) -> str:
        """Wout begins cycle 2; cycle 1 stays, and takes nothing more."""
        evaluation = self._activity("evaluation")
        behind = self._meet(SILENT)
        behind.open(self._open_url("wout", evaluation))
        self._community.begin_again()
        with suppress(VisitError):
            behind.submit("/together/reopen", {"reason": "Ik had deze bladzijde nog open staan."})
        fatima = self._as("fatima")
        fatima.open(self._open_url("fatima", evaluation))
        _expect(story.YIELD in fatima.text(), "the yield of cycle 1 can no longer be read")
        _expect("Stap 6 · afgerond" in fatima.text(), "cycle 1 was opened again")
        _expect("We zijn nu in cyclus 2" in fatima.text(), "the old page does not say where cycle 2 is")
        fatima.follow("~2/home")
        fatima.follow("~2/step/ambition")
        for left in (story.FOUND, *(plan.what for plan in story.PLANS if plan.ended == "changed")):
            _expect(left in fatima.text(), f"cycle 2 does not begin with “{left}” of cycle 1")
        known = {activity.id for activity in self.school.course_activities(self.course.id)}
        wout = self._as("wout")
        wout.open(f"{self._at('wout')}/course/{self.course.id}/select/{self.client_id}")
        wout.submit("/place", {"what": "cycle", "passback": "moments"})
        columns = _until(lambda: self._participation()[len(past.STAGES) :], ARRIVE, "no column came")
        first = next(each for each in self.school.course_activities(self.course.id) if each.id not in known)
        wout.open(self._open_url("wout", first))
        fatima.submit("/idea", {"text": "ze elkaar uitleggen hoe iets moet", "why": "Daar leren ze allebei van."})
        wanted = {self._person("fatima").id: 33}
        _until(lambda: self._scores(columns[0]) == wanted, ARRIVE, "the first score of cycle 2 did not arrive")
        return f"cycle 2 has begun, in {len(columns)} columns of its own; cycle 1 can be read, and takes nothing more"

    def _as(self, name: str) -> Visitor:
        if name not in self._visitors:
            self._visitors[name] = self._meet(name)
        return self._visitors[name]

    def _person(self, name: str) -> Person:
        return next(person for person in self.school.people.values() if person.username == name)

    def _at(self, name: str) -> str:
        return f"{self.demo.lms.url}/as/{self._person(name).id}"

    def _open_url(self, name: str, activity: Activity) -> str:
        return f"{self._at(name)}/activity/{activity.id}"

    def _activity(self, step: str = "ambition") -> Activity:
        placed = self.school.course_activities(self.course.id)
        return next(each for each in placed if each.custom.get("step", HOME) == step)

    def _columns(self) -> list[Column]:
        """The columns of the first cycle, in the order of its steps."""
        return self._participation()[: len(past.STAGES)]

    def _participation(self) -> list[Column]:
        return [each for each in self.school.course_columns(self.course.id) if each.tag != "hours"]

    def _at_step(self, name: str, step: str = "ambition") -> Visitor:
        """Somebody at a step or at home: launched from the course the first time, then by the page's own link.

        Wout opens each step from the course: a placement is known to the tool once somebody has launched it.
        The leader always comes from the course, to the home: of the steps she has no pages.
        """
        visitor, first = self._as(name), (name, step if name == "wout" else "")
        if name == LEADER:
            visitor.open(self._open_url(name, self._activity(HOME)))
        elif first in self._launched:
            visitor.follow("/home" if step == HOME else f"/step/{step}")
        else:
            visitor.open(self._open_url(name, self._activity(step)))
            self._launched.add(first)
        return visitor

    def _scores(self, column: Column) -> dict[str, float]:
        grades = list(self.school.grades.values())
        return {g.person_id: g.score for g in grades if g.column_id == column.id and g.score is not None}


def _ideas() -> dict[str, str]:
    return {name: teacher.idea for name, teacher in CAST.items()}


def _proposals() -> dict[str, str]:
    return {name: teacher.proposal.act for name, teacher in CAST.items() if teacher.proposal}


def _changes() -> dict[str, str]:
    return {name: teacher.change.text for name, teacher in CAST.items()}


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


def over_http(name: str) -> Visitor:
    """A visitor without a browser."""
    return HttpVisitor()


def visitors(stack: ExitStack, headed: bool) -> tuple[Meet, str]:
    """Visitors, those in BROWSING with Chromium where there is one; and a sentence that says which."""
    try:
        from lti_tool.demo import chromium

        browser = stack.enter_context(chromium.running(headed=headed))
    except ImportError:
        why = "Playwright is not installed"
    except VisitError as error:
        why = str(error)
    else:
        return (
            lambda name: (
                chromium.ChromiumVisitor(browser.new_context(locale="nl-NL")) if name in BROWSING else HttpVisitor()
            ),
            f"In Chromium {browser.version}, third-party cookies blocked (Wout and Fatima; the others over HTTP):",
        )
    return over_http, f"Over HTTP, without a browser ({why}):"


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
