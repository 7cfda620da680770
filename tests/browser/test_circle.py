"""Who counts, and when something is decided: a course of which few come, one who falls ill, some who were not there."""

from collections.abc import Sequence
from threading import Event

import pytest

from lti_tool.demo import story
from lti_tool.demo.past import HOME, Community
from lti_tool.demo.past.people import in_days, value
from lti_tool.demo.teachers import TEACHERS
from lti_tool.demo.visitors import VisitError
from tests.browser.actors import PHONE, Caller, Counting, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import Callers

pytestmark = pytest.mark.browser

CAST = dict(zip(("fatima", "marieke", "youssef", "janwillem", "siobhan", "soren"), TEACHERS.values(), strict=True))
FIRST_WEEK = tuple(CAST)[:5]
OBJECTION = {
    "answer": "objection",
    "harm": "Mijn stageleerlingen zijn op dinsdag nooit op school.",
    "proposal": "Begin met een dag waarop ook zij er zijn.",
}
AGREED = "We laten elkaar uitspreken."
THREE = ("fatima", "marieke", "siobhan")


class Part(Community):
    """A circle of which some write, and some only pass or leave it to them; nobody else ever comes."""

    def __init__(self, go: Callers, passing: Sequence[str]) -> None:
        super().__init__(go, CAST, "wout", "")
        self.demo, self.passing = go.demo, passing

    def on(self, step: str, stage: str, by: str = "", missing: bool = False) -> None:
        if stage == "ideas":
            self.let_pass(step, self.passing)
        if stage == "dots":
            for name in self.passing:
                self.go(name, step).submit("/leave_dots", {})
            self.demo.day_over()
        super().on(step, stage, by, missing=not by and stage != "dots")


def reads(person: Person, dutch: str, english: str) -> None:
    """It stands on the page, in this person's language."""
    said = {"nl": dutch, "en": english}[person.language]
    assert said in person.text(), f"no “{said}” on {person.place.url}: {person.text()[:1500]}"


def who(person: Person, action: str, username: str) -> str:
    """The value that a list offers for somebody."""
    return value(person.choices(action, "member"), name_of(person.demo, username))


