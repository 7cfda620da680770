"""Restating a colleague's view: "if I understand you well, …", and the colleague says whether that is right.

What is said is between those two, for ever: nobody else reads a restatement or its answer. All together
they see one number, of the ones that were confirmed.
"""

from dataclasses import dataclass

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.mechanisms.merging import IDEA
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.ties import Tie

RESTATEMENT, ANSWER = "restatement", "restated"


@dataclass(frozen=True)
class Restated:
    """One restatement, for its writer or for the author of the idea. answer: "yes", "no", or "" while open."""

    id: int
    idea_id: int
    idea: str
    text: str
    version: int
    by: int
    answer: str
    words: str


def restate(turn: Turn, held: Gathered, idea_id: int, text: str) -> None:
    """Say a colleague's idea in one's own words: once for each idea, and again after "no, I mean it differently"."""
    idea = contributions.get(turn, IDEA, idea_id)
    if idea.member_id == turn.me.id:
        raise Refused("own_idea")
    contributions.refuse_blank_or_double(text, (each.text for each in by_me(turn, held)))
    earlier = next((each for each in by_me(turn, held) if each.idea_id == idea_id), None)
    if earlier is None:
        contributions.add(turn, RESTATEMENT, {"text": text}, [(Tie.RESTATES, idea)])
    elif earlier.answer == "no":
        contributions.revise(turn, held.items[earlier.id], {"text": text}, earlier.version)
    else:
        raise Refused("restated_already")


def confirm(turn: Turn, held: Gathered, restatement_id: int, answer: str, words: str, version: int) -> None:
    """Say of a restatement of one's own idea, in the version one read, whether that is how one meant it."""
    found = next((each for each in of_mine(turn, held) if each.id == restatement_id), None)
    if found is None:
        raise Refused("not_found")
    if found.version != version:
        raise Refused("changed_meanwhile")
    if found.answer:
        raise Refused("already_chosen")
    if answer == "no" and not contributions.says_something(words):
        raise Refused("missing")
    body = {"answer": answer, "text": words if answer == "no" else "", "version": version}
    contributions.add(turn, ANSWER, body, [(Tie.CONFIRMS, held.items[found.id])])


def by_me(turn: Turn, held: Gathered) -> list[Restated]:
    """What the member restated."""
    me = turn.member.id if turn.member else 0
    return [_read(held, item) for item in held.of(RESTATEMENT) if item.member_id == me and _idea(held, item)]


def of_mine(turn: Turn, held: Gathered) -> list[Restated]:
    """What others made of the member's own ideas."""
    me = turn.member.id if turn.member else 0
    return [_read(held, item) for item in held.of(RESTATEMENT) if (idea := _idea(held, item)) and idea.member_id == me]


def confirmed(turn: Turn) -> int | None:
    """How many were confirmed, of everybody together."""
    there = deciding.gather(turn)
    found = sum(_read(there, item).answer == "yes" for item in there.of(RESTATEMENT) if _idea(there, item))
    return gate.number(turn, Thing.RESTATEMENT, found)


def _idea(held: Gathered, item: Piece) -> Piece | None:
    return next(iter(held.linked_from(item, Tie.RESTATES)), None)


def _read(held: Gathered, item: Piece) -> Restated:
    idea = _idea(held, item)
    assert idea is not None
    given = [each for each in held.linked_to(item, Tie.CONFIRMS) if each.body["version"] == item.version]
    last = max(given, key=lambda each: each.created_at, default=None)
    answer = last.body if last is not None else {"answer": "", "text": ""}
    return Restated(
        id=item.id,
        idea_id=idea.id,
        idea=idea.body["text"],
        text=item.body["text"],
        version=item.version,
        by=item.member_id,
        answer=answer["answer"],
        words=answer["text"],
    )
