"""An invitation is for one LMS, and a known registration changes only with a right to it, and seen first (R2, R5)."""

import datetime as dt
import threading
import time
from typing import Any

import jwt
import pytest
import time_machine

from lti_tool.lti.register import PLATFORM, TRIES
from lti_tool.models import Invite, Registration
from tests.actors import Browser, Page, Tool
from tests.lti.sender import another_key, our_key
from tests.lti.site import Answer, Site
from tests.lti.test_registration import CONFIGURATION, REGISTRATION, change, deployments, kept, recorded
from tests.lti.test_registration import register as first

CLIENT = "A7ah603Alv4CLZK"
MOVED = "/elsewhere/token.php"
CERTS = "/mod/lti/certs.php"


def register(tool: Tool, site: Site, link: str = "", language: str = "en", **query: str) -> Page:
    """Open a link, by somebody who has read what Moodle puts back when it registers again (M80)."""
    return first(tool, site, link, language, **{"again": "1", **query})


def agree(page: Page) -> Page:
    """Press the button under what would change."""
    return page.form("/lti/register").submit()


def answering(site: Site) -> Site:
    """A site that answers as Moodle did."""
    site.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", site))
    site.answers[REGISTRATION] = Answer(recorded("dynamic-registration.json", site)["response"])
    site.answers[CERTS] = Answer({"keys": [our_key().jwk()]})
    return site


@pytest.fixture
def moodle(site: Site) -> Site:
    return answering(site)


def moved(moodle: Site) -> None:
    """What the LMS says of itself is another thing than what is known."""
    change(moodle, CONFIGURATION, token_endpoint=moodle.url + MOVED)
    change(moodle, REGISTRATION, scope="", TOOL={"deployment_id": "2"})


def token(key: Any = None, kid: str = "", **changes: Any) -> str:
    """A registration token as Moodle makes one for a tool that it updates; None drops a claim."""
    key, now = key or our_key(), int(time.time())
    said = {"sub": CLIENT, "scope": "reg-update", "iat": now, "exp": now + 3600, **changes}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key.private, "RS256", headers={"kid": kid or key.kid})


def test_an_invitation_is_for_the_issuer_it_was_first_used_with(any_tool: Tool, moodle: Site) -> None:
    """Also where nothing came of it: whoever finds the link later cannot bring another LMS in."""
    link, good = any_tool.invite(), moodle.answers[REGISTRATION]
    moodle.answers[REGISTRATION] = Answer("", 401)
    assert register(any_tool, moodle, link).reason == "status"
    with Site() as other:
        answering(other)
        page = register(any_tool, other, link)
        assert (page.status, page.reason) == (400, "invite_elsewhere")
        assert [asked.method for asked in other.asked] == ["GET"], "nothing was told to it"
    moodle.answers[REGISTRATION] = good
    assert register(any_tool, moodle, link).status == 200
    assert [row.issuer for row in kept(any_tool)] == [moodle.url]


def test_a_configuration_that_is_not_believed_binds_no_invitation(tool: Tool, moodle: Site) -> None:
    link = tool.invite()
    change(moodle, CONFIGURATION, issuer="https://elsewhere.example")
    assert register(tool, moodle, link).reason == "configuration_elsewhere"
    change(moodle, CONFIGURATION, issuer=moodle.url)
    assert register(tool, moodle, link).status == 200


@pytest.mark.parametrize(("issuer", "place"), [("/m1", "/m2"), ("", "/m2"), ("/m1", ""), ("/m1", "/m1/../m2")])
def test_r2_one_lms_does_not_speak_for_another_on_its_host(
    tool: Tool, moodle: Site, logged: list[Any], issuer: str, place: str
) -> None:
    change(moodle, CONFIGURATION, issuer=moodle.url + issuer)
    moodle.answers[place + CONFIGURATION] = moodle.answers[CONFIGURATION]
    page = register(tool, moodle, openid_configuration=moodle.url + place + CONFIGURATION)
    # The way through /m1 leads to nobody's place, so that there may be nothing at all.
    assert page.reason in ("configuration_elsewhere", "status")
    assert kept(tool) == []


def test_r2_each_of_several_on_one_host_registers_as_itself(tool: Tool, moodle: Site) -> None:
    for number in ("1", "2"):
        here = f"{moodle.url}/m{number}"
        moodle.answers[f"/m{number}{CONFIGURATION}"] = Answer({**moodle.answers[CONFIGURATION].body, "issuer": here})
        assert register(tool, moodle, openid_configuration=here + CONFIGURATION).status == 200
    assert [row.issuer for row in kept(tool)] == [moodle.url + "/m1", moodle.url + "/m2"]


