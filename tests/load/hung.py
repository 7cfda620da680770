"""How long a platform that answers is kept waiting by one that takes connections and never says a word."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import delete, update

from lti_tool.db import now
from lti_tool.models import OutboxRow
from tests.load.house import Asked, house
from tests.load.lms import LINE_ITEMS, Lms, lms
from tests.load.passback import place

ROWS, LIMIT, SENDERS = 300, 5, 8


class Hung:
    """Accepts, reads nothing, answers nothing."""

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._kept: list[socket.socket] = []
        self.called = threading.Event()
        self.platform = Lms(f"http://127.0.0.1:{self._socket.getsockname()[1]}")
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in (self._socket, *self._kept):
            each.close()

    def _accept(self) -> None:
        try:
            while True:
                self._kept.append(self._socket.accept()[0])
                self.called.set()
        except OSError:
            return


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """hung_platform: from the commit of another platform's row to its first request, in time limits of a call."""

    def once() -> dict[str, float]:
        with Hung() as hung, lms() as well, house() as at:
            column = f"{LINE_ITEMS}/2/lineitem?type_id=1"
            with at.session() as session:
                place(session, hung.platform, ROWS, "hung", hung.platform.origin + column)
                session.execute(delete(OutboxRow).where(OutboxRow.kind != "score"))
                session.execute(update(OutboxRow).values(due_at=now()))
            with at.at_work("tests.load.worker", json.dumps({"senders": SENDERS, "limit": LIMIT})):
                assert hung.called.wait(60)
                with at.session() as session:
                    place(session, well, 1, "well", well.origin + column)
                    session.execute(delete(OutboxRow).where(OutboxRow.kind != "score"))
                begun = time.monotonic()
                while not sum(well.stats()["calls"].values()):
                    assert time.monotonic() - begun < 60 * LIMIT, "never called"
                    time.sleep(0.02)
                seconds = time.monotonic() - begun
        asked.tell(f"hung: {seconds:.2f} s")
        return {"hung_platform": seconds / LIMIT}

    yield once
