"""The roster: all of it or nothing, whoever vanished is marked, nobody is deleted or demoted (U8, M29 to M32)."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.db import now
from lti_tool.demo.faults import FaultPlan
from lti_tool.domain import outbox
from lti_tool.domain.community import listing
from lti_tool.lti.services import RosterEntry
from lti_tool.models import Course, Member, Person, Seat
from lti_tool.models.voices import Contribution
from tests.actors import World
from tests.delivery.desk import Desk, at_call, dump

ROSTER = outbox.Kind.ROSTER
# Wout, eight teachers, the assistant, the leader.
ENROLLED = 11


def again(desk: Desk) -> None:
    """The facilitator asks for the roster, and the worker reads it."""
    desk.world.as_("wout").launch().link("/community").form("/roster").submit()
    desk.deliver()


def seat(desk: Desk, name: str) -> Seat:
    """Somebody's seat in the first course."""
    with desk.tool.session() as session:
        return session.scalars(select(Seat).join(Person).where(Person.sub == desk.world.person(name).id)).one()


def person(desk: Desk, name: str) -> Person:
    """Somebody as the tool knows them."""
    with desk.tool.session() as session:
        return session.scalars(select(Person).where(Person.sub == desk.world.person(name).id)).one()


def standing(desk: Desk, name: str) -> str:
    """What somebody is in the community."""
    with desk.tool.session() as session:
        return desk.member(session, name).standing


def everything(desk: Desk) -> list[Any]:
    """All people and seats, to be compared."""
    with desk.tool.session() as session:
        rows = session.execute(
            select(Person.sub, Person.name, Seat.launch_role, Seat.roster_role, Seat.present, Seat.gone_at)
            .join(Seat, Seat.person_id == Person.id)
            .order_by(Person.sub)
        )
        return [tuple(row) for row in rows]


# When it is read


def test_it_is_read_at_the_first_launch_that_brings_the_service_and_then_once_an_hour(
    world: World, clock: time_machine.Traveller
) -> None:
    desk = Desk(world, clock)
    assert desk.rows(ROSTER) == [], "before the tool stands in the course Moodle names no roster (M29)"
    world.as_("fatima").launch()
    world.as_("marieke").launch()
    assert len(desk.rows(ROSTER)) == 1
    desk.deliver()
    assert desk.course().roster == {"members": ENROLLED, "new": ENROLLED - 3, "gone": 0}
    desk.move(3600 - 60)
    world.as_("fatima").launch()
    assert len(desk.rows(ROSTER)) == 1
    desk.move(61)
    world.as_("fatima").launch()
    desk.deliver()
    # The LMS's token is an hour old by then, and a 401 comes before the second reading.
    assert [call.status for call in desk.calls("memberships")] == [200, 401, 200]
    assert desk.course().roster == {"members": ENROLLED, "new": 0, "gone": 0}


def test_the_facilitators_button_has_it_read_now_and_pressing_twice_reads_once(desk: Desk) -> None:
    page = desk.world.as_("wout").launch().link("/community")
    for _ in range(2):
        page = page.form("/roster").submit()
    assert "wordt nu" in page.text
    desk.deliver()
    assert len(desk.calls("memberships")) == 1
    page = desk.world.as_("wout").launch().link("/community")
    assert "wordt nu" not in page.text
    assert f"{ENROLLED} mensen" in page.text


def test_a_launch_does_not_hurry_a_roster_that_is_being_retried(desk: Desk) -> None:
    desk.move(2 * 86_400)
    desk.lms.faults.fail("memberships", 503, headers={"Retry-After": "3600"})
    desk.world.as_("fatima").launch()
    desk.deliver()
    desk.world.as_("marieke").launch()
    desk.deliver()
    assert len(desk.calls("memberships")) == 1
    desk.move(3600)
    desk.deliver()
    assert [call.status for call in desk.calls("memberships") if call.status != 401] == [503, 200]


def test_a_platform_without_a_roster_is_not_asked_for_one(world: World, clock: time_machine.Traveller) -> None:
    from lti_tool.demo.messages import ABSENT

    world.as_("fatima").launch(**{"https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": ABSENT})
    desk = Desk(world, clock)
    assert desk.rows(ROSTER) == []


