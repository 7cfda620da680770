"""What a cycle came to: the verdict on the ambition, knowledge cards, the yield that is endorsed, and how it goes on.

Later cycles, the thread and the sharing of a yield read from here, of any cycle of the same community.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.domain import Refused, contributions, endorsing
from lti_tool.domain.cycle import Turn
from lti_tool.domain.interpreting import BUILT_FROM, EVIDENCE_OF
from lti_tool.models import Contribution, Round, StepRun
from lti_tool.text import Text

STEP = "evaluation"
VERDICT, CARD, YIELD, NEXT, LOOK_BACK = "verdict", "card", "yield", "next", "look_back"
LEARNED_FROM = "learned from"

VERDICTS = {"yes": Text("ja", "yes"), "partly": Text("deels", "partly"), "no": Text("nee, nog niet", "no, not yet")}
SORTS = {
    "know": Text("weten", "know"),
    "can": Text("kunnen", "can do"),
    "find": Text("vinden", "believe"),
}
CHOICES = {
    "stop": Text("We stoppen: dit is klaar.", "We stop: this is done."),
    "continue": Text("We gaan door met deze ambitie.", "We go on with this ambition."),
    "new": Text("We beginnen opnieuw, met een nieuwe ambitie.", "We begin anew, with a new ambition."),
}
MOST_CARDS = 10  # of one person: enough, and no flood
MOST_LESSONS, LONGEST_LESSON = 5, 300
FARTHEST = dt.timedelta(days=730)


def judge(
    turn: Turn, known: Contribution | None, body: dict[str, str], sources: Sequence[Contribution], version: int
) -> None:
    """Say whether the ambition has come true, and what shows it; or say it better."""
    contributions.refuse_blank_or_double(body["text"], ())
    item, _ = _keep(turn, VERDICT, known, body, version)
    contributions.relink(turn.session, item, EVIDENCE_OF, sources)


def learn(turn: Turn, body: dict[str, str], sources: Sequence[Contribution]) -> None:
    """Add a knowledge card: what we know, can do or believe now, and where we learned it."""
    own = contributions.mine(turn, CARD)
    if len(own) >= MOST_CARDS:
        raise Refused("enough_cards")
    contributions.refuse_blank_or_double(body["text"], (item.body["text"] for item in own))
    contributions.add(turn, CARD, body, [(LEARNED_FROM, each) for each in sources])


def write(
    turn: Turn, text: str, lessons: Sequence[str], version: int, built_from: Sequence[Contribution]
) -> Contribution:
    """Write the yield, or write it better. built_from: the verdict, the chosen story and the cards it goes back to."""
    contributions.refuse_blank_or_double(text, ())
    found = read(turn)
    item, changed = _keep(turn, YIELD, found.get(YIELD), {"text": text, "lessons": list(lessons)}, version)
    contributions.relink(turn.session, item, BUILT_FROM, built_from)
    if changed:
        ask(turn, item, found.get(NEXT))
    return item


def go_on(turn: Turn, choice: str, words: str, day: dt.date, what: str, version: int) -> None:
    """Decide to stop, go on or begin anew, and when to look back at what should last."""
    contributions.refuse_blank_or_double(words, ())
    contributions.refuse_blank_or_double(what, ())
    found = read(turn)
    item, changed = _keep(turn, NEXT, found.get(NEXT), {"choice": choice, "text": words}, version)
    later, body = found.get(LOOK_BACK), {"date": day.isoformat(), "what": what}
    _, moved = _keep(turn, LOOK_BACK, later, body, later.version if later else 0)
    if changed or moved:
        ask(turn, found.get(YIELD), item)


def ask(turn: Turn, text: Contribution | None, decision: Contribution | None) -> None:
    """Have the yield endorsed, with how it goes on: once both are there, and again after each change."""
    if text is not None and decision is not None:
        endorsing.ask(turn, text)


def _keep(
    turn: Turn, kind: str, known: Contribution | None, body: dict[str, Any], version: int
) -> tuple[Contribution, bool]:
    """The one of its kind, with this body; and whether anything changed."""
    if known is None:
        if version:
            raise Refused("changed_meanwhile")
        return contributions.add(turn, kind, body), True
    if known.version != version:
        raise Refused("changed_meanwhile")
    changed = known.body != body
    if changed:
        contributions.revise(turn, known, body, version)
    return known, changed


_READ = (
    select(Contribution)
    .join(StepRun, StepRun.id == Contribution.step_run_id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step == STEP,
        Contribution.kind.in_((YIELD, NEXT, LOOK_BACK)),
        Contribution.withdrawn_at.is_(None),
    )
    .order_by(Contribution.id)
)
_ENDORSED = (
    select(Round)
    .join(StepRun, StepRun.id == Round.step_run_id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step == STEP,
        StepRun.closed_at.is_not(None),
        Round.kind == endorsing.KIND,
    )
    .order_by(Round.id.desc())
    .limit(1)
)


def read(turn: Turn, cycle_id: int | None = None) -> dict[str, Contribution]:
    """Kind -> the yield, the decision and the look-back of the turn's cycle, or another of the same community."""
    of = cycle_id or turn.cycle.id
    return {item.kind: item for item in turn.session.scalars(_READ, {"cycle": of})}


def standing(turn: Turn, cycle_id: int | None = None) -> Contribution | None:
    """The yield: its body has the text and the lessons."""
    return read(turn, cycle_id).get(YIELD)


def next_decision(turn: Turn, cycle_id: int | None = None) -> Contribution | None:
    """How it goes on: its body has the choice (one of CHOICES) and the words."""
    return read(turn, cycle_id).get(NEXT)


def looks_back(turn: Turn, cycle_id: int | None = None) -> tuple[dt.date, str] | None:
    """When the community asks itself "do we still do this?", and what."""
    found = read(turn, cycle_id).get(LOOK_BACK)
    return (dt.date.fromisoformat(found.body["date"]), found.body["what"]) if found else None


def endorsed(turn: Turn, cycle_id: int | None = None) -> bool:
    """Whether two thirds stood behind the yield as it is now, and the step is closed: not while it is open again."""
    of = cycle_id or turn.cycle.id
    round_, text = turn.session.scalar(_ENDORSED, {"cycle": of}), standing(turn, of)
    return (
        round_ is not None
        and text is not None
        and round_.outcome == endorsing.ENDORSED
        and (round_.subject_id, round_.subject_version) == (text.id, text.version)
    )
