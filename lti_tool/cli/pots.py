"""`leerkring pot`: a school's pots of hours. As the administrators' page does it, with the same line in the trail."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from lti_tool.cli.administrators import find_school, of_school
from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem, refusing

if TYPE_CHECKING:
    from lti_tool.domain.hours.school_pots import Called, Listed

DAY = click.DateTime(["%Y-%m-%d"])
REVIEWS = ("before", "afterwards", "none")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def pot() -> None:
    """Pots of hours of a school: open to all its communities or to some. Nobody's hours are shown."""


@pot.command("list")
@of_school
def list_pots(school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """A school's pots with their numbers, and the pots of its communities that can become the school's."""
    from lti_tool.domain.hours import lifting, school_pots

    with looking() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        for each in school_pots.listed(session, school):
            click.echo("\t".join(_said(each)))
        for candidate in lifting.candidates(session, school):
            of = f"of {candidate.where}" if candidate.where else "of the school, more than once"
            click.echo(f"{candidate.id}\t{candidate.name}\t{of}\t{candidate.others} more of this name\tcan be lifted")


def _said(each: Listed) -> list[str]:
    pot = each.pot
    where = "all communities" if each.everywhere else f"{len(each.open_to)} communities"
    state = "closed" if pot.closed else "takes no new hours" if pot.stopped else "open"
    approving = f"{len(each.approving)} approve" + (f", {len(each.waits)} to be met" if each.waits else "")
    return [str(pot.id), pot.name, f"{pot.first_day} to {pot.last_day}", where, approving, state]


@pot.command("make")
@click.argument("name")
@click.option("--hours", default="", help="For each person, like 83 or 37.5; left out: there is no number.")
@click.option("--first-day", type=DAY, help="Left out: of this school year.")
@click.option("--last-day", type=DAY, help="Left out: of this school year.")
@click.option("--review", type=click.Choice(REVIEWS), default="before", show_default=True, help="When it is approved.")
@click.option("--approver", "approvers", multiple=True, metavar="WHO", help="An e-mail address, a login, or id:NUMBER.")
@click.option("--deputy", "deputies", multiple=True, metavar="WHO", help="The same, of who stands in.")
@click.option("--community", "chosen", type=int, multiple=True, help="For this community; left out: for all of them.")
@click.option("--carries", type=int, default=0, show_default=True, help="For how many periods what is left goes on.")
@of_school
def make_pot(
    name: str,
    hours: str,
    first_day: dt.datetime | None,
    last_day: dt.datetime | None,
    review: str,
    approvers: tuple[str, ...],
    deputies: tuple[str, ...],
    chosen: tuple[int, ...],
    carries: int,
    school_id: int | None,
    platform_id: int | None,
    deployment_id: str | None,
) -> None:
    """Make a pot of a school."""
    from lti_tool.db import now
    from lti_tool.domain.cycle import midnights
    from lti_tool.domain.hours import ledger, school_pots
    from lti_tool.domain.hours.carry import Terms
    from lti_tool.domain.hours.pots import Asked
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models.hours_codes import Review, Role
    from lti_tool.parts import parts

    minutes = _minutes(hours)
    with refusing(), writing() as session:
        first, last = ledger.school_year(midnights.day_of(now(), parts().settings.zone))
        asked = Asked(
            name=name,
            first_day=first_day.date() if first_day else first,
            last_day=last_day.date() if last_day else last,
            minutes=minutes,
            review=Review(review),
            terms=Terms(carries),
        )
        called = [_called(each, Role.APPROVER) for each in approvers]
        called += [_called(each, Role.DEPUTY) for each in deputies]
        school = find_school(session, school_id, platform_id, deployment_id).id
        made = school_pots.make(session, school, OPERATOR, asked, called, chosen or None)
    click.echo(f"Pot {made}.")


def _minutes(hours: str) -> int | None:
    from marshmallow import ValidationError

    from lti_tool.circle.pot_forms import Hours

    if not hours:
        return None
    try:
        return int(Hours().deserialize(hours))
    except ValidationError as error:
        raise Problem("Hours are a number like 83 or 37.5.") from error


def _called(typed: str, role: object) -> Called:
    from lti_tool.domain.hours.school_pots import Called
    from lti_tool.domain.school.provision.lines import hashed
    from lti_tool.domain.school.provision.reading import identifier, is_identifier
    from lti_tool.models.hours_codes import Role
    from lti_tool.parts import parts

    by, value = identifier(typed.strip())
    if not is_identifier(by, value):
        raise Problem(f"{typed!r} is no e-mail address, login or id:NUMBER.")
    return Called(Role(str(role)), by, value, hashed(parts().sessions.hash, by, value))


@pot.command("open")
@click.argument("number", type=int)
@click.option("--community", "chosen", type=int, multiple=True, help="To this one and no others but those named so.")
@click.option("--all", "everywhere", is_flag=True, help="To all communities of the school, also those yet to come.")
@of_school
def open_pot(
    number: int,
    chosen: tuple[int, ...],
    everywhere: bool,
    school_id: int | None,
    platform_id: int | None,
    deployment_id: str | None,
) -> None:
    """Say which communities a pot is open to. What is in it elsewhere stays, and keeps counting."""
    from lti_tool.domain.hours import school_pots
    from lti_tool.domain.school.trail import OPERATOR

    if everywhere == bool(chosen):
        raise Problem("Say --all, or --community for each one.")
    with refusing(), writing() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        school_pots.open_for(session, school, OPERATOR, number, None if everywhere else chosen)
    click.echo("Done.")


@pot.command("approver")
@click.argument("number", type=int)
@click.argument("who")
@click.option("--deputy", is_flag=True, help="They stand in.")
@click.option("--end", is_flag=True, help="They approve no longer; WHO is their number in `leerkring person list`.")
@of_school
def approver(
    number: int,
    who: str,
    deputy: bool,
    end: bool,
    school_id: int | None,
    platform_id: int | None,
    deployment_id: str | None,
) -> None:
    """Have somebody approve. WHO: an e-mail address, a login, or id:NUMBER; who is not known yet, once they are met."""
    from lti_tool.domain.hours import pots, school_pots
    from lti_tool.domain.hours.places import OfSchool
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models.hours_codes import Role

    with refusing(), writing() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        if end:
            if not who.isdecimal():
                raise Problem("Say who by their number: `leerkring person list` shows it.")
            pots.unname(session, OfSchool(school), OPERATOR, number, int(who))
            said = "They approve no longer."
        else:
            role = Role.DEPUTY if deputy else Role.APPROVER
            known = school_pots.name_called(session, school, OPERATOR, number, _called(who, role))
            said = "They approve." if known else "They approve once they are met in a course of the school."
    click.echo(said)


@pot.command("stop")
@click.argument("number", type=int)
@of_school
def stop(number: int, school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """Offer a pot no longer; what is in it stays, and what waits can be approved."""
    from lti_tool.domain.hours import pots
    from lti_tool.domain.hours.places import OfSchool
    from lti_tool.domain.school.trail import OPERATOR

    with refusing(), writing() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        pots.stop(session, OfSchool(school), OPERATOR, number)
    click.echo("It takes no new hours.")


@pot.command("lift")
@click.argument("number", type=int)
@click.option("--only", is_flag=True, help="Make no other pot of this name one with it.")
@YES
@of_school
def lift(
    number: int, only: bool, yes: bool, school_id: int | None, platform_id: int | None, deployment_id: str | None
) -> None:
    """Make a community's pot its school's, with those of the same name that can be one with it; shown first."""
    from lti_tool.domain.hours import lifting
    from lti_tool.domain.school.trail import OPERATOR

    with refusing():
        with looking() as session:
            school = find_school(session, school_id, platform_id, deployment_id).id
            shown = lifting.look(session, school, number)
        chosen = [each for each in shown.alike if each.can and not only]
        click.echo(f"{shown.name}, {shown.first_day} to {shown.last_day}: of {shown.where or 'the school'}.")
        for each in shown.alike:
            becomes = "becomes one with it" if each in chosen else "stays apart"
            differs = f"; it says otherwise: {', '.join(each.differs)}" if each.differs else ""
            click.echo(f"{each.id}\t{each.where or 'the school'}\t{becomes}{differs}")
        click.echo(f"What counts does not change. {shown.approving} people approve then, each of all of it.")
        if shown.differing:
            click.echo(f"{shown.differing} people have another part of another of them; that of pot {number} holds.")
        if not yes:
            click.confirm("Make it the school's?", abort=True)
        with writing() as session:
            lifting.lift(session, school, OPERATOR, number, [each.id for each in chosen])
    click.echo("It is the school's.")


@pot.command("close")
@click.argument("number", type=int)
@YES
@of_school
def close(number: int, yes: bool, school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """Close the period of a pot, for all its communities at once; shown first, and not to be undone."""
    from lti_tool.db import now
    from lti_tool.domain.cycle import midnights
    from lti_tool.domain.hours import closing, school_pots
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with refusing():
        with looking() as session:
            school = find_school(session, school_id, platform_id, deployment_id).id
            shown = school_pots.foresee(session, school, number)
        if shown.pot.closed:
            raise Problem("It is closed already.")
        click.echo(f"{shown.pot.label}: {shown.people} people get a final balance.")
        click.echo(f"{closing.unsettled(shown)} lines still wait, or are only kept, and will not be accounted for.")
        click.echo(f"What is left goes on from {shown.first_day} to {shown.last_day}, as the pot says.")
        if not yes:
            click.confirm("Close it?", abort=True)
        with writing() as session:
            today = midnights.day_of(now(), parts().settings.zone)
            school_pots.close(session, school, OPERATOR, number, today)
    click.echo("Closed.")
