"""Sessions by their pages: letters, leaving, closing; who was there sends hours of it, by their own choice."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.hours import ledger
from tests.actors import World
from tests.web.sitting import (
    ZONE,
    at,
    check_in,
    close,
    minutes,
    open_session,
    person_id,
    rows,
    shown,
    tick,
    ticked,
)
from tests.web.test_hours import POT, pot, table
from tests.web.test_hours_placed import launch, place
from tests.web.walk import Visit, Walk, base_of, meet, visit

AFTERNOON = dt.datetime(2026, 11, 30, 14, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """An afternoon at school: three o'clock there."""
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


def test_whoever_opens_my_hours_while_a_session_is_on_is_asked_first_whether_they_are_there(walk: Walk) -> None:
    """The code on the big screen leads to the activity by which who facilitates came, which may be that one."""
    activity = place(walk.world)
    assert "Ben je hier?" not in launch(walk.world, "fatima", activity).first.text
    number = open_session(walk.wout)
    page = launch(walk.world, "fatima", activity).first
    assert "Ben je hier?" in page.text
    page.form(f"/sessions/{number}/here").submit(letters=shown(walk.world, number))
    assert "Wat deed je, en hoe lang?" in launch(walk.world, "fatima", activity).first.text


def test_a_session_goes_to_no_pot_whose_period_does_not_hold_its_day(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"], name="Volgend jaar", first_day="2027-08-01", last_day="2028-07-31")
    number = open_session(walk.wout)
    clock.shift(minutes(91))
    tick(walk.wout, number, [person_id(walk.world, "fatima")])
    close(walk.wout, number)
    page = walk["fatima"].get("hours")
    assert "Er is nog geen pot voor deze dag" in page.text
    assert not page.soup.select("#offers select")
    pot(walk, ["youssef"])
    options = walk["fatima"].get("hours").soup.select("#offers select[name=pot] option")
    assert [each.text for each in options] == [POT]


@pytest.fixture
def walk(world: World, clock: time_machine.Traveller) -> Walk:
    """Fatima and Marieke take part, Youssef approves; Wout facilitates from outside."""
    return Walk(world, "fatima", "marieke", "youssef")


def test_a_teacher_checks_in_with_six_letters_and_sends_hours_of_it(
    any_world: World, clock: time_machine.Traveller
) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    pot(walk, ["youssef"])
    number = open_session(walk.wout)
    page = walk["fatima"].get("home")
    assert page.text.index("Ben je hier?") < page.text.index("Studiemiddag taal")
    clock.shift(minutes(2))
    letters = shown(any_world, number)
    assert letters in walk.wout.get(f"hours/sessions/{number}/letters").text.replace(" ", "").replace("\n", "")
    page = page.form(f"/sessions/{number}/here").submit(letters=letters.lower())
    assert "Je bent er: sinds 15.02 uur" in page.text
    check_in(walk, "marieke", number)
    clock.shift(minutes(58))
    page = walk["marieke"].get("home").form(f"/sessions/{number}/leave").submit()
    assert "Je ging om 16.00 uur weg" in page.text
    assert "Je bent er" in page.form(f"/sessions/{number}/leave").submit(back="yes").text
    assert walk["marieke"].post(f"hours/sessions/{number}/leave").status == 303
    # Before the list is closed nothing can be sent; that is said, and home asks who facilitates to close it.
    clock.shift(minutes(40))
    assert "Zodra de lijst is gesloten" in walk["fatima"].get("hours").text
    assert walk["fatima"].post("hours/attended", session=str(number), pot="1").status == 422
    assert "Wie waren er bij" in walk.wout.get("home").text
    close(walk.wout, number)
    assert rows(walk, number) == {"fatima": (True, "letters", True), "marieke": (True, "letters", True)}
    assert "1 uur 28 min van ‘Studiemiddag taal’ kan naar een pot" in walk["fatima"].get("home").text
    page = walk["fatima"].get("hours").form("/hours/attended").submit()
    assert "wacht op goedkeuring" in page.text
    assert "kan naar een pot" not in walk["fatima"].get("home").text
    page = walk["marieke"].get("hours").form("/hours/attended").submit()
    page = walk["youssef"].get("hours/approve")
    assert "15:02–16:30" in page.text
    assert "15:02–16:00" in page.text
    assert "bevestigd" in page.text
    with any_world.tool.session() as session:
        ids = session.execute(text("SELECT id FROM hours_entry ORDER BY id")).scalars().all()
        assert session.execute(text("SELECT count(*) FROM hours_count")).scalar_one() == 0, "nothing counts by itself"
    assert walk["youssef"].post("hours/approve", {"entry": [str(each) for each in ids]}).status == 303
    (row,) = table(walk["fatima"].get("hours.csv"))
    assert (row["minuten die meetellen"], row["van"], row["tot"]) == ("88", "15:02", "16:30")
    # Once is once.
    again = walk["fatima"].post("hours/attended", session=str(number), pot="1")
    assert again.status == 422
    assert "al ingestuurd" in again.text


def test_letters_of_then_of_there_and_of_nowhere_are_refused(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout, ends="17:00")
    photo = shown(walk.world, number)
    fatima = walk["fatima"]
    clock.shift(minutes(15))
    page = fatima.post(f"hours/sessions/{number}/here", letters=photo)
    assert page.status == 422
    assert "niet de letters van nu" in page.text
    assert photo in page.html, "what was typed is still there"
    for typed in ("", "ABC", "BDFGHJK", "      "):
        page = fatima.post(f"hours/sessions/{number}/here", letters=typed)
        assert (page.status, "zes letters die nu" in page.text) == (422, True)
    page = fatima.post(f"hours/sessions/{number}/here", letters="BBBBBB")
    assert page.status == 422
    assert fatima.post(f"hours/sessions/{number + 1}/here", letters=shown(walk.world, number)).status == 422
    assert fatima.post("hours/sessions/999999999999/here", letters=shown(walk.world, number)).status == 422
    assert rows(walk, number) == {}
    # Whoever signed in while letters were shown has ten minutes with them.
    letters = shown(walk.world, number)
    late = visit(walk.world, "fatima")
    clock.shift(minutes(9))
    assert fatima.browser is late.browser
    assert late.post(f"hours/sessions/{number}/here", letters=letters).status == 303
    assert rows(walk, number) == {"fatima": (True, "letters", False)}
    assert walk["marieke"].post(f"hours/sessions/{number}/here", letters=letters).status == 422


def test_tries_are_counted_and_the_eighth_is_the_last(walk: Walk) -> None:
    number, marieke = open_session(walk.wout), walk["marieke"]
    for _ in range(8):
        assert "niet de letters van nu" in marieke.post(f"hours/sessions/{number}/here", letters="BBBBBB").text
    page = marieke.post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert page.status == 422
    assert "acht keer geprobeerd" in page.text
    check_in(walk, "fatima", number)
    # Who facilitates can still tick.
    tick(walk.wout, number, [*ticked(walk.wout, number)["here"], person_id(walk.world, "marieke")])
    assert rows(walk, number)["marieke"] == (True, "list", False)


def test_letters_of_another_course_open_nothing(walk: Walk) -> None:
    world = walk.world
    number = open_session(walk.wout)
    world.place_cycle("karin", "PLG-TEC")
    other = world.activity("ambition", "PLG-TEC")
    karin = world.as_("karin").launch(other)
    karin.form("/welcome").submit(choice="facilitate_and_join")
    there = Visit(world.as_("karin").browser, karin, base_of(karin))
    own = open_session(there)
    bram = world.as_("bram").launch(other)
    at_bram = Visit(world.as_("bram").browser, bram, base_of(bram))
    for path in (number, own):
        letters = shown(world, number)
        assert at_bram.post(f"hours/sessions/{path}/here", letters=letters).status == 422
    assert rows(walk, number) == rows(walk, own) == {}
    for action in ("list", "close", "cancel", "correct", "paper"):
        page = there.post(f"hours/sessions/{number}/{action}", words="x", person="1")
        assert page.status == 404, action
    assert there.get(f"hours/sessions/{number}").status == 404
    assert there.get(f"hours/sessions/{number}/letters").status == 404


def test_the_letters_stand_on_a_page_that_renews_itself_and_says_nothing_else(walk: Walk) -> None:
    number = open_session(walk.wout)
    check_in(walk, "fatima", number)
    page = walk.wout.get(f"hours/sessions/{number}/letters")
    refresh = page.soup.select_one("meta[http-equiv=refresh]")
    assert refresh is not None
    assert 1 < int(str(refresh["content"])) <= 121
    assert "Fatima" not in page.text
    # At home they would be worth nothing.
    assert walk["fatima"].get(f"hours/sessions/{number}/letters").status == 403


def test_who_checked_in_while_the_list_was_open_on_a_screen_stays(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout)
    clock.shift(minutes(30))
    seen = ticked(walk.wout, number)
    check_in(walk, "fatima", number)
    page = walk.wout.post(
        f"hours/sessions/{number}/list",
        seen | {"here": [person_id(walk.world, "marieke")], f"came-{person_id(walk.world, 'marieke')}": "15:10"},
    )
    assert page.status == 303
    assert rows(walk, number) == {"fatima": (True, "letters", False), "marieke": (True, "list", False)}
    # Who is seen and unticked goes, and is told so.
    who = person_id(walk.world, "marieke")
    assert walk.wout.get(f"hours/sessions/{number}").soup.select_one(f"input[name='came-{who}'][value='15:10']")
    tick(walk.wout, number, [who], **{f"came-{who}": "15:10"})
    assert rows(walk, number)["fatima"][0] is False
    assert "Ben je hier?" in walk["fatima"].get("home").text
    clock.shift(minutes(90))
    close(walk.wout, number)
    page = walk["marieke"].get(f"hours/sessions/{number}")
    assert "van 15.10 tot 16.30 uur" in page.text


def test_a_meeting_can_be_a_session_and_ends_with_it(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    form = walk.wout.get("together").form("/together", 'name="first"')
    assert form.submit(keep="yes").status == 200
    (number,) = [row[0] for row in walk.rows("SELECT id FROM hours_session")]
    page = walk.wout.get("together/beamer")
    assert shown(walk.world, number) in page.text.replace(" ", "").replace("\n", "")
    assert page.soup.select_one("#letters [data-renew]") is not None
    assert "Ben je hier" not in walk["fatima"].get("together/beamer").text
    check_in(walk, "fatima", number)
    clock.shift(minutes(45))
    page = walk.wout.post("together/end")
    page = walk.wout.get(page.response.headers["Location"].split("/", 3)[3])
    assert "Wie waren er?" in page.text
    assert "Ben je hier?" not in walk["marieke"].get("home").text
    page = walk["marieke"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert (page.status, "voorbij" in page.text) == (422, True)
    close(walk.wout, number)
    assert "45 min" in walk["fatima"].get("hours").text
    assert walk["fatima"].get("hours").form("/hours/attended").submit().status == 200


def test_a_meeting_that_is_no_session_has_no_letters(walk: Walk) -> None:
    meet(walk.wout)
    assert walk.rows("SELECT id FROM hours_session") == []
    assert walk.wout.get("together/beamer").soup.select_one("#letters") is None


def test_what_the_form_proposes_late_in_the_evening_is_taken(world: World, clock: time_machine.Traveller) -> None:
    """Half past eleven to one: that it goes past midnight is proposed too, and nobody is asked about it."""
    clock.move_to(dt.datetime(2026, 11, 30, 22, 30, tzinfo=dt.UTC))
    walk = Walk(world)
    form = walk.wout.get("hours/sessions").form("/hours/sessions")
    proposed = dict(form.values())
    assert (proposed["begins"], proposed["ends"], proposed["sure"]) == ("23:30", "01:00", "hours_end_first")
    number = open_session(walk.wout)
    with walk.world.tool.session() as session:
        query = text("SELECT begins_at, ends_at FROM hours_session WHERE id = :id")
        begins, ends = session.execute(query, {"id": number}).one()
    assert [str(each)[11:16] for each in (begins, ends)] == ["22:30", "00:00"]
    clock.move_to(dt.datetime(2026, 12, 1, 8, 0, tzinfo=dt.UTC))
    assert "sure" not in visit(world, "wout").get("hours/sessions").form("/hours/sessions").values()


def test_an_evening_on_31_july_is_of_the_old_year(world: World, clock: time_machine.Traveller) -> None:
    clock.move_to(dt.datetime(2026, 7, 31, 21, 25, tzinfo=dt.UTC))
    walk = Walk(world, "fatima", "marieke", "youssef")
    number = open_session(walk.wout, begins="23:30", ends="00:30", sure="hours_end_first")
    clock.shift(minutes(5))
    check_in(walk, "fatima", number)
    clock.shift(minutes(65))
    close(walk.wout, number, ends="00:30")
    first, last = ledger.school_year(dt.date(2026, 7, 31))
    pot(walk, [], review="none", first_day=first.isoformat(), last_day=last.isoformat())
    assert walk["fatima"].get("hours").form("/hours/attended").submit().status == 200
    (row,) = table(walk["fatima"].get("hours.csv"))
    assert (row["dag"], row["minuten"], row["minuten die meetellen"]) == ("31-07-2026", "60", "60")
    assert now().astimezone(ZONE).date() == dt.date(2026, 8, 1)


def test_early_late_and_left_are_times(walk: Walk, clock: time_machine.Traveller) -> None:
    begins = AFTERNOON + minutes(20)
    number = open_session(walk.wout, begins=at(begins), ends=at(begins + minutes(60)))
    check_in(walk, "fatima", number)
    clock.shift(minutes(35))
    check_in(walk, "marieke", number)
    clock.shift(minutes(46))
    close(walk.wout, number)
    assert "1 uur" in walk["fatima"].get("hours").text, "who was early was there for all of it"
    assert "45 min" in walk["marieke"].get("hours").text
    far = open_session(walk.wout, begins="22:00", ends="23:00")
    page = walk["fatima"].post(f"hours/sessions/{far}/here", letters=shown(walk.world, far))
    assert (page.status, "nog niet zover" in page.text) == (422, True)


def test_what_overlaps_is_asked_and_counts_once(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, [], review="none")
    number = open_session(walk.wout)
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    fatima = walk["fatima"]
    page = fatima.post("hours", line="lezen", day="2026-11-30", begins="16:00", ends="16:30", pot="1")
    assert page.status == 303
    page = fatima.get("hours").form("/hours/attended").submit()
    assert page.status == 422
    assert "30 minuten al mee" in page.text
    page = page.form("/hours/attended").submit(sure=["hours_overlap"])
    assert page.status == 200
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [30, 60]
    assert fatima.post("hours/attended", session=str(number), pot="1").status == 422


def test_the_page_of_a_session_takes_few_statements_and_no_more_with_more_people(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    number = open_session(walk.wout)
    found = []
    for name in ("fatima", "marieke"):
        check_in(walk, name, number)
        found.append({})
        for at_, path in ((walk.wout, f"hours/sessions/{number}"), (walk.wout, "hours/sessions"),
                          (walk.wout, f"hours/sessions/{number}/letters"),
                          (walk.wout, f"hours/sessions/{number}/paper"),
                          (walk["fatima"], f"hours/sessions/{number}"), (walk["fatima"], "home")):  # fmt: skip
            at_.get(path)
            with walk.world.tool.statements() as statements:
                assert at_.get(path).status == 200
            found[-1][at_.base + path] = len(statements)
    assert found[0] == found[1]
    assert max(found[0].values()) <= 13, found[0]
