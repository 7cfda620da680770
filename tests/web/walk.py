"""Walks through step 1 by its pages: a visit is one launch, and what its browser then opens and posts."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.demo.vocab import INSTITUTION_ADMIN
from lti_tool.steps.ambition import Ambition
from tests.actors import Browser, Page, World
from tests.histories import ALL
from tests.web.ways import ambition
from tests.web.ways.ambition import horizon

STAGES = [stage.name for stage in Ambition.stages] + ["closed"]
STEP = "step/ambition"


@dataclass
class Visit:
    """One launch. Addresses are below it; no redirect is followed."""

    browser: Browser
    first: Page
    base: str

    def get(self, path: str = "") -> Page:
        """Open a page."""
        return Page(self.browser, self.browser.client.get(self.base + path, base_url=self.browser.tool.url))

    def post(self, path: str, data: Any = None, **fields: str) -> Page:
        """Send a form."""
        return self.browser.post(self.base + path, fields if data is None else data, follow=False)

    def act(self, action: str, data: Any = None, **fields: str) -> Page:
        """Send a form of step 1; it must be taken."""
        page = self.post(f"{STEP}/{action}", {**(data or {}), **fields})
        assert page.status == 303, (action, page.status, page.text[:400])
        return page


def visit(
    world: World, username: str, activity: str = "ambition", browser: Browser | None = None, **claims: Any
) -> Visit:
    """Launch an activity as somebody; claims change what the LMS says."""
    actor = world.as_(username)
    page = actor.launch(activity, browser=browser, **claims)
    return Visit(browser or actor.browser, page, base_of(page))


def base_of(page: Page) -> str:
    """/l/<launch>/ of a page."""
    found = re.match(r"/l/[^/]+/", urlsplit(page.url).path)
    assert found, (page.url, page.status, page.text[:400])
    return found.group()


def picker(world: World, username: str, **claims: Any) -> Visit:
    """Open the picker as somebody."""
    page = world.as_(username).select_content(**claims)
    return Visit(world.as_(username).browser, page, base_of(page))


def enrol(world: World, username: str, role: str, course: str = "PLG-PRO", **details: Any) -> str:
    """Somebody new in a course."""
    school = world.lms.school
    person = school.add_person(username.title(), "Nieuweling", username, **details)
    if role:
        school.enrol(world.course(course).id, person.id, role)  # type: ignore[arg-type]
    return username


# All that a text needs before it can be put to everyone, as its form sends it.
WHOLE = {
    name if not isinstance(value, dict) else f"{name}-{key}": str(each)
    for name, value in ambition.WHOLE.items()
    for key, each in (value.items() if isinstance(value, dict) else [("", value)])
}

ADMINISTRATOR_ONLY = {"roles": [INSTITUTION_ADMIN]}
NO_ROLE: dict[str, Any] = {"roles": []}


class Walk:
    """A community at step 1, its facilitator outside it, each member at a browser of their own."""

    def __init__(self, world: World, *members: str) -> None:
        self.world = world
        # Of people and their browsers a world keeps what they hold: a page here is what came back, at a browser.
        came = world.on_from_here(f"begun by {members}", lambda: self._begin(members))
        pages = {name: Page(world.as_(name).browser, each) for name, each in came.items()}
        seen = {name: Visit(page.browser, page, base_of(page)) for name, page in pages.items()}
        self.wout = seen["wout"]
        self.visits = {name: seen[name] for name in members}

    def _begin(self, members: tuple[str, ...]) -> dict[str, TestResponse]:
        self.world.begin(*members)
        for name in ("wout", *members):
            # Of a browser's sessions those of one second have no order, and of nine it loses one: not the one below.
            self.world.as_(name).browser.forget()
        return {name: visit(self.world, name).first.response for name in ("wout", *members)}

    def __getitem__(self, name: str) -> Visit:
        return self.visits[name]

    def rows(self, query: str, **values: Any) -> list[Row[Any]]:
        """What the database says."""
        with self.world.tool.session() as session:
            return list(session.execute(text(query), values))

    @property
    def stage(self) -> str:
        """Where step 1 stands."""
        return str(self.rows("SELECT stage FROM step_run WHERE step = 'ambition' ORDER BY id")[0][0])

    def ids(self, kind: str = "idea") -> list[int]:
        """Ids of the contributions of a kind, oldest first."""
        query = "SELECT id FROM contribution WHERE kind = :kind AND withdrawn_at IS NULL ORDER BY created_at"
        return [row[0] for row in self.rows(query, kind=kind)]

    def of_others(self, name: str) -> list[int]:
        """Ids of the ideas that are not somebody's own."""
        query = (
            "SELECT contribution.id FROM contribution JOIN member ON member.id = member_id"
            " JOIN person ON person.id = person_id"
            " WHERE kind = 'idea' AND withdrawn_at IS NULL AND sub != :sub ORDER BY contribution.created_at"
        )
        return [row[0] for row in self.rows(query, sub=self.world.person(name).id)]

    def move(self, seen: str | None = None, **fields: str) -> Page:
        """The facilitator's button; confirmed="1": without those who are missing."""
        return self.wout.post(f"{STEP}/facilitate/advance", stage=self.stage if seen is None else seen, **fields)

    def all_heard(self) -> None:
        """Everybody passes who can, as the page offers it to whoever was not heard."""
        for at in self.visits.values():
            if (page := at.get(STEP)).has_form("/together/pass"):
                page.form("/together/pass").submit()

    def to(self, stage: str) -> "Walk":
        """On to a stage, everybody doing what each asks; who has nothing to do there passes."""
        while (now := self.stage) != stage:
            self.world.on_from_here(f"{[*self.visits]} past {now}", partial(self._past, now))
        return self

    def _past(self, stage: str) -> None:
        for index, name in enumerate(self.visits):
            self.do_the_task(name, index, stage)
        if stage in ("respond", "pairs", "fours"):
            self.all_heard()
        page = self.move()
        assert page.status == 303, page.text[:400]

    def do_the_task(self, name: str, index: int, stage: str) -> None:
        """What a stage asks of somebody: every text holds the name of who wrote it."""
        ideas = self.ids()
        if stage == "ideas":
            self[name].act("idea", text=f"idee van {name}", why=f"reden van {name}")
        elif stage == "respond" and (theirs := self.of_others(name)):
            self[name].act("respond", idea=str(theirs[index % len(theirs)]), text=f"reactie van {name}")
        elif stage in ("pairs", "fours") and (page := self[name].get(STEP)).has_form("/keep_apart"):
            page.form("/keep_apart").submit()
        elif stage == "dots":
            self[name].act("dots", {f"dots-{ideas[index % len(ideas)]}": "3"})
        elif stage == "draft" and index == 0:
            self.write(name)
        elif stage == "consent":
            self[name].act("consent", answer="agree")

    def write(self, name: str, text: str = "") -> None:
        """Take the pen, write a whole text, agree on whom to ask outside, hand the pen on."""
        self[name].act("take_pen")
        version = self.rows("SELECT coalesce(max(version), 0) FROM contribution WHERE kind = 'proposal'")[0][0]
        said = {**WHOLE, "horizon": horizon(), "text": text or f"tekst van {name}", "ideas": str(self.ids()[0])}
        said["whys"] = [str(each) for each in self.ids()]
        self[name].act("propose", {**said, "version": str(version)})
        self[name].act("hand_on_pen")
        if not self.ids("stakeholder"):
            self[name].act("voice", group="pupils", name="een leerling", question=f"vraag van {name}", date=horizon())


