"""What finished steps and actions suggest, by their pages: off until set, nothing until accepted, once, and capped."""

import pytest
from sqlalchemy import select, text

from lti_tool.models import Cycle, Member
from tests.actors import World
from tests.web.test_at_once import at_once, tabs
from tests.web.test_facilitator import member_id
from tests.web.test_hours import entry, pot, table
from tests.web.walk import STEP, Walk
from tests.web.ways.seeded import Seeded

TARIFF = {"minutes-ambition": "25"}


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def tariff(walk: Walk, *, status: int = 303, **fields: str) -> str:
    page = walk.wout.post("hours/tariff", fields or TARIFF)
    assert page.status == status, page.text[:500]
    return page.text


def run_of(walk: Walk, step: str = "ambition") -> str:
    return str(walk.rows("SELECT id FROM step_run WHERE step = :step", step=step)[0][0])


def acted(walk: Walk, *, closed: bool) -> tuple[str, list[int]]:
    """Step 5, with two actions of Fatima's that have ended and one of Marieke's that has not; run, and actions."""
    ids = [int(member_id(walk.world, name)) for name in ("fatima", "marieke", "youssef")]
    with walk.world.tool.session() as session:
        cycle = session.scalars(select(Cycle)).one()
        members = [session.get_one(Member, each) for each in ids]
        made = Seeded(session, cycle, members)
        made.run("consequences")
        run = made.run("actions", closed=closed)
        mine = [made.action([], what=f"samen lezen {number}") for number in range(2)]
        made.action([], owners=(1,))
        for each in mine:
            made.result(each, took=None)
        if not closed:
            run.stage, run.closed_at = "close", None
        session.execute(
            text("INSERT INTO moment (step_run_id, member_id, kind, held, gone, at)"
                 " VALUES (:run, :member, 'input', false, false, '2026-01-01 00:00:00.000000')"),
            {"run": run.id, "member": members[0].id},
        )  # fmt: skip
        return str(run.id), [each.id for each in mine]


def test_a_finished_step_suggests_nothing_until_there_is_a_tariff_and_nothing_counts_until_it_is_accepted(
    any_world: World,
) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"])
    walk.to("closed")
    fatima = walk["fatima"]
    assert not fatima.get("hours").has_form("/hours/accept")
    tariff(walk)
    assert "Stap 1: Ambitie: 25 min" in fatima.get("hours/pots").text
    page = fatima.get("hours")
    assert "25 min van ‘Stap 1: Ambitie’ kan in een pot: zet erbij" in page.text
    assert not table(fatima.get("hours.csv"))
    # Where the step ends it is said too. "Learning or arranging?" is asked once, where it is accepted.
    page = fatima.get(STEP)
    assert "25 min van deze stap kan bij je uren" in page.text
    assert page.soup.select('a[href$="/hours#offered"]')
    page = fatima.get("hours")
    assert "Was het leren of regelen?" in page.text
    page = page.form("/hours/accept").submit(learning="learning")
    assert page.status == 200
    assert "wacht op goedkeuring" in page.text
    assert "Was het leren of regelen?" not in page.text
    assert "kan bij je uren" not in fatima.get(STEP).text
    (row,) = table(fatima.get("hours.csv"))
    assert (row["soort"], row["minuten"], row["leren of regelen"]) == ("voorstel bij een stap", "25", "leren")
    assert walk["youssef"].post("hours/approve", {"entry": [entry(any_world, "Stap 1: Ambitie")]}).status == 303
    assert "25 min van 83 uur telt mee" in fatima.get("hours").text
    # Wout facilitates from outside and took no part.
    assert not walk.wout.get("hours").has_form("/hours/accept")


