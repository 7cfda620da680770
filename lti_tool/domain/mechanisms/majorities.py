"""How many make a decision: pure counting, of people of the circle who are named by their ids.

What somebody said who is not in the circle (any more) counts for nothing; what becomes of an objection of theirs is
minority's to say. Passing counts towards the quorum, and against nobody.
"""

from collections.abc import Collection, Mapping

from lti_tool.domain.community.circle import Circle
from lti_tool.models import RoundOutcome


def is_heard(heard: Collection[int], circle: Circle) -> bool:
    """Whether a quorum of the circle was heard."""
    return len(circle.members & set(heard)) >= circle.quorum


def _by(circle: Circle, said: Mapping[int, str], *answers: str) -> int:
    """How many of the circle gave one of these answers."""
    return sum(member in circle.members and answer in answers for member, answer in said.items())


def _say_yes(yes: int, no: int, circle: Circle) -> bool:
    """At least two, and more than half of those who did not pass; one in a circle of one."""
    return yes >= max(1, min(2, circle.size)) and yes > no


def _two_thirds(part: int, whole: int) -> bool:
    return 3 * part >= 2 * whole


def consent(said: Mapping[int, str], circle: Circle, yes: Collection[str], objection: str) -> RoundOutcome:
    """What answers to "can we go on with this?" come to: OBJECTED over any objection, ADOPTED, or TOO_FEW.

    said: member id -> answer.
    """
    objecting = _by(circle, said, objection)
    if objecting:
        return RoundOutcome.OBJECTED
    if is_heard(said, circle) and _say_yes(_by(circle, said, *yes), objecting, circle):
        return RoundOutcome.ADOPTED
    return RoundOutcome.TOO_FEW


def endorsed(said: Mapping[int, str], circle: Circle, yes: str, not_yet: str) -> bool:
    """Whether enough stand behind a text: a quorum was heard, and two thirds of yes and not-yet together say yes."""
    behind, lacking = _by(circle, said, yes), _by(circle, said, not_yet)
    return is_heard(said, circle) and _say_yes(behind, lacking, circle) and _two_thirds(behind, behind + lacking)


def overruled(said: Mapping[int, str], circle: Circle, no: str) -> bool:
    """Whether the circle finds that an objection does not harm its aim: a quorum, and two thirds of all who answer.

    Here passing counts as an answer: who leaves it open does not set an objection aside. Never in a circle of two.
    """
    answered = len(circle.members & set(said))
    return circle.size > 2 and is_heard(said, circle) and _two_thirds(_by(circle, said, no), answered)
