"""`leerkring template`: courses whose copies begin with what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lti_tool.cli.administrators import find_school, of_school
from lti_tool.cli.database import looking, writing
from lti_tool.cli.failures import Problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.domain.school.templates import Listed


@click.group()
def template() -> None:
    """Template courses: their copies begin with their settings, and with nothing of anybody."""


@template.command("list")
@of_school
def list_templates(school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """A school's templates: the LMS's id of the course, its title, since when, how many courses began with it."""
    from lti_tool.domain.school import templates

    with looking() as session:
        school = find_school(session, school_id, platform_id, deployment_id)
        for each in templates.listed(session, school.id):
            since = f"since {each.marked_at:%Y-%m-%d}"
            click.echo(f"{each.context_id}\t{each.title}\t{since}\t{each.copies} copies")


@template.command("mark")
@click.argument("course")
@of_school
def mark_template(course: str, school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """Make a course a template. COURSE: the LMS's id of it, or its title."""
    from lti_tool.domain.school import templates
    from lti_tool.domain.school.trail import OPERATOR

    with writing() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        found = _find(session, school, course)
        templates.mark(session, school, found.id, OPERATOR)
        click.echo(f"{found.title} is a template.")


@template.command("unmark")
@click.argument("course")
@of_school
def unmark_template(course: str, school_id: int | None, platform_id: int | None, deployment_id: str | None) -> None:
    """Make a course a template no longer; what began with it keeps what it has. COURSE: as for mark."""
    from lti_tool.domain.school import templates
    from lti_tool.domain.school.trail import OPERATOR

    with writing() as session:
        school = find_school(session, school_id, platform_id, deployment_id).id
        found = _find(session, school, course)
        templates.unmark(session, school, found.id, OPERATOR)
        click.echo(f"{found.title} is no template.")


def _find(session: Session, school_id: int, course: str) -> Listed:
    """The one course of a school that is called so: by the LMS's id before all, else by its title."""
    from lti_tool.domain.school import templates

    found = templates.find(session, school_id, course)
    for exact in (
        [each for each in found if each.context_id == course],
        [e for e in found if e.title == course],
        found,
    ):
        if len(exact) == 1:
            return exact[0]
    if not found:
        raise Problem("There is no such course in this school, or nobody opened Leerkring in it yet.")
    said = ", ".join(f"{each.context_id} ({each.title})" for each in found)
    raise Problem(f"That is more than one course: say which by the LMS's id. {said}")
