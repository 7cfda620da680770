"""A meeting that runs itself: an agenda, seven presses to the end of step 1, pages that follow, what is taken away."""

import datetime as dt
import re

import icalendar
import pytest
from sqlalchemy import inspect, text

from lti_tool.db import now
from tests.actors import World
from tests.web.test_facilitator import member_id
from tests.web.walk import NO_ROLE, STAGES, STEP, Visit, Walk, meet, visit

EIGHT = ("fatima", "marieke", "youssef", "janwillem", "siobhan", "soren", "chantal", "ruben")
CONDUCT, BEAMER = "together/conduct", "together/beamer"
# The form by which a meeting begins, and not the one that works an agenda out again.
AGENDA = 'name="first"'


class Sitting(Walk):
    """A community in a meeting; presses: how many buttons whoever conducts it has pressed since it began."""

    def __init__(self, world: World, *members: str) -> None:
        super().__init__(world, *members)
        self.presses = 0
        meet(self.wout)

    def press(self, action: str, containing: str = "", **fields: str) -> "Sitting":
        """Press a button on the page of whoever conducts."""
        self.presses += 1
        page = self.wout.get(CONDUCT).form(action, containing).submit(**fields)
        assert page.status == 200, page.text[:600]
        return self

    def news(self, at: Visit) -> list[int]:
        """What a phone hears."""
        page = at.get("news")
        assert page.status == 200, page.status
        return [int(each) for each in page.html.split()]

    def everybody(self, *away: str) -> None:
        """All who are there do what the round asks."""
        now = self.stage
        for index, name in enumerate(each for each in self.visits if each not in away):
            self.do_the_task(name, index, now)
        for name in self.visits:
            if name not in away and (page := self[name].get(STEP)).has_form("/together/pass"):
                page.form("/together/pass").submit()


def test_eight_phones_come_to_the_end_of_step_1_with_seven_presses_and_each_follows(any_world: World) -> None:
    sitting = Sitting(any_world, *EIGHT)
    assert sitting.news(sitting["ruben"])[2] == 1
    seen = []
    while sitting.stage != "closed":
        seen.append(sitting.stage)
        sitting.everybody()
        before = sitting.news(sitting["ruben"])
        sitting.press("/together/next")
        assert sitting.news(sitting["ruben"])[1] > before[1]
        for name in ("fatima", "ruben"):
            page = sitting[name].browser.get(sitting[name].base + f"now?at=ambition.{seen[-1]}")
            assert "We zijn een ronde verder." in page.text
    assert seen == STAGES[:7]
    assert sitting.presses == 7


def test_the_agenda_that_is_proposed_holds_all_seven_rounds_within_45_minutes(world: World) -> None:
    walk = Walk(world, *EIGHT)
    page = walk.wout.get("together")
    rows = page.soup.select(".agenda li")
    minutes = [int(str(row.input["value"])) for row in rows if row.input]
    last = page.form("/together", AGENDA).values()
    assert dict(last)["last"] == "ambition.consent"
    assert len(minutes[:7]) == 7
    assert sum(minutes[:7]) <= 45
    # What does not fit is folded: the heading over the others says that they do.
    assert len(page.soup.select(".agenda li")) > 7
    assert len(page.soup.select("details .agenda li")) == len(minutes) - 7
    assert page.soup.select("details .agenda")[0]["start"] == "8"


def test_each_colleague_set_away_costs_two_presses_and_nobody_waits_for_them(world: World) -> None:
    sitting = Sitting(world, *EIGHT[4:])
    for name in ("chantal", "ruben"):
        # To unfold the list is one of the two.
        assert sitting.wout.get(CONDUCT).soup.select_one("details#people > summary") is not None
        sitting.presses += 1
        sitting.press("/together/away", member=str(member_id(sitting.world, name)))
    for _ in range(2):
        sitting.everybody("chantal", "ruben")
        sitting.press("/together/next")
    assert sitting.stage == "pairs"
    assert sitting.presses == 2 + 2 * 2


