"""`leerkring admin`: who administers a school, named and ended by the operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.models.school import School

F = TypeVar("F", bound=Callable[..., object])

SCHOOLS = "`leerkring school list` shows the schools."


@click.group()
def admin() -> None:
    """Who administers Leerkring for a school, inside the LMS."""


def of_school(command: F) -> F:
    """The options that say which school: its own number, or a platform, with one of its deployments."""
    command = click.option("--deployment", "deployment_id", help="A deployment of the platform, by the LMS's id.")(
        command
    )
    command = click.option("--platform", "platform_id", type=int, help="The school of this platform.")(command)
    return click.option("--school", "school_id", type=int, help="A school by its number.")(command)


def find_school(session: Session, school_id: int | None, platform_id: int | None, deployment_id: str | None) -> School:
    """The school that these options name; the only one where they name none. Raises Problem."""
    from sqlalchemy import select

    from lti_tool.domain.school import schools
    from lti_tool.models import Deployment
    from lti_tool.models.school import School

    query = schools.every()
    if school_id is not None:
        query = query.where(School.id == school_id)
    elif platform_id is not None:
        of = select(Deployment.school_id).where(Deployment.registration_id == platform_id)
        if deployment_id is not None:
            of = of.where(Deployment.deployment_id == deployment_id)
        query = query.where(School.id.in_(of))
    found = session.scalars(query.limit(2)).all()
    if not found:
        raise Problem(f"There is no such school: {SCHOOLS}")
    if len(found) > 1:
        raise Problem(f"That is more than one school: say which with --school. {SCHOOLS}")
    return found[0]


@admin.command("list")
@click.option("--school", "school_id", type=int, help="Of this school alone.")
def list_administrators(school_id: int | None) -> None:
    """Who administers which school, who is its data protection officer, and who asks to be let in."""
    from lti_tool.domain.school import administrators, schools
    from lti_tool.models.school import School

    with looking() as session:
        query = schools.every()
        if school_id is not None:
            query = query.where(School.id == school_id)
        for school in session.scalars(query):
            click.echo(f"school {school.id}\t{school.name or '(no name)'}")
            for each in administrators.listed(session, school.id):
                who = each.name or f"{each.called.en}, account {each.account}"
                click.echo(f"\t{each.id}\t{each.power}\t{who}\tsince {each.at:%Y-%m-%d}")
            for asked in administrators.requests(session, school.id):
                who = asked.name or f"(no name), account {asked.account}"
                click.echo(f"\tASKS TO BE LET IN\t{who}\tsince {asked.at:%Y-%m-%d}")


@admin.command("name")
@of_school
@click.option("--user", "sub", help="By the LMS's id of the person (sub); they need not have come yet.")
@click.option("--named", "called", help="By their name, or a part of it, among those Leerkring knows.")
@click.option("--officer", is_flag=True, help="As data protection officer: reads, changes nothing.")
def name_administrator(
    school_id: int | None,
    platform_id: int | None,
    deployment_id: str | None,
    sub: str | None,
    called: str | None,
    officer: bool,
) -> None:
    """Name somebody administrator of a school, or its data protection officer."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import administrators
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models import Person
    from lti_tool.models.school import Power

    if (sub is None) == (called is None):
        raise Problem("Say who: --user with the LMS's id of the person, or --named with a name.")
    with looking() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        chosen = _choose(session, school, called) if called is not None else None
    with writing() as session:
        who = chosen if chosen is not None else _by_sub(session, school, platform_id, sub or "")
        power = Power.OFFICER if officer else Power.ADMINISTRATOR
        try:
            administrators.name(session, school, who, power, OPERATOR)
        except Refused as refused:
            said = {"administrator_already": "They are that already."}
            raise Problem(said.get(refused.code, f"There is no such person in school {school}.")) from refused
        person = session.get_one(Person, who)
        click.echo(f"{person.name or person.sub} is {power} of school {school}.")


def _choose(session: Session, school_id: int, called: str) -> int:
    """One of the people of a school with this in their name."""
    from lti_tool.domain.school import administrators

    found = administrators.found(session, school_id, called)
    if not found:
        raise Problem("Nobody is called so whom Leerkring knows at this school: give two letters of the name or more.")
    for number, each in enumerate(found, 1):
        click.echo(f"{number}\t{each.name}\t{', '.join(each.courses)}")
    chosen = click.prompt("Which", type=click.IntRange(1, len(found)), default=1 if len(found) == 1 else None)
    return found[chosen - 1].person_id


def _by_sub(session: Session, school_id: int, platform_id: int | None, sub: str) -> int:
    """Whom the LMS knows by this id; noted as known where they have not come yet."""
    from sqlalchemy import select

    from lti_tool.domain.community import roster
    from lti_tool.models import Deployment, Registration

    of = select(Deployment.registration_id).where(Deployment.school_id == school_id)
    query = select(Registration).where(Registration.id.in_(of))
    if platform_id is not None:
        query = query.where(Registration.id == platform_id)
    platforms = session.scalars(query).all()
    if len({(each.issuer, each.realm) for each in platforms}) != 1:
        raise Problem("The school has more than one platform, or none: say with --platform whose id it is.")
    if not 0 < len(sub) <= 255 or not sub.isprintable():
        raise Problem("That is no id of a person: give the LMS's own, as a launch has it (sub).")
    return roster.whoever(session, roster.Who(platforms[0].issuer, platforms[0].realm, sub, "")).id


@admin.command()
@click.argument("number", type=int)
def remove(number: int) -> None:
    """End what somebody is, by the number that `leerkring admin list` shows; also the last administrator."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import administrators
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models.school import Administrator

    with writing() as session:
        row = session.get(Administrator, number)
        try:
            if row is None:
                raise Refused("administrator_gone")
            administrators.end(session, row.school_id, number, OPERATOR)
        except Refused as refused:
            raise Problem(f"There is no {number}: `leerkring admin list` shows who there is.") from refused
        click.echo("Ended.")


@admin.command()
@click.argument("platform_id", type=int)
def code(platform_id: int) -> None:
    """Print a one-time code: whoever types it in an activity of this platform, administers its school."""
    from lti_tool.domain.school import codes
    from lti_tool.models import Registration
    from lti_tool.parts import parts

    with writing() as session:
        if session.get(Registration, platform_id) is None:
            raise Problem(f"There is no platform {platform_id}; see: leerkring platform list")
        say_code(codes.make(session, platform_id, parts().sessions.hash))


def say_code(made: str) -> None:
    """Tell the operator what to do with a code."""
    click.echo(f"The administrator's one-time code: {made}")
    click.echo(
        "Whoever the LMS calls its administrator opens an activity of Leerkring, follows the link about administering"
        " it, and types the code. It works once, for a week."
    )