# Who is in it


def test_a_roster_brings_seats_with_roles_and_members_only_by_launch(desk: Desk) -> None:
    roles = {name: seat(desk, name).roster_role for name in ("wout", "fatima", "ruben", "els", "mieke")}
    assert roles == {
        "wout": "instructor",
        "fatima": "learner",
        "ruben": "learner",
        "els": "learner",
        "mieke": "learner",
    }
    assert seat(desk, "ruben").launch_role is None
    with desk.tool.session() as session:
        people = session.scalars(select(Person.name).join(Member, Member.person_id == Person.id)).all()
    assert sorted(people) == ["Fatima Öztürk", "Marieke de Vries", "Wout Schipper"]


@pytest.mark.parametrize(
    ("name", "choice", "is_"), [("els", "join", "member"), ("mieke", "follow", "leader"), ("els", None, "asked")]
)
def test_who_launches_as_instructor_and_stands_in_the_roster_as_learner_keeps_what_they_are(
    desk: Desk, name: str, choice: str | None, is_: str
) -> None:
    """M30: a Moodle assistant; the roster alone demotes nobody."""
    page = desk.world.as_(name).launch()
    if choice:
        page.form("/welcome").submit(choice=choice)
    for _ in range(2):
        again(desk)
    found = seat(desk, name)
    assert (found.launch_role, found.roster_role, found.gradable) == ("instructor", "learner", False)
    assert standing(desk, name) == is_


def test_somebody_who_leaves_is_marked_and_comes_back_and_is_never_deleted(desk: Desk) -> None:
    desk.world.as_("fatima").launch().form("/idea").submit(text="ze zelf vertellen", why="omdat het telt")
    course, sub = desk.world.course().id, desk.world.person("fatima").id
    desk.lms.school.drop(course, sub)
    again(desk)
    gone = seat(desk, "fatima")
    assert (gone.present, gone.gone_at is not None) == (False, True)
    assert desk.course().roster == {"members": ENROLLED - 1, "new": 0, "gone": 1}
    assert standing(desk, "fatima") == "member"
    assert person(desk, "fatima").name == "Fatima Öztürk"
    with desk.tool.session() as session:
        assert len(session.scalars(select(Contribution)).all()) == 1
    again(desk)
    assert desk.course().roster == {"members": ENROLLED - 1, "new": 0, "gone": 0}, "gone once"
    assert seat(desk, "fatima").gone_at == gone.gone_at
    desk.lms.school.enrol(course, sub, "student")
    again(desk)
    back = seat(desk, "fatima")
    assert (back.present, back.gone_at, back.id) == (True, None, gone.id)
    assert desk.course().roster == {"members": ENROLLED, "new": 1, "gone": 0}


def test_who_was_marked_as_gone_and_launches_is_there(desk: Desk) -> None:
    with desk.tool.session() as session:
        session.execute(update(Seat).values(present=False))
    desk.world.as_("fatima").launch()
    found = seat(desk, "fatima")
    assert (found.present, found.gone_at) == (True, None)


def test_whom_no_roster_ever_listed_cannot_vanish_from_it(desk: Desk) -> None:
    desk.world.as_("admin").launch()
    again(desk)
    found = seat(desk, "admin")
    assert (found.present, found.roster_role) == (True, None)
    assert desk.course().roster == {"members": ENROLLED, "new": 0, "gone": 0}


def test_a_newcomer_and_a_leaver_are_counted_apart(desk: Desk) -> None:
    school, course = desk.lms.school, desk.world.course().id
    school.drop(course, desk.world.person("ruben").id)
    for number in range(2):
        school.enrol(course, school.add_person("Nieuw", str(number), f"nieuw{number}").id, "student")
    again(desk)
    assert desk.course().roster == {"members": ENROLLED + 1, "new": 2, "gone": 1}
    assert "2 nieuw, 1 weg" in desk.world.as_("wout").launch().link("/community").text


