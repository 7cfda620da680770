"""What a live Moodle 4.5.6 sent, sent again: each recorded login and launch, its hosts and claims as they were.

Only nonce, times and signature are fresh. The tool is told that it is https://tool.example.
"""

import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from lti_tool import create_app
from lti_tool.db import db
from lti_tool.demo.vocab import AGS_CLAIM, CLAIM, NRPS_CLAIM
from lti_tool.lti.register import CUSTOM
from lti_tool.models import Community, LineItem, ResourceLink
from tests.actors import Page, Tool, asked
from tests.lti.sender import Sender, our_key

RECORDINGS = Path(__file__).parents[1] / "recordings"
MOODLE, TOOL_HOST = "https://moodle.example", "https://tool.example"
# The recorder called its custom parameters otherwise than the tool does.
OURS = {
    "ctx_hist": "context_history",
    "rl_hist": "link_history",
    "course_sid": "section_sourcedid",
    "ts": "course_begin",
}


class Expected(NamedTuple):
    """What a recorded launch is for the tool."""

    roles: str
    standing: str
    name: str
    title: str
    history: list[str]


LAUNCHES = {
    "id_token-resource-link-learner.json": Expected(
        "learner", "member", "Fatima Öztürk", "Leergemeenschap Praktijkonderwijs", []
    ),
    "id_token-resource-link-instructor.json": Expected(
        "instructor", "asked", "Wout Schipper", "Leergemeenschap Praktijkonderwijs", []
    ),
    # M9, M30: an Instructor at launch, whatever the roster says.
    "id_token-resource-link-nonediting-teacher.json": Expected(
        "instructor", "asked", "Mieke Directeur", "Leergemeenschap Praktijkonderwijs", []
    ),
    "id_token-resource-link-in-copied-course.json": Expected(
        "instructor administrator", "asked", "Admin User", "Leergemeenschap Praktijkonderwijs copy 1", ["2"]
    ),
    "id_token-deep-linking-request-admin.json": Expected(
        "instructor administrator", "asked", "Admin User", "Leergemeenschap Praktijkonderwijs", []
    ),
}
LOGINS = {
    # M7: the hint names the course module, so there is a way back to it.
    "login-initiation-resource-link.json": MOODLE + "/mod/lti/view.php?id=3",
    "login-initiation-deep-linking.json": "",
}


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / name).read_text())


@pytest.fixture
def moodle(sqlite_url: str, keys_dir: Path) -> Iterator[Sender]:
    """The Moodle of the recordings, registered at a tool with the recorded host; the test holds its key."""
    tool = Tool(sqlite_url, keys_dir)
    tool.url = TOOL_HOST
    tool.settings = dataclasses.replace(tool.settings, base_url=TOOL_HOST)
    tool.app = create_app(tool.settings)
    tool.app.config["TESTING"] = True
    kid = recorded("id_token-resource-link-learner.json")["header"]["kid"]
    yield Sender(
        tool,
        issuer=MOODLE,
        client_id="A7ah603Alv4CLZK",
        deployment_id="1",
        auth_login_url=MOODLE + "/mod/lti/auth.php",
        jwks={"keys": [{**our_key().jwk(), "kid": kid}]},
    )
    tool.server.server_close()
    with tool.app.app_context():
        db.engine.dispose()


def login(moodle: Sender, name: str) -> Page:
    """A recorded login, its headers as the browser sent them."""
    said = recorded(name)
    browser = moodle.browser()
    headers = {k: v for k, v in said["headers"].items() if k != "Content-Type"}
    answer = browser.client.open(
        "/lti/login", method=said["method"], data=said["values"], headers=headers, base_url=TOOL_HOST
    )
    return Page(browser, answer)


def launch(moodle: Sender, name: str) -> Page:
    """A recorded launch, after the recorded login of its kind."""
    said = recorded(name)
    kind = "deep-linking" if "deep-linking" in name else "resource-link"
    page = login(moodle, f"login-initiation-{kind}.json")
    question = asked(page)
    now = int(time.time())
    claims = {**said["claims"], "nonce": question["nonce"], "iat": now, "exp": now + 60}
    custom = claims[CLAIM + "custom"]
    claims[CLAIM + "custom"] = {OURS.get(key, key): value for key, value in custom.items()}
    token = moodle.sign(claims, said["header"])
    fields = {"id_token": token, "state": question["state"]}
    assert list(fields) == said["form_keys"]
    return page.browser.post("/lti/launch", fields, site="cross-site", Origin=MOODLE)


