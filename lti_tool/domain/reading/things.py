"""Who may read what: one table. Code, the words beside a field, docs/who-sees-what.md and the tests all read it.

A thing is what somebody brings in, or what comes of it, as far as it has readers of its own. What is said
with an answer is one thing, how often each answer was given another: each has one rule.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.domain import Refused
from lti_tool.domain.community.access import COMMUNITY, FOLLOWERS, Audience
from lti_tool.models import RoundKind
from lti_tool.text import Text


class Phase(StrEnum):
    """The rhythm all steps share: write alone and hidden, respond once revealed, decide, closed."""

    ALONE = "alone"
    RESPOND = "respond"
    DECIDE = "decide"
    CLOSED = "closed"


class Until(StrEnum):
    """How long a thing is its owner's alone."""

    AT_ONCE = "at once"  # no longer than it is being written
    ALONE = "alone"  # while all still write alone
    ROUND = "round"  # until the round has closed in which it was said
    ALWAYS = "always"


class Form(StrEnum):
    """In which form others get it."""

    PIECES = "pieces"
    TOTALS = "totals"
    COUNT = "count"  # a number, mostly of people
    NOTHING = "nothing"


class Thing(StrEnum):
    """Things of which one may ask: who reads this?"""

    HIDDEN_INPUT = "hidden_input"
    RESPONSE = "response"
    DOTS = "dots"
    DRAFT_TEXT = "draft_text"
    CONSENT = "consent"
    REASON = "reason"
    HARM = "harm"
    MINORITY = "minority"
    LATE = "late"
    ADOPTED = "adopted"
    OWN_MOMENTS = "own_moments"
    INVITATIONS = "invitations"
    RESTATEMENT = "restatement"
    GROUP = "group"
    OUTSIDE_VOICE = "outside_voice"
    PLAN = "plan"
    PEN = "pen"
    FRAME = "frame"
    EVIDENCE = "evidence"
    FILE = "file"
    NOTE = "note"
    DRAFT = "draft"
    JOURNAL = "journal"
    HOURS = "hours"
    ATTENDANCE = "attendance"
    FACTOR = "factor"
    HOURS_FIGURE = "hours_figure"
    ASK_ME = "ask_me"
    AGREEMENT = "agreement"
    CONDITIONS = "conditions"
    CHECKED = "checked"
    REOPENING = "reopening"
    NOD = "nod"
    OWNER = "owner"
    REQUEST = "request"
    REPLY = "reply"
    SHORTAGE = "shortage"
    LOG = "log"
    SAY = "say"
    RESULT = "result"
    SURVEY = "survey"
    PULSE = "pulse"
    TOTALS = "totals"
    ENDORSEMENT = "endorsement"
    MISSING = "missing"
    YIELD = "yield"
    THREAD = "thread"
    INFLUENCE = "influence"
    SHARED_YIELD = "shared_yield"
    STILL = "still"


@dataclass(frozen=True)
class Rule:
    """One line of the table. words: as they stand beside the field; words_named: where the step shows names.

    readers: who gets it, in this form, once it is not its owner's alone any more. between: it is also read by
    the one person it is said to. owned: False for what is the community's, whoever's name the row has.
    """

    until: Until
    readers: frozenset[Audience]
    form: Form
    words: Text
    words_named: Text | None = None
    between: bool = False
    owned: bool = True

    def __post_init__(self) -> None:
        if len({self.until == Until.ALWAYS, self.form == Form.NOTHING, not self.readers}) > 1:
            raise ValueError("what is its owner's alone for ever has no other readers, and nothing else has none")


@dataclass(frozen=True)
class Viewer:
    """Who reads: what they are in the community, and as which member; None for who is none, and for the clock."""

    audiences: frozenset[Audience]
    member_id: int | None


NOBODY: frozenset[Audience] = frozenset()