def test_a_fresh_copy_that_is_being_filled_is_read_again_within_minutes(desk: Desk) -> None:
    enrolments = desk.lms.school.enrolments
    desk.lms.school.enrolments = []
    with desk.tool.session() as session:
        course = session.scalars(select(Course)).one()
        course.roster_at = course.roster = None
        outbox.put(session, ROSTER, str(course.id), course=course.id)
    desk.deliver()
    assert desk.row(ROSTER).reason == "empty_roster"
    desk.lms.school.enrolments = enrolments
    desk.move(301)
    desk.deliver()
    assert desk.course().roster_at is not None


def test_an_empty_roster_is_not_believed(desk: Desk) -> None:
    before, receipt = everything(desk), desk.course().roster
    enrolments = desk.lms.school.enrolments
    desk.lms.school.enrolments = []
    course = desk.course()
    with desk.tool.session() as session:
        outbox.put(session, ROSTER, str(course.id), course=course.id)
    desk.deliver()
    assert everything(desk) == before
    assert desk.course().roster == receipt
    assert desk.row(ROSTER).reason == "empty_roster"
    desk.lms.school.enrolments = enrolments
    desk.move(3601)
    desk.deliver()
    assert desk.row(ROSTER).done_at is not None


def test_a_roster_that_names_nobody_of_the_circle_is_never_applied_and_the_community_rests(any_desk: Desk) -> None:
    """A course that was emptied, or filled with others: not even when it says so again, an hour later and for days."""
    desk = any_desk
    school, course = desk.lms.school, desk.world.course().id
    again(desk)
    before = everything(desk)
    for name in ("fatima", "marieke", "youssef", "janwillem", "ruben", "siobhan", "soren", "chantal"):
        school.drop(course, desk.world.person(name).id)
    for number in range(2):
        school.enrol(course, school.add_person("Nieuw", str(number), f"nieuw{number}").id, "student")
    for _ in range(4):
        again(desk)
        assert everything(desk) == before
        assert desk.row(ROSTER).reason == "roster_names_nobody"
        desk.move(3601)
    page = desk.world.as_("wout").launch().link("/community")
    assert "niemand van jullie meer" in page.text
    assert "van jullie niet meer" not in page.text
    school.enrol(course, desk.world.person("fatima").id, "student")
    again(desk)
    desk.move(3601)
    desk.deliver()
    assert seat(desk, "fatima").present
    assert not seat(desk, "marieke").present
    assert "niemand van jullie meer" not in desk.world.as_("wout").launch().link("/community").text


def test_who_is_dropped_in_mid_round_is_out_on_open_pages_and_what_nobody_read_is_gone(any_desk: Desk) -> None:
    desk = any_desk
    page = desk.world.as_("marieke").launch()
    page.form("/idea").submit(text="ze zelf vertellen", why="omdat het telt")
    desk.world.as_("fatima").launch().form("/idea").submit(text="ze samen lezen", why="omdat het kan")
    desk.lms.school.drop(desk.world.course().id, desk.world.person("marieke").id)
    again(desk)
    assert "niet meer in de deelnemerslijst" in page.browser.get(page.url).text
    with desk.tool.session() as session:
        rows = session.scalars(select(Contribution).order_by(Contribution.created_at)).all()
        assert [(row.body, row.withdrawn_at is None) for row in rows] == [
            ({}, False),
            ({"text": "ze samen lezen", "why": "omdat het kan"}, True),
        ]


# Names, and what is not kept


def test_names_are_decoded_changed_and_gone_when_the_lms_stops_telling_them(desk: Desk) -> None:
    """M31: Moodle escapes names for HTML. M40: that names are shared no more shows only by what is missing."""
    people, tool = desk.lms.school.people, desk.lms.school.tools[desk.world.client_id]
    people[desk.world.person("ruben").id].family = "& Zn. <b>'t Hart</b>"
    again(desk)
    assert person(desk, "ruben").name == "Ruben & Zn. <b>'t Hart</b>"
    assert "<b>'t Hart" not in desk.world.as_("ruben").launch().html
    claims = list(tool.claims)
    tool.claims.clear()
    again(desk)
    # Ruben came from the LMS himself: what a launch said, the next one takes back.
    desk.world.as_("ruben").launch()
    assert person(desk, "ruben").name == ""
    with desk.tool.session() as session:
        assert set(session.scalars(select(Person.name))) == {""}, "of whom the roster alone named, it took it back"
    tool.claims.extend(claims)
    again(desk)
    assert person(desk, "ruben").name == "Ruben & Zn. <b>'t Hart</b>"


