"""Acts: everything somebody did that changes things for others, one row each. Written with it, and never changed.

The database itself refuses to change or remove a row (migration 0004). Home tells those of them that all should know
(news); a person's own stand in that person's export.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lti_tool.models import Act, Cycle, Member, StepRun

# A code, never words: what somebody wrote stands in a contribution, which can be taken back.
LONGEST_CODE = 32


class Kind(StrEnum):
    """What was done; in brackets what is noted of it."""

    STAGE_MOVED = "stage_moved"  # was, to: what is hidden until then is revealed by it
    MOVE_TAKEN_BACK = "move_taken_back"  # was, to
    STEP_BEGUN = "step_begun"
    STEP_REOPENED = "step_reopened"  # to; nobody where an objection came late
    REOPENING_PROPOSED = "reopening_proposed"
    REOPENING_WITHDRAWN = "reopening_withdrawn"
    DATE_ANNOUNCED = "date_announced"  # until
    DATE_EXTENDED = "date_extended"  # until
    DATE_WITHDRAWN = "date_withdrawn"  # why, where the date came and the stage could not move
    NAMES_CHOSEN = "names_chosen"  # authors
    MEETING_BEGUN = "meeting_begun"
    MEETING_ENDED = "meeting_ended"
    CYCLE_BEGUN = "cycle_begun"
    CYCLE_PAUSED = "cycle_paused"  # until: the day on which it goes on
    CYCLE_RESUMED = "cycle_resumed"
    CYCLE_ENDED = "cycle_ended"  # ending; administrator, where a command did it
    STANDING_CHOSEN = "standing_chosen"  # standing, leads
    STANDING_CORRECTED = "standing_corrected"  # standing, leads
    LEAD_TAKEN_BACK = "lead_taken_back"
    ROLE_TAKEN = "role_taken"  # over: from how many who were not here, where it was taken over
    ROLE_NAMED = "role_named"
    ROLE_STOPPED = "role_stopped"
    ROLE_RESUMED = "role_resumed"
    ASKED_AGAIN = "asked_again"
    CIRCLE_LEFT = "circle_left"
    CIRCLE_JOINED_AGAIN = "circle_joined_again"
    CIRCLE_COUNTED = "circle_counted"  # number, was: how many colleagues there are, given by hand
    CIRCLE_BY_ROSTER = "circle_by_roster"  # belongs: whether the others of the course do, 0 or 1
    CIRCLE_WIDENED = "circle_widened"  # people: how many who had not opened it belong to it from now on
    COMMUNITY_SPLIT = "community_split"  # people: how many went to one of their own; new: 1 in that one
    COMMUNITY_JOINED = "community_joined"  # people: how many of another community sit here from now on
    HOLIDAYS_CHANGED = "holidays_changed"  # first: of the one that was entered or taken out; kept: how many there are
    ROSTER_ASKED = "roster_asked"
    COLUMN_ASKED = "column_asked"  # link
    TWINS_KEPT = "twins_kept"  # link: the first of them
    PLACED = (
        "placed"  # cycle, passback, beside, item_1, item_2 and so on: what was handed to the LMS (placing.hand_out)
    )
    POT_MADE = "pot_made"  # pot
    POT_STOPPED = "pot_stopped"  # pot
    POT_CARRIES = "pot_carries"  # pot; periods and surplus (0 or 1): what is carried over of it from now on
    POT_DECIDED = "pot_decided"  # pot: whose decision it is from now on, and how a paper of it rounds
    POT_HOLDER = "pot_holder"  # pot: from when on somebody belongs to it, and for how much; not who, nor for how much
    ACCOUNTS_PROPOSED = "accounts_proposed"  # join
    ACCOUNTS_AGREED = "accounts_agreed"  # join; joined: whether both said yes by now, 0 or 1
    ACCOUNTS_PARTED = "accounts_parted"  # join
    POT_CLOSED = "pot_closed"  # pot, next
    TARIFF_SET = "tariff_set"  # tariff
    POT_APPROVER = "pot_approver"  # pot; named: 1, or 0 for who approves no longer
    POT_APPROVER_OUTSIDE = "pot_approver_outside"  # the same, of somebody who is no member here
    SESSION_OPENED = "session_opened"  # session
    SESSION_CLOSED = "session_closed"  # session
    SESSION_ASSIGNED = "session_assigned"  # session, pot; assigned: 1, or 0 where that was taken back
    SESSION_CANCELLED = "session_cancelled"  # session
    LISTED = "listed"  # role; back: 1 where it was taken back; the school's list did so, so nobody of the community
    TEXT_HIDDEN = "text_hidden"  # nothing: neither whose it was nor what or where
    YIELD_SHARED = "yield_shared"  # community
    YIELD_TAKEN_BACK = "yield_taken_back"  # community


class Unnamed(StrEnum):
    """What is noted without any person, neither who did it nor whom it is about: the table refuses one."""

    SET_AWAY = "set_away"
    LEFT_OUT = "left_out"


def left_by_own_word() -> ColumnElement[bool]:
    """Of a query of members: whether the last that somebody said of it is that they leave the circle."""
    last = (
        select(Act.kind)
        .where(
            Act.community_id == Member.community_id,
            Act.member_id == Member.id,
            Act.kind.in_((Kind.CIRCLE_LEFT, Kind.CIRCLE_JOINED_AGAIN)),
        )
        .order_by(Act.id.desc())
        .limit(1)
        .correlate(Member)
    )
    return func.coalesce(last.scalar_subquery(), "") == Kind.CIRCLE_LEFT


def note(
    session: Session,
    community_id: int,
    kind: Kind,
    by: Member | None,
    *,
    about: Member | None = None,
    cycle: Cycle | None = None,
    run: StepRun | None = None,
    detail: Mapping[str, str | int] = MappingProxyType({}),
) -> None:
    """Note an act, in the transaction that does it. about: whom it concerns.

    by: who did it, None for the clock, and for an administrator who is no member here.
    """
    if any(isinstance(code, str) and (len(code) > LONGEST_CODE or " " in code) for code in detail.values()):
        raise ValueError(f"{kind}: an act holds codes, not words")
    _add(session, community_id, kind, by, about, cycle, run, detail)


def note_unnamed(session: Session, community_id: int, kind: Unnamed, *, cycle: Cycle | None = None) -> None:
    """Note that it happened, and when. There is no way to say here who did it or whom it was about."""
    _add(session, community_id, kind, None, None, cycle, None, {})


def _add(
    session: Session,
    community_id: int,
    kind: Kind | Unnamed,
    by: Member | None,
    about: Member | None,
    cycle: Cycle | None,
    run: StepRun | None,
    detail: Mapping[str, str | int],
) -> None:
    session.add(
        Act(
            community_id=community_id,
            kind=kind,
            member_id=by.id if by else None,
            about_id=about.id if about else None,
            cycle_id=cycle.id if cycle else None,
            step_run_id=run.id if run else None,
            detail=dict(detail),
        )
    )
