"""Where rosters, line items and tokens go: to the platform's own origins; what a launch names beyond them waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.demo.vocab import AGS_CLAIM, NRPS_CLAIM
from lti_tool.lti import origins
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_MEMBERS
from lti_tool.models import Course, OutboxRow, Registration
from tests.actors import Tool
from tests.delivery.stand_in import services
from tests.lti.sender import Sender, our_key
from tests.lti.site import Answer, Site
from tests.lti.test_platform_command import Command, command_of

MOODLE, CANVAS, BLACKBOARD = "https://lms.school.example", "https://canvas.instructure.com", "https://blackboard.com"
VENDORS = {
    CANVAS: "https://sso.canvaslms.com/api/lti",
    BLACKBOARD: "https://developer.blackboard.com/api/v1",
    "https://school.brightspace.com": "https://auth.brightspace.com/core",
}


def registered(issuer: str = MOODLE, **values: str) -> Registration:
    """A registration of that issuer, whose login, token and keys are where its vendor has them."""
    home = VENDORS.get(issuer, issuer)
    made = {"auth_login_url": home + "/login", "auth_token_url": home + "/token", "key_set_url": home + "/jwks"}
    return Registration(
        issuer=issuer, client_id="c", **{"service_origins": "", "origins_waiting": "", **made, **values}
    )


SERVED = {
    "Moodle": (registered(), MOODLE + "/mod/lti/services.php/2/lineitems?type_id=1", True),
    "written otherwise": (registered(), "https://LMS.school.example:443/x", True),
    "Moodle below a path": (registered(MOODLE + "/m1"), MOODLE + "/m1/x", True),
    "where its token is": (registered(auth_token_url="https://auth.example/t"), "https://auth.example/x", True),
    "Canvas, the school's": (registered(CANVAS), "https://school.instructure.com/api/lti/courses/1/line_items", True),
    "Canvas, of the school's own name": (registered(CANVAS), "https://canvas.school.example/api/lti/x", True),
    "Blackboard, the school's": (registered(BLACKBOARD), "https://leren.school.example/learn/api/v1/lti/x", True),
    "Brightspace": (registered("https://school.brightspace.com"), "https://school.brightspace.com/d2l/api/x", True),
    "admitted": (
        registered(service_origins="https://a.example https://b.example:8443"),
        "https://b.example:8443/x",
        True,
    ),
    "another port": (registered(), MOODLE + ":8443/x", False),
    "not by TLS": (registered(), "http://lms.school.example/x", False),
    "a name below": (registered(), "https://api.lms.school.example/x", False),
    "a name that begins so": (registered(), MOODLE + ".evil.example/x", False),
    "a user that is called so": (registered(), MOODLE + "@evil.example/x", False),
    "waits": (registered(origins_waiting="https://b.example"), "https://b.example/x", False),
    "another than the admitted": (registered(service_origins="https://b.example"), "https://b.example.evil/x", False),
    "a part of the admitted": (registered(service_origins="https://b.example"), "https://b.exam/x", False),
    "Canvas that a school runs, with keys of its own": (
        registered(CANVAS, key_set_url="https://canvas.school.example/jwks"),
        "https://evil.example/x",
        False,
    ),
    "Canvas, not by TLS": (registered(CANVAS), "http://canvas.school.example/x", False),
    "Brightspace, another school": (registered("https://school.brightspace.com"), "https://b.brightspace.com/x", False),
    "no address": (registered(), "/mod/lti/x", False),
    "nothing": (registered(), "", False),
}


@pytest.mark.parametrize(("platform", "url", "may"), SERVED.values(), ids=SERVED)
def test_a_platforms_services_are_at_its_origins_and_its_vendors(
    platform: Registration, url: str, may: bool, keys_dir: Path
) -> None:
    assert origins.may_serve(platform, url) is may
    if not may:
        # No token is fetched for it, let alone sent.
        for call in (
            lambda: list(services(keys_dir).members(platform, url)),
            lambda: services(keys_dir).line_items(platform, url),
            lambda: services(keys_dir).create_line_item(platform, url, {}),
            lambda: services(keys_dir).post_score(platform, url, {}),
            lambda: services(keys_dir).results(platform, url),
        ):
            with pytest.raises(OutboundError) as refused:
                call()
            assert (refused.value.reason, refused.value.status) == ("origin_waits", 0)


URLS = st.builds(
    lambda scheme, user, host, port, path: f"{scheme}://{user}{host}{port}/{path}",
    st.sampled_from(["https", "http", "HTTPS", "ftp", ""]),
    st.sampled_from(["", "lms.school.example@", "a:b@"]),
    st.sampled_from(
        ["lms.school.example", "LMS.school.example", "evil.example", "school.example", "[::1]", "[", "é.nl"]
    ),
    st.sampled_from(["", ":443", ":80", ":8443", ":x", ":99999999"]),
    st.text(max_size=5),
)


@given(url=URLS)
def test_only_what_has_the_issuers_scheme_name_and_port_is_its_own(url: str) -> None:
    if origins.may_serve(registered(), url):
        assert url.lower().removeprefix("https://").removeprefix("lms.school.example").removeprefix(":443")[0] == "/"
        assert "@" not in url.partition("://")[2].partition("/")[0]


@given(urls=st.lists(st.one_of(URLS, st.none()), max_size=8))
def test_what_waits_is_an_origin_that_could_be_admitted(urls: list[str | None]) -> None:
    waiting = origins.unknown(registered(), urls)
    for origin in waiting:
        assert origins.may_serve(registered(service_origins=origin), origin + "/x")
        assert not {" ", "/", "@"} & set(origin.partition("://")[2])
    assert origins.unknown(registered(origins_waiting=" ".join(waiting)), urls) == []


@pytest.fixture
def leerkring(any_tool: Tool, keys_dir: Path) -> Command:
    return command_of(any_tool, keys_dir)


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    """A host that is none of the platform's."""
    with Site() as running:
        yield running


