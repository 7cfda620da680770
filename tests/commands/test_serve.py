"""`leerkring serve`, as a process: its children end with it, its exit code is true, nothing under way is cut."""

import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import ALL, need

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
UNDER_WAY = 12


# As systemd hands on a socket that it holds: number 3, and for whom it is.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass
class Served:
    """A `leerkring serve` that runs; what it and its children write, line by line."""

    process: subprocess.Popen[str]
    url: str = ""
    lines: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def read(self) -> None:
        """Until all that write are gone."""
        assert self.process.stderr
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()

    def said(self, pattern: str) -> int:
        """How many lines hold it."""
        return sum(bool(re.search(pattern, line)) for line in self.lines)

    def says(self, pattern: str, times: int = 1) -> None:
        """Wait until so many lines hold it."""
        with self.news:
            assert self.news.wait_for(lambda: self.said(pattern) >= times, PATIENCE), "".join(self.lines)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str = "/healthz") -> int:
        """The status of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status


def children_of(pid: int) -> list[int]:
    """All processes that descend from one."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            child = int(path.parent.name)
            found += [child, *children_of(child)]
    return found


@contextmanager
def ends(pids: list[int]) -> Iterator[None]:
    """After it, all of these have ended, or will within a while."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("NOT TESTED: processes are watched in Linux's way")
    watched = [os.pidfd_open(pid) for pid in pids]
    try:
        yield
        for pid, descriptor in zip(pids, watched, strict=True):
            assert select.select([descriptor], [], [], PATIENCE)[0], f"{pid} is left"
    finally:
        for pid, descriptor in zip(pids, watched, strict=True):
            if not select.select([descriptor], [], [], 0)[0]:
                os.kill(pid, signal.SIGKILL)
            os.close(descriptor)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


Serve = Callable[..., Served]


@contextmanager
def serving(keys: Path) -> Iterator[Serve]:
    """Starts one and waits until it answers; whatever is left of it at the end is ended. web: how many processes."""
    with ExitStack() as stack:

        def start(url: str, *, web: int = 1, listening: socket.socket | None = None) -> Served:
            port = listening.getsockname()[1] if listening else free_port()
            environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")} | {
                "LEERKRING_BASE_URL": f"http://localhost:{port}",
                "LEERKRING_DATABASE_URL": url,
                "LEERKRING_KEYS_DIR": str(keys),
                "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
            }
            command = [sys.executable, "-m", "lti_tool.cli", "serve", "--bind", f"127.0.0.1:{port}"]
            command += ["--workers", str(web)]
            kept: tuple[int, ...] = ()
            if listening:
                kept = (listening.fileno(),)
                command = [sys.executable, "-c", AS_SYSTEMD, str(listening.fileno()), *command]
            process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True, pass_fds=kept
            )
            served = Served(process, f"http://127.0.0.1:{port}")
            reader = threading.Thread(target=served.read)
            reader.start()
            stack.callback(reader.join)
            stack.callback(close, process)
            served.says("Booting worker", web)
            assert served.get() == 200
            return served

        yield start


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts one for this test."""
    with serving(tmp_path / "keys") as start:
        yield start


class Standing:
    """One with two web processes, for all tests that leave it as it was: to start one takes five programs."""

    def __init__(self, start: Serve, database: Path) -> None:
        self._start, self.url = start, f"sqlite:///{database}"
        self._served: Served | None = None

    def served(self) -> Served:
        """Where a test ended it, another."""
        if self._served is None or self._served.process.poll() is not None:
            self._served = self._start(self.url, web=2)
        return self._served


@pytest.fixture(scope="module")
def standing(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("standing")
    shutil.copy(_migrated_sqlite, folder / "standing.db")
    with serving(folder / "keys") as start:
        yield Standing(start, folder / "standing.db")


def close(process: subprocess.Popen[str]) -> None:
    """End it and all that descend from it."""
    for pid in [*children_of(process.pid), process.pid] if process.poll() is None else []:
        os.kill(pid, signal.SIGKILL)
    process.wait()


# It ends as a whole


def web_of(served: Served) -> int:
    """gunicorn's first process: the one that has children of its own."""
    (found,) = (pid for pid in children_of(served.process.pid) if children_of(pid))
    return found


def worker_of(served: Served) -> int:
    """The process that delivers."""
    web = web_of(served)
    (found,) = set(children_of(served.process.pid)) - {web, *children_of(web)}
    return found


# Of two ways in which gunicorn ends well by itself one will do.
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, *([signal.SIGQUIT] if ALL else [])])
def test_it_does_not_end_well_when_the_web_processes_do_not(
    serve: Serve, sqlite_url: str, number: signal.Signals
) -> None:
    """systemd and containers start again what did not end well."""
    served = serve(sqlite_url)
    with ends(children_of(served.process.pid)):
        os.kill(web_of(served), number)
        assert served.process.wait(PATIENCE) == (128 + number if number == signal.SIGKILL else 1)
    served.says("the web processes ended by themselves")


