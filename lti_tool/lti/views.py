"""The addresses an LMS knows: login, launch, key set, registration; and the ways on without cookies."""

import secrets

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from lti_tool import web
from lti_tool.db import db, now, write
from lti_tool.domain import outbox, roster
from lti_tool.domain.participation import Passback
from lti_tool.i18n import use
from lti_tool.lti import LaunchRefused, quirks
from lti_tool.lti.adapter import Verified, begin_login, verify_launch
from lti_tool.lti.claims import DEEP_LINKING_REQUEST
from lti_tool.lti.register import register_page
from lti_tool.lti.session import LOGIN_LIFE, SESSION_COOKIE, came_back, login_cookie, set_cookie
from lti_tool.models import Course, Launch, LoginAttempt, Person
from lti_tool.observe import log
from lti_tool.parts import parts

protocol = Blueprint("lti", __name__, url_prefix="/lti")

KEY_SET_AGE = 86400
# What a launch's storage_proof becomes once platform storage gave back the right values.
PROVEN = "proven"


def _words(reason: str) -> tuple[str, str]:
    """What a teacher reads when a launch is refused: what happened, and what to do."""
    again = _("Open the activity again from your course.")
    if reason in (
        "expired",
        "login_expired",
        "state_used",
        "unknown_state",
        "stale_iat",
        "not_this_browser",
        "no_state",
        "handover_expired",
    ):
        return _("This page was opened too late, twice, or from another window."), again
    if reason == "platform_error":
        return (
            _("Your learning platform did not say who you are."),
            _("Log in there again, then open the activity again from your course."),
        )
    if reason == "no_cookies_at_all":
        return (
            _("This browser keeps nothing for Leerkring, so it cannot stay signed in."),
            _("Allow cookies for this address, or open the activity in another browser."),
        )
    if reason in ("future_iat", "iat"):
        return (
            _("The clocks of your learning platform and of Leerkring differ too much."),
            _("Tell the administrator of your learning platform: its clock is probably wrong."),
        )
    if reason == "unknown_deployment":
        return (
            _("Leerkring does not know this part of your school's learning platform yet."),
            _("The administrator of Leerkring has been told and can approve it. Then open the activity again."),
        )
    if reason in (
        "unknown_platform",
        "malformed_login",
        "target_link_uri",
        "login_iss",
        "login_login_hint",
        "login_target_link_uri",
    ):
        return (
            _("Leerkring has not been connected to this learning platform, or not in this way."),
            _("Show this page to the administrator of your learning platform."),
        )
    if reason == "no_context":
        return _("Open Leerkring from a course: it works for the people of one course."), _(
            "Go to a course and open the activity there."
        )
    if reason in ("key_set", "unknown_kid"):
        return (
            _("Leerkring could not check that your learning platform sent you."),
            _(
                "Try again in a minute. If it stays like this, show this page to the administrator of your learning"
                " platform."
            ),
        )
    return (
        _("Your learning platform sent something that Leerkring may not accept."),
        again + " " + _("If it happens again, show this page to the administrator of your learning platform."),
    )


def _refuse(refused: LaunchRefused, reopen_url: str = "") -> BaseResponse:
    log.warning("launch_refused", reason=refused.reason, detail=refused.detail)
    sentence, advice = _words(refused.reason)
    # What was posted came from the LMS or from a page without text fields: nobody typed it.
    page = render_template("error.html", sentence=sentence, advice=advice, reopen_url=reopen_url, typed=[])
    response = make_response(page, 401)
    response.headers["X-Leerkring-Reason"] = refused.reason
    return response


@protocol.route("/login", methods=["GET", "POST"])
def login() -> BaseResponse:
    """Third-party initiated login, by GET or POST (S1). Offers platform storage where the LMS has it (P1)."""
    params = request.values.to_dict()
    try:
        url, attempt, registration = begin_login(parts().settings, parts().platforms, params)
    except LaunchRefused as refused:
        return _refuse(refused)
    if attempt.storage_target:
        page = render_template(
            "lti/storage_put.html",
            target=attempt.storage_target,
            origin=web.origin_of(registration.auth_login_url),
            state=attempt.state,
            nonce=attempt.nonce,
            url=url,
        )
        response: BaseResponse = make_response(page)
    else:
        response = redirect(url)
    set_cookie(response, login_cookie(attempt.state), attempt.state, LOGIN_LIFE)
    return response


