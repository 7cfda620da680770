"""Hours in the gradebook: a column of each school year, which follows what counts, and is empty where nothing does."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.model import Activity
from lti_tool.domain import Refused
from lti_tool.domain.hours import approvals, closing, entries, pots
from lti_tool.domain.hours.entries import Asker, Typed
from lti_tool.domain.hours.ledger import school_year
from lti_tool.models import Community, LineItem, Score, ScoreState
from lti_tool.models.hours_codes import Done, Kind, Review
from tests.delivery.desk import Desk
from tests.delivery.test_picked_again import community_page

ZONE = ZoneInfo("Europe/Amsterdam")
SURE = frozenset({"hours_day_long", "hours_same", "hours_overlap"})


class Office:
    """A desk whose course has an activity of hours, and pots of this school year and the one before."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.today = dt.datetime.now(ZONE).date()
        self.first, last = school_year(self.today)
        before = self.first - dt.timedelta(days=1)
        self.years = [f"{each.year}-{each.year + 1}" for each in (school_year(before)[0], self.first)]
        with desk.tool.session() as session:
            community = session.scalars(select(Community)).one()
            approver, by = self.person(session, "marieke"), desk.member(session, "wout")
            people = [self.person(session, name) for name in ("fatima", "marieke")]
            self.pots = {
                review: pots.make(session, community, by, pots.Asked(
                    f"Pot {review}", self.first, last, None, review, [approver], [people[0]],
                ), people)
                for review in Review
            }  # fmt: skip
            self.old = pots.make(session, community, by, pots.Asked(
                "Vorig jaar", school_year(before)[0], before, None, Review.AFTERWARDS, [approver], [],
            ), people)  # fmt: skip

    def person(self, session: Session, name: str) -> int:
        return self.desk.member(session, name).person_id

    def place(self, passback: str = "hours", name: str = "fatima") -> Activity:
        """An activity of hours, opened by somebody."""
        like = self.desk.world.activity("ambition")
        custom = {"cycle": "1", "step": "hours", "passback": passback}
        place = self.desk.lms.school.add_activity(
            like.course_id, like.client_id, "Mijn uren", url=like.url, custom=custom
        )
        self.desk.world.as_(name).launch(place)
        return place

    def add(
        self,
        name: str,
        minutes: int,
        review: Review = Review.AFTERWARDS,
        *,
        old: bool = False,
        day: dt.date | None = None,
    ) -> int:
        with self.desk.tool.session() as session:
            day = day or (self.first - dt.timedelta(days=1) if old else self.today)
            asker = Asker(session, session.scalars(select(Community)).one().id, self.person(session, name), ZONE, SURE)
            pot = self.old if old else self.pots[review]
            return entries.add(asker, Typed(Kind.OWN, True, "iets", day, minutes), pot)

    def approve(self, *ids: int) -> None:
        with self.desk.tool.session() as session:
            approvals.approve(
                session, session.scalars(select(Community)).one().id, self.person(session, "marieke"), ids
            )

    def correct(self, entry: int, minutes: int) -> None:
        with self.desk.tool.session() as session:
            community = session.scalars(select(Community)).one().id
            approvals.correct(session, community, self.person(session, "marieke"), entry, minutes, "dat was het")

    def withdraw(self, name: str, entry: int) -> None:
        with self.desk.tool.session() as session:
            community = session.scalars(select(Community)).one().id
            entries.withdraw(Asker(session, community, self.person(session, name), ZONE), entry, "toch niet")

    def close_old(self) -> None:
        with self.desk.tool.session() as session:
            community, by = session.scalars(select(Community)).one(), self.desk.member(session, "wout")
            assert closing.close(session, community, by, self.old, [self.person(session, "fatima")], self.today)

    def settle(self) -> None:
        self.desk.deliver()
        self.desk.catch_up("line_item")
        self.desk.catch_up()

    def shown(self) -> dict[str, dict[str, float | None]]:
        """Label of each column of hours in the course -> what stands in it of whom."""
        school = self.desk.lms.school
        names = {self.desk.world.person(name).id: name for name in ("fatima", "marieke", "wout", "els")}
        assert [c.resource_link_id for c in school.columns.values() if c.tag == "hours"] == [None] * len(
            [c for c in school.columns.values() if c.tag == "hours"]
        )
        return {
            column.label: {
                names[grade.person_id]: grade.score for grade in school.grades.values() if grade.column_id == column.id
            }
            for column in school.course_columns(self.desk.world.course().id)
            if column.tag == "hours"
        }

    def this(self) -> dict[str, float | None]:
        return self.shown().get(f"Uren {self.years[1]}", {})


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


