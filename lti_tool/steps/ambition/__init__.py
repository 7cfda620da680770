"""Step 1, the collective ambition: ideas alone, responses, merging, equal dots, one text by a rotating pen, consent."""

from collections.abc import Sequence

from lti_tool.domain import Refused
from lti_tool.domain.cycle import CLOSED, Turn
from lti_tool.domain.mechanisms import agreeing, dots, late, merging, objections, pen, rounds, stakeholders
from lti_tool.domain.mechanisms.merging import IDEA
from lti_tool.domain.reading import deciding
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.domain.thread.flow import Flow
from lti_tool.steps import forms as common
from lti_tool.steps import noted, objecting, pulse
from lti_tool.steps.ambition import acts, forms, frames, shown
from lti_tool.steps.ambition.acts import AFTER_ALONE, RESPONSE, STAGES, UNDECIDED, held, proposal
from lti_tool.steps.ambition.restating import ANSWER, RESTATEMENT
from lti_tool.steps.base import Deed, NoteField, Step, Task
from lti_tool.text import Text


def _ideas(turn: Turn) -> Sequence[tuple[str, str]]:
    return [(str(item.id), item.body["text"][:80]) for item in held(turn).of(IDEA)]


_ANY = frozenset(stage.name for stage in STAGES)
_OF_IDEA = NoteField("idea", Text("Bij welk idee?", "To which idea?"), _ideas)


