"""Everything that is refused is said: by its code, in one table, with what the refusal carries filled in."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

import lti_tool
from lti_tool import i18n
from lti_tool.administration.year_words import WHYS
from lti_tool.circle import messages
from lti_tool.circle.messages import SENTENCES
from lti_tool.config import Settings
from lti_tool.domain import Refused
from lti_tool.steps import load
from lti_tool.text import Counted, Text

HOME = Path(lti_tool.__file__).parent
STEPS = load()

# Only code that has a bug meets this: no page shows it.
NEVER_SHOWN = {"tally_hidden"}
# Nobody is refused this: a page says it of what the worker could not do.
OF_THE_WORKER = {"provision_failed"}


# Where forms say what they lack.
WITH_FORMS = ("administration/", "forms.py", "agreements.py", "conditions.py", "pulse.py", "steps/sharing.py")


class Said(NamedTuple):
    """A code as it is given: where, and with what to fill in."""

    code: str
    where: str
    values: frozenset[str]


def _codes(given: ast.expr, path: Path) -> list[str]:
    """What a refusal's first argument can be: a code, one of two, or any of a table of the module."""
    if isinstance(given, ast.Constant):
        return [str(given.value)]
    if isinstance(given, ast.IfExp):
        return [*_codes(given.body, path), *_codes(given.orelse, path)]
    assert isinstance(given, ast.Subscript), f"{path.name}:{given.lineno}: nobody can tell which codes these are"
    named = ".".join(path.relative_to(HOME.parent).with_suffix("").parts).removesuffix(".__init__")
    found: object = importlib.import_module(named)
    for name in ast.unparse(given.value).split("."):
        found = getattr(found, name)
    assert isinstance(found, dict)
    return list(found.values())


def _literals(node: ast.AST) -> Iterator[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _of_forms(node: ast.AST) -> Iterator[str]:
    """The codes of what a form lacks, by the ways in which forms say it."""
    if isinstance(node, ast.keyword) and node.arg == "error":
        yield from _literals(node.value)
    if isinstance(node, ast.keyword) and node.arg == "error_messages" and isinstance(node.value, ast.Dict):
        for each in node.value.values:
            yield from _literals(each)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("which", "some", "one_of", "number", "Day"):
        yield from (each.value for each in node.args if isinstance(each, ast.Constant))
    if isinstance(node, ast.FunctionDef) and node.name in ("which", "some", "one_of"):
        yield from (each for default in node.args.defaults for each in _literals(default))
    if isinstance(node, ast.List) and len(node.elts) == 1:
        yield from (each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _all() -> Iterator[Said]:
    for path in sorted(HOME.rglob("*.py")):
        where = str(path.relative_to(HOME))
        if path == Path(messages.__file__) or where.startswith("demo"):
            continue
        forms = any(
            word in where
            for word in (
                "administration/",
                "forms.py",
                "agreements.py",
                "conditions.py",
                "pulse.py",
                "steps/sharing.py",
            )
        )
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                values = frozenset(str(each.arg) for each in node.keywords)
                assert len(node.args) == 1, f"{where}:{node.lineno}: words do not travel with a refusal"
                yield from (Said(code, where, values) for code in _codes(node.args[0], path))
            elif forms:
                yield from (Said(code, where, frozenset()) for code in _of_forms(node))


@cache
def _given() -> list[Said]:
    """All of them, once each. Read by who asks, not by every worker that collects."""
    return sorted(set(_all()), key=lambda said: (said.code, said.where, sorted(said.values)))


def _places(words: Text | Counted) -> set[str]:
    texts = [words.one, words.many] if isinstance(words, Counted) else [words]
    return {name for text in texts for said in (text.nl, text.en) for name in re.findall(r"%\((\w+)\)s", said)}


def test_the_refusals_are_found() -> None:
    assert len({said.code for said in _given()}) > 130


def test_whatever_is_refused_has_a_sentence() -> None:
    known = NEVER_SHOWN | STEPS.sentences.keys() | SENTENCES.keys() | WHYS.keys()
    assert [each for each in _given() if each.code not in known] == []


def test_a_sentence_has_places_for_what_is_carried() -> None:
    sentences = {**WHYS, **SENTENCES, **STEPS.sentences}
    shown = [each for each in _given() if each.code not in NEVER_SHOWN]
    assert [each for each in shown if _places(sentences[each.code]) != each.values] == []


def test_no_sentence_is_left_over() -> None:
    given = {said.code for said in _given()}
    assert SENTENCES.keys() - given == OF_THE_WORKER
    for step in STEPS.by_name.values():
        near = ("domain/", "steps/forms.py", f"steps/{step.name}")
        mine = {said.code for said in _given() if said.where.startswith(near)}
        assert step.sentences.keys() - mine == set(), step.name


def test_a_code_has_one_sentence() -> None:
    assert STEPS.sentences.keys() & SENTENCES.keys() == set()


@pytest.mark.parametrize(
    ("refused", "language", "words"),
    [
        (Refused("actions_open", count=1), "nl", "Eén actie is nog niet afgerond. Wie hem deed, rondt hem af. Na de aangekondigde dag kan iedereen dat."),  # noqa: E501
        (Refused("actions_open", count=3), "en", "3 actions have not been ended yet. Whoever did them ends them. After the announced day anybody can."),  # noqa: E501
        (Refused("no_rival", count=2), "nl",
         "2 waarnemingen hebben alleen nog verklaringen van één collega. Laat een ander er bij elk een verklaring bij "
         "geven."),
        (Refused("no_rival", count=1), "en",
         "One observation has explanations from one person only. Let a colleague add another."),
        (Refused("not_owned", which=["Elke les een vraag", "100%"]), "nl",
         "Niemand doet dit nog: “Elke les een vraag”, “100%”."),
        (Refused("text_incomplete", lacking=[Text("wie", "who"), Text("wat", "what")]), "en",
         "Still to fill in: who, what."),
    ],
)  # fmt: skip
def test_what_a_refusal_carries_is_said_in_the_page_s_language(
    refused: Refused, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "parts", lambda: type("Parts", (), {"steps": STEPS}))
    app = Flask(__name__)
    i18n.init_app(app, Settings())
    with app.test_request_context(), i18n.speaking(language):
        assert messages.sentence(refused) == words
