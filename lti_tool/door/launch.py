"""The addresses an LMS sends people to: login and launch."""

import datetime as dt
from typing import Any, NamedTuple

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.audience import PLATFORM, audience
from lti_tool.db import db, insert_row, now, reading
from lti_tool.domain import outbox
from lti_tool.domain.community import leaving, members, roster, seating, twins
from lti_tool.domain.community.seating import NoPlace
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import outside
from lti_tool.domain.participation import Passback
from lti_tool.domain.school import access, pseudonyms, schools, settings
from lti_tool.domain.school.provision import matching
from lti_tool.domain.school.setting_kinds import Name, Naming
from lti_tool.door import cookies
from lti_tool.door.refusals import CLOSED, refuse
from lti_tool.i18n import LANGUAGES, use
from lti_tool.i18n import say as _
from lti_tool.lti import LaunchRefused, origins, quirks
from lti_tool.lti.adapter import Verified, begin_login, verify_launch
from lti_tool.lti.claims import DEEP_LINKING_REQUEST
from lti_tool.lti.states import Attempt
from lti_tool.models import Beside, Person
from lti_tool.models.platform import Launch
from lti_tool.models.school import Power
from lti_tool.observe import log
from lti_tool.parts import parts

KEY_SET_AGE = 86400
# Why a launch is refused that may have been posted before.
SPENT = ("state_used", "login_expired", "unknown_state")
# What a browser may open a login in (Sec-Fetch-Dest, Fetch Metadata): "empty" is a script that goes on by itself.
FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
PAGES = FRAMES | {"document", "empty"}


class Opened(NamedTuple):
    """A verified launch as it will be stored: the columns of Launch, but for how it is bound to a browser."""

    id: str
    person_id: int
    deployment_id: int
    course_id: int | None
    community_id: int | None
    resource_link_id: int | None
    step: str | None
    cycle_number: int | None
    roles: str
    locale: str
    reopen_url: str
    frame_ancestors: str
    deep_linking: dict[str, Any] | None


@audience(PLATFORM)
def login() -> Response:
    """Third-party initiated login, by GET or POST (S1). Offers platform storage where the LMS has it (P1)."""
    params = request.values.to_dict()
    try:
        if request.headers.get("Sec-Fetch-Dest", "document") not in PAGES:
            # A picture in a forum is no login; a hundred of them fill the browser with cookies.
            raise LaunchRefused("no_page", request.headers["Sec-Fetch-Dest"][:32])
        url, attempt, platform = begin_login(parts().settings, parts().platforms, parts().states, params)
    except LaunchRefused as refused:
        return refuse(refused)
    if attempt.storage_target:
        page = render_template(
            "door/storage_put.html",
            target=attempt.storage_target,
            origin=quirks.origin(platform.auth_login_url),
            state=attempt.state,
            nonce=attempt.nonce,
            url=url,
        )
        response: Response = make_response(page)
    else:
        response = redirect(url)
    cookies.begin_login(response, request, attempt.state, cookies.proof_of(attempt.state))
    return response


@audience(PLATFORM)
def item_address() -> Response:
    """The address of every placed activity. Moodle's server fetches it when an activity is saved (M17)."""
    page = render_template(
        "notice.html",
        title="Leerkring",
        sentence=_(
            "Dit is Leerkring. Open het vanuit een cursus in je leeromgeving.",
            "This is Leerkring. Open it from a course in your learning platform.",
        ),
    )
    return make_response(page)


@audience(PLATFORM)
def launch() -> Response:
    """The LMS's answer to the login: check everything, meet whoever it is, and open the first page."""
    state = request.form.get("state", "")
    attempt: Attempt | None = None
    try:
        verified = verify_launch(request.form.to_dict(), parts().states, parts().platform_keys, parts().platforms)
        attempt = verified.attempt
        if verified.claims.context_id is None:
            raise LaunchRefused("no_context")
        back = cookies.came_back(request, state)
        if back is False and not _in_frame():
            # The browser keeps our cookies, and this login was not begun in it.
            raise LaunchRefused("not_this_browser")
        opened = _open(verified)
    except LaunchRefused as refused:
        again = _opened_before(state) if refused.reason in SPENT else None
        return again or refuse(refused, attempt.reopen_url if attempt else refused.reopen_url)
    use(opened.locale)
    sessions = parts().sessions
    if back:
        token = sessions.rotate(db.session(), request, opened.person_id)
        _keep(opened, session_hash=sessions.hash(token))
        return entered(opened, token, state)
    g.frame_ancestors = opened.frame_ancestors
    handed = sessions.hand_over()
    if not attempt.storage_target:
        _keep(opened, **vars(handed.kept))
        return own_window(handed.code, opened.reopen_url)
    _keep(opened, **vars(handed.kept), storage_proof=sessions.hash(f"{attempt.state} {attempt.nonce}"))
    return _ask_storage(handed.code, opened, verified)


