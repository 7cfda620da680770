"""A provision list of a thousand lines: checked without writing anything, then applied in one transaction."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import Session

from lti_tool.db import _prepare, now
from lti_tool.domain.cycle import Steps
from lti_tool.domain.school.provision import applying, plan, reading
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Course, Cycle, Deployment, Member, Person, Seat, Standing
from lti_tool.steps import load
from tests.load.house import Asked, House, furnish, house
from tests.load.lms import Lms, lms

MANY, FEW = 1000, 100
PEOPLE = 5
TIMES = 3


def _fill(session: Session, platform: Lms, courses: int) -> int:
    """A school with so many courses, five people in each, all of whom came once; returns its id."""
    deployment_id = furnish(session, platform)
    moment = now()
    people = range(1, PEOPLE + 1)
    ids = range(1, courses + 1)
    session.execute(
        insert(Person),
        [{"id": each, "issuer": platform.origin, "sub": f"u{each}", "name": f"Persoon {each}"} for each in people],
    )
    session.execute(
        insert(Course),
        [
            {"id": each, "deployment_id": deployment_id, "context_id": f"c{each}", "title": f"Cursus {each}",
             "history": [], "shares": "email login", "created_at": moment}
            for each in ids
        ],
    )  # fmt: skip
    session.execute(insert(Community), [{"id": each, "course_id": each, "name": f"Cursus {each}"} for each in ids])
    session.execute(insert(Cycle), [{"community_id": each, "number": 1} for each in ids])
    both = [(course, person) for course in ids for person in people]
    session.execute(
        insert(Seat),
        [
            {"course_id": course, "person_id": person, "roster_role": "learner", "present": True}
            for course, person in both
        ],
    )
    session.execute(
        insert(Member),
        [
            {"community_id": course, "person_id": person, "number": person, "standing": Standing.MEMBER,
             "joined_at": moment, "opened_at": moment}
            for course, person in both
        ],
    )  # fmt: skip
    return session.scalars(select(Deployment.school_id)).one()


def _list(lines: int) -> bytes:
    rows = [f"c{number},Team {number},id:u1; m{number}@school.example,id:u2" for number in range(1, lines + 1)]
    return "\n".join(("course id,title,facilitators,leaders", *rows)).encode()


def _keyed(text: str) -> str:
    return hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


def _cost(at: House, school_id: int, content: bytes, steps: Steps) -> float:
    """CPU of reading, checking and applying it; undone."""
    engine = create_engine(at.settings.database_url)
    _prepare(engine)
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    with Session(engine) as session:
        begun = time.thread_time()
        sheet = reading.read(content, _keyed)
        shown = plan.make(session, school_id, sheet, _keyed).digest
        assert not written, "nothing is written before somebody applies it"
        applying.apply(session, school_id, OPERATOR, sheet, _keyed, steps, at.settings.zone, {}, shown)
        session.flush()
        seconds = time.thread_time() - begun
        session.rollback()
    engine.dispose()
    return seconds


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """provision_growth: 1,000 lines over 100, in schools of as many courses, in turn."""
    steps = load()
    with lms(members=0) as platform, house() as large, house() as small:
        schools = []
        for at, lines in ((large, MANY), (small, FEW)):
            with at.session() as session:
                schools.append((at, _fill(session, platform, lines), _list(lines)))

        def once() -> dict[str, float]:
            used = [0.0, 0.0]
            for _ in range(TIMES):
                for place, (at, school_id, content) in enumerate(schools):
                    used[place] += _cost(at, school_id, content, steps)
            asked.tell(f"provision: {used[0] / TIMES * 1000:.0f} and {used[1] / TIMES * 1000:.0f} ms of CPU")
            return {"provision_growth": used[0] / used[1]}

        yield once
