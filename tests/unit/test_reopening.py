"""Opening a completed step again: a reason and a second member's yes; or an objection of who was away by another's
hand. What was adopted stands until there is something new (circle.md, sections 1 and 2)."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, away
from lti_tool.domain.cycle import Step, reopening
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Act, Reopening, RoundOutcome
from lti_tool.steps.agreements import Agreements
from tests.unit.test_objections import CONSENTING
from tests.web.circle import STEPS, Circle, circle
from tests.web.ways import ambition

OBJECTION = {"answer": "objection", "harm": "dit sluit de stagebedrijven uit", "proposal": "vraag het hun eerst"}


def adopted_in(c: Circle) -> Piece:
    """The ambition, as the pages of a step show it."""
    found = gate.of_cycle(c.turn(0), Flow.AMBITION).last(Flow.AMBITION)
    assert found is not None
    return found


def noted(c: Circle) -> list[tuple[str, int | None]]:
    return [(each.kind, each.member_id) for each in c.session.query(Act).order_by(Act.id)]


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_nobody_opens_a_completed_step_alone() -> None:
    with circle(3, "closed") as c:
        said, closed_at = c.run.outcome, c.run.closed_at
        assert code(lambda: reopening.propose(c.turn(0), c.step, " … ")) == "reason_missing"
        assert not reopening.propose(c.turn(0), c.step, "te groot")
        assert (c.run.stage, c.run.closed_at) == ("closed", closed_at)
        assert code(lambda: reopening.agree(c.turn(0), c.step)) == "second_yes_missing"
        assert code(lambda: reopening.propose(c.turn(1), c.step, "veel te groot")) == "proposed_already"
        reopening.agree(c.turn(1), c.step)
        assert (c.run.stage, c.run.closed_at, c.run.reopened) == (c.step.reopens_at, None, 1)
        (done,) = reopening.of(c.turn(0)).done
        assert (done.reason, done.outcome, done.closed_at, done.member_id) == (
            "te groot", said, closed_at, c.members[0].id,
        )  # fmt: skip
        assert code(lambda: reopening.propose(c.turn(0), c.step, "nog eens")) == "step_open"


def test_in_a_circle_of_one_the_reason_is_enough() -> None:
    with circle(1, "closed") as c:
        assert reopening.propose(c.turn(0), c.step, "te groot")
        assert c.run.closed_at is None


def test_who_proposed_it_takes_it_back_and_nobody_else_does() -> None:
    with circle(3, "closed") as c:
        reopening.propose(c.turn(0), c.step, "te groot")
        assert code(lambda: reopening.withdraw(c.turn(1), c.step)) == "not_found"
        reopening.withdraw(c.turn(0), c.step)
        assert reopening.of(c.turn(0)).proposed is None
        assert code(lambda: reopening.agree(c.turn(1), c.step)) == "not_found"
        assert [kind for kind, _ in noted(c)][-2:] == [acts.Kind.REOPENING_PROPOSED, acts.Kind.REOPENING_WITHDRAWN]


def test_who_left_the_circle_says_no_second_yes() -> None:
    with circle(3, "closed") as c:
        reopening.propose(c.turn(0), c.step, "te groot")
        c.go(1)
        c.session.expire_all()
        assert c.turn(1).circle.members == {c.members[0].id, c.members[2].id}
        reopening.agree(c.turn(2), c.step)
        assert c.run.closed_at is None


def test_what_was_adopted_stands_elsewhere_until_there_is_something_new() -> None:
    with circle(3, "closed") as c:
        outcome = c.run.outcome
        later = c.on("information")
        c.reopen("te groot")
        ambition.write(c, 1)
        ambition.write(c, 2)
        draft = adopted_in(c)
        assert draft.body["text"] != outcome
        assert not draft.settled
        there = adopted_in(later)
        assert (there.body["text"], there.version, there.settled) == (outcome, draft.version - 2, True)
        assert c.run.outcome == outcome
        c.move()
        c.rest("consent", answer="agree")
        assert c.move() == "closed"
        assert adopted_in(later).body["text"] == c.run.outcome == draft.body["text"]


# A late objection


@contextlib.contextmanager
def decided_without_one(name: str, *, own: bool = False) -> Iterator[Circle]:
    """Five people at a step that is completed; the fifth was away when it was decided, and is here again."""
    deciding, _, on = CONSENTING[name]
    step: Step = Agreements() if name == "agreements" else STEPS.by_name[name]
    with circle(5, deciding, step) as c:
        absent, zone = c.members[4], dt.UTC
        last = now().date() + dt.timedelta(days=7)
        if own:
            away.set_own(c.session, c.community, absent, last, zone=zone)
        else:
            away.set_other(c.session, c.community, c.members[0], absent, last, zone=zone)
        for who in range(4):
            c.act(who, "enough" if deciding == "enough" else "consent", answer="agree")
        assert c.move() == on
        absent.away_seen_at = now()
        away.come_back(absent)
        yield c


each_decision = pytest.mark.parametrize("name", sorted(CONSENTING.keys() - {"evaluation"}))


@each_decision
def test_who_was_away_by_another_s_hand_objects_and_the_text_stands_and_goes_to_all_again(name: str) -> None:
    deciding, back, _ = CONSENTING[name]
    with decided_without_one(name) as c:
        outcome = c.run.outcome
        assert outcome
        shown = c.summary(4).decided
        assert (shown.missed, shown.may_object) == (True, True)
        assert (shown.agreed, shown.heard, shown.circle) == (None, 4, 5)
        assert c.refused(4, "late", answer="objection", harm="", proposal="") == {
            "harm": ["harm_missing"], "proposal": ["proposal_missing"],
        }  # fmt: skip
        # No moment: the gradebook would show whose objection it is.
        assert c.act(4, "late", **OBJECTION) is None
        assert (c.run.stage, c.run.closed_at, c.run.outcome) == (back, None, outcome)
        (told,) = c.summary(0).decided.objections
        assert (told.harm, told.mine, c.summary(4).decided.objections[0].mine) == (OBJECTION["harm"], False, True)
        # Nobody says that the text was changed, nor offers to set aside what nobody heard yet.
        assert c.summary(0).decided.putting is None
        (done,) = reopening.of(c.turn(0)).done
        assert (done.reason, done.outcome) == ("", outcome)
        # Neither an act nor the page says whose objection it is.
        assert [each.member_id for each in c.session.query(Act).filter_by(kind=acts.Kind.STEP_REOPENED)] == [None]
        assert c.members[4].id not in c.turn(0).names
        # It may go to all as it is: they have not heard the objection yet. What was done with it has to be said.
        c.act(1, "resolve", consent=told.id, text="we vragen het hun morgen", version=0)
        moved = c.move()
        while moved == "dots":
            for who in range(5):
                c.do_the_task(who, "dots")
            moved = c.move()
        assert moved == deciding
        c.rest("enough" if deciding == "enough" else "consent", answer="agree")
        assert c.move() == "closed"
        # In step 3 dots choose again, of the same points.
        assert c.run.outcome
        assert sorted(c.run.outcome.splitlines()) == sorted(outcome.splitlines())


def test_it_counts_as_the_first_of_the_two_rounds_that_an_objection_has_to_have_had() -> None:
    with decided_without_one("ambition") as c:
        c.act(4, "late", **OBJECTION)
        (told,) = c.summary(0).decided.objections
        c.act(1, "resolve", consent=told.id, text="we vragen het hun morgen", version=0)
        assert c.refused(1, "put") == "overrule_changed"
        c.move()
        c.act(4, "consent", **OBJECTION)
        c.rest("consent", answer="agree")
        assert c.move() == "draft"
        assert c.refused(1, "put") == "overrule_today"
        assert [each.outcome for each in c.rounds("consent")] == [
            RoundOutcome.ADOPTED, RoundOutcome.OBJECTED, RoundOutcome.OBJECTED,
        ]  # fmt: skip


def test_nobody_else_objects_to_what_was_decided() -> None:
    with decided_without_one("ambition", own=True) as c:
        # Whoever said so themselves, knew that the others would go on.
        assert not c.summary(4).decided.may_object
        assert c.refused(4, "late", **OBJECTION) == "late_objection"
        assert c.refused(0, "late", **OBJECTION) == "late_objection"
    with decided_without_one("ambition") as c:
        c.act(4, "late", answer="agree")
        assert c.refused(4, "late", **OBJECTION) == "already_chosen"


def test_they_can_until_two_weeks_after_they_came_again() -> None:
    with decided_without_one("ambition") as c:
        with time_machine.travel(now() + away.OBJECTING - dt.timedelta(minutes=1)):
            assert c.summary(4).decided.may_object
        with time_machine.travel(now() + away.OBJECTING + dt.timedelta(minutes=1)):
            assert c.refused(4, "late", **OBJECTION) == "late_objection"


def test_a_proposal_to_open_it_again_is_settled_by_the_objection() -> None:
    with decided_without_one("ambition") as c:
        reopening.propose(c.turn(0), c.step, "te groot")
        c.act(4, "late", **OBJECTION)
        assert c.session.query(Reopening).filter_by(opened_at=None).count() == 0


def test_in_a_cycle_that_is_over_or_paused_nothing_is_opened_again() -> None:
    with decided_without_one("ambition") as c:
        c.cycle.closed_at = now()
        assert c.refused(4, "late", **OBJECTION) == "cycle_closed"
        assert code(lambda: reopening.propose(c.turn(0), c.step, "te groot")) == "cycle_closed"
        c.cycle.closed_at, c.cycle.paused_until = None, now() + dt.timedelta(days=3)
        assert code(lambda: reopening.propose(c.turn(0), c.step, "te groot")) == "cycle_paused"
