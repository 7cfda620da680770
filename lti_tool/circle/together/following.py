"""Pages that follow: the way to where the community is now, and what is said to who is not moved."""

from dataclasses import dataclass

from flask import redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.together.beamer import WAITS
from lti_tool.circle.together.standing import Standing, standing
from lti_tool.db import db
from lti_tool.domain.community import access
from lti_tool.domain.meeting import running
from lti_tool.parts import parts


@audience(access.COMMUNITY)
def where_now() -> Response:
    """To the round that a meeting is in; without one back to the page that asked, as it is now."""
    at, seen, there = here(), request.args.get("at", ""), standing()
    if seen == WAITS:
        return redirect(at.url("beamer"), 303)
    if seen == "home" and "in" not in request.args and at.at_hand is not None and at.at_hand.asks(at.member):
        # Nobody is taken away from the question whether they are here; "Join in" goes on without an answer.
        return redirect(at.url("home"), 303)
    if there is not None:
        found = {"done": how} if (how := moved(there, seen)) else {}
        return redirect(at.url_in(there.turn.cycle, "page", name=there.step.name, **found), 303)
    if (over := running.ended_lately(db.session(), at.community)) is not None:
        return redirect(at.url("taken_away", number=over.id), 303)
    step = seen.partition(".")[0]
    return redirect(at.url("page", name=step) if step in parts().steps.by_name else at.url("home"), 303)


def moved(there: Standing, seen: str) -> str:
    """Whether a meeting is in a later ("moved") or an earlier ("back") round than the one that a page shows."""
    step, _, stage = seen.partition(".")
    if seen == there.place.key or step not in parts().steps.by_name:
        return ""
    names = [each.name for each in there.step.stages]
    if step == there.step.name and stage in names and there.place.run.stage in names:
        return "moved" if names.index(stage) < names.index(there.place.run.stage) else "back"
    return "moved"


@dataclass(frozen=True)
class Told:
    """The names in templates/together/told.html. where: where the meeting is, None where there is none; ended: whether
    one just did; how: as `moved` says. typing: whether there is something on the page that was not sent. fresh:
    whether others did something in the round that it shows. go: where the others are.
    """

    where: Standing | None
    ended: bool
    how: str
    typing: bool
    fresh: bool
    go: str


@audience(access.COMMUNITY)
def told() -> Response:
    """What stands on top of a page that was not moved: where the others are, and what one can do."""
    at, seen, there = here(), request.args.get("at", "")[:80], standing()
    ended = there is None and running.ended_lately(db.session(), at.community) is not None
    how = moved(there, seen) if there else ""
    fresh = "fresh" in request.args and there is not None and seen == there.place.key
    page = Told(there, ended, how, "typing" in request.args, fresh, at.url("where_now", at=seen))
    return show("together/told.html", **vars(page))
