"""`leerkring school` and `leerkring setting`: what a school is, from when on it is open, and what is set."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from lti_tool.cli.administrators import find_school
from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.domain.school.settings import Name, Scope

YES = click.option("--yes", is_flag=True, help="Do not ask.")
# What is refused -> a sentence.
SAID = {
    "school_unknown": "There is no such school, or the deployment is not of it: `leerkring school list` shows them.",
    "school_same": "Those are the same school.",
    "school_other_day": "They open on different days: give them the same with `leerkring school opens` first.",
    "school_taken": "One of these patterns belongs to another school already.",
    "school_patterns": "Give ids of courses as the LMS has them, or a part of one with *.",
    "school_name": "That name is too long, or has a character that it cannot have.",
    "school_day_far": "That day is more than three years off.",
    "setting_unknown": "There is no such setting: `leerkring setting list` shows them.",
    "setting_choice": "It has no such value: `leerkring setting list` shows what it can be.",
    "setting_parts": "Give each part once, as name=value, such as ambition.nl=Doel.",
    "setting_step": "There is no such step.",
    "setting_step_name": "A step's name has letters, digits and ordinary punctuation, and forty characters at most.",
    "setting_step_twice": "Two steps have the same name.",
    "setting_tariff": "Give whole minutes, a day at most; a most is never less than the step or one action.",
    "setting_look_first": "What it would take away has changed meanwhile. Look once more.",
    "setting_holidays": "Give one holiday a line: its first and its last day, such as 2027-02-20/2027-02-28.",
    "setting_holidays_many": "Those are more than twenty-four.",
}


def _refused(code: str) -> Problem:
    return Problem(SAID.get(code, code))


@click.group()
def school() -> None:
    """The schools: a deployment each, until some are joined or one is split."""


@school.command("list")
def list_schools() -> None:
    """All schools: number, name, courses, whether they are open, and what belongs to them."""
    from lti_tool.domain.school import schools

    with looking() as session:
        for each in schools.listed(session):
            opens = f"\tclosed until {each.opens_on}" if each.opens_on else ""
            click.echo(f"{each.id}\t{each.name or '(no name)'}\t{each.courses} courses{opens}")
            for place in each.places:
                click.echo(f"\t{place.id}\t{place.platform}\tdeployment {place.deployment}" + "\ta part" * place.split)
            for pattern in each.patterns:
                click.echo(f"\tcourses {pattern}")


@school.command("name")
@click.argument("number", type=int)
@click.argument("name")
def name_school(number: int, name: str) -> None:
    """Give a school a name."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import schools
    from lti_tool.domain.school.trail import OPERATOR

    with writing() as session:
        try:
            schools.rename(session, number, name, OPERATOR)
        except Refused as refused:
            raise _refused(refused.code) from refused
    click.echo("Named.")


@school.command()
@click.argument("number", type=int)
@click.argument("day")
def opens(number: int, day: str) -> None:
    """Keep a school closed before DAY (2027-01-31) for everybody but its administrators; "now" opens it."""
    from lti_tool.db import now
    from lti_tool.domain import Refused
    from lti_tool.domain.cycle import midnights
    from lti_tool.domain.school import schools
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    try:
        given = None if day == "now" else dt.date.fromisoformat(day)
    except ValueError as error:
        raise Problem('Give a day such as 2027-01-31, or "now".') from error
    with writing() as session:
        try:
            schools.set_opening(session, number, given, midnights.day_of(now(), parts().settings.zone), OPERATOR)
        except Refused as refused:
            raise _refused(refused.code) from refused
    click.echo(f"Closed until {given}." if given else "Open.")


@school.command()
@click.argument("number", type=int)
@click.argument("into", type=int)
@YES
def join(number: int, into: int, yes: bool) -> None:
    """Make school NUMBER a part of school INTO; shown first."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import dividing
    from lti_tool.domain.school.trail import OPERATOR

    try:
        with looking() as session:
            shown = dividing.look_at_joining(session, number, into)
        click.echo(
            f"{shown.deployments} deployments and {shown.courses} courses of school {number} come to school {into},"
            f" which {shown.administrators} people then administer or read. Nobody's role in a community changes."
        )
        if shown.settings:
            click.echo(f"Settings of school {number} are dropped: {', '.join(shown.settings)}.")
        if shown.pots:
            click.echo(f"Its pots of hours go along, open to its own communities alone: {', '.join(shown.pots)}.")
        if shown.twice:
            click.echo(f"There are two then of: {', '.join(shown.twice)}. `leerkring pot lift` makes them one.")
        if not yes:
            click.confirm("Join them?", abort=True)
        with writing() as session:
            dividing.join(session, number, into, OPERATOR)
    except Refused as refused:
        raise _refused(refused.code) from refused
    click.echo("Joined.")


@school.command()
@click.argument("number", type=int)
@click.argument("patterns", nargs=-1, required=True)
@click.option("--deployment", "deployment_id", type=int, help="Which one, by the number that the list shows.")
@click.option("--name", default="", help="What the new school is called.")
@YES
def split(number: int, patterns: tuple[str, ...], deployment_id: int | None, name: str, yes: bool) -> None:
    """Make a school of some courses of a deployment: ids of the LMS, or parts with * (quoted); shown first."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school import dividing, schools
    from lti_tool.domain.school.trail import OPERATOR

    try:
        with looking() as session:
            wanted = dividing.patterns_of("\n".join(patterns))
            known = [place.id for each in schools.listed(session, [number]) for place in each.places]
            if deployment_id is None and len(known) != 1:
                raise Problem("Say with --deployment of which deployment: `leerkring school list` shows their numbers.")
            of = known[0] if deployment_id is None else deployment_id
            shown = dividing.look_at_splitting(session, number, of, wanted)
        for context_id, title in shown.courses:
            click.echo(f"{context_id}\t{title}")
        click.echo(f"{len(shown.courses)} courses go to the new school, {shown.stay} stay in school {number}.")
        for pattern in shown.unmet:
            click.echo(f"No course fits {pattern} yet; what comes later and fits goes along.")
        if shown.pots:
            click.echo(f"What goes keeps these pots of hours until their period is closed: {', '.join(shown.pots)}.")
        if not yes:
            click.confirm("Split them off?", abort=True)
        with writing() as session:
            made = dividing.split(session, number, of, wanted, name, OPERATOR)
    except Refused as refused:
        raise _refused(refused.code) from refused
    click.echo(f"School {made}.")


