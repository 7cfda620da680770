"""Whose turn it is: one person's (or the clock's) at one step, and all that is found once for a page or an act."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import and_, bindparam, case, false, select
from sqlalchemy.orm import Session

from lti_tool.db import now, plain
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, version
from lti_tool.domain.community.access import COMMUNITY, FACILITATING, Audience, audiences
from lti_tool.domain.community.circle import NOBODY, Circle, called, is_known
from lti_tool.domain.cycle.may_end import Heard
from lti_tool.domain.cycle.stages import Stage, StageKind
from lti_tool.domain.reading.things import Thing, Viewer
from lti_tool.models import Authors, Community, Course, Cycle, Member, Person, Seat, Standing, StepRun
from lti_tool.text import Text

Found = TypeVar("Found")
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class Step(Protocol):
    """What the cycle, the thread and the gate need of a step.

    keeps: kind -> which thing it is; becomes: the same for what changes once the step is completed. codes: kind ->
    names in its body that hold no words, though other kinds call words so (reading/words.py).
    asks_pulse: whether the pulse is asked once it is completed. private_forms: those whose answers are forgotten.
    dates_itself: whether it announces its days itself: one that is over stays over. over: what follows once it is
    completed.
    """

    @property
    def name(self) -> str: ...
    @property
    def stages(self) -> Sequence[Stage]: ...
    @property
    def reopens_at(self) -> str: ...
    @property
    def keeps(self) -> Mapping[str, Thing]: ...
    @property
    def becomes(self) -> Mapping[str, Thing]: ...
    @property
    def codes(self) -> Mapping[str, Collection[str]]: ...
    @property
    def asks_pulse(self) -> bool: ...
    @property
    def private_forms(self) -> Sequence[str]: ...
    @property
    def dates_itself(self) -> bool: ...
    def __hash__(self) -> int: ...
    def enter(self, turn: "Turn") -> None: ...
    def leave(self, turn: "Turn") -> str: ...
    def heard(self, turn: "Turn") -> Heard: ...
    def outcome(self, turn: "Turn") -> str | None: ...
    def over(self, turn: "Turn") -> None: ...


class Steps(Protocol):
    """What the cycle needs of all steps together."""

    def __iter__(self) -> Iterator[Step]: ...
    @property
    def by_name(self) -> Mapping[str, Step]: ...
    def following(self, step: Step) -> Step | None: ...
    def keeping(self, kind: str) -> Step: ...


@dataclass
class Turn:
    """One person's (or, with member None, the clock's) turn at one step: what step code acts on.

    seen_as: what a person is here, where that is known already; without it, it is told from the member. The
    clock moves a step on as anybody of the community could, and reads what they may. zone: the school's.
    """

    session: Session
    community: Community
    cycle: Cycle
    run: StepRun
    member: Member | None
    steps: Steps
    seen_as: frozenset[Audience] | None = None
    zone: dt.tzinfo = dt.UTC
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _common: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: str, find: Callable[[], Found]) -> Found:
        """What a page asks several times, found once. A turn is for one action or one page, not for both."""
        if what not in self._known:
            self._known[what] = find()
        return cast(Found, self._known[what])

    def known(self, what: str) -> Any:
        """What was found once, or None where nobody asked for it yet."""
        return self._known.get(what)

    def once_for_all(self, what: str, find: Callable[[], Found]) -> Found:
        """The same for what does not depend on the step: turns beside one another share it."""
        if what not in self._common:
            self._common[what] = find()
        return cast(Found, self._common[what])

    def forget(self) -> None:
        """Find anew what was found: after something was written. Who everybody is stays."""
        self._known.clear()
        for what in [each for each in self._common if each != "people"]:
            del self._common[what]

    def lock(self, *, seen: bool = True) -> None:
        """Let nobody else act on this step until the transaction ends, and see what the one before did.

        Without it, on PostgreSQL, an objection could slip in while the round is being closed; or be missed, where the
        answers were found before. seen: whether what follows changes what others see.
        """
        self.session.flush()
        self.session.refresh(self.run, with_for_update=True)
        if seen:
            version.changed(self.session, self.community.id)
        self.forget()

    def hold(self, *, seen: bool = True) -> None:
        """Lock, for everything that writes in a cycle.

        Refused("cycle_closed") once it is over for good, Refused("cycle_paused") while it is paused.
        """
        self.lock(seen=seen)
        self.session.refresh(self.cycle, ["closed_at", "paused_until"])
        refuse_if_still(self.cycle)

    def note(self, kind: acts.Kind, **detail: str | int) -> None:
        """Note what whoever's turn it is did here, that changes things for others."""
        acts.note(self.session, self.community.id, kind, self.member, cycle=self.cycle, run=self.run, detail=detail)

    def beside(self, run: StepRun) -> "Turn":
        """The same person's turn at another step of the cycle, for the same page: what is common is found once."""
        return replace(self, run=run, _known={})

    @property
    def viewer(self) -> Viewer:
        """Who reads."""
        known = self.seen_as
        if known is None:
            known = COMMUNITY if self.member is None else audiences(self.member, administrator=False)
        return Viewer(known, self.member.id if self.member else None)

    @property
    def people(self) -> "dict[int, Somebody]":
        """member id -> who that is, everybody who ever came in: for what is said with a name, and for counting."""
        return self.once_for_all("people", lambda: _people(self.session, self.community))

    @property
    def present_ids(self) -> set[int]:
        """The ids of the members who take part and are present."""
        return {member for member, somebody in self.people.items() if somebody.present}

    @property
    def circle(self) -> Circle:
        """Who counts in the present stage, and who of them is waited for."""
        return self.once("circle", self._circle)

    def _circle(self) -> Circle:
        there = {member: somebody for member, somebody in self.people.items() if somebody.present}
        own = frozenset(member for member, somebody in there.items() if somebody.away == Away.OWN)
        others = frozenset(member for member, somebody in there.items() if somebody.away == Away.SET)
        late = NOBODY
        if self.run.stage_since is not None and not self._is_hidden():
            late = frozenset(member for member, each in there.items() if each.joined_at > self.run.stage_since)
        if len(late) == len(there):
            # Nobody is left of those with whom it began: they are the circle, or it would wait for nobody for ever.
            late = NOBODY
        number, known = 0, True
        if self.community.by_roster:
            course = self.session.get_one(Course, self.community.course_id)
            known = is_known(self.community, course)
            # Whom a roster names meanwhile is known from the next stage on: until then the number stands for them.
            if course.roster_at is None or late:
                number = self.community.headcount
        left_out = sum(each.left_out for each in self.people.values())
        since = self.run.stage_since or LONG_AGO
        lately = frozenset(each for each in others if (there[each].away_since or LONG_AGO) > since)
        return Circle(frozenset(there), own, others, number, late, known, left_out, lately)

    def _is_hidden(self) -> bool:
        """Whether all still write alone here: then whoever comes in is waited for like everybody."""
        step = self.steps.by_name.get(self.run.step)
        stages = step.stages if step is not None else ()
        return any(each.name == self.run.stage and each.kind == StageKind.HIDDEN for each in stages)

    @property
    def arrived(self) -> set[int]:
        """Ids of those of them who have opened the tool: whom only the roster names sits in no group yet."""
        return {member for member, somebody in self.people.items() if somebody.present and somebody.opened}

    @property
    def names(self) -> dict[int, Text]:
        """member id -> name, where the community chose to show who wrote what; empty where it did not."""
        return {member: each.name for member, each in self.people.items()} if self.run.authors == Authors.NAMED else {}

    @property
    def participant(self) -> Member | None:
        """The member whose turn it is; None for somebody who does not take part."""
        return self.member if self.member is not None and self.member.standing == Standing.MEMBER else None

    @property
    def me(self) -> Member:
        """The same; Refused for somebody who does not take part."""
        if (member := self.participant) is None:
            raise Refused("not_a_member")
        return member


