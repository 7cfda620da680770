"""The `leerkring` command."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import Flask, current_app
from sqlalchemy import func, inspect, select

from lti_tool import create_app
from lti_tool.config import ConfigError, from_environment
from lti_tool.db import command, db
from lti_tool.delivery.handlers import all_handlers
from lti_tool.delivery.worker import Worker, heard_of
from lti_tool.lti import register
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import Course, Deployment, OutboxRow, Registration
from lti_tool.parts import parts

MIGRATIONS = Path(__file__).parent / "migrations"


class _Cli(click.Group):
    """A group whose configuration errors are one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(f"leerkring: {error}", err=True)
            raise SystemExit(2) from error


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Leerkring: a learning community inside the LMS you have."""


def _app() -> Flask:
    return create_app()


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; "base" empties it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    (alembic.downgrade if revision in ("base",) or revision.startswith("-") else alembic.upgrade)(config, revision)


@main.group("db")
def database() -> None:
    """The database."""


@database.command("upgrade")
def upgrade() -> None:
    """Create the tables or bring them up to date."""
    app = _app()
    migrate(app.config["SQLALCHEMY_DATABASE_URI"])
    click.echo("The database is up to date.")


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=4, show_default=True, help="Threads in each.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Run the web processes, and beside them the worker that delivers to the LMS."""
    app = _app()
    migrate(app.config["SQLALCHEMY_DATABASE_URI"])
    web = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", bind, "--worker-class", "gthread"),
            *("--workers", str(workers), "--threads", str(threads), "lti_tool:create_app()"),
        ]
    )
    stop = threading.Event()
    # What ends this process ends the web processes too: systemd and containers send SIGTERM to the first only.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: web.terminate())
    worker = threading.Thread(target=work, args=(app, stop), daemon=True)
    if from_environment().broker_url is None:
        worker.start()
    code = web.wait()
    stop.set()
    if worker.is_alive():
        worker.join(timeout=30)
    raise SystemExit(max(code, 0))


def work(app: Flask, stop: threading.Event, pause: float = 1.0) -> None:
    """Deliver until told to stop, looking for new rows every `pause` seconds."""
    with app.app_context():
        Worker(app, all_handlers(parts())).run(stop, pause)


@main.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
def worker(once: bool) -> None:
    """Deliver what is due to the LMS (serve does it too, unless a broker is set)."""
    app = _app()
    with app.app_context():
        at_work = Worker(app, all_handlers(parts()))
        if once:
            click.echo(f"{at_work.drain()} done")
            return
        if parts().settings.broker_url:
            from lti_tool.delivery.celery import create_celery

            # -B: each worker also keeps time; one message too many finds nothing to do.
            schedule = str(parts().settings.keys_dir / "celerybeat-schedule")
            create_celery(app).worker_main(["worker", "-B", "-s", schedule, "--loglevel", "WARNING"])
            return
    stop = threading.Event()
    try:
        work(app, stop)
    except KeyboardInterrupt:
        stop.set()


@main.command()
def invite() -> None:
    """Print a one-time registration link for the administrator of an LMS."""
    click.echo(registration_link(_app()))


def registration_link(app: Flask) -> str:
    """A new one-time link under which an LMS registers the tool."""
    with command(app) as session:
        code = register.invite(session, parts().sessions.hash)
        return f"{parts().settings.base_url}/lti/register?invite={code}"


@main.group()
def keys() -> None:
    """The tool's own signing keys."""


@keys.command("list")
def list_keys() -> None:
    """The ids of all published keys, newest first."""
    with _app().app_context():
        for key in parts().keys.all():
            click.echo(key.kid)


@keys.command()
def rotate() -> None:
    """Make a new signing key; the ones before it stay published."""
    with _app().app_context():
        click.echo(parts().keys.rotate())


@main.group()
def platform() -> None:
    """The platforms (LMS sites) that may launch the tool."""


