"""The trail: everything an administrator or the operator did, one row each, by page and by command alike.

Written with what was done, and never changed: the database itself refuses it (migration 0032).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.models.school import SchoolAct


class Kind(StrEnum):
    """What was done; in brackets what is noted of it. A code of at most 32 characters."""

    ADMINISTRATOR_NAMED = "administrator_named"  # power; about whom
    ADMINISTRATOR_ENDED = "administrator_ended"  # power; about whom
    PROVISION_APPLIED = "provision_applied"  # lines: in the list; changed: how many of them
    PROVISION_BOUND = "provision_bound"  # line: which course it is, chosen by hand
    PROVISION_PICKED = "provision_picked"  # role; about whom: chosen by hand from the roster
    PROVISION_TAKEN_BACK = "provision_taken_back"  # role; about whom: no longer on the list


@dataclass(frozen=True)
class Actor:
    """Who does something to a school: an administrator, or with None the operator by a command."""

    person_id: int | None = None


OPERATOR = Actor()


def note(
    session: Session,
    kind: Kind,
    by: Actor,
    *,
    school_id: int | None = None,
    registration_id: int | None = None,
    course_id: int | None = None,
    community_id: int | None = None,
    about_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add what was done to the trail; detail: numbers and codes, never what somebody wrote or is called."""
    session.add(
        SchoolAct(
            kind=kind,
            person_id=by.person_id,
            school_id=school_id,
            registration_id=registration_id,
            course_id=course_id,
            community_id=community_id,
            about_id=about_id,
            detail=dict(detail or {}),
        )
    )
