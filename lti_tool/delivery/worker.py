"""The worker: claim what is due, prepare, send, settle.

A claim is a lease. A worker that dies leaves rows that another takes once the lease ends; handlers
may therefore run twice, and are written so that it does not matter. One thread talks to the
database, several talk to platforms; it claims no more than they will soon send, and leaves the rest to others.
"""

import datetime as dt
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from typing import Any, cast

from flask import Flask
from sqlalchemy import Engine, Table, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import db, now
from lti_tool.delivery import alarms, claim, rest
from lti_tool.delivery.hand import Hand, Sent
from lti_tool.delivery.outcome import OF_ADDRESS, Done, Handler, Later, Outcome, Row, Stop, backoff, trouble
from lti_tool.domain.hours import exports, handed, outside
from lti_tool.domain.mechanisms import forgetting
from lti_tool.domain.school import codes
from lti_tool.lti import origins
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import BrowserSession, BurntNonce, Launch, OutboxRow, WorkerBeat
from lti_tool.observe import log
from lti_tool.parts import Parts

SENDERS = 8
# At most so many rows are in a worker's hand, and at most three for each sender.
BATCH, EACH = 64, 3
LOOK_AGAIN = 1.0
# What finishes within so many seconds is written together.
GATHER = 0.03
BEAT = 15.0
SWEEP = 3600.0

_ROW = cast(Table, OutboxRow.__table__).c
_UNFINISHED = _ROW.done_at.is_(None) & _ROW.stopped_at.is_(None)
# What is sent is computed anew each time: an older row of this key has nothing left to say.
_OF_KEY = (_ROW.kind == bindparam("of_kind")) & (_ROW.key == bindparam("of_key")) & (_ROW.id <= bindparam("of_id"))
_END: dict[str, Any] = {"leased_until": None, "reason": bindparam("why")}
_TABLE = cast(Table, OutboxRow.__table__)
_DONE = update(_TABLE).where(_OF_KEY, _UNFINISHED).values(**_END, done_at=bindparam("moment"))
_STOPPED = update(_TABLE).where(_OF_KEY, _UNFINISHED).values(**_END, stopped_at=bindparam("moment"))
_LATER = update(_TABLE).where(_ROW.id == bindparam("of_id"), _UNFINISHED).values(**_END, due_at=bindparam("moment"))
_RELEASED = update(_TABLE).where(_ROW.id == bindparam("of_id"), _UNFINISHED).values(leased_until=None)