# What the community waits for in each stage: the words for one, and for more.
_WAITING = {
    "ideas": (Text("heeft een idee geschreven", "has written an idea"), Text("hebben een idee geschreven", "have written an idea")),
    "respond": (Text("heeft op een collega gereageerd", "has responded to a colleague"), Text("hebben op een collega gereageerd", "have responded to a colleague")),
    "pairs": (Text("heeft samengevoegd of laten staan", "has merged or left them as they are"), Text("hebben samengevoegd of laten staan", "have merged or left them as they are")),
    "fours": (Text("heeft samengevoegd of laten staan", "has merged or left them as they are"), Text("hebben samengevoegd of laten staan", "have merged or left them as they are")),
    "dots": (Text("heeft stippen verdeeld of gepast", "has placed dots or passed"), Text("hebben stippen verdeeld of gepast", "have placed dots or passed")),
    "consent": (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered")),
    **objecting.WAITS,
}  # fmt: skip


class Ambition(Step):
    """Everybody's ideas become one text that nobody objects to."""

    name = "ambition"
    position = 1
    title = Text("Ambitie", "Ambition")
    question = Text(
        "Wat willen we bereiken? Wat willen we leren?", "What do we want to achieve? What do we want to learn?"
    )
    purpose = Text(
        "Samen kiezen we één ambitie die leerlingen gaan merken en die van ons allemaal is.",
        "Together we choose one ambition that pupils will notice and that belongs to all of us.",
    )
    asks = (
        Text(
            "Schrijf in drie minuten een idee op. Niemand leest mee.",
            "Write down an idea in three minutes. Nobody reads along.",
        ),
        Text("Lees de ideeën van je collega's en reageer op één.", "Read your colleagues' ideas and respond to one."),
        Text("Verdeel drie stippen en beslis mee over de tekst.", "Place three dots and help decide on the text."),
    )
    empty = Text(
        "Nog geen ideeën. Jouw idee blijft verborgen tot iedereen heeft kunnen schrijven.",
        "No ideas yet. Yours stays hidden until everyone has had the chance to write.",
    )
    prompt = Text(
        "Wat gun je onze leerlingen dat nu nog niet lukt?", "What do you wish for our pupils that isn't working yet?"
    )
    reopens_at = "draft"
    outcome_title = Text("Onze ambitie", "Our ambition")
    outcome_for = readers(Thing.ADOPTED)
    inherits = dict.fromkeys(("result", "lessons", "actions", "points", "questions"))
    waits = _WAITING
    asks_pulse = True
    keeps = {
        Flow.IDEA: Thing.HIDDEN_INPUT,
        Flow.MERGED: Thing.RESPONSE,
        Flow.PEN: Thing.PEN,
        pen.NOT_ME: Thing.NOD,
        Flow.AMBITION: Thing.DRAFT_TEXT,
        Flow.VOICE: Thing.OUTSIDE_VOICE,
        RESPONSE: Thing.RESPONSE,
        agreeing.KIND: Thing.RESPONSE,
        RESTATEMENT: Thing.RESTATEMENT,
        ANSWER: Thing.RESTATEMENT,
        merging.GROUP: Thing.GROUP,
        merging.APART: Thing.RESPONSE,
        stakeholders.NO_VOICE: Thing.DRAFT_TEXT,
        frames.KIND: Thing.FRAME,
        late.KIND: Thing.LATE,
        **objecting.KEEPS,
        **pulse.KEEPS,
    }
    becomes = {Flow.AMBITION: Thing.ADOPTED}
    stages = STAGES
    deeds = (
        Deed("idea", forms.IdeaForm, frozenset({"ideas", "respond"}), acts.save_idea, Text("Je idee is bewaard.", "Your idea has been saved."), drafts=True, noted=(
            NoteField("text", Text("Over een jaar merken leerlingen dat …", "In a year our pupils notice that …")),
            NoteField("why", Text("Waarom?", "Why?")))),
        Deed("withdraw", common.WhichForm, frozenset({"ideas"}), acts.withdraw_idea, Text("Je idee is teruggenomen.", "Your idea has been taken back.")),
        Deed("respond", forms.ResponseForm, AFTER_ALONE, acts.respond, Text("Je reactie staat erbij.", "Your response has been added."), drafts=True, noted=(
            _OF_IDEA, NoteField("text", Text("Wat zei je erover?", "What did you say about it?")))),
        Deed("agree", common.WhichForm, AFTER_ALONE, acts.agree, Text("Je bent het ermee eens. Dat telt mee.", "You agree with it. That counts.")),
        Deed("restate", forms.ResponseForm, AFTER_ALONE, acts.restate, Text("Je collega laat weten of het klopt.", "Your colleague will say whether it is right."), drafts=True),
        Deed("confirm", forms.ConfirmForm, AFTER_ALONE | {CLOSED.name}, acts.confirm, Text("Je collega weet het nu.", "Your colleague knows now."), drafts=True),
        Deed("merge", forms.MergeForm, frozenset({"pairs", "fours"}), acts.merge, Text("Jullie zin staat erbij.", "Your sentence has been added."), drafts=True),
        Deed("let_in", forms.LetInForm, frozenset({"pairs", "fours"}), acts.let_in, Text("Jullie idee hoort er nu bij.", "Your idea is part of it now.")),
        Deed("keep_out", forms.LetInForm, frozenset({"pairs", "fours"}), acts.keep_out, Text("Jullie idee staat op zichzelf.", "Your idea stands by itself.")),
        Deed("take_apart", common.WhichForm, frozenset({"pairs", "fours"}), acts.take_apart, Text("De ideeën staan weer los.", "The ideas stand apart again.")),
        Deed("keep_apart", common.NothingForm, frozenset({"pairs", "fours"}), acts.keep_apart, Text("Jullie laten ze staan zoals ze zijn.", "You leave them as they are.")),
        Deed("dots", common.DotsForm, frozenset({"dots"}), acts.lay_dots, Text("Je stippen zijn bewaard.", "Your dots are saved."), drafts=True, noted=noted.laid(lambda turn: noted.briefly(merging.candidates(held(turn))))),
        Deed("leave_dots", common.NothingForm, frozenset({"dots"}), acts.leave_dots, Text("Je laat het aan de anderen. Dat telt mee.", "You leave it to the others. That counts.")),
        Deed("take_pen", common.NothingForm, frozenset({"draft"}), acts.take_pen, Text("Gelukt: alleen jij kunt er nu in schrijven.", "Done: only you can write in it now.")),
        Deed("hand_on_pen", common.NothingForm, frozenset({"draft"}), acts.hand_on_pen, Text("De pen ligt klaar voor een ander.", "The pen is there for somebody else.")),
        Deed("not_me", common.NothingForm, frozenset({"draft"}), acts.not_me, Text("Goed. Zegt iedereen dat, dan schrijft de vorige verder.", "Fine. If everybody says so, whoever had it goes on writing.")),
        Deed("propose", forms.ProposalForm, frozenset({"draft"}), acts.propose, Text("De tekst is bewaard.", "The text has been saved."), drafts=True),
        *objecting.deeds("draft", acts.changed),
        Deed("voice", forms.VoiceForm, AFTER_ALONE, acts.take_on_voice, Text("Fijn, jij vraagt het.", "Good, you will ask."), drafts=True),
        Deed("drop_voice", common.WhichForm, UNDECIDED, acts.drop_voice, Text("Je hebt het teruggenomen.", "You have taken it back.")),
        Deed("no_voice", common.NoVoiceForm, UNDECIDED, acts.ask_nobody, Text("De reden staat erbij.", "The reason has been added."), drafts=True),
        Deed("consent", common.ConsentForm, frozenset({"consent"}), acts.answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True, noted=noted.CONSENT),
        Deed("late", common.ConsentForm, frozenset({CLOSED.name}), acts.answer_late, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
        *pulse.DEEDS,
    )  # fmt: skip
    leader_deeds = (
        Deed("frame", forms.FrameForm, _ANY, acts.give_frame, Text("Je kader staat erbij.", "Your frame has been added.")),
        Deed("no_frame", common.NothingForm, _ANY, acts.take_frame_back, Text("Je kader is teruggenomen.", "Your frame has been taken back.")),
    )  # fmt: skip
    sentences = {
        "horizon_wrong": Text("Kies een dag die nog komt, hoogstens een schooljaar vooruit.", "Choose a day that is still to come, at most a school year ahead."),
        "hours_wrong": Text("Vul hele uren in, van 1 tot 2000.", "Enter whole hours, from 1 to 2000."),
        "no_ideas": Text("Er is nog geen idee om te tonen.", "There is no idea to reveal yet."),
        "restated_already": Text("Dit idee heb je al naverteld. Je collega laat weten of het klopt.", "You have restated this idea already. Your colleague will say whether it is right."),
        "no_text": Text("Schrijf eerst een tekst om over te beslissen.", "Write a text to decide on first."),
        "text_incomplete": Text("Vul nog in: %(lacking)s.", "Still to fill in: %(lacking)s."),
        "checks_open": Text("Beantwoord samen alle vijf de vragen van de check.", "Answer all five questions together."),
        "not_visible": Text("Schrijf de ambitie zo dat leerlingen er iets van merken.", "Write the ambition so that pupils will notice something of it."),
        "not_ours": Text("Hier kunnen jullie zelf niets aan doen. Schrijf op wat jullie er in je eigen lessen aan kunnen doen.", "You cannot do this yourselves. Write what you can do about it in your own lessons."),
        "not_to_be_seen": Text("Zo is niet te zien of te horen of het lukt. Schrijf op wat een leerling dan doet of zegt.", "Like this nobody can see or hear whether it works. Write what a pupil will do or say then."),
        "whys_missing": Text("Kies uit wiens woorden jullie gezamenlijke waarom is gemaakt: kies er minstens twee, als die er zijn.", "Choose whose words your shared why is made of: two at least, where there are two."),
        "too_big": Text("Dit is nog te groot. Knip het in twee of drie deeldoelen, of maak het kleiner.", "This is still too big. Split it into two or three sub-goals, or make it smaller."),
        "frame_not_leader": Text("Alleen de schoolleiding geeft een kader.", "Only a school leader gives a frame."),
    }  # fmt: skip

    def enter(self, turn: Turn) -> None:
        """Settle the groups, or open the round, that a stage needs."""
        stage = turn.run.stage
        if stage in ("pairs", "fours"):
            merging.settle(turn, 2 if stage == "pairs" else 4)
        elif stage == "dots":
            rounds.open_round(turn, dots.KIND)
        elif stage in objecting.DECIDING:
            objecting.enter(turn, proposal(turn))

    def leave(self, turn: Turn) -> str:
        """Ideas need one idea, merging needs people and ideas, the text must be whole, and consent decides."""
        stage = turn.run.stage
        if stage == "ideas" and not deciding.author_ids(turn, IDEA):
            raise Refused("no_ideas")
        if stage in ("pairs", "fours"):
            merging.join(turn, held(turn))
        if stage in ("respond", "pairs"):
            return self._merging_next(turn, stage)
        if stage == "dots":
            dots.close(turn)
        if stage == "draft":
            text = proposal(turn)
            if text is None:
                raise Refused("no_text")
            for obstacle in shown.obstacles(turn, held(turn), text):
                raise obstacle
            return objecting.next_stage(turn, acts.changed(turn), "consent")
        if stage in objecting.DECIDING:
            return objecting.leave(turn, "draft", CLOSED.name)
        return super().leave(turn)

    def _merging_next(self, turn: Turn, stage: str) -> str:
        """Pairs where three are there, fours where five are; with too little to merge neither."""
        people, standing = len(turn.present_ids), len(merging.candidates(held(turn)))
        if stage == "respond":
            return "pairs" if people >= 3 and standing >= 2 else "dots"
        return "fours" if people >= 5 and standing >= 3 else "dots"

    def done_members(self, turn: Turn) -> set[int]:
        """Who has written, responded, merged, laid dots or answered, whichever the stage asks."""
        return turn.once("done", lambda: self._done_members(turn))

    def _done_members(self, turn: Turn) -> set[int]:
        stage = turn.run.stage
        if stage == "ideas":
            return deciding.author_ids(turn, IDEA)
        if stage == "respond":
            writers = {item.member_id for item in held(turn).of(IDEA)}
            # Who wrote the only ideas has no colleague's to respond to.
            done = {item.member_id for item in deciding.gather(turn).of(RESPONSE, RESTATEMENT, agreeing.KIND)}
            return done | (writers if len(writers) == 1 else set())
        if stage in ("pairs", "fours"):
            return merging.done(turn, held(turn))
        if stage == "dots":
            return dots.voter_ids(turn, rounds.open_one(turn, dots.KIND))
        return objecting.heard(turn) if stage in objecting.DECIDING else set()

    def own_members(self, turn: Turn) -> set[int]:
        """In pairs and fours, who said it for a group."""
        return merging.senders(turn, held(turn)) if turn.run.stage in ("pairs", "fours") else self.done_members(turn)

    def writer(self, turn: Turn) -> int | None:
        """Who wrote the text as it stands."""
        text = proposal(turn) if turn.run.stage == "draft" else None
        return text.member_id if text else None

    def task(self, turn: Turn) -> Task | None:
        """Each stage has one task; it is gone once done."""
        stage = turn.run.stage
        if turn.participant is not None and stage == "draft":
            return objecting.ASKED if objections.asked(turn) else self._with_the_pen(turn)
        if turn.participant is None or stage not in _TASKS:
            return None
        return None if turn.participant.id in self.done_members(turn) else _TASKS[stage]

    def _with_the_pen(self, turn: Turn) -> Task | None:
        """To write on, or to take a pen that nobody holds while there is no text yet."""
        pens = held(turn).written(pen.KIND)
        holder = pen.holder(turn, pens)
        if holder is not None:
            return _WRITE if turn.participant and holder.member_id == turn.participant.id else None
        return _TAKE if proposal(turn) is None and pen.may_take(turn, pens) else None

    def outcome(self, turn: Turn) -> str | None:
        """The adopted ambition."""
        text = proposal(turn) if turn.run.closed_at else None
        return text.body["text"] if text else None

    def spotlight(self, turn: Turn) -> Sequence[str]:
        """What stands, once revealed; then the text."""
        if turn.run.stage == "ideas":
            return ()
        text = proposal(turn)
        if text is not None:
            return [text.body["text"]]
        return [f"… {each.text}" for each in shown.candidates(turn)]

    def for_leader(self, turn: Turn) -> shown.ForLeader:
        """The leader's own frame, and nothing of the community's."""
        return shown.for_leader(turn)

    def summary(self, turn: Turn) -> shown.Shown:
        """One's own ideas while hidden; then what the stage has opened, nameless unless the community chose names."""
        return shown.alone(turn) if turn.run.stage == "ideas" else shown.revealed(turn)


_WRITE = Task(Text("Jij hebt de pen. Schrijf verder.", "You hold the pen. Write on."), 5)
_TAKE = Task(Text("De pen is vrij: wie schrijft?", "The pen is free: who writes?"), 5)
_TASKS = {
    "ideas": Task(Text("Schrijf je idee voor onze ambitie.", "Write your idea for our ambition."), 3),
    "respond": Task(Text("Reageer op een idee van een collega.", "Respond to a colleague's idea."), 3),
    "pairs": Task(Text("Kijk samen welke ideeën bij elkaar horen.", "Look together which ideas belong together."), 5),
    "fours": Task(Text("Kijk met zijn vieren welke zinnen samen kunnen.", "Look with four which sentences can go together."), 5),
    "dots": Task(Text("Verdeel je drie stippen.", "Place your three dots."), 2),
    "consent": Task(Text("Geef antwoord: kunnen we hiermee aan de slag?", "Answer: can we get going with this?"), 2),
    objecting.NAME: objecting.TASK,
}  # fmt: skip
