"""The list as it stands, as a file that can be given again: courses and people by the LMS's ids.

Who was not found yet cannot be written: of them there is only a hash. How many they are stands in a column of its own,
by which such a file is known when it is given again (`Removed.kept`). Who was found and has not come stands in it.
"""

import csv as csv_
import io
from collections import defaultdict
from collections.abc import Sequence

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import sheets
from lti_tool.domain.school.provision import known
from lti_tool.models import Person
from lti_tool.models.provision import ProvisionLine, ProvisionPart, Role
from lti_tool.text import Text

HEADINGS = (
    Text("cursus-id", "course id"),
    Text("SIS-id", "SIS id"),
    Text("korte naam", "short name"),
    Text("titel", "title"),
    Text("gemeenschap", "community"),
    Text("begeleiders", "facilitators"),
    Text("vervangers", "deputies"),
    Text("leidinggevenden", "leaders"),
    Text("sjabloon", "template"),
    Text("instellingen", "settings"),
    Text("potten", "pots"),
)
# How many of those whom a line names were not found yet; only where there is a line.
NOT_FOUND = Text("nog niet gevonden", "not found yet")


def rows(session: Session, school_id: int) -> list[list[str]]:
    """A row for each line that the last list has, by title."""
    has = known.load(session, school_id)
    of_school = select(ProvisionPart.person_id).join(ProvisionLine).where(ProvisionLine.school_id == school_id)
    query = select(Person.id, Person.sub).where(Person.id.in_(of_school), Person.erased_at.is_(None))
    subs = {row[0]: row[1] for row in session.execute(query)}
    found = []
    for line in has.lines:
        if not line.listed:
            continue
        place = has.places.get(line.course_id or 0)
        people: dict[Role, list[str]] = defaultdict(list)
        waits = 0
        for part in has.parts.get(line.id, []):
            if part.listed and part.person_id in subs:
                people[part.role].append(f"id:{subs[part.person_id]}")
            elif part.listed:
                waits += 1
        found.append(
            [
                place.lms_id if place else line.lms_id,
                (place.sis_id if place else "") or line.sis_id,
                (place.label if place else "") or line.short_name,
                line.title or (place.title if place else ""),
                has.community(line),
                *(", ".join(sorted(set(people[role]))) for role in Role),
                *(line.template, line.settings, line.pots, str(waits or "")),
            ]
        )
    return sorted(found, key=lambda row: (row[3].casefold(), row[:3], row[4]))


def _headings(written: Sequence[Sequence[str]]) -> Sequence[Text]:
    return (*HEADINGS, NOT_FOUND) if written else HEADINGS


def csv(session: Session, school_id: int, locale: str) -> bytes:
    """As Excel opens it where it speaks Dutch or English."""
    file = io.StringIO(newline="")
    writer = csv_.writer(file, delimiter="," if locale.startswith("en") else ";")
    written = rows(session, school_id)
    writer.writerow([each.of(locale) for each in _headings(written)])
    writer.writerows([[sheets.defused(cell) for cell in row] for row in written])
    return file.getvalue().encode("utf-8-sig")


def xlsx(session: Session, school_id: int, locale: str) -> bytes:
    """A workbook with one sheet, in which every cell is text."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(Text("lijst", "list").of(locale))
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        written = rows(session, school_id)
        for place, heading in enumerate(_headings(written)):
            sheet.write_string(0, place, heading.of(locale), bold)
        for number, row in enumerate(written, 1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, sheets.defused(cell), text)
        sheet.set_column(0, len(HEADINGS) - 1, 18, text)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
