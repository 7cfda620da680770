"""Asking everybody about the yield: what somebody said, and what changed since they stood behind it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import endorsing, rounds
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.yields import CHOICES, LOOK_BACK, NEXT, YIELD
from lti_tool.models import Round
from lti_tool.steps.differing import Part, difference
from lti_tool.text import Text


@dataclass(frozen=True)
class Word:
    """One's own answer about the yield. missing: what it still lacks for who does not stand behind it yet."""

    answer: str
    missing: str


@dataclass(frozen=True)
class WentOn:
    """What is different in how it goes on. choice, day: as they were, None where they are the same. words: of the rest."""

    choice: Text | None
    day: dt.date | None
    words: Sequence[Part]


@dataclass(frozen=True)
class Endorsing:
    """How the asking about the yield stands. round: its id, which an answer names; again: it was asked before.

    renews: the reader stood behind it as it was before; changed: what is different in it since, went_on: in how it
    goes on.
    behind (None: that would show what each said), answered (how many people), of how many (circle; 0 where nobody kept
    that), and heard (of this member) are known once it has closed.
    """

    round: int
    again: bool
    my_word: Word | None
    still_missing: Sequence[str]
    renews: bool = False
    changed: Sequence[Part] = ()
    went_on: WentOn | None = None
    behind: int | None = None
    answered: int = 0
    circle: int = 0
    heard: bool = False


def first(there: Gathered, kind: str) -> Piece | None:
    """The one of a kind of which there is one."""
    return next(iter(there.of(kind)), None)


def shown(turn: Turn, there: Gathered, round_: Round) -> Endorsing:
    """How a round about the yield stands, for its reader."""
    own = gate.my_answer(turn, round_)
    found = Endorsing(
        round=round_.id,
        again=len(rounds.of_kind(turn, endorsing.KIND)) > 1,
        my_word=Word(own.answer, own.body.get("missing", "")) if own else None,
        still_missing=[row.body["missing"] for row in gate.said(turn, round_, endorsing.Say.NOT_YET)],
    )
    if round_.closed_at is None:
        stood = endorsing.stood_behind(turn, there, round_) if own is None else None
        if stood is None:
            return found
        return replace(found, renews=True, changed=_changed(turn, there, stood), went_on=_went_on(turn, there, stood))
    afterwards = endorsing.afterwards(there, round_)
    late = [item for item in afterwards if item.body["answer"] == endorsing.Say.ENDORSE]
    said = gate.behind(turn, round_, endorsing.Say.ENDORSE)
    behind = said.of(endorsing.Say.ENDORSE)
    return replace(
        found,
        behind=None if behind is None else behind + len(late),
        answered=said.people + len(afterwards),
        circle=round_.circle,
        heard=turn.member is not None and endorsing.heard(turn, there, round_, turn.member.id),
    )


def _changed(turn: Turn, there: Gathered, stood: Round) -> Sequence[Part]:
    """What is different in the yield since somebody stood behind it."""
    text = first(there, YIELD)
    if text is None or text.version == stood.subject_version:
        return ()
    was = next(each.body for each in gate.earlier(turn, text) if each.version == stood.subject_version)
    return difference(*("\n".join([body["text"], *(body.get("lessons") or ())]) for body in (was, text.body)))


def _went_on(turn: Turn, there: Gathered, stood: Round) -> WentOn | None:
    """What is different in how it goes on, and in when to look back; None where nothing is."""
    pieces = [piece for kind in (NEXT, LOOK_BACK) if (piece := first(there, kind)) is not None]
    now: dict[str, str] = {name: value for each in pieces for name, value in each.body.items()}
    was: dict[str, str] = {name: value for each in pieces for name, value in _when(turn, each, stood).items()}
    if was == now:
        return None
    lines = ["\n".join(body.get(name, "") for name in ("text", "what")) for body in (was, now)]
    return WentOn(
        choice=CHOICES[was["choice"]] if was["choice"] != now["choice"] else None,
        day=dt.date.fromisoformat(was["date"]) if was.get("date") != now.get("date") else None,
        words=difference(*lines),
    )


def _when(turn: Turn, item: Piece, stood: Round) -> Mapping[str, str]:
    """What a piece said as a round began."""
    before = [each for each in gate.earlier(turn, item) if each.until > stood.opened_at]
    return min(before, key=lambda each: each.version).body if before else item.body
