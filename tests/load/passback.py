"""Two thousand scores to an LMS that takes 50 ms for each answer: how close to what its connections allow.

Everything from the placement's column, which is still to be found or made, to the last score that arrived.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery.worker import SENDERS
from lti_tool.domain import cycle, outbox, participation
from lti_tool.domain.community import listing, roster
from lti_tool.domain.participation import columns
from lti_tool.models import Member, Moment, OutboxRow, Person, Score, Seat, Standing
from lti_tool.steps import load
from tests.load.house import SCOPES, Asked, House, furnish, house, line_items_url
from tests.load.launch import bare_again
from tests.load.lms import Lms, lms

PEOPLE = 2_000
DELAY = 0.05
LEAST = PEOPLE * DELAY / SENDERS
ON_POSTGRESQL = "passback_ratio_postgresql"


@dataclass(frozen=True)
class _Entry:
    sub: str
    name: str
    role: str = "learner"


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """passback_*: times on SQLite and on PostgreSQL, where they are asked for; the rest over these runs."""
    sides = [None] if asked.keys - {ON_POSTGRESQL} else []
    if ON_POSTGRESQL in asked.keys:
        sides.append(asked.server)

    def once() -> dict[str, float]:
        found = {"passback_tokens": 0.0, "passback_lost": 0.0, "passback_doubled": 0.0}
        for server in sides:
            name = ON_POSTGRESQL if server else "passback_ratio"
            took, tokens, lost, doubled = _run(asked, server)
            found[name] = took["seconds"] / LEAST
            found["passback_tokens"] = max(found["passback_tokens"], tokens)
            found["passback_lost"] += lost
            found["passback_doubled"] += doubled
        return found

    yield once


@contextmanager
def measure_cpu(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """score_cpu_ratio: CPU of the worker's process a score, over the library's own for a launch it has seen."""
    with bare_again() as bare:

        def once() -> dict[str, float]:
            before = bare()
            took, *_ = _run(asked, None)
            launch, score = mean((before, bare())), took["cpu"] / PEOPLE
            asked.tell(f"score: {score * 1000:.2f} ms and bare {launch * 1000:.2f} ms of CPU a launch")
            return {"score_cpu_ratio": score / launch}

        yield once


def _run(asked: Asked, server: str | None) -> tuple[dict[str, float], int, int, int]:
    """What it took; the tokens fetched, scores lost, scores doubled."""
    with lms(delay=DELAY) as platform, house(server) as at:
        with at.session() as session:
            item = place(session, platform, PEOPLE)
            session.execute(delete(OutboxRow))
        ids = {"column": item}
        job = {"kind": outbox.Kind.LINE_ITEM, "key": str(item), "ids": ids, "times": 1, "lms": platform.origin}
        took = json.loads(at.run("tests.load.worker", json.dumps(job), timeout=300))["times"][0]
        known = platform.stats()
        times = f"{took['seconds']:.2f} s of at least {LEAST:.2f} s, {took['cpu']:.2f} s of CPU"
        asked.tell(f"passback{' on PostgreSQL' if server else ''}: {times}, calls {known['calls']}")
        return took, known["calls"]["token"], _lost(at, known["grades"]), known["doubled"]


def _lost(at: House, grades: dict[str, float]) -> int:
    """Scores the LMS does not show, or whose arrival the tool did not write down."""
    expected = participation.score(1, participation.Passback.MOMENTS)
    missing = sum(grades.get(f"person-{number}") != expected for number in range(PEOPLE))
    with at.session() as session:
        noted = session.scalar(select(func.count(Score.id)).where(Score.state == "arrived")) or 0
    return max(missing, PEOPLE - noted)


def place(session: Session, platform: Lms, people: int, name: str = "person", url: str = "") -> int:
    """A course of so many with one moment each; returns the id of the placement's column, which url makes known."""
    deployment_id = furnish(session, platform)
    met = roster.meet(
        session,
        roster.Arrival(
            issuer=platform.origin,
            deployment_id=deployment_id,
            sub="teacher",
            name="Marieke de Vries",
            locale="nl",
            role="instructor",
            context_id="2",
            context_title="Leergemeenschap",
            resource_link_id="1",
            resource_link_title="Stap 1",
            step="ambition",
            line_items_url=line_items_url(platform),
            scopes=SCOPES,
        ),
    )
    assert met.link
    entries = [_Entry(f"{name}-{number}", f"Persoon {number}") for number in range(people)]
    listing.apply(session, met.course, platform.origin, entries)
    steps = load()
    first = cycle.opened(session, met.community, None)[0]
    run = cycle.open_step(session, met.community, first, steps.by_name["ambition"], steps)
    ids = session.scalars(
        select(Person.id).join(Seat).where(Seat.roster_role == "learner", Seat.course_id == met.course.id)
    ).all()
    keys = {"community_id": met.community.id, "standing": Standing.MEMBER, "joined_at": now()}
    session.execute(insert(Member), [{**keys, "person_id": person, "number": 2 + n} for n, person in enumerate(ids)])
    members = session.scalars(
        select(Member.id).where(Member.standing == Standing.MEMBER, Member.community_id == met.community.id)
    ).all()
    session.execute(insert(Moment), [{"step_run_id": run.id, "member_id": each, "kind": "input"} for each in members])
    assert len(members) == people
    item = columns.column(session, met.link, participation.TAG)
    if url:
        columns.set_url(session, met.link, item, url)
    return item.id
