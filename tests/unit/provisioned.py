"""A school without HTTP: its courses, who comes to them, and lists that are applied to it."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from lti_tool.db import _prepare
from lti_tool.domain.community import roster
from lti_tool.domain.school import settings, templates
from lti_tool.domain.school.provision import applying, matching, plan, reading
from lti_tool.domain.school.provision.lines import Sheet
from lti_tool.domain.school.provision.planned import Plan
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Act, Community, Course, Member, OutboxRow, Person
from lti_tool.models.provision import ProvisionLine, ProvisionPart
from lti_tool.models.school import SchoolAct
from tests.web.circle import STEPS, _database, _tables, a_deployment, arrival

ZONE = ZoneInfo("Europe/Amsterdam")
HEADS = "course id,SIS id,short name,title,facilitators,deputies,leaders"


def keyed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def listed(*rows: str, heads: str = HEADS) -> Sheet:
    """A list with these lines."""
    return reading.read("\n".join((heads, *rows)).encode(), keyed)


@dataclass
class School:
    """One school. People are named by number: u1 with m1@school.example and login l1."""

    session: Session
    deployment: int
    id: int

    def comes(self, number: int, context: str, *, shares: bool = True, **changes: Any) -> roster.Met:
        """Somebody launches in a course."""
        email, login = (f"m{number}@school.example", f"l{number}") if shares else ("", "")
        said = {"context_title": f"Cursus {context}", "shares": matching.shared(email, login), **changes}
        met = roster.meet(self.session, arrival(number, self.deployment, context, **said))
        if met.awaited:
            hashes = matching.identified(keyed, f"u{number}", email, login)
            matching.arrived(self.session, met, hashes, STEPS, ZONE)
        self.session.flush()
        return met

    def template(self, context: str, title: str, **said: str) -> None:
        """A template course, and what is set for it."""
        met = self.comes(99, context, context_title=title)
        templates.mark(self.session, self.id, met.course.id, Actor())
        for name, value in said.items():
            settings.keep(self.session, settings.Scope(course_id=met.course.id), name, value, Actor())
        self.session.flush()

    def plan(self, sheet: Sheet, **answers: int) -> Plan:
        return plan.make(self.session, self.id, sheet, keyed, {k.replace("_", "-"): v for k, v in answers.items()})

    def apply(self, sheet: Sheet, **answers: int) -> Plan:
        given = {key.replace("_", "-"): value for key, value in answers.items()}
        made = applying.apply(self.session, self.id, Actor(), sheet, keyed, STEPS, ZONE, given)
        self.session.flush()
        return made

    def member(self, number: int, context: str) -> Member:
        query = (
            select(Member)
            .join(Person, Person.id == Member.person_id)
            .join(Community, Community.id == Member.community_id)
            .join(Course, Course.id == Community.course_id)
            .where(Person.sub == f"u{number}", Course.context_id == context, Community.group_id == "")
        )
        return self.session.scalars(query).one()

    def member_of(self, number: int, community_id: int) -> Member:
        query = select(Member).join(Person, Person.id == Member.person_id)
        return self.session.scalars(query.where(Person.sub == f"u{number}", Member.community_id == community_id)).one()

    def course_id(self, context: str) -> int:
        return self.session.scalars(select(Course.id).where(Course.context_id == context)).one()

    def lines(self) -> list[ProvisionLine]:
        return list(self.session.scalars(select(ProvisionLine).order_by(ProvisionLine.id)))

    def parts(self) -> list[ProvisionPart]:
        return list(self.session.scalars(select(ProvisionPart).order_by(ProvisionPart.id)))

    def state(self) -> list[Any]:
        """All that a list can change, without when."""
        self.session.flush()
        columns = (Member.id, Member.standing, Member.facilitates, Member.leads, Member.facilitated_on)
        return [
            [[each.id, each.course_id, each.key, each.title, each.template, each.listed] for each in self.lines()],
            [
                [
                    each.line_id,
                    each.role,
                    each.named_hash,
                    each.mark,
                    each.person_id,
                    each.listed,
                    bool(each.in_force_at),
                ]
                for each in self.parts()
            ],
            [tuple(row) for row in self.session.execute(select(*columns).order_by(Member.id))],
            list(self.session.scalars(select(Community.name).order_by(Community.id))),
            *(self.session.scalar(select(func.count()).select_from(each)) for each in (Act, SchoolAct, OutboxRow)),
        ]


def of(session: Session) -> School:
    deployment = a_deployment(session)
    return School(session, deployment.id, deployment.school_id)


@contextlib.contextmanager
def school() -> Iterator[School]:
    """In memory."""
    with _database(_tables()) as session:
        yield of(session)


@contextlib.contextmanager
def school_at(url: str) -> Iterator[School]:
    """In a database that others may open too."""
    engine = create_engine(url)
    _prepare(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield of(session)
    engine.dispose()
