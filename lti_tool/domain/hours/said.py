"""The words of hours: what pages and exports call kinds and states."""

from collections.abc import Mapping

from lti_tool.domain.hours.known_entries import Entry
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.states import State
from lti_tool.models.hours_codes import Decision, Done, Kind, Review
from lti_tool.text import Text

KINDS: Mapping[Kind, Text] = {
    Kind.OWN: Text("eigen werk", "own work"),
    Kind.ELSEWHERE: Text("ergens anders", "elsewhere"),
    Kind.ATTENDED: Text("bijeenkomst", "session"),
    Kind.SUGGESTED: Text("voorstel bij een stap", "suggested by a step"),
}
LEARNING: Mapping[bool, Text] = {True: Text("leren", "learning"), False: Text("regelen", "arranging")}
STATES: Mapping[State, Text] = {
    State.KEPT: Text("bewaard, nog in geen pot", "kept, in no pot yet"),
    State.SENT: Text("wacht op goedkeuring", "waits for approval"),
    State.COUNTS: Text("telt mee", "counts"),
    State.QUERIED: Text("telt mee, er is een vraag", "counts, with a question"),
    State.DISPUTED: Text("telt mee, je bent het er niet mee eens", "counts, disputed"),
    State.RETURNED: Text("teruggestuurd", "returned"),
    State.REPLACED: Text("opnieuw ingestuurd", "sent again"),
    State.WITHDRAWN: Text("teruggenomen", "taken back"),
    State.CORRECTED: Text("verbeterd", "corrected"),
    State.CLAIMED: Text("telt mee; gevraagd is de rest mee te tellen", "counts; asked to count the rest too"),
}
UNDECIDED = Text("wachtte nog toen degene van wie het was, wegging", "still waited when whose it was was erased")
LATE = Text("niet verantwoord: de periode is afgesloten", "not accounted: the period is closed")
REVIEWS: Mapping[Review, Text] = {
    Review.BEFORE: Text(
        "Iemand keurt ze goed; dan pas tellen ze mee.", "Somebody approves them; only then they count."
    ),
    Review.AFTERWARDS: Text(
        "Ze tellen meteen mee; iemand kijkt ze na en kan ernaar vragen.",
        "They count at once; somebody looks at them afterwards and may ask.",
    ),
    Review.NONE: Text("Ze tellen meteen mee; niemand kijkt mee.", "They count at once; nobody looks at them."),
}
DECISIONS: Mapping[Decision, Text] = {
    Decision.OWN: Text(
        "Je kiest zelf waar je deze uren voor gebruikt.", "You choose yourself what you use these hours for."
    ),
    Decision.ASSIGNED: Text(
        "Voor wat wie goedkeurt van tevoren toewijst, zoals een studiedag.",
        "For what whoever approves assigns beforehand, such as a training day.",
    ),
    Decision.DEVELOPMENT: Text(
        "Ontwikkeltijd: tijd om je lessen en je vak te ontwikkelen.",
        "Development time: time to develop your lessons and your subject.",
    ),
    Decision.OTHER: Text("Hierover maakten jullie eigen afspraken.", "You made your own agreements about this."),
}
PER: Mapping[Per, Text] = {
    Per.ENTRY: Text("per keer", "each time"),
    Per.DAY: Text("per dag", "a day"),
    Per.PERIOD: Text("in de hele periode", "in the whole period"),
}
DONE: Mapping[Done, Text] = {
    Done.KEPT: Text("bewaard", "kept"),
    Done.SENT: Text("ingestuurd", "sent"),
    Done.COUNTED: Text("telt meteen mee", "counts at once"),
    Done.APPROVED: Text("goedgekeurd", "approved"),
    Done.RETURNED: Text("teruggestuurd", "returned"),
    Done.RESENT: Text("opnieuw ingestuurd", "sent again"),
    Done.QUERIED: Text("vraag gesteld", "asked"),
    Done.ANSWERED: Text("geantwoord", "answered"),
    Done.DISPUTED: Text("niet mee eens", "disputed"),
    Done.UPHELD: Text("zo gelaten", "left as it is"),
    Done.CORRECTED: Text("verbeterd", "corrected"),
    Done.CLAIMED: Text("gevraagd om mee te tellen wat nu past", "asked to count what fits now"),
    Done.WITHDRAWN: Text("teruggenomen", "taken back"),
}


def state(entry: Entry) -> Text:
    """What an entry is in; what still waits in a closed pot waits no longer."""
    if entry.person_id is None and entry.state == State.SENT and not entry.locked:
        return UNDECIDED
    if entry.locked and entry.state == State.CLAIMED:
        # Nobody can count more of it any more.
        return STATES[State.COUNTS]
    return LATE if entry.locked and entry.state == State.SENT else STATES[entry.state]
