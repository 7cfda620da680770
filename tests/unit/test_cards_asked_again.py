"""A card that somebody else changes frees whoever had taken it on, and asks them again; one that is dropped stays."""

from collections.abc import Iterator

import pytest

from tests.web.circle import Circle
from tests.web.ways.consequences import at, card, cards, items, requests, soon, to_do

OWNER, BUDDY, OTHER = 0, 1, 2


@pytest.fixture
def c() -> Iterator[Circle]:
    with at(3, "board") as made:
        made.act(OWNER, "own", id=card(made, OWNER).id)
        made.act(BUDDY, "buddy", id=items(made, "action")[0].id)
        yield made


def change(c: Circle, who: int, what: str = "elke zaterdag naar school") -> None:
    item = items(c, "action")[0]
    c.act(who, "action", id=item.id, version=item.version, what=what, sign="iets", date=soon())


def holds(c: Circle) -> tuple[list[int], list[int]]:
    numbers = {each.id: number for number, each in enumerate(c.members)}
    [found] = cards(c)
    return [numbers[each] for each in found.owners], [numbers[each] for each in found.buddies]


@pytest.mark.parametrize(
    ("by", "left", "asked"),
    [
        (OTHER, ([], []), {OWNER, BUDDY}),
        (BUDDY, ([], [BUDDY]), {OWNER}),
        (OWNER, ([OWNER], []), {BUDDY}),
    ],
)
def test_who_did_not_change_it_is_free_and_asked_again(
    c: Circle, by: int, left: tuple[list[int], list[int]], asked: set[int]
) -> None:
    change(c, by)
    assert holds(c) == left
    assert {who for who in range(3) if c.summary(who).board.cards[0].asked_again} == asked
    for who in asked:
        shown = c.summary(who).board.cards[0].changed
        assert "zaterdag" in " ".join(part.text for part in shown if part.how == "new")
        assert "actie" in " ".join(part.text for part in shown if part.how == "gone")
        assert "nog?" in c.step.task(c.turn(who)).text.nl  # type: ignore[union-attr]


def test_free_again_it_is_put_to_nobody_until_somebody_takes_it_on(c: Circle) -> None:
    change(c, OTHER)
    assert c.move() == "not_owned"
    c.act(OWNER, "own", id=items(c, "action")[0].id)
    assert holds(c) == ([OWNER], [])
    assert not c.summary(OWNER).board.cards[0].asked_again
    c.act(BUDDY, "let_go", id=items(c, "action")[0].id)
    assert not c.summary(BUDDY).board.cards[0].asked_again
    assert c.refused(BUDDY, "let_go", id=items(c, "action")[0].id) == "not_found"


def test_who_changes_nothing_frees_nobody(c: Circle) -> None:
    item = items(c, "action")[0]
    same = {name: item.body[name] for name in ("what", "sign", "date", "hours")}
    assert c.refused(OTHER, "action", id=item.id, version=1, **same) == "said_already"
    assert holds(c) == ([OWNER], [BUDDY])


def test_changed_twice_it_asks_once_about_all_that_changed(c: Circle) -> None:
    change(c, OTHER)
    change(c, OTHER, "elke zondag naar school")
    assert len(items(c, "freed")) == 2
    assert "actie" in " ".join(part.text for part in c.summary(OWNER).board.cards[0].changed if part.how == "gone")


def test_an_owner_who_drops_an_adopted_action_leaves_it_on_the_board_free_for_all_to_see(c: Circle) -> None:
    assert c.move() == "consent"
    c.rest("consent", answer="agree")
    assert c.move() == "closed"
    c.act(OWNER, "let_go", id=items(c, "action")[0].id)
    assert len(items(c, "action")) == len(cards(c)) == 1
    assert holds(c)[0] == []
    assert not c.summary(OTHER).board.cards[0].owners
    assert c.refused(OWNER, "take_off", id=items(c, "action")[0].id) == "not_in_this_stage"
    c.act(OTHER, "own", id=items(c, "action")[0].id)
    assert holds(c)[0] == [OTHER]


# Hours


@pytest.mark.parametrize(("answer", "after"), [("yes", "consent"), ("partly", "consent"), ("no", "hours_refused")])
def test_four_hundred_hours_in_twenty_ask_for_the_leaders_answer(c: Circle, answer: str, after: str) -> None:
    c.act(OTHER, "action", **to_do(what="alles tegelijk doen", hours=400)(c))
    c.act(OTHER, "own", id=items(c, "action")[-1].id)
    assert c.move() == "hours_over"
    c.act(OTHER, "request", text="we hebben rust nodig", reply_by=soon(3))
    c.act(OTHER, "go_on", id=requests(c)[0].item.id, reason="het is niet anders")
    assert c.move() == "hours_over", "of something else they ask nothing"
    c.act(OTHER, "request", text="we vragen om uren", reply_by=soon(3), hours="yes")
    assert c.move() == "requests_open"
    asked = next(each.item for each in requests(c) if each.item.body.get("hours"))
    _answered(c, asked.id, answer)
    assert c.move() == after


def test_what_was_answered_is_for_so_many_hours_and_no_more(c: Circle) -> None:
    c.act(OTHER, "action", **to_do(what="alles tegelijk doen", hours=40)(c))
    c.act(OTHER, "own", id=items(c, "action")[-1].id)
    c.act(OTHER, "request", text="we vragen om uren", reply_by=soon(3), hours="yes")
    _answered(c, requests(c)[0].item.id, "yes")
    item = items(c, "action")[-1]
    more = {"what": "alles tegelijk doen", "sign": "rust", "date": soon(), "hours": 400}
    c.act(OTHER, "action", id=item.id, version=item.version, **more)
    assert c.move() == "hours_over"


def _answered(c: Circle, request: int, given: str) -> None:
    from lti_tool.domain.thread.actions import held
    from lti_tool.models import Standing
    from lti_tool.steps.consequences import support

    turn = c.turn(BUDDY)
    assert turn.member is not None
    before, turn.member.standing = turn.member.standing, Standing.LEADER
    support.answer(turn, held(turn), request, given, "dit is ons antwoord", 1, 0)
    turn.member.standing = before
