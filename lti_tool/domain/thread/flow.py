"""What flows on from the step it is made in: the kinds that the thread, later steps and the next cycle read.

A kind that is declared with one of these names is kept by one step of a cycle and no other (Registry.add), so
nobody needs to know which: `gate.of_cycle(turn, Flow.EVIDENCE)`.
"""

from enum import StrEnum


class Flow(StrEnum):
    """Kinds that flow on, in the order in which a cycle brings them."""

    IDEA = "idea"
    MERGED = "merged"
    PEN = "pen"
    AMBITION = "proposal"
    VOICE = "stakeholder"
    QUESTION = "question"
    EVIDENCE = "evidence"
    OBSERVATION = "observation"
    EXPLANATION = "explanation"
    POINT = "point"
    ATTENTION = "attention"
    CONSEQUENCE = "consequence"
    ACTION = "action"
    OWNER = "owner"
    BUDDY = "buddy"
    REQUEST = "request"
    ANSWER = "answer"
    GONE_ON = "gone_on"
    LOG = "log"
    RESULT = "result"
    STORY = "story"
    CHOSEN = "chosen"
    VERDICT = "verdict"
    CARD = "card"
    YIELD = "yield"
    NEXT = "next"
    LOOK_BACK = "look_back"
    LEARNED = "learned"
    STILL = "still"
