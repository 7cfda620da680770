"""Step 3, interpret: see (facts), think (rival explanations), need (attention points), each in its own round."""

from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import Refused, adopting, attention, choosing, contributions, dots, interpreting, rounds, threads
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.interpreting import EXPLANATION, FINE, LATE, OBSERVATION, POINT, REACTION
from lti_tool.steps import forms as common
from lti_tool.steps.base import Action, NoteField, Step, Task, Waiting
from lti_tool.steps.interpretation import acts, forms, shown
from lti_tool.steps.interpretation.acts import RETURNS, STAGES, heard_in_need, held
from lti_tool.text import Text


def _evidence(turn: Turn) -> Sequence[tuple[str, Text | str]]:
    return shown.evidence_options(threads.sources(turn).evidence.values(), shorten=True)


def _among(kind: str, none: Text | None = None) -> Any:
    def found(turn: Turn) -> Sequence[tuple[str, Text | str]]:
        items = shown.shuffled(turn, held(turn).of(kind))
        return [*([("", none)] if none else []), *shown.options(items)]

    return found


_NONE = Text("geen in het bijzonder", "none in particular")
_REACTIONS = ((forms.SEEN_TOO, Text("Ook gezien", "I saw it too")), (forms.QUESTION, Text("Een vraag", "A question")))
_LATE = (
    (forms.AGREE, Text("Hier kan ik mee verder", "I can go on with this")),
    (forms.CONCERN, Text("Ik kan verder, met een zorg", "I can go on, with a concern")),
)
_OBSERVED = NoteField("observations", Text("Bij welke waarneming?", "At which observation?"), _among(OBSERVATION))


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
        Text("Kies met stippen hoogstens drie aandachtspunten.", "Choose at most three points of attention with dots."),
    )
    empty = Text(
        "Kijk eerst, oordeel later. Wat zie je letterlijk?", "Look first, judge later. What do you literally see?"
    )
    prompt = Text("Welke andere verklaring is ook mogelijk?", "What other explanation is possible?")
    reopens_at = "need"
    outcome_title = Text("Wat onze aandacht heeft", "What has our attention")
    stages = STAGES
    actions = (
        Action("observe", forms.ObservationForm, frozenset({"see"}), acts.observe, Text("Je waarneming is bewaard.", "Your observation has been saved."), drafts=True, noted=(
            NoteField("evidence", Text("In welk gegeven?", "In which data?"), _evidence),
            NoteField("text", Text("Wat zie je letterlijk?", "What do you literally see?")))),
        Action("react", forms.ReactionForm, frozenset({"reflect", "think", "need", "dots"}), acts.react, Text("Je reactie staat erbij.", "Your response has been added."), drafts=True, noted=(
            NoteField("observation", Text("Waarop reageer je?", "What do you respond to?"), _among(OBSERVATION)),
            NoteField("choice", Text("Ook gezien, of een vraag?", "Seen too, or a question?"), lambda _: _REACTIONS),
            NoteField("text", Text("Je vraag", "Your question")))),
        Action("explain", forms.ExplanationForm, frozenset({"think"}), acts.explain, Text("Je verklaring staat erbij.", "Your explanation has been added."), drafts=True, noted=(
            _OBSERVED,
            NoteField("text", Text("Hoe zou dit kunnen komen?", "How might this have come about?")),
            NoteField("rival", Text("Naast welke verklaring?", "Beside which explanation?"), _among(EXPLANATION, _NONE)))),
        Action("point", forms.PointForm, frozenset({"need"}), acts.point, Text("Je aandachtspunt staat erbij.", "Your point has been added."), drafts=True, noted=(
            _OBSERVED,
            NoteField("explanation", Text("Welke verklaring is het meest waarschijnlijk?", "Which explanation is most likely?"), _among(EXPLANATION)),
            NoteField("considered", Text("Welke andere verklaring is overwogen?", "Which other explanation was considered?"), _among(EXPLANATION)),
            NoteField("text", Text("Wat heeft aandacht nodig?", "What needs attention?")),
            NoteField("why", Text("Waarom?", "Why?")))),
        Action("fine", common.NothingForm, frozenset({"need"}), acts.fine, Text("Je bent gehoord: de punten van anderen dekken het voor jou.", "You have been heard: the points of others cover it for you.")),
        Action("dots", common.DotsForm, frozenset({"dots"}), acts.lay_dots, Text("Je stippen liggen.", "Your dots are in place.")),
        Action("minority", forms.MinorityForm, frozenset({"need", "dots", "closed"}), acts.keep_minority, Text("Dit blijft bij de uitkomst staan.", "This stays with the outcome."), drafts=True, noted=(
            NoteField("text", Text("Wat mag niet verloren gaan?", "What may not get lost?")),)),
        Action("late", forms.LateForm, frozenset({"closed"}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Action("withdraw", common.WhichForm, frozenset(RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "evidence_missing": Text("Kies minstens één gegeven waarin je dit ziet. Zonder gegeven is het nog geen waarneming.", "Choose at least one piece of data in which you see this. Without it, it is no observation yet."),
        "enough_observations": Text("Je hebt vijf waarnemingen. Pas er een aan, of neem er een terug.", "You have five observations. Change one of them, or take one back."),
        "own_observation": Text("Dit is je eigen waarneming. Kies er een van een collega.", "This is your own observation. Choose one of a colleague."),
        "question_empty": Text("Schrijf je vraag op, in een paar woorden.", "Write down your question, in a few words."),
        "observations_missing": Text("Kies minstens één waarneming waar dit bij hoort.", "Choose at least one observation this belongs to."),
        "not_a_rival": Text("Deze verklaringen gaan niet over dezelfde waarneming.", "These explanations are not about the same observation."),
        "explained_already": Text("Deze verklaring staat er al. Welke andere is ook mogelijk?", "This explanation is there already. What other one is possible?"),
        "explanation_missing": Text("Kies welke verklaring je het meest waarschijnlijk vindt.", "Choose which explanation you find most likely."),
        "alternative_missing": Text("Kies ook minstens één andere verklaring die je hebt overwogen.", "Choose at least one other explanation that you considered too."),
        "explanation_elsewhere": Text("Deze verklaring hoort bij een andere waarneming.", "This explanation belongs to another observation."),
        "one_explanation": Text("Bij deze waarneming staan nog geen twee verklaringen. Daarom kan er nog geen aandachtspunt uit volgen.", "This observation does not have two explanations yet. So no point can follow from it."),
        "evidence_gone": Text("De gegevens bij deze waarneming zijn teruggenomen. Bouw op een andere waarneming.", "The data behind this observation have been taken back. Build on another observation."),
        "enough_points": Text("Je hebt drie aandachtspunten geschreven. Neem er een terug als je een ander wilt.", "You have written three points. Take one back if you want another."),
        "nothing_to_join": Text("Er staat nog geen aandachtspunt van een collega om je bij aan te sluiten.", "There is no colleague's point to join yet."),
        "already_heard": Text("Je hebt al meebeslist.", "You have had your part in the decision."),
        "already_adopted": Text("Dit punt is gekozen. Het blijft staan, omdat anderen erop verder bouwen.", "This point was chosen. It stays, because others build on it."),
        "no_observations": Text("Er is nog geen waarneming om te tonen.", "There is no observation to reveal yet."),
        "no_explanations": Text("Er is nog geen waarneming met twee verklaringen. Zonder die kan er geen aandachtspunt volgen.", "No observation has two explanations yet. Without them no point can follow."),
        "no_points": Text("Er staat nog geen aandachtspunt om stippen op te leggen.", "There is no point yet to place dots on."),
        "no_dots_yet": Text("Er ligt nog geen enkele stip.", "Not one dot has been placed yet."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round of dots."""
        if turn.run.stage == "dots":
            rounds.open_round(turn, dots.KIND)

    def leave(self, turn: Turn) -> str:
        """Each round needs what the next one builds on; the dots decide which points stand."""
        stage = turn.run.stage
        if stage == "see" and not contributions.author_ids(turn, OBSERVATION):
            raise Refused("no_observations")
        if stage == "think":
            interpreting.end_thinking(turn, held(turn))
        if stage == "need" and not held(turn).of(POINT):
            raise Refused("no_points")
        if stage == "dots":
            round_ = rounds.open_one(turn, dots.KIND)
            if not dots.voter_ids(turn, round_):
                raise Refused("no_dots_yet")
            rounds.close(round_, "counted")
            chosen = choosing.choose(dots.tally(turn, round_), round_.id).chosen
            points = [held(turn).items[each] for each in chosen]
            adopting.adopt(turn, attention.ATTENTION, points, ("text", "why"))
            return CLOSED.name
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who looked, reacted, explained, wrote a point or joined one, or laid dots, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "see":
            return contributions.author_ids(turn, OBSERVATION)
        if stage in ("reflect", "think"):
            return {item.member_id for item in held(turn).of(REACTION if stage == "reflect" else EXPLANATION)}
        if stage == "need":
            return {item.member_id for item in heard_in_need(turn, POINT, FINE)}
        if stage == "dots":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        return set()

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; it is gone once done."""
        stage = turn.run.stage
        if turn.member is None or turn.member.standing != "member" or stage not in _TASKS:
            return None
        if stage == "reflect" and not shown.colleagues(turn, held(turn)):
            return None
        return None if turn.member.id in self.done_members(turn) else _TASKS[stage]

    def waiting(self, turn: Turn) -> Waiting | None:
        """How many of those present have done what the stage asks."""
        if turn.run.stage not in _WAITING:
            return None
        return Waiting(*_WAITING[turn.run.stage], len(self.done_members(turn) & turn.present_ids))

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What everybody saw, then the explanations, then the points; of a closed step what was chosen."""
        kind = {
            "reflect": OBSERVATION,
            "think": EXPLANATION,
            "need": POINT,
            "dots": POINT,
            "closed": attention.ATTENTION,
        }
        if turn.run.stage not in kind:
            return ()
        return [item.body["text"] for item in shown.shuffled(turn, held(turn).of(kind[turn.run.stage]))]

    def outcome(self, turn: Turn) -> str | None:
        """The attention points, a line each."""
        if not turn.run.closed_at:
            return None
        return "\n".join(item.body["text"] for item in attention.standing(turn)) or None

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """Own observations while all look alone; then the board, nameless, and only what its round has opened."""
        stage, there, known = turn.run.stage, held(turn), threads.sources(turn)
        me = turn.member.id if turn.member else None
        if stage == "see":
            own = [shown.own_observation(item, there, known) for item in there.of(OBSERVATION)]
            evidence = shown.evidence_options(known.evidence.values())
            return {"max_observations": acts.MAX_OBSERVATIONS, "evidence": evidence, "own": own}
        board: dict[str, Any] = {
            "max_points": acts.MAX_POINTS,
            "dots_each": dots.EACH,
            "observations": shown.observations(turn, there, known),
            "colleagues": shown.colleagues(turn, there),
            "reactions": _REACTIONS,
            "late_answers": _LATE,
        }
        if stage in ("reflect", "think"):
            return board
        tally = None
        round_ = rounds.latest(turn, dots.KIND)
        if stage == "dots":
            board["my_dots"] = dots.mine(turn, rounds.open_one(turn, dots.KIND))
        if stage == "closed" and round_ is not None:
            tally = dots.tally(turn, round_)
            board["choice"] = choosing.choose(tally, round_.id)
            late = [item.body for item in there.of(LATE) if item.body["closing"] == turn.run.reopened]
            board["late_agreed"] = len(late)
            board["late_concerns"] = sorted(body["text"] for body in late if body["text"])
        board["points"] = shown.points(turn, threads.of_points(there, known), there, tally)
        board["about"] = [(each["id"], shown.short(each["text"])) for each in board["points"]]
        board["minority"] = shown.minority(turn, there)
        board["joined"] = any(item.member_id == me for item in heard_in_need(turn, FINE)) if stage == "need" else None
        return board


_TASKS = {
    "see": Task(Text("Schrijf op wat je letterlijk in de gegevens ziet.", "Write down what you literally see in the data."), 3),
    "reflect": Task(Text("Reageer op wat een collega zag.", "Respond to what a colleague saw."), 2),
    "think": Task(Text("Geef een verklaring, het liefst naast die van een collega.", "Give an explanation, preferably beside a colleague's."), 3),
    "need": Task(Text("Schrijf een aandachtspunt, of sluit je aan bij wat er staat.", "Write a point of attention, or join what is there."), 3),
    "dots": Task(Text("Verdeel je drie stippen.", "Place your three dots."), 2),
}  # fmt: skip
_WAITING = {
    "see": (Text("heeft een waarneming opgeschreven", "has written an observation"), Text("hebben een waarneming opgeschreven", "have written an observation")),
    "reflect": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "think": (Text("heeft een verklaring gegeven", "has given an explanation"), Text("hebben een verklaring gegeven", "have given an explanation")),
    "need": (Text("heeft een punt geschreven of zich aangesloten", "has written a point or joined one"), Text("hebben een punt geschreven of zich aangesloten", "have written a point or joined one")),
    "dots": (Text("heeft stippen verdeeld", "has placed dots"), Text("hebben stippen verdeeld", "have placed dots")),
}  # fmt: skip
