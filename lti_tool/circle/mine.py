"""What is one person's own: the private journal, the line "ask me about", where they are signed in, and everything
stored of them to keep.
"""

import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, marks, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import Filled, draft_name, posted
from lti_tool.circle.lost import lost
from lti_tool.circle.manage import show_community
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access, drafts, elsewhere, export, journal
from lti_tool.domain.community.access import Audience
from lti_tool.domain.reading import words
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.i18n import say as _
from lti_tool.parts import parts

ASK_ME = 300  # characters
# After a launch; then whoever sits down at the computer cannot open it.
JOURNAL_OPEN = dt.timedelta(minutes=30)
HERE = "here"

Answer = Response | tuple[str, int]


def while_open(view: Callable[..., Response]) -> Callable[..., Answer]:
    """A view that shows or changes the journal: only shortly after its owner came from the LMS."""

    @wraps(view)
    def guarded(**values: Any) -> Answer:
        return lost("journal_closed") if now() - here().launched_at > JOURNAL_OPEN else view(**values)

    return guarded


@audience(access.COMMUNITY)
@while_open
def my_journal() -> Response:
    """The owner's pages. There is no address for anybody else's."""
    return _journal()


def _journal(problem: Refused | None = None) -> Response:
    at = here()
    assert at.member is not None
    typed = posted() if problem else {}
    kept = drafts.of_run(db.session(), at.reader, at.member, drafts.OWN)

    def fill(entry: int | None = None) -> Filled:
        """The form of a page of the journal; without an entry of a new one."""
        key = f"journal-{entry or 'new'}"
        return Filled(
            url=at.url("write_journal"),
            key=key,
            draft_url=at.url("draft"),
            full=f"{drafts.OWN}:{key}",
            file=False,
            typed=typed if typed and typed.get("entry", "") == str(entry or "") else None,
            errors={},
            draft=kept.get(key),
        )

    return show(
        "journal.html",
        422 if problem else 200,
        entries=journal.entries(db.session(), at.reader, at.member),
        problem=problem,
        fill=fill,
    )


def _number(name: str) -> int | None:
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


@audience(access.COMMUNITY)
@while_open
@form(_journal, "journal")
def write_journal() -> str:
    """Add a page or change one."""
    at = here()
    assert at.member is not None
    text = words.taken_in(request.form.get("text", ""))
    journal.write(db.session(), at.member, text, _number("entry"))
    if draft := draft_name():
        drafts.drop(db.session(), at.member, draft)
    return at.url("my_journal")


@audience(access.COMMUNITY)
@while_open
@form(_journal, "journal")
def remove_journal() -> str:
    """Throw a page away."""
    at = here()
    assert at.member is not None
    entry = _number("entry") or 0
    journal.remove(db.session(), at.member, entry)
    drafts.drop(db.session(), at.member, f"{drafts.OWN}:journal-{entry}")
    return at.url("my_journal")


@audience(access.COMMUNITY | {Audience.ASKED, Audience.LEADER})
@while_open
def everything() -> Response:
    """Everything this community stores of the person who asks, as JSON to keep, and what others of the course do. The
    journal is in it."""
    at = here()
    assert at.member is not None
    found = export.everything(db.session(), at.community, at.member)
    # Who sits in another community of the course now, has what they did in the one before nowhere else.
    found["elsewhere"] = [
        export.everything(db.session(), *each) for each in elsewhere.memberships(db.session(), at.course, at.member)
    ]
    answer = make_response(marks.said(json.dumps(found, ensure_ascii=False, indent=1)))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="leerkring.json"'
    return answer


@audience(readers(Thing.ASK_ME))
@form(show_community, "ask_me")
def ask_me() -> str:
    """Say, or no longer say, what colleagues may ask one about."""
    at = here()
    assert at.member is not None
    text = " ".join(words.taken_in(request.form.get("ask_me", "")).split())
    if len(text) > ASK_ME:
        raise Refused("too_long")
    at.member.ask_me = text
    return at.url("community")


@audience(access.EVERYBODY)
def my_sessions() -> Response:
    """Where somebody is signed in."""
    sessions = parts().sessions.signed_in(db.session(), request, here().person.id)
    return show("sessions.html", sessions=sessions)


@audience(access.EVERYBODY)
def end_session() -> Response:
    """Sign out here, or somewhere else."""
    at, chosen, sessions = here(), request.form.get("session", ""), parts().sessions
    if chosen != HERE:
        sessions.end(db.session(), at.person.id, chosen)
        return redirect(at.url("my_sessions"), 303)
    sessions.sign_out(db.session(), request, at.person.id)
    page = render_template(
        "notice.html",
        title=_("Uitgelogd", "Signed out"),
        sentence=_(
            "Je bent uitgelogd: elke pagina van Leerkring in deze browser is nu dicht. In je leeromgeving ben je dat "
            "niet. Zit er straks iemand anders aan deze computer, log dan ook daar uit.",
            "You are signed out: every page of Leerkring in this browser is closed now. In your learning platform you "
            "are not. If somebody else will use this computer, sign out there too.",
        ),
    )
    response = make_response(page)
    sessions.take(response, request)
    return response


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/journal")(my_journal)
    blueprint.post("/journal")(write_journal)
    blueprint.post("/journal/remove")(remove_journal)
    blueprint.get("/mine.json")(everything)
    blueprint.post("/community/ask-me")(ask_me)
    blueprint.get("/sessions")(my_sessions)
    blueprint.post("/sessions/end")(end_session)
