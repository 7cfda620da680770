"""Columns in the gradebook: of which kind, what they are called in the LMS, and what a person's value in one is.

Here a score's value comes from. A kind says it all; delivery asks the kind, and knows nothing of what it counts.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from lti_tool.domain import outbox
from lti_tool.models import Community, LineItem, Member, ResourceLink, Score, ScoreState, Standing
from lti_tool.text import Text


class Progress(StrEnum):
    """activityProgress as AGS 2.0, 3.4.9 names it."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"


@dataclass(frozen=True)
class Value:
    """What a column is to show of one person. score: above 0 and at most the kind's maximum; never a zero.

    None: nothing, any more. What was sent before is taken out of the column, and the cell is empty again. locale: of
    the community that this person has it from; "" for the column's.
    """

    score: float | None
    comment: Text
    progress: Progress
    locale: str = ""


@dataclass(frozen=True)
class Placement:
    """Where a column stands. called: how people know the placement, in its community's language `locale`."""

    link: ResourceLink
    called: str
    locale: str
    period: str


class Kind(Protocol):
    """A kind of column. name is stored with each; tag is what the LMS keeps with it (AGS 2.0, 3.1.4)."""

    name: str
    tag: str
    maximum: int
    # Grades closer than this are the same: columns rescale and round.
    same: float

    def resource_id(self, link: ResourceLink, period: str) -> str:
        """The name the column bears in the LMS: by it and the tag it is found again, also in a course's copy."""

    def standalone(self, link: ResourceLink, period: str) -> bool:
        """Whether the column belongs to no activity (a placement's second one, M22): only its name finds it."""

    def label(self, placement: Placement) -> str:
        """What people read above the column."""

    def values(
        self, session: Session, link: ResourceLink, period: str, people: Collection[int] | None
    ) -> Mapping[int, Value]:
        """Person id -> value, for these people or (None) for all; who has nothing to send is left out."""

    def said(self, comment: str) -> Collection[float]:
        """The scores that this kind sends with a comment, in whichever language; none for words of somebody else."""


KINDS: dict[str, Kind] = {}

# The reason of a score that the LMS answers 500 for again, while others of its column arrive (M61).
LOCKED = "probably_locked"
# The same where nothing arrives in its column, and something in others of the course.
ALL_LOCKED = "column_probably_locked"


def register(kind: Kind) -> None:
    """Make a kind known."""
    KINDS[kind.name] = kind


# Every form that earns something asks this. Built once, it is hot.
_KNOWN = select(LineItem).where(
    LineItem.resource_link_id == bindparam("link"),
    LineItem.kind == bindparam("kind"),
    LineItem.period == bindparam("period"),
)


_LOCKED = (
    select(ResourceLink.title, Score.reason, func.count(Score.id).label("many"))
    .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
    .join(Score, Score.line_item_id == LineItem.id)
    .join(Member, (Member.community_id == bindparam("community")) & (Member.person_id == Score.person_id))
    .where(ResourceLink.course_id == bindparam("course"), Member.standing != Standing.ELSEWHERE)
    .where(Score.reason.in_([LOCKED, ALL_LOCKED]))
    .group_by(ResourceLink.id, ResourceLink.title, Score.reason)
    .order_by(ResourceLink.id, Score.reason)
)


def known(session: Session, link: ResourceLink, kind: str, period: str = "") -> LineItem | None:
    """A placement's column of a kind and period; None while nobody asked for it."""
    return session.scalars(_KNOWN, {"link": link.id, "kind": kind, "period": period}).one_or_none()


def column(session: Session, link: ResourceLink, kind: str, period: str = "") -> LineItem:
    """The same, made when nobody asked for it before; the LMS hears of it when there is something to send."""
    found = known(session, link, kind, period)
    if found is None:
        insert = outbox.insert_for(session)
        values = {"resource_link_id": link.id, "kind": kind, "period": period, "url": "", "gone": False}
        session.execute(insert(LineItem).values(values).on_conflict_do_nothing())
        found = session.scalars(_KNOWN, {"link": link.id, "kind": kind, "period": period}).one()
    return found


