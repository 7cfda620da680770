"""Nobody's work is taken over, and what should go goes: a pupil's name, a merge, the pen, a changed card."""

from contextlib import suppress

import pytest

from lti_tool.demo import story
from lti_tool.demo.past import HOME, Community
from tests.browser.actors import PHONE, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.test_circle import CAST, Callers, name_of, reads

pytestmark = pytest.mark.browser

PUPIL = "Kevin uit 2b durft nu zelf te vragen"
MENDED = "leerlingen durven nu zelf te vragen"
TOGETHER = "ze vragen en vertellen zelf"
LEADER = "mieke"


def on_a_phone(person: Person) -> Person:
    person.page.set_viewport_size({"width": PHONE, "height": 740})
    return person


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_names_a_pupil_is_gone_in_two_taps_and_its_writer_mends_it(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    there = ("fatima", "marieke", "youssef")
    demo.settle(*there)
    go = Callers(demo)
    for name in there:
        text = PUPIL if name == "marieke" else CAST[name].idea
        go(name, "ambition").submit("/idea", {"text": text, "why": CAST[name].why})
    go("wout", "ambition").submit("/facilitate/advance", {})

    wout = meet(demo, "wout", language).launch()
    assert PUPIL in wout.text()
    wout.follow("/step/ambition/texts")
    wout.inspect("texts-for-who-facilitates")
    assert "Marieke" not in wout.text()
    wout.press(wout.place.locator("article", has_text=PUPIL).locator('form[action$="/facilitate/hide"] button'))
    assert PUPIL not in wout.text()
    reads(wout, "weggehaald door wie begeleidt", "removed by whoever facilitates")
    fatima = on_a_phone(meet(demo, "fatima", "en")).launch()
    assert PUPIL not in fatima.text()
    fatima.inspect("where-it-stood")

    marieke = on_a_phone(meet(demo, "marieke", language)).launch(HOME)
    reads(marieke, "haalde een tekst van jou weg", "removed a text of yours")
    marieke.inspect("told-at-home")
    marieke.follow("/step/ambition/texts")
    marieke.submit("/together/mend", {"text": MENDED})
    marieke.inspect("mended")
    assert MENDED in fatima.again().text()
    marieke.launch(HOME)
    assert not marieke.place.locator('a[href$="/texts"]').count(), "there is nothing left to mend"


class Here(Exception):
    """The story is where somebody wanted to look."""


def walk_to(go: Callers, step: str, stage: str, *steps: str) -> None:
    """The people of the demo go through these steps, up to a moment of the last one."""

    def look(seen_step: str, seen_stage: str) -> None:
        if (seen_step, seen_stage) == (step, stage):
            raise Here

    community = Community(go, CAST, "wout", LEADER, look)
    with suppress(Here):
        for name in steps:
            getattr(community, name)()
        pytest.fail(f"they never came to {stage} of {step}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_groups_idea_joins_by_its_yes(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*CAST)
    go = Callers(demo)
    walk_to(go, "ambition", "pairs", "ambition")
    fatima = on_a_phone(meet(demo, "fatima", language)).launch()
    ideas = fatima.choices("/merge", "sources")
    # Whoever she does not sit with.
    other = next(
        name for name in CAST if name != "fatima" and name_of(demo, name) not in fatima.text().partition("Zoek")[0]
    )
    wanted = [each for each, words in ideas if CAST["fatima"].idea in words or CAST[other].idea in words]
    fatima.submit("/merge", {"text": TOGETHER, "why": "Dat hoort bij elkaar.", "sources": wanted})
    reads(fatima, "Wie ja zei, zie je niet", "You do not see who said yes")
    fatima.inspect("waits-for-a-yes")
    asked = on_a_phone(meet(demo, other, language)).launch()
    reads(asked, "Een groepje wil", "A group would like")
    asked.inspect("asked-for-an-idea")
    asked.submit("/let_in", {})
    reads(asked, "Jij zei ja", "You said yes")
    fatima.again()
    assert TOGETHER in fatima.text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_had_the_pen_has_it_again_once_the_others_leave_it(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*CAST)
    go = Callers(demo)
    walk_to(go, "ambition", "draft", "ambition")
    fatima = on_a_phone(meet(demo, "fatima", language)).launch()
    fatima.submit("/take_pen", {})
    fatima.submit("/hand_on_pen", {})
    assert fatima.has("/take_pen"), "just handed on, she can go on"
    demo.arrange("UPDATE contribution SET updated_at = datetime('now', '-16 minutes') WHERE kind = 'pen'")
    fatima.again()
    assert not fatima.has("/take_pen")
    fatima.inspect("another-s-turn")
    marieke = meet(demo, "marieke", language).launch()
    marieke.inspect("asked-for-the-pen")
    marieke.submit("/not_me", {})
    for name in CAST:
        if name not in ("fatima", "marieke"):
            go(name, "ambition").submit("/not_me", {})
    fatima.again().submit("/take_pen", {})
    assert fatima.has("/propose")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_that_a_colleague_changed_is_taken_on_anew_or_not(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*CAST)
    go = Callers(demo)
    go(LEADER, HOME).submit("/welcome", {"choice": "follow"})
    walk_to(go, "consequences", "asked", "ambition", "information", "interpretation", "consequences")
    plan = story.PLANS[0]
    owner, colleague = (list(CAST)[each] for each in (plan.owner, 1))
    marieke = meet(demo, colleague, language).launch("consequences")
    card = marieke.place.locator("article", has_text=plan.what).first
    number = card.locator('form[action$="/action"] input[name="id"]').first.get_attribute("value")
    assert number
    marieke.submit("/action", {"what": f"{plan.what}, ook op zaterdag"}, {"id": number})
    marieke.inspect("changed-somebody-s-card")
    fatima = on_a_phone(meet(demo, owner, language)).launch(HOME)
    reads(fatima, "Doe je hem nog?", "Will you still do it?")
    fatima.launch("consequences")
    reads(fatima, "Een collega paste deze actie aan", "A colleague changed this action")
    assert "zaterdag" in " ".join(fatima.place.locator("ins").all_text_contents())
    fatima.inspect("asked-anew")
    fatima.submit("/own", {}, {"id": number})
    assert "Een collega paste deze actie aan" not in fatima.text()