def test_no_address_no_account_name_and_no_number_of_anybody_is_kept(desk: Desk) -> None:
    tool = desk.lms.school.tools[desk.world.client_id]
    tool.claims.append("email")
    school = desk.lms.school
    newcomer = school.add_person("Noor", "Nieuw", "kontonaam-noor")
    school.enrol(desk.world.course().id, newcomer.id, "student")
    for name in ("fatima", "els", "admin"):
        desk.world.as_(name).launch()
    again(desk)
    tool.claims.remove("email")
    with desk.tool.session() as session:
        kept = dump(session)
    assert "Noor Nieuw" in kept
    for each in school.people.values():
        assert each.email not in kept
    assert "kontonaam-noor" not in kept
    assert "school.example" not in kept


# All of it or nothing

FAULTS: dict[str, tuple[Callable[[FaultPlan], None], str, bool]] = {
    "500": (lambda f: f.fail("memberships", 500), "status_500", True),
    "429": (lambda f: f.fail("memberships", 429), "status_429", True),
    "breaks off": (lambda f: f.drop("memberships"), "connection", True),
    "half a document": (lambda f: f.malform("memberships"), "not_json_200", True),
    "token 500": (lambda f: f.fail("token", 500), "token_500", True),
    "403": (lambda f: f.fail("memberships", 403), "status_403", True),
    "404": (lambda f: f.fail("memberships", 404), "status_404", False),
}


@pytest.mark.parametrize("page", [1, 2, 4])
@pytest.mark.parametrize("fault", [name for name in FAULTS if not name.startswith("token")])
def test_a_page_that_fails_leaves_everything_as_it_was(desk: Desk, fault: str, page: int) -> None:
    breaks, reason, retried = FAULTS[fault]
    before = everything(desk)
    desk.lms.school.drop(desk.world.course().id, desk.world.person("ruben").id)
    with desk.tool.session() as session:
        course = session.scalars(select(Course)).one()
        course.memberships_url = f"{course.memberships_url}?limit=3"
        outbox.put(session, ROSTER, str(course.id), course=course.id)
    at_call(desk.lms, page, "memberships", lambda: breaks(desk.lms.faults))
    desk.deliver()
    assert everything(desk) == before
    row, course = desk.row(ROSTER), desk.course()
    assert (row.reason, row.stopped_at is None) == (reason, retried)
    assert {**(course.roster or {}), "failed": ""} == {
        "members": ENROLLED,
        "new": ENROLLED - 3,
        "gone": 0,
        "failed": "",
    }
    if retried:
        desk.catch_up(ROSTER)
        assert desk.course().roster == {"members": ENROLLED - 1, "new": 0, "gone": 1}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_facilitator_reads_that_the_last_attempt_failed_and_that_it_worked_later(desk: Desk, fault: str) -> None:
    breaks, _, _ = FAULTS[fault]
    desk.tool.app.extensions["leerkring"].services._tokens.clear()
    breaks(desk.lms.faults)
    again(desk)
    roster_now = desk.course().roster
    assert roster_now is not None
    assert roster_now["members"] == ENROLLED
    assert "failed" in roster_now
    # A platform in trouble is left alone for a moment.
    desk.move(10)
    again(desk)
    assert "failed" not in (desk.course().roster or {})


def test_pages_are_put_together(desk: Desk) -> None:
    with desk.tool.session() as session:
        course = session.scalars(select(Course)).one()
        course.memberships_url = f"{course.memberships_url}?limit=4"
        outbox.put(session, ROSTER, str(course.id), course=course.id)
    desk.deliver()
    assert len(desk.calls("memberships")) == 3
    assert desk.course().roster == {"members": ENROLLED, "new": 0, "gone": 0}


