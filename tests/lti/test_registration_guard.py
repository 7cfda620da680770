"""Registrations that must not be believed: nothing is kept, and the same link works afterwards (lti.md, R2 in 1b)."""

import dataclasses
from typing import Any

import pytest

from lti_tool.door.registration import NOT_REACHED
from lti_tool.lti import outbound
from lti_tool.lti.outbound import Outbound
from lti_tool.lti.register import TOOL
from tests.actors import Browser, Page, Tool
from tests.lti.site import Answer, Site
from tests.lti.test_registration import CONFIGURATION, REGISTRATION, change, deployments, kept, recorded, register

FOREIGN, OTHER_PORT = "http://localhost:9/elsewhere", "http://127.0.0.1:9"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
LONG = "http://127.0.0.1/" + "x" * 1024

# What the configuration answers -> why it is not believed.
CONFIGURATIONS: dict[str, tuple[Answer | dict[str, Any], str]] = {
    "not found": (Answer("", 404), "status"),
    "an error": (Answer("", 500), "status"),
    "not allowed": (Answer("", 401), "status"),
    "a redirect to inside": (Answer("", 302, {"Location": "http://127.0.0.1:9/"}), "status"),
    "a page": (Answer("<h1>Moodle</h1>"), "not_json"),
    "a well of brackets": (Answer('{"a":' * 50_000), "not_json"),
    "a list": (Answer([]), "configuration_incomplete"),
    "null": (Answer("null"), "configuration_incomplete"),
    **{f"no {name}": ({name: None}, "configuration_incomplete") for name in ("issuer", *ENDPOINTS)},
    **{f"{name} is a list": ({name: [FOREIGN]}, "configuration_incomplete") for name in ("issuer", *ENDPOINTS)},
    **{f"{name} too long": ({name: LONG}, "configuration_incomplete") for name in ENDPOINTS},
    **{f"R2 {name} elsewhere": ({name: FOREIGN}, "configuration_foreign_host") for name in ENDPOINTS},
    **{f"R2 {name} no address": ({name: "http://["}, "configuration_foreign_host") for name in ENDPOINTS},
    **{f"R2 {name} at another port": ({name: OTHER_PORT}, "configuration_foreign_host") for name in ENDPOINTS},
    "R2 issuer elsewhere": ({"issuer": FOREIGN}, "configuration_elsewhere"),
    "R2 issuer at another port": ({"issuer": OTHER_PORT}, "configuration_elsewhere"),
    "R2 issuer no address": ({"issuer": "http://["}, "configuration_elsewhere"),
    "R2 issuer is a name": ({"issuer": "moodle"}, "configuration_elsewhere"),
    "R2 issuer too long to keep": ({"issuer": "http://127.0.0.1/" + "x" * 255}, "configuration_incomplete"),
    "R2 endpoint by another protocol": ({"registration_endpoint": "ftp://127.0.0.1/x"}, "configuration_foreign_host"),
    "R2 endpoint with a password": ({"token_endpoint": "http://a:b@127.0.0.1/x"}, "configuration_foreign_host"),
}

# What the registration answers -> why it is not kept.
REGISTRATIONS: dict[str, tuple[Answer | dict[str, Any], str]] = {
    "M1 the platform's own permission ended": (Answer("registration token expired", 401), "status"),
    "forbidden": (Answer("", 403), "status"),
    "refused": (Answer("domain_targetlinkuri_mismatch", 400), "status"),
    "broken": (Answer("<h1>Fatal error</h1>", 500), "status"),
    "a page": (Answer("<h1>Exception - missing_registration_token</h1>"), "not_json"),
    "a redirect to inside": (Answer("", 307, {"Location": "http://127.0.0.1:9/"}), "status"),
    "a list": (Answer([]), "registration_incomplete"),
    "no client_id": ({"client_id": None}, "registration_incomplete"),
    "an empty client_id": ({"client_id": ""}, "registration_incomplete"),
    "client_id is a number": ({"client_id": 5}, "registration_incomplete"),
    "K6 client_id beyond 255": ({"client_id": "c" * 256}, "registration_incomplete"),
    "client_id no database can hold": ({"client_id": "c\0"}, "registration_incomplete"),
    "client_id with half a character": ({"client_id": "c\ud83d"}, "registration_incomplete"),
    "scope with half a character": ({"scope": "c\ud83d"}, "registration_incomplete"),
    "deployment with half a character": ({TOOL: {"deployment_id": "\ud83d"}}, "registration_incomplete"),
}