def naming(url: str) -> dict[str, Any]:
    """The changes that make a launch name services there."""
    return {
        NRPS_CLAIM: {"context_memberships_url": url + "/members", "service_versions": ["2.0"]},
        AGS_CLAIM: {"scope": [SCOPE_MEMBERS], "lineitems": url + "/items", "lineitem": url + "/items/1"},
    }


def waiting(tool: Tool) -> str:
    with tool.session() as session:
        return session.query(Registration).one().origins_waiting


def test_a_further_host_of_a_launch_waits_for_the_operator_and_the_launch_goes_on(
    any_tool: Tool, leerkring: Command, site: Site, elsewhere: Site, logged: list[Any]
) -> None:
    sender = Sender(any_tool, key_set_url=site.url + "/jwks")
    site.answers["/jwks"] = Answer({"keys": [our_key().jwk()]})
    with any_tool.session() as session:
        session.query(Registration).one().auth_token_url = site.url + "/token"
    any_tool.app.extensions["leerkring"].platforms.forget()
    site.answers["/token"] = Answer({"access_token": "geheim", "scope": SCOPE_MEMBERS, "expires_in": 3600})
    elsewhere.answers["/members"] = Answer({"members": [{"user_id": "fatima", "name": "Fatima", "roles": ["Learner"]}]})
    for _ in range(2):
        assert sender.opened(sender.launch(**naming(elsewhere.url))).member is not None
    assert waiting(any_tool) == elsewhere.url
    assert [line["origins"] for line in logged if line["event"] == "origin_waits"] == [[elsewhere.url]], "said once"

    any_tool.deliver()
    assert "/token" not in [asked.path for asked in site.asked], "no token is asked for,"
    assert elsewhere.asked == [], "and nobody's names"
    with any_tool.session() as session:
        assert session.query(OutboxRow).filter_by(kind="roster").one().done_at is None
        assert session.query(Course).one().roster == {"failed": "origin_waits"}
    assert f"services at {elsewhere.url}\tWAIT FOR APPROVAL" in leerkring("platform", "list").output
    said = leerkring("doctor")
    assert said.exit_code == 1
    assert f"leerkring platform admit 1 {elsewhere.url}" in said.output

    assert leerkring("platform", "admit", "1", elsewhere.url).output == "Approved.\n"
    assert waiting(any_tool) == ""
    assert f"services at {elsewhere.url}\tapproved" in leerkring("platform", "list").output
    any_tool.deliver()
    assert [asked.headers["Authorization"] for asked in elsewhere.asked] == ["Bearer geheim"], "and at once"
    with any_tool.session() as session:
        assert session.query(Course).one().roster == {"members": 1, "new": 0, "gone": 0}
    sender.opened(sender.launch(**naming(elsewhere.url)))
    assert waiting(any_tool) == ""


def test_a_next_page_and_a_line_item_elsewhere_get_no_token(site: Site, elsewhere: Site, keys_dir: Path) -> None:
    """Also what an answer of the platform names."""
    home = registered(
        auth_login_url=site.url,
        auth_token_url=site.url + "/token",
        key_set_url=site.url,
        issuer=site.url,
        id=1,
        scopes="",
    )
    site.answers["/token"] = Answer({"access_token": "geheim"})
    site.answers["/items"] = Answer([{"id": elsewhere.url + "/items/1", "tag": "t"}])
    (item,) = services(keys_dir).line_items(home, site.url + "/items", tag="t")
    with pytest.raises(OutboundError, match="origin_waits"):
        services(keys_dir).post_score(home, item["id"], {})
    site.answers["/members"] = Answer({"members": []}, headers={"Link": f'<{elsewhere.url}/members>; rel="next"'})
    with pytest.raises(OutboundError):
        list(services(keys_dir).members(home, site.url + "/members"))
    assert elsewhere.asked == []


def test_so_many_origins_wait_and_no_more(any_tool: Tool) -> None:
    sender = Sender(any_tool)
    with any_tool.session() as session:
        for number in range(200):
            origins.note(session, sender.registration_id, [f"https://host-{number}.example"] * 2)
    kept = waiting(any_tool)
    assert len(kept) <= origins.MOST
    assert len(kept.split()) == len(set(kept.split())) > 50


@pytest.mark.parametrize(
    ("number", "origin", "said"),
    [
        ("9", MOODLE, "There is no platform 9"),
        ("1", MOODLE + "/", "is no origin"),
        ("1", MOODLE + "/api", "is no origin"),
        ("1", "https://a@b.example", "is not an address"),
        ("1", "lms.school.example", "is not an address"),
        ("1", "javascript:alert(1)", "is not an address"),
        ("1", "https://x https://y", "is no"),
        ("1", "https://LMS.example", "is no origin"),
    ],
)
def test_what_is_no_origin_is_not_admitted(
    any_tool: Tool, leerkring: Command, number: str, origin: str, said: str
) -> None:
    Sender(any_tool)
    refused = leerkring("platform", "admit", number, origin)
    assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    with any_tool.session() as session:
        assert session.query(Registration).one().service_origins == ""
