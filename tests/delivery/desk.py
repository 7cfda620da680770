"""The tests' desk: people earn moments, the worker works, and one looks at what left and what arrived."""

import copy
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import make_url, select, update
from sqlalchemy.orm import Session

from lti_tool.db import Base, db
from lti_tool.delivery.worker import Worker
from lti_tool.demo.lms import Lms
from lti_tool.demo.model import Column, Grade
from lti_tool.demo.school import KEPT
from lti_tool.demo.site import Call
from lti_tool.domain import cycle, participation
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    LineItem,
    Member,
    Moment,
    OutboxRow,
    Person,
    PlatformRest,
    ResourceLink,
    Score,
    StepRun,
)
from tests.actors import Tool, World
from tests.databases import Rows

KINDS = list(participation.Kind)


class Desk:
    """A world whose first step is open, a clock that stands still until it is moved, and a worker."""

    def __init__(self, world: World, clock: time_machine.Traveller) -> None:
        self.world = world
        self.tool = world.tool
        self.lms: Lms = world.lms
        self.clock = clock
        self._worker: Worker | None = None
        self.begun = len(self.lms.calls)

    # What happens in the tool

    def earn(self, name: str, count: int = 1) -> None:
        """The person's next moments in step 1, each in a transaction of its own."""
        for _ in range(count):
            with self.tool.session() as session:
                member, run = self.member(session, name), self.run(session)
                have = session.scalars(select(Moment.kind).filter_by(step_run_id=run.id, member_id=member.id)).all()
                participation.mark(session, run, member, next(kind for kind in KINDS if kind not in have))

    def begin(self, step: str) -> None:
        """Open another step."""
        with self.tool.session() as session:
            community, first = session.scalars(select(Community)).one(), session.scalars(select(Cycle)).one()
            steps = self.tool.app.extensions["leerkring"].steps
            cycle.open_step(session, community, first, steps.by_name[step], steps)

    def earn_in(self, step: str, name: str) -> None:
        """A first moment in another step than step 1."""
        with self.tool.session() as session:
            run = session.scalars(select(StepRun).where(StepRun.step == step)).one()
            participation.mark(session, run, self.member(session, name), participation.Kind.INPUT)

    def lose(self, name: str, count: int = 1) -> None:
        """Take back the person's last moments."""
        for _ in range(count):
            with self.tool.session() as session:
                member, run = self.member(session, name), self.run(session)
                have = session.scalars(select(Moment.kind).filter_by(step_run_id=run.id, member_id=member.id)).all()
                participation.unmark(session, run, member, [kind for kind in KINDS if kind in have][-1])

    def member(self, session: Any, name: str) -> Member:
        """A person's row in the community of the first course."""
        sub = self.world.person(name).id
        return session.scalars(select(Member).join(Person).where(Person.sub == sub)).one()  # type: ignore[no-any-return]

    def run(self, session: Any) -> StepRun:
        """Step 1 as it runs."""
        return session.scalars(select(StepRun).where(StepRun.step == "ambition")).first()  # type: ignore[no-any-return]

    def current(self, name: str) -> int:
        """The score that the person's moments make now; 0 for none."""
        link = self.link()
        with self.tool.session() as session:
            return participation.current_score(session, link, self.member(session, name).person_id) or 0

    # What the worker does

    def deliver(self) -> int:
        """A worker that just started does all that is due."""
        return self.tool.deliver()

    def work(self) -> int:
        """One and the same worker, with all it remembers, does all that is due."""
        self._worker = self._worker or self.tool.worker()
        return self._worker.drain()

    def move(self, seconds: float) -> None:
        """Time passes."""
        self.clock.shift(seconds)

    def catch_up(self, kind: str = "score") -> None:
        """Let time pass until nothing of a kind waits any more, nor for a platform that rests."""
        for _ in range(20):
            waiting = [row.due_at for row in self.rows(kind) if not row.done_at and not row.stopped_at]
            if not waiting:
                return
            with self.tool.session() as session:
                waiting = [max([min(waiting), *session.scalars(select(PlatformRest.until))])]
            self.move(max((min(waiting) - dt.datetime.now(dt.UTC)).total_seconds(), 0) + 0.001)
            self.deliver()
        raise AssertionError([(row.kind, row.key, row.reason) for row in self.rows(kind)])

    # What is in the database

    def rows(self, kind: str = "score") -> list[OutboxRow]:
        """Outbox rows of a kind, oldest first."""
        with self.tool.session() as session:
            return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.id)))

    def row(self, kind: str = "score") -> OutboxRow:
        """The newest row of a kind."""
        return self.rows(kind)[-1]

    def score(self, name: str, step: str = "ambition") -> Score | None:
        """What is known of somebody's score."""
        with self.tool.session() as session:
            return session.scalar(
                select(Score)
                .join(Person, Person.id == Score.person_id)
                .join(LineItem, LineItem.id == Score.line_item_id)
                .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
                .where(Person.sub == self.world.person(name).id, ResourceLink.step == step)
            )

    def link(self, step: str | None = "ambition") -> ResourceLink:
        """The placement of a step."""
        with self.tool.session() as session:
            return session.scalars(select(ResourceLink).where(ResourceLink.step == step)).first()  # type: ignore[return-value]

    def change_link(self, **values: Any) -> None:
        """Change the placement of step 1."""
        with self.tool.session() as session:
            session.execute(update(ResourceLink).where(ResourceLink.step == "ambition").values(**values))

    def item(self, link: ResourceLink | None = None) -> LineItem:
        """The column of participation of a placement, or of step 1, as the tool knows it."""
        with self.tool.session() as session:
            return participation.columns.column(session, link or self.link(), participation.TAG)

    def change_item(self, **values: Any) -> None:
        """Change the column of step 1."""
        with self.tool.session() as session:
            session.execute(update(LineItem).where(LineItem.id == self.item().id).values(**values))

    def course(self) -> Course:
        """The first course."""
        with self.tool.session() as session:
            return session.scalars(select(Course).order_by(Course.id)).first()  # type: ignore[return-value]

    # What is in the LMS

    @property
    def column(self) -> Column:
        """The column of step 1."""
        activity = self.world.activity("ambition")
        return next(c for c in self.lms.school.columns.values() if c.resource_link_id == activity.id)

    def standing(self, name: str) -> Grade | None:
        """The grade in that column."""
        return self.lms.school.grade(self.column.id, self.world.person(name).id)

    def grade(self, name: str) -> float | None:
        """Its number."""
        found = self.standing(name)
        return found.score if found else None

    def set_by_hand(self, name: str, value: float, flagged: bool = True) -> None:
        """A teacher sets a grade. flagged: the LMS itself guards it from tools (Moodle does, others do not)."""
        school, sub = self.lms.school, self.world.person(name).id
        if flagged:
            school.override(self.column.id, sub, value)
        else:
            second = known.second if (known := school.grade(self.column.id, sub)) else 0
            school.grades[self.column.id, sub] = Grade(self.column.id, sub, value, "", second)

    def calls(self, name: str) -> list[Call]:
        """The calls of that name since the desk was opened."""
        return [call for call in self.lms.calls[self.begun :] if call.name == name]

    def posts(self, name: str | None = None) -> list[dict[str, Any]]:
        """The scores that were posted (for one person), whatever became of them."""
        sub = self.world.person(name).id if name else None
        sent = [json.loads(call.sent) for call in self.calls("scores")]
        return [each for each in sent if sub in (None, each["userId"])]

    def values(self, name: str) -> list[int]:
        """Their values."""
        return [each["scoreGiven"] for each in self.posts(name)]

    def receipt(self, name: str) -> str:
        """What the person reads about the gradebook on the step's page."""
        page = self.world.as_(name).launch()
        found = page.soup.find(attrs={"aria-labelledby": "moments"})
        assert found, page.text
        return " ".join(found.get_text(" ").split())