def seventeen(demo: DemoCommand) -> list[str]:
    """A course that calls seventeen people its learners, all of whom belong; the user names of those added."""
    added, wout, pause = demo.enrol(7), Caller(demo, "wout").launch(HOME), Event()
    wout.follow("/community")
    wout.submit("/community/roster", {})
    while "We zijn met 17" not in wout.text():
        # Read by the worker; whoever waits for it in vain is told so by the tests' time.
        pause.wait(0.1)
        wout.launch(HOME).follow("/belonging")
    return added


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_of_seventeen_reveal_nothing_until_more_come_or_a_smaller_circle_was_chosen(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    seventeen(demo)
    wout, siobhan = meet(demo, "wout", language).launch(), meet(demo, "siobhan", "en").launch()
    siobhan.page.set_viewport_size({"width": PHONE, "height": 740})
    go = Callers(demo)
    for name in FIRST_WEEK:
        if name != "siobhan":
            go(name, "ambition").submit("/idea", {"text": CAST[name].idea, "why": CAST[name].why})
    siobhan.submit("/idea", {"text": CAST["siobhan"].idea, "why": CAST["siobhan"].why})
    reads(siobhan, "5 van de 17", "5 of the 17")

    wout.follow("/belonging")
    reads(wout, "We zijn met 17", "There are 17 of us")
    wout.inspect("seventeen-belong")
    wout.submit("/belonging/away", {"member": who(wout, "/belonging/away", "ruben")})
    reads(wout, "Eén van ons is er nu niet", "One of us is away now")
    wout.inspect("one-of-them-away")
    wout.launch().follow("/invitations")
    listed = wout.place.locator("main li")
    # Of those who wrote nobody, of the others all but whom nobody waits for.
    assert not [each for each in FIRST_WEEK if name_of(demo, each) in wout.text()]
    assert name_of(demo, "ruben") not in wout.text()
    assert name_of(demo, "chantal") in wout.text()
    assert listed.filter(has_text=name_of(demo, "nieuw2")).count() == 1
    wout.inspect("to-be-invited")
    go("wout", "ambition").submit("/facilitate/announce", {"date": in_days(5)})
    with pytest.raises(VisitError, match="422"):
        go("wout", "ambition").submit("/facilitate/advance", {})
    demo.day_over()
    wout.launch()
    reads(wout, "De dag is voorbij", "The day is over")
    reads(wout, "nog 4 collega's nodig", "4 more colleagues")
    wout.inspect("too-few-after-the-day")
    siobhan.again()
    reads(siobhan, "De dag is voorbij", "The day is over")
    siobhan.inspect("too-few-for-a-member")

    wout.follow("/belonging")
    leave_all_out(wout)
    reads(wout, "We zijn met 5", "There are 5 of us")
    wout.inspect("a-smaller-circle")
    go("wout", "ambition").submit("/facilitate/advance", {})
    siobhan.again()
    assert not [name for name in FIRST_WEEK if CAST[name].idea not in siobhan.text()]
    siobhan.launch(HOME).follow("/belonging")
    reads(siobhan, "We zijn met 5", "There are 5 of us")
    reads(siobhan, "12 anderen uit de cursus doen nu niet mee", "12 others of the course take no part now")
    siobhan.inspect("belonging-for-a-member")
    for name in ("fatima", "marieke"):
        go(name, "ambition").submit("/respond", {"text": CAST[name].response})
    wout.launch().submit("/facilitate/advance", {})
    reads(wout, "Verder zonder iedereen?", "Go on without everybody?")
    assert name_of(demo, "siobhan") in wout.text()
    wout.inspect("go-on-without-some")
    chantal = meet(demo, "chantal", language).launch()
    reads(chantal, "Doe je mee?", "Do you take part?")
    chantal.inspect("left-out-and-asked")
    chantal.submit("/welcome", {})
    wout.launch().follow("/belonging")
    reads(wout, "We zijn met 6", "There are 6 of us")


def name_of(demo: DemoCommand, username: str) -> str:
    """How the LMS calls somebody."""
    return next(each.name for each in demo.school.people.values() if each.username == username)


def leave_all_out(wout: Person) -> None:
    """Keep only those of whom there is no choice: who brought something in."""
    form = wout.form("/belonging/circle")
    for summary in wout.folded(form).all():
        summary.press("Enter")
    for box in form.locator("input[name=member]").all():
        box.uncheck()
    wout.submit("/belonging/circle", {})


def test_a_quorum_decides_and_the_page_says_five_of_the_seventeen(demo: DemoCommand, meet: Meet) -> None:
    added = seventeen(demo)
    go = Callers(demo)
    passing = ["chantal", *added[:2]]
    part = Part(go, passing)
    part.ambition_to_decide()
    demo.day_over()
    answers = {**dict.fromkeys(FIRST_WEEK, "agree"), "soren": "abstain", **dict.fromkeys(passing, "abstain")}
    for name, answer in list(answers.items())[:-1]:
        go(name, "ambition").submit("/consent", {"answer": answer})
    wout, siobhan = meet(demo, "wout").launch(), meet(demo, "siobhan", "en")
    # Eight of seventeen: no day and no press makes that enough.
    reads(wout, "Er is nog één antwoord nodig", "It takes one more answer")
    wout.inspect("quorum-not-met")
    wout.refused("/facilitate/advance", {})
    siobhan.page.set_viewport_size({"width": PHONE, "height": 740})
    siobhan.launch()
    reads(siobhan, "8 van de 17", "8 of the 17")
    go(passing[-1], "ambition").submit("/consent", {"answer": "abstain"})
    wout.again().submit("/facilitate/advance", {})
    reads(wout, "5 van de 17 leden", "5 of the 17 members")
    wout.inspect("adopted-by-five-of-seventeen")
    siobhan.again()
    reads(siobhan, "5 van de 17 leden", "5 of the 17 members")
    siobhan.inspect("adopted-by-five-of-seventeen")


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_of_eight_decide_tonight_and_who_was_set_away_objects_next_week(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    demo.settle(*CAST, "chantal", "ruben")
    go = Callers(demo)
    wout = meet(demo, "wout", language, Counting).launch()
    assert isinstance(wout, Counting)
    wout.follow("/belonging")
    for name in ("chantal", "ruben"):
        wout.submit("/belonging/away", {"member": who(wout, "/belonging/away", name)})
    assert wout.taken == {"/belonging/away": 2}
    Community(go, CAST, "wout", "").ambition()
    wout.launch()
    reads(wout, "6 van de 8 leden", "6 of the 8 members")
    reads(wout, "waren 2 van de 8 op afwezig gezet", "2 of the 8 were marked as away")
    wout.inspect("decided-without-two")

    demo.arrange(
        "UPDATE member SET away_since = datetime('now', '-8 days'), away_until = datetime('now', '-1 hour')"
        " WHERE person_id = (SELECT id FROM person WHERE sub = ?)",
        demo.person("chantal"),
    )
    chantal = meet(demo, "chantal", language)
    chantal.page.set_viewport_size({"width": PHONE, "height": 740})
    chantal.launch(HOME)
    reads(chantal, "Een collega had je op afwezig gezet", "A colleague had marked you as away")
    assert story.AMBITION["text"] in chantal.text()
    chantal.inspect("home-of-who-was-away")
    chantal.submit("/back", {})
    chantal.follow("/step/ambition")
    chantal.inspect("late-card-with-an-objection")
    chantal.submit("/late", OBJECTION)
    reads(chantal, "omdat er nog een bezwaar kwam", "because an objection came in")
    chantal.inspect("opened-again-for-who-objected")
    siobhan = meet(demo, "siobhan", "en").launch()
    reads(siobhan, "omdat er nog een bezwaar kwam", "because an objection came in")
    assert OBJECTION["harm"] in siobhan.text()
    siobhan.inspect("opened-again")
    for person in (siobhan, wout.launch()):
        assert OBJECTION["harm"] in person.text()
        assert "Chantal" not in person.text()
        assert story.AMBITION["text"] in person.launch(HOME).text()

    for_all_again(go)
    wout.launch()
    reads(wout, "7 van de 8 leden", "7 of the 8 members")
    assert story.AMBITION["text"] in wout.launch(HOME).text()


def for_all_again(go: Callers) -> None:
    """What was done with the objection is said; the same text goes to everybody who is there, and they all agree."""
    go("marieke", "ambition").submit("/resolve", {"text": "We kiezen een dag waarop ook zij er zijn."})
    go("fatima", "ambition").submit("/together/put", {})
    for name in (*CAST, "chantal"):
        go(name, "ambition").submit("/consent", {"answer": "agree"})
    go("wout", "ambition").submit("/facilitate/advance", {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_completed_step_opens_again_by_two_and_in_two_taps_a_member_takes_over_from_who_fell_ill(
    demo: DemoCommand, meet: Meet, language: str
) -> None:
    demo.settle(*THREE)
    agree(demo)
    fatima, siobhan = meet(demo, "fatima", language).launch(HOME), meet(demo, "siobhan", "en").launch(HOME)
    assert not fatima.place.locator('a[href$="/take-over"]').count()
    a_completed_step_opens_again_once_a_colleague_says_yes_too(fatima, siobhan)
    demo.arrange("UPDATE member SET facilitated_on = '2020-01-06' WHERE facilitates")
    a_member_takes_over_all_read_it_and_they_go_on_together(fatima, siobhan, meet(demo, "wout", language))


def agree(demo: DemoCommand) -> None:
    """Three agree on how they work together."""
    go = Callers(demo)
    for name in (*THREE, "wout"):
        go(name, HOME)
    go("fatima", "agreements").submit("/begin", {})
    for name in THREE:
        go(name, "agreements").submit("/propose", {"text": AGREED})
    go("wout", "agreements").submit("/facilitate/advance", {})
    go("fatima", "agreements").submit("/write", {"lines": AGREED})
    go("wout", "agreements").submit("/facilitate/advance", {})
    for name in THREE:
        go(name, "agreements").submit("/consent", {"answer": "agree"})
    go("wout", "agreements").submit("/facilitate/advance", {})


def a_completed_step_opens_again_once_a_colleague_says_yes_too(fatima: Person, siobhan: Person) -> None:
    fatima.follow("/step/agreements")
    fatima.submit("/together/reopen", {"reason": "We spreken nergens af wat we doen als iemand te laat is."})
    fatima.inspect("proposed-to-open-it-again")
    assert not fatima.has("/together/reopen/too")
    siobhan.page.set_viewport_size({"width": PHONE, "height": 740})
    siobhan.launch(HOME)
    reads(siobhan, "stelde voor om een afgeronde stap weer te openen", "proposed opening a completed step again")
    siobhan.follow("/step/agreements")
    assert AGREED in siobhan.text()
    siobhan.inspect("asked-to-open-it-again")
    siobhan.page.set_viewport_size({"width": PHONE, "height": 740})
    siobhan.submit("/together/reopen/too", {})
    reads(siobhan, "Weer geopend", "Opened again")
    assert "te laat is" in siobhan.text()
    assert AGREED in siobhan.text()
    siobhan.inspect("open-again")


def a_member_takes_over_all_read_it_and_they_go_on_together(fatima: Person, siobhan: Person, wout: Person) -> None:
    fatima.launch(HOME)
    fatima.inspect("nobody-facilitates")
    fatima.follow("/take-over")
    fatima.inspect("take-over")
    fatima.submit("/take-over", {})
    fatima.follow("/role")
    fatima.inspect("role-of-who-facilitates")
    assert fatima.launch().has("/facilitate/advance")
    siobhan.launch(HOME)
    reads(siobhan, "Fatima Öztürk nam het begeleiden over.", "Fatima Öztürk took facilitating over.")
    siobhan.inspect("who-facilitates-now")
    wout.launch().inspect("welcome-of-who-facilitated")
    assert not wout.has("/facilitate/advance")
    wout.submit("/welcome", {})
    assert wout.launch().has("/facilitate/advance")
    assert fatima.again().has("/facilitate/advance")
    siobhan.launch(HOME)
    reads(siobhan, "Wout Schipper begeleidt weer mee.", "Wout Schipper facilitates again.")
