"""When it shows by name that somebody was heard: in the list of those still to be heard, and in the gradebook.

In an open stage all read what comes in. Whoever watched a name or a score move beside it would see whose it is. So
both move in leaps: when at least LEAP more were heard, and none or at least LEAP are left; else when the stage ends.
Scores wait besides until at least LEAP people's would move: who passes is heard too, and brings nothing in. How many
were heard moves at once, always; so does everything where all write alone, and in a circle below SMALL, which is told
that it does without: in so small a group colleagues can tell who wrote what.

Who says something of a step that is over has a score that waits for those of two others, or for the cycle's end.

As a stage ends, what waits moves, if it is one person's too: that is the rule, and nobody watches what is over act by
act. A move that can be taken back ends nothing for good: whoever made it and took it back, again and again, would see
each name and score by itself. So a stage that is gone back to knows whom it named, and from then on lets fewer than
LEAP scores wait until a move that stays.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from lti_tool.domain import participation
from lti_tool.domain.community import acts
from lti_tool.domain.community.circle import Circle
from lti_tool.domain.cycle.may_end import SMALL, Heard
from lti_tool.domain.cycle.stages import StageKind
from lti_tool.domain.cycle.turn import Step, Turn
from lti_tool.models import Act, Authors, StepRun

LEAP = 3


def tell(told: Collection[int], heard: Heard, circle: Circle) -> frozenset[int]:
    """Ids of those of whom an open stage lets it be seen that they were heard, where it was `told` until now.

    Who is not heard any more, having taken back what they said, leaves with the next leap: their name would come back
    as their words go.
    """
    known = heard.everybody & heard.expected
    left = heard.expected - heard.everybody
    if circle.size < SMALL or (len(known - frozenset(told)) >= LEAP and (not left or len(left) >= LEAP)):
        return known
    return frozenset(told)


def told_in(run: StepRun) -> frozenset[int]:
    """Ids of those of whom the present stage lets it be seen that they were heard."""
    return frozenset(each for each in run.told or () if isinstance(each, int))


def _before(run: StepRun) -> list[list[int]]:
    """The same of the stage before, as the one element that is a list: as long as that can be gone back to."""
    return [each for each in run.told or () if isinstance(each, list)]


def enter(run: StepRun, back: bool) -> None:
    """A stage begins, in which nobody was told of; back: the one before it can be gone back to."""
    run.told = [sorted(told_in(run))] if back else []


def go_back(run: StepRun) -> None:
    """The stage before goes on: no name goes by its having ended."""
    run.told = [each for before in _before(run) for each in before]


def waits(turn: Turn) -> bool:
    """Whether names and scores wait for others in the present stage."""
    return _is_open(turn, turn.steps.by_name[turn.run.step]) and turn.circle.size >= SMALL


def small(turn: Turn, step: Step) -> bool:
    """Whether the circle is to be told that it does without; once, before anybody writes."""
    first = next(iter(turn.steps), None)
    at_first = first is not None and (step.name, turn.run.stage) == (first.name, first.stages[0].name)
    return at_first and turn.run.authors == Authors.HIDDEN and 1 < turn.circle.size < SMALL


def _is_open(turn: Turn, step: Step) -> bool:
    return any(
        each.name == turn.run.stage and (each.kind == StageKind.OPEN or each.read_at_once) for each in step.stages
    )


def as_shown(turn: Turn, step: Step) -> Turn:
    """The turn by which it is said how many were heard, and who was not: whom another set away meanwhile is in it.

    Else a facilitator who sets one after another away and takes it back sees of each whether they were heard.
    """
    lately = turn.circle.lately
    if not lately or not _is_open(turn, step) or turn.circle.size < SMALL:
        return turn
    seen = turn.beside(turn.run)
    seen.once("circle", lambda: replace(turn.circle, set_away=turn.circle.set_away - lately))
    return seen


def shown_missing(turn: Turn, step: Step) -> tuple[frozenset[int], int]:
    """Who may be named as still to be heard in the present stage, and how many there really are."""
    seen = as_shown(turn, step)
    heard = step.heard(seen)
    missing = heard.expected - heard.everybody
    if not _is_open(turn, step):
        return missing, len(missing)
    return heard.expected - tell(told_in(turn.run), heard, seen.circle), len(missing)


def earned(turn: Turn, moment: participation.Kind) -> None:
    """Note a moment of the member's; its score goes along with others' where it would tell whose a piece is."""
    participation.mark(turn.session, turn.run, turn.me, moment, held=_held(turn, moment))


def taken_back(turn: Turn, moment: participation.Kind) -> None:
    """Take a moment back, with what earned it; a score that was shown already follows as it came."""
    participation.unmark(turn.session, turn.run, turn.me, moment, held=_held(turn, moment))


def _held(turn: Turn, moment: participation.Kind) -> bool:
    """Whether a moment's score waits: beside what is read at once, also where a text or a decision is made of it.

    What is decided is hidden until its round closes: that somebody answered tells nothing of what.
    """
    if turn.run.closed_at is not None:
        # Of a step that is over somebody says something by themselves, and it stands on its page.
        return turn.circle.size >= SMALL
    if waits(turn):
        return True
    stage = next((each for each in turn.steps.by_name[turn.run.step].stages if each.name == turn.run.stage), None)
    made = stage is not None and stage.kind in (StageKind.TOGETHER, StageKind.DECIDE)
    return made and moment != participation.Kind.DECISION and turn.circle.size >= SMALL


def heard_more(turn: Turn, step: Step) -> None:
    """Something was said, or taken back: names and scores follow if it is time to."""
    if not _is_open(turn, step):
        return
    told = told_in(turn.run)
    now_told = tell(told, step.heard(turn), turn.circle)
    turn.run.told = [*_before(turn.run), *sorted(now_told)]
    if now_told != told and (turn.circle.size < SMALL or _moving(turn, now_told) >= LEAP):
        participation.release(turn.session, turn.run, now_told | told)


def said_later(turn: Turn) -> None:
    """Something was said of a step that is over: its score follows with those of two others, or as the cycle ends."""
    if len(participation.held_back(turn.session, turn.run)) >= LEAP:
        participation.release(turn.session, turn.run)


def _moving(turn: Turn, told: Collection[int]) -> int:
    return len(participation.held_back(turn.session, turn.run) & set(told))


def stage_over(turn: Turn, back: bool = False) -> None:
    """The stage ends, or the cycle: nothing waits any longer. back: this can be taken back, and the stage go on."""
    if back and _was_gone_back_to(turn) and len(participation.held_back(turn.session, turn.run)) < LEAP:
        return
    participation.release(turn.session, turn.run)


def _was_gone_back_to(turn: Turn) -> bool:
    moves = select(Act.detail).where(Act.step_run_id == turn.run.id, Act.kind == acts.Kind.MOVE_TAKEN_BACK)
    return any(detail.get("to") == turn.run.stage for detail in turn.session.scalars(moves))
