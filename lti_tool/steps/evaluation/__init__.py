"""Step 6, evaluate: a private survey, stories, a verdict with evidence, knowledge cards, and a yield that is endorsed."""

from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import Refused, choosing, consent, contributions, dots, endorsing, evidence, rounds, stories
from lti_tool.domain import actions as acting
from lti_tool.domain import survey as surveying
from lti_tool.domain.access import WHO_SEES, Seen
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.stories import RESPONSE, STORY
from lti_tool.domain.survey import SURVEY
from lti_tool.domain.yields import CARD, NEXT, SORTS, YIELD
from lti_tool.models import Round
from lti_tool.steps import forms as common
from lti_tool.steps.base import Action, NoteField, Step, Task, Waiting
from lti_tool.steps.evaluation import acts, forms, shown
from lti_tool.steps.evaluation.acts import REVEALED, STAGES, held
from lti_tool.text import Text


def _stories(turn: Turn) -> Sequence[tuple[str, str]]:
    return [(str(item.id), item.body["text"][:80]) for item in shown.ordered(turn, held(turn).of(STORY))]


def _learned_from(turn: Turn) -> Sequence[tuple[str, Text]]:
    return shown.source_options(turn, evidence.EVIDENCE, acting.RESULT, acting.ACTION)


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
            "Help decide on the yield and on how we go on.",
        ),
    )
    empty = Text(
        "Nog niets geëvalueerd. Sla deze stap niet over: hier wordt ervaring kennis.",
        "Nothing evaluated yet. Don't skip this: here experience becomes knowledge.",
    )
    prompt = Text(
        "Wat doen we voortaan anders, en wie vertellen we het?", "What will we do differently, and whom do we tell?"
    )
    reopens_at = "verdict"
    outcome_title = Text("Onze opbrengst", "Our yield")
    outcome_for = WHO_SEES[Seen.YIELD][0]
    stages = STAGES
    actions = (
        Action("survey", forms.SurveyForm, frozenset({"survey"}), acts.fill_in, Text("Je antwoorden tellen mee. Niemand ziet ze.", "Your answers count. Nobody sees them."), drafts=True),
        Action("story", forms.StoryForm, frozenset({"survey", "stories"}), acts.tell, Text("Je verhaal is bewaard.", "Your story has been saved."), drafts=True, noted=(
            NoteField("text", Text("Wat was de belangrijkste verandering?", "What was the most important change?")),
            NoteField("why", Text("Waarom die?", "Why that one?")),
            NoteField("lens", Text("Waar gaat het over?", "What is it about?"), lambda _turn: list(evidence.LENSES.items())))),
        Action("respond", forms.ResponseForm, REVEALED, acts.respond, Text("Je reactie staat erbij.", "Your response has been added."), drafts=True, noted=(
            NoteField("story", Text("Bij welk verhaal?", "To which story?"), _stories),
            NoteField("text", Text("Wat zei je erover?", "What did you say about it?")))),
        Action("dots", common.DotsForm, frozenset({"choose"}), acts.lay_dots, Text("Je stippen liggen.", "Your dots are in place.")),
        Action("why", forms.WhyForm, frozenset({"verdict"}), acts.explain, Text("De reden staat erbij.", "The reason has been added."), drafts=True),
        Action("verdict", forms.VerdictForm, frozenset({"verdict"}), acts.judge, Text("Het oordeel is bewaard.", "The verdict has been saved."), drafts=True),
        Action("card", forms.CardForm, frozenset({"verdict"}), acts.learn, Text("Je kenniskaart staat erbij.", "Your knowledge card has been added."), drafts=True, noted=(
            NoteField("sort", Text("Weten, kunnen of vinden?", "Know, can do or believe?"), lambda _turn: list(SORTS.items())),
            NoteField("text", Text("Wat nemen we mee?", "What do we take with us?")),
            NoteField("sources", Text("Waar leerden we dat?", "Where did we learn that?"), _learned_from))),
        Action("resolve", common.ResolutionForm, frozenset({"verdict"}), acts.resolve, Text("Dat staat er nu bij.", "That stands beside it now."), drafts=True),
        Action("consent", common.ConsentForm, frozenset({"consent"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Action("yield", forms.YieldForm, frozenset({"yield"}), acts.write, Text("De opbrengst is bewaard.", "The yield has been saved."), drafts=True),
        Action("next", forms.NextForm, frozenset({"yield"}), acts.go_on, Text("Zo gaan jullie verder.", "This is how you go on."), drafts=True),
        Action("endorse", forms.EndorseForm, frozenset({"yield"}), acts.endorse, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Action("late", forms.LateForm, frozenset({CLOSED.name}), acts.endorse_late, Text("Je antwoord telt mee.", "Your answer counts.")),
        Action("withdraw", common.WhichForm, frozenset(acts.RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "one_story": Text("Je hebt je verhaal al geschreven. Eén per persoon, zodat elke stem even zwaar weegt.", "You have written your story already. One each, so that every voice weighs the same."),
        "story_revealed": Text("De verhalen zijn getoond; dat van jou kun je niet meer aanpassen.", "The stories have been revealed; yours can no longer be changed."),
        "story_missing": Text("Kies bij welk verhaal dit hoort.", "Choose which story this belongs to."),
        "own_story": Text("Dit is je eigen verhaal. Kies er een van een collega.", "This is your own story. Choose one of a colleague."),
        "proof_missing": Text("Kies minstens één gegeven, actie of resultaat waar dit uit blijkt.", "Choose at least one piece of data, action or result that shows this."),
        "card_sort_missing": Text("Kies: weten, kunnen of vinden.", "Choose: know, can do or believe."),
        "enough_cards": Text("Je hebt tien kaarten gemaakt. Laat een ander ook iets meenemen.", "You have made ten cards. Leave some to others."),
        "too_many_lessons": Text("Hoogstens vijf lessen: wat niemand onthoudt, helpt niet.", "At most five lessons: what nobody remembers does not help."),
        "look_back_too_far": Text("Kies een dag binnen twee jaar.", "Choose a day within two years."),
        "missing_missing": Text("Schrijf in een paar woorden op wat er nog mist.", "Write down in a few words what is still missing."),
        "late_not_yet": Text("De opbrengst is al vastgesteld. Bespreek wat er mist: de begeleider kan de stap opnieuw openen.", "The yield has been settled. Talk about what is missing: the facilitator can open the step again."),
        "yield_changed": Text("De opbrengst is intussen veranderd. Lees haar nog eens, en geef dan antwoord.", "The yield has changed meanwhile. Read it again, and then answer."),
        "no_surveys": Text("Nog niemand heeft de vragenlijst ingevuld.", "Nobody has filled in the survey yet."),
        "no_stories": Text("Er is nog geen verhaal om te tonen.", "There is no story to reveal yet."),
        "why_missing": Text("Schrijf op waarom jullie dit verhaal kozen.", "Write down why you chose this story."),
        "no_verdict": Text("Schrijf op of de ambitie waar is geworden, en waaruit dat blijkt.", "Write down whether the ambition has come true, and what shows it."),
        "no_yield": Text("Schrijf eerst samen de opbrengst.", "Write the yield together first."),
        "no_next": Text("Beslis nog hoe jullie verdergaan, en wanneer jullie terugkijken.", "Decide how you go on, and when you look back."),
        "not_endorsed": Text("Nog geen twee derde van de aanwezige leden staat achter de opbrengst. Vraag de anderen, of pas de tekst aan.", "Not yet two thirds of the members present stand behind the yield. Ask the others, or change the text."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round a stage decides by; a yield that stands from before is asked about anew."""
        stage = turn.run.stage
        if stage == "choose":
            rounds.open_round(turn, dots.KIND)
        elif stage == "consent":
            rounds.open_round(turn, consent.KIND, acts.verdict(held(turn)))
        elif stage == "yield":
            for text in contributions.of_kind(turn, YIELD):
                endorsing.ask(turn, text)

    def leave(self, turn: Turn) -> str:
        """The survey closes with its totals, dots choose a story, consent carries the verdict, two thirds the yield."""
        stage = turn.run.stage
        if stage == "survey":
            # The stage ends for all at once: everybody's, not only what the mover may read now.
            if not contributions.author_ids(turn, SURVEY):
                raise Refused("no_surveys")
            if not contributions.author_ids(turn, STORY):
                raise Refused("no_stories")
            surveying.publish(turn)
        if stage == "stories":
            written = contributions.of_kind(turn, STORY)
            if not written:
                raise Refused("no_stories")
            if len(written) == 1:
                stories.settle(turn, written[0])
                return "verdict"
        if stage == "choose":
            round_ = rounds.open_one(turn, dots.KIND)
            if not dots.voter_ids(turn, round_):
                raise Refused("no_dots_yet")
            rounds.close(round_, "counted")
            choice = choosing.choose(dots.tally(turn, round_), round_.id, most=1)
            stories.settle(turn, held(turn).items[choice.chosen[0]], choice.by_lot)
        for obstacle in acts.obstacles(turn):
            raise obstacle
        if stage == "consent":
            round_ = rounds.open_one(turn, consent.KIND)
            outcome = consent.decide(turn, round_)
            rounds.close(round_, outcome)
            return "yield" if outcome == consent.ADOPTED else "verdict"
        if stage == "yield":
            round_ = rounds.open_one(turn, endorsing.KIND)
            rounds.close(round_, endorsing.decide(turn, round_))
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who filled in the survey, responded, laid dots, made a card or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "survey":
            return contributions.author_ids(turn, SURVEY)
        if stage == "stories":
            writers = {item.member_id for item in held(turn).of(STORY)}
            # Who wrote the only story has no colleague's to respond to.
            return {item.member_id for item in held(turn).of(RESPONSE)} | (writers if len(writers) == 1 else set())
        if stage == "choose":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        if stage == "verdict":
            return {item.member_id for item in held(turn).of(CARD)}
        if stage in ("consent", "yield"):
            round_ = _asking(turn)
            return {row.member_id for row in consent.answers(turn, round_)} if round_ else set()
        return set()

    def task(self, turn: Turn) -> Task | None:
        """The survey and then one's story; later one task a stage, after what the community still has to write."""
        stage = turn.run.stage
        if turn.member is None or turn.member.standing != "member" or stage not in _TASKS:
            return None
        there = held(turn)
        if stage == "verdict" and (choice := stories.chosen(there)) and not choice.body["why"]:
            return _WHY
        if stage == "verdict" and acts.verdict(there) is None:
            return _VERDICT
        if stage == "yield" and not there.of(YIELD):
            return _WRITE
        if stage == "yield" and not there.of(NEXT):
            return _GO_ON
        if turn.member.id not in self.done_members(turn):
            return _TASKS[stage]
        return _STORY if stage == "survey" and not there.of(STORY) else None

    def waiting(self, turn: Turn) -> Waiting | None:
        """How many of those present have done what the stage asks; of the yield once there is one to stand behind."""
        stage = turn.run.stage
        if stage not in _WAITING or (stage == "yield" and _asking(turn) is None):
            return None
        return Waiting(*_WAITING[stage], len(self.done_members(turn) & turn.present_ids))

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """The stories once revealed, then the verdict, then the yield; never a number of the survey."""
        stage = turn.run.stage
        if stage == "survey":
            return ()
        there = held(turn)
        if stage in ("stories", "choose"):
            return [item.body["text"] for item in shown.ordered(turn, there.of(STORY))]
        if stage in ("verdict", "consent"):
            return [item.body["text"] for item in (acts.verdict(there),) if item]
        return [line for item in there.of(YIELD) for line in (item.body["text"], *item.body["lessons"])]

    def outcome(self, turn: Turn) -> str | None:
        """The yield."""
        found = contributions.of_kind(turn, YIELD) if turn.run.closed_at else ()
        return found[0].body["text"] if found else None

    def summary(self, turn: Turn) -> Mapping[str, Any]:
        """One's own while all look back alone; then what the stages have opened, and of the survey only totals."""
        return shown.alone(turn) if turn.run.stage == "survey" else shown.revealed(turn)


def _asking(turn: Turn) -> Round | None:
    """The open round of consent or endorsement."""
    found = rounds.latest(turn, consent.KIND if turn.run.stage == "consent" else endorsing.KIND)
    return found if found is not None and found.closed_at is None else None


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
_WRITE = Task(Text("Schrijf samen de opbrengst.", "Write the yield together."), 3)
_GO_ON = Task(Text("Beslis samen hoe jullie verdergaan.", "Decide together how you go on."), 3)
_TASKS = {
    "survey": Task(Text("Vul de vragenlijst in. Niemand ziet jouw antwoorden.", "Fill in the survey. Nobody sees your answers."), 3),
    "stories": Task(Text("Reageer op een verhaal van een collega.", "Respond to a colleague's story."), 2),
    "choose": Task(Text("Verdeel je drie stippen over de verhalen.", "Place your three dots on the stories."), 2),
    "verdict": Task(Text("Maak een kenniskaart: wat weet, kun of vind je nu?", "Make a knowledge card: what do you know, can you do or do you believe now?"), 2),
    "consent": Task(Text("Geef antwoord: klopt dit oordeel?", "Answer: is this verdict right?"), 1),
    "yield": Task(Text("Lees de opbrengst. Sta je erachter?", "Read the yield. Do you stand behind it?"), 2),
}  # fmt: skip
_WAITING = {
    "survey": (Text("heeft de vragenlijst ingevuld", "has filled in the survey"), Text("hebben de vragenlijst ingevuld", "have filled in the survey")),
    "stories": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "choose": (Text("heeft stippen verdeeld", "has placed dots"), Text("hebben stippen verdeeld", "have placed dots")),
    "verdict": (Text("heeft een kenniskaart gemaakt", "has made a knowledge card"), Text("hebben een kenniskaart gemaakt", "have made a knowledge card")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    "yield": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
}  # fmt: skip
