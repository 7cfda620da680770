"""`leerkring community`: how all communities stand, and what an administrator can do about one, or about many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem, refusing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.models import Community, Course

NUMBER = click.argument("number", type=int)
PERSON = click.argument("person", type=int)
YES = click.option("--yes", is_flag=True, help="Do not ask.")
SCHOOL = click.option("--school", "school_id", type=int, help="Only of this school.")
WANTS = ("unopened", "no_facilitator", "still", "column_gone", "platform_down", "leader_gone", "archived")
STANDINGS = ("facilitate_and_join", "facilitate", "join", "join_and_lead", "follow", "ask")


@click.group()
def community() -> None:
    """The communities, one a course: never what people wrote in them, nor who took part."""


@community.command("list")
@SCHOOL
@click.option("--want", type=click.Choice(WANTS), help="Only what wants this.")
@click.option("--title", default="", help="Only courses with this in their title.")
def list_communities(school_id: int | None, want: str | None, title: str) -> None:
    """Number, course, facilitators, cycle, since when it stands there, opened by how many, and what wants a hand."""
    from lti_tool.domain.school import overview
    from lti_tool.domain.school.wanting import Want

    with looking() as session:
        number, more = 1, True
        while more:
            page = overview.page(session, school_id, want=Want(want) if want else None, title=title, number=number)
            for row in page.rows:
                guides = ", ".join(each.en for each in row.facilitators)
                to_come = ", ".join(each.name.en if each.name else "somebody" for each in row.expected)
                to_come = f"{to_come} (on the list; not here yet)" if to_come else ""
                guides = "; ".join(filter(None, (guides, to_come))) or "no facilitator"
                wants = " ".join(sorted(row.wants))
                stands = f"cycle {row.cycle}\tsince {row.moved_at:%Y-%m-%d}"
                click.echo(
                    f"{row.id}\t{row.title or row.context_id}\t{guides}\t{stands}"
                    f"\topened by {row.opened} of {row.belong}\t{wants}".rstrip()
                )
            number, more = number + 1, page.more


@community.command()
@NUMBER
def people(number: int) -> None:
    """Who sits in the course of a community: person's number, name, and what they are there."""
    from lti_tool.domain.school import communities

    with looking() as session:
        with refusing():
            found, _course = communities.find(session, None, number)
        for each in communities.seated(session, found):
            roles = [each.standing or "not in it yet", *(["facilitates"] if each.facilitates else [])]
            click.echo(f"{each.person_id}\t{each.name.en}\t{', '.join(roles)}")


@community.command()
@NUMBER
@PERSON
def facilitator(number: int, person: int) -> None:
    """Have somebody of the course facilitate; see: leerkring community people NUMBER."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR

    with _of(number) as (session, found, _course):
        communities.name_facilitator(session, OPERATOR, found, person)
    click.echo("They facilitate, and read so on opening it.")


@community.command()
@NUMBER
@PERSON
@click.argument("chosen", type=click.Choice(STANDINGS))
def standing(number: int, person: int, chosen: str) -> None:
    """Correct what somebody does in a community, or have them asked anew."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with _of(number) as (session, found, _course):
        communities.correct(session, OPERATOR, found, person, chosen, parts().steps)
    click.echo("Corrected; they and the community read so.")


@community.command()
@NUMBER
@PERSON
def put(number: int, person: int) -> None:
    """Have somebody of the course sit in this one of its communities, and in no other."""
    from lti_tool.domain.school import putting
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with _of(number) as (session, found, _course):
        putting.put(session, OPERATOR, found, person, parts().steps)
    click.echo("They sit there from now on.")


@community.command()
@NUMBER
def roster(number: int) -> None:
    """Have the roster of a community's course read anew, by the worker."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR

    with _of(number) as (session, found, course):
        communities.ask_roster(session, OPERATOR, found, course)
    click.echo("The worker reads it.")


@community.command()
@NUMBER
def archive(number: int) -> None:
    """Lay a community aside whose cycle is over: it can be read, and begins none."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR

    with _of(number) as (session, found, _course):
        communities.archive(session, OPERATOR, found)
    click.echo(f"Archived. Undone by: leerkring community restore {number}")