@pytest.mark.parametrize(("name", "way_back"), LOGINS.items())
def test_k1_m7_a_recorded_login_is_answered_with_its_own_hint(moodle: Sender, name: str, way_back: str) -> None:
    page = login(moodle, name)
    location = urlsplit(page.response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == MOODLE + "/mod/lti/auth.php"
    question, said = asked(page), recorded(name)["values"]
    for field in ("lti_message_hint", "login_hint", "client_id"):
        assert question[field] == said[field]
    assert question["redirect_uri"] == TOOL_HOST + "/lti/launch"
    kept = moodle.tool.app.extensions["leerkring"].states.read(question["state"])
    assert (kept.reopen_url, kept.target_link_uri, kept.deployment_id) == (way_back, said["target_link_uri"], "1")


@pytest.mark.parametrize(("name", "expected"), LAUNCHES.items())
def test_a_recorded_launch_opens_with_its_role(moodle: Sender, name: str, expected: Expected) -> None:
    page = launch(moodle, name)
    opened = moodle.opened(page)
    assert (opened.launch.roles, opened.person.name, opened.course.title) == (
        expected.roles,
        expected.name,
        expected.title,
    )
    assert opened.member is not None
    assert opened.member.standing == expected.standing
    assert opened.course.history == expected.history
    assert opened.community.name == expected.title
    assert page.soup.html["lang"] == "en"
    # Moodle's frame, and no session key of Moodle's in the header.
    assert page.response.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {MOODLE}")
    assert page.has_form("/place") is (opened.launch.deep_linking is not None) is ("deep-linking" in name)


@pytest.mark.parametrize("name", [name for name in LAUNCHES if "resource-link" in name])
def test_a_recorded_placement_keeps_its_column_its_roster_and_its_text(moodle: Sender, name: str) -> None:
    opened = moodle.opened(launch(moodle, name))
    said = recorded(name)["claims"]
    assert opened.link is not None
    with moodle.tool.session() as session:
        urls = session.scalars(select(LineItem.url).where(LineItem.resource_link_id == opened.link.id)).all()
    assert urls == [said[AGS_CLAIM]["lineitem"]]
    assert opened.link.line_items_url == said[AGS_CLAIM]["lineitems"]
    assert opened.link.scopes.split() == said[AGS_CLAIM]["scope"]
    assert opened.link.title == said[CLAIM + "resource_link"]["title"]
    assert opened.course.memberships_url == said[NRPS_CLAIM]["context_memberships_url"]
    # The recorder's "step" was a number: no step of ours, so the placement is the home.
    assert opened.link.step is None
    assert "SESSKEY" not in str(vars(opened.launch)) + str(vars(opened.link)) + str(vars(opened.course))


def test_k7_a_variable_that_moodle_does_not_know_counts_as_absent(moodle: Sender) -> None:
    said = recorded("id_token-resource-link-learner.json")["claims"][CLAIM + "custom"]
    unresolved = {name: value for name, value in said.items() if value.startswith("$")}
    assert unresolved == {
        "rl_hist": "$ResourceLink.id.history",
        "sub_end": "$ResourceLink.submission.endDateTime",
        "avail": "$ResourceLink.available.startDateTime",
        "moodle_ver": "$ToolPlatform.version",
    }
    from lti_tool.lti.claims import read_custom

    assert not set(read_custom(said)) & set(unresolved)


def test_m33_a_copied_course_founds_a_new_community(moodle: Sender) -> None:
    first = moodle.opened(launch(moodle, "id_token-resource-link-instructor.json"))
    copy = moodle.opened(launch(moodle, "id_token-resource-link-in-copied-course.json"))
    assert copy.course.id != first.course.id
    assert copy.course.history == [first.course.context_id]
    with moodle.tool.session() as session:
        assert session.query(Community).count() == 2
        links = {link.resource_link_id: link.course_id for link in session.query(ResourceLink)}
    assert links == {"1": first.community.course_id, "5": copy.community.course_id}


def test_everyone_recorded_in_one_course_is_in_one_community(moodle: Sender) -> None:
    names = [name for name in LAUNCHES if LAUNCHES[name].title == "Leergemeenschap Praktijkonderwijs"]
    opened = [moodle.opened(launch(moodle, name)) for name in names]
    assert len(names) == 4
    assert len({each.community.id for each in opened}) == 1
    assert len({each.person.id for each in opened}) == 4


def test_moodles_login_of_another_kind_does_not_fit(moodle: Sender) -> None:
    """M8: the token answers one login; the recorded nonce and times are of no use any more."""
    said = recorded("id_token-resource-link-learner.json")
    page = login(moodle, "login-initiation-resource-link.json")
    token = moodle.sign(said["claims"], said["header"])
    fields = {"id_token": token, "state": asked(page)["state"]}
    assert page.browser.post("/lti/launch", fields, site="cross-site").reason == "nonce"
    assert set(OURS.values()) <= set(CUSTOM)
