"""A demo's community where somebody wants to look: brought there beneath its pages, as tests/web does, or by people
without a browser."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from lti_tool.db import _prepare
from lti_tool.demo.past import HOME
from lti_tool.demo.visitors import VisitError
from tests.browser.actors import Caller, DemoCommand, Person
from tests.web.circle import Circle, fill

ADMINISTRATOR = """INSERT INTO administrator (school_id, person_id, power, named_at)
  SELECT 1, id, 'administrator', datetime('now') FROM person WHERE sub = ?"""


@contextmanager
def brought(demo: DemoCommand, stage: str, step: str = "ambition") -> Iterator[Circle]:
    """The only community there is, whose members did what each stage up to this one asks; committed at the end."""
    engine = create_engine(f"sqlite:///{demo.state / 'leerkring.db'}", hide_parameters=True)
    _prepare(engine)
    try:
        with Session(engine) as session, session.begin():
            yield fill(session, 0, stage, step)
    finally:
        engine.dispose()


class Callers:
    """People without a browser, at the step that they ask for; who came once finds the way there."""

    def __init__(self, demo: DemoCommand) -> None:
        self.demo = demo
        self._known: dict[str, Caller] = {}

    def __call__(self, name: str, step: str) -> Caller:
        place = "/home" if step == HOME else f"/step/{step}"
        if name in self._known:
            with suppress(VisitError):
                self._known[name].follow(place)
                return self._known[name]
        caller = self._known.setdefault(name, Caller(self.demo, name))
        caller.launch(HOME)
        if step != HOME:
            caller.follow(place)
        return caller


def administers(demo: DemoCommand, username: str) -> None:
    """Somebody who opened the tool before administers the school."""
    demo.arrange(ADMINISTRATOR, demo.person(username))


def anew(person: Person) -> Person:
    """The page that somebody has before them, as it is now."""
    with person.leaving():
        person.place.evaluate("location.reload()")
    return person
