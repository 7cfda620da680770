"""Step 3's rules, through the same forms that its pages post: looking, reflecting, thinking, and its stages."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from lti_tool.db import now
from lti_tool.domain import cycle, participation
from lti_tool.domain.mechanisms import contributions, rounds
from lti_tool.domain.thread import interpreting
from lti_tool.models import Moment, StepRun
from lti_tool.models.voices import Contribution, Revision
from lti_tool.steps import objecting
from lti_tool.steps.interpretation import Interpretation
from lti_tool.steps.interpretation.acts import MAX_OBSERVATIONS
from tests.unit.forms import ids, linked, moments, own
from tests.web.circle import STEPS
from tests.web.ways.interpretation import STAGES, at, evidence, items, need

# See: facts, each tied to evidence, nobody's name on them.


def test_a_fact_is_tied_to_one_or_more_pieces_of_evidence_and_a_change_ties_it_anew() -> None:
    with at(2) as c:
        e1, e2, e3, _ = evidence(c)
        c.act(0, "observe", text="vier van de tien", evidence=[e1, e2, e1])
        item = own(c, 0, "observation")[0]
        assert linked(c, item.id, "evidence of") == {e1, e2}
        c.act(0, "observe", text="vijf van de tien", evidence=[e3], id=item.id, version=1)
        assert (item.body, item.version, linked(c, item.id, "evidence of")) == ({"text": "vijf van de tien"}, 2, {e3})
        assert [row.body["text"] for row in c.session.query(Revision) if "text" in row.body][-1:] == [
            "vier van de tien"
        ]


def test_evidence_of_another_cycle_is_none() -> None:
    with at(1) as c:
        other = cycle.Cycle(community_id=c.community.id, number=2)
        c.session.add(other)
        c.session.flush()
        run = StepRun(cycle_id=other.id, step="information", stage="closed")
        c.session.add(run)
        c.session.flush()
        item = Contribution(step_run_id=run.id, kind="evidence", member_id=c.members[0].id, body={"number": 1})
        c.session.add(item)
        c.session.flush()
        assert c.refused(0, "observe", text="van een ander jaar", evidence=[item.id]) == "not_found"


def test_before_the_reveal_one_reads_only_one_s_own_facts_also_where_names_are_shown() -> None:
    for authors in ("hidden", "named"):
        with at(3) as c:
            c.run.authors = authors
            for who in range(3):
                c.act(who, "observe", text=f"geheim{who} in onze lessen", evidence=[evidence(c)[0]])
            for who in range(3):
                assert [n for n in range(3) if f"geheim{n}" in c.shown(who)] == [who]
            assert "geheim" not in c.shown(None)
            assert c.step.spotlight(c.turn(1)) == ()
            for deed in c.step.deeds:
                for field in deed.noted:
                    assert "geheim0" not in repr(field.options(c.turn(1)) if field.options else "")


def test_facts_and_points_never_carry_a_name_and_what_is_said_of_them_only_where_chosen() -> None:
    for authors, count in (("hidden", 0), ("named", 2)):
        with at(2, "reflect") as c:
            c.run.authors = authors
            c.to("need")
            for who in range(2):
                c.do_the_task(who, "need")
            shown = c.summary(0)
            said = [each for one in shown.observations for each in [*one.questions, *one.explanations]]
            assert sum(each.author is not None for each in said) == 2 * count
            assert all(not hasattr(each, "author") for each in [*shown.observations, *shown.points])
            assert "Persoon" not in repr([replace(one, questions=(), explanations=()) for one in shown.observations])
            assert "Persoon" not in repr(shown.points)


@pytest.mark.parametrize(
    ("text", "nudged"),
    [
        ("Vier leerlingen lezen thuis, omdat ze dat willen", True), ("Dat is GOED.", True),
        ("Ze moeten meer lezen", True),
        ("Slechte cijfers in mei", True), ("want het regende", True), ("They should read", True),
        ("bad marks in May", True),
        ("because of the rain", True), ("Vier van de tien lezen thuis", False), ("de goederen tellen", False),
        ("wantrouwen en badminton", False), ("", False),
    ],
)  # fmt: skip
def test_a_fact_that_judges_or_explains_is_kept_and_its_writer_nudged(text: str, nudged: bool) -> None:
    assert interpreting.judges(text) == nudged
    if text:
        with at(2) as c:
            c.act(0, "observe", text=text, evidence=[evidence(c)[0]])
            assert [each.nudge for each in c.summary(0).own] == [nudged]
            c.move()
            assert "nudge" not in c.shown(1)


def test_at_most_five_facts_each() -> None:
    with at(1) as c:
        for number in range(MAX_OBSERVATIONS):
            c.act(0, "observe", text=f"te zien {number}", evidence=[evidence(c)[0]])
        assert (
            c.refused(0, "observe", text="nog een in onze lessen", evidence=[evidence(c)[0]]) == "enough_observations"
        )
        c.act(0, "withdraw", id=ids(c, "observation")[0])
        assert c.refused(0, "observe", text="nog een in onze lessen", evidence=[evidence(c)[0]]) == ""


def test_of_a_fact_that_was_taken_back_no_word_stays_and_its_moment_goes_with_the_last() -> None:
    with at(1) as c:
        for word in ("dit is geheim", "ook dit geheim"):
            c.act(0, "observe", text=word, evidence=[evidence(c)[0]])
        first, second = ids(c, "observation")
        c.act(0, "observe", text="nu geheim in onze lessen", evidence=[evidence(c)[0]], id=first)
        c.act(0, "withdraw", id=first)
        assert moments(c, 0) == {"input"}
        c.act(0, "withdraw", id=second)
        assert moments(c, 0) == set()
        rows = [row.body for table in (Contribution, Revision) for row in c.session.query(table)]
        assert "geheim" not in repr(rows)


# Reflect.


def test_after_the_reveal_all_read_the_facts_with_their_evidence_in_one_order_that_tells_nothing() -> None:
    with at(8, "reflect") as c:
        seen = [[each.id for each in c.summary(who).observations] for who in range(8)]
        assert all(order == seen[0] for order in seen)
        assert set(seen[0]) == set(ids(c, "observation"))
        assert seen[0] != ids(c, "observation")
        first = c.summary(0).observations[0]
        assert re.fullmatch(r"#\d\d", first.evidence[0].label)
        assert first.evidence[0].text.startswith("een gegeven ")


def test_i_saw_it_too_and_a_question_are_each_said_once_and_are_a_response() -> None:
    with at(2, "reflect") as c:
        target = own(c, 1, "observation")[0].id
        assert c.act(0, "react", observation=target, choice="seen_too", text="wordt niet bewaard") == "response"
        assert c.refused(0, "react", observation=target, choice="seen_too") == "said_already"
        assert c.act(0, "react", observation=target, choice="question", text="welke klas? in onze lessen") == "response"
        assert (
            c.refused(0, "react", observation=target, choice="question", text="en nu? in onze lessen") == "said_already"
        )
        shown = next(each for each in c.summary(1).observations if each.id == target)
        assert (shown.seen_too, [each.text for each in shown.questions]) == (1, ["welke klas? in onze lessen"])
        assert items(c, "reaction")[0].body == {"sort": "seen_too", "text": ""}
        assert linked(c, ids(c, "reaction")[0], "answers") == {target}


def test_a_reaction_taken_back_takes_its_moment_only_when_nothing_else_earned_it() -> None:
    with at(3, "think") as c:
        c.session.query(Moment).filter_by(step_run_id=c.run.id, kind="response").delete()
        for item in items(c, "reaction"):
            contributions.withdraw(c.turn(0), item)
        c.act(1, "explain", observations=[ids(c, "observation")[0]], text="van een in onze lessen")
        c.act(0, "react", observation=own(c, 1, "observation")[0].id, choice="seen_too")
        c.act(
            0,
            "explain",
            observations=[ids(c, "observation")[0]],
            text="van nul in onze lessen",
            rival=ids(c, "explanation")[0],
        )
        c.act(0, "withdraw", id=own(c, 0, "reaction")[0].id)
        assert "response" in moments(c, 0)
        # Also when the colleague whose explanation it answered took that back.
        c.act(1, "withdraw", id=own(c, 1, "explanation")[0].id)
        c.act(0, "react", observation=own(c, 1, "observation")[0].id, choice="seen_too")
        c.act(0, "withdraw", id=own(c, 0, "reaction")[0].id)
        assert "response" in moments(c, 0)
        c.act(0, "withdraw", id=own(c, 0, "explanation")[0].id)
        assert "response" not in moments(c, 0)
        assert "input" in moments(c, 0)


# Think: at least two rival explanations.


def test_another_explanation_beside_a_colleague_s_is_a_response_and_any_other_is_not() -> None:
    with at(3, "think") as c:
        seen = ids(c, "observation")[0]
        assert c.act(0, "explain", observations=[seen], text="door de zomer") is None
        mine = ids(c, "explanation")[0]
        assert c.act(0, "explain", observations=[seen], text="door de winter", rival=mine) is None
        assert c.act(1, "explain", observations=[seen], text="door de herfst", rival=mine) == "response"
        assert linked(c, ids(c, "explanation")[-1], "rival of") == {mine}


def test_one_explanation_may_explain_several_facts() -> None:
    with at(3, "think") as c:
        first, second, _ = ids(c, "observation")
        c.act(0, "explain", observations=[first, second, first], text="door de zomer")
        assert linked(c, ids(c, "explanation")[0], "explains") == {first, second}


def test_thinking_ends_only_when_whatever_is_explained_has_a_rival_and_says_how_many_have_not() -> None:
    with at(3, "think") as c:
        first, second, _ = ids(c, "observation")
        assert c.move() == "no_explanations"
        for seen in (first, second):
            c.act(0, "explain", observations=[seen], text=f"door {seen} in onze lessen")
        with pytest.raises(cycle.Refused) as refused:
            cycle.advance(c.all_heard(), c.step, "think", STEPS)
        assert refused.value.code == "no_rival"
        assert refused.value.values == {"count": 2}
        c.act(1, "explain", observations=[first], text="door iets anders")
        with pytest.raises(cycle.Refused) as refused:
            cycle.advance(c.all_heard(), c.step, "think", STEPS)
        assert refused.value.values == {"count": 1}
        # What nobody explains does not stand in the way.
        c.act(1, "explain", observations=[second], text="door nog iets anders")
        assert c.move() == "need"


def test_after_the_announced_day_one_explanation_may_stay_but_feeds_no_point() -> None:
    with at(2, "think") as c:
        first, second = ids(c, "observation")
        c.act(0, "explain", observations=[first, second], text="door de zomer")
        c.run.closes_at = now() - dt.timedelta(minutes=1)
        assert c.move() == "no_rival"
        c.act(1, "explain", observations=[first], text="door de winter")
        assert c.move() == "need"
        summer, winter = ids(c, "explanation")
        fields = {"text": "dit in onze lessen", "why": "daarom", "explanation": summer, "considered": [winter]}
        assert c.refused(0, "point", observations=[second], **fields) == "one_explanation"
        assert c.refused(0, "point", observations=[first, second], **fields) == "one_explanation"
        assert c.refused(0, "point", observations=[first], **fields) == ""


@pytest.mark.parametrize("everyone", [True, False])
def test_the_clock_moves_thinking_on_when_its_day_is_over_whoever_was_not_heard(everyone: bool) -> None:
    with at(3, "think") as c:
        first, second, _ = ids(c, "observation")
        for who in range(3 if everyone else 2):
            c.act(who, "explain", observations=[first], text=f"door {who} in onze lessen")
        c.act(0, "explain", observations=[second], text="nog zonder ander")
        c.run.closes_at = now()
        said = cycle.on_date(c.session, c.run.id, "think", STEPS)
        if not everyone:
            assert (said, c.run.stage) == ("extended", "think")
            assert c.move() == "no_rival", "the day was put off"
            c.run.closes_at = now()
            said = cycle.on_date(c.session, c.run.id, "think", STEPS)
        assert (said, c.run.stage) == ("moved", "need")


# The rest of the step.


@pytest.mark.parametrize(
    ("stage", "why"),
    [("see", "no_observations"), ("think", "no_explanations"), ("need", "no_points"), ("dots", "quorum_missing"),
     ("consent", "quorum_missing")],
)  # fmt: skip
def test_an_empty_stage_does_not_move(stage: str, why: str) -> None:
    with at(2, stage) as c:
        assert c.move() == why
        assert c.run.stage == stage


def test_each_stage_has_one_task_and_it_is_gone_once_done() -> None:
    with at(3) as c:
        for stage in STAGES[:-1]:
            c.to(stage)
            assert c.step.task(c.turn(1)) is not None
            assert c.step.waiting(c.turn(1)).done == 0  # type: ignore[union-attr]
            for who in (0, 1):
                c.do_the_task(who, stage)
            assert c.step.task(c.turn(1)) is None
            assert c.step.task(c.turn(None)) is None
            assert c.step.waiting(c.turn(1)).done == 2  # type: ignore[union-attr]
            assert c.unheard() == {c.members[2].id}


def test_nobody_is_asked_to_react_where_no_colleague_saw_anything() -> None:
    with at(2) as c:
        c.act(0, "observe", text="als enige gezien", evidence=[evidence(c)[0]])
        c.move()
        assert c.step.task(c.turn(0)) is None
        assert c.step.task(c.turn(1)) is not None


def test_absent_people_never_block() -> None:
    with at(4) as c:
        for stage in [each for each in STAGES[:-1] if each != objecting.NAME]:
            # More than half decide; of what comes before two are enough.
            for who in (0, 1, 2) if stage in ("see", "dots", "consent") else (0, 1):
                c.do_the_task(who, stage)
            c.run.closes_at, c.run.extended = now(), True
            assert cycle.on_date(c.session, c.run.id, stage, STEPS) == "moved", stage
        assert c.run.stage == "closed"


def test_ten_posts_by_one_person_weigh_as_one() -> None:
    with at(3, "think") as c:
        for number in range(10):
            c.act(0, "explain", observations=[ids(c, "observation")[0]], text=f"door {number} in onze lessen")
        assert c.step.waiting(c.turn(1)).done == 1  # type: ignore[union-attr]
        assert participation.score(len(moments(c, 0)), "moments") == 67


def test_the_big_screen_shows_what_its_round_is_about_and_nothing_hidden() -> None:
    with at(3) as c:
        for stage, kind in (("see", ""), ("reflect", "observation"), ("think", "explanation"), ("need", "point"),
                            ("dots", "point"), ("consent", "point"), ("closed", "attention")):  # fmt: skip
            c.to(stage)
            for who in range(3) if stage in ("see", "think", "need") else ():
                c.do_the_task(who, stage)
            expected = [item.body["text"] for item in items(c, kind)] if kind else []
            assert sorted(c.step.spotlight(c.turn(0))) == sorted(expected), stage


def test_what_a_note_taker_can_fill_in_is_what_the_form_takes() -> None:
    with at(3) as c:
        for stage in ("see", "reflect", "think", "need"):
            c.to(stage)
            for who in range(2):
                c.do_the_task(who, stage)
            for deed in c.step.deeds:
                if not deed.noted or stage not in deed.stages or deed.name in ("minority", "point"):
                    continue
                if deed.name == "react" and stage != "reflect":
                    continue
                body = {
                    field.name: str(field.options(c.turn(0))[0][0]) if field.options else f"gezegd bij {stage}"
                    for field in deed.noted
                }
                if deed.name == "react":
                    body["observation"] = str(own(c, 0, "observation")[0].id)
                if deed.name == "explain":
                    # Another beside the one that two others explained.
                    body["observations"] = str(items(c, "observation")[0].id)
                # Before the reveal there is nothing to choose from but evidence.
                assert c.refused(2, deed.name, **body) == "", (stage, deed.name)


def test_a_noted_point_is_taken_as_single_texts() -> None:
    with at(3, "need") as c:
        fields = need()(c)
        assert (
            c.refused(2, "point", **{name: str(v[0] if isinstance(v, list) else v) for name, v in fields.items()}) == ""
        )


def test_a_person_who_does_not_take_part_may_do_nothing() -> None:
    with at(3, "need") as c:
        for standing in ("outside", "leader", "asked"):
            c.members[0].standing = standing
            assert c.refused(0, "point", **need()(c)) == "not_a_member"
            assert c.refused(0, "minority", text="van buiten in onze lessen") == "not_a_member"
            assert c.refused(0, "withdraw", id=1) in ("not_a_member", "not_found")


def test_a_member_who_leads_has_dots_like_everyone() -> None:
    with at(2, "dots") as c:
        c.members[0].leads = True
        point = ids(c, "point")[0]
        assert c.refused(0, "dots", dots={point: 4}) != ""
        c.act(0, "dots", dots={point: 3})
        assert c.dots(rounds.open_one(c.turn(0), "dots")) == {c.members[0].id: 3}


def test_the_rounds_are_kept_apart() -> None:
    allowed = {deed.name: deed.stages for deed in Interpretation.deeds}
    assert allowed["observe"] == {"see"}
    assert allowed["explain"] == {"think"}
    assert allowed["point"] == allowed["mend"] == allowed["resolve"] == allowed["fine"] == {"need"}
    assert (allowed["dots"], allowed["consent"]) == ({"dots"}, {"consent"})
    assert set(allowed) == {
        "observe", "react", "explain", "point", "mend", "fine", "dots", "leave_dots", "resolve", "solve", "put",
        "put_back", "weigh_objection", "consent", "minority", "late", "withdraw",
    }  # fmt: skip
