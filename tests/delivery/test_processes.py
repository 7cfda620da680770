"""Workers as processes of their own, one of them killed with -9 in the middle: no score is lost."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from lti_tool.db import now
from lti_tool.demo.model import Column
from lti_tool.demo.school import School
from lti_tool.domain import participation
from lti_tool.models import Member, OutboxRow, Person, Seat
from tests.actors import World
from tests.delivery.desk import KINDS, check_calls, opened

PEOPLE = 40
COMMAND = [sys.executable, "-c", "from lti_tool.cli import main; main()", "worker", "--once"]


@contextmanager
def worker_process(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """`leerkring worker --once` on the world's database; killed at the end if it still runs."""
    settings = world.tool.settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")} | {
        "LEERKRING_BASE_URL": settings.base_url,
        "LEERKRING_DATABASE_URL": settings.database_url,
        "LEERKRING_KEYS_DIR": str(settings.keys_dir),
        "LEERKRING_SECRET_KEY": settings.secret_key or "",
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
    }
    process = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)
        if process.stderr:
            process.stderr.close()


def a_class(world: World) -> dict[str, int]:
    """Many people with one to three moments each, whose scores are due; sub -> the score it comes to."""
    expected = {}
    with world.tool.session() as session:
        from tests.delivery.desk import Desk

        desk = Desk(world, None)  # type: ignore[arg-type]
        run, known = desk.run(session), desk.member(session, "fatima")
        course_id = session.query(Seat).filter_by(person_id=known.person_id).one().course_id
        issuer = session.get_one(Person, known.person_id).issuer
        for number in range(PEOPLE):
            account = world.lms.school.add_person("Lid", str(number), f"lid{number}")
            world.lms.school.enrol(world.course().id, account.id, "student")
            person = Person(issuer=issuer, sub=account.id, name=account.name)
            session.add(person)
            session.flush()
            session.add(Seat(course_id=course_id, person_id=person.id, launch_role="learner"))
            member = Member(
                community_id=known.community_id, person_id=person.id, number=100 + number, standing="member"
            )
            session.add(member)
            session.flush()
            for kind in KINDS[: number % 3 + 1]:
                participation.mark(session, run, member, kind)
            expected[account.id] = (33, 67, 100)[number % 3]
    return expected


def test_two_worker_processes_one_killed_in_the_middle_lose_nothing(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = opened(any_world, "fatima")
    expected = a_class(world)
    seen: list[str] = []
    middle, go_on = threading.Event(), threading.Event()
    record = School.record_score

    def slowly(self: School, column: Column, person_id: str, *rest: Any) -> None:
        seen.append(person_id)
        if len(seen) == PEOPLE // 3:
            middle.set()
        if len(seen) >= PEOPLE // 3:
            assert go_on.wait(30)
        record(self, column, person_id, *rest)

    monkeypatch.setattr(School, "record_score", slowly)
    begun = len(world.lms.calls)
    with worker_process(world) as doomed, worker_process(world) as other:
        assert middle.wait(30)
        # Whichever of the two has calls under way: it is cut off in the middle of them.
        os.kill(doomed.pid, signal.SIGKILL)
        doomed.wait(10)
        go_on.set()
        other.communicate(timeout=60)
        assert (doomed.returncode, other.returncode) == (-signal.SIGKILL, 0)
    with world.tool.session() as session:
        # Ten minutes later: what the dead one held is free again, and what was put off is due.
        session.execute(
            update(OutboxRow).where(OutboxRow.done_at.is_(None)).values(leased_until=None, due_at=OutboxRow.created_at)
        )
    world.tool.deliver()
    grades = {person: grade.score for (_, person), grade in world.lms.school.grades.items()}
    assert grades == expected
    with world.tool.session() as session:
        rows = session.query(OutboxRow).filter_by(kind="score").all()
        assert [row for row in rows if not row.done_at] == []
    calls = world.lms.calls[begun:]
    check_calls(calls)
    sent = defaultdict(set)
    for call in calls:
        if call.name == "scores":
            sent[json.loads(call.sent)["userId"]].add(call.sent)
    assert Counter(map(len, sent.values())) == {1: PEOPLE}, "who was sent twice was sent the same"


def test_what_was_in_mid_send_when_everything_was_killed_goes_within_a_minute(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = opened(any_world, "fatima")
    expected = a_class(world)
    middle, go_on = threading.Event(), threading.Event()
    record = School.record_score

    def hold(self: School, *given: Any) -> None:
        middle.set()
        assert go_on.wait(30)
        record(self, *given)

    monkeypatch.setattr(School, "record_score", hold)
    with worker_process(world) as doomed:
        assert middle.wait(30)
        os.kill(doomed.pid, signal.SIGKILL)
        doomed.wait(10)
    go_on.set()
    with world.tool.session() as session:
        assert session.query(OutboxRow).filter(OutboxRow.leased_until > now()).count()
    with time_machine.travel(now() + dt.timedelta(minutes=1)):
        world.tool.deliver()
    assert {person: grade.score for (_, person), grade in world.lms.school.grades.items()} == expected
