"""People who use the LMS and the tool, as browsers do: every request passes the tool's own checks."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from lti_tool import create_app
from lti_tool.config import Settings
from lti_tool.db import db
from lti_tool.delivery.handlers import all_handlers
from lti_tool.delivery.worker import Worker
from lti_tool.demo.lms import Lms
from lti_tool.demo.model import Activity
from lti_tool.demo.platform import FormPost
from lti_tool.domain.community import acts
from lti_tool.door.cookies import SESSION_COOKIE
from lti_tool.lti import register
from lti_tool.models import Community, Registration

COURSE = "PLG-PRO"
T = TypeVar("T")


class Compiled(BytecodeCache):
    """Every application of a process has the same templates: each is compiled once, which takes longer than a page."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


class Tool:
    """The application, reachable by an LMS on http://localhost:PORT."""

    def __init__(self, database_url: str, keys_dir: Path, **settings: Any) -> None:
        self.server = make_server("127.0.0.1", 0, Flask(__name__), threaded=True)
        self.url = f"http://localhost:{self.server.port}"
        extra = settings.pop("extra_steps", ())
        self.settings = Settings(
            base_url=self.url,
            database_url=database_url,
            keys_dir=keys_dir,
            allow_private_hosts=True,
            secret_key="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            **settings,
        )
        self.app = create_app(self.settings, extra_steps=extra)
        self.app.config["TESTING"] = True
        self.app.jinja_env.bytecode_cache = COMPILED
        self.server.app = self.app
        self.server.log = lambda *args: None  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        with self.app.app_context():
            db.engine.dispose()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A session of the tests' own, committed at the end: to look, and to arrange what no page can."""
        with self.app.app_context(), Session(db.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements executed meanwhile, BEGIN and COMMIT not among them."""
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def invite(self, platform: int | None = None) -> str:
        """A registration link; platform: the registration that may be changed with it."""
        with self.session() as session:
            known = session.get_one(Registration, platform) if platform is not None else None
            code = register.invite(session, self.app.extensions["leerkring"].sessions.hash, known)
        return f"{self.url}/lti/register?invite={code}"

    def worker(self) -> Worker:
        """A worker that is told when to work."""
        with self.app.app_context():
            return Worker(self.app, all_handlers(self.app.extensions["leerkring"]))

    def deliver(self) -> int:
        """Do all that is due now."""
        return self.worker().drain()


class Page:
    """What came back, and what one can do with it."""

    def __init__(self, browser: "Browser", response: TestResponse) -> None:
        self.browser = browser
        self.response = response
        self.status = response.status_code
        self.url = response.request.url
        # Not every page is a text: the thread can come as a PDF.
        self.html = response.get_data().decode(errors="replace")

    @cached_property
    def soup(self) -> BeautifulSoup:
        """Parsed when somebody looks: of thousands of answers only the status or the words matter."""
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        """The readable text, white space folded."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def reason(self) -> str:
        """Why a launch was refused, as logged."""
        return self.response.headers.get("X-Leerkring-Reason", "")

    def form(self, action: str, containing: str = "") -> "Form":
        """The first form whose action ends with `action` and whose HTML holds `containing`."""
        for found in self.soup.find_all("form"):
            if urlsplit(str(found.get("action"))).path.endswith(action) and containing in str(found):
                return Form(self, found)
        raise AssertionError(f"no form {action} on {self.url}: {self.text[:600]}")

    def has_form(self, action: str) -> bool:
        """Whether the page offers such a form."""
        return any(urlsplit(str(f.get("action"))).path.endswith(action) for f in self.soup.find_all("form"))

    def link(self, ending: str) -> "Page":
        """Follow the first link whose address ends so."""
        for found in self.soup.find_all("a"):
            if urlsplit(str(found.get("href"))).path.endswith(ending):
                return self.browser.get(urljoin(self.url, str(found["href"])))
        raise AssertionError(f"no link {ending} on {self.url}")


class Form:
    """A form as a browser would send it: what is filled in, checked and selected."""

    def __init__(self, page: Page, tag: Tag) -> None:
        self.page = page
        self.tag = tag
        self.action = urljoin(page.url, str(tag.get("action")))

    def values(self) -> list[tuple[str, str]]:
        """Name and value of each successful control; no button."""
        found = []
        for control in self.tag.find_all(["input", "textarea", "select"]):
            name, kind = control.get("name"), control.get("type", "text")
            if not name or (kind in ("radio", "checkbox") and not control.has_attr("checked")):
                continue
            if control.name == "textarea":
                found.append((str(name), control.get_text().removeprefix("\n")))
            elif control.name == "select":
                chosen = control.find("option", selected=True) or control.find("option")
                if isinstance(chosen, Tag):
                    found.append((str(name), str(chosen.get("value", chosen.get_text()))))
            else:
                found.append((str(name), str(control.get("value", "on"))))
        return found

    def option(self, name: str, words: str) -> str:
        """The value of the first option of a list that holds these words."""
        for found in self.tag.select(f"select[name={name}] option"):
            if words in found.get_text():
                return str(found["value"])
        raise AssertionError(f"no option {words} of {name}: {self.tag.get_text()[:600]}")

    def submit(self, **changes: str | list[str] | None) -> Page:
        """Post it with these values in place of its own (None: without); names with - are written __."""
        changes = {name.replace("__", "-"): value for name, value in changes.items()}
        data = [(name, value) for name, value in self.values() if name not in changes]
        for name, value in changes.items():
            for each in [value] if isinstance(value, str) else value or []:
                data.append((name, each))
        return self.page.browser.post(self.action, data)


class Browser:
    """One browser's cookie jar at the tool."""

    def __init__(self, tool: Tool, cookies: bool = True) -> None:
        self.tool = tool
        self.client: Client = tool.app.test_client(use_cookies=cookies)

    def sessions(self) -> dict[str, str]:
        """The session cookies it keeps: name -> value."""
        return {each.key: each.value for each in self.client._cookies.values() if each.key.startswith(SESSION_COOKIE)}

    def forget(self) -> None:
        """Lose them."""
        for name in self.sessions():
            self.client.delete_cookie(name, domain="localhost")

    def get(self, url: str, **headers: str) -> Page:
        """Open an address of the tool, following redirects."""
        return self._follow(self.client.get(self._path(url), base_url=self.tool.url, headers=headers))

    def post(self, url: str, data: Any, site: str = "same-origin", follow: bool = True, **headers: str) -> Page:
        """Post a form from one of the tool's own pages, or (site="cross-site") from the LMS's."""
        headers = {"Sec-Fetch-Site": site, **headers}
        pairs = data.items() if isinstance(data, dict) else data
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        response = self.client.post(self._path(url), base_url=self.tool.url, data=fields, headers=headers)
        return self._follow(response) if follow else Page(self, response)

    def _path(self, url: str) -> str:
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _follow(self, response: TestResponse) -> Page:
        for _ in range(5):
            location = response.headers.get("Location", "")
            # Away from the tool (to the LMS's authentication) only the caller goes.
            if (
                response.status_code not in (302, 303)
                or urlsplit(urljoin(self.tool.url, location)).netloc not in self.tool.url
            ):
                return Page(self, response)
            response = self.client.get(self._path(location), base_url=self.tool.url)
        raise AssertionError("redirected in a circle")

    def login(self, form: FormPost, method: str = "POST", **changes: str) -> Page:
        """Send the LMS's login initiation to the tool; the answer leads to the LMS."""
        fields = {**form.fields, **changes}
        if method == "GET":
            return Page(self, self.client.get(self._path(form.url), base_url=self.tool.url, query_string=fields))
        return self.post(form.url, fields, site="cross-site", follow=False)


def asked(page: Page) -> dict[str, str]:
    """The parameters of the authentication request that a login answered with."""
    location = page.response.headers.get("Location")
    if location is None:
        location = str(page.soup.find(id="storage")["data-url"])  # type: ignore[index]
    return dict(parse_qsl(urlsplit(location).query))


@dataclass
class Actor:
    """A person of the LMS, at one browser."""

    world: "World"
    person_id: str
    browser: Browser

    def launch(self, activity: Activity | str = "ambition", *, browser: Browser | None = None, **claims: Any) -> Page:
        """Open an activity (or the placement of a step) as the LMS would; claims change what it says."""
        activity = self.world.activity(activity) if isinstance(activity, str) else activity
        browser = browser or self.browser
        form = self.world.lms.platform.initiate_login(self.person_id, activity, **claims)
        answer = self.world.lms.platform.authenticate(asked(browser.login(form)))
        return browser.post(answer.url, answer.fields, site="cross-site")

    def select_content(self, course: str = COURSE, **claims: Any) -> Page:
        """Open the picker from the LMS."""
        world = self.world
        form = world.lms.platform.initiate_deep_linking(
            self.person_id, world.course(course).id, world.client_id, **claims
        )
        answer = world.lms.platform.authenticate(asked(self.browser.login(form)))
        return self.browser.post(answer.url, answer.fields, site="cross-site")


class World:
    """The tool, the LMS, and the people of its first course by user name."""

    def __init__(self, tool: Tool, lms: Lms) -> None:
        self.tool = tool
        self.lms = lms
        self.client_id = ""
        self._people: dict[str, Actor] = {}

    @classmethod
    def placed(cls, tool: Tool, lms: Lms) -> Self:
        """The tool registered at the LMS, and the whole cycle placed in the first course by its facilitator."""
        made = cls(tool, lms)
        made.register()
        made.place_cycle()
        return made

    def register(self) -> None:
        """Register the tool at the LMS, dynamically, and activate it."""
        self.client_id = self.lms.register_tool(self.tool.invite()).client_id

    def course(self, label: str = COURSE) -> Any:
        """A course of the LMS."""
        return next(course for course in self.lms.school.courses.values() if course.label == label)

    def person(self, username: str) -> Any:
        """An account of the LMS."""
        return next(person for person in self.lms.school.people.values() if person.username == username)

    def as_(self, username: str) -> Actor:
        """Somebody, always at the same browser: wout facilitates, fatima to ruben teach, els assists,
        mieke leads, admin administers."""
        if username not in self._people:
            self._people[username] = Actor(self, self.person(username).id, Browser(self.tool))
        return self._people[username]

    def activity(self, step: str, course: str = COURSE) -> Activity:
        """The placement of a step (or "home") in a course."""
        course_id = self.course(course).id
        return next(
            activity
            for activity in self.lms.school.activities.values()
            if activity.course_id == course_id and activity.custom.get("step", "home") == step
        )

    def place_cycle(
        self, username: str = "wout", course: str = COURSE, by_roster: bool = False, **choices: Any
    ) -> Page:
        """Place the whole cycle as its facilitator does; returns what the LMS's page said.

        by_roster: whether everybody belongs whom the roster of the course names, or else only who opens it.
        """
        page = self.as_(username).select_content(course)
        sent = page.form("/place").submit(**choices)
        form = sent.form("contentitem_return.php") if sent.has_form("contentitem_return.php") else None
        if form is None:
            form = Form(sent, sent.soup.find("form", attrs={"data-submit": True}))  # type: ignore[arg-type]
        self.return_items(form)
        if not by_roster:
            self.belong_by_opening()
        return sent

    def belong_by_opening(self) -> None:
        """Whoever opens it belongs, and nobody asks whether the others of the course do."""
        with self.tool.session() as session:
            for community in session.scalars(select(Community).where(Community.by_roster)):
                community.by_roster = False
                acts.note(session, community.id, acts.Kind.CIRCLE_BY_ROSTER, None, detail={"belongs": 0})

    def return_items(self, form: Form) -> Any:
        """Post a deep-linking answer to the LMS, as the browser does."""
        client = self.lms.app.test_client()
        parts = urlsplit(form.action)
        return client.post(
            f"{parts.path}?{parts.query}",
            data=dict(form.values()),
            base_url=self.lms.url,
            headers={"Origin": self.tool.url},
        )

    def once(self, make: Callable[..., None], *given: Any) -> None:
        """As make(world, *given) leaves it; where worlds are kept (tests/web), that is done once for all tests.

        Who was at a browser meanwhile has to open it again.
        """
        make(self, *given)

    def on_from_here(self, name: str, make: Callable[[], T]) -> T:
        """What make() gives, and leaves; where worlds are kept, that is done once for all who do it from the same
        moment, people's cookies and all."""
        return make()

    def begin(self, *members: str) -> None:
        """The facilitator (who does not take part) says so, and these people open step 1."""
        welcome = self.as_("wout").launch()
        welcome.form("/welcome").submit(choice="facilitate")
        for username in members:
            self.as_(username).launch()

    def move(self) -> Page:
        """The facilitator ends the present stage of step 1."""
        return self.as_("wout").launch().form("/advance").submit()
