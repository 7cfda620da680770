"""Step 6, evaluate: a private survey, stories, a verdict with evidence, knowledge cards, and a yield that is endorsed."""

from collections.abc import Sequence

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn, ending, restart
from lti_tool.domain.mechanisms import agreeing, consent, dots, endorsing, objections, rounds
from lti_tool.domain.mechanisms import pulse as feeling
from lti_tool.domain.mechanisms import totals as totalling
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.domain.thread import actions as acting
from lti_tool.domain.thread import evidence
from lti_tool.domain.thread.flow import Flow
from lti_tool.domain.thread.yields import CARD, LOOK_BACK, NEXT, SORTS, VERDICT, YIELD
from lti_tool.models import Ending
from lti_tool.steps import forms as common
from lti_tool.steps import noted, objecting
from lti_tool.steps.base import Deed, NoteField, Step, Task
from lti_tool.steps.evaluation import acts, forms, shown, stories
from lti_tool.steps.evaluation import survey as surveying
from lti_tool.steps.evaluation.acts import REVEALED, STAGES, held
from lti_tool.steps.evaluation.stories import CHOSEN, RESPONSE, STORY
from lti_tool.steps.evaluation.survey import SURVEY
from lti_tool.text import Text


def _stories(turn: Turn) -> Sequence[tuple[str, str]]:
    return [(str(item.id), item.body["text"][:80]) for item in held(turn).of(STORY)]


def _learned_from(turn: Turn) -> Sequence[tuple[str, Text]]:
    return shown.source_options(turn, evidence.EVIDENCE, acting.RESULT, acting.ACTION)


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "survey": (Text("heeft de vragenlijst ingevuld", "has filled in the survey"), Text("hebben de vragenlijst ingevuld", "have filled in the survey")),
    "stories": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "choose": (Text("heeft stippen verdeeld of gepast", "has placed dots or passed"), Text("hebben stippen verdeeld of gepast", "have placed dots or passed")),
    "verdict": (Text("heeft een kenniskaart gemaakt", "has made a knowledge card"), Text("hebben een kenniskaart gemaakt", "have made a knowledge card")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
    "endorse": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
}  # fmt: skip


