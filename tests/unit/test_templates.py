"""Templates ask for nothing that their page does not have: also in a branch that no other test shows."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from lti_tool import create_app
from lti_tool.circle import Here
from lti_tool.circle.home import Home
from lti_tool.circle.hours.accounts import AccountsPage
from lti_tool.circle.hours.holders import HoldersPage
from lti_tool.circle.hours.paper import PaperPage
from lti_tool.circle.hours.sessions import Letters, Sessions
from lti_tool.circle.hours.sitting import SessionPage
from lti_tool.circle.noting import Noting
from lti_tool.circle.step import StepPage
from lti_tool.circle.thread import ThreadPage
from lti_tool.circle.together.beamer import Screen
from lti_tool.circle.together.conduct import Conduct
from lti_tool.circle.together.following import Told
from lti_tool.circle.together.start import Proposal
from lti_tool.circle.together.taken import Taken
from lti_tool.config import Settings
from lti_tool.domain.cycle import Turn
from lti_tool.steps import ambition, consequences, evaluation, interpretation, load
from lti_tool.steps.base import Registry, Step, Task
from tests.templates import Reader

HOME = Path(__file__).parents[2]
STEPS = load()
ALL = [*STEPS, *STEPS.sides]


@pytest.fixture(scope="module")
def env(keys_dir: Path) -> Environment:
    """The application's templates, with all that it gives every one of them."""
    settings = Settings(database_url="sqlite://", keys_dir=keys_dir, allow_private_hosts=True, secret_key="s" * 40)
    return create_app(settings).jinja_env


TOGETHER = {
    "note": Noting, "start": Proposal, "beamer": Screen, "conduct": Conduct, "told": Told, "taken": Taken,
}  # fmt: skip
SESSIONS = {
    "sessions": Sessions, "session": SessionPage, "letters": Letters, "paper": PaperPage, "holders": HoldersPage,
    "accounts": AccountsPage,
}  # fmt: skip

Gone = frozenset[tuple[type, str]]


def given(page: type, gone: Gone, **more: Any) -> Mapping[str, Any]:
    """What a page's template is given: see circle.show."""
    names = {name: hint for name, hint in get_type_hints(page).items() if (page, name) not in gone}
    return {"here": Here, "steps": Registry, **names, **{name: more[name] for name in more if (page, name) not in gone}}


def shown_by(step: Step, method: str) -> Any:
    """What a step's own method says that it returns."""
    return get_type_hints(getattr(type(step), method))["return"]


def read(env: Environment, gone: Gone = frozenset()) -> Reader:
    """Every page that has typed data."""
    reader = Reader(env, gone)
    for step in ALL:
        reader.read(step.template, given(StepPage, gone, shown=shown_by(step, "summary")))
    for step in ALL:
        if step.leader_deeds:
            more = {"its": Step, "turn": Turn, "shown": shown_by(step, "for_leader"), "m": Any}
            reader.read(f"steps/{step.name}_leader.html", given(Home, gone, **more))
    reader.read("home.html", given(Home, gone))
    for name, page in TOGETHER.items():
        reader.read(f"together/{name}.html", given(page, gone))
    for name, page in SESSIONS.items():
        reader.read(f"hours/{name}.html", given(page, gone))
    for template in ("thread.html", "thread_pdf.html"):
        reader.read(template, given(ThreadPage, gone, pdf=bool))
    return reader


def test_no_template_asks_for_what_its_page_does_not_have(env: Environment) -> None:
    assert read(env).problems == []


def test_no_other_template_asks_for_a_name_that_nobody_gives_it(env: Environment) -> None:
    """Of pages with a few values of their own: the names in the calls that render them."""
    given: dict[str, set[str]] = {}
    for template, names in rendered():
        given.setdefault(template, set()).update(names)
    assert len(given) > 12
    reader = Reader(env)
    for template, names in given.items():
        reader.read(template, dict.fromkeys({"here", "self", "steps", *names}, Any))
    assert reader.problems == []


def rendered() -> Iterator[tuple[str, set[str]]]:
    """Each template that is rendered by its name, with the keywords that it is given."""
    for path in (HOME / "lti_tool").rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        for call in calls if "demo" not in path.parts else ():
            by, template = getattr(call.func, "id", ""), call.args[0] if call.args else None
            names = {each.arg for each in call.keywords}
            if by in ("show", "render_template") and isinstance(template, ast.Constant) and None not in names:
                yield str(template.value), {name for name in names if name}


# On the page itself, in a macro, in a loop, in a filter, in what a call block hands to a macro, in a leader's part.
RENAMED = [
    (StepPage, "standing", "_standing.html"),
    (StepPage, "moments", "actions.html"),
    (Home, "mirror", "_mirror.html"),
    (Screen, "cards", "beamer.html"),
    (ambition.shown.Shown, "frames", "ambition.html"),
    (ambition.shown.Proposed, "whys", "ambition.html"),
    (ambition.shown.ForLeader, "frame", "ambition_leader.html"),
    (consequences.shown.ActionCard, "version", "consequences.html"),
    (interpretation.shown.Explanation, "beside", "interpretation.html"),
    (interpretation.shown.Point, "adopted", "interpretation.html"),
    (evaluation.shown.Verdict, "source_ids", "evaluation.html"),
    (evaluation.standing.Word, "missing", "evaluation.html"),
    (Task, "minutes", "_macros.html"),
]


def test_a_field_that_is_renamed_is_found_wherever_it_stands(env: Environment) -> None:
    problems = read(env, frozenset((of, name) for of, name, _ in RENAMED)).problems
    for of, name, where in RENAMED:
        words = f"nothing gives {name}" if of in (StepPage, Home, Screen) else f"{of.__name__} has no {name}"
        assert any(f"{where}:" in each and words in each for each in problems), (of, name)


def test_what_a_step_shows_is_shown(env: Environment) -> None:
    """A field that no template asks for is no part of the page, and might one day be what nobody should read."""
    asked, declared = read(env).asked, set[tuple[type, str]]()
    for step in ALL:
        for method in ("summary", "for_leader"):
            _declare(shown_by(step, method), declared)
    assert len(declared) > 200
    assert {f"{of.__module__}.{of.__name__}.{name}" for of, name in declared - asked} == set()


# What code reads too: home asks who waits, and restating is what its own rules are about.
READ_BY_CODE = ("lti_tool.steps.base", "lti_tool.steps.ambition.restating")


def _declare(hint: Any, declared: set[tuple[type, str]]) -> None:
    """The fields of what steps show, and of what is in them."""
    for each in get_args(hint):
        _declare(each, declared)
    if not (is_dataclass(hint) and isinstance(hint, type) and hint.__module__.startswith("lti_tool.steps.")):
        return
    if hint.__module__ not in READ_BY_CODE:
        for name in hint.__annotations__:
            if (hint, name) not in declared:
                declared.add((hint, name))
                _declare(get_type_hints(hint)[name], declared)


def test_a_name_that_no_page_was_given_is_refused_and_not_left_empty(env: Environment) -> None:
    assert env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        env.overlay(loader=DictLoader({"it.html": "{{ nobody }}"})).get_template("it.html").render()
