"""One browser, several tabs, several people: each launch acts as whoever made it, or not at all.

lti.md, pains U2 and U16; architecture.md: the session is rotated and carries on launches of the same person only.
"""

import datetime as dt
from typing import Any

import pytest
import time_machine

from lti_tool.door.sessions import MOMENT, SESSION_LIFE
from lti_tool.models import BrowserSession, Launch, Moment
from lti_tool.models.voices import Contribution, Draft
from tests.actors import Browser, Page, World, asked
from tests.lti.sender import Sender

IDEA = "Ze vertellen in juni zelf wat ze dit jaar leerden"


def _token(browser: Browser) -> str:
    """The newest."""
    return list(browser.sessions().values())[-1]


def _later(seconds: float = MOMENT + 1) -> time_machine.travel:
    return time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds))


def _link(name: str) -> dict[str, Any]:
    return {"resource_link": {"id": name, "title": name}}


def test_two_tabs_of_one_person_both_go_on(sender: Sender) -> None:
    browser = sender.browser()
    first = sender.launch(browser, **_link("one"))
    token = _token(browser)
    with _later():
        second = sender.launch(browser, **_link("two"))
        assert _token(browser) != token, "the session is rotated at each launch"
        assert len(browser.sessions()) == 1
        for page in (first, second):
            assert browser.get(page.url).status == 200
    with sender.tool.session() as session:
        assert session.query(BrowserSession).count() == 1


@pytest.mark.parametrize("seconds", [MOMENT - 0.5, MOMENT - 0.05, MOMENT, MOMENT + 0.05, MOMENT + 0.5])
@pytest.mark.parametrize("fraction", [0, 100_000, 500_000, 900_000])
def test_however_close_to_the_moment_the_next_launch_comes_both_tabs_go_on(
    sender: Sender, fraction: int, seconds: float
) -> None:
    """A cookie that was taken away while its session stood left the other tab without one."""
    begun = dt.datetime.now(dt.UTC).replace(microsecond=fraction)
    browser = sender.browser()
    with time_machine.travel(begun, tick=False) as clock:
        pages = [sender.launch(browser, **_link("one"))]
        clock.shift(seconds)
        pages.append(sender.launch(browser, **_link("two")))
        assert [browser.get(page.url).status for page in pages] == [200, 200]


def test_the_token_of_before_a_launch_opens_nothing_after_it(sender: Sender) -> None:
    browser = sender.browser()
    page, kept = sender.launch(browser), browser.sessions()
    thief = sender.browser()
    for name, value in kept.items():
        thief.client.set_cookie(name, value, domain="localhost", secure=True)
    assert thief.get(page.url).status == 200
    with _later():
        sender.launch(browser)
        assert thief.get(page.url).status == 401


def _parallel(sender: Sender, browser: Browser, person: str, count: int) -> list[Page]:
    """Placements opened at the same moment in one browser: each login and each launch is sent before any answer."""

    def together(requests: list[tuple[str, dict[str, str]]]) -> list[Page]:
        before, pages = dict(browser.client._cookies), []
        after = dict(before)
        for path, fields in requests:
            browser.client._cookies = dict(before)
            pages.append(browser.post(path, fields, site="cross-site", follow=False))
            now = browser.client._cookies
            after |= {key: value for key, value in now.items() if before.get(key) is not value}
            for key in before.keys() - now.keys():
                after.pop(key, None)
        browser.client._cookies = after
        return pages

    asks = [asked(page) for page in together([("/lti/login", sender.login_fields())] * count)]
    forms = [
        {"state": ask["state"], "id_token": sender.sign(sender.claims(ask["nonce"], sub=person, **_link(str(number))))}
        for number, ask in enumerate(asks)
    ]
    return together([("/lti/launch", form) for form in forms])


