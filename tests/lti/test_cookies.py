"""Whose browser is it? Cookies where they come back, platform storage or a window of its own where they do not.

Numbers: lti.md, S3, P2 and P5 (1b), pain U1. Nothing is opened and nothing is shown before the browser is known.
"""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine

from lti_tool.door.cookies import LOGIN_COOKIE, MOST, SESSION_COOKIE, login_cookie, proof_of
from lti_tool.models import BrowserSession, Launch
from tests.actors import Browser, Form, Page, asked
from tests.lti.sender import Sender, unique

ATTRIBUTES = {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def _cookies(page: Page) -> dict[str, tuple[str, set[str]]]:
    """What one answer sets: name -> (value, attributes)."""
    found = {}
    for header in page.response.headers.getlist("Set-Cookie"):
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(attributes))
    return found


def _answer(sender: Sender, browser: Browser, question: dict[str, str], **changes: Any) -> Page:
    """The launch that answers a login, not followed."""
    fields = {"state": question["state"], "id_token": sender.sign(sender.claims(question["nonce"], **changes))}
    return browser.post("/lti/launch", fields, site="cross-site", follow=False)


def _without_cookies(sender: Sender, storage: str = "", **changes: Any) -> tuple[Page, dict[str, str]]:
    """The page that a browser gets whose frame keeps no cookies; and the authentication request."""
    login = {"lti_storage_target": storage} if storage else {}
    browser = sender.browser(cookies=False)
    question = asked(sender.login(browser, **login))
    return _answer(sender, browser, question, **changes), question


def _opens(sender: Sender) -> tuple[int, int]:
    """How many sessions there are, and how many launches have one."""
    with sender.tool.session() as session:
        opened = session.query(Launch).filter(Launch.session_hash.is_not(None)).count()
        return session.query(BrowserSession).count(), opened


def _in_window(sender: Sender, form: Form, window: Browser | None = None) -> Page:
    """Post a page's form in a window of its own: another cookie jar, on the tool's own site."""
    return (window or sender.browser()).post(form.action, form.values())


def test_s3_the_login_and_session_cookies_come_back_inside_a_frame(sender: Sender) -> None:
    browser = sender.browser()
    page = sender.login(browser)
    question = asked(page)
    name = login_cookie(question["state"])
    assert name.startswith(LOGIN_COOKIE)
    ((cookie, (value, attributes)),) = _cookies(page).items()
    assert (cookie, value.partition(".")[2]) == (name, proof_of(question["state"]))
    assert attributes >= ATTRIBUTES | {"Max-Age=600"}
    assert not [attribute for attribute in attributes if attribute.startswith("Domain")]
    page = _answer(sender, browser, question)
    assert page.status == 303
    set_now = _cookies(page)
    (session,) = [each for each in set_now if each.startswith(SESSION_COOKIE)]
    token, attributes = set_now.pop(session)
    assert len(token) >= 43
    assert attributes == ATTRIBUTES, "a session cookie: it ends with the browser"
    # The login's own cookie has done its work.
    ((cookie, (value, attributes)),) = set_now.items()
    assert (cookie, value) == (name, "")
    assert attributes >= ATTRIBUTES | {"Max-Age=0"}
    assert SESSION_COOKIE.startswith("__Host-")
    assert LOGIN_COOKIE.startswith("__Host-")


def _logins(browser: Browser) -> list[str]:
    return [each.key for each in browser.client._cookies.values() if each.key.startswith(LOGIN_COOKIE)]


def test_a_browser_keeps_the_eight_newest_login_cookies(sender: Sender) -> None:
    """170 pictures in a forum post, each of a login, once kept a person out: so many cookies no request may have."""
    browser, start = sender.browser(), dt.datetime.now(dt.UTC)
    names = []
    for number in range(170):
        with time_machine.travel(start + dt.timedelta(seconds=number)):
            names.append(login_cookie(asked(sender.login(browser))["state"]))
    with time_machine.travel(start + dt.timedelta(seconds=170)):
        assert set(_logins(browser)) == set(names[-MOST:])
        sent = "; ".join(f"{each.key}={each.value}" for each in browser.client._cookies.values())
        assert len(sent) < 1000
        assert sender.opened(sender.launch(browser)).person.sub == "fatima"


