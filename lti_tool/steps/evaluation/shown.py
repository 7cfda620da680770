"""What the pages of step 6 show: of the survey nothing but totals, and those for members only."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.cycle.restart import LookBack
from lti_tool.domain.mechanisms import agreeing, endorsing, pulse, rounds
from lti_tool.domain.mechanisms import totals as totalling
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread import actions, evidence, looking_back, threads
from lti_tool.domain.thread.looking_back import Answered
from lti_tool.domain.thread.yields import CARD, CHOICES, LOOK_BACK, NEXT, SORTS, VERDICTS, YIELD
from lti_tool.domain.ties import Tie
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.evaluation import standing, stories
from lti_tool.steps.evaluation import survey as surveying
from lti_tool.steps.evaluation.acts import changed, held, obstacles, proof, verdict, with_proof
from lti_tool.steps.evaluation.standing import Endorsing, first
from lti_tool.steps.evaluation.stories import STORY
from lti_tool.steps.pulse import SCALE, for_members
from lti_tool.steps.shown import UNDECIDED, Ballot, Decided, Option, Said, ballot, decided, is_mine, own_order, said
from lti_tool.text import Text


@dataclass(frozen=True)
class Survey:
    """The survey and its pulse to fill in, and what one answered: item -> number. id: of one's own answers, to take
    back; None before there are any. few: too few take part for any totals."""

    id: int | None
    answers: Mapping[str, int]
    felt: Mapping[str, int]
    few: bool
    product: Sequence[tuple[str, Text]] = tuple(surveying.PRODUCT.items())
    process: Sequence[tuple[str, Text]] = tuple(surveying.PROCESS.items())
    pulse: Sequence[tuple[str, Text]] = tuple(pulse.ITEMS.items())
    scale: Sequence[Option] = SCALE


@dataclass(frozen=True)
class Totals:
    """What was published: how many answered, None where too few, of how many; and by part the mean of each statement."""

    people: int | None
    of: int
    parts: Sequence[tuple[Text, Sequence[tuple[Text, float | None]]]]


@dataclass(frozen=True)
class Story:
    """A story of the most important change, with what colleagues said to it. agreed: how many agree."""

    id: int
    text: str
    why: str
    lens: str
    lens_words: Text
    version: int
    mine: bool
    author: Text | None
    responses: Sequence[Said]
    agreed: int
    i_agreed: bool


@dataclass(frozen=True)
class Chosen:
    """The story that was chosen, or those that tied. why: as the community said it, "" before it did.

    by_lot: it was drawn from several, as the rule was once.
    """

    stories: Sequence[Story]
    why: str
    by_lot: bool
    version: int


@dataclass(frozen=True)
class Verdict:
    """Whether the ambition has come true, and what shows it."""

    answer: str
    words: Text
    text: str
    version: int
    sources: Sequence[Text]
    source_ids: Sequence[int]


@dataclass(frozen=True)
class Card:
    """Something that somebody knows, can do or believes now, and where it was learned. agreed: how many agree."""

    id: int
    text: str
    mine: bool
    author: Text | None
    sources: Sequence[Text]
    agreed: int
    i_agreed: bool


@dataclass(frozen=True)
class Yield:
    """What it all came to, and what changes next cycle."""

    text: str
    lessons: Sequence[str]
    version: int


@dataclass(frozen=True)
class Next:
    """How it goes on, and why."""

    choice: str
    words: Text
    text: str
    version: int


@dataclass(frozen=True)
class Shown(Base):
    """One's own survey and story; then stories, verdict, cards and yield, as far as the step has come.

    on_ballot: the stories that dots are laid on now, in an order of the reader's own.
    """

    survey: Survey | None = None
    told: Story | None = None
    stories: Sequence[Story] = ()
    my_story: bool = False
    totals: Totals | None = None
    ballot: Ballot | None = None
    on_ballot: Sequence[Story] = ()
    ambition: str = ""
    chosen: Chosen | None = None
    verdict: Verdict | None = None
    cards: Sequence[tuple[Text, Sequence[Card]]] = ()
    proof: Sequence[Option] = ()
    learned_from: Sequence[Option] = ()
    obstacles: Sequence[Refused] = ()
    decided: Decided = UNDECIDED
    result: Yield | None = None
    decision: Next | None = None
    look_back: LookBack | None = None
    still: Answered | None = None
    endorsing: Endorsing | None = None
    least: int = totalling.LEAST
    lens_options: Sequence[Option] = tuple(evidence.LENSES.items())
    verdicts: Sequence[Option] = tuple(VERDICTS.items())
    sorts: Sequence[Option] = tuple(SORTS.items())
    choices: Sequence[Option] = tuple(CHOICES.items())

    @property
    def lacking(self) -> Sequence[Refused]:
        """What has to be mended first."""
        return self.obstacles


def alone(turn: Turn) -> Shown:
    """One's own answers and one's own story."""
    there = held(turn)
    own, felt, story = (first(there, kind) for kind in (surveying.SURVEY, pulse.ANSWER, STORY))
    return Shown(
        survey=Survey(
            id=own.id if own else None,
            answers=own.body if own else {},
            felt=felt.body if felt else {},
            few=len(turn.present_ids) < totalling.LEAST,
        ),
        told=_story(turn, there, story) if story else None,
    )


def revealed(turn: Turn) -> Shown:
    """Stories, verdict, cards and yield, as far as the step has come; the totals for members."""
    there, stage = held(turn), turn.run.stage
    told, asked = [_story(turn, there, item) for item in there.of(STORY)], ballot(turn, "choose", stories.MOST)
    among = [each for each in told if asked and (asked.again is None or each.id in asked.again)]
    shown = Shown(
        stories=told,
        my_story=any(is_mine(turn, item) for item in there.of(STORY)),
        totals=totals(turn, there),
        ballot=asked,
        on_ballot=own_order(turn, among),
    )
    return shown if stage in ("stories", "choose") else _judged(turn, shown)


def _judged(turn: Turn, shown: Shown) -> Shown:
    """What was revealed, and with it what came of it: the choice, the verdict, the cards, the yield."""
    there = with_proof(turn)
    choice, judged, ambition = stories.chosen(there), verdict(there), threads.sources(turn).ambition
    result, decision, later = (first(there, kind) for kind in (YIELD, NEXT, LOOK_BACK))
    round_ = rounds.latest(turn, endorsing.KIND)
    return replace(
        shown,
        ambition=ambition.body["text"] if ambition else "",
        chosen=_chosen(turn, there, choice) if choice else None,
        verdict=_verdict(turn, there, judged) if judged else None,
        cards=_cards(turn, there),
        proof=source_options(turn, evidence.EVIDENCE, actions.RESULT),
        learned_from=source_options(turn, evidence.EVIDENCE, actions.RESULT, actions.ACTION),
        obstacles=obstacles(turn),
        decided=decided(turn, there, changed=changed(turn)),
        result=Yield(result.body["text"], result.body["lessons"], result.version) if result else None,
        decision=_next(decision) if decision else None,
        look_back=LookBack(dt.date.fromisoformat(later.body["date"]), later.body["what"]) if later else None,
        still=looking_back.read(turn) if turn.run.closed_at else None,
        endorsing=standing.shown(turn, there, round_) if round_ else None,
    )


def totals(turn: Turn, there: Gathered) -> Totals | None:
    """What was published of survey and pulse: means and how many answered; None for who does not take part."""
    found = {item.kind: item.body for item in there.of(totalling.SURVEY, totalling.PULSE)}
    if not for_members(turn) or totalling.SURVEY not in found:
        return None
    means: Mapping[str, float | None] = found[totalling.SURVEY]["means"]
    felt: Mapping[str, float | None] = found[totalling.PULSE]["means"]
    parts = (
        (Text("Wat het opleverde", "What it brought"), surveying.PRODUCT, means),
        (Text("Hoe het ging", "How it went"), surveying.PROCESS, means),
        (Text("Hoe staan we ervoor?", "How are we doing?"), pulse.ITEMS, felt),
    )
    return Totals(
        people=found[totalling.SURVEY]["people"],
        of=found[totalling.SURVEY].get("of", 0),
        parts=[(title, [(words, mean[name]) for name, words in items.items()]) for title, items, mean in parts],
    )


def source_options(turn: Turn, *kinds: str) -> list[tuple[str, Text]]:
    """What can be pointed to, in words; results first."""
    order = (actions.RESULT, actions.ACTION, evidence.EVIDENCE)
    items = sorted((item for item in proof(turn).values() if item.kind in kinds), key=lambda i: order.index(i.kind))
    ends = actions.ends_of_cycle(turn)
    return [(str(item.id), source(ends, item)) for item in items]


def source(ends: Gathered, item: Piece, brief: bool = False) -> Text:
    """One thing that is pointed to, in words. brief: of a result only of which action, where many point to the same.

    ends: the cycle's actions and how each ended.
    """
    if item.kind == evidence.EVIDENCE:
        words = f"{evidence.label(item.body)} · {evidence.words(item.body)}"
        return Text(words, words)
    if item.kind == actions.ACTION:
        what = item.body["what"]
        return Text(f"Actie · {what}", f"Action · {what}")
    of = next(iter(ends.linked_from(item, Tie.ENDS)), None)
    learned = str(item.body["learned"])
    words = of.body["what"] if of and brief else f"{of.body['what']}: {learned}" if of else learned
    return Text(f"Resultaat · {words}", f"Result · {words}")


def _story(turn: Turn, there: Gathered, item: Piece) -> Story:
    return Story(
        id=item.id,
        text=item.body["text"],
        why=item.body["why"],
        lens=item.body["lens"],
        lens_words=evidence.LENSES[item.body["lens"]],
        version=item.version,
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        responses=[said(turn, each) for each in there.linked_to(item, Tie.ANSWERS)],
        agreed=agreeing.count(there, item),
        i_agreed=agreeing.by(turn, there, item),
    )


def _chosen(turn: Turn, there: Gathered, choice: Piece) -> Chosen:
    return Chosen(
        stories=[_story(turn, there, story) for story in there.linked_from(choice, Tie.CHOSEN)],
        why=choice.body["why"],
        by_lot=choice.body.get("by_lot", False),
        version=choice.version,
    )


def _verdict(turn: Turn, there: Gathered, item: Piece) -> Verdict:
    sources, ends = there.linked_from(item, Tie.EVIDENCE_OF), actions.ends_of_cycle(turn)
    return Verdict(
        answer=item.body["answer"],
        words=VERDICTS[item.body["answer"]],
        text=item.body["text"],
        version=item.version,
        sources=[source(ends, each) for each in sources],
        source_ids=[each.id for each in sources],
    )


def _cards(turn: Turn, there: Gathered) -> list[tuple[Text, Sequence[Card]]]:
    """The knowledge cards by sort, of each sort that has any."""
    cards, ends = there.of(CARD), actions.ends_of_cycle(turn)
    by_sort = [
        (words, [_card(turn, there, ends, i) for i in cards if i.body["sort"] == sort]) for sort, words in SORTS.items()
    ]
    return [(words, found) for words, found in by_sort if found]


def _card(turn: Turn, there: Gathered, ends: Gathered, item: Piece) -> Card:
    return Card(
        id=item.id,
        text=item.body["text"],
        mine=is_mine(turn, item),
        author=turn.names.get(item.member_id),
        sources=[source(ends, each, brief=True) for each in there.linked_from(item, Tie.LEARNED_FROM)],
        agreed=agreeing.count(there, item),
        i_agreed=agreeing.by(turn, there, item),
    )


def _next(item: Piece) -> Next:
    return Next(item.body["choice"], CHOICES[item.body["choice"]], item.body["text"], item.version)
