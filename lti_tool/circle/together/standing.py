"""The meeting of a request as its pages need it: where it stands, with the step and the turn that belong to it."""

from dataclasses import dataclass

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
    tool, cycle = parts(), cycle_of(at, meeting)
    place = running.where(meeting, at.cycles[cycle], tool.steps)
    return Standing(
        meeting, place, tool.steps.by_name[place.run.step], _turn(at, cycle, place.run), for_all(at, cycle, place.run)
    )


def _turn(at: Here, cycle: Cycle, run: StepRun) -> Turn:
    tool = parts()
    return Turn(db.session(), at.community, cycle, run, at.member, tool.steps, at.viewer, tool.settings.zone)


def for_all(at: Here, cycle: Cycle, run: StepRun) -> Turn:
    """Nobody's own turn: what is read by it may stand on the wall."""
    tool = parts()
    return Turn(db.session(), at.community, cycle, run, None, tool.steps, access.COMMUNITY, tool.settings.zone)


def conducted() -> Standing:
    """The same for whoever changes it; Refused("no_meeting") where none is on any more."""
    at = here()
    return of(at, running.held(db.session(), at.community))
