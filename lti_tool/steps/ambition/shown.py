"""What the pages of step 1 show: nothing that is still hidden, and no name but where the community chose so."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn, restart
from lti_tool.domain.mechanisms import agreeing, dots, merging, pen, rounds, stakeholders
from lti_tool.domain.mechanisms.merging import IDEA
from lti_tool.domain.mechanisms.stakeholders import Nobody, Voice
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Gathered, Piece, Tally
from lti_tool.domain.ties import Tie
from lti_tool.models import Round
from lti_tool.steps import objecting, pulse
from lti_tool.steps.ambition import frames, grouping, manageability, restating
from lti_tool.steps.ambition.acts import MAX_IDEAS, RESPONSE, changed, held, proposal
from lti_tool.steps.ambition.restating import Restated
from lti_tool.steps.base import ForLeader as LeaderBase
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.pulse import Pulse
from lti_tool.steps.shown import UNDECIDED, Ballot, Decided, Option, Said, ballot, decided, is_mine, own_order, said
from lti_tool.text import Text


@dataclass(frozen=True)
class Idea:
    """One idea with what colleagues said of it. into: the sentence it was merged into, or "".

    restated: how this member said it again in their own words. agreed: how many agree; i_agreed: this member does.
    """

    id: int
    text: str
    why: str
    version: int
    mine: bool
    author: Text | None
    into: str
    responses: Sequence[Said]
    restated: Restated | None
    agreed: int
    i_agreed: bool


@dataclass(frozen=True)
class Candidate:
    """What stands to be chosen: an idea, or a sentence made of several. used: it is in the text."""

    id: int
    text: str
    why: str
    merged: bool
    mine: bool
    ideas: Sequence[str]
    tally: Tally | None
    used: bool


@dataclass(frozen=True)
class Became:
    """What became of one of the member's own ideas."""

    text: str
    into: str
    used: bool


@dataclass(frozen=True)
class Proposed:
    """The ambition with all that belongs to it; without anything the text that is still to be written.

    horizon: the day as its form sends it; day: the same to read. whys: the members' own lines that `shared` is made of.
    """

    text: str = ""
    learn: str = ""
    shared: str = ""
    whys: Sequence[str] = ()
    signs: Sequence[str] = ()
    subgoals: Sequence[str] = ()
    practice: str = ""
    horizon: str = ""
    day: dt.datetime | None = None
    hours: int | None = None
    policy: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
    checked: Sequence[tuple[Text, Text]] = ()
    too_big: bool = False
    version: int = 0


@dataclass(frozen=True)
class Drafting:
    """Who holds the pen since when, and what the form is filled in with. obstacles: why it cannot be put to all yet.

    had_pen: the member had it last, and waits for the others; asked: whether the member can say that they do not take
    it. whys: the lines of why there are.
    """

    text: Proposed
    pen_mine: bool
    pen_with: Text | None
    pen_since: dt.datetime | None
    may_take_pen: bool
    asked: bool
    sources: Sequence[Option]
    built_from: Sequence[str]
    whys: Sequence[Option]
    made_of: Sequence[str]
    obstacles: Sequence[Refused]
    checks: Sequence[tuple[str, Text]] = tuple(manageability.CHECKS.items())
    check_answers: Sequence[Option] = tuple(manageability.ANSWERS.items())


@dataclass(frozen=True)
class Shown(Base):
    """One's own ideas while all write; then what the present stage has opened, and the rest as if there were none.

    carried: the number of the cycle that the ambition was taken along from, 0 where it is this one's own.
    nothing_chosen: everybody left the dots to the others; undotted: what the text is built on and nobody laid a dot on.
    """

    ideas: Sequence[Idea]
    frames: Sequence[str]
    candidates: Sequence[Candidate] = ()
    restated: Sequence[Restated] = ()
    confirmed: int = 0
    voices: Sequence[Voice] = ()
    no_voice: Nobody | None = None
    group: grouping.Group | None = None
    ballot: Ballot | None = None
    nothing_chosen: bool = False
    undotted: Sequence[str] = ()
    carried: int = 0
    drafting: Drafting | None = None
    proposal: Proposed | None = None
    became: Sequence[Became] = ()
    decided: Decided = UNDECIDED
    earlier: Sequence[str] = ()
    pulse: Pulse | None = None
    max_ideas: int = MAX_IDEAS
    groups: Sequence[Option] = tuple(stakeholders.GROUPS.items())

    @property
    def lacking(self) -> Sequence[Refused]:
        """What has to be mended first."""
        if self.drafting is None:
            return ()
        return self.drafting.obstacles if self.proposal else [Refused("no_text")]


