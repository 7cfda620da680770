"""A community without HTTP: its members act through the same forms and steps as the pages do."""

import contextlib
import dataclasses
import datetime as dt
import importlib
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, delete, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from werkzeug.datastructures import MultiDict

from lti_tool import chance
from lti_tool.circle.loading import FormError, load_form
from lti_tool.db import Base, _prepare, now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import roster
from lti_tool.domain.cycle import StageKind, Turn, reopening
from lti_tool.domain.mechanisms import dots, rounds
from lti_tool.domain.participation import Kind
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    Deployment,
    Meeting,
    Member,
    Moment,
    Person,
    Registration,
    Round,
    Seat,
    StepRun,
)
from lti_tool.models.voices import Consent, Contribution, Dot
from lti_tool.steps import load, objecting
from lti_tool.steps.ambition import Ambition
from lti_tool.steps.base import Step

STAGES = [stage.name for stage in Ambition.stages] + ["closed"]
STEPS = load()
ISSUER = "https://lms.example"


def stored(turn: Turn, kind: str) -> list[Contribution]:
    """What stands of a kind in a step, as the table has it, whoever may read it."""
    return list(
        turn.session.scalars(
            select(Contribution)
            .where(Contribution.step_run_id == turn.run.id, Contribution.kind == kind)
            .where(Contribution.withdrawn_at.is_(None))
            .order_by(Contribution.created_at)
        )
    )


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
        member = None if who is None else self.members[who]
        return Turn(self.session, self.community, self.cycle, self.run, member, STEPS)

    def act(self, who: int, action: str, /, **fields: Any) -> Kind | None:
        """Do what posting this form does, or raise what refuses it and change nothing. dots={id: n}."""
        declared = self.step.deed(action)
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
            return self.step.perform(turn, declared, load_form(declared.schema, form))

    def refused(self, who: int, action: str, /, **fields: Any) -> str | dict[str, list[str]]:
        """Why an action is refused: a code, or the codes by field; "" when it is not."""
        try:
            self.act(who, action, **fields)
        except FormError as error:
            return dict(error.errors)
        except Refused as refused:
            return refused.code
        return ""

    def move(self, seen: str | None = None) -> str:
        """End the present stage; the new stage, or why not.

        Where all write or respond, whoever was not heard passes first. What is written together is put to all by
        somebody else than who wrote last.
        """
        try:
            with self.session.begin_nested():
                turn = self.all_heard()
                cycle.advance(turn, self.step, self.run.stage if seen is None else seen, STEPS)
        except Refused as refused:
            return refused.code
        return self.run.stage

    def all_heard(self) -> Turn:
        """Everybody passes who was not heard, but in a decision; the turn of who may end the stage then."""
        turn = self.turn(None)
        kind, heard = self.step.stage(turn).kind, self.step.heard(turn)
        if kind == StageKind.TOGETHER:
            others = [who for who, each in enumerate(self.members) if each.id in turn.circle.members - {heard.writer}]
            return self.turn(next(iter(others), 0))
        for who, each in enumerate(self.members):
            if kind in (StageKind.HIDDEN, StageKind.OPEN) and each.id in turn.circle.members - heard.own:
                cycle.pass_by(self.turn(who), self.step)
        return self.turn(None)

    def rest(self, action: str, /, **fields: Any) -> None:
        """Let everybody do this whom the present stage waits for."""
        waited = self.unheard()
        for who, each in enumerate(self.members):
            if each.id in waited:
                self.act(who, action, **fields)

    def date_over(self) -> None:
        """An announced day, with its extension, is over."""
        self.run.closes_at, self.run.extended = now() - dt.timedelta(seconds=1), True

    def reopen(self, why: str) -> None:
        """Open the completed step again: the first member says why, the next one says yes."""
        if not reopening.propose(self.turn(0), self.step, why):
            second = min(self.turn(None).circle.members - {self.members[0].id})
            reopening.agree(self.turn([each.id for each in self.members].index(second)), self.step)

    def away(self, who: int, own: bool = False) -> None:
        """Nobody waits for somebody this week: by another's hand, or by their own word."""
        self.members[who].away_until, self.members[who].away_own = now() + dt.timedelta(days=7), own
        self.session.flush()

    def unheard(self) -> set[int]:
        """Ids of the members whom the present stage waits for."""
        heard = self.step.heard(self.turn(None))
        return set(heard.expected - heard.everybody)

    def to(self, stage: str) -> "Circle":
        """Walk to a stage of this step, each member doing what each stage asks (see tests/web/ways).

        A stage that so few people skip is walked past.
        """
        while self.stages.index(self.run.stage) < self.stages.index(stage):
            name = self.run.stage
            if stage == objecting.NAME and name in ("consent", "enough"):
                importlib.import_module("tests.web.ways.objecting").put(self)
                continue
            for who in range(len(self.members)):
                if self.members[who].id in self.turn(None).present_ids:
                    self.do_the_task(who, name)
            moved = self.move()
            # Where dots tie, the stage comes again; all then want the same.
            again = moved == name and self.rounds("dots")[-1].closed_at is None
            assert again or moved in self.stages[self.stages.index(name) + 1 :], (name, moved)
        return self

    def ballot(self, most: int) -> list[int]:
        """Ids of what the open round of dots is about where it is not the first; none where it is."""
        turn = self.turn(None)
        return sorted(dots.ballot(turn, rounds.open_one(turn, dots.KIND), most).among or ())

    @property
    def stages(self) -> list[str]:
        """The names of the step's stages, "closed" last."""
        return [*(stage.name for stage in self.step.stages), "closed"]

    def do_the_task(self, who: int, stage: str) -> None:
        """What a stage asks of a member, and of the first also what it asks of one."""
        if stage == objecting.NAME:
            self.act(who, objecting.NAME, answer="no")
            return
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
        return list(stored(self.turn(None), "idea"))

    def own(self, who: int) -> list[Contribution]:
        """Somebody's ideas."""
        return [item for item in self.ideas() if item.member_id == self.members[who].id]

    def resolved(self, consent_id: int) -> bool:
        """Whether it was written down what was done with an objection."""
        return any(item.body["consent"] == consent_id for item in stored(self.turn(None), "resolution"))

    def proposal(self) -> Contribution | None:
        """The text to decide on."""
        return next(iter(stored(self.turn(None), "proposal")), None)

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
        """All rounds of a kind in this step."""
        known = select(Round).filter_by(kind=kind, step_run_id=self.run.id)
        return list(self.session.scalars(known.order_by(Round.id)))

    def answers(self, round_: Round) -> list[Consent]:
        """All answers of a round."""
        return list(self.session.scalars(select(Consent).filter_by(round_id=round_.id)))

    def summary(self, who: int | None) -> Any:
        """What the step's page shows somebody: the `Shown` of whichever step this is."""
        return self.step.summary(self.turn(who))

    def for_leader(self) -> Any:
        """What the step shows a school leader outside."""
        return self.step.for_leader(self.turn(None))

    def shown(self, who: int | None) -> str:
        """The same as one string."""
        return repr(self.summary(who))


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


