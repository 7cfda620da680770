"""The worker: claim what is due, prepare, send, settle.

A claim is a lease. A worker that dies leaves rows that another takes once the lease ends; handlers
may therefore run twice, and are written so that it does not matter. One thread talks to the
database, several talk to platforms.
"""

import datetime as dt
import random
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask
from sqlalchemy import Engine, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from lti_tool.db import db, now
from lti_tool.models import BrowserSession, Launch, LoginAttempt, OutboxRow, WorkerBeat
from lti_tool.observe import log

# Longer than the longest thing a handler does: a roster of many pages, each with its time limit.
LEASE = dt.timedelta(minutes=10)
SENDERS = 8
BATCH = 64
LOOK_AGAIN = 1.0
BEAT = 15.0
SWEEP = 3600.0
BACKOFF, BACKOFF_MAX = 5.0, 6 * 3600.0
# PostgreSQL's number for the lock under which rows are claimed.
CLAIMING = 0x1EE4


@dataclass(frozen=True)
class Done:
    """Settled; earlier rows of the same key are settled with it."""

    reason: str | None = None


@dataclass(frozen=True)
class Later:
    """To be tried again: after so many seconds, or (None) after the usual pause."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True)
class Stop:
    """Not to be tried again by itself."""

    reason: str


Outcome = Done | Later | Stop


class Handler(Protocol):
    """What one kind of row does. Only send may be slow, and it has no database session."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """Row id -> what send needs, or an Outcome for a row that needs no sending. Committed before send."""

    def send(self, prepared: Any) -> Any:
        """Talk to the platform; what is returned (or raised as OutboundError) goes to settle."""

    def settle(self, session: Session, prepared: Any, answer: Any) -> Outcome:
        """Write down what became of it."""


class Worker:
    """Works off the outbox of one database."""

    def __init__(self, app: Flask, handlers: dict[str, Handler], senders: int = SENDERS) -> None:
        with app.app_context():
            self.engine: Engine = db.engine
        self.handlers = handlers
        self.senders = senders
        # A pod's name has up to 63 characters; PostgreSQL refuses what is longer than the column.
        self.name = f"{socket.gethostname()[:48]}-{uuid.uuid4().hex[:8]}"
        self._beat = self._sweep = float("-inf")

    def run(self, stop: threading.Event, pause: float = 1.0) -> None:
        """Work until told to stop; looks for new rows every `pause` seconds. Survives a lost database."""
        while not stop.is_set():
            try:
                self.beat()
                self.drain(stop)
            except Exception as error:
                log.error("worker", error=type(error).__name__)
                stop.wait(5.0)
            stop.wait(pause)

    def drain(self, stop: threading.Event | None = None) -> int:
        """Do all that is due now; returns how many rows were settled one way or another."""
        under_way: dict[Future[Any], tuple[OutboxRow, Any]] = {}
        settled, look_again = 0, 0.0
        with ThreadPoolExecutor(self.senders, thread_name_prefix="sender") as pool:
            while True:
                stopping = stop is not None and stop.is_set()
                while not stopping and len(under_way) < BATCH and time.monotonic() >= look_again:
                    claimed = self._claim(BATCH)
                    if not claimed:
                        # What a slow platform holds up must not keep new rows waiting for long.
                        look_again = time.monotonic() + LOOK_AGAIN
                    for row, prepared in claimed:
                        under_way[pool.submit(_send, self.handlers[row.kind], prepared)] = (row, prepared)
                if not under_way:
                    return settled
                finished, _ = wait(under_way, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
                if not finished:
                    continue
                # Those that finish together are written together: one transaction, not one each.
                self._settle([(*under_way.pop(future), future.result()) for future in finished])
                settled += len(finished)
                if not under_way:
                    # Rows put in while we worked (a column was made: its scores are due) are taken too.
                    look_again = 0.0
                self.beat()

    def _claim(self, limit: int) -> list[tuple[OutboxRow, Any]]:
        """Lease due rows and prepare them. Of one (kind, key) only the newest, and never two at once."""
        other = aliased(OutboxRow)
        moment = now()
        free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < moment)
        due = (
            select(OutboxRow.id)
            .where(
                OutboxRow.kind.in_(self.handlers),
                OutboxRow.done_at.is_(None),
                OutboxRow.stopped_at.is_(None),
                OutboxRow.due_at <= moment,
                free,
                ~exists().where(
                    other.kind == OutboxRow.kind,
                    other.key == OutboxRow.key,
                    other.id != OutboxRow.id,
                    other.done_at.is_(None),
                    other.stopped_at.is_(None),
                    or_(other.id > OutboxRow.id, other.leased_until >= moment),
                ),
            )
            .order_by(OutboxRow.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if session.get_bind().dialect.name == "postgresql":
                # Claims take turns, as SQLite's writers do: a lease that is not committed yet is not seen,
                # and another worker would take a newer row of the same key beside it.
                session.execute(select(func.pg_advisory_xact_lock(CLAIMING)))
            rows = session.scalars(
                update(OutboxRow)
                .where(OutboxRow.id.in_(due))
                .values(leased_until=moment + LEASE, attempts=OutboxRow.attempts + 1)
                .returning(OutboxRow)
                .execution_options(synchronize_session=False)
            ).all()
        prepared: list[tuple[OutboxRow, Any]] = []
        for kind in dict.fromkeys(row.kind for row in rows):
            of_kind = [row for row in rows if row.kind == kind]
            ready = self._prepare(kind, of_kind)
            prepared += [(row, ready.get(row.id, Done("nothing_to_do"))) for row in of_kind]
        return prepared

    def _prepare(self, kind: str, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """What the handler makes of rows of its kind; a broken one does not hold up the others."""
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return self.handlers[kind].prepare(session, rows)
        except Exception as error:
            if len(rows) == 1:
                log.error("prepare", kind=kind, key=rows[0].key, error=type(error).__name__)
                return {rows[0].id: Later("error")}
        return {row_id: found for row in rows for row_id, found in self._prepare(kind, [row]).items()}

    def _settle(self, finished: Sequence[tuple[OutboxRow, Any, Any]]) -> None:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            for row, prepared, answer in finished:
                if isinstance(prepared, Done | Later | Stop):
                    outcome: Outcome = prepared
                else:
                    try:
                        with session.begin_nested():
                            outcome = self.handlers[row.kind].settle(session, prepared, answer)
                    except Exception as error:
                        log.error("settle", kind=row.kind, error=type(error).__name__)
                        outcome = Later("error")
                self._write(session, row, outcome)

    def _write(self, session: Session, row: OutboxRow, outcome: Outcome) -> None:
        values: dict[str, Any] = {"leased_until": None, "reason": outcome.reason}
        mine = OutboxRow.id == row.id
        if isinstance(outcome, Later):
            pause = outcome.seconds if outcome.seconds is not None else backoff(row.attempts)
            values["due_at"] = now() + dt.timedelta(seconds=pause)
            log.info("delivery_later", kind=row.kind, key=row.key, reason=outcome.reason, seconds=round(pause))
        else:
            values["stopped_at" if isinstance(outcome, Stop) else "done_at"] = now()
            # What is sent is computed anew each time: an older row of this key has nothing left to say.
            mine = (OutboxRow.kind == row.kind) & (OutboxRow.key == row.key) & (OutboxRow.id <= row.id)
            if isinstance(outcome, Stop):
                log.warning("delivery_stopped", kind=row.kind, key=row.key, reason=outcome.reason)
        session.execute(
            update(OutboxRow)
            .where(mine, OutboxRow.done_at.is_(None), OutboxRow.stopped_at.is_(None))
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    def beat(self) -> None:
        """Say that a worker lives, and now and then clear away what has expired."""
        moment = time.monotonic()
        if moment - self._beat >= BEAT:
            with Session(self.engine) as session, session.begin():
                session.merge(WorkerBeat(name=self.name, at=now()))
            self._beat = moment
        if moment - self._sweep >= SWEEP:
            self.sweep()
            self._sweep = moment

    def sweep(self) -> None:
        """Delete what has served its time: logins, launches, sessions, settled rows, silent workers."""
        day = now() - dt.timedelta(days=1)
        with Session(self.engine) as session, session.begin():
            session.execute(delete(Launch).where(Launch.created_at < day))
            session.execute(delete(BrowserSession).where(BrowserSession.created_at < day))
            session.execute(delete(LoginAttempt).where(LoginAttempt.created_at < day))
            session.execute(delete(OutboxRow).where(OutboxRow.done_at < now() - dt.timedelta(days=30)))
            session.execute(delete(WorkerBeat).where(WorkerBeat.at < day))


def _send(handler: Handler, prepared: Any) -> Any:
    if isinstance(prepared, Done | Later | Stop):
        return None
    try:
        return handler.send(prepared)
    except Exception as error:
        return error


def backoff(attempts: int) -> float:
    """Seconds to wait after so many attempts: doubling, with jitter, at most six hours."""
    return float(min(BACKOFF * 2 ** min(attempts - 1, 16), BACKOFF_MAX) * random.uniform(0.8, 1.2))


def heard_of(session: Session, within: dt.timedelta = dt.timedelta(minutes=1)) -> bool:
    """Whether a worker has been heard of lately."""
    return bool(session.scalar(select(func.count()).select_from(WorkerBeat).where(WorkerBeat.at > now() - within)))
