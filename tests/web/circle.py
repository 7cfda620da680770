"""A community without HTTP: its members act through the same forms and steps as the pages do."""

import contextlib
import dataclasses
import importlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from werkzeug.datastructures import MultiDict

from lti_tool.db import Base, _prepare
from lti_tool.domain import Refused, contributions, cycle, participation, roster
from lti_tool.domain.cycle import Turn
from lti_tool.domain.participation import Kind
from lti_tool.models import (
    Community,
    Consent,
    Contribution,
    Course,
    Cycle,
    Deployment,
    Dot,
    Member,
    Moment,
    Person,
    Registration,
    Round,
    Seat,
    StepRun,
)
from lti_tool.steps import load
from lti_tool.steps.ambition import Ambition
from lti_tool.steps.base import Step
from lti_tool.views import FormError, load_form

STAGES = [stage.name for stage in Ambition.stages] + ["closed"]
STEPS = load()
ISSUER = "https://lms.example"


@cache
def _memory() -> Engine:
    """One database in memory for all, as the application prepares it: each circle undoes what it did."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _prepare(engine)
    Base.metadata.create_all(engine)
    return engine


@dataclass
class Circle:
    """A community at one step. People are named by their index."""

    session: Session
    course: Course
    community: Community
    cycle: Cycle
    run: StepRun
    step: Step
    members: list[Member]
    written: Iterator[int] = field(default_factory=itertools.count)

    def turn(self, who: int | None) -> Turn:
        """Somebody's turn; None: the clock's."""
        return Turn(self.session, self.community, self.cycle, self.run, None if who is None else self.members[who])

    def act(self, who: int, action: str, /, **fields: Any) -> Kind | None:
        """Do what posting this form does, or raise what refuses it and change nothing. dots={id: n}."""
        declared = self.step.action(action)
        assert declared is not None
        form: MultiDict[str, str] = MultiDict()
        for name, value in fields.items():
            if isinstance(value, dict):
                for key, each in value.items():
                    form.add(f"{name}-{key}", str(each))
            else:
                form.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
        turn = self.turn(who)
        with self.session.begin_nested():
            moment = self.step.perform(turn, declared, load_form(declared.schema, form))
            if moment is not None:
                participation.mark(self.session, self.run, turn.me, moment)
        return moment

    def refused(self, who: int, action: str, /, **fields: Any) -> str | dict[str, list[str]]:
        """Why an action is refused: a code, or the codes by field; "" when it is not."""
        try:
            self.act(who, action, **fields)
        except Refused as refused:
            return refused.code
        except FormError as error:
            return dict(error.errors)
        return ""

    def move(self, seen: str | None = None) -> str:
        """End the present stage; the new stage, or why not."""
        try:
            with self.session.begin_nested():
                cycle.advance(self.turn(None), self.step, self.run.stage if seen is None else seen, STEPS)
        except Refused as refused:
            return refused.code
        return self.run.stage

    def to(self, stage: str) -> "Circle":
        """Walk to a stage of this step, each member doing what each stage asks (see tests/web/ways).

        A stage that so few people skip is walked past.
        """
        while self.stages.index(self.run.stage) < self.stages.index(stage):
            name = self.run.stage
            for who in range(len(self.members)):
                if self.members[who].id in self.turn(None).present_ids:
                    self.do_the_task(who, name)
            moved = self.move()
            assert moved in self.stages[self.stages.index(name) + 1 :], (name, moved)
        return self

    @property
    def stages(self) -> list[str]:
        """The names of the step's stages, "closed" last."""
        return [*(stage.name for stage in self.step.stages), "closed"]

    def do_the_task(self, who: int, stage: str) -> None:
        """What a stage asks of a member, and of the first also what it asks of one."""
        way = importlib.import_module(f"tests.web.ways.{self.step.name}")
        way.do(self, who, stage)

    def on(self, step: str) -> "Circle":
        """The same people at another step, which must be open."""
        run = self.session.scalars(select(StepRun).filter_by(cycle_id=self.cycle.id, step=step)).one()
        return dataclasses.replace(self, run=run, step=STEPS.by_name[step])

    def opened(self, step: str) -> bool:
        """Whether a step of the cycle is open or done."""
        return self.session.scalar(select(StepRun.id).filter_by(cycle_id=self.cycle.id, step=step)) is not None

    def go(self, who: int) -> None:
        """Somebody leaves the course."""
        seat = self.session.scalars(select(Seat).filter_by(person_id=self.members[who].person_id)).one()
        seat.present = False
        self.session.flush()

    def come(self, who: int) -> None:
        """Somebody who left is there again."""
        seat = self.session.scalars(select(Seat).filter_by(person_id=self.members[who].person_id)).one()
        seat.present = True
        self.session.flush()

    def ideas(self) -> list[Contribution]:
        """All ideas, oldest first."""
        return list(contributions.of_kind(self.turn(None), "idea"))

    def own(self, who: int) -> list[Contribution]:
        """Somebody's ideas."""
        return [item for item in self.ideas() if item.member_id == self.members[who].id]

    def resolved(self, consent_id: int) -> bool:
        """Whether it was written down what was done with an objection."""
        return any(item.body["consent"] == consent_id for item in contributions.of_kind(self.turn(None), "resolution"))

    def proposal(self) -> Contribution | None:
        """The text to decide on."""
        return next(iter(contributions.of_kind(self.turn(None), "proposal")), None)

    def moments(self, who: int) -> set[str]:
        """Somebody's moments."""
        return set(self.session.scalars(select(Moment.kind).filter_by(member_id=self.members[who].id)))

    def dots(self, round_: Round) -> dict[int, int]:
        """member id -> dots laid in a round."""
        laid: dict[int, int] = {}
        for dot in self.session.scalars(select(Dot).filter_by(round_id=round_.id)):
            laid[dot.member_id] = laid.get(dot.member_id, 0) + dot.count
        return laid

    def rounds(self, kind: str) -> list[Round]:
        """All rounds of a kind."""
        return list(self.session.scalars(select(Round).filter_by(kind=kind).order_by(Round.id)))

    def answers(self, round_: Round) -> list[Consent]:
        """All answers of a round."""
        return list(self.session.scalars(select(Consent).filter_by(round_id=round_.id)))

    def shown(self, who: int | None) -> str:
        """All that the step's page would show somebody, as one string."""
        return repr([(name, _plain(value)) for name, value in self.step.summary(self.turn(who)).items()])


