"""Leerkring: a professional learning community inside the LMS a school already has."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from lti_tool.config import Settings
    from lti_tool.steps.base import Step

HERE = Path(__file__).parent


def create_app(settings: Settings | None = None, extra_steps: tuple[type[Step], ...] = ()) -> Flask:
    """The application. Raises ConfigError, in one sentence, where production lacks something."""
    # Here, not above: who imports one module of the package, or asks its command for help, needs no web application.
    from flask import Flask
    from jinja2 import StrictUndefined
    from werkzeug.middleware.proxy_fix import ProxyFix

    from lti_tool import administration, audience, circle, db, door, i18n, observe, web
    from lti_tool.circle import reception
    from lti_tool.circle.hours import outside
    from lti_tool.circle.together import news
    from lti_tool.config import from_environment
    from lti_tool.door.rates import Rates
    from lti_tool.door.sessions import Sessions
    from lti_tool.lti.keys import KeyRing, session_secret
    from lti_tool.lti.outbound import Outbound
    from lti_tool.lti.platform_keys import PlatformKeys
    from lti_tool.lti.platforms import Platforms
    from lti_tool.lti.services import Services
    from lti_tool.lti.states import States
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
        # What people wrote is in the parameters of statements.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True} | ({} if settings.sqlite else {"pool_size": 10}),
    )
    # A name that no page was given is a mistake in the template, never an empty place on the page.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    keys = KeyRing(settings, demo=settings.allow_private_hosts)
    keys.all()
    outbound = Outbound(settings.allow_private_hosts)
    platforms = Platforms()
    app.extensions["leerkring"] = Parts(
        settings=settings,
        keys=keys,
        outbound=outbound,
        platform_keys=PlatformKeys(outbound, platforms),
        platforms=platforms,
        services=Services(outbound, keys),
        sessions=Sessions(secret),
        states=States(secret),
        rates=Rates(settings.broker_url),
        steps=load(extra_steps),
    )
    observe.init_app(app)
    db.init_app(app)
    i18n.init_app(app, settings)
    web.init_app(app, settings)
    door.init_app(app)
    circle.init_app(app)
    administration.init_app(app)
    desks = (
        (circle.circle, reception.RECEPTION),
        (news.news, news.RECEPTION),
        (outside.approving, outside.RECEPTION),
        (administration.administration, administration.RECEPTION),
    )
    audience.init_app(app, {blueprint.name: reception for blueprint, reception in desks})
    if settings.broker_url:
        # Celery is an extra: only an installation on several machines has it.
        from lti_tool.delivery.celery import Waker

        app.extensions["leerkring.wake"] = Waker(app)
    observe.go_around(app)
    return app


def _database_url(settings: Settings) -> str:
    """The configured URL; a relative SQLite path is taken from the working directory, which it is made in.

    Raises ConfigError for what is none.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from lti_tool import files
    from lti_tool.config import ConfigError

    prefix = "sqlite:///"
    if settings.database_url.startswith(prefix) and settings.database_url != prefix:
        path = Path(settings.database_url.removeprefix(prefix)).absolute()
        files.make_folder(path.parent)
        return prefix + str(path)
    try:
        return make_url(settings.database_url).render_as_string(hide_password=False)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "LEERKRING_DATABASE_URL is not a database's address, such as postgresql+psycopg://user@host:5432/name."
        ) from error
