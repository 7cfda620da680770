"""Choosing activities for a course: what is offered, what is sent back, by whom (lti.md, D-1 to D-6, M14 to M18)."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from lti_tool.demo.vocab import CLAIM, DL_CLAIM, MEMBERSHIP
from lti_tool.i18n import STATIC
from tests.actors import Page, Tool, World
from tests.lti.sender import ABSENT, CLIENT, ISSUER, Sender, unique

STEPS = ["ambition", "information", "interpretation", "consequences", "actions", "evaluation"]
ALL = ["home", *STEPS]
SETTINGS = DL_CLAIM + "deep_linking_settings"
# D1 of the certification suite, word for word where it matters.
CERTIFICATION = {
    "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
    "accept_media_types": "image/:::asterisk:::,text/html",
    "accept_presentation_document_targets": ["iframe", "window", "embed"],
    "accept_multiple": True,
    "auto_create": True,
    "title": "This is the default title",
    "text": "This is the default text",
    "data": "909708",
}


@pytest.fixture
def course() -> dict[str, Any]:
    """A course of this test's own, and somebody new who manages it."""
    return {"sub": unique("who"), "context": {"id": unique("course"), "title": "Samen"}}


def pick(sender: Sender, course: dict[str, Any], changes: dict[str, Any] | None = None, **settings: Any) -> Page:
    """The picker."""
    return sender.launch(**{**course, **Sender.picking(**settings), **(changes or {})})


def answer(sender: Sender, page: Page) -> dict[str, Any]:
    """The claims of the response on a page, its signature checked with the tool's published keys."""
    form = page.soup.find("form", attrs={"data-submit": True})
    assert form["method"] == "post"
    fields = {control["name"]: control["value"] for control in form.find_all("input")}
    assert list(fields) == ["JWT"]
    published = jwt.PyJWKSet.from_dict(json.loads(sender.browser().client.get("/lti/jwks").text))
    kid = jwt.get_unverified_header(fields["JWT"])["kid"]
    # S14: from the client, to the issuer.
    claims: dict[str, Any] = jwt.decode(
        fields["JWT"],
        published[kid].key,
        algorithms=["RS256"],
        audience=ISSUER,
        issuer=CLIENT,
        options={"require": ["iss", "aud", "iat", "exp", "nonce"]},
    )
    return claims


def items(sender: Sender, page: Page) -> list[dict[str, Any]]:
    """The content items of a response."""
    found: list[dict[str, Any]] = answer(sender, page)[DL_CLAIM + "content_items"]
    return found


def _posted(page: Page, fields: list[tuple[str, str]]) -> Page:
    """The picker's form with other values than it offers."""
    return page.browser.post(page.form("/place").action, fields)


def test_d1_the_certification_request_shows_the_picker_and_gets_its_data_back(
    shared: Sender, course: dict[str, Any]
) -> None:
    page = pick(shared, course, **CERTIFICATION)
    assert page.has_form("/place")
    claims = answer(shared, page.form("/place").submit())
    assert claims[DL_CLAIM + "data"] == "909708"
    assert {item["type"] for item in claims[DL_CLAIM + "content_items"]} == {"ltiResourceLink"}


@pytest.mark.parametrize("data", ["csrf:1", "", 0, False, {"a": [1]}, "é\ud83d\0"], ids=repr)
def test_d1_data_comes_back_as_it_was(shared: Sender, course: dict[str, Any], data: Any) -> None:
    for changes in ({}, {"cancel": "1"}):
        claims = answer(shared, pick(shared, course, data=data).form("/place").submit(**changes))
        assert claims[DL_CLAIM + "data"] == data


def test_d1_s14_a_response_says_what_it_must_and_no_data_that_did_not_come(
    shared: Sender, course: dict[str, Any]
) -> None:
    claims = answer(shared, pick(shared, course).form("/place").submit())
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[CLAIM + "version"] == "1.3.0"
    assert claims[CLAIM + "deployment_id"] == shared.deployment_id
    assert claims["exp"] - claims["iat"] == 600
    assert DL_CLAIM + "data" not in claims
    other = answer(shared, pick(shared, course).form("/place").submit())
    assert other["nonce"] != claims["nonce"]