@platform.command()
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--auth-login-url", required=True, help="Authentication request URL.")
@click.option("--auth-token-url", required=True, help="Access token URL.")
@click.option("--key-set-url", required=True, help="Public key set URL.")
@click.option("--deployment-id", multiple=True, help="May be given more than once.")
@click.option("--token-audience", default=None, help="Where it differs from the access token URL.")
@click.option("--family", default="", help="moodle, canvas, desire2learn, itslearning, blackboard")
@click.option("--name", default="")
def add(
    issuer: str,
    client_id: str,
    auth_login_url: str,
    auth_token_url: str,
    key_set_url: str,
    deployment_id: tuple[str, ...],
    token_audience: str | None,
    family: str,
    name: str,
) -> None:
    """Add a platform by hand, or change it."""
    with command(_app()) as session:
        for url in (auth_login_url, auth_token_url, key_set_url):
            try:
                parts().outbound.check(url)
            except OutboundError as error:
                raise click.ClickException(f"{url} is not an address Leerkring may call: {error.reason}.") from error
        row = register.upsert(
            session,
            issuer=issuer,
            client_id=client_id,
            auth_login_url=auth_login_url,
            auth_token_url=auth_token_url,
            key_set_url=key_set_url,
            token_audience=token_audience,
            family=family.lower(),
            name=name or issuer,
        )
        for each in deployment_id:
            register.approve(session, row, each)
        click.echo(f"Platform {row.id}: {issuer}, client {client_id}.")


@platform.command("list")
def list_platforms() -> None:
    """All platforms, and deployments that wait for approval."""
    with _app().app_context():
        for row in db.session.scalars(select(Registration).order_by(Registration.id)):
            click.echo(f"{row.id}\t{row.issuer}\t{row.client_id}\t{row.family}")
            for deployment in db.session.scalars(select(Deployment).filter_by(registration_id=row.id)):
                state = "approved" if deployment.approved else "WAITS FOR APPROVAL"
                click.echo(f"\tdeployment {deployment.deployment_id}\t{state}")


@platform.command()
@click.argument("platform_id", type=int)
def show(platform_id: int) -> None:
    """Everything known of one platform."""
    with _app().app_context():
        row = db.session.get(Registration, platform_id)
        if row is None:
            raise click.ClickException(f"There is no platform {platform_id}; see: leerkring platform list")
        for name in (
            "issuer",
            "client_id",
            "name",
            "family",
            "auth_login_url",
            "auth_token_url",
            "key_set_url",
            "scopes",
        ):
            click.echo(f"{name}: {getattr(row, name)}")
        deployments = select(Deployment.id).filter_by(registration_id=row.id)
        courses = select(func.count(Course.id)).where(Course.deployment_id.in_(deployments))
        click.echo(f"courses: {db.session.scalar(courses)}")


@platform.command()
@click.argument("platform_id", type=int)
@click.argument("deployment_id")
def approve(platform_id: int, deployment_id: str) -> None:
    """Let a deployment launch."""
    with command(_app()) as session:
        row = session.get(Registration, platform_id)
        if row is None:
            raise click.ClickException(f"There is no platform {platform_id}; see: leerkring platform list")
        register.approve(session, row, deployment_id)
        click.echo("Approved.")


@main.command()
def doctor() -> None:
    """Say in sentences whether this installation can work; exit 1 if something cannot."""
    app, problems = _app(), 0
    with app.app_context():
        settings = current_app.extensions["leerkring"].settings
        click.echo(f"Address: {settings.base_url}; {'production' if settings.production else 'not production'}.")
        if not inspect(db.engine).has_table(OutboxRow.__tablename__):
            raise click.ClickException("The database has no tables yet: run `leerkring db upgrade`.")
        waiting = db.session.scalar(
            select(func.count(OutboxRow.id)).where(OutboxRow.done_at.is_(None), OutboxRow.stopped_at.is_(None))
        )
        stopped = db.session.scalar(select(func.count(OutboxRow.id)).where(OutboxRow.stopped_at.is_not(None)))
        click.echo(f"Deliveries: {waiting} waiting, {stopped} stopped.")
        if not heard_of(db.session()):
            problems += 1
            click.echo("No worker has been heard of for a minute: start `leerkring serve` or `leerkring worker`.")
        for row in db.session.scalars(select(Registration)):
            try:
                started = time.monotonic()
                parts().platform_keys.refresh(row)
                click.echo(f"{row.issuer}: key set read in {time.monotonic() - started:.1f} s.")
            except Exception as error:
                problems += 1
                click.echo(f"{row.issuer}: its key set could not be read ({error}).")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
