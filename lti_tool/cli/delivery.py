"""`leerkring worker`: deliver what is due to the LMS."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import click

from lti_tool.cli.child import end_with_parent
from lti_tool.cli.database import ready

if TYPE_CHECKING:
    from flask import Flask


def work(app: Flask, stop: threading.Event, pause: float = 1.0) -> None:
    """Deliver until told to stop, looking for new rows every `pause` seconds."""
    from lti_tool.delivery.handlers import all_handlers
    from lti_tool.delivery.worker import Worker
    from lti_tool.parts import parts

    with app.app_context():
        Worker(app, all_handlers(parts())).run(stop, pause)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
def worker(once: bool) -> None:
    """Deliver what is due to the LMS (serve does it too, unless a broker is set)."""
    from lti_tool.delivery.handlers import all_handlers
    from lti_tool.delivery.worker import Worker
    from lti_tool.observe import watch_process
    from lti_tool.parts import parts

    app, stop = ready(), threading.Event()
    watch_process()
    # What is in hand is finished first.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    end_with_parent()
    with app.app_context():
        queued = parts().settings.broker_url is not None
        if once:
            click.echo(f"{Worker(app, all_handlers(parts())).drain(stop)} done")
    if queued and not once:
        _with_celery(app, stop)
    elif not once:
        work(app, stop)


def _with_celery(app: Flask, stop: threading.Event) -> None:
    """Be woken by messages, and look every few seconds all the same: a broker may be away for hours."""
    from celery.worker import state

    from lti_tool.delivery.celery import EVERY

    def look() -> None:
        work(app, stop, EVERY)
        # A SIGTERM that came before Celery listened for one is its too.
        state.should_stop = 0

    looking = threading.Thread(target=look, name="looking", daemon=True)
    looking.start()
    try:
        # Threads: a fork would take along the looking one's connections. One: a worker has senders of its own.
        app.extensions["leerkring.wake"].celery.worker_main(
            [
                *("worker", "--loglevel", "WARNING", "--pool", "threads", "--concurrency", "1"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ]
        )
    finally:
        stop.set()
        looking.join()
