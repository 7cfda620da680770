"""Words that go: taken back by who wrote them, or hidden by a facilitator because they name a pupil, or hurt.

They go from the row and its earlier versions, from drafts, from the file, and from what was copied of them. What others
built on it stands; a mark stays in the chain (reading/words.py). Moments stay: what earned them was done. Before
anything hangs on a piece, the step's own deed takes it back, with the moment it earned, where the step has one.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import acts
from lti_tool.domain.cycle import StageKind, Turn, reopening, telling
from lti_tool.domain.mechanisms import contributions, minority, rounds
from lti_tool.domain.reading import texts, words
from lti_tool.domain.reading.texts import Said, What
from lti_tool.domain.ties import Tie
from lti_tool.models import Cycle, Member, Reopening, Round, RoundOutcome, StepRun, YieldShare
from lti_tool.models.voices import Attachment, Consent, Contribution, Dot, Draft, Link, Note, Revision

LONGEST = 1000  # characters of what is written instead


def take_back(turn: Turn, what: str, number: int) -> None:
    """Take one's own words back, whatever was built on them.

    Refused("written_together") where others wrote on it too, Refused("put_to_all") for a text that all were asked
    about: that is the circle's, and opening the step again is the way to change it.
    """
    turn.lock()
    said = _mine(turn, what, number)
    if said.what == What.REASON:
        turn.session.get_one(Reopening, said.id).reason = words.TAKEN
        return _settle(turn)
    itself, *copies = _with_copies(turn, said)
    _refuse_what_is_not_mine(turn, itself)
    # What others made of it meanwhile is theirs too.
    rows = [itself, *(each for each in copies if _is_mine(turn, each))]
    known = [text for row in rows for text in _texts_of(turn, row)]
    for row in rows:
        _empty(turn, row, words.TAKEN)
        if isinstance(row, Contribution) and turn.run.closed_at is None and not _hung_on(turn, row.id):
            row.withdrawn_at, row.body = now(), {}
            turn.session.execute(delete(Revision).where(Revision.contribution_id == row.id))
    _cut_drafts(turn, known, words.TAKEN, Draft.member_id == turn.viewer.member_id)
    return _settle(turn)


def hide(turn: Turn, what: str, number: int) -> None:
    """Hide a text from everybody at once; its writer is told. Only that it happened and by whom is noted."""
    turn.lock()
    said = texts.find(turn, what, number)
    if said.mark:
        raise Refused("gone_already")
    if said.what == What.REASON:
        row = turn.session.get_one(Reopening, said.id)
        known, owners = [row.reason], {row.member_id}
        row.reason = words.HIDDEN
    else:
        rows = _with_copies(turn, said)
        known = [text for each in rows for text in _texts_of(turn, each)]
        owners = {each.member_id for each in rows} | _wrote_on(turn, rows)
        for each in rows:
            _empty(turn, each, words.HIDDEN)
    owners |= _cut_everywhere(turn, words.copied(known))
    turn.session.execute(update(Member).where(Member.id.in_(owners)).values(to_mend=True))
    acts.note(turn.session, turn.community.id, acts.Kind.TEXT_HIDDEN, turn.member)
    _settle(turn)


def hide_ask_me(turn: Turn, member_id: int) -> None:
    """Hide the line "ask me about" of a member of the turn's community; they are told, and can write another."""
    whose = turn.session.scalar(
        select(Member).where(Member.id == member_id, Member.community_id == turn.community.id).with_for_update()
    )
    if whose is None or not words.written(whose.ask_me):
        raise Refused("not_found")
    whose.ask_me, whose.to_mend = words.HIDDEN, True
    acts.note(turn.session, turn.community.id, acts.Kind.TEXT_HIDDEN, turn.member)
    turn.session.flush()


def mend(turn: Turn, what: str, number: int, text: str) -> None:
    """Write anew what was hidden: then it is back, where it stood.

    Whoever wrote on it can too. What all were asked about, all are asked about again: nobody's answer is kept over a
    text that changed, and what else it said can be filled in first. Refused("put_to_all") once the cycle is over.
    """
    turn.lock()
    said = texts.find(turn, what, number)
    if not said.mends:
        raise Refused("not_found")
    contributions.refuse_blank_or_double(text, ())
    if len(text) > LONGEST:
        raise Refused("too_long")
    if said.what == What.REASON:
        turn.session.get_one(Reopening, said.id).reason = text
    again = False
    for row in _with_copies(turn, said):
        body = words.instead(row.body, text, _codes(turn, row))
        if isinstance(row, Contribution):
            if _put_to_all(turn, row.id):
                again = True
                contributions.revise_as_it_is(turn, row.id, body)
                continue
            row.updated_at = now()
        row.body = body
    if again:
        _ask_again(turn)
    _settle(turn)


