"""The administrators' console: which courses want a hand, what can be done about one, and the turn of a year."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import func, select, text

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import roster
from lti_tool.domain.cycle import ending
from lti_tool.domain.school import communities, deployments, overview, schools, year_turn
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.domain.school.wanting import STILL, Want
from lti_tool.domain.ties import Tie
from lti_tool.models import (
    Act,
    Community,
    Course,
    Cycle,
    Deployment,
    Launch,
    Member,
    Person,
    PlatformRest,
    Registration,
    Seat,
    StepRun,
)
from lti_tool.models.copying import Template
from lti_tool.models.hours import HoursAct, HoursEntry, HoursPot
from lti_tool.models.hours_codes import Done, Review
from lti_tool.models.hours_codes import Kind as EntryKind
from lti_tool.models.platform import Held
from lti_tool.models.school import SchoolAct, Turning
from lti_tool.models.voices import Contribution, Link
from tests.actors import World
from tests.web.circle import STEPS, arrival
from tests.web.test_administration import below, power
from tests.web.walk import ADMINISTRATOR_ONLY, Visit, visit

ZONE = dt.UTC


def administering(world: World) -> Visit:
    """Fatima and Wout begin, and the LMS's administrator administers the school too."""
    world.begin("fatima")
    at = visit(world, "admin", **ADMINISTRATOR_ONLY)
    power(world, "admin")
    return below(at)


def another(world: World, context: str, title: str, people: int = 0) -> int:
    """Another course of the same deployment; the id of its community."""
    with world.tool.session() as session:
        deployment = session.scalars(select(Deployment).order_by(Deployment.id)).first()
        platform = session.get_one(Registration, deployment.registration_id)
        named = {"context_title": title, "issuer": platform.issuer, "realm": platform.realm}
        for number in range(people or 1):
            met = roster.meet(
                session, arrival(number, deployment.id, context, role="learner" if people else "", **named)
            )
        session.commit()
        return int(met.community.id)


def test_a_course_is_listed_with_how_it_stands_and_never_with_what_people_wrote(any_world: World) -> None:
    at = administering(any_world)
    any_world.as_("fatima").launch().form("/idea").submit(text="een geheim idee", why="dat telt")
    page = at.get("courses")
    row = page.soup.select_one("tbody tr")
    assert row is not None
    said = " ".join(row.get_text(" ", strip=True).split())
    assert any_world.course().title in said
    assert "Wout" in said, "who facilitates is a role, and named"
    assert "cyclus 1, 1." in said
    assert "geheim" not in page.text
    assert "Fatima" not in page.text, "who takes part is not told"


WANTED: dict[Want, Callable[[World, int], None]] = {}


def _wants(want: Want) -> Callable[[Callable[[World, int], None]], Callable[[World, int], None]]:
    def keep(make: Callable[[World, int], None]) -> Callable[[World, int], None]:
        WANTED[want] = make
        return make

    return keep


def _sql(world: World, *statements: str, **values: object) -> None:
    with world.tool.session() as session:
        for statement in statements:
            session.execute(text(statement), values)
        session.commit()


@_wants(Want.UNOPENED)
def _(world: World, of: int) -> None:
    _sql(world, "UPDATE member SET opened_at = NULL WHERE community_id = :of AND facilitates = false", of=of)


@_wants(Want.NO_FACILITATOR)
def _(world: World, of: int) -> None:
    _sql(world, "UPDATE member SET facilitates = false WHERE community_id = :of", of=of)


@_wants(Want.STILL)
def _(world: World, of: int) -> None:
    long_ago = now() - STILL - dt.timedelta(days=1)
    with world.tool.session() as session:
        session.execute(text("UPDATE cycle SET moved_at = :at WHERE community_id = :of"), {"at": long_ago, "of": of})
        session.commit()


@_wants(Want.COLUMN_GONE)
def _(world: World, of: int) -> None:
    _sql(
        world,
        "INSERT INTO line_item (resource_link_id, kind, period, url, gone)"
        " SELECT min(id), 'x', '', 'https://lms.example/1', true FROM resource_link"
        " WHERE course_id = (SELECT course_id FROM community WHERE id = :of)",
        of=of,
    )


@_wants(Want.PLATFORM_DOWN)
def _(world: World, of: int) -> None:
    with world.tool.session() as session:
        of_first = session.scalars(select(Registration.id).order_by(Registration.id)).first()
        session.add(PlatformRest(registration_id=of_first, failures=3, since=now(), until=now()))
        session.commit()


