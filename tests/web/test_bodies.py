"""What comes with a request is bounded, read before anything else, and never keeps others from saving."""

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from flask import before_render_template
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from lti_tool.bodies import FIELDS, FORM, PROTOCOL, UPLOAD
from lti_tool.door.cookies import SESSION_COOKIE
from tests.actors import Browser, Page, World
from tests.web.walk import ADMINISTRATOR_ONLY, STEP, Walk, visit

FORM_TYPE = "application/x-www-form-urlencoded"
FILED = "step/information/evidence"


class Unread(io.RawIOBase):
    """A body that nobody may read: it would never end."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("the body was read")


def send(browser: Browser, path: str, length: int | None, body: Any = None, content: str = FORM_TYPE) -> Page:
    """Post a body as it is; without one, one that may not be read is announced."""
    response = browser.client.open(
        path,
        method="POST",
        base_url=browser.tool.url,
        headers={"Sec-Fetch-Site": "same-origin"},
        environ_overrides={
            "CONTENT_TYPE": content,
            "wsgi.input": io.BytesIO(body) if body is not None else Unread(),
            "CONTENT_LENGTH": str(length if length is not None else len(body)),
        },
    )
    return Page(browser, response)


def multipart(fields: dict[str, Any]) -> tuple[bytes, str]:
    """A form as browsers send one with a file, and its content type."""
    boundary, body = encode_multipart(fields)
    return body, f"multipart/form-data; boundary={boundary}"


def stranger(world: World, cookie: str = "") -> Browser:
    """A browser without a session; or with a cookie that was not made here."""
    browser = Browser(world.tool)
    if cookie:
        browser.client.set_cookie(SESSION_COOKIE, cookie, domain="localhost", secure=True)
    return browser


@pytest.mark.parametrize("path", ["/lti/launch", "/lti/login", "/lti/storage", "/lti/window", "/lti/confirm"])
def test_128_kb_is_all_that_is_read_on_the_way_in(world: World, path: str) -> None:
    for length, status in ((PROTOCOL + 1, 413), (10**12, 413)):
        page = send(stranger(world), path, length)
        assert (page.status, len(page.soup.find_all("h1"))) == (status, 1), page.text
        assert "learning platform sent more" in page.text or "leeromgeving stuurde meer" in page.text
    assert send(stranger(world), path, PROTOCOL, b"x" * PROTOCOL).status == 401


@pytest.mark.parametrize("cookie", ["", "guessed", "guessed.0123456789abcdef", "."])
@pytest.mark.parametrize("path", ["draft", f"{STEP}/idea", FILED, "language"])
def test_of_who_cannot_be_anybody_nothing_is_read(world: World, path: str, cookie: str) -> None:
    at = Walk(world, "fatima")["fatima"]
    page = send(stranger(world, cookie), at.base + path, 1000)
    assert page.status == 401
    assert not page.soup.find("textarea")


def test_a_session_that_has_ended_still_says_who_typed(world: World) -> None:
    at = Walk(world, "fatima", "marieke")["fatima"]
    world.as_("marieke").launch(browser=at.browser)
    page = at.post(f"{STEP}/idea", text="een half uur getypt", why="x")
    assert (page.status, "een half uur getypt" in page.html) == (401, True)


def test_a_form_without_a_file_has_256_kb_and_2000_fields(world: World) -> None:
    at = Walk(world, "fatima")["fatima"]
    path = at.base + f"{STEP}/idea"
    for content in (FORM_TYPE, "multipart/form-data; boundary=x", "application/json"):
        page = send(at.browser, path, FORM + 1, content=content)
        assert page.status == 413, content
        assert len(page.soup.find_all("h1")) == 1
    assert send(at.browser, path, FORM, b"text=" + b"a" * (FORM - 5)).status == 422
    assert send(at.browser, path, None, b"&".join([b"a="] * FIELDS)).status == 422
    assert send(at.browser, path, None, b"&".join([b"a="] * (FIELDS + 1))).status == 413
    for count, status in ((FIELDS, 422), (FIELDS + 1, 413)):
        body, content = multipart({str(number): "a" for number in range(count)})
        assert send(at.browser, path, None, body, content).status == status


def test_a_file_comes_only_where_the_form_has_one(world: World) -> None:
    at = Walk(world, "fatima")["fatima"]
    sent, content = multipart({"file": FileStorage(io.BytesIO(b"a" * 1_000_000), "a.png")})
    assert send(at.browser, at.base + FILED, None, sent, content).status == 422, "it was read, and is no picture"
    assert send(at.browser, at.base + FILED, UPLOAD + 1, content=content).status == 413
    assert send(at.browser, at.base + FILED, FORM + 1).status == 413, "a file does not come like this"
    assert send(at.browser, at.base + f"{STEP}/idea", len(sent), content=content).status == 413
    # Its texts are bounded as any form's.
    text, content = multipart({"text": "a" * (FORM + 1)})
    assert send(at.browser, at.base + FILED, None, text, content).status == 413


def test_a_body_of_unknown_length_is_refused(world: World) -> None:
    at = Walk(world, "fatima")["fatima"]
    for path in (at.base + f"{STEP}/idea", "/lti/launch"):
        headers = {"Transfer-Encoding": "chunked", "Sec-Fetch-Site": "same-origin"}
        assert at.browser.client.post(path, base_url=world.tool.url, headers=headers).status_code == 411


@contextmanager
def _nobody_waits(world: World) -> Iterator[list[str]]:
    """Whenever a page is rendered meanwhile, somebody else must be able to save; the templates that were."""
    path = world.tool.settings.database_url.removeprefix("sqlite:///")
    rendered: list[str] = []

    def save(_app: Any, template: Any, **_: Any) -> None:
        rendered.append(template.name)
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")

    with before_render_template.connected_to(save, world.tool.app):
        yield rendered


def test_no_page_that_refuses_is_made_while_others_wait_to_save(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    administrator = visit(world, "admin", **ADMINISTRATOR_ONLY)
    walk.to("respond")
    idea = str(walk.ids()[0])
    answers: list[tuple[int, int]] = []
    with _nobody_waits(world) as rendered:
        for status, page in (
            (422, fatima.post(f"{STEP}/consent", answer="agree")),
            (422, fatima.post(f"{STEP}/respond", idea=idea, text="")),
            (422, fatima.post(f"{STEP}/respond", idea="999", text="x")),
            (422, walk.wout.post(f"{STEP}/facilitate/announce", date="x")),
            (403, fatima.post(f"{STEP}/facilitate/advance", stage="respond")),
            (403, administrator.post(f"{STEP}/idea", text="x", why="x")),
            (404, fatima.post("step/nothing/idea", text="x")),
            (404, fatima.post(f"{STEP}/nothing", text="x")),
            (401, Browser(world.tool).post(f"{fatima.base}draft", {"text": "x"})),
            (401, walk["marieke"].browser.post(f"{fatima.base}draft", {"text": "x"})),
            (403, fatima.browser.post(f"{fatima.base}draft", {"text": "x"}, site="cross-site")),
            (401, fatima.browser.post("/lti/launch", {"state": "x", "id_token": "x"})),
            (401, fatima.browser.post("/lti/window", {"code": "x"})),
        ):
            answers.append((status, page.status))
    assert all(wanted == got for wanted, got in answers), answers
    assert len(rendered) >= len(answers)


def test_who_is_refused_or_only_read_needs_no_lock(world: World) -> None:
    """Somebody saves for as long as this takes; whoever needed the lock would wait a quarter of a minute, and fail."""
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    form = world.lms.platform.initiate_login(world.person("fatima").id, world.activity("ambition"))
    path = world.tool.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert fatima.get(STEP).status == 200
        assert send(fatima.browser, fatima.base + "draft", FORM + 1).status == 413
        assert Browser(world.tool).post(f"{fatima.base}draft", {"text": "x"}).status == 401
        assert walk["marieke"].browser.post(f"{fatima.base}draft", {"text": "x"}).status == 401
        assert fatima.post(f"{STEP}/facilitate/advance", stage="ideas").status == 403
        assert fatima.browser.post(f"{fatima.base}draft", {"text": "x"}, site="cross-site").status == 403
        assert re.match("40[14]", str(fatima.browser.post("/lti/confirm", {"code": "x"}).status))
        assert fatima.browser.login(form).status == 302
        other.execute("ROLLBACK")
