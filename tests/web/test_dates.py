"""Moving on, by the facilitator's button or by a day announced in advance."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.web.walk import STEP, Walk, visit

ADVANCE, ANNOUNCE = f"{STEP}/facilitate/advance", f"{STEP}/facilitate/announce"


def in_days(days: int) -> str:
    return (dt.datetime.now(ZoneInfo("Europe/Amsterdam")) + dt.timedelta(days=days)).date().isoformat()


def the_day_comes(world: World) -> int:
    """The announced day passes, and the days more for who was not heard: for the run and for the outbox."""
    past = now() - dt.timedelta(minutes=1)
    with world.tool.session() as session:
        session.execute(
            text("UPDATE step_run SET closes_at = :past, extended = true WHERE closes_at IS NOT NULL"), {"past": past}
        )
        session.execute(text("UPDATE outbox SET due_at = :past WHERE kind = 'stage'"), {"past": past})
    return world.tool.deliver()


def test_the_button_moves_the_stage_that_was_on_the_screen_and_only_once(world: World) -> None:
    walk = Walk(world, "fatima")
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    page = walk.wout.get(STEP)
    assert page.form("/advance").values() == [("stage", "ideas")]
    assert page.form("/advance").submit().status == 200
    # The second press, of the same button on the same screen.
    again = page.form("/advance").submit()
    assert again.status == 422
    assert again.soup.find(role="alert")
    assert walk.stage == "respond"
    for seen in ("", "closed", "dots", "respond\0", "x" * 100_000):
        assert walk.move(seen).status == 422
    assert walk.stage == "respond"


def test_what_cannot_end_yet_says_why_beside_the_button(world: World) -> None:
    walk = Walk(world, "fatima")
    reasons = set()
    for stage in ("ideas", "dots", "draft", "consent"):
        walk.to(stage)
        page = walk.move()
        assert (page.status, walk.stage) == (422, stage)
        reasons.add(page.soup.find(role="alert").get_text())  # type: ignore[union-attr]
    # To choose and to decide want the same.
    assert len(reasons) == 3


def test_a_day_that_comes_moves_the_stage_by_itself(world: World) -> None:
    walk = Walk(world, "fatima")
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    assert walk.wout.post(ANNOUNCE, date=in_days(7)).status == 303
    world.tool.deliver()
    assert walk.stage == "ideas"
    the_day_comes(world)
    assert walk.stage == "respond"
    assert walk.rows("SELECT closes_at FROM step_run")[0][0] is None


def test_who_was_not_heard_is_asked_first_whatever_they_open_and_gets_three_days_more(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    for name in ("fatima", "youssef"):
        walk[name].act("idea", text=f"een idee van {name}", why="x")
    walk.wout.post(ANNOUNCE, date=in_days(2))
    past = now() - dt.timedelta(minutes=1)
    with world.tool.session() as session:
        session.execute(text("UPDATE step_run SET closes_at = :past WHERE closes_at IS NOT NULL"), {"past": past})
        session.execute(text("UPDATE outbox SET due_at = :past WHERE kind = 'stage'"), {"past": past})
    world.tool.deliver()
    assert walk.stage == "ideas"
    asked = visit(world, "marieke", "evaluation").first
    assert asked.has_form("/idea")
    assert "We hebben jou nog niet gehoord" in asked.text
    heard = visit(world, "fatima", "evaluation").first
    assert not heard.has_form("/idea")
    the_day_comes(world)
    assert walk.stage == "respond"


@pytest.mark.parametrize("change", ["taken back", "later", "by hand", "by hand, and a new day"])
def test_a_row_from_an_older_date_does_nothing(world: World, change: str) -> None:
    walk = Walk(world, "fatima")
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")
    walk.wout.post(ANNOUNCE, date=in_days(2))
    # A worker has it already: what is put in now is another row.
    with world.tool.session() as session:
        session.execute(text("UPDATE outbox SET attempts = 1, leased_until = '2020-01-01' WHERE kind = 'stage'"))
    if change == "taken back":
        walk.wout.post(ANNOUNCE, none="1")
    elif change == "later":
        walk.wout.post(ANNOUNCE, date=in_days(30))
    else:
        walk.move()
    if change == "by hand, and a new day":
        walk.wout.post(ANNOUNCE, date=in_days(30))
    before = walk.stage
    with world.tool.session() as session:
        session.execute(text("UPDATE outbox SET due_at = '2020-01-01' WHERE kind = 'stage'"))
    world.tool.deliver()
    assert walk.stage == before
    assert walk.rows("SELECT count(*) FROM outbox WHERE kind = 'stage' AND done_at IS NULL AND attempts > 0")[0][0] == 0


@pytest.mark.parametrize("stage", ["ideas", "dots", "draft", "consent"])
def test_a_day_on_a_stage_with_nothing_in_it_moves_nothing(world: World, stage: str) -> None:
    walk = Walk(world, "fatima").to(stage)
    walk.wout.post(ANNOUNCE, date=in_days(1))
    assert the_day_comes(world) >= 1
    assert walk.stage == stage
    # The day is over, and no other is announced.
    assert dict(walk.wout.get(STEP).form("/announce").values())["date"] == ""
    assert "tot en met" not in walk["fatima"].get(STEP).text


def test_the_announced_day_closes_consent_without_who_stayed_silent(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef").to("consent")
    for name in ("fatima", "marieke"):
        walk[name].act("consent", answer="agree")
    walk.wout.post(ANNOUNCE, date=in_days(3))
    assert walk.move().status == 422
    the_day_comes(world)
    assert walk.stage == "closed"


def test_the_announced_day_takes_an_objected_text_back_to_the_draft(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("consent")
    walk["fatima"].act("consent", answer="agree")
    walk["marieke"].act("consent", answer="objection", harm="dit sluit uit", proposal="dan liever zo")
    walk.wout.post(ANNOUNCE, date=in_days(3))
    the_day_comes(world)
    assert walk.stage == "draft"
    assert "dit sluit uit" in walk["fatima"].get(STEP).text


@pytest.mark.parametrize(
    "date",
    [
        "",
        "gisteren",
        "2020-01-01",
        "0001-01-01",
        "9999-12-31",
        "2026-02-30",
        "31-12-2026",
        "2026-13-01",
        "\0",
        "1" * 9999,
        "²",
    ],
)
def test_a_day_that_is_none_or_past_or_years_away_is_refused_and_shown_back(shared_world: World, date: str) -> None:
    if "walk" not in shared_world.__dict__:
        shared_world.walk = Walk(shared_world, "fatima")  # type: ignore[attr-defined]
    walk: Walk = shared_world.walk  # type: ignore[attr-defined]
    page = walk.wout.post(ANNOUNCE, date=date)
    assert page.status == 422
    assert page.soup.find(role="alert")
    assert walk.rows("SELECT closes_at FROM step_run")[0][0] is None


# where the school is, now (UTC), the last day -> when it ends (UTC)
ZONES = [
    ("Europe/Amsterdam", "2026-06-01T10:00", "2026-06-05", "2026-06-05T22:00"),
    ("Europe/Amsterdam", "2026-11-01T10:00", "2026-11-06", "2026-11-06T23:00"),
    # The last day at school before summer time ends, and the first one after.
    ("Europe/Amsterdam", "2026-10-20T10:00", "2026-10-23", "2026-10-23T22:00"),
    ("Europe/Amsterdam", "2026-10-20T10:00", "2026-10-26", "2026-10-26T23:00"),
    # Already tomorrow at school, still today in UTC.
    ("Europe/Amsterdam", "2026-06-01T22:30", "2026-06-02", "2026-06-02T22:00"),
    ("America/New_York", "2026-06-02T02:30", "2026-06-01", "2026-06-02T04:00"),
    ("Pacific/Auckland", "2026-06-01T11:00", "2026-06-01", "2026-06-01T12:00"),
]


@pytest.mark.parametrize(("zone", "moment", "day", "ends"), ZONES)
def test_the_last_day_ends_at_midnight_at_school_and_is_said_as_that_day(
    sqlite_url: str, keys_dir: object, lms: Lms, zone: str, moment: str, day: str, ends: str
) -> None:
    lms.school.clock = lambda: dt.datetime.now(dt.UTC).timestamp()
    with (
        time_machine.travel(dt.datetime.fromisoformat(moment + "+00:00"), tick=True),
        Tool(sqlite_url, keys_dir, time_zone=zone) as tool,  # type: ignore[arg-type]
    ):
        world = World.placed(tool, lms)
        walk = Walk(world, "fatima")
        assert walk.wout.post(ANNOUNCE, date=day).status == 303
        assert str(walk.rows("SELECT closes_at FROM step_run")[0][0])[:16].replace(" ", "T") == ends
        page = walk.wout.get(STEP)
        assert dict(page.form("/announce").values())["date"] == day
        month = {"06": "juni", "10": "oktober", "11": "november"}[day[5:7]]
        for seen in (page, walk["fatima"].get(STEP), walk["fatima"].get("home")):
            assert f"{int(day[-2:])} {month}" in seen.text
        kept = walk["fatima"].post("draft", draft="1:idea-new", text="x").response.get_json()["saved"]
        local = dt.datetime.fromisoformat(moment + "+00:00").astimezone(ZoneInfo(zone))
        assert kept == local.strftime("%H:%M")


def test_only_an_open_step_takes_a_day(world: World) -> None:
    walk = Walk(world, "fatima").to("closed")
    assert walk.wout.post(ANNOUNCE, date=in_days(2)).status == 422
    assert walk.wout.post(ADVANCE, stage="closed").status == 422
    for step in ("interpretation", "evaluation"):
        assert walk.wout.post(f"step/{step}/facilitate/announce", date=in_days(2)).status == 422
        assert walk.wout.post(f"step/{step}/facilitate/advance", stage="").status == 422
    # Only the step that followed was opened.
    assert walk.rows("SELECT step, stage, closes_at FROM step_run WHERE step != 'ambition'") == [
        ("information", "questions", None)
    ]


def test_a_day_without_school_becomes_the_next_one_with_it(sqlite_url: str, keys_dir: object, lms: Lms) -> None:
    lms.school.clock = lambda: dt.datetime.now(dt.UTC).timestamp()
    with (
        time_machine.travel("2027-10-11T10:00Z", tick=True),
        Tool(sqlite_url, keys_dir, time_zone="Europe/Amsterdam") as tool,  # type: ignore[arg-type]
    ):
        world = World.placed(tool, lms)
        walk = Walk(world, "fatima")
        page = walk.wout.get("pause")
        form = page.form("/holidays")
        assert form.submit(first="2027-10-16", last="2027-10-15").status == 422
        page = form.submit(first="2027-10-16", last="2027-10-24")
        assert "16 oktober" in page.text
        for announced, why in (
            ("2027-10-16", "16 oktober valt op zaterdag"),
            ("2027-10-20", "20 oktober valt in een vakantie"),
            ("2027-10-24", "24 oktober valt op zondag"),
        ):
            page = walk.wout.get(STEP).form("/announce").submit(date=announced)
            assert dict(page.form("/announce").values())["date"] == "2027-10-25", announced
            (said,) = (each.get_text() for each in page.soup.select("#done"))
            assert said == f"{why}: het wordt maandag 25 oktober."
        assert "16 oktober" not in walk.wout.get("pause").form("/holidays/remove").submit().text
        page = walk.wout.get(STEP).form("/announce").submit(date="2027-10-20")
        assert dict(page.form("/announce").values())["date"] == "2027-10-20"
        assert not page.soup.select("#done")
        for strange in ("", "x", "9999-99-99", "0001-01-01", "9999-12-31", "2027-10-20"):
            assert walk.wout.get(f"{STEP}?asked={strange}").status == 200
