"""`leerkring platform`, `deployment` and `invite`: who may launch the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from lti_tool.cli.database import looking, ready, writing

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from lti_tool.db import Base
    from lti_tool.models import Registration


# As the registration keeps them: they become part of a header of every page.
FRAME_ORIGINS = 512


@click.group(invoke_without_command=True)
@click.option("--platform", "platform_id", type=int, help="Let the link change this platform's registration.")
@click.pass_context
def invite(context: click.Context, platform_id: int | None) -> None:
    """Print a one-time registration link for the administrator of an LMS."""
    if context.invoked_subcommand is None:
        click.echo(registration_link(ready(), platform_id))


def registration_link(app: Flask, platform_id: int | None = None) -> str:
    """A new one-time link under which an LMS registers the tool; or the platform of this number does so again."""
    from lti_tool.db import command
    from lti_tool.lti import register
    from lti_tool.parts import parts

    with command(app) as session:
        renewed = known_platform(session, platform_id) if platform_id is not None else None
        code = register.invite(session, parts().sessions.hash, renewed)
        return f"{parts().settings.base_url}/lti/register?invite={code}"


def known_platform(session: Session, platform_id: int) -> Registration:
    """A platform by its number; one that is not there is said in a sentence."""
    from lti_tool.models import Registration

    row = session.get(Registration, platform_id)
    if row is None:
        raise click.ClickException(f"There is no platform {platform_id}; see: leerkring platform list")
    return row


@click.group()
def platform() -> None:
    """The platforms (LMS sites) that may launch the tool."""


def _origins(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """What the options change of a registration: its frame_origins, or nothing where none was given."""
    from lti_tool.lti.quirks import ORIGIN

    for each in filter(None, given):
        match = ORIGIN.fullmatch(each)
        if (
            match is None
            or match[1] != each
            or not each.startswith(("https://", "http://localhost", "http://127.0.0.1"))
        ):
            raise click.BadParameter(
                f"{each} is no origin: give https:// and a host, such as https://apps.lms.example."
            )
    origins = " ".join(dict.fromkeys(filter(None, given)))
    if len(origins) > FRAME_ORIGINS:
        raise click.BadParameter(f"together they may have {FRAME_ORIGINS} characters.")
    return {"frame_origins": origins} if given else {}


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
@click.option(
    "--frame-origin",
    multiple=True,
    callback=_origins,
    help="Another origin in whose frames the platform shows the tool; may be given more than once. Kept when it is not "
    "given again; '' takes all away.",
)
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
    frame_origin: dict[str, str],
) -> None:
    """Add a platform by hand, or change it."""
    from lti_tool.cli.administrators import say_code
    from lti_tool.db import command
    from lti_tool.domain.school import codes
    from lti_tool.lti import register
    from lti_tool.lti.outbound import OutboundError
    from lti_tool.parts import parts

    app = ready()
    with command(app) as session:
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
            **frame_origin,
        )
        for each in deployment_id:
            register.approve(session, row, each)
        click.echo(f"Platform {row.id}: {issuer}, client {client_id}.")
        if made := codes.first(session, row.id, parts().sessions.hash):
            say_code(made)
        added = row.id
    _fetch_keys(app, added)


def _fetch_keys(app: Flask, platform_id: int) -> None:
    """Once the platform is kept: what was known of its keys may be of another time, or another address."""
    from lti_tool.lti import LaunchRefused
    from lti_tool.parts import parts

    with app.app_context():
        platform = parts().platforms.platform_of(platform_id)
        assert platform is not None
        try:
            read = parts().platform_keys.refresh(platform)
            click.echo(f"Key set read: {len(read['keys'])} keys.")
        except LaunchRefused as error:
            click.echo(
                f"Its key set at {platform.key_set_url} could not be read now ({error.detail}). "
                "The first launch tries again; `leerkring doctor` says whether it works.",
                err=True,
            )


@platform.command("list")
def list_platforms() -> None:
    """All platforms, and what waits for approval: deployments, and origins of services."""
    from sqlalchemy import select

    from lti_tool.models import Deployment, Registration

    with looking() as session:
        for row in session.scalars(select(Registration).order_by(Registration.id)):
            click.echo(f"{row.id}\t{row.issuer}\t{row.client_id}\t{row.family}")
            for deployment in session.scalars(select(Deployment).filter_by(registration_id=row.id)):
                state = "approved" if deployment.approved else "WAITS FOR APPROVAL"
                click.echo(f"\tdeployment {deployment.deployment_id}\t{state}")
            for origin in row.service_origins.split():
                click.echo(f"\tservices at {origin}\tapproved")
            for origin in row.origins_waiting.split():
                click.echo(f"\tservices at {origin}\tWAIT FOR APPROVAL: leerkring platform admit {row.id} {origin}")


@platform.command()
@click.argument("platform_id", type=int)
def show(platform_id: int) -> None:
    """Everything known of one platform."""
    from sqlalchemy import func, select

    from lti_tool.models import Course, Deployment

    with looking() as session:
        row = known_platform(session, platform_id)
        for name in (
            "issuer",
            "client_id",
            "name",
            "family",
            "auth_login_url",
            "auth_token_url",
            "key_set_url",
            "scopes",
            "frame_origins",
            "realm",
        ):
            click.echo(f"{name}: {getattr(row, name)}")
        deployments = select(Deployment.id).filter_by(registration_id=row.id)
        courses = select(func.count(Course.id)).where(Course.deployment_id.in_(deployments))
        click.echo(f"courses: {session.scalar(courses)}")


@platform.command()
@click.argument("platform_id", type=int)
@click.argument("deployment_id")
def approve(platform_id: int, deployment_id: str) -> None:
    """Let a deployment launch."""
    from lti_tool.domain.school import deployments
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.lti import register
    from lti_tool.models import Deployment

    with writing() as session:
        row = known_platform(session, platform_id)
        known = session.query(Deployment).filter_by(registration_id=row.id, deployment_id=deployment_id).first()
        if known is not None:
            deployments.approve(session, OPERATOR, known)
        else:
            register.approve(session, row, deployment_id)
        click.echo("Approved.")


@platform.command()
@click.argument("platform_id", type=int)
@click.argument("origin")
def admit(platform_id: int, origin: str) -> None:
    """Let roster and grades of a platform go to a further origin, such as https://api.lms.example."""
    from sqlalchemy import update

    from lti_tool.db import now
    from lti_tool.lti import origins, quirks
    from lti_tool.lti.outbound import OutboundError
    from lti_tool.models import OutboxRow
    from lti_tool.parts import parts

    with writing() as session:
        row = known_platform(session, platform_id)
        try:
            parts().outbound.check(origin)
        except OutboundError as error:
            raise click.ClickException(f"{origin} is not an address Leerkring may call: {error.reason}.") from error
        if quirks.origin(origin) != origin:
            raise click.ClickException(
                f"{origin} is no origin: give the scheme and host, and the port if there is one."
            )
        origins.admit(session, row, origin)
        # What waited for it is due at once.
        waiting = (OutboxRow.registration_id == row.id, OutboxRow.done_at.is_(None), OutboxRow.stopped_at.is_(None))
        session.execute(update(OutboxRow).where(*waiting).values(due_at=now()))
        click.echo("Approved.")