def test_what_whoever_conducts_did_is_said(world: World) -> None:
    sitting = Sitting(world, *EIGHT[4:])

    def said(action: str, **fields: str) -> str:
        page = sitting.wout.get(CONDUCT).form(action).submit(**fields)
        done = page.soup.select_one("#done[role=status]")
        assert done is not None
        return done.get_text()

    whom = str(member_id(world, "ruben"))
    assert said("/together/away", member=whom) == "Tot vannacht wacht niemand op deze collega."
    assert said("/together/here", member=whom) == "Deze collega doet weer mee."
    assert said("/together/park", thought="rooster") == "Geparkeerd: iedereen in de bijeenkomst kan het lezen."
    thought = str(Walk.rows(sitting, "SELECT id FROM parked")[0][0])
    assert said("/together/take-out", thought=thought) == "Weggehaald."


def test_the_big_screen_waits_for_a_meeting_and_is_where_it_begins(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    page = walk["fatima"].get(BEAMER)
    assert page.soup.select_one("#waiting") is not None
    where = str(page.soup.body["data-now"]) if page.soup.body else ""
    assert walk["fatima"].browser.get(where).soup.select_one("#waiting") is not None
    meet(walk.wout)
    page = walk["fatima"].browser.get(where)
    assert page.soup.select_one("#live") is not None
    assert page.soup.select_one("#waiting") is None


def test_home_has_one_thing_to_do_first_while_a_meeting_is_on(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    meet(walk.wout)
    for each in (walk["fatima"], walk.wout):
        home = each.get("home")
        assert [button.get_text() for button in home.soup.select("main .btn:not(.quiet)")] == ["Doe mee"]
        assert len(home.soup.select(".card.next")) == 1


def test_a_piece_has_on_everybody_s_phone_the_number_that_the_big_screen_gives_it(world: World) -> None:
    sitting = Sitting(world, *EIGHT)
    while sitting.stage != "dots":
        sitting.everybody()
        sitting.press("/together/next")
    wall = [card.get_text() for card in sitting.wout.get(BEAMER).soup.select(".cards li")]
    assert len(wall) > 3
    orders = set()
    for name in ("fatima", "ruben", "soren"):
        pieces = sitting[name].get(STEP).soup.select("[data-piece]")
        numbers = [int(each.select_one(".nr").get_text()) for each in pieces]  # type: ignore[union-attr]
        assert sorted(numbers) == list(range(1, len(wall) + 1))
        assert all(wall[number - 1] in each.get_text() for number, each in zip(numbers, pieces, strict=True))
        orders.add(tuple(numbers))
    # And yet each has them in an order of their own.
    assert len(orders) > 1


def test_who_is_missing_is_asked_before_a_round_ends_without_them(world: World) -> None:
    sitting = Sitting(world, *EIGHT)
    for name in EIGHT[:6]:
        sitting[name].act("idea", text=f"idee van {name}", why="x")
    page = sitting.wout.get(CONDUCT).form("/together/next").submit()
    assert sitting.stage == "ideas"
    assert "Verder zonder iedereen?" in page.text
    for name in ("chantal", "ruben"):
        assert world.person(name).name in page.text
    page.form("/together/next", 'name="confirmed"').submit()
    assert sitting.stage == "respond"


def test_of_two_conductors_only_the_first_moves_the_round(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke", "youssef")
    sitting.everybody()
    first, second = sitting.wout.get(CONDUCT), visit(world, "wout").get(CONDUCT)
    first.form("/together/next").submit()
    page = second.form("/together/next").submit()
    assert page.status == 422
    assert "Iemand anders heeft de gemeenschap al verder gezet." in page.text
    assert sitting.stage == "respond"


def test_two_presses_on_begin_make_one_meeting(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    pages = [visit(world, "wout").get("together") for _ in range(2)]
    for page in pages:
        assert page.form("/together", AGENDA).submit().status == 200
    assert walk.rows("SELECT count(*) FROM meeting")[0][0] == 1


def test_an_agenda_that_was_changed_is_kept_as_it_was_changed(world: World) -> None:
    walk = Walk(world, *EIGHT)
    form = walk.wout.get("together?total=20").form("/together", AGENDA)
    minutes = [value for name, value in form.values() if name == "minutes"]
    form.submit(minutes=["9", *minutes[1:]], last="ambition.respond")
    page = walk.wout.get(CONDUCT)
    assert "ronde 1 van 7" in page.text
    assert "9:00" in page.text or "8:59" in page.text


@pytest.mark.parametrize("minutes", ["0", "-1", "481", "x", ""])
def test_an_agenda_with_times_that_are_none_is_refused_and_stands_as_it_was_typed(world: World, minutes: str) -> None:
    walk = Walk(world, "fatima", "marieke")
    form = walk.wout.get("together").form("/together", AGENDA)
    given = [value for name, value in form.values() if name == "minutes"]
    page = form.submit(minutes=[minutes, *given[1:]])
    assert page.status == 422
    assert next(value for name, value in page.form("/together", AGENDA).values() if name == "minutes") == minutes
    assert walk.rows("SELECT count(*) FROM meeting")[0][0] == 0


def test_a_minute_more_is_the_servers_so_that_two_screens_agree(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")

    def left(at: Visit, page: str) -> int:
        shown = at.get(page).soup.select_one("[data-left]")
        assert shown is not None
        return int(str(shown["data-left"]))

    before = left(sitting.wout, BEAMER)
    sitting.press("/together/time")
    screens = [left(sitting.wout, BEAMER), left(sitting["fatima"], BEAMER), left(sitting.wout, CONDUCT)]
    assert before + 50 < min(screens) <= max(screens) <= before + 60
    stale = sitting.wout.get(CONDUCT).form("/together/time")
    sitting.everybody()
    sitting.press("/together/next")
    assert stale.submit().status == 422


def test_a_round_back_is_taken_by_the_same_rule_and_all_follow(world: World) -> None:
    sitting = Sitting(world, *EIGHT[:3])
    sitting.everybody()
    sitting.press("/together/next")
    assert not sitting.wout.get(CONDUCT).has_form("/together/back")
    sitting.everybody()
    sitting.press("/together/next")
    before = sitting.news(sitting["fatima"])
    sitting.press("/together/back")
    assert sitting.stage == "respond"
    assert sitting.news(sitting["fatima"])[1] > before[1]
    fatima = sitting["fatima"]
    assert "een ronde terug" in fatima.browser.get(fatima.base + "now?at=ambition.pairs").text
    assert "We zijn weer bij ronde 2." in fatima.get("told?at=ambition.pairs&typing=1").text


def test_a_thought_is_parked_without_a_name_for_all_to_read(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    sitting.press("/together/park", thought="hoe doen we dit met de stages?")
    assert "hoe doen we dit met de stages?" in sitting["fatima"].get(BEAMER).text
    assert {column["name"] for column in _columns(sitting, "parked")} == {"id", "meeting_id", "text"}
    again = sitting.wout.get(CONDUCT).form("/together/park").submit(thought="hoe doen we dit met de stages?")
    assert again.status == 422
    assert sitting.wout.get(CONDUCT).form("/together/park").submit(thought=" ").status == 422
    sitting.press("/together/take-out", thought=str(sitting.rows("SELECT id FROM parked")[0][0]))
    assert "hoe doen we" not in sitting["fatima"].get(BEAMER).text


def _columns(walk: Walk, table: str) -> list[dict[str, str]]:
    with walk.world.tool.session() as session:
        return inspect(session.connection()).get_columns(table)  # type: ignore[return-value]


def test_the_beamer_shows_nothing_hidden_and_nobodys_name_and_what_came_of_it_is_taken_away(world: World) -> None:
    sitting = Sitting(world, *EIGHT)
    names = [world.person(name).name for name in EIGHT]
    while sitting.stage != "closed":
        stage = sitting.stage
        # What dots came to is on the wall until there is a text of it: then all look at that.
        assert bool(sitting.wout.get(BEAMER).soup.select(".bars")) == (stage == "draft"), stage
        sitting.everybody()
        for at in (sitting.wout, sitting["fatima"]):
            page = at.get(BEAMER)
            assert not [name for name in names if name in page.text], stage
            assert ("idee van" in page.text) == (stage not in ("ideas", "draft", "consent")) or stage == "draft"
            if stage in ("ideas", "respond", "dots", "consent"):
                assert "8 van de 8" in page.text
            assert not page.soup.select(".bars"), stage
            assert bool(page.soup.select(".the-text")) == (stage in ("draft", "consent")), stage
        # Seen by whoever it is, the same stands there.
        assert _wall(sitting.wout) == _wall(sitting["fatima"]) == _wall(sitting["ruben"])
        sitting.press("/together/next")
    assert "Stap 1 is klaar." in sitting.wout.get(BEAMER).text
    assert "tekst van" in sitting.wout.get(BEAMER).text
    _taken_away(sitting)


def test_once_it_has_ended_every_screen_leads_to_what_is_taken_along(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    at = sitting["fatima"]
    told = at.base + "told?at=ambition.ideas"
    assert "We zijn bij ronde 1" in at.browser.get(told).text
    sitting.press("/together/end")
    assert "De bijeenkomst is afgelopen." in at.browser.get(told).text
    page = at.browser.get(at.base + "now?at=ambition.ideas")
    assert "Wat nemen we mee?" in page.text
    assert "Wat nemen we mee?" in at.browser.get(at.base + "now?at=ambition.ideas").text


def _taken_away(sitting: Sitting) -> None:
    """What was decided, who asks whom, what was parked and when they meet again: as a page, a text and a calendar."""
    sitting.press("/together/park", thought="de stages komen nog")
    page = sitting.wout.get(CONDUCT).form("/together/end").submit()
    soon = now().date() + dt.timedelta(days=9)
    page = page.form("/again").submit(date=soon.isoformat(), time="15:30")
    text = page.soup.find(id="text")
    assert text is not None
    for words in ("tekst van", "vraag van", sitting.world.person("fatima").name, "de stages komen nog", "15.30"):
        assert words in text.get_text(), words
    number = re.search(r"/together/(\d+)", page.url)
    assert number is not None
    member = sitting["fatima"].get(f"together/{number[1]}")
    assert "tekst van" in member.text
    assert not member.has_form("/again")
    found = icalendar.Calendar.from_ical(sitting["fatima"].get(f"together/{number[1]}/dates.ics").html)
    events = {str(each["summary"]): each for each in found.walk("VEVENT")}
    again = next(each for name, each in events.items() if name.startswith("Leerkring: "))
    assert again["dtstart"].dt.date() == soon
    assert any("vraag van" in name for name in events)
    begun, ended = sitting.rows("SELECT started_at, ended_at FROM meeting")[0]
    assert begun < ended
    assert [row[0] for row in sitting.rows("SELECT kind FROM act WHERE kind LIKE 'meeting%' ORDER BY id")] == [
        "meeting_begun",
        "meeting_ended",
    ]


def _wall(at: Visit) -> str:
    live = at.get(BEAMER).soup.select_one("#live")
    assert live is not None
    return re.sub(r"\d+:\d\d", "", " ".join(live.get_text(" ").split()))


def test_the_news_is_a_few_bytes_one_statement_and_no_write(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    sitting.news(sitting["fatima"])
    with world.tool.statements() as statements:
        page = sitting["fatima"].get("news")
    assert len(statements) == 1
    assert statements[0].lstrip().startswith("SELECT")
    assert len(page.html) < 20


def test_the_news_changes_with_whatever_others_see_and_with_nothing_else(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke", "youssef")
    phone = sitting["youssef"]
    seen = sitting.news(phone)

    def changed() -> bool:
        nonlocal seen
        before, seen = seen, sitting.news(phone)
        return before[0] != seen[0]

    assert not changed()
    sitting["fatima"].post("draft", draft="1:idea", text="half in onze lessen")
    assert not changed()
    sitting["fatima"].post(f"{STEP}/idea", text="", why="")
    assert not changed()
    sitting["fatima"].act("idea", text="rust in onze lessen", why="x")
    assert changed()
    sitting["marieke"].get(STEP).form("/together/pass").submit()
    assert changed()
    moved = seen[1]
    sitting.press("/together/park", thought="later dit")
    assert changed()
    sitting.press("/together/time")
    assert changed()
    sitting.press("/together/away", member=str(member_id(world, "youssef")))
    assert changed()
    # All of it happened in the same round: phones stay where they are.
    assert seen[1] == moved
    sitting.press("/together/end")
    assert changed()
    assert (seen[1] != moved, seen[2]) == (True, 0)


def test_the_news_is_for_who_is_signed_in_and_belongs_and_for_nobody_else(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    fatima = sitting["fatima"]
    assert sitting.news(fatima)[2] == 1
    other = visit(world, "marieke").browser
    assert other.client.get(fatima.base + "news", base_url=world.tool.url).status_code == 401
    assert visit(world, "els").get("news").status == 403
    assert visit(world, "soren", **NO_ROLE).get("news").status == 403
    with world.tool.session() as session:
        session.execute(
            text("UPDATE seat SET present = false WHERE person_id = (SELECT id FROM person WHERE sub = :sub)"),
            {"sub": world.person("fatima").id},
        )
    assert fatima.get("news").status == 403
    marieke = sitting["marieke"]
    marieke.browser.forget()
    assert marieke.get("news").status == 401


def test_a_form_for_a_round_that_has_passed_loses_nothing_typed(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke", "youssef")
    sitting.everybody()
    sitting["fatima"].post("draft", draft="1:idea-new", text="half getypt idee")
    sitting.press("/together/next")
    sitting.everybody()
    sitting.press("/together/next")
    page = sitting["fatima"].post(f"{STEP}/idea", text="een idee dat te laat komt", why="x", draft="1:idea-new")
    assert page.status == 422
    assert "een idee dat te laat komt" in page.html
    assert sitting.rows("SELECT count(*) FROM draft WHERE form = '1:idea-new'")[0][0] == 1


def test_who_is_typing_is_told_where_the_others_are(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    sitting.everybody()
    sitting.press("/together/next")
    page = sitting["fatima"].get("told?at=ambition.ideas&typing=1")
    assert "We zijn bij ronde 2." in page.text
    assert "Je tekst is bewaard: verstuur hem, of ga mee." in page.text


def test_without_a_meeting_whoever_asks_for_news_comes_back_to_the_page(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    assert fatima.browser.get(fatima.base + "now?at=ambition.ideas").url.endswith(f"{STEP}")
    assert fatima.browser.get(fatima.base + "now?at=nothing").url.endswith("/home")
    noscript = str(fatima.get(STEP).soup.noscript)
    assert "Is er iets nieuws?" in noscript
    assert "now?at=ambition.ideas" in noscript


def test_a_next_day_that_is_none_is_refused(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    page = sitting.wout.get(CONDUCT).form("/together/end").submit()
    assert page.form("/again").submit(date="2020-01-06").status == 422
    assert page.form("/again").submit(date="2999-01-06").status == 422
    assert page.form("/again").submit(date="x").status == 422
    assert page.form("/again").submit(date="", time="25:00").status == 422


def test_where_the_lms_does_not_say_where_the_activity_is_it_is_pasted_once(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    with world.tool.session() as session:
        session.execute(text("UPDATE launch SET reopen_url = ''"))
    form = walk.wout.get("together").form("/together/address")
    assert form.submit(address="https://evil.example/").status == 422
    assert form.submit(address="no address").status == 422
    given = f"{world.lms.url}/mod/lti/view.php?id=3"
    assert form.submit(address=given).status == 200
    walk.wout.get("together").form("/together", AGENDA).submit()
    page = walk.wout.get(BEAMER)
    assert page.soup.select_one("svg.qr") is not None
    assert given.partition("://")[2] in page.text


def test_a_meeting_that_nobody_ended_does_not_hold_the_next(world: World) -> None:
    sitting = Sitting(world, "fatima", "marieke")
    with world.tool.session() as session:
        session.execute(text("UPDATE meeting SET started_at = '2020-01-06 12:00:00'"))
    assert sitting.news(sitting["fatima"])[2] == 0
    sitting.wout.get("together").form("/together", AGENDA).submit()
    assert sitting.news(sitting["fatima"])[2] == 1
    assert sitting.rows("SELECT count(*) FROM meeting WHERE ended_at IS NULL")[0][0] == 1
