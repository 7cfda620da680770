"""For whom each address is: every view of every blueprint declares it, and one place looks at it.

The application does not start with a view that declares nothing, and no request reaches a view that is not for
whoever sent it. Who that is, a blueprint's reception says; addresses of no community need none.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from lti_tool.db import may_write
from lti_tool.domain.community.access import Audience
from lti_tool.models.school import Power
from lti_tool.parts import parts

View = TypeVar("View", bound=Callable[..., Any])


class Outside(StrEnum):
    """Who comes to an address that belongs to no community.

    PUBLIC: whoever likes; there is nothing of anybody. PLATFORM: an LMS, or a browser that comes straight from
    one; its forms are sent by another site, and the view verifies what they carry. ARRIVING: a browser on its way
    in, which holds a code that the view redeems. MONITORING: who sends LEERKRING_METRICS_TOKEN as bearer token.
    OPERATOR: who sends what only the holder of LEERKRING_SECRET_KEY can make.
    """

    PUBLIC = "public"
    PLATFORM = "platform"
    ARRIVING = "arriving"
    MONITORING = "monitoring"
    OPERATOR = "operator"


PUBLIC = frozenset({Outside.PUBLIC})
PLATFORM = frozenset({Outside.PLATFORM})
ARRIVING = frozenset({Outside.ARRIVING})
MONITORING = frozenset({Outside.MONITORING})
OPERATOR = frozenset({Outside.OPERATOR})

# What an operator's command signs with the secret, to be known by the running service.
DOCTOR = "leerkring doctor"

Audiences = frozenset[Audience] | frozenset[Outside] | frozenset[Power]


@dataclass(frozen=True)
class Reception:
    """How the blueprint of a community or a school knows who is asking, and what it says to whom a view is not for.

    viewer: all that somebody is at once, or the answer to a request of which that cannot be known. kind: of what its
    views say whom they are for: what somebody is to a community, or to a school.
    """

    viewer: Callable[[], Audiences | ResponseReturnValue]
    refuse: Callable[[], ResponseReturnValue]
    kind: type[Audience | Outside | Power] = Audience


def audience(allowed: Audiences) -> Callable[[View], View]:
    """Declare whom a view is for."""

    def declare(view: View) -> View:
        view.audience = allowed  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str | None) -> Audiences:
    """Whom the view of an address is for; nobody, where it does not say so or there is none."""
    found = getattr(app.view_functions.get(endpoint or ""), "audience", None)
    return found if isinstance(found, frozenset) else frozenset[Audience]()


def init_app(app: Flask, receptions: dict[str, Reception]) -> None:
    """Refuse to start with a view that declares no audience; let in only those a view is for.

    receptions: blueprint -> its reception. Called once everything is registered.
    """
    for endpoint in app.view_functions:
        kind = receptions.get(endpoint.rpartition(".")[0], _OUTSIDE).kind
        allowed = declared(app, endpoint)
        if not allowed or not all(isinstance(each, kind) for each in allowed):
            raise TypeError(f"{endpoint} declares no audience")

    @app.before_request
    def enter() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        reception = receptions.get(request.blueprint or "", _OUTSIDE)
        viewer = reception.viewer()
        if not isinstance(viewer, frozenset):
            return viewer
        if not viewer & declared(app, request.endpoint):
            return reception.refuse()
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            may_write()
        return None


def _whoever() -> frozenset[Outside]:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    found = PUBLIC | PLATFORM | ARRIVING
    if not given:
        return found
    at = parts()
    for token, kind in ((at.settings.metrics_token, MONITORING), (at.sessions.hash(DOCTOR), OPERATOR)):
        if token and hmac.compare_digest(token.encode(), given):
            found |= kind
    return found


def _not_there() -> ResponseReturnValue:
    abort(404)


_OUTSIDE = Reception(_whoever, _not_there, Outside)