def test_all_that_changes_what_counts_changes_the_column(any_desk: Desk) -> None:
    office = Office(any_desk)
    office.place()
    office.settle()
    assert office.shown() == {}, "nothing is made before there is something to show"
    waits = office.add("fatima", 100, Review.BEFORE)
    office.settle()
    assert office.shown() == {}, "what waits does not count"
    office.approve(waits)
    at_once = office.add("fatima", 20, Review.NONE)
    office.settle()
    assert office.this() == {"fatima": 2.0}
    office.desk.move(5)
    office.correct(waits, 99)
    office.settle()
    assert office.this() == {"fatima": 1.98}, "a minute is a change"
    office.desk.move(5)
    office.withdraw("fatima", at_once)
    office.settle()
    assert office.this() == {"fatima": 1.65}
    assert [each["activityProgress"] for each in office.desk.posts("fatima")] == ["InProgress"] * 3
    assert office.desk.posts("fatima")[-1]["comment"] == "Telt mee: 1,65 uur."


def test_at_nothing_what_was_sent_is_taken_out_and_never_a_zero(any_desk: Desk) -> None:
    office = Office(any_desk)
    office.place()
    entry = office.add("fatima", 90)
    office.settle()
    assert office.this() == {"fatima": 1.5}
    office.desk.move(5)
    office.correct(entry, 0)
    office.settle()
    assert office.this() == {"fatima": None}
    last = office.desk.posts("fatima")[-1]
    assert "scoreGiven" not in last
    assert last["gradingProgress"] == "FullyGraded"
    with office.desk.tool.session() as session:
        score = session.scalars(select(Score)).one()
        assert (score.state, score.arrived) == (ScoreState.ARRIVED, None)
    office.desk.move(5)
    office.correct(entry, 45)
    office.settle()
    assert office.this() == {"fatima": 0.75}


def test_what_never_counted_is_not_taken_out(office: Office) -> None:
    office.place()
    other = office.add("marieke", 60, Review.NONE)
    entry = office.add("fatima", 90)
    office.correct(entry, 0)
    office.settle()
    assert office.this() == {"marieke": 1.0}
    assert office.desk.posts("fatima") == []
    assert other


def test_a_grade_set_by_hand_is_neither_changed_nor_taken_out(office: Office) -> None:
    office.place()
    entry = office.add("fatima", 90)
    office.settle()
    (column,) = [c for c in office.desk.lms.school.columns.values() if c.tag == "hours"]
    office.desk.lms.school.override(column.id, office.desk.world.person("fatima").id, 7.0)
    office.desk.move(5)
    office.correct(entry, 0)
    office.settle()
    assert office.this() == {"fatima": 7.0}


def test_a_hundred_is_the_most_and_the_comment_says_all(office: Office) -> None:
    office.place()
    for number in range(5):
        office.add("fatima", 24 * 60, day=office.today - dt.timedelta(days=number))
    office.settle()
    assert office.this() == {"fatima": 100.0}
    assert office.desk.posts("fatima")[-1]["comment"] == "Telt mee: 120,00 uur."


def test_each_school_year_has_its_column_and_a_correction_reaches_the_old_one(office: Office) -> None:
    office.place()
    old = office.add("fatima", 60, old=True)
    office.add("fatima", 30)
    office.settle()
    assert office.shown() == {f"Uren {office.years[0]}": {"fatima": 1.0}, f"Uren {office.years[1]}": {"fatima": 0.5}}
    office.desk.move(5)
    office.correct(old, 45)
    office.settle()
    assert office.shown() == {f"Uren {office.years[0]}": {"fatima": 0.75}, f"Uren {office.years[1]}": {"fatima": 0.5}}
    # Once the period is closed the difference is booked in the next one: there it stands, as on the page.
    office.close_old()
    office.desk.move(5)
    office.correct(old, 50)
    office.settle()
    assert office.shown() == {f"Uren {office.years[0]}": {"fatima": 0.75}, f"Uren {office.years[1]}": {"fatima": 0.58}}


def test_nothing_leaves_for_it_unless_it_was_chosen(office: Office) -> None:
    office.place("none")
    office.add("fatima", 90)
    office.settle()
    assert office.shown() == {}
    assert [row.kind for row in office.desk.rows()] == []


def test_whoever_opens_it_later_has_all_that_counted_before_sent(office: Office) -> None:
    office.add("fatima", 90)
    office.add("marieke", 30, Review.NONE)
    assert office.desk.rows() == []
    office.place()
    office.settle()
    assert office.this() == {"fatima": 1.5, "marieke": 0.5}