def refuse_if_still(cycle: Cycle) -> None:
    """Refused where nothing can be done in a cycle now."""
    if cycle.closed_at is not None:
        raise Refused("cycle_closed")
    if cycle.paused_until is not None:
        raise Refused("cycle_paused")


_PEOPLE = (
    select(Member.id, Member.number, Member.standing, Member.leads, Member.facilitates, Member.facilitated_on)
    .add_columns(
        Member.away_until,
        Member.away_own,
        Member.away_since,
        Member.joined_at,
        Member.opened_at,
        Person.name,
        Seat.present,
        # Asked of those few only whom it could be.
        case((and_(Member.standing == Standing.APART, Seat.present), ~acts.left_by_own_word()), else_=false()).label(
            "left_out"
        ),
    )
    .join(Person, Person.id == Member.person_id)
    .outerjoin(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == bindparam("course")))
    .where(Member.community_id == bindparam("community"))
)


class Away(StrEnum):
    """By whose hand somebody is away: their own, or another's."""

    OWN = "own"
    SET = "set"


@dataclass(frozen=True)
class Somebody:
    """How somebody is called (a number where the LMS gives no name); whether they lead others; whether they count.

    facilitates: whether they do, and are in the course; facilitated_on: when whoever does was last here.
    joined_at: since when they belong; opened: whether they came from the LMS themselves yet. left_out: whether
    another's hand left them out of the circle, and they have not said yes since. away_since: of who is away.
    """

    name: Text
    leads: bool
    present: bool
    facilitates: bool = False
    facilitated_on: dt.date | None = None
    away: Away | None = None
    joined_at: dt.datetime = LONG_AGO
    opened: bool = True
    left_out: bool = False
    away_since: dt.datetime | None = None


def _people(session: Session, community: Community) -> dict[int, Somebody]:
    rows, moment = plain(session, _PEOPLE, {"community": community.id, "course": community.course_id}), now()
    return {
        row.id: Somebody(
            called(row.name, row.number),
            row.leads,
            row.standing == Standing.MEMBER and bool(row.present),
            row.facilitates and row.standing in FACILITATING and bool(row.present),
            row.facilitated_on,
            (Away.OWN if row.away_own else Away.SET) if row.away_until and row.away_until > moment else None,
            row.joined_at,
            row.opened_at is not None,
            bool(row.left_out),
            row.away_since,
        )
        for row in rows
    }
