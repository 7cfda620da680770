"""Step 5, act: try it, tell what happened, say how to go on with each action, and end it with what was learned."""

from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import agreeing, late, rounds
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread import actions, evidence
from lti_tool.domain.thread.actions import LOG, RESULT
from lti_tool.models import RoundOutcome
from lti_tool.steps import forms as common
from lti_tool.steps import noted
from lti_tool.steps.actions import acts, experiences, forms, shown
from lti_tool.steps.actions.acts import OPEN, STAGES
from lti_tool.steps.actions.experiences import CHECK_IN, COURSES, REPLY, SAY
from lti_tool.steps.base import Deed, NoteField, Step, Task
from lti_tool.text import Counted, Text


def _among(options: Mapping[str, Text]) -> Any:
    return lambda _turn: list(options.items())


_LENS_OR_NONE = {"": Text("– nog niet gekozen –", "– not chosen yet –"), **evidence.LENSES}
_NOBODY = {"yes": Text("Er is geen leerling bij naam genoemd", "No pupil was named")}


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "try": (Text("heeft een ervaring verteld", "has told an experience"), Text("hebben een ervaring verteld", "have told an experience")),
    "check": (Text("heeft gekozen hoe we verdergaan", "has chosen how we go on"), Text("hebben gekozen hoe we verdergaan", "have chosen how we go on")),
    "close": (Text("heeft geen open actie meer", "has no open action any more"), Text("hebben geen open actie meer", "have no open action any more")),
}  # fmt: skip


