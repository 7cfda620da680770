"""Step 1 in the LMS's frame, from placing the cycle to the grades, seen by everybody in it; with --all in both
languages.

Third-party cookies are blocked. Each page and stage is looked at closely: Person.inspect.
"""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.browser.actors import Anybody, Caller, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet

TEACHERS = ("fatima", "marieke", "youssef", "janwillem")
WORDS = {
    "nl": {
        "ideas": (
            "ze thuis zelf kunnen vertellen wat ze die week hebben geleerd",
            "ze vaker durven kiezen voor een vak dat ze spannend vinden",
            "de praktijkles en de theorieles over hetzelfde gaan",
            "niemand meer een uur wacht tot een docent tijd heeft",
        ),
        "why": "Omdat ik leerlingen zie afhaken zodra ze niet weten waarvoor ze iets doen.",
        "response": "Mooi. Hoe zou je in maart al merken dat dit lukt?",
        "text": "In juni vertelt elke leerling aan iemand thuis wat hij of zij leerde, en waarvoor.",
        "better": "In juni heeft elke leerling minstens drie keer aan iemand verteld wat hij of zij leerde.",
        "harm": "Niet elke leerling heeft thuis iemand die luistert; die leerlingen sluiten we buiten.",
        "proposal": "Laat de leerling zelf kiezen aan wie.",
        "concern": "Wie houdt bij dat het ook echt drie keer gebeurt?",
        "question": "Wat hoort u thuis van de lessen?",
        "resolved": "De leerling kiest nu zelf aan wie.",
    },
    "en": {
        "ideas": (
            "they can tell at home what they learned that week, in their own words",
            "they dare to choose a subject that they find exciting",
            "practice and theory lessons are about the same thing",
            "nobody waits for an hour until a teacher has time",
        ),
        "why": "Because I see pupils drop out as soon as they do not know what something is for.",
        "response": "Good. How would you notice in March that this works?",
        "text": "In June every pupil tells somebody at home what they learned, and what for.",
        "better": "In June every pupil has told somebody at least three times what they learned, and what for.",
        "harm": "Not every pupil has somebody at home who listens; we would shut those pupils out.",
        "proposal": "Let the pupil choose whom to tell.",
        "concern": "Who keeps an eye on it that it really happens three times?",
        "question": "What do you hear of the lessons at home?",
        "resolved": "The pupil now chooses whom to tell.",
    },
}


# What a text needs beside its words before it can be put to everyone.
WHOLE = {
    "learn": "vragen stellen zonder het antwoord te geven", "shared": "We willen dat ze trots zijn.",
    "sign-1": "ouders vertellen het ons terug", "practice": "de praktijkles op dinsdag", "hours": "24",
    **{f"checks-{name}": "yes" for name in ("visible", "ours", "observable", "hours", "period")},
}  # fmt: skip


def in_days(number: int) -> str:
    """So many days from now, as a date field takes it."""
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=number)).isoformat()


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_step_one_in_the_frame(unplaced: DemoCommand, meet: Meet, language: str) -> None:
    demo = unplaced
    wout = meet(demo, "wout", language)
    place_the_cycle(wout)
    facilitate(wout)
    demo.settle(*TEACHERS)
    words = WORDS[language]
    fatima, marieke = meet(demo, "fatima", language), meet(demo, "marieke", language)
    # The others see the same, and nobody looks over their shoulder.
    teachers: dict[str, Anybody] = {"fatima": fatima, "marieke": marieke}
    teachers |= {name: Caller(demo, name) for name in TEACHERS if name not in teachers}

    write_ideas(fatima, teachers, words)
    wout.launch().submit("/facilitate/advance", {})
    wout.inspect("respond-facilitator")
    for teacher in teachers.values():
        seen = teacher.again().text()
        assert all(idea in seen for idea in words["ideas"])
        if teacher is fatima:
            fatima.inspect("respond")
        if teacher is teachers["janwillem"]:
            wout.again().submit("/facilitate/advance", {})
            wout.inspect("confirm")
        teacher.submit("/respond", {"text": words["response"]})
    fatima.again().inspect("respond-done")
    fatima.grade("67")

    wout.again().submit("/facilitate/advance", {})
    fatima.again().inspect("pairs")
    for teacher in teachers.values():
        # One of each pair says it for both.
        if teacher.again().has("/keep_apart"):
            teacher.submit("/keep_apart", {})
    wout.again().submit("/facilitate/advance", {})
    for teacher in teachers.values():
        dots = [name for name, _ in teacher.again().controls("/dots") if name.startswith("dots-")]
        if teacher is fatima:
            fatima.inspect("dots")
        teacher.submit("/dots", {dots[0]: "2", dots[-1]: "1"})
    fatima.again().inspect("dots-done")
    fatima.grade("100")

    wout.again().submit("/facilitate/advance", {})
    marieke.again().inspect("pen-free")
    marieke.submit("/take_pen", {})
    marieke.inspect("text")
    ideas = [value for name, value in marieke.controls("/propose") if name == "ideas"]
    marieke.refused("/propose", {"text": words["text"]})
    marieke.inspect("text-without-idea")
    marieke.submit("/propose", {"ideas": ideas[0]})
    marieke.inspect("text-kept")
    wout.again().refused("/facilitate/advance", {})
    wout.inspect("text-incomplete-facilitator")
    whys = [value for name, value in marieke.again().controls("/propose") if name == "whys"]
    marieke.submit("/propose", {**WHOLE, "whys": whys, "horizon": in_days(200)})
    marieke.submit(
        "/voice", {"group": "parents", "name": "de ouderraad", "question": words["question"], "date": in_days(20)}
    )
    marieke.inspect("text-whole")
    marieke.submit("/hand_on_pen", {})

    wout.again().submit("/facilitate/advance", {})
    fatima.again().inspect("consent")
    fatima.refused("/consent", {"answer": "objection"})
    fatima.inspect("consent-objection-empty")
    fatima.submit("/consent", {"answer": "objection", "harm": words["harm"], "proposal": words["proposal"]})
    fatima.inspect("consent-given")
    for teacher in teachers.values():
        if teacher is not fatima:
            teacher.again().submit("/consent", {"answer": "agree"})
    wout.again().inspect("consent-facilitator")
    wout.submit("/facilitate/advance", {})
    wout.inspect("text-after-objection-facilitator")
    fatima.again().inspect("text-after-objection")
    fatima.submit("/resolve", {"text": words["resolved"]})
    fatima.submit("/take_pen", {})
    fatima.submit("/propose", {"text": words["better"]})
    fatima.inspect("text-better")

    marieke.again().inspect("text-to-put")
    marieke.submit("/together/put", {})
    for teacher in teachers.values():
        concern = {"answer": "concern", "concern": words["concern"]}
        teacher.again().submit("/consent", concern if teacher is marieke else {"answer": "agree"})
    wout.again().submit("/facilitate/advance", {})
    wout.inspect("adopted-facilitator")
    for teacher in teachers.values():
        assert words["better"] in teacher.again().text()
        wout.grade("100", whose=teacher.username)
    fatima.again().inspect("adopted")
    fatima.follow("/home")
    fatima.inspect("home-adopted")
    others(demo, meet, language)
    assert len(demo.school.course_columns("2")) == 6


