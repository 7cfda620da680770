"""Laying dots in a page without script: plus and minus keep them as a form that is typed in is kept."""

from flask import Blueprint, abort, request

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.forms import DRAFTS_EACH, draft_name
from lti_tool.circle.step import find_step, show_step
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import drafts
from lti_tool.domain.community.access import Audience
from lti_tool.domain.mechanisms import dots

# What stands in the field of a dots form for one piece.
_FEW = [str(number) for number in range(dots.EACH + 1)]


@audience(frozenset({Audience.MEMBER}))
@form(lambda refused, name, deed: show_step(find_step(name), problem=refused, deed=deed), "lay")
def lay(name: str, deed: str) -> str:
    """One dot more or less, in a page without script: kept as what is typed in any form, and sent with it later."""
    at, step = here(), find_step(name)
    turn, declared = at.turn(step), step.deed(deed)
    kept = draft_name()
    if turn is None or at.member is None or declared is None or not declared.drafts or not kept:
        abort(404)
    more = request.form.get("more", "")
    changed = more or request.form.get("less", "")
    counts = {key: int(value) for key, value in request.form.items() if key.startswith("dots-") and value in _FEW}
    key = f"dots-{changed}"
    if key not in counts:
        raise Refused("not_found")
    if more and sum(counts.values()) >= dots.EACH:
        raise Refused("too_many_dots")
    counts[key] = counts[key] + 1 if more else max(0, counts[key] - 1)
    body = {each: str(count) for each, count in counts.items()}
    drafts.keep(db.session(), at.member, kept, body, DRAFTS_EACH)
    return at.url("page", name=name, _anchor=f"piece-{changed}")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/step/<name>/<deed>/lay")(lay)
