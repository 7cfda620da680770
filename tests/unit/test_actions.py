"""Step 5's rules, through the same forms that its pages post."""

import datetime as dt

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import put_off
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.models.voices import Revision
from lti_tool.steps.actions import Actions, experiences
from tests.unit.forms import moments, of_others, own
from tests.web.circle import STEPS, circle
from tests.web.ways.actions import TOLD, action, at, card, cards, end, ended, items, stand, tell, told

# Telling: a minute, and what did not work is worth as much.


@pytest.mark.parametrize(
    ("said", "worked"),
    [
        ({"done": "de kring gedaan"}, "yes"),
        ({"done": "de kring gedaan", "because": "de tijd was om"}, "partly"),
        ({"done": "", "because": "de tijd was om"}, "no"),
    ],
)
def test_why_it_did_not_work_earns_as_much_as_what_did(said: dict[str, str], worked: str) -> None:
    with at(2) as c:
        assert tell(c, 0, **said).body["worked"] == worked
        assert moments(c, 0) == {"input"}


def test_only_what_is_needed_is_asked() -> None:
    with at(2) as c:
        about = card(c, 0).item.id
        assert c.refused(0, "log", about=about, done="gedaan in onze lessen", course="stop", no_names="yes") == ""
        assert c.refused(0, "log", about=about, because="ziek in onze lessen", course="adjust", no_names="yes") == ""


def test_one_s_own_action_is_chosen_already_where_there_is_one() -> None:
    with circle(3) as first:
        c = stand(first)
        one = action(c, 0)
        assert c.summary(2).likely_action == one.id
        two = action(c, 1, 2)
        shown = c.summary(2)
        assert (shown.likely_action, shown.action_options[0][0]) == (two.id, str(two.id))
        action(c, 2)
        assert c.summary(2).likely_action is None
        assert c.summary(2).action_options[0][0] == ""


def test_a_change_keeps_what_was_said_and_may_be_about_another_action() -> None:
    with at(2) as c:
        item = tell(c, 0, visit="yes")
        said = {**TOLD, "about": card(c, 1).item.id, "done": "meegekeken in onze lessen", "id": item.id}
        c.act(0, "log", **said, version=1)
        assert c.refused(0, "log", **{**said, "done": "toch anders in onze lessen"}, version=1) == "changed_meanwhile"
        assert (item.body["done"], item.body["visit"], item.version) == ("meegekeken in onze lessen", False, 2)
        assert c.session.scalars(select(Revision.body).filter_by(contribution_id=item.id)).one()["visit"] is True
        assert [len(card(c, who).logs) for who in (0, 1)] == [0, 1]


def test_the_same_done_again_may_have_gone_otherwise() -> None:
    with at(2) as c:
        tell(c, 0, done="de kring in onze lessen", seen="onrust")
        tell(c, 0, done="de kring in onze lessen", seen="rust")
        assert len(own(c, 0, "log")) == 2


def test_authors_are_hidden_unless_the_community_chose_names_and_who_took_it_on_never_is() -> None:
    with at(3) as c:
        tell(c, 2, about=card(c, 0).item.id)
        said = repr([each.logs for each in c.summary(1).cards])
        assert "Persoon" not in said
        assert "Persoon 0" in c.shown(1)
        c.run.authors = "named"
        said = repr([each.logs for each in c.summary(1).cards])
        assert "Persoon 2" in said


def test_an_action_says_where_it_came_from_and_to_whom_that_it_was_theirs() -> None:
    with at(2) as c:
        [mine_, theirs] = c.summary(0).cards
        assert (mine_.my_idea, theirs.my_idea) == (True, False)
        assert mine_.from_points == []


def test_nobody_tells_more_than_twenty() -> None:
    with at(1) as c:
        for _ in range(experiences.MOST):
            tell(c, 0)
        assert c.refused(0, "log", **told()(c)) == "enough_logs"


