"""The worker's test bench: a database, and workers that know one handler, which notes what it is given."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.delivery.outcome import Done, Later, Outcome, Row
from lti_tool.delivery.worker import Worker
from lti_tool.domain import outbox
from lti_tool.models import OutboxRow
from tests.actors import Tool

KIND = "job"


class Jobs:
    """A handler that notes what it is given; `broken` says what goes wrong with the key "bad", and where."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: list[str] = []
        self.outcomes: dict[str, Outcome] = {}
        self.broken: Callable[[str, Session | None], None] = lambda where, session: None
        self.during: Callable[[str], None] = lambda key: None

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        if any(row.key == "bad" for row in rows):
            self.broken("prepare", session)
        return {row.id: row.key for row in rows if row.key != "nothing"}

    def send(self, prepared: str) -> None:
        with self.lock:
            self.sent.append(prepared)
        if prepared == "bad":
            self.broken("send", None)
        self.during(prepared)

    def settle(self, session: Session, prepared: str, answer: Any) -> Outcome:
        if prepared == "bad":
            self.broken("settle", session)
        if isinstance(answer, Exception):
            return Later("error")
        return self.outcomes.get(prepared, Done())


class Bench:
    """A database, and workers that know one handler."""

    def __init__(self, tool: Tool, clock: time_machine.Traveller) -> None:
        self.tool, self.clock, self.jobs = tool, clock, Jobs()

    def worker(self) -> Worker:
        return Worker(self.tool.app, {KIND: self.jobs})

    def put(self, *keys: str, kind: str = KIND, **values: Any) -> None:
        for key in keys:
            with self.tool.session() as session:
                outbox.put(session, kind, key, **values)

    def rows(self) -> list[OutboxRow]:
        with self.tool.session() as session:
            return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    def row(self, key: str) -> OutboxRow:
        return next(row for row in reversed(self.rows()) if row.key == key)

    def move(self, seconds: float) -> None:
        self.clock.shift(seconds)


class Hurried(threading.Event):
    """An event whose waits are over at once; set after so many of them."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        self.waits -= 1
        if self.waits <= 0:
            self.set()
        return self.is_set()