def test_the_whole_cycle_is_the_home_and_every_step_in_order(shared: Sender, course: dict[str, Any]) -> None:
    sent = items(shared, pick(shared, course).form("/place").submit())
    assert [item["custom"].get("step", "home") for item in sent] == ALL
    for item in sent:
        assert item["type"] == "ltiResourceLink"
        assert item["url"] == shared.target
        assert item["title"]
        assert "<" not in item["title"] + item["text"]
        icon = shared.browser().client.get(item["icon"]["url"].removeprefix(shared.tool.url))
        assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")


def test_d4_custom_values_are_strings_and_no_ids_of_ours(shared: Sender, course: dict[str, Any]) -> None:
    for item in items(shared, pick(shared, course).form("/place").submit()):
        assert all(isinstance(value, str) for value in item["custom"].values())
        assert set(item["custom"]) <= {"step", "cycle", "passback", "origin"}
        assert item["custom"]["cycle"] == "1"
        assert "\n" not in str(item["custom"].values())  # M11: a newline begins another parameter


def test_m16_each_step_asks_for_a_column_of_100_and_the_home_for_none(shared: Sender, course: dict[str, Any]) -> None:
    home, *steps = items(shared, pick(shared, course).form("/place").submit())
    assert "lineItem" not in home
    for name, item in zip(STEPS, steps, strict=True):
        column = item["lineItem"]
        assert (column["scoreMaximum"], type(column["scoreMaximum"])) == (100, int)
        assert column["label"] == item["title"]
        assert column["resourceId"] == f"leerkring-1-{name}"
        assert column["tag"] == "participation"


@pytest.mark.parametrize("passback", ["moments", "completed", "none"])
def test_how_participation_is_passed_back_is_chosen_here(shared: Sender, course: dict[str, Any], passback: str) -> None:
    sent = items(shared, pick(shared, course).form("/place").submit(passback=passback))
    assert {item["custom"]["passback"] for item in sent} == {passback}
    assert sum("lineItem" in item for item in sent) == (0 if passback == "none" else 6)


@pytest.mark.parametrize("accept", [ABSENT, True, False])
def test_d5_no_columns_where_none_are_accepted(shared: Sender, course: dict[str, Any], accept: Any) -> None:
    page = pick(shared, course, accept_lineitem=accept)
    told = "maakt hier geen kolommen" in page.text
    assert told is (accept is False)
    forced = _posted(page, [("what", "cycle"), ("passback", "moments")])
    for sent in (items(shared, page.form("/place").submit()), items(shared, forced)):
        assert sum("lineItem" in item for item in sent) == (0 if accept is False else 6)


def test_d3_single_activities_are_sent_as_chosen(shared: Sender, course: dict[str, Any]) -> None:
    page = pick(shared, course)
    sent = items(shared, page.form("/place").submit(what="single", item=["actions", "home", "nobody", "actions"]))
    assert [item["custom"].get("step", "home") for item in sent] == ["home", "actions"]


@pytest.mark.parametrize("accept", [False, None, ABSENT])
def test_d3_where_one_is_accepted_one_is_sent_and_the_page_says_so(
    shared: Sender, course: dict[str, Any], accept: Any
) -> None:
    page = pick(shared, course, accept_multiple=accept)
    assert "één activiteit tegelijk" in page.text
    assert {control["type"] for control in page.soup.find_all("input", attrs={"name": "item"})} == {"radio"}
    chosen = page.form("/place").submit(item="actions")
    assert [item["custom"]["step"] for item in items(shared, chosen)] == ["actions"]
    forced = _posted(page, [("what", "cycle"), ("passback", "none"), *(("item", name) for name in ALL)])
    assert len(items(shared, forced)) == 1


