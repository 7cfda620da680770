"""Dynamic registration: what the tool says of itself, what it keeps, and how it ends (lti.md, R1 to R6, M1 to M5)."""

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine

from lti_tool.i18n import STATIC
from lti_tool.lti.register import CUSTOM, PLATFORM, SCOPES, TOOL
from lti_tool.models import Deployment, Invite, Registration
from tests.actors import Browser, Page, Tool, World
from tests.lti.site import Answer, Site

RECORDINGS = Path(__file__).parents[1] / "recordings"
CONFIGURATION, REGISTRATION = "/mod/lti/openid-configuration.php", "/mod/lti/openid-registration.php"


def recorded(name: str, site: Site) -> Any:
    """A recording, of a Moodle that is the site."""
    return json.loads((RECORDINGS / name).read_text().replace("https://moodle.example", site.url))


@pytest.fixture
def moodle(site: Site) -> Site:
    """A site that answers as Moodle did."""
    site.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", site))
    exchange = recorded("dynamic-registration.json", site)
    site.answers[REGISTRATION] = Answer(exchange["response"], exchange["status"], exchange["headers"])
    return site


def register(tool: Tool, site: Site, link: str = "", language: str = "en", **query: str) -> Page:
    """Open a registration link as the platform does, in its own frame."""
    asked = {"openid_configuration": site.url + CONFIGURATION, **query}
    url = f"{link or tool.invite()}&{urlencode(asked)}"
    return Browser(tool).get(url, **{"Sec-Fetch-Site": "cross-site", "Accept-Language": language})


def kept(tool: Tool) -> list[Registration]:
    with tool.session() as session:
        return session.query(Registration).order_by(Registration.id).all()


def deployments(tool: Tool) -> list[tuple[str, bool]]:
    with tool.session() as session:
        return [(row.deployment_id, row.approved) for row in session.query(Deployment).order_by(Deployment.id)]


def change(site: Site, path: str, **changes: Any) -> None:
    """Change an answer; None drops a member, "TOOL" stands for the tool's own part."""
    answer = site.answers[path]
    body = {**answer.body, **{TOOL if name == "TOOL" else name: value for name, value in changes.items()}}
    answer.body = {name: value for name, value in body.items() if value is not None}


def test_r1_moodles_own_query_registers(tool: Tool, moodle: Site) -> None:
    args = recorded("dynamic-registration-query.json", moodle)["args"]
    page = register(tool, moodle, **args)
    assert page.status == 200
    # Canvas wants it on the first one too.
    assert [asked.headers["Authorization"] for asked in moodle.asked] == ["Bearer " + args["registration_token"]] * 2


def test_r1_a_token_is_sent_only_where_one_came(tool: Tool, moodle: Site) -> None:
    assert register(tool, moodle).status == 200
    assert register(tool, moodle, registration_token="", again="1").status == 200
    assert [(asked.method, "Authorization" in asked.headers) for asked in moodle.asked] == [
        ("GET", False),
        ("POST", False),
    ] * 2


def test_r3_the_tool_says_what_a_platform_needs_to_know(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    sent = moodle.asked[1].json
    assert moodle.asked[1].headers["Content-Type"] == "application/json"
    base = tool.url
    assert {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": f"{base}/lti/jwks",
        "initiate_login_uri": f"{base}/lti/login",
        "redirect_uris": [f"{base}/lti/launch"],
        "client_name": "Leerkring",
    }.items() <= sent.items()
    about = sent[TOOL]
    # M2: Moodle compares the domain with the target's, port included.
    assert about["domain"] == urlsplit(about["target_link_uri"]).netloc == urlsplit(base).netloc
    assert {message["type"] for message in about["messages"]} == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}
    # M3: names come only where they are asked for; the e-mail address has no use here.
    assert {"name", "given_name", "family_name"} <= set(about["claims"])
    assert "email" not in about["claims"]
    assert about["custom_parameters"] == CUSTOM
    assert set(CUSTOM.values()) >= {"$Context.id.history", "$CourseSection.sourcedId", "$Moodle.Person.userGroupIds"}
    assert "client_secret" not in sent
    # What Moodle took when it was recorded is all there.
    taken = recorded("dynamic-registration.json", moodle)["request"]
    assert set(taken) <= set(sent)
    assert set(taken[TOOL]) <= set(about)