# --- Communities are walked to a stage once, and copied: the walk takes a second, the copy a millisecond


@cache
def _memory() -> Engine:
    """Each connection is a database of its own in memory, as the application prepares it."""
    engine = create_engine("sqlite://", poolclass=NullPool, connect_args={"check_same_thread": False})
    _prepare(engine)
    return engine


@contextlib.contextmanager
def _database(content: bytes) -> Iterator[Session]:
    """A session on a database with this in it, which goes when it is left."""
    with _memory().connect() as connection:
        connection.connection.driver_connection.deserialize(content)  # type: ignore[union-attr]
        with Session(connection, expire_on_commit=False) as session:
            yield session


@cache
def _tables() -> bytes:
    with _memory().connect() as connection:
        Base.metadata.create_all(connection)
        connection.commit()
        return bytes(connection.connection.driver_connection.serialize())  # type: ignore[union-attr]


@dataclass(frozen=True)
class Picture:
    """A community as it stood, and whose rows those are."""

    content: bytes
    course: int
    community: int
    cycle: int
    run: int
    step: str
    stage: str
    members: tuple[int, ...]
    written: int

    @classmethod
    def of(cls, c: Circle) -> "Picture":
        """Take it; the circle is of no use afterwards."""
        c.session.commit()
        content = bytes(c.session.connection().connection.driver_connection.serialize())  # type: ignore[union-attr]
        c.session.rollback()
        members = tuple(member.id for member in c.members)
        rows = c.course.id, c.community.id, c.cycle.id, c.run.id
        return cls(content, *rows, c.step.name, c.run.stage, members, next(c.written))

    @contextlib.contextmanager
    def copy(self) -> Iterator[Circle]:
        """A circle that stands so, and may be changed."""
        with _database(self.content) as session:
            yield Circle(
                session,
                session.get_one(Course, self.course),
                session.get_one(Community, self.community),
                session.get_one(Cycle, self.cycle),
                session.get_one(StepRun, self.run),
                STEPS.by_name[self.step],
                [session.get_one(Member, each) for each in self.members],
                itertools.count(self.written),
            )


