"""A second opinion: the tool at a platform whose protocol code nobody here wrote (the package lti1p3platform).

It stands beside the strict LMS, not in its place: it takes any redirect_uri and any audience of an
assertion, and shares its JWT helpers' style with PyLTI1p3. What is around it here is storage and HTTP only.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, request
from lti1p3platform.exceptions import LtiServiceException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration as TheirRegistration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService
from sqlalchemy import select
from werkzeug.serving import make_server

from lti_tool.lti.services import SCOPE_MEMBERS, SCOPE_SCORE
from lti_tool.models import Deployment, LineItem, Person, Registration, Score
from tests.actors import Browser, Form, Page, Tool

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PEOPLE = {
    "u-Karin": ("Karin Smit", "Instructor"),
    "u-Bram": ("Bram Visser", "Learner"),
    "u-Noor": ("Noor el Idrissi", "Learner"),
}
CLIENT, DEPLOYMENT, COURSE = "client-1", "deployment-1", "course-1"


class Config(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration: TheirRegistration) -> None:
        self._registration = registration

    def get_registration_by_params(self, **_: Any) -> TheirRegistration:
        assert self._registration is not None
        return self._registration


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):
    def get_preflight_response(self) -> dict[str, Any]:
        return dict(self._request)

    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return launch_data


class Asked(Request):
    def build_metadata(self, request: Any) -> Any:
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": request.args.to_dict(),
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": request.get_json(silent=True, force=True),
        }


class Gradebook(AssignmentsGradesService):
    """Columns and results in the platform's memory."""

    def __init__(self, platform: "Platform") -> None:
        self.platform = platform
        super().__init__(Asked(request), platform.config, f"{platform.url}/items")

    def find_lineitems(self, page: int = 1, limit: Any = None, **filters: Any) -> Any:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        wanted = {names[name]: value for name, value in filters.items() if value is not None}
        items = [i for i in self.platform.items if all(i.get(name) == value for name, value in wanted.items())]
        return {"content": items, "has_next": False}

    def create_lineitem(self, creation_data: Any) -> Any:
        item = {**creation_data, "id": f"{self.platform.url}/items/{len(self.platform.items) + 1}"}
        self.platform.items.append(item)
        return item

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        self.platform.scores.append((line_item_id, score))
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, page: int = 1, limit: Any = None, user_id: Any = None) -> Any:
        latest = {score["userId"]: score for item, score in self.platform.scores if item == line_item_id}
        latest.update({s["userId"]: s for item, s in self.platform.by_hand if item == line_item_id})
        found = [
            {"id": f"r{sub}", "userId": sub, "resultScore": s["scoreGiven"], "resultMaximum": s["scoreMaximum"]}
            for sub, s in latest.items()
            if user_id in (None, sub)
        ]
        return {"content": found, "has_next": False}

    def find_lineitem(self, line_item_id: str) -> Any:
        raise NotImplementedError

    update_lineitem = delete_lineitem = find_lineitem


class Members(NamesRoleProvisioningService):
    def __init__(self, platform: "Platform") -> None:
        super().__init__(Asked(request), platform.config, f"{platform.url}/members")

    def get_context_by_id(self) -> Context:
        return Context(COURSE, "C1", "Leergemeenschap")

    def get_member_data_page(self, page: int = 1, limit: Any = None, role: Any = None, since: Any = None) -> Any:
        # Without a status: the package fills in Active, as N-3 has it.
        content = [{"user_id": sub, "roles": [MEMBERSHIP + role], "name": name} for sub, (name, role) in PEOPLE.items()]
        return {"content": content, "has_next": False}


