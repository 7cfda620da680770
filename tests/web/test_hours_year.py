"""The end of a period by its pages: what is open, what is carried over, corrections afterwards, two at once."""

import datetime as dt

import pytest
from sqlalchemy import text

from lti_tool.domain.hours import ledger
from tests.actors import Page, World
from tests.web.test_at_once import at_once, tabs
from tests.web.test_hours import POT, TODAY, add, entry, pot, table
from tests.web.walk import Walk

THIS = ledger.school_year(TODAY)
OLD = ledger.school_year(THIS[0] - dt.timedelta(days=1))
DAY = (OLD[0] + dt.timedelta(days=100)).isoformat()


def old_pot(walk: Walk, **fields: str | list[str]) -> None:
    """A pot of last year, of two hours."""
    given = {"first_day": OLD[0].isoformat(), "last_day": OLD[1].isoformat(), "hours": "2", "carries": "1"}
    pot(walk, ["youssef"], **(given | fields))


def close(walk: Walk, number: str = "1") -> Page:
    return walk.wout.post("hours/pots/close", pot=number)


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world, "fatima", "marieke", "youssef")


def a_year(walk: Walk) -> None:
    """Fatima: an hour that counts, half one that waits, a quarter kept; Marieke one that is disputed."""
    old_pot(walk)
    add(walk["fatima"], line="telt", day=DAY, chip="60")
    add(walk["marieke"], line="niet eens", day=DAY, chip="90")
    for line in ("telt", "niet eens"):
        assert walk["youssef"].post("hours/approve", {"entry": [entry(walk.world, line)]}).status == 303
    assert walk["marieke"].post("hours/dispute", entry=entry(walk.world, "niet eens"), words="meer").status == 303
    add(walk["fatima"], line="wacht", day=DAY, chip="30")
    add(walk["fatima"], line="bewaard", day=DAY, chip="15", pot="")


