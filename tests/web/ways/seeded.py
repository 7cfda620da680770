"""Steps 4 to 6 as rows, without their pages: for what is read from all six steps."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.models import Cycle, Member, Round, StepRun
from lti_tool.models.voices import Contribution, Link

CONSEQUENCE = {"if": "samen lezen", "then": "rust in de les", "notice": "minder vragen", "source": "point"}
ACTION = {"what": "elke dag tien minuten lezen", "sign": "ze pakken zelf een boek", "date": "2027-02-01", "hours": 4}
LOG = {
    "done": "drie keer gelezen", "seen": "het werd stil", "pupils": "mag het nog eens?", "course": "keep",
    "worked": "yes", "because": "", "lens": "pupils",
}  # fmt: skip
RESULT = {"ended": "done", "learned": "tien minuten is genoeg", "lens": "culture"}


class Seeded:
    """A cycle whose steps 4 to 6 are written straight into the tables."""

    def __init__(self, session: Session, cycle: Cycle, members: list[Member]) -> None:
        self.session, self.cycle, self.members = session, cycle, members

    def run(self, step: str, closed: bool = True) -> StepRun:
        """A step's run, opened if it was not."""
        found = self.session.scalar(select(StepRun).filter_by(cycle_id=self.cycle.id, step=step))
        if found is None:
            found = StepRun(cycle_id=self.cycle.id, step=step, stage="closed")
            self.session.add(found)
        if closed and found.closed_at is None:
            found.stage, found.closed_at = "closed", now()
        self.session.flush()
        return found

    def add(self, step: str, kind: str, body: dict[str, Any], who: int = 0, **links: Any) -> Contribution:
        """A contribution. links: kind of link, underscores for spaces -> what it leads to, one or several."""
        item = Contribution(step_run_id=self.run(step).id, kind=kind, member_id=self.members[who].id, body=body)
        self.session.add(item)
        self.session.flush()
        for name, ends in links.items():
            for end in ends if isinstance(ends, list) else [ends]:
                self.session.add(Link(from_id=item.id, to_id=end.id, kind=name.replace("_", " ")))
        self.session.flush()
        return item

    def of(self, step: str, kind: str) -> list[Contribution]:
        """What stands of a kind, oldest first."""
        query = (
            select(Contribution)
            .join(StepRun, StepRun.id == Contribution.step_run_id)
            .where(StepRun.cycle_id == self.cycle.id, StepRun.step == step, Contribution.kind == kind)
            .where(Contribution.withdrawn_at.is_(None))
            .order_by(Contribution.created_at)
        )
        return list(self.session.scalars(query))

    def action(
        self, points: list[Contribution], owners: tuple[int, ...] = (0,), buddies: tuple[int, ...] = (), **changes: Any
    ) -> Contribution:
        """A proposal from these points (none: a new idea), and the action that makes it real."""
        source = {"source": "point" if points else "new"}
        proposal = self.add("consequences", "consequence", {**CONSEQUENCE, **source}, follows_from=points)
        made = self.add("consequences", "action", {**ACTION, **changes}, realises=proposal)
        for who in owners:
            self.add("consequences", "owner", {}, who, owns=made)
        for who in buddies:
            self.add("consequences", "buddy", {}, who, buddies=made)
        return made

    def log(self, action: Contribution, who: int = 0, **changes: Any) -> Contribution:
        """Somebody tells of it."""
        return self.add("actions", "log", {**LOG, **changes}, who, about=action)

    def result(self, action: Contribution, **changes: Any) -> Contribution:
        """How it ended."""
        return self.add("actions", "result", {**RESULT, **changes}, ends=action)

    def card(self, ends: list[Contribution], text: str, who: int = 0) -> Contribution:
        """What was learned from these."""
        return self.add("evaluation", "card", {"sort": "know", "text": text}, who, learned_from=ends)

    def verdict(self, ends: list[Contribution], text: str = "we zijn halverwege") -> Contribution:
        """Whether the ambition has come true."""
        return self.add("evaluation", "verdict", {"answer": "partly", "text": text}, evidence_of=ends)

    def outcome(self, text: str = "Samen lezen brengt rust.", endorsed: bool = True, who: int = 0) -> Contribution:
        """The yield; endorsed, or not yet."""
        made = self.add("evaluation", "yield", {"text": text, "lessons": ["Begin klein."]}, who)
        said = "endorsed" if endorsed else None
        self.session.add(
            Round(
                step_run_id=made.step_run_id, kind="endorse", subject_id=made.id, subject_version=made.version,
                closed_at=now() if endorsed else None, outcome=said,
            )
        )  # fmt: skip
        self.session.flush()
        return made


def whole(seeded: Seeded) -> tuple[Contribution, Contribution]:
    """Two actions with all that belongs to them, from a closed step 3: one of a point, one new."""
    point = seeded.of("interpretation", "attention")[0]
    evidence = seeded.of("information", "evidence")[0]
    first = seeded.action([point], owners=(0, 1))
    second = seeded.action([], owners=(2,), what="een leeshoek maken")
    seeded.log(first)
    seeded.log(first, 1, done="een keer overgeslagen", worked="no", because="het rooster liep uit", lens="teachers")
    result = seeded.result(first)
    seeded.card([result], "stilte komt na drie minuten")
    seeded.card([], "we durven elkaar te vragen")
    seeded.verdict([evidence, result])
    seeded.outcome()
    return first, second
