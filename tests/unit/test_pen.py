"""The pen: for a quarter of an hour it is still warm; then it is another's turn, unless nobody wants it."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.web.circle import Circle, picture, stored
from tests.web.ways import ambition

MINUTE = dt.timedelta(minutes=1)
MON = "2027-02-01T10:00Z"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def c(clock: time_machine.Traveller) -> Iterator[Circle]:
    with picture(4, "ambition", "draft").copy() as made:
        made.act(0, "take_pen")
        made.act(0, "hand_on_pen")
        yield made


@pytest.mark.parametrize(
    ("minutes", "said", "code"),
    [
        (0, (), ""),
        (15, (), ""),
        (16, (), "pen_had"),
        (16, (1, 2), "pen_had"),
        (16, (1, 2, 3), ""),
        (24 * 60 - 1, (), "pen_had"),
        (24 * 60, (), ""),
    ],
)
def test_who_had_it_last_goes_on(
    c: Circle, clock: time_machine.Traveller, minutes: int, said: tuple[int, ...], code: str
) -> None:
    clock.shift(minutes * MINUTE)
    for who in said:
        c.act(who, "not_me")
    assert c.refused(0, "take_pen") == code


def test_it_is_theirs_again_once_another_had_it(c: Circle, clock: time_machine.Traveller) -> None:
    clock.shift(20 * MINUTE)
    assert c.refused(0, "take_pen") == "pen_had"
    c.act(2, "take_pen")
    c.act(2, "hand_on_pen")
    c.act(0, "take_pen")


def test_not_me_is_asked_of_the_others_once_while_it_is_free_and_counts_for_this_time_only(
    c: Circle, clock: time_machine.Traveller
) -> None:
    assert c.refused(0, "not_me") == "not_asked"
    c.act(1, "not_me")
    assert c.refused(1, "not_me") == "not_asked"
    assert not c.summary(1).drafting.asked
    assert c.summary(2).drafting.asked
    c.act(1, "take_pen"), "and one may think better of it"
    assert c.refused(2, "not_me") == "not_asked"
    c.act(1, "hand_on_pen")
    clock.shift(20 * MINUTE)
    for who in (0, 2):
        c.act(who, "not_me")
    assert c.refused(1, "take_pen") == "pen_had", "the fourth has not said so"


def test_who_is_away_or_never_opened_it_is_not_waited_for(c: Circle, clock: time_machine.Traveller) -> None:
    clock.shift(20 * MINUTE)
    c.members[1].opened_at = None
    c.away(2)
    c.act(3, "not_me")
    c.act(0, "take_pen")


def test_whoever_holds_it_and_saves_nothing_is_relieved_after_a_quarter(
    c: Circle, clock: time_machine.Traveller
) -> None:
    c.act(1, "take_pen")
    clock.shift(14 * MINUTE)
    assert c.refused(2, "take_pen") == "pen_elsewhere"
    clock.shift(MINUTE)
    c.act(2, "take_pen")
    assert c.refused(1, "hand_on_pen") == "pen_elsewhere"


def test_only_who_changed_a_word_is_known_to_have_written(c: Circle, clock: time_machine.Traveller) -> None:
    ambition.write(c, 1)
    ambition.write(c, 2, text=c.proposal().body["text"], hours=30)  # type: ignore[union-attr]
    wrote = {each.member_id for each in stored(c.turn(None), "pen") if each.body.get("wrote")}
    assert wrote == {c.members[1].id}
