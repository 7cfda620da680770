"""The days that matter: when a stage ends, how far the ambition looks, by when who does what, when to look back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lti_tool.db import now
from lti_tool.domain.cycle import Turn, restart
from lti_tool.domain.reading import gate
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import StepRun
from lti_tool.text import Text


@dataclass(frozen=True)
class Day:
    """A day, what it is for, and in whose words (words: somebody's own). mine: something of the reader's own.

    who: who does it, where that was asked for.
    """

    day: dt.date
    what: Text
    words: str = ""
    mine: bool = False
    who: Sequence[Text] = ()


HORIZON = Text("We kijken of onze ambitie is gelukt.", "We look at whether our ambition has come true.")
ACTION = Text("Actie klaar:", "Action done:")
LOOKING_BACK = Text("Doen we dit nog?", "Do we still do this?")


def of_ambition(turn: Turn) -> list[Day]:
    """How far the adopted ambition looks: that anybody may know who may read the ambition."""
    horizon = restart.kept(turn)[turn.cycle.number].horizon
    return [Day(horizon, HORIZON)] if horizon else []


def of_community(turn: Turn, runs: Mapping[str, StepRun], *, named: bool = False) -> list[Day]:
    """All days of the cycle that its community has fixed, the next one first. named: with who does what."""
    found = of_ambition(turn)
    taken = runs.get(turn.steps.keeping(Flow.ACTION).name)
    if taken is not None and taken.closed_at is not None:
        me = turn.member.id if turn.member else 0
        for card in actions.cards(gate.of_cycle(turn, Flow.ACTION, Flow.OWNER, Flow.BUDDY, Flow.RESULT)):
            if card.day and card.result is None:
                mine = me in (*card.owners, *card.buddies)
                who = [turn.people[each].name for each in card.owners] if named else []
                found.append(Day(card.day, ACTION, str(card.item.body["what"]), mine, who))
    for left in restart.kept(turn).values():
        # Once its day has come, home asks it in so many words.
        if left.look_back and left.look_back.day > now().date():
            found.append(Day(left.look_back.day, LOOKING_BACK, left.look_back.what))
    return sorted(found, key=lambda each: each.day)