# Where an invite's holder may try to send the tool.
ADDRESSES = {
    "no address": ("http://[", "address"),
    "a file": ("file:///etc/passwd", "address"),
    "another protocol": ("gopher://127.0.0.1/", "address"),
    "no host": ("https:///x", "address"),
    "a password": ("https://user:pass@lms.example/", "address"),
    "a port that is none": ("http://127.0.0.1:99999/", "connection"),
    "nobody listens": ("http://127.0.0.1:9/", "connection"),
}


@pytest.fixture
def moodle(site: Site) -> Site:
    site.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", site))
    site.answers[REGISTRATION] = Answer(recorded("dynamic-registration.json", site)["response"])
    return site


def _refused(tool: Tool, page: Page, reason: str, logged: list[Any]) -> None:
    """Whether somebody was reached at all, only the log tells apart."""
    assert (page.status, page.reason) == (400, "unreachable" if reason in NOT_REACHED else reason), page.text
    lines = [line for line in logged if line["event"] == "registration_refused"]
    assert [line["reason"] for line in lines] == [reason]
    assert (kept(tool), deployments(tool)) == ([], [])
    assert page.response.headers["Content-Security-Policy"].endswith("frame-ancestors *")


def _bad(site: Site, path: str, answer: Answer | dict[str, Any]) -> None:
    if isinstance(answer, Answer):
        site.answers[path] = answer
    else:
        change(site, path, **answer)


