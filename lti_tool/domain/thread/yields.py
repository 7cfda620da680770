"""What a cycle came to: the verdict on the ambition, knowledge cards, the yield that is endorsed, and how it goes on.

Later cycles, the thread and the sharing of a yield read from here, of any cycle of the same community.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions, endorsing
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie
from lti_tool.models import Round, RoundOutcome, StepRun
from lti_tool.text import Text

VERDICT, CARD, YIELD, NEXT, LOOK_BACK = Flow.VERDICT, Flow.CARD, Flow.YIELD, Flow.NEXT, Flow.LOOK_BACK

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


def judge(turn: Turn, known: Piece | None, body: dict[str, str], sources: Sequence[Piece], version: int) -> None:
    """Say whether the ambition has come true, and what shows it; or say it better."""
    contributions.refuse_blank_or_double(body["text"], ())
    item = _keep(turn, VERDICT, known, body, version)
    contributions.relink(turn, item, Tie.EVIDENCE_OF, sources)


def learn(turn: Turn, body: dict[str, str], sources: Sequence[Piece]) -> None:
    """Add a knowledge card: what we know, can do or believe now, and where we learned it."""
    own = gate.mine(turn, CARD)
    if len(own) >= MOST_CARDS:
        raise Refused("enough_cards")
    contributions.refuse_blank_or_double(body["text"], (item.body["text"] for item in own))
    contributions.add(turn, CARD, body, [(Tie.LEARNED_FROM, each) for each in sources])


def write(turn: Turn, text: str, lessons: Sequence[str], version: int, built_from: Sequence[Piece]) -> Piece:
    """Write the yield, or write it better. built_from: the verdict, the chosen story and the cards it goes back to."""
    contributions.refuse_blank_or_double(text, ())
    item = _keep(turn, YIELD, standing(turn), {"text": text, "lessons": list(lessons)}, version)
    contributions.relink(turn, item, Tie.BUILT_FROM, built_from)
    return item


def go_on(turn: Turn, choice: str, words: str, day: dt.date, what: str, version: int) -> None:
    """Decide to stop, go on or begin anew, and when to look back at what should last."""
    contributions.refuse_blank_or_double(words, ())
    contributions.refuse_blank_or_double(what, ())
    found = read(turn)
    _keep(turn, NEXT, found.get(NEXT), {"choice": choice, "text": words}, version)
    later, body = found.get(LOOK_BACK), {"date": day.isoformat(), "what": what}
    _keep(turn, LOOK_BACK, later, body, later.version if later else 0)


def _keep(turn: Turn, kind: str, known: Piece | None, body: dict[str, Any], version: int) -> Piece:
    """The one of its kind, with this body; the same words again change nothing."""
    if known is None:
        if version:
            raise Refused("changed_meanwhile")
        return contributions.add(turn, kind, body)
    if known.version != version:
        raise Refused("changed_meanwhile")
    return contributions.revise(turn, known, body, version) if known.body != body else known


def obstacles(turn: Turn, there: Gathered) -> list[Refused]:
    """Why nobody can be asked yet whether they stand behind it, each a refusal with its sentence."""
    found = [] if there.of(YIELD) else [Refused("no_yield")]
    found += [] if there.of(NEXT) else [Refused("no_next")]
    last = endorsing.still_missing(turn)
    since = last.closed_at if last is not None else None
    if since is not None and not any(item.updated_at > since for item in there.of(YIELD, NEXT, LOOK_BACK)):
        found.append(Refused("yield_unchanged"))
    return found


_ENDORSED = (
    select(Round)
    .join(StepRun, StepRun.id == Round.step_run_id)
    .where(
        StepRun.cycle_id == bindparam("cycle"),
        StepRun.step == bindparam("step"),
        StepRun.closed_at.is_not(None),
        Round.kind == endorsing.KIND,
    )
    .order_by(Round.id.desc())
    .limit(1)
)


def read(turn: Turn) -> Mapping[str, Piece]:
    """Kind -> the yield, the decision and the look-back of the turn's cycle."""
    there = gate.of_cycle(turn, YIELD, NEXT, LOOK_BACK)
    return {kind: item for kind in (YIELD, NEXT, LOOK_BACK) if (item := there.last(kind)) is not None}


def standing(turn: Turn) -> Piece | None:
    """The yield: its body has the text and the lessons."""
    return read(turn).get(YIELD)


def endorsed(turn: Turn) -> bool:
    """Whether two thirds stood behind the yield as it is now, and the step is closed: not while it is open again."""
    keys = {"cycle": turn.cycle.id, "step": turn.steps.keeping(YIELD).name}
    round_, text = turn.session.scalar(_ENDORSED, keys), standing(turn)
    return (
        round_ is not None
        and text is not None
        and round_.outcome == RoundOutcome.ENDORSED
        and (round_.subject_id, round_.subject_version) == (text.id, text.version)
    )
