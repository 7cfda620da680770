"""Keys that placed activities carry through every copy, and activities that stand in a course twice because of one.

A key is a custom value of the activity: it survives the copy of a course, backup and restore, upload, import and
duplicating (M73, M76, M77). Teachers can edit it (M11): it names, and grants nothing.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import plain
from lti_tool.domain.community import acts
from lti_tool.domain.participation import TAG
from lti_tool.models import Community, Course, LineItem, Member, ResourceLink
from lti_tool.models.copying import Origin

# What the custom value is called.
NAME = "origin"
_KEY = re.compile(r"[0-9a-f]{32}")


def new_key(session: Session, course: Course) -> str:
    """A key for an activity that is placed in a course."""
    key = secrets.token_hex(16)
    session.add(Origin(key=key, course_id=course.id))
    return key


def read_key(said: str | None) -> str:
    """The key that a launch names; "" for none, or one that is none of ours."""
    return said if said and _KEY.fullmatch(said) else ""


@dataclass(frozen=True)
class Twins:
    """Activities of a course that are one and the same: placed once, and copied within it. id: of the first."""

    id: int
    titles: Sequence[str]


_KEYED = (
    select(
        ResourceLink.id,
        ResourceLink.title,
        ResourceLink.twin_kept,
        ResourceLink.origin,
        ResourceLink.step,
        ResourceLink.cycle_number,
    )
    .outerjoin(LineItem, (LineItem.resource_link_id == ResourceLink.id) & (LineItem.kind == TAG))
    # One whose column the LMS says is removed went with it (M70).
    .where(
        ResourceLink.course_id == bindparam("course"),
        ResourceLink.origin != "",
        func.coalesce(LineItem.gone, False).is_(False),
    )
    .order_by(ResourceLink.id)
)


class _Placed(NamedTuple):
    id: int
    title: str
    kept: bool


def _found(session: Session, course_id: int) -> list[list[_Placed]]:
    groups = defaultdict[tuple[object, ...], list[_Placed]](list)
    for link_id, title, kept, *same in plain(session, _KEYED, {"course": course_id}):
        groups[tuple(same)].append(_Placed(link_id, title, kept))
    return [group for group in groups.values() if len(group) > 1 and not all(each.kept for each in group)]


def in_course(session: Session, course_id: int) -> list[Twins]:
    """All there are of which nobody said that they are to stay, as far as somebody opened them."""
    return [Twins(group[0].id, [each.title for each in group]) for group in _found(session, course_id)]


def keep(session: Session, community: Community, by: Member | None, first_id: str) -> None:
    """Somebody saw that these are twins, and needs not read it again; of another that comes it is said anew."""
    for group in _found(session, community.course_id):
        if str(group[0].id) == first_id:
            ids = [each.id for each in group]
            session.execute(update(ResourceLink).where(ResourceLink.id.in_(ids)).values(twin_kept=True))
            acts.note(session, community.id, acts.Kind.TWINS_KEPT, by, detail={"link": ids[0]})
