"""`leerkring provision`: a school's list of staff courses, looked at, applied, and taken along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lti_tool import files
from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.domain.school.provision.lines import Sheet
    from lti_tool.domain.school.provision.planned import Plan

SCHOOL = click.option("--school", type=int, help="The school's number; not needed where there is one.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def provision() -> None:
    """The list of staff courses: who facilitates and leads which. CSV or XLSX, as docs/administrator.md says."""


@provision.command()
@FILE
@SCHOOL
def check(file: Path, school: int | None) -> None:
    """Show what a list would change. Nothing is written. Exit code 1 where something is wrong with it."""
    from lti_tool.domain.school.provision import plan
    from lti_tool.parts import parts

    with looking() as session:
        school_id = _school(session, school)
        made = plan.make(session, school_id, _read(file), parts().sessions.hash)
        _tell(made)
        if made.faults:
            raise Problem("Nothing of it can be applied until the lines above are mended.")


@provision.command()
@FILE
@SCHOOL
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--course", "chosen", multiple=True, metavar="LINE=ID", help="Which course a line is; see `check`.")
@click.option("--take-back", is_flag=True, help="Take back what is on the list no longer.")
def apply(file: Path, school: int | None, yes: bool, chosen: tuple[str, ...], take_back: bool) -> None:
    """Apply a list: all of it or nothing. Shown and asked first; given again it changes nothing."""
    from lti_tool.domain import Refused
    from lti_tool.domain.school.provision import applying, plan, said
    from lti_tool.domain.school.trail import OPERATOR
    from lti_tool.parts import parts

    answers = dict(_choice(each) for each in chosen)
    with looking() as session:
        school_id = _school(session, school)
        sheet = _read(file)
        keyed = parts().sessions.hash
        shown = plan.make(session, school_id, sheet, keyed)
        _tell(shown, take_back)
        if shown.faults:
            raise Problem("Nothing of it was applied: mend the lines above first.")
    if take_back:
        answers |= {each.name: 1 for each in shown.removed if not each.kept}
    if not yes:
        click.confirm("Apply it?", abort=True)
    with writing() as session:
        try:
            applying.apply(
                session, school_id, OPERATOR, sheet, keyed, parts().steps, parts().settings.zone, answers, shown.digest
            )
        except Refused as refused:
            raise Problem(said.refused(refused).en) from refused
    click.echo("Applied.")


@provision.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@SCHOOL
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
def export(file: Path, school: int | None, language: str) -> None:
    """Write the list as it stands, with the LMS's ids: CSV, or XLSX where FILE ends so."""
    from lti_tool.domain.school.provision import out

    with looking() as session:
        write = out.xlsx if file.suffix.lower() == ".xlsx" else out.csv
        content = write(session, _school(session, school), language)
    # It names people: also where a file that anybody may read stood there before.
    files.make_private(file)
    files.take_from_others([file])
    file.write_bytes(content)
    click.echo(f"Written: {file}")


def _school(session: Session, number: int | None) -> int:
    """The school that is meant; raises Problem where that is not clear."""
    from lti_tool.domain.school import schools

    found = session.scalars(schools.every()).all()
    if number is None and len(found) == 1:
        return found[0].id
    if number not in {each.id for each in found}:
        known = ", ".join(f"{each.id} ({each.name or 'no name'})" for each in found) or "none yet"
        raise Problem(f"Say which school it is, with --school: {known}.")
    assert number is not None
    return number


def _read(file: Path) -> Sheet:
    from lti_tool.domain import Refused
    from lti_tool.domain.school.provision import reading
    from lti_tool.domain.school.provision.said import refused as said
    from lti_tool.parts import parts

    try:
        return reading.read(file.read_bytes(), parts().sessions.hash)
    except Refused as refused:
        raise Problem(said(refused).en) from refused


def _choice(given: str) -> tuple[str, int]:
    line, _, course = given.partition("=")
    if not (line.isdecimal() and course.isdecimal()):
        raise Problem(f"--course is LINE=ID, such as 12=5: {given!r} is not.")
    return f"course-{line}", int(course)


def _tell(made: Plan, take_back: bool = False) -> None:
    """Line by line: wrong, asks, changes; and how many stay as they are. take_back: what is on it no longer goes."""
    from lti_tool.domain.school.provision import said

    for fault in made.faults:
        cell = f", {fault.cell}" if fault.cell else ""
        shown = f" {fault.shown!r}" if fault.shown else ""
        click.echo(f"line {fault.number}{cell}{shown}: WRONG: {said.fault(fault).en}")
    same = 0
    for each in made.planned:
        found = f", in the LMS {each.place.title or each.place.lms_id!r}" if each.place else ""
        found = f", {said.UNOPENED.en}" if each.unopened else found
        head = f"line {each.line.number} ({each.line.called}{found})"
        for ask in each.asks:
            click.echo(f"{head}: ASKS: {said.ask(ask, by_name=each.line.by_name).en}")
            if not ask.who:
                for choice in ask.choices:
                    click.echo(f"    --course {each.line.number}={choice.id}  {choice.called} (id {choice.more})")
        if each.changes:
            click.echo(f"{head}: {'; '.join(said.change(one).en for one in each.changes)}")
        elif each.unopened:
            click.echo(f"{head}: stays as it is")
        same += not each.changes and not each.asks
    for gone in made.removed:
        who = f", {said.ROLES[gone.part.role].en} {gone.who}".rstrip() if gone.part else ""
        what = "is taken back" if take_back else "stays as it is"
        if gone.stays and (take_back or gone.settled):
            what = said.SETTLED.en
        if gone.kept:
            click.echo(f"not found yet, so that the exported list cannot hold them; stays on it: {gone.called}{who}")
            continue
        click.echo(f"no longer on the list, {what}: {gone.called}{who}")
    click.echo("1 line stays as it is." if same == 1 else f"{same} lines stay as they are.")
