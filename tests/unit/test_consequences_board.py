"""Step 4's board: who takes on what, what must be there before consent, and requests to the school."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from lti_tool.circle.loading import load_form
from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import roster
from lti_tool.domain.reading import gate
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import MOST_OWNED
from lti_tool.models import Member, StepRun
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps.consequences.acts import MOST_FREE
from tests.unit.forms import HUGE, ids
from tests.web.circle import STEPS, Circle, arrival
from tests.web.ways.consequences import at, card, cards, items, points, propose, requests, soon, to_do


def a_leader(c: Circle, number: int = 90) -> Member:
    """A school leader who follows from outside."""
    deployment = c.course.deployment_id
    member = roster.meet(c.session, arrival(number, deployment, role="instructor")).member
    assert member is not None
    member.standing = "leader"
    c.session.flush()
    return member


def answer(c: Circle, leader: Member, **fields: Any) -> str:
    """What a school leader's form does: "" when it is taken."""
    declared = c.step.leader_deed("answer")
    assert declared is not None
    turn = cycle.Turn(c.session, c.community, c.cycle, c.run, leader, STEPS)
    try:
        c.step.perform(turn, declared, load_form(declared.schema, MultiDict({k: str(v) for k, v in fields.items()})))
    except Refused as refused:
        return refused.code
    return ""


# The board: nobody is assigned, at most two each, a buddy is somebody else.


def test_nobody_is_assigned_and_owners_and_buddies_are_who_pressed() -> None:
    with at(4, "board") as c:
        item = card(c, 0)
        assert cards(c)[0].owners == []
        c.act(1, "own", id=item.id)
        c.act(2, "buddy", id=item.id)
        [found] = cards(c)
        assert (found.owners, found.buddies) == ([c.members[1].id], [c.members[2].id])
        # No field names somebody else.
        for name in ("own", "buddy"):
            action = c.step.deed(name)
            assert action is not None
            assert set(action.schema().fields) == {"id"}
            assert not action.noted


def test_at_most_two_active_each_and_one_let_go_makes_room() -> None:
    with at(2, "board") as c:
        made = [card(c, 0) for _ in range(3)]
        for item in made[:MOST_OWNED]:
            c.act(0, "own", id=item.id)
        assert c.summary(0).board.full
        assert c.refused(0, "own", id=made[2].id) == "enough_actions"
        assert c.refused(0, "buddy", id=made[2].id) == ""
        c.act(0, "let_go", id=made[0].id)
        c.act(0, "own", id=made[2].id)
        mine = [c.members[0].id]
        held = {each.item.id: (each.owners, each.buddies) for each in cards(c)}
        assert held == {made[0].id: ([], []), made[1].id: (mine, []), made[2].id: (mine, [])}


def test_an_action_that_ended_leaves_room_and_is_let_go_no_more() -> None:
    with at(2, "board") as c:
        made = [card(c, 0) for _ in range(3)]
        for item in made[:2]:
            c.act(0, "own", id=item.id)
        run = StepRun(cycle_id=c.cycle.id, step="actions", stage="closed")
        c.session.add(run)
        c.session.flush()
        result = Contribution(step_run_id=run.id, kind="result", member_id=c.members[0].id, body={"ended": "done"})
        c.session.add(result)
        c.session.flush()
        c.session.add(Link(from_id=result.id, to_id=made[0].id, kind="ends"))
        c.session.flush()
        assert c.refused(0, "let_go", id=made[0].id) == "action_ended"
        assert c.refused(1, "own", id=made[0].id) == "action_ended"
        assert c.refused(0, "own", id=made[2].id) == ""


def test_two_who_change_one_card_are_told_and_nothing_is_overwritten() -> None:
    with at(2, "board") as c:
        item = card(c, 0)
        fields = {"id": item.id, "version": 1, "sign": "stilte", "date": soon()}
        c.act(0, "action", what="eerst", **fields)
        assert c.refused(1, "action", what="later", **fields) == "changed_meanwhile"
        assert item.body["what"] == "eerst"
        assert len(gate.earlier(c.turn(0), item)) == 1
        # Whoever changes their own card stays its owner.
        c.act(0, "own", id=item.id)
        c.act(0, "action", what="nog beter", **{**fields, "version": 2})
        assert cards(c)[0].owners == [c.members[0].id]


def test_a_card_knows_what_it_comes_from() -> None:
    with at(2, "board") as c:
        proposal = items(c, "consequence")[0]
        of_proposal = card(c, 0)
        of_point = card(c, 1, origin=points(c)[0])
        first, second = cards(c)
        assert first.consequence is not None
        assert (first.consequence.id, second.consequence) == (proposal.id, None)
        assert [item.id for item in first.points] == [item.id for item in second.points] == [points(c)[0]]
        assert (first.item.id, second.item.id) == (of_proposal.id, of_point.id)
        assert first.rooted
        assert second.rooted
        shown = c.summary(0).board.cards
        assert all("samen" in each.points[0].ambition for each in shown)
        assert all(each.points[0].evidence for each in shown)


