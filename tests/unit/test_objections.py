"""Objections that stay: whoever raised one is asked, all can weigh it, and what was not followed stands beside it."""

import pytest

from lti_tool.domain.reading import gate
from lti_tool.steps import objecting
from lti_tool.steps.agreements import Agreements
from lti_tool.steps.base import Step
from tests.unit.forms import moments
from tests.web.circle import STEPS, circle, picture, stored
from tests.web.ways import evaluation
from tests.web.ways.objecting import WORDS, again, deed, object_once, put, sleep

# Every step that decides by consent: the stage of the decision, where a better text is made, and what follows adoption.
CONSENTING = {
    "ambition": ("consent", "draft", "closed"),
    "information": ("enough", "gather", "closed"),
    "interpretation": ("consent", "need", "closed"),
    "consequences": ("consent", "board", "closed"),
    "evaluation": ("consent", "verdict", "yield"),
    "agreements": ("consent", "draft", "closed"),
}
named = pytest.mark.parametrize("name", CONSENTING)


def deciding(name: str, people: int = 3) -> "object":
    """A community at the decision of a step."""
    stage = CONSENTING[name][0]
    if name == "evaluation":
        return picture(people, evaluation.quick, stage).copy()
    step: Step = Agreements() if name == "agreements" else STEPS.by_name[name]
    return circle(people, stage, step)


def test_these_are_all_the_steps_that_decide_by_consent() -> None:
    assert {step.name for step in STEPS.by_name.values() if "resolution" in step.keeps} == set(CONSENTING)
    for name in CONSENTING:
        assert objecting.STAGE in STEPS.by_name[name].stages


@named
def test_an_objection_that_two_rounds_did_not_solve_is_weighed_by_all_and_stands_beside_what_is_adopted(
    name: str,
) -> None:
    _, _, on = CONSENTING[name]
    with deciding(name) as c:  # type: ignore[attr-defined]
        put(c, who=1)
        shown = c.summary(0).decided
        assert [each.harm for each in shown.objections] == [WORDS["harm"]]
        assert "Persoon" not in repr(shown)
        assert c.move() == "quorum_missing"
        for who, said in enumerate(("no", "yes", "no")):
            assert c.act(who, objecting.NAME, answer=said) == "decision"
            assert c.summary(who).decided.weighed == said
        assert c.move() == on
        shown = c.summary(0).decided
        assert [(each.harm, each.proposal) for each in shown.notes] == [(WORDS["harm"], WORDS["proposal"])]
        assert shown.objections == []
        assert [each.outcome for each in c.rounds("overrule")] == ["overruled"]


@named
def test_where_fewer_than_two_thirds_find_no_harm_the_text_is_written_again(name: str) -> None:
    stage, back, _ = CONSENTING[name]
    with deciding(name) as c:  # type: ignore[attr-defined]
        put(c, who=1)
        for who, said in enumerate(("no", "yes", "pass")):
            c.act(who, objecting.NAME, answer=said)
        assert c.move() == back
        shown = c.summary(0).decided
        assert (shown.upheld, shown.notes, len(shown.objections)) == (True, [], 1)
        # What all found harmful is not asked of them again: two more rounds come first.
        sleep(c)
        assert c.refused(0, "put") == "no_objection"
        again(c)
        object_once(c, 1)
        sleep(c)
        assert c.refused(0, "put") == "overrule_once"
        assert not c.summary(0).decided.upheld
        again(c)
        assert c.run.stage == stage


def test_in_a_circle_of_two_there_is_another_text_or_none() -> None:
    with circle(2, "consent") as c:
        object_once(c, 1)
        again(c)
        object_once(c, 1)
        sleep(c, 5)
        assert c.refused(0, "put") == "overrule_of_two"
        shown = c.summary(0).decided.putting
        assert (shown.put, shown.why_not.code) == (False, "overrule_of_two")


def test_one_meeting_does_not_overrule_anybody() -> None:
    with circle(3, "consent") as c:
        object_once(c, 2)
        assert c.refused(0, "put") == "overrule_once"
        again(c)
        raised = object_once(c, 2)
        c.act(2, "solve", consent=raised, text="als het vrijwillig is")
        assert c.refused(0, "put") == "overrule_today"
        sleep(c)
        c.act(0, "put")
        # Two press, and there is one; it can be taken back, and a text that changes is put to all as a new one.
        c.act(1, "put")
        assert len(stored(c.turn(None), "put_to_all")) == 1
        c.act(1, "put_back")
        assert c.refused(1, "put_back") == "not_found"
        assert c.move() == "objections_open"


def test_a_text_that_was_changed_after_all_is_put_to_everyone_as_a_new_one() -> None:
    with circle(3, "consent") as c:
        object_once(c, 2)
        again(c)
        object_once(c, 2)
        sleep(c)
        c.act(0, "put")
        assert c.summary(0).decided.putting.put
        again(c)
        assert c.run.stage == "consent"


def test_whoever_objected_is_asked_what_would_solve_it_and_nobody_else() -> None:
    with circle(3, "consent") as c:
        raised = object_once(c, 2)
        assert [c.step.task(c.turn(who)) == objecting.ASKED for who in range(3)] == [False, False, True]
        assert [c.summary(who).decided.asked for who in range(3)] == [False, False, True]
        assert [each.mine for who in range(3) for each in c.summary(who).decided.objections] == [False, False, True]
        assert c.refused(0, "solve", consent=raised, text="dat weet ik wel") == "not_found"
        assert c.refused(2, "solve", consent=raised, text=" … ") == "blank"
        c.act(2, "solve", consent=raised, text="als het vrijwillig is")
        assert c.refused(2, "solve", consent=raised, text="nog eens", version=0) == "changed_meanwhile"
        c.act(2, "solve", consent=raised, text="als het vrijwillig blijft", version=1)
        assert c.step.task(c.turn(2)) is None
        assert [each.solution for each in c.summary(0).decided.objections] == ["als het vrijwillig blijft"]


