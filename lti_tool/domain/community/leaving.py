"""What stays of whoever is in the circle no more, and what goes: after leaving it, or the course.

What was shown stays as it was shown. What nobody has read goes, what was answered alone goes, and an open action goes
back to the board, free. An objection stays until the round says what becomes of it, and so do moments and the journal.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import cycle
from lti_tool.domain.community import drafts
from lti_tool.domain.cycle import Steps, Turn
from lti_tool.domain.mechanisms import consent, contributions, dots, endorsing, notes, rounds
from lti_tool.domain.mechanisms.forgetting import FORGOTTEN
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import RULES, Phase, Until
from lti_tool.domain.thread import actions
from lti_tool.domain.ties import Tie
from lti_tool.models import Community, Course, Member, Seat

# Answers that stay in an open round: an objection is to be dealt with, and what is missing was read at once.
STAYS = frozenset({str(consent.Answer.OBJECTION), str(endorsing.Say.NOT_YET)})


def clear(session: Session, community: Community, members: Collection[int], steps: Steps) -> None:
    """Take away what these members (ids) leave behind in the community's cycles that is to go."""
    if not members:
        return
    for of, runs in cycle.all_of(session, community).items():
        # In one order: two who leave at once wait for each other's steps, and not both for ever.
        known = sorted((run for run in runs.values() if run.step in steps.by_name), key=lambda run: run.id)
        turns = [Turn(session, community, of, run, None, steps) for run in known]
        for turn in turns:
            keeps = steps.by_name[turn.run.step].keeps
            contributions.forget(
                session, turn.run.id, [kind for kind, thing in keeps.items() if thing in FORGOTTEN], members
            )
            if of.closed_at is None:
                turn.lock()
                _take_hidden(turn, members)
        if of.closed_at is None and turns:
            _free_actions(turns[0], members)
    drafts.forget_of(session, members)


def _take_hidden(turn: Turn, members: Collection[int]) -> None:
    """What nobody has read in the turn's step: pieces, what was said in rounds that are open, notes that wait."""
    step = turn.steps.by_name[turn.run.step]
    if cycle.stage_of(step, turn.run).phase == Phase.ALONE:
        _withdraw(turn, Until.ALONE, members)
    asked = rounds.still_open(turn)
    if asked:
        _withdraw(turn, Until.ROUND, members, {each.id for each in asked})
    for round_ in asked:
        if round_.kind == dots.KIND:
            dots.forget(turn, round_, members)
        else:
            consent.forget(turn, round_, members, STAYS)
    notes.forget(turn, members)


def _withdraw(turn: Turn, until: Until, members: Collection[int], of_rounds: Collection[int] | None = None) -> None:
    keeps = turn.steps.by_name[turn.run.step].keeps
    kinds = [kind for kind, thing in keeps.items() if RULES[thing].until == until]
    for item in deciding.of_kind(turn, *kinds) if kinds else ():
        if item.member_id in members and (of_rounds is None or item.body.get("round") in of_rounds):
            contributions.withdraw(turn, item)


def _free_actions(turn: Turn, members: Collection[int]) -> None:
    there = deciding.of_cycle(turn, actions.ACTION, actions.OWNER, actions.BUDDY, actions.RESULT)
    for card in actions.cards(there):
        held = [*there.linked_to(card.item, Tie.OWNS), *there.linked_to(card.item, Tie.BUDDIES)]
        for item in held if card.result is None else ():
            if item.member_id in members:
                contributions.withdraw(turn, item)


def left_course(session: Session, course: Course, steps: Steps) -> None:
    """The same for those whom the roster that was just applied names no longer, in all communities of the course."""
    query = (
        select(Community, Member.id)
        .join(Member, Member.community_id == Community.id)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == Community.course_id))
        .where(Community.course_id == course.id, Seat.present.is_(False), Seat.gone_at == course.roster_at)
        .order_by(Community.id, Member.id)
    )
    gone: dict[Community, list[int]] = {}
    for community, member_id in session.execute(query):
        gone.setdefault(community, []).append(member_id)
    for community, members in gone.items():
        clear(session, community, members, steps)
