"""Eight people, one of whom leads, with a facilitator and a leader outside, go through a whole cycle in Dutch, and on.

One has a phone, one has only a keyboard. Every stage is looked at (Person.inspect) once somebody has done what it asks,
in turn wide and narrow; with --all when it opens too, in both languages at both, by people who all do everything in a
browser. What a stage opens with is looked at in both languages without an LMS around it:
tests/browser/test_every_stage.py.
"""

import re

import pytest

from lti_tool.demo import story
from lti_tool.demo.past import HOME, STAGES, Community
from lti_tool.demo.visitors import Visitor
from tests.browser.actors import PHONE, Caller, Counting, DemoCommand, Person, Typist
from tests.browser.cast import CAST, LEADS, MORE
from tests.browser.conftest import Meet
from tests.conftest import ALL

LEADER, AWAY = "mieke", "ruben"
PHONE_OF, KEYBOARD, COUNTING = "youssef", "marieke", "fatima"
# Who does no more than others do in a browser does it without one: as many windows beside each other take most of the
# time. Three of them have one to look with: the leader, and Siobhán in English and Wout at the end.
WITHOUT = () if ALL else ("siobhan", "janwillem", "soren", PHONE_OF, LEADS, MORE, LEADER, "wout")
# Of the two questionnaires each sentence is one tap, and a card shows a piece of evidence and an action; of everything
# else nothing takes more than three.
TAPS = {"/survey": 15, "/pulse": 4, "/card": 4}
CONTRIBUTIONS = {
    *("/idea", "/respond", "/dots", "/consent", "/question", "/evidence", "/weigh", "/enough", "/observe", "/react"),
    *("/fine", "/propose", "/advise", "/log", "/reply", "/say", "/story", "/card", "/endorse"),
}


class Tour:
    """The people in their browsers, and all that is looked at on the way."""

    def __init__(self, demo: DemoCommand, meet: Meet) -> None:
        self.demo, self.meet = demo, meet
        self.people: dict[str, Person] = {}
        self.callers = {name: Caller(demo, name) for name in WITHOUT}
        self.launched: set[str] = set()
        self.looked = 0
        self.community = Community(self.go, CAST, "wout", LEADER, self.look)

    def go(self, name: str, step: str) -> Visitor:
        """Somebody, with a browser or without: launched the first time, and then by the page's own link."""
        if name not in self.callers:
            return self.at(name, step)
        caller = self.callers[name]
        if name == LEADER and name in self.launched:
            # She is at home, always: of the steps she has no pages.
            return caller.reload()
        if step == HOME or name not in self.launched:
            self.launched.add(name)
            return caller.launch(step)
        return caller.again(step)

    def at(self, name: str, step: str) -> Person:
        """Somebody at home from the course; or at a step, launched the first time and then by the page's own link."""
        if name not in self.people:
            kind = {KEYBOARD: Typist, COUNTING: Counting}.get(name, Person)
            person = self.meet(self.demo, name, "en" if name == "siobhan" else "nl", kind)
            self.people[name] = person.launch(HOME if name == LEADER else "ambition")
            if name == PHONE_OF:
                person.page.set_viewport_size({"width": PHONE, "height": 740})
            if step == "ambition" and name != LEADER:
                return self.people[name]
        person = self.people[name]
        # The home has no link to itself, and the leader has no pages of the steps.
        if step == HOME or name == LEADER:
            return person.launch(HOME)
        return person.again(step)

    def look(self, step: str, stage: str) -> None:
        """Look at a stage, with --all in both languages, and at what the leader can read by now."""
        if ALL or stage not in (*STAGES.get(step, ()), "closed"):
            self.inspect(step, stage, *(["fatima", "siobhan"] if ALL and not stage.endswith("-done") else ["fatima"]))
        said = self.go(LEADER, HOME).text()
        assert not [text for text in written() if text in said]
        if stage in ("asked", "answered"):
            assert story.REQUEST in said
            self.at(LEADER, HOME).inspect(f"leader-{stage}")
        hidden = {
            ("ambition", "ideas-done"): {name: each.idea for name, each in CAST.items()},
            ("consequences", "propose-done"): {name: each.proposal.act for name, each in CAST.items() if each.proposal},
            ("evaluation", "survey-done"): {name: each.change.text for name, each in CAST.items()},
        }
        for name in ("fatima", "youssef", "wout") if (step, stage) in hidden else ():
            said = self.go(name, step).text()
            read = [writer for writer, text in hidden[step, stage].items() if text in said]
            assert read == ([] if name == "wout" else [name])
        # Nobody reads a tally before its round has closed; of the survey only members read it after.
        tallies = {
            ("ambition", "dots-done"): "12 stippen",
            ("actions", "check-done"): "8 houden",
            ("evaluation", "survey-done"): "leden antwoordden.",
        }
        for name in ("fatima", "wout") if (step, stage) in tallies else ():
            assert tallies[step, stage] not in self.go(name, step).text()
        if (step, stage) == ("evaluation", "stories"):
            assert re.search(r"8 van de \d+ leden antwoordden\.", self.go("fatima", step).text())
            assert "leden antwoordden." not in self.go("wout", step).text()

    def inspect(self, step: str, stage: str, *names: str) -> None:
        """Nothing scrolls sideways, and axe; what is done is looked at in turn wide and narrow; with --all pictures."""
        self.looked += 1
        both = ALL or not stage.endswith("-done")
        for name in names:
            self.at(name, step).inspect(
                f"{step}-{stage}", wide=both or self.looked % 2 == 0, narrow=both or self.looked % 2 == 1
            )