@click.group()
def setting() -> None:
    """What is set for platforms, schools and courses; the nearest holds."""


def _scope(session: Session, school_id: int | None, platform_id: int | None, course_id: int | None) -> Scope:
    from lti_tool.domain.school.settings import Scope
    from lti_tool.models import Course, Registration

    if sum(each is not None for each in (school_id, platform_id, course_id)) > 1:
        raise Problem("Say one of --platform, --school and --course.")
    if course_id is not None:
        if session.get(Course, course_id) is None:
            raise Problem(f"There is no course {course_id}.")
        return Scope(course_id=course_id)
    if platform_id is not None:
        if session.get(Registration, platform_id) is None:
            raise Problem(f"There is no platform {platform_id}; see: leerkring platform list")
        return Scope(registration_id=platform_id)
    return Scope(school_id=find_school(session, school_id, None, None).id)


OF_PLATFORM = click.option("--platform", "platform_id", type=int, help="For all schools of a platform.")
OF_SCHOOL = click.option("--school", "school_id", type=int, help="For a school; need not be said of the only one.")
OF_COURSE = click.option("--course", "course_id", type=int, help="For a course, by Leerkring's number of it.")


@setting.command("list")
@OF_PLATFORM
@OF_SCHOOL
@OF_COURSE
def list_settings(platform_id: int | None, school_id: int | None, course_id: int | None) -> None:
    """Every setting: its value, where that comes from, and what it can be."""
    from lti_tool.domain.school import settings

    with looking() as session:
        for each in settings.shown(session, _scope(session, school_id, platform_id, course_id)):
            kept = settings.SETTINGS[each.name]
            value = " ".join(_typed(each.name, each.value))
            can = f"\t({' | '.join(filter(None, kept.choices))})" if kept.choices else ""
            since = f"\t{each.by.en if each.by else 'by command'}, {each.at:%Y-%m-%d}" if each.at else ""
            click.echo(f"{each.name}\t{value or '-'}\tof: {each.level}{since}{can}")


def _typed(name: Name, value: Any) -> list[str]:
    """A value as it would be typed."""
    from lti_tool.domain.school.setting_kinds import as_typed

    if isinstance(value, dict):
        pairs = [f"{part}={each}" for part, each in as_typed(name, value).items()]
        return [f'"{each}"' if " " in each else each for each in pairs]
    return list(value) if isinstance(value, list) else [value]


@setting.command("set")
@OF_PLATFORM
@OF_SCHOOL
@OF_COURSE
@click.argument("name")
@click.argument("value", nargs=-1)
@YES
def set_setting(
    platform_id: int | None, school_id: int | None, course_id: int | None, name: str, value: tuple[str, ...], yes: bool
) -> None:
    """Set NAME to VALUE; of holidays several, each FIRST/LAST; of names and minutes of steps each as STEP.nl=NAME or
    STEP=MINUTES. What retention would take away is shown first.
    """
    _keep((platform_id, school_id, course_id), name, "\n".join(value), yes=yes)
    click.echo("Set.")


@setting.command("clear")
@OF_PLATFORM
@OF_SCHOOL
@OF_COURSE
@click.argument("name")
@YES
def clear_setting(platform_id: int | None, school_id: int | None, course_id: int | None, name: str, yes: bool) -> None:
    """Have NAME inherited again."""
    _keep((platform_id, school_id, course_id), name, None, yes=yes)
    click.echo("Cleared.")


def _keep(of: tuple[int | None, int | None, int | None], name: str, value: str | None, *, yes: bool) -> None:
    from lti_tool.domain import Refused
    from lti_tool.domain.school import retention, settings
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    platform_id, school_id, course_id = of
    try:
        if name != settings.Name.RETENTION:
            with writing() as session:
                scope = _scope(session, school_id, platform_id, course_id)
                settings.keep(session, scope, name, value, OPERATOR, [each.name for each in parts().steps])
            return
        # Looked at by doing it and taking it back: with a lock of its own, that nobody holds while somebody thinks.
        with writing() as session:
            steps = [each.name for each in parts().steps]
            seen = retention.look(session, _scope(session, school_id, platform_id, course_id), value, steps)
        click.echo(
            f"It holds for {seen.communities} communities. The contents of {seen.now} go after a day, those of"
            f" {seen.soon} more within a year; of {seen.emptied} they are gone already."
        )
        if not yes:
            click.confirm("Set it?", abort=True)
        with writing() as session:
            scope = _scope(session, school_id, platform_id, course_id)
            retention.keep(session, scope, value, seen.seal, OPERATOR, steps)
    except Refused as refused:
        raise _refused(refused.code) from refused