def test_sighup_with_a_database_it_cannot_bring_up_to_date_changes_nothing(standing: Standing) -> None:
    served = standing.served()
    # A worker that still begins would find the newer database too, and end: the first test of the one that stands, for
    # of a worker that was started again nobody could say whether it has begun.
    while served.get("/readyz") != 200:
        assert served.process.poll() is None
    children = children_of(served.process.pid)
    engine = create_engine(standing.url)
    with engine.begin() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    served.process.send_signal(signal.SIGHUP)
    served.says("by a newer Leerkring than this one")
    served.says(r"not reloaded \(status 1\)")
    assert set(children_of(served.process.pid)) == set(children)
    assert served.get() == 200
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()


def test_a_worker_that_dies_is_started_again(standing: Standing) -> None:
    served = standing.served()
    first, before = worker_of(served), served.said("the worker ended")
    with ends([first]):
        os.kill(first, signal.SIGKILL)
    served.says("the worker ended", before + 1)
    assert worker_of(served) != first
    assert served.get() == 200


# Nothing is cut, nobody refused


def accepted(port: int) -> bool:
    """Whether nobody waits any more to be let in (proc(5), tcp: of one that listens, rx_queue is who waits)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            return int(fields[4].rpartition(":")[2], 16) == 0
    return False


@pytest.mark.postgresql
def test_sigterm_finishes_requests_under_way(serve: Serve, postgresql_url: str) -> None:
    """Twelve, of which eight have a thread and four wait for one: each gets its whole answer."""
    need("/proc/net/tcp", Path("/proc/net/tcp").exists())
    served = serve(postgresql_url, web=2)
    engine = create_engine(postgresql_url)
    with engine.connect() as holding:
        # /readyz asks this table: it takes as long as we like.
        holding.execute(text("LOCK TABLE worker_beat IN ACCESS EXCLUSIVE MODE"))
        asking = [http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE) for _ in range(UNDER_WAY)]
        for connection in asking:
            connection.request("GET", "/readyz")
        while not accepted(served.port):
            assert served.process.poll() is None
        children = children_of(served.process.pid)
        served.process.send_signal(signal.SIGTERM)
        served.says("Handling signal: term")
        holding.rollback()
    answers: list[Any] = []
    for connection in asking:
        answer = connection.getresponse()
        answers.append((answer.status in (200, 503), set(json.loads(answer.read()))))
        connection.close()
    engine.dispose()
    assert answers == [(True, {"status", "not_running"})] * UNDER_WAY
    assert served.process.wait(PATIENCE) == 0
    assert not any("Traceback" in line for line in served.lines)
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


@contextmanager
def asking_on(served: Served) -> Iterator[list[int | str]]:
    """Somebody who asks for pages all the while, one after the other: what each of them got."""
    got: list[int | str] = []
    enough, begun = threading.Event(), threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                got.append(served.get())
            except OSError as error:
                got.append(type(error).__name__)
            begun.set()
            # Nobody waits for it: what is asked all the while must not keep those who start from the processors.
            enough.wait(0.01)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert begun.wait(PATIENCE)
        yield got
    finally:
        enough.set()
        thread.join()


def test_sighup_takes_over_new_code_without_refusing_a_request(standing: Standing) -> None:
    served = standing.served()
    web, worker = web_of(served), worker_of(served)
    old, before = children_of(web), served.said("Booting worker")
    with asking_on(served) as got, ends([*old, worker]):
        served.process.send_signal(signal.SIGHUP)
        served.says("Booting worker", before + 2)
    assert set(got) == {200}
    assert web_of(served) == web
    assert not set(children_of(web)) & set(old)
    assert worker_of(served) != worker
    assert served.process.poll() is None


def test_a_restart_behind_a_socket_that_systemd_holds_refuses_nobody(serve: Serve, sqlite_url: str) -> None:
    """Who comes between the two waits a moment. However each is told to, all of it ends, and well."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        first = serve(sqlite_url, listening=listening)
        with asking_on(first) as got:
            with ends(children_of(first.process.pid)):
                first.process.send_signal(signal.SIGINT)
                assert first.process.wait(PATIENCE) == 0
            second = serve(sqlite_url, listening=listening)
        assert set(got) == {200}
        assert second.get() == 200
        all_are_told(second)
    assert not any("Traceback" in line for each in (first, second) for line in each.lines)


def all_are_told(served: Served) -> None:
    """systemd and containers may tell every process to end; whichever is first to, it was told to."""
    web = web_of(served)
    with ends(children_of(served.process.pid)):
        served.process.send_signal(signal.SIGSTOP)
        with ends([web]):
            os.kill(web, signal.SIGTERM)
        served.process.send_signal(signal.SIGTERM)
        served.process.send_signal(signal.SIGCONT)
        assert served.process.wait(PATIENCE) == 0


# The last of them: it ends the one that stands.


def test_its_children_end_with_it_also_when_it_is_killed(standing: Standing) -> None:
    """They went on to take saves, with nobody to deliver them."""
    served = standing.served()
    children = children_of(served.process.pid)
    assert len(children) == 4, "gunicorn, its two web processes and the worker"
    with ends(children):
        served.process.kill()
        served.process.wait()
