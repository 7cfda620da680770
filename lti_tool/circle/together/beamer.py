"""The big screen: what one does now, how long, how many have; of a round that has closed, what came of it.

Before a meeting it waits for one. It reads as nobody in particular, what every member may: nothing that is hidden,
and nobody's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from markupsafe import Markup
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.together.results import Bar, bars
from lti_tool.circle.together.standing import Heard, Standing, standing
from lti_tool.db import db, now
from lti_tool.domain.community import access
from lti_tool.domain.cycle import StageKind
from lti_tool.domain.hours import attended, letters
from lti_tool.domain.meeting import running
from lti_tool.models import Parked

# So many texts can be read from the back of the room; the rest is on everybody's phone.
MOST_CARDS = 12
# What the page that waits for a meeting calls where it stands.
WAITS = "board"
ONE_TEXT = (StageKind.TOGETHER, StageKind.DECIDE, StageKind.OVER)


@dataclass(frozen=True)
class Screen:
    """The names in templates/together/beamer.html. cards: texts that everybody reads; more: how many beyond those;
    the_text: whether it is one, that is written or decided on together.

    left: seconds that the round has, as the server counts. qr, address: where the activity opens in the LMS. letters:
    of a meeting that is kept as a session, for whoever facilitates only: at home they would be worth nothing; renew:
    for how many seconds they are shown.
    """

    at: Standing
    heard: Heard | None
    bars: Sequence[Bar]
    the_text: bool
    cards: Sequence[str]
    more: int
    parked: Sequence[Parked]
    left: int | None
    qr: Markup | None
    address: str
    letters: str
    renew: int


@audience(access.COMMUNITY)
def beamer() -> Response:
    """The round that is on; where no meeting is, a page that waits for one."""
    at, there = here(), standing()
    if there is None:
        at.follows = WAITS
        return show("together/waiting.html")
    at.follows = there.place.key
    came_of = bars(there.for_all)
    # What stands beside its bar stands there.
    said = {each.words for each in came_of}
    texts = [each for each in there.step.spotlight(there.for_all) if each.removeprefix("… ") not in said]
    the_text = len(texts) == 1 and there.stage.kind in ONE_TEXT
    address = at.launch.reopen_url or at.community.activity_url
    screen = Screen(
        at=there,
        heard=there.heard(there.for_all) if at.cycle.under_way else None,
        # Once there is a text, it is that which all look at; what it rests on is on their phones.
        bars=() if the_text and there.stage.kind == StageKind.TOGETHER else came_of,
        the_text=the_text,
        cards=texts[:MOST_CARDS],
        more=max(0, len(texts) - MOST_CARDS),
        parked=running.parked(db.session(), there.meeting),
        left=seconds_left(there),
        qr=qr_code(address) if address else None,
        address=address.partition("://")[2],
        letters=attended.letters_of_meeting(db.session(), there.meeting.id) if at.guides else "",
        renew=letters.seconds_left(now()),
    )
    return show("together/beamer.html", **vars(screen))


def seconds_left(there: Standing) -> int | None:
    """How long the round has, in seconds; 0 once its time is over, None where it has none."""
    ends_at = there.place.ends_at
    return None if ends_at is None else max(0, round((ends_at - now()).total_seconds()))


@lru_cache(maxsize=64)
def qr_code(address: str) -> Markup:
    """A QR code as an SVG that stands in the page: nothing is fetched for it."""
    made = segno.make(address, error="m", micro=False)
    return Markup(made.svg_inline(omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704  (made here, of squares)
