"""The survey: read by nobody, its totals published once and never of fewer than five, its answers deleted in time."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import export
from lti_tool.domain.mechanisms import forgetting, pulse, totals
from lti_tool.domain.reading import gate
from lti_tool.models.voices import Contribution, Draft
from lti_tool.steps.conditions import ANSWERS, Conditions
from lti_tool.steps.evaluation import survey
from tests.histories import histories
from tests.web.circle import STEPS, Circle, circle
from tests.web.ways.evaluation import items, numbers, quick

ITEMS = list(survey.ITEMS)
# What somebody gives: some sentences a number, the others none.
GIVEN = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 5), max_size=len(ITEMS))
QUICKLY = histories(15, 75)


def test_the_sentences_are_those_of_the_specification() -> None:
    assert [words.nl for words in survey.PRODUCT.values()] == [
        "We hebben bereikt wat we afspraken.", "Leerlingen merken het verschil.",
        "Ik pak iets voortaan echt anders aan.",
        "Collega's buiten onze groep hebben hier iets aan.", "We weten nu iets wat we eerst niet wisten.",
    ]  # fmt: skip
    assert [words.nl for words in survey.PROCESS.values()] == [
        "Ik had echt invloed op onderwerp en ambitie.", "Ik begrijp hoe collega's kijken, ook waar we verschillen.",
        "We hebben mensen van buiten laten meekijken.", "Dit is van ons allemaal, niet van een paar mensen.",
        "Ik kon eerlijk zijn.", "We hadden genoeg tijd en steun.",
    ]  # fmt: skip
    assert not set(survey.ITEMS) & set(pulse.ITEMS)


def test_one_s_own_answers_can_be_changed_until_it_closes_and_leave_no_earlier_version() -> None:
    with circle(2) as first:
        c = quick(first)
        c.act(0, "survey", item={"reached": 1, "honest": ""}, pulse={"ours": 2})
        assert c.summary(0).survey.answers == {"reached": 1}
        c.act(0, "survey", item={"reached": 5})
        assert c.summary(0).survey.answers == {"reached": 5}
        assert len(items(c, "survey")) == len(items(c, "pulse")) == 1
        assert not gate.earlier(c.turn(0), items(c, "survey")[0])


@given(answers=st.lists(GIVEN, min_size=1, max_size=8))
@QUICKLY
def test_whatever_is_answered_no_number_stands_on_fewer_than_five(answers: list[dict[str, int]]) -> None:
    with circle(len(answers)) as first:
        c = quick(first)
        said = [who for who, given_ in enumerate(answers) if given_]
        for who in said:
            c.act(who, "survey", item=answers[who])
        c.act(0, "story", text="er veranderde iets", why="dat telt", lens="pupils")
        assert c.move() == ("stories" if said else "no_surveys")
        found = items(c, totals.SURVEY)
        assert len(found) == bool(said)
        for item in found:
            # Means of all together, and how many there were: nothing else, of nobody.
            assert set(item.body) == {"means", "people", "of"}
            assert item.body["of"] == len(answers)
            assert item.body["people"] == (len(said) if len(said) >= totals.LEAST else None)
            for name, mean in item.body["means"].items():
                gave = [given_[name] for given_ in answers if name in given_]
                assert mean == (round(sum(gave) / len(gave), 1) if len(gave) >= totals.LEAST else None)
            with pytest.raises(Refused, match="published_already"):
                survey.publish(c.turn(None))


def test_nothing_that_comes_after_the_close_changes_what_was_published() -> None:
    with circle(6) as first:
        c = quick(first)
        for who in range(5):
            c.act(who, "survey", **numbers(who))
        c.act(0, "story", text="er veranderde iets", why="dat telt", lens="pupils")
        c.move()
        before = dict(items(c, totals.SURVEY)[0].body)
        assert c.refused(5, "survey", **numbers(5)) == "not_in_this_stage"
        c.to("closed")
        assert [item.body for item in items(c, totals.SURVEY)] == [before]
        assert len(items(c, totals.PULSE)) == 1


@pytest.mark.parametrize("stage", ["survey", "stories", "choose", "verdict", "consent", "yield", "endorse", "closed"])
def test_another_s_answers_are_read_by_nobody_in_any_stage(stage: str) -> None:
    with circle(3) as first:
        c = quick(first).to(stage)
        if stage == "survey":
            for who in range(3):
                c.act(who, "survey", **numbers(who))
        for who in (0, None):
            turn = c.turn(who)
            found = gate.gather(turn).of("survey", "pulse")
            assert {item.member_id for item in found} <= {c.members[0].id}
        assert len(items(c, "survey")) == 3


def test_totals_are_shown_to_members_and_not_to_who_guides_from_outside() -> None:
    with circle(6) as first:
        c = quick(first).to("stories")
        assert c.summary(0).totals.people == 6
        c.members[0].standing, c.members[0].facilitates = "outside", True
        c.session.flush()
        assert c.summary(0).totals is None
        assert c.summary(None).totals is None
        assert not any("." in text and "6" in text for text in c.step.spotlight(c.turn(1)))


def aged(c: Circle, days: float, *kinds: str) -> None:
    """These were brought in so long ago."""
    c.session.execute(
        update(Contribution).where(Contribution.kind.in_(kinds)).values(created_at=now() - dt.timedelta(days=days))
    )
    c.session.expire_all()


def a_draft(c: Circle, form: str, days: float = 0) -> None:
    """Somebody typed an answer so long ago and did not send it."""
    saved = now() - dt.timedelta(days=days)
    c.session.add(Draft(member_id=c.members[0].id, form=form, body={"item-reached": "2"}, saved_at=saved))
    c.session.flush()


@pytest.mark.parametrize("open_cycle", [True, False])
def test_answers_are_deleted_thirty_days_after_their_totals_whether_or_not_a_cycle_closes(open_cycle: bool) -> None:
    with circle(5) as first:
        c = quick(first).to("stories")
        a_draft(c, f"{c.run.id}:survey")
        c.cycle.closed_at = None if open_cycle else now() - dt.timedelta(days=400)
        c.session.flush()
        aged(c, 29, totals.SURVEY)
        assert forgetting.forget(c.session, STEPS) == 0
        assert len(items(c, "survey")) == 5
        aged(c, 30, totals.SURVEY)
        assert forgetting.forget(c.session, STEPS) == 6
        c.session.expire_all()
        assert not items(c, "survey")
        assert not c.session.query(Draft).count()
        assert len(items(c, "pulse")) == 5, "whose totals come later, with the step's end"
        assert items(c, totals.SURVEY)[0].body["people"] == 5
        assert len(items(c, "story")) == 5
        assert forgetting.forget(c.session, STEPS) == 0


def test_answers_whose_totals_were_never_published_are_deleted_after_a_year() -> None:
    with circle(5) as first:
        c = quick(first)
        for who in range(5):
            c.act(who, "survey", **numbers(who))
        a_draft(c, f"{c.run.id}:survey", 366)
        a_draft(c, f"{c.run.id}:story-new", 366)
        aged(c, 364, "survey", "pulse")
        c.session.execute(
            update(Contribution)
            .where(Contribution.kind == "survey", Contribution.member_id == c.members[0].id)
            .values(created_at=now() - dt.timedelta(days=366))
        )
        assert forgetting.forget(c.session, STEPS) == 2, "one answer and one draft of one"
        aged(c, 366, "survey", "pulse")
        assert forgetting.forget(c.session, STEPS) == 9
        c.session.expire_all()
        assert not items(c, "survey") + items(c, "pulse")
        assert c.session.query(Draft).count() == 1


def test_answers_of_the_conditions_check_and_a_draft_of_them_are_forgotten_and_their_totals_stay() -> None:
    with circle(5, "fill", Conditions()) as c:
        for who in range(5):
            c.act(who, "fill", item={"time": 1 + who})
        a_draft(c, f"{c.run.id}:fill")
        c.move()
        aged(c, 29, totals.SURVEY)
        assert forgetting.forget(c.session, STEPS) == 0
        aged(c, 31, totals.SURVEY)
        assert forgetting.forget(c.session, STEPS) == 6
        c.session.expire_all()
        assert not c.session.query(Contribution).filter_by(kind=ANSWERS).count()
        assert not c.session.query(Draft).count()
        assert c.summary(0).published.people == 5


def test_what_a_browser_calls_its_drafts_stops_no_forgetting() -> None:
    with circle(5, "fill", Conditions()) as c:
        for name in ("x:fill", ":fill", "9:9:fill", f"{2**70}:fill", "0:fill"):
            a_draft(c, name, 400)
        assert forgetting.forget(c.session, STEPS) == 0
        assert c.session.query(Draft).count() == 5


def test_the_end_of_a_cycle_publishes_what_was_asked_and_nobody_published() -> None:
    with circle(6, "closed") as c:
        for who in range(5):
            c.act(who, "pulse", pulse={"ours": 4 if who else 5})
        forgetting.publish_open(c.turn(0))
        assert items(c, totals.PULSE)[0].body["means"]["ours"] == 4.2
        forgetting.publish_open(c.turn(0))
        assert len(items(c, totals.PULSE)) == 1


def test_the_export_has_one_s_own_answers_while_they_are_kept_and_the_totals_are_nobody_s() -> None:
    with circle(5) as first:
        c = quick(first).to("stories")

        def kinds(who: int) -> list[Any]:
            found = export.everything(c.session, c.community, c.members[who])["contributions"]
            return [each["kind"] for each in found]

        for who in range(5):
            assert kinds(who).count("survey") == 1
            assert not set(kinds(who)) & set(totals.PUBLISHED)
        aged(c, 31, totals.SURVEY)
        forgetting.forget(c.session, STEPS)
        c.session.expire_all()
        assert not any("survey" in kinds(who) for who in range(5))


def test_taken_back_answers_leave_no_number_behind() -> None:
    with circle(5) as first:
        c = quick(first)
        for who in range(5):
            c.act(who, "survey", **numbers(who))
        c.act(0, "withdraw", id=next(i.id for i in items(c, "survey") if i.member_id == c.members[0].id))
        c.act(1, "story", text="er veranderde iets", why="dat telt", lens="pupils")
        c.move()
        assert items(c, totals.SURVEY)[0].body["people"] is None
        withdrawn = c.session.query(Contribution).filter(Contribution.withdrawn_at.is_not(None)).all()
        assert [item.body for item in withdrawn] == [{}, {}]
