"""Step 2, gather information: questions, a data plan, numbered evidence, voices from outside, and "we have enough"."""

from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import adopting, agreeing, dots, late, objections, rounds, stakeholders
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread import evidence
from lti_tool.domain.thread.evidence import EVIDENCE, WEIGHING
from lti_tool.domain.thread.inquiry import MOST, PLAN, QUESTION, WONDERED
from lti_tool.steps import forms as common
from lti_tool.steps import noted, objecting
from lti_tool.steps.base import Deed, NoteField, Step, TakeOver, Task
from lti_tool.steps.information import acts, forms, shown
from lti_tool.steps.information.acts import STAGES, held
from lti_tool.text import Text


def _questions(turn: Turn) -> Sequence[tuple[str, Text | str]]:
    standing = held(turn).written(QUESTION)
    return [(str(item.id), item.body["text"][:80]) for item in standing] or [("", shown.NO_QUESTION)]


def _evidence(turn: Turn) -> Sequence[tuple[str, str]]:
    return [
        (str(item.id), f"{evidence.label(item.body)} · {item.body['text'][:70]}") for item in held(turn).of(EVIDENCE)
    ]


def _among(options: Mapping[str, Text]) -> Any:
    return lambda _turn: list(options.items())


# What can be told aloud: not a link, nor a file.
_TOLD = {name: words for name, words in evidence.SORTS.items() if name in ("observation", "quote")}
_NOBODY = (("yes", Text("Er is geen leerling bij naam genoemd", "No pupil was named")),)


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "questions": (Text("heeft een vraag geschreven", "has written a question"), Text("hebben een vraag geschreven", "have written a question")),
    "choose": (Text("heeft stippen verdeeld of gepast", "has submitted dots or passed"), Text("hebben stippen verdeeld of gepast", "have submitted dots or passed")),
    "gather": (Text("heeft iets ingebracht", "has brought something in"), Text("hebben iets ingebracht", "have brought something in")),
    "enough": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
}  # fmt: skip

_DECIDING = frozenset({"enough", objecting.NAME})


