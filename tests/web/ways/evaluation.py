"""How members do step 6, stage by stage."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.mechanisms import pulse
from lti_tool.domain.reading import deciding
from lti_tool.domain.thread import actions, yields
from lti_tool.domain.ties import Tie
from lti_tool.models import StepRun
from lti_tool.models.voices import Contribution, Link
from lti_tool.steps.evaluation import Evaluation, acts, survey
from tests.web.circle import STEPS, Circle, picture, stored

STAGES = [stage.name for stage in Evaluation.stages] + ["closed"]


def prepare(circle: Any) -> Any:
    """The same people at step 6, from a closed step 1: all before it done. Asked again: the step 6 that is there."""
    for step in ("information", "interpretation", "consequences", "actions"):
        circle.on(step).to("closed")
    return circle.on("evaluation")


def quick(circle: Any) -> Any:
    """The same people at step 6, wherever they were: what it needs of the steps before it is put there by hand."""
    run = _run(circle, "information")
    body = {"number": 1, "sort": "observation", "text": "vier vragen om hulp", "lens": "pupils", "voice": "own"}
    _put(circle, run, "evidence", body)
    seed(circle)
    cycle.open_step(circle.session, circle.community, circle.cycle, Evaluation(), STEPS)
    return circle.on("evaluation")


def seed(circle: Any) -> None:
    """Steps 4 and 5 as they are when they are done: one action, and how it ended."""
    action = _put(circle, _run(circle, "consequences"), actions.ACTION, {"what": "elke les een vraag"})
    body = {"ended": "done", "learned": "ze vragen vaker", "lens": "pupils"}
    result = _put(circle, _run(circle, "actions"), actions.RESULT, body)
    circle.session.add(Link(from_id=result.id, to_id=action.id, kind=Tie.ENDS))
    circle.session.flush()


def _run(circle: Any, step: str) -> StepRun:
    if circle.opened(step):
        found: StepRun = circle.on(step).run
        return found
    run = StepRun(cycle_id=circle.cycle.id, step=step, stage="closed", opened_at=now(), closed_at=now(), told=[])
    circle.session.add(run)
    circle.session.flush()
    return run


def _put(circle: Any, run: StepRun, kind: str, body: dict[str, Any]) -> Contribution:
    item = Contribution(step_run_id=run.id, kind=kind, member_id=circle.members[0].id, body=body)
    circle.session.add(item)
    circle.session.flush()
    return item


def items(circle: Any, kind: str) -> list[Contribution]:
    """All of a kind in step 6, oldest first."""
    return list(stored(circle.turn(None), kind))


def proof(circle: Any) -> dict[str, int]:
    """kind -> the id of one thing that can be pointed to, of each kind there is."""
    turn = circle.turn(None)
    kinds = {"evidence": "evidence", "action": actions.ACTION, "result": actions.RESULT}
    found = {name: deciding.of_cycle(turn, kind).of(kind) for name, kind in kinds.items()}
    return {name: items[0].id for name, items in found.items() if items}


def later(days: int = 100) -> str:
    """A day to look back."""
    return (now().date() + dt.timedelta(days=days)).isoformat()


def numbers(number: int) -> dict[str, dict[str, int]]:
    """The survey filled in, not the same by everybody."""
    return {
        "item": {name: 1 + (number + place) % 5 for place, name in enumerate(survey.ITEMS)},
        "pulse": {name: 1 + (number + place) % 5 for place, name in enumerate(pulse.ITEMS)},
    }


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each who has not done it; the first writes what is written together."""
    number, me = next(circle.written), circle.members[who].id
    if stage == "yield" and who == 0:
        settle(circle, who)
    if stage == "verdict" and who == 0:
        write(circle, who)
    if me in circle.step.done_members(circle.turn(None)):
        return
    told = items(circle, "story")
    if stage == "survey":
        circle.act(who, "survey", **numbers(number))
        if not any(item.member_id == me for item in told):
            circle.act(who, "story", text=f"mijn verhaal {number}", why=f"omdat {number}", lens="pupils")
    elif stage == "stories" and (other := next((item for item in told if item.member_id != me), None)):
        circle.act(who, "respond", story=other.id, text=f"heel mooi {number}")
    elif stage == "choose" and (tied := circle.ballot(1)):
        circle.act(who, "dots", dots={tied[0]: 1})
    elif stage == "choose":
        circle.act(who, "dots", dots={told[0].id: 2, told[who % len(told)].id: 1 + 2 * (who % len(told) == 0)})
    elif stage == "verdict":
        circle.act(who, "card", sort="know", text=f"mijn kaart {number}", sources=list(proof(circle).values()))
    elif stage == "consent":
        circle.act(who, "consent", answer="agree")
    elif stage == "endorse":
        round_ = circle.rounds("endorse")[-1]
        circle.act(who, "endorse", answer="endorse", round=round_.id)


