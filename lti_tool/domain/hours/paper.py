"""A list of who was there from a file: read as Excel writes CSV (RFC 4180, or with semicolons), never guessed at.

Nothing is kept by reading it: who is who is shown first, and asked where a name is nobody's or two people's.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.domain import Refused, sheets
from lti_tool.text import Text

MOST = 100_000  # bytes
MOST_LINES = 300
LONGEST_CELL = 200
# What a column may be called, in both languages; who: what a person is found by.
COLUMNS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"naam", "name", "wie", "who", "volledige naam", "full name"}),
    "login": frozenset({"e-mail", "email", "e-mailadres", "mail", "login", "gebruikersnaam", "username"}),
    "came": frozenset({"van", "from", "kwam", "came", "begin", "aankomst", "arrival"}),
    "left": frozenset({"tot", "to", "until", "ging", "left", "einde", "end", "vertrek", "departure"}),
}
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.][0-9]{2})?", re.ASCII)


@dataclass(frozen=True)
class Read:
    """A line of the file. number: as a text editor counts them; login: an address or login, which nobody knows here."""

    number: int
    name: str
    login: str
    came: dt.time | None
    left: dt.time | None

    @property
    def who(self) -> str:
        """What it calls somebody."""
        return self.name or self.login


@dataclass(frozen=True)
class Match:
    """A line with whom it is about; person_id: None where that is asked, among those who are."""

    read: Read
    person_id: int | None


def read(content: bytes) -> list[Read]:
    """The lines of a file.

    Refused, by line and cell where there is one: "paper_empty", "paper_large", "paper_kind", "paper_columns",
    "paper_many", "paper_cells", "paper_formula", "paper_time", "paper_order", "paper_who", "paper_cell".
    """
    if len(content) > MOST:
        raise Refused("paper_large")
    text = _decoded(content)
    if not text.strip():
        raise Refused("paper_empty")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sheets.delimiter(text), strict=True)
    try:
        return list(_lines(rows))
    except csv.Error as error:
        raise Refused("paper_cells", line=rows.line_num) from error


def _decoded(content: bytes) -> str:
    text = sheets.decoded(content)
    if text is None or not sheets.is_plain(text):
        raise Refused("paper_kind")
    return text


def _lines(rows: Iterator[list[str]]) -> Iterator[Read]:
    columns: dict[str, int] = {}
    heading: list[str] = []
    found = 0
    for row in rows:
        number, cells = rows.line_num, [each.strip() for each in row]  # type: ignore[attr-defined]
        if not any(cells):
            continue
        if not heading:
            heading = cells
            columns = _columns(cells)
            continue
        found += 1
        if found > MOST_LINES:
            raise Refused("paper_many", most=MOST_LINES)
        if len(cells) > len(heading):
            raise Refused("paper_cells", line=number)
        yield _read(number, cells, columns, heading)
    if not found:
        raise Refused("paper_empty")


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        kind = next((kind for kind, names in COLUMNS.items() if cell.casefold() in names), None)
        if kind is not None and kind in found:
            raise Refused("paper_columns")
        if kind is not None:
            found[kind] = place
    if not {"name", "login"} & found.keys():
        raise Refused("paper_columns")
    return found


def _read(number: int, cells: Sequence[str], columns: Mapping[str, int], heading: Sequence[str]) -> Read:
    def cell(kind: str) -> str:
        place = columns.get(kind)
        value = cells[place] if place is not None and place < len(cells) else ""
        if len(value) > LONGEST_CELL:
            raise Refused("paper_cell", line=number, cell=[heading[columns[kind]]])
        if value.startswith(sheets.FORMULA):
            raise Refused("paper_formula", line=number, cell=[heading[columns[kind]]])
        return " ".join(value.split())

    def time(kind: str) -> dt.time | None:
        value = cell(kind)
        if not value:
            return None
        made = clock(value)
        if made is None:
            raise Refused("paper_time", line=number, cell=[heading[columns[kind]]])
        return made

    made = Read(number, cell("name"), cell("login"), time("came"), time("left"))
    if not made.who:
        raise Refused("paper_who", line=number)
    if made.came is not None and made.came == made.left:
        raise Refused("paper_order", line=number)
    return made


def clock(value: str) -> dt.time | None:
    """A time as somebody writes it; None for what is none."""
    found = _TIME.fullmatch(value)
    try:
        return dt.time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def match(lines: Sequence[Read], names: Mapping[int, Text]) -> list[Match]:
    """Each line with the one person whose name in the LMS it is; nobody where it is no one's, or two people's."""
    by_name: dict[str, list[int]] = {}
    for person_id, name in names.items():
        by_name.setdefault(_plain(name.nl), []).append(person_id)
    found = []
    for each in lines:
        who = by_name.get(_plain(each.name), []) if each.name else []
        found.append(Match(each, who[0] if len(who) == 1 else None))
    return found


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
