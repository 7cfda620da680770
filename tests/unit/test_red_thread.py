"""The red thread: every action goes back to the ambition and forth to what came of it, and what hangs loose is said."""

import copy
import dataclasses
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from lti_tool.db import now
from lti_tool.domain.cycle import Phase, Stage, StageKind, opened
from lti_tool.domain.mechanisms import adopting
from lti_tool.domain.thread import red_thread, threads
from lti_tool.domain.thread.red_thread import Gap, Whole
from lti_tool.steps.interpretation import Interpretation
from lti_tool.text import Text
from tests.web.circle import STEPS, Circle, circle
from tests.web.ways.seeded import Seeded, whole


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(4, "closed", Interpretation()) as made:
        yield made


@pytest.fixture
def s(c: Circle) -> Seeded:
    return Seeded(c.session, c.cycle, c.members)


def read(c: Circle, steps: Any = STEPS) -> Whole:
    turn = dataclasses.replace(c.turn(0), steps=steps)
    return red_thread.of_cycle(turn, opened(c.session, c.community, None)[1])


def ids(s: Seeded, step: str, kind: str) -> list[int]:
    return [item.id for item in s.of(step, kind)]


def loose(c: Circle, gap: Gap) -> list[int]:
    return [orphan.item.id for orphan in read(c).orphans if orphan.gap == gap]


def test_an_action_goes_back_to_the_ambition_without_a_gap(c: Circle, s: Seeded) -> None:
    first, _ = whole(s)
    found = next(thread for thread in read(c).threads if thread.card.item.id == first.id)
    assert found.card.consequence is not None
    assert [point.attention.id for point in found.points if point.attention] == ids(s, "interpretation", "attention")[
        :1
    ]
    assert found.points[0].observations
    assert {item.id for item in found.evidence} <= set(ids(s, "information", "evidence"))
    assert found.evidence
    assert {item.id for item in found.questions} <= set(ids(s, "information", "question"))
    assert found.questions
    assert found.ambition is not None
    assert [found.ambition.id] == ids(s, "ambition", "proposal")
    assert found.points[0].whole


def test_and_forth_to_its_logs_its_result_what_was_learned_the_verdict_and_the_yield(c: Circle, s: Seeded) -> None:
    first, second = whole(s)
    read_ = read(c)
    by_action = {thread.card.item.id: thread for thread in read_.threads}
    done = by_action[first.id]
    assert [log.body["done"] for log in done.card.logs] == ["drie keer gelezen", "een keer overgeslagen"]
    assert done.card.result is not None
    assert [item.body["text"] for item in done.learned] == ["stilte komt na drie minuten"]
    assert [item.body["text"] for item in done.verdicts] == ["we zijn halverwege"]
    assert by_action[second.id].learned == by_action[second.id].verdicts == []
    assert [item.body["text"] for item in read_.learned] == ["we durven elkaar te vragen"], "hangs on no thread"
    assert read_.verdict is not None
    assert read_.outcome is not None


def test_evidence_stands_in_the_order_of_its_numbers(c: Circle, s: Seeded) -> None:
    whole(s)
    numbers = [item.body["number"] for thread in read(c).threads for item in thread.evidence]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(("points", "source", "orphan"), [(1, "point", False), (0, "new", False), (0, "point", True)])
def test_an_action_is_an_orphan_unless_it_has_a_point_or_says_it_is_new(
    c: Circle, s: Seeded, points: int, source: str, orphan: bool
) -> None:
    proposal = s.add(
        "consequences", "consequence", {"if": "a", "then": "b", "notice": "c", "source": source},
        follows_from=s.of("interpretation", "attention")[:points],
    )  # fmt: skip
    action = s.add("consequences", "action", {"what": "iets"}, realises=proposal)
    assert loose(c, Gap.ACTION) == ([action.id] if orphan else [])


def test_an_action_without_a_proposal_is_an_orphan(c: Circle, s: Seeded) -> None:
    action = s.add("consequences", "action", {"what": "iets"})
    assert loose(c, Gap.ACTION) == [action.id]


def test_an_action_whose_point_no_longer_stands_is_an_orphan(c: Circle, s: Seeded) -> None:
    point = s.of("interpretation", "attention")[0]
    action = s.action([point])
    assert loose(c, Gap.ACTION) == []
    adopting.adopt(c.turn(0), "attention", [])
    assert loose(c, Gap.ACTION) == [action.id]