class Platform:
    """A small Flask app around the package, on a port of its own."""

    def __init__(self) -> None:
        app = Flask(__name__)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.server.log = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.items: list[dict[str, Any]] = []
        self.scores: list[tuple[str, dict[str, Any]]] = []
        self.by_hand: list[tuple[str, dict[str, Any]]] = []
        self.registration = TheirRegistration()
        self.config = Config(registration=self.registration)
        app.add_url_rule("/jwks", view_func=lambda: self.config.get_jwks(), endpoint="jwks")
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/items", view_func=self.lineitems, methods=["GET", "POST"])
        app.add_url_rule("/items/<number>/scores", view_func=self.score, methods=["POST"])
        app.add_url_rule("/items/<number>/results", view_func=self.results)
        app.add_url_rule("/members", view_func=self.members)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def token(self) -> Any:
        return self.config.get_access_token(request.form.to_dict())

    def answer(self, handle: Any, *args: str, content: bool = True) -> Response:
        try:
            made = handle(*args)
        except LtiServiceException as error:
            return Response(error.message, error.status_code)
        body = made.result["content"] if content and made.result else made.result
        return Response(json.dumps(body) if body is not None else "", made.code, content_type=made.media_type)

    def lineitems(self) -> Response:
        book = Gradebook(self)
        if request.method == "POST":
            return self.answer(book.handle_create_lineitem, content=False)
        return self.answer(book.handle_get_lineitems)

    def score(self, number: str) -> Response:
        return self.answer(Gradebook(self).handle_update_score, number)

    def results(self, number: str) -> Response:
        return self.answer(Gradebook(self).handle_get_results, number)

    def members(self) -> Response:
        return self.answer(Members(self).handle_get_members, content=False)


class School:
    """That platform with the tool registered, and its people."""

    def __init__(self, tool: Tool, platform: Platform) -> None:
        self.tool, self.platform = tool, platform
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        target = f"{tool.url}/lti/launch"
        theirs = platform.registration
        theirs.set_iss(platform.url).set_client_id(CLIENT).set_deployment_id(DEPLOYMENT)
        theirs.set_launch_url(target).set_deeplink_launch_url(target).set_oidc_login_url(f"{tool.url}/lti/login")
        theirs.set_tool_key_set_url(f"{tool.url}/lti/jwks")
        theirs.set_platform_private_key(pem.decode()).set_platform_public_key(public.decode())
        with tool.session() as session:
            ours = Registration(
                issuer=platform.url,
                client_id=CLIENT,
                auth_login_url=f"{platform.url}/auth",
                auth_token_url=f"{platform.url}/token",
                key_set_url=f"{platform.url}/jwks",
            )
            session.add(ours)
            session.flush()
            session.add(Deployment(registration_id=ours.id, deployment_id=DEPLOYMENT, approved=True))

    def launch(self, sub: str, link: str, custom: dict[str, str] | None = None, pick: bool = False) -> Page:
        """Login, authentication and launch, by the package; `pick` asks for content instead."""
        browser = Browser(self.tool)
        login = Login(None, self.platform.config)
        login.set_lti_message_hint(link)
        answer = browser.get(login.initiate_login(sub))
        asked = dict(parse_qsl(urlsplit(answer.response.headers["Location"]).query))
        assert asked["lti_message_hint"] == link
        message = Launch(asked, self.platform.config)
        name, role = PEOPLE[sub]
        message.set_user_data(sub, [MEMBERSHIP + role], name)
        message.set_launch_context_claim(COURSE, ["CourseSection"], "Leergemeenschap", "C1")
        message.set_launch_presentation_claim("iframe")
        message.set_nrps(f"{self.platform.url}/members")
        message.set_ags(f"{self.platform.url}/items")
        if pick:
            message.set_dl(f"{self.platform.url}/return", accept_types={"ltiResourceLink"}, extra_data={"a": "één"})
        else:
            message.set_resource_link_claim(link, title="Stap 1")
            message.set_custom_parameters_claim(custom or {})
        form = message.lti_launch()
        fields = {"id_token": form["id_token"], "state": form["state"]}
        return browser.post(form["launch_url"], fields, site="cross-site")


@pytest.fixture
def school(tool: Tool) -> Iterator[School]:
    platform = Platform()
    yield School(tool, platform)
    platform.stop()


