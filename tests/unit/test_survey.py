"""The survey: read by nobody, its totals published once and never of fewer than five, its answers deleted in time."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.db import now
from lti_tool.delivery.handlers import Forgetting
from lti_tool.delivery.worker import Done
from lti_tool.domain import Refused, contributions, outbox, own, pulse, survey, totals
from lti_tool.models import Contribution, Draft, OutboxRow
from tests.web.circle import Circle, circle
from tests.web.ways.evaluation import items, numbers, quick

ITEMS = list(survey.ITEMS)
# What somebody gives: some sentences a number, the others none.
GIVEN = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 5), max_size=len(ITEMS))
QUICKLY = settings(
    max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def close(c: Circle, days_ago: float = 31) -> None:
    """The cycle ended so long ago."""
    c.cycle.closed_at = now() - dt.timedelta(days=days_ago)
    c.session.flush()


def test_the_sentences_are_those_of_the_specification() -> None:
    assert [words.nl for words in survey.PRODUCT.values()] == [
        "We hebben bereikt wat we afspraken.", "Leerlingen merken verschil.", "Ik doe iets blijvend anders.",
        "Collega's buiten onze groep kunnen hiermee verder.", "We weten nu iets wat we eerst niet wisten.",
    ]  # fmt: skip
    assert [words.nl for words in survey.PROCESS.values()] == [
        "Ik had echt invloed op onderwerp en ambitie.", "Ik begrijp hoe collega's kijken, ook waar we verschillen.",
        "We haalden blikken van buiten.", "Dit is van ons samen, niet van enkelen.", "Ik kon eerlijk zijn.",
        "We hadden genoeg tijd en steun.",
    ]  # fmt: skip
    assert not set(survey.ITEMS) & set(pulse.ITEMS)


def test_one_s_own_answers_can_be_changed_until_it_closes_and_leave_no_earlier_version() -> None:
    with circle(2) as first:
        c = quick(first)
        c.act(0, "survey", item={"reached": 1, "honest": ""}, pulse={"ours": 2})
        assert c.step.summary(c.turn(0))["own"].body == {"reached": 1}
        c.act(0, "survey", item={"reached": 5})
        assert c.step.summary(c.turn(0))["own"].body == {"reached": 5}
        assert len(items(c, "survey")) == len(items(c, "pulse")) == 1
        assert not contributions.revisions(c.turn(0), items(c, "survey")[0])


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
            assert set(item.body) == {"means", "people"}
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


@pytest.mark.parametrize("stage", ["survey", "stories", "choose", "verdict", "consent", "yield", "closed"])
def test_another_s_answers_are_read_by_nobody_in_any_stage(stage: str) -> None:
    with circle(3) as first:
        c = quick(first).to(stage)
        if stage == "survey":
            for who in range(3):
                c.act(who, "survey", **numbers(who))
        for who in (0, None):
            turn = c.turn(who)
            found, _ = contributions.visible(turn, c.step.stage(turn))
            assert {item.member_id for item in found if item.kind in contributions.PRIVATE} <= {c.members[0].id}
        assert len(items(c, "survey")) == 3


def test_totals_are_shown_to_members_and_not_to_who_guides_from_outside() -> None:
    with circle(6) as first:
        c = quick(first).to("stories")
        assert c.step.summary(c.turn(0))["totals"]["people"] == 6
        c.members[0].standing, c.members[0].facilitates = "outside", True
        c.session.flush()
        assert c.step.summary(c.turn(0))["totals"] is None
        assert c.step.summary(c.turn(None))["totals"] is None
        assert not any("." in text and "6" in text for text in c.step.spotlight(c.turn(1)))


def test_answers_are_deleted_thirty_days_after_the_cycle_and_the_totals_stay() -> None:
    with circle(5) as first:
        c = quick(first).to("stories")
        c.on("evaluation")
        c.session.add(Draft(member_id=c.members[0].id, form=f"{c.run.id}:survey", body={"item-reached": "2"}))
        c.session.flush()
        assert survey.forget(c.session, c.cycle.id) == "cycle_kept"
        close(c, 29)
        assert survey.forget(c.session, c.cycle.id) == "cycle_kept"
        assert len(items(c, "survey")) == 5
        close(c)
        assert Forgetting(None).settle(c.session, {"cycle": c.cycle.id}, None) == Done("forgotten")  # type: ignore[arg-type]
        assert not items(c, "survey")
        assert not items(c, "pulse")
        assert not c.session.query(Draft).count()
        assert items(c, totals.SURVEY)[0].body["people"] == 5
        assert len(items(c, "story")) == 5
        assert survey.forget(c.session, 999) == "cycle_kept"


def test_the_end_of_a_cycle_puts_the_deleting_in_and_publishes_what_was_asked() -> None:
    with circle(6, "closed") as c:
        for who in range(5):
            c.act(who, "pulse", pulse={"ours": 4})
        close(c, 0)
        survey.schedule_forgetting(c.turn(0))
        row = c.session.query(OutboxRow).filter_by(kind=outbox.FORGET).one()
        assert row.ids == {"cycle": c.cycle.id}
        assert row.due_at == c.cycle.closed_at + survey.KEPT  # type: ignore[operator]
        assert items(c, totals.PULSE)[0].body["means"]["ours"] == 4
        survey.schedule_forgetting(c.turn(0))
        assert len(items(c, totals.PULSE)) == 1


def test_the_export_has_one_s_own_answers_while_they_are_kept_and_the_totals_are_nobody_s() -> None:
    with circle(5) as first:
        c = quick(first).to("stories")

        def kinds(who: int) -> list[Any]:
            found = own.everything(c.session, c.community, c.members[who])["contributions"]
            return [each["kind"] for each in found]

        for who in range(5):
            assert kinds(who).count("survey") == 1
            assert not set(kinds(who)) & set(totals.PUBLISHED)
        close(c)
        survey.forget(c.session, c.cycle.id)
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
