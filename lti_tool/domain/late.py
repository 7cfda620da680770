"""Consent afterwards: who was absent when it was decided can still say where they stand."""

from typing import Any

from lti_tool.domain import Refused, consent, contributions, participation
from lti_tool.domain.consent import Answer
from lti_tool.domain.cycle import Turn
from lti_tool.domain.gathered import Gathered
from lti_tool.domain.participation import Kind
from lti_tool.text import Text

KIND = "late"


def answer(turn: Turn, about: int, given: Answer, words: str) -> None:
    """Agree, agree with a concern or pass on what was adopted; only for who took no part in deciding.

    about: which decision, the version of its text for instance.
    """
    if given == Answer.OBJECTION:
        raise Refused(
            "late_objection",
            Text(
                "Dit is al vastgesteld. Bespreek je bezwaar: de begeleider kan de stap opnieuw openen.",
                "This has been adopted. Talk about your objection: the facilitator can open the step again.",
            ),
        )
    if Kind.DECISION in participation.moments_of(turn.session, turn.run, turn.me):
        raise Refused("already_chosen")
    if lacking := consent.lacking(given, {"concern": words}):
        raise Refused(f"{lacking[0]}_missing")
    body = {"answer": given.value, "concern": words if given == Answer.CONCERN else "", "version": about}
    contributions.add(turn, KIND, body)


def given(held: Gathered, about: int) -> list[dict[str, Any]]:
    """What was said afterwards of that decision."""
    return [item.body for item in held.of(KIND) if item.body["version"] == about]