@protocol.get("/launch")
def item_address() -> BaseResponse:
    """The address of every placed activity. Moodle's server fetches it when an activity is saved (M17)."""
    page = render_template(
        "notice.html",
        title="Leerkring",
        sentence=_("This is Leerkring. Open it from a course in your learning platform."),
    )
    return make_response(page)


@protocol.post("/launch")
def launch() -> BaseResponse:
    """The LMS's answer to the login: check everything, meet whoever it is, and open the first page."""
    state = request.form.get("state", "")
    attempt: LoginAttempt | None = None
    try:
        verified = verify_launch(request.form.to_dict(), parts().platform_keys, parts().platforms)
        attempt = verified.attempt
        if verified.claims.context_id is None:
            raise LaunchRefused("no_context")
        back = came_back(request, state)
        if back is False:
            # The browser keeps our cookies, and this login was not begun in it.
            raise LaunchRefused("not_this_browser")
        opened = _open(verified)
    except LaunchRefused as refused:
        return _refuse(refused, attempt.reopen_url if attempt else refused.reopen_url)
    use(opened.locale)
    if back:
        response = _enter(opened, state)
    elif attempt.storage_target:
        response = _ask_storage(opened, verified)
    else:
        response = _own_window(opened)
    write(db.session(), opened)
    return response


def _open(verified: Verified) -> Launch:
    """Meet the person, course and community of a verified launch; the launch itself is still to be written."""
    claims, tool = verified.claims, parts()
    step = claims.custom.get("step")
    number = claims.custom.get("cycle", "")
    wanted = claims.custom.get("passback", Passback.MOMENTS)
    picking = claims.message_type == DEEP_LINKING_REQUEST
    assert claims.context_id is not None
    met = roster.meet(
        db.session(),
        roster.Arrival(
            issuer=verified.registration.issuer,
            deployment_id=verified.deployment.id,
            sub=claims.sub,
            name=claims.name,
            locale=claims.locale,
            role=claims.roles.course,
            context_id=claims.context_id,
            context_title=claims.context_title,
            resource_link_id=None if picking else claims.resource_link_id,
            resource_link_title=claims.resource_link_title,
            step=step if step in {each.name for each in tool.steps} else None,
            cycle_number=int(number) if number.isdecimal() and len(number) < 6 else None,
            passback=wanted if wanted in list(Passback) else Passback.MOMENTS,
            line_items_url=claims.line_items_url,
            line_item_url=claims.line_item_url,
            scopes=" ".join(claims.scopes),
            memberships_url=claims.memberships_url,
            history=claims.history,
        ),
    )
    if met.link and met.link.course_id != met.course.id:
        # A link is of one course (core 1.3, 5.3.5): opening it from another would mix two communities.
        raise LaunchRefused("resource_link_elsewhere")
    registration = verified.registration
    if registration.key_set_at is None or (now() - registration.key_set_at).total_seconds() > KEY_SET_AGE:
        outbox.put(db.session(), outbox.KEY_SET, str(registration.id), registration=registration.id)
    return Launch(
        id=secrets.token_urlsafe(16),
        person_id=met.person.id,
        deployment_id=verified.deployment.id,
        course_id=met.course.id,
        resource_link_id=met.link.id if met.link else None,
        roles=claims.roles.stored,
        locale=met.person.locale or claims.locale or met.community.locale,
        reopen_url=verified.attempt.reopen_url,
        frame_ancestors=quirks.frame_ancestors(registration.issuer, registration.auth_login_url, claims.return_url),
        deep_linking=claims.deep_linking if picking else None,
    )


