"""Every service answer recorded from Open edX's own consumer (lti-consumer-xblock 11.4.4), played back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_tool.lti import services as module
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_MEMBERS, SCOPE_RESULT, RosterEntry, Services
from lti_tool.models import Registration
from tests.delivery.stand_in import Answer, Asked, StandIn, services

FOLDER = Path(__file__).parents[1] / "recordings" / "open-edx"
HOST = "https://openedx.example"
TOKEN_PATH = "/api/lti_consumer/v1/token/2cf4eed8-aaa0-432a-bd75-3a685cfcdf04"
TEACHER, COLLEAGUE = "e7a01e80-9754-44cf-b767-60eb8be23103", "39bc7dac-1ebb-4c05-93cd-0d8dce3539a0"


def recorded(name: str, host: str = HOST) -> Any:
    """A recording, its host replaced."""
    return json.loads((FOLDER / f"{name}.json").read_text().replace(HOST, host))


class OpenEdx:
    """The platform that plays them, and the client that asks it."""

    def __init__(self, stand_in: StandIn, client: Services) -> None:
        self.stand_in, self.client = stand_in, client
        self.platform: Registration = stand_in.registration(family="", auth_token_url=stand_in.url + TOKEN_PATH)
        stand_in.on("POST", TOKEN_PATH, self.token())

    def token(self, **changes: Any) -> Answer:
        """The recorded token; the scope is the one that was asked for then."""
        answer = self.answer(recorded("token"))
        return Answer(answer.status, {**answer.body, **changes}, answer.headers)

    def answer(self, found: dict[str, Any]) -> Answer:
        said = found["response"]
        return Answer(said["status"], said["body"], said["headers"])

    def play(self, name: str, **token: Any) -> str:
        """Arrange a recording's answer to its own request; returns the address."""
        found = recorded(name, self.stand_in.url)
        self.stand_in.on("POST", TOKEN_PATH, self.token(**token))
        request = found["request"]
        self.stand_in.on(request["method"], request["path"], self.answer(found))
        return self.stand_in.url + str(request["path"])


@pytest.fixture(scope="module")
def _stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def open_edx(_stand_in: StandIn, keys_dir: Path) -> OpenEdx:
    _stand_in.reset()
    return OpenEdx(_stand_in, services(keys_dir))


def said(call: Any) -> Any:
    """What a call answers, or why it failed."""
    try:
        return call()
    except OutboundError as error:
        return error.reason, error.status


def roster(at: OpenEdx, url: str) -> list[RosterEntry]:
    return [entry for page in at.client.members(at.platform, url) for entry in page]


@pytest.mark.parametrize("name", ["roster-without-names", "roster-with-names"])
def test_a_recorded_roster(open_edx: OpenEdx, name: str) -> None:
    entries = {entry.sub: entry for entry in roster(open_edx, open_edx.play(name))}
    named = name == "roster-with-names"
    assert len(entries) == 10
    assert entries[TEACHER] == RosterEntry(TEACHER, "Inês Gonçalves" if named else "", "instructor")
    assert entries[COLLEAGUE].role == "learner"
    assert all(bool(entry.name) == named for entry in entries.values())


def test_a_recorded_token_serves_for_an_hour(open_edx: OpenEdx, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: moment)
    for passed, asked in ((0, 1), (3500, 1), (3541, 2)):
        moment = 1000.0 + passed
        assert open_edx.client._token(open_edx.platform, SCOPE_MEMBERS) == "<signed token>"
        assert len(open_edx.stand_in.asked) == asked


def test_a_recorded_refusal_of_a_token_is_the_tokens(open_edx: OpenEdx) -> None:
    """The LMS could not read our key set."""
    url = open_edx.play("roster-without-names")
    open_edx.stand_in.on("POST", TOKEN_PATH, open_edx.answer(recorded("token-refused")))
    assert said(lambda: roster(open_edx, url)) == ("token", 400)


