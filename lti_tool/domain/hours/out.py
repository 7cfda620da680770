"""Hours as files for a spreadsheet: the rows that a page shows, and no sums that are made anew.

CSV as Excel opens it where it speaks Dutch or English: UTF-8 with a BOM; `;` and a decimal comma, or `,` and a point.
A text that a spreadsheet would take for a formula is defused by an apostrophe (OWASP, CSV injection). XLSX has real
numbers, dates and times, and its texts are texts.
"""

import codecs
import csv as csv_
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from operator import attrgetter
from zoneinfo import ZoneInfo

import xlsxwriter

from lti_tool.db import now
from lti_tool.domain.hours import ledger, said
from lti_tool.domain.hours.known_entries import Entry, Moved
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.states import COUNTING, State
from lti_tool.domain.sheets import defused
from lti_tool.text import Text

Cell = str | int | Decimal | dt.date | dt.time | None

HEADINGS = (
    Text("wie", "who"),
    Text("pot", "pot"),
    Text("dag", "day"),
    Text("van", "from"),
    Text("tot", "to"),
    Text("wat", "what"),
    Text("soort", "kind"),
    Text("leren of regelen", "learning or arranging"),
    Text("waar of bij wie", "where or by whom"),
    Text("minuten", "minutes"),
    Text("minuten die meetellen", "minutes that count"),
    Text("uren die meetellen", "hours that count"),
    Text("minuten die wachten", "minutes waiting"),
    Text("minuten die niet meetellen", "minutes that do not count"),
    Text("stand", "state"),
    Text("bewijs", "proof"),
    Text("laatst gezegd", "last said"),
)
# Behind these, where a pot is rounded per entry on paper: beside the minutes, and never instead of them.
ROUNDED = Text("uren op papier, afgerond per regel", "hours on paper, rounded by line")
COUNTS = 10  # the column of the minutes that count
_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, a cell for each heading. rounded: the hours as a paper has them, where its pot is rounded there."""

    who: str
    pot: str
    day: dt.date
    begins: dt.time | None
    ends: dt.time | None
    what: str
    kind: str
    learning: str
    provider: str
    minutes: int
    counts: int
    hours: Decimal
    waiting: int
    above: int
    state: str
    proof: str
    words: str
    rounded: Decimal | None = None


# A line's cells; dataclasses.astuple copies each deeply.
_all_cells: Callable[[Line], tuple[Cell, ...]] = attrgetter(*(each.name for each in fields(Line)))
_cells: Callable[[Line], tuple[Cell, ...]] = attrgetter(*(each.name for each in fields(Line)[:-1]))
# Of a person and a pot: minutes that count, wait, do not count.
Sums = dict[tuple[str, str], list[int]]


def lines(
    entries: Iterable[Entry],
    pots: Sequence[Pot],
    names: Mapping[int, Text],
    locale: str,
    zone: ZoneInfo = _ZONE,
    moved: Iterable[Moved] = (),
) -> list[Line]:
    """A line for each entry, and one for each correction that is booked in a later pot than the entry's own: moved.

    names: person id -> how they are called, where it is not all one person's own.
    """
    called = {each.id: each.label for each in pots}
    by_id = {each.id: each for each in pots}
    who = {person_id: name.of(locale) for person_id, name in names.items()}
    kinds = {kind: words.of(locale) for kind, words in said.KINDS.items()}
    learning = {which: words.of(locale) for which, words in said.LEARNING.items()}
    proof = (_yes(False).of(locale), _yes(True).of(locale))
    found = []
    for each in entries:
        words, booked, pot_id = each.words, each.booked, each.pot_id or 0
        found.append(
            Line(
                who.get(each.person_id or 0, ""),
                called.get(pot_id, ""),
                each.day,
                each.begins.astimezone(zone).time() if each.begins else None,
                each.ends.astimezone(zone).time() if each.ends else None,
                each.line,
                kinds[each.kind],
                learning[each.learning],
                each.provider,
                each.minutes,
                booked,
                ledger.figure(booked),
                each.minutes if each.state == State.SENT and not each.locked else 0,
                each.overlap + each.above if each.state in COUNTING else 0,
                said.state(each).of(locale),
                proof[each.proof != ""],
                words.words if words else "",
                _rounded(booked, by_id.get(pot_id)),
            )
        )
    return found + [_later(each, by_id, names, locale, zone) for each in moved]


def _later(row: Moved, pots: Mapping[int, Pot], names: Mapping[int, Text], locale: str, zone: ZoneInfo) -> Line:
    """What a correction of a closed period changes in the pot in which it is booked; not what it was about."""
    into, of, day = pots.get(row.pot_id), pots.get(row.of_id), row.at.astimezone(zone).date()
    if into is not None:
        # Within the school year in which it counts (column.by_year), whenever it was written.
        day = min(max(day, into.first_day), into.last_day, ledger.school_year(into.first_day)[1])
    name = names.get(row.person_id or 0)
    what = Text("Verbetering uit een afgesloten periode", "Correction of a closed period").of(locale)
    what = f"{what}: {of.label}" if of else what
    return Line(
        who=name.of(locale) if name else "", pot=into.label if into else "", day=day,
        begins=None, ends=None, what=what, kind="", learning="", provider="", minutes=0,
        counts=row.minutes, hours=ledger.figure(row.minutes), waiting=0, above=0,
        state=said.STATES[State.CORRECTED].of(locale), proof="", words="", rounded=_rounded(row.minutes, into),
    )  # fmt: skip


def rounds(pots: Iterable[Pot]) -> bool:
    """Whether a file of these pots says what a paper rounds each entry to."""
    return any(each.rounds for each in pots)


def _rounded(minutes: int, pot: Pot | None) -> Decimal | None:
    return ledger.figure(ledger.rounded(minutes, pot.rounds)) if pot is not None and pot.rounds else None


def _yes(there: bool) -> Text:
    return Text("ja", "yes") if there else Text("", "")


def csv(found: Iterable[Line], locale: str, rounded: bool = False) -> bytes:
    """The lines as CSV, for a spreadsheet that speaks this language. rounded: with what a paper rounds each to."""
    if rounded:
        return table((*HEADINGS, ROUNDED), map(_all_cells, found), locale)
    return table(HEADINGS, map(_cells, found), locale)


def csv_rows(found: Iterable[Line], locale: str, rounded: bool = False) -> bytes:
    """More of these lines, to go behind what `csv` wrote."""
    return rows(map(_all_cells if rounded else _cells, found), locale)


def table(headings: Sequence[Text], found: Iterable[Sequence[Cell]], locale: str) -> bytes:
    """Any rows as CSV."""
    head = codecs.BOM_UTF8 + _written([[each.of(locale) for each in headings]], locale)
    return head + rows(found, locale)


def rows(found: Iterable[Sequence[Cell]], locale: str) -> bytes:
    """More rows, to go behind what `table` wrote."""
    dutch = not locale.startswith("en")
    return _written(([_plain(cell, dutch) for cell in row] for row in found), locale)


def _written(found: Iterable[Sequence[str]], locale: str) -> bytes:
    out = io.StringIO()
    delimiter = "," if locale.startswith("en") else ";"
    csv_.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(found)
    return out.getvalue().encode()


def _plain(cell: Cell, dutch: bool) -> str:
    if isinstance(cell, str):
        return defused(cell)
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",") if dutch else str(cell)
    if isinstance(cell, dt.time):
        return f"{cell:%H:%M}"
    if isinstance(cell, dt.date):
        return f"{cell:%d-%m-%Y}" if dutch else cell.isoformat()
    return "" if cell is None else str(cell)


def xlsx(found: Iterable[Line], locale: str, slim: bool = False, rounded: bool = False) -> bytes:
    """The lines as a workbook, and on a second sheet what they come to for each person and pot.

    rounded: with what a paper rounds each to, and its sum beside that of the minutes. slim: rows go through a temporary
    file and no text is kept, so that memory does not grow with the lines.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out,
        {
            "in_memory": not slim, "constant_memory": slim, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    ) as book:  # fmt: skip
        # The day, not the moment: of the same lines the same file.
        book.set_properties({"created": dt.datetime.combine(now().date(), dt.time())})
        bold = book.add_format({"bold": True})
        formats = {
            dt.date: book.add_format({"num_format": "dd-mm-yyyy"}),
            dt.time: book.add_format({"num_format": "hh:mm"}),
            Decimal: book.add_format({"num_format": "0.00"}),
        }
        sheet = book.add_worksheet(Text("Uren", "Hours").of(locale))
        more = (ROUNDED,) if rounded else ()
        _head(sheet, (*HEADINGS, *more), locale, bold)
        sums: Sums = defaultdict(lambda: [0, 0, 0])
        on_paper: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        write = _writer(sheet, formats, rounded)
        for row, line in enumerate(found, 1):
            write(row, line)
            of = sums[line.who, line.pot]
            of[0] += line.counts
            of[1] += line.waiting
            of[2] += line.above
            if line.rounded is not None:
                on_paper[line.who, line.pot] += line.rounded
        totals = book.add_worksheet(Text("Totalen", "Totals").of(locale))
        _head(totals, (HEADINGS[0], HEADINGS[1], *HEADINGS[10:14], *more), locale, bold)
        for row, cells in enumerate(_totals(sums, on_paper), 1):
            for column, cell in enumerate(cells):
                _write(totals, row, column, cell, formats)
    return out.getvalue()


