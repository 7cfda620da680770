"""Who stays in: as long as they are at work, and their LMS names them; and they end it themselves where they like."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.circle.mine import JOURNAL_OPEN
from lti_tool.db import db, now
from lti_tool.door.browsers import kind, words
from lti_tool.door.sessions import IDLE, USED_TO_WITHIN
from tests.actors import Browser, Page, World
from tests.web.walk import ADMINISTRATOR_ONLY, STEP, Visit, Walk, visit

MINUTE = dt.timedelta(minutes=1)
TYPED = "wat ik net bedacht"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now()) as moved:
        yield moved


def rows(world: World, query: str) -> list[tuple[object, ...]]:
    with world.tool.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def given_back(page: Page) -> list[str]:
    """What stands on a page to be copied."""
    return [each.get_text().strip() for each in page.soup.select("textarea[readonly]")]


def written(world: World) -> list[tuple[object, ...]]:
    return rows(world, "SELECT (SELECT count(*) FROM contribution), (SELECT count(*) FROM draft)")


# What somebody is out for: the sentence, the status.
IDLE_WORDS, GONE_WORDS, LOST_WORDS = "Je was twee uur weg.", "niet meer in de deelnemerslijst", "niet meer aangemeld"


def is_out(world: World, at: Visit, said: str, status: int) -> None:
    """Nothing can be read and nothing sent; what is typed is given back, and one button leads to the activity."""
    before = written(world)
    for path in ("", STEP, "home", "journal", "community", "mine.json", "sessions"):
        page = at.get(path)
        assert (page.status, said in page.text) == (status, True), path
    for path in (f"{STEP}/idea", "draft", "journal"):
        page = at.post(path, text=TYPED, why="daarom", draft="1:idea-new")
        assert (page.status, said in page.text) == (status, True), path
        assert TYPED in given_back(page)
        assert [each.get_text() for each in page.soup.select("a.btn")] == ["Open opnieuw"]
    assert written(world) == before


def test_whoever_does_nothing_for_two_hours_is_out_and_goes_on_where_they_were(
    any_world: World, clock: time_machine.Traveller
) -> None:
    fatima = Walk(any_world, "fatima")["fatima"]
    for _ in range(3):
        clock.shift(IDLE - USED_TO_WITHIN)
        assert fatima.get(STEP).status == 200
    assert fatima.post("draft", draft="1:idea-new", text="half af in onze lessen").status == 200
    clock.shift(IDLE + MINUTE)
    is_out(any_world, fatima, IDLE_WORDS, 401)
    again = visit(any_world, "fatima")
    assert dict(again.get(STEP).form("/idea").values())["text"] == "half af in onze lessen"
    # The page that was left open is this person's in this browser, and goes on too.
    assert fatima.get(STEP).status == 200


def test_when_a_session_was_last_used_is_written_every_five_minutes_and_a_page_that_looks_by_itself_is_no_use(
    any_world: World, clock: time_machine.Traveller
) -> None:
    fatima = Walk(any_world, "fatima")["fatima"]

    def updates(method: str, **headers: str) -> list[str]:
        with any_world.tool.statements() as statements:
            if method == "GET":
                assert fatima.browser.get(fatima.base + STEP, **headers).status == 200
            else:
                form = {"draft": "1:x", "text": "x"}
                assert fatima.browser.post(fatima.base + "draft", form, **headers).status == 200
        return [each for each in statements if each.startswith("UPDATE browser_session")]

    clock.shift(USED_TO_WITHIN - MINUTE)
    assert not updates("GET")
    clock.shift(2 * MINUTE)
    assert not updates("GET", **{"Sec-Fetch-Dest": "empty"})
    assert len(updates("GET")) == 1
    assert not updates("GET")
    clock.shift(USED_TO_WITHIN + MINUTE)
    assert len(updates("POST", **{"Sec-Fetch-Dest": "empty"})) == 1


def test_a_page_waits_for_nobody_to_note_that_it_was_used(world: World, clock: time_machine.Traveller) -> None:
    fatima = Walk(world, "fatima")["fatima"]
    before = rows(world, "SELECT used_at FROM browser_session ORDER BY token_hash")
    clock.shift(USED_TO_WITHIN + MINUTE)
    with world.tool.session() as session:
        session.execute(text("UPDATE person SET name = name"))  # takes the one write lock that SQLite has
        assert fatima.get(STEP).status == 200
    assert rows(world, "SELECT used_at FROM browser_session ORDER BY token_hash") == before
    assert fatima.get(STEP).status == 200
    assert rows(world, "SELECT used_at FROM browser_session ORDER BY token_hash") != before
    # The connection waits for others again, whoever has it next.
    with world.tool.app.app_context():
        assert db.session.execute(text("PRAGMA busy_timeout")).scalar_one() == 15000


def leaves(world: World, username: str) -> None:
    """The LMS no longer has somebody in the course, and its roster is read."""
    world.lms.school.drop(world.course().id, world.person(username).id)
    assert visit(world, "wout").post("community/roster").status == 303
    world.tool.deliver()


def test_whoever_the_roster_no_longer_names_is_out_on_open_pages_too_until_a_launch_brings_them_back(
    any_world: World, clock: time_machine.Traveller
) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    administrator = visit(any_world, "admin", **ADMINISTRATOR_ONLY)
    any_world.tool.deliver()
    assert walk["fatima"].get(STEP).status == 200
    kept = list(any_world.lms.school.enrolments)
    leaves(any_world, "fatima")
    is_out(any_world, walk["fatima"], GONE_WORDS, 403)
    assert walk["marieke"].get(STEP).status == 200
    # Whom no roster ever named has not vanished from it.
    assert administrator.get("home").status == 200
    any_world.lms.school.enrolments[:] = kept
    assert visit(any_world, "fatima").get(STEP).status == 200
    assert walk["fatima"].get(STEP).status == 200


def test_who_signs_out_is_out_of_this_browser_and_of_no_other(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    fatima = walk["fatima"]
    tab = visit(any_world, "fatima", "information")
    elsewhere = visit(any_world, "fatima", browser=Browser(any_world.tool))
    page = fatima.get(STEP).form("/sessions/end").submit(session="here")
    assert page.status == 200
    assert "In je leeromgeving ben je dat niet" in page.text
    assert fatima.browser.sessions() == {}
    for at in (fatima, tab):
        assert at.get(STEP).status == at.post(f"{STEP}/idea", text=TYPED, why="x").status == 401
    for at in (elsewhere, walk["marieke"]):
        assert at.get(STEP).status == 200
    again = visit(any_world, "fatima")
    assert again.get(STEP).status == 200
    assert fatima.get(STEP).status == 401


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)


def at_browser(world: World, username: str, user_agent: str) -> Visit:
    browser = Browser(world.tool)
    browser.client.environ_base = {
        **browser.client.environ_base,
        "HTTP_USER_AGENT": user_agent,
        "REMOTE_ADDR": "192.0.2.33",
    }
    return visit(world, username, browser=browser)


def signed_in(at: Visit) -> list[str]:
    """Where the list says that somebody is signed in."""
    return [" ".join(each.get_text(" ").split()) for each in at.get("sessions").soup.select("main li")]


def test_somebody_sees_where_they_are_signed_in_and_ends_it_there(
    any_world: World, clock: time_machine.Traveller
) -> None:
    Walk(any_world)
    school = at_browser(any_world, "fatima", FIREFOX)
    clock.shift(30 * MINUTE)
    couch = at_browser(any_world, "fatima", IPAD)
    other = at_browser(any_world, "marieke", "curl/8")
    first, second = signed_in(couch)
    assert first.startswith("Safari op een iPad deze browser Geopend op")
    assert second.startswith("Firefox op Windows Geopend op")
    assert "192.0.2" not in couch.get("sessions").html
    (alone,) = signed_in(other)
    assert alone.startswith("Een andere browser deze browser")
    form = couch.get("sessions").form("/sessions/end", containing="Firefox")
    (name,) = re.findall(r'value="([0-9a-f]+)"', str(form.tag))
    # Another's is not to be ended, nor told of.
    for chosen in (name, "", "x" * 500, "\0"):
        assert other.post("sessions/end", session=chosen).status == 303
    assert school.get(STEP).status == 200
    assert couch.post("sessions/end", session=name).status == 303
    assert len(signed_in(couch)) == 1
    assert LOST_WORDS in school.get(STEP).text
    assert couch.post("sessions/end", session=name).status == 303


def test_a_session_that_is_over_is_listed_no_more(world: World, clock: time_machine.Traveller) -> None:
    Walk(world, "fatima")
    clock.shift(IDLE + MINUTE)
    assert len(signed_in(visit(world, "fatima", browser=Browser(world.tool)))) == 1


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (FIREFOX, "Firefox op Windows"),
        (IPAD, "Safari op een iPad"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/126.0.0.0 Safari/537.36", "Chrome op een Chromebook"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge op Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15", "Safari op een Mac"),
        ("(Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Safari", "Samsung Internet op een Android-toestel"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126.0 Safari/604.1", "Chrome op een iPhone"),
        ("(Linux; Android 14; wv) Chrome/126.0 MoodleMobile 4.4.0", "De Moodle-app op een Android-toestel"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox op Linux"),
        ("iets op Windows", "Een andere browser op Windows"),
        ("", "Een andere browser"),
        ("x" * 5000, "Een andere browser"),
    ],
)  # fmt: skip
def test_a_kind_of_browser_is_said_in_words(user_agent: str, said: str) -> None:
    found = kind(user_agent)
    assert len(found) <= 32
    assert words(found).nl == said


def test_the_journal_closes_half_an_hour_after_a_launch_and_opens_by_a_new_one(
    any_world: World, clock: time_machine.Traveller
) -> None:
    fatima = Walk(any_world, "fatima")["fatima"]
    assert fatima.post("journal", text="van vandaag in onze lessen").status == 303
    ((entry,),) = rows(any_world, "SELECT id FROM journal_entry")
    clock.shift(JOURNAL_OPEN - MINUTE)
    assert "van vandaag in onze lessen" in fatima.get("journal").text
    assert "van vandaag in onze lessen" in fatima.get("mine.json").html
    form = dict(fatima.get("journal").form("/journal").values())
    clock.shift(2 * MINUTE)
    # What is typed there is kept as it is typed, and shown to nobody.
    assert fatima.post("draft", {**form, "text": TYPED}).status == 200
    for path in ("journal", "mine.json"):
        page = fatima.get(path)
        assert (page.status, "Je dagboek is weer dicht" in page.text) == (401, True)
        assert "van vandaag in onze lessen" not in page.html
        assert TYPED not in page.html
    for path, said in (("journal", {**form, "text": TYPED}), ("journal", {"text": TYPED, "entry": str(entry)})):
        page = fatima.post(path, said)
        assert page.status == 401
        assert given_back(page) == [TYPED]
    assert fatima.post("journal/remove", entry=str(entry)).status == 401
    assert rows(any_world, "SELECT text FROM journal_entry") == [("van vandaag in onze lessen",)]
    # Everything else goes on.
    assert fatima.get(STEP).status == 200
    visit(any_world, "fatima")
    page = fatima.get("journal")
    assert page.status == 200
    again = page.form("/journal")
    assert dict(again.values())["text"] == TYPED
    assert again.submit().status == 200
    assert rows(any_world, "SELECT count(*) FROM draft") == [(0,)]


def test_a_page_of_the_journal_that_is_being_changed_has_a_draft_of_its_own(world: World) -> None:
    fatima = Walk(world, "fatima")["fatima"]
    fatima.post("journal", text="van vandaag in onze lessen")
    form = fatima.get("journal").form("/journal", containing='name="entry"')
    fatima.post("draft", {**dict(form.values()), "text": "van gisteren in onze lessen"})
    page = fatima.get("journal")
    assert dict(page.form("/journal").values())["text"] == ""
    assert dict(page.form("/journal", containing='name="entry"').values())["text"] == "van gisteren in onze lessen"
    page.form("/journal/remove").submit()
    assert rows(world, "SELECT count(*) FROM draft") == [(0,)]
