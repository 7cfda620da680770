"""PyLTI1p3 2.0.0 as its documentation uses it, nothing added: what the tool would be without lti_tool.lti.adapter."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Response, jsonify, redirect
from flask_caching import Cache
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.exception import LtiException
from pylti1p3.tool_config import ToolConfDict
from werkzeug.test import Client

SESSION_COOKIE = "lti1p3-session-id"


def bare_app(issuer: str, clients: list[str], deployment_id: str, keys: dict[str, Any] | str) -> Flask:
    """Login, launch and one page. keys: the platform's key set, or its address (then cached, as documented)."""
    app = Flask("bare")
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    found = {"key_set": keys} if isinstance(keys, dict) else {"key_set_url": keys}
    platform = {
        "auth_login_url": issuer + "/auth",
        "auth_token_url": issuer + "/token",
        "key_set_url": None,
        "key_set": None,
        "private_key_file": None,
        "deployment_ids": [deployment_id],
        **found,
    }
    conf = ToolConfDict({issuer: [{**platform, "client_id": client} for client in clients]})

    def storage() -> FlaskCacheDataStorage:
        return FlaskCacheDataStorage(cache)

    @app.route("/login", methods=["GET", "POST"])
    def login() -> Response:
        request = FlaskRequest()
        return FlaskOIDCLogin(request, conf, launch_data_storage=storage()).redirect(
            request.get_param("target_link_uri")
        )

    @app.post("/launch")
    def launch() -> Response:
        launch = FlaskMessageLaunch(FlaskRequest(), conf, launch_data_storage=storage())
        launch.set_public_key_caching(storage(), cache_lifetime=7200)
        launch.get_launch_data()
        return redirect(f"/page/{launch.get_launch_id()}")

    @app.get("/page/<launch_id>")
    def page(launch_id: str) -> Response:
        launch = FlaskMessageLaunch.from_cache(launch_id, FlaskRequest(), conf, launch_data_storage=storage())
        return jsonify(launch.get_launch_data())

    @app.errorhandler(LtiException)
    def refused(error: LtiException) -> tuple[str, int]:
        return str(error), 401

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        return repr(error), 500

    return app


class Bare:
    """The bare app, used like tests.lti.sides.Ours."""

    def __init__(self, app: Flask, secure: bool = False) -> None:
        self.app = app
        self.base = f"{'https' if secure else 'http'}://bare.example"

    def browser(self, cookies: bool = True) -> Client:
        """A new browser."""
        return self.app.test_client(use_cookies=cookies)

    def plant(self, browser: Client, value: str) -> None:
        """Give a browser a session cookie of somebody else's choice."""
        browser.set_cookie(SESSION_COOKIE, value, domain="bare.example", secure=True)

    def login(self, browser: Client, fields: dict[str, str]) -> dict[str, str]:
        """The authentication request that the login is answered with."""
        answer = browser.post("/login", data=fields, base_url=self.base)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def launch(self, browser: Client, state: str, token: str) -> str:
        """The address of the page that opened, or "" when the launch was refused."""
        answer = browser.post("/launch", data={"state": state, "id_token": token}, base_url=self.base)
        assert answer.status_code in (302, 401, 500), answer.data
        return urlsplit(answer.headers["Location"]).path if answer.status_code == 302 else ""

    def reads(self, browser: Client, page: str) -> bool:
        """Whether this browser may read the page."""
        return browser.get(page, base_url=self.base).status_code == 200