def test_a_few_times_an_hour_an_invitation_calls_an_address(any_tool: Tool, moodle: Site) -> None:
    link, begun = any_tool.invite(), dt.datetime.now(dt.UTC)
    moodle.answers[CONFIGURATION].status = 404
    with time_machine.travel(begun) as clock:
        for _ in range(TRIES):
            assert register(any_tool, moodle, link).reason == "status"
        for language in ("nl", "en"):
            page = register(any_tool, moodle, link, language=language)
            assert (page.status, page.reason, page.soup.html["lang"]) == (429, "invite_too_often", language)
        assert len(moodle.asked) == TRIES
        # Another invitation is not concerned, and this one neither in an hour.
        assert register(any_tool, moodle).reason == "status"
        clock.move_to(begun + dt.timedelta(minutes=61))
        moodle.answers[CONFIGURATION].status = 200
        assert register(any_tool, moodle, link).status == 200


def test_r5_what_is_known_does_not_change_by_an_invitation_alone(any_tool: Tool, moodle: Site) -> None:
    register(any_tool, moodle)
    before = vars(kept(any_tool)[0]) | {"_sa_instance_state": None}
    moved(moodle)
    for language in ("nl", "en"):
        page = register(any_tool, moodle, language=language)
        assert (page.status, page.reason, page.soup.html["lang"]) == (400, "registration_known", language)
        assert "leerkring invite --platform 1" in page.text
    assert vars(kept(any_tool)[0]) | {"_sa_instance_state": None} == before
    assert deployments(any_tool) == [("1", True)]


def test_r5_the_operators_invitation_changes_it_once_it_was_seen_what(any_tool: Tool, moodle: Site) -> None:
    register(any_tool, moodle)
    with any_tool.session() as session:
        session.query(Registration).one().name = "Onze school"
    moved(moodle)
    link = any_tool.invite(platform=1)
    page = register(any_tool, moodle, link)
    assert page.status == 200
    shown = page.soup.find("dl").get_text(" ", strip=True)
    for said in (moodle.url + "/mod/lti/token.php", moodle.url + MOVED, "Approved deployment", "Scopes"):
        assert said in shown
    assert moodle.url + CERTS not in shown, "what stays is not shown"
    assert (kept(any_tool)[0].auth_token_url, deployments(any_tool)) == (
        moodle.url + "/mod/lti/token.php",
        [("1", True)],
    ), "nothing has changed yet"
    asked = len(moodle.asked)
    done = agree(page)
    assert (done.status, done.soup.h1.get_text()) == (200, "Leerkring is geregistreerd")
    assert len(moodle.asked) == asked, "the LMS is not asked twice"
    (row,) = kept(any_tool)
    assert (row.auth_token_url, row.scopes, row.name) == (moodle.url + MOVED, "", "Onze school")
    assert deployments(any_tool) == [("1", True), ("2", True)]
    assert agree(page).reason == "invite_used"
    assert register(any_tool, moodle, link).reason == "invite_used"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_would_change_is_said_in_the_administrators_language(tool: Tool, moodle: Site, language: str) -> None:
    register(tool, moodle)
    moved(moodle)
    page = register(tool, moodle, tool.invite(platform=1), language=language)
    assert page.soup.html["lang"] == language
    assert {"nl": "Leerkring kent dit LMS al", "en": "Leerkring knows this LMS already"}[language] in page.text
    # In the LMS's frame, whichever it is.
    assert page.response.headers["Content-Security-Policy"].endswith("frame-ancestors *")


def test_r5_registering_again_as_before_changes_nothing_and_asks_nothing(tool: Tool, moodle: Site) -> None:
    for _ in range(2):
        assert "Leerkring is registered" in register(tool, moodle).text
    with tool.session() as session:
        assert [row.registration_id for row in session.query(Invite)] == [1, 1]


def test_m5_a_platform_that_shows_its_known_key_may_change(any_tool: Tool, moodle: Site) -> None:
    """Its key set is fetched from the address that is known, where nobody has launched yet."""
    register(any_tool, moodle)
    moved(moodle)
    change(moodle, CONFIGURATION, jwks_uri=moodle.url + "/new-keys")
    assert agree(register(any_tool, moodle, registration_token=token())).status == 200
    (row,) = kept(any_tool)
    assert (row.auth_token_url, row.key_set_url, row.key_set) == (moodle.url + MOVED, moodle.url + "/new-keys", None)