class Information(Step):
    """We gather what we need to know to understand our ambition, and listen outside our own group too."""

    name = "information"
    position = 2
    title = Text("Informatie", "Information")
    question = Text(
        "Wat willen we weten? Welke gegevens zijn nodig?", "What do we want to know? Which data do we need?"
    )
    purpose = Text(
        "We verzamelen wat we moeten weten om onze ambitie te begrijpen, en luisteren ook buiten onze groep.",
        "We gather what we need to know to understand our ambition, and listen outside our own group too.",
    )
    asks = (
        Text(
            "Breng één gegeven in dat er al is: een telling, een uitspraak, iets wat je zag.",
            "Bring in one thing that already exists: a count, a quote, something you saw.",
        ),
        Text(
            "Zeg bij een gegeven van een collega wat het ons wel en niet vertelt.",
            "Say of a colleague's data what it can and cannot tell us.",
        ),
        Text("Beslis mee of we genoeg weten.", "Help decide whether we know enough."),
    )
    empty = Text(
        "Nog niets verzameld. Begin met wat er al is: wat weten we zonder extra werk?",
        "Nothing collected yet. Start with what exists: what do we know without extra work?",
    )
    prompt = Text(
        "Wie van buiten kijkt hier anders naar, en wie van ons vraagt het?",
        "Who from outside sees this differently, and who of us asks them?",
    )
    reopens_at = "gather"
    outcome_title = Text("Onze vragen", "Our questions")
    inherits = {"questions": TakeOver("question", "question-new", {"text": "text"}, frozenset({"questions"}))}
    waits = _WAITING
    keeps = {
        WONDERED: Thing.HIDDEN_INPUT,
        QUESTION: Thing.DRAFT_TEXT,
        PLAN: Thing.PLAN,
        EVIDENCE: Thing.EVIDENCE,
        WEIGHING: Thing.RESPONSE,
        agreeing.KIND: Thing.RESPONSE,
        stakeholders.NO_VOICE: Thing.DRAFT_TEXT,
        late.KIND: Thing.LATE,
        **objecting.KEEPS,
    }
    stages = STAGES
    deeds = (
        Deed("question", forms.QuestionForm, frozenset({"questions"}), acts.ask, Text("Je vraag is bewaard.", "Your question has been saved."), drafts=True, noted=(
            NoteField("text", Text("Wat willen we weten?", "What do we want to know?")),)),
        Deed("dots", common.DotsForm, frozenset({"choose"}), acts.lay_dots, Text("Je stippen zijn bewaard.", "Your dots are saved."), drafts=True, noted=noted.laid(lambda turn: noted.briefly(held(turn).of(WONDERED)))),
        Deed("leave_dots", common.NothingForm, frozenset({"choose"}), acts.leave_dots, Text("Je laat het aan de anderen. Dat telt mee.", "You leave it to the others. That counts.")),
        Deed("reword", forms.RewordForm, frozenset({"gather"}), acts.reword, Text("De vraag is aangepast.", "The question has been reworded."), drafts=True),
        Deed("plan", forms.PlanForm, frozenset({"gather"}), acts.plan, Text("Fijn, jij zoekt het uit.", "Good, you will find out."), drafts=True),
        Deed("evidence", forms.EvidenceForm, frozenset({"gather"}), acts.bring, Text("Je gegeven is toegevoegd.", "Your data have been added."), drafts=True, file=True, noted=(
            NoteField("sort", Text("Wat is het?", "What is it?"), _among(_TOLD)),
            NoteField("question", Text("Bij welke vraag?", "To which question?"), _questions),
            NoteField("text", Text("Wat zegt het?", "What does it say?")),
            NoteField("source", Text("Waarop baseren we dit?", "What do we base this on?")),
            NoteField("lens", Text("Waar gaat het over?", "What is it about?"), _among(evidence.LENSES)),
            NoteField("voice", Text("Wie komt hier aan het woord?", "Who speaks here?"), _among(evidence.VOICES)),
            NoteField("no_names", Text("Namen van leerlingen", "Pupils' names"), lambda _turn: _NOBODY))),
        Deed("agree", common.WhichForm, frozenset({"gather"}), acts.agree, Text("Je bent het ermee eens. Dat telt mee.", "You agree. That counts.")),
        Deed("weigh", forms.WeighForm, frozenset({"gather", "enough"}), acts.weigh, Text("Bewaard bij dit gegeven.", "Saved with these data."), drafts=True, noted=(
            NoteField("evidence", Text("Bij welk gegeven?", "To which data?"), _evidence),
            NoteField("can", Text("Dit vertelt het ons wel", "This it can tell us")),
            NoteField("cannot", Text("Dit vertelt het ons niet", "This it cannot tell us")))),
        Deed("no_voice", common.NoVoiceForm, frozenset({"gather"}), acts.ask_nobody, Text("De reden is bewaard.", "The reason has been saved."), drafts=True),
        *objecting.deeds("gather", lambda _turn: False),
        Deed("enough", common.ConsentForm, frozenset({"enough"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("late", common.ConsentForm, frozenset({CLOSED.name}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("withdraw", common.WhichForm, frozenset(acts.RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "enough_questions": Text("Je hebt drie vragen geschreven. Meer kan niet; pas er een aan, of neem er een terug.", "You have written three questions. That is the limit; change one of them, or take one back."),
        "no_questions": Text("Er is nog geen vraag om te tonen.", "There is no question to reveal yet."),
        "question_missing": Text("Kies bij welke vraag dit hoort.", "Choose which question this belongs to."),
        "enough_plans": Text("Je zoekt al tien dingen uit. Meer kan niet.", "You are finding out ten things already. That is the limit."),
        "enough_evidence": Text("Je hebt twintig gegevens ingebracht. Meer kan niet.", "You have brought in twenty pieces of data. That is the limit."),
        "sort_missing": Text("Kies wat het is.", "Choose what it is."),
        "lens_missing": Text("Kies waar het over gaat.", "Choose what it is about."),
        "voice_missing": Text("Kies wie hier aan het woord komt.", "Choose who speaks here."),
        "amount_wrong": Text("Vul een getal in, zoals 12 of 7,5.", "Enter a number, such as 12 or 7.5."),
        "unit_missing": Text("Waarvan? Bijvoorbeeld: leerlingen, lessen, minuten.", "Of what? For example: pupils, lessons, minutes."),
        "url_wrong": Text("Plak hier een adres dat met https:// begint.", "Paste an address here that begins with https://."),
        "names_unchecked": Text("Kijk nog eens: staat er geen naam van een leerling in? Zet dan het vinkje.", "Look once more: is no pupil named in it? Then tick the box."),
        "file_missing": Text("Kies een foto of een bestand.", "Choose a photo or a file."),
        "file_stays": Text("Het bestand bij dit gegeven kun je niet vervangen. Breng een ander bestand in als nieuw gegeven.", "The file with these data cannot be replaced. Bring another file in as new data."),
        "own_evidence": Text("Dit bracht je zelf in. Kies een gegeven van een collega.", "You brought this in yourself. Choose a colleague's data."),
        "weighing_empty": Text("Schrijf op wat het ons wel of niet vertelt, in een paar woorden.", "Write down what it can or cannot tell us, in a few words."),
        "evidence_used": Text("Iemand heeft al iets in dit gegeven gezien. Daarom kun je het niet terugnemen. De tekst aanpassen kan wel.", "Somebody has already seen something in these data, so they cannot be taken back. You can change the words."),
        "no_evidence": Text("Er is nog niets verzameld.", "Nothing has been gathered yet."),
        "question_uncovered": Text("Een van de vragen heeft nog geen gegevens, en niemand zoekt het uit.", "One of the questions has no data yet, and nobody is finding out."),
        "no_voice_yet": Text("Er is nog niemand van buiten gehoord. Breng een stem van buiten in, of schrijf op waarom niet.", "Nobody from outside has been heard yet. Bring in a voice from outside, or write down why not."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round a stage decides by."""
        stage = turn.run.stage
        if stage == "choose":
            rounds.open_round(turn, dots.KIND)
        elif stage in _DECIDING:
            objecting.enter(turn, None)

    def leave(self, turn: Turn) -> str:
        """Questions need one question, gathering needs a source for each, and consent decides what is enough."""
        stage = turn.run.stage
        if stage == "questions":
            # The round ends for all at once: everybody's, not only what the mover may read now.
            written = deciding.of_kind(turn, WONDERED)
            if not written:
                raise Refused("no_questions")
            if len(written) <= MOST:
                adopting.adopt(turn, QUESTION, written, ("text", "sign"))
                return "gather"
        if stage == "choose":
            choice = dots.close(turn, MOST)
            if choice.again:
                return stage
            adopting.adopt(turn, QUESTION, [held(turn).items[each] for each in choice.chosen], ("text", "sign"))
        if stage == "gather":
            for obstacle in acts.obstacles(turn):
                raise obstacle
            return objecting.next_stage(turn, False, "enough")
        if stage in _DECIDING:
            return objecting.leave(turn, "gather", CLOSED.name)
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who has asked, laid dots, brought something in or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "questions":
            return deciding.author_ids(turn, WONDERED)
        if stage == "choose":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        if stage == "gather":
            return {item.member_id for item in held(turn).of(EVIDENCE, agreeing.KIND)}
        return objecting.heard(turn) if stage in _DECIDING else set()

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; gathering a second, once the first is done: to weigh what a colleague brought."""
        stage = turn.run.stage
        if turn.participant is not None and stage == "gather" and objections.asked(turn):
            return objecting.ASKED
        if turn.participant is None or stage not in _TASKS:
            return None
        if turn.participant.id not in self.done_members(turn):
            return _TASKS[stage]
        if stage == "gather" and not any(item.member_id == turn.participant.id for item in held(turn).of(WEIGHING)):
            if any(item.member_id != turn.participant.id for item in held(turn).of(EVIDENCE)):
                return _WEIGH
        return None

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """The questions, once revealed; under those that stand what was gathered."""
        stage = turn.run.stage
        if stage == "questions":
            return ()
        if stage == "choose":
            return [each.text for each in shown.wondered(turn)]
        there = held(turn)
        pieces = [f"{evidence.label(item.body)} · {evidence.words(item.body)}" for item in there.of(EVIDENCE)]
        return [item.body["text"] for item in there.written(QUESTION)] + pieces

    def outcome(self, turn: Turn) -> str | None:
        """The questions that stand, a line each."""
        if not turn.run.closed_at:
            return None
        return "\n".join(item.body["text"] for item in held(turn).written(QUESTION)) or None

    def summary(self, turn: Turn) -> shown.Shown:
        """One's own questions while hidden; then the questions with all that was gathered."""
        return shown.asking(turn) if turn.run.stage in ("questions", "choose") else shown.gathered(turn)


_TASKS = {
    "questions": Task(Text("Schrijf op wat we moeten weten.", "Write down what we need to know."), 3),
    "choose": Task(Text("Verdeel je drie stippen over de vragen.", "Place your three dots on the questions."), 2),
    "gather": Task(Text("Breng één gegeven in dat er al is.", "Bring in one thing that exists already."), 3),
    "enough": Task(Text("Geef antwoord: weten we genoeg?", "Answer: do we know enough?"), 1),
    objecting.NAME: objecting.TASK,
}
_WEIGH = Task(
    Text("Zeg bij een gegeven van een collega wat het ons wel en niet vertelt.", "Say of a colleague's data what it can and cannot tell us."), 2
)  # fmt: skip
