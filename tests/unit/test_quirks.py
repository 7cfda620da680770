"""What one family of LMS does differently, and what may be believed to be the same platform."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.quirks import (
    frame_ancestors,
    is_at_schools_own_host,
    is_configuration_of,
    may_name,
    origin,
    reopen_url,
    score_extensions,
    token_audience,
)

MOODLE, CANVAS = "https://moodle.school.example", "https://canvas.instructure.com"


PLACE, WELL_KNOWN = "/mod/lti/openid-configuration.php", "/.well-known/openid-configuration"
CANVAS_PLACE, BRIGHTSPACE_PLACE = "/api/lti/security/openid-configuration", "/d2l/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("issuer", "url", "its_own"),
    [
        (MOODLE, MOODLE + PLACE, True),
        (MOODLE, MOODLE + WELL_KNOWN, True),
        (MOODLE + "/", MOODLE + WELL_KNOWN, True),
        (MOODLE + "/m1", MOODLE + "/m1" + PLACE, True),
        (MOODLE + ":8443", MOODLE + ":8443" + PLACE, True),
        (MOODLE, "https://MOODLE.school.example:443" + PLACE, True),
        (MOODLE, MOODLE + PLACE + "?lang=nl", True),
        ("https://school.brightspace.com", "https://school.brightspace.com" + BRIGHTSPACE_PLACE, True),
        (CANVAS, CANVAS + CANVAS_PLACE, True),
        # Others on the same host.
        (MOODLE, MOODLE + ":8443" + PLACE, False),
        (MOODLE + ":8443", MOODLE + PLACE, False),
        (MOODLE, MOODLE.replace("https", "http") + PLACE, False),
        (MOODLE + "/m1", MOODLE + "/m2" + PLACE, False),
        (MOODLE + "/m1", MOODLE + PLACE, False),
        (MOODLE, MOODLE + "/m2" + PLACE, False),
        (MOODLE, MOODLE + "/m2" + WELL_KNOWN, False),
        (MOODLE + "/m", MOODLE + "/m1" + PLACE, False),
        (MOODLE, MOODLE + "/d2l" + WELL_KNOWN, False),
        ("https://school.brightspace.com/x", "https://school.brightspace.com" + BRIGHTSPACE_PLACE, False),
        # The same place by another way.
        (MOODLE + "/m2/../m1", MOODLE + "/m2/../m1" + PLACE, False),
        (MOODLE + "/m1/.", MOODLE + "/m1/." + PLACE, False),
        (MOODLE + "//m1", MOODLE + "//m1" + PLACE, False),
        (MOODLE + "/%6d1", MOODLE + "/%6d1" + PLACE, False),
        (MOODLE + "/m1;x", MOODLE + "/m1;x" + PLACE, False),
        (MOODLE + "\\m1", MOODLE + "\\m1" + PLACE, False),
        (MOODLE + "/m1?x=", MOODLE + "/m1" + PLACE, False),
        (MOODLE + "#", MOODLE + PLACE, False),
        # Other hosts.
        (MOODLE, "https://evil.example" + PLACE, False),
        (MOODLE, "https://moodle.school.example.evil.example" + PLACE, False),
        (MOODLE, "https://moodle.school.example@evil.example" + PLACE, False),
        (MOODLE, "https://a:b@moodle.school.example" + PLACE, False),
        (MOODLE, "https://sub.moodle.school.example" + PLACE, False),
        (CANVAS, "https://school.instructure.com" + CANVAS_PLACE, False),
        (CANVAS, "https://evil.instructure.com" + PLACE, False),
        (CANVAS, CANVAS + "/files/1/download", False),
        (MOODLE, "https://developer.blackboard.com" + WELL_KNOWN, False),
        ("https://blackboard.com", "https://evil.blackboard.com" + WELL_KNOWN, False),
        # No addresses.
        (MOODLE, PLACE, False),
        (MOODLE, "", False),
        (MOODLE, "https://[" + PLACE, False),
        (MOODLE, MOODLE + ":99999" + PLACE, False),
        ("https://[", "https://[", False),
        ("moodle", "moodle" + PLACE, False),
        ("", "", False),
    ],
)
def test_r2_a_configuration_speaks_for_the_issuer_in_whose_own_place_it_is(
    issuer: str, url: str, its_own: bool
) -> None:
    assert is_configuration_of(issuer, url) is its_own


HOSTS = st.sampled_from(
    ["lms.example", "lms.example:8443", "a.lms.example", "canvas.instructure.com", "instructure.com"]
)
PATHS = st.lists(st.sampled_from(["m1", "m2", "d2l", "mod", "lti", "..", ".", "", "%2e%2e", ".well-known"]), max_size=4)
BASES = st.builds(
    lambda scheme, host, path: "/".join([f"{scheme}://{host}", *path]), st.sampled_from(["https", "http"]), HOSTS, PATHS
)
PLACES = st.sampled_from([PLACE, WELL_KNOWN, CANVAS_PLACE, BRIGHTSPACE_PLACE])


@given(one=BASES, other=BASES, at=BASES, place=PLACES)
def test_r2_no_address_speaks_for_two_issuers(one: str, other: str, at: str, place: str) -> None:
    """But for the slash at an issuer's end, with which some write themselves."""
    if is_configuration_of(one, at + place) and is_configuration_of(other, at + place):
        assert one.rstrip("/") == other.rstrip("/")