@pytest.mark.parametrize("before", [[], ["fatima"], ["marieke"]], ids=["a new browser", "a known one", "another's"])
def test_placements_opened_at_the_same_moment_all_open_and_go_on(sender: Sender, before: list[str]) -> None:
    browser = sender.browser()
    old = [sender.launch(browser, sub=person, **_link("before")) for person in before]
    opened = [page.response.headers["Location"] for page in _parallel(sender, browser, "fatima", 5)]
    for _ in range(2):
        assert [browser.get(address).status for address in opened] == [200] * 5
    for page in old:
        assert browser.get(page.url).status == (200 if before == ["fatima"] else 401)
    with _later():
        # The next launch makes one session of them.
        sender.launch(browser, sub="fatima")
        assert [browser.get(address).status for address in opened] == [200] * 5
        assert len(browser.sessions()) == 1
        sender.launch(browser, sub="marieke")
        assert [browser.get(address).status for address in opened] == [401] * 5


def test_a_page_that_is_asked_for_while_the_next_launch_is_answered_still_opens(sender: Sender) -> None:
    """Its request left with the cookie of before that launch, and the answer has not come yet."""
    browser, under_way = sender.browser(), sender.browser()
    page = sender.launch(browser, **_link("one"))
    for name, value in browser.sessions().items():
        under_way.client.set_cookie(name, value, domain="localhost", secure=True)
    sender.launch(browser, **_link("two"))
    assert under_way.get(page.url).status == 200
    # Of somebody else's moment nothing stays.
    sender.launch(browser, sub="marieke")
    assert under_way.get(page.url).status == 401


def test_a_browser_keeps_at_most_eight_sessions_of_a_moment(sender: Sender) -> None:
    browser = sender.browser()
    pages = [sender.launch(browser, **_link(str(number))) for number in range(10)]
    assert len(browser.sessions()) == 8
    assert browser.get(pages[-1].url).status == 200


def test_two_tabs_of_two_people_never_act_as_each_other(sender: Sender) -> None:
    browser = sender.browser()
    first = sender.launch(browser, sub="fatima", name="Fatima")
    second = sender.launch(browser, sub="marieke", name="Marieke")
    lost = browser.get(first.url)
    assert lost.status == 401
    assert browser.get(second.url).status == 200
    # Changing the page's language is something a person does: it must not reach either of the two.
    path = first.url.removesuffix("/") + "/language"
    assert browser.post(path, {"language": "en"}).status == 401
    third = sender.launch(browser, sub="fatima", name="Fatima")
    assert browser.get(second.url).status == 401
    assert browser.get(first.url).status == 401, "a launch that was lost does not come back by itself"
    assert third.soup.html["lang"] == browser.get(third.url).soup.html["lang"] == "nl"


def test_the_same_sub_of_another_platform_is_another_person(sender: Sender) -> None:
    browser = sender.browser()
    other = Sender(sender.tool, issuer="https://second.example")
    first = sender.launch(browser, sub="5")
    second = other.launch(browser, sub="5")
    assert browser.get(first.url).status == 401
    assert browser.get(second.url).status == 200


def test_one_person_of_two_clients_of_a_platform_goes_on(sender: Sender) -> None:
    browser = sender.browser()
    other = Sender(sender.tool, client_id="second-client")
    first, second = sender.launch(browser, sub="5"), other.launch(browser, sub="5")
    assert {browser.get(page.url).status for page in (first, second)} == {200}


def test_a_launch_is_of_the_browser_that_made_it(sender: Sender) -> None:
    mine, yours = sender.browser(), sender.browser()
    page = sender.launch(mine, sub="fatima")
    own = sender.launch(yours, sub="marieke")
    assert yours.get(page.url).status == 401
    assert sender.browser().get(page.url).status == 401
    assert yours.get(own.url).status == 200
    for made_up in ("/l/nobody/", "/l/%00/", "/l/" + "x" * 500 + "/"):
        assert yours.get(made_up).status == 401


