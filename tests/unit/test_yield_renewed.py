"""A yield that was changed shows who stood behind it the difference, and one tap renews; nothing is kept for them."""

import datetime as dt
from collections.abc import Iterator

import pytest

from lti_tool.domain.thread.yields import CHOICES
from lti_tool.steps.differing import difference
from tests.web.circle import Circle
from tests.web.ways.evaluation import at, items

FIRST, NOT_YET, PASSED = 0, 1, 2


@pytest.fixture
def c() -> Iterator[Circle]:
    with at(4, "endorse") as made:
        number = made.rounds("endorse")[-1].id
        for who, said in ((FIRST, "endorse"), (NOT_YET, "not_yet"), (3, "not_yet"), (PASSED, "pass")):
            made.act(who, "endorse", answer=said, missing="nog een zin", round=number)
        assert made.move() == "yield"
        body = items(made, "yield")[0].body
        made.act(NOT_YET, "yield", text=body["text"] + " en durven", lessons="eerst kijken", version=1)
        assert made.move() == "endorse"
        yield made


def test_nobodys_answer_is_kept_and_who_stood_behind_it_sees_what_changed(c: Circle) -> None:
    now_asked = c.rounds("endorse")[-1]
    assert not c.answers(now_asked)
    found = c.summary(FIRST).endorsing
    assert found.renews
    assert [part.text for part in found.changed if part.how == "new"] == ["en durven"]
    assert "dan doen" in " ".join(part.text for part in found.changed if part.how == "gone")
    assert {who: c.summary(who).endorsing.renews for who in range(4)} == {0: True, 1: False, 2: False, 3: False}


def test_one_tap_renews_and_is_not_asked_again(c: Circle) -> None:
    number = c.summary(FIRST).endorsing.round
    c.act(FIRST, "endorse", answer="endorse", round=number)
    assert not c.summary(FIRST).endorsing.renews
    assert [each.answer for each in c.answers(c.rounds("endorse")[-1])] == ["endorse"]


def test_where_only_how_it_goes_on_was_changed_that_is_the_difference(c: Circle) -> None:
    number = c.summary(FIRST).endorsing.round
    for who, said in ((FIRST, "endorse"), (NOT_YET, "not_yet"), (3, "not_yet")):
        c.act(who, "endorse", answer=said, missing="nog een zin", round=number)
    c.act(PASSED, "endorse", answer="pass", round=number)
    assert c.move() == "yield"
    found, looked = items(c, "next")[0], items(c, "look_back")[0]
    was = dict(found.body), dict(looked.body)
    choice = next(each for each in CHOICES if each != was[0]["choice"])
    day = (dt.date.fromisoformat(was[1]["date"]) + dt.timedelta(days=1)).isoformat()
    said = {"choice": choice, "text": was[0]["text"] + " en durven", "what": "elke maand eens", "date": day}
    c.act(0, "next", **said, version=found.version)
    assert c.move() == "endorse"
    asked = c.summary(FIRST).endorsing
    assert asked.renews
    assert asked.changed == ()
    assert asked.went_on.choice == CHOICES[was[0]["choice"]]
    assert asked.went_on.day.isoformat() == was[1]["date"]
    assert "en durven" in " ".join(part.text for part in asked.went_on.words if part.how == "new")
    gone = " ".join(part.text for part in asked.went_on.words if part.how == "gone")
    assert set(gone.split()) & set(was[1]["what"].split())


def test_what_did_not_change_in_how_it_goes_on_is_not_told(c: Circle) -> None:
    assert c.summary(FIRST).endorsing.went_on is None


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("een twee drie", "een twee drie", []),
        ("een  twee\ndrie", "een twee drie", []),
        ("een twee drie", "een vier drie", [("same", "een"), ("gone", "twee"), ("new", "vier"), ("same", "drie")]),
        ("een twee", "een twee drie", [("same", "een twee"), ("new", "drie")]),
        ("een twee", "twee", [("gone", "een"), ("same", "twee")]),
        ("", "een", [("new", "een")]),
    ],
)
def test_a_difference_is_told_by_words(before: str, after: str, parts: list[tuple[str, str]]) -> None:
    assert [(part.how, part.text) for part in difference(before, after)] == parts