def _in_frame() -> bool:
    """Whether the browser says that it opens this within another page.

    WebKit sends there the cookies of a window of one's own that was opened before, and keeps none that is set there: a
    login begun in it looks as one begun elsewhere. It gets what a browser without cookies gets, which asks by name.
    """
    return request.headers.get("Sec-Fetch-Dest") in FRAMES


def _launch_id(state: str) -> str:
    """A launch's id: as hard to guess as a random one, and found again by the state that it answered."""
    return parts().sessions.hash(f"launch {state}")[:32]


def _opened_before(state: str) -> Response | None:
    """Posted twice (back, reload): the page it opened, for the browser whose session holds that, and for no other."""
    with reading():
        opened = db.session.get(Launch, _launch_id(state))
    if opened is None or opened.session_hash not in parts().sessions.held(request):
        return None
    return redirect(_page_of(opened), 303)


def _keep(opened: Opened, **bound: Any) -> None:
    insert_row(db.session(), Launch, **opened._asdict(), **bound)


def _open(verified: Verified) -> Opened:
    """Meet whoever a verified launch names, in what it opens; the launch itself is still to be written."""
    claims, platform = verified.claims, verified.platform
    picking = claims.message_type == DEEP_LINKING_REQUEST
    approving = not picking and claims.custom.get(outside.PAGE) == outside.APPROVE
    met = None if approving else _meet(verified, picking)
    person = met.person if met else _visit(verified)
    if met is None or met.awaited:
        hashes = matching.identified(parts().sessions.hash, claims.sub, claims.email, claims.login)
        if met:
            matching.arrived(db.session(), met, hashes, parts().steps, parts().settings.zone)
        matching.came(db.session(), verified.deployment_id, person.id, hashes)
    if waiting := origins.unknown(platform, (claims.memberships_url, claims.line_items_url, claims.line_item_url)):
        origins.note(db.session(), platform.id, waiting)
        parts().platforms.forget()
        log.warning("origin_waits", platform=platform.id, origins=waiting)
    if platform.key_set_at is None or (now() - platform.key_set_at).total_seconds() > KEY_SET_AGE:
        key = str(platform.id)
        outbox.put(db.session(), outbox.Kind.KEY_SET, key, platform=platform.id, registration=platform.id)
    return Opened(
        id=_launch_id(verified.attempt.state),
        person_id=person.id,
        deployment_id=verified.deployment_id,
        course_id=met.course.id if met else None,
        community_id=met.community.id if met else None,
        resource_link_id=met.link.id if met and met.link else None,
        step=met.page.step if met and met.page else None,
        cycle_number=met.page.cycle_number if met and met.page else None,
        roles=claims.roles.stored,
        locale=person.locale or claims.locale or (met.community.locale if met else LANGUAGES[0]),
        reopen_url=verified.attempt.reopen_url or quirks.activity_url(platform.issuer, claims.return_url),
        frame_ancestors=quirks.frame_ancestors(
            platform.issuer, platform.auth_login_url, claims.return_url, *platform.frame_origins.split()
        ),
        deep_linking=claims.deep_linking if picking else None,
    )


def _meet(verified: Verified, picking: bool) -> roster.Met:
    """Meet whoever it is; who sits in another community of the course now, by the LMS's groups, leaves nothing open."""
    arrival = _arrival(verified, picking)
    known = roster.look(db.session(), arrival)
    _let_in(verified, known.opening or schools.opens_on(db.session(), verified.deployment_id, arrival.context_id))
    try:
        met = roster.meet(db.session(), arrival, known)
    except NoPlace as nowhere:
        raise LaunchRefused(nowhere.code) from nowhere
    for community, member in met.left:
        members.go_elsewhere(member)
        leaving.clear(db.session(), community, [member.id], parts().steps)
    return met