def test_the_second_task_is_to_respond_to_a_colleague() -> None:
    with at(2) as c:
        assert c.step.task(c.turn(0)).text == Actions.asks[0]  # type: ignore[union-attr]
        tell(c, 0)
        assert c.step.task(c.turn(0)) is None
        log = tell(c, 1)
        assert c.step.task(c.turn(0)).text == Actions.asks[1]  # type: ignore[union-attr]
        c.act(0, "reply", log=log.id, text="bij mij ook")
        assert c.step.task(c.turn(0)) is None


def test_a_reply_stays_earned_when_the_colleague_takes_the_experience_back() -> None:
    with at(2) as c:
        log = tell(c, 1)
        c.act(0, "reply", log=log.id, text="bij mij ook")
        c.act(1, "withdraw", id=log.id)
        assert (moments(c, 0), moments(c, 1)) == ({"response"}, set())
        assert "bij mij ook" not in c.shown(0)


# The check-in: an equal say of all, shown as totals once it has closed.


def test_what_each_says_is_seen_by_nobody_before_the_round_closes() -> None:
    with at(3, "check") as c:
        one = card(c, 0).item.id
        before = c.shown(2)
        c.act(0, "say", say={one: "stop"})
        c.act(1, "say", say={one: "keep"})
        assert c.shown(2) == before
        assert c.step.spotlight(c.turn(2)) == [each.item.body["what"] for each in cards(c)]
        assert c.summary(0).my_say[one] == "stop"
        round_ = experiences.latest(c.turn(2))
        assert round_ is not None
        with pytest.raises(Refused, match="tally_hidden"):
            gate.choices(c.turn(2), round_, "say")
        c.rest("say")
        assert c.move() == "close"
        [shown] = [each for each in c.summary(2).cards if each.id == one]
        assert [(words.nl, count) for words, count in shown.totals] == [("houden", None), ("stoppen", None)]


def test_to_pass_is_to_take_part_and_one_may_say_otherwise_until_it_closes() -> None:
    with at(2, "check") as c:
        c.act(0, "say")
        assert "decision" in moments(c, 0)
        one = card(c, 0).item.id
        for choice in ("stop", "keep", "adjust"):
            c.act(0, "say", say={one: choice})
        assert len(own(c, 0, "say")) == 1
        assert c.step.waiting(c.turn(1)).done == 1  # type: ignore[union-attr]
        c.rest("say")
        c.move()
        round_ = experiences.latest(c.turn(1))
        assert round_ is not None
        assert gate.choices(c.turn(1), round_, "say")[one] == {"adjust": None}
        assert not c.session.scalars(select(Revision)).all()


def test_who_was_absent_answers_late_and_it_counts() -> None:
    with at(3, "check") as c:
        c.act(0, "say")
        c.act(1, "say")
        c.date_over()
        assert c.move() == "close"
        assert c.refused(2, "late", answer="concern") == {"concern": ["concern_missing"]}
        assert c.refused(2, "late", answer="concern", concern="we stoppen te vroeg") == ""
        assert "decision" in moments(c, 2)
        shown = c.summary(0)
        assert (shown.late, shown.late_concerns) == (1, ["we stoppen te vroeg"])


# Ending: by who took it on; nobody who is gone blocks, and no action is left without what was learned.


def test_the_step_waits_for_every_result_and_says_how_many_are_left() -> None:
    with at(3, "close") as c:
        for left, who in ((3, 0), (2, 1), (1, 2)):
            with pytest.raises(Refused, match="actions_open") as refused:
                cycle.advance(c.turn(0), c.step, "close", STEPS)
            assert refused.value.values == {"count": left}
            end(c, who, card(c, who))
        assert c.step.waiting(c.turn(0)).done == 3  # type: ignore[union-attr]
        assert c.move() == "closed"


def test_two_who_end_an_action_at_once_are_told_and_it_can_be_said_better() -> None:
    with at(2, "close") as c:
        end(c, 0, card(c, 0))
        assert c.refused(0, "end", **ended()(c)) == "changed_meanwhile"
        assert c.refused(0, "end", **ended(version=1, ended="stopped", took=7)(c)) == ""
        result = card(c, 0).result
        assert result is not None
        assert (result.body["ended"], result.body["took"], result.version) == ("stopped", 7, 2)
        assert len(items(c, "result")) == 1


