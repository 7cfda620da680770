"""Names and Role Provisioning Services 2.0: who is in the course now (M29 to M32)."""

import html

from flask import Response, request

from lti_tool.demo.model import Person, Role
from lti_tool.demo.services import (
    ANY_METHOD,
    ServiceError,
    answer,
    caller,
    check_course,
    check_link,
    count,
    service,
)
from lti_tool.demo.site import site
from lti_tool.demo.vocab import CLAIM, MEMBERS_TYPE, MEMBERSHIP, RESOURCE_LINK, Json

nrps = service("nrps")


@nrps.route("/CourseSection/<course_id>/bindings/<type_id>/memberships", methods=ANY_METHOD)
def memberships(course_id: str, type_id: str) -> Response:
    """Active enrolments only: who left is not listed at all (M31)."""
    school = site().school
    if type_id != caller().deployment_id:
        raise ServiceError(401, "Unauthorized: the binding is not this tool's")
    check_course(course_id)
    if not school.uses(course_id, caller().client_id):
        raise ServiceError(403, "Not allowed in context")
    link = request.args.get("rlid")
    check_link(course_id, link)
    asked = request.args.get("role", "").removeprefix(MEMBERSHIP)
    members = [
        _member(person, role, link) for person, role in school.roster(course_id) if asked in ("", _roster_role(role))
    ]
    limit, start = count("limit"), count("from")
    course = school.courses[course_id]
    url = site().addresses.memberships(course_id, caller())
    listed = answer(
        {
            "id": url,
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": members[start : start + limit] if limit else members,
        },
        MEMBERS_TYPE,
    )
    if limit and start + limit < len(members):
        # The next page forgets the role that was asked for (M32).
        following = f"{url}?limit={limit}&from={start + limit}"
        if link is not None:
            following += f"&rlid={link}"
        listed.headers["Link"] = f'<{following}>; rel="next"'
    return listed


def _roster_role(role: Role) -> str:
    """In the roster only an editing teacher is an Instructor (M30)."""
    return "Instructor" if role == "editingteacher" else "Learner"


def _member(person: Person, role: Role, link: str | None) -> Json:
    shown: Json = {"status": "Active", "roles": [_roster_role(role)]}
    if link is not None:
        shown["message"] = [{CLAIM + "message_type": RESOURCE_LINK}]
    shown |= {"user_id": person.id, "lis_person_sourcedid": ""}
    if caller().sends_names:
        # Moodle's format_string: & and < come escaped, quotes do not (M31, recorded).
        names = {"name": person.name, "given_name": person.given, "family_name": person.family}
        shown |= {key: html.escape(value, quote=False) for key, value in names.items()}
    if caller().sends_email:
        shown["email"] = person.email
    if caller().sends_names:
        shown["ext_user_username"] = person.username
    return shown
