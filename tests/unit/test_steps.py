"""What a step must be to be let in, and that the six are."""

from pathlib import Path
from typing import Any

import pytest

import lti_tool
from lti_tool.domain.cycle import Phase, Stage, StageKind
from lti_tool.domain.reading.things import Thing
from lti_tool.steps import load
from lti_tool.steps.base import Deed, Form, Step
from lti_tool.text import Text

HOME = Path(lti_tool.__file__).parent
TEMPLATES = HOME.parent / "templates"
WORDS = Text("woord", "word")
A_STAGE = Stage("a", Phase.ALONE, StageKind.HIDDEN, WORDS, WORDS)


def a_step(**changes: Any) -> type[Step]:
    body = {"name": "toy", "position": 7, "title": WORDS, "question": WORDS, "purpose": WORDS, "asks": (WORDS,)}
    return type("Toy", (Step,), {name: value for name, value in {**body, **changes}.items() if value is not None})


def a_deed(*stages: str) -> Deed:
    return Deed("do", Form, frozenset(stages), lambda turn, data: None, WORDS)


def test_a_stage_says_its_kind() -> None:
    with pytest.raises(TypeError, match="kind"):
        Stage("a", Phase.ALONE, title=WORDS, move=WORDS)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *(({lacks: None}, f"has no {lacks}") for lacks in ("name", "position", "title", "question", "purpose", "asks")),
        ({"name": "ambition"}, "two steps"),
        ({"position": 3}, "two steps"),
        ({"keeps": {"mood": Thing.SURVEY}}, "by no deed that says so"),
        ({"sentences": {"no_logs": WORDS}}, "say different things by no_logs"),
        ({"deeds": (a_deed("nowhere"),)}, "names a stage that does not exist"),
        (
            {"stages": (Stage("a", Phase.ALONE, StageKind.HIDDEN, WORDS, WORDS),), "deeds": (a_deed("b"),)},
            "names a stage",
        ),
    ],
)
def test_a_step_that_is_not_whole_stops_the_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        load((a_step(**changes),))


def test_a_step_that_is_whole_comes_in_by_position() -> None:
    assert [step.name for step in load((a_step(),))][-1] == "toy"
    assert next(iter(load((a_step(position=0),)))).name == "toy"
    assert len(load()) == 6


def test_the_six_steps_stand_in_order() -> None:
    assert [(step.position, step.name) for step in load()] == [
        (1, "ambition"), (2, "information"), (3, "interpretation"),
        (4, "consequences"), (5, "actions"), (6, "evaluation"),
    ]  # fmt: skip


@pytest.mark.parametrize("step", [*load(), *load().sides], ids=lambda step: step.name)
def test_a_step_says_everything_in_both_languages_and_has_its_page(step: Step) -> None:
    texts = [step.title, step.question, step.purpose, *step.asks]
    texts += [text for stage in step.stages for text in (stage.title, stage.move)]
    texts += [stage.asks for stage in step.stages if stage.asks]
    texts += [deed.done for deed in (*step.deeds, *step.leader_deeds)]
    texts += [field.label for deed in step.deeds for field in deed.noted]
    texts += [text for text in (step.empty, step.prompt) if text]
    for words in step.sentences.values():
        texts += [words] if isinstance(words, Text) else [words.one, words.many]
    for text in texts:
        assert len({text.nl.strip(), text.en.strip(), ""}) == 3
        assert text.of("nl") == text.of("fr") == text.nl
        assert text.of("en") == text.of("en-GB") == text.en
    assert len(step.asks) == 3
    assert (TEMPLATES / step.template).is_file()


def test_a_completed_step_with_stages_says_where_it_opens_again() -> None:
    for step in load():
        assert not step.stages or step.reopens_at in {stage.name for stage in step.stages}


def test_what_a_note_taker_fills_in_is_what_the_form_asks_for() -> None:
    for step in [*load(), *load().sides]:
        for deed in step.deeds:
            fields = deed.schema().fields
            assert {field.name for field in deed.noted} <= set(fields)
            if deed.noted:
                needed = {name for name, field in fields.items() if field.required}
                assert needed <= {field.name for field in deed.noted}, (step.name, deed.name)


def test_a_step_is_followed_by_the_next_and_a_side_step_by_none() -> None:
    registry = load()
    for step, following in zip(registry.steps, [*registry.steps[1:], None], strict=True):
        assert registry.following(step) is following
    assert all(registry.following(side) is None for side in registry.sides)
    assert [side.name for side in registry.sides] == ["agreements", "conditions", "ending", "sharing"]


def test_what_is_written_alone_comes_first_and_a_decision_last() -> None:
    for step in load():
        phases = [stage.phase for stage in step.stages]
        assert Phase.ALONE not in phases[1:], step.name
        assert not phases or phases[-1] is Phase.DECIDE, step.name
        assert not phases or Phase.RESPOND in phases, step.name