def test_windows_and_logins_share_the_eight(sender: Sender) -> None:
    browser = sender.browser()
    for _ in range(MOST):
        sender.login(browser)
    page, _question = _without_cookies(sender)
    asks = _in_window(sender, page.form("/lti/window"), browser)
    assert len(_logins(browser)) == MOST
    assert sender.opened(asks.form("/lti/confirm").submit()).person.sub == "fatima"


@pytest.mark.parametrize("destination", ["image", "script", "style", "font", "video", "worker", "x" * 500, ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_that_no_page_asks_for_is_refused(shared: Sender, method: str, destination: str) -> None:
    headers, fields = {"Sec-Fetch-Dest": destination}, shared.login_fields()
    client, url = shared.browser().client, shared.tool.url
    given = {"query_string": fields} if method == "GET" else {"data": fields}
    answer = client.open("/lti/login", method=method, base_url=url, headers=headers, **given)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["X-Leerkring-Reason"]) == (401, "no_page")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("destination", ["document", "iframe", "frame", "embed", "object", "empty"])
def test_a_login_that_a_page_asks_for_is_answered(shared: Sender, destination: str) -> None:
    headers = {"Sec-Fetch-Dest": destination}
    page = shared.browser().post("/lti/login", shared.login_fields(), site="cross-site", follow=False, **headers)
    assert page.status == 302


def test_a_session_is_kept_as_a_hash_only(sender: Sender) -> None:
    browser = sender.browser()
    page = _answer(sender, browser, asked(sender.login(browser)))
    (token,) = [value for name, (value, _) in _cookies(page).items() if name.startswith(SESSION_COOKIE)]
    with sender.tool.session() as session:
        (kept,) = session.query(BrowserSession)
    assert token not in kept.token_hash
    assert re.fullmatch("[0-9a-f]{64}", kept.token_hash)


def test_s3_a_login_of_another_browser_is_not_this_browsers(sender: Sender) -> None:
    victim, attacker = sender.browser(), sender.browser()
    sender.login(victim)
    before = sender.founded()
    page = _answer(sender, victim, asked(sender.login(attacker)), sub="attacker")
    assert (page.status, page.reason) == (401, "not_this_browser")
    assert sender.founded() == before


def test_s3_a_browser_with_a_session_of_ours_is_held_to_its_cookies(sender: Sender) -> None:
    victim = sender.browser()
    own = sender.launch(victim)
    page = _answer(sender, victim, asked(sender.login(sender.browser())), sub="attacker")
    assert page.reason == "not_this_browser"
    assert victim.get(own.url).status == 200


def test_u1_a_frame_that_sends_cookies_and_keeps_none_is_offered_a_window_as_one_without(sender: Sender) -> None:
    """WebKit (2.50.6) sends into a frame what a window of one's own keeps, and keeps nothing that is set there."""
    window = sender.browser()
    sender.launch(window)
    before = _opens(sender)
    question = asked(sender.login(sender.browser(cookies=False)))
    fields = {"state": question["state"], "id_token": sender.sign(sender.claims(question["nonce"]))}
    page = window.post("/lti/launch", fields, site="cross-site", follow=False, **{"Sec-Fetch-Dest": "iframe"})
    assert page.status == 200
    assert _opens(sender) == before
    asks = _in_window(sender, page.form("/lti/window"), window)
    assert "Fatima Öztürk" in asks.text
    opened = sender.opened(asks.form("/lti/confirm").submit())
    assert window.get(f"/l/{opened.launch.id}/").status == 200


def test_p5_without_cookies_there_is_one_button_no_content_and_no_session(sender: Sender) -> None:
    page, _question = _without_cookies(sender)
    assert page.status == 200
    assert len(page.soup.find_all("button")) == 1
    assert page.soup.find("form")["target"] == "_blank"
    assert "Fatima" not in page.html
    assert "Leergemeenschap" not in page.html
    assert "Set-Cookie" not in page.response.headers
    assert _opens(sender) == (0, 0)
    # The page stands in the LMS's frame, and there only.
    assert page.response.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {sender.issuer}")


def test_u1_a_window_of_its_own_asks_by_name_and_course_and_goes_on(sender: Sender) -> None:
    page, _question = _without_cookies(sender)
    window = sender.browser()
    asks = _in_window(sender, page.form("/lti/window"), window)
    assert asks.status == 200
    assert "Fatima Öztürk" in asks.text
    assert "Leergemeenschap" in asks.text
    assert len(asks.soup.find_all("button")) == 1
    assert asks.response.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert _opens(sender) == (0, 0)
    ((_name, (_value, attributes)),) = _cookies(asks).items()
    # Longer than the minute the code lives: whoever waits too long is told so, not that there are no cookies.
    assert attributes >= ATTRIBUTES | {"Max-Age=600"}
    opened = sender.opened(asks.form("/lti/confirm").submit())
    assert opened.person.sub == "fatima"
    assert _opens(sender) == (1, 1)
    assert window.get(f"/l/{opened.launch.id}/").status == 200


def test_the_window_names_nobody_it_was_not_told(sender: Sender) -> None:
    page, _question = _without_cookies(sender, name="")
    asks = _in_window(sender, page.form("/lti/window"))
    assert "None" not in asks.text
    assert asks.soup.find("b").get_text().strip()


def test_another_browsers_window_cannot_confirm(sender: Sender) -> None:
    """Login forgery: an attacker's own launch must not be confirmed by a click of somebody else."""
    page, _question = _without_cookies(sender, sub="attacker")
    asks = _in_window(sender, page.form("/lti/window")).form("/lti/confirm")
    # Another browser has no cookie of the window; one with a window of its own has another one.
    assert _in_window(sender, asks).reason == "no_cookies_at_all"
    other, _question = _without_cookies(sender, sub="victim")
    window = sender.browser()
    own = _in_window(sender, other.form("/lti/window"), window).form("/lti/confirm")
    assert _in_window(sender, asks, window).reason == "no_cookies_at_all"
    mixed = {**dict(own.values()), "binding": dict(asks.values())["binding"]}
    assert window.post("/lti/confirm", mixed).reason == "not_this_browser"
    assert _opens(sender) == (0, 0)


def test_a_browser_that_keeps_no_cookies_at_all_is_told_so(sender: Sender) -> None:
    page, _question = _without_cookies(sender)
    window = sender.browser(cookies=False)
    refused = _in_window(sender, page.form("/lti/window"), window).form("/lti/confirm").submit()
    assert (refused.status, refused.reason) == (401, "no_cookies_at_all")
    assert "cookies" in refused.text
    assert not refused.soup.find("textarea")


STEPS = ("/lti/window", "/lti/confirm", "/lti/storage")


def _at(sender: Sender, step: str) -> Form:
    """The form of a hand-over, ready to be posted in a window whose cookies come back."""
    if step == "/lti/storage":
        page, _question = _without_cookies(sender, "_parent", sub=unique("who"))
        return page.form(step)
    page, _question = _without_cookies(sender, sub=unique("who"))
    if step == "/lti/window":
        return page.form(step)
    return _in_window(sender, page.form("/lti/window")).form(step)


@pytest.mark.parametrize("step", STEPS)
def test_a_hand_over_serves_once(sender: Sender, step: str) -> None:
    form = _at(sender, step)
    assert form.submit().status == 200
    before = _opens(sender)
    again = form.submit()
    # The confirmation's code is gone; so is its cookie where the first one took it.
    assert again.status == 401
    assert again.reason in ("handover_expired", "no_cookies_at_all")
    assert not again.soup.find("textarea")
    assert _opens(sender) == before


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("seconds", "status"), [(45, 200), (61, 401)])
def test_a_hand_over_lives_for_a_minute(sender: Sender, step: str, seconds: int, status: int) -> None:
    form = _at(sender, step)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)):
        page = form.submit()
    assert page.status == status
    if status == 401:
        assert page.reason == "handover_expired"
        assert _opens(sender) == (0, 0)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", ["", "guessed", "\0"])
