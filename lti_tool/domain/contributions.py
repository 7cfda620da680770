"""What members bring in: adding, changing, withdrawing, and who may read it when."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.cycle import Phase, Stage, Turn
from lti_tool.models import Attachment, Contribution, Link, Member, Revision, StepRun

# What an id can be in a column of either database; more than this is nobody's.
MAX_ID = 2**31 - 1


def add(
    turn: Turn,
    kind: str,
    body: dict[str, Any],
    links: Iterable[tuple[str, Contribution]] = (),
    by: Member | None = None,
) -> Contribution:
    """Bring something in; links: (kind, other contribution of the same community).

    by: who brings it in, where that is nobody who takes part (a school leader's frame).
    """
    item = Contribution(step_run_id=turn.run.id, kind=kind, member_id=(by or turn.me).id, body=body)
    turn.session.add(item)
    turn.session.flush()
    for link_kind, other in links:
        turn.session.add(Link(from_id=item.id, to_id=other.id, kind=link_kind))
    return item


def revise(
    turn: Turn, item: Contribution, body: dict[str, Any], expected_version: int, by: Member | None = None
) -> None:
    """Change a contribution; the older body is kept. Refused("changed_meanwhile") if it is not the version seen.

    by: who changes it, where that is nobody who takes part (a school leader's answer).
    """
    if item.version != expected_version:
        raise Refused("changed_meanwhile")
    turn.session.add(Revision(contribution_id=item.id, version=item.version, member_id=item.member_id, body=item.body))
    item.body, item.version, item.member_id, item.updated_at = body, item.version + 1, (by or turn.me).id, now()


def withdraw(turn: Turn, item: Contribution) -> None:
    """Take a contribution back; its row stays for those who answered it, its text goes in every version."""
    item.withdrawn_at, item.body = now(), {}
    turn.session.execute(delete(Revision).where(Revision.contribution_id == item.id))
    turn.session.execute(delete(Attachment).where(Attachment.contribution_id == item.id))


def mine(turn: Turn, kind: str) -> Sequence[Contribution]:
    """The member's own contributions of a kind, oldest first."""
    return [item for item in of_kind(turn, kind) if turn.member and item.member_id == turn.member.id]


def get_mine(turn: Turn, kind: str, item_id: int) -> Contribution:
    """One of the member's own contributions; Refused("not_found") for anybody else's."""
    item = get(turn, kind, item_id)
    if item.member_id != turn.me.id:
        raise Refused("not_found")
    return item


def get(turn: Turn, kind: str, item_id: int) -> Contribution:
    """A contribution of this step's run; Refused("not_found") for one of any other."""
    if not 0 < item_id <= MAX_ID:
        raise Refused("not_found")
    item = turn.session.scalar(
        select(Contribution).where(
            Contribution.id == item_id,
            Contribution.step_run_id == turn.run.id,
            Contribution.kind == kind,
            Contribution.withdrawn_at.is_(None),
        )
    )
    if item is None:
        raise Refused("not_found")
    return item


def of_kind(turn: Turn, kind: str) -> Sequence[Contribution]:
    """All contributions of a kind, whoever's: for counting and deciding, never for showing while hidden."""
    return turn.session.scalars(
        select(Contribution)
        .where(Contribution.step_run_id == turn.run.id, Contribution.kind == kind, Contribution.withdrawn_at.is_(None))
        .order_by(Contribution.id)
    ).all()


def of_step(turn: Turn, step: str, *kinds: str) -> Sequence[Contribution]:
    """All contributions of these kinds in another step of the same cycle, oldest first: what flows on from it."""
    query = (
        select(Contribution)
        .join(StepRun, StepRun.id == Contribution.step_run_id)
        .where(
            StepRun.cycle_id == turn.cycle.id,
            StepRun.step == step,
            Contribution.kind.in_(kinds),
            Contribution.withdrawn_at.is_(None),
        )
        .order_by(Contribution.id)
    )
    return turn.session.scalars(query).all()


def get_of_step(turn: Turn, step: str, kind: str, item_id: int) -> Contribution:
    """One contribution of a kind in another step of the same cycle; Refused("not_found") for any other."""
    item = next((each for each in of_step(turn, step, kind) if each.id == item_id), None)
    if item is None:
        raise Refused("not_found")
    return item


def revisions(turn: Turn, item: Contribution) -> Sequence[Revision]:
    """What a contribution said in its earlier versions, newest first."""
    query = select(Revision).where(Revision.contribution_id == item.id).order_by(Revision.version.desc())
    return turn.session.scalars(query).all() if item.version > 1 else []


# Answers to a survey, the pulse, the conditions check: in no stage read by anybody but who gave them. What is
# published of them is what domain/totals.py makes of all together.
PRIVATE = ("survey", "pulse", "answers")

# Every step's page asks these. Built once, they are hot.
_ALL = (
    select(Contribution, Link)
    .outerjoin(Link, Link.from_id == Contribution.id)
    .where(
        Contribution.step_run_id == bindparam("run"),
        Contribution.withdrawn_at.is_(None),
        Contribution.kind.not_in(PRIVATE) | (Contribution.member_id == bindparam("member")),
    )
    .order_by(Contribution.id, Link.id)
)
_OWN = _ALL.where(Contribution.member_id == bindparam("member"))
_AUTHORS = (
    select(Contribution.member_id)
    .where(
        Contribution.step_run_id == bindparam("run"),
        Contribution.kind == bindparam("kind"),
        Contribution.withdrawn_at.is_(None),
    )
    .distinct()
)


def visible(turn: Turn, stage: Stage) -> tuple[list[Contribution], list[Link]]:
    """What the member may read of a run, and its links: while all write alone, only their own (the facilitator too).

    What is private stays so in every stage.
    """
    keys = {"run": turn.run.id, "member": turn.member.id if turn.member else 0}
    rows = turn.session.execute(_OWN if stage.phase == Phase.ALONE else _ALL, keys).all()
    return list(dict.fromkeys(item for item, _ in rows)), [link for _, link in rows if link is not None]


def author_ids(turn: Turn, kind: str) -> set[int]:
    """Ids of the members who brought in something of a kind: people, not posts."""
    return set(turn.session.scalars(_AUTHORS, {"run": turn.run.id, "kind": kind}))


def targets(links: Iterable[Link], kind: str) -> dict[int, list[int]]:
    """to -> [from, ...] of the links of a kind."""
    found: dict[int, list[int]] = {}
    for link in links:
        if link.kind == kind:
            found.setdefault(link.to_id, []).append(link.from_id)
    return found


def relink(session: Session, item: Contribution, kind: str, to: Iterable[Contribution]) -> None:
    """Replace a contribution's links of a kind."""
    session.execute(delete(Link).where(Link.from_id == item.id, Link.kind == kind))
    session.add_all(Link(from_id=item.id, to_id=other.id, kind=kind) for other in to)


def says_something(text: str) -> bool:
    """Whether there is a word in it, or a number: not only dots, dashes and invisible characters."""
    return any(character.isalnum() for character in text)


def refuse_blank_or_double(text: str, others: Iterable[str]) -> None:
    """Refused for a text that says nothing, or what the member said before: extra posts earn nothing."""
    if not says_something(text):
        raise Refused("blank")
    folded = " ".join(text.casefold().split())
    if folded in {" ".join(other.casefold().split()) for other in others}:
        raise Refused("said_already")
