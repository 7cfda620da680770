"""Groups merge what is their own; another group's idea joins when one of that group says yes, and for what it read.

Without names nothing of it may tell whose an idea is: not what joins at once, nor what is refused, nor who is asked.
"""

from collections.abc import Iterator
from itertools import combinations

import pytest

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.mechanisms import merging
from lti_tool.models import Authors
from lti_tool.models.voices import Contribution
from lti_tool.steps.ambition.acts import held
from tests.web.circle import STEPS, Circle, circle, stored

ZIN = "ze helpen elkaar verder"


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(6, "pairs") as made:
        made.run.authors = Authors.NAMED
        yield made


@pytest.fixture
def nameless() -> Iterator[Circle]:
    with circle(6, "pairs") as made:
        yield made


def mates(c: Circle, who: int) -> list[int]:
    """Who sits with somebody, themselves among them."""
    found = merging.my_group(c.turn(who), held(c.turn(who)))
    assert found is not None
    return [number for number, each in enumerate(c.members) if each.id in found[1]]


def strangers(c: Circle, who: int) -> list[int]:
    """Who sits elsewhere."""
    return [number for number in range(len(c.members)) if number not in mates(c, who)]


def idea(c: Circle, who: int) -> int:
    return c.own(who)[0].id


def merge(c: Circle, who: int, *sources: int, **changes: object) -> Contribution:
    c.act(who, "merge", text=ZIN, sources=list(sources), **changes)
    return stored(c.turn(None), "merged")[-1]


def made_of(c: Circle, made: Contribution) -> set[int]:
    there = held(c.turn(None))
    return {each.id for each in merging.ideas_of(there, there.items[made.id])}


def test_a_group_merges_its_own_at_once(c: Circle) -> None:
    first, second = mates(c, 0)[:2]
    made = merge(c, first, idea(c, first), idea(c, second))
    assert made_of(c, made) == {idea(c, first), idea(c, second)}


@pytest.mark.parametrize("own", [0, 1])
def test_another_groups_idea_stands_by_itself_until_one_of_that_group_says_yes(c: Circle, own: int) -> None:
    me, other = 0, strangers(c, 0)[0]
    sources = [idea(c, me)] * own + [idea(c, each) for each in strangers(c, 0)[: 2 - own]]
    if not own:
        assert c.refused(me, "merge", text=ZIN, sources=sources) == "none_of_yours"
        return
    made = merge(c, me, *sources)
    assert made_of(c, made) == {idea(c, me)}
    said = {"id": idea(c, other), "made": made.id, "version": 1}
    bystander = next(each for each in strangers(c, 0) if each not in mates(c, other))
    for who in (me, bystander):
        assert c.refused(who, "let_in", **said) == "not_found", "only one whose it is can say so"
    assert c.refused(other, "let_in", **{**said, "version": 9}) == "changed_meanwhile"
    mate = next(each for each in mates(c, other) if each != other)
    assert any(each.made == made.id for each in c.summary(mate).group.asked)
    c.act(mate, "let_in", **said)
    assert made_of(c, made) == {idea(c, me), idea(c, other)}
    assert c.refused(other, "let_in", **said) == "not_found", "it is in already"
    c.act(other, "keep_out", **said)
    assert made_of(c, made) == {idea(c, me)}


def test_to_other_words_another_group_is_asked_anew_and_to_the_same_it_is_not(c: Circle) -> None:
    other = strangers(c, 0)[0]
    made = merge(c, 0, idea(c, 0), idea(c, other))
    c.act(other, "let_in", id=idea(c, other), made=made.id, version=1)
    both = [idea(c, 0), idea(c, other)]
    c.act(0, "merge", id=made.id, text=ZIN + "!", sources=both, version=1)
    assert made_of(c, made) == set(both)
    c.act(0, "merge", id=made.id, text="ze doen wat wij zeggen", sources=both, version=2)
    assert made_of(c, made) == {idea(c, 0)}
    assert [each.id for each in c.summary(other).group.asked] == [idea(c, other)]


