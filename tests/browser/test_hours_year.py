"""A year of hours by its pages: eight who check in, a list from paper, a certificate, a return, twenty approved by the
keyboard, a correction, a suggestion, a plan, and the close. The file says to the minute what the page says.
"""

import csv
import datetime as dt
import io
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from lti_tool.demo.past.people import value
from lti_tool.domain.hours import ledger
from lti_tool.domain.hours.out import COUNTS
from tests.browser.actors import PHONE, Caller, DemoCommand, Person
from tests.browser.conftest import LANGUAGES, Meet
from tests.web.test_files import png

pytestmark = pytest.mark.browser
HERE = ("fatima", "marieke", "youssef", "siobhan", "janwillem", "soren", "els", "chantal")
MANY = 20
TODAY = dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()
THIS = ledger.school_year(TODAY)
OLD = ledger.school_year(THIS[0] - dt.timedelta(days=1))
DAY = (OLD[0] + dt.timedelta(days=100)).isoformat()
# Of last year count twenty quarters, one of them corrected to ten minutes, and an hour elsewhere.
COUNTED = MANY * 15 - 5 + 60


def pot(wout: Caller, **fields: str) -> None:
    """A pot that Siobhán approves, and Youssef in her place."""
    wout.launch("home").follow("/hours")
    wout.follow("/hours/pots")
    who = {role: [value(wout.choices("/hours/pots", role), name)] for role, name in
           (("approvers", "Siobh"), ("deputies", "Youssef"))}  # fmt: skip
    wout.submit("/hours/pots", {"hours": "10", **fields, **who})


def check_in(demo: DemoCommand, wout: Person, callers: dict[str, Caller]) -> None:
    """Eight come with the letters, one of them late, and the list says so."""
    wout.launch("home").follow("/hours/sessions")
    wout.submit("/hours/sessions", {"title": "Studiemiddag taal"})
    demo.arrange("UPDATE hours_session SET begins_at = datetime('now', '-60 minutes')")
    wout.follow("/letters")
    letters = "".join(wout.place.locator(".letters b").all_inner_texts())
    for caller in callers.values():
        caller.launch("home").submit("/here", {"letters": letters})
        demo.arrange(
            "UPDATE hours_attendance SET came_at = datetime('now', ?)"
            " WHERE id = (SELECT max(id) FROM hours_attendance)",
            "-20 minutes" if caller.username == "soren" else "-60 minutes",
        )
    wout.launch("home").follow("/hours/sessions/1")
    expect(wout.place.locator("input[name=here]:checked")).to_have_count(len(callers))
    late = wout.place.locator("tr", has_text="Søren").locator("input[name^=came-]").input_value()
    others = {wout.place.locator("tr", has_text=name).locator("input[name^=came-]").input_value()
              for name in ("Fatima", "Els")}  # fmt: skip
    assert late not in others
    wout.inspect("eight-came")