def test_m82_a_later_choice_wins_at_once(any_desk: Desk) -> None:
    office = Office(any_desk)
    place = office.place()
    entry = office.add("fatima", 90)
    office.settle()
    place.custom["passback"] = "none"
    office.desk.world.as_("fatima").launch(place)
    office.desk.move(5)
    office.correct(entry, 0)
    office.add("marieke", 60, Review.NONE)
    office.settle()
    assert office.this() == {"fatima": 1.5}, "what was sent stays, and nothing more is"
    assert f"Uren {office.years[1]} : 1 score" in community_page(office.desk)
    place.custom["passback"] = "hours"
    office.desk.world.as_("fatima").launch(place)
    office.settle()
    assert office.this() == {"fatima": None, "marieke": 1.0}
    assert "eerdere keuze" not in community_page(office.desk)


def test_two_activities_of_a_course_share_the_column(office: Office) -> None:
    first, second = office.place(), office.place()
    entry = office.add("fatima", 90)
    office.settle()
    assert office.shown() == {f"Uren {office.years[1]}": {"fatima": 1.5}}
    first.custom["passback"] = "none"
    office.desk.world.as_("fatima").launch(first)
    office.desk.move(5)
    office.correct(entry, 60)
    office.settle()
    assert office.shown() == {f"Uren {office.years[1]}": {"fatima": 1.0}}, "the other one still wants it"
    second.custom["step"], second.custom["passback"] = "ambition", "moments"
    office.desk.world.as_("fatima").launch(second)
    first.custom["passback"] = "hours"
    office.desk.world.as_("fatima").launch(first)
    office.desk.move(5)
    office.correct(entry, 30)
    office.settle()
    assert office.shown() == {f"Uren {office.years[1]}": {"fatima": 0.5}}


def test_a_removed_column_is_not_made_again_by_itself_but_by_a_new_choice(office: Office) -> None:
    place = office.place()
    entry = office.add("fatima", 90)
    office.settle()
    (column,) = [c for c in office.desk.lms.school.columns.values() if c.tag == "hours"]
    office.desk.lms.school.delete_column(column.id)
    office.desk.move(5)
    office.correct(entry, 60)
    office.settle()
    assert office.shown() == {}
    for passback in ("none", "hours"):
        place.custom["passback"] = passback
        office.desk.world.as_("fatima").launch(place)
    office.settle()
    assert office.this() == {"fatima": 1.0}


def test_who_gets_no_grades_has_none_sent(office: Office) -> None:
    """Marieke approves; Wout, who facilitates, is an instructor there."""
    office.place()
    with office.desk.tool.session() as session:
        community = session.scalars(select(Community)).one().id
        wout = office.person(session, "wout")
        entries.add(Asker(session, community, wout, ZONE), Typed(Kind.OWN, True, "iets", office.today, 60),
                    office.pots[Review.NONE])  # fmt: skip
    office.add("fatima", 60)
    office.settle()
    assert office.this() == {"fatima": 1.0}
    with office.desk.tool.session() as session:
        states = {row.person_id: row.state for row in session.scalars(select(Score))}
        assert states[office.person(session, "wout")] == ScoreState.NOT_GRADABLE


def test_a_refused_deed_leaves_nothing_to_send(office: Office) -> None:
    office.place()
    entry = office.add("fatima", 90)
    office.settle()
    rows = len(office.desk.rows())
    with pytest.raises(Refused):
        office.correct(entry, 90)
    with office.desk.tool.session() as session:
        entries.speak(
            Asker(session, session.scalars(select(Community)).one().id, office.person(session, "fatima"), ZONE),
            entry, Done.DISPUTED, "klopt niet",
        )  # fmt: skip
    assert len(office.desk.rows()) == rows, "words change no value"


def test_participation_is_as_it_was_beside_it(office: Office) -> None:
    office.place("none")
    office.desk.earn("fatima")
    office.settle()
    assert office.desk.grade("fatima") == 33
    with office.desk.tool.session() as session:
        assert {item.kind for item in session.scalars(select(LineItem))} == {"participation"}


def test_a_copied_course_brings_no_hours_and_has_columns_of_its_own(office: Office) -> None:
    place = office.place()
    office.add("fatima", 90)
    office.settle()
    school = office.desk.lms.school
    copy = school.copy_course(place.course_id)
    (there,) = [each for each in school.course_activities(copy.id) if each.custom.get("step") == "hours"]
    school.enrol(copy.id, office.desk.world.person("fatima").id, "student")
    page = office.desk.world.as_("fatima").launch(there)
    assert "Daar komt te staan hoeveel uur van je meetelt" in page.text
    office.settle()
    mine = {column.id for column in school.course_columns(copy.id)}
    assert not [each for each in school.grades.values() if each.column_id in mine and each.score is not None]
    assert office.this() == {"fatima": 1.5}