@dataclass(frozen=True)
class Frame:
    """The frame that a leader gave."""

    text: str
    version: int


@dataclass(frozen=True)
class ForLeader(LeaderBase):
    """The leader's own frame, and nothing of the community's."""

    frame: Frame | None = None


def alone(turn: Turn) -> Shown:
    """One's own ideas while all write, and what the leadership gave as a frame."""
    there = held(turn)
    return Shown(
        ideas=[_idea(turn, there, item, {}) for item in there.of(IDEA)],
        frames=[item.body["text"] for item in there.of(frames.KIND)],
    )


def revealed(turn: Turn) -> Shown:
    """Everything that the present stage has opened."""
    there, stage = held(turn), turn.run.stage
    text = proposal(turn)
    standing = candidates(turn)
    if stage == "dots":
        standing = own_order(turn, standing)
    my_words = {each.idea_id: each for each in restating.by_me(turn, there)}
    return Shown(
        ideas=[_idea(turn, there, item, my_words) for item in there.of(IDEA)],
        frames=[item.body["text"] for item in there.of(frames.KIND)],
        candidates=standing,
        restated=[each for each in restating.of_mine(turn, there) if not each.answer],
        confirmed=restating.confirmed(turn) or 0,
        voices=stakeholders.voices(turn, there.of(stakeholders.VOICE)),
        no_voice=stakeholders.nobody(there),
        group=grouping.of(turn, there, [(str(each.id), _named(each)) for each in standing])
        if stage in ("pairs", "fours")
        else None,
        ballot=ballot(turn, "dots"),
        nothing_chosen=_counted(turn) is not None and not any(each.tally for each in standing),
        undotted=[each.text for each in standing if each.used and each.tally is None] if _counted(turn) else (),
        drafting=_drafting(turn, there, text, standing) if stage == "draft" else None,
        proposal=_proposed(there, text) if text else None,
        became=_became(turn, there, text),
        carried=turn.cycle.number - 1 if restart.carried(turn) else 0,
        decided=decided(turn, there, text.version, changed(turn)) if text else UNDECIDED,
        earlier=[each.body["text"] for each in gate.earlier(turn, text)] if text and turn.run.closed_at else (),
        pulse=pulse.shown(turn),
    )  # fmt: skip


def candidates(turn: Turn) -> list[Candidate]:
    """What stands to be chosen: most wanted first once counted; until then in one order for all."""
    there, tally, text = held(turn), _tally(turn), proposal(turn)

    def order(item: Piece) -> tuple[int, int]:
        # Nothing of who leads: what comes last because of it is theirs.
        got = tally.get(item.id)
        return (-got.people, -got.dots) if got else (0, 0)

    return [_candidate(turn, there, item, tally, text) for item in sorted(merging.candidates(there), key=order)]


def for_leader(turn: Turn) -> ForLeader:
    """The leader's own frame."""
    item = frames.mine(turn)
    return ForLeader(frame=Frame(item.body["text"], item.version) if item else None)


def _counted(turn: Turn) -> Round | None:
    """The round of dots, once it has closed."""
    round_ = rounds.latest(turn, dots.KIND)
    return round_ if round_ is not None and round_.closed_at is not None else None


def _tally(turn: Turn) -> dict[int, Tally]:
    round_ = _counted(turn)
    return gate.tally(turn, round_) if round_ is not None else {}


def _idea(turn: Turn, there: Gathered, item: Piece, restated: Mapping[int, Restated]) -> Idea:
    into = merging.into(there, item)
    return Idea(
        id=item.id,
        text=item.body["text"],
        why=item.body["why"],
        version=item.version,
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        into=into.body["text"] if into else "",
        responses=[said(turn, each) for each in there.linked_to(item, Tie.ANSWERS) if each.kind == RESPONSE],
        restated=restated.get(item.id),
        agreed=agreeing.count(there, item),
        i_agreed=agreeing.by(turn, there, item),
    )