class Evaluation(Step):
    """We look back at the result and at how we worked together, and hold on to what we learned."""

    name = "evaluation"
    position = 6
    title = Text("Evaluatie", "Evaluation")
    question = Text(
        "Is onze ambitie waar geworden? Zijn we tevreden over hoe het ging?",
        "Has our ambition come true? Are we satisfied with how it went?",
    )
    purpose = Text(
        "We kijken terug op het resultaat en op onze samenwerking, en houden vast wat we leerden.",
        "We look back at the result and at how we worked together, and hold on to what we learned.",
    )
    asks = (
        Text(
            "Vul de korte vragenlijst in. Niemand ziet jouw antwoorden.",
            "Fill in the short survey. Nobody sees your answers.",
        ),
        Text("Reageer op een verhaal van een collega.", "Respond to a colleague's story."),
        Text(
            "Beslis mee over de opbrengst en over hoe we verdergaan.",
            "Help decide on the outcome and on how we go on.",
        ),
    )
    reopens_at = "verdict"
    outcome_title = Text("Onze opbrengst", "Our outcome")
    outcome_for = readers(Thing.YIELD)
    waits = _WAITING
    keeps = {
        SURVEY: Thing.SURVEY,
        feeling.ANSWER: Thing.PULSE,
        totalling.SURVEY: Thing.TOTALS,
        totalling.PULSE: Thing.TOTALS,
        STORY: Thing.HIDDEN_INPUT,
        RESPONSE: Thing.RESPONSE,
        agreeing.KIND: Thing.RESPONSE,
        CHOSEN: Thing.DRAFT_TEXT,
        VERDICT: Thing.DRAFT_TEXT,
        CARD: Thing.RESPONSE,
        YIELD: Thing.DRAFT_TEXT,
        NEXT: Thing.DRAFT_TEXT,
        LOOK_BACK: Thing.DRAFT_TEXT,
        Flow.STILL: Thing.STILL,
        endorsing.LATE: Thing.LATE,
        **objecting.KEEPS,
    }
    becomes = dict.fromkeys((YIELD, NEXT, LOOK_BACK), Thing.YIELD)
    stages = STAGES
    deeds = (
        Deed("survey", forms.SurveyForm, frozenset({"survey"}), acts.fill_in, Text("Je antwoorden tellen mee. Niemand ziet ze.", "Your answers count. Nobody sees them."), drafts=True, private=True),
        Deed("story", forms.StoryForm, frozenset({"survey", "stories"}), acts.tell, Text("Je verhaal is bewaard.", "Your story has been saved."), drafts=True, noted=(
            NoteField("text", Text("Wat was de belangrijkste verandering?", "What was the most important change?")),
            NoteField("why", Text("Waarom vind je die het belangrijkst?", "Why is that one the most important to you?")),
            NoteField("lens", Text("Waar gaat het over?", "What is it about?"), lambda _turn: list(evidence.LENSES.items())))),
        Deed("respond", forms.ResponseForm, REVEALED, acts.respond, Text("Je reactie is toegevoegd.", "Your response has been added."), drafts=True, noted=(
            NoteField("story", Text("Bij welk verhaal?", "To which story?"), _stories),
            NoteField("text", Text("Wat zei je erover?", "What did you say about it?")))),
        Deed("agree", common.WhichForm, REVEALED, acts.agree, Text("Je bent het ermee eens. Dat telt mee.", "You agree with it. That counts.")),
        Deed("dots", common.DotsForm, frozenset({"choose"}), acts.lay_dots, Text("Je stippen zijn bewaard.", "Your dots are saved."), drafts=True, noted=noted.laid(lambda turn: noted.briefly(held(turn).of(STORY)))),
        Deed("leave_dots", common.NothingForm, frozenset({"choose"}), acts.leave_dots, Text("Je laat het aan de anderen. Dat telt mee.", "You leave it to the others. That counts.")),
        Deed("why", forms.WhyForm, frozenset({"verdict"}), acts.explain, Text("De reden is bewaard.", "The reason has been saved."), drafts=True),
        Deed("verdict", forms.VerdictForm, frozenset({"verdict"}), acts.judge, Text("Het oordeel is bewaard.", "The verdict has been saved."), drafts=True),
        Deed("card", forms.CardForm, frozenset({"verdict"}), acts.learn, Text("Je kenniskaart is toegevoegd.", "Your knowledge card has been added."), drafts=True, noted=(
            NoteField("sort", Text("Weten, kunnen of vinden?", "Know, can do or believe?"), lambda _turn: list(SORTS.items())),
            NoteField("text", Text("Wat nemen we mee?", "What do we take with us?")),
            NoteField("sources", Text("Waar leerden we dat?", "Where did we learn that?"), _learned_from))),
        *objecting.deeds("verdict", acts.changed),
        Deed("consent", common.ConsentForm, frozenset({"consent"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True, noted=noted.CONSENT),
        Deed("yield", common.LearnedForm, frozenset({"yield"}), acts.write, Text("De opbrengst is bewaard.", "The outcome has been saved."), drafts=True),
        Deed("next", forms.NextForm, frozenset({"yield"}), acts.go_on, Text("Zo gaan jullie verder.", "This is how you go on."), drafts=True),
        Deed("endorse", forms.EndorseForm, frozenset({"endorse"}), acts.endorse, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("late", forms.LateForm, frozenset({CLOSED.name}), acts.endorse_late, Text("Je antwoord telt mee.", "Your answer counts.")),
        Deed("withdraw", common.WhichForm, frozenset(acts.RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "one_story": Text("Je hebt je verhaal al geschreven. Eén per persoon, zodat elke stem even zwaar weegt.", "You have written your story already. One each, so that every voice weighs the same."),
        "story_revealed": Text("De verhalen zijn getoond; dat van jou kun je niet meer aanpassen.", "The stories have been revealed; yours can no longer be changed."),
        "story_missing": Text("Kies bij welk verhaal dit hoort.", "Choose which story this belongs to."),
        "own_story": Text("Dit is je eigen verhaal. Kies er een van een collega.", "This is your own story. Choose one of a colleague."),
        "proof_missing": Text("Kies minstens één gegeven, actie of resultaat waar dit uit blijkt.", "Choose at least one piece of data, action or result that shows this."),
        "card_sort_missing": Text("Kies: weten, kunnen of vinden.", "Choose: know, can do or believe."),
        "card_one_sided": Text("Kies een gegeven én een actie of resultaat. Zo is duidelijk waar jullie het van weten.", "Choose a piece of data and an action or result. So it is clear how you know."),
        "enough_cards": Text("Je hebt tien kaarten gemaakt. Meer kan niet.", "You have made ten cards. That is the most."),
        "too_many_lessons": Text("Hoogstens vijf lessen.", "At most five lessons."),
        "look_back_too_far": Text("Kies een dag binnen twee jaar.", "Choose a day within two years."),
        "missing_missing": Text("Schrijf in een paar woorden op wat er nog ontbreekt.", "Write down in a few words what is still missing."),
        "late_not_yet": Text("De opbrengst is al vastgesteld. Bespreek wat er ontbreekt: de begeleider kan de stap opnieuw openen.", "The outcome has been settled. Talk about what is missing: the facilitator can open the step again."),
        "yield_changed": Text("De opbrengst is intussen veranderd. Lees hem nog eens en geef dan antwoord.", "The outcome has changed in the meantime. Read it again, and then answer."),
        "no_surveys": Text("Nog niemand heeft de vragenlijst ingevuld.", "Nobody has filled in the survey yet."),
        "no_stories": Text("Er is nog geen verhaal om te tonen.", "There is no story to reveal yet."),
        "why_missing": Text("Schrijf op waarom jullie hiervoor kozen.", "Write down why this is what you chose."),
        "no_verdict": Text("Schrijf op of de ambitie waar is geworden, en waaruit dat blijkt.", "Write down whether the ambition has come true, and what shows it."),
        "no_yield": Text("Schrijf eerst samen de opbrengst.", "Write the outcome together first."),
        "no_next": Text("Beslis nog hoe jullie verdergaan, en wanneer jullie terugkijken.", "Decide how you go on, and when you look back."),
        "yield_unchanged": Text("Er ontbreekt nog iets, en er is nog niets veranderd. Pas de opbrengst aan, of hoe jullie verdergaan.", "Something is still missing, and nothing has changed yet. Change the outcome, or how you go on."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round a stage decides by."""
        stage = turn.run.stage
        if stage == "choose":
            rounds.open_round(turn, dots.KIND)
        elif stage in objecting.DECIDING:
            objecting.enter(turn, acts.verdict(held(turn)))
        elif stage == "endorse":
            for text in held(turn).of(YIELD):
                endorsing.ask(turn, text)

    def leave(self, turn: Turn) -> str:
        """The survey closes with its totals, dots choose a story, consent carries the verdict, two thirds the yield.

        What is not carried goes back to be written better.
        """
        stage = turn.run.stage
        if stage == "survey":
            # The stage ends for all at once: everybody's, not only what the mover may read now.
            if not deciding.author_ids(turn, SURVEY):
                raise Refused("no_surveys")
            if not deciding.author_ids(turn, STORY):
                raise Refused("no_stories")
            surveying.publish(turn)
        if stage == "stories":
            written = deciding.of_kind(turn, STORY)
            if not written:
                raise Refused("no_stories")
            if len(written) == 1:
                stories.settle(turn, written)
                return "verdict"
        if stage == "choose":
            choice = dots.close(turn, stories.MOST)
            if choice.again:
                return stage
            stories.settle(turn, [held(turn).items[each] for each in choice.chosen])
        for obstacle in acts.obstacles(turn):
            raise obstacle
        if stage == "verdict":
            return objecting.next_stage(turn, acts.changed(turn), "consent")
        if stage in objecting.DECIDING:
            return objecting.leave(turn, "verdict", "yield")
        if stage == "endorse":
            return CLOSED.name if endorsing.close(turn) else "yield"
        return super().leave(turn)

    def over(self, turn: Turn) -> None:
        """Where the community stops, its cycle ends with what it stands behind."""
        decision = held(turn).last(NEXT)
        if decision is not None and decision.body["choice"] == restart.STOP:
            ending.end(turn, Ending.CONSENT)

    def done_members(self, turn: Turn) -> set[int]:
        """Who filled in the survey, responded, laid dots, made a card or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "survey":
            return deciding.author_ids(turn, SURVEY)
        if stage == "stories":
            writers = {item.member_id for item in held(turn).of(STORY)}
            # Who wrote the only story has no colleague's to respond to.
            return {item.member_id for item in held(turn).of(RESPONSE, agreeing.KIND)} | (
                writers if len(writers) == 1 else set()
            )
        if stage == "choose":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        if stage == "verdict":
            return {item.member_id for item in held(turn).of(CARD)}
        if stage == "endorse":
            return consent.heard(turn, rounds.open_one(turn, endorsing.KIND))
        return objecting.heard(turn) if stage in objecting.DECIDING else set()

    def writer(self, turn: Turn) -> int | None:
        """Who wrote the verdict as it stands, or last at the yield and how it goes on."""
        if turn.run.stage == "verdict":
            found = acts.verdict(held(turn))
            return found.member_id if found else None
        written = held(turn).of(YIELD, NEXT) if turn.run.stage == "yield" else []
        return max(written, key=lambda each: each.updated_at).member_id if written else None

    def task(self, turn: Turn) -> Task | None:
        """The survey and then one's story; later one task a stage, after what the community still has to write."""
        stage = turn.run.stage
        if turn.participant is None or not (stage in _TASKS or stage == "yield"):
            return None
        if stage == "verdict" and objections.asked(turn):
            return objecting.ASKED
        if stage == "verdict" and (choice := stories.chosen(held(turn))) and not choice.body["why"]:
            return _WHY
        if stage == "verdict" and acts.verdict(held(turn)) is None:
            return _VERDICT
        if stage == "yield":
            return next((_TO_WRITE[each.code] for each in acts.obstacles(turn)), None)
        if turn.participant.id not in self.done_members(turn):
            return _TASKS[stage]
        return _STORY if stage == "survey" and not held(turn).of(STORY) else None

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """The stories once revealed, then the verdict, then the yield; never a number of the survey."""
        stage = turn.run.stage
        if stage == "survey":
            return ()
        there = held(turn)
        if stage in ("stories", "choose"):
            return [item.body["text"] for item in there.of(STORY)]
        if stage == "verdict" or stage in objecting.DECIDING:
            return [item.body["text"] for item in (acts.verdict(there),) if item]
        return [line for item in there.of(YIELD) for line in (item.body["text"], *item.body["lessons"])]

    def outcome(self, turn: Turn) -> str | None:
        """The yield."""
        found = held(turn).of(YIELD) if turn.run.closed_at else []
        return found[0].body["text"] if found else None

    def summary(self, turn: Turn) -> shown.Shown:
        """One's own while all look back alone; then what the stages have opened, and of the survey only totals."""
        return shown.alone(turn) if turn.run.stage == "survey" else shown.revealed(turn)


_STORY = Task(
    Text("Schrijf het verhaal van de belangrijkste verandering.", "Write the story of the most important change."), 3
)
_WHY = Task(
    Text("Schrijf samen op waarom jullie dit verhaal kozen.", "Write down together why you chose this story."), 2
)
_VERDICT = Task(
    Text("Schrijf samen op of de ambitie waar is geworden.", "Write down together whether the ambition has come true."),
    3,
)
# What is still to be written before the yield can be put to all.
_TO_WRITE = {
    "no_yield": Task(Text("Schrijf samen de opbrengst.", "Write the outcome together."), 3),
    "no_next": Task(Text("Beslis samen hoe jullie verdergaan.", "Decide together how you go on."), 3),
    "yield_unchanged": Task(Text("Lees wat er nog ontbreekt, en maak de opbrengst samen beter.", "Read what is still missing, and make the outcome better together."), 3),
}  # fmt: skip
_TASKS = {
    "survey": Task(Text("Vul de vragenlijst in. Niemand ziet jouw antwoorden.", "Fill in the survey. Nobody sees your answers."), 3),
    "stories": Task(Text("Reageer op een verhaal van een collega.", "Respond to a colleague's story."), 2),
    "choose": Task(Text("Verdeel je drie stippen over de verhalen.", "Place your three dots on the stories."), 2),
    "verdict": Task(Text("Maak een kenniskaart: wat weet, kun of vind je nu?", "Make a knowledge card: what do you know, can you do or do you believe now?"), 2),
    "consent": Task(Text("Geef antwoord: klopt dit oordeel?", "Answer: is this verdict right?"), 1),
    objecting.NAME: objecting.TASK,
    "endorse": Task(Text("Lees de opbrengst. Sta je erachter?", "Read the outcome. Do you stand behind it?"), 2),
}  # fmt: skip