def _ask_again(turn: Turn) -> None:
    """A text that all were asked about was changed: to where it is written, and from there to all again.

    No act says who wrote it.
    """
    step = turn.steps.by_name[turn.run.step]
    if turn.participant is None or not turn.cycle.under_way:
        raise Refused("put_to_all")
    if turn.run.closed_at is not None:
        reopening.by_mending(turn, step)
    elif cycle.stage_of(step, turn.run).kind == StageKind.DECIDE:
        for round_ in rounds.still_open(turn):
            rounds.close(turn, round_, RoundOutcome.CHANGED)
        before = step.stages[: [each.name for each in step.stages].index(turn.run.stage)]
        written = [each.name for each in before if each.kind == StageKind.TOGETHER]
        cycle.put(replace(turn, member=None, _known={}), step, written[-1] if written else step.reopens_at)


def _wrote_on(turn: Turn, rows: Sequence[Contribution | Consent]) -> set[int]:
    """Ids of those who wrote on these before."""
    ids = [each.id for each in rows if isinstance(each, Contribution)]
    return set(turn.session.scalars(select(Revision.member_id).where(Revision.contribution_id.in_(ids))))


def _mine(turn: Turn, what: str, number: int) -> Said:
    said = texts.find(turn, what, number)
    if not said.mine or said.mark == words.TAKEN:
        raise Refused("not_found")
    return said


def _settle(turn: Turn) -> None:
    """What follows: what the step came to is said anew, and who was heard as it is now."""
    turn.session.flush()
    turn.forget()
    step = turn.steps.by_name[turn.run.step]
    if turn.run.closed_at is not None:
        anybody = Turn(turn.session, turn.community, turn.cycle, turn.run, None, turn.steps, zone=turn.zone)
        turn.run.outcome = step.outcome(anybody)
    else:
        telling.heard_more(turn, step)
    me = turn.member
    if me is not None and me.to_mend and not words.mark_of([me.ask_me]) and not texts.to_mend(turn):
        me.to_mend = False


# The rows


def _codes(turn: Turn, row: Contribution | Consent) -> Collection[str]:
    return texts.codes_of(turn, row.kind) if isinstance(row, Contribution) else ()


def _with_copies(turn: Turn, said: Said) -> Sequence[Contribution | Consent]:
    """The row of a text first, then what the tool itself copied from it, or it from that, and says the same still."""
    session = turn.session
    if said.what == What.REASON:
        return []
    itself: Contribution | Consent
    is_answer = said.what == What.ANSWER
    itself = session.get_one(Consent, said.id) if is_answer else session.get_one(Contribution, said.id)
    says = set(words.said(itself.body, _codes(turn, itself)))
    copies = [each for each in _tied(turn, itself) if says & set(words.said(each.body, _codes(turn, each)))]
    return [itself, *copies]


def _tied(turn: Turn, row: Contribution | Consent) -> Iterator[Contribution | Consent]:
    session = turn.session
    if isinstance(row, Consent):
        notes = select(Contribution).where(Contribution.step_run_id == turn.run.id, Contribution.kind == minority.KIND)
        yield from (each for each in session.scalars(notes) if each.body.get("consent") == row.id)
    elif row.kind == minority.KIND:
        objection = session.get(Consent, row.body.get("consent", 0))
        yield from [objection] if objection else []
    else:
        ties = select(Link.from_id, Link.to_id).where(
            Link.kind == Tie.ADOPTED_FROM, or_(Link.from_id == row.id, Link.to_id == row.id)
        )
        ids = {each for tie in session.execute(ties) for each in tie} - {row.id}
        yield from session.scalars(select(Contribution).where(Contribution.id.in_(ids)))


def _texts_of(turn: Turn, row: Contribution | Consent) -> list[str]:
    """All that it says, and said before."""
    found = words.said(row.body, _codes(turn, row))
    if isinstance(row, Contribution):
        for body in turn.session.scalars(select(Revision.body).where(Revision.contribution_id == row.id)):
            found += words.said(body, _codes(turn, row))
    return found


def _refuse_what_is_not_mine(turn: Turn, row: Contribution | Consent) -> None:
    if not isinstance(row, Contribution):
        return
    others = select(Revision.id).where(Revision.contribution_id == row.id, Revision.member_id != turn.viewer.member_id)
    if row.member_id != turn.viewer.member_id or turn.session.scalar(others.limit(1)) is not None:
        raise Refused("written_together")
    if _put_to_all(turn, row.id):
        raise Refused("put_to_all")


def _is_mine(turn: Turn, row: Contribution | Consent) -> bool:
    try:
        _refuse_what_is_not_mine(turn, row)
    except Refused:
        return False
    return True


