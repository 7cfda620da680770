"""Sessions by their pages: letters, lists, leaving, closing; who was there sends hours of it, by their own choice."""

import datetime as dt
import io

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.hours import ledger
from tests.actors import World
from tests.web.sitting import ZONE, ask, at, check_in, open_session, person_id, rows, shown
from tests.web.test_hours import pot, table
from tests.web.walk import Visit, Walk, base_of, enrol, meet, visit

AFTERNOON = dt.datetime(2026, 11, 30, 14, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> "time_machine.Traveller":  # type: ignore[misc]
    """An afternoon at school: three o'clock there."""
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        yield clock


@pytest.fixture
def walk(world: World, clock: time_machine.Traveller) -> Walk:
    """Fatima and Marieke take part, Youssef approves; Wout facilitates from outside."""
    return Walk(world, "fatima", "marieke", "youssef")


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def close(guide: Visit, number: int, **fields: str | list[str]) -> None:
    form = guide.get(f"hours/sessions/{number}").form(f"/sessions/{number}/list")
    page = guide.post(f"hours/sessions/{number}/close", dict(form.values()) | ticked(guide, number) | fields)
    assert page.status == 303, page.text[:600]


def ticked(guide: Visit, number: int) -> dict[str, list[str]]:
    """The boxes of the list as they stand."""
    page = guide.get(f"hours/sessions/{number}")
    return {
        "here": [str(each["value"]) for each in page.soup.select("input[name=here][checked]")],
        "seen": [str(each["value"]) for each in page.soup.select("input[name=seen]")],
    }


def tick(guide: Visit, number: int, here: list[str], *, status: int = 303, **fields: str) -> str:
    data = ticked(guide, number) | {"here": here} | fields
    page = guide.post(f"hours/sessions/{number}/list", data)
    assert page.status == status, page.text[:600]
    return page.text


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


def test_of_who_facilitates_another_says_that_they_were_there(walk: Walk, clock: time_machine.Traveller) -> None:
    assert walk.wout.post("community/name", member=member(walk, "marieke")).status == 303
    marieke, fatima = walk["marieke"], walk["fatima"]
    pot(walk, ["youssef"])
    number = open_session(marieke)
    check_in(walk, "fatima", number)
    tick(marieke, number, [*ticked(marieke, number)["here"], person_id(walk.world, "marieke")])
    clock.shift(minutes(91))
    close(marieke, number)
    assert rows(walk, number)["marieke"] == (True, "list", False)
    assert "Een collega moet nog zeggen dat je er was" in marieke.get("hours").text
    assert marieke.post("hours/attended", session=str(number), pot="1").status == 422
    row = walk.rows("SELECT id FROM hours_attendance WHERE person_id = :id", id=person_id(walk.world, "marieke"))[0][0]
    for who in (marieke, walk["youssef"]):
        assert who.post(f"hours/sessions/{number}/confirm", attendance=str(row)).status == 422, "not there, or oneself"
    assert "Ja" not in walk["youssef"].get("home").text or "Was Marieke" not in walk["youssef"].get("home").text
    # Their own word does not attest it either.
    page = marieke.post(f"hours/sessions/{number}/dispute", words="ik was er echt", came="15:00", left="16:00")
    assert page.status == 422
    assert "houdt deze lijst zelf bij" in page.text
    page = fatima.get("home")
    assert "Was Marieke" in page.text
    assert page.form(f"/sessions/{number}/confirm").submit().status == 200
    assert rows(walk, number)["marieke"] == (True, "list", True)
    assert "wacht op goedkeuring" in marieke.get("hours").form("/hours/attended").submit().text


def member(walk: Walk, name: str) -> str:
    from tests.web.test_facilitator import member_id

    return str(member_id(walk.world, name))


def test_who_is_missing_says_so_and_it_counts_until_somebody_answers(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    fatima, wout, youssef = walk["fatima"], walk.wout, walk["youssef"]
    number = open_session(wout)
    page = fatima.post(f"hours/sessions/{number}/dispute", words="ik was er", came="15:00", left="15:00")
    assert (page.status, "nog bezig" in page.text) == (422, True)
    clock.shift(minutes(90))
    close(wout, number)
    for fields, said in (
        ({"words": "Ik was er"}, "van hoe laat tot hoe laat jij er was"),
        ({"came": "15:00", "left": "16:00"}, "waarom"),
        ({"words": "x", "came": "16:00", "left": "15:00"}, "ligt voor de tijd van komen"),
        ({"words": "x", "came": "17:00", "left": "18:00"}, "moet nog komen"),
        ({"words": "x", "came": "14:00", "left": "14:30"}, "geen bijeenkomst"),
        ({"words": "x", "came": "x", "left": "y"}, "als 14:30"),
    ):
        page = fatima.post(f"hours/sessions/{number}/dispute", fields)
        assert page.status == 422, fields
        assert said.replace("jij er was", "je er was") in page.text, (fields, page.text[:400])
        assert fields.get("words", "") in page.html
    page = fatima.post(f"hours/sessions/{number}/dispute", words="Mijn telefoon was leeg", came="15:00", left="16:30")
    assert page.status == 303
    assert rows(walk, number)["fatima"] == (True, "own", False)
    assert "wacht op goedkeuring" in fatima.get("hours").form("/hours/attended").submit().text
    page = youssef.get("hours/approve")
    assert "op eigen woord" in page.text
    assert "Mijn telefoon was leeg" in page.text
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert youssef.post("hours/approve", {"entry": [str(entry)]}).status == 303
    assert youssef.post("hours/attended/answer", entry=str(entry), words="x", absent="yes").status == 422, "too early"
    # Who facilitates answers, with other times and a reason: a row of its own, told to both.
    page = wout.get("home").link(f"/hours/sessions/{number}")
    assert "zegt dat dit niet klopt" in page.text
    assert (
        wout.post(f"hours/sessions/{number}/correct", person=person_id(walk.world, "fatima"), came="15:30").status
        == 422
    )
    page = wout.post(
        f"hours/sessions/{number}/correct",
        person=person_id(walk.world, "fatima"), came="15:30", left="16:30", words="Je kwam na de pauze",
    )  # fmt: skip
    assert page.status == 303
    assert rows(walk, number)["fatima"] == (True, "own", True)
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30]
    assert "Je kwam na de pauze" in fatima.get("hours").text
    assert "Je kwam na de pauze" in fatima.get(f"hours/sessions/{number}").text
    assert "Je kwam na de pauze" in youssef.get("hours/approve").text
    assert "Je kwam na de pauze" in wout.get(f"hours/sessions/{number}").text
    # More by itself it never becomes: that is offered.
    clock.shift(minutes(1))
    page = wout.post(
        f"hours/sessions/{number}/correct",
        person=person_id(walk.world, "fatima"), came="15:00", left="16:30", words="Toch vanaf het begin",
    )  # fmt: skip
    assert page.status == 303
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30]
    page = fatima.get("hours")
    assert "De lijst is verbeterd nadat je dit instuurde" in page.text
    assert page.form("/hours/attended").submit().status == 200
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -30, -60]
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert youssef.post("hours/approve", {"entry": [str(entry)]}).status == 303
    assert sum(row[0] for row in walk.rows("SELECT minutes FROM hours_count")) == 90


