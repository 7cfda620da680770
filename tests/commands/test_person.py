"""Erasing a person by the command: who left is listed with when their keeping ends, and it asks first."""

import datetime as dt
from urllib.parse import urlsplit

from sqlalchemy import text

from lti_tool.models.hours import HoursEntry
from tests.actors import Browser, World
from tests.commands.conftest import run, settings_of
from tests.commands.test_remove import lived_in


def test_who_left_is_listed_before_their_keeping_ends_and_erased_once_after_asking(any_world: World) -> None:
    tool = lived_in(any_world).tool
    with tool.session() as session:
        session.execute(text("UPDATE seat SET present = false, gone_at = '2024-02-29 12:00:00' WHERE person_id = 2"))
        name = session.execute(text("SELECT name FROM person WHERE id = 2")).scalar_one()
    listed = run("person", "list", **settings_of(tool))
    assert listed.exit_code == 0, listed.output
    assert f"2\t{name}\tgone 2024-02-29\tkept until 2026-02-28\tends now" in listed.output
    assert len(listed.output.splitlines()) == 1, "nobody who is still there"
    assert "ends now" not in run("person", "list", "--years", "90", **settings_of(tool)).output
    asked = run("person", "erase", "2", **settings_of(tool))
    assert asked.exit_code != 0, "nobody answered"
    done = run("person", "erase", "2", "--yes", **settings_of(tool))
    assert done.exit_code == 0, done.output
    with tool.session() as session:
        assert session.execute(text("SELECT name FROM person WHERE id = 2")).scalar_one() == ""
    for number in ("2", "999"):
        again = run("person", "erase", number, "--yes", **settings_of(tool))
        assert again.exit_code != 0
        assert "There is no person" in again.output
    assert run("person", "list", **settings_of(tool)).output == ""


def test_who_is_in_no_course_any_more_gets_an_address_of_their_own_hours_once(any_world: World) -> None:
    tool = lived_in(any_world).tool
    with tool.session() as session:
        number = 2
        entry = {"kind": "elsewhere", "learning": True, "minutes": 60, "day": dt.date(2026, 9, 1), "provider": ""}
        session.add(HoursEntry(person_id=number, community_id=1, line="een cursus", **entry))
    there = run("person", "hours", str(number), **settings_of(tool))
    assert there.exit_code != 0, "who is still there reads them there"
    with tool.session() as session:
        session.execute(text("UPDATE seat SET present = false WHERE person_id = :id"), {"id": number})
    made = run("person", "hours", str(number), **settings_of(tool))
    assert made.exit_code == 0, made.output
    path = urlsplit(made.output.strip().split("\t")[-1]).path
    assert Browser(tool).get(path).status == 200
    with tool.session() as session:
        acts = session.execute(text("SELECT about_id FROM school_act WHERE kind = 'hours_handed'")).scalars().all()
    assert acts == [number], "it stands in the trail"
    assert run("person", "hours", str(number), **settings_of(tool)).exit_code != 0, "and once"
