"""The audit pack: a ZIP with a record as CSV and JSON, the policy in force, corrections, balances, and a manifest.

manifest.json names each file with its SHA-256 (FIPS 180-4, in hexadecimal) and its length, and says the sums that the
pages say, so that whoever holds the pack can check both. JSON has codes and whole minutes; CSV is as in out.py.
"""

import datetime as dt
import hashlib
import io
import itertools
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from lti_tool.domain.hours import known_pots, out, said
from lti_tool.domain.hours.balances import Balance
from lti_tool.domain.hours.known_entries import Entry, Moved, Row
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.planned import WHOLE, Stretch
from lti_tool.domain.hours.suggestions import Tariff
from lti_tool.models.hours_codes import Done
from lti_tool.text import Text

CORRECTIONS = (
    Text("wie", "who"),
    Text("regel", "line"),
    Text("wat", "what"),
    Text("pot", "pot"),
    Text("geboekt in", "booked in"),
    Text("minuten", "minutes"),
    Text("door", "by"),
    Text("reden", "reason"),
    Text("op", "on"),
)
BALANCES = (
    Text("wie", "who"),
    Text("pot", "pot"),
    Text("gepland", "planned"),
    Text("meegekomen", "carried in"),
    Text("telde mee", "counted"),
    Text("niet verantwoord", "not accounted"),
    Text("gaat mee", "carried over"),
    Text("vervalt", "lapses"),
    Text("afgesloten op", "closed on"),
)

ACCOUNTS = (Text("wie", "who"), Text("id in de leeromgeving", "id in the learning platform"))


# So many entries at a time; a file of so many bytes is held in memory.
SLICE, SMALL = 1000, 2**20


@dataclass(frozen=True)
class Policy:
    """What was in force: pots with who was what in them, since when, and tariffs since when."""

    pots: Sequence[Pot]
    roles: Sequence[known_pots.Held]
    tariffs: Sequence[tuple[dt.datetime, Tariff]]


@dataclass(frozen=True)
class Record:
    """What a pack is of. whose: the person's name, or the pot's; names: of whom it can name. accounts: of these
    persons those of whom nothing but a number is known, and what the LMS calls them. An audit finds there who that is.

    entries: read once, one after the other.
    """

    whose: str
    entries: Iterable[Entry]
    moved: Sequence[Moved]
    balances: Sequence[Balance]
    policy: Policy
    names: Mapping[int, Text]
    named: bool
    accounts: Callable[[Collection[int | None]], Mapping[int, str]] | None = None


class _Files:
    """The files of a pack as they grow: in memory while they are small, and on disk from then on."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[IO[bytes], Any]] = {}

    def add(self, name: str, content: bytes = b"") -> None:
        """Write at the end of a file."""
        if name not in self._open:
            self._open[name] = (tempfile.SpooledTemporaryFile(SMALL), hashlib.sha256())  # noqa: SIM115
        file, seen = self._open[name]
        file.write(content)
        seen.update(content)

    def said(self) -> list[dict[str, Any]]:
        """Each with its hash and length."""
        return [
            {"name": name, "sha256": seen.hexdigest(), "bytes": file.tell()}
            for name, (file, seen) in self._open.items()
        ]

    def packed(self, day: dt.date) -> bytes:
        """The ZIP of them."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, (file, _seen) in self._open.items():
                info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                file.seek(0)
                with packed.open(info, "w") as into:
                    shutil.copyfileobj(file, into)
                file.close()
        return made.getvalue()


class _List:
    """A list in JSON that is written one item after the other, each on a line of its own."""

    def __init__(self, files: _Files, name: str, before: str = "[", after: str = "]") -> None:
        self.files, self.name, self.after, self.mark = files, name, after, "\n"
        files.add(name, before.encode())

    def add(self, value: Any) -> None:
        """One more."""
        self.files.add(self.name, f"{self.mark}{json.dumps(value, ensure_ascii=False)}".encode())
        self.mark = ",\n"

    def end(self) -> None:
        """No more."""
        self.files.add(self.name, f"\n{self.after}".encode())


