"""What a worker has in hand: claimed rows, and the threads that send them, none too many for one platform.

A platform that has not answered yet may take a quarter of the senders, one that answers all but one: whoever
hangs holds up nobody else.
"""

import datetime as dt
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lti_tool.delivery.outcome import Row, trouble


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that was sent, or needed no sending. begun: when it left, None when nothing did."""

    row: Row
    prepared: Any
    answer: Any
    begun: dt.datetime | None


class Hand:
    """Rows in hand, by platform (None: they leave for nowhere). What is known of platforms outlives a drain."""

    def __init__(self, senders: int, send: Callable[[Row, Any], tuple[Any, dt.datetime | None]]) -> None:
        self.senders = senders
        self._send = send
        self._lock = threading.Lock()
        self._work, self._done = threading.Condition(self._lock), threading.Condition(self._lock)
        self._waiting: dict[int | None, deque[tuple[Row, Any]]] = {}
        self._flying: Counter[int | None] = Counter()
        self._sending: set[int] = set()
        self._finished: list[Sent] = []
        self._answered: set[int | None] = {None}
        # Those of whose trouble the worker has still to hear: nothing more leaves for them.
        self._failed: set[int | None] = set()
        self._threads: list[threading.Thread] = []
        self._open = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """Senders work within it."""
        self._open = True
        try:
            yield
        finally:
            with self._lock:
                self._open = False
                self._work.notify_all()
            for thread in self._threads:
                thread.join()
            self._threads = []

    @property
    def held(self) -> int:
        """How many rows are in hand, whatever their state."""
        with self._lock:
            return self._held()

    def _held(self) -> int:
        return self._flying.total() + sum(map(len, self._waiting.values())) + len(self._finished)

    @property
    def rows(self) -> list[int]:
        """The ids of the rows in hand."""
        with self._lock:
            waiting = [row.id for rows in self._waiting.values() for row, _ in rows]
            return [*self._sending, *waiting, *(sent.row.id for sent in self._finished)]

    @property
    def idle(self) -> int:
        """How many senders have nothing to do."""
        with self._lock:
            return self.senders - self._flying.total()

    def of(self, platform: int | None) -> int:
        """How many rows of a platform wait or are under way."""
        return self._flying[platform] + len(self._waiting.get(platform, ()))

    def room(self, platform: int | None) -> int:
        """How many more rows of a platform may be claimed: three for each sender it may have, if it answers.

        None before a third of them has left: a few claims of many cost less than many of a few.
        """
        share, held = self._share(platform), self.of(platform)
        if platform not in self._answered:
            return share - held
        return 3 * share - held if held <= 2 * share else 0

    def _share(self, platform: int | None) -> int:
        if platform is None:
            return self.senders
        return max(1, self.senders - 1 if platform in self._answered else self.senders // 4)

    def answers(self, platform: int | None) -> None:
        """It answers: it may have more."""
        with self._lock:
            self._answered.add(platform)
            self._work.notify_all()

    def doubt(self, platform: int | None) -> list[Row]:
        """It does not: what waits for it leaves the hand."""
        with self._lock:
            self._answered.discard(platform)
            self._failed.discard(platform)
            return [row for row, _ in self._waiting.pop(platform, ())]

    def take(self, claimed: list[tuple[Row, Any]]) -> None:
        """Take claimed rows in hand."""
        with self._lock:
            for row, prepared in claimed:
                self._waiting.setdefault(row.platform, deque()).append((row, prepared))
            while len(self._threads) < min(self.senders, self._held()):
                self._threads.append(threading.Thread(target=self._work_off, name="sender", daemon=True))
                self._threads[-1].start()
            self._work.notify_all()

    def finished(self, timeout: float, gather: float) -> list[Sent]:
        """What is finished, within `timeout` seconds; those that finish within `gather` of the first come with it."""
        with self._lock:
            self._done.wait_for(lambda: self._finished, timeout)
            if self._finished and self._flying.total() and gather:
                until = time.monotonic() + gather
                while (left := until - time.monotonic()) > 0 and self._flying.total():
                    self._done.wait(left)
            found, self._finished = self._finished, []
            return found

    def _next(self) -> tuple[Row, Any] | None:
        """The next row of whoever has least under way, among those that may have more."""
        free = [each for each in self._waiting if each not in self._failed and self._flying[each] < self._share(each)]
        if not free:
            return None
        platform = min(free, key=lambda each: self._flying[each])
        rows = self._waiting[platform]
        found = rows.popleft()
        if not rows:
            del self._waiting[platform]
        self._flying[platform] += 1
        self._sending.add(found[0].id)
        return found

    def _work_off(self) -> None:
        while True:
            with self._lock:
                while (found := self._next()) is None:
                    if not self._open:
                        return
                    self._work.wait()
            row, prepared = found
            answer, begun = self._send(row, prepared)
            with self._lock:
                self._flying[row.platform] -= 1
                self._sending.discard(row.id)
                if trouble(answer):
                    self._failed.add(row.platform)
                self._finished.append(Sent(row, prepared, answer, begun))
                self._done.notify()
                self._work.notify()
