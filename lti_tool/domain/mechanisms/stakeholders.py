"""Who outside the community sees this differently, who asks them, and when. Nobody is assigned: one takes it on."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.text import Text

VOICE, NO_VOICE = "stakeholder", "no_voice"
MOST = 5  # that one person takes on

GROUPS = {
    "pupils": Text("leerlingen", "pupils"),
    "parents": Text("ouders", "parents"),
    "employers": Text("werkgevers en stagebedrijven", "employers and internships"),
    "support": Text("ondersteunend personeel", "support staff"),
    "research": Text("onderzoek", "research"),
    "other": Text("iemand anders", "somebody else"),
}


@dataclass(frozen=True)
class Voice:
    """Somebody outside who is asked, and who asks them by when. name: of whom is asked, where one was given."""

    id: int
    group: Text
    question: str
    day: dt.date
    name: str
    asks: Text
    mine: bool


@dataclass(frozen=True)
class Nobody:
    """Why nobody outside is asked."""

    reason: str
    version: int


def take_on(turn: Turn, group: str, question: str, day: dt.date, name: str) -> None:
    """Take it on oneself to ask somebody outside."""
    own = gate.mine(turn, VOICE)
    contributions.refuse_blank_or_double(question, (each.body["question"] for each in own))
    if len(own) >= MOST:
        raise Refused("enough_voices")
    body = {"group": group, "question": question, "date": day.isoformat(), "name": name}
    contributions.add(turn, VOICE, body)


def drop(turn: Turn, voice_id: int) -> None:
    """Take back what one took on."""
    contributions.withdraw(turn, contributions.get_mine(turn, VOICE, voice_id))


def ask_nobody(turn: Turn, reason: str, version: int) -> None:
    """Say for the community why nobody outside is asked, or say it better."""
    contributions.refuse_blank_or_double(reason, ())
    found = deciding.of_kind(turn, NO_VOICE)
    if found:
        contributions.revise(turn, found[-1], {"reason": reason}, version)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, NO_VOICE, {"reason": reason})


def obstacles(held: Gathered) -> list[Refused]:
    """Why a decision cannot be asked yet: nobody in particular is asked outside, and no reason is given.

    The reason stands with the text that all decide on, and changes no more while they do.
    """
    somebody = any(contributions.says_something(each.body.get("name", "")) for each in held.of(VOICE))
    if somebody or held.of(NO_VOICE):
        return []
    return [Refused("no_outside_voice")]


def voices(turn: Turn, items: Iterable[Piece]) -> list[Voice]:
    """Who is asked what, by whom and when: soonest first."""
    return sorted((_voice(turn, item) for item in items), key=lambda each: (each.day, each.id))


def _voice(turn: Turn, item: Piece) -> Voice:
    return Voice(
        id=item.id,
        group=GROUPS[item.body["group"]],
        question=item.body["question"],
        day=dt.date.fromisoformat(item.body["date"]),
        name=item.body["name"],
        asks=turn.people[item.member_id].name,
        mine=turn.member is not None and item.member_id == turn.member.id,
    )


def nobody(held: Gathered) -> Nobody | None:
    """The reason that stands, if nobody is asked."""
    found = held.of(NO_VOICE)
    return Nobody(found[-1].body["reason"], found[-1].version) if found else None
