"""What stays of whoever leaves, and what goes: nothing that was read changes, nothing that was not is left behind."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import drafts, journal, leaving, members
from lti_tool.domain.mechanisms import consent, contributions, notes
from lti_tool.domain.thread.actions import Card
from lti_tool.models import JournalEntry, Moment, Seat, Standing
from lti_tool.models.voices import Attachment, Contribution, Draft, Note
from lti_tool.steps.ambition import Ambition
from lti_tool.steps.consequences import Consequences
from lti_tool.steps.information import Information
from lti_tool.steps.interpretation import Interpretation
from tests.web.circle import STEPS, Circle, circle, stored
from tests.web.ways import actions as step_5
from tests.web.ways import consequences as step_4
from tests.web.ways import evaluation as step_6

PEOPLE, LEAVER = 4, 1
STARTS: list[Any] = [Ambition(), Information(), Interpretation(), Consequences()]

Leaving = Callable[[Circle], None]


def by_oneself(c: Circle) -> None:
    members.leave(c.session, c.community, c.members[LEAVER], STEPS)


def by_the_roster(c: Circle) -> None:
    """The roster that is applied names them no longer."""
    c.go(LEAVER)
    c.course.roster_at = now()
    seats = [seat for seat in c.session.scalars(select(Seat)) if not seat.present]
    for seat in seats:
        seat.gone_at = c.course.roster_at
    c.session.flush()
    leaving.left_course(c.session, c.course, STEPS)


either_way = pytest.mark.parametrize("leave", [by_oneself, by_the_roster])


def pieces(c: Circle) -> Counter[tuple[int, str]]:
    """How many pieces of a kind each has that stand, by index."""
    index = {member.id: number for number, member in enumerate(c.members)}
    rows = c.session.scalars(select(Contribution).where(Contribution.withdrawn_at.is_(None)))
    return Counter((index[row.member_id], row.kind) for row in rows)


def do_all(c: Circle) -> None:
    for who in range(len(c.members)):
        c.do_the_task(who, c.run.stage)


def of_others(found: Counter[tuple[int, str]]) -> Counter[tuple[int, str]]:
    return Counter({key: many for key, many in found.items() if key[0] != LEAVER})


@either_way
@pytest.mark.parametrize("step", STARTS, ids=lambda step: step.name)
def test_what_nobody_has_read_goes_and_what_was_read_stays(leave: Leaving, step: Any) -> None:
    hidden = step.stages[0]
    with circle(PEOPLE, hidden.name, step) as c:
        before = pieces(c)
        do_all(c)
        written = pieces(c)
        assert written != before
        leave(c)
        assert of_others(pieces(c)) == of_others(written)
        assert {key: many for key, many in pieces(c).items() if key[0] == LEAVER} == {
            key: many for key, many in before.items() if key[0] == LEAVER
        }
        gone = c.session.scalars(select(Contribution).where(Contribution.withdrawn_at.is_not(None))).all()
        assert gone
        assert all(row.body == {} for row in gone)
        assert c.members[LEAVER].id not in c.turn(None).present_ids
    with circle(PEOPLE, step.stages[1].name, step) as c:
        read = pieces(c)
        leave(c)
        assert pieces(c) == read


@either_way
@pytest.mark.parametrize(
    ("answer", "words", "stays"),
    [
        ("agree", {}, False),
        ("abstain", {}, False),
        ("concern", {"concern": "te veel tegelijk"}, False),
        ("objection", {"harm": "dit sluit uit", "proposal": "dan liever zo"}, True),
    ],
)
def test_of_a_decision_that_is_open_only_an_objection_stays(
    leave: Leaving, answer: str, words: dict[str, str], stays: bool
) -> None:
    with circle(PEOPLE, "consent") as c:
        for who in range(PEOPLE):
            said = {"answer": answer, **words} if who == LEAVER else {"answer": "agree"}
            c.act(who, "consent", **said)
        leave(c)
        (round_,) = c.rounds("consent")
        assert {row.member_id for row in c.answers(round_)} == {
            member.id for who, member in enumerate(c.members) if who != LEAVER or stays
        }
        assert consent.heard(c.turn(0), round_) >= c.turn(0).present_ids


@either_way
def test_dots_that_are_not_counted_yet_go_and_counted_ones_stay(leave: Leaving) -> None:
    with circle(PEOPLE, "dots") as c:
        do_all(c)
        leave(c)
        assert sorted(c.dots(c.rounds("dots")[0])) == sorted(
            member.id for who, member in enumerate(c.members) if who != LEAVER
        )
    with circle(PEOPLE, "draft") as c:
        leave(c)
        assert len(c.dots(c.rounds("dots")[0])) == PEOPLE


@either_way
def test_what_one_says_of_actions_goes_while_it_is_asked_and_stays_once_it_was_told(leave: Leaving) -> None:
    with step_5.at(PEOPLE, "check") as c:
        do_all(c)
        leave(c)
        assert len(stored(c.turn(None), "say")) == PEOPLE - 1
    with step_5.at(PEOPLE, "close") as c:
        leave(c)
        assert len(stored(c.turn(None), "say")) == PEOPLE
    with step_5.at(PEOPLE, "closed") as c:
        c.reopen("we vergaten iets")
        c.do_the_task(LEAVER, "check")
        leave(c)
        assert len(stored(c.turn(None), "say")) == PEOPLE, "what was told of the round before"


@either_way
@pytest.mark.parametrize(("answer", "stays"), [("endorse", False), ("pass", False), ("not_yet", True)])
def test_what_was_missing_in_a_yield_was_read_at_once_and_stays(leave: Leaving, answer: str, stays: bool) -> None:
    with step_6.at(PEOPLE, "endorse") as c:
        round_ = c.rounds("endorse")[-1]
        c.act(LEAVER, "endorse", answer=answer, round=round_.id, missing="de ouders" if stays else "")
        leave(c)
        assert (c.members[LEAVER].id in {row.member_id for row in c.answers(round_)}) == stays


@either_way
@pytest.mark.parametrize("stage", ["survey", "stories", "closed"])
def test_answers_given_alone_go_whenever_and_what_was_published_of_them_stays(leave: Leaving, stage: str) -> None:
    with step_6.at(6, stage) as c:
        if stage == "survey":
            do_all(c)
        published = stored(c.turn(None), "totals")
        leave(c)
        for kind in ("survey", "pulse"):
            rows = c.session.scalars(select(Contribution.member_id).where(Contribution.kind == kind)).all()
            assert c.members[LEAVER].id not in rows
            assert len(rows) == 5
        assert [item.body for item in stored(c.turn(None), "totals")] == [item.body for item in published]


def held(c: Circle, found: list[Card]) -> list[tuple[list[int], list[int]]]:
    index = {member.id: number for number, member in enumerate(c.members)}
    return [([index[each] for each in card.owners], [index[each] for each in card.buddies]) for card in found]


@either_way
def test_an_open_action_goes_back_to_the_board_free(leave: Leaving) -> None:
    with step_4.at(PEOPLE, "consent") as c:
        before = held(c, step_4.cards(c))
        assert any(LEAVER in owners for owners, _ in before)
        leave(c)
        without = [
            ([each for each in owners if each != LEAVER], [each for each in buddies if each != LEAVER])
            for owners, buddies in before
        ]
        assert held(c, step_4.cards(c)) == without


@either_way
def test_while_it_is_tried_an_open_action_is_free_and_one_that_ended_stays_whose_it_was(leave: Leaving) -> None:
    with step_5.at(PEOPLE, "close") as c:
        own, other = step_5.card(c, LEAVER), step_5.card(c, LEAVER - 1)
        assert c.members[LEAVER].id in other.buddies
        step_5.end(c, LEAVER - 1, other)
        leave(c)
        found = {card.item.id: card for card in step_5.cards(c)}
        assert found[own.item.id].owners == []
        assert c.members[LEAVER].id in found[other.item.id].buddies
        assert found[own.item.id].logs, "what was told of it stays"
        step_5.end(c, 0, found[own.item.id])


@either_way
def test_what_waits_for_their_yes_and_what_they_typed_goes_and_the_journal_and_moments_stay(leave: Leaving) -> None:
    with circle(PEOPLE) as c:
        mine, member = c.turn(LEAVER), c.members[LEAVER]
        do_all(c)
        for who in (LEAVER, 0):
            other = c.turn(2)
            notes.take(other, c.members[who].id, "idea", {"text": "dat zei ik", "why": "x"})
            drafts.keep(c.session, c.members[who], f"{c.run.id}:idea-new", {"text": "half"}, 9)
        drafts.keep(c.session, member, "0:journal-new", {"text": "half"}, 9)
        journal.write(c.session, member, "vandaag", None)
        (idea,) = c.own(LEAVER)
        contributions.attach(mine, contributions.get_mine(mine, "idea", idea.id), "image/png", b"x")
        leave(c)
        assert [note.member_id for note in c.session.scalars(select(Note))] == [c.members[0].id]
        left = {(draft.member_id, draft.form) for draft in c.session.scalars(select(Draft))}
        assert left == {(member.id, "0:journal-new"), (c.members[0].id, f"{c.run.id}:idea-new")}
        assert c.session.scalars(select(JournalEntry.member_id)).all() == [member.id]
        assert c.session.scalar(select(func.count(Moment.id)).where(Moment.member_id == member.id)) == 1
        assert c.session.scalars(select(Attachment)).all() == []


def test_nothing_of_a_cycle_that_is_over_changes_but_answers_given_alone() -> None:
    with step_6.at(6, "closed") as c:
        c.cycle.closed_at = now()
        before = pieces(c)
        by_oneself(c)
        private = {"survey", "pulse"}
        assert pieces(c) == Counter({key: many for key, many in before.items() if key[1] not in private or key[0] != 1})


def test_who_left_comes_back_by_yes_and_is_one_of_the_circle() -> None:
    with circle(PEOPLE) as c:
        member = c.members[LEAVER]
        member.facilitates = True
        by_oneself(c)
        assert (member.standing, member.facilitates) == (Standing.APART, False)
        for refused in (
            lambda: by_oneself(c),
            lambda: members.choose(c.session, c.community, member, "join", STEPS),
            lambda: members.correct(c.session, c.community, member, "join", STEPS),
            lambda: members.take_over(c.session, c.community, member),
        ):
            with pytest.raises(Refused):
                refused()
        assert members.offered(c.session, c.community, member) == []
        members.come_back(c.session, c.community, member)
        assert member.id in c.turn(None).present_ids
        with pytest.raises(Refused):
            members.come_back(c.session, c.community, member)


@pytest.mark.parametrize("answer", ["follow", "facilitate"])
def test_who_says_to_take_part_no_longer_leaves_behind_as_much(answer: str) -> None:
    with circle(PEOPLE) as c:
        do_all(c)
        c.members[LEAVER].facilitates = True
        members.correct(c.session, c.community, c.members[LEAVER], answer, STEPS)
        assert c.own(LEAVER) == []
        assert len(c.ideas()) == PEOPLE - 1


def test_whoever_was_gone_before_is_not_cleared_again() -> None:
    """A roster that is read once an hour asks nothing of those who left long ago."""
    with circle(PEOPLE) as c:
        by_the_roster(c)
        c.course.roster_at = now()
        c.session.add(Contribution(step_run_id=c.run.id, kind="idea", member_id=c.members[LEAVER].id, body={}))
        c.session.flush()
        leaving.left_course(c.session, c.course, STEPS)
        assert len(c.own(LEAVER)) == 1
