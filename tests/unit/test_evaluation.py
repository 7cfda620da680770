"""Step 6's rules, through the same forms that its pages post."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import cycle, outbox
from lti_tool.domain.cycle import restart
from lti_tool.domain.thread import yields
from lti_tool.models import Cycle, OutboxRow, Seat
from lti_tool.models.voices import Link
from tests.unit.forms import moments, own
from tests.web.circle import STEPS, Circle
from tests.web.ways.evaluation import at, card, going_on, items, judged, later, numbers, tale


def endorse(c: Circle, who: int, answer: str = "endorse", **more: Any) -> None:
    c.act(who, "endorse", answer=answer, round=c.rounds("endorse")[-1].id, **more)


def written(c: Circle) -> None:
    """The yield and how it goes on, by the first; and put to all."""
    c.to("yield")
    c.act(0, "yield", text="wij weten meer", lessons="eerst kijken", version=0)
    c.act(0, "next", choice="continue", text="er is meer", what="elke les", date=later(), version=0)
    assert c.move() == "endorse"


def test_three_moments_come_from_survey_or_story_a_response_and_endorsing() -> None:
    with at(3) as c:
        c.act(0, "story", **tale()(c))
        assert moments(c, 0) == {"input"}
        c.to("stories")
        c.act(0, "respond", story=own(c, 1, "story")[0].id, text="knap in onze lessen")
        assert moments(c, 0) == {"input", "response"}
        c.to("consent")
        # Laying dots was a part in a decision already.
        assert moments(c, 0) == {"input", "response", "decision"}
        c.act(0, "consent", answer="agree")
        written(c)
        endorse(c, 0, "pass")
        assert moments(c, 0) == {"input", "response", "decision"}


def test_taking_back_takes_the_moment_only_with_the_last_of_its_sort() -> None:
    with at(3) as c:
        c.act(0, "survey", **numbers(1))
        c.act(0, "story", **tale()(c))
        c.act(0, "withdraw", id=own(c, 0, "survey")[0].id)
        assert moments(c, 0) == {"input"}
        assert not own(c, 0, "pulse")
        c.act(0, "withdraw", id=own(c, 0, "story")[0].id)
        assert moments(c, 0) == set()


def test_who_missed_the_survey_still_brings_something_in() -> None:
    with at(3, "stories") as c:
        c.members.append(c.members[0])
        c.act(0, "withdraw", id=own(c, 0, "story")[0].id)
        c.act(0, "story", **tale(text="later verteld in onze lessen")(c))
        assert "later verteld in onze lessen" in c.shown(1)
        c.members.pop()
        c.to("verdict")
        c.act(1, "card", **card()(c))
        assert "input" in moments(c, 1)


def test_a_story_is_hidden_until_all_could_write_and_then_shown_as_chosen() -> None:
    with at(3) as c:
        c.act(0, "story", **tale(text="geheim van nul")(c))
        assert "geheim" in c.shown(0)
        assert "geheim" not in c.shown(1) + c.shown(None)
        assert c.step.spotlight(c.turn(1)) == ()
        c.to("stories")
        assert "geheim" in c.shown(1)
        assert "Persoon" not in c.shown(1)


@pytest.mark.parametrize("stage", ["survey", "stories", "choose", "verdict", "yield", "endorse"])
def test_a_stage_with_nothing_in_it_does_not_end(stage: str) -> None:
    why = {
        "survey": "no_surveys",
        "stories": "no_stories",
        "choose": "quorum_missing",
        "verdict": "why_missing",
        "yield": "no_yield",
        "endorse": "quorum_missing",
    }
    with at(3, stage) as c:
        if stage == "stories":
            for who in range(3):
                c.act(who, "withdraw", id=own(c, who, "story")[0].id)
        assert c.move() == why[stage]


def test_without_a_story_the_survey_does_not_close_and_nothing_is_published() -> None:
    with at(5) as c:
        for who in range(5):
            c.act(who, "survey", **numbers(who))
        assert c.move() == "no_stories"
        assert not items(c, "totals")


def test_one_story_needs_no_dots() -> None:
    with at(3) as c:
        for who in range(3):
            c.act(who, "survey", **numbers(who))
        c.act(1, "story", **tale()(c))
        assert c.move() == "stories"
        assert c.step.done_members(c.turn(None)) == {c.members[1].id}
        assert c.move() == "verdict"
        assert [each.text for each in c.summary(0).chosen.stories] == ["Noor vroeg het zelf"]


def test_the_chosen_story_is_what_most_people_want_and_says_why() -> None:
    with at(5, "choose") as c:
        first, second = items(c, "story")[:2]
        for who in range(2):
            c.act(who, "dots", dots={first.id: 3})
        for who in range(2, 5):
            c.act(who, "dots", dots={second.id: 1})
        assert c.move() == "verdict"
        assert [each.id for each in c.summary(0).chosen.stories] == [second.id]
        assert c.move() == "why_missing"
        version = items(c, "chosen")[0].version
        c.act(3, "why", text="het gaat over ons allemaal", version=version)
        assert c.refused(4, "why", text="iets anders in onze lessen", version=version) == "changed_meanwhile"
        assert c.move() == "no_verdict"
        c.act(0, "verdict", **judged()(c))
        assert c.move() == "consent"


def test_every_verdict_and_card_goes_back_to_something() -> None:
    with at(3, "closed") as c:
        links = list(c.session.scalars(select(Link)))
        for kind, needed in (
            ("verdict", "evidence of"),
            ("card", "learned from"),
            ("yield", "built from"),
            ("chosen", "chosen"),
        ):
            for item in items(c, kind):
                assert any(link.from_id == item.id and link.kind == needed for link in links), kind
        shown = c.summary(0)
        said = [source.nl for source in shown.verdict.sources]
        assert said == ["#1 · vier vragen om hulp", "Resultaat · elke les een vraag: ze vragen vaker"]  # fmt: skip


def test_an_objection_to_the_verdict_leads_back_and_wants_an_answer_and_another_text() -> None:
    with at(3, "consent") as c:
        c.act(0, "consent", answer="objection", harm="te rooskleurig", proposal="zeg deels")
        c.rest("consent", answer="agree")
        assert c.move() == "verdict"
        assert c.move() == "objections_open"
        raised = c.answers(c.rounds("consent")[-1])[0]
        c.act(1, "resolve", consent=raised.id, text="afgezwakt in onze lessen")
        assert c.move() == "text_unchanged"
        c.act(1, "verdict", **judged(text="de helft in onze lessen", version=items(c, "verdict")[0].version)(c))
        assert c.move() == "consent"


def test_the_yield_is_whole_before_it_is_put_to_all_and_is_not_changed_while_they_answer() -> None:
    with at(3, "yield") as c:
        assert c.step.waiting(c.turn(0)) is None
        assert [each.code for each in c.summary(1).obstacles] == ["no_yield", "no_next"]
        c.act(0, "yield", text="wij weten meer", lessons="", version=0)
        assert c.move() == "no_next"
        c.act(1, "next", **going_on()(c))
        assert c.step.task(c.turn(1)) is None
        assert c.refused(1, "endorse", answer="endorse", round=1) == "not_in_this_stage"
        assert c.move() == "endorse"
        assert c.refused(0, "yield", text="stiekem anders in onze lessen", lessons="", version=1) == "not_in_this_stage"
        assert c.refused(0, "next", **going_on(version=1)(c)) == "not_in_this_stage"


@pytest.mark.parametrize("change", ["yield", "next"])
def test_what_is_missing_leads_back_and_a_change_asks_everybody_anew(change: str) -> None:
    with at(3) as c:
        written(c)
        first = c.rounds("endorse")[-1]
        endorse(c, 0)
        endorse(c, 1, "not_yet", missing="de stem van leerlingen")
        assert c.move() == "waits_for_rest"
        endorse(c, 2, "not_yet", missing="wat het kostte")
        assert c.move() == "yield"
        assert (first.outcome, yields.endorsed(c.turn(None))) == ("objected", False)
        assert sorted(c.summary(0).endorsing.still_missing) == ["de stem van leerlingen", "wat het kostte"]
        assert c.step.task(c.turn(0)).text.nl.startswith("Lees wat er nog ontbreekt")  # type: ignore[union-attr]
        assert c.move() == "yield_unchanged"
        # The same words again change nothing.
        c.act(2, "yield", text="wij weten meer", lessons="eerst kijken", version=1)
        assert c.move() == "yield_unchanged"
        if change == "yield":
            c.act(2, "yield", text="wij weten veel meer", lessons="", version=1)
        else:
            c.act(2, "next", **going_on(version=1)(c))
        assert c.move() == "endorse"
        assert c.refused(0, "endorse", answer="endorse", round=first.id) == "yield_changed"
        assert c.step.done_members(c.turn(None)) == set()
        assert moments(c, 0) >= {"decision"}
        for who in range(3):
            endorse(c, who)
        assert c.move() == "closed"


def test_where_nobody_says_what_is_missing_the_same_text_may_be_put_once_more() -> None:
    with at(3) as c:
        written(c)
        for who in range(3):
            endorse(c, who, "pass")
        assert c.move() == "yield"
        assert c.move() == "endorse"


def test_nobody_overwrites_a_yield_they_have_not_seen() -> None:
    with at(3, "yield") as c:
        c.act(0, "yield", text="wij weten meer", lessons="", version=0)
        c.act(0, "next", **going_on()(c))
        c.act(1, "yield", text="beter in onze lessen", lessons="", version=1)
        assert c.refused(2, "yield", text="ook beter in onze lessen", lessons="", version=1) == "changed_meanwhile"
        assert c.refused(2, "next", **going_on(version=0)(c)) == "changed_meanwhile"
        assert items(c, "yield")[0].body["text"] == "beter in onze lessen"


@pytest.mark.parametrize(
    ("people", "behind", "not_yet", "enough"),
    [
        (1, 1, 0, True), (2, 1, 0, False), (2, 2, 0, True), (3, 1, 0, False), (3, 2, 0, True), (3, 2, 1, True),
        (4, 2, 0, True), (4, 2, 2, False), (6, 4, 2, True), (6, 3, 2, False), (6, 1, 0, False),
    ],
)  # fmt: skip
def test_a_yield_stands_when_two_thirds_of_those_who_speak_out_endorse(
    people: int, behind: int, not_yet: int, enough: bool
) -> None:
    with at(people) as c:
        written(c)
        for who in range(people):
            said = "endorse" if who < behind else "not_yet" if who < behind + not_yet else "pass"
            endorse(c, who, said, missing="de cijfers")
        assert c.move() == ("closed" if enough else "yield")
        assert yields.endorsed(c.turn(None)) is enough
        assert (c.step.outcome(c.turn(None)) is not None) is enough


def test_who_leaves_the_course_and_who_lets_the_date_pass_blocks_nothing() -> None:
    with at(6) as c:
        written(c)
        for who in range(2):
            endorse(c, who)
        assert c.move() == "quorum_missing"
        for gone in (2, 3, 4, 5):
            c.go(gone)
        assert c.move() == "closed"
    with at(6) as c:
        written(c)
        for who in range(4):
            endorse(c, who)
        c.run.closes_at = now()
        assert cycle.on_date(c.session, c.run.id, "endorse", STEPS) == "extended"
        assert c.move() == "waits_for_rest"
        c.run.closes_at = now()
        assert cycle.on_date(c.session, c.run.id, "endorse", STEPS) == "moved"
        assert c.run.stage == "closed"


def test_silence_endorses_nothing_and_leads_nowhere() -> None:
    with at(3, "endorse") as c:
        for _ in range(2):
            c.run.closes_at = now()
            said = cycle.on_date(c.session, c.run.id, "endorse", STEPS)
        assert (said, c.run.stage, c.run.extended) == ("quorum_missing", "endorse", True)


def test_what_is_missing_is_said_in_words_and_read_by_all_without_a_name() -> None:
    with at(3) as c:
        written(c)
        round_ = c.rounds("endorse")[-1].id
        assert c.refused(0, "endorse", answer="not_yet", missing=" … ", round=round_) == "missing_missing"
        endorse(c, 0, "not_yet", missing="de stem van leerlingen")
        assert c.summary(1).endorsing.still_missing == ["de stem van leerlingen"]
        # How many stand behind it shows once it is settled.
        assert c.summary(1).endorsing.behind is None


def test_who_was_not_there_endorses_afterwards_once() -> None:
    with at(4) as c:
        written(c)
        endorse(c, 0)
        endorse(c, 1)
        endorse(c, 3, "pass")
        c.run.closes_at, c.run.extended = now(), True
        assert c.move() == "closed"
        assert c.summary(2).endorsing.behind == 2
        assert not c.summary(2).endorsing.heard
        c.act(2, "late", answer="endorse")
        assert moments(c, 2) >= {"decision"}
        assert c.summary(2).endorsing.behind == 3
        assert c.refused(2, "late", answer="pass") == "already_chosen"


def test_how_many_stand_behind_it_is_not_said_where_all_do() -> None:
    with at(3) as c:
        written(c)
        c.rest("endorse", answer="endorse", round=c.rounds("endorse")[-1].id)
        assert c.move() == "closed"
        assert (c.summary(2).endorsing.behind, c.summary(2).endorsing.answered) == (None, 3)


def test_a_step_opened_again_keeps_its_yield_and_asks_everybody_anew() -> None:
    with at(3, "closed") as c:
        assert yields.endorsed(c.turn(None))
        c.reopen("er kwam iets bij")
        assert not yields.endorsed(c.turn(None))
        assert c.move() == "consent"
        for who in range(3):
            c.act(who, "consent", answer="agree")
        assert c.move() == "yield"
        assert c.move() == "endorse"
        assert c.move() == "quorum_missing"
        for who in range(3):
            endorse(c, who)
        assert c.move() == "closed"
        assert yields.endorsed(c.turn(None))
        assert len(items(c, "totals")) == 1


def test_later_cycles_read_the_yield_the_decision_and_when_to_look_back() -> None:
    with at(3, "closed") as c:
        turn = c.turn(None)
        kept = restart.kept(turn)[c.cycle.number]
        text, later_on = yields.standing(turn), kept.look_back
        assert text is not None
        assert text.body["lessons"] == ["eerst kijken", "dan doen"]
        assert later_on is not None
        assert (later_on.day.isoformat(), later_on.what) == (later(), "elke les een vraag")
        assert kept.decision == "new"
        turn.cycle = Cycle(id=999, number=999)
        assert yields.standing(turn.beside(turn.run)) is None
        assert not yields.endorsed(turn)


def test_a_person_who_comes_back_counts_again() -> None:
    with at(3) as c:
        written(c)
        endorse(c, 0)
        c.go(1)
        c.go(2)
        seat = c.session.scalars(select(Seat).filter_by(person_id=c.members[1].person_id)).one()
        seat.present = True
        c.session.flush()
        assert c.move() == "quorum_missing"


def test_the_step_s_date_is_a_due_row_as_in_every_step() -> None:
    with at(3) as c:
        cycle.set_date(c.turn(0), now().replace(year=now().year + 1))
        assert c.session.query(OutboxRow).filter_by(kind=outbox.Kind.STAGE).count() == 1
