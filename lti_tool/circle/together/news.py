"""Whether something is new: a few bytes, which every phone asks for every second. No page, no session of the ORM.

Session and access are checked as for any page, by one statement of columns that is a transaction by itself.
"""

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lti_tool.audience import Reception, audience
from lti_tool.circle import IN_CYCLE
from lti_tool.circle.reception import named_launch, of_launch
from lti_tool.db import at_once, now
from lti_tool.domain.community import access
from lti_tool.domain.meeting import running
from lti_tool.door.sessions import IDLE, SESSION_LIFE
from lti_tool.models import BrowserSession, Community, Launch, Member, Seat
from lti_tool.parts import parts

news = Blueprint("news", __name__, url_prefix="/l/<launch_id>")

# Built once, it is hot: sixty phones ask it every second.
_NEWS = of_launch(
    select(
        Member.standing,
        Member.facilitates,
        Launch.roles,
        BrowserSession.used_at,
        Seat.present,
        Community.version,
        Community.moved,
        running.is_meeting(),
    )
)


def _viewer() -> frozenset[access.Audience] | ResponseReturnValue:
    """All that whoever asks is; 401 to who is not signed in, 403 to who is no longer in the course."""
    moment = now()
    row = at_once(
        _NEWS,
        {
            "launch": named_launch((request.view_args or {})["launch_id"].partition(IN_CYCLE)[0]),
            "held": parts().sessions.held(request),
            "since": moment - SESSION_LIFE,
            "lately": moment - running.LONGEST,
        },
    )
    if row is None or moment - row.used_at > IDLE:
        return "", 401
    if not row.present:
        return "", 403
    g.news = row
    return access.in_course(row if row.standing is not None else None, row.roles.split())


def _refuse() -> ResponseReturnValue:
    return "", 403


RECEPTION = Reception(_viewer, _refuse)


@news.get("/news")
@audience(access.COMMUNITY)
def look(launch_id: str) -> Response:
    """The community's version, the one in which it last moved, and whether it is in a meeting."""
    del launch_id
    return Response(f"{g.news.version} {g.news.moved} {int(g.news.meeting)}", content_type="text/plain")
