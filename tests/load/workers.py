"""Whether four workers do in a quarter of the time what one does: on PostgreSQL, four platforms at 200 ms."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import delete

from lti_tool.models import OutboxRow
from tests.load.house import Asked, house
from tests.load.lms import LINE_ITEMS, lms
from tests.load.passback import place

PLATFORMS, DELAY, SCORES, SENDERS = 4, 0.2, 500, 2


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """workers_speedup_4: one worker's time over four's."""

    def once() -> dict[str, float]:
        one, four = _seconds(asked, 1), _seconds(asked, 4)
        asked.tell(f"workers: {one:.1f} s with one, {four:.1f} s with four")
        return {"workers_speedup_4": one / four}

    yield once


def _seconds(asked: Asked, workers: int) -> float:
    """From the commit of the last row to the last score taken; the workers stand ready."""
    with ExitStack() as stack:
        platforms = [stack.enter_context(lms(delay=DELAY)) for _ in range(PLATFORMS)]
        at = stack.enter_context(house(asked.server))
        for _ in range(workers):
            job = json.dumps({"senders": SENDERS})
            process = stack.enter_context(at.at_work("tests.load.worker", job))
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        with at.session() as session:
            for number, platform in enumerate(platforms):
                url = f"{platform.origin}{LINE_ITEMS}/2/lineitem?type_id=1"
                place(session, platform, SCORES // PLATFORMS, f"person-{number}", url)
            session.execute(delete(OutboxRow).where(OutboxRow.kind != "score"))
        begun = time.monotonic()
        while sum(platform.stats()["calls"].get("score", 0) for platform in platforms) < SCORES:
            time.sleep(0.05)
        return time.monotonic() - begun
