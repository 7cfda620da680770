"""`leerkring person`: who is in no course any more, and erasing somebody."""

from __future__ import annotations

import click

from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem


@click.group()
def person() -> None:
    """People who left, and erasing their names and words; sums of hours stay."""


@person.command("list")
@click.option(
    "--years",
    type=click.IntRange(0, 100),
    default=2,
    show_default=True,
    help="For how many years somebody is kept after leaving.",
)
def list_gone(years: int) -> None:
    """Whoever is in no course any more: number, name, since when, and when their keeping ends."""
    from lti_tool.db import now
    from lti_tool.domain import erasure

    with looking() as session:
        for each in erasure.gone(session):
            ends = each.since.replace(year=each.since.year + years, day=min(each.since.day, 28))
            over = "\tends now" if ends <= now() else ""
            since, until = f"{each.since:%Y-%m-%d}", f"{ends:%Y-%m-%d}"
            click.echo(f"{each.person_id}\t{each.name or '(no name)'}\tgone {since}\tkept until {until}{over}")


@person.command()
@click.argument("number", type=int)
def hours(number: int) -> None:
    """Make addresses at which somebody who left fetches their own hours, for thirty days; each is printed this once.

    Give them to nobody else: whoever has one reads these hours. It stands in the school's trail.
    """
    from lti_tool.circle.hours.handed import made
    from lti_tool.domain.hours import handed
    from lti_tool.domain.school import schools
    from lti_tool.domain.school.trail import OPERATOR, Kind
    from lti_tool.models import Community

    with writing() as session:
        found = handed.of_whom(session, number)
        if not found:
            raise Problem(f"Person {number} left no community with hours, or has an address that works.")
        addresses = []
        for each in found:
            community = session.get_one(Community, each.community_id)
            address, until = made(session, each)
            schools.note(session, Kind.HOURS_HANDED, OPERATOR, community, about_id=number)
            addresses.append(f"{community.name}\tuntil {until:%Y-%m-%d}\t{address}")
    click.echo("\n".join(addresses))


@person.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(number: int, yes: bool) -> None:
    """Erase a person: name, journal, drafts, words and proofs of hours. It cannot be undone.

    What a community has read stays without a name, and what counted in hours stays counted. Who approved hours of
    others stays named on those until they are erased too.
    """
    from lti_tool.domain import Refused, erasure
    from lti_tool.models import Person
    from lti_tool.parts import parts

    with looking() as session:
        found = session.get(Person, number)
        if found is None or found.erased_at is not None:
            raise Problem(f"There is no person {number}: `leerkring person list` shows who left.")
        click.echo(f"Person {number}, {found.name or '(no name)'}, is erased.")
    if not yes:
        click.confirm("This cannot be undone. Erase them?", abort=True)
    with writing() as session:
        try:
            named = erasure.erase(session, number, parts().steps)
        except Refused as error:
            raise Problem(f"There is no person {number} any more.") from error
    click.echo("Erased." + (" The name stays on hours of others that they decided on." if named else ""))
    click.echo("What the learning platform's gradebook shows of them stays there, until it is removed there.")
