"""The worker in a process of its own: puts a row in the outbox, works everything off, and says what it took.

`python -m tests.load.worker '{"kind": ..., "key": ..., "ids": {...}, "times": 1, "lms": origin}'`; or, with
'{"senders": 2, "limit": 5}', it says that it is ready, and works until its stdin ends. limit: of each call, in seconds.
"""

import json
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

from lti_tool import create_app
from lti_tool.db import command
from lti_tool.delivery.handlers import all_handlers
from lti_tool.delivery.worker import Worker
from lti_tool.domain import outbox
from lti_tool.lti import outbound
from lti_tool.parts import parts
from tests.load.lms import stats


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each time, of them the LMS's and those this process computed; its greatest memory in MB."""
    app = create_app()
    with app.app_context():
        worker = Worker(app, all_handlers(parts()))
        times = []
        for _ in range(job["times"]):
            with command(app) as session:
                outbox.put(session, job["kind"], job["key"], **job["ids"])
            busy, begun, cpu = stats(job["lms"])["busy"], time.perf_counter(), time.process_time()
            worker.drain()
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
            times.append({"seconds": seconds, "lms": stats(job["lms"])["busy"] - busy, "cpu": cpu})
    return {"times": times, "peak_mb": peak_mb()}


def idle(job: dict[str, Any]) -> None:
    """Work as `leerkring worker` does, until stdin ends."""
    if "limit" in job:
        outbound.TIMEOUT = (job["limit"], job["limit"])
    app, stop = create_app(), threading.Event()
    with app.app_context():
        worker = Worker(app, all_handlers(parts()), job["senders"])
        working = threading.Thread(target=worker.run, args=(stop,))
        working.start()
        print("ready", flush=True)
        sys.stdin.read()
        stop.set()
        working.join()


def peak_mb() -> float:
    """The greatest resident memory of this process: the kernel's high-water mark of this program alone.

    ru_maxrss would do, but keeps what the parent had before this program was executed.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    if "senders" in wanted:
        idle(wanted)
    else:
        print(json.dumps(work(wanted)))