def test_only_a_card_that_nobody_took_on_and_nothing_hangs_on_leaves_the_board() -> None:
    with at(2, "board") as c:
        item = card(c, 0)
        c.act(1, "buddy", id=item.id)
        assert c.refused(0, "take_off", id=item.id, version=1) == "action_held"
        c.act(1, "let_go", id=item.id)
        c.act(1, "request", text="meer tijd in onze lessen", reply_by=soon(), card=item.id)
        assert c.refused(0, "take_off", id=item.id, version=1) == "action_used"
        c.act(1, "withdraw", id=ids(c, "request")[0])
        assert c.refused(0, "take_off", id=item.id, version=2) == "changed_meanwhile"
        c.act(0, "take_off", id=item.id, version=1)
        assert ids(c, "action") == []


def test_small_is_good_so_only_so_many_wait_for_somebody() -> None:
    with at(2, "board") as c:
        for _ in range(MOST_FREE):
            card(c, 0)
        assert c.refused(1, "action", **to_do()(c)) == "enough_free"
        c.act(1, "own", id=ids(c, "action")[0])
        assert c.refused(1, "action", **to_do()(c)) == ""


def test_the_load_warns_and_says_by_how_much() -> None:
    with at(2, "board") as c:
        may = actions.budget(actions.held(c.turn(None)))
        assert may == 20
        item = card(c, 0, hours=may)
        shown = c.summary(0)
        assert (shown.board.planned, shown.board.too_much, actions.shortage(c.turn(0))) == (20, None, None)
        c.act(0, "action", what="meer", sign="x", date=soon(), hours=may + 3, id=item.id, version=1)
        assert actions.shortage(c.turn(0)) == c.summary(0).board.too_much == 3
        leader = c.for_leader()
        assert leader.shortage == 3
        assert "meer" not in repr(leader)


# Before consent may be asked: accepted, dated, observable, shared by half, and every request settled.


def test_what_is_lacking_is_said_one_by_one() -> None:
    with at(4, "board") as c:
        assert c.move() == "no_actions"
        c.act(0, "action", origin=points(c)[0], what="iets kleins")
        item = items(c, "action")[0]
        codes = [each.code for each in c.summary(0).board.obstacles]
        assert codes == ["not_owned", "not_dated", "not_observable", "too_few_carry"]
        c.act(0, "action", what="iets kleins", sign="?", date=soon(), id=item.id, version=1)
        c.act(0, "own", id=item.id)
        assert c.move() == "not_observable"
        c.act(0, "action", what="iets kleins", sign="rust", date=soon(), id=item.id, version=2)
        assert c.move() == "too_few_carry"
        c.act(1, "request", text="twee roosteruren in onze lessen", reply_by=soon(), card=item.id)
        c.act(1, "buddy", id=item.id)
        assert c.move() == "requests_open"
        c.act(2, "go_on", id=ids(c, "request")[0], reason="het kan ook in de pauze")
        assert c.move() == "consent"


@pytest.mark.parametrize(("people", "needed"), [(1, 1), (2, 1), (3, 2), (5, 3), (8, 4)])
def test_half_of_those_present_own_or_buddy_one_rounded_up(people: int, needed: int) -> None:
    with at(people, "board") as c:
        item = card(c, 0)
        c.act(0, "own", id=item.id)
        for who in range(1, needed):
            assert c.move() == "too_few_carry"
            c.act(who, "buddy", id=item.id)
        assert c.move() == "consent"


def test_who_is_gone_or_away_counts_no_more_and_no_date_carries_a_board() -> None:
    with at(6, "propose") as c:
        for who in range(2):
            propose(c, who)
        c.move()
        c.move()
        c.act(0, "own", id=card(c, 0).id)
        assert c.move() == "too_few_carry"
        # That the date is over carries nothing: half of those who are waited for do.
        c.date_over()
        assert c.move() == "too_few_carry"
        for who in range(2, 6):
            c.away(who, own=who % 2 == 0)
        assert c.move() == "consent"
    with at(6, "board") as c:
        c.act(0, "own", id=card(c, 0).id)
        for who in range(2, 6):
            c.go(who)
        assert c.move() == "consent"


def test_an_action_whose_owner_left_waits_for_another() -> None:
    with at(3, "board") as c:
        item = card(c, 0)
        c.act(1, "own", id=item.id)
        c.go(1)
        assert c.move() == "not_owned"
        c.act(0, "own", id=item.id)
        assert c.move() == "consent"


