"""What is one person's own: the private journal, the line "ask me about", and everything stored of them to keep."""

import json

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response

from lti_tool.db import db
from lti_tool.domain import Refused, access, journal, own
from lti_tool.observe import log
from lti_tool.views import audience, here, show
from lti_tool.views.manage import show_community

ASK_ME = 300  # characters


@audience(access.COMMUNITY)
def my_journal() -> Response:
    """The owner's pages. There is no address for anybody else's."""
    return _journal()


def _journal(problem: Refused | None = None) -> Response:
    at = here()
    assert at.member is not None
    return show(
        "journal.html",
        422 if problem else 200,
        entries=journal.entries(db.session(), at.member),
        problem=problem,
        typed=request.form.to_dict() if problem else {},
    )


def _number(name: str) -> int | None:
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


@audience(access.COMMUNITY)
def write_journal() -> Response:
    """Add a page or change one."""
    at = here()
    assert at.member is not None
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\0", "").strip()
    try:
        journal.write(db.session(), at.member, text, _number("entry"))
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action="journal", reason=refused.code)
        return _journal(refused)
    return redirect(at.url("my_journal"), 303)


@audience(access.COMMUNITY)
def remove_journal() -> Response:
    """Throw a page away."""
    at = here()
    assert at.member is not None
    try:
        journal.remove(db.session(), at.member, _number("entry") or 0)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", action="journal", reason=refused.code)
        return _journal(refused)
    return redirect(at.url("my_journal"), 303)


@audience(access.COMMUNITY)
def export() -> Response:
    """Everything this community stores of the person who asks, as JSON to keep."""
    at = here()
    assert at.member is not None
    found = own.everything(db.session(), at.community, at.member)
    answer = make_response(json.dumps(found, ensure_ascii=False, indent=1))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="leerkring.json"'
    return answer


@audience(access.COMMUNITY)
def ask_me() -> Response:
    """Say, or no longer say, what colleagues may ask one about."""
    at = here()
    assert at.member is not None
    text = " ".join(request.form.get("ask_me", "").replace("\0", "").split())
    if len(text) > ASK_ME:
        log.info("form_refused", action="ask_me", reason="too_long")
        return show_community(Refused("too_long"))
    at.member.ask_me = text
    return redirect(at.url("community"), 303)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/journal")(my_journal)
    blueprint.post("/journal")(write_journal)
    blueprint.post("/journal/remove")(remove_journal)
    blueprint.get("/mine.json")(export)
    blueprint.post("/community/ask-me")(ask_me)
