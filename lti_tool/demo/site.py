"""One running LMS: its state and its parts, and the log of what was asked of it."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import cast

from flask import current_app

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.deeplink import DeepLinks
from lti_tool.demo.faults import FaultPlan
from lti_tool.demo.keys import ToolKeys
from lti_tool.demo.platform import Platform
from lti_tool.demo.registration import Registrar
from lti_tool.demo.school import School
from lti_tool.demo.tokens import Tokens

EXTENSION = "demo_lms"
CALLS_KEPT = 5000  # a demo that runs for weeks must not grow


@dataclass(frozen=True)
class Call:
    """One call that a tool made: `name` as in faults.py, `reason` why it was refused.

    `sent` is the body of a service call; of other calls it is empty, as theirs hold secrets.
    """

    name: str
    method: str
    path: str
    status: int
    reason: str
    sent: str = ""


class Site:
    """The parts of one LMS at one address."""

    def __init__(self, school: School, url: str) -> None:
        self.school = school
        self.addresses = Addresses(url)
        self.faults = FaultPlan()
        self.tool_keys = ToolKeys()
        self.deep_links = DeepLinks(school, self.addresses, self.tool_keys)
        self.platform = Platform(school, self.addresses, self.deep_links)
        self.tokens = Tokens(school, self.addresses, self.tool_keys)
        self.registrar = Registrar(school, self.addresses)
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def log(self, call: Call) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append(call)

    @property
    def calls(self) -> list[Call]:
        """The calls that are remembered, oldest first."""
        with self._lock:
            return list(self._calls)


def site() -> Site:
    """The LMS that answers this request."""
    return cast(Site, current_app.extensions[EXTENSION])