def _enter(opened: Launch, state: str | None = None) -> BaseResponse:
    """Begin a session for a launch and go to its page by GET: a reload must not post the launch again (M7)."""
    token = parts().sessions.rotate(db.session(), request, opened)
    response = redirect(_page_of(opened), 303)
    set_cookie(response, SESSION_COOKIE, token, None)
    if state:
        set_cookie(response, login_cookie(state), "", 0)
    return response


def _page_of(opened: Launch) -> str:
    return url_for("circle.pick" if opened.deep_linking is not None else "circle.board", launch_id=opened.id)


def _framed(opened: Launch) -> None:
    g.frame_ancestors = opened.frame_ancestors


def _own_window(opened: Launch) -> BaseResponse:
    """Cookies do not come back in this frame: one button that opens a window of its own."""
    _framed(opened)
    code = parts().sessions.hand_over(opened)
    return make_response(render_template("lti/own_window.html", code=code, reopen_url=opened.reopen_url))


def _ask_storage(opened: Launch, verified: Verified) -> BaseResponse:
    """Ask the platform's storage whether this browser began the login (P2)."""
    _framed(opened)
    code = parts().sessions.hand_over(opened)
    attempt = verified.attempt
    opened.storage_proof = parts().sessions.hash(f"{attempt.state} {attempt.nonce}")
    return make_response(
        render_template(
            "lti/storage_get.html",
            target=attempt.storage_target,
            origin=web.origin_of(verified.registration.auth_login_url),
            state=attempt.state,
            code=code,
            reopen_url=opened.reopen_url,
        )
    )


@protocol.post("/storage")
def storage() -> BaseResponse:
    """What platform storage gave back. Right: this browser began the login, so no question is asked in
    the window. Wrong or nothing: the window asks who the person is (P5)."""
    opened = parts().sessions.redeem(db.session(), request.form.get("code", ""))
    if opened is None:
        return _refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    given = parts().sessions.hash(f"{request.form.get('state', '')} {request.form.get('nonce', '')}")
    right = secrets.compare_digest(opened.storage_proof or "", given)
    opened.storage_proof = PROVEN if right else None
    return _own_window(opened)


@protocol.post("/window")
def window() -> BaseResponse:
    """The window of its own: with storage's proof go straight on; else ask by name (login forgery)."""
    opened = parts().sessions.redeem(db.session(), request.form.get("code", ""))
    if opened is None:
        return _refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    g.frame_ancestors = "'none'"
    if opened.storage_proof == PROVEN:
        return _enter(opened)
    person = db.session.get_one(Person, opened.person_id)
    course = db.session.get_one(Course, opened.course_id)
    code = parts().sessions.hand_over(opened)
    binding = secrets.token_urlsafe(24)
    response = make_response(
        render_template("lti/confirm.html", code=code, binding=binding, person=person, course=course)
    )
    # Longer than the code lives: who waits too long is told that, not that the browser keeps no cookies.
    set_cookie(response, login_cookie(code), binding, LOGIN_LIFE)
    return response


@protocol.post("/confirm")
def confirm() -> BaseResponse:
    """ "Yes, that is me": only from the window that was asked, within a minute."""
    code, binding = request.form.get("code", ""), request.form.get("binding", "")
    kept = request.cookies.get(login_cookie(code), "")
    if not kept:
        return _refuse(LaunchRefused("no_cookies_at_all"))
    if not secrets.compare_digest(kept.encode(), binding.encode()):
        return _refuse(LaunchRefused("not_this_browser"))
    opened = parts().sessions.redeem(db.session(), code)
    if opened is None:
        return _refuse(LaunchRefused("handover_expired"))
    use(opened.locale)
    return _enter(opened, code)


@protocol.get("/jwks")
def jwks() -> Response:
    """The tool's public keys, old and new together (S11)."""
    response = jsonify(parts().keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@protocol.get("/register")
def register() -> BaseResponse:
    """Dynamic registration, from inside the LMS."""
    return register_page()
