"""Beginning a meeting: the agenda that is proposed, changed, and accepted with one press; and where the QR leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import posted, whole
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.cycle import Stage, refuse_if_still
from lti_tool.domain.hours import sessions
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.meeting import agenda, running
from lti_tool.domain.meeting.agenda import Item
from lti_tool.models import StepRun
from lti_tool.parts import parts
from lti_tool.steps.base import Step


@dataclass(frozen=True)
class Row:
    """A round that comes next, as the agenda's form shows it."""

    item: Item
    step: Step
    stage: Stage
    minutes: str


@dataclass(frozen=True)
class Proposal:
    """The names in templates/together/start.html. rows: all rounds that come next; fitting: how many of them fit;
    last: how far it is proposed to go.

    total: how many minutes there are. asks_address: whether no launch tells where the activity opens, which is given.
    """

    rows: Sequence[Row]
    fitting: int
    last: str
    total: int
    asks_address: bool
    given: str
    problem: Refused | None
    failed: str
    typed: Mapping[str, Any]


@audience(FACILITATOR)
def together() -> Response:
    """The agenda that fits; for a community that is in a meeting, that meeting."""
    at = here()
    if running.running(db.session(), at.community) is not None:
        return redirect(at.url("conduct"), 303)
    return propose()


def propose(problem: Refused | None = None, failed: str = "") -> Response:
    """The agenda's page; after a form that was refused, here or in a meeting that is over, with what was typed."""
    at, known = here(), parts().steps.by_name
    total = _minutes(request.args.get("total", "")) or agenda.USUAL
    ahead = _ahead(at)
    fits = agenda.fitting(ahead, total)
    typed = request.form.getlist("minutes") if failed == "begin" else []
    rows = []
    for place, item in enumerate(ahead):
        minutes = (fits[place] if place < len(fits) else item).minutes
        stage = next(each for each in known[item.step].stages if each.name == item.stage)
        rows.append(Row(item, known[item.step], stage, typed[place] if place < len(typed) else str(minutes)))
    page = Proposal(
        rows=rows,
        fitting=len(fits),
        last=request.form.get("last", "") or (fits[-1].key if fits else ""),
        total=total,
        asks_address=not at.launch.reopen_url,
        given=at.community.activity_url,
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
    )
    return show("together/start.html", 422 if problem else 200, **vars(page))


def _ahead(at: Here) -> list[Item]:
    return agenda.ahead(at.beside(StepRun()), at.runs) if at.cycle.under_way else []


def _minutes(given: str) -> int:
    """How many minutes a field gives; 0 where it gives none that can be."""
    number = whole(given, 4) or 0
    return number if number <= agenda.LONGEST else 0


@audience(FACILITATOR)
@form(lambda refused: propose(refused, "begin"), "begin_meeting")
def begin_meeting() -> str:
    """Begin with the agenda that was on the screen, as it was changed there."""
    at, said = here(), request.form
    refuse_if_still(at.cycle)
    minutes = [_minutes(each.strip()) for each in said.getlist("minutes")]
    rounds = agenda.chosen(_ahead(at), said.get("first", ""), minutes, said.get("last", ""))
    meeting = running.start(db.session(), at.community, at.cycle, at.member, rounds)
    if said.get("keep") and at.member is not None:
        asker = Asker(db.session(), at.community.id, at.person.id, parts().settings.zone)
        title = at.title(parts().steps.by_name[rounds[0].step]).of(at.community.locale)
        sessions.of_meeting(asker, at.member, meeting, at.cycle, title, running.LONGEST)
    return at.url("conduct")


@audience(FACILITATOR)
@form(lambda refused: propose(refused, "address"), "give_address")
def give_address() -> str:
    """Where the activity opens in the LMS: pasted once, of the LMS's own host and of no other."""
    at, given = here(), request.form.get("address", "").strip()
    if len(given) > 1024 or not given.isprintable() or " " in given:
        raise Refused("address_wrong")
    try:
        parts_of = urlsplit(given)
        origin = f"{parts_of.scheme}://{parts_of.netloc}"
    except ValueError as error:
        raise Refused("address_wrong") from error
    if given and (parts_of.scheme not in ("https", "http") or origin not in at.launch.frame_ancestors.split()):
        raise Refused("address_elsewhere")
    at.community.activity_url = given
    return at.url("together")