@platform.command()
@click.argument("platform_id", type=int)
@click.argument("other_id", type=int)
def join(platform_id: int, other_id: int) -> None:
    """Make the people of a platform those of another one of the same issuer."""
    from lti_tool.domain.community import joining

    with writing() as session:
        joined, to = known_platform(session, platform_id), known_platform(session, other_id)
        try:
            twice = joining.join(session, joined, to)
        except joining.CannotJoin as refused:
            said = {
                "other_issuer": f"{joined.issuer} and {to.issuer} are two issuers, whose people are never the same.",
                "joined_already": f"The people of platforms {platform_id} and {other_id} are the same already.",
            }
            raise click.ClickException(said[refused.code]) from refused
        click.echo(
            f"The people of platform {platform_id} are those of platform {other_id}; {twice} were known to both."
        )


@click.group()
def deployment() -> None:
    """The deployments of a platform: its tenants."""


YES = click.option("--yes", is_flag=True, help="Do not ask.")
# What is shown of what goes: table -> what one calls it. No names.
SHOWN = {
    "deployment": "deployments",
    "course": "courses",
    "community": "communities",
    "person": "people",
    "contribution": "contributions",
    "journal_entry": "pages of journals",
    "score": "scores",
    "outbox": "deliveries",
}


def _remove(find: Callable[[Session], Base | None], what: str, missing: str, *, yes: bool) -> None:
    """Show what goes with it, ask, and remove it."""
    from sqlalchemy import inspect

    from lti_tool.domain import removal

    def found(session: Session) -> removal.Removal:
        row = find(session)
        if row is None:
            raise click.ClickException(missing)
        identity = inspect(row).identity
        assert identity
        return removal.of(session, type(row), identity[0])

    with looking() as session:
        goes = found(session)
    click.echo(f"With {what} go:")
    for table, called in SHOWN.items():
        click.echo(f"  {goes.count(table)} {called}")
    click.echo(f"  {goes.total - sum(map(goes.count, SHOWN))} other rows")
    click.echo("What stands in the LMS's gradebook stays there. There is no way back but a backup.")
    if not yes:
        click.confirm("Remove all of this?", abort=True)
    with writing() as session:
        removal.carry_out(session, found(session))
    click.echo("Removed. Running processes know within a minute.")


