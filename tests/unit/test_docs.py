"""The documentation names everything an administrator may meet, and nothing that is not there.

In the spirit of Datasette's tests/test_docs.py: what is added to the code without a word in docs/
or README.md fails here.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lti_tool.cli import main
from lti_tool.domain import outbox
from lti_tool.domain.community.access import Audience
from lti_tool.domain.reading.things import RULES, Form, Rule, Thing, Until
from lti_tool.lti.register import CUSTOM
from lti_tool.models.outbox import ScoreState

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [*DOCS, ROOT / "README.md"]
ALL = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

page_by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def source(folder: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).glob("*.py")))


def commands(
    group: click.Group = main, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield (*before, name), command
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


COMMANDS = dict(commands())


def settings() -> set[str]:
    read = (ROOT / "lti_tool" / "config.py").read_text(encoding="utf-8")
    return {f"LEERKRING_{name}" for name in re.findall(r'env\.\w+\("([A-Z_]+)"', read)}


# What the code has, the pages name


def test_there_are_settings_commands_and_pages_to_look_at() -> None:
    assert len(settings()) >= 9
    assert ("platform", "add") in COMMANDS
    assert len(DOCS) >= 8


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_is_in_the_table_of_settings(name: str) -> None:
    assert f"| `{name}` |" in text("operate.md")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"LEERKRING_[A-Z_]+", ALL))))
def test_every_setting_named_is_read_by_somebody(name: str) -> None:
    assert name in settings() or name.startswith("LEERKRING_TEST_")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_named(path: tuple[str, ...]) -> None:
    said = " ".join(path)
    # README shortens: `leerkring platform list|add|show|approve`.
    alternatives = rf"(?:leerkring|\./run) {re.escape(path[0])} (?:[a-z]+\|)*{re.escape(path[-1])}\b"
    assert re.search(rf"(?:leerkring|\./run) {re.escape(said)}\b", ALL) or re.search(alternatives, ALL)


@pytest.mark.parametrize("kind", sorted(outbox.Kind))
def test_every_kind_of_delivery_is_explained(kind: str) -> None:
    assert f"| `{kind}` |" in text("operate.md")


@pytest.mark.parametrize("state", sorted(ScoreState))
def test_every_state_of_a_score_is_explained(state: str) -> None:
    assert f"| `{state}` |" in text("operate.md")


@pytest.mark.parametrize("code", sorted(set(re.findall(r'LaunchRefused\("([a-z_]+)"[,)]', source("lti_tool/lti")))))
def test_every_reason_for_refusing_a_launch_is_explained(code: str) -> None:
    assert f"`{code}`" in text("connect-moodle.md")


@pytest.mark.parametrize("code", sorted(set(re.findall(r'OutboundError\("([a-z_]+)"[,)]', source("lti_tool/lti")))))
def test_every_reason_of_a_failed_call_is_explained(code: str) -> None:
    assert re.search(rf"`{code}(_\d+)?`", text("connect-moodle.md") + text("operate.md"))


def logged() -> set[str]:
    everything = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "lti_tool").rglob("*.py")
        if "demo" not in path.relative_to(ROOT).parts
    )
    return set(re.findall(r'\blog\.(?:info|warning|error)\(\s*"([a-z_]+)"', everything))


@pytest.mark.parametrize("event", sorted(logged()))
def test_every_event_in_the_log_is_explained(event: str) -> None:
    assert re.search(rf"^\|[^|]*`{event}`", text("operate.md"), re.MULTILINE)


@pytest.mark.parametrize(("name", "variable"), CUSTOM.items())
def test_every_custom_parameter_is_there_to_copy(name: str, variable: str) -> None:
    assert f"\n{name}={variable}\n" in text("connect-moodle.md")


def marks(rule: Rule, audience: Audience) -> str:
    """What may begin the cell of an audience, as a pattern."""
    if audience not in rule.readers:
        own = rule.until == Until.ALWAYS and audience != Audience.LEADER
        return r"○|alleen |only |your own only" if own else "○"
    if rule.form != Form.PIECES:
        return "Σ"
    return "●" if rule.until == Until.AT_ONCE else "●|Σ"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("thing", Thing)
def test_who_sees_what_says_what_the_page_says_and_what_the_table_says(thing: Thing, language: str) -> None:
    rule = RULES[thing]
    columns = (Audience.MEMBER, Audience.FACILITATOR, Audience.LEADER)
    rows = [line.strip("| ").split(" | ") for line in text("who-sees-what.md").splitlines() if line.startswith("| ")]
    said = [row for row in rows if len(row) == 6 and row[1] == rule.words.of(language)]
    assert said
    fits = [
        all(re.match(marks(rule, each), cell) for each, cell in zip(columns, row[2:5], strict=True)) for row in said
    ]
    assert any(fits), said
    assert all(row[5] == "○" for row in said)


def test_every_line_of_who_sees_what_is_in_the_table_but_the_one_that_the_lms_decides() -> None:
    words = {rule.words.of(language) for rule in RULES.values() for language in ("nl", "en")}
    rows = [line.strip("| ").split(" | ") for line in text("who-sees-what.md").splitlines() if line.startswith("| ")]
    lines = [row for row in rows if len(row) == 6 and row[1] not in ('"Wie ziet dit?"', '"Who sees this?"', "---")]
    assert len(lines) > 2 * len(Thing) - 10
    assert {row[0] for row in lines if row[1] not in words} == {
        "de kolommen in het cijferoverzicht",
        "the columns in the gradebook",
    }


@pytest.mark.parametrize("page", sorted(page.name for page in DOCS if page.name != "README.md"))
def test_every_page_is_in_the_index_once(page: str) -> None:
    assert text("README.md").count(f"\n| [{page}]({page}) |") == 1


# What the pages name, the code has


def said_commands(page: Path) -> set[tuple[str, ...]]:
    """Commands as words: from `code` and from code blocks, lines that go on put together."""
    whole = page.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", whole, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", whole, flags=re.MULTILINE | re.DOTALL))
    found = set()
    for each in [*lines, *spans]:
        for command in re.findall(r"(?:^|/|&& |sudo )(?:leerkring|\./run) ([a-z][^`;&#]*)", each):
            found.add(tuple(shlex.split(command, posix=False)))
    return found


@page_by_page
def test_every_command_said_exists_with_its_options(page: Path) -> None:
    for words in said_commands(page):
        if words[0] in ("demo", "test", "bench", "with"):
            continue  # run's own
        path = next((path for path in COMMANDS if path == words[: len(path)]), None)
        if path is None and len(words) > 1 and "|" in words[1]:
            for name in words[1].split("|"):
                assert (words[0], name) in COMMANDS, f"{page.name}: {' '.join(words)}"
            continue
        assert path is not None, f"{page.name}: {' '.join(words)}"
        known = {option for parameter in COMMANDS[path].params for option in parameter.opts} | {"--help"}
        said = {word for word in words if word.startswith("--")}
        assert said <= known, f"{page.name}: {said - known} of {' '.join(path)}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@page_by_page
def test_links_between_pages_resolve(page: Path) -> None:
    for target in re.findall(r"(?<!!)\[[^]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        assert there.is_file(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(there), f"{page.name}: {target}"
