"""What a launch says, read once: roles, names, languages, custom values (lti.md, T and L in 1a, K in 1b, M in 2)."""

import copy
import json
from typing import Any

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool.lti import LaunchRefused
from lti_tool.lti.claims import (
    AGS,
    DEEP_LINKING,
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
    "sub": "2",
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


# Every claim that a launch may do without, with a value as the standard has it.
SETTINGS = {
    "deep_link_return_url": "https://lms.example/picked",
    "accept_types": ["ltiResourceLink", "link"],
    "accept_multiple": True,
    "accept_lineitem": False,
    "title": "Stap 1",
    "text": "Onze ambitie",
    "data": "909708",
}
WHOLE: dict[str, Any] = {
    "name": "Jo Smit",
    "given_name": "Jo",
    "family_name": "Smit",
    "locale": "en",
    LTI + "context": {"id": "c", "title": "Leergemeenschap", "label": "PLG"},
    LTI + "resource_link": {"id": "r", "title": "Stap 1"},
    LTI + "launch_presentation": {"locale": "nl", "return_url": "https://lms.example/return"},
    LTI + "tool_platform": {"product_family_code": "moodle", "name": "School"},
    LTI + "custom": {"step": "ambition"},
    AGS: {"scope": ["a", "b"], "lineitem": "https://lms.example/1", "lineitems": "https://lms.example/l"},
    NRPS: {"context_memberships_url": "https://lms.example/m"},
}
PICKING = {**WHOLE, LTI + "message_type": "LtiDeepLinkingRequest", DEEP_LINKING: SETTINGS}
NEEDED = {(LTI + "context",), (LTI + "context", "id"), (LTI + "resource_link", "id"), (DEEP_LINKING,)}
OPTIONAL = [
    path
    for claim, value in PICKING.items()
    for path in [(claim,), *((claim, member) for member in (value if isinstance(value, dict) else ()))]
    if path not in NEEDED
    and path not in ((LTI + "message_type",), (LTI + "custom", "step"), (DEEP_LINKING, "deep_link_return_url"))
]
SHAPES = [None, "", [], {}, 5, -1.5, True, "SECRET", ["SECRET"], [5], {"SECRET": 1}, "SECRET\0", "SECRET\ud800"]


def _with(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The message that says all, with another value at one place; None given as ... drops it."""
    claims: dict[str, Any] = copy.deepcopy(
        {**LEAST, **(PICKING if path[0] in (DEEP_LINKING, LTI + "resource_link") else WHOLE)}
    )
    if len(path) == 2 and path[0] == LTI + "resource_link":
        claims[LTI + "message_type"] = "LtiResourceLinkRequest"
    at = claims if len(path) == 1 else claims[path[0]]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return claims


def _right(path: tuple[str, ...], value: Any) -> bool:
    """Whether a value is of the kind that the standard has at this place; what is echoed may be anything but null."""
    if path[-1] == "data":
        return value is not None
    if path == (LTI + "resource_link",):
        return False
    good = PICKING[path[0]] if len(path) == 1 else PICKING[path[0]][path[1]]
    if type(good) is not type(value) or (isinstance(value, str) and not storable(value)):
        return False
    return path[-1] not in ("scope", "accept_types") or all(isinstance(each, str) for each in value)


@pytest.mark.parametrize("value", SHAPES, ids=repr)
@pytest.mark.parametrize("path", OPTIONAL, ids=lambda path: ".".join(path).rsplit("/", 1)[-1])
def test_o6_an_optional_claim_of_another_shape_counts_as_not_said(path: tuple[str, ...], value: Any) -> None:
    with structlog.testing.capture_logs() as lines:
        said = read_claims(_with(path, value))
    assert "SECRET" not in str(lines)
    if _right(path, value):
        assert not lines
        if value in ("", [], {}) and path[0] != DEEP_LINKING:
            assert said == read_claims(_with(path, ...))
    else:
        assert said == read_claims(_with(path, ...))
        (line,) = lines
        assert line["event"] == "claims_ignored"
        assert [fault.removesuffix(".id") for fault in line["faults"]] == [".".join(path)]


@pytest.mark.parametrize("value", [None, [], {}, ["SECRET"], {"a": 1}, "a\0", "\ud800", "$Context.id"], ids=repr)
def test_o6_a_custom_value_that_is_no_text_counts_as_not_said(value: Any) -> None:
    assert read(custom={"step": value, "cycle": 2}).custom == {"cycle": "2"}


def test_o6_several_faults_are_named_in_one_line() -> None:
    with structlog.testing.capture_logs() as lines:
        said = read(name=5, tool_platform="x", ags={"scope": [5, "a", None], "lineitem": 7})
    assert (said.scopes, said.line_item_url) == (("a",), "")
    assert [sorted(line["faults"]) for line in lines] == [
        sorted(["name", LTI + "tool_platform", AGS + ".scope", AGS + ".lineitem"])
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"message_type": ""}, "message_type"),
        ({"message_type": None}, "no_message_type"),
        ({"version": None}, "version"),
        ({"version": []}, "version"),
        ({"roles": {}}, "roles_no_list"),
        ({"roles": "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"}, "roles_no_list"),
        ({"roles": ""}, "no_roles"),
        ({"roles": None}, "no_roles"),
        ({"deployment_id": 1}, "no_deployment_id"),
        ({"resource_link": []}, "no_resource_link"),
        ({"resource_link": {"id": 5}}, "no_resource_link"),
        ({"context": {"id": 5}}, "context_id"),
        ({"context": {"id": ""}}, "context_id"),
        ({"context": [1]}, "context_id"),
    ],
    ids=str,
)
def test_what_security_rests_on_is_refused_by_name(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        read(**changes)
    assert refused.value.reason == reason


@pytest.mark.parametrize("value", [None, "", [], {}, 0, False], ids=repr)
def test_t9_an_empty_context_is_none(value: Any) -> None:
    assert read(context=value).context_id is None


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None), max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@given(path=st.sampled_from(OPTIONAL), value=JSON)
@example(path=(DEEP_LINKING, "data"), value=[float("nan")])
def test_o6_whatever_an_optional_claim_holds_the_launch_is_read_and_can_be_kept(
    path: tuple[str, ...], value: Any
) -> None:
    said = read_claims(_with(path, value))
    kept = [said.name, said.context_title, said.resource_link_title, said.family, said.line_item_url, *said.scopes]
    kept += [said.line_items_url, said.memberships_url or "", *said.custom.values()]
    assert all(map(storable, kept))
    # PostgreSQL takes no NaN in JSON.
    json.dumps(said.deep_linking, allow_nan=False)


@given(body=st.dictionaries(st.sampled_from(["sub", *(LTI + n for n in ("version", "roles", "context"))]), JSON))
def test_whatever_a_needed_claim_holds_it_is_read_or_refused_with_a_reason(body: dict[str, Any]) -> None:
    reason = ""
    try:
        read_claims({**LEAST, **body})
    except LaunchRefused as refused:
        reason = refused.reason
    assert reason in ("", "no_sub", "version", "no_roles", "roles_no_list", "context_id")