RULES: dict[Thing, Rule] = {
    Thing.HIDDEN_INPUT: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Niemand, tot iedereen heeft kunnen schrijven. Ook de begeleider niet. Daarna lezen jullie het zonder naam.", "Nobody, until everyone has had the chance to write. Not the facilitator either. Then you all read it without a name."), Text("Niemand, tot iedereen heeft kunnen schrijven. Ook de begeleider niet. Daarna lezen jullie het met je naam erbij, want dat kozen jullie voor deze stap.", "Nobody, until everyone has had the chance to write. Not the facilitator either. Then you all read it with your name, because that is what you chose for this step.")),
    Thing.RESPONSE: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name."), Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name.")),
    Thing.DOTS: Rule(Until.ROUND, COMMUNITY, Form.TOTALS, Text("Niemand. Als de ronde sluit, zien jullie alleen de totalen.", "Nobody. When the round closes, you all see the totals only.")),
    Thing.DRAFT_TEXT: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name."), Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name.")),
    Thing.CONSENT: Rule(Until.ROUND, COMMUNITY, Form.TOTALS, Text("Jullie gemeenschap, als de ronde sluit: hoe vaak welk antwoord, en zorgen en bezwaren zonder naam.", "Your community, when the round closes: how often each answer, and concerns and objections without a name.")),
    Thing.REASON: Rule(Until.ROUND, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, als de ronde sluit, zonder je naam.", "Your community, when the round closes, without your name.")),
    Thing.HARM: Rule(Until.ROUND, COMMUNITY, Form.TOTALS, Text("Niemand. Als de ronde sluit, zien jullie alleen wat eruit kwam.", "Nobody. When the round closes, you all see only what came of it.")),
    Thing.MINORITY: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder je naam. Wordt de tekst toch aangenomen, dan blijft je bezwaar erbij staan.", "Your community, without your name. If the text is adopted all the same, your objection stays beside it.")),
    Thing.LATE: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap: hoeveel mensen het zeiden, en zorgen en bezwaren zonder naam.", "Your community: how many people said so, and concerns and objections without a name.")),
    Thing.ADOPTED: Rule(Until.ALONE, FOLLOWERS, Form.PIECES, Text("Jullie gemeenschap en je schoolleider.", "Your community and your school leader.")),
    Thing.OWN_MOMENTS: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Jij. In het cijferoverzicht ook wie daar cijfers mag zien.", "You. In the gradebook also those who may see grades there.")),
    Thing.INVITATIONS: Rule(Until.AT_ONCE, frozenset({Audience.FACILITATOR}), Form.PIECES, Text("Wie begeleidt, alleen voor de stap die nu open is.", "Whoever facilitates, only for the step that is open now.")),
    Thing.RESTATEMENT: Rule(Until.ALONE, COMMUNITY, Form.COUNT, Text("De collega van wie het idee is. Die zegt of het klopt; daarna zien jullie alleen het aantal.", "The colleague whose idea it is, who says whether it is right; then you all see the number only."), between=True),
    Thing.GROUP: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap ziet wie bij wie zit.", "Your community sees who sits with whom.")),
    Thing.OUTSIDE_VOICE: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, met de naam van wie het vraagt.", "Your community, with the name of who will ask.")),
    Thing.PLAN: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, met de naam van wie het uitzoekt.", "Your community, with the name of who finds out.")),
    Thing.PEN: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap ziet wie de pen heeft.", "Your community sees who holds the pen.")),
    Thing.FRAME: Rule(Until.AT_ONCE, FOLLOWERS, Form.PIECES, Text("De gemeenschap, met erbij dat het een kader van de schoolleiding is.", "The community, marked as a frame from the school's leadership.")),
    Thing.EVIDENCE: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name."), Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name.")),
    Thing.FILE: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, net als de tekst erbij. Hoe jij het bestand noemde, bewaren we niet.", "Your community, like the text beside it. What you called the file is not kept.")),
    Thing.NOTE: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Wie het opschreef en degene die het zei. Het telt pas als die zegt dat het klopt.", "Who wrote it down and who said it. It counts only once that person says it is right."), between=True),
    Thing.DRAFT: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Alleen jij, tot je het verstuurt.", "Only you, until you send it.")),
    Thing.JOURNAL: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Alleen jij. Ook de begeleider en de schoolleiding niet, en het staat in geen export behalve die van jou.", "Only you. Not the facilitator, not the school's leadership, and it is in no export but your own.")),
    Thing.HOURS: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Alleen jij, en wie de pot goedkeurt waar je ze bij instuurde. Verder niemand: ook niet wie begeleidt of leiding geeft, behalve in één getal van jullie samen. Staat je totaal in het cijferoverzicht, dan zegt Mijn uren dat erbij.", "Only you, and whoever approves the pot you sent them to. Nobody else: not who facilitates or leads either, but for one figure of you all together. Where your total is in the gradebook, My hours says so."), between=True),
    Thing.ATTENDANCE: Rule(Until.AT_ONCE, frozenset({Audience.FACILITATOR}), Form.PIECES, Text("Wie er was, ziet wie begeleidt; een begeleider van buiten alleen bij eigen bijeenkomsten, tot dertig dagen erna. Stuur je er uren van in, dan ook wie die pot goedkeurt. Collega's en schoolleiding niet.", "Who was there, whoever facilitates sees; a facilitator from outside only of their own sessions, until thirty days after. If you send hours of it, so does whoever approves that pot. Not colleagues, nor the school's leadership.")),
    Thing.FACTOR: Rule(Until.AT_ONCE, frozenset({Audience.FACILITATOR}), Form.PIECES, Text("Degene over wie het gaat, wie de potten maakt, en wie deze pot goedkeurt.", "Whom it is about, whoever makes the pots, and whoever approves this pot.")),
    Thing.HOURS_FIGURE: Rule(Until.AT_ONCE, frozenset({Audience.LEADER}), Form.COUNT, Text("De schoolleider die meekijkt: één getal per maand, van minstens vijf mensen samen, waaruit van niemand de uren te rekenen zijn.", "The school leader who follows: one figure a month, of at least five people together, from which nobody's hours can be computed."), owned=False),
    Thing.ASK_ME: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, bij je naam of nummer.", "Your community, beside your name or number.")),
    Thing.AGREEMENT: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder de naam van de schrijver.", "Your community, without the writer's name.")),
    Thing.CONDITIONS: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Niemand ziet jouw antwoorden. Als jullie de check sluiten, zien jullie alleen de totalen, vanaf vijf antwoorden. Dertig dagen nadat die zijn getoond, worden de antwoorden gewist; komt er geen, dan na een jaar.", "Nobody sees your answers. When you all close the check you see the totals only, from five answers on. Thirty days after that the answers are deleted; without any, after a year.")),
    Thing.CHECKED: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, als de check sluit.", "Your community, when the check closes."), owned=False),
    Thing.REOPENING: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap.", "Your community.")),
    Thing.NOD: Rule(Until.ALONE, COMMUNITY, Form.COUNT, Text("Jullie gemeenschap ziet hoeveel mensen gehoord zijn, niet wie.", "Your community sees how many people were heard, not who.")),
    Thing.OWNER: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, met de naam van wie iets doet en wie maatje is.", "Your community, with the name of who does something and who is a buddy.")),
    Thing.REQUEST: Rule(Until.ALONE, FOLLOWERS, Form.PIECES, Text("Jullie gemeenschap en je schoolleider, als vraag van jullie samen: zonder je naam.", "Your community and your school leader, as a request of you all: without your name.")),
    Thing.REPLY: Rule(Until.AT_ONCE, FOLLOWERS, Form.PIECES, Text("De gemeenschap, als antwoord van de schoolleiding.", "The community, as the answer of the school's leadership.")),
    Thing.SHORTAGE: Rule(Until.AT_ONCE, FOLLOWERS, Form.COUNT, Text("Jullie gemeenschap. Je schoolleider ziet alleen hoeveel uur jullie samen tekortkomen.", "Your community. Your school leader sees only how many hours you are short together.")),
    Thing.LOG: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, zonder je naam. Bij je eigen actie raden ze misschien dat jij het was.", "Your community, without your name. With your own action they may guess that it was you."), Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name.")),
    Thing.SAY: Rule(Until.ROUND, COMMUNITY, Form.TOTALS, Text("Niemand. Als de ronde sluit, zien jullie per actie alleen hoe vaak wat gekozen is.", "Nobody. When the round closes, you all see only how often each was chosen, for each action.")),
    Thing.RESULT: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, bij de actie.", "Your community, beside the action.")),
    Thing.SURVEY: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Niemand ziet jouw antwoorden, ook de begeleider niet. De leden zien één keer de totalen, vanaf vijf antwoorden. Dertig dagen nadat die zijn getoond, worden de antwoorden gewist; komt er geen, dan na een jaar.", "Nobody sees your answers, the facilitator neither. The members see the totals once, from five answers on. Thirty days after that the answers are deleted; without any, after a year.")),
    Thing.PULSE: Rule(Until.ALWAYS, NOBODY, Form.NOTHING, Text("Niemand ziet jouw antwoorden. De leden zien één keer de totalen, vanaf vijf antwoorden. Dertig dagen nadat die zijn getoond, worden de antwoorden gewist; komt er geen, dan na een jaar.", "Nobody sees your answers. The members see the totals once, from five answers on. Thirty days after that the answers are deleted; without any, after a year.")),
    Thing.TOTALS: Rule(Until.AT_ONCE, frozenset({Audience.MEMBER}), Form.PIECES, Text("De leden van jullie gemeenschap. Een begeleider van buiten en de schoolleiding niet.", "The members of your community. Not a facilitator from outside, nor the school's leadership."), owned=False),
    Thing.ENDORSEMENT: Rule(Until.ROUND, COMMUNITY, Form.COUNT, Text("Jullie gemeenschap: hoeveel mensen erachter staan, en wat er nog mist, zonder je naam.", "Your community: how many people stand behind it, and what is still missing, without your name.")),
    Thing.MISSING: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap, meteen, zonder je naam: zo kan de tekst beter worden.", "Your community, at once, without your name: so the text can become better.")),
    Thing.YIELD: Rule(Until.ALONE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap.", "Your community.")),
    Thing.THREAD: Rule(Until.AT_ONCE, COMMUNITY, Form.PIECES, Text("Jullie gemeenschap. Alleen wie een actie op zich nam, staat er met naam bij.", "Your community. Only who took an action on is named.")),
    Thing.INFLUENCE: Rule(Until.AT_ONCE, COMMUNITY, Form.COUNT, Text("Jullie gemeenschap: hoeveel mensen, nooit wie en nooit hoeveel per persoon.", "Your community: how many people, never who and never how much of each.")),
    Thing.STILL: Rule(Until.ALONE, COMMUNITY, Form.COUNT, Text("Jullie gemeenschap: hoeveel mensen antwoordden, en wat samen, nooit wie.", "Your community: how many people answered, and what all together, never who.")),
    Thing.SHARED_YIELD: Rule(Until.AT_ONCE, FOLLOWERS, Form.PIECES, Text("Wie in de gemeenschap zit waarmee jullie delen, en je schoolleider: de tekst, de naam van jullie gemeenschap en de cyclus. Geen namen van mensen.", "Those in the community you share with, and your school leader: the text, the name of your community and the cycle. No names of people.")),
}  # fmt: skip