def test_each_step_is_accepted_at_most_once_also_by_two_presses(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    pot(walk, [], review="none")
    walk.to("closed")
    tariff(walk)
    data = {"run": run_of(walk), "piece": "0", "pot": "1", "learning": "learning"}
    given = at_once(*(lambda at=at: at.post("hours/accept", data).status for at in tabs(walk["fatima"], 3)))
    assert sorted(given) == [303, 422, 422]
    assert walk.rows("SELECT count(*) FROM hours_entry")[0][0] == 1
    # Taken back it is not offered again: by hand it can be added.
    number = str(walk.rows("SELECT id FROM hours_entry")[0][0])
    assert walk["fatima"].post("hours/withdraw", entry=number, words="toch niet").status == 303
    page = walk["fatima"].post("hours/accept", data)
    assert page.status == 422
    assert "is er niet meer" in page.text


@pytest.mark.parametrize(
    ("fields", "said", "english"),
    [
        ({"run": "999"}, "is er niet meer", "no longer there"),
        ({"run": "x"}, "is er niet meer", "no longer there"),
        ({"piece": "7"}, "is er niet meer", "no longer there"),
        ({"piece": "x"}, "is er niet meer", "no longer there"),
        ({"learning": ""}, "leren of regelen", "learning or arranging"),
        ({"pot": "99"}, "kun je niet kiezen", "cannot choose"),
    ],
)
def test_what_is_not_offered_is_refused(walk: Walk, fields: dict[str, str], said: str, english: str) -> None:
    pot(walk, ["youssef"])
    walk.to("closed")
    tariff(walk)
    data = {"run": run_of(walk), "piece": "0", "pot": "1", "learning": "learning"} | fields
    page = walk["fatima"].post("hours/accept", data)
    assert page.status == 422
    assert said in page.text
    walk["fatima"].post("language", language="en")
    assert english in walk["fatima"].post("hours/accept", data).text
    assert walk.rows("SELECT count(*) FROM hours_entry")[0][0] == 0


def test_an_action_that_one_ended_suggests_too_and_a_step_together_no_more_than_its_most(walk: Walk) -> None:
    pot(walk, [], review="none")
    run, mine = acted(walk, closed=True)
    tariff(walk, **{"minutes-actions": "30", "action-actions": "40", "most-actions": "90"})
    page = walk["fatima"].get("hours")
    assert "1 uur 50 min van wat je met de groep deed" in page.text
    assert not walk["marieke"].get("hours").has_form("/hours/accept")
    for piece, status in ((mine[0], 303), (mine[1], 303), (0, 303), (0, 422)):
        answer = walk["fatima"].post("hours/accept", run=run, piece=str(piece), pot="1", learning="arranging")
        assert answer.status == status, answer.text[:300]
    minutes = walk.rows("SELECT minutes FROM hours_entry ORDER BY id")
    assert [each[0] for each in minutes] == [40, 40, 10]


def test_an_action_can_be_accepted_before_the_step_is_over(walk: Walk) -> None:
    _run, mine = acted(walk, closed=False)
    tariff(walk, **{"minutes-actions": "30", "action-actions": "20"})
    page = walk["fatima"].get("hours")
    assert page.text.count("Was het leren of regelen?") == len(mine)
    assert "Actie:" in page.text


def test_what_was_suggested_stays_that_when_it_comes_back_and_does_not_become_more(walk: Walk) -> None:
    pot(walk, ["youssef"])
    walk.to("closed")
    tariff(walk)
    fatima = walk["fatima"]
    fatima.get("hours").form("/hours/accept").submit(learning="learning")
    number = entry(walk.world, "Stap 1: Ambitie")
    assert walk["youssef"].post("hours/return", entry=number, words="was je er?").status == 303
    page = fatima.get(f"hours?again={number}")
    data = dict(page.form("/hours").values()) | {"minutes": "40", "chip": ""}
    page = fatima.post("hours", data)
    assert page.status == 422
    assert "hoogstens 25 minuten" in page.text
    assert fatima.post("hours", data | {"minutes": "20"}).status == 303
    kinds = walk.rows("SELECT kind, minutes FROM hours_entry ORDER BY id")
    assert [tuple(each) for each in kinds] == [("suggested", 25), ("suggested", 20)]


@pytest.mark.parametrize(
    "fields",
    [
        {"minutes-ambition": "veel"},
        {"minutes-ambition": "-5"},
        {"minutes-ambition": "1441"},
        {"minutes-ambition": ""},
        {"minutes-actions": "30", "most-actions": "20"},
        {"minutes-nothing": "30"},
        {"most-actions": "30"},
    ],
)
def test_a_tariff_that_cannot_be_is_refused_and_kept_on_the_page(walk: Walk, fields: dict[str, str]) -> None:
    said = tariff(walk, status=422, **fields)
    assert "hele minuten" in said
    assert walk.rows("SELECT count(*) FROM hours_tariff")[0][0] == 0


def test_a_tariff_is_set_beside_the_pots_changed_and_turned_off_and_each_time_is_kept(walk: Walk) -> None:
    assert not walk["fatima"].get("hours/pots").has_form("/hours/tariff")
    page = walk.wout.get("hours/pots").form("/hours/tariff").submit(**TARIFF)
    assert page.status == 200
    assert dict(page.form("/hours/tariff").values())["minutes-ambition"] == "25"
    tariff(walk, **{"minutes-ambition": "30"})
    tariff(walk, off="yes")
    assert "Wat een afgeronde stap waard is" not in walk["fatima"].get("hours/pots").text
    assert walk.rows("SELECT count(*) FROM hours_tariff")[0][0] == 3
    assert walk["fatima"].post("hours/tariff", TARIFF).status == 403


def test_the_page_takes_few_statements_with_suggestions(walk: Walk) -> None:
    pot(walk, ["youssef"])
    acted(walk, closed=True)
    tariff(walk, **{"minutes-actions": "30", "action-actions": "40", "most-actions": "90"})
    walk["fatima"].get("hours").form("/hours/accept").submit(learning="learning")
    for path in ("hours", "step/actions", "hours/pots"):
        walk["fatima"].get(path)
        with walk.world.tool.statements() as statements:
            assert walk["fatima"].get(path).status == 200
        assert len(statements) <= 13, (path, len(statements))