def test_a_name_that_cannot_be_kept_costs_that_name_only(any_desk: Desk) -> None:
    """O7: of a zero byte or half a character PostgreSQL keeps nothing, and the whole roster went with it."""
    desk = any_desk
    people = desk.lms.school.people
    names = {"ruben": "\0", "soren": "\ud800", "chantal": "x" * 400, "siobhan": "-"}
    for name, family in names.items():
        people[desk.world.person(name).id].given, people[desk.world.person(name).id].family = "-", family
    newcomer = desk.lms.school.add_person("-", "\udfff", "nieuw")
    desk.lms.school.enrol(desk.world.course().id, newcomer.id, "student")
    again(desk)
    assert desk.course().roster == {"members": ENROLLED + 1, "new": 1, "gone": 0}
    for name in ("ruben", "soren", "siobhan"):
        # What is no name is as good as none: the one there was is not what the LMS says any more.
        assert person(desk, name).name == ""
    assert person(desk, "chantal").name == ("- " + "x" * 400)[:255]
    with desk.tool.session() as session:
        assert session.scalars(select(Person.name).where(Person.sub == newcomer.id)).one() == ""


def test_who_has_no_role_in_the_course_gets_no_seat_and_loses_none(any_desk: Desk) -> None:
    """Guests and mentors are nobody's company; a role that a list forgets puts nobody out (M30)."""
    desk = any_desk
    with desk.tool.session() as session:
        course = session.scalars(select(Course)).one()
        seats = session.execute(select(Person.sub, Person.issuer).join(Seat)).all()
        entries = [RosterEntry(sub, "", "") for sub, _ in seats] + [RosterEntry("guest", "Gast van de school", "")]
        receipt = listing.apply(session, course, seats[0].issuer, entries)
    assert receipt == {"members": ENROLLED, "new": 0, "gone": 0}
    with desk.tool.session() as session:
        assert session.scalars(select(Person).where(Person.sub == "guest")).all() == []
        assert session.scalars(select(Seat.id).where(~Seat.present)).all() == []
    assert desk.world.as_("fatima").launch().status == 200


# Many people, and each database


def test_a_large_roster_is_taken_over_twice_the_same_on_each_database(any_desk: Desk) -> None:
    entries = [RosterEntry(f"Sub{number}", f"Lid {number}", "learner") for number in range(1203)]
    for expected in ({"members": 1203, "new": 1203, "gone": ENROLLED}, {"members": 1203, "new": 0, "gone": 0}):
        with any_desk.tool.session() as session:
            course = session.scalars(select(Course)).one()
            issuer = session.scalars(select(Person.issuer)).first() or ""
            assert listing.apply(session, course, issuer, entries) == expected
    with any_desk.tool.session() as session:
        assert session.scalar(select(Person.name).where(Person.sub == "Sub1202")) == "Lid 1202"


def test_subs_that_differ_in_case_are_two_people(any_desk: Desk) -> None:
    with any_desk.tool.session() as session:
        course = session.scalars(select(Course)).one()
        entries = [RosterEntry("abc", "Klein", "learner"), RosterEntry("ABC", "Groot", "learner")]
        assert listing.apply(session, course, "https://x.example", entries)["new"] == 2
        assert set(session.scalars(select(Person.name).where(Person.issuer == "https://x.example"))) == {
            "Klein",
            "Groot",
        }


@pytest.mark.parametrize("kept", [False, True], ids=["grades dropped", "grades kept"])
def test_who_is_enrolled_again_has_their_scores_again(any_desk: Desk, kept: bool) -> None:
    """Moodle drops the grades of whoever is unenrolled (recovergradesdefault), and refuses what comes meanwhile."""
    desk = any_desk
    desk.earn("fatima")
    desk.deliver()
    school, sub = desk.lms.school, desk.world.person("fatima").id
    with desk.tool.session() as session:
        seat = session.scalars(select(Seat).join(Person, Person.id == Seat.person_id).where(Person.sub == sub)).one()
        seat.present, seat.gone_at = False, now()
    if not kept:
        school.grades.pop((desk.column.id, sub))
    desk.move(60)
    posts = len(desk.posts())
    desk.world.as_("fatima").launch()
    desk.deliver()
    assert desk.grade("fatima") == 33
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, score.arrived) == ("arrived", 33)
    assert len(desk.posts()) - posts == (0 if kept else 1), "what stands there already is not sent again"
