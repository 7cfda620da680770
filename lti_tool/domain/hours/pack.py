"""The audit pack: a ZIP with a record as CSV and JSON, the policy in force, corrections, balances, and a manifest.

manifest.json names each file with its SHA-256 (FIPS 180-4, in hexadecimal) and its length, and says the sums that the
pages say, so that whoever holds the pack can check both. JSON has codes and whole minutes; CSV is as in out.py.
"""

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lti_tool.domain.hours import known_pots, out, said
from lti_tool.domain.hours.balances import Balance
from lti_tool.domain.hours.gate import Entry, Moved, Row
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


@dataclass(frozen=True)
class Policy:
    """What was in force: pots with who was what in them, since when, and tariffs since when."""

    pots: Sequence[Pot]
    roles: Sequence[known_pots.Held]
    tariffs: Sequence[tuple[dt.datetime, Tariff]]


@dataclass(frozen=True)
class Record:
    """What a pack is of. whose: the person's name, or the pot's; names: of whom it can name. accounts: of whom nothing
    but a number is known, what the LMS calls them: person id -> its id. An audit finds there who that is.
    """

    whose: str
    entries: Sequence[Entry]
    moved: Sequence[Moved]
    balances: Sequence[Balance]
    policy: Policy
    names: Mapping[int, Text]
    named: bool
    accounts: Mapping[int, str] = field(default_factory=dict)


def make(record: Record, locale: str, zone: ZoneInfo, day: dt.date) -> bytes:
    """The ZIP. day: on which it is made; not the moment, so that of the same record it is the same file."""
    pots = record.policy.pots
    called = {each.id: each.label for each in pots}
    whom = {person: name.of(locale) for person, name in record.names.items()}
    lines = out.lines(record.entries, pots, record.names if record.named else {}, locale, zone, record.moved)
    rows = [(each, row) for each in record.entries for row in each.rows if row.done in (Done.CORRECTED, Done.WITHDRAWN)]
    files = {
        "record.csv": out.csv(lines, locale, out.rounds(pots)),
        "record.json": _json(
            {
                "entries": [_entry(each, called, whom) for each in record.entries],
                "booked_from_closed_periods": [_moved(each, called, whom) for each in record.moved],
            }
        ),
        "corrections.csv": out.table(
            CORRECTIONS,
            [
                (
                    whom.get(entry.person_id or 0, ""), entry.id, entry.line, called.get(entry.pot_id or 0, ""),
                    called.get(row.pot_id, ""), row.minutes, whom.get(row.by or 0, ""), row.words,
                    row.at.astimezone(zone).date(),
                )
                for entry, row in rows
            ],
            locale,
        ),
        "corrections.json": _json([{"entry": entry.id, **_row(row, called, whom)} for entry, row in rows]),
        "balances.csv": out.table(
            BALANCES,
            [
                (
                    whom.get(each.person_id or 0, ""), called.get(each.pot_id, ""), each.planned, each.came,
                    each.counted, each.unaccounted, each.carried, each.gone, each.at.astimezone(zone).date(),
                )
                for each in record.balances
            ],
            locale,
        ),
        "balances.json": _json([_balance(each, called, whom) for each in record.balances]),
        "policy.json": _json(_policy(record.policy, whom)),
    }  # fmt: skip
    if record.accounts:
        known = [(whom.get(person, ""), account) for person, account in record.accounts.items()]
        files["accounts.csv"] = out.table(ACCOUNTS, known, locale)
        files["accounts.json"] = _json([{"who": who, "lms_id": account} for who, account in known])
    totals: dict[str, dict[str, int]] = {}
    on_paper: dict[str, Decimal] = {}
    for line in lines:
        of = totals.setdefault(line.pot, {"counts": 0, "waiting": 0, "does_not_count": 0})
        of["counts"] += line.counts
        of["waiting"] += line.waiting
        of["does_not_count"] += line.above
        if line.rounded is not None:
            on_paper[line.pot] = on_paper.get(line.pot, Decimal()) + line.rounded
    manifest = {
        "of": record.whose,
        "made_on": day.isoformat(),
        "minutes": totals,
        "hours_on_paper_rounded_by_line": {pot: str(hours) for pot, hours in on_paper.items()},
        "files": [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        ],
    }
    return _zip({**files, "manifest.json": _json(manifest)}, day)


def _zip(files: Mapping[str, bytes], day: dt.date) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(
                zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), content, zipfile.ZIP_DEFLATED
            )
    return made.getvalue()


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
