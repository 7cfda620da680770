"""Everything a community stores of one of its people, for that person alone.

Found from the tables: every column that points at a person or a member stands in SHOWN, by the name it has in the
export and what is said of a row, or in NOT_SHOWN, with the reason. A table that has a person in it only through
another one stands in WITHIN, by the list whose rows it is a part of, or in NOT_SHOWN. One that is nowhere fails a test.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, MetaData, select
from sqlalchemy.orm import Session

from lti_tool.db import Base
from lti_tool.domain.community.export import of_circle, of_hours, of_school
from lti_tool.domain.community.export.of import Of, Shown, time
from lti_tool.models import Community, Member, Person

SHOWN: Mapping[str, Shown] = {**of_circle.SHOWN, **of_hours.SHOWN, **of_school.SHOWN}

# A table that has a person in it through another one -> the list in which its rows are shown.
WITHIN: Mapping[str, str] = {
    "attachment": "contributions",
    "link": "contributions",
    "hours_proof": "hours",
    "hours_count": "hours",
    "hours_suggestion": "hours",
}

NOT_SHOWN: Mapping[str, str] = {
    "round": "The community's: which text was put to all, and when. Whoever wrote that text has it in their own list,"
    " and everybody their own answers and dots.",
    "provision_run.person_id": "Who last had a long list of courses applied, and how far it is: that it was done stands"
    " in the trail of the school, which is shown.",
    "browser_session.person_id": "Of no community: a keyed hash, two times, a kind of browser, forgotten in a day."
    " Its person has a page of them; whoever found the hash in a file that was kept could only misuse it.",
    "practice.person_id": "That somebody practises, among pretended colleagues: thrown away in a day, with all of it.",
    "year_turn.asked_by": "Of a school: that somebody looked, as its administrator, at what could be done for many.",
    "year_turn.applied_by": "Of a school: that somebody did so, as its administrator, stands in the school's trail.",
    "year_turn_line": "The school's: of which communities one looked whether a cycle could be paused, ended or begun.",
}

# The tables whose rows are people.
PEOPLE = {"person", "member"}


def tables(metadata: MetaData = Base.metadata) -> dict[str, bool]:
    """Every table with a person in it -> whether it points at people itself, and not only through another one."""
    found: dict[str, bool] = {}
    known = set(PEOPLE)
    while fresh := {
        table.name: bool(led & PEOPLE)
        for table in metadata.tables.values()
        if table.name not in found and (led := {key.column.table.name for key in table.foreign_keys}) & known
    }:
        found |= fresh
        known |= fresh.keys()
    return found


def pointing() -> Iterator[tuple[str, Column[Any]]]:
    """Every column of every table that points at a person or a member, as "table.column"."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if {key.column.table.name for key in column.foreign_keys} & PEOPLE:
                yield f"{table.name}.{column.name}", column


def everything(session: Session, community: Community, owner: Member) -> dict[str, Any]:
    """Plain lists and texts; times in ISO 8601, UTC."""
    of, person = Of(session, community, owner), session.get_one(Person, owner.person_id)
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    found: dict[str, Any] = {
        "community": community.name,
        "name": person.name,
        "language": person.locale,
        "learning_platform": person.issuer,
        "learning_platform_user": person.sub,
        "known_since": time(person.created_at),
    }
    found["groups"] = of.groups
    for name, column in pointing():
        if name in NOT_SHOWN:
            continue
        shown, (key,) = SHOWN[name], column.foreign_keys
        whose = owner.id if key.column.table.name == "member" else owner.person_id
        query = select(models[column.table]).where(column == whose, *shown.within(of))
        rows = session.scalars(query.order_by(*column.table.primary_key))
        said = [each for row in rows if (each := shown.say(of, row)) is not None]
        found |= {shown.name: said} if shown.name else said[0]
    return found
