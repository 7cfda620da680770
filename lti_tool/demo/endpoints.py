"""The HTTP side of login, tokens, keys, registration and deep linking.

Every view here is a named call: faults.py can break it and the site's log has it.
"""

from flask import Blueprint, Response, g, jsonify, render_template, request

from lti_tool.demo.addresses import LTI_PATH
from lti_tool.demo.deeplink import ResponseError
from lti_tool.demo.faults import refusal, spoil
from lti_tool.demo.keys import KeysetError
from lti_tool.demo.platform import AuthError
from lti_tool.demo.registration import RegistrationError
from lti_tool.demo.site import Call, site
from lti_tool.demo.texts import choose_language
from lti_tool.demo.tokens import TOKEN_LIFE, TokenError

endpoints = Blueprint("endpoints", __name__, url_prefix=LTI_PATH)


def watch(blueprint: Blueprint, keep_body: bool = False) -> None:
    """Let each view of the blueprint go wrong as planned, and log its calls.

    A view says why it refuses in g.reason.
    """

    @blueprint.before_request
    def begin() -> Response | None:
        g.reason = ""
        g.fault = site().faults.take(call_name())
        if g.fault and g.fault.kind == "fail":
            g.reason = "fault: fail"
            return refusal(g.fault)
        return None

    @blueprint.after_request
    def end(answer: Response) -> Response:
        if g.fault and g.fault.kind != "fail":
            g.reason = f"fault: {g.fault.kind} (was {answer.status_code} {g.reason})"
            answer = spoil(g.fault, answer)
        sent = request.get_data(as_text=True) if keep_body else ""
        site().log(Call(call_name(), request.method, request.path, answer.status_code, g.reason, sent))
        return answer


def call_name() -> str:
    """The name of the call that is being answered, as in faults.py."""
    return (request.endpoint or "").rsplit(".", 1)[-1]


watch(endpoints)


@endpoints.get("/openid-configuration.php")
def configuration() -> Response:
    """The OpenID configuration (openid-configuration.json)."""
    return jsonify(site().platform.configuration())


@endpoints.get("/certs.php")
def jwks() -> Response:
    """The LMS's key set: {keys: [{kty, n, e, kid, alg, use}]}."""
    return jsonify(site().platform.jwks())


@endpoints.route("/auth.php", methods=["GET", "POST"])
def auth() -> Response:
    """The authentication request, by GET or POST (OpenID Connect Core 3.1.2.1)."""
    try:
        form = site().platform.authenticate(request.values)
    except AuthError as error:
        g.reason = str(error)
        page = render_template("demo/refused.html", reason=str(error))
        return Response(page, status=400)
    g.reason = form.fields.get("error_description", "")
    return Response(render_template("demo/form_post.html", form=form))


@endpoints.post("/token.php")
def token() -> Response:
    """A token, in JSON that says it is HTML, as Moodle's (recorded)."""
    try:
        if request.mimetype != "application/x-www-form-urlencoded":
            raise TokenError("invalid_request", "not form-encoded")
        granted = site().tokens.grant(request.form)
    except TokenError as error:
        g.reason = error.reason
        return Response(f'{{\r\n  "error" : "{error.error}"\r\n}}', status=400, content_type="text/html; charset=utf-8")
    except KeysetError as error:
        g.reason = str(error)
        page = render_template("demo/refused.html", reason="Exception - TypeError")
        return Response(page, status=500)
    body = (
        f'{{\r\n  "access_token" : "{granted.value}",\r\n  "token_type" : "Bearer",\r\n'
        f'  "expires_in" : {TOKEN_LIFE},\r\n  "scope" : "{" ".join(granted.scopes)}"\r\n}}'
    )
    return Response(body, content_type="text/html; charset=utf-8")


@endpoints.post("/openid-registration.php")
def registration() -> Response:
    """Dynamic registration: 200 with the registration, or a bare text and its status."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    bearer = value.strip() if kind == "Bearer" and value.strip() else None
    try:
        if request.mimetype != "application/json":
            raise RegistrationError(400, "Content-Type is not application/json")
        return jsonify(site().registrar.register(bearer, request.get_json(silent=True)))
    except RegistrationError as error:
        g.reason = error.message
        # Moodle's bare text: no JSON, and no content type of its own.
        return Response(error.message, status=error.status, content_type="text/html; charset=utf-8")


@endpoints.post("/contentitem_return.php")
def deep_link_return() -> Response:
    """Where the tool posts what was selected; shown inside the selection frame."""
    try:
        selection = site().deep_links.receive(
            request.args.get("course", ""),
            request.args.get("sesskey", ""),
            request.form.get("JWT", ""),
        )
    except ResponseError as error:
        g.reason = str(error)
        return Response(render_template("demo/refused.html", reason=str(error)), status=400)
    choose_language(selection.language)
    return Response(render_template("demo/selected.html", selection=selection))


@endpoints.get("/return.php")
def launch_return() -> Response:
    """Where a tool sends somebody back to, with or without a message (Core 1.3, 5.4.4)."""
    person = site().platform.person_of(request.args.get("sesskey", ""))
    course = site().school.courses.get(request.args.get("course", ""))
    if person is None or course is None:
        g.reason = "sesskey or course is unknown"
        return Response(render_template("demo/refused.html", reason=g.reason), status=400)
    page = render_template(
        "demo/returned.html",
        person=person,
        course=course,
        message=request.args.get("lti_msg", ""),
        error=request.args.get("lti_errormsg", ""),
    )
    return Response(page)