def place_the_cycle(wout: Person) -> None:
    """From the start page, as it says there, to seven activities."""
    page = wout.page
    page.goto(wout.demo.url)
    wout.inspect_lms("lms-start")
    page.locator(".guide a").first.click()
    expect(page.locator("article.activity")).to_have_count(0)
    wout.inspect_lms("lms-course-empty")
    page.locator(".heading a.button").click()
    wout.settle()
    wout.inspect("place")
    wout.refused("/place", {"what": "single"})
    wout.inspect("place-nothing-chosen")
    # Without its script the tool's last page waits for a click, so that one can look at it.
    page.route("**/static/app.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    form = wout.place.locator('form[action$="/place"]')
    form.locator('[value="cycle"]').check()
    form.locator("button").first.click()
    wout.place.locator("form[data-submit]").wait_for(state="attached")
    wout.inspect("place-done")
    page.unroute("**/static/app.js*")
    wout.place.locator("form[data-submit] button").click()
    expect(page.locator("article.activity")).to_have_count(7)
    wout.inspect_lms("lms-course")


def facilitate(wout: Person) -> None:
    """The question to whoever manages the course, and the facilitator's pages."""
    wout.launch().inspect("welcome")
    wout.submit("/welcome", {"choice": "facilitate"})
    wout.inspect("ideas-facilitator")
    # Third-party cookies are blocked indeed: what is kept is kept for this pair of sites only.
    assert not wout.place.evaluate("(document.cookie = 'x=1; SameSite=None; Secure', document.cookie)")
    cookies = [cookie for cookie in wout.context.cookies() if cookie.get("name", "").startswith("__Host-")]
    assert cookies
    assert all(cookie.get("partitionKey") == "http://127.0.0.1" for cookie in cookies)
    wout.follow("/invitations")
    wout.inspect("invitations")
    wout.launch().follow("/home")
    wout.inspect("home-facilitator")
    wout.follow("/community")
    wout.inspect("community")
    wout.submit("/community/roster", {})

    def read() -> bool:
        wout.launch().follow("/community")
        return bool(re.search(r"\b11\b", wout.text()))

    assert any(read() for _ in range(20))
    wout.inspect("community-read")


def write_ideas(fatima: Person, teachers: dict[str, Anybody], words: dict[str, str]) -> None:
    """Four ideas, each seen by its writer only; the first moment arrives beside the frame."""
    fatima.launch("home").inspect("home-task")
    fatima.follow("/step/information")
    fatima.inspect("step-ahead")
    fatima.launch().inspect("ideas")
    fatima.refused("/idea", {"text": "", "why": words["why"]})
    fatima.inspect("ideas-missing")
    for teacher, idea in zip(teachers.values(), words["ideas"], strict=True):
        teacher.launch().submit("/idea", {"text": idea, "why": words["why"]})
        assert [each for each in words["ideas"] if each in teacher.text()] == [idea]
    fatima.grade("33")
    fatima.inspect("ideas-kept")


def others(demo: DemoCommand, meet: Meet, language: str) -> None:
    """A school leader who follows, and the administrator."""
    mieke = meet(demo, "mieke", language).launch()
    mieke.inspect("welcome-second-instructor")
    mieke.submit("/welcome", {"choice": "follow"})
    mieke.launch("home").inspect("home-leader")
    mieke.launch().inspect("step-leader")
    meet(demo, "admin", language).launch().inspect("welcome-administrator")
