"""A roster of ten thousand: read page by page, taken over in one transaction, and read again unchanged."""

import json
from collections.abc import Callable
from statistics import median

from sqlalchemy import delete, func, select

from lti_tool.domain import outbox, roster
from lti_tool.models import OutboxRow, Seat
from tests.load.house import House, furnish, house
from tests.load.lms import MEMBERS, PAGE, Lms, lms

PEOPLE = 10_000
ROUNDS = 3


def measure(tell: Callable[[str], None]) -> dict[str, float]:
    """roster_10k_*: seconds beyond those of the LMS, and the worker process's greatest memory."""
    first, again, memory = [], [], []
    for _ in range(ROUNDS):
        with lms(members=PEOPLE) as platform, house() as at:
            _furnish(at, platform)
            job = {"kind": outbox.ROSTER, "key": "1", "ids": {"course": 1}, "times": 2, "lms": platform.origin}
            found = json.loads(at.run("tests.load.worker", json.dumps(job), timeout=120))
            own = [each["seconds"] - each["lms"] for each in found["times"]]
            tell(f"roster: {found['times']}, peak {found['peak_mb']:.1f} MB")
            assert platform.stats()["calls"]["members"] == 2 * PEOPLE / PAGE
            with at.session() as session:
                assert session.scalar(select(func.count(Seat.id)).where(Seat.present)) == PEOPLE + 1
            first.append(own[0])
            again.append(own[1])
            memory.append(found["peak_mb"])
    return {"roster_10k_s": median(first), "roster_10k_again_s": median(again), "roster_10k_mb": max(memory)}


def _furnish(at: House, platform: Lms) -> None:
    with at.session() as session:
        deployment_id = furnish(session, platform)
        roster.meet(
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
                memberships_url=platform.origin + MEMBERS,
            ),
        )
        session.execute(delete(OutboxRow))
