"""Evidence: numbered E1, E2, ..., each with what it is about, its source, its lens, and what it can and cannot tell."""

from typing import Any

from sqlalchemy import func, select

from lti_tool.domain import Refused, attachments, contributions, stakeholders
from lti_tool.domain.attachments import Upload
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.interpreting import EVIDENCE_OF
from lti_tool.models import Attachment, Contribution, Link
from lti_tool.text import Text

STEP, EVIDENCE, WEIGHING = "information", "evidence", "weighing"
ABOUT, WEIGHS = "about", "weighs"
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


def bring(turn: Turn, body: dict[str, Any], about: Contribution, upload: Upload | None) -> Contribution:
    """Add a piece of evidence, with the next number. A number is given once: taking back leaves a gap."""
    if len(contributions.mine(turn, EVIDENCE)) >= MOST:
        raise Refused("enough_evidence")
    given = select(func.count(Contribution.id)).filter_by(step_run_id=turn.run.id, kind=EVIDENCE)
    number = turn.session.scalars(given).one() + 1
    item = contributions.add(turn, EVIDENCE, {**body, "number": number}, [(ABOUT, about)])
    attachments.attach(turn, item, upload)
    return item


def change(turn: Turn, item: Contribution, body: dict[str, Any], about: Contribution, version: int) -> None:
    """Change a piece of evidence; its number stays, and so does what it said before."""
    contributions.revise(turn, item, {**body, "number": item.body["number"]}, version)
    contributions.relink(turn.session, item, ABOUT, [about])


def take_back(turn: Turn, item: Contribution) -> None:
    """Take evidence back; Refused("evidence_used") once something that was seen in it hangs on it."""
    seen_in = (
        select(Link.id)
        .join(Contribution, Contribution.id == Link.from_id)
        .where(Link.to_id == item.id, Link.kind == EVIDENCE_OF, Contribution.withdrawn_at.is_(None))
        .limit(1)
    )
    if turn.session.scalar(seen_in) is not None:
        raise Refused("evidence_used")
    contributions.withdraw(turn, item)


def words(body: dict[str, Any]) -> str:
    """What a piece of evidence says, in one line: a count with its unit first."""
    said = str(body.get("text", ""))
    return f"{body['amount']} {body['unit']}: {said}" if body.get("amount") else said


def from_outside(item: Contribution) -> bool:
    """Whether somebody outside the community speaks in it (requirement C4)."""
    return bool(item.body["voice"] != OWN)


def obstacles(held: Gathered, questions: list[Contribution], planned: set[int]) -> list[Refused]:
    """Why it cannot be asked yet whether this is enough. planned: ids of questions whose source was agreed on."""
    evidence = held.of(EVIDENCE)
    if not evidence:
        return [Refused("no_evidence")]
    found = []
    covered = planned | {question.id for item in evidence for question in held.linked_from(item, ABOUT)}
    if any(question.id not in covered for question in questions):
        found.append(Refused("question_uncovered"))
    if not any(from_outside(item) for item in evidence) and not held.of(stakeholders.NO_VOICE):
        found.append(Refused("no_voice_yet"))
    return found


def files(turn: Turn, held: Gathered) -> dict[int, Attachment]:
    """evidence id -> its file."""
    return attachments.of(turn, (item.id for item in held.of(EVIDENCE) if item.body["sort"] == "file"))
