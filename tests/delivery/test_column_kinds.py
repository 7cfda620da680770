"""Another kind of column needs no line of delivery: a kind is registered, and its value arrives in its own column."""

from collections.abc import Collection, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lti_tool.domain.participation import columns
from lti_tool.models import LineItem, ResourceLink
from lti_tool.text import Text
from tests.delivery.desk import Desk, at_call, check_calls

PERIOD = "2026-2027"


class Hours:
    """A toy: quarters of hours, in a column of each period that belongs to no activity."""

    name, tag, maximum, same = "toy", "toy-hours", 50, 0.005
    given: dict[tuple[str, int], float] = {}

    def resource_id(self, link: ResourceLink, period: str) -> str:
        return f"toy-{link.course_id}-{period}"

    def standalone(self, link: ResourceLink, period: str) -> bool:
        return bool(period)

    def label(self, placement: columns.Placement) -> str:
        return f"{Text('Uren', 'Hours').of(placement.locale)} {placement.period}".strip()

    def values(
        self, session: Session, link: ResourceLink, period: str, people: Collection[int] | None
    ) -> dict[int, columns.Value]:
        return {
            person: columns.Value(hours, Text(f"{hours} uur.", f"{hours} hours."), columns.Progress.IN_PROGRESS)
            for (of, person), hours in self.given.items()
            if of == period and (people is None or person in people)
        }

    def said(self, comment: str) -> list[float]:
        return []


@pytest.fixture
def hours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hours]:
    """The kind, registered for one test. What holds for every call is looked at here, its own values left out."""
    kind = Hours()
    kind.given = {}
    monkeypatch.setitem(columns.KINDS, kind.name, kind)
    yield kind
    check_calls([call for call in desk.lms.calls if '"scoreMaximum": 50' not in call.sent])
    desk.lms.site._calls.clear()


def account(desk: Desk, kind: Hours, period: str, **given: float) -> LineItem:
    """People have so many hours: have them sent."""
    with desk.tool.session() as session:
        link = session.get_one(ResourceLink, desk.link().id)
        item = columns.column(session, link, kind.name, period)
        for name, hours in given.items():
            person = desk.member(session, name).person_id
            kind.given[period, person] = hours
            columns.put(session, link, item, person)
        return item


def sent(desk: Desk, tag: str) -> list[tuple[Any, ...]]:
    """Number, label, resource id, whose column, and the grades in it, of each column of a tag."""
    school = desk.lms.school
    return [
        (column.id, column.label, column.resource_id, column.resource_link_id, {
            name: school.grade(column.id, desk.world.person(name).id).score
            for name in ("fatima", "marieke") if school.grade(column.id, desk.world.person(name).id)
        })
        for column in school.columns.values()
        if column.tag == tag
    ]  # fmt: skip


def test_a_second_kind_has_its_own_columns_and_says_its_own_values(desk: Desk, hours: Hours) -> None:
    desk.earn("fatima")
    account(desk, hours, PERIOD, fatima=1.25, marieke=12.5)
    desk.deliver()
    desk.catch_up()
    ((_, label, resource_id, owner, grades),) = sent(desk, hours.tag)
    assert (label, resource_id, owner) == (f"Uren {PERIOD}", f"toy-{desk.course().id}-{PERIOD}", None)
    assert grades == {"fatima": 1.25, "marieke": 12.5}
    assert desk.grade("fatima") == 33, "beside participation, which stays in its own"
    posts = [each for each in desk.posts("fatima") if each["scoreMaximum"] == 50]
    assert [(each["scoreGiven"], each["comment"], each["activityProgress"]) for each in posts] == [
        (1.25, "1.25 uur.", "InProgress")
    ]
    # The next period is a column of its own, and a change of a few minutes is a change.
    desk.move(60)
    account(desk, hours, "2027-2028", marieke=12.51)
    account(desk, hours, PERIOD, marieke=12.51)
    desk.deliver()
    desk.catch_up()
    assert [(label, grades) for _, label, _, _, grades in sent(desk, hours.tag)] == [
        (f"Uren {PERIOD}", {"fatima": 1.25, "marieke": 12.51}),
        ("Uren 2027-2028", {"marieke": 12.51}),
    ]


def test_a_column_of_a_kind_is_found_again_and_not_made_twice(desk: Desk, hours: Hours) -> None:
    account(desk, hours, PERIOD, fatima=2.0)
    # First it looks by name, then it makes one; the answer is lost.
    at_call(desk.lms, 2, "lineitems", lambda: desk.lms.faults.lose("lineitems"))
    desk.deliver()
    desk.catch_up("line_item")
    desk.catch_up()
    assert [grades for *_, grades in sent(desk, hours.tag)] == [{"fatima": 2.0}]


def test_two_kinds_of_one_activity_never_share_a_column(desk: Desk, hours: Hours) -> None:
    """Both belong to the activity: by its link alone either could be taken for the other."""
    account(desk, hours, "", fatima=2.0)
    with desk.tool.session() as session:
        participation = session.get_one(LineItem, desk.item().id)
        known, participation.url = participation.url, ""
    desk.deliver()
    desk.catch_up()
    ((_, label, _, owner, grades),) = sent(desk, hours.tag)
    assert (label, owner, grades) == ("Uren", desk.world.activity("ambition").id, {"fatima": 2.0})
    desk.earn("fatima")
    desk.deliver()
    desk.catch_up()
    assert desk.item().url == known
    assert desk.grade("fatima") == 33
