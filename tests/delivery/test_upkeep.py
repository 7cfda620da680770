"""A worker is heard of, and clears away what has served its time."""

import datetime as dt

import pytest
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.delivery.worker import heard_of
from lti_tool.models import BrowserSession, BurntNonce, Launch, OutboxRow, Person, WorkerBeat
from tests.delivery.bench import Bench, Hurried


def test_a_worker_is_heard_of_for_a_minute_whatever_its_host_is_called(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "leerkring-worker-" + "x" * 46)
    with bench.tool.session() as session:
        assert not heard_of(session)
    bench.worker().run(Hurried(1))
    with bench.tool.session() as session:
        assert heard_of(session)
        (beat,) = session.scalars(select(WorkerBeat))
        assert len(beat.name) <= 64
    bench.move(61)
    with bench.tool.session() as session:
        assert not heard_of(session)


def test_what_has_served_its_time_is_cleared_away_and_nothing_else(bench: Bench) -> None:
    old, day, month = now(), 86_400, 31 * 86_400

    def fill(name: str) -> None:
        with bench.tool.session() as session:
            person = session.scalar(select(Person)) or Person(issuer="i", sub="s")
            session.add(person)
            session.flush()
            session.add(BurntNonce(nonce=name))
            session.add(BrowserSession(token_hash=name, person_id=person.id))
            session.add(WorkerBeat(name=name, at=now()))
        bench.put(f"{name} done", f"{name} waits")
        bench.put(f"{name} stopped")
        with bench.tool.session() as session:
            for row in session.scalars(select(OutboxRow).where(OutboxRow.key.startswith(name))):
                row.done_at = now() if row.key.endswith("done") else None
                row.stopped_at = now() if row.key.endswith("stopped") else None

    fill("old")
    bench.move(day + 1)
    fill("new")
    bench.worker().sweep()
    with bench.tool.session() as session:
        assert session.scalars(select(BurntNonce.nonce)).all() == ["new"]
        assert session.scalars(select(BrowserSession.token_hash)).all() == ["new"]
        assert session.scalars(select(WorkerBeat.name)).all() == ["new"]
        assert session.scalars(select(Launch)).all() == []
    assert len(bench.rows()) == 6
    bench.clock.move_to(old + dt.timedelta(seconds=month))
    bench.worker().sweep()
    assert sorted(row.key for row in bench.rows()) == sorted(
        ["old waits", "old stopped", "new done", "new waits", "new stopped"]
    )