@pytest.mark.parametrize("name", ["roster-refused-nrps-off", "service-hiccup-is-403"])
def test_a_recorded_403_says_nothing_of_the_token_and_is_not_an_empty_roster(open_edx: OpenEdx, name: str) -> None:
    assert said(lambda: roster(open_edx, open_edx.play(name))) == ("status", 403)


def test_a_recorded_403_for_an_old_token_is_healed_by_a_new_one(
    open_edx: OpenEdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: moment)
    path = recorded("results")["request"]["path"]
    stale, good = (open_edx.answer(recorded(name, open_edx.stand_in.url)) for name in ("stale-token-is-403", "results"))
    open_edx.stand_in.on(
        "POST", TOKEN_PATH, *(open_edx.token(access_token=name, scope=SCOPE_RESULT) for name in ("old", "new"))
    )

    def answer(asked: Asked) -> Answer:
        return good if asked.headers["Authorization"] == "Bearer new" else stale

    open_edx.stand_in.on("GET", path, answer)
    url = open_edx.stand_in.url + path.removesuffix("/results")
    assert said(lambda: open_edx.client.results(open_edx.platform, url)) == ("status", 403)
    moment += 61
    grades = open_edx.client.results(open_edx.platform, url)
    assert grades[COLLEAGUE].score == 67
    assert len(grades) == 8


def test_a_recorded_course_without_columns(open_edx: OpenEdx) -> None:
    url = open_edx.play("line-items-none", scope=None)
    base, _, query = url.partition("?resource_link_id=")
    assert query
    link = "block-v1:Maas+PLG1+2026+type@lti_consumer+block@s1"
    assert open_edx.client.line_items(open_edx.platform, base, resource_link_id=link) == []


def test_a_recorded_column_is_made(open_edx: OpenEdx) -> None:
    url = open_edx.play("line-item-created", scope=None)
    sent = recorded("line-item-created")["request"]["body"]
    assert open_edx.client.create_line_item(open_edx.platform, url, sent) == url + "/1"


@pytest.mark.parametrize("name", ["score", "score-update"])
def test_a_recorded_score_is_taken(open_edx: OpenEdx, name: str) -> None:
    url = open_edx.play(name, scope=None).removesuffix("/scores")
    open_edx.client.post_score(open_edx.platform, url, recorded(name)["request"]["body"])


REFUSALS = {
    "same timestamp again": ("timestamp", 400),
    "older": ("timestamp", 400),
    "unknown user": ("status", 500),
    "user id that is no uuid": ("status", 500),
    "no such column": ("status", 404),
    "another block's configuration, same client": ("status", 403),
    "wrong scope": ("status", 403),
    "no token": ("status", 403),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_recorded_refusal_of_a_score(open_edx: OpenEdx, what: str) -> None:
    (found,) = [each for each in recorded("ags-refusals") if each["what"] == what]
    open_edx.stand_in.on("POST", TOKEN_PATH, open_edx.token(scope=None))
    open_edx.stand_in.on("POST", "/ags/1/scores", Answer(found["status"], found["answer"]))
    url = open_edx.stand_in.url + "/ags/1"
    assert said(lambda: open_edx.client.post_score(open_edx.platform, url, found["request"])) == REFUSALS[what]


def test_a_recorded_refusal_of_an_assertion(open_edx: OpenEdx) -> None:
    (found,) = [each for each in recorded("ags-refusals") if "request" not in each]
    assert found["what"] == "bad assertion"
    open_edx.stand_in.on("POST", TOKEN_PATH, Answer(found["status"], found["answer"]))
    assert said(lambda: open_edx.client.results(open_edx.platform, open_edx.stand_in.url + "/ags/1")) == ("token", 400)


def test_every_recorded_refusal_is_played() -> None:
    assert {each["what"] for each in recorded("ags-refusals")} == {*REFUSALS, "bad assertion"}
