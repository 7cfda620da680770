"""Whatever a platform says, the tool opens or refuses with a reason: never a crash, never half a launch.

Good messages, recorded and made, with some of their parts replaced by anything JSON can hold.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool.demo.vocab import CLAIM
from lti_tool.lti import outbound
from tests.actors import asked
from tests.histories import histories
from tests.lti.sender import Sender, our_key, unique

RECORDINGS = Path(__file__).parents[1] / "recordings"
OFTEN = histories(60, 400)
BASES = [
    "id_token-resource-link-learner.json",
    "id_token-resource-link-instructor.json",
    "id_token-resource-link-in-copied-course.json",
    "id_token-deep-linking-request-admin.json",
    "open-edx/launch-learner.json",
    "open-edx/deep-linking-request.json",
]

# Texts that have broken something somewhere.
NASTY = st.sampled_from(
    [
        "",
        "\0",
        "\ud800",
        "a\udfff",
        "\u202e",
        "http://[",
        "https://*/",
        "//x",
        "x" * 300,
        "y" * 5000,
        "$X",
        "-1",
        "1" * 5000,
    ]
)
TEXTS = st.one_of(NASTY, st.text(max_size=40), st.text(st.characters(codec=None), max_size=10))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 10**400]),
    st.floats(),
    TEXTS,
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
DROP = object()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(p for key, each in inside for p in _paths(each, (*path, key)))]


def _put(claims: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    """Replace what is at a place, or drop it; nothing where an earlier change took the place away."""
    at: Any = claims
    for key in path[:-1]:
        try:
            at = at[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(at, list) and isinstance(path[-1], int) and path[-1] < len(at):
        at[path[-1]] = None if value is DROP else value
    elif isinstance(at, dict) and value is DROP:
        at.pop(path[-1], None)
    elif isinstance(at, dict):
        at[path[-1]] = value


def _base(name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((RECORDINGS / name).read_text())
    claims: dict[str, Any] = said.get("claims", said)
    return claims


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[tuple[tuple[Any, ...], Any]]]:
    """A recording, and what becomes of some of its parts."""
    name = draw(st.sampled_from(BASES))
    paths = _paths(_base(name))
    picked = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=5))
    return name, [(path, draw(st.one_of(st.just(DROP), JSON))) for path in picked]


def _check(shared: Sender, page: Any) -> None:
    assert page.status in (200, 401, 403), page.text
    if page.status == 401:
        assert page.reason
        assert page.soup.h1
    elif page.status == 403:
        assert page.url.endswith("/place"), "somebody without the role asked for content"
    else:
        assert "/l/" in page.url
        assert page.response.headers["Content-Security-Policy"].isascii()


LEARNER = BASES[0]


@OFTEN
@given(made=changes())
@example(made=(LEARNER, [((CLAIM + "launch_presentation", "return_url"), "http://[")]))
@example(made=(LEARNER, [((CLAIM + "launch_presentation", "return_url"), "https://σ.example/")]))
@example(made=(LEARNER, [(("name",), "\ud800")]))
@example(made=(LEARNER, [((CLAIM + "resource_link", "title"), "a\0b")]))
@example(made=(LEARNER, [((CLAIM + "custom",), {"context_history": "%00,\ud800,%FF" * 99})]))
@example(made=(LEARNER, [(("exp",), float("inf"))]))
@example(made=(LEARNER, [(("aud",), [10**400, None, {"a": []}])]))
@example(made=(BASES[3], [((CLAIM + "roles",), [])]))
def test_a_good_message_with_anything_in_it_opens_or_is_refused_with_a_reason(
    shared: Sender, made: tuple[str, list[tuple[tuple[Any, ...], Any]]]
) -> None:
    name, mutations = made
    browser = shared.browser()
    question = asked(shared.login(browser))
    good = shared.claims(question["nonce"])
    claims = copy.deepcopy(_base(name))
    for key in ("nonce", "iat", "exp", "iss", "aud", CLAIM + "deployment_id", CLAIM + "target_link_uri"):
        claims[key] = good[key]
    # A course of its own, so that one example does not change what the next one means.
    claims[CLAIM + "context"]["id"] = unique("course")
    if CLAIM + "resource_link" in claims:
        claims[CLAIM + "resource_link"]["id"] = unique("link")
    for path, value in mutations:
        _put(claims, path, value)
    page = shared.post(browser, question["state"], shared.sign(claims))
    _check(shared, page)
    if page.status == 200 and "/place" in page.url:
        _check(shared, page.form("/place").submit())


@OFTEN
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jku", "jwk", "b64", "zip", "x"]), JSON))
def test_a_good_message_under_any_header_opens_or_is_refused_with_a_reason(
    shared: Sender, monkeypatch: pytest.MonkeyPatch, header: dict[str, Any]
) -> None:
    monkeypatch.setattr(outbound, "TIMEOUT", (0.5, 0.5))
    browser = shared.browser()
    question = asked(shared.login(browser))
    token = shared.sign(shared.claims(question["nonce"]), {"kid": our_key().kid, **header})
    _check(shared, shared.post(browser, question["state"], token))


@OFTEN
@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "iss",
                "login_hint",
                "target_link_uri",
                "lti_message_hint",
                "client_id",
                "lti_deployment_id",
                "lti_storage_target",
            ]
        ),
        TEXTS.filter(lambda text: text.isascii() or text.encode(errors="ignore").decode() == text),
    )
)
def test_a_login_that_says_anything_is_answered_or_refused_with_a_reason(
    shared: Sender, fields: dict[str, str]
) -> None:
    page = shared.login(shared.browser(), **fields)
    if page.status == 401:
        assert page.reason
    else:
        question = asked(page)
        assert question["client_id"] == shared.client_id
        assert question.get("lti_message_hint", "") == fields.get(
            "lti_message_hint", shared.login_fields()["lti_message_hint"]
        )


@OFTEN
@given(state=TEXTS, token=st.one_of(TEXTS, st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))))
def test_anything_posted_as_a_launch_is_refused_with_a_reason(shared: Sender, state: str, token: str) -> None:
    text = {name: value.encode(errors="replace").decode() for name, value in (("state", state), ("id_token", token))}
    page = shared.browser().post("/lti/launch", text, site="cross-site")
    assert page.status == 401
    assert page.reason
    browser = shared.browser()
    question = asked(shared.login(browser))
    assert shared.post(browser, question["state"], text["id_token"]).status == 401
