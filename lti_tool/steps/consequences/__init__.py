"""Step 4, consequences: proposals alone, a round of questions and advice, a board of actions, consent on the board."""

from collections.abc import Sequence

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import late, objections
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.actions import (
    ACTION,
    ANSWER,
    BUDDY,
    CONSEQUENCE,
    GONE_ON,
    OWNER,
    REQUEST,
    held,
)
from lti_tool.steps import forms as common
from lti_tool.steps import noted, objecting, pulse
from lti_tool.steps.base import Deed, NoteField, Step, TakeOver, Task
from lti_tool.steps.consequences import acts, forms, shown
from lti_tool.steps.consequences.acts import ADVICE, JOIN, STAGES
from lti_tool.steps.consequences.owning import FREED, PASS
from lti_tool.steps.shown import short
from lti_tool.text import Text


def _proposals(turn: Turn) -> Sequence[tuple[str, str]]:
    return [(str(item.id), short(item.body["if"])) for item in held(turn).of(CONSEQUENCE)]


# The board once it is open; it stands still while everybody answers about it.
_ON_BOARD = frozenset({"board", CLOSED.name})


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "propose": (Text("heeft een voorstel geschreven", "has written a proposal"), Text("hebben een voorstel geschreven", "have written a proposal")),
    "advise": (Text("heeft een collega iets gevraagd of advies gegeven", "has asked or advised a colleague"), Text("hebben een collega iets gevraagd of advies gegeven", "have asked or advised a colleague")),
    "board": (Text("heeft gekozen: zelf doen, maatje zijn of deze keer niet", "has chosen: to do one, to be a buddy, or not this time"), Text("hebben gekozen: zelf doen, maatje zijn of deze keer niet", "have chosen: to do one, to be a buddy, or not this time")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
}  # fmt: skip