def test_an_approver_answers_what_nobody_answered_for_fourteen_days(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    number = open_session(walk.wout)
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    assert walk["fatima"].get("hours").form("/hours/attended").submit().status == 200
    entry = str(walk.rows("SELECT max(id) FROM hours_entry")[0][0])
    assert walk["youssef"].post("hours/approve", {"entry": [entry]}).status == 303
    page = walk["fatima"].post(
        f"hours/sessions/{number}/dispute", words="Ik bleef tot vijf uur", came="15:00", left="16:20"
    )
    assert page.status == 303, "also after approval"
    assert walk["fatima"].post(f"hours/sessions/{number}/dispute", words="nog eens").status == 422
    clock.shift(dt.timedelta(days=13))
    youssef = visit(walk.world, "youssef")
    assert youssef.post("hours/attended/answer", entry=entry, words="x", absent="yes").status == 422
    clock.shift(dt.timedelta(days=1, minutes=1))
    youssef, marieke = visit(walk.world, "youssef"), visit(walk.world, "marieke")
    assert marieke.post("hours/attended/answer", entry=entry, words="x").status == 404
    page = youssef.get("hours/approve")
    assert "antwoordde veertien dagen niet" in page.text
    page = youssef.post(
        "hours/attended/answer", entry=entry, came="15:00", left="16:20", words="Volgens Marieke tot tien voor half"
    )
    assert page.status == 303, page.text[:500]
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_count ORDER BY id")] == [90, -10]
    assert "Volgens Marieke" in visit(walk.world, "fatima").get("hours").text


def test_what_waits_comes_back_when_the_list_is_corrected(walk: Walk, clock: time_machine.Traveller) -> None:
    pot(walk, ["youssef"])
    number, fatima = open_session(walk.wout), walk["fatima"]
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    fatima.get("hours").form("/hours/attended").submit()
    who = person_id(walk.world, "fatima")
    for fields, said in (({"words": "x"}, "Zo staat het er al"), ({"words": "x", "person": "999999"}, "hoort niet bij"),
                         ({"words": "x", "person": "-1"}, "hoort niet bij"),
                         ({"came": "15:30"}, "waarom")):  # fmt: skip
        page = walk.wout.post(f"hours/sessions/{number}/correct", {"person": who} | fields)
        assert (page.status, said in page.text) == (422, True), (fields, page.text[:300])
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, came="15:30", words="Later gekomen")
    assert page.status == 303
    page = fatima.get("hours")
    assert "Teruggestuurd" in page.text
    assert "Later gekomen" in page.text
    assert "Stuur deze tijden in" in page.text
    assert page.form("/hours/attended").submit().status == 200
    assert [row[0] for row in walk.rows("SELECT minutes FROM hours_entry ORDER BY id")] == [90, 60]
    clock.shift(minutes(1))
    # Of who left earlier the time of coming stays.
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, left="16:20", words="Eerder weg")
    assert page.status == 303
    assert "van 15.30 tot 16.20 uur" in fatima.get(f"hours/sessions/{number}").text
    assert fatima.get("hours").form("/hours/attended").submit().status == 200
    # Somebody who was not there after all.
    page = walk.wout.post(f"hours/sessions/{number}/correct", person=who, absent="yes", words="Het was een ander")
    assert page.status == 303
    assert rows(walk, number)["fatima"][0] is False
    page = fatima.get("hours")
    assert not page.has_form("/hours/attended")
    assert "Dit kwam bij je terug" in page.text
    assert "Het was een ander" in page.text
    assert "Pas aan" not in page.text, "there is nothing to change: the list says it"
    entry = walk.rows("SELECT max(id) FROM hours_entry")[0][0]
    assert walk["youssef"].post("hours/approve", {"entry": [str(entry)]}).status == 422
    assert page.form("/hours/withdraw").submit().status == 200
    assert "Het was een ander" in fatima.get(f"hours/sessions/{number}").text