def meet(at: Visit) -> None:
    """Begin a meeting with the agenda that is proposed, as whoever facilitates."""
    # Not the form that works an agenda out again.
    page = at.get("together")
    if page.has_form("/together"):
        page.form("/together", 'name="first"').submit()


def rules(world: World, method: str) -> list[Rule]:
    """The application's addresses under a launch, for a method."""
    return [
        rule
        for rule in world.tool.app.url_map.iter_rules()
        if rule.endpoint.startswith(("circle.", "news.")) and rule.methods and method in rule.methods
    ]


def paths(world: World, method: str, one: int = 0, of: int = 1, whole: str = "ambition") -> list[str]:
    """Every address under a launch, for every deed there is; or what the one of so many askers asks.

    Who asks is told apart by the audience of a rule (lti_tool/audience.py), and that a step is shut by the step
    (circle/step.py), both before it is looked up which deed it is: neither hangs on the deed. So each asker asks of
    every rule in every step, but each deed is asked by one of them, where its step is not the whole one. Askers are to
    be let in alike, or a deed may be asked only by who is sent away at the door. All ask all with --all.
    """
    steps = {step.name: step for step in world.tool.app.extensions["leerkring"].steps}
    found = []
    for rule in rules(world, method):
        path = rule.rule.removeprefix("/l/<launch_id>/")
        for name in steps if "<name>" in path else [""]:
            deeds = [deed.name for deed in steps[name].deeds] + ["nothing"] if "<deed>" in path else [""]
            if "<deed>" in path and name != whole and not ALL:
                deeds = deeds[one % of :: of]
            for deed in deeds:
                made = path.replace("<name>", name).replace("<deed>", deed)
                numbers = (1, 2) if "<int:" in made else (0,)
                found += [re.sub(r"<int:\w+>", str(number), made) for number in numbers]
    return sorted(set(found))