def from_paper(wout: Person) -> None:
    """The list of an earlier afternoon, with a name that nobody has: it is asked who that is."""
    wout.launch("home").follow("/hours/sessions")
    day = (TODAY - dt.timedelta(days=2)).isoformat()
    wout.submit("/hours/sessions", {"title": "Papier", "day": day, "begins": "14:00", "ends": "15:30"})
    wout.follow("/paper")
    names = [name for _, name in sorted((each, name) for each, name in NAMES.items())]
    text = "naam;van;tot\r\n" + "".join(f"{name};;\r\n" for name in names) + "J. Onbekend;14:10;\r\n"
    wout.place.locator("#file").set_input_files(
        {"name": "lijst.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    )
    wout.press(wout.sender(wout.form("/paper")))
    wout.inspect("paper")
    asked = wout.place.locator("select[name^=chosen-]")
    assert "Onbekend" in str(wout.place.locator("label[for^=chosen-]").last.text_content())
    for place in range(asked.count()):
        asked.nth(place).select_option("nobody")
    wout.press(wout.sender(wout.form("/paper/on")))
    wout.press(wout.place.locator('button[formaction$="/close"]'))


NAMES = {"fatima": "Fatima Öztürk", "marieke": "Marieke de Vries"}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_of_hours_adds_up_to_the_minute(demo: DemoCommand, meet: Meet, language: str) -> None:
    demo.settle(*HERE)
    wout, fatima, siobhan = (meet(demo, name, language) for name in ("wout", "fatima", "siobhan"))
    callers = {name: Caller(demo, name) for name in HERE}
    for each in callers.values():
        each.launch("home")
    callers["els"].submit("/welcome", {"choice": "join"})
    maker = Caller(demo, "wout")
    pot(maker, name="Vorig jaar", first_day=OLD[0].isoformat(), last_day=OLD[1].isoformat(), carries="1")
    pot(maker, name="Dit jaar", first_day=THIS[0].isoformat(), last_day=THIS[1].isoformat())
    check_in(demo, wout, callers)
    from_paper(wout)

    # Twenty quarters without a browser; on a phone a course elsewhere with its certificate.
    one = callers["fatima"]
    one.launch("home").follow("/hours")
    for number in range(MANY):
        one.submit("/hours", {"line": f"les {number + 1} voorbereid met taal", "chip": "15", "day": DAY, "pot": "1"})
    fatima.page.set_viewport_size({"width": PHONE, "height": 740})
    fatima.launch("home").follow("/hours")
    form = fatima.form("/hours")
    fatima.fold_out(form.locator("[name=file]"))
    proof = {"name": "certificaat.png", "mimeType": "image/png", "buffer": png()}
    form.locator("[name=file]").set_input_files(proof)
    elsewhere = {"line": "Cursus taal op de werkvloer", "kind": "elsewhere", "provider": "hogeschool", "chip": "60"}
    fatima.submit("/hours", {**elsewhere, "day": DAY, "pot": "1"})

    # Sent back with words, changed, and sent again with the same proof.
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    back = {"entry": entry_of(siobhan, "Cursus taal")}
    siobhan.submit("/hours/return", {"words": "Schrijf erbij welke hogeschool."}, back)
    fatima.launch("home").follow("/hours")
    fatima.inspect("came-back")
    expect(fatima.place.locator("section[id^=back-]")).to_contain_text("Schrijf erbij welke hogeschool.")
    fatima.press(fatima.place.locator('section[id^=back-] a.btn[href*="again="]'))
    fatima.submit("/hours", {"provider": "Hogeschool Utrecht"})

    # Twenty-one lines, by the keyboard alone.
    siobhan.launch("home").follow("/hours")
    siobhan.follow("/hours/approve")
    boxes = siobhan.place.locator("[data-entry] input[type=checkbox][name=entry]")
    expect(boxes).to_have_count(MANY + 1)
    boxes.first.focus()
    for place in range(MANY + 1):
        siobhan.page.keyboard.press("a")
        if place < MANY:
            siobhan.page.keyboard.press("j")
    siobhan.enter(boxes.last)
    expect(siobhan.place.locator("#done")).to_contain_text(str(MANY + 1))
    corrected = {"minutes": "10", "words": "Dit was tien minuten."}
    siobhan.submit("/hours/correct", corrected, {"entry": entry_of(siobhan, "les 1 voorbereid")})
    siobhan.inspect("looked-at")

    # What a finished step suggests, and a plan with what counts beside it.
    demo.arrange("UPDATE step_run SET stage = 'closed', closed_at = datetime('now') WHERE step = 'ambition'")
    demo.arrange(
        "INSERT INTO moment (step_run_id, member_id, kind, held, gone, at) SELECT (SELECT id FROM step_run"
        " WHERE step = 'ambition'), member.id, 'input', 0, 0, datetime('now') FROM member JOIN person"
        " ON person.id = person_id WHERE person.name LIKE 'Fatima%'"
    )
    maker.launch("home").follow("/hours")
    maker.follow("/hours/pots")
    tariff = "/hours/pots/tariff" if maker.has("/hours/pots/tariff") else "/hours/tariff"
    maker.submit(tariff, {"minutes-ambition": "25"})
    fatima.launch("home").follow("/hours")
    fatima.inspect("suggested")
    fatima.submit("/hours/accept", {})
    fatima.submit("/hours/plan", {"hours": "9"}, {"pot": "2"})
    fatima.inspect("plan")

    # The close, and what goes on.
    wout.launch("home").follow("/hours")
    wout.follow("/hours/pots")
    wout.follow("/hours/pots/close/1")
    wout.inspect("close")
    wout.submit("/hours/pots/close", {})
    wout.inspect("closed")
    fatima.launch("home").follow("/hours")
    fatima.inspect("carried-over")
    words = {"nl": f"{COUNTED // 60} uur {COUNTED % 60} min van 10 uur telde mee",
             "en": f"{COUNTED // 60} h {COUNTED % 60} min of 10 h counted"}  # fmt: skip
    expect(fatima.place.locator("main")).to_contain_text(words[language])

    # The file says the same.
    where = fatima.place.locator('a[href$="/hours.csv"]').get_attribute("href")
    said: str = fatima.place.evaluate("(where) => fetch(where).then((answer) => answer.text())", where)
    comma = ";" if language == "nl" else ","
    rows = [row for row in csv.reader(io.StringIO(said), delimiter=comma) if len(row) > COUNTS]
    assert sum(int(row[COUNTS]) for row in rows if row[1].startswith("Vorig jaar")) == COUNTED
    assert len([row for row in rows if re.search("voorbereid met taal", row[5])]) == MANY


def entry_of(person: Person, words: str) -> str:
    """The number of the entry that says this."""
    found = person.place.locator("article", has_text=words).get_attribute("id")
    return str(found).removeprefix("entry-")
