"""Visitors who use the demo without a person: what the self-check asks of one, and one without a browser."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT = 10  # seconds for one answer
HOPS = 12  # redirects, frames and forms that post themselves, from one click on


class VisitError(Exception):
    """What a visitor did not find, or what came instead."""


class Visitor(Protocol):
    """One person at a browser of their own, who looks at what stands in the LMS's frame."""

    def open(self, url: str) -> None:
        """Open a page of the LMS, and whatever that leads to in its frame."""

    def follow(self, ending: str) -> None:
        """Follow the first link whose address ends so."""

    def controls(self, action: str) -> list[tuple[str, str]]:
        """Name and value of every control in the first form whose action ends so."""

    def submit(self, action: str, fields: Mapping[str, str]) -> None:
        """Fill in the first form whose action ends so, and send it."""

    def text(self) -> str:
        """All text of the page, white space folded."""


Meet = Callable[[], Visitor]
"""Makes a visitor with a browser that nobody used before."""


@dataclass
class _Control:
    name: str
    value: str
    kind: str
    on: bool


@dataclass
class _Form:
    action: str
    posts_itself: bool
    controls: list[_Control] = field(default_factory=list)


class _Page(HTMLParser):
    """The forms, links, frame and text of a page."""

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[_Form] = []
        self.links: list[str] = []
        self.frame: str | None = None
        self.words: list[str] = []
        self._typing: _Control | None = None
        self._choosing: _Control | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(urljoin(self.url, given.get("action", "")), "data-submit" in given))
        elif tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "iframe":
            self.frame = urljoin(self.url, given.get("src", ""))
        elif tag in ("input", "textarea", "select") and self.forms and given.get("name"):
            kind = given.get("type", "text") if tag == "input" else tag
            control = _Control(
                given["name"], given.get("value", ""), kind, kind not in ("radio", "checkbox") or "checked" in given
            )
            self.forms[-1].controls.append(control)
            self._typing = control if tag == "textarea" else None
            self._choosing = control if tag == "select" else None
        elif tag == "option" and self._choosing and ("selected" in given or not self._choosing.value):
            self._choosing.value = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._typing = None
        elif tag == "select":
            self._choosing = None

    def handle_data(self, data: str) -> None:
        if self._typing:
            self._typing.value += data
        self.words += data.split()

    def form(self, action: str) -> _Form:
        for form in self.forms:
            if urlsplit(form.action).path.endswith(action):
                return form
        raise VisitError(f"no form {action} on {self.url}, which says: {' '.join(self.words)[:300]}")


class HttpVisitor:
    """Follows links and sends forms as a browser does. Keeps cookies itself: those of the tool are
    Secure, which browsers send to localhost over http too and `requests` does not."""

    def __init__(self) -> None:
        self._cookies: dict[str, dict[str, str]] = {}
        self._page = _Page("", "")

    def open(self, url: str) -> None:
        self._go("GET", url)

    def follow(self, ending: str) -> None:
        link = next((link for link in self._page.links if urlsplit(link).path.endswith(ending)), None)
        if link is None:
            raise VisitError(f"no link {ending} on {self._page.url}")
        self._go("GET", link)

    def controls(self, action: str) -> list[tuple[str, str]]:
        return [(control.name, control.value) for control in self._page.form(action).controls]

    def submit(self, action: str, fields: Mapping[str, str]) -> None:
        form = self._page.form(action)
        unknown = set(fields) - {control.name for control in form.controls}
        if unknown:
            raise VisitError(f"the form {action} has no field {', '.join(sorted(unknown))}")
        own = [(c.name, c.value) for c in form.controls if c.on and c.name not in fields]
        self._go("POST", form.action, [*own, *fields.items()])

    def text(self) -> str:
        return " ".join(self._page.words)

    def _go(self, method: str, url: str, data: Sequence[tuple[str, str]] = ()) -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self._page.url or url))
        for _ in range(HOPS):
            answer = self._ask(method, url, data, origin)
            if answer.status_code in (302, 303):
                method, url, data = "GET", urljoin(url, answer.headers["Location"]), ()
                continue
            self._page = page = _Page(url, answer.text)
            if answer.status_code >= 400:
                raise VisitError(
                    f"{method} {urlsplit(url).path} was answered {answer.status_code}: {self.text()[:300]}"
                )
            auto = next((form for form in page.forms if form.posts_itself), None)
            if auto:
                origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
                method, url, data = "POST", auto.action, [(c.name, c.value) for c in auto.controls if c.on]
            elif page.frame:
                method, url, data = "GET", page.frame, ()
            else:
                return
        raise VisitError(f"{url} led in a circle")

    def _ask(self, method: str, url: str, data: Sequence[tuple[str, str]], origin: str) -> requests.Response:
        jar = self._cookies.setdefault(urlsplit(url).hostname or "", {})
        headers = {"Accept-Language": "nl"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if method == "POST":
            headers["Origin"] = origin
        answer = requests.request(method, url, data=list(data), headers=headers, timeout=TIMEOUT, allow_redirects=False)
        # Not http.cookies: it knows no Partitioned.
        for line in answer.raw.headers.getlist("Set-Cookie"):
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            if "max-age=0" in (attribute.lower() for attribute in attributes):
                jar.pop(name, None)
            else:
                jar[name] = value
        return answer