def test_not_this_time_is_an_answer_too_and_is_asked_no_more() -> None:
    with at(3, "board") as c:
        card(c, 0)
        assert c.step.task(c.turn(1)) is not None
        c.act(1, "pass")
        assert c.refused(1, "pass") == "said_already"
        assert c.step.task(c.turn(1)) is None
        assert c.members[1].id not in c.unheard()
        assert actions.holders(cards(c)) == set()


# Requests: the community's, with a day for the reply, and an answer (P6).


def test_a_request_comes_back_with_an_answer_and_only_a_leader_outside_gives_it() -> None:
    with at(2, "board") as c:
        item = card(c, 0)
        c.act(0, "request", text="twee roosteruren in onze lessen", reply_by=soon(7), card=item.id)
        request = items(c, "request")[0]
        leader = a_leader(c)
        fields = {"request": request.id, "answer": "partly", "text": "één uur in onze lessen", "seen": 1, "version": 0}
        assert answer(c, c.members[1], **fields) == "not_a_leader"
        c.members[1].leads = True
        assert answer(c, c.members[1], **fields) == "not_a_leader"
        assert answer(c, leader, **fields) == ""
        [found] = requests(c)
        assert (found.answer.body, found.settled) == ({"answer": "partly", "text": "één uur in onze lessen"}, True)  # type: ignore[union-attr]
        assert "één uur in onze lessen" in c.shown(0)
        assert [(asked.id, given) for asked, given in cards(c)[0].requests] == [(request.id, [found.answer])]
        assert (
            c.refused(0, "request", text="drie in onze lessen", reply_by=soon(), id=request.id, version=1)
            == "request_answered"
        )
        assert c.refused(0, "withdraw", id=request.id) == "request_answered"
        assert c.refused(0, "go_on", id=request.id, reason="te laat") == "request_settled"


def test_an_answer_is_to_the_request_that_was_read_and_overwrites_no_other_leader_s() -> None:
    with at(2, "board") as c:
        c.act(0, "request", text="twee roosteruren in onze lessen", reply_by=soon(7))
        request = ids(c, "request")[0]
        c.act(1, "request", text="drie roosteruren in onze lessen", reply_by=soon(7), id=request, version=1)
        one, other = a_leader(c, 90), a_leader(c, 91)
        assert answer(c, one, request=request, answer="yes", seen=1, version=0) == "changed_meanwhile"
        assert answer(c, one, request=request, answer="yes", seen=2, version=0) == ""
        assert (
            answer(c, other, request=request, answer="no", text="nee in onze lessen", seen=2, version=0)
            == "changed_meanwhile"
        )
        assert answer(c, other, request=request, answer="partly", text="twee in onze lessen", seen=2, version=1) == ""
        assert answer(c, one, request=HUGE, answer="yes") == "not_found"
        assert len(items(c, "answer")) == 1
        assert items(c, "answer")[0].member_id == other.id


def test_the_leader_reads_requests_unanswered_first_and_nobody_s_name_and_answers_after_the_step_too() -> None:
    with at(2, "board") as c:
        for number, days in enumerate((20, 3, 9)):
            c.act(number % 2, "request", text=f"vraag{number} in onze lessen", reply_by=soon(days))
        leader = a_leader(c)
        first = ids(c, "request")[1]
        assert answer(c, leader, request=first, answer="yes", seen=1) == ""
        shown = c.for_leader()
        assert [each.text for each in shown.requests] == [f"vraag{number} in onze lessen" for number in (2, 0, 1)]
        assert "Persoon" not in repr(shown)
        for item in items(c, "consequence"):
            assert item.body["if"] not in repr(shown)
        for request in (ids(c, "request")[0], ids(c, "request")[2]):
            c.act(0, "go_on", id=request, reason="het kan zo")
        c.to("closed")
        late = ids(c, "request")[0]
        assert answer(c, leader, request=late, answer="yes", seen=1) == ""
        c.act(0, "request", text="nog iets in onze lessen", reply_by=soon(4))
        c.cycle.closed_at = now()
        assert answer(c, leader, request=ids(c, "request")[3], answer="yes", seen=1) == "cycle_closed"


def test_a_reply_that_did_not_come_in_time_is_overdue_and_the_community_may_go_on() -> None:
    with at(2, "board") as c:
        c.act(0, "request", text="twee roosteruren in onze lessen", reply_by=soon(-1))
        c.act(0, "own", id=card(c, 0).id)
        assert c.summary(1).board.requests[0].overdue
        assert c.move() == "requests_open"
        c.act(1, "go_on", id=ids(c, "request")[0], reason="we doen het in de pauze")
        assert requests(c)[0].settled
        assert c.move() == "consent"
