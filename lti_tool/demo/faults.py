"""What goes wrong in life, on request: refusals, slowness, lost and broken answers.

Calls are named by what they are: "configuration", "registration", "jwks", "auth", "token",
"lineitems", "lineitem", "scores", "results", "memberships", "deep_link_return".
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flask import Response

Kind = Literal["fail", "lose", "drop", "malform"]


@dataclass
class Fault:
    """One thing that will go wrong for the next `times` calls of that name."""

    call: str
    kind: Kind
    times: int
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)


class FaultPlan:
    """The faults still to come. Each call takes at most one, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._seconds: dict[str, float] = {}

    def fail(
        self,
        call: str,
        status: int = 500,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer with this status and do nothing."""
        self._add(Fault(call, "fail", times, status, headers or {}))

    def lose(self, call: str, times: int = 1, status: int = 500) -> None:
        """Do what was asked, then answer as if it had failed."""
        self._add(Fault(call, "lose", times, status))

    def drop(self, call: str, times: int = 1) -> None:
        """Do what was asked, then break the connection in the middle of the answer."""
        self._add(Fault(call, "drop", times))

    def malform(self, call: str, times: int = 1) -> None:
        """Do what was asked, then answer with the right status and half a JSON document."""
        self._add(Fault(call, "malform", times))

    def slow(self, seconds: float, call: str = "*") -> None:
        """Answer these calls ("*": every call) that much later, until told otherwise."""
        with self._lock:
            self._seconds[call] = seconds

    def clear(self) -> None:
        """Everything works again, at once."""
        with self._lock:
            self._faults.clear()
            self._seconds.clear()

    def pending(self) -> list[Fault]:
        """The faults that still wait for their call."""
        with self._lock:
            return list(self._faults)

    @property
    def seconds(self) -> float:
        """How much later every call is answered."""
        with self._lock:
            return self._seconds.get("*", 0)

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, call: str) -> Fault | None:
        """Wait as long as planned, and use up one fault for this call, if any."""
        with self._lock:
            seconds = self._seconds.get(call, self._seconds.get("*", 0))
            fault = next((f for f in self._faults if f.call == call), None)
            if fault:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
        if seconds:
            time.sleep(seconds)
        return fault


def refusal(fault: Fault) -> Response:
    """The answer of a call that fails before anything was done."""
    return Response(status=fault.status, headers=dict(fault.headers), mimetype="text/plain")


def spoil(fault: Fault, answer: Response) -> Response:
    """The answer of a call whose work was done, but whose answer does not arrive well."""
    if fault.kind == "lose":
        return Response(status=fault.status, mimetype="text/plain")
    body = answer.get_data()
    if fault.kind == "malform":
        answer.set_data(body[: len(body) // 2] or b'{"half":')
        return answer
    broken = Response(_break_off(body), status=answer.status, headers=answer.headers)
    # The promised length is never reached, so no client can mistake this for a whole answer.
    broken.content_length = len(body) + 2
    return broken


def _break_off(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2] or b" "
    raise ConnectionResetError("as planned")
