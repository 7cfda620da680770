"""The codes that the tables of hours hold."""

from enum import StrEnum


class Review(StrEnum):
    """Who looks at hours of a pot: an approver before they count, one afterwards, or nobody."""

    BEFORE = "before"
    AFTERWARDS = "afterwards"
    NONE = "none"


class Decision(StrEnum):
    """Whose decision it is to use a pot; assigned: of an approver, before a session."""

    OWN = "own"
    ASSIGNED = "assigned"
    DEVELOPMENT = "development"
    OTHER = "other"


class Role(StrEnum):
    """What somebody is to a pot: it is for them, they approve, or they stand in for who approves."""

    HOLDER = "holder"
    APPROVER = "approver"
    DEPUTY = "deputy"


class Kind(StrEnum):
    """What an entry is about: work of one's own, something elsewhere, a session, a step's suggestion."""

    OWN = "own"
    ELSEWHERE = "elsewhere"
    ATTENDED = "attended"
    SUGGESTED = "suggested"


class Done(StrEnum):
    """What was done with an entry; domain/hours/states.py says what may follow on what."""

    KEPT = "kept"
    SENT = "sent"
    COUNTED = "counted"  # at once, where nobody looks at it before
    APPROVED = "approved"
    RETURNED = "returned"
    RESENT = "resent"  # next_id: by which entry
    QUERIED = "queried"
    ANSWERED = "answered"
    DISPUTED = "disputed"
    UPHELD = "upheld"
    CORRECTED = "corrected"
    CLAIMED = "claimed"  # asked to count what did not, now that there is room under the cap
    WITHDRAWN = "withdrawn"


class Way(StrEnum):
    """How somebody came on the list of a session: by the letters, by who facilitates, or by their own word."""

    LETTERS = "letters"
    LIST = "list"
    OWN = "own"


class Noted(StrEnum):
    """What was said of an attendance: that it is so; that it is not; other times, or none; that it stays."""

    ATTESTED = "attested"
    DISPUTED = "disputed"
    CORRECTED = "corrected"
    UPHELD = "upheld"
