"""What an LMS fetches for itself: the key set; and the page that an administrator registers the tool with."""

from typing import Any

from flask import Blueprint, g, jsonify, make_response, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.audience import ARRIVING, PLATFORM, audience
from lti_tool.db import db, short_transaction
from lti_tool.domain.school import codes
from lti_tool.i18n import say as _
from lti_tool.lti import LaunchRefused, quirks, renewal
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.register import (
    Introduction,
    bind_invite,
    count_try,
    find,
    find_invite,
    introduce,
    read_configuration,
    store,
    use_invite,
    would_reset,
)
from lti_tool.models.platform import Registration
from lti_tool.observe import log
from lti_tool.parts import parts

# Whoever holds an invitation chooses the address that is called. What is inside, shut, silent or not there at all is
# told apart in the log only: nobody explores the network of the tool's server with it.
NOT_REACHED = frozenset({"private_address", "connection", "timeout"})
UNREACHED = "unreachable"


@audience(PLATFORM)
def jwks() -> Response:
    """The tool's public keys, old and new together (S11)."""
    response = jsonify(parts().keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@audience(PLATFORM)
def page() -> Response:
    """GET /lti/register?invite=...&openid_configuration=...[&registration_token=...], inside the LMS's page.

    &again=1: the administrator read what registering again changes in the LMS.
    """
    g.frame_ancestors = "*"
    url, code = request.args.get("openid_configuration", ""), request.args.get("invite", "")
    try:
        invited = parts().sessions.hash(code)
        find_invite(db.session(), invited)
        # Registering again is answered before anything is called, and without the database while it is.
        again = bool(url) and "again" not in request.args and would_reset(db.session(), url)
        db.session.rollback()
        if not url:
            # The administrator opened the link itself, instead of pasting it into the LMS. Who asked for another host
            # is not told to paste that one.
            link = f"{parts().settings.base_url}/lti/register?invite={code}"
            return make_response(render_template("door/register.html", row=None, link=link, problem=None))
        if again:
            return make_response(render_template("door/register_again.html", asked=request.args))
        return _register(invited, code, url, request.args.get("registration_token") or None)
    except (LaunchRefused, OutboundError) as error:
        return _refused(error, url)


def _register(invited: str, code: str, url: str, token: str | None) -> Response:
    """Introduce the tool and keep the answer; or ask first, where it would change a registration that is known.

    A GET that writes: not in the request's session, which on SQLite may only read.
    """
    with short_transaction() as session:
        count_try(session, invited)
    platform = read_configuration(parts().outbound, url, token)
    with short_transaction() as session:
        bind_invite(session, invited, platform["issuer"])
    answer = introduce(parts().settings, parts().outbound, platform, token)
    with short_transaction() as session:
        known = find(session, answer.values["issuer"], answer.values["client_id"])
        changes = renewal.changes(session, known, answer) if known else []
        invite = find_invite(session, invited)
        used = None if changes else _use(session, invited, renewal.kept(known, answer) if known else answer)
    if used is not None:
        return _kept(*used)
    assert known is not None
    # It may have to fetch a key, which no transaction waits for.
    if not renewal.may_change(invite, known, token, parts().platform_keys.fetch):
        raise LaunchRefused("registration_known", str(known.id))
    return _ask(code, known, answer, changes)


def _ask(code: str, known: Registration, answer: Introduction, changes: list[renewal.Change]) -> Response:
    """Show what would change; what is agreed to is what was shown, and nothing is asked of the LMS twice."""
    seen = [(change.name.en, change.old, change.new) for change in changes]
    sealed = _seal(code).dumps({"values": answer.values, "deployment": answer.deployment_id, "seen": seen})
    shown = render_template("door/register_change.html", known=known, changes=changes, code=code, answer=sealed)
    return make_response(shown)


@audience(ARRIVING)
def agreed() -> Response:
    """POST /lti/register: somebody saw what would change, and wants it."""
    g.frame_ancestors = "*"
    code = request.form.get("invite", "")
    try:
        invited = parts().sessions.hash(code)
        find_invite(db.session(), invited, hold=True)
        try:
            said: dict[str, Any] = _seal(code).loads(request.form.get("answer", ""))
        except BadSignature as error:
            raise LaunchRefused("registration_not_shown") from error
        answer = Introduction(said["values"], said["deployment"])
        known = find(db.session(), answer.values["issuer"], answer.values["client_id"])
        if known is None:
            raise LaunchRefused("registration_not_shown")
        changes = renewal.changes(db.session(), known, answer)
        if [[change.name.en, change.old, change.new] for change in changes] != said["seen"]:
            # It was changed meanwhile: this is not what was agreed to.
            return _ask(code, known, answer, changes)
        return _kept(*_use(db.session(), invited, renewal.kept(known, answer)))
    except LaunchRefused as error:
        return _refused(error, "")


def _seal(code: str) -> URLSafeSerializer:
    """Seals an answer that waits in a page; for the holder of this code only."""
    return URLSafeSerializer(parts().sessions.hash(f"registration {code}"))


def _use(session: Session, invited: str, answer: Introduction) -> tuple[Registration, str | None]:
    """The registration as it is kept, and the code for its first administrator, where nobody administers it yet."""
    row = store(session, answer)
    use_invite(session, invited, row)
    return row, codes.first(session, row.id, parts().sessions.hash)


def _kept(row: Registration, code: str | None) -> Response:
    parts().platforms.forget()
    log.info("registered", issuer=row.issuer, family=row.family)
    return make_response(render_template("door/register.html", row=row, code=code, problem=None))


def _refused(error: LaunchRefused | OutboundError, url: str) -> Response:
    db.session.rollback()
    status, detail = getattr(error, "status", 0), getattr(error, "detail", "")
    origin = quirks.origin(url) or None
    log.warning("registration_refused", reason=error.reason, status=status, detail=detail, origin=origin)
    return _failed(UNREACHED if error.reason in NOT_REACHED else error.reason, status, detail)


def _failed(reason: str, status: int, detail: str) -> Response:
    code = 400
    if reason == "invite_too_often":
        code = 429
        sentence = _(
            "Met deze link is het afgelopen uur te vaak geprobeerd te registreren.",
            "Registering was tried too often with this link in the last hour.",
        )
        advice = _(
            "Wacht een uur en begin dan opnieuw in je LMS. De link blijft bruikbaar.",
            "Wait an hour, then start again in your LMS. The link can be used again.",
        )
    elif reason == "invite_elsewhere":
        sentence = _(
            "Deze registratielink is al voor een ander LMS gebruikt.",
            "This registration link has been used for another LMS already.",
        )
        advice = _(
            "Elk LMS heeft een eigen link nodig. Vraag om een nieuwe: die maak je met het commando ‘leerkring invite’.",
            "Each LMS needs a link of its own. Ask for a new one: it is made with the command “leerkring invite”.",
        )
    elif reason == "registration_known":
        sentence = _(
            "Leerkring kent deze koppeling al, en met deze link mag hij niet veranderen.",
            "Leerkring knows this connection already, and this link may not change it.",
        )
        advice = _(
            "Er is hier niets veranderd. Vraag wie Leerkring beheert om een link die dat wel mag: "
            "‘leerkring invite --platform %(number)s’.",
            "Nothing has changed here. Ask whoever runs Leerkring for a link that may: "
            "“leerkring invite --platform %(number)s”.",
            number=detail,
        )
    elif reason == "registration_not_shown":
        sentence = _(
            "Deze wijziging hoort niet bij deze registratielink.",
            "This change does not belong to this registration link.",
        )
        advice = _("Begin opnieuw in je LMS.", "Start again in your LMS.")
    elif reason == "configuration_elsewhere":
        sentence = _(
            "De configuratie van je LMS staat niet op de plaats die bij zijn adres (issuer) hoort.",
            "The configuration of your LMS is not in the place that belongs to its address (issuer).",
        )
        advice = _(
            "Leerkring gelooft alleen wat een LMS op zijn eigen adres over zichzelf zegt. Koppel met de hand: zie de "
            "documentatie. De link blijft bruikbaar.",
            "Leerkring believes only what an LMS says of itself at its own address. Connect by hand: see the "
            "documentation. The link can be used again.",
        )
    elif reason.startswith("invite"):
        sentence = _(
            "Deze registratielink is al gebruikt, verlopen of niet compleet.",
            "This registration link has been used, has expired or is not complete.",
        )
        advice = _(
            "Vraag om een nieuwe link: die maak je met het commando ‘leerkring invite’ en werkt "
            "één keer, een week lang.",
            "Ask for a new link: it is made with the command “leerkring invite” and works once, for a week.",
        )
    elif reason == "status" and status in (401, 403):
        sentence = _(
            "Je LMS stond de registratie niet toe.",
            "Your LMS did not allow the registration.",
        )
        advice = _(
            "Begin opnieuw in je LMS met dezelfde link: de toestemming van het LMS duurt een uur.",
            "Start again in your LMS with the same link: its own permission lasts an hour.",
        )
    elif reason == "status":
        sentence = _(
            "Je LMS weigerde de registratie (status %(status)s).",
            "Your LMS refused the registration (status %(status)s).",
            status=status,
        )
        advice = _(
            "De link blijft bruikbaar. Blijft het zo, koppel dan met de hand: zie de documentatie.",
            "The link can be used again. If it stays like this, connect by hand: see the documentation.",
        )
    else:
        sentence = _(
            "Leerkring kon je LMS niet bereiken, of mag het antwoord niet vertrouwen (%(reason)s).",
            "Leerkring could not reach your LMS, or may not believe its answer (%(reason)s).",
            reason=reason,
        )
        advice = _(
            "Het adres van je LMS moet openbaar zijn en met https beginnen. De link blijft bruikbaar.",
            "The address of your LMS must be public and begin with https. The link can be used again.",
        )
    page, code = web.error_page(sentence, advice=advice, status=code)
    response = make_response(page, code)
    response.headers["X-Leerkring-Reason"] = reason
    return response


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/jwks")(jwks)
    blueprint.get("/register", endpoint="register")(page)
    blueprint.post("/register", endpoint="agreed")(agreed)
