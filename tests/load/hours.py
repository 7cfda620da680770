"""Hours of a whole school: what fifty thousand entries cost to take away, to stand beside, and to approve among.

hours_export_*, hours_pack_50k_mb: what the worker makes. hours_page_50k_ratio: one's own hours do not get dearer by
those of others. hours_approve_ratio: many at once cost less than each by itself.
"""

import datetime as dt
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from decimal import Decimal

import xlsxwriter
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from lti_tool.domain import outbox
from lti_tool.domain.hours import approvals, calling, exports, gate, out
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry, HoursExport, HoursPot, HoursRole
from lti_tool.models.hours_codes import Done, Kind, Review, Role
from tests.load.house import Asked, House, house
from tests.load.lms import lms
from tests.load.meeting import Phone, Room, _people, _serving

PEOPLE = 60
MANY, FEW = 50_000, 500
MINE = 100  # of whose page is measured, in both schools
WAITING = 200
LOOKS, TIMES = 30, 5
SCHOOL = 5000  # of a year: sixty people with eighty lines each
AT_ONCE = 100
FIRST, LAST = dt.date(2025, 8, 1), dt.date(2026, 7, 31)
AT = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


def fill(session: Session, entries: int) -> None:
    """A pot of which the first member approves, with so many entries in it; the last ones wait.

    The second member has MINE of them, the others the rest, each in turn.
    """
    community_id = session.scalars(select(Community.id)).one()
    approver, mine, *others = session.scalars(select(Member.person_id).order_by(Member.number)).all()
    pot = HoursPot(
        community_id=community_id, name="Professionele ontwikkeling", first_day=FIRST, last_day=LAST, minutes=83 * 60,
        review=Review.BEFORE, for_all=True, evidence=False, arranging=True, caps=[],
    )  # fmt: skip
    session.add(pot)
    session.flush()
    session.add(HoursRole(pot_id=pot.id, person_id=approver, role=Role.APPROVER, since=AT))
    session.flush()
    rows: dict[type, list[dict[str, object]]] = {HoursEntry: [], HoursAct: [], HoursCount: []}
    act = 0
    for number in range(1, entries + 1):
        begins = dt.datetime(2025, 8, 1, 8, tzinfo=dt.UTC) + dt.timedelta(hours=number % 8, days=number // 8 % 360)
        timed, minutes = number % 2 == 0, 30 + number % 30
        rows[HoursEntry].append({
            "id": number, "person_id": mine if number <= MINE else others[number % len(others)],
            "community_id": community_id, "kind": Kind.OWN if timed else Kind.ELSEWHERE, "learning": number % 5 != 0,
            "minutes": minutes, "day": begins.date(), "begins_at": begins if timed else None,
            "ends_at": begins + dt.timedelta(minutes=minutes) if timed else None,
            "line": f"Les {number} voorbereid met de vaksectie", "provider": "" if timed else "Bureau voor scholing",
            "created_at": AT,
        })  # fmt: skip
        waits = number > entries - WAITING
        done = [(Done.SENT, None, pot.id)] if waits else [(Done.SENT, None, pot.id), (Done.APPROVED, approver, None)]
        for kind, by, into in done:
            act += 1
            rows[HoursAct].append(
                {"id": act, "entry_id": number, "kind": kind, "by_id": by, "pot_id": into, "words": "", "at": AT}
            )
        if not waits:
            rows[HoursCount].append({
                "entry_id": number, "pot_id": pot.id, "act_id": act, "minutes": minutes, "overlap": 0, "above": 0,
                "at": AT,
            })  # fmt: skip
    for table, values in rows.items():
        for start in range(0, len(values), 5000):
            session.execute(insert(table), values[start : start + 5000])


@contextmanager
def _school(entries: int) -> Iterator[tuple[House, str, list[Phone]]]:
    """A school with so many entries: the house, its LMS and the phones of its people."""
    with lms() as platform, house() as at:
        phones = _people(at, platform, PEOPLE, "ambition", "ideas")
        with at.session() as session:
            fill(session, entries)
        yield at, platform.origin, phones


def _who(session: Session) -> tuple[int, int]:
    """The community, and the person who approves."""
    people = session.scalars(select(Member.person_id).order_by(Member.number))
    return session.scalars(select(Community.id)).one(), people.first() or 0


@contextmanager
def measure_export(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """hours_export_*: the worker makes the file in a process of its own; beside it the same cells, by XlsxWriter."""
    with _school(MANY) as (at, origin, _phones):
        with at.session() as session:
            community_id, approver = _who(session)
            pots, entries = gate.of_approver(session, community_id, approver)
            lines = out.lines(entries, pots, calling.names(session, community_id), "nl")
        rows = [astuple(line) for line in lines]
        del entries, lines

        def once() -> dict[str, float]:
            with at.session() as session:
                exports.ask(session, community_id, approver, exports.XLSX, "nl")
                number = session.scalars(select(HoursExport.id).filter_by(what=exports.XLSX)).one()
            job = {"kind": outbox.Kind.HOURS_EXPORT, "key": str(number), "ids": {"export": number}}
            found = json.loads(at.run("tests.load.worker", json.dumps(job | {"times": 1, "lms": origin}), timeout=300))
            with at.session() as session:
                made = exports.content(session, community_id, approver, exports.XLSX)
            ours, theirs = found["times"][0]["cpu"], _bare(rows)
            asked.tell(f"export: {ours:.2f} and {theirs:.2f} s of CPU, {len(made) / 2**20:.1f} MB")
            packed = _packed(at, origin, community_id, approver, pots[0].id)
            return {
                "hours_export_ratio": ours / theirs,
                "hours_export_50k_mb": found["peak_mb"],
                "hours_pack_50k_mb": packed,
            }

        yield once


def _packed(at: House, origin: str, community_id: int, approver: int, pot_id: int) -> float:
    """The greatest memory, in MB, of a process in which the worker makes the audit pack of all of it."""
    with at.session() as session:
        exports.ask(session, community_id, approver, f"{exports.PACK}{pot_id}", "nl")
        number = session.scalars(select(HoursExport.id).filter_by(what=f"{exports.PACK}{pot_id}")).one()
    job = {"kind": outbox.Kind.HOURS_EXPORT, "key": str(number), "ids": {"export": number}}
    found = json.loads(at.run("tests.load.worker", json.dumps(job | {"times": 1, "lms": origin}), timeout=600))
    with at.session() as session:
        assert exports.content(session, community_id, approver, f"{exports.PACK}{pot_id}")
    return float(found["peak_mb"])


def _bare(rows: list[tuple[out.Cell, ...]]) -> float:
    """Seconds of CPU of writing these cells as XlsxWriter's documentation does it for much data."""
    begun = time.thread_time()
    with xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        day, clock = book.add_format({"num_format": "dd-mm-yyyy"}), book.add_format({"num_format": "hh:mm"})
        hours = book.add_format({"num_format": "0.00"})
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif isinstance(cell, Decimal):
                    sheet.write_number(row, column, cell, hours)
                elif isinstance(cell, int):
                    sheet.write_number(row, column, cell)
                elif cell is not None:
                    sheet.write_datetime(row, column, cell, clock if isinstance(cell, dt.time) else day)
    return time.thread_time() - begun


@contextmanager
def measure_page(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """hours_page_50k_ratio: one's own page, in a school with 50,000 entries over one with 500, in turn."""
    with ExitStack() as stack:
        rooms = []
        for entries in (MANY, FEW):
            at, _origin, phones = stack.enter_context(_school(entries))
            port, workers = stack.enter_context(_serving(at, 1))
            rooms.append(Room(port, workers, phones, phones[0]))

        def once() -> dict[str, float]:
            costs = [0.0, 0.0]
            for _ in range(TIMES):
                for side, room in enumerate(rooms):
                    phone = room.phones[1]
                    costs[side] += room.cost(f"/l/{phone.launch}/hours", phone.headers, LOOKS) / TIMES
            asked.tell(f"hours: {costs[0] * 1000:.1f} and {costs[1] * 1000:.1f} ms of CPU")
            return {"hours_page_50k_ratio": costs[0] / costs[1]}

        yield once


@contextmanager
def measure_approve(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """hours_approve_ratio: 100 entries of sixty people at once over one, undone each time."""
    with _school(SCHOOL) as (at, _origin, _phones):
        engine = create_engine(at.settings.database_url)
        with Session(engine) as session:
            community_id, approver = _who(session)

        def cost(ids: list[int]) -> float:
            with Session(engine, expire_on_commit=False) as session:
                begun = time.thread_time()
                assert approvals.approve(session, community_id, approver, ids) == len(ids)
                seconds = time.thread_time() - begun
                session.rollback()
            return seconds

        def once() -> dict[str, float]:
            last = range(SCHOOL, SCHOOL - AT_ONCE, -1)
            used = [0.0, 0.0]
            for number in last[: 2 * TIMES]:
                used[0] += cost(list(last))
                used[1] += cost([number])
            asked.tell(f"approve: {used[0] / TIMES * 500:.1f} and {used[1] / TIMES * 500:.1f} ms of CPU")
            return {"hours_approve_ratio": used[0] / used[1]}

        yield once
        engine.dispose()