def opened(world: World, *members: str) -> World:
    """Step 1 begun by these people, and the roster read, so that a test sees its own calls only."""
    world.begin(*members)
    world.tool.deliver()
    return world


class Snapshot:
    """The database of a running tool, to be brought back as it was; the tool forgets its tokens and platforms."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        url = make_url(tool.settings.database_url)
        self._file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        self._close()
        self._kept = self._file.read_bytes() if self._file else Rows(tool.settings.database_url)

    def restore(self) -> None:
        self._close()
        if isinstance(self._kept, Rows):
            self._kept.restore()
        elif self._file:
            # Another file: who still has the old one open, such as a thread that is ending, writes nothing into this.
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            self._file.write_bytes(self._kept)
        self.tool.app.extensions["leerkring"].services._tokens.clear()
        self.tool.app.extensions["leerkring"].platforms.forget()

    def _close(self) -> None:
        with self.tool.app.app_context():
            if self._file:
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("COMMIT")
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    connection.exec_driver_sql("BEGIN")
            db.engine.dispose()


class Office:
    """One tool and one LMS for many tests: `reset` brings both back to how they were when it was made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._client_id = world.client_id
        self._school = world.lms.school
        self._kept = {name: copy.deepcopy(getattr(self._school, name)) for name in (*KEPT, "counters")}
        self._snapshot = Snapshot(world.tool)

    def reset(self) -> World:
        """As it was; nobody has a browser open."""
        self._snapshot.restore()
        for name, value in self._kept.items():
            setattr(self._school, name, copy.deepcopy(value))
        self.world._people.clear()
        self.world.client_id = self._client_id
        lms = self.world.lms
        lms.faults.clear()
        lms.faults.__dict__.pop("take", None)
        lms.tokens.forget()
        lms.deep_links.options = type(lms.deep_links.options)()
        lms.site._calls.clear()
        return self.world


