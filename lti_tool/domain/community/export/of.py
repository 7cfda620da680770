"""Whose rows an export shows, and how rows that point at somebody are shown."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from lti_tool.domain.hours import places
from lti_tool.domain.mechanisms import merging
from lti_tool.domain.school import schools
from lti_tool.models import Community, Cycle, LineItem, Member, ResourceLink, Round, StepRun
from lti_tool.models.hours import HoursCount, HoursEntry, HoursPot, HoursProof, HoursSuggestion
from lti_tool.models.voices import Attachment, Contribution, Link

Said = dict[str, Any] | None


@dataclass
class Of:
    """Whose rows are shown, and where in the community's cycles each of them belongs."""

    session: Session
    community: Community
    owner: Member

    @cached_property
    def school_id(self) -> int:
        """The school that the community belongs to."""
        return schools.of_course(self.session, self.community.course_id)

    @cached_property
    def cycles(self) -> dict[int, int]:
        """cycle id -> its number."""
        query = select(Cycle.id, Cycle.number).where(Cycle.community_id == self.community.id)
        return {row.id: row.number for row in self.session.execute(query)}

    @cached_property
    def runs(self) -> dict[int, dict[str, Any]]:
        """run id -> cycle and step."""
        query = select(StepRun.id, StepRun.cycle_id, StepRun.step).where(StepRun.cycle_id.in_(self.cycles))
        return {row.id: {"cycle": self.cycles[row.cycle_id], "step": row.step} for row in self.session.execute(query)}

    @cached_property
    def rounds(self) -> dict[int, dict[str, Any]]:
        """round id -> cycle and step."""
        query = select(Round.id, Round.step_run_id).where(Round.step_run_id.in_(self.runs))
        return {row.id: self.runs[row.step_run_id] for row in self.session.execute(query)}

    @cached_property
    def kinds(self) -> dict[int, dict[str, Any]]:
        """contribution id -> cycle, step and kind: of whatever this person wrote a version of."""
        query = select(Contribution.id, Contribution.step_run_id, Contribution.kind)
        rows = self.session.execute(query.where(Contribution.step_run_id.in_(self.runs)))
        return {row.id: self.runs[row.step_run_id] | {"kind": row.kind} for row in rows}

    @cached_property
    def columns(self) -> dict[int, dict[str, Any]]:
        """id of a column in the gradebook -> what it shows, and of which cycle and step."""
        query = (
            select(LineItem, ResourceLink)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
            .where(ResourceLink.course_id == self.community.course_id)
        )
        return {
            item.id: {"cycle": link.cycle_number, "step": link.step, "shows": item.kind, "period": item.period}
            for item, link in self.session.execute(query)
        }

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """Where this person sat in a pair or a four, and of how many: not with whom."""
        query = select(Contribution).where(
            Contribution.step_run_id.in_(self.runs),
            Contribution.kind == merging.GROUP,
            Contribution.withdrawn_at.is_(None),
        )
        rows = self.session.scalars(query.order_by(Contribution.created_at))
        return [
            self.runs[row.step_run_id] | {"stage": row.body["stage"], "people": len(row.body["members"])}
            for row in rows
            if self.owner.id in row.body["members"]
        ]

    @cached_property
    def ties(self) -> dict[int, list[str]]:
        """contribution id -> how it stands to other pieces, as far as it is this person's."""
        query = select(Link.from_id, Link.kind).join(Contribution, Contribution.id == Link.from_id)
        found: dict[int, list[str]] = {}
        for row in self.session.execute(query.where(Contribution.member_id == self.owner.id).order_by(Link.id)):
            found.setdefault(row.from_id, []).append(row.kind)
        return found

    @cached_property
    def files(self) -> dict[int, dict[str, Any]]:
        """contribution id -> its file, as far as it is this person's."""
        query = select(Attachment).join(Contribution, Contribution.id == Attachment.contribution_id)
        return {
            row.contribution_id: {"type": row.media_type, "bytes": row.size}
            for row in self.session.scalars(query.where(Contribution.member_id == self.owner.id))
        }

    @cached_property
    def pots(self) -> dict[int, str]:
        """id of a pot of hours -> its name."""
        here = or_(HoursPot.community_id == self.community.id, places.seen_in(self.community.id))
        query = select(HoursPot.id, HoursPot.name).where(here)
        return {row.id: row.name for row in self.session.execute(query)}

    @cached_property
    def counted(self) -> dict[int, list[dict[str, Any]]]:
        """entry id -> the rows of the ledger it has."""
        query = select(HoursCount).join(HoursEntry, HoursEntry.id == HoursCount.entry_id).order_by(HoursCount.id)
        found: dict[int, list[dict[str, Any]]] = {}
        for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id)):
            said = {"pot": self.pots.get(row.pot_id), "minutes": row.minutes, "overlap": row.overlap}
            if row.of_id is not None:
                said["of_closed_pot"] = self.pots.get(row.of_id)
            found.setdefault(row.entry_id, []).append(said | {"above": row.above, "at": time(row.at)})
        return found

    @cached_property
    def suggested(self) -> dict[int, dict[str, Any]]:
        """entry id -> the step that suggested it."""
        query = select(HoursSuggestion).join(HoursEntry, HoursEntry.id == HoursSuggestion.entry_id)
        return {
            row.entry_id: self.runs.get(row.step_run_id, {}) | {"action": row.piece or None}
            for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id))
        }

    @cached_property
    def proofs(self) -> dict[int, dict[str, Any]]:
        """entry id -> its proof."""
        query = select(HoursProof).join(HoursEntry, HoursEntry.id == HoursProof.entry_id)
        return {
            row.entry_id: {"type": row.media_type, "bytes": row.size}
            for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id))
        }


def _anywhere(_of: Of) -> tuple[ColumnElement[bool], ...]:
    return ()


@dataclass(frozen=True)
class Shown:
    """How rows that point at somebody are shown.

    name: of their list; "" for the one row that is said at the top. say: a row as plain values, None for one that is
    not this person's after all. within: what keeps a person's rows to this community; a member's are of it anyway.
    """

    name: str
    say: Callable[[Of, Any], Said]
    within: Callable[[Of], tuple[ColumnElement[bool], ...]] = _anywhere


def time(at: dt.datetime | None) -> str | None:
    """A moment in ISO 8601, to the second."""
    return at.isoformat(timespec="seconds") if at else None