# What is no token of the platform that is known, for this client to register with.
TOKENS: dict[str, Any] = {
    "no token": lambda: "",
    "no JWT": lambda: "REGISTRATION.TOKEN.JWT",
    "another's key": lambda: token(another_key()),
    "another's key under a known name": lambda: token(another_key(), kid=our_key().kid),
    "another client": lambda: token(sub="other"),
    "no client": lambda: token(sub=None),
    "a launch's": lambda: token(nonce="n"),
    "over": lambda: token(exp=int(time.time()) - 3600),
    "without end": lambda: token(exp=None),
    "unsigned": lambda: jwt.encode({"sub": CLIENT, "exp": 4e9}, None, "none", headers={"kid": our_key().kid}),
    "a shared secret": lambda: jwt.encode({"sub": CLIENT, "exp": 4e9}, "s" * 32, headers={"kid": our_key().kid}),
}


@pytest.mark.parametrize("made", TOKENS.values(), ids=TOKENS)
def test_r5_no_other_token_changes_what_is_known(tool: Tool, moodle: Site, made: Any) -> None:
    register(tool, moodle)
    moved(moodle)
    # The new configuration's own keys prove nothing.
    moodle.answers["/new-keys"] = Answer({"keys": [another_key().jwk()]})
    change(moodle, CONFIGURATION, jwks_uri=moodle.url + "/new-keys")
    assert register(tool, moodle, registration_token=made()).reason == "registration_known"
    assert kept(tool)[0].auth_token_url == moodle.url + "/mod/lti/token.php"


def test_an_invitation_for_one_registration_changes_no_other(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    change(moodle, REGISTRATION, client_id="second")
    register(tool, moodle)
    moved(moodle)
    assert register(tool, moodle, tool.invite(platform=1)).reason == "registration_known"
    with Site() as other:
        assert register(tool, answering(other), tool.invite(platform=1)).reason == "invite_elsewhere"


def test_what_is_agreed_to_is_what_was_shown(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    moved(moodle)
    page = register(tool, moodle, tool.invite(platform=1))
    with tool.session() as session:
        session.query(Registration).one().auth_token_url = "https://repaired.example/token"
    again = agree(page)
    assert "https://repaired.example/token" in again.soup.find("dl").get_text()
    assert kept(tool)[0].auth_token_url == "https://repaired.example/token"
    assert agree(again).status == 200
    assert kept(tool)[0].auth_token_url == moodle.url + MOVED


def test_an_answer_that_nobody_was_shown_is_not_stored(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    moved(moodle)
    page = register(tool, moodle, tool.invite(platform=1))
    sealed = dict(page.form("/lti/register").values())
    other = tool.invite(platform=1).rpartition("=")[2]
    for changes, reason in (
        ({"answer": ""}, "registration_not_shown"),
        ({"answer": "x" + sealed["answer"]}, "registration_not_shown"),
        ({"invite": other}, "registration_not_shown"),
        ({"invite": "made-up"}, "invite_unknown"),
    ):
        assert Browser(tool).post("/lti/register", {**sealed, **changes}).reason == reason
    assert Browser(tool).post("/lti/register", sealed, site="cross-site").status == 403
    assert kept(tool)[0].auth_token_url == moodle.url + "/mod/lti/token.php"


def test_two_who_agree_at_once_use_one_invitation_once(any_tool: Tool, moodle: Site) -> None:
    register(any_tool, moodle)
    moved(moodle)
    page = register(any_tool, moodle, any_tool.invite(platform=1))
    sealed, pages = dict(page.form("/lti/register").values()), []

    def post() -> None:
        pages.append(Browser(any_tool).post("/lti/register", sealed))

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((page.status, page.reason) for page in pages) == [(200, ""), (400, "invite_used")]


def test_a_family_that_is_told_again_counts_as_a_change(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    change(moodle, CONFIGURATION, **{PLATFORM: {"product_family_code": "canvas"}})
    assert register(tool, moodle).reason == "registration_known"


def test_a_deployment_that_is_new_counts_as_a_change(tool: Tool, moodle: Site) -> None:
    register(tool, moodle)
    change(moodle, REGISTRATION, TOOL={"deployment_id": "2"})
    assert register(tool, moodle).reason == "registration_known"
    change(moodle, REGISTRATION, TOOL=None)
    assert register(tool, moodle).status == 200


def test_the_page_that_asks_leaves_no_secret_in_the_log(tool: Tool, moodle: Site, logged: list[Any]) -> None:
    register(tool, moodle)
    moved(moodle)
    link = tool.invite(platform=1)
    agree(register(tool, moodle, link, registration_token="geheim"))
    assert not [line for line in logged if "geheim" in str(line) or link.rpartition("=")[2] in str(line)]