def _head(sheet: "xlsxwriter.workbook.Worksheet", headings: Sequence[Text], locale: str, bold: object) -> None:
    for column, each in enumerate(headings):
        sheet.write_string(0, column, each.of(locale), bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 0, len(headings) - 1)
    sheet.set_column(0, len(headings) - 1, 16)


def _writer(
    sheet: "xlsxwriter.workbook.Worksheet", formats: Mapping[type, object], rounded: bool
) -> Callable[[int, Line], None]:
    """What writes a line into a row. Of fifty thousand lines half the time went into asking what each cell is: which
    columns hold texts, numbers, days and times is known, and an hour figure is written as the number it becomes.
    """
    text, number = sheet.write_string, sheet.write_number
    day, clock, hours = formats[dt.date], formats[dt.time], formats[Decimal]

    def write(row: int, line: Line) -> None:
        for column, name in _TEXTS:
            if cell := getattr(line, name):
                text(row, column, cell)
        number(row, 2, _serial(line.day), day)
        if line.begins is not None:
            number(row, 3, _serial(line.begins), clock)
        if line.ends is not None:
            number(row, 4, _serial(line.ends), clock)
        for column, name in _NUMBERS:
            number(row, column, getattr(line, name))
        number(row, COUNTS + 1, _as_number(line.hours), hours)
        if rounded and line.rounded is not None:
            number(row, len(HEADINGS), _as_number(line.rounded), hours)

    return write