@given(base=BASES, place=PLACES)
def test_r2_an_issuers_own_place_is_below_it(base: str, place: str) -> None:
    if is_configuration_of(base, base + place):
        assert not {"", ".", ".."} & set(base.rstrip("/").split("/")[3:])
    assert not is_configuration_of(base, base + "/x" + place)


@pytest.mark.parametrize(
    ("issuer", "url", "its_own"),
    [
        (MOODLE, MOODLE + "/mod/lti/token.php", True),
        (MOODLE + "/m1", MOODLE + "/elsewhere/token.php", True),
        (MOODLE, "https://MOODLE.school.example/x", True),
        (MOODLE, MOODLE + ":8443/x", False),
        (MOODLE, "http://moodle.school.example/x", False),
        (MOODLE, "https://evil.example/", False),
        (MOODLE, "https://moodle.school.example@evil.example/", False),
        (MOODLE, "/mod/lti/token.php", False),
        (MOODLE, "", False),
        (MOODLE, "http://[", False),
        ("http://[", "http://[", False),
        ("", "", False),
        (CANVAS, "https://sso.canvaslms.com/api/lti/authorize_redirect", True),
        (CANVAS, "https://school.instructure.com/api/lti/x", True),
        (CANVAS, "https://school.instructure.com:8443/api/lti/x", False),
        (CANVAS, "http://school.instructure.com/api/lti/x", False),
        (CANVAS, "https://instructure.com.evil.example/", False),
        (CANVAS, "https://notinstructure.com/", False),
        (CANVAS + "/x", "https://school.instructure.com/api/lti/x", False),
        ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com/", True),
        ("https://school.brightspace.com", "https://auth.brightspace.com/core/connect/token", True),
        ("https://school.brightspace.com", "https://evil.brightspace.com/core/connect/token", False),
        ("https://blackboard.com", "https://developer.blackboard.com/api/v1/x", True),
        ("https://evil.example", "https://school.instructure.com/", False),
    ],
)
def test_r2_a_configuration_names_addresses_of_its_origin_and_of_named_services(
    issuer: str, url: str, its_own: bool
) -> None:
    assert may_name(issuer, url) is its_own


@pytest.mark.parametrize(
    ("issuer", "key_set_url", "own_host"),
    [
        (CANVAS, "https://sso.canvaslms.com/api/lti/security/jwks", True),
        ("https://blackboard.com", "https://developer.blackboard.com/api/v1/x/jwks.json", True),
        # A school that runs Canvas itself calls itself so too, and signs with keys of its own.
        (CANVAS, "https://canvas.school.example/api/lti/security/jwks", False),
        (CANVAS, "http://sso.canvaslms.com/api/lti/security/jwks", False),
        ("https://school.brightspace.com", "https://school.brightspace.com/d2l/.well-known/jwks", False),
        (MOODLE, "https://sso.canvaslms.com/api/lti/security/jwks", False),
        (CANVAS, "https://[", False),
    ],
)
def test_where_a_vendor_signs_for_all_schools_services_are_at_each_schools_host(
    issuer: str, key_set_url: str, own_host: bool
) -> None:
    assert is_at_schools_own_host(issuer, key_set_url) is own_host


