"""What is kept of somebody's hours, and of what they did with those of others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from lti_tool.domain.community.export.of import Of, Said, Shown, time
from lti_tool.models import Course
from lti_tool.models.hours import (
    HoursAct,
    HoursBalance,
    HoursEntry,
    HoursExport,
    HoursFigure,
    HoursFigurePart,
    HoursHanded,
    HoursPlan,
    HoursRole,
    HoursVisit,
)
from lti_tool.models.hours_sessions import HoursAssigned, HoursAttendance, HoursAttendanceNote, HoursSession, HoursTry


def _hours(of: Of, row: Any) -> Said:
    return {
        "id": row.id,
        "kind": row.kind,
        "learning": row.learning,
        "minutes": row.minutes,
        "day": row.day.isoformat(),
        "begins": time(row.begins_at),
        "ends": time(row.ends_at),
        "line": row.line,
        "provider": row.provider,
        "created": time(row.created_at),
        "counts": of.counted.get(row.id, []),
        "proof": of.proofs.get(row.id),
        "suggested_by": of.suggested.get(row.id),
    }


def _in_pots(of: Of) -> tuple[ColumnElement[bool], ...]:
    return (HoursRole.pot_id.in_(of.pots),)


def _of_hours_here(of: Of) -> tuple[ColumnElement[bool], ...]:
    here = select(HoursEntry.id).where(HoursEntry.community_id == of.community.id)
    return (HoursAct.entry_id.in_(here),)


def _of_sessions_here(session_id: InstrumentedAttribute[int], of: Of) -> ColumnElement[bool]:
    return session_id.in_(select(HoursSession.id).where(HoursSession.community_id == of.community.id))


def _noted_here(of: Of) -> tuple[ColumnElement[bool], ...]:
    here = select(HoursAttendance.id).where(_of_sessions_here(HoursAttendance.session_id, of))
    return (HoursAttendanceNote.attendance_id.in_(here),)


SHOWN: Mapping[str, Shown] = {
    # Its secret is nobody's: with it one could make letters.
    "hours_session.opened_by_id": Shown(
        "sessions_opened",
        lambda of, row: {
            "id": row.id,
            "title": row.title,
            "place": row.place,
            "day": row.day.isoformat(),
            "begins": time(row.begins_at),
            "ends": time(row.ends_at),
            "step": row.step,
            "cycle": of.cycles.get(row.cycle_id),
            "opened": time(row.made_at),
            "list_closed": time(row.closed_at),
            "cancelled": time(row.cancelled_at),
        },
        lambda of: (HoursSession.community_id == of.community.id,),
    ),
    "hours_assigned.by_id": Shown(
        "sessions_assigned",
        lambda of, row: (
            {"session": row.session_id, "pot": of.pots.get(row.pot_id)} | {"at": time(row.at), "until": time(row.until)}
        ),
        lambda of: (HoursAssigned.pot_id.in_(of.pots),),
    ),
    "hours_attendance.person_id": Shown(
        "sessions_attended",
        lambda _of, row: {
            "session": row.session_id,
            "came": time(row.came_at),
            "left": time(row.left_at),
            "present": row.present,
            "way": row.way,
            "attested": time(row.attested_at),
            "disputed": time(row.disputed_at),
            "entry": row.entry_id,
        },
        lambda of: (_of_sessions_here(HoursAttendance.session_id, of),),
    ),
    # Also what was said of a colleague's: the words are this person's, whose it is stays out.
    "hours_attendance_note.by_id": Shown(
        "sessions_said",
        lambda _of, row: {
            "attendance": row.attendance_id,
            "said": row.kind,
            "came": time(row.came_at),
            "left": time(row.left_at),
            "words": row.words,
            "at": time(row.at),
        },
        _noted_here,
    ),
    "hours_try.person_id": Shown(
        "letters_tried",
        lambda _of, row: {"session": row.session_id, "tries": row.tries},
        lambda of: (_of_sessions_here(HoursTry.session_id, of),),
    ),
    "hours_entry.person_id": Shown("hours", _hours, lambda of: (HoursEntry.community_id == of.community.id,)),
    # Also what was done with a colleague's entry: the words are this person's, the entry is not in it.
    "hours_act.by_id": Shown(
        "hours_done",
        lambda of, row: (
            {"entry": row.entry_id, "done": row.kind, "pot": of.pots.get(row.pot_id), "words": row.words}
            | {"became": row.next_id, "at": time(row.at)}
        ),
        _of_hours_here,
    ),
    # What is theirs in the figures that a school leader read; of others there is nothing in it.
    "hours_figure_part.person_id": Shown(
        "hours_in_figures",
        lambda of, row: {"figure": row.figure_id, "minutes": row.minutes},
        lambda of: (
            HoursFigurePart.figure_id.in_(select(HoursFigure.id).where(HoursFigure.community_id == of.community.id)),
        ),
    ),
    **{
        f"hours_join.{column}": Shown(
            name,
            lambda _of, row: {
                "join": row.id,
                "at": time(row.at),
                "first_yes": time(row.one_yes_at),
                "second_yes": time(row.other_yes_at),
                "ended": time(row.ended_at),
            },
        )
        for column, name in (
            ("one_id", "accounts_joined"),
            ("other_id", "accounts_joined_too"),
            ("by_id", "accounts_proposed"),
        )
    },
    "hours_balance.person_id": Shown(
        "hours_balances",
        lambda of, row: {
            "pot": of.pots.get(row.pot_id),
            "planned": row.planned,
            "came": row.came,
            "counted": row.counted,
            "unaccounted": row.unaccounted,
            "carried": row.carried,
            "carried_of": row.layers,
            "at": time(row.at),
        },
        lambda of: (HoursBalance.pot_id.in_(of.pots),),
    ),
    # What is in the file is others'; it is this person's that they asked for it.
    "hours_export.person_id": Shown(
        "hours_files",
        lambda _of, row: {"file": row.what, "asked_at": time(row.asked_at), "made_at": time(row.made_at)},
        lambda of: (HoursExport.community_id == of.community.id,),
    ),
    "hours_plan.person_id": Shown(
        "hours_plans",
        lambda of, row: {"pot": of.pots.get(row.pot_id), "minutes": row.minutes, "at": time(row.at)},
        lambda of: (HoursPlan.pot_id.in_(of.pots),),
    ),
    "hours_handed.person_id": Shown(
        "hours_addresses",
        lambda _of, row: {"at": time(row.at), "until": time(row.until)},
        lambda of: (HoursHanded.community_id == of.community.id,),
    ),
    "hours_visit.person_id": Shown(
        "hours_approve_opened",
        lambda _of, row: {"course": row.course, "at": time(row.at)},
        lambda of: (
            HoursVisit.deployment_id.in_(select(Course.deployment_id).where(Course.id == of.community.course_id)),
        ),
    ),
    "hours_role.person_id": Shown(
        "hours_roles",
        lambda of, row: {
            "pot": of.pots.get(row.pot_id),
            "role": row.role,
            "since": time(row.since),
            "until": time(row.until),
            "from_day": row.first_day.isoformat() if row.first_day else None,
            "to_day": row.last_day.isoformat() if row.last_day else None,
            "share": row.share,
            "minutes": row.minutes,
        },
        _in_pots,
    ),
}
