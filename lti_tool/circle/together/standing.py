"""The meeting of a request as its pages need it: where it stands, with the step and the turn that belong to it."""

from dataclasses import dataclass, replace

from lti_tool.circle import Here, here
from lti_tool.db import db
from lti_tool.domain.community import access
from lti_tool.domain.cycle import Stage, Turn
from lti_tool.domain.meeting import running
from lti_tool.domain.meeting.running import Place
from lti_tool.models import Cycle, Meeting, StepRun
from lti_tool.parts import parts
from lti_tool.steps.base import Step, Waiting


@dataclass(frozen=True)
class Standing:
    """A meeting that is on. turn: of whoever looks; for_all: one that reads what every member may, and no more."""

    meeting: Meeting
    place: Place
    step: Step
    turn: Turn
    for_all: Turn

    @property
    def stage(self) -> Stage:
        """The round as its step declares it."""
        return self.step.stage(self.turn)

    @property
    def round(self) -> tuple[int, int] | None:
        """Which round of its step it is, and of how many, as the step's own page says; None of no round."""
        numbered = self.stage in self.step.stages and len(self.step.rounds) > 1
        return self.step.place(self.stage) if numbered else None

    def heard(self, turn: Turn) -> "Heard | None":
        """How many were heard, where the round waits for people. turn: the one that the page asks everything by."""
        waiting = self.step.waiting(turn)
        return Heard(waiting, self.step.waited_for(turn)) if waiting else None


@dataclass(frozen=True)
class Heard:
    """How many did what a round asks, of how many that are waited for; never who."""

    waiting: Waiting
    all: int

    @property
    def done(self) -> int:
        """How many were."""
        return self.waiting.done


def cycle_of(at: Here, meeting: Meeting) -> Cycle:
    """The cycle that a meeting is about."""
    return next(each for each in at.cycles if each.id == meeting.cycle_id)


def standing() -> Standing | None:
    """Where the meeting of whoever asks stands; None where there is none."""
    at = here()
    meeting = running.running(db.session(), at.community)
    return of(at, meeting) if meeting is not None else None


def of(at: Here, meeting: Meeting) -> Standing:
    """Where a meeting stands."""
    steps, cycle = parts().steps, cycle_of(at, meeting)
    place = running.where(meeting, at.cycles[cycle], steps)
    turn = replace(at.beside(place.run), cycle=cycle)
    return Standing(meeting, place, steps.by_name[place.run.step], turn, for_all(at, cycle, place.run))


def for_all(at: Here, cycle: Cycle, run: StepRun) -> Turn:
    """Nobody's own turn: what is read by it may stand on the wall."""
    return replace(at.beside(run), cycle=cycle, member=None, seen_as=access.COMMUNITY)


def conducted() -> Standing:
    """The same for whoever changes it; Refused("no_meeting") where none is on any more."""
    at = here()
    return of(at, running.held(db.session(), at.community))
