"""Visitors who use the demo without a person: what the self-check asks of one, and one without a browser."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT = 60  # seconds for one answer, of a machine that may be busy
HOPS = 12  # redirects, frames and forms that post themselves, from one click on


class VisitError(Exception):
    """What a visitor did not find, or what came instead."""


Fields = Mapping[str, str | Sequence[str]]
"""What to fill in: name -> text or value, or all the values to tick."""


NOTHING: Mapping[str, str] = {}


class Visitor(Protocol):
    """One person at a browser of their own, who looks at what stands in the LMS's frame."""

    def open(self, url: str) -> None:
        """Open a page of the LMS, and whatever that leads to in its frame."""

    def follow(self, ending: str) -> None:
        """Follow the first link whose address ends so."""

    def controls(self, action: str) -> list[tuple[str, str]]:
        """Name and value of every control in the first form whose action ends so."""

    def has(self, action: str) -> bool:
        """Whether the page has a form whose action ends so."""

    def choices(self, action: str, name: str) -> list[tuple[str, str]]:
        """Of a control in all forms whose action ends so: every value there is to choose, and its words."""

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        """Fill in the first form whose action ends so, and which has these values, and send it."""

    def text(self) -> str:
        """All text of the page, white space folded."""


Meet = Callable[[str], Visitor]
"""Makes, for somebody of this user name, a visitor with a browser that nobody used before."""


def _values(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


@dataclass
class _Control:
    name: str
    value: str
    kind: str
    on: bool
    options: list[tuple[str, str]] = field(default_factory=list)  # value, words


@dataclass
class _Form:
    action: str
    posts_itself: bool
    controls: list[_Control] = field(default_factory=list)
    id: str = ""


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
        self._labelled: list[_Control] = []
        self._apart: list[tuple[str, _Control]] = []
        self.feed(html)
        self.close()
        # What stands elsewhere on the page and goes along with a form all the same.
        for owner, control in self._apart:
            for form in self.forms:
                if form.id == owner:
                    form.controls.append(control)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.url, given.get("action", ""))
            self.forms.append(_Form(action, "data-submit" in given, id=given.get("id", "")))
        elif tag == "button" and given.get("formaction") and self.forms:
            # The same form, sent elsewhere.
            self.forms.append(_Form(urljoin(self.url, given["formaction"]), False, self.forms[-1].controls))
        elif tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "iframe":
            self.frame = urljoin(self.url, given.get("src", ""))
        elif tag in ("input", "textarea", "select") and (self.forms or "form" in given) and given.get("name"):
            kind = given.get("type", "text") if tag == "input" else tag
            control = _Control(
                given["name"], given.get("value", ""), kind, kind not in ("radio", "checkbox") or "checked" in given
            )
            if given.get("form"):
                self._apart.append((given["form"], control))
            else:
                self.forms[-1].controls.append(control)
            self._typing = control if tag == "textarea" else None
            self._choosing = control if tag == "select" else None
            if tag == "input":
                control.options = [(control.value, "")]
                self._labelled = [control]
        elif tag == "option" and self._choosing:
            if "selected" in given or not self._choosing.options:
                self._choosing.value = given.get("value", "")
            self._choosing.options.append((given.get("value", ""), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._typing = None
        elif tag == "select":
            self._choosing = None
        elif tag == "label":
            self._labelled = []

    def handle_data(self, data: str) -> None:
        if self._typing:
            self._typing.value += data
        # What stands after a box, up to the end of its label, or in an option.
        for control in [self._choosing] if self._choosing else self._labelled:
            if control.options:
                value, words = control.options[-1]
                control.options[-1] = (value, f"{words} {data.strip()}".strip())
        self.words += data.split()

    def all(self, action: str) -> list[_Form]:
        return [form for form in self.forms if urlsplit(form.action).path.endswith(action)]

    def form(self, action: str, having: Mapping[str, str] = NOTHING) -> _Form:
        for form in self.all(action):
            if having.items() <= {control.name: control.value for control in form.controls}.items():
                return form
        raise VisitError(f"no form {action} on {self.url}, which says: {' '.join(self.words)[:300]}")


class HttpVisitor:
    """Follows links and sends forms as a browser does. Keeps cookies itself: those of the tool are
    Secure, which browsers send to localhost over http too and `requests` does not. Where a sent form leads
    to is fetched once somebody looks at it: mostly people go on to something else."""

    def __init__(self) -> None:
        self._cookies: dict[str, dict[str, str]] = {}
        self._seen = _Page("", "")
        self._ahead = ""

    def open(self, url: str) -> None:
        self._go("GET", url)

    @property
    def _page(self) -> _Page:
        if self._ahead:
            self._go("GET", self._ahead)
        return self._seen

    def follow(self, ending: str) -> None:
        if urlsplit(self._ahead).path.endswith(ending):
            self._go("GET", self._ahead)
            return
        link = next((link for link in self._page.links if urlsplit(link).path.endswith(ending)), None)
        if link is None:
            raise VisitError(f"no link {ending} on {self._page.url}")
        self._go("GET", link)

    def controls(self, action: str) -> list[tuple[str, str]]:
        return [(control.name, control.value) for control in self._page.form(action).controls]

    def has(self, action: str) -> bool:
        return bool(self._page.all(action))

    def choices(self, action: str, name: str) -> list[tuple[str, str]]:
        named = [c for form in self._page.all(action) for c in form.controls if c.name == name]
        return [option for control in named for option in control.options]

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        form = self._page.form(action, having)
        unknown = set(fields) - {control.name for control in form.controls}
        if unknown:
            raise VisitError(f"the form {action} has no field {', '.join(sorted(unknown))}")
        own = [(c.name, c.value) for c in form.controls if c.on and c.kind != "file" and c.name not in fields]
        filled = [(name, each) for name, value in fields.items() for each in _values(value)]
        self._go("POST", form.action, [*own, *filled], later=True)

    def text(self) -> str:
        return " ".join(self._page.words)

    def _go(self, method: str, url: str, data: Sequence[tuple[str, str]] = (), later: bool = False) -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self._seen.url or url))
        self._ahead = ""
        for _ in range(HOPS):
            answer = self._ask(method, url, data, origin)
            if answer.status_code in (302, 303):
                method, url, data = "GET", urljoin(url, answer.headers["Location"]), ()
                if later:
                    self._ahead = url
                    return
                continue
            self._seen = page = _Page(url, answer.text)
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
        # Uncompressed, and without asking this computer for passwords and proxies: it is all here.
        headers = {"Accept-Language": "nl", "Accept-Encoding": "identity"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if method == "POST":
            headers["Origin"] = origin
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, url, data=list(data), headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        # Not http.cookies: it knows no Partitioned.
        for line in answer.raw.headers.getlist("Set-Cookie"):
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            if "max-age=0" in (attribute.lower() for attribute in attributes):
                jar.pop(name, None)
            else:
                jar[name] = value
        return answer
