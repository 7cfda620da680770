"""Every word is there in both languages, side by side."""

import ast
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from jinja2 import Environment, nodes

import lti_tool
from lti_tool import i18n
from lti_tool.config import Settings
from lti_tool.i18n import LANGUAGES
from lti_tool.lti.claims import read_locale
from lti_tool.text import Text

HOME = Path(lti_tool.__file__).parents[1]
# The small LMS speaks for itself.
CODE = [path for path in sorted((HOME / "lti_tool").rglob("*.py")) if "demo" not in path.parts]
PAGES = sorted((HOME / "templates").rglob("*.html"))


def _in_templates() -> Iterator[tuple[str, str, str]]:
    for path in PAGES:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name not in ("_", "plural"):
                continue
            where = f"{path.relative_to(HOME)}:{call.lineno}"
            said = [each.as_const() for each in call.args[-2:]]
            pairs = [tuple(said)] if call.node.name == "_" else list(zip(*said, strict=True))
            assert len(call.args) == (2 if call.node.name == "_" else 3), where
            for nl, en in pairs:
                yield where, nl, en


def _literal(node: ast.expr) -> str | None:
    """The words of a literal; of an f-string those that stand in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _in_code() -> Iterator[tuple[str, str, str]]:
    for path in CODE:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
            if not isinstance(call, ast.Call) or name not in ("_", "say", "Text") or len(call.args) != 2:
                continue
            nl, en = (_literal(each) for each in call.args)
            if nl is not None and en is not None:
                yield f"{path.relative_to(HOME)}:{call.lineno}", nl, en


# Names, and attributes whose tag is written in two pieces.
NAMES = {"Leerkring", "aria", "invalid", "describedby", "true"}


@cache
def _said() -> list[tuple[str, str, str]]:
    """All of them. Read by who asks, not by every worker that collects."""
    return [*_in_templates(), *_in_code()]


def test_the_words_are_found() -> None:
    assert len(_said()) > 1200


def test_every_word_is_there_in_both_languages() -> None:
    assert [each for each in _said() if bool(each[1].strip()) != bool(each[2].strip())] == []


def test_both_languages_fill_in_the_same() -> None:
    def places(said: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s|\{\w*\}", said))

    assert [each for each in _said() if places(each[1]) - {"%(num)s"} != places(each[2]) - {"%(num)s"}] == []


def test_no_template_says_words_in_one_language_only() -> None:
    loose = []
    for path in PAGES:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        text = " ".join(node.data for node in tree.find_all(nodes.TemplateData))
        seen = re.sub(r"<style.*?</style>|<[^<>]*>|<[^<>]*$|&\w+;", " ", text, flags=re.DOTALL)
        loose += re.findall(r"[A-Za-zÀ-ÿ]{4,}", seen)
    assert set(loose) - NAMES == set()


def test_a_text_speaks_dutch_unless_english_is_asked() -> None:
    said = Text("ja", "yes")
    assert [said.of(locale) for locale in ("nl", "nl_BE", "en", "en_GB", "de", "")] == [
        *("ja", "ja", "yes", "yes", "ja", "ja"),
    ]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("nl", "nl"), ("nl_NL", "nl"), ("nl-BE", "nl"), ("NL", "nl"), ("nl_NL.UTF-8", "nl"), ("fy-NL", "nl"),
        ("en-US", "en"), ("en_us", "en"), ("pt_br", "en"), ("de", "en"), ("x", "en"), ("nld", "en"),
        ("", ""), (None, ""), ("_", ""), ("-", ""),
    ],
)  # fmt: skip
def test_a_launch_s_locale_becomes_a_language_spoken_here(said: str | None, language: str) -> None:
    assert read_locale(said) == language
    assert language in (*LANGUAGES, "")


def test_a_language_is_chosen_for_one_request() -> None:
    app = Flask("words")
    i18n.init_app(app, Settings())
    app.add_url_rule("/choose/<locale>", "choose", lambda locale: i18n.use(locale) or i18n.choose_locale())
    app.add_url_rule("/", "page", i18n.choose_locale)
    browser = app.test_client()
    for chosen, spoken in (("en", "nl"), ("nl", "en")):
        assert browser.get(f"/choose/{chosen}").text == chosen
        assert browser.get("/", headers={"Accept-Language": spoken}).text == spoken


@pytest.mark.parametrize(
    ("today", "day", "said"),
    [
        ("2026-11-29", "2026-12-07", "maandag 7 december"),
        ("2026-11-29", "2027-01-11", "maandag 11 januari 2027"),
        ("2026-01-05", "2026-10-30", "vrijdag 30 oktober"),
        ("2026-01-05", "2026-12-07", "maandag 7 december 2026"),
        ("2027-01-04", "2026-12-07", "maandag 7 december 2026"),
        # Already the next year at school, and not in UTC.
        ("2026-12-31T23:30", "2027-01-11", "maandag 11 januari"),
    ],
)
def test_a_day_of_another_year_or_far_off_is_said_with_its_year(today: str, day: str, said: str) -> None:
    app = Flask(__name__)
    i18n.init_app(app, Settings(time_zone="Europe/Amsterdam"))
    moment = dt.datetime.fromisoformat(day).replace(hour=12, tzinfo=dt.UTC)
    filters = app.jinja_env.filters
    with (
        app.test_request_context(),
        time_machine.travel(
            dt.datetime.fromisoformat(today + "+00:00" if "T" in today else today + "T10:00+00:00"), tick=False
        ),
    ):
        i18n.use("nl")
        assert filters["weekday"](moment) == i18n.in_words(moment.date()) == said
        assert filters["coming"](moment.date()) == said.replace("maandag", "ma").replace("vrijdag", "vr")
        assert filters["last_day"](moment.replace(hour=23)) == filters["coming"](moment.date())
        assert filters["day"](moment) == said.partition(" ")[2]
        assert filters["when"](moment).startswith(said.partition(" ")[2])