def _candidate(turn: Turn, there: Gathered, item: Piece, tally: dict[int, Tally], text: Piece | None) -> Candidate:
    ideas = merging.ideas_of(there, item)
    return Candidate(
        id=item.id,
        text=item.body["text"],
        why=item.body["why"],
        merged=item.kind == merging.MERGED,
        mine=any(is_mine(turn, idea) for idea in ideas),
        ideas=[idea.body["text"] for idea in ideas],
        tally=tally.get(item.id),
        used=text is not None and item in there.linked_from(text, Tie.BUILT_FROM),
    )


def _became(turn: Turn, there: Gathered, text: Piece | None) -> list[Became]:
    """What became of each of the member's own ideas."""
    found = []
    for idea in there.of(IDEA):
        if is_mine(turn, idea):
            top = merging.top(there, idea)
            used = text is not None and top in there.linked_from(text, Tie.BUILT_FROM)
            found.append(Became(idea.body["text"], top.body["text"] if top is not idea else "", used))
    return found


def _named(each: Candidate) -> Text:
    return (
        Text(f"… {each.text} (van jou)", f"… {each.text} (yours)")
        if each.mine
        else Text(f"… {each.text}", f"… {each.text}")
    )


def _drafting(turn: Turn, there: Gathered, text: Piece | None, standing: Sequence[Candidate]) -> Drafting:
    pens = there.written(pen.KIND)
    holder = pen.holder(turn, pens)
    return Drafting(
        text=_proposed(there, text) if text else Proposed(),
        pen_mine=holder is not None and is_mine(turn, holder),
        pen_with=turn.people[holder.member_id].name if holder else None,
        pen_since=holder.created_at if holder else None,
        may_take_pen=pen.may_take(turn, pens),
        asked=holder is None and turn.viewer.member_id in pen.asked(turn, pens),
        sources=[
            *((str(each.id), f"… {each.text}") for each in standing),
            *((str(each.id), each.body["text"]) for each in (restart.carried(turn),) if each is not None),
        ],
        built_from=[str(each) for each in there.ids_from(text, Tie.BUILT_FROM)] if text else [],
        whys=[(str(each.id), each.body["why"]) for each in there.of(IDEA)],
        made_of=[str(each) for each in there.ids_from(text, Tie.WHY)] if text else [],
        obstacles=obstacles(turn, there, text),
    )


def obstacles(turn: Turn, there: Gathered, text: Piece | None) -> list[Refused]:
    """Why the text cannot be put to everyone yet, each a refusal with its sentence."""
    if text is None:
        return []
    return [
        *manageability.obstacles(text.body),
        *_whose_why(there, text),
        *stakeholders.obstacles(there),
        *objecting.obstacles(turn, there, text),
    ]


def _whose_why(there: Gathered, text: Piece) -> list[Refused]:
    """The shared line of why is made of members' own, of two where there are two.

    Of two lines, not of two people's: that would tell which are one person's.
    """
    among, given = there.of(IDEA), there.linked_from(text, Tie.WHY)
    return [Refused("whys_missing")] if text.body.get("shared") and len(given) < min(2, len(among)) else []


def _proposed(there: Gathered, item: Piece) -> Proposed:
    body = item.body
    checks: Mapping[str, str] = body.get("checks", {})
    return Proposed(
        text=body["text"],
        learn=body.get("learn", ""),
        shared=body.get("shared", ""),
        whys=[idea.body["why"] for idea in there.linked_from(item, Tie.WHY)],
        signs=body.get("signs", ()),
        subgoals=body.get("subgoals", ()),
        practice=body.get("practice", ""),
        horizon=body.get("horizon", ""),
        day=_day(body.get("horizon", "")),
        hours=body.get("hours"),
        policy=body.get("policy", ""),
        checks=checks,
        checked=[
            (words, manageability.ANSWERS[checks[name]])
            for name, words in manageability.CHECKS.items()
            if name in checks
        ],
        too_big=manageability.looks_too_big(body),
        version=item.version,
    )  # fmt: skip


def _day(iso: str) -> dt.datetime | None:
    """Noon of a day kept as text: the same day in every zone a school is in."""
    return dt.datetime.combine(dt.date.fromisoformat(iso), dt.time(12), dt.UTC) if iso else None