@community.command()
@NUMBER
def restore(number: int) -> None:
    """Take an archived community up again."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR

    with _of(number) as (session, found, _course):
        communities.restore(session, OPERATOR, found)
    click.echo("It can begin a cycle again.")


@community.command()
@NUMBER
@YES
def delete(number: int, yes: bool) -> None:
    """Delete a community and all that was written in it; shown and asked first."""
    from lti_tool.domain.school import communities
    from lti_tool.domain.school.trail import OPERATOR

    with looking() as session, refusing():
        found, course = communities.find(session, None, number)
        goes, title = communities.remains(session, found), course.title
    click.echo(f"With the community of “{title}” go {goes.cycles} cycles and the places of {goes.people} people.")
    click.echo(f"In the LMS stay {goes.activities} activities and {goes.columns} columns with their grades.")
    if goes.hours:
        raise Problem("People's hours hang on it, and these are theirs: it can be archived, not deleted.")
    if not yes:
        click.confirm("There is no way back but a backup. Delete it?", abort=True)
    with _of(number) as (session, found, _course):
        communities.delete(session, OPERATOR, found)
    click.echo("Deleted.")


@community.command()
@click.argument("what", type=click.Choice(("pause", "end", "begin", "carry")))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Of a pause: the day on which they go on.")
@SCHOOL
@click.option("--title", default="", help="Only courses with this in their title.")
@YES
def turn(what: str, until: dt.datetime | None, school_id: int | None, title: str, yes: bool) -> None:
    """Pause, end or begin the cycles of many communities, or carry over their hours; shown first, with why not.

    carry: closes the pots whose period is over, also of the school where all its communities are in it.
    """
    from lti_tool.administration.year_words import why
    from lti_tool.domain.hours import closing
    from lti_tool.domain.school import schools, year_turn
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.models.school import Turning
    from lti_tool.parts import parts

    def on(turn_id: int) -> None:
        while True:
            with writing() as session:
                if year_turn.portion(session, turn_id, parts().steps, parts().settings.zone) == "nothing_to_do":
                    return
                seen = year_turn.progress(session, turn_id)
            click.echo(f"… {seen.looked_at} of {seen.all} looked at, {seen.done} done", err=True)

    with looking() as session:
        asks = [school_id] if school_id is not None else [each.id for each in session.scalars(schools.every())]
    asked = []
    for each in asks:
        with writing() as session, refusing(quietly="nothing_there"):
            day = until.date() if until else None
            asked.append(year_turn.ask(session, OPERATOR, each, Turning(what), day, title).id)
    can = []
    for turn_id in asked:
        on(turn_id)
        with looking() as session:
            seen = year_turn.progress(session, turn_id)
            for line in year_turn.lines(session, turn_id, cannot=True, limit=year_turn.MOST):
                click.echo(f"{line.community_id}\t{line.title}\tcannot: {why(line.why).en}")
            for line in year_turn.lines(session, turn_id, cannot=False, limit=year_turn.MOST):
                open_ = f", {line.left_open} lines are still open and will not count" if line.left_open else ""
                click.echo(f"{line.community_id}\t{line.title}\tcan{open_}")
            turning = year_turn.find(session, None, turn_id)
            for pot in year_turn.pots_of(session, turning, parts().settings.zone):
                open_ = f", {closing.unsettled(pot)} lines are still open and will not count"
                click.echo(f"pot {pot.pot.id} of the school\t{pot.pot.label}\tcloses too{open_}")
        can += [turn_id] if seen.can else []
    if not can:
        raise Problem("There is nothing for which this can be done.")
    if not yes:
        click.confirm(f"{what.capitalize()} where it can?", abort=True)
    done = 0
    for turn_id in can:
        with writing() as session, refusing():
            year_turn.apply(session, OPERATOR, year_turn.find(session, None, turn_id))
        on(turn_id)
        with looking() as session:
            done += year_turn.progress(session, turn_id).done
    click.echo(f"Done for {done}.")


@community.command()
@NUMBER
@click.argument("name", default="")
@click.option(
    "--person", "people", type=int, multiple=True, help="Who goes to the new one; may be given several times."
)
@click.option("--group", default="", help="Instead: who is in this group of the LMS, as launches told.")
@click.option("--facilitator", type=int, help="Who facilitates the new one.")
@YES
def split(number: int, name: str, people: tuple[int, ...], group: str, facilitator: int | None, yes: bool) -> None:
    """Split a new community NAME off; shown and asked first. Without a NAME: the LMS's groups that launches told of."""
    from lti_tool.domain.school import communities, several
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with looking() as session, refusing():
        found, _course = communities.find(session, None, number)
        told = several.told_groups(session, found, several.sitting(session, found))
        if not name:
            for each, who in told.items():
                click.echo(f"{each}\t{', '.join(one.name.en for one in who)}")
            return
        people = tuple(one.person_id for one in told.get(group, ())) if group else people
        asked = [several.Part(name, tuple(sorted(set(people))), facilitator, group)]
        planned = several.plan(session, found, asked)
    for part, goes in planned.goes:
        click.echo(f"To {part.name}: {', '.join(each.name.en for each in goes)}")
    click.echo(f"Stay: {', '.join(each.name.en for each in planned.stays)}")
    click.echo("What was written, booked and agreed stays where it is; scores that were sent remain.")
    if planned.unguided:
        click.echo("Nobody who stays facilitates.")
    if not yes:
        click.confirm("Split it?", abort=True)
    with _of(number) as (session, found, _course):
        made = several.split(session, OPERATOR, found, asked, parts().steps, parts().settings.zone, planned.digest)
        ids = ", ".join(str(each.id) for each in made)
    click.echo(f"Split off: {ids}.")