def at_call(lms: Lms, number: int, name: str, act: Callable[[], object]) -> None:
    """Do something as the LMS receives its number-th call of that name, counted from now."""
    count = 0
    take = lms.faults.take

    def counting(call: str) -> Any:
        nonlocal count
        if call == name:
            count += 1
            if count == number:
                act()
        return take(call)

    lms.faults.take = counting  # type: ignore[method-assign]


def moment(payload: dict[str, Any]) -> dt.datetime:
    """The timestamp of a score."""
    return dt.datetime.fromisoformat(payload["timestamp"].replace("Z", "+00:00"))


def dump(session: Session) -> str:
    """Everything in every table, as text."""
    rows = [str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
    assert rows
    return "\n".join(rows)


def check_calls(calls: list[Call]) -> None:
    """What holds for every call to the gradebook, whatever a test was about."""
    last: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for call in calls:
        # PUT replaces a whole column (M23), and no column is ours to delete.
        assert call.method in ("GET", "POST"), call
        if call.name != "scores":
            continue
        sent = json.loads(call.sent)
        assert sent["gradingProgress"] == "FullyGraded", "anything else erases the grade (M25)"
        assert sent["comment"].strip(), "a score without comment clears the one before (M26)"
        if sent["comment"].startswith(("Deelname", "Participation")):
            assert (sent["scoreGiven"], sent["scoreMaximum"]) in ((33, 100), (67, 100), (100, 100)), sent
        else:
            # Of hours; without a score what was sent is taken out.
            assert 0 < sent.get("scoreGiven", 100) <= sent["scoreMaximum"] == 100, sent
        assert "\n" not in call.sent, "Moodle answers a refused pretty-printed score with 200 (M27)"
        assert moment(sent).microsecond == 0
        before = last[call.path, sent["userId"]]
        if before and before != sent:
            assert moment(sent) - moment(before) >= dt.timedelta(seconds=1), (before, sent)
        last[call.path, sent["userId"]] = sent