# What a walk begins with: a step by its name, all before it done; or what makes that of a community at its ideas.
Start = str | Callable[[Circle], Circle]


def picture(people: int, start: Start, stage: str) -> Picture:
    """A community of so many, walked from a start to a stage ("": not walked)."""
    # Dates that people agree on are counted from today, also where a test says what day that is.
    return _picture(people, start, stage, now().date())


@cache
def _picture(people: int, start: Start, stage: str, _today: dt.date) -> Picture:
    # Drawn alike whichever test comes first: what a test finds in it is not to hang on that.
    drawn = chance.draw
    chance.draw = random.Random(f"{people} {start if isinstance(start, str) else start.__name__} {stage}").randint
    try:
        return _walked(people, start, stage)
    finally:
        chance.draw = drawn


def _walked(people: int, start: Start, stage: str) -> Picture:
    if stage:
        begun = picture(people, start, "")
        names = [*(each.name for each in STEPS.by_name[begun.step].stages), "closed"]
        if names.index(stage) <= names.index(begun.stage):
            return begun
        # Where an objection is weighed nobody comes on the way to anywhere.
        before = [each for each in names[: names.index(stage)] if each != objecting.NAME][-1]
        with picture(people, start, before).copy() as c:
            return Picture.of(c.to(stage))
    if not isinstance(start, str):
        with picture(people, "ambition", "ideas").copy() as c:
            return Picture.of(start(c))
    order = [step.name for step in STEPS]
    if start in order[1:]:
        with picture(people, order[order.index(start) - 1], "closed").copy() as c:
            return Picture.of(c.on(start))
    with _database(_tables()) as session:
        return Picture.of(_new(session, people, STEPS.by_name[start]))


def _new(session: Session, people: int, step: Step) -> Circle:
    """A community that has just opened a step."""
    deployment = a_deployment(session)
    met = [roster.meet(session, arrival(number, deployment.id)) for number in range(people)]
    course, community = met[0].course, met[0].community
    # Who opens it belongs. Of circles that a roster names tests/unit/test_belonging.py tells.
    community.by_roster = False
    first = cycle.opened(session, community, None)[0]
    members = [each.member for each in met if each.member is not None]
    return Circle(
        session, course, community, first, cycle.open_step(session, community, first, step, STEPS), step, members
    )


@contextlib.contextmanager
def circle(people: int, stage: str = "ideas", step: Step | None = None) -> Iterator[Circle]:
    """A community of so many members, at a stage of a step; the steps before it are done."""
    step = step or STEPS.by_name["ambition"]
    if type(step) is type(STEPS.by_name.get(step.name)):
        with picture(people, step.name, stage).copy() as c:
            yield c
        return
    with _database(_tables()) as session:
        yield _new(session, people, step).to(stage)


def _through(at: Circle, step: str) -> Circle:
    """On to a step, all steps before it done."""
    while at.step.name != step:
        following = STEPS.following(at.step)
        assert following is not None, step
        at = at.to("closed").on(following.name)
    return at


def sit_together(session: Session, step: str) -> None:
    """Have the only community there is meet about a whole step, and about nothing else."""
    community = session.scalars(select(Community)).one()
    newest = session.scalars(select(Cycle).order_by(Cycle.number.desc())).first()
    session.execute(delete(Meeting))
    rounds = [{"step": step, "stage": each.name, "minutes": 5} for each in STEPS.by_name[step].stages]
    session.add(Meeting(community_id=community.id, cycle_id=newest.id if newest else 0, agenda=rounds))


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
    # What is written is not what an earlier call wrote.
    written = itertools.count(len(session.scalars(select(Contribution.id)).all()))
    at = Circle(session, course, community, first, runs[reached.name], reached, members, written)
    return _through(at, step).to(stage)
