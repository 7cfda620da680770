"""Who outside the community sees this differently, who asks them, and when. Nobody is assigned: one takes it on."""

import datetime as dt
from typing import Any

from lti_tool.domain import Refused, contributions
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.text import Text

VOICE, NO_VOICE = "stakeholder", "no_voice"
MOST = 5  # that one person takes on

GROUPS = {
    "pupils": Text("leerlingen", "pupils"),
    "parents": Text("ouders", "parents"),
    "employers": Text("werkgevers en stagebedrijven", "employers and internships"),
    "support": Text("ondersteunend personeel", "support staff"),
    "research": Text("onderzoek", "research"),
    "other": Text("iemand anders", "somebody else"),
}


def take_on(turn: Turn, group: str, question: str, day: dt.date, name: str) -> None:
    """Take it on oneself to ask somebody outside."""
    own = contributions.mine(turn, VOICE)
    contributions.refuse_blank_or_double(question, (each.body["question"] for each in own))
    if len(own) >= MOST:
        raise Refused(
            "enough_voices",
            Text("Je vraagt er al vijf. Laat een ander ook iets doen.", "You ask five already. Leave some to others."),
        )
    body = {"group": group, "question": question, "date": day.isoformat(), "name": name}
    contributions.add(turn, VOICE, body)


def drop(turn: Turn, voice_id: int) -> None:
    """Take back what one took on."""
    contributions.withdraw(turn, contributions.get_mine(turn, VOICE, voice_id))


def ask_nobody(turn: Turn, reason: str, version: int) -> None:
    """Say for the community why nobody outside is asked, or say it better."""
    contributions.refuse_blank_or_double(reason, ())
    found = contributions.of_kind(turn, NO_VOICE)
    if found:
        contributions.revise(turn, found[-1], {"reason": reason}, version)
    elif version:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, NO_VOICE, {"reason": reason})


def obstacles(held: Gathered) -> list[Refused]:
    """Why a decision cannot be asked yet: nobody outside is asked, and no reason is given."""
    if held.of(VOICE) or held.of(NO_VOICE):
        return []
    words = Text(
        "Spreek af wie buiten jullie groep je ernaar vraagt, of schrijf op waarom niemand.",
        "Agree on whom outside your group you ask about this, or write down why nobody.",
    )
    return [Refused("no_outside_voice", words)]


def shown(held: Gathered, turn: Turn, names: Any) -> list[dict[str, Any]]:
    """Who is asked what, by whom and when: soonest first."""
    me = turn.member.id if turn.member else None
    found = [
        {
            "id": item.id,
            "group": GROUPS[item.body["group"]],
            "question": item.body["question"],
            "day": dt.date.fromisoformat(item.body["date"]),
            "name": item.body["name"],
            "asks": names(turn, item.member_id),
            "mine": item.member_id == me,
        }
        for item in held.of(VOICE)
    ]
    return sorted(found, key=lambda each: (each["day"], each["id"]))
