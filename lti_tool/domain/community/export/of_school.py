"""What a school keeps of who administers it, and of whom its list of courses names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.sql import ColumnElement

from lti_tool.domain.community.export.of import Of, Shown, time
from lti_tool.models.provision import ProvisionLine, ProvisionPart
from lti_tool.models.school import Administrator, AdministratorRequest, SchoolAct, Setting


def _power(_of: Of, row: Administrator) -> dict[str, Any]:
    return {"power": row.power, "since": time(row.named_at), "until": time(row.ended_at)}


def _set(_of: Of, row: Setting) -> dict[str, Any]:
    return {"setting": row.name, "value": row.value, "at": time(row.set_at)}


def _asked(_of: Of, row: AdministratorRequest) -> dict[str, Any]:
    return {"asked_at": time(row.asked_at), "answered_at": time(row.answered_at), "granted": row.granted}


def _done(_of: Of, row: SchoolAct) -> dict[str, Any]:
    return {"kind": row.kind, "detail": row.detail, "at": time(row.at)}


def _of_school(table: Any) -> Callable[[Of], tuple[ColumnElement[bool], ...]]:
    return lambda of: (table.school_id == of.school_id,)


# What somebody is and did for the school of the community. About whom stands in the export of those.
_FOR_SCHOOL: Sequence[tuple[Any, str, str, Callable[[Of, Any], dict[str, Any]]]] = (
    (Administrator, "person_id", "administers", _power),
    (Administrator, "named_by", "administrators_named", _power),
    (AdministratorRequest, "person_id", "asked_to_administer", _asked),
    (SchoolAct, "person_id", "done_for_the_school", _done),
    (SchoolAct, "about_id", "done_for_the_school_about_me", _done),
    (Setting, "set_by", "settings_chosen", _set),
)

SHOWN: Mapping[str, Shown] = {
    **{
        f"{table.__tablename__}.{column}": Shown(called, show, _of_school(table))
        for table, column, called, show in _FOR_SCHOOL
    },
    "provision_part.person_id": Shown(
        "on_the_school_list",
        lambda _of, row: {"role": row.role, "since": time(row.since), "in_force_at": time(row.in_force_at)},
        lambda of: (
            ProvisionPart.line_id.in_(
                select(ProvisionLine.id)
                .where(ProvisionLine.course_id == of.community.course_id)
                .where(
                    ProvisionLine.community_id.is_not_distinct_from(of.community.id if of.community.group_id else None)
                )
            ),
        ),
    ),
}