def has_values(session: Session, link: ResourceLink, item: LineItem) -> bool:
    """Whether a column has anything to show, of anybody: nothing is made in the LMS before that, or against a choice
    that somebody made there meanwhile."""
    values = KINDS[item.kind].values(session, link, item.period, None).values()
    return any(each.score is not None for each in values)


def locked(session: Session, community: Community) -> list[tuple[str, int, bool]]:
    """The columns in which grades of a community's people are probably locked: what they are called, how many, whether
    all are."""
    rows = session.execute(_LOCKED, {"community": community.id, "course": community.course_id})
    return [(row.title, row.many, row.reason == ALL_LOCKED) for row in rows]


def put(session: Session, link: ResourceLink, item: LineItem, person_id: int) -> None:
    """Have a person's value sent to a column."""
    outbox.put(
        session,
        outbox.Kind.SCORE,
        f"{item.id}:{person_id}",
        deployment=link.deployment_id,
        column=item.id,
        person=person_id,
    )


def send_again(session: Session, course_id: int, person_id: int) -> None:
    """Have all of a person's scores in a course sent once more: who was gone from a course may have lost them there.

    Moodle drops the grades of whoever is unenrolled (recovergradesdefault), and refuses those sent meanwhile.
    """
    theirs = (
        select(Score, LineItem, ResourceLink)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.course_id == course_id, Score.person_id == person_id)
        .where(Score.state.in_([ScoreState.ARRIVED, ScoreState.REFUSED]))
    )
    for score, item, link in session.execute(theirs).all():
        # What was sent before stays known as ours: where the LMS kept it, it is no grade set by hand.
        score.state, score.payload, score.arrived, score.reason = ScoreState.WAITING, None, None, None
        put(session, link, item, person_id)


def look_for(session: Session, link: ResourceLink, item: LineItem) -> None:
    """Have a column found in the LMS, or made."""
    outbox.put(session, outbox.Kind.LINE_ITEM, str(item.id), deployment=link.deployment_id, column=item.id, make=True)


def look_again(
    session: Session, link: ResourceLink, item: LineItem, *, make: bool = False, due_at: dt.datetime | None = None
) -> None:
    """Have the stored address asked whether it is still a column, and the column looked for where it is none (M69).

    make: somebody chose anew that there is to be one. Otherwise none is made: somebody may not want it.
    """
    key = str(item.id)
    if make or not outbox.waiting(session, outbox.Kind.LINE_ITEM, key):
        ids = {"column": item.id, "make": make, "again": True}
        outbox.put(session, outbox.Kind.LINE_ITEM, key, deployment=link.deployment_id, due_at=due_at, **ids)


def forget(item: LineItem) -> None:
    """A column that is gone is to be found or made like one that never was, as soon as there is something to send."""
    item.url, item.gone = "", False


def set_url(session: Session, link: ResourceLink, item: LineItem, url: str) -> None:
    """Where a column is became known. A new one is empty: what arrived in another has not arrived here."""
    other = item.url != url
    # Both, whatever they were when they were read: a worker may say at this moment that the one before is gone.
    session.execute(update(LineItem).where(LineItem.id == item.id).values(url=url, gone=False))
    if other:
        # Also what is on its way to the other, and may yet arrive there (delivery.scores).
        session.execute(
            update(Score)
            .where(Score.line_item_id == item.id)
            .values(state=ScoreState.WAITING, reason=None, payload=None, tried=[], arrived=None, arrived_at=None)
        )
    catch_up(session, link, item)


def catch_up(session: Session, link: ResourceLink, item: LineItem) -> None:
    """Have everybody's value sent: some have earned it before there was a column."""
    for person_id in KINDS[item.kind].values(session, link, item.period, None):
        put(session, link, item, person_id)
