"""The only answers to "may X see or do Y".

Two tables: what each role in the community is (`audiences`), and who sees what (`WHO_SEES`). The LMS
role gives no power here; it only tells who is asked what they want to be.
"""

from enum import StrEnum

from lti_tool.models import Member
from lti_tool.text import Text


class Audience(StrEnum):
    """What somebody is, for one community."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    LEADER = "leader"
    ASKED = "asked"
    ADMINISTRATOR = "administrator"
    GUEST = "guest"


COMMUNITY = frozenset({Audience.MEMBER, Audience.FACILITATOR})
FOLLOWERS = COMMUNITY | {Audience.LEADER}
EVERYBODY = frozenset(Audience)


def audiences(member: Member | None, administrator: bool) -> frozenset[Audience]:
    """All that somebody is at once: a facilitator who takes part is a member too."""
    found = set()
    if member is not None:
        if member.standing == "member":
            found.add(Audience.MEMBER)
        if member.standing == "leader":
            found.add(Audience.LEADER)
        if member.standing == "asked":
            found.add(Audience.ASKED)
        # A leader stays outside, whatever else is noted of them.
        if member.facilitates and member.standing != "leader":
            found.add(Audience.FACILITATOR)
    if administrator:
        found.add(Audience.ADMINISTRATOR)
    return frozenset(found or {Audience.GUEST})


class Seen(StrEnum):
    """Things on pages of which one may ask: who sees this?"""

    HIDDEN_INPUT = "hidden_input"
    RESPONSE = "response"
    DOTS = "dots"
    DRAFT_TEXT = "draft_text"
    CONSENT = "consent"
    ADOPTED = "adopted"
    OWN_MOMENTS = "own_moments"
    INVITATIONS = "invitations"
    GRADES = "grades"
    RESTATEMENT = "restatement"
    OUTSIDE_VOICE = "outside_voice"
    PLAN = "plan"
    PEN = "pen"
    FRAME = "frame"
    EVIDENCE = "evidence"
    FILE = "file"
    NOTE = "note"
    JOURNAL = "journal"
    ASK_ME = "ask_me"
    AGREEMENT = "agreement"
    CONDITIONS = "conditions"
    REOPENING = "reopening"
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
    YIELD = "yield"
    THREAD = "thread"
    INFLUENCE = "influence"
    SHARED_YIELD = "shared_yield"


# Who sees what, in the words of the page. Each line stands beside its field, and the code that
# shows the thing asks for the audience it names here.
WHO_SEES: dict[Seen, tuple[frozenset[Audience], Text]] = {
    Seen.HIDDEN_INPUT: (
        frozenset(),
        Text(
            "Niemand, tot iedereen heeft kunnen schrijven. Ook de begeleider niet. Daarna lezen jullie het zonder"
            " naam.",
            "Nobody, until everyone has had the chance to write. Not the facilitator either. Then you all read it"
            " without a name.",
        ),
    ),
    Seen.RESPONSE: (
        COMMUNITY,
        Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name."),
    ),
    Seen.DOTS: (
        frozenset(),
        Text(
            "Niemand. Als de ronde sluit, zien jullie alleen de optelsom.",
            "Nobody. When the round closes, you all see the totals only.",
        ),
    ),
    Seen.DRAFT_TEXT: (
        COMMUNITY,
        Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name."),
    ),
    Seen.CONSENT: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap, als de ronde sluit: hoe vaak welk antwoord, en zorgen en bezwaren zonder naam.",
            "Your community, when the round closes: how often each answer, and concerns and objections without a name.",
        ),
    ),
    Seen.ADOPTED: (
        FOLLOWERS,
        Text("Jullie gemeenschap en je schoolleider.", "Your community and your school leader."),
    ),
    Seen.OWN_MOMENTS: (
        frozenset({Audience.MEMBER}),
        Text(
            "Jij. In het cijferoverzicht ook wie daar cijfers mag zien.",
            "You. In the gradebook also those who may see grades there.",
        ),
    ),
    Seen.INVITATIONS: (
        frozenset({Audience.FACILITATOR}),
        Text(
            "De begeleider, alleen voor de stap die nu open is.",
            "The facilitator, only for the step that is open now.",
        ),
    ),
    Seen.GRADES: (
        frozenset(),
        Text(
            "Iedereen die in deze cursus cijfers mag zien, ziet deze kolommen per persoon.",
            "Everyone who may see grades in this course sees these columns, person by person.",
        ),
    ),
    Seen.RESTATEMENT: (
        frozenset(),
        Text(
            "De collega van wie het idee is. Die zegt of het klopt; daarna zien jullie alleen het aantal.",
            "The colleague whose idea it is, who says whether it is right; then you all see the number only.",
        ),
    ),
    Seen.OUTSIDE_VOICE: (
        COMMUNITY,
        Text("Jullie gemeenschap, met de naam van wie het vraagt.", "Your community, with the name of who will ask."),
    ),
    Seen.PLAN: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap, met de naam van wie het uitzoekt.", "Your community, with the name of who finds out."
        ),
    ),
    Seen.PEN: (
        COMMUNITY,
        Text("Jullie gemeenschap ziet wie de pen heeft.", "Your community sees who holds the pen."),
    ),
    Seen.FRAME: (
        FOLLOWERS,
        Text(
            "De gemeenschap, met erbij dat het een kader van de schoolleiding is.",
            "The community, marked as a frame from the school's leadership.",
        ),
    ),
    Seen.EVIDENCE: (COMMUNITY, Text("Jullie gemeenschap, zonder je naam.", "Your community, without your name.")),
    Seen.FILE: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap, net als de tekst erbij. De naam van het bestand ook.",
            "Your community, like the text beside it. The name of the file too.",
        ),
    ),
    Seen.NOTE: (
        frozenset(),
        Text(
            "Wie het opschreef en degene die het zei. Het telt pas als die zegt dat het klopt.",
            "Who wrote it down and who said it. It counts only once that person says it is right.",
        ),
    ),
    Seen.JOURNAL: (
        frozenset(),
        Text(
            "Alleen jij. Ook de begeleider en de schoolleiding niet, en het staat in geen export behalve die van jou.",
            "Only you. Not the facilitator, not the school's leadership, and it is in no export but your own.",
        ),
    ),
    Seen.ASK_ME: (COMMUNITY, Text("Jullie gemeenschap, bij je naam.", "Your community, beside your name.")),
    Seen.AGREEMENT: (
        COMMUNITY,
        Text("Jullie gemeenschap, zonder de naam van de schrijver.", "Your community, without the writer's name."),
    ),
    Seen.CONDITIONS: (
        frozenset(),
        Text(
            "Niemand ziet jouw antwoorden. Als jullie de check sluiten, zien jullie alleen de optelsom, vanaf vijf"
            " antwoorden.",
            "Nobody sees your answers. When you all close the check you see the totals only, from five answers on.",
        ),
    ),
    Seen.REOPENING: (COMMUNITY, Text("Jullie gemeenschap.", "Your community.")),
    Seen.OWNER: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap, met de naam van wie iets doet en wie maatje is.",
            "Your community, with the name of who does something and who is a buddy.",
        ),
    ),
    Seen.REQUEST: (
        FOLLOWERS,
        Text(
            "Jullie gemeenschap en je schoolleider, als vraag van jullie samen: zonder je naam.",
            "Your community and your school leader, as a request of you all: without your name.",
        ),
    ),
    Seen.REPLY: (
        FOLLOWERS,
        Text(
            "De gemeenschap, als antwoord van de schoolleiding.",
            "The community, as the answer of the school's leadership.",
        ),
    ),
    Seen.SHORTAGE: (
        FOLLOWERS,
        Text(
            "Jullie gemeenschap. Je schoolleider ziet alleen hoeveel uur jullie samen tekortkomen.",
            "Your community. Your school leader sees only how many hours you are short together.",
        ),
    ),
    Seen.LOG: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap, zonder je naam. Bij je eigen actie raden ze misschien dat jij het was.",
            "Your community, without your name. With your own action they may guess that it was you.",
        ),
    ),
    Seen.SAY: (
        frozenset(),
        Text(
            "Niemand. Als de ronde sluit, zien jullie per actie alleen hoe vaak wat gekozen is.",
            "Nobody. When the round closes, you all see only how often each was chosen, for each action.",
        ),
    ),
    Seen.RESULT: (COMMUNITY, Text("Jullie gemeenschap, bij de actie.", "Your community, beside the action.")),
    Seen.SURVEY: (
        frozenset(),
        Text(
            "Niemand ziet jouw antwoorden, ook de begeleider niet. De leden zien één keer de optelsom, vanaf vijf"
            " antwoorden. Dertig dagen na deze cyclus worden de antwoorden gewist.",
            "Nobody sees your answers, the facilitator neither. The members see the totals once, from five answers"
            " on. Thirty days after this cycle the answers are deleted.",
        ),
    ),
    Seen.PULSE: (
        frozenset(),
        Text(
            "Niemand ziet jouw antwoorden. De leden zien één keer de optelsom, vanaf vijf antwoorden.",
            "Nobody sees your answers. The members see the totals once, from five answers on.",
        ),
    ),
    Seen.TOTALS: (
        frozenset({Audience.MEMBER}),
        Text(
            "De leden van jullie gemeenschap. Een begeleider van buiten en de schoolleiding niet.",
            "The members of your community. Not a facilitator from outside, nor the school's leadership.",
        ),
    ),
    Seen.ENDORSEMENT: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap: hoeveel mensen erachter staan, en wat er nog mist, zonder je naam.",
            "Your community: how many people stand behind it, and what is still missing, without your name.",
        ),
    ),
    Seen.YIELD: (COMMUNITY, Text("Jullie gemeenschap.", "Your community.")),
    Seen.THREAD: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap. Alleen wie een actie op zich nam, staat er met naam bij.",
            "Your community. Only who took an action on is named.",
        ),
    ),
    Seen.INFLUENCE: (
        COMMUNITY,
        Text(
            "Jullie gemeenschap: hoeveel mensen, nooit wie en nooit hoeveel per persoon.",
            "Your community: how many people, never who and never how much of each.",
        ),
    ),
    Seen.SHARED_YIELD: (
        FOLLOWERS,
        Text(
            "Wie in de gemeenschap zit waarmee jullie delen, en je schoolleider: de tekst, de naam van jullie"
            " gemeenschap en de cyclus. Geen namen van mensen.",
            "Those in the community you share with, and your school leader: the text, the name of your community and"
            " the cycle. No names of people.",
        ),
    ),
}

# The same, where the community chose to show who wrote what in a step.
WHO_SEES_NAMED: dict[Seen, Text] = {
    Seen.HIDDEN_INPUT: Text(
        "Niemand, tot iedereen heeft kunnen schrijven. Ook de begeleider niet. Daarna lezen jullie het met je naam"
        " erbij, want dat kozen jullie voor deze stap.",
        "Nobody, until everyone has had the chance to write. Not the facilitator either. Then you all read it with"
        " your name, because that is what you chose for this step.",
    ),
    Seen.RESPONSE: Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name."),
    Seen.DRAFT_TEXT: Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name."),
    Seen.EVIDENCE: Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name."),
    Seen.LOG: Text("Jullie gemeenschap, met je naam erbij.", "Your community, with your name."),
}


def who_sees(thing: Seen, named: bool = False) -> Text:
    """The words beside a field."""
    return WHO_SEES_NAMED[thing] if named and thing in WHO_SEES_NAMED else WHO_SEES[thing][1]


def may_see(viewer: frozenset[Audience], thing: Seen) -> bool:
    """Whether one of the viewer's audiences is among those the thing is for."""
    return bool(viewer & WHO_SEES[thing][0])