def test_closing_says_first_what_is_open_and_names_nobody(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    a_year(walk)
    page = walk.wout.get("hours/pots").link("/hours/pots/close/1")
    for said in ("1 regel wacht nog op goedkeuring, van 1 collega", "1 regel is bewaard en nergens ingestuurd",
                 "over 1 regel is men het niet eens", "3 collega’s krijgen een eindstand", "gaat één periode mee",
                 "Er komt een nieuwe pot"):  # fmt: skip
        assert said in page.text, said
    assert not [name for name in ("Fatima", "Marieke", "niet eens.", "wacht.") if name in page.text]
    page = page.form("/hours/pots/close").submit()
    assert page.status == 200
    assert "periode afgesloten" in page.text
    # Each reads their own balance, and nobody another's; what waited does no longer.
    page = walk["fatima"].get("hours")
    for said in ("Afgesloten op", "1 uur van 2 uur telde mee", "45 min is niet verantwoord",
                 "1 uur gaat mee naar de volgende periode", "Daarvan komt 1 uur uit een eerdere periode",
                 "0 min van 3 uur telt mee"):  # fmt: skip
        assert said in page.text, said
    assert "niet verantwoord: de periode is afgesloten" in page.text
    assert "30 min gaat mee" in walk["marieke"].get("hours").text
    page = walk["youssef"].get("hours/approve")
    assert "Er wacht niets op jou" in page.text
    assert "45 min is niet verantwoord" in page.text
    for action in ("approve", "return"):
        page = walk["youssef"].post(f"hours/{action}", entry=entry(walk.world, "wacht"), words="x")
        assert page.status == 422
        assert "is afgesloten" in page.text
    # The next pot is there, with the same rules; nothing more goes into the old one.
    names = [each[0] for each in walk.rows("SELECT name FROM hours_pot ORDER BY id")]
    assert names == [POT, POT]
    assert walk.rows("SELECT count(*) FROM hours_role WHERE pot_id = 2")[0][0] == 1
    page = walk["fatima"].post("hours/send", entry=entry(walk.world, "bewaard"), pot="1")
    assert page.status == 422
    assert "is afgesloten" in page.text


def test_a_correction_afterwards_counts_in_the_next_period_and_may_go_below_zero(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    a_year(walk)
    before = walk.rows("SELECT count(*) FROM hours_balance")[0][0]
    assert close(walk).status == 303
    balances = walk.rows("SELECT * FROM hours_balance ORDER BY id")
    assert before == 0
    youssef, number = walk["youssef"], entry(walk.world, "telt")
    assert "telt daarom in de volgende" in youssef.get("hours/approve").text
    assert youssef.post("hours/correct", entry=number, minutes="20", words="Het was korter").status == 303
    assert walk.rows("SELECT * FROM hours_balance ORDER BY id") == balances, "it moves nothing else"
    assert walk.rows("SELECT pot_id, of_id, minutes FROM hours_count WHERE of_id IS NOT NULL") == [(2, 1, -40)]
    page = walk["fatima"].get("hours")
    for said in ("1 uur van 2 uur telde mee", "Sindsdien verbeterd: −40 min", "Het was korter",
                 "verbetering in een afgesloten periode: −40 min", "Je staat hier onder nul"):  # fmt: skip
        assert said in page.text, said
    page = youssef.get("hours/approve")
    assert "staat in Professionele ontwikkeling" in page.text
    assert "op −40 min" in page.text
    # Of each pot the file has what the page has, for both.
    for at, path in ((walk["fatima"], "hours.csv"), (youssef, "hours/approve.csv")):
        sums: dict[str, int] = {}
        for row in table(at.get(path)):
            if not row["wie"] or "Fatima" in row["wie"]:
                sums[row["pot"]] = sums.get(row["pot"], 0) + int(row["minuten die meetellen"])
        assert sorted(each for name, each in sums.items() if name) == [-40, 60]
    # What one takes back of a closed period, and an approver's answer to what is disputed, go the same way.
    assert walk["fatima"].post("hours/withdraw", entry=number, words="toch niet").status == 303
    disputed = entry(walk.world, "niet eens")
    assert youssef.post("hours/correct", entry=disputed, minutes="45", words="toch minder").status == 303
    rows = walk.rows("SELECT minutes FROM hours_count WHERE pot_id = 2 ORDER BY id")
    assert [each[0] for each in rows] == [-40, -20, -45]


def test_closing_twice_or_two_at_once_ends_in_one_state(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    a_year(walk)
    given = at_once(*(lambda at=at: at.post("hours/pots/close", pot="1").status for at in tabs(walk.wout, 3)))
    assert given == [303, 303, 303]
    assert close(walk).status == 303
    assert walk.rows("SELECT count(*) FROM hours_balance")[0][0] == 3
    assert walk.rows("SELECT count(*) FROM hours_pot")[0][0] == 2
    assert walk.rows("SELECT count(*) FROM act WHERE kind = 'pot_closed'")[0][0] == 1


def test_whoever_approves_while_it_is_closed_is_in_the_balance_or_refused(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    a_year(walk)
    number = entry(walk.world, "wacht")
    closed, approved = at_once(
        lambda: close(walk).status, lambda: walk["youssef"].post("hours/approve", {"entry": [number]}).status
    )
    assert closed == 303
    assert approved in (303, 422)
    counted, sent = walk.rows("SELECT sum(counted), sum(unaccounted) FROM hours_balance")[0]
    rows = walk.rows("SELECT sum(minutes) FROM hours_count WHERE pot_id = 1")[0][0]
    assert counted == rows == (180 if approved == 303 else 150)
    assert sent == (15 if approved == 303 else 45)


def test_a_balance_is_changed_by_nobody_but_for_a_name_that_goes(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "youssef")
    old_pot(walk)
    assert close(walk).status == 303
    for statement in ("UPDATE hours_balance SET counted = 1", "DELETE FROM hours_balance",
                      "UPDATE hours_balance SET person_id = 1"):  # fmt: skip
        with pytest.raises(Exception, match="never changed"), any_world.tool.session() as session:
            session.execute(text(statement))
    with any_world.tool.session() as session:
        session.execute(text("UPDATE hours_balance SET person_id = NULL WHERE id = 1"))


def test_a_period_that_runs_is_not_closed_and_not_by_just_anybody(walk: Walk) -> None:
    pot(walk, ["youssef"])
    page = walk.wout.get("hours/pots/close/1")
    assert "De periode loopt nog" in page.text
    assert not page.has_form("/hours/pots/close")
    page = close(walk)
    assert page.status == 422
    assert "De periode loopt nog" in page.text
    for name in ("fatima", "youssef"):
        assert walk[name].get("hours/pots/close/1").status == 403
        assert walk[name].post("hours/pots/close", pot="1").status == 403
    for number in ("9", "99999999999", "x", ""):
        assert close(walk, number).status == 422


def test_the_next_pot_that_is_there_is_used_and_what_is_over_lapses_after_its_periods(walk: Walk) -> None:
    older = ledger.school_year(OLD[0] - dt.timedelta(days=1))
    old_pot(walk, first_day=older[0].isoformat(), last_day=older[1].isoformat())
    old_pot(walk, surplus="yes")
    assert "die er al is" in walk.wout.get("hours/pots/close/1").text
    assert close(walk).status == 303
    assert walk.rows("SELECT count(*) FROM hours_pot")[0][0] == 2
    add(walk["fatima"], line="telt", day=DAY, chip="", minutes="150", pot="2")
    assert walk["youssef"].post("hours/approve", {"entry": [entry(walk.world, "telt")]}).status == 303
    assert close(walk, "2").status == 303
    page = walk["fatima"].get("hours")
    assert "2 uur 30 min van 4 uur telde mee" in page.text
    assert "1 uur 30 min gaat mee" in page.text, "two hours of the older year were used first"
    page = walk["marieke"].get("hours")
    assert "2 uur vervalt" in page.text
    assert "2 uur gaat mee" in page.text


def test_what_is_carried_over_is_said_beside_the_pot_and_can_be_changed_until_it_is_closed(walk: Walk) -> None:
    old_pot(walk, carries="0")
    assert "gaat één periode mee" not in walk["fatima"].get("hours/pots").text
    assert walk.wout.post("hours/pots/carries", pot="1", carries="2", surplus="yes").status == 303
    assert "gaat 2 periodes mee" in walk["fatima"].get("hours/pots").text
    for bad in ("10", "-1", "x"):
        page = walk.wout.post("hours/pots/carries", pot="1", carries=bad)
        assert page.status == 422
        assert "hoogstens negen periodes" in page.text
    assert walk["fatima"].post("hours/pots/carries", pot="1", carries="1").status == 403
    assert close(walk).status == 303
    page = walk.wout.post("hours/pots/carries", pot="1", carries="1")
    assert page.status == 422
    assert "is afgesloten" in page.text
    assert walk.wout.post("hours/pots/stop", pot="1").status == 422


def test_the_pages_take_few_statements(walk: Walk) -> None:
    a_year(walk)
    assert close(walk).status == 303
    walk["youssef"].post("hours/correct", entry=entry(walk.world, "telt"), minutes="20", words="korter")
    for name, path in (("fatima", "hours"), ("youssef", "hours/approve"), ("fatima", "hours/pots")):
        walk[name].get(path)
        with walk.world.tool.statements() as statements:
            assert walk[name].get(path).status == 200
        assert len(statements) <= 12, (path, len(statements))


def test_my_plan_is_beside_what_counts_and_nobody_else_s_to_read(walk: Walk) -> None:
    pot(walk, [], review="none")
    fatima = walk["fatima"]
    page = fatima.get("hours").form("/hours/plan").submit(hours="7,5")
    assert "Je plan: 7 uur 30 min. Er telt 0 min mee, nog 7 uur 30 min te gaan." in page.text
    add(fatima, line="iets", chip="90")
    page = fatima.get("hours")
    assert "nog 6 uur te gaan" in page.text
    assert dict(page.form("/hours/plan").values())["hours"] == "7,5"
    assert fatima.post("hours/plan", pot="1", hours="1.5").status == 303
    assert "je bent er" in fatima.get("hours").text
    for bad in ("veel", "-1", "2001", "1e3"):
        page = fatima.post("hours/plan", pot="1", hours=bad)
        assert page.status == 422
        assert "als 20 of 7,5" in page.text
        assert dict(page.form("/hours/plan").values())["hours"] == bad
    for number in ("9", "", "x"):
        assert fatima.post("hours/plan", pot=number, hours="2").status == 422
    for at in (walk.wout, walk["marieke"], walk["youssef"]):
        for path in ("hours", "hours/pots", "home", "community", "mine.json"):
            assert "Je plan: 1 uur 30 min" not in at.get(path).text
    assert '"hours_plans": []' in walk["marieke"].get("mine.json").html
    assert fatima.post("hours/plan", pot="1", hours="").status == 303
    assert "Je plan" not in fatima.get("hours").text
