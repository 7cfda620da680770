"""Two thousand scores to an LMS that takes 50 ms for each answer: how close to what its connections allow.

Everything from the placement's column, which is still to be found or made, to the last score that arrived.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, insert, select

from lti_tool.db import now
from lti_tool.delivery.worker import SENDERS
from lti_tool.domain import cycle, outbox, participation, roster
from lti_tool.models import Member, Moment, Person, Score, Seat
from lti_tool.steps import load
from tests.load.house import SCOPES, House, furnish, house, line_items_url
from tests.load.lms import Lms, lms

PEOPLE = 2_000
DELAY = 0.05
LEAST = PEOPLE * DELAY / SENDERS
ROUNDS = 3


@dataclass(frozen=True)
class _Entry:
    sub: str
    name: str
    role: str = "learner"


def measure(tell: Callable[[str], None], postgresql: str | None) -> dict[str, float]:
    """passback_*: times on SQLite and, where there is a server, on PostgreSQL; the rest over all runs."""
    ratios: dict[str, list[float]] = {"passback_ratio": []}
    if postgresql:
        ratios["passback_ratio_postgresql"] = []
    tokens, lost, doubled = [], 0, 0
    for _ in range(ROUNDS):
        for name, found in ratios.items():
            server = postgresql if name.endswith("postgresql") else None
            with lms(delay=DELAY) as platform, house(server) as at:
                link_id = _furnish(at, platform)
                ids = {"link": link_id}
                job = {"kind": outbox.LINE_ITEM, "key": str(link_id), "ids": ids, "times": 1, "lms": platform.origin}
                took = json.loads(at.run("tests.load.worker", json.dumps(job), timeout=120))["times"][0]
                known = platform.stats()
                times = f"{took['seconds']:.2f} s of at least {LEAST:.2f} s, {took['cpu']:.2f} s of CPU"
                tell(f"{name}: {times}, calls {known['calls']}")
                found.append(took["seconds"] / LEAST)
                tokens.append(known["calls"]["token"])
                lost += _lost(at, known["grades"])
                doubled += known["doubled"]
    return {
        **{name: median(found) for name, found in ratios.items()},
        "passback_tokens": max(tokens),
        "passback_lost": lost,
        "passback_doubled": doubled,
    }


def _lost(at: House, grades: dict[str, float]) -> int:
    """Scores the LMS does not show, or whose arrival the tool did not write down."""
    expected = participation.score(1, participation.Passback.MOMENTS)
    missing = sum(grades.get(f"person-{number}") != expected for number in range(PEOPLE))
    with at.session() as session:
        noted = session.scalar(select(func.count(Score.id)).where(Score.state == "arrived")) or 0
    return max(missing, PEOPLE - noted)


def _furnish(at: House, platform: Lms) -> int:
    """A course of two thousand with one moment each; returns the id of the placement."""
    with at.session() as session:
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
        entries = [_Entry(f"person-{number}", f"Persoon {number}") for number in range(PEOPLE)]
        roster.apply(session, met.course, platform.origin, entries)
        run = cycle.open_step(
            session,
            met.community,
            cycle.opened(session, met.community, None)[0],
            load().by_name["ambition"],
        )
        people = session.scalars(select(Person.id).join(Seat).where(Seat.roster_role == "learner")).all()
        keys = {"community_id": met.community.id, "standing": roster.MEMBER, "joined_at": now()}
        session.execute(
            insert(Member), [{**keys, "person_id": person, "number": 2 + n} for n, person in enumerate(people)]
        )
        members = session.scalars(select(Member.id).where(Member.standing == roster.MEMBER)).all()
        session.execute(
            insert(Moment), [{"step_run_id": run.id, "member_id": each, "kind": "input"} for each in members]
        )
        assert len(members) == PEOPLE
        return met.link.id