@_wants(Want.LEADER_GONE)
def _(world: World, of: int) -> None:
    with world.tool.session() as session:
        member = session.scalars(select(Member).filter_by(community_id=of, facilitates=False)).first()
        assert member is not None
        member.standing, seat = "leader", session.scalars(select(Seat).filter_by(person_id=member.person_id)).first()
        assert seat is not None
        seat.present, seat.gone_at = False, now()
        session.commit()


@_wants(Want.OVERDUE)
def _(world: World, of: int) -> None:
    _ask(world, of, "request", 100_000_001, reply_by="2026-01-05")


def _ask(world: World, of: int, kind: str, number: int, **body: str) -> None:
    """Something in a community's first step, whose kind is told apart here only."""
    with world.tool.session() as session:
        run = session.scalars(
            select(StepRun.id).join(Cycle).where(Cycle.community_id == of).order_by(StepRun.id)
        ).first()
        member = session.scalars(select(Member.id).filter_by(community_id=of)).first()
        session.add(Contribution(id=number, step_run_id=run, kind=kind, member_id=member, body=body))
        session.commit()


@_wants(Want.ARCHIVED)
def _(world: World, of: int) -> None:
    with world.tool.session() as session:
        session.get_one(Community, of).archived_at = now()
        session.commit()


@pytest.mark.parametrize("want", Want)
def test_what_wants_a_hand_is_found_by_its_filter_and_said_of_its_row_and_no_other_is(
    any_world: World, want: Want
) -> None:
    administering(any_world)
    other = another(any_world, "rustig", "Rustige cursus", 3)
    _sql(any_world, "UPDATE member SET facilitates = true WHERE community_id = :of AND number = 1", of=other)
    with any_world.tool.session() as session:
        school = schools.of_course(session, session.get_one(Community, other).course_id)
        first = session.scalars(select(Community.id).order_by(Community.id)).one_or_none
        first = session.scalars(select(Community.id).order_by(Community.id)).first()
        before = overview.page(session, school, want=want)
    assert first is not None
    assert before.rows == []
    WANTED[want](any_world, first)
    with any_world.tool.session() as session:
        found = overview.page(session, school, want=want)
        both = want == Want.PLATFORM_DOWN
        assert [row.id for row in found.rows] == ([first, other] if both else [first]) or both
        if want != Want.ARCHIVED:
            assert all(want in row.wants for row in found.rows)
            rest = [
                row for row in overview.page(session, school).rows if row.id not in {each.id for each in found.rows}
            ]
            assert all(want not in row.wants for row in rest)
        assert overview.page(session, school + 999, want=want).rows == []


def wanting(world: World, want: Want) -> list[int]:
    """Which communities want this, wherever they are."""
    with world.tool.session() as session:
        return [row.id for row in overview.page(session, None, want=want).rows if want in row.wants]


def test_a_request_is_overdue_until_it_is_answered_taken_back_or_its_cycle_is_over(any_world: World) -> None:
    administering(any_world)
    tomorrow = (now() + dt.timedelta(days=2)).date().isoformat()
    _ask(any_world, 1, "request", 100_000_001, reply_by=tomorrow)
    _ask(any_world, 1, "idea", 100_000_002, reply_by="2026-01-05")
    assert wanting(any_world, Want.OVERDUE) == []
    _ask(any_world, 1, "request", 100_000_003, reply_by="2026-01-05")
    assert wanting(any_world, Want.OVERDUE) == [1]
    for column in ("closed_at", "paused_until"):
        _sql(any_world, f"UPDATE cycle SET {column} = :at", at=now())
        assert wanting(any_world, Want.OVERDUE) == []
        _sql(any_world, f"UPDATE cycle SET {column} = NULL")
    _ask(any_world, 1, "answer", 100_000_004, text="Ja")
    with any_world.tool.session() as session:
        session.add(Link(from_id=100_000_004, to_id=100_000_003, kind=Tie.ANSWERS))
        session.commit()
    assert wanting(any_world, Want.OVERDUE) == []