@platform.command("remove")
@click.argument("platform_id", type=int)
@YES
def remove_platform(platform_id: int, yes: bool) -> None:
    """Remove a platform with all its courses and what people wrote in them; shown and asked first."""
    from lti_tool.models import Registration

    missing = f"There is no platform {platform_id}; see: leerkring platform list"
    _remove(lambda session: session.get(Registration, platform_id), f"platform {platform_id}", missing, yes=yes)


@deployment.command("remove")
@click.argument("platform_id", type=int)
@click.argument("deployment_id")
@YES
def remove_deployment(platform_id: int, deployment_id: str, yes: bool) -> None:
    """Remove one deployment of a platform with its courses and what people wrote in them; shown and asked first."""
    from lti_tool.models import Deployment

    def find(session: Session) -> Deployment | None:
        return session.query(Deployment).filter_by(registration_id=platform_id, deployment_id=deployment_id).first()

    missing = f"Platform {platform_id} has no deployment {deployment_id}; see: leerkring platform list"
    _remove(find, f"deployment {deployment_id} of platform {platform_id}", missing, yes=yes)


@deployment.command("list")
def list_deployments() -> None:
    """All deployments: number, platform, the LMS's id, school, how it stands, and how many courses it has."""
    from lti_tool.domain.school import deployments

    with looking() as session:
        for each in deployments.tenants(session, None):
            stands = "open" if each.approved else each.held or "waits for approval"
            down = "\tdoes not answer well" if each.down else ""
            told = (
                each.id,
                each.platform,
                each.deployment,
                f"school {each.school_id}",
                stands,
                f"{each.courses} courses",
            )
            click.echo("\t".join(map(str, told)) + down)


@deployment.command()
@click.argument("number", type=int)
@click.argument("how", type=click.Choice(("open", "paused", "withdrawn")))
def hold(number: int, how: str) -> None:
    """Let nobody come in by a deployment, for a while or for good; or let them again: open."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import deployments
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models.platform import Held

    with writing() as session:
        try:
            found = deployments.find(session, None, number)
        except Refused as error:
            raise click.ClickException(f"There is no deployment {number}; see: leerkring deployment list") from error
        if how == "open":
            deployments.approve(session, OPERATOR, found)
        else:
            deployments.hold(session, OPERATOR, found, Held(how))
    click.echo("Done. Running processes know within a minute.")


@invite.command("list")
def list_invites() -> None:
    """The registration links that were made: number, last day, whether used. Not the links: nobody keeps these."""
    from sqlalchemy import select

    from lti_tool.models import Invite

    with looking() as session:
        for row in session.scalars(select(Invite).order_by(Invite.id)):
            click.echo(f"{row.id}\tuntil {row.expires_at:%Y-%m-%d}\t{'used' if row.used_at else 'not used'}")


@invite.command("remove")
@click.argument("invite_id", type=int)
@YES
def remove_invite(invite_id: int, yes: bool) -> None:
    """Remove a registration link, so that it works no more; a platform that used it stays."""
    from lti_tool.models import Invite

    missing = f"There is no invitation {invite_id}; see: leerkring invite list"
    _remove(lambda session: session.get(Invite, invite_id), f"invitation {invite_id}", missing, yes=yes)
