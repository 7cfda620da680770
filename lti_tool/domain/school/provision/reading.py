"""A provision list from a file: CSV as spreadsheets write it, or XLSX. Read whole, with what is wrong by line and cell.

Nothing is guessed at, nothing calculated, and nothing kept by reading it. A workbook is looked at as a ZIP file first:
how much it would be (zip bombs), before anything of it is unpacked.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from lti_tool.domain import Refused, sheets
from lti_tool.domain.school.provision.beginning import wrong_setting
from lti_tool.domain.school.provision.lines import Fault, Keyed, Line, Sheet, Someone, hashed, shown
from lti_tool.domain.school.settings import SETTINGS
from lti_tool.models.provision import Named, Role

MOST = 2 * 1024 * 1024  # bytes of a file
MOST_LINES = 2000
MOST_COLUMNS = 40
MOST_PEOPLE = 20  # in a cell
LONGEST_CELL = 255
LONGEST_PEOPLE = 2000
# Of a workbook: bytes unpacked, files in it, and how many times as large something in it becomes by unpacking.
UNPACKED, FILES, RATIO, SMALL = 20 * 1024 * 1024, 200, 150, 256 * 1024

ROLES: Mapping[str, Role] = {
    "facilitators": Role.FACILITATOR,
    "deputies": Role.DEPUTY,
    "leaders": Role.LEADER,
}
# What a column may be called, in both languages.
COLUMNS: Mapping[str, frozenset[str]] = {
    "lms_id": frozenset({"cursus-id", "cursusid", "cursus id", "course id", "lms course id", "id"}),
    "sis_id": frozenset({"sis-id", "sis id", "idnumber", "id-nummer", "sis"}),
    "short_name": frozenset({"korte naam", "short name", "shortname"}),
    "title": frozenset({"titel", "title", "naam", "name"}),
    "community": frozenset({"gemeenschap", "leergemeenschap", "community"}),
    "facilitators": frozenset({"begeleiders", "begeleider", "facilitators", "facilitator"}),
    "deputies": frozenset({"vervangers", "vervanger", "deputies", "deputy"}),
    "leaders": frozenset({"leidinggevenden", "leidinggevende", "leaders", "leader"}),
    "template": frozenset({"sjabloon", "template"}),
    "settings": frozenset({"instellingen", "settings"}),
    "pots": frozenset({"potten", "pots"}),
    # Written by `out`, for who reads it, and as "wacht op" before; who was not found yet stands in no file.
    "waiting": frozenset({"nog niet gevonden", "not found yet", "wacht op", "waits for"}),
}
_NAMES = {name: kind for kind, names in COLUMNS.items() for name in names}
_PREFIXES = {"id": Named.ID, "login": Named.LOGIN, "e-mail": Named.EMAIL, "email": Named.EMAIL}
_PREFIX = re.compile(r"(id|login|e-?mail)\s*:\s*(.+)", re.IGNORECASE)

# By these a sentence itself says what a cell does.
SAID = {"who", "part", "value"}

Row = tuple[int, list[str]]


def read(content: bytes, keyed: Keyed) -> Sheet:
    """The lines of a file, and what is wrong with them.

    Refused where it is no list at all: "provision_empty", "provision_large", "provision_kind", "provision_bomb",
    "provision_many", "provision_columns", "provision_column", "provision_column_twice", "provision_quotes".
    """
    if len(content) > MOST:
        raise Refused("provision_large")
    if not content.strip():
        raise Refused("provision_empty")
    rows = _workbook(content) if content.startswith(b"PK\x03\x04") else _text(content)
    return _sheet(rows, keyed)


def _text(content: bytes) -> Iterator[Row]:
    text = sheets.decoded(content)
    if text is None or "\0" in text:
        raise Refused("provision_kind")
    if not text.strip():
        raise Refused("provision_empty")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sheets.delimiter(text), strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise Refused("provision_quotes", line=rows.line_num) from error


def _workbook(content: bytes) -> Iterator[Row]:
    # Here, not above: every process would take a tenth of a second longer to start.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _weigh(archive.infolist())
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What a file says of its own size is not believed.
        sheet.reset_dimensions()
        found = sheet.iter_rows(max_row=MOST_LINES + 2, max_col=MOST_COLUMNS + 1, values_only=True)
        # Read here, so that whatever is wrong with it is said by one sentence.
        rows = [[_cell(value) for value in row] for row in found]
    except (InvalidFileException, *_BROKEN) as error:
        raise Refused("provision_kind") from error
    yield from enumerate(rows, 1)


# What zipfile and openpyxl raise of a file that is no workbook: it reads with no schema of its own.
_BROKEN = (
    *(zipfile.BadZipFile, DefusedXmlException, ParseError, NotImplementedError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError, OSError, OverflowError, AssertionError),
)


def _weigh(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > FILES or sum(each.file_size for each in members) > UNPACKED:
        raise Refused("provision_bomb")
    for each in members:
        if each.file_size > SMALL and each.file_size > RATIO * max(1, each.compress_size):
            raise Refused("provision_bomb")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        # A spreadsheet has no other whole numbers.
        return str(int(value))
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return unicodedata.normalize("NFC", str(value))


def _sheet(rows: Iterable[Row], keyed: Keyed) -> Sheet:
    columns: dict[str, int] = {}
    heading: list[str] = []
    lines: list[Line] = []
    faults: list[Fault] = []
    count = 0
    for number, row in rows:
        cells = [each.strip() for each in row]
        if not any(cells):
            continue
        if not heading:
            heading = cells
            columns = _columns(cells)
            continue
        count += 1
        if count > MOST_LINES:
            raise Refused("provision_many", most=MOST_LINES)
        if any(cells[len(heading) :]):
            faults.append(Fault(number, "", "cells"))
            continue
        reader = _Reader(number, cells, columns, heading, keyed)
        made = reader.line()
        faults += reader.faults
        if not reader.faults:
            lines.append(made)
    if not count:
        raise Refused("provision_empty")
    return Sheet(tuple(lines), tuple(faults), {kind: shown(heading[place]) for kind, place in columns.items()})


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if not cell:
            continue
        kind = _NAMES.get(" ".join(cell.casefold().split()))
        if kind is None:
            # Left unread, a misspelt column would take everybody in it off the list.
            raise Refused("provision_column", cell=[shown(cell)])
        if kind in found:
            raise Refused("provision_column_twice", cell=[shown(cell)])
        found[kind] = place
    if not {"lms_id", "sis_id", "short_name"} & found.keys():
        raise Refused("provision_columns")
    return found


class _Reader:
    """One row, and what is wrong with it."""

    def __init__(
        self, number: int, cells: Sequence[str], columns: Mapping[str, int], heading: Sequence[str], keyed: Keyed
    ) -> None:
        self.number, self.cells, self.columns, self.heading, self.keyed = number, cells, columns, heading, keyed
        self.faults: list[Fault] = []

    def line(self) -> Line:
        """The row as a line; of one with faults, what could be read."""
        made = Line(
            number=self.number,
            lms_id=self.cell("lms_id"),
            sis_id=self.cell("sis_id"),
            short_name=self.cell("short_name"),
            title=self.cell("title"),
            template=self.optional("template"),
            settings=self.settings(),
            pots=self.optional("pots"),
            roles=frozenset(role for kind, role in ROLES.items() if kind in self.columns),
            people=tuple(who for kind, role in ROLES.items() for who in self.people(kind, role)),
            community=self.cell("community"),
        )
        for kind in ("template", "settings"):
            if made.community and getattr(made, kind):
                self.fault(kind, "of_course")
        if not self.faults and not (made.lms_id or made.sis_id or made.short_name):
            self.faults.append(Fault(self.number, "", "which"))
        return made

    def optional(self, kind: str) -> str | None:
        return self.cell(kind) if kind in self.columns else None

    def settings(self) -> str | None:
        said = self.optional("settings")
        wrong = wrong_setting(said or "")
        if wrong is None:
            return said
        if wrong.name is None:
            return self.fault("settings", "settings", part=[shown(wrong.part)])
        code = "setting_value" if SETTINGS[wrong.name].choices else "setting_days"
        return self.fault("settings", code, setting=[wrong.name], value=[shown(wrong.value)])

    def cell(self, kind: str, longest: int = LONGEST_CELL) -> str:
        place = self.columns.get(kind)
        value = self.cells[place] if place is not None and place < len(self.cells) else ""
        if value.startswith("'") and value[1:].startswith(sheets.FORMULA):
            # As `out` writes what a spreadsheet would calculate.
            value = value[1:]
        elif value.startswith(sheets.FORMULA):
            return self.fault(kind, "formula")
        if len(value) > longest:
            return self.fault(kind, "long", most=longest)
        if not sheets.is_plain(value):
            return self.fault(kind, "unseen")
        return value if longest == LONGEST_PEOPLE else " ".join(value.split())

    def people(self, kind: str, role: Role) -> Iterator[Someone]:
        given = [each.strip() for each in re.split(r"[;,\n]", self.cell(kind, LONGEST_PEOPLE))]
        names = [each for each in given if each]
        if len(names) > MOST_PEOPLE:
            self.fault(kind, "people", most=MOST_PEOPLE)
            return
        seen: set[str] = set()
        for name in names:
            by, name = identifier(name)
            if not is_identifier(by, name):
                self.fault(kind, "who", who=[shown(name)])
                continue
            made = hashed(self.keyed, by, name)
            if made not in seen:
                seen.add(made)
                yield Someone(role, by, made, name)

    def fault(self, kind: str, code: str, **values: int | Sequence[str]) -> str:
        place = self.columns[kind]
        said = "" if values.keys() & SAID else shown(self.cells[place])
        self.faults.append(Fault(self.number, shown(self.heading[place]), code, values, said))
        return ""


def identifier(name: str) -> tuple[Named, str]:
    """By what somebody is named, and what they are called so: an address, a login, or what "id:" and its like say."""
    if prefixed := _PREFIX.fullmatch(name):
        return _PREFIXES[prefixed[1].casefold()], prefixed[2].strip()
    return Named.EMAIL if "@" in name else Named.LOGIN, name


def is_identifier(by: Named, name: str) -> bool:
    """Whether anybody can be called so: a name with a space is none."""
    return bool(name) and " " not in name and len(name) <= LONGEST_CELL and (by != Named.EMAIL or _is_address(name))


def _is_address(name: str) -> bool:
    local, _, host = name.partition("@")
    return bool(local) and bool(host) and "@" not in host