def test_hours_that_wait_for_two_weeks_are_overdue_and_a_leader_who_left_is_listed_with_them(any_world: World) -> None:
    at = administering(any_world)
    with any_world.tool.session() as session:
        person = session.scalars(select(Person.id)).first()
        pot = HoursPot(
            community_id=1, name="Eigen keuze", first_day=now().date(), last_day=now().date(), review=Review.BEFORE,
            for_all=True, evidence=False, arranging=False, caps=[],
        )  # fmt: skip
        entry = HoursEntry(
            person_id=person, community_id=1, kind=EntryKind.ELSEWHERE, learning=True, minutes=30, day=now().date(),
            line="Geheim", provider="",
        )  # fmt: skip
        session.add_all([pot, entry])
        session.flush()
        sent = HoursAct(entry_id=entry.id, kind=Done.SENT, by_id=person, pot_id=pot.id, words="")
        session.add(sent)
        session.commit()
        act = sent.id
    assert wanting(any_world, Want.OVERDUE) == []
    _sql(any_world, "UPDATE hours_act SET at = :at WHERE id = :act", at=now() - dt.timedelta(days=15), act=act)
    assert wanting(any_world, Want.OVERDUE) == [1]
    page = at.get("courses?want=overdue")
    assert "Uren wachten al twee weken op goedkeuring" in page.text
    assert "Geheim" not in page.text
    _sql(any_world, "UPDATE hours_pot SET closed_at = :at", at=now())
    assert wanting(any_world, Want.OVERDUE) == []
    WANTED[Want.LEADER_GONE](any_world, 1)
    assert wanting(any_world, Want.OVERDUE) == [1]
    assert "Schoolleider vertrokken" in at.get("courses?want=overdue").text


def test_a_cycle_knows_since_when_it_is_where_it_is(any_world: World) -> None:
    administering(any_world)

    def told() -> tuple[dt.datetime, dt.datetime | None]:
        with any_world.tool.session() as session:
            of = session.scalars(select(Cycle)).one()
            return of.moved_at, session.scalar(select(func.max(StepRun.stage_since)))

    moved, since = told()
    assert moved == since
    _sql(any_world, "UPDATE cycle SET moved_at = started_at")
    with any_world.tool.session() as session:
        community, run = session.get_one(Community, 1), session.scalars(select(StepRun)).one()
        of = session.get_one(Cycle, run.cycle_id)
        step = next(iter(STEPS))
        cycle.put(cycle.Turn(session, community, of, run, None, STEPS, zone=ZONE), step, step.stages[1].name)
        session.commit()
    moved, since = told()
    assert moved == since


def test_a_course_is_found_by_its_title_and_the_list_has_pages(any_world: World) -> None:
    at = administering(any_world)
    for number in range(overview.PAGE + 1):
        another(any_world, f"c{number}", f"Sectie 50% {number:02}")
    page = at.get("courses?title=50%25")
    assert len(page.soup.select("tbody tr")) == overview.PAGE
    assert "Volgende" in page.text
    assert len(at.get("courses?title=50%25&page=2").soup.select("tbody tr")) == 1
    assert "Niets gevonden" in at.get("courses?title=_x").text
    for odd in ("page=0", "page=-1", "page=99999999999", "page=²", "want=<b>", "title=%00", "title=" + "x" * 5000):
        assert at.get(f"courses?{odd}").status == 200, odd


def test_the_list_costs_as_many_statements_for_twenty_five_as_for_two(world: World) -> None:
    at = administering(world)
    counts = []
    for more in (1, overview.PAGE):
        for number in range(more):
            another(world, f"s{more}-{number}", f"Sectie {number:02}", 2)
        with world.tool.statements() as statements:
            assert at.get("courses").status == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 13, counts
    with world.tool.statements() as statements:
        at.get("courses/1")
    assert len(statements) <= 14, statements


def test_nothing_of_another_school_is_shown_or_done(any_world: World) -> None:
    at = administering(any_world)
    other = another(any_world, "vreemd", "Van een andere school", 2)
    with any_world.tool.session() as session:
        known = session.scalars(select(Deployment).order_by(Deployment.id)).first()
        made = Deployment(registration_id=known.registration_id, deployment_id="vreemd", approved=True)
        session.add(made)
        session.flush()
        course = session.get_one(Course, session.get_one(Community, other).course_id)
        course.school_id = made.school_id
        session.commit()
        strange = made.id
    assert "Van een andere school" not in at.get("courses").text
    for path in (f"courses/{other}", f"courses/{other}/delete"):
        assert at.get(path).status == 404
    for path in ("facilitator", "standing", "roster", "archive", "delete"):
        assert at.post(f"courses/{other}/{path}", person="1", standing="join", sure="1").status == 404
    assert at.post(f"deployments/{strange}", do="paused").status == 422
    with any_world.tool.session() as session:
        assert session.get(Community, other) is not None
        assert session.get_one(Deployment, strange).approved
        assert session.scalars(select(SchoolAct)).all() == []