def test_who_sees_who_was_there(walk: Walk, clock: time_machine.Traveller) -> None:
    """Nobody but oneself and who facilitates: from outside their own, until thirty days after; never a leader."""
    world = walk.world
    assert walk.wout.post("community/name", member=member(walk, "youssef")).status == 303
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    number, own = open_session(walk.wout), None
    check_in(walk, "fatima", number)
    clock.shift(minutes(91))
    close(walk.wout, number)
    own = open_session(walk["youssef"])
    for path in (f"hours/sessions/{number}", "hours/sessions", "home", "hours", "community"):
        page = walk["marieke"].get(path)
        assert "sinds 15.00" not in page.text
        assert "van 15.00" not in page.text, path
    assert "Je staat niet op de lijst" in walk["marieke"].get(f"hours/sessions/{number}").text
    assert "Fatima" not in walk["marieke"].get(f"hours/sessions/{number}").text
    for path in ("hours/sessions", f"hours/sessions/{number}", f"hours/sessions/{number}/letters"):
        assert mieke.get(path).status == 403
    assert "Fatima" in walk.wout.get(f"hours/sessions/{number}").text
    assert "Fatima" in walk["youssef"].get(f"hours/sessions/{number}").text, "of the community's own"
    # From outside: only what they opened.
    assert "Fatima" not in walk.wout.get(f"hours/sessions/{own}").text
    assert walk.wout.get(f"hours/sessions/{own}/letters").status == 404
    for action in ("list", "close", "cancel", "correct"):
        page = walk.wout.post(
            f"hours/sessions/{own}/{action}", words="x", person=person_id(world, "fatima"), absent="yes"
        )
        assert page.status == 422, action
    clock.shift(dt.timedelta(days=30))
    wout, youssef = visit(world, "wout"), visit(world, "youssef")
    assert "Fatima" not in wout.get(f"hours/sessions/{number}").text
    assert (
        wout.post(f"hours/sessions/{number}/correct", words="x", person=person_id(world, "fatima"), absent="yes").status
        == 422
    )
    assert "Fatima" in youssef.get(f"hours/sessions/{number}").text
    # Who no longer facilitates sees what they opened, and no more.
    assert youssef.post("role/stop", answer="yes").status == 303
    youssef = visit(world, "youssef")
    assert "Fatima" not in youssef.get(f"hours/sessions/{number}").text
    assert youssef.get(f"hours/sessions/{own}").soup.select_one("#list") is not None
    assert youssef.post(f"hours/sessions/{own}/close").status == 403


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


