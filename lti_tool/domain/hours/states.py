"""What an entry is in, and what may be done with it then. Each state is what its acts make it.

What somebody is still typing is a draft (domain/community/drafts): no entry, and it can be thrown away.
"""

from collections.abc import Iterable
from enum import StrEnum

from lti_tool.domain import Refused
from lti_tool.models.hours_codes import Done


class State(StrEnum):
    """Of an entry. REPLACED: it came back, and was sent anew as another. CLAIMED: more of it is asked to count."""

    KEPT = "kept"
    SENT = "sent"
    COUNTS = "counts"
    QUERIED = "queried"
    DISPUTED = "disputed"
    RETURNED = "returned"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    CLAIMED = "claimed"


# In these an entry has rows in the ledger, and is counted with.
COUNTING = frozenset({State.COUNTS, State.QUERIED, State.DISPUTED, State.CORRECTED, State.CLAIMED})
# In these it takes its time of the day: what was taken back does not.
LIVE = COUNTING | {State.KEPT, State.SENT}

_AFTER: dict[Done, tuple[frozenset[State | None], State]] = {
    Done.KEPT: (frozenset({None}), State.KEPT),
    Done.SENT: (frozenset({None, State.KEPT}), State.SENT),
    Done.COUNTED: (frozenset({State.SENT, State.CLAIMED}), State.COUNTS),
    Done.APPROVED: (frozenset({State.SENT, State.CLAIMED}), State.COUNTS),
    Done.RETURNED: (frozenset({State.SENT}), State.RETURNED),
    Done.RESENT: (frozenset({State.RETURNED}), State.REPLACED),
    Done.QUERIED: (frozenset({State.COUNTS, State.CORRECTED}), State.QUERIED),
    Done.ANSWERED: (frozenset({State.QUERIED}), State.COUNTS),
    Done.DISPUTED: (frozenset({State.COUNTS, State.CORRECTED, State.CLAIMED}), State.DISPUTED),
    Done.CLAIMED: (frozenset({State.COUNTS}), State.CLAIMED),
    Done.UPHELD: (frozenset({State.DISPUTED, State.CLAIMED}), State.COUNTS),
    Done.CORRECTED: (COUNTING, State.CORRECTED),
    Done.WITHDRAWN: (COUNTING | {State.KEPT, State.SENT, State.RETURNED}, State.WITHDRAWN),
}

# What an approver does, and nobody with their own; what its owner does, and nobody else.
OF_APPROVER = frozenset({Done.APPROVED, Done.RETURNED, Done.QUERIED, Done.UPHELD, Done.CORRECTED})
# What is never done without words.
WITH_WORDS = frozenset({Done.RETURNED, Done.QUERIED, Done.ANSWERED, Done.DISPUTED, Done.UPHELD, Done.CORRECTED})


def after(state: State | None, done: Done) -> State:
    """The state that something done leads to; Refused("hours_settled") where it cannot be done, or no longer."""
    allowed, becomes = _AFTER[done]
    if state not in allowed:
        raise Refused("hours_settled")
    return becomes


def may(state: State | None, done: Done) -> bool:
    """Whether something can be done in a state."""
    return state in _AFTER[done][0]


def state_of(acts: Iterable[Done]) -> State:
    """The state of an entry with these acts, oldest first."""
    state: State | None = None
    for each in acts:
        state = after(state, each)
    assert state is not None
    return state