def make(record: Record, locale: str, zone: ZoneInfo, day: dt.date) -> bytes:
    """The ZIP, of entries that are read one after the other. day: on which it is made; not the moment, so that of the
    same record it is the same file."""
    pots = record.policy.pots
    called = {each.id: each.label for each in pots}
    whom = {person: name.of(locale) for person, name in record.names.items()}
    names, rounds = record.names if record.named else {}, out.rounds(pots)
    files, totals, on_paper = _Files(), dict[str, dict[str, int]](), dict[str, Decimal]()

    def write(lines: Sequence[out.Line]) -> None:
        files.add("record.csv", out.csv_rows(lines, locale, rounds))
        for line in lines:
            of = totals.setdefault(line.pot, {"counts": 0, "waiting": 0, "does_not_count": 0})
            of["counts"] += line.counts
            of["waiting"] += line.waiting
            of["does_not_count"] += line.above
            if line.rounded is not None:
                on_paper[line.pot] = on_paper.get(line.pot, Decimal()) + line.rounded

    files.add("record.csv", out.csv((), locale, rounds))
    entries = _List(files, "record.json", '{"entries": [', "],")
    files.add("corrections.csv", out.table(CORRECTIONS, (), locale))
    corrections = _List(files, "corrections.json")
    people: set[int | None] = set()
    for some in _sliced(record.entries):
        people.update(each.person_id for each in some)
        write(out.lines(some, pots, names, locale, zone))
        for each in some:
            entries.add(_entry(each, called, whom))
            for row in each.rows:
                if row.done in (Done.CORRECTED, Done.WITHDRAWN):
                    cells = (
                        whom.get(each.person_id or 0, ""), each.id, each.line, called.get(each.pot_id or 0, ""),
                        called.get(row.pot_id, ""), row.minutes, whom.get(row.by or 0, ""), row.words,
                        row.at.astimezone(zone).date(),
                    )  # fmt: skip
                    files.add("corrections.csv", out.rows([cells], locale))
                    corrections.add({"entry": each.id, **_row(row, called, whom)})
    write(out.lines((), pots, names, locale, zone, record.moved))
    entries.end()
    moved = _List(files, "record.json", '\n"booked_from_closed_periods": [', "]}")
    for each_moved in record.moved:
        moved.add(_moved(each_moved, called, whom))
    moved.end()
    corrections.end()
    files.add(
        "balances.csv", out.table(BALANCES, (_balance_cells(e, called, whom, zone) for e in record.balances), locale)
    )
    files.add("balances.json", _json([_balance(each, called, whom) for each in record.balances]))
    files.add("policy.json", _json(_policy(record.policy, whom)))
    if record.accounts and (found := record.accounts(people)):
        known = [(whom.get(person, ""), account) for person, account in found.items()]
        files.add("accounts.csv", out.table(ACCOUNTS, known, locale))
        files.add("accounts.json", _json([{"who": who, "lms_id": account} for who, account in known]))
    manifest = {
        "of": record.whose,
        "made_on": day.isoformat(),
        "minutes": totals,
        "hours_on_paper_rounded_by_line": {pot: str(hours) for pot, hours in on_paper.items()},
        "files": files.said(),
    }
    files.add("manifest.json", _json(manifest))
    return files.packed(day)


