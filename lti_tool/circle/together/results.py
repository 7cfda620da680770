"""What a round that has closed came to, as bars: dots, and how often each answer was given. Of an open one nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import rounds
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.reading import gate
from lti_tool.models import RoundKind
from lti_tool.text import Text

ANSWERS = {
    Answer.AGREE: Text("Akkoord", "Agreed"),
    Answer.CONCERN: Text("Akkoord, met een zorg", "Agreed, with a concern"),
    Answer.OBJECTION: Text("Bezwaar", "Objection"),
    Answer.ABSTAIN: Text("Onthouding", "Abstained"),
}


@dataclass(frozen=True)
class Bar:
    """One bar. number: what it stands for, None where that would show what each said; most: the longest of all."""

    words: Text | str
    number: int | None
    most: int


def bars(turn: Turn) -> Sequence[Bar]:
    """Of the newest round of the step, once it has closed; none while a later one is open."""
    last = rounds.newest(turn)
    if last is None or last.closed_at is None or last.came_late:
        return ()
    if last.kind == RoundKind.DOTS:
        got, there = gate.tally(turn, last), gate.gather(turn).items
        found = sorted(
            ((there[item].body["text"], each) for item, each in got.items() if item in there),
            key=lambda each: (-each[1].people, -each[1].dots, each[0]),
        )
        most = max((each.dots for _, each in found), default=0)
        return [Bar(words, each.dots if each.told else None, most) for words, each in found]
    if last.kind == RoundKind.CONSENT:
        given = gate.answers(turn, last).given
        if given is None:
            return ()
        return [Bar(words, given.get(answer, 0), max(given.values())) for answer, words in ANSWERS.items()]
    return ()