def test_a_round_after_the_night_still_waits_a_night_for_whoever_does_not_answer() -> None:
    with circle(3, "consent") as c:
        object_once(c, 2)
        sleep(c)
        again(c)
        raised = object_once(c, 2)
        assert c.refused(0, "put") == "overrule_ask"
        c.act(2, "solve", consent=raised, text="als het vrijwillig is")
        c.act(0, "put")


def test_an_answer_about_an_objection_is_shown_to_nobody_else_before_the_round_has_closed() -> None:
    with circle(3, objecting.NAME) as c:
        before = c.shown(0)
        for said in ("yes", "no"):
            c.act(1, objecting.NAME, answer=said)
            assert c.shown(0) == before
        with pytest.raises(Exception, match="tally_hidden"):
            gate.answers(c.turn(0), c.rounds("overrule")[-1])


def test_of_whoever_left_an_objection_is_a_note_and_stands_in_nobody_s_way() -> None:
    with circle(4, "consent") as c:
        for who in range(3):
            c.act(who, "consent", answer="agree")
        c.act(3, "consent", answer="objection", **WORDS)
        c.go(3)
        assert c.move() == "closed"
        shown = c.summary(0).decided
        assert [each.harm for each in shown.notes] == [WORDS["harm"]]
        assert shown.objections == []
        # Whose it was, or that somebody left, is not told by it.
        assert set(vars(shown.notes[0])) == {"consent", "harm", "proposal"}


def test_an_objection_whose_owner_left_since_asks_for_no_other_text_and_stands_beside_it() -> None:
    with circle(4, "consent") as c:
        object_once(c, 3)
        assert c.move() == "objections_open"
        c.go(3)
        assert c.move() == "consent"
        for who in range(3):
            c.act(who, "consent", answer="agree")
        assert c.move() == "closed"
        assert [each.harm for each in c.summary(0).decided.notes] == [WORDS["harm"]]


def test_whoever_agreed_to_the_better_text_and_then_left_leaves_no_note() -> None:
    with circle(4, "consent") as c:
        object_once(c, 3)
        again(c)
        for who in range(4):
            c.act(who, "consent", answer="agree")
        c.go(3)
        assert c.move() == "closed"
        assert c.summary(0).decided.notes == []


def test_a_note_gives_way_to_what_its_owner_says_of_a_newer_text() -> None:
    with circle(3, objecting.NAME) as c:
        for who, said in enumerate(("no", "yes", "no")):
            c.act(who, objecting.NAME, answer=said)
        c.move()
        assert len(c.summary(0).decided.notes) == 1
        c.reopen("er kwam iets bij")
        assert len(c.summary(0).decided.notes) == 1
        # Nothing has to be answered again: it was set aside.
        assert c.move() == "consent"
        for who in range(3):
            c.act(who, "consent", answer="agree")
        assert c.move() == "closed"
        assert c.summary(0).decided.notes == []


@named
def test_too_few_in_favour_leads_back_and_says_so(name: str) -> None:
    stage, back, _ = CONSENTING[name]
    with deciding(name) as c:  # type: ignore[attr-defined]
        for who, said in enumerate(("agree", "abstain", "abstain")):
            assert c.act(who, deed(c), answer=said) == ("decision" if name != "agreements" else None)
        assert c.move() == back
        assert c.summary(0).decided.too_few
        assert c.rounds("consent")[-1].outcome == "too_few"
        if name not in ("information", "consequences"):
            assert c.move() == ("points_unchanged" if name == "interpretation" else "text_unchanged")
        if name == "evaluation":
            standing = evaluation.items(c, "verdict")[0]
            c.act(0, "verdict", **evaluation.judged(text="anders gezegd", version=standing.version)(c))
            assert c.move() == stage
        else:
            again(c)
        assert not c.summary(0).decided.too_few


def test_who_laid_dots_and_missed_the_consent_can_still_answer_afterwards() -> None:
    with circle(3, "consent") as c:
        assert moments(c, 2) >= {"decision"}
        for who in range(2):
            c.act(who, "consent", answer="agree")
        c.run.closes_at, c.run.extended = c.run.stage_since, True
        assert c.move() == "closed"
        assert [c.summary(who).decided.missed for who in range(3)] == [False, False, True]
        c.act(2, "late", answer="concern", concern="let op de tijd")
        assert not c.summary(2).decided.missed
        assert c.refused(2, "late", answer="agree") == "already_chosen"


def test_whoever_weighed_the_objection_had_a_part_in_the_decision() -> None:
    with circle(3, objecting.NAME) as c:
        for who in range(2):
            c.act(who, objecting.NAME, answer="no")
        c.run.closes_at, c.run.extended = c.run.stage_since, True
        assert c.move() == "closed"
        assert not c.summary(2).decided.missed, "of the consent before it"
        assert c.refused(0, "late", answer="agree") == "already_chosen"


def test_what_is_decided_by_people_is_decided_by_the_circle_as_it_is() -> None:
    """Twelve whom nobody here knows by name and who never opened it: what three of fifteen say decides nothing."""
    with circle(3, "consent") as c:
        for who in range(3):
            c.act(who, "consent", answer="agree")
        c.community.by_roster, c.community.headcount = True, 15
        assert c.move() == "quorum_missing"
