"""`leerkring platform move`: an LMS got another address, or registered anew as another client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.domain.relocation import CannotMove
    from lti_tool.domain.relocation.plan import Plan
    from lti_tool.models import Registration

# Code -> what stands in the way, and what to do. {0}, {1}: what it is about.
SAID = {
    "same": "Those are one platform.",
    "moved_already": "That platform has moved already. `--undo` with the one it moved to takes that back.",
    "not_moved": "That platform did not move there, or it was undone already: a move is undone once.",
    "changed": "Something changed meanwhile. Nothing was moved; look again.",
    "shares_people": "Its people are those of platform {all} too, which would be left without them. Remove that one"
    " first, if nobody uses it any more.",
    "deployment_unknown": "The old platform has no deployment {all}; see: leerkring deployment list",
    "deployment_which": "Say which deployment of the new platform takes the place of {0}: --deployment {0}=ID."
    " Approved there: {1}.",
    "no_course_seen": "None of the old platform's courses was opened at the new one yet. Have three people open"
    " Leerkring there, in a course that they know from before; then ask again.",
    "not_proven": "It is not proven that the people are the same: of {1} who are needed, {0} came from the new platform"
    " under an id that the old one knows, and are called the same at both. Have others open Leerkring at the new"
    " address. Where the LMS shares no names, look yourself and say who is the same: --same NUMBER"
    " (`leerkring community people`).",
    "doubts": "These people have one id at both platforms and another name. If ids mean other people there, these"
    " platforms cannot be moved: everybody would read what another wrote. If it is the same person under a new name,"
    " say so with --same NUMBER.",
    "twice": "Some people have at both what one person can have once ({all}). Undo that at the new platform first.",
    "nothing": "No course can move.",
}
STAYS = {
    "other": "stays: under its id the new platform has another course",
    "worked": "stays: people worked in it at the new address too. Delete that community first (leerkring community"
    " delete), if nothing of it is to be kept",
    "unseen": "stays: ids of other courses mean other ones there, so nobody can say which this is. Open it at the new"
    " address, and move again",
}


def problem(refused: CannotMove) -> Problem:
    """What stands in the way, as a sentence."""
    if refused.code == "doubts":
        return Problem("\n  ".join((SAID["doubts"], *refused.about)))
    if refused.code == "nothing":
        return Problem("\n  ".join((SAID["nothing"], *(_with_why(each) for each in refused.about))))
    return Problem(SAID[refused.code].format(*refused.about, all=", ".join(refused.about)))


def _with_why(said: str) -> str:
    course, _, why = said.rpartition(": ")
    return f"{course} {STAYS[why]}"


def _two(session: Session, old: int, new: int) -> tuple[Registration, Registration]:
    from lti_tool.cli.platforms import known_platform

    return known_platform(session, old), known_platform(session, new)


@click.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
@click.option("--undo", is_flag=True, help="Take it back: everything as it was before. Once.")
@click.option("--deployment", "pairs", multiple=True, metavar="OLD=NEW", help="The LMS's ids, where they differ.")
@click.option("--same", type=int, multiple=True, metavar="NUMBER", help="This person is one, whatever they are called.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def move(old: int, new: int, undo: bool, pairs: tuple[str, ...], same: tuple[int, ...], yes: bool) -> None:
    """Make all of platform OLD platform NEW's: the LMS has a new address, or a new client; shown first.

    Its courses, with all that was done in them, are those of the new one under the same id of the LMS; its people are
    the new one's. It is done only where three people who came from both show that the LMS's ids mean the same people.
    """
    from lti_tool.domain.relocation import CannotMove, carry, plan

    given = dict(_pair(each) for each in pairs)
    try:
        if undo:
            _undo(old, new, yes)
            return
        with looking() as session:
            shown = plan.look(session, *_two(session, old, new), given, same)
        _show(shown)
        if not yes:
            click.confirm("Move all of this?", abort=True)
        with writing() as session:
            carry.move(session, shown, given, same)
    except CannotMove as refused:
        raise problem(refused) from refused
    click.echo(f"Moved. To undo it: leerkring platform move {old} {new} --undo")
    click.echo("Running processes know within a minute.")


def _pair(said: str) -> tuple[str, str]:
    old, equals, new = said.partition("=")
    if not (old and equals and new):
        raise Problem(f"{said} is no pair of deployments: give OLD=NEW, as the LMS calls them.")
    return old, new


def _undo(old: int, new: int, yes: bool) -> None:
    from lti_tool.domain.relocation import back

    with looking() as session:
        _two(session, old, new)
        back.last(session, old, new)
    click.echo(f"Everything that moved from platform {old} goes back. What was done meanwhile stays with its course;")
    click.echo("whoever came to a course since then is known to the new platform alone.")
    if not yes:
        click.confirm("Undo the move?", abort=True)
    with writing() as session:
        courses = back.undo(session, old, new)
    click.echo(f"Undone: {courses} courses are back. It cannot be undone again.")


def _show(shown: Plan) -> None:
    proof = shown.proof
    click.echo(f"Proven on {proof.agreed} people who came from both; {proof.wanted} are needed.")
    click.echo(f"From platform {shown.old} to platform {shown.new} go:")
    click.echo(f"  {len(shown.pairs)} deployments")
    click.echo(f"  {len(shown.going)} courses")
    for each in shown.going:
        aside = f"\tinstead of course {each.aside}, which nobody worked in" if each.aside else ""
        click.echo(f"\t{each.course}\t{each.context_id}\t{each.title}{aside}")
    click.echo(f"  {proof.people} people, of whom {len(proof.twice)} are known to both")
    click.echo(f"  {shown.placements} activities and {shown.columns} columns; of {shown.known} columns the new address")
    click.echo("  is known, the others follow as somebody opens their activity at the new address")
    if shown.settings:
        click.echo(f"  {len(shown.settings)} settings of the platform")
    for left in shown.left:
        click.echo(f"{left.course}\t{left.context_id}\t{left.title}\t{STAYS[left.why]}.")
    for name in shown.losing:
        click.echo(f"{name} administers the new platform's school, and then no more: leerkring admin name.")
    click.echo(f"Nobody comes in from platform {shown.old} any more. Open pages have to be opened anew from the LMS.")