def write(circle: Any, who: int) -> None:
    """Write why the story was chosen and the verdict, as far as it is not there; work objections through."""
    number, found = next(circle.written), proof(circle)
    # Where everybody left the choice to the others, nothing is chosen and no why is asked.
    choice = next(reversed(items(circle, "chosen")), None)
    for row in [row for round_ in circle.rounds("consent") for row in circle.answers(round_)]:
        if row.answer == "objection" and not circle.resolved(row.id):
            circle.act(who, "resolve", consent=row.id, text=f"aangepast {number}", version=0)
    if choice and not choice.body["why"]:
        circle.act(who, "why", text=f"het raakt ons {number}", version=choice.version)
    standing = items(circle, "verdict")
    last = circle.rounds("consent")
    if not standing or (last and last[-1].outcome == "objected"):
        circle.act(
            who, "verdict", answer="partly", text=f"voor de helft {number}",
            version=standing[0].version if standing else 0,
            sources=[found[kind] for kind in ("evidence", "result") if kind in found],
        )  # fmt: skip


def settle(circle: Any, who: int) -> None:
    """Write the yield and how it goes on, as far as they are not there; write it better where something is missing."""
    number = next(circle.written)
    if not items(circle, "yield"):
        circle.act(who, "yield", text=f"wij weten {number}", lessons="eerst kijken\n- dan doen", version=0)
        circle.act(who, "next", choice="new", text="er is meer", what="elke les een vraag", date=later(), version=0)
    elif yields.obstacles(circle.turn(None), acts.held(circle.turn(None))):
        version = items(circle, "yield")[0].version
        circle.act(who, "yield", text=f"wij weten meer {number}", lessons="eerst kijken", version=version)


@contextlib.contextmanager
def at(people: int, stage: str = "survey") -> Iterator[Circle]:
    """A community at a stage of step 6, everybody having done what was asked before."""
    with picture(people, quick, stage).copy() as c:
        yield c


def tale(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of a story, filled in."""
    return lambda _: {"text": "Noor vroeg het zelf", "why": "dat is nieuw", "lens": "pupils", **changes}


def judged(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of the verdict, filled in."""
    return lambda c: {
        "answer": "yes", "text": "bijna alles", "sources": [proof(c)["evidence"]],
        **{name: value(c) if callable(value) else value for name, value in changes.items()},
    }  # fmt: skip


def card(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of a card, filled in."""
    return lambda c: {
        "sort": "can", "text": "we kunnen stilstaan", "sources": [proof(c)["action"], proof(c)["evidence"]],
        **{name: value(c) if callable(value) else value for name, value in changes.items()},
    }  # fmt: skip


def going_on(**changes: Any) -> Callable[[Any], dict[str, Any]]:
    """The form of how it goes on, filled in."""
    return lambda _: {"choice": "stop", "text": "het is klaar", "what": "elke les", "date": later(), **changes}