def test_r3_every_scope_is_asked_for_or_all_that_the_platform_has(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    supported = moodle.answers[CONFIGURATION].body["scopes_supported"]
    assert moodle.asked[1].json["scope"].split() == [scope for scope in SCOPES if scope in supported]
    change(moodle, CONFIGURATION, scopes_supported=None)
    register(tool, moodle, again="1")
    assert moodle.asked[3].json["scope"].split() == list(SCOPES)


def test_r4_what_the_platform_answered_is_kept(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    (row,) = kept(tool)
    answer = recorded("dynamic-registration.json", moodle)["response"]
    assert (row.issuer, row.client_id, row.family, row.scopes, row.token_audience) == (
        moodle.url,
        answer["client_id"],
        "moodle",
        answer["scope"],
        None,
    )
    assert (row.auth_login_url, row.auth_token_url, row.key_set_url) == (
        moodle.url + "/mod/lti/auth.php",
        moodle.url + "/mod/lti/token.php",
        moodle.url + "/mod/lti/certs.php",
    )
    assert deployments(tool) == [("1", True)]


@pytest.mark.parametrize(
    ("configuration", "answer", "expected"),
    [
        pytest.param({}, {"TOOL": None}, [], id="no deployment named: it is noted at its first launch"),
        pytest.param({}, {"TOOL": {}, "deployment_id": "9"}, [("9", True)], id="deployment beside the tool's part"),
        pytest.param({}, {"TOOL": {"deployment_id": 5}}, [("5", True)], id="deployment is a number"),
        pytest.param({}, {"TOOL": "none", "scope": 5}, [], id="parts of another kind"),
        pytest.param({PLATFORM: None}, {}, [("1", True)], id="family not told"),
        pytest.param({PLATFORM: ["moodle"]}, {}, [("1", True)], id="family of another kind"),
        pytest.param({"authorization_server": {"a": 1}}, {}, [("1", True)], id="audience of another kind"),
    ],
)
def test_r4_an_answer_may_say_less(
    tool: Tool, moodle: Site, configuration: Any, answer: Any, expected: list[tuple[str, bool]]
) -> None:
    change(moodle, CONFIGURATION, **configuration)
    change(moodle, REGISTRATION, **answer)
    moodle.answers[REGISTRATION].status = 201
    assert register(tool, moodle).status == 200
    assert deployments(tool) == expected
    assert kept(tool)[0].token_audience is None


def test_s12_an_audience_that_the_platform_names_is_kept(tool: Tool, moodle: Site) -> None:
    change(moodle, CONFIGURATION, authorization_server="https://auth.example/token")
    register(tool, moodle)
    assert kept(tool)[0].token_audience == "https://auth.example/token"


@pytest.mark.parametrize(
    ("language", "said"),
    [("nl", "Leerkring verdwijnt uit de activiteitenkiezer"), ("en", "names and e-mail addresses")],
)
def test_m80_registering_again_says_first_what_moodle_puts_back(
    tool: Tool, moodle: Site, language: str, said: str
) -> None:
    args = recorded("dynamic-registration-query.json", moodle)["args"]
    register(tool, moodle, **args)
    asked, link = len(moodle.asked), tool.invite(platform=1)
    change(moodle, REGISTRATION, scope="")
    page = register(tool, moodle, link, language=language, **args)
    assert (page.status, said in page.text) == (200, True), page.text
    assert len(moodle.asked) == asked, "nobody was asked, and the link is not used up"
    assert page.response.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    form = page.form("/lti/register")
    assert form.tag["method"] == "get"
    button = next(button for button in form.tag.find_all("button") if button.get("name"))
    again = dict(form.values()) | {str(button["name"]): str(button["value"])}
    done = Browser(tool).get(f"{form.action}?{urlencode(again)}")
    # What would change here is shown next (test_renewal).
    done = done.form("/lti/register").submit()
    assert "Leerkring is " in done.soup.h1.get_text()
    (row,) = kept(tool)
    assert row.scopes == ""
    assert moodle.asked[-1].headers["Authorization"] == "Bearer " + args["registration_token"]


def test_m80_only_moodle_puts_settings_back(tool: Tool, moodle: Site) -> None:
    change(moodle, CONFIGURATION, **{PLATFORM: {"product_family_code": "canvas"}})
    register(tool, moodle)
    asked = len(moodle.asked)
    register(tool, moodle)
    assert len(moodle.asked) == 2 * asked


def test_k2_registering_as_another_client_adds(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    change(moodle, REGISTRATION, client_id="second", TOOL={"deployment_id": "1"})
    register(tool, moodle, again="1")
    assert [row.client_id for row in kept(tool)] == ["A7ah603Alv4CLZK", "second"]
    assert deployments(tool) == [("1", True), ("1", True)]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("family", ["moodle", "canvas"])
def test_r6_m3_it_ends_with_two_things_to_do_and_a_button_that_closes(
    tool: Tool, moodle: Site, family: str, language: str
) -> None:
    change(moodle, CONFIGURATION, **{PLATFORM: {"product_family_code": family}})
    page = register(tool, moodle, language=language)
    assert page.soup.html["lang"] == language
    todo = [item.get_text() for item in page.soup.find("ol").find_all("li")]
    assert len(todo) == 2
    if family == "moodle":
        assert {"en": "Activate", "nl": "Activeer"}[language] in todo[0]
        # As Moodle says it: in its Dutch language pack too.
        usage = {"en": "“Tool configuration usage”", "nl": "‘Tool-configuratie gebruik’"}[language]
        chooser = {
            "en": "“Show in activity chooser and as a preconfigured tool”",
            "nl": "‘Toon in de activiteitskiezer als een voorgeconfigureerde tool’",
        }[language]
        assert usage in todo[1]
        assert chooser in todo[1]
    # The code in an element of its own, without marks that could be part of it, and "write it down" beside it.
    code = page.soup.find("code")
    assert code["class"] == ["code"]
    assert re.fullmatch(r"([A-Z0-9]{4}-){2}[A-Z0-9]{4}", code.get_text())
    assert {"en": "Write it down before", "nl": "Schrijf hem op voor"}[language] in code.find_parent(
        "section"
    ).get_text()
    assert page.soup.find("button").has_attr("data-close")
    assert "org.imsglobal.lti.close" in (STATIC / "app.js").read_text()
    # In the LMS's frame, whichever it is, and without cookies.
    assert page.response.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert "Set-Cookie" not in page.response.headers


def test_an_invite_serves_one_registration(tool: Tool, moodle: Site) -> None:
    link = tool.invite()
    assert register(tool, moodle, link).status == 200
    moodle.asked.clear()
    page = register(tool, moodle, link)
    assert (page.status, page.reason) == (400, "invite_used")
    assert moodle.asked == []
    with tool.session() as session:
        (invite,) = session.query(Invite)
    assert invite.used_at is not None
    assert invite.registration_id == kept(tool)[0].id
    assert link.rpartition("=")[2] not in str(vars(invite))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", ["", "made-up", "\0"])
def test_nobody_registers_without_an_invite(tool: Tool, moodle: Site, code: str, language: str) -> None:
    page = register(tool, moodle, f"{tool.url}/lti/register?{urlencode({'invite': code})}", language=language)
    assert (page.status, page.reason) == (400, "invite_unknown")
    assert "leerkring invite" in page.text
    assert (page.soup.html["lang"], moodle.asked, kept(tool)) == (language, [], [])


def test_an_invite_expires_after_a_week(tool: Tool, moodle: Site) -> None:
    link, start = tool.invite(), dt.datetime.now(dt.UTC)
    with time_machine.travel(start + dt.timedelta(days=7, minutes=1)) as clock:
        page = register(tool, moodle, link)
        assert (page.status, page.reason, moodle.asked) == (400, "invite_expired", [])
        clock.move_to(start + dt.timedelta(days=6, hours=23))
        assert register(tool, moodle, link).status == 200


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_link_that_a_person_opens_says_where_to_paste_it(tool: Tool, language: str) -> None:
    link = tool.invite()
    page = Browser(tool).get(link, **{"Accept-Language": language, "Host": "evil.example"})
    assert page.status == 200
    assert page.soup.find("input")["value"] == link
    with tool.session() as session:
        assert session.query(Invite).one().used_at is None


def test_the_page_and_what_the_lms_is_told_name_the_configured_address_whatever_a_proxy_passes_on(
    sqlite_url: str, keys_dir: Path, moodle: Site
) -> None:
    """Who asks for another host, by Host or through a proxy that is believed, is not shown or registered there."""
    elsewhere = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    with Tool(sqlite_url, keys_dir, trusted_proxies=1) as tool:
        link = tool.invite()
        shown = Browser(tool).get(link, **elsewhere)
        assert shown.soup.find("input")["value"] == link
        asked = urlencode({"openid_configuration": moodle.url + CONFIGURATION})
        page = Browser(tool).get(f"{link}&{asked}", **elsewhere)
        for each in (shown.html, page.html, moodle.asked[1].body):
            assert "evil.example" not in each
        assert page.status == 200
        assert moodle.asked[1].json["redirect_uris"] == [f"{tool.url}/lti/launch"]


@pytest.fixture
def slow(moodle: Site) -> Iterator[threading.Event]:
    """Moodle answers the registration only once it was told to."""
    go = threading.Event()
    moodle.closing = go
    moodle.answers[REGISTRATION].wait = 30
    yield go
    go.set()


def test_one_invite_used_by_two_at_once_registers_one(tool: Tool, moodle: Site, slow: threading.Event) -> None:
    link, pages = tool.invite(), []
    threads = [threading.Thread(target=lambda: pages.append(register(tool, moodle, link))) for _ in range(2)]
    for thread in threads:
        thread.start()
    _until(lambda: len(moodle.asked) == 4)
    slow.set()
    for thread in threads:
        thread.join()
    assert sorted((page.status, page.reason) for page in pages) == [(200, ""), (400, "invite_used")]
    assert len(kept(tool)) == 1


def test_nobody_waits_while_a_platform_thinks_about_it(tool: Tool, moodle: Site, slow: threading.Event) -> None:
    pages: list[Page] = []
    thread = threading.Thread(target=lambda: pages.append(register(tool, moodle)))
    thread.start()
    _until(lambda: len(moodle.asked) == 2)
    tool.invite()  # writes, between what the registration read and what it will write
    slow.set()
    thread.join()
    assert pages[0].status == 200, pages[0].text


def _until(done: Any) -> None:
    """Wait for another thread to get there."""
    waiting = threading.Event()
    for _ in range(3000):
        if done():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not get there")


def test_what_registers_launches(world: World) -> None:
    """The strict platform takes the registration and the launches and services that follow (M1, M2, M3)."""
    (row,) = kept(world.tool)
    assert row.client_id == world.client_id
    assert world.as_("fatima").launch().status == 200
    # Registering once more keeps the client, as Moodle does for a domain it knows (M5).
    world.register()
    assert kept(world.tool)[0].client_id == world.client_id
    assert world.as_("fatima").launch().status == 200
