"""What the home says of the circle: of how many we are, whether that is known, and what to tell who was away."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.circle import Here
from lti_tool.db import db, now
from lti_tool.domain.community import away, belonging
from lti_tool.domain.community.circle import Circle
from lti_tool.domain.cycle import midnights
from lti_tool.models import StepRun
from lti_tool.parts import parts
from lti_tool.steps.base import Step


@dataclass(frozen=True)
class Around:
    """The names under `around` in the parts of the home.

    asks: whether who facilitates is asked if the others of the course belong. back: whether this person is told what
    was decided while they were away, which is `meanwhile`: steps that went on. until: until when they are away.
    proposed: the last day that the form for being away proposes.
    """

    known: bool
    asks: bool
    back: bool
    until: dt.datetime | None
    meanwhile: Sequence[tuple[Step, StepRun]]
    proposed: dt.date


def around(at: Here, circle: Circle) -> Around:
    """What there is to say to this member, or to who facilitates."""
    me = at.member if at.takes_part else None
    back = me is not None and away.was_away(me)
    since = me.away_since if me is not None and back else None
    return Around(
        known=circle.known,
        asks=at.facilitates and not belonging.was_asked(db.session(), at.community),
        back=back,
        until=me.away_until if me is not None and away.is_away(me) else None,
        meanwhile=_moved(at, since) if since else (),
        proposed=away.proposed(at.community, midnights.day_of(now(), parts().settings.zone)),
    )


def _moved(at: Here, since: dt.datetime) -> list[tuple[Step, StepRun]]:
    known = [(step, at.runs[step.name]) for step in parts().steps if step.name in at.runs]
    return [(step, run) for step, run in known if run.opened_at < since < run.stage_since or run.opened_at > since]
