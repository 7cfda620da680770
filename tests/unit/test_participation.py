"""Three moments make a score; a person's own, never a zero, and told to each placement of the step."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from lti_tool.domain import outbox, participation
from lti_tool.domain.participation import Kind, Passback
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    Deployment,
    LineItem,
    Member,
    Moment,
    OutboxRow,
    Person,
    Registration,
    ResourceLink,
    Score,
    StepRun,
)

ITEMS, ITEM, OTHER = "https://lms.example/items", "https://lms.example/items/1", "https://lms.example/items/2"


@pytest.mark.parametrize(
    ("passback", "scores"),
    [
        ("moments", [None, 33, 67, 100]),
        ("completed", [None, None, None, 100]),
        ("none", [None, None, None, None]),
    ],
)
def test_a_score_is_a_third_a_moment_or_all_or_nothing(passback: str, scores: list[int | None]) -> None:
    assert [participation.score(moments, passback) for moments in range(4)] == scores


@given(st.integers(0, 3), st.sampled_from([*Passback, "something else"]))
def test_a_score_is_never_a_zero_nor_beyond_a_hundred_nor_falls(moments: int, passback: str) -> None:
    found = participation.score(moments, passback)
    assert found is None or 0 < found <= 100
    if moments:
        assert (participation.score(moments - 1, passback) or 0) <= (found or 0)


@dataclass
class Circle:
    """Two members and one step of a community, in memory."""

    session: Session
    community: Community
    cycle: Cycle
    run: StepRun
    members: list[Member]

    def place(self, step: str = "ambition", **values: Any) -> ResourceLink:
        known = self.session.scalars(select(ResourceLink)).all()
        link = ResourceLink(
            **{
                "deployment_id": 1,
                "resource_link_id": str(len(known)),
                "course_id": 1,
                "step": step,
                "cycle_number": 1,
                "line_items_url": ITEMS,
                **values,
            }
        )
        self.session.add(link)
        self.session.flush()
        return link

    def item(self, link: ResourceLink) -> LineItem:
        return participation.columns.column(self.session, link, participation.TAG)

    def mark(self, *kinds: Kind, member: int = 0) -> None:
        for kind in kinds:
            participation.mark(self.session, self.run, self.members[member], kind)
            self.session.flush()

    def keys(self) -> list[str]:
        return list(self.session.scalars(select(OutboxRow.key).where(OutboxRow.kind == outbox.Kind.SCORE)))


@pytest.fixture
def circle(sqlite_url: str) -> Iterator[Circle]:
    engine = create_engine(sqlite_url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    with Session(engine, expire_on_commit=False) as session:
        registration = Registration(issuer="i", client_id="c", auth_login_url="", auth_token_url="", key_set_url="")
        session.add(registration)
        session.flush()
        session.add(Deployment(id=1, registration_id=registration.id, deployment_id="1", approved=True))
        session.flush()
        session.add(Course(id=1, deployment_id=1, context_id="2"))
        session.flush()
        community = Community(course_id=1, name="Team")
        people = [Person(issuer="i", sub=str(number)) for number in range(2)]
        session.add_all([community, *people])
        session.flush()
        members = [
            Member(community_id=community.id, person_id=person.id, number=number, standing="member")
            for number, person in enumerate(people)
        ]
        cycle = Cycle(community_id=community.id, number=1)
        session.add_all([cycle, *members])
        session.flush()
        run = StepRun(cycle_id=cycle.id, step="ambition", stage="alone")
        session.add(run)
        session.flush()
        yield Circle(session, community, cycle, run, members)
    engine.dispose()


def test_a_moment_is_told_to_every_placement_of_that_step_of_that_cycle_and_to_no_other(circle: Circle) -> None:
    circle.session.add(Cycle(community_id=circle.community.id, number=2))
    told = [circle.place(), circle.place()]
    circle.place("information")
    circle.place(cycle_number=2)
    circle.place(passback="none")
    circle.place(line_items_url="")
    circle.mark(Kind.INPUT)
    person = circle.members[0].person_id
    assert sorted(circle.keys()) == sorted(f"{circle.item(link).id}:{person}" for link in told)


def test_a_second_mark_of_one_kind_changes_nothing_and_tells_nobody(circle: Circle) -> None:
    circle.place()
    circle.mark(Kind.INPUT)
    circle.session.query(OutboxRow).delete()
    circle.mark(Kind.INPUT)
    assert circle.keys() == []
    assert len(circle.session.scalars(select(Moment)).all()) == 1


def test_a_moment_is_the_persons_own(circle: Circle) -> None:
    link = circle.place()
    circle.mark(Kind.INPUT, Kind.RESPONSE)
    circle.mark(Kind.DECISION, member=1)
    own = [participation.moments_of(circle.session, circle.run, member) for member in circle.members]
    assert own == [{Kind.INPUT, Kind.RESPONSE}, {Kind.DECISION}]
    scores = [participation.current_score(circle.session, link, member.person_id) for member in circle.members]
    assert scores == [67, 33]
    assert participation.current_score(circle.session, link, 999) is None


def test_a_moment_taken_back_is_told_too(circle: Circle) -> None:
    link = circle.place()
    circle.mark(Kind.INPUT, Kind.RESPONSE)
    circle.session.query(OutboxRow).delete()
    participation.unmark(circle.session, circle.run, circle.members[0], Kind.RESPONSE)
    assert len(circle.keys()) == 1
    assert participation.current_score(circle.session, link, circle.members[0].person_id) == 33


def test_catching_up_puts_in_who_took_part_in_that_step_once_each(circle: Circle) -> None:
    circle.mark(*Kind)
    circle.mark(Kind.INPUT, member=1)
    assert circle.keys() == [], "there was no placement yet"
    other, link = circle.place("information"), circle.place()
    for each in (other, link):
        participation.catch_up(circle.session, each)
    assert sorted(circle.keys()) == sorted(f"{circle.item(link).id}:{member.person_id}" for member in circle.members)


@pytest.mark.parametrize(("url", "arrived"), [(ITEM, 33), (OTHER, None)])
def test_only_in_another_column_has_nothing_arrived_yet(circle: Circle, url: str, arrived: int | None) -> None:
    link = circle.place()
    item = circle.item(link)
    item.url, item.gone = ITEM, True
    person = circle.members[0].person_id
    circle.session.add(
        Score(line_item_id=item.id, person_id=person, state="arrived", arrived=33, tried=[33], payload=None)
    )
    circle.mark(Kind.INPUT)
    circle.session.query(OutboxRow).delete()
    participation.set_column(circle.session, link, url)
    circle.session.flush()
    score = circle.session.scalars(select(Score)).one()
    assert (item.url, item.gone) == (url, False)
    assert (score.arrived, score.tried) == (arrived, [33] if arrived else [])
    assert circle.keys() == [f"{item.id}:{person}"]


def test_the_receipt_is_the_persons_own_of_that_step_and_cycle(circle: Circle) -> None:
    first, second = circle.place(), circle.place()
    other = circle.place("information")
    mine, theirs = (member.person_id for member in circle.members)
    for link, person, arrived in ((first, mine, 33), (second, mine, 67), (first, theirs, 100), (other, mine, 100)):
        circle.session.add(Score(line_item_id=circle.item(link).id, person_id=person, arrived=arrived, tried=[]))
        circle.session.flush()
    found = participation.receipt(circle.session, circle.run, circle.community.course_id, 1, mine)
    assert found is not None
    assert found.score is not None
    assert found.score.arrived == 67, "the newest"
    assert participation.receipt(circle.session, circle.run, circle.community.course_id, 2, mine) is None
    stranger = participation.receipt(circle.session, circle.run, circle.community.course_id, 1, 999)
    assert stranger == participation.Receipt(None)


@pytest.mark.parametrize("values", [{"passback": "none"}, {"line_items_url": ""}, {"step": "information"}])
def test_a_step_without_a_column_has_no_receipt(circle: Circle, values: dict[str, str]) -> None:
    circle.place(**values)
    circle.mark(Kind.INPUT)
    person = circle.members[0].person_id
    assert participation.receipt(circle.session, circle.run, circle.community.course_id, 1, person) is None


def test_the_tests_database_is_the_migrated_one(sqlite_url: str) -> None:
    assert Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size > 0


def test_a_score_is_the_most_that_somebody_earned_in_one_of_the_courses_communities(circle: Circle) -> None:
    """What was earned before a move is not lost, and what was earned after it does not come on top."""
    link = circle.place()
    circle.mark(Kind.INPUT, Kind.RESPONSE)
    circle.mark(Kind.INPUT, member=1)
    other = Community(course_id=1, name="Team B", group_id="3", locale="en")
    circle.session.add(other)
    circle.session.flush()
    of = Cycle(community_id=other.id, number=1)
    circle.session.add(of)
    circle.session.flush()
    run = StepRun(cycle_id=of.id, step="ambition", stage="ideas")
    mine, theirs = (each.person_id for each in circle.members)
    moved = Member(community_id=other.id, person_id=mine, number=1, standing="member")
    circle.session.add_all([run, moved])
    circle.session.flush()
    participation.mark(circle.session, run, moved, Kind.INPUT)
    circle.session.flush()
    kind = participation.columns.KINDS[participation.TAG]
    before = kind.values(circle.session, link, "", None)
    assert {person: (each.score, each.locale) for person, each in before.items()} == {
        mine: (67, "nl"),
        theirs: (33, "nl"),
    }
    for each in (Kind.RESPONSE, Kind.DECISION):
        participation.mark(circle.session, run, moved, each)
    circle.session.flush()
    after = kind.values(circle.session, link, "", [mine])[mine]
    assert (after.score, after.locale) == (100, "en"), "and it is said in the language of that community"
    assert set(circle.keys()) >= {f"{circle.item(link).id}:{mine}"}, "both share the column"