def _sliced(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    found = iter(entries)
    while some := list(itertools.islice(found, SLICE)):
        yield some


def _balance_cells(
    each: Balance, called: Mapping[int, str], whom: Mapping[int, str], zone: ZoneInfo
) -> tuple[out.Cell, ...]:
    return (
        whom.get(each.person_id or 0, ""), called.get(each.pot_id, ""), each.planned, each.came,
        each.counted, each.unaccounted, each.carried, each.gone, each.at.astimezone(zone).date(),
    )  # fmt: skip


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _entry(each: Entry, called: Mapping[int, str], whom: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": each.id,
        "who": whom.get(each.person_id or 0),
        "pot": called.get(each.pot_id or 0),
        "kind": str(each.kind),
        "learning": each.learning,
        "minutes": each.minutes,
        "day": each.day.isoformat(),
        "begins": _time(each.begins),
        "ends": _time(each.ends),
        "line": each.line,
        "provider": each.provider,
        "proof": each.proof or None,
        "state": str(each.state),
        "not_accounted": each.locked and said.state(each) is said.LATE,
        "counts": each.counts,
        "overlap": each.overlap,
        "above": each.above,
        "acts": [
            {"done": str(one.done), "by": whom.get(one.by or 0), "words": one.words, "at": _time(one.at)}
            for one in each.events
        ],
        "ledger": [_row(row, called, whom) for row in each.rows],
    }


def _row(row: Row, called: Mapping[int, str], whom: Mapping[int, str]) -> dict[str, Any]:
    return {
        "booked_in": called.get(row.pot_id),
        "of_closed_pot": called.get(row.of_id or 0),
        "done": str(row.done),
        "by": whom.get(row.by or 0),
        "words": row.words,
        "minutes": row.minutes,
        "overlap": row.overlap,
        "above": row.above,
        "at": _time(row.at),
    }


def _moved(each: Moved, called: Mapping[int, str], whom: Mapping[int, str]) -> dict[str, Any]:
    return {
        "who": whom.get(each.person_id or 0),
        "booked_in": called.get(each.pot_id),
        "of_closed_pot": called.get(each.of_id),
        "minutes": each.minutes,
        "at": _time(each.at),
    }


def _balance(each: Balance, called: Mapping[int, str], whom: Mapping[int, str]) -> dict[str, Any]:
    return {
        "who": whom.get(each.person_id or 0),
        "pot": called.get(each.pot_id),
        "planned": each.planned,
        "carried_in": each.came,
        "counted": each.counted,
        "not_accounted": each.unaccounted,
        "carried_over": each.carried,
        "carried_over_of": [layer.kept() for layer in each.layers],
        "lapses": each.gone,
        "at": _time(each.at),
    }


def _policy(policy: Policy, whom: Mapping[int, str]) -> dict[str, Any]:
    return {
        "pots": [
            {
                "id": each.id,
                "name": each.name,
                "label": each.label,
                "first_day": each.first_day.isoformat(),
                "last_day": each.last_day.isoformat(),
                "minutes": each.minutes,
                "review": str(each.review),
                "for_everybody": each.for_all,
                "for_whom": each.whose or None,
                "decision": str(each.decision),
                "rounded_on_paper_to": each.rounds,
                "evidence_elsewhere": each.evidence,
                "arranging_counts": each.arranging,
                "caps": [
                    {
                        "per": str(cap.per),
                        "minutes": cap.minutes,
                        "percent_of_planned": cap.percent,
                        "kinds": sorted(map(str, cap.kinds)),
                    }
                    for cap in each.caps
                ],
                "carried_over_for_periods": each.terms.periods,
                "surplus_carried_over": each.terms.surplus,
                "takes_no_new": each.stopped,
                "closed": each.closed,
                "next": each.next_id,
                "people": _people(policy.roles, each.id, whom),
            }
            for each in policy.pots
        ],
        "tariffs": [
            {"since": _time(at), "steps": {step: vars(worth) for step, worth in tariff.items()}}
            for at, tariff in policy.tariffs
        ],
    }


def _stretch(of: Stretch | None) -> dict[str, Any]:
    if of is None:
        return {}
    return {
        "from_day": of.first_day.isoformat() if of.first_day else None,
        "to_day": of.last_day.isoformat() if of.last_day else None,
        "factor": None if of.minutes is not None else f"{Decimal(of.share or WHOLE) / WHOLE}",
        "minutes": of.minutes,
    }


def _people(roles: Iterable[known_pots.Held], pot_id: int, whom: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "who": whom.get(each.person_id),
            "role": str(each.role),
            "since": _time(each.since),
            "until": _time(each.until),
            **_stretch(each.stretch),
        }
        for each in roles
        if each.pot_id == pot_id
    ]