def test_no_yes_is_given_by_saying_no(c: Circle) -> None:
    other = strangers(c, 0)[0]
    made = merge(c, 0, idea(c, 0), idea(c, other))
    c.act(other, "keep_out", id=idea(c, other), made=made.id)
    assert made_of(c, made) == {idea(c, 0)}
    assert not c.summary(other).group.asked


def test_another_groups_sentence_is_not_taken_over_either(c: Circle) -> None:
    first, second = mates(c, 0)[:2]
    made = merge(c, first, idea(c, first), idea(c, second))
    other = strangers(c, 0)[0]
    assert (
        c.refused(other, "merge", id=made.id, text="het is nu van ons", sources=[idea(c, 0)], version=1) == "not_found"
    )
    assert c.refused(other, "take_apart", id=made.id) == "not_found"
    theirs = merge(c, other, idea(c, other), made.id)
    assert made_of(c, theirs) == {idea(c, other)}
    c.act(second, "let_in", id=made.id, made=theirs.id, version=1)
    assert made_of(c, theirs) == {idea(c, other), idea(c, first), idea(c, second)}


def test_groups_are_made_of_those_heard_and_who_comes_later_joins_one_for_good() -> None:
    with circle(6, "respond") as c:
        for who in range(6):
            c.do_the_task(who, "respond")
        # One of them never did anything.
        last = c.members[5]
        for kind in ("idea", "response"):
            for item in stored(c.turn(None), kind):
                if item.member_id == last.id:
                    item.withdrawn_at = now()
        c.session.flush()
        cycle.advance(c.turn(0), c.step, "respond", STEPS, confirmed=True)
        assert c.run.stage == "pairs"
        settled = {each for group in stored(c.turn(None), "group") for each in group.body["members"]}
        assert settled == {each.id for each in c.members[:5]}
        joins = merging.my_group(c.turn(5), held(c.turn(5)))
        assert joins is not None
        assert last.id not in joins[1]
        c.act(5, "keep_apart")
        assert last.id in next(
            people for group, people in merging.seats(c.turn(None), held(c.turn(None))) if group == joins[0]
        )
        assert last.id in merging.done(c.turn(None), held(c.turn(None)))


def test_where_nobody_was_heard_who_comes_makes_the_group() -> None:
    with circle(3, "pairs") as c:
        for group in stored(c.turn(None), "group"):
            c.session.delete(group)
        c.session.flush()
        c.act(0, "keep_apart")
        assert mates(c, 0) == [0]
        assert mates(c, 1) == [0], "and who comes next joins"


def seen_of(c: Circle, who: int) -> list[object]:
    """All that the page of the groups tells somebody, whatever the numbers are."""
    shown = c.summary(who)
    group = shown.group
    return [
        sorted(group.with_whom, key=str), group.made and [(each.text, each.waits, each.settled) for each in group.made],
        [sorted(each.made_of) for each in group.made], [(each.text, each.sentence) for each in group.asked],
        [(each.text, each.sentence) for each in group.joined], [each.into for each in shown.ideas],
        [(each.text, each.ideas) for each in shown.candidates],
    ]  # fmt: skip


def test_without_names_nobody_finds_out_which_idea_is_their_partners(nameless: Circle) -> None:
    """Whatever two one puts together, what is said of it is the same."""
    c = nameless
    texts = {each.id: each.body["text"] for each in c.ideas()}
    others = [each.id for each in c.ideas() if each.member_id != c.members[0].id]
    told = set()
    for first, second in combinations(others, 2):
        made = merge(c, 0, first, second)
        seen = seen_of(c, 0)
        assert seen[2] == [sorted([texts[first], texts[second]])]
        told.add(str([*seen[:2], *seen[3:]]))
        # Nor by saying yes or no for it, nor by what its changing comes to.
        for item in (first, second):
            for deed in ("let_in", "keep_out"):
                assert c.refused(0, deed, id=item, made=made.id, version=1) == "not_found"
        c.act(0, "merge", id=made.id, text="ze doen wat wij zeggen", sources=[first, second], version=1)
        assert seen_of(c, 0)[5:] == seen[5:]
        c.act(0, "take_apart", id=made.id)
    assert len(told) == 1, "one pair is told from another"