# What is told in a round, by the round's kind: how often each answer was given, and what was said with it.
ROUNDS: dict[RoundKind, tuple[Thing, Thing | None]] = {
    RoundKind.DOTS: (Thing.DOTS, None),
    RoundKind.CONSENT: (Thing.CONSENT, Thing.REASON),
    RoundKind.OVERRULE: (Thing.HARM, None),
    RoundKind.ENDORSE: (Thing.ENDORSEMENT, Thing.MISSING),
    RoundKind.CHECK_IN: (Thing.SAY, None),
}


def who_sees(thing: Thing, named: bool = False) -> Text:
    """The words beside a field."""
    rule = RULES[thing]
    return rule.words_named if named and rule.words_named else rule.words


def readers(thing: Thing) -> frozenset[Audience]:
    """For whom a page is that shows this thing."""
    return RULES[thing].readers


def reads(
    viewer: Viewer,
    thing: Thing,
    owner: int | None = None,
    *,
    phase: Phase = Phase.CLOSED,
    round_open: bool = False,
    said_to: Collection[int] = (),
) -> bool:
    """Whether somebody may read a piece. phase: of its step; round_open: of its round; said_to: for whom it is."""
    rule = RULES[thing]
    me = viewer.member_id
    if rule.owned and me is not None and me == owner:
        return True
    if rule.between and me is not None and me in said_to:
        return True
    return rule.form == Form.PIECES and gets(viewer, thing, phase=phase, round_open=round_open)


def gets(viewer: Viewer, thing: Thing, *, phase: Phase = Phase.CLOSED, round_open: bool = False) -> bool:
    """Whether somebody gets others' things in the form that is theirs: the pieces, the totals, a number."""
    rule = RULES[thing]
    hidden = {
        Until.AT_ONCE: False,
        Until.ALONE: phase == Phase.ALONE,
        Until.ROUND: round_open,
        Until.ALWAYS: True,
    }[rule.until]
    return not hidden and bool(viewer.audiences & rule.readers)


def require(viewer: Viewer, thing: Thing, owner: int | None = None, *, round_open: bool = False) -> None:
    """Refused("not_yours_to_read") unless the viewer owns the thing, or gets it as others do."""
    mine = RULES[thing].owned and owner is not None and viewer.member_id == owner
    if not (mine or gets(viewer, thing, round_open=round_open)):
        raise Refused("not_yours_to_read")
