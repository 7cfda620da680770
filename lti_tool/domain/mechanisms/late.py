"""Consent afterwards: who was absent when it was decided can still say where they stand."""

from collections.abc import Mapping
from typing import Any

from lti_tool.domain import Refused, participation
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, contributions
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.participation import Kind
from lti_tool.domain.reading.pieces import Gathered

KIND = "late"


def answer(turn: Turn, about: int, given: Answer, words: str) -> None:
    """Agree, agree with a concern or pass on what was adopted; only for who took no part in deciding.

    about: which decision, the version of its text for instance.
    """
    if given == Answer.OBJECTION:
        raise Refused("late_objection")
    if Kind.DECISION in participation.moments_of(turn.session, turn.run, turn.me):
        raise Refused("already_chosen")
    if lacking := consent.lacking(given, {"concern": words}):
        raise Refused(consent.MISSING[lacking[0]])
    body = {"answer": given.value, "concern": words if given == Answer.CONCERN else "", "version": about}
    contributions.add(turn, KIND, body)


def given(held: Gathered, about: int) -> list[Mapping[str, Any]]:
    """What was said afterwards of that decision."""
    return [item.body for item in held.of(KIND) if item.body["version"] == about]
