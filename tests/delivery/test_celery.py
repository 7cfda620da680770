"""Celery on Redis runs the same handlers: a message wakes, the table is the truth."""

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_tool.config import ConfigError, Settings
from lti_tool.delivery.celery import create_celery
from lti_tool.demo.lms import Lms
from lti_tool.demo.school import School
from tests.actors import Tool, World
from tests.commands.conftest import environment
from tests.conftest import REDIS, need

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def broker() -> str:
    need("Redis (LEERKRING_TEST_REDIS)", bool(REDIS))
    return REDIS


@pytest.fixture
def queued(sqlite_url: str, keys_dir: Path, lms: Lms, broker: str) -> Iterator[World]:
    """A tool whose requests wake Celery."""
    with Tool(sqlite_url, keys_dir, broker_url=broker) as running:
        # A queue of this test's own: others may use the same Redis.
        running.app.extensions["leerkring.wake"].celery.conf.task_default_queue = uuid.uuid4().hex
        yield World.placed(running, lms)


@pytest.mark.redis
def test_a_message_wakes_a_worker_that_delivers_what_the_outbox_holds(queued: World) -> None:
    queued.begin("fatima")
    queued.as_("fatima").launch().form("/idea").submit(text="ze kiezen zelf", why="dat telt")
    celery = queued.tool.app.extensions["leerkring.wake"].celery
    with celery.connection_for_read() as connection, connection.SimpleQueue(celery.conf.task_default_queue) as queue:
        message = queue.get(timeout=5)
        assert message.headers["task"] == "leerkring.drain"
        assert message.payload[:2] == [[], {}], "a message holds nothing"
        message.ack()
    # What the worker does with it, in this process; that it starts is the next test's.
    celery.tasks["leerkring.drain"]()
    assert [grade.score for grade in queued.lms.school.grades.values()] == [33]


@pytest.mark.redis
def test_the_worker_command_starts_celery_when_a_broker_is_set(broker: str, sqlite_url: str, tmp_path: Path) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "LEERKRING_DATABASE_URL": sqlite_url,
        "LEERKRING_KEYS_DIR": str(tmp_path),
        "LEERKRING_BROKER_URL": broker,
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
    }
    command = [sys.executable, "-m", "lti_tool.cli", "worker"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            seen = ""
            for line in process.stdout:
                seen += line
                if "[queues]" in line:
                    break
            assert "leerkring" in seen
        finally:
            process.terminate()
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "Traceback" not in seen + rest


NOWHERE = "redis://127.0.0.1:1/0"


def test_workers_look_for_themselves_while_the_broker_is_away(
    sqlite_url: str, keys_dir: Path, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the start, and without a storm of tracebacks in the log."""
    arrived = threading.Event()
    record = School.record_score

    def note(self: School, *given: Any) -> None:
        record(self, *given)
        arrived.set()

    monkeypatch.setattr(School, "record_score", note)
    with Tool(sqlite_url, keys_dir, broker_url=NOWHERE) as tool:
        world = World.placed(tool, lms)
        world.begin("fatima")
        world.as_("fatima").launch().form("/idea").submit(text="ze kiezen zelf", why="dat telt")
        command = [sys.executable, "-m", "lti_tool.cli", "worker"]
        with subprocess.Popen(
            command, env=os.environ | environment(tool), cwd=ROOT, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                assert arrived.wait(60)
                assert tool.app.test_client().get("/readyz", base_url=tool.url).json == {
                    "status": "no broker: workers look every few seconds",
                    "not_running": ["broker"],
                }
            finally:
                process.terminate()
            assert process.stderr
            said = process.stderr.read()
        assert process.wait(60) == 0
    assert "Traceback" not in said
    assert len(said.splitlines()) < 40, said
    assert [grade.score for grade in lms.school.grades.values()] == [33]


def test_readyz_says_what_is_not_running(sqlite_url: str, keys_dir: Path, tmp_path: Path) -> None:
    """Worker, broker, database; a broker alone is no reason to be taken out of service."""
    for broker_url, beat, status, missing in (
        (None, False, 503, ["worker"]),
        (NOWHERE, False, 503, ["worker", "broker"]),
        (NOWHERE, True, 200, ["broker"]),
        (None, True, 200, []),
    ):
        with Tool(sqlite_url, keys_dir, broker_url=broker_url) as tool:
            if beat:
                tool.worker().beat()
            answer = tool.app.test_client().get("/readyz", base_url=tool.url)
            assert (answer.status_code, answer.json["not_running"]) == (status, missing)
    with Tool(f"sqlite:///{tmp_path}/none.db", keys_dir) as tool:
        answer = tool.app.test_client().get("/readyz", base_url=tool.url)
        assert (answer.status_code, answer.json["not_running"]) == (503, ["database"])


def test_without_redis_a_request_still_succeeds_and_the_outbox_keeps_the_row(
    sqlite_url: str, keys_dir: Path, lms: Lms
) -> None:
    with Tool(sqlite_url, keys_dir, broker_url="redis://127.0.0.1:1/0") as tool:
        world = World.placed(tool, lms)
        world.begin("fatima")
        page = world.as_("fatima").launch().form("/idea").submit(text="ze kiezen zelf", why="dat telt")
        assert page.status == 200
        assert tool.deliver() > 0
        assert [grade.score for grade in lms.school.grades.values()] == [33]


def test_celery_without_a_broker_is_one_sentence(sqlite_url: str, keys_dir: Path) -> None:
    with Tool(sqlite_url, keys_dir) as tool, pytest.raises(ConfigError, match="LEERKRING_BROKER_URL"):
        create_celery(tool.app)
    assert Settings().broker_url is None
