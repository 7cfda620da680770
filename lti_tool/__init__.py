"""Leerkring: a professional learning community inside the LMS a school already has."""

import logging
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import db, i18n, observe, web
from lti_tool.config import Settings, from_environment
from lti_tool.steps.base import Step

HERE = Path(__file__).parent


def create_app(settings: Settings | None = None, extra_steps: tuple[type[Step], ...] = ()) -> Flask:
    """The application. Raises ConfigError, in one sentence, where production lacks something."""
    from lti_tool import views
    from lti_tool.lti.keys import KeyRing, session_secret
    from lti_tool.lti.outbound import Outbound
    from lti_tool.lti.platform_keys import PlatformKeys
    from lti_tool.lti.platforms import Platforms
    from lti_tool.lti.services import Services
    from lti_tool.lti.session import Sessions
    from lti_tool.lti.views import protocol
    from lti_tool.parts import Parts
    from lti_tool.steps import load

    settings = settings or from_environment()
    observe.configure()
    # In the wheel the templates lie inside the package, in a checkout beside it.
    templates = HERE / "templates" if (HERE / "templates").is_dir() else HERE.parent / "templates"
    app = Flask("lti_tool", template_folder=str(templates), static_folder=str(HERE / "static"))
    app.config.update(
        SECRET_KEY=(secret := session_secret(settings)),
        SQLALCHEMY_DATABASE_URI=_database_url(settings),
        SQLALCHEMY_ENGINE_OPTIONS={} if settings.sqlite else {"pool_pre_ping": True, "pool_size": 10},
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    keys = KeyRing(settings, demo=settings.allow_private_hosts)
    keys.all()
    outbound = Outbound(settings.allow_private_hosts)
    app.extensions["leerkring"] = Parts(
        settings=settings,
        keys=keys,
        outbound=outbound,
        platform_keys=PlatformKeys(outbound),
        platforms=Platforms(),
        services=Services(outbound, keys),
        sessions=Sessions(secret),
        steps=load(extra_steps),
    )
    observe.init_app(app)
    db.init_app(app)
    i18n.init_app(app, settings)
    web.init_app(app, settings)
    app.register_blueprint(protocol)
    views.init_app(app)
    if settings.broker_url:
        # Celery is an extra: only an installation on several machines has it.
        from lti_tool.delivery.celery import Waker

        app.extensions["leerkring.wake"] = Waker(app)
    return app


def _database_url(settings: Settings) -> str:
    """The configured URL; a relative SQLite path is taken from the working directory, which it is made in."""
    prefix = "sqlite:///"
    if settings.database_url.startswith(prefix) and settings.database_url != prefix:
        path = Path(settings.database_url.removeprefix(prefix)).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        return prefix + str(path)
    return settings.database_url
