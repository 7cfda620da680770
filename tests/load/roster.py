"""A roster of ten thousand: read page by page, taken over in one transaction, and read again unchanged."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import delete, func, select

from lti_tool.domain import outbox
from lti_tool.domain.community import roster
from lti_tool.models import OutboxRow, Seat
from tests.load.house import Asked, House, furnish, house
from tests.load.lms import MEMBERS, PAGE, Lms, lms

PEOPLE = 10_000


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """roster_10k_*: seconds beyond those of the LMS, and the worker process's greatest memory."""

    def once() -> dict[str, float]:
        with lms(members=PEOPLE) as platform, house() as at:
            _furnish(at, platform)
            job = {"kind": outbox.Kind.ROSTER, "key": "1", "ids": {"course": 1}, "times": 2, "lms": platform.origin}
            found = json.loads(at.run("tests.load.worker", json.dumps(job), timeout=300))
            own = [each["seconds"] - each["lms"] for each in found["times"]]
            asked.tell(f"roster: {found['times']}, peak {found['peak_mb']:.1f} MB")
            assert platform.stats()["calls"]["members"] == 2 * PEOPLE / PAGE
            with at.session() as session:
                assert session.scalar(select(func.count(Seat.id)).where(Seat.present)) == PEOPLE + 1
        return {"roster_10k_s": own[0], "roster_10k_again_s": own[1], "roster_10k_mb": found["peak_mb"]}

    yield once


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
