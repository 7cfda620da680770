"""Step 3, interpret: see (facts), think (rival explanations), need (attention points), each in its own round; consent."""

from collections.abc import Sequence
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import adopting, choosing, dots, late, objections, rounds
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread import attention, interpreting, threads
from lti_tool.domain.thread.interpreting import EXPLANATION, FINE, MINORITY, OBSERVATION, POINT, REACTION, SHORTLIST
from lti_tool.steps import forms as common
from lti_tool.steps import noted, objecting
from lti_tool.steps.base import Deed, NoteField, Step, Task
from lti_tool.steps.interpretation import acts, forms, shortlist, shown
from lti_tool.steps.interpretation.acts import RETURNS, STAGES, heard_in_need, held
from lti_tool.text import Counted, Text


def _evidence(turn: Turn) -> Sequence[tuple[str, Text | str]]:
    return shown.evidence_options(threads.sources(turn).evidence.values(), shorten=True)


def _among(kind: str, none: Text | None = None) -> Any:
    def found(turn: Turn) -> Sequence[tuple[str, Text | str]]:
        items = held(turn).of(kind)
        return [*([("", none)] if none else []), *shown.options(items)]

    return found


_NONE = Text("geen in het bijzonder", "none in particular")
_OBSERVED = NoteField("observations", Text("Bij welke waarneming?", "At which observation?"), _among(OBSERVATION))


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "see": (Text("heeft een waarneming opgeschreven", "has written an observation"), Text("hebben een waarneming opgeschreven", "have written an observation")),
    "reflect": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "think": (Text("heeft een verklaring gegeven", "has given an explanation"), Text("hebben een verklaring gegeven", "have given an explanation")),
    "need": (Text("heeft een punt geschreven of zich aangesloten", "has written a point or joined one"), Text("hebben een punt geschreven of zich aangesloten", "have written a point or joined one")),
    "dots": (Text("heeft stippen verdeeld of gepast", "has submitted dots or passed"), Text("hebben stippen verdeeld of gepast", "have submitted dots or passed")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
}  # fmt: skip