def _plain(value: Any) -> Any:
    columns = getattr(value, "__table__", None)
    return {c.name: getattr(value, c.name) for c in columns.columns} if columns is not None else value


def arrival(number: int, deployment: int, context: str = "c1", **changes: Any) -> roster.Arrival:
    """A launch by the person of that number."""
    said: dict[str, Any] = {
        "issuer": ISSUER,
        "deployment_id": deployment,
        "sub": f"u{number}",
        "name": f"Persoon {number}",
        "locale": "nl",
        "role": "learner",
        "context_id": context,
        "context_title": "Cursus",
    }
    return roster.Arrival(**{**said, **changes})


def a_deployment(session: Session) -> Deployment:
    """A platform that is known."""
    platform = Registration(
        issuer=ISSUER, client_id="c", auth_login_url=ISSUER, auth_token_url=ISSUER, key_set_url=ISSUER
    )
    session.add(platform)
    session.flush()
    deployment = Deployment(registration_id=platform.id, deployment_id="1", approved=True)
    session.add(deployment)
    session.flush()
    return deployment


@contextlib.contextmanager
def circle(people: int, stage: str = "ideas", step: Step | None = None) -> Iterator[Circle]:
    """A community of so many members, at a stage of a step; the steps before it are done."""
    step = step or Ambition()
    with _memory().connect() as connection, Session(connection, expire_on_commit=False) as session:
        deployment = a_deployment(session)
        met = [roster.meet(session, arrival(number, deployment.id)) for number in range(people)]
        course, community = met[0].course, met[0].community
        first = cycle.opened(session, community, None)[0]
        members = [each.member for each in met if each.member is not None]
        known = STEPS.by_name.get(step.name)
        start = next(iter(STEPS)) if known is not None and not known.side else step
        run = cycle.open_step(session, community, first, start)
        yield _through(Circle(session, course, community, first, run, start, members), step.name).to(stage)
        session.rollback()


def _through(at: Circle, step: str) -> Circle:
    """On to a step, all steps before it done."""
    while at.step.name != step:
        following = STEPS.following(at.step)
        assert following is not None, step
        at = at.to("closed").on(following.name)
    return at


def fill(session: Session, people: int, stage: str, step: str = "ambition") -> Circle:
    """Take the only community there is to a stage of a step, with at least that many members from nowhere."""
    community = session.scalars(select(Community)).one()
    course = session.get_one(Course, community.course_id)
    known = session.scalars(select(Member.number)).all()
    for number in range(1000 + sum(each >= 1000 for each in known), 1000 + people):
        person = Person(issuer=ISSUER, sub=f"extra{number}", name=f"Extra {number}")
        session.add(person)
        session.flush()
        session.add(Seat(course_id=course.id, person_id=person.id, launch_role="learner", roster_role="learner"))
        session.add(Member(community_id=community.id, person_id=person.id, number=number, standing="member"))
    session.flush()
    first, runs = cycle.opened(session, community, None)
    ids = cycle.present_member_ids(session, community)
    members = list(session.scalars(select(Member).where(Member.id.in_(ids)).order_by(Member.number)))
    reached = next(
        each for each in STEPS if (run := runs.get(each.name)) and (run.closed_at is None or each.name == step)
    )
    return _through(Circle(session, course, community, first, runs[reached.name], reached, members), step).to(stage)