def trail(world: World) -> list[str]:
    with world.tool.session() as session:
        return list(session.scalars(select(SchoolAct.kind).order_by(SchoolAct.id)))


def test_a_community_without_a_facilitator_gets_one_who_reads_it_and_gains_no_voice(any_world: World) -> None:
    at = administering(any_world)
    _sql(any_world, "UPDATE member SET facilitates = false")
    page = at.get("courses/1")
    assert "Geef deze groep een begeleider" in page.text
    named = page.form("/facilitator").option("person", "Fatima")
    assert at.post("courses/1/facilitator", person=named).status == 303
    assert "Jij begeleidt nu ook. Dat vroeg de beheerder." in visit(any_world, "fatima", "home").first.text
    assert at.post("courses/1/facilitator", person=named).status == 422, "she does already"
    for odd in ("", "x", "²", "999999", "9" * 30):
        assert at.post("courses/1/facilitator", person=odd).status == 422
    assert trail(any_world) == ["facilitator_named"]
    with any_world.tool.session() as session:
        act = session.scalars(select(Act).order_by(Act.id.desc())).first()
        assert (act.kind, act.member_id) == ("role_named", None)


def test_somebody_of_the_roster_who_is_no_member_facilitates_from_outside(any_world: World) -> None:
    administering(any_world)
    with any_world.tool.session() as session:
        community = session.scalars(select(Community)).one()
        seat = session.scalars(
            select(Seat).where(Seat.present, Seat.person_id.not_in(select(Member.person_id)))
        ).first()
        assert seat is not None, "the administrator sits there"
        communities.name_facilitator(session, OPERATOR, community, seat.person_id)
        member = session.scalars(select(Member).filter_by(person_id=seat.person_id)).one()
        assert (member.standing, member.facilitates, member.opened_at) == ("outside", True, None)


def test_a_standing_is_corrected_told_to_its_person_and_never_against_who_left_by_choice(any_world: World) -> None:
    at = administering(any_world)
    person = at.get("courses/1").form("/standing").option("person", "Fatima")
    assert at.post("courses/1/standing", person=person, standing="join_and_lead").status == 303
    assert "De beheerder paste aan wat jij hier doet." in visit(any_world, "fatima", "home").first.text
    assert at.post("courses/1/standing", person=person, standing="king").status == 422
    visit(any_world, "fatima").post("circle/leave", sure="1")
    with any_world.tool.session() as session:
        member = session.scalars(select(Member).filter_by(person_id=int(person))).one()
        member.standing = "apart"
        session.add(Act(community_id=1, kind="circle_left", member_id=member.id, detail={}))
        session.commit()
    refused = at.post("courses/1/standing", person=person, standing="join")
    assert (refused.status, "stapte zelf uit de groep" in refused.text) == (422, True)
    assert trail(any_world) == ["standing_corrected"]
    said = at.get("trail").text
    assert any_world.course().title in said.partition("Verbeterd wat iemand doet")[2]


def test_the_roster_is_asked_anew_by_the_worker(any_world: World) -> None:
    at = administering(any_world)
    any_world.tool.deliver()
    assert at.post("courses/1/roster").status == 303
    assert "wordt nu gelezen" in at.get("courses/1").text
    assert trail(any_world) == ["roster_asked"]


def test_a_community_is_archived_once_its_cycle_is_over_and_begins_none_until_it_is_taken_up(any_world: World) -> None:
    at = administering(any_world)
    assert "Er loopt nog een cyclus" in at.post("courses/1/archive").text
    _sql(any_world, "UPDATE cycle SET closed_at = CURRENT_TIMESTAMP, ending = 'undecided'")
    assert at.post("courses/1/archive").status == 303
    assert at.get("courses").soup.select("tbody tr") == []
    assert len(at.get("courses?want=archived").soup.select("tbody tr")) == 1
    wout = visit(any_world, "wout", "home")
    assert not wout.first.has_form("/next-cycle")
    assert wout.post("next-cycle").status == 422
    assert at.post("courses/1/archive").status == 303
    assert visit(any_world, "wout", "home").first.has_form("/next-cycle")
    assert trail(any_world) == ["community_archived", "community_restored"]