def test_deep_linking_gives_back_the_whole_cycle(school: School) -> None:
    page = school.launch("u-Karin", "picker", pick=True)
    sent = page.form("/place").submit()
    form = Form(sent, sent.soup.find("form", attrs={"data-submit": True}))  # type: ignore[arg-type]
    assert form.action == f"{school.platform.url}/return"
    token = dict(form.values())
    items = school.platform.config.validate_deeplinking_resp(token)
    claims = school.platform.config.tool_validate_and_decode(token["JWT"])
    assert claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == {"a": "één"}
    assert claims["aud"] == school.platform.url
    assert {item["type"] for item in items} == {"ltiResourceLink"}
    assert [item["custom"].get("step", "home") for item in items[:2]] == ["home", "ambition"]
    assert len(items) == 7
    assert all(item["lineItem"]["scoreMaximum"] == 100 for item in items[1:])
    assert all(type(value) is str for item in items for value in item["custom"].values())


def test_launch_roster_column_score_and_result(school: School, keys_dir: Path) -> None:
    platform, step = school.platform, {"step": "ambition", "cycle": "1", "passback": "moments"}
    school.launch("u-Karin", "link-1", step).form("/welcome").submit(choice="facilitate")
    page = school.launch("u-Bram", "link-1", step)
    assert page.status == 200, page.text
    page = page.form("/idea").submit(text="ze zelf vertellen wat ze leerden", why="omdat het telt")
    assert page.status == 200, page.text
    school.tool.deliver()
    (item,) = platform.items
    assert (item["resourceLinkId"], item["scoreMaximum"], item["label"]) == ("link-1", 100, "Stap 1")
    ((number, score),) = platform.scores
    assert (number, score["userId"], score["scoreGiven"], score["gradingProgress"]) == (
        "1",
        "u-Bram",
        33,
        "FullyGraded",
    )
    with school.tool.session() as session:
        names = session.scalars(select(Person.name).order_by(Person.name)).all()
        assert names == sorted(name for name, _ in PEOPLE.values())
        assert session.scalars(select(LineItem.url)).one() == item["id"]
        assert session.scalars(select(Score.state)).all() == ["arrived"]


def test_a_grade_set_by_hand_stays_and_the_column_is_found_again(school: School) -> None:
    platform, step = school.platform, {"step": "ambition", "cycle": "1"}
    platform.items.append(
        {"id": f"{platform.url}/items/1", "label": "x", "scoreMaximum": 10, "resourceLinkId": "link-1"}
    )
    platform.by_hand.append(("1", {"userId": "u-Bram", "scoreGiven": 8, "scoreMaximum": 10}))
    school.launch("u-Karin", "link-1", step).form("/welcome").submit(choice="facilitate")
    for sub in ("u-Bram", "u-Noor"):
        school.launch(sub, "link-1", step).form("/idea").submit(text=f"idee van {sub}", why="omdat het telt")
    school.tool.deliver()
    assert len(platform.items) == 1
    assert [score["userId"] for _, score in platform.scores] == ["u-Noor"]
    with school.tool.session() as session:
        states = dict(session.execute(select(Person.sub, Score.state).join(Score, Score.person_id == Person.id)).all())
    assert states == {"u-Bram": "held", "u-Noor": "arrived"}


def test_the_package_refuses_a_token_of_another_scope(school: School) -> None:
    """Our token for the roster is no token for scores: it is one scope a token."""
    services = school.tool.app.extensions["leerkring"].services
    with school.tool.session() as session:
        registration = session.scalars(select(Registration)).one()
    services._token(registration, SCOPE_MEMBERS)
    tokens = services._tokens
    tokens[(registration.id, SCOPE_SCORE)] = tokens[(registration.id, SCOPE_MEMBERS)]
    services.post_score(registration, f"{school.platform.url}/items/1", {"userId": "u-Bram", "scoreGiven": 33})
    assert [score["scoreGiven"] for _, score in school.platform.scores] == [33], "a new token was fetched on the 401"
