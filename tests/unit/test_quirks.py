"""What one family of LMS does differently, and what may be believed to be the same platform."""

from typing import Any

import pytest

from lti_tool.lti.quirks import (
    frame_ancestors,
    reopen_url,
    same_platform,
    score_extensions,
    token_audience,
)

MOODLE, CANVAS = "https://moodle.school.example", "https://canvas.instructure.com"


@pytest.mark.parametrize(
    ("issuer", "url", "same"),
    [
        (MOODLE, MOODLE + "/mod/lti/token.php", True),
        (MOODLE + "/moodle", MOODLE + "/moodle/mod/lti/token.php", True),
        (MOODLE, "https://MOODLE.school.example:8443/x", True),
        (MOODLE, "https://evil.example/", False),
        (MOODLE, "https://moodle.school.example.evil.example/", False),
        (MOODLE, "https://evil.example/moodle.school.example", False),
        (MOODLE, "https://moodle.school.example@evil.example/", False),
        (MOODLE, "https://sub.moodle.school.example/", False),
        (MOODLE, "/mod/lti/token.php", False),
        (MOODLE, "", False),
        (MOODLE, "http://[", False),
        ("http://[", "http://[", False),
        ("", "", False),
        (CANVAS, "https://sso.canvaslms.com/api/lti/authorize_redirect", True),
        (CANVAS, "https://school.instructure.com/api/lti/x", True),
        (CANVAS, "https://instructure.com.evil.example/", False),
        (CANVAS, "https://notinstructure.com/", False),
        ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com/", True),
        ("https://school.brightspace.com", "https://auth.brightspace.com/core/connect/token", True),
        ("https://school.brightspace.com", "https://evil.brightspace.com/core/connect/token", False),
        ("https://blackboard.com", "https://developer.blackboard.com/api/v1/x", True),
        ("https://evil.example", "https://school.instructure.com/", False),
    ],
)
def test_r2_one_host_is_one_platform_but_for_named_services(issuer: str, url: str, same: bool) -> None:
    assert same_platform(issuer, url) is same


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
