"""What a launch says, read once: roles, names, languages, custom values (lti.md, T and L in 1a, K in 1b, M in 2)."""

from typing import Any

import pytest

from lti_tool.lti import LaunchRefused
from lti_tool.lti.claims import (
    AGS,
    LTI,
    NRPS,
    LaunchClaims,
    read_claims,
    read_custom,
    read_locale,
    read_name,
    read_roles,
    storable,
)

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
LEAST = {
    "sub": "1",
    LTI + "version": "1.3.0",
    LTI + "message_type": "LtiResourceLinkRequest",
    LTI + "deployment_id": "1",
    LTI + "roles": [],
    LTI + "resource_link": {"id": "1"},
}


def read(**changes: Any) -> LaunchClaims:
    names = {"ags": AGS, "nrps": NRPS}
    return read_claims(
        {**LEAST, **{names.get(n, n if n in ("name", "locale") else LTI + n): v for n, v in changes.items()}}
    )


@pytest.mark.parametrize(
    ("roles", "course", "administrator"),
    [
        ([MEMBERSHIP + "#Instructor"], "instructor", False),
        ([MEMBERSHIP + "#Learner"], "learner", False),
        ([MEMBERSHIP + "#Learner", MEMBERSHIP + "#Instructor"], "instructor", False),
        ([MEMBERSHIP + "#ContentDeveloper"], "instructor", False),
        ([MEMBERSHIP + "/Instructor#TeachingAssistant"], "instructor", False),
        ([MEMBERSHIP + "/Instructor#GuestInstructor"], "instructor", False),
        ([MEMBERSHIP + "/Learner#Instructor"], "instructor", False),
        ([MEMBERSHIP + "/Learner#GuestLearner"], "learner", False),
        ([MEMBERSHIP + "#Mentor"], "", False),
        ([MEMBERSHIP + "#"], "", False),
        (["Instructor"], "instructor", False),
        (["Student"], "learner", False),
        (["instructor"], "", False),
        (["urn:lti:role:ims/lis/Instructor"], "", False),
        ([PERSON + "Instructor", PERSON + "Faculty", PERSON + "Staff"], "", False),
        ([PERSON + "Administrator"], "", True),
        ([SYSTEM + "SysAdmin", MEMBERSHIP + "#Learner"], "learner", True),
        (["Administrator"], "instructor", False),
        ([None, 5, "", [], {}], "", False),
        ([], "", False),
    ],
)
def test_k5_roles_are_those_of_the_course(roles: list[Any], course: str, administrator: bool) -> None:
    assert (read_roles(roles).course, read_roles(roles).administrator) == (course, administrator)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"Step": "ambition"}, {"step": "ambition"}),
        ({"step": "ambition", "STEP": "actions"}, {"step": "actions"}),
        ({"a": "$Context.id.history", "b": "$", "c": "5$"}, {"c": "5$"}),
        ({"a": None, "b": "", "c": 5, "d": True}, {"b": "", "c": "5", "d": "True"}),
        ({}, {}),
    ],
)
def test_k7_m11_custom_values_are_texts_and_unresolved_variables_absent(said: Any, kept: dict[str, str]) -> None:
    assert read_custom(said) == kept


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (("Fatima Öztürk", "F", "Ö"), "Fatima Öztürk"),
        ((None, "Fatima", "Öztürk"), "Fatima Öztürk"),
        (("", "Fatima", None), "Fatima"),
        ((None, None, "Öztürk"), "Öztürk"),
        ((" \n", None, None), ""),
        (("Søren&nbsp;&Aring;ngstr&ouml;m", None, None), "Søren Ångström"),
        (("'t Hart,\tRuben", None, None), "'t Hart, Ruben"),
        (("&amp;amp;", None, None), "&amp;"),
        (("x" * 300, None, None), "x" * 255),
    ],
)
def test_m31_names_are_whole_and_decoded_once(said: tuple[Any, Any, Any], name: str) -> None:
    assert read_name(*said) == name


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("nl", "nl"),
        ("nl_NL", "nl"),
        ("NL-be", "nl"),
        ("fy", "nl"),
        ("en", "en"),
        ("en_US.UTF-8", "en"),
        ("pt_br", "en"),
        ("zh-Hans-CN", "en"),
        ("nlx", "en"),
        ("", ""),
        (None, ""),
    ],
)
def test_m10_locales_become_a_language_spoken_here(said: str | None, language: str) -> None:
    assert read_locale(said) == language


@pytest.mark.parametrize(
    ("text", "may"), [("", True), ("é🙂", True), ("a\0", False), ("\ud800", False), ("a\udfffb", False)]
)
def test_what_databases_can_hold(text: str, may: bool) -> None:
    assert storable(text) is may


def test_the_least_a_message_may_say() -> None:
    said = read()
    assert (said.name, said.locale, said.context_id, said.custom, said.family) == ("", "", None, {}, "")
    assert (said.scopes, said.line_item_url, said.line_items_url, said.memberships_url) == ((), "", "", None)
    assert (said.deep_linking, said.history, said.return_url) == (None, [], "")


def test_what_a_message_says_is_read() -> None:
    said = read(
        name="Jo",
        context={"id": "c", "label": "PLG"},
        resource_link={"id": "r", "title": " Stap\n1 "},
        launch_presentation={"locale": "nl_NL", "return_url": "https://lms.example/return"},
        tool_platform={"product_family_code": "Moodle", "name": "School &amp; Co"},
        ags={"scope": ["a", "b"], "lineitem": "", "lineitems": "https://lms.example/l"},
        nrps={"context_memberships_url": "https://lms.example/m", "service_versions": ["2.0"]},
    )
    assert (said.name, said.context_title, said.resource_link_title) == ("Jo", "PLG", "Stap 1")
    assert (said.locale, said.family, said.platform_name) == ("nl", "moodle", "School & Co")
    assert (said.scopes, said.line_item_url, said.line_items_url) == (("a", "b"), "", "https://lms.example/l")
    assert said.memberships_url == "https://lms.example/m"
    assert read(locale="en-GB").locale == "en"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ags": {"lineitems": "https://lms.example/" + "x" * 1024}}, "malformed_claim"),
        ({"ags": {"scope": "a b"}}, "malformed_claim"),
        ({"nrps": {}}, "malformed_claim"),
        ({"nrps": {"context_memberships_url": 5}}, "malformed_claim"),
        ({"tool_platform": []}, "malformed_claim"),
        ({"launch_presentation": {"locale": ["nl"]}}, "malformed_claim"),
        ({"message_type": ""}, "message_type"),
        ({"version": None}, "version"),
    ],
    ids=str,
)
def test_what_is_of_another_kind_is_refused_by_name(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        read(**changes)
    assert refused.value.reason == reason