class Consequences(Step):
    """We turn points of attention into small actions that somebody takes on of their own accord."""

    name = "consequences"
    position = 4
    title = Text("Consequenties", "Consequences")
    question = Text("Wat gaan we samen doen? Wie, wat, wanneer?", "What will we do together? Who, what, when?")
    purpose = Text(
        "We maken van aandachtspunten kleine acties die iemand zelf op zich neemt.",
        "We turn points of attention into small actions that somebody takes on of their own accord.",
    )
    asks = (
        Text("Doe een voorstel: als we …, dan zien we …", "Make a proposal: if we …, then we see …"),
        Text(
            "Stel een vraag of geef een advies bij een voorstel van een collega.",
            "Ask a question or give advice on a colleague's proposal.",
        ),
        Text("Beslis mee welke acties we nemen.", "Help decide which actions we take."),
    )
    empty = Text(
        "Nog geen acties. Klein is goed: wat kun je binnen twee weken proberen?",
        "No actions yet. Small is good: what could you try within two weeks?",
    )
    prompt = Text("Wat hebben we van onze schoolleider nodig?", "What do we need from our school leader?")
    reopens_at = "board"
    inherits = {
        "actions": TakeOver(
            "propose", "propose-new", {"act": "what", "notice": "sign"}, frozenset({"propose", "advise"})
        ),
        "points": None,
    }
    outcome_title = Text("Onze acties", "Our actions")
    waits = _WAITING
    asks_pulse = True
    codes = {CONSEQUENCE: frozenset({"source"})}
    keeps = {
        CONSEQUENCE: Thing.HIDDEN_INPUT,
        JOIN: Thing.RESPONSE,
        ADVICE: Thing.RESPONSE,
        ACTION: Thing.DRAFT_TEXT,
        OWNER: Thing.OWNER,
        BUDDY: Thing.OWNER,
        PASS: Thing.NOD,
        FREED: Thing.OWNER,
        REQUEST: Thing.REQUEST,
        GONE_ON: Thing.REQUEST,
        ANSWER: Thing.REPLY,
        late.KIND: Thing.LATE,
        **objecting.KEEPS,
        **pulse.KEEPS,
    }
    stages = STAGES
    deeds = (
        Deed("propose", forms.ProposalForm, frozenset({"propose", "advise", "board"}), acts.propose, Text("Je voorstel is bewaard.", "Your proposal has been saved."), drafts=True, noted=(
            NoteField("act", Text("Als we …", "If we …")),
            NoteField("effect", Text("dan zien we …", "then we see …")),
            NoteField("notice", Text("en dat merken we aan …", "and we notice it by …")),
            NoteField("source", Text("Waar gaat je voorstel over?", "What is your proposal about?"), shown.sources))),
        Deed("join", forms.JoinForm, frozenset({"advise", "board"}), acts.join, Text("Je doet mee met dit voorstel.", "You have joined this proposal.")),
        Deed("advise", forms.AdviceForm, frozenset({"advise", "board"}), acts.advise, Text("Bewaard. Het staat bij het voorstel.", "Saved. It is shown with the proposal."), drafts=True, noted=(
            NoteField("proposal", Text("Bij welk voorstel?", "To which proposal?"), _proposals),
            NoteField("sort", Text("Een vraag of een advies?", "A question or advice?"), lambda _turn: list(forms.SORTS.items())),
            NoteField("text", Text("Wat zei je?", "What did you say?")))),
        Deed("action", forms.ActionForm, frozenset({"board"}), acts.save_action, Text("De actie staat op het bord.", "The action is on the board."), drafts=True, noted=(
            NoteField("origin", Text("Uit welk voorstel of aandachtspunt komt deze actie?", "Which proposal or point of attention does it come from?"), shown.origins),
            NoteField("what", Text("Wat gaan we doen?", "What will we do?")),
            NoteField("sign", Text("Waaraan merken we het?", "How will we notice?")))),
        Deed("take_off", forms.OffForm, frozenset({"board"}), acts.take_off, Text("De actie is van het bord.", "The action is off the board.")),
        Deed("own", common.WhichForm, _ON_BOARD, acts.own, Text("Fijn, jij doet dit.", "Good, you will do this.")),
        Deed("buddy", common.WhichForm, _ON_BOARD, acts.buddy, Text("Fijn, jij bent maatje.", "Good, you are the buddy.")),
        Deed("let_go", common.WhichForm, _ON_BOARD, acts.let_go, Text("Je staat er niet meer bij.", "You are no longer on it.")),
        Deed("pass", common.NothingForm, frozenset({"board"}), acts.not_this_time, Text("Prima, dit telt mee.", "Fine, this counts.")),
        Deed("request", forms.RequestForm, _ON_BOARD, acts.request, Text("Je schoolleider ziet deze vraag.", "Your school leader sees this request."), drafts=True),
        Deed("go_on", forms.GoOnForm, _ON_BOARD, acts.go_on, Text("Jullie gaan verder zonder antwoord.", "You go on without an answer."), drafts=True),
        *objecting.deeds("board", lambda _turn: False),
        Deed("consent", common.ConsentForm, frozenset({"consent"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True, noted=noted.CONSENT),
        Deed("late", common.ConsentForm, frozenset({CLOSED.name}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        Deed("withdraw", common.WhichForm, frozenset(acts.RETURNS), acts.take_back, Text("Je hebt het teruggenomen.", "You have taken it back.")),
        *pulse.DEEDS,
    )  # fmt: skip
    leader_deeds = (
        Deed("answer", forms.AnswerForm, frozenset({"board", CLOSED.name} | objecting.DECIDING), acts.answer_request, Text("De groep leest je antwoord.", "The group reads your answer.")),
    )  # fmt: skip
    sentences = {
        "source_missing": Text("Kies een aandachtspunt, of een nieuw idee.", "Choose a point of attention, or a new idea."),
        "source_both": Text("Kies aandachtspunten, of een nieuw idee: niet allebei.", "Choose points of attention, or a new idea: not both."),
        "enough_proposals": Text("Je hebt drie voorstellen geschreven. Pas er een aan, of sluit je aan bij een collega.", "You have written three proposals. Change one of them, or join a colleague."),
        "no_consequences": Text("Er is nog geen voorstel om te tonen.", "There is no proposal to reveal yet."),
        "asked_about": Text("Je collega's stellen nu vragen over je voorstel. Op het actiebord kun je het aanpassen.", "Your colleagues are asking about your proposal now. On the action board you can change it."),
        "own_proposal": Text("Dit is je eigen voorstel. Sluit je aan bij een voorstel van een collega.", "This is your own proposal. Join a colleague's."),
        "you_listen": Text("Dit is je eigen voorstel: nu luister je. Reageer bij een collega.", "This is your own proposal: now you listen. Respond to a colleague's."),
        "ask_first": Text("Eerst een vraag, dan een advies. Stel bij dit voorstel een vraag.", "First a question, then advice. Ask a question about this proposal."),
        "origin_missing": Text("Kies uit welk voorstel of aandachtspunt deze actie komt.", "Choose which proposal or point of attention this action comes from."),
        "enough_free": Text("Er staan al tien acties die nog niemand doet. Kies eerst een van die tien.", "There are ten actions already that nobody does yet. Choose from those first."),
        "action_held": Text("Iemand doet deze actie al. Daarom blijft hij op het bord.", "Somebody has taken this action on. So it stays on the board."),
        "action_used": Text("Bij deze actie hoort al een vraag of een ervaring. Daarom blijft hij staan; de tekst aanpassen kan wel.", "A request or an experience belongs to this action already. So it stays; you can change the text."),
        "action_ended": Text("Deze actie is al afgerond.", "This action has ended."),
        "held_already": Text("Dit doe je al.", "You do this already."),
        "own_buddy": Text("Je doet dit zelf. Een maatje is iemand anders.", "You do this yourself. A buddy is somebody else."),
        "enough_actions": Text("Je doet al twee acties. Word maatje, of stop eerst met een van de twee.", "You have two actions already. Become a buddy, or give one up first."),
        "no_actions": Text("Er staat nog geen actie op het bord.", "There is no action on the board yet."),
        "enough_requests": Text("Er wachten al tien vragen op antwoord. Meer kan niet.", "Ten requests are waiting for an answer already. That is the most."),
        "request_answered": Text("Deze vraag is beantwoord. Stel een nieuwe vraag als er meer nodig is.", "This request has been answered. Ask a new one if more is needed."),
        "request_settled": Text("Dit is al afgehandeld.", "This has been settled already."),
        "reply_empty": Text("Schrijf erbij wat er wel kan, of waarom niet.", "Add what can be done, or why not."),
        "not_a_leader": Text("Alleen de schoolleiding antwoordt hierop.", "Only a school leader answers this."),
        "requests_open": Text("De schoolleiding heeft nog niet geantwoord op: %(which)s. Wacht op het antwoord, of ga verder zonder en schrijf op waarom.", "The school leader has not answered yet: %(which)s. Wait for the answer, or go on without it and write down why."),
        "not_owned": Text("Niemand doet dit nog: %(which)s.", "Nobody has taken this on yet: %(which)s."),
        "not_dated": Text("Spreek af wanneer dit klaar is: %(which)s.", "Agree by when this is done: %(which)s."),
        "hours_over": Text("Samen kost dit %(planned)s uur: %(short)s meer dan jullie afspraken. Vraag je schoolleider om die uren, of maak het kleiner.", "Together this costs %(planned)s hours: %(short)s more than you agreed. Ask your school leader for these hours, or make it smaller."),
        "hours_refused": Text("De schoolleiding geeft de %(short)s uur niet die jullie tekortkomen. Maak het kleiner.", "The school leader does not give the %(short)s hours that you lack. Make it smaller."),
        "not_observable": Text("Schrijf op waaraan jullie het merken: %(which)s.", "Write down how you will notice: %(which)s."),
        "too_few_carry": Text("Minstens de helft van jullie moet een actie doen of maatje zijn: %(needed)s mensen. Nu zijn het er %(have)s.", "At least half of you must do an action or be a buddy: %(needed)s people. Now it is %(have)s."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Open the round in which everybody decides about the whole board."""
        if turn.run.stage in objecting.DECIDING:
            objecting.enter(turn, None)

    def leave(self, turn: Turn) -> str:
        """Proposals need one proposal, the board must be whole, and consent decides."""
        stage = turn.run.stage
        if stage == "propose" and not deciding.author_ids(turn, CONSEQUENCE):
            raise Refused("no_consequences")
        if stage == "board":
            for obstacle in acts.obstacles(turn):
                raise obstacle
            return objecting.next_stage(turn, False, "consent")
        if stage in objecting.DECIDING:
            return objecting.leave(turn, "board", CLOSED.name)
        return super().leave(turn)

    def done_members(self, turn: Turn) -> set[int]:
        """Who has proposed, asked or advised, taken something on, or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "propose":
            return deciding.author_ids(turn, CONSEQUENCE)
        if stage == "advise":
            writers = {item.member_id for item in held(turn).of(CONSEQUENCE)}
            # Who wrote the only proposals has no colleague's to ask about.
            return {item.member_id for item in held(turn).of(ADVICE)} | (writers if len(writers) == 1 else set())
        if stage == "board":
            there = held(turn)
            return actions.holders(actions.cards(there)) | deciding.author_ids(turn, PASS)
        return objecting.heard(turn) if stage in objecting.DECIDING else set()

    def writer(self, turn: Turn) -> int | None:
        """Who wrote on the board last."""
        cards = held(turn).of(ACTION) if turn.run.stage == "board" else []
        return max(cards, key=lambda each: each.updated_at).member_id if cards else None

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; who has brought in nothing of their own has a second: to join a colleague."""
        stage = turn.run.stage
        if turn.participant is not None and stage == "board" and objections.asked(turn):
            return objecting.ASKED
        if turn.participant is None or stage not in _TASKS:
            return None
        if stage == "board" and any(each.member_id == turn.participant.id for each in held(turn).of(FREED)):
            return _ASKED_AGAIN
        if turn.participant.id not in self.done_members(turn):
            return _FIRST_CARD if stage == "board" and not held(turn).of(ACTION) else _TASKS[stage]
        if stage == "advise":
            proposals = held(turn).of(CONSEQUENCE)
            if not any(each.member_id == turn.participant.id for each in [*proposals, *held(turn).of(JOIN)]):
                return _JOIN
        return None

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """The proposals once revealed, and then what stands on the board."""
        if turn.run.stage == "propose":
            return ()
        if turn.run.stage == "advise":
            return [f"{item.body['if']} → {item.body['then']}" for item in held(turn).of(CONSEQUENCE)]
        return [item.body["what"] for item in held(turn).of(ACTION)]

    def for_leader(self, turn: Turn) -> shown.ForLeader:
        """What is asked of the leadership, and how many hours are lacking; no proposal and no action."""
        return shown.for_leader(turn)

    def outcome(self, turn: Turn) -> str | None:
        """The actions, a line each."""
        if not turn.run.closed_at:
            return None
        return "\n".join(item.body["what"] for item in held(turn).of(ACTION)) or None

    def summary(self, turn: Turn) -> shown.Shown:
        """One's own proposals while hidden; then all of them, and the board."""
        return shown.alone(turn) if turn.run.stage == "propose" else shown.revealed(turn)


_TASKS = {
    "propose": Task(Text("Schrijf één voorstel: als we …, dan zien we …", "Write one proposal: if we …, then we see …"), 3),
    "advise": Task(Text("Stel een vraag bij een voorstel van een collega.", "Ask a question about a colleague's proposal."), 3),
    "board": Task(Text("Kies een actie: doe hem zelf, of word maatje.", "Choose an action: do it yourself, or become a buddy."), 3),
    "consent": Task(Text("Geef antwoord: kunnen we hiermee aan de slag?", "Answer: can we get going with this?"), 2),
    objecting.NAME: objecting.TASK,
}  # fmt: skip
_JOIN = Task(Text("Sluit je aan bij een voorstel van een collega.", "Join a colleague's proposal."), 1)
_ASKED_AGAIN = Task(Text("Een actie die jij zou doen, is veranderd. Doe je hem nog?", "An action that you took on has been changed. Will you still do it?"), 1)  # fmt: skip
_FIRST_CARD = Task(Text("Maak van een voorstel een kleine actie.", "Turn a proposal into a small action."), 3)
