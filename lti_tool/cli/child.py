"""What a process that `leerkring serve` starts is: it ends with the one that started it, however that ends.

Also gunicorn's settings file, read by its path: gunicorn's first process imports nothing of Leerkring, so that a
reload finds the code as it is by then. Elsewhere standard library only.
"""

import os
import signal
import threading
from typing import Any

PARENT = "LEERKRING_PARENT_FD"
# Seconds to finish what is under way, as gunicorn's graceful_timeout; who is not done then is ended.
GRACE = 30.0

control_socket_disable = True
graceful_timeout = int(GRACE)
# If somebody wants an access log: who came and to which page stays out of it.
access_log_format = "%(t)s %(m)s %(s)s %(M)s"


def end_with_parent() -> None:
    """Begin to stop, as by SIGTERM, once the process that started this one is gone: its end of a pipe is closed then.

    A pipe, as Linux and macOS have it alike: the kernel closes it also for who is killed. Without a pipe: nothing.
    """
    if descriptor := os.environ.pop(PARENT, ""):
        threading.Thread(target=_watch, args=(int(descriptor),), name="parent", daemon=True).start()


def _watch(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE + 5)
    os._exit(1)


def on_starting(_server: Any) -> None:
    """gunicorn, before its first web process: these look at who their parent is themselves."""
    end_with_parent()


def post_worker_init(_worker: Any) -> None:
    """gunicorn, in a web process, the application being there."""
    from lti_tool.observe import watch_process

    watch_process()


if __name__ == "__config__":
    from gunicorn.workers.gthread import ThreadWorker

    class Worker(ThreadWorker):  # type: ignore[misc,unused-ignore]
        """What gunicorn's first process makes and a web process becomes: ours, of the code as it is by then."""

        def init_process(self) -> None:
            """In the web process, which this call runs."""
            from lti_tool.serving import Worker as Gathering

            self.__class__ = Gathering
            self.init_process()

    worker_class = Worker
