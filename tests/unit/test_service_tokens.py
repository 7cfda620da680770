"""Access tokens: asked for once, renewed where they may be what is refused, never more than needed (S12, S13)."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from lti_tool.lti import services as module
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import (
    SCOPE_MEMBERS,
    SCOPE_RESULT,
    SCOPE_SCORE,
    Services,
)
from lti_tool.models import Registration
from tests.delivery.stand_in import (
    ITEM,
    RESULTS_PATH,
    SCORES_PATH,
    TOKEN_PATH,
    Answer,
    Asked,
    StandIn,
    reason,
)


def token(**changes: Any) -> Answer:
    said = {"access_token": "t0", "token_type": "Bearer", "expires_in": 3600, "scope": SCOPE_SCORE} | changes
    return Answer(200, {name: value for name, value in said.items() if value is not None})


def test_a_client_assertion_says_who_asks_whom_for_five_minutes_and_once(
    client: Services, stand_in: StandIn, platform: Registration
) -> None:
    for scope in (SCOPE_SCORE, SCOPE_RESULT):
        # A registration that names no scopes: each is asked for alone.
        client._token(platform, scope)
    assertions = []
    for asked, scope in zip(stand_in.tokens, (SCOPE_SCORE, SCOPE_RESULT), strict=True):
        form = {name: values[0] for name, values in parse_qs(asked.body).items()}
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert (form["grant_type"], form["scope"]) == ("client_credentials", scope), "no more than is needed"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        key = client.keys.all()[0]
        assert jwt.get_unverified_header(form["client_assertion"])["kid"] == key.kid
        assertions.append(
            jwt.decode(
                form["client_assertion"],
                key.private.public_key(),
                algorithms=["RS256"],
                audience=platform.auth_token_url,
            )
        )
    first, second = assertions
    assert first["iss"] == first["sub"] == platform.client_id
    assert first["exp"] - first["iat"] == 300
    assert first["jti"] != second["jti"]


def test_an_assertion_is_backdated_because_moodles_clock_allows_no_skew(
    client: Services, stand_in: StandIn, platform: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "time", lambda: 1_800_000_000.9)
    client._token(platform, SCOPE_SCORE)
    assertion = parse_qs(stand_in.tokens[0].body)["client_assertion"][0]
    assert jwt.decode(assertion, options={"verify_signature": False})["iat"] == 1_799_999_995


@pytest.mark.parametrize(
    ("values", "audience"),
    [
        ({}, None),
        ({"token_audience": "https://sso.example/token"}, "https://sso.example/token"),
        ({"family": "desire2learn"}, "https://api.brightspace.com/auth/token"),
        ({"family": "desire2learn", "token_audience": "https://own.example"}, "https://own.example"),
    ],
)
def test_the_audience_is_the_token_endpoint_unless_the_platform_names_another(
    client: Services, stand_in: StandIn, values: dict[str, str], audience: str | None
) -> None:
    platform = stand_in.registration(**values)
    client._token(platform, SCOPE_SCORE)
    assertion = parse_qs(stand_in.tokens[0].body)["client_assertion"][0]
    said = jwt.decode(assertion, options={"verify_signature": False})["aud"]
    assert said == (audience or platform.auth_token_url)


@pytest.mark.parametrize(
    ("lives", "used_for"),
    [
        (3600, 3540),
        ("3600", 3540),
        (90, 30),
        (60, 1),
        (5, 1),
        (0, 1),
        (None, 240),
        ("soon", 240),
        (3600.9, 3540),
        ("3600.5", 3540),
        (float("nan"), 240),
        (1e300, 240),
        (True, 240),
        (-5, 240),
        ("²", 240),
    ],
)
def test_a_token_is_used_until_shortly_before_it_ends(
    client: Services,
    stand_in: StandIn,
    platform: Registration,
    monkeypatch: pytest.MonkeyPatch,
    lives: Any,
    used_for: int,
) -> None:
    moment = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: moment)
    stand_in.on("POST", TOKEN_PATH, token(expires_in=lives))
    for passed, asked in ((0, 1), (used_for - 0.5, 1), (used_for + 0.5, 2)):
        moment = 1000.0 + passed
        client._token(platform, SCOPE_SCORE)
        assert len(stand_in.tokens) == asked


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (token(access_token=None), ("no_token", 0)),
        (token(access_token=""), ("no_token", 0)),
        (token(access_token=7), ("no_token", 0)),
        (Answer(200, []), ("no_token", 0)),
        (Answer(200, "<html>"), ("not_json", 200)),
        (token(scope=SCOPE_RESULT), ("scope_not_granted", 0)),
        (Answer(400, {"error": "invalid_scope"}), ("scope_not_granted", 0)),
        (Answer(400, {"error": "invalid_client"}), ("token", 400)),
        (Answer(400, "Exception - TypeError"), ("token", 400)),
        (Answer(401, []), ("token", 401)),
        (Answer(404), ("token", 404)),
        (Answer(500, "<html>"), ("token", 500)),
        (Answer(302, headers={"Location": "https://elsewhere.example"}), ("token", 302)),
    ],
)
def test_a_token_that_is_none_is_an_error_of_the_token_and_not_of_the_call(
    client: Services, stand_in: StandIn, platform: Registration, answer: Answer, said: tuple[str, int]
) -> None:
    stand_in.on("POST", TOKEN_PATH, answer)
    with pytest.raises(OutboundError) as caught:
        client.post_score(platform, platform.issuer + ITEM, {})
    assert (caught.value.reason, caught.value.status) == said
    assert stand_in.requests("POST") == []


@pytest.mark.parametrize(
    "scope",
    [
        None,
        "",
        f"{SCOPE_RESULT} {SCOPE_SCORE}",
        # O8
        f"{SCOPE_RESULT},{SCOPE_SCORE}",
        f" {SCOPE_RESULT} , {SCOPE_SCORE} ,",
        [SCOPE_RESULT, SCOPE_SCORE],
        7,
        [],
    ],
)
def test_a_token_that_says_nothing_of_its_scope_or_holds_more_is_taken(
    client: Services, stand_in: StandIn, platform: Registration, scope: Any
) -> None:
    stand_in.on("POST", TOKEN_PATH, token(scope=scope))
    assert client._token(platform, SCOPE_SCORE) == "t0"


def test_a_token_answered_with_201_is_taken(client: Services, stand_in: StandIn, platform: Registration) -> None:
    said = token()
    stand_in.on("POST", TOKEN_PATH, Answer(201, said.body))
    assert client._token(platform, SCOPE_SCORE) == "t0"


@pytest.mark.parametrize("join", [" ", ",", ", "])
def test_of_scopes_joined_in_whatever_way_each_is_known(client: Services, stand_in: StandIn, join: str) -> None:
    stand_in.on("POST", TOKEN_PATH, token(scope=join.join([SCOPE_SCORE, SCOPE_RESULT])))
    platform = stand_in.registration(scopes=ALL)
    assert client._token(platform, SCOPE_SCORE) == client._token(platform, SCOPE_RESULT) == "t0"
    assert len(stand_in.tokens) == 1
    assert reason(lambda: client._token(platform, SCOPE_MEMBERS)) == "scope_not_granted"


def test_two_clients_of_one_issuer_never_share_a_token(client: Services, stand_in: StandIn) -> None:
    stand_in.on("POST", TOKEN_PATH, token(access_token="one"), token(access_token="two"))
    first, second = stand_in.registration(id=1), stand_in.registration(id=2, client_id="other")
    assert [client._token(each, SCOPE_SCORE) for each in (first, second, first, second)] == ["one", "two", "one", "two"]


ALL = f"{SCOPE_SCORE} {SCOPE_RESULT} {SCOPE_MEMBERS}"


def granting(*allowed: str, refuse: bool = False) -> Callable[[Asked], Answer]:
    """A token endpoint that grants these scopes only; with `refuse` it refuses a request that asks for more."""

    def answer(asked: Asked) -> Answer:
        wanted = parse_qs(asked.body)["scope"][0].split()
        given = [scope for scope in wanted if scope in allowed]
        if not given or (refuse and given != wanted):
            return Answer(400, {"error": "invalid_scope"})
        return token(access_token=f"t{len(given)}", scope=" ".join(given))

    return answer


def test_one_token_holds_all_scopes_of_the_registration(client: Services, stand_in: StandIn) -> None:
    stand_in.on("POST", TOKEN_PATH, granting(*ALL.split()))
    platform = stand_in.registration(scopes=ALL)
    assert {client._token(platform, scope) for scope in ALL.split() for _ in range(2)} == {"t3"}
    assert len(stand_in.tokens) == 1


def test_a_platform_that_refuses_all_scopes_at_once_is_asked_for_them_one_by_one(
    client: Services, stand_in: StandIn
) -> None:
    stand_in.on("POST", TOKEN_PATH, granting(SCOPE_SCORE, SCOPE_RESULT, refuse=True))
    platform = stand_in.registration(scopes=ALL)
    for _ in range(2):
        assert {client._token(platform, scope) for scope in (SCOPE_SCORE, SCOPE_RESULT)} == {"t1"}
    assert len(stand_in.tokens) == 3, "once for all, and then once each"
    assert reason(lambda: client._token(platform, SCOPE_MEMBERS)) == "scope_not_granted"


def test_a_scope_that_the_registration_promised_and_the_token_lacks_is_asked_for_alone(
    client: Services, stand_in: StandIn
) -> None:
    """M4: Moodle may list a scope at registration that it does not grant."""
    stand_in.on("POST", TOKEN_PATH, granting(SCOPE_SCORE, SCOPE_RESULT))
    platform = stand_in.registration(scopes=ALL)
    assert client._token(platform, SCOPE_SCORE) == client._token(platform, SCOPE_RESULT) == "t2"
    assert reason(lambda: client._token(platform, SCOPE_MEMBERS)) == "scope_not_granted"
    assert client._token(platform, SCOPE_SCORE) == "t2", "the others are none the worse for it"


def test_a_scope_that_was_not_granted_at_registration_is_asked_for_alone(client: Services, stand_in: StandIn) -> None:
    stand_in.on("POST", TOKEN_PATH, granting(*ALL.split()))
    platform = stand_in.registration(scopes=SCOPE_SCORE)
    client._token(platform, SCOPE_MEMBERS)
    assert parse_qs(stand_in.tokens[0].body)["scope"] == [SCOPE_MEMBERS]


@pytest.mark.parametrize("scopes", ["", ALL], ids=["one a scope", "one for all"])
@pytest.mark.parametrize("old", [False, True], ids=["none yet", "refused for all at once"])
def test_many_calls_at_once_fetch_one_token(client: Services, stand_in: StandIn, old: bool, scopes: str) -> None:
    platform = stand_in.registration(scopes=scopes)

    def good(asked: Asked) -> Answer:
        return Answer(200, []) if asked.headers["Authorization"] == "Bearer new" else Answer(401)

    stand_in.on("GET", RESULTS_PATH, good)
    stand_in.on(
        "POST", TOKEN_PATH, *[token(access_token="old", scope=None)] * old, token(access_token="new", scope=None)
    )
    if old:
        client._token(platform, SCOPE_RESULT)
    together, failed = threading.Barrier(8), []

    def read() -> None:
        together.wait(10)
        try:
            client.results(platform, platform.issuer + ITEM)
        except OutboundError as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert len(stand_in.tokens) == (2 if old else 1)


@pytest.mark.parametrize(
    ("status", "age", "tokens"),
    [(401, 0, 2), (401, 61, 2), (403, 0, 1), (403, 59, 1), (403, 61, 2), (404, 61, 1), (500, 61, 1), (400, 61, 1)],
)
def test_a_refusal_that_may_be_the_tokens_renews_it_once(
    client: Services,
    stand_in: StandIn,
    platform: Registration,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    age: int,
    tokens: int,
) -> None:
    """Open edX never says 401 (O10): a 403 for a token that is a minute old may be its way to say so."""
    moment = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: moment)
    stand_in.on("POST", TOKEN_PATH, token(access_token="old"), token(access_token="new"))
    client._token(platform, SCOPE_SCORE)
    moment += age
    stand_in.on("POST", SCORES_PATH, Answer(status))
    with pytest.raises(OutboundError) as caught:
        client.post_score(platform, platform.issuer + ITEM, {})
    assert (caught.value.reason, caught.value.status, len(stand_in.tokens)) == ("status", status, tokens)
    stand_in.on(
        "POST",
        SCORES_PATH,
        lambda asked: Answer(200 if asked.headers["Authorization"] == "Bearer new" else status),
    )
    moment += 61 if status in (401, 403) else 0
    if status in (401, 403):
        client.post_score(platform, platform.issuer + ITEM, {})


@pytest.mark.parametrize(
    ("answer", "reason_"),
    [
        (
            Answer(403, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="x"'}),
            "scope_not_granted",
        ),
        (Answer(403, headers={"WWW-Authenticate": "Bearer error=insufficient_scope"}), "scope_not_granted"),
        (Answer(403, {"error": "insufficient_scope"}), "scope_not_granted"),
        (Answer(403, {"detail": "You do not have permission to perform this action."}), "status"),
        (Answer(403, {"error": {"insufficient_scope": 1}}), "status"),
        (Answer(403, "[" * 9000), "status"),
        (Answer(403, "<h1>insufficient_scope</h1>"), "status"),
    ],
)
def test_a_403_that_names_the_scope_is_the_scopes(
    client: Services, stand_in: StandIn, platform: Registration, answer: Answer, reason_: str
) -> None:
    stand_in.on("POST", SCORES_PATH, answer)
    assert reason(lambda: client.post_score(platform, platform.issuer + ITEM, {})) == reason_


def test_a_401_is_answered_with_one_new_token_and_not_a_third(
    client: Services, stand_in: StandIn, platform: Registration
) -> None:
    stand_in.on("POST", SCORES_PATH, Answer(401))
    stand_in.on("POST", TOKEN_PATH, token(access_token="old"), token(access_token="new"))
    with pytest.raises(OutboundError) as caught:
        client.post_score(platform, platform.issuer + ITEM, {})
    assert (caught.value.reason, caught.value.status) == ("status", 401)
    assert [asked.headers["Authorization"] for asked in stand_in.requests("POST")] == ["Bearer old", "Bearer new"]
