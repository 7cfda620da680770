"""The demo as a command, and people who use it in Chromium and look closely at what they see."""

import copy
import os
import queue
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as TookTooLong

from lti_tool.demo import past
from lti_tool.demo.chromium import DOTS, OFTEN, ChromiumVisitor
from lti_tool.demo.model import Activity, Column
from lti_tool.demo.school import School
from lti_tool.demo.visitors import NOTHING, Fields, HttpVisitor, Visitor
from tests.browser.forked import Forked
from tests.conftest import ALL

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "shots"
PATIENCE = 60  # seconds for what comes when it is done: a machine may be busy
WIDE, PHONE, ZOOMED = 1300, 360, 320  # 320 is 1280 pixels at 400%
# Narrow: for a picture so that a whole page is in it; else so that the frame is in sight, below the LMS's column. A
# frame of another site that is out of sight is not painted, and what waits for its next frame waits for ever.
TALL = 6000 if ALL else 2400
PRACTICE = "2"
FOLD_OUT = """() => { for (const each of document.querySelectorAll("details:not([open])"))
  each.open = each.dataset.opened = true }"""
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right
  > innerWidth || each.scrollWidth > each.clientWidth + 1).map((each) => each.outerHTML.slice(0, 160)).slice(-3)"""
FOLD_IN = """() => { for (const each of document.querySelectorAll("details[data-opened]"))
  { each.open = false; delete each.dataset.opened } }"""


def environment() -> dict[str, str]:
    """As the demo is started by somebody who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class DemoCommand:
    """`python -m lti_tool.demo`, which is what ./run demo executes, in a folder and at ports of its own."""

    def __init__(self, folder: Path, first: int | None = None) -> None:
        self.folder = folder
        self.first = first or random.randrange(20000, 32000, 2)
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()

    def _started(self) -> "subprocess.Popen[str] | Forked":
        return subprocess.Popen(
            [sys.executable, "-m", "lti_tool.demo", "--bare", "--port", str(self.first)],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        self.process = self._started()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._address()
        self.port = int(self.url.rstrip("/").rpartition(":")[2])
        self.tool_url = f"http://localhost:{self.port - 1}"
        self.hosts = (self.url, f"{self.tool_url}/")
        self.state = self.folder / "var" / "demo" / str(self.port - 1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        # However long it takes on a busy machine: it ends when it has let go of everything.
        assert self.process.wait() == 0, self.said
        # Its last words are here.
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _address(self) -> str:
        """The one address it prints."""
        try:
            while line := self._lines.get(timeout=PATIENCE):
                self.said.append(line)
                if found := re.search(r"Open +(http://127\.0\.0\.1:\d+/)", line):
                    return found[1]
        except queue.Empty:
            self.process.kill()
        raise AssertionError(f"the demo did not start: {''.join(self.said)}")

    @property
    def school(self) -> School:
        """The LMS's state, as it keeps it."""
        return School.load(self.state / "lms.json")

    def person(self, username: str) -> str:
        """The id of an account."""
        return next(person.id for person in self.school.people.values() if person.username == username)

    def activity(self, step: str = "ambition") -> Activity:
        """The placement of a step."""
        placed = self.school.course_activities(PRACTICE)
        return next(each for each in placed if each.custom.get("step", "home") == step)

    def column(self, step: str = "ambition") -> Column:
        """The gradebook's column of a step."""
        activity = self.activity(step)
        return next(each for each in self.school.columns.values() if each.activity_id == activity.id)

    def page_of(self, username: str, step: str = "ambition") -> str:
        """Where the LMS shows a step to somebody."""
        return f"{self.url}as/{self.person(username)}/activity/{self.activity(step).id}"

    def place(self) -> None:
        """Wout places the whole cycle and facilitates: without a browser, where it is not what is tested."""
        wout: Visitor = HttpVisitor()
        [client_id] = self.school.tools
        wout.open(f"{self.url}as/{self.person('wout')}/course/{PRACTICE}/select/{client_id}")
        wout.submit("/place", {"what": "cycle", "passback": "moments"})
        wout.open(self.page_of("wout"))
        wout.submit("/welcome", {"choice": "facilitate"})

    def enrol(self, number: int) -> list[str]:
        """Enrol so many new people in the course, as the LMS's own button does; their user names."""
        at = f"{self.url}as/{self.person('wout')}/course/{PRACTICE}/trouble"
        for _ in range(number):
            requests.post(at, data={"action": "enrol"}, timeout=PATIENCE).raise_for_status()
        return [person.username for person in self.school.people.values()][-number:]

    def arrange(self, statement: str, *values: str) -> None:
        """Change what the tool keeps: time that has gone by since."""
        with closing(sqlite3.connect(self.state / "leerkring.db", timeout=PATIENCE)) as database, database:
            assert database.execute(statement, values).rowcount

    def day_over(self) -> None:
        """The day that was announced for the present stage has come and gone, and so has its extension."""
        self.arrange("UPDATE step_run SET closes_at = datetime('now', '-1 hour'), extended = 1 WHERE closed_at IS NULL")

    def settle(self, *there: str, away: Collection[str] = ()) -> None:
        """Wout says who belongs: these, of whom some are away; the others of the course take no part.

        As the tests in which a community goes through stages begin: before anybody else has opened it.
        """
        course = [person for person, role in self.school.roster(PRACTICE) if role != "editingteacher"]
        aside = [person.name for person in course if person.username not in there]
        gone = [person.name for person in course if person.username in away]
        past.settle(Caller(self, "wout").launch(), len(there), aside, gone)


class ForkedDemo(DemoCommand):
    """The same, but for how its process comes about."""

    def _started(self) -> Forked:
        return Forked(self.folder, self.first, environment())


def new_page(context: BrowserContext) -> Page:
    """A page whose frames of another site keep no cookies but partitioned ones: in a headless shell no private window
    sees to it."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    without = {"disableThirdPartyCookieMetadata": True, "disableThirdPartyCookieHeuristics": True}
    session.send("Network.setCookieControls", {"enableThirdPartyCookieRestriction": True, **without})
    return page


class Watch:
    """Everything in a browser context that should not happen: errors on the console (those of the content
    security policy among them), requests to other hosts, answers of 400 and more that were not announced."""

    def __init__(self, context: BrowserContext, demo: DemoCommand) -> None:
        self.hosts = demo.hosts
        self.allowed: set[int] = set()
        self.complaints: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"error on a page: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type in ("error", "warning") and not (status and int(status[1]) in self.allowed):
            self.complaints.append(f"{message.type} on {message.location.get('url')}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((*self.hosts, "data:", "blob:", "about:")):
            self.complaints.append(f"a request left for {request.url}")


class Person(ChromiumVisitor):
    """Somebody of the LMS at a browser of their own."""

    def __init__(
        self, demo: DemoCommand, context: BrowserContext, shots: "Shots", username: str, language: str = "nl"
    ) -> None:
        super().__init__(context)
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        self.demo = demo
        self.username = username
        self.language = language
        self.border = 0
        self.shots = shots
        self.watch = Watch(self.context, demo)

    def launch(self, step: str = "ambition") -> Self:
        """Open a step in the course."""
        self.open(self.demo.page_of(self.username, step))
        return self

    def again(self, step: str = "ambition") -> Self:
        """Look again at a step, without leaving the tool."""
        self.follow(f"/step/{step}")
        return self

    def refused(self, action: str, fields: dict[str, str], status: int = 422) -> None:
        """Send a form that cannot be taken like this."""
        self.watch.allowed.add(status)
        self.submit(action, fields)

    def grade(self, expected: str, step: str = "ambition", whose: str = "") -> None:
        """Watch the gradebook beside the frame until it shows this: of oneself, or as a teacher of somebody."""
        cell = self.page.locator(f"#grade-{self.demo.column(step).id}-{self.demo.person(whose or self.username)}")
        expect(cell).to_have_text(expected, timeout=PATIENCE * 1000)

    def enter(self, thing: Locator) -> None:
        """Enter on what has the focus and leads to another page. Chromium may never answer to a key that ends the
        frame it was pressed in, and `keyboard.press` waits for that without end; whether it came to something, the
        page tells."""
        with self.leaving(), suppress(TookTooLong):
            thing.press("Enter", timeout=PATIENCE * 1000)

    def tab(self) -> "Person":
        """The same browser with another tab; whoever sits there may be somebody else."""
        other = copy.copy(self)
        other.page = new_page(self.context)
        other.page.set_viewport_size({"width": WIDE, "height": 900})
        return other

    def inspect(self, name: str, wide: bool = True, narrow: bool = True, axe: bool = True) -> None:
        """Look at the tool's page wide, on a phone and at 400%: nothing scrolls sideways; axe, on the phone only where
        that is looked at, with --all at each; and then pictures."""
        if wide:
            self._inspect_wide(name, axe and (ALL or not narrow))
        if narrow:
            self._inspect_narrow(name, axe)
        self._size(WIDE)

    def _inspect_wide(self, name: str, axe: bool) -> None:
        if ALL:
            # The LMS and all of the frame in one picture.
            hidden = self.place.evaluate("document.documentElement.scrollHeight") - self._inner()[1]
            self._size(WIDE, 900 + max(0, hidden))
            self.page.screenshot(path=self.shots.path(self.language, name, WIDE))
        else:
            self._size(WIDE)
        self._sound(f"{name} at {WIDE}", axe)

    def _inspect_narrow(self, name: str, axe: bool) -> None:
        # The frame, not the LMS around it, has this width.
        beside = self._beside()
        self._size(PHONE + beside, TALL)
        assert self._inner()[0] == PHONE
        if ALL:
            self.place.locator("body").screenshot(path=self.shots.path(self.language, name, PHONE))
        self._sound(f"{name} at {PHONE}", axe)
        self._size(ZOOMED + beside, TALL)
        assert self._inner()[0] == ZOOMED
        self._sound(f"{name} at {ZOOMED}", axe=False)

    def inspect_lms(self, name: str) -> None:
        """Look at a page of the LMS itself."""
        if ALL:
            self.page.screenshot(path=self.shots.path(self.language, name, WIDE), full_page=True)
        assert not violations(self.page)

    def _beside(self) -> int:
        """What the LMS takes beside its frame on a small screen."""
        framed = self.place is not self.page
        if framed and not self.border:
            self._size(PHONE, TALL)
            self.border = PHONE - self._inner()[0]
        return self.border if framed else 0

    def _inner(self) -> tuple[int, int]:
        """Width and height of the window that the tool has."""
        frame = "document.querySelector('iframe#contentframe')"
        width, height = self.page.evaluate(
            f"{frame} ? [{frame}.clientWidth, {frame}.clientHeight] : [innerWidth, innerHeight]"
        )
        return width, height

    def _size(self, width: int, height: int = 900) -> None:
        """Resize the browser, and wait until the tool's page has noticed."""
        if self.page.viewport_size == {"width": width, "height": height}:
            return
        self.page.set_viewport_size({"width": width, "height": height})
        size = "([w, h]) => innerWidth === w && innerHeight === h"
        self.place.wait_for_function(size, arg=self._inner(), polling=OFTEN)
        if ALL:
            # Noticed is not painted: a picture made at once lacks what was out of sight. What is never painted, since
            # it is out of sight of whoever looks, is not waited for.
            self.page.bring_to_front()
            self.place.evaluate(PAINTED)

    def _sound(self, where: str, axe: bool) -> None:
        """No violation and nothing wider than the window, also with everything folded out."""
        place = self.place
        place.evaluate(FOLD_OUT)
        wide = place.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{where}: {wide} pixels too wide: {place.evaluate(STICKS_OUT)}"
        assert not axe or not (found := violations(place)), f"{where}: {found}"
        place.evaluate(FOLD_IN)


class Caller(HttpVisitor):
    """Somebody of the LMS without a browser, who is not looked at."""

    def __init__(self, demo: DemoCommand, username: str) -> None:
        super().__init__()
        self.demo, self.username = demo, username

    def launch(self, step: str = "ambition") -> Self:
        """Open a step in the course."""
        self.open(self.demo.page_of(self.username, step))
        return self

    def again(self, step: str = "ambition") -> Self:
        """Look again at a step, without leaving the tool."""
        self.follow(f"/step/{step}")
        return self

    def reload(self) -> Self:
        """Look again at the same page."""
        self.open(self._page.url)
        return self


Anybody = Person | Caller


class Counting(Person):
    """Somebody who keeps count: what it takes to send a form, typing not among it."""

    def __init__(self, *who: Any) -> None:
        super().__init__(*who)
        self.taken: dict[str, int] = {}

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        form = self.form(action, having)
        choices = 0
        for name, value in fields.items():
            for each in [value] if isinstance(value, str) else value:
                choices += form.locator(f'[name="{name}"]').evaluate_all(TO_CHOOSE, each)
        self.taken[action] = max(self.taken.get(action, 0), self.folded(form).count() + choices + 1)
        super().submit(action, fields, having)


class Typist(Person):
    """Somebody without a mouse, who gets everywhere by the keyboard."""

    def again(self, step: str = "ambition") -> Self:
        """Look again at a step: by its link, or where that is open by what F5 does, as often as one likes."""
        if urlsplit(self.place.url).path.endswith(f"/step/{step}"):
            with self.leaving():
                self.place.evaluate("location.reload()")
            return self
        return super().again(step)

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        form = self.form(action, having)
        self.fold_out(form)
        for name, value in fields.items():
            self.fold_out(form.locator(f'[name="{name}"]').first)
            for each in [value] if isinstance(value, str) else value:
                self._fill(form.locator(f'[name="{name}"]'), each)
        self._enter(self.sender(form))

    def follow(self, ending: str) -> None:
        link = self.place.locator(f'a[href$="{ending}"]').first
        self.fold_out(link)
        self._enter(link)

    def _enter(self, thing: Locator) -> None:
        self.reach(thing)
        self.enter(thing)

    def fold_out(self, thing: Locator) -> None:
        while self.folded(thing).count():
            self.reach(self.folded(thing).first)
            self.page.keyboard.press("Enter")

    def _fill(self, named: Locator, value: str) -> None:
        keys, kind = self.page.keyboard, named.first.evaluate("each => each.type")
        if kind == "hidden" and str(named.first.get_attribute("name")).startswith(DOTS):
            button, times = self.laying(named.first, int(value))
            for _ in range(times):
                self.reach(button)
                keys.press("Enter")
        elif kind == "hidden":
            assert named.first.input_value() == value
        elif kind == "checkbox":
            box = named.and_(self.place.locator(f'[value="{value}"]'))
            self.reach(box)
            keys.press("Space")
        elif kind == "radio":
            # Tab comes to the one that is chosen, or the first; from there the arrows go on.
            self.reach(named.and_(self.place.locator(":checked")).or_(named.first).last)
            for _ in range(named.count() + 1):
                if named.and_(self.place.locator(":checked")).evaluate_all("all => all.map(e => e.value)") == [value]:
                    return
                keys.press("Space" if not named.and_(self.place.locator(":checked")).count() else "ArrowDown")
            raise AssertionError(f"no key chooses {value}")
        elif kind == "select-one":
            self.reach(named.first)
            keys.press("Home")
            for _ in range(named.locator("option").count()):
                if named.first.input_value() == value:
                    return
                keys.press("ArrowDown")
            raise AssertionError(f"no key chooses {value}")
        elif kind == "date":
            self.reach(named.first)
            year, month, day = value.split("-")
            # In which order its parts stand is the browser's language's.
            for parts in ((month, day, year), (day, month, year), (year, month, day)):
                for _ in parts:
                    keys.press("ArrowLeft")
                keys.type("".join(parts))
                if named.first.input_value() == value:
                    return
            raise AssertionError(f"no keys make {value}")
        else:
            self.reach(named.first)
            keys.press("ControlOrMeta+a")
            # That keys write here the first letters tell; each of the others costs as much.
            keys.type(value[:3])
            keys.insert_text(value[3:])

    def reach(self, target: Locator) -> None:
        """Tab until it has the focus."""
        pressed = 0
        while pressed < 500 and (least := target.evaluate(TABS)):
            for _ in range(least):
                self.page.keyboard.press("Tab")
            pressed += least
        assert not target.evaluate(TABS), f"Tab never comes to {target}"


PAINTED = """() => new Promise((done) => { setTimeout(done, 2000);
  requestAnimationFrame(() => requestAnimationFrame(done)); })"""
# How often Tab has to be pressed at least: 0 where the focus is there, 1 where one has to look after each.
TABS = """(each) => {
  if (!document.hasFocus()) return 1;
  if (each === document.activeElement) return 0;
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((stop) => stop === each || (stop.type !== "radio" && !stop.disabled && stop.checkVisibility()));
  return Math.max(1, stops.indexOf(each) - stops.indexOf(document.activeElement)
    - (stops.indexOf(document.activeElement) < 0 ? stops.length : 0));
}"""

# How often one has to choose for a control to have a value.
TO_CHOOSE = """(all, value) => all.some((each) => ["radio", "checkbox"].includes(each.type)
  ? each.value === value && !each.checked : each.type === "select-one" && each.value !== value) ? 1 : 0"""


def violations(place: Any, colours: bool = True) -> list[str]:
    """What axe has to say about a page or frame. Evaluated, not added to the page: its policy allows no script.

    colours: whether contrast is measured too, which takes most of the time.
    """
    if not place.evaluate("typeof axe !== 'undefined'"):
        place.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colours}}}
    found = place.evaluate("(said) => axe.run(document, said).then((results) => results.violations)", options)
    return [f"{each['id']}: {node['target']} {node['html'][:120]}" for each in found for node in each["nodes"]]


class Shots:
    """Pictures for people, made with --all, in the order of a test: var/shots/nl/demo-07-dots-360.png."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: dict[str, int] = {}

    def path(self, language: str, name: str, width: int) -> Path:
        """Where a picture goes."""
        number = self.numbers.setdefault(name, len(self.numbers) + 1)
        return SHOTS / language / f"{self.name}-{number:02d}-{name}-{width}.png"