def test_a_point_is_an_orphan_once_step_4_is_done_without_it(c: Circle, s: Seeded) -> None:
    left = s.add("interpretation", "attention", {"text": "het lawaai", "why": ""})
    s.action(s.of("interpretation", "attention")[:-1])
    assert loose(c, Gap.POINT) == [left.id]
    s.run("consequences").closed_at = None
    assert loose(c, Gap.POINT) == [], "there is time for it yet"


def test_evidence_in_which_nobody_saw_anything_is_an_orphan_once_step_3_is_done(c: Circle, s: Seeded) -> None:
    question = s.of("information", "question")[0]
    unused = s.add("information", "evidence", {"number": 99, "text": "stil"}, about=question)
    assert unused.id in loose(c, Gap.EVIDENCE)
    seen = s.of("interpretation", "observation")[0]
    used = set(threads.interpreted(c.turn(0)).ids_from(seen, "evidence of"))
    assert used.isdisjoint(loose(c, Gap.EVIDENCE))
    s.run("interpretation").closed_at = None
    assert loose(c, Gap.EVIDENCE) == []


def test_a_question_without_evidence_is_an_orphan_once_step_2_is_done(c: Circle, s: Seeded) -> None:
    bare = s.add("information", "question", {"text": "en nu?"})
    assert bare.id in loose(c, Gap.QUESTION)
    s.add("information", "evidence", {"number": 99, "text": "stil"}, about=bare)
    assert bare.id not in loose(c, Gap.QUESTION)
    other = s.add("information", "question", {"text": "en straks?"})
    s.run("information").closed_at = None
    assert other.id not in loose(c, Gap.QUESTION)


def test_one_lens_leaves_the_threads_it_touches_and_of_those_what_is_seen_through_it(c: Circle, s: Seeded) -> None:
    first, second = whole(s)
    everything = read(c)
    through = red_thread.through(everything, "teachers")
    assert [thread.card.item.id for thread in through.threads] == [first.id]
    assert [log.body["lens"] for log in through.threads[0].card.logs] == ["teachers"]
    assert through.threads[0].card.result is None
    assert through.threads[0].evidence == []
    assert through.orphans == ()
    pupils = red_thread.through(everything, "pupils").threads[0]
    assert {item.body["lens"] for item in [*pupils.evidence, *pupils.card.logs]} == {"pupils"}
    assert red_thread.through(everything, "collaboration").threads == []
    assert second.id in {thread.card.item.id for thread in everything.threads}


@pytest.mark.parametrize(
    ("alone", "gone"),
    [
        ("consequences", ("threads",)),
        ("evaluation", ("verdict", "learned", "outcome")),
        ("ambition", ("ambition",)),
    ],
)
def test_while_all_write_alone_nothing_of_that_step_is_in_it(
    c: Circle, s: Seeded, alone: str, gone: tuple[str, ...]
) -> None:
    whole(s)
    names = STEPS.by_name
    hidden = copy.copy(names[alone])
    hidden.stages = (Stage("secret", Phase.ALONE, StageKind.HIDDEN, Text("", ""), Text("", "")),)  # type: ignore[misc]
    steps = SimpleNamespace(by_name={**names, alone: hidden}, keeping=STEPS.keeping)
    assert all(getattr(read(c, steps), name) for name in gone)
    run = s.run(alone)
    run.stage, run.closed_at = "secret", None
    found = read(c, steps)
    assert not any(getattr(found, name) for name in gone)


def test_before_there_is_anything_there_is_no_thread_and_nothing_hangs_loose() -> None:
    with circle(4, "ideas") as c:
        found = read(c)
        assert (found.threads, found.orphans, found.ambition) == ([], [], None)


def test_what_was_taken_back_is_in_no_thread(c: Circle, s: Seeded) -> None:
    first, _ = whole(s)
    first.withdrawn_at = now()
    c.session.flush()
    assert first.id not in {thread.card.item.id for thread in read(c).threads}


def test_all_of_it_takes_four_statements_however_many_actions_there_are(c: Circle, s: Seeded) -> None:
    def statements() -> int:
        seen: list[str] = []
        engine, turn, runs = c.session.get_bind(), c.turn(0), opened(c.session, c.community, None)[1]

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            red_thread.of_cycle(turn, runs)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    whole(s)
    few = statements()
    for number in range(10):
        s.log(s.action(s.of("interpretation", "attention")[:1], what=f"actie {number}"))
    assert statements() == few == 4
