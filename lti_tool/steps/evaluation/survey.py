"""The survey of step 6: answered alone, read by nobody, its totals published once and its answers deleted in time.

Eleven sentences of our own (not a validated instrument) about what was reached and how it went, with the
pulse's three beside them.
"""

from collections.abc import Mapping

from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import contributions, pulse, totals
from lti_tool.domain.reading import gate
from lti_tool.text import Text

SURVEY = "survey"
PRODUCT = {
    "reached": Text("We hebben bereikt wat we afspraken.", "We achieved what we agreed."),
    "pupils": Text("Leerlingen merken het verschil.", "Pupils notice a difference."),
    "lasting": Text("Ik pak iets voortaan echt anders aan.", "I have changed something for good."),
    "others": Text("Collega's buiten onze groep hebben hier iets aan.", "Colleagues outside our group can use this."),
    "known": Text("We weten nu iets wat we eerst niet wisten.", "We now know something we didn't."),
}
PROCESS = {
    "influence": Text("Ik had echt invloed op onderwerp en ambitie.", "I had real influence on topic and ambition."),
    "understood": Text(
        "Ik begrijp hoe collega's kijken, ook waar we verschillen.",
        "I understand colleagues' views, also where we differ.",
    ),
    "outside": Text("We hebben mensen van buiten laten meekijken.", "We had people from outside look along."),
    "shared": Text(
        "Dit is van ons allemaal, niet van een paar mensen.", "This belongs to all of us, not to a few people."
    ),
    "honest": Text("Ik kon eerlijk zijn.", "I could be honest."),
    "support": Text("We hadden genoeg tijd en steun.", "We had enough time and support."),
}
ITEMS = {**PRODUCT, **PROCESS}


def answer(turn: Turn, numbers: Mapping[str, int], felt: Mapping[str, int]) -> None:
    """Answer the survey and the pulse with it, or change one's answers while it is open."""
    totals.answer(turn, SURVEY, numbers)
    if felt or gate.mine(turn, pulse.ANSWER):
        totals.keep(turn, pulse.ANSWER, felt)


def take_back(turn: Turn) -> None:
    """Take one's answers back, those to the pulse too."""
    for item in gate.mine(turn, SURVEY, pulse.ANSWER):
        contributions.withdraw(turn, item)


def publish(turn: Turn) -> None:
    """Publish the totals of both, once, as the survey closes."""
    totals.publish(turn, SURVEY, totals.SURVEY, list(ITEMS))
    pulse.publish(turn)