class Interpretation(Step):
    """We look first, then explain, and only then choose what needs attention."""

    name = "interpretation"
    position = 3
    title = Text("Interpretatie", "Interpretation")
    question = Text("Wat valt ons op? Wat heeft aandacht nodig?", "What do we notice? What needs attention?")
    purpose = Text(
        "We kijken eerst, leggen dan uit, en kiezen daarna wat aandacht nodig heeft.",
        "We look first, then explain, and only then choose what needs attention.",
    )
    asks = (
        Text("Schrijf op wat je letterlijk in de gegevens ziet.", "Write down what you literally see in the data."),
        Text(
            "Geef bij een collega een andere mogelijke verklaring.",
            "Offer another possible explanation to a colleague.",
        ),
        Text(
            "Verdeel drie stippen en beslis mee over de aandachtspunten.",
            "Place three dots and help decide on the points of attention.",
        ),
    )
    empty = Text(
        "Kijk eerst, oordeel later. Wat zie je letterlijk?", "Look first, judge later. What do you literally see?"
    )
    prompt = Text("Welke andere verklaring is ook mogelijk?", "What other explanation is possible?")
    reopens_at = "need"
    outcome_title = Text("Wat onze aandacht heeft", "What has our attention")
    waits = _WAITING
    keeps = {
        OBSERVATION: Thing.HIDDEN_INPUT,
        REACTION: Thing.RESPONSE,
        EXPLANATION: Thing.RESPONSE,
        POINT: Thing.RESPONSE,
        FINE: Thing.NOD,
        MINORITY: Thing.RESPONSE,
        attention.ATTENTION: Thing.RESPONSE,
        SHORTLIST: Thing.DRAFT_TEXT,
        late.KIND: Thing.LATE,
        **objecting.KEEPS,
    }
    stages = STAGES
    deeds = (
        Deed("observe", forms.ObservationForm, frozenset({"see"}), acts.observe, Text("Je waarneming is bewaard.", "Your observation has been saved."), drafts=True, noted=(
            NoteField("evidence", Text("In welk gegeven?", "In which data?"), _evidence),
            NoteField("text", Text("Wat zie je letterlijk?", "What do you literally see?")))),
        Deed("react", forms.ReactionForm, frozenset({"reflect", "think", "need", "dots"} | objecting.DECIDING), acts.react, Text("Je reactie is toegevoegd.", "Your response has been added."), drafts=True, noted=(
            NoteField("observation", Text("Waarop reageer je?", "What do you respond to?"), _among(OBSERVATION)),
            NoteField("choice", Text("Zag die dat ook, of is het een vraag?", "Did they see it too, or is it a question?"), lambda _: shown.REACTIONS),
            NoteField("text", Text("Je vraag", "Your question")))),
        Deed("explain", forms.ExplanationForm, frozenset({"think"}), acts.explain, Text("Je verklaring is toegevoegd.", "Your explanation has been added."), drafts=True, noted=(
            _OBSERVED,
            NoteField("text", Text("Hoe zou dit kunnen komen?", "How might this have come about?")),
            NoteField("rival", Text("Bij welke verklaring hoort deze als alternatief?", "Which explanation is this an alternative to?"), _among(EXPLANATION, _NONE)))),
        Deed("point", forms.PointForm, frozenset({"need"}), acts.point, Text("Je aandachtspunt is toegevoegd.", "Your point has been added."), drafts=True, noted=(
            _OBSERVED,
            NoteField("explanation", Text("Welke verklaring is het meest waarschijnlijk?", "Which explanation is most likely?"), _among(EXPLANATION)),
            NoteField("considered", Text("Welke andere verklaring is overwogen?", "Which other explanation was considered?"), _among(EXPLANATION)),
            NoteField("text", Text("Wat heeft aandacht nodig?", "What needs attention?")),
            NoteField("why", Text("Waarom?", "Why?")))),
        Deed("mend", forms.MendForm, frozenset({"need"}), acts.mend, Text("Het punt is aangepast.", "The point has been changed."), drafts=True),
        Deed("fine", common.NothingForm, frozenset({"need"}), acts.fine, Text("Wat jij belangrijk vindt, staat er al. Dat telt mee.", "What matters to you is there already. That counts.")),
        Deed("dots", common.DotsForm, frozenset({"dots"}), acts.lay_dots, Text("Je stippen zijn bewaard.", "Your dots are saved."), drafts=True, noted=noted.laid(lambda turn: noted.briefly(held(turn).of(POINT)))),
        Deed("leave_dots", common.NothingForm, frozenset({"dots"}), acts.leave_dots, Text("Je laat het aan de anderen. Dat telt mee.", "You leave it to the others. That counts.")),
        *objecting.deeds("need", acts.changed),
        Deed("consent", common.ConsentForm, frozenset({"consent"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True, noted=noted.CONSENT),
        Deed("minority", forms.MinorityForm, frozenset({"need", "dots", "closed"} | objecting.DECIDING), acts.keep_minority, Text("Dit blijft bij de uitkomst staan.", "This stays with the outcome."), drafts=True, noted=(
            NoteField("text", Text("Wat ziet die anders?", "What do they see differently?")),)),
        Deed("late", common.ConsentForm, frozenset({"closed"}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("withdraw", common.WhichForm, frozenset(RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "evidence_missing": Text("Kies minstens één gegeven waarin je dit ziet. Zonder gegeven is het nog geen waarneming.", "Choose at least one piece of data in which you see this. Without it, it is no observation yet."),
        "enough_observations": Text("Je hebt vijf waarnemingen. Meer kan niet; pas er een aan, of neem er een terug.", "You have five observations. That is the limit; change one of them, or take one back."),
        "own_observation": Text("Dit is je eigen waarneming. Kies er een van een collega.", "This is your own observation. Choose one of a colleague."),
        "question_empty": Text("Schrijf je vraag op, in een paar woorden.", "Write down your question, in a few words."),
        "observations_missing": Text("Kies minstens één waarneming waar dit bij hoort.", "Choose at least one observation this belongs to."),
        "not_a_rival": Text("Deze verklaringen gaan niet over dezelfde waarneming.", "These explanations are not about the same observation."),
        "explained_already": Text("Deze verklaring staat er al. Welke andere is ook mogelijk?", "This explanation is there already. What other one is possible?"),
        "explanation_missing": Text("Kies welke verklaring je het meest waarschijnlijk vindt.", "Choose which explanation you find most likely."),
        "alternative_missing": Text("Kies ook minstens één andere verklaring die je hebt overwogen.", "Choose at least one other explanation that you considered too."),
        "explanation_elsewhere": Text("Deze verklaring hoort bij een andere waarneming.", "This explanation belongs to another observation."),
        "one_explanation": Text("Deze waarneming heeft nog geen twee verklaringen, van twee collega's. Daarom kun je er nog geen aandachtspunt van maken.", "This observation does not have two explanations from two people yet. So it cannot become a point yet."),
        "evidence_gone": Text("De gegevens bij deze waarneming zijn teruggenomen. Kies een andere waarneming.", "The data behind this observation have been taken back. Choose another observation."),
        "enough_points": Text("Je hebt drie aandachtspunten geschreven. Meer kan niet; neem er een terug als je een ander wilt.", "You have written three points. That is the limit; take one back if you want another."),
        "nothing_to_join": Text("Er staat nog geen aandachtspunt van een collega om je bij aan te sluiten.", "There is no colleague's point to join yet."),
        "already_adopted": Text("Dit punt is gekozen en anderen bouwen erop verder. Daarom kun je het niet terugnemen. De tekst aanpassen kan wel.", "This point was chosen and others build on it, so it cannot be taken back. You can change the words."),
        "points_unchanged": Text("Aan de punten is sinds de beslisronde nog niets veranderd. Pas er een aan, of schrijf een ander.", "Nothing has changed in the points since the decision round. Change one of them, or write another."),
        "no_observations": Text("Er is nog geen waarneming om te tonen.", "There is no observation to reveal yet."),
        "no_explanations": Text("Er is nog geen waarneming met twee verklaringen, van twee collega's. Die hebben jullie nodig voor een aandachtspunt.", "No observation has two explanations from two people yet. You need that for a point."),
        "no_points": Text("Er staat nog geen aandachtspunt om stippen op te leggen.", "There is no point yet to place dots on."),
        "no_rival": Counted(
            Text("Eén waarneming heeft alleen nog verklaringen van één collega. Laat een ander er een verklaring bij geven.", "One observation has explanations from one person only. Let a colleague add another."),
            Text("%(count)s waarnemingen hebben alleen nog verklaringen van één collega. Laat een ander er bij elk een verklaring bij geven.", "%(count)s observations have explanations from one person only. Let a colleague add another to each."),
        ),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round of dots, or of consent on the list they gave."""
        if turn.run.stage == "dots":
            rounds.open_round(turn, dots.KIND)
        elif turn.run.stage in objecting.DECIDING:
            objecting.enter(turn, shortlist.standing(held(turn)))

    def leave(self, turn: Turn) -> str:
        """Each round needs what the next one builds on; dots choose the points, and consent decides on them."""
        stage = turn.run.stage
        if stage == "see" and not deciding.author_ids(turn, OBSERVATION):
            raise Refused("no_observations")
        if stage == "think":
            interpreting.end_thinking(turn, held(turn))
        if stage == "need":
            for obstacle in shortlist.obstacles(turn, held(turn)):
                raise obstacle
            return objecting.next_stage(turn, acts.changed(turn), "dots")
        if stage == "dots":
            choice = dots.close(turn, choosing.MOST)
            if choice.again:
                return stage
            shortlist.put(turn, held(turn), choice.chosen)
        if stage in objecting.DECIDING:
            leads = objecting.leave(turn, "need", CLOSED.name)
            if leads == CLOSED.name:
                adopting.adopt(turn, attention.ATTENTION, shortlist.points(held(turn)), ("text", "why"))
            return leads
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who looked, reacted, explained, wrote a point or joined one, laid dots or answered, as the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "see":
            return deciding.author_ids(turn, OBSERVATION)
        if stage in ("reflect", "think"):
            return {item.member_id for item in held(turn).of(REACTION if stage == "reflect" else EXPLANATION)}
        if stage == "need":
            return heard_in_need(turn, POINT, FINE)
        if stage == "dots":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        return objecting.heard(turn) if stage in objecting.DECIDING else set()

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; it is gone once done."""
        stage = turn.run.stage
        if turn.participant is not None and stage == "need" and objections.asked(turn):
            return objecting.ASKED
        if turn.participant is None or stage not in _TASKS:
            return None
        if stage == "reflect" and not shown.colleagues(turn, held(turn)):
            return None
        if turn.participant.id in self.done_members(turn):
            return None
        return _MEND if stage == "need" and objections.objected(turn) else _TASKS[stage]

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What everybody saw, then the explanations, then the points; once dots have chosen, what they chose."""
        if turn.run.stage in objecting.DECIDING:
            return [item.body["text"] for item in shortlist.points(held(turn))]
        kind = {
            "reflect": OBSERVATION,
            "think": EXPLANATION,
            "need": POINT,
            "dots": POINT,
            "closed": attention.ATTENTION,
        }
        if turn.run.stage not in kind:
            return ()
        return [item.body["text"] for item in held(turn).of(kind[turn.run.stage])]

    def outcome(self, turn: Turn) -> str | None:
        """The attention points, a line each."""
        if not turn.run.closed_at:
            return None
        return "\n".join(item.body["text"] for item in attention.standing(turn)) or None

    def summary(self, turn: Turn) -> shown.Shown:
        """Own observations while all look alone; then the board, nameless, and only what its round has opened."""
        if turn.run.stage == "see":
            return shown.alone(turn)
        return shown.board(turn) if turn.run.stage in ("reflect", "think") else shown.decided(turn)


_MEND = Task(
    Text("Er was een bezwaar. Pas een punt aan, schrijf een ander, of sluit je aan.", "There was an objection. Change a point, write another, or join what is there."), 3
)  # fmt: skip
_TASKS = {
    "see": Task(Text("Schrijf op wat je letterlijk in de gegevens ziet.", "Write down what you literally see in the data."), 3),
    "reflect": Task(Text("Reageer op wat een collega zag.", "Respond to what a colleague saw."), 2),
    "think": Task(Text("Geef een verklaring, het liefst naast die van een collega.", "Give an explanation, preferably beside a colleague's."), 3),
    "need": Task(Text("Schrijf een aandachtspunt, of sluit je aan bij wat er staat.", "Write a point of attention, or join what is there."), 3),
    "dots": Task(Text("Verdeel je drie stippen.", "Place your three dots."), 2),
    "consent": Task(Text("Geef antwoord: zijn dit de punten waar we mee verdergaan?", "Answer: are these the points we go on with?"), 2),
    objecting.NAME: objecting.TASK,
}  # fmt: skip