_BY_NAME = {each.name: column for column, each in enumerate(fields(Line))}
_NUMBERS = [(_BY_NAME[each], each) for each in ("minutes", "counts", "waiting", "above")]
_TEXTS = [
    (_BY_NAME[each], each) for each in ("who", "pot", "what", "kind", "learning", "provider", "state", "proof", "words")
]


@cache
def _as_number(hours: Decimal) -> float:
    """There are few of them, and XlsxWriter makes each of these for every cell."""
    return float(hours)


def _write(
    sheet: "xlsxwriter.workbook.Worksheet", row: int, column: int, cell: Cell, formats: Mapping[type, object]
) -> None:
    kind = type(cell)
    if kind is str:
        if cell:
            sheet.write_string(row, column, cell)
    elif kind is int or kind is Decimal:
        sheet.write_number(row, column, cell, formats.get(kind))
    elif isinstance(cell, (dt.time, dt.date)):
        sheet.write_number(row, column, _serial(cell), formats[kind])


@cache
def _serial(cell: dt.date | dt.time) -> float:
    """A day or a time as a spreadsheet counts it (ECMA-376-1, 18.17.4.1); there are few of them."""
    if isinstance(cell, dt.time):
        return (cell.hour * 3600 + cell.minute * 60 + cell.second) / 86400
    return (cell - _DAY_ZERO).days


_DAY_ZERO = dt.date(1899, 12, 30)


def _totals(sums: Sums, on_paper: Mapping[tuple[str, str], Decimal]) -> list[tuple[Cell, ...]]:
    # The hours of a sum, and no sum of rounded hours: three times 20 minutes is an hour.
    return [
        (who, pot, counts, ledger.figure(counts), waiting, above, on_paper.get((who, pot)))
        for (who, pot), (counts, waiting, above) in sorted(sums.items())
    ]
