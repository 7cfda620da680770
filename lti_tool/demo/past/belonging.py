"""Who belongs, settled by who facilitates before anything is revealed."""

import time
from collections.abc import Sequence
from threading import Event

from lti_tool.demo.past.people import value
from lti_tool.demo.visitors import VisitError, Visitor

ARRIVE = 60.0  # seconds in which the tool must have read the list of the course; a machine may be busy


def settle(facilitator: Visitor, people: int, aside: Sequence[str] = (), away: Sequence[str] = ()) -> None:
    """Wait for the list of the course; say who takes no part, and who is away: by name, as the page lists them.

    people: how many belong then, away or not.
    """
    facilitator.follow("/belonging")
    end, pause = time.monotonic() + ARRIVE, Event()
    while "We zijn met" not in facilitator.text():
        if time.monotonic() > end:
            raise VisitError("the list of the course was not read")
        pause.wait(0.1)
        facilitator.follow("/home")
        facilitator.follow("/belonging")
    for name in aside:
        found = value(facilitator.choices("/belonging/aside", "member"), name)
        facilitator.submit("/belonging/aside", {"member": found})
    for name in away:
        found = value(facilitator.choices("/belonging/away", "member"), name)
        facilitator.submit("/belonging/away", {"member": found})
    if f"We zijn met {people}" not in facilitator.text():
        raise VisitError(f"not {people} belong: {facilitator.text()[:200]}")
    facilitator.follow("/home")
