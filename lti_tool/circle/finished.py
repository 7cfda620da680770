"""What this person finished, and what of it they can accept: for My hours, and for where a step ends."""

from lti_tool.circle import here
from lti_tool.db import db
from lti_tool.domain.cycle import Turn
from lti_tool.domain.hours import suggestions
from lti_tool.domain.hours.suggestions import STEP, Finished, Offer, Standing
from lti_tool.domain.participation import Kind as Moment
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.flow import Flow
from lti_tool.i18n import say as _
from lti_tool.i18n import speak
from lti_tool.models import Cycle, StepRun
from lti_tool.models import Standing as Stands
from lti_tool.parts import parts
from lti_tool.steps.base import Step


def offers() -> list[Offer]:
    """What this person can accept, the step that ended first first."""
    at = here()
    if at.member is None or at.member.standing != Stands.MEMBER:
        return []
    known = suggestions.standing(db.session(), at.reader, at.member)
    return suggestions.offers(known, finished(known))


def of_step(turn: Turn) -> list[Offer]:
    """The same of the turn's step alone, once that is over, for its page; what its actions suggest, My hours tells.

    What it reads of moments is what that page shows of them: it asks for them no second time.
    """
    at, step = here(), parts().steps.by_name[turn.run.step]
    if at.practises or at.member is None or at.member.standing != Stands.MEMBER or turn.run.closed_at is None:
        return []
    known = suggestions.standing(db.session(), at.reader, at.member)
    turn.once("moments", lambda: {Moment(each) for each in known.moments.get(turn.run.id, ())})
    return suggestions.offers(known, [_of_step(step, turn.run, at.cycle)])


def finished(known: Standing) -> list[Finished]:
    """What is done of what this person took part in, as far as the tariff says anything about it."""
    at, steps, zone = here(), parts().steps, parts().settings.zone
    assert at.member is not None
    found, doing = list[Finished](), dict[int, StepRun]()
    acting = steps.keeping(Flow.RESULT).name
    for cycle, runs in reversed(at.cycles.items()):
        for step in steps.steps:
            run, worth = runs.get(step.name), known.tariff.get(step.name)
            if run is None or worth is None:
                continue
            if run.closed_at is not None:
                found.append(_of_step(step, run, cycle))
            if step.name == acting and worth.action:
                doing[cycle.number] = run
    if doing:
        turn = at.beside(next(iter(doing.values())))
        for number, card in actions.ended_by(turn, list(doing), at.member.id):
            assert card.result is not None
            line = _("Actie: %(what)s", "Action: %(what)s", what=str(card.item.body["what"]))
            day = card.result.created_at.astimezone(zone).date()
            found.append(Finished(doing[number].id, acting, card.item.id, day, line))
    return found


def _of_step(step: Step, run: StepRun, cycle: Cycle) -> Finished:
    """A step that is over."""
    assert run.closed_at is not None
    line = _("Stap %(n)s: %(title)s", "Step %(n)s: %(title)s", n=step.position, title=speak(here().title(step)))
    day = run.closed_at.astimezone(parts().settings.zone).date()
    return Finished(run.id, step.name, STEP, day, _within(line, cycle))


def _within(line: str, cycle: Cycle) -> str:
    if cycle.number == 1:
        return line
    return _("%(line)s, cyclus %(number)s", "%(line)s, cycle %(number)s", line=line, number=cycle.number)