def _let_in(verified: Verified, opening: tuple[int, dt.date | None]) -> None:
    """Before its school opens nobody is met, so that nothing is kept of them: but who administers it, and who the LMS
    calls its administrator, who may become that. opening: the school, and before which day it is closed."""
    session, claims = db.session(), verified.claims
    school, opens_on = opening
    if opens_on is None or midnights.day_of(now(), parts().settings.zone) >= opens_on or claims.roles.administrator:
        return
    keys = {"issuer": verified.platform.issuer, "realm": verified.platform.realm, "sub": claims.sub}
    person = session.scalars(select(Person).filter_by(**keys)).one_or_none()
    if person is None or Power.ADMINISTRATOR not in access.powers(session, school, person.id):
        raise LaunchRefused(CLOSED, opens_on.isoformat())


def _arrival(verified: Verified, picking: bool) -> roster.Arrival:
    """A launch of a community's activity, or of the picker, as the community needs to know it."""
    claims = verified.claims
    step, number, passback = (claims.custom.get(name) for name in ("step", "cycle", "passback"))
    known = step in {each.name for each in parts().steps} or step in list(Beside)
    assert claims.context_id is not None
    return roster.Arrival(
        issuer=verified.platform.issuer,
        realm=verified.platform.realm,
        deployment_id=verified.deployment_id,
        sub=claims.sub,
        name=claims.name,
        locale=claims.locale,
        role=claims.roles.course,
        context_id=claims.context_id,
        context_title=claims.context_title,
        resource_link_id=None if picking else claims.resource_link_id,
        resource_link_title=claims.resource_link_title,
        step=step if known else None,
        # The home is placed with the other two; a launch without any of them says nothing.
        names_step=known or (step is None and (number or passback) is not None),
        cycle_number=int(number) if number and number.isdecimal() and len(number) < 6 else None,
        passback=Passback(passback) if passback in list(Passback) else None,
        line_items_url=claims.line_items_url,
        line_item_url=claims.line_item_url,
        scopes=" ".join(claims.scopes),
        memberships_url=claims.memberships_url,
        history=claims.history,
        origin=twins.read_key(claims.custom.get(twins.NAME)),
        context_label=claims.context_label,
        context_sis_id=claims.context_sis_id,
        context_begins=claims.context_begins,
        shares=matching.shared(claims.email, claims.login),
        groups=seating.read_groups(claims.custom.get("group_ids")),
        administrator=claims.roles.administrator,
    )


def _visit(verified: Verified) -> Person:
    """Whoever opens an approve activity: nothing is founded in the course it stands in, and nobody joins it."""
    claims, platform = verified.claims, verified.platform
    session = db.session()
    school, opens_on = schools.opens_on(session, verified.deployment_id, claims.context_id)
    _let_in(verified, (school, opens_on))
    naming = settings.value(session, Name.NAMES, verified.deployment_id, school)
    name = claims.name if naming == Naming.NAMES else ""
    person = roster.whoever(session, roster.Who(platform.issuer, platform.realm, claims.sub, name))
    if person.name != name and not (name and pseudonyms.of(session, [person.id])):
        person.name = name
    outside.note(session, verified.deployment_id, person.id, claims.context_title)
    return person


def entered(opened: Opened | Launch, token: str, key: str | None = None) -> Response:
    """The launch's page, by GET: a reload must not post the launch again (M7).

    key: of the login cookie that has served now.
    """
    response = redirect(_page_of(opened), 303)
    parts().sessions.give(response, request, token)
    if key:
        cookies.end_login(response, key)
    return response


def _page_of(opened: Opened | Launch) -> str:
    if opened.course_id is None:
        return url_for("approving.arrive", launch_id=opened.id)
    return url_for("circle.pick" if opened.deep_linking is not None else "circle.arrive", launch_id=opened.id)


def own_window(code: str, reopen_url: str) -> Response:
    """Cookies do not come back in this frame: one button that opens a window of its own."""
    return make_response(render_template("door/own_window.html", code=code, reopen_url=reopen_url))


def _ask_storage(code: str, opened: Opened, verified: Verified) -> Response:
    """Ask the platform's storage whether this browser began the login (P2)."""
    return make_response(
        render_template(
            "door/storage_get.html",
            target=verified.attempt.storage_target,
            origin=quirks.origin(verified.platform.auth_login_url),
            state=verified.attempt.state,
            code=code,
            reopen_url=opened.reopen_url,
        )
    )


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    blueprint.get("/launch")(item_address)
    blueprint.post("/launch")(launch)