def test_what_goes_is_shown_before_it_is_deleted_and_the_trail_stays(any_world: World) -> None:
    at = administering(any_world)
    any_world.as_("fatima").launch().form("/idea").submit(text="een geheim idee", why="dat telt")
    page = at.get("courses/1/delete")
    assert "Dit blijft in de leeromgeving" in page.text
    assert re.search(r"\d+ activiteit", page.text)
    assert at.post("courses/1/delete").status == 422, "read first"
    assert at.post("courses/1/roster").status == 303
    assert at.post("courses/1/delete", sure="1").status == 303
    with any_world.tool.session() as session:
        for table in ("community", "cycle", "member", "contribution", "resource_link"):
            assert session.scalars(text(f"SELECT count(*) FROM {table}")).one() == 0, table
        assert session.scalars(text("SELECT count(*) FROM course")).one() == 1
    assert trail(any_world) == ["roster_asked", "community_deleted"]
    assert visit(any_world, "fatima").first.status == 200, "whoever opens the activity begins a new one"


def test_a_community_on_which_hours_hang_is_not_deleted(world: World) -> None:
    at = administering(world)
    with world.tool.session() as session:
        person = session.scalars(select(Member.person_id)).first()
        session.execute(
            text(
                "INSERT INTO hours_entry"
                " (id, person_id, community_id, kind, learning, minutes, day, line, provider, created_at)"
                " VALUES (1, :who, 1, 'own', true, 60, '2026-01-01', 'x', '', '2026-01-01 00:00:00')"
            ),
            {"who": person},
        )
        session.commit()
    assert at.post("courses/1/delete", sure="1").status == 422
    assert "die zijn van hen" in at.get("courses/1/delete").text


def test_a_deployment_is_held_at_once_and_nobody_locks_themselves_out(any_world: World) -> None:
    at = administering(any_world)
    with any_world.tool.session() as session:
        mine = session.scalars(select(Deployment).order_by(Deployment.id)).one()
        number, school = mine.id, mine.school_id
        other = Deployment(
            registration_id=mine.registration_id, deployment_id="andere", approved=True, school_id=school
        )
        session.add(other)
        session.commit()
        second = other.id
    assert "Hierlangs kwam je zelf binnen" in at.post(f"deployments/{number}", do="paused").text
    assert at.post(f"deployments/{second}", do="paused").status == 303
    assert "Gepauzeerd" in at.get("deployments").text
    assert at.post(f"deployments/{second}", do="approve").status == 303
    assert at.post(f"deployments/{second}", do="explode").status == 422
    with any_world.tool.session() as session:
        deployments.hold(session, OPERATOR, session.get_one(Deployment, number), Held.WITHDRAWN)
        assert session.scalars(select(Launch)).all() == []
    any_world.tool.app.extensions["leerkring"].platforms.forget()
    assert at.get("courses").status == 401, "who was in is out"
    assert any_world.as_("fatima").launch().reason == "deployment_withdrawn"
    with any_world.tool.session() as session:
        deployments.hold(session, OPERATOR, session.get_one(Deployment, number), Held.PAUSED)
    paused = any_world.as_("fatima").launch()
    assert paused.reason == "deployment_paused"
    assert "Er gaat niets verloren" in paused.text
    assert trail(any_world) == ["deployment_held", "deployment_approved", "deployment_held", "deployment_held"]


# --- The turn of a year


def test_the_year_is_turned_for_all_at_once_shown_first_with_why_where_it_cannot_be(any_world: World) -> None:
    at = administering(any_world)
    other = another(any_world, "b", "Bovenbouw", 2)
    archived = another(any_world, "oud", "Opgeheven", 1)
    with any_world.tool.session() as session:
        session.get_one(Community, archived).archived_at = now()
        session.scalars(select(Cycle).filter_by(community_id=other)).one().closed_at = now()
        session.commit()
    until = (now() + dt.timedelta(days=10)).date()
    assert at.post("year", what="pause").status == 422, "a day is missing"
    asked = at.post("year", what="pause", until=until.isoformat())
    assert asked.status == 303
    path = asked.response.headers["Location"].rpartition("/b/")[2].partition("/")[2]
    assert "kijkt wat er kan: 0 van 2" in at.get(path).text
    assert at.post(path).status == 422, "not before all were looked at"
    any_world.tool.deliver()
    page = at.get(path).text
    assert "Doe dit bij 1 groep" in page
    assert "Bovenbouw: de cyclus is al voorbij" in page
    with any_world.tool.session() as session:
        assert session.scalars(select(Cycle).where(Cycle.paused_until.is_not(None))).all() == []
    assert trail(any_world) == []
    assert at.post(path).status == 303
    assert at.post(path).status == 303, "twice is once"
    any_world.tool.deliver()
    assert "Klaar: bij 1 groep gedaan" in at.get(path).text
    assert trail(any_world) == ["year_turn_applied", "cycle_paused"]
    assert "De beheerder pauzeerde deze cyclus." in visit(any_world, "fatima", "home").first.text


