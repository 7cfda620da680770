"""Nobody's work is taken over, and what should go goes: a pupil's name, a merge, the pen, a changed card."""

import pytest

from lti_tool.demo.past import HOME
from lti_tool.models import Person as Account
from tests.browser.actors import PHONE, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import Callers, brought
from tests.browser.test_circle import CAST, name_of, reads
from tests.web.ways import consequences

pytestmark = pytest.mark.browser

PUPIL = "Kevin uit 2b durft nu zelf te vragen"
MENDED = "leerlingen durven nu zelf te vragen"
IDEAS = {name: MENDED if name == "marieke" else teacher.idea for name, teacher in CAST.items()}
TOGETHER = "ze vragen en vertellen zelf"
# What follows on the names of whom somebody sits with.
FIND = {"nl": "Zoek", "en": "Find each other"}


def on_a_phone(person: Person) -> Person:
    person.page.set_viewport_size({"width": PHONE, "height": 740})
    return person


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_s_work_is_taken_over_from_an_idea_to_an_action(demo: DemoCommand, meet: Meet, language: str) -> None:
    """One community, which comes to each of these moments beneath its pages; Marieke reads English."""
    demo.settle(*CAST)
    go = Callers(demo)
    for name in CAST:
        text = PUPIL if name == "marieke" else IDEAS[name]
        go(name, "ambition").submit("/idea", {"text": text, "why": CAST[name].why})
    go("wout", "ambition").submit("/facilitate/advance", {})
    wout, fatima = (meet(demo, name, language).launch() for name in ("wout", "fatima"))
    marieke = meet(demo, "marieke", "en")
    a_text_that_names_a_pupil_is_gone_in_two_taps_and_its_writer_mends_it(wout, on_a_phone(fatima), marieke)

    with brought(demo, "pairs"):
        pass
    other = who_does_not_sit_with(on_a_phone(fatima).again())
    asked = marieke if other == "marieke" else meet(demo, other, language)
    another_groups_idea_joins_by_its_yes(fatima, on_a_phone(asked).launch(), IDEAS[other])

    with brought(demo, "draft"):
        pass
    who_had_the_pen_has_it_again_once_the_others_leave_it(go, on_a_phone(fatima), marieke)

    time_goes_by(demo)
    with brought(demo, "board", "consequences") as circle:
        names = [circle.session.get_one(Account, each.person_id).name for each in circle.members]
        owner = names.index(name_of(demo, "fatima"))
        card = consequences.card(circle, owner)
        circle.act(owner, "own", id=card.id)
        number, what = str(card.id), card.body["what"]
    a_card_that_a_colleague_changed_is_taken_on_anew_or_not(on_a_phone(fatima), marieke, number, what)


def a_text_that_names_a_pupil_is_gone_in_two_taps_and_its_writer_mends_it(
    wout: Person, fatima: Person, marieke: Person
) -> None:
    assert PUPIL in wout.text()
    wout.follow("/step/ambition/texts")
    wout.inspect("texts-for-who-facilitates")
    assert "Marieke" not in wout.text()
    wout.press(wout.place.locator("article", has_text=PUPIL).locator('form[action$="/facilitate/hide"] button'))
    assert PUPIL not in wout.text()
    reads(wout, "weggehaald door wie begeleidt", "removed by whoever facilitates")
    fatima.again()
    assert PUPIL not in fatima.text()
    fatima.inspect("where-it-stood")

    on_a_phone(marieke).launch(HOME)
    reads(marieke, "haalde een tekst van jou weg", "removed a text of yours")
    marieke.inspect("told-at-home")
    marieke.follow("/step/ambition/texts")
    marieke.submit("/together/mend", {"text": MENDED})
    marieke.inspect("mended")
    assert MENDED in fatima.again().text()
    marieke.launch(HOME)
    assert not marieke.place.locator('a[href$="/texts"]').count(), "there is nothing left to mend"


def who_does_not_sit_with(fatima: Person) -> str:
    """Somebody of another group than hers."""
    group = fatima.text().partition(FIND[fatima.language])[0]
    return next(name for name in ("marieke", *CAST) if name != "fatima" and name_of(fatima.demo, name) not in group)


def another_groups_idea_joins_by_its_yes(fatima: Person, asked: Person, theirs: str) -> None:
    ideas = fatima.choices("/merge", "sources")
    wanted = [each for each, words in ideas if IDEAS["fatima"] in words or theirs in words]
    fatima.submit("/merge", {"text": TOGETHER, "why": "Dat hoort bij elkaar.", "sources": wanted})
    reads(fatima, "Wie ja zei, zie je niet", "You do not see who said yes")
    fatima.inspect("waits-for-a-yes")
    asked.again()
    reads(asked, "Een groepje wil", "A group would like")
    asked.inspect("asked-for-an-idea")
    asked.submit("/let_in", {})
    reads(asked, "Jij zei ja", "You said yes")
    assert TOGETHER in fatima.again().text()


def who_had_the_pen_has_it_again_once_the_others_leave_it(go: Callers, fatima: Person, marieke: Person) -> None:
    fatima.again().submit("/take_pen", {})
    fatima.submit("/hand_on_pen", {})
    assert fatima.has("/take_pen"), "just handed on, she can go on"
    time_goes_by(fatima.demo)
    fatima.again()
    assert not fatima.has("/take_pen")
    fatima.inspect("another-s-turn")
    marieke.launch().inspect("asked-for-the-pen")
    marieke.submit("/not_me", {})
    for name in CAST:
        if name not in ("fatima", "marieke"):
            go(name, "ambition").submit("/not_me", {})
    fatima.again().submit("/take_pen", {})
    assert fatima.has("/propose")


def time_goes_by(demo: DemoCommand) -> None:
    """Enough for the pen to be somebody else's."""
    demo.arrange("UPDATE contribution SET updated_at = datetime('now', '-16 minutes') WHERE kind = 'pen'")


def a_card_that_a_colleague_changed_is_taken_on_anew_or_not(
    fatima: Person, marieke: Person, number: str, what: str
) -> None:
    marieke.launch("consequences").submit("/action", {"what": f"{what}, ook op zaterdag"}, {"id": number})
    marieke.inspect("changed-somebody-s-card")
    fatima.launch(HOME)
    reads(fatima, "Doe je hem nog?", "Will you still do it?")
    fatima.follow("/step/consequences")
    reads(fatima, "Een collega paste deze actie aan", "A colleague changed this action")
    assert "zaterdag" in " ".join(fatima.place.locator("ins").all_text_contents())
    fatima.inspect("asked-anew")
    fatima.submit("/own", {}, {"id": number})
    reads_not(fatima, "Een collega paste deze actie aan", "A colleague changed this action")


def reads_not(person: Person, dutch: str, english: str) -> None:
    """It stands nowhere on the page."""
    assert {"nl": dutch, "en": english}[person.language] not in person.text()
