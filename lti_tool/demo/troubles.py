"""The buttons for what goes wrong in life, on the course page of the demo."""

from collections.abc import Mapping

from flask import abort

from lti_tool.demo.site import Site
from lti_tool.demo.staff import enrol_newcomer

RETRY_AFTER = 5  # seconds: long enough to see a score wait, short enough to see it arrive


def make_trouble(site: Site, course_id: str, form: Mapping[str, str]) -> None:
    """Do what the pressed button says; `form` is {action, and what that action needs}."""
    school, faults = site.school, site.faults
    action = form.get("action")
    if action == "busy":
        faults.fail("scores", 429, _whole(form, "times", 1, 20), headers={"Retry-After": str(RETRY_AFTER)})
    elif action == "broken":
        faults.fail("scores", 500, _whole(form, "times", 1, 20))
    elif action == "lose":
        faults.lose("scores", _whole(form, "times", 1, 20))
    elif action == "slow":
        faults.slow(_whole(form, "seconds", 0, 30))
    elif action == "calm":
        faults.clear()
    elif action == "rotate_keys":
        site.platform.rotate_keys(keep_old=True)
    elif action == "enrol":
        enrol_newcomer(school, course_id)
    elif action == "drop":
        school.drop(course_id, form.get("person", ""))
    elif action == "copy_course":
        copy = school.copy_course(course_id)
        for person, role in school.roster(course_id):
            if role == "editingteacher":
                school.enrol(copy.id, person.id, role)
    elif action == "delete_column":
        school.delete_column(_column(site, course_id, form))
    elif action == "grade":
        column_id = _column(site, course_id, form)
        if not school.gradable(course_id, form.get("person", "")):
            abort(400)
        school.override(column_id, form["person"], _whole(form, "score", 0, 1000))
    else:
        abort(400)


def _whole(form: Mapping[str, str], name: str, least: int, most: int) -> int:
    value = form.get(name, "")
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        abort(400)
    return int(value)


def _column(site: Site, course_id: str, form: Mapping[str, str]) -> str:
    column = site.school.columns.get(form.get("column", ""))
    if column is None or column.course_id != course_id:
        abort(400)
    return column.id