def test_only_a_cycle_that_may_be_ended_is_and_the_next_one_begins_from_it(any_world: World) -> None:
    administering(any_world)
    with any_world.tool.session() as session:
        community = session.scalars(select(Community)).one()

        def stands(what: Turning) -> str:
            return year_turn.stands_in_the_way(session, community, what, None, STEPS, ZONE)

        assert (stands(Turning.END), stands(Turning.BEGIN)) == ("cycle_young", "cycle_open"), "nobody was at work yet"
        session.scalars(select(Cycle)).one().started_at -= ending.WAIT
        assert stands(Turning.END) == "at_work"
        template = Template(course_id=community.course_id)
        session.add(template)
        assert [stands(each) for each in (Turning.END, Turning.BEGIN, Turning.PAUSE)] == ["is_template"] * 3
        session.delete(template)
        session.flush()
        with time_machine.travel(now() + ending.WAIT + dt.timedelta(days=1), tick=True):
            assert stands(Turning.END) == ""
            assert session.scalars(select(Cycle)).one().closed_at is None, "looking changes nothing"
            for what in (Turning.END, Turning.BEGIN):
                asked = year_turn.ask(session, OPERATOR, 1, what)
                assert year_turn.portion(session, asked.id, STEPS, ZONE) == "looking"
                year_turn.apply(session, OPERATOR, asked)
                assert year_turn.portion(session, asked.id, STEPS, ZONE) == "doing"
                assert year_turn.progress(session, asked.id).over
        assert [cycle.ending for cycle in session.scalars(select(Cycle).order_by(Cycle.id))] == ["undecided", None]
    assert trail(any_world) == ["year_turn_applied", "cycle_ended", "year_turn_applied", "cycle_begun"]


def test_many_go_in_portions_and_one_that_cannot_be_any_more_holds_up_no_other(any_world: World) -> None:
    administering(any_world)
    for number in range(year_turn.PORTION + 5):
        another(any_world, f"c{number}", f"Sectie {number:02}", 1)
    until = (now() + dt.timedelta(days=10)).date()
    with any_world.tool.session() as session:
        asked = year_turn.ask(session, OPERATOR, 1, Turning.PAUSE, until, "Sectie")
        number = asked.id
        year_turn.portion(session, number, STEPS, ZONE)
        assert year_turn.progress(session, number).looked_at == year_turn.PORTION
        with pytest.raises(Refused, match="still_looking"):
            year_turn.apply(session, OPERATOR, asked)
        year_turn.portion(session, number, STEPS, ZONE)
        session.commit()
    _sql(any_world, "UPDATE cycle SET closed_at = CURRENT_TIMESTAMP WHERE id = (SELECT max(id) FROM cycle)")
    with any_world.tool.session() as session:
        year_turn.apply(session, OPERATOR, year_turn.find(session, 1, number))
        session.commit()
    any_world.tool.deliver()
    with any_world.tool.session() as session:
        seen = year_turn.progress(session, number)
        assert (seen.done, seen.cannot, seen.can) == (year_turn.PORTION + 4, 1, 0)
        assert [line.why for line in year_turn.lines(session, number, cannot=True)] == ["cycle_closed"]


@pytest.mark.parametrize(
    ("came", "goes"),
    {
        "settings": "settings",
        "settings?title=zorg": "settings?title=zorg",
        "courses/1": "courses/1",
        # Only a form leads there, or nothing, or it is another's.
        "courses/1/divide/split": "",
        "nowhere": "",
        "../../elsewhere": "",
    }.items(),
)
def test_who_changes_the_language_stays_on_the_page(world: World, came: str, goes: str) -> None:
    at = administering(world)
    answer = at.browser.client.post(
        f"{at.base}language",
        data={"language": "en"},
        base_url=at.browser.tool.url,
        headers={"Referer": f"{at.browser.tool.url}{at.base}{came}", "Origin": at.browser.tool.url},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{at.base}{goes}"
    away = at.browser.client.post(
        f"{at.base}language",
        data={"language": "en"},
        base_url=at.browser.tool.url,
        headers={"Referer": f"https://evil.example{at.base}settings", "Origin": at.browser.tool.url},
    )
    assert away.headers["Location"] == at.base