def test_a_hand_over_nobody_made_opens_nothing(sender: Sender, step: str, code: str) -> None:
    page = sender.browser().post(step, {"code": code, "binding": code, "state": code, "nonce": code})
    assert page.status == 401
    assert page.reason in ("handover_expired", "no_cookies_at_all")


def test_a_launch_that_has_opened_is_not_handed_over_again(sender: Sender) -> None:
    page, _question = _without_cookies(sender)
    asks = _in_window(sender, page.form("/lti/window"))
    opened = sender.opened(asks.form("/lti/confirm").submit())
    with sender.tool.session() as session:
        kept = session.get_one(Launch, opened.launch.id)
        assert (kept.handover_hash, kept.handover_expires_at) == (None, None)


def test_p2_platform_storage_is_asked_for_what_the_login_put_there(sender: Sender) -> None:
    page, question = _without_cookies(sender, "_parent")
    box = page.soup.find(id="storage")
    assert {name: box[f"data-{name}"] for name in ("do", "target", "origin", "state")} == {
        "do": "get",
        "target": "_parent",
        "origin": sender.issuer,
        "state": question["state"],
    }
    # What proves the browser is not on the page: it has to come from the storage.
    assert question["nonce"] not in page.html
    assert dict(page.form("/lti/storage").values())["nonce"] == ""
    assert "Fatima" not in page.html
    assert _opens(sender) == (0, 0)


