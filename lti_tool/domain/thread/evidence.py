"""Evidence: labelled #47, #23, ..., each with what it is about, its source, its lens, what it can and cannot tell."""

from collections.abc import Iterable, Mapping
from typing import Any

from lti_tool import chance
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import attachments, contributions, stakeholders
from lti_tool.domain.mechanisms.attachments import Upload
from lti_tool.domain.reading import deciding, gate
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.ties import Tie
from lti_tool.text import Text

EVIDENCE, WEIGHING = Flow.EVIDENCE, "weighing"
MOST = 20  # pieces one person brings in: enough, and no flood

SORTS = {
    "count": Text("een telling", "a count"),
    "quote": Text("een uitspraak", "a quote"),
    "observation": Text("iets wat ik zag", "something I saw"),
    "link": Text("een link", "a link"),
    "file": Text("een foto of bestand", "a photo or file"),
}
LENSES = {
    "teachers": Text("wat wij doen in de les", "what we do in class"),
    "pupils": Text("wat leerlingen laten zien", "what pupils show"),
    "culture": Text("de sfeer in de les", "the culture in class"),
    "collaboration": Text("hoe wij samenwerken", "how we work together"),
}
OWN = "own"
VOICES = {OWN: Text("wijzelf, of onze eigen cijfers", "ourselves, or our own figures"), **stakeholders.GROUPS}


def bring(turn: Turn, body: dict[str, Any], about: Piece | None, upload: Upload | None) -> Piece:
    """Add a piece of evidence, with a number that is drawn: one that counts up tells who was first.

    about: the question it helps with, None where no question was chosen.
    """
    if len(gate.mine(turn, EVIDENCE)) >= MOST:
        raise Refused("enough_evidence")
    number = draw_number(item.body["number"] for item in deciding.of_kind(turn, EVIDENCE))
    item = contributions.add(turn, EVIDENCE, {**body, "number": number}, [(Tie.ABOUT, about)] if about else [])
    attachments.attach(turn, item, upload)
    return item


def draw_number(taken: Iterable[int]) -> int:
    """A label's number that no other piece has: two digits, and three once half of those are given."""
    known = set(taken)
    among = range(10, 100) if len(known) < 45 else range(100, 1000)
    free = [each for each in among if each not in known]
    return free[chance.draw(0, len(free) - 1)]


def change(turn: Turn, item: Piece, body: dict[str, Any], about: Piece | None, version: int) -> None:
    """Change a piece of evidence; its number stays, and so does what it said before."""
    contributions.revise(turn, item, {**body, "number": item.body["number"]}, version)
    contributions.relink(turn, item, Tie.ABOUT, [about] if about else [])


def take_back(turn: Turn, item: Piece) -> None:
    """Take evidence back; Refused("evidence_used") once something that was seen in it hangs on it."""
    if deciding.hangs_on(turn, item, Tie.EVIDENCE_OF):
        raise Refused("evidence_used")
    contributions.withdraw(turn, item)


def label(body: Mapping[str, Any]) -> str:
    """How a piece of evidence is called: its number, #47."""
    return f"#{body.get('number', '')}"


def words(body: Mapping[str, Any]) -> str:
    """What a piece of evidence says, in one line: a count with its unit first."""
    said = str(body.get("text", ""))
    return f"{body['amount']} {body['unit']}: {said}" if body.get("amount") else said


def from_outside(item: Piece) -> bool:
    """Whether somebody outside the community speaks in it (requirement C4)."""
    return bool(item.body["voice"] != OWN)


def obstacles(held: Gathered, questions: list[Piece], planned: set[int]) -> list[Refused]:
    """Why it cannot be asked yet whether this is enough. planned: ids of questions whose source was agreed on."""
    evidence = held.of(EVIDENCE)
    if not evidence:
        return [Refused("no_evidence")]
    found = []
    covered = planned | {question.id for item in evidence for question in held.linked_from(item, Tie.ABOUT)}
    if any(question.id not in covered for question in questions):
        found.append(Refused("question_uncovered"))
    if not any(from_outside(item) for item in evidence) and not held.of(stakeholders.NO_VOICE):
        found.append(Refused("no_voice_yet"))
    return found