def test_of_an_owner_who_is_gone_anybody_ends_the_action_and_of_nobody_s_too() -> None:
    with at(3, "check") as c:
        nobody_s = action(c, None)
        c.rest("say")
        c.move()
        c.go(2)
        assert c.refused(0, "end", **ended(1)(c)) == "not_your_action"
        assert c.unheard() == {c.members[0].id, c.members[1].id}
        end(c, 0, card(c, 0))
        # The task of who has ended their own: what nobody is there for.
        assert c.step.task(c.turn(0)).text.nl == "Een actie is nog niet afgerond. Doe jij het?"  # type: ignore[union-attr]
        assert c.refused(0, "end", **ended(2)(c)) == ""
        assert c.refused(0, "end", **ended(about=nobody_s.id)(c)) == ""
        assert c.step.task(c.turn(0)) is None
        end(c, 1, card(c, 1))
        assert c.move() == "closed"


def test_after_the_announced_date_anybody_may_end_any_action() -> None:
    with at(2, "close") as c:
        cycle.set_date(c.turn(None), now() + dt.timedelta(days=1))
        c.run.closes_at = passed = now()
        assert cycle.on_date(c.session, c.run.id, "close", STEPS) == "extended"
        assert c.refused(0, "end", **ended(1)(c)) == "not_your_action"
        assert c.run.closes_at == put_off(passed, dt.UTC)
        c.run.closes_at = now()
        assert cycle.on_date(c.session, c.run.id, "close", STEPS) == "actions_open"
        assert c.refused(0, "end", **ended(1)(c)) == ""
        assert c.refused(0, "end", **ended()(c)) == ""
        assert c.move() == "closed"


def test_a_stage_that_has_nothing_yet_does_not_end() -> None:
    with circle(2) as first:
        c = stand(first)
        assert c.move() == "actions_gone"
        assert c.step.task(c.turn(0)) is None
        action(c, 0)
        assert c.move() == "no_logs"
        tell(c, 1)
        assert c.move() == "check"
        assert c.move() == "quorum_missing"


def test_reopened_all_is_there_and_everybody_is_asked_again() -> None:
    with at(2, "closed") as c:
        before = [(item.id, item.body) for item in items(c, "result")]
        c.reopen("er kwam iets bij")
        assert c.run.stage == "check"
        assert c.step.task(c.turn(0)).minutes == 2  # type: ignore[union-attr]
        assert c.summary(0).my_say == {}
        tell(c, 1)
        for who in (0, 1):
            c.do_the_task(who, "check")
        assert c.move() == "close"
        assert [(item.id, item.body) for item in items(c, "result")] == before
        assert c.move() == "closed"


def test_the_outcome_says_of_each_action_how_it_ended_and_what_was_learned_and_no_leader_reads_it() -> None:
    with at(3, "close") as c:
        assert c.step.outcome(c.turn(0)) is None
        for who, how in enumerate(experiences.ENDINGS):
            end(c, who, card(c, who), ended=how, learned=f"les {who}", took=who)
        what = {who: card(c, who).item.body["what"] for who in range(3)}
        c.move()
        said = {f"✓ {what[0]}: les 0", f"↻ {what[1]}: les 1", f"✕ {what[2]}: les 2"}
        assert set((c.step.outcome(c.turn(0)) or "").split("\n")) == said
        assert experiences.hours(cards(c)) == (12, 3)
        assert Audience.LEADER not in c.step.outcome_for


def test_what_a_note_taker_can_fill_in_is_what_the_form_takes() -> None:
    with at(3) as c:
        tell(c, 0)
        for each in c.step.deeds:
            if each.noted and c.run.stage in each.stages:
                body = {
                    field.name: of_others(c, 2, field) if field.options else "zo gezegd en gedaan"
                    for field in each.noted
                }
                assert c.refused(2, each.name, **body) == "", each.name


def test_an_action_that_step_4_takes_back_is_gone_with_what_was_told_of_it() -> None:
    with at(2) as c:
        tell(c, 0)
        gone = card(c, 0).item
        contributions.withdraw(c.turn(0), gone)
        assert gone.id not in [each.item.id for each in cards(c)]
        assert c.move() == "no_logs"
