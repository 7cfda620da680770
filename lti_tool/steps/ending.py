"""Beside the steps: whether this cycle ends before its steps are done. Any member can put that to all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community.school_days import days_off
from lti_tool.domain.cycle import CLOSED, Phase, Stage, StageKind, Turn, ending, midnights
from lti_tool.domain.mechanisms import consent, contributions, minority, rounds
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Ending as How
from lti_tool.steps import settling
from lti_tool.steps.base import Deed, Step, Task
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.forms import ConsentForm, LearnedForm, NothingForm, lines
from lti_tool.steps.shown import Decided, decided
from lti_tool.text import Text

SAY, CONSENT = "say", "consent"


def put_to_all(turn: Turn, data: dict[str, Any]) -> None:
    """Write what was learned so far, and ask everybody whether the cycle ends with that."""
    contributions.refuse_blank_or_double(data["text"], ())
    body = {"text": data["text"], "lessons": lines(data["lessons"])}
    known = _learned(turn)
    if known is not None:
        contributions.revise(turn, known, body, data["version"])
    elif data["version"]:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, Flow.LEARNED, body)
    step = turn.steps.by_name[turn.run.step]
    cycle.put(turn, step, CONSENT)
    today = midnights.day_of(now(), turn.zone)
    cycle.set_date(turn, midnights.end_of(ending.last_day(today, days_off(turn.community)), turn.zone))


def answer(turn: Turn, data: dict[str, Any]) -> None:
    """Answer whether the cycle ends. With the last answer that it waits for, it does: nobody has to press anything."""
    settling.answer(turn, data, CONSENT)


def part(turn: Turn, _: dict[str, Any]) -> None:
    """End it as one of two who cannot solve an objection."""
    ending.end_of_pair(turn)


def _learned(turn: Turn) -> Piece | None:
    return gate.gather(turn).last(Flow.LEARNED)


@dataclass(frozen=True)
class Shown(Base):
    """What was learned so far, and how the decision stands. version: of the text, 0 for none.

    over: whether the day to answer by is over. free_from: from when the facilitator may end the cycle without a
    decision, None before it was put to all; free: whether that is now. divided: whether these are two who may end it
    for an objection between them. quorum: how many make the decision.
    """

    text: str
    lessons: Sequence[str]
    version: int
    decided: Decided
    over: bool
    free_from: dt.datetime | None
    free: bool
    divided: bool
    quorum: int


class Ending(Step):
    """A cycle ends before its time by consent, with what was learned so far; never because somebody alone says so."""

    name = "ending"
    position = 3
    side = True
    unlisted = True
    dates_itself = True
    title = Text("Deze cyclus beëindigen", "End this cycle")
    question = Text("Stoppen we met deze cyclus?", "Do we end this cycle?")
    purpose = Text(
        "Soms is het beter om te stoppen en later opnieuw te beginnen. Dat beslissen jullie samen. Wat jullie tot nu "
        "toe leerden, gaat mee naar de volgende cyclus.",
        "Sometimes it is better to stop, and to begin again later. You decide that together. What you have learned so "
        "far goes along to the next cycle.",
    )
    asks = (
        Text(
            "Schrijf in een paar zinnen op wat we tot nu toe leerden.",
            "Write in a few sentences what we have learned so far.",
        ),
        Text(
            "Leg het voor aan iedereen. Er is een week om te antwoorden.",
            "Put it to everybody. There is a week to answer.",
        ),
        Text(
            "Heeft niemand bezwaar, dan eindigt de cyclus. Alles blijft te lezen.",
            "If nobody objects, the cycle ends. Everything can still be read.",
        ),
    )
    empty = Text("Nog niemand stelde voor om te stoppen.", "Nobody has proposed to stop yet.")
    prompt = Text(
        "Wat weten, kunnen of vinden we nu, dat we eerst niet wisten?",
        "What do we know, can we do or do we believe now, that we did not before?",
    )
    waits = {CONSENT: (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered"))}
    stages = (
        Stage(SAY, Phase.RESPOND, StageKind.TOGETHER, Text("opschrijven wat we leerden", "write down what we learned"), Text("Leg dit voor", "Put this to everybody"), Text("Waarom stoppen we, en wat hebben we tot nu toe geleerd?", "Why do we stop, and what have we learned so far?"), Text("Schrijf het op in een paar zinnen en leg het voor.", "Write it down in a few sentences and put it to everybody."), minutes=5),
        Stage(CONSENT, Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Zijn we het eens dat deze cyclus nu eindigt?", "Do we agree that this cycle ends now?"), Text("Lees het voorstel en geef je antwoord.", "Read the proposal and give your answer."), minutes=5),
    )  # fmt: skip
    keeps = {Flow.LEARNED: Thing.DRAFT_TEXT, minority.KIND: Thing.MINORITY}
    deeds = (
        Deed("put", LearnedForm, frozenset({SAY}), put_to_all, Text("Je voorstel ligt nu bij iedereen.", "Your proposal is now with everybody."), drafts=True),
        Deed("answer", ConsentForm, frozenset({CONSENT}), answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("part", NothingForm, frozenset({SAY, CONSENT}), part, Text("Deze cyclus is beëindigd.", "This cycle has ended.")),
    )  # fmt: skip
    sentences = {
        "ending_unsaid": Text(
            "Een lid schrijft op wat jullie leerden en legt het voor. Daarna kunnen jullie beslissen.",
            "A member writes down what you learned and puts it to everybody. Then you can decide.",
        ),
        "ending_too_early": Text(
            "Dat kan pas vier weken nadat iedereen heeft kunnen antwoorden.",
            "That is possible four weeks after everybody had the chance to answer.",
        ),
        "ending_no_pair": Text(
            "Dat kan alleen als jullie met zijn tweeën zijn en een bezwaar na twee beslisrondes nog niet is opgelost. "
            "Slaap er daarna een nacht over.",
            "That is possible only if there are two of you, with an objection that two decision rounds did not solve. "
            "Then sleep on it for a night.",
        ),
    }

    def enter(self, turn: Turn) -> None:
        """The decision is about the text as it now stands."""
        if turn.run.stage == CONSENT:
            rounds.open_round(turn, consent.KIND, _learned(turn))

    def leave(self, turn: Turn) -> str:
        """A quorum's consent ends it; an objection takes it back to be said better."""
        if turn.run.stage == SAY:
            raise Refused("ending_unsaid")
        return CLOSED.name if consent.close(turn) else SAY

    def over(self, turn: Turn) -> None:
        """The cycle ends with it."""
        ending.end(turn, How.CONSENT)

    def done_members(self, turn: Turn) -> set[int]:
        """Who answered."""
        return consent.heard(turn, rounds.open_one(turn, consent.KIND)) if turn.run.stage == CONSENT else set()

    def task(self, turn: Turn) -> Task | None:
        """Answer."""
        if turn.participant is None or turn.run.stage != CONSENT or turn.participant.id in self.done_members(turn):
            return None
        return Task(Text("Geef antwoord: stoppen we met deze cyclus?", "Answer: do we end this cycle?"), 2)

    def spotlight(self, turn: Turn) -> list[str]:
        """The text."""
        learned = _learned(turn)
        return [learned.body["text"], *learned.body["lessons"]] if learned else []

    def outcome(self, turn: Turn) -> str | None:
        """What was learned, and then a lesson a line."""
        learned = _learned(turn) if turn.run.closed_at else None
        return "\n".join([" ".join(learned.body["text"].split()), *learned.body["lessons"]]) if learned else None

    def summary(self, turn: Turn) -> Shown:
        """The text, how the decision stands, and what there is where it does not come."""
        there = gate.gather(turn)
        learned = there.last(Flow.LEARNED)
        free, until = ending.free_from(turn), turn.run.closes_at
        return Shown(
            text=learned.body["text"] if learned else "",
            lessons=learned.body["lessons"] if learned else (),
            version=learned.version if learned else 0,
            decided=decided(turn, there),
            over=until is not None and until <= now(),
            free_from=free,
            free=free is not None and free <= now(),
            divided=turn.cycle.under_way and ending.is_pair_divided(turn),
            quorum=turn.circle.quorum,
        )
