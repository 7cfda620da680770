"""How many SQL statements a page takes: few, and as many for sixty people as for six. None of them writes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.web.circle import fill
from tests.web.walk import STAGES, STEP, Visit, picker, visit

MOST = 12
SMALL, LARGE = 6, 60

# who looks, at what
PAGES = [
    ("fatima", STEP),
    ("fatima", "home"),
    ("fatima", "step/information"),
    ("fatima", "community"),
    ("wout", STEP),
    ("wout", "home"),
    ("wout", "community"),
    ("wout", f"{STEP}/invitations"),
    ("mieke", "home"),
    ("els", "welcome"),
    ("picker", "place"),
]


@pytest.fixture(scope="module")
def worlds(
    _migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path
) -> Iterator[dict[int, tuple[World, dict[str, Visit]]]]:
    """Two communities, one ten times as large, which stand where `at` brings them."""
    folder = tmp_path_factory.mktemp("sizes")
    made = {}
    tools = []
    with Lms.start() as lms, Lms.start() as other:
        for people, platform in ((SMALL, lms), (LARGE, other)):
            shutil.copy(_migrated_sqlite, folder / f"{people}.db")
            tool = Tool(f"sqlite:///{folder}/{people}.db", keys_dir)
            tools.append(tool.__enter__())
            world = World(tool, platform)
            world.register()
            world.place_cycle()
            world.begin("fatima")
            visit(world, "mieke").post("welcome", choice="follow")
            visits = {name: visit(world, name) for name in ("fatima", "wout", "mieke", "els")}
            visits["picker"] = picker(world, "wout")
            made[people] = (world, visits)
        yield made
        for tool in tools:
            tool.__exit__()


def counts(world: World, visits: dict[str, Visit]) -> dict[tuple[str, str], int]:
    """Statements of each page, after one look that fills what is cached for the process."""
    found = {}
    for who, path in PAGES:
        visits[who].get(path)
        with world.tool.statements() as statements:
            page = visits[who].get(path)
        if path.endswith("invitations") and page.status == 404:
            continue
        assert page.status == 200, (who, path, page.status)
        written = [each for each in statements if not each.lstrip().upper().startswith("SELECT")]
        assert not written, (who, path)
        found[who, path] = len(statements)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_takes_few_statements_and_no_more_with_more_people(
    worlds: dict[int, tuple[World, dict[str, Visit]]], stage: str
) -> None:
    # In the order of the stages: each brings both communities one further.
    found = {}
    for people, (world, visits) in worlds.items():
        with world.tool.session() as session:
            fill(session, people - 1, stage)
        found[people] = counts(world, visits)
    assert found[SMALL] == found[LARGE]
    assert max(found[LARGE].values()) <= MOST, found[LARGE]


def test_what_is_posted_takes_as_many_statements_with_more_people(
    worlds: dict[int, tuple[World, dict[str, Visit]]],
) -> None:
    found = {}
    for people, (world, visits) in worlds.items():
        seen = []
        for fields in ({"draft": "1:idea-new", "text": "half"}, {"draft": "1:idea-new"}):
            with world.tool.statements() as statements:
                visits["fatima"].post("draft", fields)
            seen.append(len(statements))
        with world.tool.statements() as statements:
            assert visits["fatima"].post(f"{STEP}/idea", text="te laat", why="x").status == 422
        found[people] = [*seen, len(statements)]
    assert found[SMALL] == found[LARGE]
