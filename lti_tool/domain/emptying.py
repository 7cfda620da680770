"""Taking away what was written, chosen and answered in a community whose last cycle is over, at the end of its keeping.

The community itself stays, with who was in it, what steps it took and when; so do moments, which the gradebook shows,
and hours and journals, which are people's own. What was on the way to be written goes too.
"""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import cycle, removal
from lti_tool.domain.community import drafts
from lti_tool.domain.cycle import Steps, Turn
from lti_tool.domain.thread import yields
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Community, Cycle, Ending, Meeting, Member, StepRun, YieldShare

# What hangs on a step, a meeting or a member and stays all the same, and why.
STAYS: Mapping[str, str] = {
    "moment": "the gradebook shows it, and one's own overview",
    "act": "who did what for all, and when: codes and no words",
    "hours_suggestion": "an entry of hours came of it, which is its person's",
    "hours_session": "who was at a meeting is kept as hours are",
    "journal_entry": "its writer's alone, who throws it away or keeps it",
    "yield_share": "with the yield that it is a copy of",
    "step_run": "which steps there were, and when",
    "meeting": "that there was one, and when",
}


def empty(session: Session, community: Community, steps: Steps, *, keep_yields: bool) -> int:
    """Take it all away; how many rows. keep_yields: what each cycle came to stays as it was endorsed, with no name."""
    cycles = cycle.all_of(session, community)
    runs = [(of, run) for of, each in cycles.items() for run in each.values()]
    came_to = {run.id: _came_to(session, community, of, run, steps) if keep_yields else None for of, run in runs}
    members = set(session.scalars(select(Member.id).where(Member.community_id == community.id)))
    meetings = set(session.scalars(select(Meeting.id).where(Meeting.community_id == community.id)))
    goes = removal.below(session, {StepRun: {run.id for _, run in runs}, Meeting: meetings}, STAYS)
    if not keep_yields:
        shared = YieldShare.cycle_id.in_([of.id for of in cycles])
        goes = removal.joined(goes, removal.which(session, YieldShare, shared))
    removal.carry_out(session, goes)
    drafts.forget_of(session, members)
    for _, run in runs:
        run.outcome, run.told = came_to[run.id], None
    for of in cycles:
        of.emptied_at = of.emptied_at or now()
    words = update(Member).where(Member.community_id == community.id).values(ask_me="", to_mend=False)
    session.execute(words.execution_options(synchronize_session="fetch"))
    session.flush()
    return goes.total


def _came_to(session: Session, community: Community, of: Cycle, run: StepRun, steps: Steps) -> str | None:
    """What stays of a step: the yield that was endorsed, or what all ended the cycle with; its lessons a line each."""
    if of.emptied_at is not None:
        return run.outcome
    if run.step == steps.keeping(Flow.LEARNED).name:
        return run.outcome if of.ending == Ending.CONSENT else None
    if run.step != steps.keeping(Flow.YIELD).name:
        return None
    turn = Turn(session, community, of, run, None, steps)
    text = yields.standing(turn)
    if text is None or not yields.endorsed(turn):
        return None
    return "\n".join([text.body["text"], *(text.body.get("lessons") or [])])
