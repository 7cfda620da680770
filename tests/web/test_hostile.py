"""Whoever is out gets nothing, at any address there is, and reaches nothing of another community from their own.

Addresses are the application's own: a new one is attacked by itself, and the table of those who are out is all there
is to say of it. What those who are in may do, says tests/web/test_access.py.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.db import Base
from lti_tool.demo.lms import Lms
from lti_tool.models.voices import Attachment, Contribution
from lti_tool.steps import load
from tests.actors import Browser, World
from tests.web.circle import fill
from tests.web.test_forms import FIELDS
from tests.web.walk import Visit, base_of, paths, visit
from tests.web.ways.information import bring

# Who comes to fatima's launch -> the answer, at every address.
OUT = {
    "a stranger": 401,
    "another course": 401,
    "another platform": 401,
    "a colleague": 401,
    "signed out": 401,
    "ended elsewhere": 401,
    "dropped": 403,
}
WORD = "alleen-voor-ons"

Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]


def stored(world: World) -> Rows:
    """Everything there is: table -> primary key -> row."""
    found: Rows = {}
    with world.tool.session() as session:
        for table in Base.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key]
            rows = session.execute(select(table)).mappings()
            found[table.name] = {tuple(row[key] for key in keys): tuple(map(repr, row.values())) for row in rows}
    return found


class Scene:
    """A community at work, and people at browsers who have no business there."""

    def __init__(self, world: World, other: World) -> None:
        world.begin("fatima", "marieke")
        with world.tool.session() as session:
            c = fill(session, 3, "gather", "information")
            evidence = bring(c, 0)
            for item in session.scalars(select(Contribution)):
                item.body = {**item.body, "text": WORD}
            content = b"\x89PNG" + WORD.encode()
            values = {"media_type": "image/png", "size": len(content), "content": content}
            session.add(Attachment(contribution_id=evidence.id, **values))
        fatima = visit(world, "fatima", "information")
        fatima.post("journal", text=WORD)
        fatima.post("draft", draft="1:x", text=WORD)
        out, ended = visit(world, "ruben"), visit(world, "ruben", browser=Browser(world.tool))
        (name,) = re.findall(r'name="session" value="([0-9a-f]+)"', out.get("sessions").html)
        assert out.post("sessions/end", session=name).status == 303
        assert out.post("sessions/end", session="here").status == 200
        dropped = visit(world, "youssef", "information")
        world.tool.deliver()
        world.lms.school.drop(world.course().id, world.person("youssef").id)
        assert visit(world, "wout").post("community/roster").status == 303
        world.tool.deliver()
        assert WORD in fatima.get("step/information").html
        self.before = stored(world)
        marieke = visit(world, "marieke")
        world.place_cycle("karin", "PLG-TEC")
        karin = world.as_("karin").launch(world.activity("ambition", "PLG-TEC"))
        karin.form("/welcome").submit(choice="facilitate_and_join")
        other.register()
        other.place_cycle()
        other.begin("fatima")
        namesake = visit(other, "fatima")
        self.out = {
            "a stranger": Visit(Browser(world.tool), fatima.first, fatima.base),
            "another course": Visit(world.as_("karin").browser, karin, fatima.base),
            "another platform": Visit(namesake.browser, namesake.first, fatima.base),
            "a colleague": Visit(marieke.browser, marieke.first, fatima.base),
            "signed out": out,
            "ended elsewhere": ended,
            "dropped": dropped,
        }
        self.at_home = {
            "another course": Visit(world.as_("karin").browser, karin, base_of(karin)),
            "another platform": namesake,
            "another platform's facilitator": visit(other, "wout"),
        }
        self.world = world


@pytest.fixture(scope="module")
def scene(shared_world: World) -> Iterator[Scene]:
    """One for all: nobody here can change anything."""
    with Lms.start() as lms:
        yield Scene(shared_world, World(shared_world.tool, lms))


@pytest.mark.parametrize("role", OUT)
def test_whoever_is_out_gets_nothing_at_any_address_there_is(scene: Scene, role: str) -> None:
    at, before = scene.out[role], stored(scene.world)
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        # They come no further than to the door of a rule.
        found = paths(scene.world, "GET" if method == "OPTIONS" else method, [*OUT].index(role), len(OUT), whole="")
        assert len(found) > 15, "or nothing is asked for"
        for path in found:
            headers = {"Sec-Fetch-Site": "same-origin"}
            answer = at.browser.client.open(
                at.base + path, method=method, base_url=at.browser.tool.url, headers=headers, data=hostile(1)
            )
            assert answer.status_code == OUT[role], (method, path)
            assert WORD not in answer.get_data(as_text=True), (method, path)
            assert answer.headers["Cache-Control"] == "no-store", (method, path)
    assert stored(scene.world) == before


@cache
def hostile(number: int) -> dict[str, str]:
    """A form with every field that any deed has, each naming a row of that number."""
    names = {name for step in load() for deed in step.deeds for name in deed.schema().fields}
    names |= {name for fields in FIELDS.values() for name in fields if name.isidentifier()}
    return {name: str(number) for name in sorted(names)}


@pytest.mark.parametrize("role", ["another course", "another platform", "another platform's facilitator"])
def test_from_one_s_own_community_nothing_of_another_is_read_or_changed(scene: Scene, role: str) -> None:
    """Every id in an address or a form belongs to the launch's own course, or to nothing."""
    at = scene.at_home[role]
    assert at.get("home").status == 200
    for path in paths(scene.world, "GET"):
        page = at.get(path)
        assert WORD not in page.html, path
        assert page.status < 500, path
    there = scene.before["contribution"] | scene.before["member"] | scene.before["journal_entry"]
    # Two take part at home, whom the rule of a deed lets in: each asks of half of them, and so does who facilitates.
    share = [*scene.at_home].index(role) % 2
    for number in (1, max(key[0] for key in there)):
        for path in paths(scene.world, "POST", share, 2):
            page = at.post(path, hostile(number))
            assert page.status < 500, path
            assert WORD not in page.html, path
    after = stored(scene.world)
    for table, rows in scene.before.items():
        changed = {key for key, row in rows.items() if after[table].get(key) != row}
        assert not changed, table