def test_without_names_nobody_sees_who_said_yes_before_the_stage_ends(nameless: Circle) -> None:
    c = nameless
    mate = next(each for each in mates(c, 0) if each != 0)
    other = strangers(c, 0)[0]
    made = merge(c, 0, idea(c, 0), idea(c, mate), idea(c, other))
    watchers = [each for each in range(6) if each not in (mate, other)]
    before = {who: seen_of(c, who) for who in watchers}
    for asked in (mate, other):
        assert [each.id for each in c.summary(asked).group.asked] == [idea(c, asked)], "one's own, and no mate's"
    for who in (mate, other):
        c.act(who, "let_in", id=idea(c, who), made=made.id, version=1)
        assert {each: seen_of(c, each) for each in watchers} == before
    c.act(other, "keep_out", id=idea(c, other), made=made.id)
    assert made_of(c, made) == set()
    assert [each.id for each in merging.candidates(held(c.turn(None)))].count(made.id) == 0
    assert c.move() != "pairs"
    assert made_of(c, made) == {idea(c, 0), idea(c, mate)}
    assert made.id in [each.id for each in merging.candidates(held(c.turn(None)))]


def test_without_names_a_sentence_to_which_nobody_says_yes_does_not_stand(nameless: Circle) -> None:
    c = nameless
    first, second = strangers(c, 0)[:2]
    made = merge(c, 0, idea(c, first), idea(c, second))
    c.move()
    assert {each.id for each in merging.candidates(held(c.turn(None)))} == {each.id for each in c.ideas()}
    assert made_of(c, made) == set()


def test_without_names_an_idea_joins_the_sentence_it_said_yes_to_last(nameless: Circle) -> None:
    c = nameless
    one, other = merge(c, 0, idea(c, 0), idea(c, 1)), None
    third = next(each for each in strangers(c, 0) if each != 1)
    c.act(1, "let_in", id=idea(c, 1), made=one.id, version=1)
    other = merge(c, third, idea(c, third), idea(c, 1))
    assert c.refused(third, "merge", text="het een en het ander", sources=[one.id, other.id]) == "not_found"
    c.act(1, "let_in", id=idea(c, 1), made=other.id, version=1)
    c.move()
    assert made_of(c, one) == {idea(c, 0)}
    assert made_of(c, other) == {idea(c, third), idea(c, 1)}


def test_without_names_to_other_words_all_are_asked_anew(nameless: Circle) -> None:
    c = nameless
    mate = next(each for each in mates(c, 0) if each != 0)
    made = merge(c, 0, idea(c, 0), idea(c, mate))
    c.act(mate, "let_in", id=idea(c, mate), made=made.id, version=1)
    both = [idea(c, 0), idea(c, mate)]
    c.act(0, "merge", id=made.id, text="ze doen wat wij zeggen", sources=both, version=1)
    assert [each.id for each in c.summary(mate).group.asked] == [idea(c, mate)]
    c.move()
    assert made_of(c, made) == {idea(c, 0)}


@pytest.mark.parametrize("people", range(1, 61))
def test_fours_are_made_of_pairs_that_stay_together(people: int) -> None:
    pairs = merging.groups(range(people), 2, seed=7)
    fours = merging.put_together(pairs, range(people))
    assert sorted(each for four in fours for each in four) == list(range(people))
    assert all(any(set(pair) <= set(four) for four in fours) for pair in pairs)
    assert all(min(people, 4) <= len(four) <= 7 for four in fours)


def test_who_was_away_for_the_pairs_joins_the_smallest_four() -> None:
    fours = merging.put_together([[1, 2, 3], [4, 5], [6, 7], [8, 9]], {1, 2, 3, 4, 5, 6, 7, 8, 10})
    assert all(any(set(pair) <= set(four) for four in fours) for pair in ([1, 2, 3], [4, 5], [6, 7]))
    assert sorted(map(len, fours)) == [4, 5]


def test_the_fours_of_a_circle_hold_its_pairs(c: Circle) -> None:
    pairs = {frozenset(group.body["members"]) for group in stored(c.turn(None), "group")}
    c.to("fours")
    fours = [set(group.body["members"]) for group in stored(c.turn(None), "group") if group.body["stage"] == "fours"]
    assert all(any(pair <= four for four in fours) for pair in pairs)