def test_a_session_lasts_a_school_day_and_each_launch_begins_it_anew(sender: Sender) -> None:
    browser = sender.browser()
    start = dt.datetime.now(dt.UTC)
    first = sender.launch(browser)
    with time_machine.travel(start) as clock:
        for hour in range(1, 12):
            # Who does something each hour is never away.
            clock.move_to(start + dt.timedelta(hours=hour))
            assert browser.get(first.url).status == 200
        clock.move_to(start + SESSION_LIFE - dt.timedelta(minutes=1))
        assert browser.get(first.url).status == 200
        second = sender.launch(browser, **_link("two"))
        clock.move_to(start + SESSION_LIFE + dt.timedelta(hours=1))
        assert {browser.get(page.url).status for page in (first, second)} == {200}
        clock.move_to(start + 2 * SESSION_LIFE)
        assert {browser.get(page.url).status for page in (first, second)} == {401}
        # What had ended is not carried on by a new launch.
        third = sender.launch(browser, **_link("three"))
        assert browser.get(first.url).status == 401
        assert browser.get(third.url).status == 200


def _lose(world: World, how: str, browser: Browser) -> None:
    if how == "somebody else launched":
        world.as_("marieke").launch(browser=browser)
    elif how == "cookies cleared":
        browser.forget()
    else:
        with world.tool.session() as session:
            for row in session.query(BrowserSession):
                row.created_at -= dt.timedelta(days=1)


@pytest.mark.parametrize("how", ["somebody else launched", "cookies cleared", "a day went by"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_u16_a_lost_session_gives_one_sentence_one_button_and_the_text_back(
    world: World, how: str, language: str
) -> None:
    world.begin("fatima", "marieke")
    fatima = world.as_("fatima")
    form = fatima.launch().form("/idea")
    _lose(world, how, fatima.browser)
    fatima.browser.client.environ_base = {
        **fatima.browser.client.environ_base,
        "HTTP_ACCEPT_LANGUAGE": language,
    }
    before = _saved(world)
    page = form.submit(text=IDEA, why="omdat het telt")
    assert page.status == 401
    assert _saved(world) == before, "nothing was saved, not as her and not as anybody"
    buttons = [found.get_text() for found in page.soup.find_all(["a", "button"])]
    assert buttons == [{"nl": "Open opnieuw", "en": "Open it again"}[language]]
    assert page.soup.find("a")["href"] == f"{world.lms.url}/mod/lti/view.php?id={world.activity('ambition').id}"
    assert page.soup.find("a")["target"] == "_top"
    # Of a browser without any cookie of ours nothing is read at all.
    given_back = [IDEA] if how != "cookies cleared" else []
    assert [area.get_text().strip() for area in page.soup.find_all("textarea")][:1] == given_back
    assert "Set-Cookie" not in page.response.headers
    # From the course it goes on.
    again = fatima.launch()
    assert again.has_form("/idea")


def _saved(world: World) -> list[int]:
    with world.tool.session() as session:
        return [session.query(model).count() for model in (Contribution, Moment, Draft)]


def test_u16_a_page_that_was_lost_says_so_in_one_sentence(world: World) -> None:
    page = world.as_("fatima").launch()
    world.as_("marieke").launch(browser=world.as_("fatima").browser)
    lost: Page = world.as_("fatima").browser.get(page.url)
    assert (lost.status, len(lost.soup.find_all("h1")), len(lost.soup.find_all("textarea"))) == (401, 1, 0)
    assert "Fatima" not in lost.text
    assert "Marieke" not in lost.text


def test_a_course_of_somebody_else_is_not_reached_by_changing_the_address(world: World) -> None:
    """A launch names its own course: another launch's address is of no use without its session."""
    fatima = world.as_("fatima").launch()
    karin = world.as_("karin")
    world.place_cycle("karin", "PLG-TEC")
    own = karin.launch(world.activity("ambition", "PLG-TEC"))
    assert own.status == 200
    for path in ("", "home", "step/ambition", "welcome", "place", "community"):
        assert karin.browser.get(fatima.url.partition("?")[0].rstrip("/") + "/" + path).status == 401


def test_launches_of_long_ago_are_not_kept_open(sender: Sender) -> None:
    browser = sender.browser()
    sender.launch(browser, sub="fatima")
    sender.launch(browser, sub="marieke")
    with sender.tool.session() as session:
        held = [launch.session_hash for launch in session.query(Launch).order_by(Launch.created_at)]
    assert held[0] is None
    assert held[1] is not None