def test_a_list_from_paper_is_of_a_day_that_was(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    assert "Toon de letters" not in walk.wout.get(f"hours/sessions/{number}").text
    page = walk["fatima"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert (page.status, "voorbij" in page.text) == (422, True)
    fatima, marieke = person_id(walk.world, "fatima"), person_id(walk.world, "marieke")
    tick(walk.wout, number, [fatima, marieke], **{f"came-{marieke}": "14.15", f"left-{marieke}": "15:45"})
    close(walk.wout, number)
    assert "2 uur" in walk["fatima"].get("hours").text
    assert "1 uur 30 min" in walk["marieke"].get("hours").text


def csv(walk: Walk, number: int, content: bytes) -> "Page":  # type: ignore[name-defined] # noqa: F821
    return walk.wout.post(f"hours/sessions/{number}/paper", {"file": (io.BytesIO(content), "lijst.csv")})


def test_a_list_from_a_file_is_shown_first_and_kept_once(walk: Walk) -> None:
    world = walk.world
    enrol(world, "twin", "student")
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    names = {row[0].split()[0].lower(): row[0] for row in walk.rows("SELECT name FROM person")}
    content = f"Naam;Van;Tot\r\n{names['fatima']};14:10;\r\n{names['marieke'].upper()};;15.30\r\nWie is dit;;\r\n"
    page = csv(walk, number, content.encode("cp1252"))
    assert page.status == 200, page.text[:500]
    assert "nog niets bewaard" in page.text
    assert rows(walk, number) == {}
    form = page.form("/paper/on")
    refused = form.submit()
    assert refused.status == 422
    assert "Regel 4: kies wie “Wie is dit” is" in refused.text
    assert rows(walk, number) == {}, "all of it or nothing"
    twice = refused.form("/paper/on").submit(**{"chosen-4": person_id(world, "fatima")})
    assert (twice.status, "staat er al" in twice.text) == (422, True)
    for _ in range(2):
        page = csv(walk, number, content.encode()).form("/paper/on").submit(**{"chosen-4": "nobody"})
        assert page.status == 200, page.text[:500]
        assert rows(walk, number) == {"fatima": (True, "list", False), "marieke": (True, "list", False)}
    hostile = form.values()
    for change in ({"chosen-4": "999999"}, {"chosen-4": "x"}, {"came-2": "half vier", "chosen-4": "nobody"},
                   {"line": "x"}, {"left-3": "13:00", "chosen-4": "nobody"}):  # fmt: skip
        page = walk.wout.post(f"hours/sessions/{number}/paper/on", hostile_of(hostile, change))
        assert page.status == 422, change
    close(walk.wout, number)
    page = csv(walk, number, content.encode()).form("/paper/on").submit(**{"chosen-4": "nobody"})
    assert (page.status, "al gesloten" in page.text) == (422, True)


def hostile_of(values: object, change: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in values:  # type: ignore[attr-defined]
        found.setdefault(name, []).append(value)
    return found | {name: [value] for name, value in change.items()}


def test_a_file_that_cannot_be_is_told_and_nothing_is_kept(walk: Walk) -> None:
    number = open_session(walk.wout, day="2026-11-16", begins="14:00", ends="16:00")
    for content, said in (
        (b"", "niemand op deze lijst"),
        (b"naam\n" + b"x" * 100_000, "groter dan 100 kB"),
        (b"PK\x03\x04x", "geen csv-bestand"),
        (b"naam;van\nJan;=1+1\n", "Regel 2, “van”: hier staat een formule"),
        (b"naam;van\nJan;laat\n", "Regel 2, “van”: schrijf een tijd"),
        (b"wat\nJan\n", "kolom ‘naam’"),
    ):
        page = csv(walk, number, content)
        assert page.status == 422, content[:20]
        assert said in page.text, (said, page.text[:400])
    assert walk.wout.post(f"hours/sessions/{number}/paper").status == 422
    assert rows(walk, number) == {}


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"title": ""}, "een naam", "a name"),
    ({"title": "   "}, "een naam", "a name"),
    ({"title": "x" * 121}, "te lang", "too long"),
    ({"title": "lang " * 20_000}, "te lang", "too long"),
    ({"title": "omge\u202ekeerd"}, "onzichtbare tekens", "invisible characters"),
    ({"place": "bel\x07"}, "onzichtbare tekens", "invisible characters"),
    ({"day": "gisteren"}, "Kies een dag", "Choose a day"),
    ({"day": ""}, "Kies een dag", "Choose a day"),
    ({"day": "2026-07-31"}, "vorig schooljaar", "earlier school year"),
    ({"day": "2027-06-01"}, "te ver weg", "too far off"),
    ({"begins": ""}, "van hoe laat tot hoe laat", "from what time"),
    ({"ends": ""}, "van hoe laat tot hoe laat", "from what time"),
    ({"begins": "25:00"}, "als 14:30", "like 14:30"),
    ({"ends": "laat"}, "als 14:30", "like 14:30"),
    ({"begins": "15:00", "ends": "15:00"}, "na middernacht", "after midnight"),
    ({"begins": "15:00", "ends": "14:00"}, "na middernacht", "after midnight"),
    ({"begins": "15:00", "ends": "14:00", "sure": "hours_end_first"}, "twaalf uur", "twelve hours"),
    ({"begins": "08:00", "ends": "20:01"}, "twaalf uur", "twelve hours"),
    ({"about": "gelogen"}, "een stap uit de lijst", "a step from the list"),
]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_bad_input_gets_a_sentence_and_loses_nothing(walk: Walk, language: str) -> None:
    walk.wout.post("language", language=language)
    for fields, dutch, english in BAD:
        page = ask(walk.wout, status=422, **fields)
        assert (dutch if language == "nl" else english).casefold() in page.text.casefold(), fields
        kept = dict(page.form("/hours/sessions").values())
        if fields.get("title", "x").isprintable() and fields.get("title", "x").strip():
            assert kept["title"] == fields.get("title", "Studiemiddag taal")
    assert walk.rows("SELECT id FROM hours_session") == []