@pytest.mark.parametrize(
    ("said", "one"),
    [
        ({"title": "1 Ambitie", "text": ""}, True),
        ({"title": "Onze leergemeenschap", "text": ""}, True),
        ({"title": "Zoals wij hem noemen", "text": ""}, True),
        # A new activity, as recorded: what the tool is called in that Moodle.
        ({"title": "Capture", "text": ""}, False),
        ({"title": "", "text": "Wat willen we bereiken?"}, True),
        ({"title": "", "text": ""}, False),
        ({"title": " ", "text": "\n"}, False),
        ({"title": None, "text": None}, False),
        ({"title": 5, "text": []}, False),
    ],
    ids=str,
)
def test_m83_while_an_activity_is_edited_one_item_is_offered_and_sent(
    shared: Sender, course: dict[str, Any], said: dict[str, Any], one: bool
) -> None:
    """Moodle would save several over it in turn, and the last would win."""
    link = {"id": unique("link"), "title": "Zoals wij hem noemen"}
    shared.opened(shared.launch(**course, roles=[MEMBERSHIP + "Instructor"], resource_link=link))
    page = pick(shared, course, **said)
    kinds = {control["type"] for control in page.soup.find_all("input", attrs={"name": "item"})}
    assert kinds == ({"radio"} if one else {"checkbox"})
    assert ("heeft al een naam" in page.text) is one
    forced = _posted(page, [("what", "cycle"), ("passback", "none"), *(("item", name) for name in ALL)])
    assert len(items(shared, forced)) == (1 if one else 7)


@pytest.mark.parametrize("types", [[], ["link", "file"], ["LtiResourceLink"]], ids=str)
def test_d3_nothing_is_sent_where_no_activity_is_accepted(
    shared: Sender, course: dict[str, Any], types: list[str]
) -> None:
    page = pick(shared, course, accept_types=types)
    assert not page.soup.find("input", attrs={"name": "item"})
    assert [button["name"] for button in page.form("/place").tag.find_all("button")] == ["cancel"]
    forced = _posted(page, [("what", "cycle"), ("passback", "moments")])
    assert items(shared, forced) == []
    assert "7" not in forced.soup.h1.get_text()


@pytest.mark.parametrize(
    ("data", "back"),
    [("909708", True), ("a\0b", True), ({"a": ["\ud800", 1.5]}, True), (float("nan"), False), (None, False)],
    ids=repr,
)
def test_d1_what_is_wanted_back_is_kept_and_sent_as_it_came_or_not_at_all(
    any_database_url: str, keys_dir: Path, course: dict[str, Any], data: Any, back: bool
) -> None:
    """PostgreSQL keeps no NaN in JSON; what cannot be kept must not cost the launch."""
    with Tool(any_database_url, keys_dir) as tool:
        sender = Sender(tool)
        history = {"custom": {"context_history": "%00,5"}}
        page = pick(sender, course, history, data=data)
        claims = answer(sender, page.form("/place").submit())
    assert ({DL_CLAIM + "data": data}.items() <= claims.items()) is back
    assert (DL_CLAIM + "data" in claims) is back


def test_d2_m18_cancelling_sends_no_items_and_founds_nothing(shared: Sender, course: dict[str, Any]) -> None:
    page = pick(shared, course)
    before = shared.founded()
    cancelled = page.form("/place").submit(cancel="1")
    assert items(shared, cancelled) == []
    assert shared.founded() == before


@pytest.mark.parametrize(
    "fields",
    [
        [("what", "single"), ("passback", "moments")],
        [("what", "single"), ("passback", "moments"), ("item", "<b>nobody</b>")],
        [("what", "cycle")],
        [("what", "cycle"), ("passback", "everything")],
        [],
    ],
    ids=str,
)
def test_a_form_that_lacks_something_is_shown_again(
    shared: Sender, course: dict[str, Any], fields: list[tuple[str, str]]
) -> None:
    page = _posted(pick(shared, course), fields)
    assert page.status == 422
    assert page.soup.find(role="alert")
    assert page.has_form("/place")
    assert "<b>nobody" not in page.html


