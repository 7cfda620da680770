"""What an application is made of: the objects made once by `create_app` and found again by views and jobs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from lti_tool.config import Settings
from lti_tool.door.sessions import Sessions
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.outbound import Outbound
from lti_tool.lti.platform_keys import PlatformKeys
from lti_tool.lti.platforms import Platforms
from lti_tool.lti.services import Services
from lti_tool.lti.states import States
from lti_tool.steps.base import Registry

if TYPE_CHECKING:
    from lti_tool.door.rates import Rates


@dataclass(frozen=True)
class Parts:
    """One of each."""

    settings: Settings
    keys: KeyRing
    outbound: Outbound
    platform_keys: PlatformKeys
    platforms: Platforms
    services: Services
    sessions: Sessions
    states: States
    rates: "Rates"
    steps: Registry


def parts() -> Parts:
    """The current application's parts."""
    return cast(Parts, current_app.extensions["leerkring"])