@pytest.mark.parametrize(
    ("family", "named", "audience"),
    [
        ("moodle", None, "https://lms.example/token"),
        ("", None, "https://lms.example/token"),
        ("moodle", "https://named.example", "https://named.example"),
        ("desire2learn", None, "https://api.brightspace.com/auth/token"),
        ("brightspace", None, "https://api.brightspace.com/auth/token"),
        ("desire2learn", "https://named.example", "https://named.example"),
        ("canvas", "", "https://lms.example/token"),
    ],
)
def test_s12_the_audience_of_an_assertion(family: str, named: str | None, audience: str) -> None:
    assert token_audience(family, "https://lms.example/token", named) == audience


@pytest.mark.parametrize(
    ("issuer", "hint", "url"),
    [
        (MOODLE, '{"cmid":3,"launchid":"x"}', MOODLE + "/mod/lti/view.php?id=3"),
        (MOODLE + "/sub/", '{"cmid":3}', MOODLE + "/sub/mod/lti/view.php?id=3"),
        ("moodle", '{"cmid":3}', ""),
        ("javascript:alert(1)", '{"cmid":3}', ""),
        (MOODLE, '{"cmid":"3&x"}', ""),
        (MOODLE, '{"cmid":3.5}', ""),
        (MOODLE, "3", ""),
        (MOODLE, None, ""),
    ],
)
def test_m7_the_way_back_to_an_activity(issuer: str, hint: str | None, url: str) -> None:
    assert reopen_url(issuer, {} if hint is None else {"lti_message_hint": hint}) == url


@pytest.mark.parametrize(
    ("urls", "origins"),
    [
        ((MOODLE + "/moodle", MOODLE + "/mod/lti/auth.php", ""), [MOODLE]),
        (
            (CANVAS, "https://sso.canvaslms.com/x", "https://school.instructure.com/courses/1"),
            [
                CANVAS,
                "https://sso.canvaslms.com",
                "https://school.instructure.com",
            ],
        ),
        (("http://127.0.0.1:8001", "http://[::1]:8001/x"), ["http://127.0.0.1:8001", "http://[::1]:8001"]),
        (("https://x; script-src *", "https://x y", "https://x,y", "https://*", "https:"), []),
        (("https://a@b", "https://a:b@c", "https://x\n", "data:text/html,x", "//x", "https://x:999999"), []),
        (("https://" + "x" * 200,), []),
    ],
)
def test_frames_of_the_platform_only(urls: tuple[str, ...], origins: list[str]) -> None:
    assert frame_ancestors(*urls) == " ".join(["'self'", *origins])
    assert len(frame_ancestors(*urls)) <= 512


@pytest.mark.parametrize(("family", "extended"), [("canvas", True), ("moodle", False), ("", False)])
def test_canvas_counts_no_score_as_a_new_hand_in(family: str, extended: bool) -> None:
    extra: Any = score_extensions(family)
    assert bool(extra) is extended
    if extended:
        assert extra == {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://lms.example/return?x=1", "https://lms.example"),
        ("https://lms.example:8443", "https://lms.example:8443"),
        ("HTTPS://LMS.example#a", "https://lms.example"),
        ("https://lms.example:443/", "https://lms.example"),
        ("http://lms.example:443/", "http://lms.example:443"),
        ("http://[::1]:80/", "http://[::1]"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://lms.example; script-src *", ""),
        ("https://lms.example;script-src/*", ""),
        ("https://lms.example *", ""),
        ("https://lms.example\t*", ""),
        ("https://lms.example\r\nSet-Cookie: a=b", ""),
        ("https://lms.example\n", ""),
        ("https://*.example/", ""),
        ("https://*", ""),
        ("https:///path", ""),
        ("https://'self'/", ""),
        ("https://lms.example,https://evil.example", ""),
        ("https://user@lms.example/", ""),
        ("https://lms.example:99999/", ""),
        ("https://lms.example:0/", ""),
        ("https://lms.example:/", ""),
        ("https://lms.example\\@evil.example/", ""),
        ("https://σχολείο.example/", ""),
        ("data:text/html,x", ""),
        ("javascript:alert(1)", ""),
        ("//lms.example", ""),
        ("", ""),
    ],
)
def test_only_an_origin_that_parses_comes_into_a_header(url: str, found: str) -> None:
    assert origin(url) == found
    assert frame_ancestors("", url) == " ".join(["'self'", *([found] if found else [])])


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z;*' ,\\x00-\\x7f]{0,20}"))
def test_nothing_in_an_address_ends_a_directive_or_adds_a_source(text: str) -> None:
    for url in (text, f"https://{text}", f"https://lms.example{text}", f"https://lms.example:{text}"):
        assert not set(origin(url)) & set(" ;,*'\"\t\r\n@")
