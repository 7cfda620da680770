"""Forms of other sites: refused everywhere but at login and launch. Every route of the application, found by itself."""

import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from lti_tool import audience
from tests.actors import Browser, Page, World
from tests.lti.sender import Sender

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
OURS = "{ours}"

# Whose page sent it, by what browsers say of that.
FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "cross-site, claiming our origin": {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
    "same-site: another port or subdomain": {"Sec-Fetch-Site": "same-site", "Origin": OURS},
    "a word browsers do not say": {"Sec-Fetch-Site": "trusted", "Origin": OURS},
    "an empty word": {"Sec-Fetch-Site": "", "Origin": OURS},
    "older browser, foreign origin": {"Origin": "https://evil.example"},
    "older browser, the platform's origin": {"Origin": "https://lms.school.example"},
    "older browser, our host on another port": {"Origin": "http://localhost:1"},
    "older browser, our host over https": {"Origin": "https://localhost"},
    "older browser, origin that begins like ours": {"Origin": OURS + ".evil.example"},
    "older browser, origin null": {"Origin": "null"},
    "neither header": {},
    "only a referrer": {"Referer": OURS + "/l/x/"},
}
OWN = {
    "same-origin": {"Sec-Fetch-Site": "same-origin"},
    "typed by the person": {"Sec-Fetch-Site": "none"},
    "older browser, our origin": {"Origin": OURS},
}


def _headers(world: Sender, said: dict[str, str]) -> dict[str, str]:
    return {name: value.format(ours=world.tool.url) for name, value in said.items()}


def _path(rule: Rule, launch_id: str) -> str:
    known = {"launch_id": launch_id, "name": "ambition", "deed": "idea"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known.get(match[1], "x"), rule.rule)


def _routes(sender: Sender, methods: set[str]) -> list[tuple[Rule, str]]:
    return [
        (rule, method) for rule in sender.tool.app.url_map.iter_rules() for method in (rule.methods or set()) & methods
    ]


def _signed_in(sender: Sender) -> tuple[Browser, str]:
    browser = sender.browser()
    return browser, sender.opened(sender.launch(browser, **Sender.picking())).launch.id


def _send(sender: Sender, browser: Browser, path: str, method: str, headers: dict[str, str]) -> Page:
    data = {"text": "ingevuld door een andere site", "language": "en", "choice": "facilitate", "code": "x"}
    return Page(browser, browser.client.open(path, base_url=sender.tool.url, method=method, data=data, headers=headers))


@pytest.mark.parametrize("said", FOREIGN.values(), ids=FOREIGN)
def test_no_form_of_another_site_changes_anything(shared: Sender, logged: list[Any], said: dict[str, str]) -> None:
    browser, launch_id = _signed_in(shared)
    before = shared.founded()
    seen = []
    for rule, method in _routes(shared, CHANGING):
        if audience.declared(shared.tool.app, rule.endpoint) == audience.PLATFORM:
            continue
        logged.clear()
        page = _send(shared, browser, _path(rule, launch_id), method, _headers(shared, said))
        assert page.status == 403, rule
        assert [line["reason"] for line in logged if line["event"] == "refused"] == ["cross_site"], rule
        seen.append(rule.endpoint)
    assert shared.founded() == before
    # So that an empty table cannot pass: what was there when this was written.
    assert {"lti.storage", "lti.window", "lti.confirm", "circle.choose", "circle.act", "circle.place"} <= set(seen)


@pytest.mark.parametrize("said", OWN.values(), ids=OWN)
def test_our_own_forms_are_taken(shared: Sender, logged: list[Any], said: dict[str, str]) -> None:
    browser, launch_id = _signed_in(shared)
    for rule, method in _routes(shared, CHANGING):
        page = _send(shared, browser, _path(rule, launch_id), method, _headers(shared, said))
        assert page.status < 500, rule
    assert "cross_site" not in {line.get("reason") for line in logged}


def test_only_login_and_launch_are_open_to_other_sites(shared: Sender) -> None:
    open_to_others = {
        rule.endpoint
        for rule, _method in _routes(shared, CHANGING)
        if audience.declared(shared.tool.app, rule.endpoint) == audience.PLATFORM
    }
    assert open_to_others == {"lti.login", "lti.launch"}
    browser = shared.browser()
    # Sender.launch posts both as the platform's page does.
    assert shared.launch(browser).status == 200


def test_opening_a_page_from_another_site_changes_nothing(world: World) -> None:
    """A link or an image on another site makes GET requests with nobody's consent."""
    world.begin("fatima")
    pages = {name: world.as_(name).launch() for name in ("wout", "fatima")}
    look = Sender(world.tool)
    before = look.founded()
    for name, page in pages.items():
        launch_id = re.findall(r"/l/([\w-]+)[~/]", page.url)[0]
        for rule, _method in _routes(look, {"GET"}):
            if rule.endpoint == "static":
                continue
            answer = world.as_(name).browser.get(_path(rule, launch_id), **{"Sec-Fetch-Site": "cross-site"})
            assert answer.status < 500 or rule.endpoint == "health.readyz", rule
    assert look.founded() == before


def test_a_refused_form_gives_the_text_back(shared: Sender) -> None:
    browser, launch_id = _signed_in(shared)
    typed = "Dit had ik al helemaal uitgeschreven"
    page = browser.post(f"/l/{launch_id}/draft", {"text": typed}, site="cross-site")
    assert page.status == 403
    assert page.soup.find("textarea").get_text().strip() == typed