class Actions(Step):
    """We try it in our own lessons and tell each other what happened, also when it did not work."""

    name = "actions"
    position = 5
    title = Text("Acties", "Actions")
    question = Text("Wat deden we en wat merken we?", "What did we do and what do we notice?")
    purpose = Text(
        "We proberen het uit in onze eigen les en vertellen elkaar wat er gebeurde, ook als het niet lukte.",
        "We try it in our own lessons and tell each other what happened, also when it did not work.",
    )
    asks = (
        Text(
            "Vertel in één minuut wat je deed en wat je zag.",
            "Tell in one minute what you did and what you saw.",
        ),
        Text(
            "Reageer op een ervaring van een collega.",
            "Respond to a colleague's experience.",
        ),
        Text(
            "Beslis mee: houden, bijstellen of stoppen.",
            "Help decide: keep, adjust or stop.",
        ),
    )
    empty = Text(
        "Nog geen ervaringen. Ook 'het lukte niet' helpt ons verder.",
        "No experiences yet. 'It didn't work' helps us too.",
    )
    prompt = Text("Wat verraste je?", "What surprised you?")
    reopens_at = "check"
    outcome_title = Text("Wat we leerden", "What we learned")
    waits = _WAITING
    keeps = {
        LOG: Thing.LOG,
        REPLY: Thing.RESPONSE,
        agreeing.KIND: Thing.RESPONSE,
        SAY: Thing.SAY,
        RESULT: Thing.RESULT,
        late.KIND: Thing.LATE,
    }
    stages = STAGES
    deeds = (
        Deed("log", forms.LogForm, OPEN, acts.log, Text("Je ervaring is toegevoegd.", "Your experience has been added."), drafts=True, noted=(
            NoteField("about", Text("Bij welke actie?", "With which action?"), shown.options),
            NoteField("done", Text("Wat deed je?", "What did you do?")),
            NoteField("seen", Text("Wat zag je?", "What did you see?")),
            NoteField("pupils", Text("Hoe reageerden leerlingen?", "How did pupils react?")),
            NoteField("because", Text("Het lukte niet, of niet helemaal, omdat …", "It did not work, or not quite, because …")),
            NoteField("course", Text("Hoe ga je verder?", "How do you go on?"), _among(COURSES)),
            NoteField("lens", Text("Waar gaat het over?", "What is it about?"), _among(_LENS_OR_NONE)),
            NoteField("no_names", Text("Namen van leerlingen", "Pupils' names"), _among(_NOBODY)))),
        Deed("reply", forms.ReplyForm, OPEN, acts.reply, Text("Je reactie is toegevoegd.", "Your response has been added."), drafts=True, noted=(
            NoteField("log", Text("Waarop reageer je?", "What do you respond to?"), shown.log_options),
            NoteField("text", Text("Je reactie", "Your response")))),
        Deed("agree", common.WhichForm, OPEN, acts.agree, Text("Je bent het ermee eens. Dat telt mee.", "You agree with it. That counts.")),
        Deed("say", forms.SayForm, frozenset({"check"}), acts.say, Text("Je keuze telt mee.", "Your choice counts."), noted=noted.said(lambda turn: noted.briefly([each.item for each in experiences.cards(turn)], "what"), experiences.CHOICES)),
        Deed("end", forms.ResultForm, frozenset({"close"}), acts.end, Text("De actie is afgerond.", "The action has been ended."), drafts=True),
        Deed("late", common.ConsentForm, frozenset({"close", CLOSED.name}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("withdraw", common.WhichForm, OPEN, acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
    )  # fmt: skip
    sentences = {
        "action_missing": Text("Kies bij welke actie dit hoort.", "Choose which action this belongs to."),
        "log_empty": Text("Schrijf in een paar woorden wat je deed, of waarom het niet lukte.", "Write in a few words what you did, or why it did not work."),
        "log_missing": Text("Kies op welke ervaring je reageert.", "Choose which experience you respond to."),
        "course_missing": Text("Kies: houden, bijstellen of stoppen.", "Choose: keep, adjust or stop."),
        "enough_logs": Text("Je hebt twintig ervaringen verteld. Pas er een aan, of neem er een terug.", "You have told twenty experiences. Change one of them, or take one back."),
        "own_log": Text("Dit is je eigen ervaring. Kies er een van een collega.", "This is your own experience. Choose one of a colleague."),
        "ended_missing": Text("Kies hoe het is afgelopen: gedaan, bijgesteld of gestopt.", "Choose how it ended: done, changed or stopped."),
        "took_wrong": Text("Vul hele uren in, van 0 tot 999, of laat het leeg.", "Enter whole hours, from 0 to 999, or leave it empty."),
        "not_your_action": Text("Wie deze actie deed, rondt hem ook af.", "Whoever took this action on also ends it."),
        "actions_gone": Text("Er zijn geen acties meer. Open stap 4 opnieuw om er een te kiezen.", "There are no actions any more. Open step 4 again to choose one."),
        "no_logs": Text("Er is nog geen ervaring verteld. Ook 'het lukte niet' is er een.", "No experience has been told yet. 'It didn't work' is one too."),
        "actions_open": Counted(Text("Eén actie is nog niet afgerond. Wie hem deed, rondt hem af. Na de aangekondigde dag kan iedereen dat.", "One action has not been ended yet. Whoever did it ends it. After the announced day anybody can."), Text("%(count)s acties zijn nog niet afgerond. Wie ze deed, rondt ze af. Na de aangekondigde dag kan iedereen dat.", "%(count)s actions have not been ended yet. Whoever did them ends them. After the announced day anybody can.")),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round in which all say how to go on."""
        if turn.run.stage == "check":
            rounds.open_round(turn, CHECK_IN)

    def leave(self, turn: Turn) -> str:
        """There is something to look at, somebody says how to go on, and at the end no action is left open."""
        stage, found = turn.run.stage, experiences.cards(turn)
        if not found:
            raise Refused("actions_gone")
        if stage == "try" and not shown.logs(turn):
            raise Refused("no_logs")
        if stage == "check":
            rounds.close(turn, rounds.open_one(turn, CHECK_IN), RoundOutcome.COUNTED)
        if stage == "close" and (left := len(experiences.open_cards(turn))):
            raise Refused("actions_open", count=left)
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who has told something or said how to go on; at the end, whoever has no action left to end."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "try":
            return {item.member_id for item in experiences.held(turn).of(LOG)}
        if stage == "check":
            return experiences.said(turn, rounds.open_one(turn, CHECK_IN))
        if stage == "close":
            return turn.present_ids - {owner for card in experiences.open_cards(turn) for owner in card.owners}
        return set()

    def expected(self, turn: Turn) -> frozenset[int]:
        """While all try, who has an action: owners and buddies; where nobody has, everybody."""
        circle = turn.circle.expected
        if turn.run.stage != "try":
            return circle
        return circle.intersection(actions.holders(experiences.cards(turn))) or circle

    def writer(self, turn: Turn) -> int | None:
        """Who ended an action last."""
        ended = experiences.held(turn).of(RESULT) if turn.run.stage == "close" else []
        return max(ended, key=lambda each: each.updated_at).member_id if ended else None

    def task(self, turn: Turn) -> Task | None:
        """Tell, then respond to a colleague; say how to go on; end one's own action, or one that is anybody's."""
        stage = turn.run.stage
        if turn.participant is None or not experiences.cards(turn):
            return None
        me = turn.participant.id
        if stage == "close":
            card = shown.to_end(turn)
            return None if card is None else _END if me in card.owners else _END_FOR_OTHERS
        if stage in _TASKS and me not in self.done_members(turn):
            return _TASKS[stage]
        replied = any(item.member_id == me for item in experiences.held(turn).of(REPLY, agreeing.KIND))
        return _REPLY if stage == "try" and not replied and shown.colleagues(turn) else None

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What was told with each action, nameless; then the actions to speak of; of a closed step what was learned."""
        found = experiences.cards(turn)
        if turn.run.stage == "try":
            return [f"{card.item.body['what']}: {experiences.words(log)}" for card in found for log in card.logs]
        return [experiences.line(card) if card.result else card.item.body["what"] for card in found]

    def outcome(self, turn: Turn) -> str | None:
        """Each action in a line: how it ended, what it was, and what was learned."""
        if not turn.run.closed_at:
            return None
        return "\n".join(experiences.line(card) for card in experiences.cards(turn) if card.result) or None

    def summary(self, turn: Turn) -> shown.Shown:
        """The actions with all that was told of them; what each said at the check-in only as totals, once it closed."""
        return shown.page(turn)


_TASKS = {
    "try": Task(Text("Vertel in één minuut wat je deed en wat je zag.", "Tell in one minute what you did and what you saw."), 1),
    "check": Task(Text("Kies bij elke actie: houden, bijstellen of stoppen.", "Choose for each action: keep, adjust or stop."), 2),
}  # fmt: skip
_REPLY = Task(Text("Reageer op een ervaring van een collega.", "Respond to a colleague's experience."), 1)
_END = Task(Text("Rond je actie af: wat leerden we ervan?", "End your action: what did we learn from it?"), 3)
_END_FOR_OTHERS = Task(
    Text("Een actie is nog niet afgerond. Doe jij het?", "An action has not been ended yet. Will you do it?"), 3
)
