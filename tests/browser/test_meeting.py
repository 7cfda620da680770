"""A whole meeting: eight colleagues, one big screen and one who conducts, to the end of step 1 in seven presses.

Two phones, the big screen and the conductor's page are in a browser, and are looked at at each round: with --all as
pictures, which docs/meeting.md shows.
"""

import re
from base64 import b64encode
from typing import Any

import pytest
from playwright.sync_api import expect

from lti_tool.demo import story
from lti_tool.demo.past import STAGES, Community
from lti_tool.demo.past.people import PULSE, felt
from lti_tool.demo.visitors import Visitor
from lti_tool.steps import load
from tests.browser.actors import PATIENCE, PHONE, Caller, DemoCommand, Person
from tests.browser.cast import CAST, LEADS
from tests.browser.conftest import Meet
from tests.conftest import ALL

pytestmark = pytest.mark.browser
PHONES = ("fatima", "youssef")
AROUND = 32  # what the LMS takes beside its frame
BIG = {"width": 1920, "height": 1080}
ROUNDS = STAGES["ambition"]
ASKS = {stage.name: stage.asks.nl for step in load() if step.name == "ambition" for stage in step.stages if stage.asks}

ROOM = """<main style="display:flex;gap:24px;align-items:start;padding:24px;background:#e7ecec">{}</main>
<style>body{{margin:0}} img{{height:620px;border:1px solid #9aa}}</style>"""


class Meeting(Community):
    """The story's step 1, with a conductor's page to move it on, and screens that nobody touches."""

    def __init__(self, demo: DemoCommand, wout: Person, wall: Person, phones: dict[str, Person]) -> None:
        self.conductor, self.wall, self.phones, self.presses = wout, wall, phones, 0
        self.callers = {name: Caller(demo, name).launch() for name in CAST if name not in phones}
        self.callers[LEADS].submit("/welcome", {"choice": "join"})
        super().__init__(self.at, CAST, "wout", "mieke", self.see)

    def at(self, name: str, step: str) -> Visitor:
        """Somebody at the step as it is now: within a round a phone does not renew what others did."""
        return (self.phones.get(name) or self.callers[name]).again(step)

    def on(self, step: str, stage: str, **_: Any) -> None:
        """The conductor presses, once."""
        self.see(step, f"{stage}-done")
        self.presses += 1
        self.conductor.submit("/together/next", {})
        stages = (*STAGES[step], "closed")
        self.see(step, stages[stages.index(stage) + 1])

    def see(self, step: str, stage: str) -> None:
        """All screens come to the round by themselves; then each is looked at."""
        begun = stage.removesuffix("-done")
        if begun not in ROUNDS:
            words = {"wall": "Stap 1 is klaar", "phone": r"Hoe voelt het|Sta je erachter|ambitie"}
        else:
            words = {"wall": f"ronde {ROUNDS.index(begun) + 1} van 7", "phone": re.escape(ASKS[begun])}
        there = [(each, words["wall"]) for each in (self.conductor, self.wall)]
        for place, wanted in [*there, *((each, words["phone"]) for each in self.phones.values())]:
            expect(place.place.locator("main")).to_contain_text(re.compile(wanted), timeout=PATIENCE * 1000)
        if stage.endswith("-done") and begun != "draft":
            said = (
                re.compile("8 van de 8") if begun in ("ideas", "respond", "dots", "consent") else re.compile("van de")
            )
            expect(self.wall.place.locator(".heard")).to_contain_text(said, timeout=PATIENCE * 1000)
        if ALL and begun == stage:
            self.picture(stage)

    def picture(self, stage: str) -> None:
        """The four screens beside each other, as they are in the room."""
        taken = []
        for person in (self.wall, self.conductor, *self.phones.values()):
            person.page.bring_to_front()
            frame = person.page.locator("iframe#contentframe").screenshot()
            taken.append(f'<img src="data:image/png;base64,{b64encode(frame).decode()}">')
        page = self.wall.context.new_page()
        page.set_content(ROOM.format("".join(taken)))
        page.set_viewport_size({"width": BIG["width"], "height": 700})
        page.locator("main").screenshot(path=self.wall.shots.path("nl", stage, BIG["width"]))
        page.close()


@pytest.mark.timeout(1800)
def test_eight_colleagues_come_to_an_ambition_in_seven_presses_and_every_screen_follows(
    demo: DemoCommand, meet: Meet
) -> None:
    demo.settle(*CAST)
    wout = meet(demo, "wout").launch("home")
    phones = {name: meet(demo, name).launch() for name in PHONES}
    for phone in (wout, *phones.values()):
        phone.page.set_viewport_size({"width": PHONE + AROUND, "height": 800})
    wout.follow("/together")
    wout.submit("/together", {}, having={"first": "ambition.ideas"})
    # Its second tab begins a session anew: a look that was under way then is refused, and the next one is not.
    wout.watch.allowed.add(401)
    wall = wout.tab().launch("home")
    wall.follow("/together/beamer")
    wall.page.set_viewport_size(BIG)
    for phone in phones.values():
        phone.again()

    meeting = Meeting(demo, wout, wall, phones)
    meeting.ambition_to_decide()
    for name in CAST:
        meeting.go(name, "ambition").submit("/consent", {"answer": "agree"})
    meeting.on("ambition", "consent")
    assert meeting.presses == 7
    for number, name in enumerate(CAST):
        meeting.go(name, "ambition").submit("/pulse", felt("pulse", PULSE, number, 2))
    wout.submit("/together/end", {})
    assert story.AMBITION["text"] in wout.text()
    wout.inspect("taken-away")
