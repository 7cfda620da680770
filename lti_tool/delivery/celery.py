"""The same handlers on Celery, for more than one machine.

A message holds nothing: it only wakes a worker, which then does what the outbox says is due. A lost
message, or a broker that is away, loses nothing: a worker looks for itself every few seconds, by no clock but its
own (`leerkring worker`); one too many finds nothing to do.
"""

import threading
from typing import Any

from celery import Celery
from flask import Flask
from kombu.exceptions import OperationalError

from lti_tool.config import ConfigError
from lti_tool.delivery.handlers import all_handlers
from lti_tool.delivery.worker import Worker
from lti_tool.observe import fault, log
from lti_tool.parts import Parts

DRAIN = "leerkring.drain"
EVERY = 5.0


def create_celery(app: Flask) -> Any:
    """The Celery application around a Flask one; raises ConfigError without a broker."""
    settings_of: Parts = app.extensions["leerkring"]
    if settings_of.settings.broker_url is None:
        raise ConfigError(
            "LEERKRING_BROKER_URL is not set: Celery needs a broker, for example redis://localhost:6379/0."
        )
    celery = Celery("leerkring", broker=settings_of.settings.broker_url)
    celery.conf.update(
        task_acks_late=True,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        # For ever: it ends after a hundred times unless told so.
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5},
    )
    worker = Worker(app, all_handlers(settings_of))

    @celery.task(name=DRAIN)  # type: ignore[untyped-decorator,unused-ignore]
    def drain() -> int:
        """Do all that is due now."""
        try:
            with app.app_context():
                return worker.drain()
        except Exception as error:
            # Celery would write down its words. What is due is found again at the next look.
            log.error("worker", **fault(error))
            return 0

    return celery


class Waker:
    """Wakes a worker after a commit, from a thread of its own: no page waits for a broker that is away."""

    def __init__(self, app: Flask) -> None:
        self.celery = create_celery(app)
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """Have one message sent soon; several calls may share one."""
        self._wanted.set()
        with self._starting:
            # Begun at the first call: a thread does not survive the fork of a web process.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send, name="waker", daemon=True)
                self._thread.start()

    def reachable(self) -> bool:
        """Whether the broker answers now; asked by the operator's pages, waits two seconds at most."""
        with self.celery.connection_for_write() as connection:
            try:
                connection.ensure_connection(max_retries=1, interval_start=0.0, timeout=2.0)
            except (OperationalError, OSError):
                return False
        return True

    def _send(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self.celery.send_task(DRAIN, ignore_result=True, retry=False)
            except (OperationalError, OSError) as error:
                # Nothing is lost: workers look for themselves.
                log.warning("wake_failed", error=type(error).__name__)