def test_two_sessions_at_one_time_are_one_too_many(walk: Walk) -> None:
    number = open_session(walk.wout)
    assert "staat er al" in ask(walk.wout, status=422).text
    assert "Studiemiddag taal" in ask(walk.wout, status=422, title="Iets anders", begins="16:00", ends="17:00").text
    assert walk.wout.post(f"hours/sessions/{number}/cancel").status == 303
    assert "Ben je hier?" not in walk["fatima"].get("home").text
    assert open_session(walk.wout)
    for action, fields in (("list", {}), ("close", {}), ("cancel", {}), ("correct", {"words": "x"})):
        data = {"person": person_id(walk.world, "fatima"), "absent": "yes"} | fields
        assert walk.wout.post(f"hours/sessions/{number}/{action}", data).status == 422
    page = walk["fatima"].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert (page.status, "ging niet door" in page.text) == (422, True)


def test_a_bad_list_is_told_by_name_and_nothing_of_it_is_kept(walk: Walk, clock: time_machine.Traveller) -> None:
    number = open_session(walk.wout)
    fatima, marieke = person_id(walk.world, "fatima"), person_id(walk.world, "marieke")
    clock.shift(minutes(60))
    for fields, said in (
        ({f"came-{fatima}": "laat"}, "schrijf een tijd als 14:30"),
        ({f"came-{fatima}": "15:30", f"left-{fatima}": "15:10"}, "ligt voor de tijd van komen"),
        ({f"left-{fatima}": "16:20"}, "moet nog komen"),
        ({f"came-{fatima}": "08:00"}, "meer dan zes uur"),
        ({f"came-{fatima}": "14:00", f"left-{fatima}": "14:30"}, "geen bijeenkomst"),
    ):
        assert said in tick(walk.wout, number, [marieke, fatima], status=422, **fields), fields
        assert rows(walk, number) == {}
    for person in ("999999", "x", "-1", "9" * 12):
        assert "hoort niet bij" in tick(walk.wout, number, [person], status=422)
    for ends, said in (("14:00", "na het begin"), ("16:30", "na het begin"), ("x", "als 14:30")):
        page = walk.wout.post(f"hours/sessions/{number}/close", {"here": [fatima], "ends": ends})
        assert (page.status, said in page.text) == (422, True), ends
    assert rows(walk, number) == {}


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
