"""The ways on without cookies: platform storage, and a window of its own."""

import secrets

from flask import Blueprint, g, make_response, render_template, request
from werkzeug.wrappers import Response

from lti_tool.audience import ARRIVING, audience
from lti_tool.db import db
from lti_tool.door import cookies
from lti_tool.door.launch import entered, own_window
from lti_tool.door.refusals import refuse
from lti_tool.i18n import use
from lti_tool.lti import LaunchRefused
from lti_tool.models import Course, Launch, Person
from lti_tool.parts import parts

# What a launch's storage_proof becomes once platform storage gave back the right values.
PROVEN = "proven"


@audience(ARRIVING)
def storage() -> Response:
    """What platform storage gave back. Right: this browser began the login, so no question is asked in
    the window. Wrong or nothing: the window asks who the person is (P5)."""
    opened = parts().sessions.redeem(db.session(), request.form.get("code", ""))
    if opened is None:
        return refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    given = parts().sessions.hash(f"{request.form.get('state', '')} {request.form.get('nonce', '')}")
    right = secrets.compare_digest(opened.storage_proof or "", given)
    opened.storage_proof = PROVEN if right else None
    g.frame_ancestors = opened.frame_ancestors
    return own_window(_hand_over(opened), opened.reopen_url)


def _hand_over(opened: Launch) -> str:
    handed = parts().sessions.hand_over()
    opened.handover_hash, opened.handover_expires_at = handed.kept.handover_hash, handed.kept.handover_expires_at
    return handed.code


def _enter(opened: Launch, key: str | None = None) -> Response:
    token = parts().sessions.rotate(db.session(), request, opened.person_id)
    opened.session_hash = parts().sessions.hash(token)
    return entered(opened, token, key)


@audience(ARRIVING)
def window() -> Response:
    """The window of its own: with storage's proof go straight on; else ask by name (login forgery)."""
    opened = parts().sessions.redeem(db.session(), request.form.get("code", ""))
    if opened is None:
        return refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    g.frame_ancestors = "'none'"
    if opened.storage_proof == PROVEN:
        return _enter(opened)
    person = db.session.get_one(Person, opened.person_id)
    course = db.session.get_one(Course, opened.course_id) if opened.course_id is not None else None
    code = _hand_over(opened)
    binding = secrets.token_urlsafe(24)
    response = make_response(
        render_template("door/confirm.html", code=code, binding=binding, person=person, course=course)
    )
    # Longer than the code lives: who waits too long is told that, not that the browser keeps no cookies.
    cookies.begin_login(response, request, code, binding)
    return response


@audience(ARRIVING)
def confirm() -> Response:
    """ "Yes, that is me": only from the window that was asked, within a minute."""
    code, binding = request.form.get("code", ""), request.form.get("binding", "")
    kept = cookies.shown(request, code)
    if not kept:
        return refuse(LaunchRefused("no_cookies_at_all"))
    if not secrets.compare_digest(kept.encode(), binding.encode()):
        return refuse(LaunchRefused("not_this_browser"))
    opened = parts().sessions.redeem(db.session(), code)
    if opened is None:
        return refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    return _enter(opened, code)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    for view in (storage, window, confirm):
        blueprint.post(f"/{view.__name__}")(view)
