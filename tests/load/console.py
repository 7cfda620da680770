"""A console of five thousand courses: what a page of it costs, beside one of fifty.

admin_5000_ratio: the greatest over the first page and each filter. In both as many courses want each thing, few: a page
then costs as much to show, and all courses are looked through. Each has people, a cycle, placements, columns, scores.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain.school.wanting import STILL, Want
from lti_tool.door.sessions import Sessions
from lti_tool.models import (
    BrowserSession,
    Community,
    Course,
    Cycle,
    Deployment,
    Launch,
    LineItem,
    Member,
    Person,
    ResourceLink,
    Score,
    ScoreState,
    Seat,
    Standing,
    StepRun,
)
from lti_tool.models.school import Administrator, Power
from tests.load.house import Asked, House, furnish, house
from tests.load.lms import lms
from tests.load.meeting import HOST, Phone, Room, _serving

MANY, FEW = 5000, 50
LMS = "https://lms.example"
PEOPLE, COLUMNS, WANTING = 6, 2, 3
LOOKS, TIMES = 20, 3
PAGES = ["courses", *(f"courses?want={want}" for want in Want)]


def fill(session: Session, deployment: int, courses: int) -> None:
    """So many courses, each with its people; of them WANTING want each thing there is to want."""
    long_ago = now() - STILL - dt.timedelta(days=9)
    rows: dict[type, list[dict[str, object]]] = {
        each: [] for each in (Person, Course, Seat, Community, Member, Cycle, StepRun, ResourceLink, LineItem, Score)
    }
    wanting = [want for want in Want for _ in range(WANTING)]
    # Far apart: to fill a page takes looking through all.
    wants = {(each + 1) * courses // (len(wanting) + 1): want for each, want in enumerate(wanting)}
    for number in range(1, courses + 1):
        want = wants.get(number)
        rows[Course].append(
            {"id": number, "deployment_id": deployment, "context_id": f"c{number}", "title": f"Sectie {number:05}",
             "history": [], "memberships_url": f"{LMS}/m", "roster": {"members": PEOPLE}, "roster_at": now()}
        )  # fmt: skip
        rows[Community].append(
            {"id": number, "course_id": number, "name": f"Sectie {number:05}",
             "archived_at": now() if want == Want.ARCHIVED else None}
        )  # fmt: skip
        for who in range(PEOPLE):
            person = number * PEOPLE + who
            led = who == PEOPLE - 1 and want == Want.LEADER_GONE
            rows[Person].append(
                {"id": person, "issuer": "https://lms.example", "sub": f"u{person}", "name": f"P {person}"}
            )
            rows[Seat].append({"course_id": number, "person_id": person, "roster_role": "learner", "present": not led})
            rows[Member].append(
                {"community_id": number, "person_id": person, "number": who + 1, "leads": False,
                 "standing": Standing.LEADER if led else Standing.MEMBER,
                 "facilitates": who == 0 and want != Want.NO_FACILITATOR,
                 "opened_at": None if want == Want.UNOPENED else now()}
            )  # fmt: skip
        since = long_ago if want == Want.STILL else now()
        rows[Cycle].append(
            {"id": number, "community_id": number, "number": 1, "started_at": long_ago, "moved_at": since}
        )
        for step in ("ambition", "information"):
            rows[StepRun].append({"cycle_id": number, "step": step, "stage": "ideas", "stage_since": since})
        for each in range(COLUMNS):
            link = number * COLUMNS + each
            rows[ResourceLink].append(
                {"id": link, "deployment_id": deployment, "resource_link_id": f"r{link}", "course_id": number,
                 "community_id": number, "step": "ambition"}
            )  # fmt: skip
            gone = each == 0 and want == Want.COLUMN_GONE
            rows[LineItem].append(
                {
                    "id": link,
                    "resource_link_id": link,
                    "kind": "participation",
                    "url": f"https://lms.example/{link}",
                    "gone": gone,
                }
            )
            rows[Score] += [
                {"line_item_id": link, "person_id": number * PEOPLE + who, "state": ScoreState.ARRIVED, "tried": []}
                for who in range(PEOPLE)
            ]
    for table, values in rows.items():
        for start in range(0, len(values), 5000):
            session.execute(insert(table), values[start : start + 5000], execution_options={"render_nulls": True})


@contextmanager
def _console(courses: int) -> Iterator[tuple[House, Phone]]:
    """A school with so many courses, and its administrator's browser."""
    with lms() as platform, house() as at, at.session() as session:
        sessions = Sessions(str(at.settings.secret_key))
        deployment = furnish(session, platform)
        fill(session, deployment, courses)
        person = session.scalars(select(Person.id).order_by(Person.id)).first()
        school = session.scalars(select(Deployment.school_id).where(Deployment.id == deployment)).one()
        session.add(Administrator(school_id=school, person_id=person, power=Power.ADMINISTRATOR))
        token = sessions._made()
        session.add(BrowserSession(token_hash=sessions.hash(token), person_id=person))
        session.flush()
        launch = "0" * 32
        session.add(
            Launch(
                id=launch,
                session_hash=sessions.hash(token),
                person_id=person,
                deployment_id=deployment,
                course_id=1,
                community_id=session.scalars(select(Community.id).where(Community.course_id == 1)).one(),
            )
        )
        session.commit()
        name = f"__Host-leerkring-session-{sessions.hash(token)[:8]}"
        yield at, Phone(launch, f"{name}={token}", 0)


@contextmanager
def measure(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """admin_5000_ratio: each page with 5,000 courses over the same with 50, in turn."""
    with ExitStack() as stack:
        rooms = []
        for courses in (MANY, FEW):
            at, phone = stack.enter_context(_console(courses))
            port, workers = stack.enter_context(_serving(at, 1))
            rooms.append(Room(port, workers, [phone], phone))

        def once() -> dict[str, float]:
            ratios = []
            for path in PAGES:
                costs = [0.0, 0.0]
                for _ in range(TIMES):
                    for side, room in enumerate(rooms):
                        phone = room.phones[0]
                        costs[side] += room.cost(f"/b/{phone.launch}/{path}", {**HOST, **phone.headers}, LOOKS) / TIMES
                asked.tell(f"{path}: {costs[0] * 1000:.1f} and {costs[1] * 1000:.1f} ms of CPU")
                ratios.append(costs[0] / costs[1])
            return {"admin_5000_ratio": max(ratios)}

        yield once