class Worker:
    """Works off the outbox of one database."""

    def __init__(self, app: Flask, handlers: dict[str, Handler], senders: int = SENDERS) -> None:
        with app.app_context():
            self.engine: Engine = db.engine
        of: Parts = app.extensions["leerkring"]
        self.steps = of.steps
        self.handlers = handlers
        self.kinds = [str(kind) for kind in handlers]
        self.senders = senders
        self.hand = Hand(senders, self._send)
        # A pod's name has up to 63 characters; PostgreSQL refuses what is longer than the column.
        self.name = f"{socket.gethostname()[:48]}-{uuid.uuid4().hex[:8]}"
        self._beat = self._sweep = float("-inf")
        # Platforms with a row that tries first, and whose turn it was when.
        self._trials: set[int] = set()
        self._turns: dict[int | None, int] = {}

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
        settled, look_again, look_around = 0, 0.0, 0.0
        size = min(BATCH, EACH * self.senders)
        with self.hand.open():
            while True:
                stopping = stop is not None and stop.is_set()
                held, idle, moment = self.hand.held, self.hand.idle, time.monotonic()
                room = size - held if held <= size * 2 // 3 and moment >= look_again else 0
                if not room and moment >= look_around:
                    # What one platform holds up must not keep another's new rows waiting for long.
                    room = idle
                if room and not stopping:
                    claimed = self._claim(room)
                    look_around = moment + LOOK_AGAIN
                    if not claimed:
                        look_again = look_around
                    self.hand.take(claimed)
                    held += len(claimed)
                if not held:
                    return settled
                finished = self.hand.finished(LOOK_AGAIN, GATHER)
                if finished:
                    self._settle([(sent.row, sent.prepared, sent.answer) for sent in finished], finished)
                    settled += len(finished)
                    # An answer makes room for more of that platform; and what was put in while we worked
                    # (a column was made: its scores are due) is taken too.
                    look_again = 0.0
                self.beat()

    def _send(self, row: Row, prepared: Any) -> tuple[Any, dt.datetime | None]:
        if isinstance(prepared, Done | Later | Stop):
            return None, None
        begun = now()
        try:
            return self.handlers[row.kind].send(prepared), begun
        except Exception as error:
            return error, begun

    def _claim(self, limit: int) -> list[tuple[Row, Any]]:
        """Lease due rows and prepare them: every platform in its turn, as many as it has room for."""
        rows: list[Row] = []
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            claim.take_turn(session)
            for platform in rest.resting(session):
                self._give_back(session, platform)
            waiting = claim.waiting(session, self.kinds)
            waiting.sort(key=lambda each: (self.hand.of(each.platform), self._turns.get(each.platform, 0)))
            for left, each in zip(range(len(waiting), 0, -1), waiting, strict=True):
                room = 1 if each.trial else self.hand.room(each.platform)
                share = min(room, -((len(rows) - limit) // left))
                if share <= 0:
                    continue
                found = claim.claim(session, self.kinds, each.platform, share)
                if found and each.trial and each.platform is not None:
                    rest.try_first(session, each.platform)
                    self._trials.add(each.platform)
                self._turns[each.platform] = max(self._turns.values(), default=0) + 1
                rows += found
        prepared: list[tuple[Row, Any]] = []
        for kind in dict.fromkeys(row.kind for row in rows):
            of_kind = [row for row in rows if row.kind == kind]
            ready = self._prepare(kind, of_kind)
            prepared += [(row, ready.get(row.id, Done("nothing_to_do"))) for row in of_kind]
        return prepared

    def _prepare(self, kind: str, rows: Sequence[Row]) -> dict[int, Any]:
        """What the handler makes of rows of its kind; a broken one does not hold up the others."""
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                return self.handlers[kind].prepare(session, rows)
        except Exception as error:
            if len(rows) == 1:
                log.error("prepare", kind=kind, key=rows[0].key, error=type(error).__name__)
                return {rows[0].id: Later("error")}
        return {row_id: found for row in rows for row_id, found in self._prepare(kind, [row]).items()}

    def _settle(self, finished: Sequence[tuple[Row, Any, Any]], sent: Sequence[Sent] = ()) -> None:
        """Write down what became of rows, in one transaction; where one breaks, each in its own."""
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                outcomes = [(row, self._outcome(session, row, prepared, answer)) for row, prepared, answer in finished]
                self._write(session, outcomes)
                self._note(session, sent)
        except Exception as error:
            if len(finished) > 1:
                for row, prepared, answer in finished:
                    self._settle([(row, prepared, answer)], [each for each in sent if each.row is row])
                return
            log.error("settle", kind=finished[0][0].kind, error=type(error).__name__)
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                self._write(session, [(finished[0][0], Later("error"))])

    def _outcome(self, session: Session, row: Row, prepared: Any, answer: Any) -> Outcome:
        if isinstance(prepared, Done | Later | Stop):
            return prepared
        return self.handlers[row.kind].settle(session, prepared, answer)

    def _write(self, session: Session, outcomes: Sequence[tuple[Row, Outcome]]) -> None:
        moment = now()
        written: dict[Any, list[dict[str, Any]]] = {_DONE: [], _STOPPED: [], _LATER: []}
        for row, outcome in outcomes:
            of_row = {"of_id": row.id, "why": outcome.reason, "moment": moment}
            if isinstance(outcome, Later):
                pause = outcome.seconds if outcome.seconds is not None else backoff(row.attempts)
                written[_LATER].append({**of_row, "moment": moment + dt.timedelta(seconds=pause)})
                log.info("delivery_later", kind=row.kind, key=row.key, reason=outcome.reason, seconds=round(pause))
            else:
                stopped = isinstance(outcome, Stop)
                written[_STOPPED if stopped else _DONE].append({**of_row, "of_kind": row.kind, "of_key": row.key})
                if stopped:
                    log.warning("delivery_stopped", kind=row.kind, key=row.key, reason=outcome.reason)
        for statement, values in written.items():
            if values:
                session.connection().execute(statement, values)

    def _note(self, session: Session, sent: Sequence[Sent]) -> None:
        """Remember of each platform whether it answers; what waits for one that does not goes back."""
        for platform in {each.row.platform for each in sent} - {None}:
            assert platform is not None
            calls = [each for each in sent if each.row.platform == platform and each.begun is not None]
            failed = [(each.begun, error) for each in calls if (error := trouble(each.answer))]
            everywhere = [] if failed else [each for each in calls if self._is_everywhere(session, platform, each)]
            failed += [(each.begun, each.answer) for each in everywhere]
            unknown = {each.answer.origin for each in calls if isinstance(each.answer, origins.OriginWaits)}
            if unknown and (waiting := origins.note(session, platform, sorted(unknown))):
                # What a launch names waits since then; a column may be somewhere else again.
                log.warning("origin_waits", platform=platform, origins=waiting)
            trial = platform in self._trials
            self._trials.discard(platform)
            for begun, error in failed:
                assert begun is not None
                rest.rest(session, platform, begun, error, bool(everywhere))
            if failed:
                log.info("platform_rests", platform=platform, reason=failed[0][1].reason)
                self._give_back(session, platform)
            elif calls:
                self.hand.answers(platform)
                if trial:
                    rest.over(session, platform)
            elif trial:
                rest.untried(session, platform)

    @staticmethod
    def _is_everywhere(session: Session, platform: int, sent: Sent) -> bool:
        """Whether what was said of this address is said of columns in several courses: of the tool, that is."""
        error = sent.answer
        refused = isinstance(error, OutboundError) and error.status in OF_ADDRESS
        return refused and alarms.widespread(session, platform, error)

    def _give_back(self, session: Session, platform: int) -> None:
        """Let go of what waits for a platform in trouble."""
        back = [{"of_id": row.id} for row in self.hand.doubt(platform)]
        if back:
            session.connection().execute(_RELEASED, back)

    def beat(self) -> None:
        """Say that a worker lives and keeps what it has in hand; now and then clear away what has expired."""
        moment = time.monotonic()
        if moment - self._beat >= BEAT:
            with Session(self.engine) as session, session.begin():
                session.merge(WorkerBeat(name=self.name, at=now()))
                claim.renew(session, self.hand.rows)
                rest.still_trying(session, self._trials)
            self._beat = moment
        if moment - self._sweep >= SWEEP:
            self.sweep()
            self._sweep = moment

    def sweep(self) -> None:
        """Delete what has served its time: answered logins, launches, sessions, settled rows, silent workers; and
        what people answered alone, for totals only."""
        day = now() - dt.timedelta(days=1)
        with Session(self.engine) as session, session.begin():
            session.execute(delete(Launch).where(Launch.created_at < day))
            session.execute(delete(BrowserSession).where(BrowserSession.created_at < day))
            session.execute(delete(BurntNonce).where(BurntNonce.created_at < day))
            session.execute(delete(OutboxRow).where(OutboxRow.done_at < now() - dt.timedelta(days=30)))
            session.execute(delete(WorkerBeat).where(WorkerBeat.at < day))
            alarms.forget_untried(session)
            outside.forget(session)
            codes.forget(session)
            handed.forget(session)
            exports.forget(session)
        # By itself: where it fails, the rest is done.
        with Session(self.engine) as session, session.begin():
            forgetting.forget(session, self.steps)


def heard_of(session: Session, within: dt.timedelta = dt.timedelta(minutes=1)) -> bool:
    """Whether a worker has been heard of lately."""
    return bool(session.scalar(select(func.count()).select_from(WorkerBeat).where(WorkerBeat.at > now() - within)))