@community.command()
@NUMBER
@click.argument("into", type=int)
@YES
def join(number: int, into: int, yes: bool) -> None:
    """Have the people of a community sit in another one of its course; shown and asked first."""
    _join(number, into, yes, merged=False)


@community.command()
@NUMBER
@click.argument("into", type=int)
@YES
def merge(number: int, into: int, yes: bool) -> None:
    """Have the people of a community sit in one of another course; shown and asked first."""
    _join(number, into, yes, merged=True)


def _join(number: int, other: int, yes: bool, *, merged: bool) -> None:
    from lti_tool.domain import Refused
    from lti_tool.domain.school import communities, several
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with looking() as session, refusing():
        found, _course = communities.find(session, None, number)
        into, _other = communities.find(session, None, other)
        if not merged and found.course_id != into.course_id:
            raise Refused("join_other_course")
        if merged and found.course_id == into.course_id:
            raise Refused("join_this_course")
        planned = several.plan_join(session, found, into)
    click.echo(f"Come: {', '.join(each.name.en for each in planned.comes) or 'nobody'}")
    if planned.absent:
        click.echo(f"Are not in that course yet: {', '.join(each.name.en for each in planned.absent)}")
    if planned.untouched:
        click.echo("Nobody has worked in it: it is gone afterwards.")
    elif planned.ends:
        click.echo("Its cycle ends without a decision, and it is archived.")
    if not yes:
        click.confirm("Join them?", abort=True)
    with _of(number) as (session, found, _course):
        into, _other = communities.find(session, None, other)
        several.join(session, OPERATOR, found, into, parts().steps, parts().settings.zone, planned.digest)
    click.echo("Joined.")


@community.command()
@NUMBER
@click.argument("school", type=int)
@YES
def move(number: int, school: int, yes: bool) -> None:
    """Move the course of a community, with all its communities, to another school; shown and asked first."""
    from lti_tool.domain.school import communities, moving
    from lti_tool.domain.school.settings import SETTINGS, Name
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    with looking() as session, refusing():
        steps = [each.name for each in parts().steps]
        _community, course = communities.find(session, None, number)
        planned = moving.plan(session, OPERATOR, course, school, steps)
    click.echo(f"To {planned.to} go: {', '.join(planned.communities)}")
    if planned.tells:
        words, seen = SETTINGS[Name.RETENTION].choices, planned.kept
        click.echo(f"Contents are kept there: {words[seen.said].en}; until now: {words[planned.kept_now].en}.")
        click.echo(
            f"The contents of {seen.now} go after a day, those of {seen.soon} more within a year; of {seen.emptied}"
            " they are gone already."
        )
    if not yes:
        click.confirm("Move them?", abort=True)
    with _of(number) as (session, _community, course):
        moving.move(session, OPERATOR, course, school, steps, planned.digest)
    click.echo("Moved.")


@contextmanager
def _of(number: int) -> Iterator[tuple[Session, Community, Course]]:
    from lti_tool.domain.school import communities

    with writing() as session, refusing():
        yield session, *communities.find(session, None, number)