@pytest.mark.parametrize(("answer", "reason"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_r2_a_configuration_that_does_not_hold_registers_nothing(
    tool: Tool, moodle: Site, logged: list[Any], answer: Any, reason: str
) -> None:
    _bad(moodle, CONFIGURATION, answer)
    page = register(tool, moodle)
    _refused(tool, page, reason, logged)
    assert [asked.method for asked in moodle.asked] == ["GET"], "nothing is told to a platform that is not believed"


@pytest.mark.parametrize(("answer", "reason"), REGISTRATIONS.values(), ids=REGISTRATIONS)
def test_r4_an_answer_that_does_not_hold_is_not_kept_and_the_link_works_again(
    tool: Tool, moodle: Site, logged: list[Any], answer: Any, reason: str
) -> None:
    link, good = tool.invite(), moodle.answers[REGISTRATION].body
    _bad(moodle, REGISTRATION, answer)
    _refused(tool, register(tool, moodle, link), reason, logged)
    moodle.answers[REGISTRATION] = Answer(good)
    assert register(tool, moodle, link).status == 200


@pytest.mark.parametrize("status", [401, 403])
def test_a_configuration_that_refuses_a_token_is_asked_for_without_one(
    tool: Tool, moodle: Site, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    answer, good = Site._answer, moodle.answers[CONFIGURATION]

    def refuses(self: Site, request: Any) -> None:
        strange = request.command == "GET" and "Authorization" in request.headers
        self.answers[CONFIGURATION] = Answer(status=status) if strange else good
        answer(self, request)

    monkeypatch.setattr(Site, "_answer", refuses)
    assert register(tool, moodle, registration_token="t").status == 200
    assert [(asked.method, asked.headers.get("Authorization")) for asked in moodle.asked] == [
        ("GET", "Bearer t"),
        ("GET", None),
        ("POST", "Bearer t"),
    ]


@pytest.mark.parametrize("path", [CONFIGURATION, REGISTRATION])
def test_a_token_goes_no_further_than_the_address_it_came_with(
    tool: Tool, moodle: Site, logged: list[Any], path: str
) -> None:
    """Nor what belongs to the platform there, nor anywhere that its address leads to."""
    with Site() as elsewhere:
        elsewhere.answers[path] = moodle.answers[path]
        moodle.answers[path] = Answer("", 307, {"Location": elsewhere.url + path})
        _refused(tool, register(tool, moodle, registration_token="t"), "status", logged)
        moodle.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", moodle))
        change(moodle, CONFIGURATION, registration_endpoint=elsewhere.url + REGISTRATION)
        assert register(tool, moodle, registration_token="t").reason == "configuration_foreign_host"
        assert elsewhere.asked == []


@pytest.mark.parametrize("token", ["a\r\nX-More: 1", "\u20ac", "a\0", "x" * 100_000])
def test_a_token_that_is_none_is_no_fault_of_ours(tool: Tool, moodle: Site, token: str) -> None:
    assert register(tool, moodle, registration_token=token).status in (200, 400, 413, 414)
    assert all("X-More" not in asked.headers for asked in moodle.asked)


@pytest.mark.parametrize("status", [404, 403, 0], ids=["refused", "not allowed", "not reached"])
def test_what_went_wrong_is_said_in_the_administrators_language(tool: Tool, moodle: Site, status: int) -> None:
    moodle.answers[CONFIGURATION] = Answer("", status) if status else Answer("")
    pages = {language: register(tool, moodle, language=language) for language in ("nl", "en")}
    for language, page in pages.items():
        assert page.soup.html["lang"] == language
        assert str(status or "not_json") in page.text or status == 403
    assert pages["nl"].soup.h1.get_text() != pages["en"].soup.h1.get_text()
    assert pages["nl"].soup.p.get_text() != pages["en"].soup.p.get_text()


@pytest.mark.parametrize(("address", "reason"), ADDRESSES.values(), ids=ADDRESSES)
def test_r2_an_address_that_is_none_is_not_called(
    tool: Tool, moodle: Site, logged: list[Any], address: str, reason: str
) -> None:
    _refused(tool, register(tool, moodle, openid_configuration=address), reason, logged)


def test_r2_a_configuration_of_another_host_than_its_issuer_is_not_believed(
    tool: Tool, moodle: Site, logged: list[Any]
) -> None:
    # The same site by another name, which is another host.
    address = f"http://localhost:{moodle.port}{CONFIGURATION}"
    _refused(tool, register(tool, moodle, openid_configuration=address), "configuration_elsewhere", logged)


def test_r2_an_answer_beyond_all_measure_is_not_read(
    tool: Tool, moodle: Site, logged: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "MAX_BODY", 100_000)
    moodle.answers[CONFIGURATION] = Answer(b" " * 100_001)
    _refused(tool, register(tool, moodle), "too_large", logged)


def test_r2_an_answer_that_does_not_come_is_waited_for_so_long(
    tool: Tool, moodle: Site, logged: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TIMEOUT", (0.2, 0.2))
    moodle.answers[CONFIGURATION].wait = 30
    _refused(tool, register(tool, moodle), "timeout", logged)


@pytest.fixture
def guarded(tool: Tool) -> Tool:
    """The tool as it goes out in production."""
    parts = tool.app.extensions["leerkring"]
    tool.app.extensions["leerkring"] = dataclasses.replace(parts, outbound=Outbound(allow_private_hosts=False))
    return tool


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:{port}/", "address_not_https"),
        ("http://lms.example/", "address_not_https"),
        ("https://127.0.0.1:{port}/", "private_address"),
        ("https://127.0.0.1:9/", "private_address"),
        ("https://localhost:{port}/", "private_address"),
        ("https://2130706433:{port}/", "private_address"),
        ("https://0x7f.1:{port}/", "private_address"),
    ],
)
def test_r2_nobody_is_sent_inside_with_an_invite(
    guarded: Tool, moodle: Site, logged: list[Any], address: str, reason: str
) -> None:
    page = register(guarded, moodle, openid_configuration=address.format(port=moodle.port))
    _refused(guarded, page, reason, logged)
    assert moodle.asked == []
    assert "https" in page.text


def test_r2_without_an_invite_nothing_is_called(guarded: Tool, moodle: Site) -> None:
    page = Browser(guarded).get(f"{guarded.url}/lti/register?openid_configuration=https://127.0.0.1:{moodle.port}/")
    assert (page.reason, moodle.asked) == ("invite_unknown", [])
