"""What the outbox's size does to a claim and a settle: CPU of one on a full table, over that on an empty one."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool import create_app
from lti_tool.db import now
from lti_tool.delivery.outcome import Done, Outcome, Row
from lti_tool.delivery.worker import Worker
from lti_tool.domain import outbox
from lti_tool.models import OutboxRow
from tests.load.house import Asked, House, house

SETTLED, SETTLES = 100_000, 200
FEW, MANY, CLAIMED, CLAIMS = 100, 10_000, 64, 40
KIND = outbox.Kind.SCORE


class _Nothing:
    """A handler that does nothing: what is measured is the outbox's own."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        return {row.id: row.key for row in rows}

    def send(self, prepared: Any) -> None:
        pass

    def settle(self, session: Session, prepared: Any, answer: Any) -> Outcome:
        return Done()


class _Side:
    """An installation with so many rows in its outbox, and a worker."""

    def __init__(self, at: House, rows: int, **values: Any) -> None:
        self.at = at
        self.app: Flask = create_app(at.settings)
        # With so many senders it takes 64 rows at once.
        self.worker = Worker(self.app, {KIND: _Nothing()}, senders=CLAIMED)
        moment = now()
        with at.session() as session:
            every = {"kind": KIND, "ids": {}, "due_at": moment, "created_at": moment, **values}
            for start in range(0, rows, 1000):
                numbers = range(start, min(start + 1000, rows))
                session.execute(insert(OutboxRow), [{**every, "key": str(number)} for number in numbers])

    def claim(self) -> tuple[float, list[tuple[Row, Any]]]:
        begun = time.thread_time()
        claimed = self.worker._claim(CLAIMED)
        return time.thread_time() - begun, claimed


@contextmanager
def measure_settle(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """outbox_settle_ratio: with 100,000 settled rows over none, in turn."""
    with house() as empty, house() as full:
        sides = (_Side(full, SETTLED, done_at=now(), attempts=1), _Side(empty, 0))

        def once() -> dict[str, float]:
            used = [0.0, 0.0]
            for number in range(SETTLES):
                for index, side in enumerate(sides):
                    with side.at.session() as session:
                        outbox.put(session, KIND, f"new-{number}")
                    _, ((row, prepared),) = side.claim()
                    begun = time.thread_time()
                    side.worker._settle([(row, prepared, None)])
                    used[index] += time.thread_time() - begun
            asked.tell(f"settle: {used[0] / SETTLES * 1e6:.0f} and {used[1] / SETTLES * 1e6:.0f} µs")
            return {"outbox_settle_ratio": used[0] / used[1]}

        yield once


@contextmanager
def measure_claim(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """outbox_claim_ratio: 64 rows with 10,000 that wait over 100, in turn."""
    with house() as few, house() as many:
        sides = (_Side(many, MANY), _Side(few, FEW))

        def once() -> dict[str, float]:
            used = [0.0, 0.0]
            for _ in range(CLAIMS):
                for index, side in enumerate(sides):
                    seconds, claimed = side.claim()
                    assert len(claimed) == CLAIMED
                    used[index] += seconds
                    with side.at.session() as session:
                        ids = [row.id for row, _ in claimed]
                        again = update(OutboxRow).where(OutboxRow.id.in_(ids))
                        session.execute(again.values(leased_until=None, attempts=0))
            asked.tell(f"claim: {used[0] / CLAIMS * 1e3:.2f} and {used[1] / CLAIMS * 1e3:.2f} ms")
            return {"outbox_claim_ratio": used[0] / used[1]}

        yield once