def written() -> list[str]:
    """What people wrote for each other, which is not the school leader's to read."""
    alone = [
        (it.idea, it.why, it.response, it.question, it.evidence.text, it.seen, it.asks, it.log.done, it.log.because)
        for it in CAST.values()
    ]
    later = [(it.reply, it.change.text, it.strikes, it.card[1]) for it in CAST.values()]
    proposals = [(it.proposal.act, it.proposal.effect) for it in CAST.values() if it.proposal]
    together = [
        *(story.CONCERN, story.TOO_MUCH, story.MINORITY, story.WHY_THIS, story.VERDICT["text"], story.YIELD),
        *(text for plan in story.PLANS for text in (plan.what, plan.learned)),
        *(text for _, _, text in story.ADVICE),
        *(text for point in story.POINTS for text in point),
        *("Dit is van ons samen", "We hebben bereikt wat we afspraken", "12 stippen", "8 houden", "8 antwoorden"),
    ]
    return [text for each in (*alone, *later, *proposals, together) for text in each if text]


@pytest.mark.browser
@pytest.mark.timeout(3000)
def test_a_whole_cycle_with_everybody_and_on_into_the_second(demo: DemoCommand, meet: Meet) -> None:
    demo.settle(*CAST, AWAY, away=[AWAY])
    tour = Tour(demo, meet)
    tour.go(LEADS, "ambition").submit("/welcome", {"choice": "join_and_lead"})
    leader = tour.people[LEADER] = meet(demo, LEADER).launch()
    leader.submit("/welcome", {"choice": "follow"})
    leader.submit("/lead/ambition/frame", {"text": story.FRAME})
    leader.inspect("leader-frame")

    community = tour.community
    community.ambition()
    assert story.AMBITION["text"] in tour.go(LEADER, HOME).text()
    community.information()
    community.interpretation()
    stands(tour, "interpretation", *(text for text, _ in story.POINTS))
    community.consequences()
    stands(tour, HOME, *(plan.what for plan in story.PLANS))
    tour.at(LEADER, HOME).inspect("leader-after-four")
    community.actions()
    stands(tour, HOME, *(plan.learned for plan in story.PLANS))
    community.evaluation()
    stands(tour, HOME, story.YIELD)

    fatima = tour.people[COUNTING]
    assert isinstance(fatima, Counting)
    over = {action: taken for action, taken in fatima.taken.items() if taken > TAPS.get(action, 3)}
    assert not over, over
    assert fatima.taken.keys() >= CONTRIBUTIONS
    wout = tour.at("wout", HOME)
    for step in STAGES:
        for name in CAST:
            # The LMS gives an assistant no grades; here her part counts all the same.
            if name != LEADS:
                wout.grade("100", step, name)
    assert "geen cijfers" in tour.go(LEADS, "ambition").text()
    beside_the_steps(tour)
    the_second_cycle(tour)


def stands(tour: Tour, step: str, *texts: str) -> None:
    """Everybody can read it there."""
    said = tour.go("fatima", step).text()
    assert not [text for text in texts if text not in said]


def beside_the_steps(tour: Tour) -> None:
    """The red thread, how it felt over time, the yields of others, and the mirror on the home."""
    for name in ("fatima", "siobhan"):
        person = tour.at(name, HOME)
        assert person.place.locator("#mirror").count() == 1
        person.follow("/thread")
        person.inspect("thread")
        person.follow("/home")
        person.follow("/pulse")
        person.inspect("pulse")
        person.follow("/home")
        person.follow("/yields")
        person.inspect("yields")
    fatima = tour.go("fatima", HOME)
    fatima.follow("/thread")
    said = fatima.text()
    wanted = [text for plan in story.PLANS for text in (plan.what, plan.learned)]
    wanted += [text for text, _ in story.POINTS] + [each.log.done for each in CAST.values()]
    assert not [text for text in (*wanted, story.AMBITION["text"], story.YIELD) if text not in said]
    assert re.search(r"#\d\d", said)


def the_second_cycle(tour: Tour) -> None:
    """It begins with what the first left; the old places say where it is, and take nothing more."""
    tour.community.begin_again()
    # The leader's page of the first stays that; from the course she comes to the second.
    tour.launched.discard(LEADER)
    tour.at("wout", HOME).inspect("home-two-facilitator")
    for name in ("fatima", "siobhan"):
        person = tour.people[name].launch("evaluation")
        person.inspect("old-step")
        assert story.YIELD in person.text()
        assert not person.place.locator("main form").count()
        person.follow("~2/home")
        person.inspect("home-two")
        person.follow("~2/step/ambition")
        person.inspect("ambition-two")
        for left in (story.FOUND, *(plan.what for plan in story.PLANS if plan.ended == "changed")):
            assert left in person.text()
    fatima = tour.people["fatima"]
    fatima.submit("/idea", {"text": "ze elkaar uitleggen hoe iets moet", "why": "Daar leren ze allebei van."})
    assert "ze elkaar uitleggen hoe iets moet" in fatima.text()
    said = tour.go(LEADER, HOME).text()
    assert "Cyclus 2" in said
    assert "ze elkaar uitleggen" not in said
    tour.at(LEADER, HOME).inspect("leader-two")


def test_the_walk_knows_the_stages_that_the_steps_have() -> None:
    from lti_tool.demo.past.after import SURVEY
    from lti_tool.demo.past.people import PULSE
    from lti_tool.domain.mechanisms import pulse
    from lti_tool.steps import load, objecting
    from lti_tool.steps.evaluation import survey

    # Nobody's objection stays in this story: where one is weighed nobody comes.
    there = {step.name: tuple(each.name for each in step.stages if each.name != objecting.NAME) for step in load()}
    assert there == STAGES
    assert (tuple(survey.ITEMS), tuple(pulse.ITEMS)) == (SURVEY, PULSE)
