"""Two at the same moment at a session: on each database, once is once."""

import datetime as dt

import pytest

from lti_tool.db import now
from tests.actors import World
from tests.web.sitting import ZONE, open_session, person_id, rows, shown
from tests.web.test_at_once import at_once, tabs
from tests.web.test_hours import pot
from tests.web.walk import Walk


@pytest.fixture
def walk(any_world: World) -> Walk:
    return Walk(any_world, "fatima", "marieke", "youssef")


def test_a_session_opened_twice_is_one(walk: Walk) -> None:
    one, other = tabs(walk.wout, 2)
    data = dict(one.get("hours/sessions").form("/hours/sessions").values()) | {"title": "Samen"}
    pages = at_once(*(lambda at=at: at.post("hours/sessions", data) for at in (one, other)))
    assert sorted(page.status for page in pages) == [303, 422]
    assert len(walk.rows("SELECT id FROM hours_session")) == 1


def test_who_checks_in_twice_is_there_once(walk: Walk) -> None:
    number = open_session(walk.wout)
    letters = shown(walk.world, number)
    pages = at_once(
        *(lambda at=at: at.post(f"hours/sessions/{number}/here", letters=letters) for at in tabs(walk["fatima"], 3))
    )
    assert [page.status for page in pages] == [303] * 3
    assert rows(walk, number) == {"fatima": (True, "letters", False)}


def test_guesses_at_the_same_moment_are_counted_each(walk: Walk) -> None:
    number = open_session(walk.wout)
    for _ in range(3):
        at_once(
            *(
                lambda at=at: at.post(f"hours/sessions/{number}/here", letters="BBBBBB")
                for at in tabs(walk["fatima"], 4)
            )
        )
    assert walk.rows("SELECT tries FROM hours_try") == [(8,)]
    assert walk["fatima"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number)).status == 422


def test_hours_of_a_session_are_sent_once(walk: Walk) -> None:
    pot(walk, ["youssef"])
    day = now().astimezone(ZONE).date() - dt.timedelta(days=1)
    number = open_session(walk.wout, day=day.isoformat(), begins="14:00", ends="16:00")
    here = [person_id(walk.world, "fatima")]
    assert walk.wout.post(f"hours/sessions/{number}/close", {"here": here, "ends": "16:00"}).status == 303
    one, other = tabs(walk["fatima"], 2)
    pages = at_once(*(lambda at=at: at.post("hours/attended", session=str(number), pot="1") for at in (one, other)))
    assert sorted(page.status for page in pages) == [303, 422]
    assert len(walk.rows("SELECT id FROM hours_entry")) == 1