@pytest.mark.parametrize(
    ("return_url", "origin"),
    [
        ("https://lms.school.example:8443/back?x=1&sesskey=geheim", "https://lms.school.example:8443"),
        ("http://127.0.0.1:9/mod/lti/contentitem_return.php?course=2", "http://127.0.0.1:9"),
    ],
)
def test_d2_the_response_goes_to_the_return_address_and_nowhere_else(
    shared: Sender, course: dict[str, Any], logged: list[Any], return_url: str, origin: str
) -> None:
    page = pick(shared, course, deep_link_return_url=return_url).form("/place").submit()
    assert page.soup.find("form", attrs={"data-submit": True})["action"] == return_url
    policy = dict(part.strip().split(" ", 1) for part in page.response.headers["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == f"'self' {origin}"
    assert policy["frame-ancestors"].split()[1] == ISSUER
    assert policy["script-src"] == "'self'"
    for script in page.soup.find_all("script"):
        assert script["src"].startswith("/static/")
        assert not script.string
    assert not [tag for tag in page.soup.find_all() for name in tag.attrs if name.startswith("on") or name == "style"]
    assert page.soup.find("button"), "without script the person sends it"
    assert "form[data-submit]" in (STATIC / "app.js").read_text()
    assert "geheim" not in str(logged)


ROLES = {
    "Learner": ([MEMBERSHIP + "Learner"], False),
    "nobody": ([], False),
    "unknown role": (["urn:example:coach"], False),
    "institution's Instructor": (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], False),
    "Instructor": ([MEMBERSHIP + "Instructor"], True),
    "site administrator": (["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"], True),
}


@pytest.mark.parametrize(("roles", "may"), ROLES.values(), ids=ROLES)
def test_only_who_may_change_the_course_places(
    shared: Sender, course: dict[str, Any], roles: list[str], may: bool
) -> None:
    page = pick(shared, course, {"roles": roles})
    assert page.status == (200 if may else 403)
    posted = page.browser.post(page.url, [("what", "cycle"), ("passback", "moments")])
    assert posted.status == (200 if may else 403)
    assert ("JWT" in posted.html) is may


def test_a_launch_that_asked_for_no_content_places_nothing(shared: Sender, course: dict[str, Any]) -> None:
    page = shared.launch(**course, roles=[MEMBERSHIP + "Instructor"])
    address = f"/l/{shared.opened(page).launch.id}/place"
    assert page.browser.get(address).status == 403
    assert page.browser.post(address, [("what", "cycle"), ("passback", "moments")]).status == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "?id_token=x&state=y", "?step=ambition"])
def test_d6_m17_fetching_an_activitys_address_does_nothing(shared: Sender, method: str, query: str) -> None:
    before = shared.founded()
    answer = shared.browser().client.open(f"/lti/launch{query}", base_url=shared.tool.url, method=method)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert shared.founded() == before


# With the strict platform.


def _opened(world: World) -> list[str]:
    """Titles in the first course, as the platform lists them."""
    return [a.title for a in world.lms.school.course_activities(world.course().id)]


def test_m14_m17_a_strict_platform_takes_everything_and_finds_every_address(world: World) -> None:
    assert world.lms.deep_links.vanished == []
    assert len(_opened(world)) == 7
    assert {status for _url, status in world.lms.deep_links.fetched} == {200}
    assert len(world.lms.deep_links.fetched) == 7
    columns = world.lms.school.course_columns(world.course().id)
    assert [(column.score_maximum, column.coupled) for column in columns] == [(100, True)] * 6


@pytest.mark.parametrize(
    ("options", "activities", "columns"),
    [({"accept_multiple": False}, 1, 0), ({"accept_lineitem": False}, 7, 0), ({"send_data": False}, 7, 6)],
    ids=str,
)
def test_d1_d3_d5_a_strict_platform_takes_what_it_said_it_accepts(
    world: World, options: dict[str, bool], activities: int, columns: int
) -> None:
    for name, value in options.items():
        setattr(world.lms.deep_links.options, name, value)
    school, course = world.lms.school, world.course("PLG-TEC").id
    world.place_cycle("karin", "PLG-TEC")
    assert len(school.course_activities(course)) == activities
    assert len(school.course_columns(course)) == columns


def test_a_response_serves_once_at_the_platform(world: World) -> None:
    sent = world.as_("karin").select_content("PLG-TEC").form("/place").submit()
    form = sent.form("contentitem_return.php")
    assert world.return_items(form).status_code == 200
    assert world.return_items(form).status_code == 400
    assert len(world.lms.school.course_activities(world.course("PLG-TEC").id)) == 7


def test_nothing_selected_closes_the_dialog(world: World) -> None:
    sent = world.as_("karin").select_content("PLG-TEC").form("/place").submit(cancel="1")
    assert world.return_items(sent.form("contentitem_return.php")).status_code == 200
    assert world.lms.school.course_activities(world.course("PLG-TEC").id) == []
