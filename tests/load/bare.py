"""The other side of the comparison: PyLTI1p3 in Flask as its documentation writes it, and nothing else.

Login and launch are those of the Flask example that the library's README names (its game/app.py): the
configuration read for each request, the page that checks for cookies before a login, Flask-Caching's
simple cache with its defaults, the platform's key set fetched at each launch (caching it is an option the
example does not take), the launch printed. Its page is cut down to a heading.
"""

import json
import os
import pprint
import tempfile
from pathlib import Path

from flask import Flask, render_template
from flask_caching import Cache
from jinja2 import DictLoader
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfJsonFile
from werkzeug.wrappers import Response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1><p>Hello, {{ name }}.</p></body></html>
"""


def create_app() -> Flask:
    """The application; BARE_PLATFORM holds one platform, as the library's configuration file wants it."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"page.html": PAGE})
    app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=600, SECRET_KEY="bench")
    cache = Cache(app)
    folder = Path(tempfile.mkdtemp())
    settings = json.loads(os.environ["BARE_PLATFORM"])
    for clients in settings.values():
        for client in clients:
            client["private_key_file"] = "private.key"
    (folder / "private.key").write_text(os.environ["BARE_KEY"])
    (folder / "platforms.json").write_text(json.dumps(settings))
    path = str(folder / "platforms.json")

    @app.route("/login/", methods=["GET", "POST"])
    def login() -> Response:
        tool_conf = ToolConfJsonFile(path)
        request = FlaskRequest()
        oidc_login = FlaskOIDCLogin(request, tool_conf, launch_data_storage=FlaskCacheDataStorage(cache))
        answer: Response = oidc_login.enable_check_cookies().redirect(request.get_param("target_link_uri"))
        return answer

    @app.route("/launch/", methods=["POST"])
    def launch() -> str:
        tool_conf = ToolConfJsonFile(path)
        storage = FlaskCacheDataStorage(cache)
        message_launch = FlaskMessageLaunch(FlaskRequest(), tool_conf, launch_data_storage=storage)
        data = message_launch.get_launch_data()
        pprint.pprint(data)
        link = data["https://purl.imsglobal.org/spec/lti/claim/resource_link"]
        return render_template("page.html", title=link["title"], name=data["name"])

    return app
