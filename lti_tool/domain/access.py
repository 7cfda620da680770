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
}


def may_see(viewer: frozenset[Audience], thing: Seen) -> bool:
    """Whether one of the viewer's audiences is among those the thing is for."""
    return bool(viewer & WHO_SEES[thing][0])