def test_p5_what_storage_gave_back_opens_without_a_question(sender: Sender) -> None:
    page, question = _without_cookies(sender, "_parent")
    button = page.form("/lti/storage").submit(state=question["state"], nonce=question["nonce"])
    assert button.status == 200
    assert _opens(sender) == (0, 0)
    opened = sender.opened(_in_window(sender, button.form("/lti/window")))
    assert opened.person.sub == "fatima"


@pytest.mark.parametrize(
    "given",
    [{}, {"nonce": "wrong"}, {"state": "wrong"}, {"state": "", "nonce": ""}],
    ids=["nothing posted by hand", "another nonce", "another state", "storage had nothing"],
)
def test_p5_what_storage_does_not_know_is_asked_by_name(sender: Sender, given: dict[str, str]) -> None:
    page, question = _without_cookies(sender, "_parent")
    right = {"state": question["state"], "nonce": question["nonce"]} if given else {}
    button = page.form("/lti/storage").submit(**{**right, **given})
    asks = _in_window(sender, button.form("/lti/window"))
    assert asks.has_form("/lti/confirm")
    assert _opens(sender) == (0, 0)


def test_p5_a_window_that_did_not_ask_the_storage_asks_by_name(sender: Sender) -> None:
    page, _question = _without_cookies(sender, "_parent")
    code = dict(page.form("/lti/storage").values())["code"]
    asks = sender.browser().post("/lti/window", {"code": code})
    assert asks.has_form("/lti/confirm")
    assert _opens(sender) == (0, 0)


def test_p5_cookies_win_over_storage(sender: Sender) -> None:
    browser = sender.browser()
    opened = sender.opened(sender.launch(browser, login={"lti_storage_target": "_parent"}))
    assert opened.launch.storage_proof is None


def test_storage_that_was_not_offered_proves_nothing(sender: Sender) -> None:
    page, question = _without_cookies(sender)
    code = dict(page.form("/lti/window").values())["code"]
    button = sender.browser().post(
        "/lti/storage", {"code": code, "state": question["state"], "nonce": question["nonce"]}
    )
    assert _in_window(sender, button.form("/lti/window")).has_form("/lti/confirm")


def test_deep_linking_without_cookies_ends_at_the_picker(sender: Sender) -> None:
    page, _question = _without_cookies(sender, **Sender.picking())
    asks = _in_window(sender, page.form("/lti/window"))
    assert asks.form("/lti/confirm").submit().has_form("/place")
