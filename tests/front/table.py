"""Section 2 and 3 of the circle's design, read a second time: when a stage may end, and what a round comes to.

Written from the design and the tables alone. Of the product it asks only who did what a stage asks, which each step
says of its own; nothing here knows domain/cycle/may_end.py, nor the circle or the majorities of the domain.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.models import Member, Pass, Round, Seat, Standing
from lti_tool.models.voices import Consent, Contribution, Dot, Note
from tests.web.circle import Circle

# The table's first column, by the names of the stages; "weigh_objection" is the decision that section 3 adds.
HIDDEN = "ideas questions see survey fill consequences.propose agreements.propose"
OPEN = "respond pairs fours reflect think need gather advise stories try"
TOGETHER = "ambition.draft agreements.draft sharing.choose board verdict yield close say"
DECIDE = "dots choose enough consent check endorse weigh_objection"
KINDS = {
    name: kind
    for kind, names in (("hidden", HIDDEN), ("open", OPEN), ("together", TOGETHER), ("decide", DECIDE))
    for name in names.split()
}

# Why the product refuses by the table. Whatever else is refused lacks something to go on with: an idea, a whole text.
BY_THE_TABLE = frozenset(
    {
        *("circle_unknown", "nobody_expected", "one_not_heard", "voices_missing", "half_missing", "people_missing"),
        *("quorum_missing", "waits_for_rest", "second_missing", "confirm_first"),
    }
)
# What of a text that is written together somebody wrote last.
TEXTS = {
    "draft": ("proposal", "agreements"),
    "board": ("action",),
    "verdict": ("verdict",),
    "yield": ("yield", "next"),
    "close": ("result",),
}
# A decision takes two people, a stage two voices; in a circle of one that one.
TWO = 2


def kind_of(step: str, stage: str) -> str:
    """Which row of the table a stage stands in."""
    return "over" if stage == "closed" else KINDS.get(f"{step}.{stage}") or KINDS[stage]


@dataclass(frozen=True)
class Facts:
    """What the table is read against: ids of members, and numbers.

    there: who belongs and is in the course. late: who of them came since the stage began. away, set_away: by their own
    word, or by another's hand. number: given by hand, 0 where the roster says. heard: who did what the stage asks,
    passed, or had it written down; own: from their own launch. writer: who wrote last what is written together.
    """

    kind: str
    known: bool
    there: frozenset[int]
    late: frozenset[int]
    away: frozenset[int]
    set_away: frozenset[int]
    number: int
    expected: frozenset[int]
    heard: frozenset[int]
    own: frozenset[int]
    writer: int | None
    over: bool

    @property
    def circle(self) -> int:
        """How many belong; who joined since the stage began does so from the next one on."""
        return max(len(self.there - self.late), self.number)

    @property
    def nameless(self) -> int:
        """How many are waited for whom nobody knows by name."""
        return max(self.circle, len(self.there)) - len(self.there)

    @property
    def quorum(self) -> int:
        """More than half of the circle less those who set themselves away; at least two, one in a circle of one."""
        return 1 if self.circle == 1 else max(TWO, (self.circle - len(self.away - self.late)) // 2 + 1)

    def allows(self, mover: int | None, *, confirmed: bool) -> bool:
        """Whether the stage may end. mover: by whose hand, None: by the clock."""
        nobody = not self.expected and not self.nameless
        if not self.known or nobody:
            return False
        if self.kind == "together":
            return mover is not None and (mover != self.writer or self.circle == 1)
        everybody = self.expected <= self.heard and not self.nameless
        voices = len(self.own & self.there)
        if self.kind == "decide":
            # What is written down for somebody is no answer: neither towards the quorum, nor instead of waiting.
            all_answered = self.expected <= self.own and not self.nameless
            return voices >= self.quorum and (all_answered or self.over)
        if voices < min(TWO, self.circle):
            return False
        if self.kind == "hidden":
            enough = 2 * len(self.heard & self.expected) > len(self.expected) + self.nameless
        else:
            enough = len(self.heard & self.there) >= (3 if self.circle >= 6 else min(TWO, self.circle))
        return everybody or (enough and (self.over or confirmed))


def facts(c: Circle) -> Facts:
    """How it stands in the present stage, from the rows."""
    run, moment = c.run, now()
    c.session.flush()
    query = (
        select(Member)
        .join(Seat, (Seat.person_id == Member.person_id) & (Seat.course_id == c.course.id))
        .where(Member.community_id == c.community.id, Member.standing == Standing.MEMBER, Seat.present)
    )
    people = {each.id: each for each in c.session.scalars(query)}
    kind, there = kind_of(run.step, run.stage), frozenset(people)
    # Until the first is shown the circle is still being made up: whoever comes is waited for like everybody.
    late = frozenset(i for i, each in people.items() if kind != "hidden" and each.joined_at > run.stage_since)
    # Where nobody is left of those with whom it began, they are the circle: none is stuck.
    late = late if late != there else frozenset()
    gone = {i: each.away_own for i, each in people.items() if each.away_until and each.away_until > moment}
    away, set_away = (frozenset(i for i, own in gone.items() if own == by) for by in (True, False))
    unread = c.community.by_roster and c.course.roster_at is None
    waited = there - late - away - set_away
    if run.stage == "try":
        waited = waited & frozenset(_of_cycle(c, ("owner", "buddy"))) or waited
    heard, own = _decided(c) if kind == "decide" else _did(c)
    return Facts(
        kind=kind,
        known=not unread or c.community.headcount > 0,
        there=there,
        late=late,
        away=away,
        set_away=set_away,
        # Where a roster is read meanwhile, whom it names comes in with the next stage: until then the number stands.
        number=c.community.headcount if unread or (c.community.by_roster and late) else 0,
        expected=waited,
        heard=frozenset(heard),
        own=frozenset(own),
        writer=_writer(c),
        over=run.extended and run.closes_at is not None and run.closes_at <= moment,
    )


def _of_cycle(c: Circle, kinds: Collection[str]) -> list[int]:
    query = select(Contribution.member_id).where(Contribution.kind.in_(kinds), Contribution.withdrawn_at.is_(None))
    return [each for each in c.session.scalars(query) if each is not None]


def _did(c: Circle) -> tuple[set[int], set[int]]:
    turn, here = c.turn(None), c.run.id
    passed = set(c.session.scalars(select(Pass.member_id).filter_by(step_run_id=here, stage=c.run.stage)))
    notes = select(Note.member_id).where(Note.step_run_id == here, Note.created_at >= c.run.stage_since)
    did, own = c.step.done_members(turn), c.step.own_members(turn)
    return did | passed | set(c.session.scalars(notes)), own | passed


def _decided(c: Circle) -> tuple[set[int], set[int]]:
    open_ones = select(Round.id).where(Round.step_run_id == c.run.id, Round.closed_at.is_(None))
    said = set(c.session.scalars(select(Consent.member_id).where(Consent.round_id.in_(open_ones))))
    said |= set(c.session.scalars(select(Dot.member_id).where(Dot.round_id.in_(open_ones))))
    round_ids = set(c.session.scalars(open_ones))
    for each in c.session.scalars(select(Contribution).filter_by(step_run_id=c.run.id, kind="say", withdrawn_at=None)):
        if each.body["round"] in round_ids:
            said.add(each.member_id)
    return said, said


def texts(c: Circle) -> dict[int, tuple[int, int]]:
    """What stands of what the stage writes together: id -> its version, and who wrote that."""
    kinds = TEXTS.get(c.run.stage, ())
    query = select(Contribution).where(Contribution.step_run_id == c.run.id, Contribution.kind.in_(kinds))
    rows = c.session.scalars(query.where(Contribution.withdrawn_at.is_(None)).order_by(Contribution.updated_at))
    return {each.id: (each.version, each.member_id) for each in rows}


def _writer(c: Circle) -> int | None:
    return next((who for _, who in reversed(texts(c).values())), None)


# What a round comes to


def outcome(kind: str, said: Mapping[int, str], before: Facts) -> str:
    """What the answers of a round come to, by section 3; of dots and the check-in only that they were counted."""
    mine = [answer for member, answer in said.items() if member in before.there]
    quorum, two = len(mine) >= before.quorum, min(TWO, before.circle)
    if kind == "consent":
        yes, no = sum(each in ("agree", "concern") for each in mine), mine.count("objection")
        if no:
            return "objected"
        return "adopted" if quorum and yes >= two and 2 * yes > yes + no else "too_few"
    if kind == "overrule":
        return "overruled" if before.circle > TWO and quorum and 3 * mine.count("no") >= 2 * len(mine) else "upheld"
    if kind == "endorse":
        yes, not_yet = mine.count("endorse"), mine.count("not_yet")
        behind = yes >= two and yes > not_yet and 3 * yes >= 2 * (yes + not_yet)
        return "endorsed" if quorum and behind else "objected"
    return "counted"


def answers(c: Circle, round_: Round) -> dict[int, str]:
    """member id -> what they said in a round."""
    rows: Any = c.session.scalars(select(Consent).filter_by(round_id=round_.id))
    return {each.member_id: str(each.answer) for each in rows}
