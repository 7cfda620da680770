"""Everything a community stores of one of its people, for that person alone."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import journal, totals
from lti_tool.models import (
    Attachment,
    Community,
    Consent,
    Contribution,
    Cycle,
    Dot,
    Draft,
    Member,
    Moment,
    Note,
    Person,
    Round,
    StepRun,
    YieldShare,
)


def everything(session: Session, community: Community, owner: Member) -> dict[str, Any]:
    """Plain lists and texts; times in ISO 8601, UTC."""
    person = session.get_one(Person, owner.person_id)
    where = {
        run.id: {"cycle": cycle.number, "step": run.step}
        for run, cycle in session.execute(
            select(StepRun, Cycle).join(Cycle, Cycle.id == StepRun.cycle_id).where(Cycle.community_id == community.id)
        )
    }
    files = {
        row.contribution_id: {"name": row.name, "type": row.media_type, "bytes": row.size}
        for row in session.scalars(
            select(Attachment)
            .join(Contribution, Contribution.id == Attachment.contribution_id)
            .where(Contribution.member_id == owner.id)
        )
    }
    contributions = [
        where[row.step_run_id]
        | {
            "kind": row.kind,
            "version": row.version,
            "content": row.body,
            "created": _time(row.created_at),
            "changed": _time(row.updated_at),
            "withdrawn": _time(row.withdrawn_at),
            "file": files.get(row.id),
        }
        for row in _of(session, Contribution, owner)
        if row.kind not in totals.PUBLISHED
    ]
    rounds = {row.id: row for row in session.scalars(select(Round).where(Round.step_run_id.in_(where)))}
    answers = [
        where[rounds[row.round_id].step_run_id] | {"answer": row.answer, "words": row.body, "at": _time(row.at)}
        for row in _of(session, Consent, owner)
        if row.round_id in rounds
    ]
    dots = [
        where[rounds[row.round_id].step_run_id] | {"contribution": row.contribution_id, "dots": row.count}
        for row in _of(session, Dot, owner)
        if row.round_id in rounds
    ]
    return {
        "community": community.name,
        "name": person.name,
        "number": owner.number,
        "joined": _time(owner.joined_at),
        "takes_part_as": owner.standing,
        "facilitates": owner.facilitates,
        "leads": owner.leads,
        "ask_me_about": owner.ask_me,
        "contributions": contributions,
        "dots": dots,
        "decisions": answers,
        "participation": [
            where[row.step_run_id] | {"moment": row.kind, "at": _time(row.at)} for row in _of(session, Moment, owner)
        ],
        "notes_to_confirm": [where[row.step_run_id] | {"content": row.body} for row in _of(session, Note, owner)],
        "yields_shared": [
            {"cycle": row.number, "content": row.YieldShare.body, "at": _time(row.YieldShare.at)}
            for row in session.execute(
                select(YieldShare, Cycle.number)
                .join(Cycle, Cycle.id == YieldShare.cycle_id)
                .where(YieldShare.member_id == owner.id)
                .order_by(YieldShare.id)
            )
        ],
        "drafts": [{"content": row.body, "kept": _time(row.saved_at)} for row in _of(session, Draft, owner)],
        "journal": [
            {"text": row.text, "created": _time(row.created_at), "changed": _time(row.updated_at)}
            for row in reversed(journal.entries(session, owner))
        ],
    }


def _of(session: Session, table: Any, owner: Member) -> list[Any]:
    return list(session.scalars(select(table).where(table.member_id == owner.id).order_by(table.id)))


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
