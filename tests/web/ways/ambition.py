"""How members do step 1, stage by stage."""

import datetime as dt
from typing import Any

from lti_tool.db import now
from lti_tool.domain.mechanisms import merging
from lti_tool.steps.ambition import held
from tests.web.circle import stored

# All that a text needs before it can be put to everyone.
WHOLE = {
    "learn": "hoe we loslaten",
    "shared": "omdat het ons allemaal raakt",
    "sign": {"1": "ze vragen het elkaar"},
    "practice": "de praktijkles",
    "hours": 20,
    "checks": dict.fromkeys(("visible", "ours", "observable", "hours", "period"), "yes"),
}


def horizon() -> str:
    """A day that is always within a school year."""
    return (now().date() + dt.timedelta(days=200)).isoformat()


def do(circle: Any, who: int, stage: str) -> None:
    """What a stage asks of each; the text is written by the first member only."""
    ideas = circle.ideas()
    number = next(circle.written)
    if stage == "ideas":
        circle.act(who, "idea", text=f"goed merkbaar {number}", why=f"daarom {number}")
    elif stage == "respond" and (other := next((i for i in ideas if i.member_id != circle.members[who].id), None)):
        circle.act(who, "respond", idea=other.id, text=f"mijn antwoord {number}")
    elif stage in ("pairs", "fours"):
        turn = circle.turn(who)
        if circle.members[who].id not in merging.done(turn, held(turn)):
            circle.act(who, "keep_apart")
    elif stage == "dots":
        standing = [item.id for item in merging.candidates(held(circle.turn(None)))]
        circle.act(
            who, "dots", dots={standing[who % len(standing)]: 2, standing[0]: 1 + 2 * (who % len(standing) == 0)}
        )
    elif stage == "draft" and who == 0:
        write(circle, who)
    elif stage == "consent":
        circle.act(who, "consent", answer="agree")


def write(circle: Any, who: int, **changes: Any) -> None:
    """Take the pen, write a whole text, ask somebody outside, work objections through, hand the pen on."""
    turn = circle.turn(who)
    standing = circle.proposal()
    number = next(circle.written)
    for row in [row for round_ in circle.rounds("consent") for row in circle.answers(round_)]:
        if row.answer == "objection" and not circle.resolved(row.id):
            circle.act(who, "resolve", consent=row.id, text=f"aangepast {number}", version=0)
    circle.act(who, "take_pen")
    sources = [merging.candidates(held(turn))[0].id]
    whys = [item.id for item in circle.ideas()]
    said = {"whys": whys, "text": f"samen doen {number}", "ideas": sources, "horizon": horizon(), **WHOLE, **changes}
    circle.act(who, "propose", version=standing.version if standing else 0, **said)
    circle.act(who, "hand_on_pen")
    if not stored(turn, "stakeholder"):
        circle.act(who, "voice", group="pupils", name="een leerling", question=f"wat merk je {number}", date=horizon())
