"""`leerkring serve`: the web processes and the worker beside them, which end and are renewed together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from queue import Empty, SimpleQueue

import click

from lti_tool.cli import child
from lti_tool.cli.failures import Problem
from lti_tool.config import from_environment

LEERKRING = (sys.executable, "-m", "lti_tool.cli")
# Seconds between two starts of a worker that ends by itself.
AGAIN = 5.0
# Where systemd puts the socket it holds for a service (sd_listen_fds(3)).
FROM_SYSTEMD = 3


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=4, show_default=True, help="Threads in each.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Run the web processes, and beside them the worker that delivers to the LMS.

    SIGTERM ends it and finishes what is under way; SIGHUP takes over new code without refusing a request.
    """
    settings = from_environment()
    listening = listen(bind)
    if code := upgraded():
        raise SystemExit(code)
    raise SystemExit(House(listening, workers, threads, with_worker=settings.broker_url is None).run())


def upgraded() -> int:
    """Bring the database up to date, by the code as it is now: a process of its own, which says what is wrong."""
    return subprocess.run([*LEERKRING, "db", "upgrade"], stdout=subprocess.DEVNULL, check=False).returncode


def listen(bind: str) -> socket.socket:
    """The socket at HOST:PORT, or the one that systemd holds for us; raises Problem where it cannot be had."""
    if os.environ.pop("LISTEN_PID", "") == str(os.getpid()) and os.environ.pop("LISTEN_FDS", ""):
        return socket.socket(fileno=FROM_SYSTEMD)
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if not port.isdigit() or int(port) > 65535 or not host:
        raise click.BadParameter("an address is HOST:PORT, such as 127.0.0.1:8000", param_hint="--bind")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        # Taken, but nobody is let in before gunicorn is there to answer: it is what listens.
        bound.bind((host, int(port)))
        return bound
    except OSError as error:
        raise Problem(
            f"Nothing can listen at {bind} ({os.strerror(error.errno or 0)}): another program does, perhaps another"
            " Leerkring; end it, or choose another address with --bind."
        ) from error


class House:
    """The processes that serve, and what is done when one of them ends or somebody says something.

    Each child ends with this process, by a pipe (cli.child), and is out of reach of the terminal's own signals.
    """

    def __init__(self, listening: socket.socket, workers: int, threads: int, *, with_worker: bool) -> None:
        self.heard: SimpleQueue[int] = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda number, _frame: self.heard.put(number))
        self.pipe, self._kept = os.pipe()
        bound = listening.fileno()
        self.web = self._start(
            *(sys.executable, "-m", "gunicorn", "--config", str(child.__file__), "--bind", f"fd://{bound}"),
            *("--workers", str(workers), "--threads", str(threads)),
            "lti_tool:create_app()",
            hand_on=bound,
        )
        listening.close()
        self.with_worker = with_worker
        self.worker: subprocess.Popen[bytes] | None = None
        self.begun = 0.0
        self.stopping = False

    def _start(self, *command: str, hand_on: int | None = None) -> subprocess.Popen[bytes]:
        kept = [self.pipe] if hand_on is None else [self.pipe, hand_on]
        environment = os.environ | {child.PARENT: str(self.pipe)}
        return subprocess.Popen(command, env=environment, pass_fds=kept, start_new_session=True)

    def run(self) -> int:
        """Until told to stop or the web processes end; the exit code, never 0 for what ended by itself."""
        while self.web.poll() is None and not self.stopping:
            self._see_to_worker()
            try:
                self._obey(self.heard.get(timeout=1.0))
            except Empty:
                continue
        while not self.heard.empty():
            # Who tells all of us to stop at once is not told that the web processes did.
            self.stopping |= self.heard.get() in (signal.SIGTERM, signal.SIGINT)
        code = None if self.stopping else self.web.poll()
        if code is not None:
            click.echo(f"leerkring: the web processes ended by themselves (status {code}).", err=True)
        self._stop()
        return 0 if code is None else 128 - code if code < 0 else code or 1

    def _see_to_worker(self) -> None:
        if not self.with_worker or (self.worker and self.worker.poll() is None):
            return
        if self.worker and self.worker.returncode:
            if time.monotonic() < self.begun + AGAIN:
                return
            click.echo(f"leerkring: the worker ended (status {self.worker.returncode}) and is started again.", err=True)
        self.worker, self.begun = self._start(*LEERKRING, "worker"), time.monotonic()

    def _obey(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self.stopping = True
        elif number == signal.SIGHUP:
            if code := upgraded():
                click.echo(f"leerkring: not reloaded (status {code}); everything runs on as it was.", err=True)
                return
            self.web.send_signal(signal.SIGHUP)
            if self.worker:
                # It finishes what it has in hand, and is started anew.
                self.worker.terminate()

    def _stop(self) -> None:
        """Let all finish what is under way, and end who does not."""
        there = [each for each in (self.web, self.worker) if each]
        for each in there:
            each.terminate()
        until = time.monotonic() + child.GRACE + 5
        for each in there:
            try:
                each.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()