def _put_to_all(turn: Turn, number: int) -> bool:
    return turn.session.scalar(select(Round.id).where(Round.subject_id == number).limit(1)) is not None


def _hung_on(turn: Turn, number: int) -> bool:
    """Whether others' work hangs on a piece, or it is a part of theirs."""
    stands = Contribution.withdrawn_at.is_(None)
    leads_here = select(Link.id).join(Contribution, Contribution.id == Link.from_id).where(Link.to_id == number, stands)
    went_into = (
        select(Link.id)
        .join(Contribution, Contribution.id == Link.to_id)
        .where(Link.from_id == number, Link.kind.in_((Tie.INTO, Tie.LET_INTO)), stands)
    )
    dotted = select(Dot.id).where(Dot.contribution_id == number)
    # A round under way counts by what stands in it.
    found = any(turn.session.scalar(each.limit(1)) is not None for each in (leads_here, went_into, dotted))
    return found or bool(rounds.still_open(turn))


def _empty(turn: Turn, row: Contribution | Consent, mark: str) -> None:
    """Take all words from a row, its earlier versions and its file. Its codes, numbers and ties stay."""
    codes = _codes(turn, row)
    row.body = words.without(row.body, mark, codes)
    if not isinstance(row, Contribution):
        return
    for earlier in turn.session.scalars(select(Revision).where(Revision.contribution_id == row.id)):
        earlier.body = words.without(earlier.body, mark, codes)
    turn.session.execute(delete(Attachment).where(Attachment.contribution_id == row.id))


# Copies


@dataclass(frozen=True)
class _Place:
    """Where words can stand in a community: rows, and the name of what holds them."""

    model: Any
    column: str
    of: Callable[[Any], Any]


def _of_run(query: Any) -> Any:
    return query.join(Cycle, Cycle.id == StepRun.cycle_id)


_PLACES = (
    _Place(Contribution, "body", lambda q: _of_run(q.join(StepRun, StepRun.id == Contribution.step_run_id))),
    _Place(
        Revision,
        "body",
        lambda q: _of_run(
            q.join(Contribution, Contribution.id == Revision.contribution_id).join(
                StepRun, StepRun.id == Contribution.step_run_id
            )
        ),
    ),
    _Place(
        Consent,
        "body",
        lambda q: _of_run(q.join(Round, Round.id == Consent.round_id).join(StepRun, StepRun.id == Round.step_run_id)),
    ),
    _Place(Note, "body", lambda q: _of_run(q.join(StepRun, StepRun.id == Note.step_run_id))),
    _Place(Reopening, "reason", lambda q: _of_run(q.join(StepRun, StepRun.id == Reopening.step_run_id))),
    _Place(Reopening, "outcome", lambda q: _of_run(q.join(StepRun, StepRun.id == Reopening.step_run_id))),
    _Place(StepRun, "outcome", _of_run),
    _Place(YieldShare, "body", lambda q: q.join(Cycle, Cycle.id == YieldShare.cycle_id)),
)


# Whose words stood there is told; a copy is told to nobody.
_TOLD = {(Contribution, "body"), (Consent, "body"), (Reopening, "reason")}


def _everywhere(session: Session, community_id: int) -> Iterator[tuple[Any, str]]:
    for place in _PLACES:
        for row in session.scalars(place.of(select(place.model)).where(Cycle.community_id == community_id)):
            yield row, place.column


def _cut_everywhere(turn: Turn, known: Sequence[str]) -> set[int]:
    """Put the mark wherever these texts stand in the community's rows; ids of those whose own pieces held one."""
    owners: set[int] = set()
    if not known:
        return owners
    for row, column in _everywhere(turn.session, turn.community.id):
        value = getattr(row, column)
        cut = words.cut(value, known, words.HIDDEN)
        if cut != value:
            setattr(row, column, cut)
            owners |= {row.member_id} if (type(row), column) in _TOLD else set()
    of_here = Draft.member_id.in_(select(Member.id).where(Member.community_id == turn.community.id))
    _cut_drafts(turn, known, words.HIDDEN, of_here)
    return owners


def _cut_drafts(turn: Turn, known: Sequence[str], mark: str, whose: Any) -> None:
    """The same of what was typed and not sent; a draft in which nothing is left goes."""
    for draft in turn.session.scalars(select(Draft).where(whose)):
        cut = words.cut(draft.body, words.copied(known), mark)
        if cut == draft.body:
            continue
        rest = [each for each in words.plain(cut) if not words.mark_of([each]) and contributions.says_something(each)]
        if rest:
            draft.body = words.cut(cut, [mark], "")
        else:
            turn.session.delete(draft)
