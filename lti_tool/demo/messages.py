"""What the LMS says in an id_token: the claims of a launch, as recorded from Moodle 4.5.6."""

import hashlib
from typing import Any, Final

from lti_tool.demo.addresses import Addresses
from lti_tool.demo.model import Activity, Column, Course, Person, ToolRegistration
from lti_tool.demo.school import School
from lti_tool.demo.vocab import (
    AGS_CLAIM,
    AGS_SCOPES,
    CLAIM,
    CLAIM_NAMES,
    INSTITUTION_ADMIN,
    MEMBERSHIP,
    MEMBERSHIP_READONLY,
    NRPS_CLAIM,
    SYSTEM_ADMIN,
    Json,
)

ABSENT: Final = object()
"""As the value of a change: leave that claim out."""

ID_TOKEN_LIFE = 60  # seconds (M8)


def changed(claims: Json, changes: dict[str, Any]) -> Json:
    """Claims with some replaced or left out; a change names a claim in full or in short."""
    new = dict(claims)
    for name, value in changes.items():
        key = CLAIM_NAMES.get(name, name)
        if value is ABSENT:
            new.pop(key, None)
        else:
            new[key] = value
    return new


class Messages:
    """Builds the claims of one site's launches."""

    def __init__(self, school: School, addresses: Addresses) -> None:
        self.school = school
        self.addresses = addresses

    def common(
        self,
        person: Person,
        course: Course,
        tool: ToolRegistration,
        message_type: str,
        nonce: str,
        activity: Activity | None = None,
    ) -> Json:
        """The claims that every message has, in Moodle's order."""
        now = int(self.school.clock())
        claims: Json = {
            "nonce": nonce,
            "iat": now,
            "exp": now + ID_TOKEN_LIFE,
            "iss": self.addresses.issuer,
            "aud": tool.client_id,
            CLAIM + "deployment_id": tool.deployment_id,
            CLAIM + "target_link_uri": tool.target_link_uri,
            "sub": person.id,
            CLAIM + "lis": {
                "person_sourcedid": "",
                "course_section_sourcedid": course.sourced_id,
            },
            CLAIM + "roles": self.roles(person, course),
            CLAIM + "context": {
                "id": course.id,
                "label": course.label,
                "title": course.title,
                "type": ["CourseSection"],
            },
            CLAIM + "message_type": message_type,
        }
        if tool.sends_names:
            claims |= {
                "given_name": person.given,
                "family_name": person.family,
                "name": person.name,
                CLAIM + "ext": {"user_username": person.username, "lms": "moodle-2"},
            }
        if tool.sends_email:
            claims["email"] = person.email
        claims[CLAIM + "launch_presentation"] = {"locale": person.language}
        claims[CLAIM + "tool_platform"] = {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.md5(self.addresses.issuer.encode(), usedforsecurity=False).hexdigest(),
            "name": "demo",
            "description": self.school.name,
        }
        claims[CLAIM + "version"] = "1.3.0"
        claims[CLAIM + "custom"] = self.custom(person, course, tool, activity)
        if scopes := [scope for scope in AGS_SCOPES if scope in tool.scopes]:
            claims[AGS_CLAIM] = {
                "scope": scopes,
                "lineitems": self.addresses.lineitems(course.id, tool),
            }
        # Moodle names the roster only where the tool already has an activity (M29).
        if MEMBERSHIP_READONLY in tool.scopes and self.school.uses(course.id, tool.client_id):
            url = self.addresses.memberships(course.id, tool)
            claims[CLAIM + "custom"]["context_memberships_url"] = url
            claims[NRPS_CLAIM] = {
                "context_memberships_url": url,
                "service_versions": ["1.0", "2.0"],
            }
        return claims

    def resource_link(
        self,
        person: Person,
        activity: Activity,
        nonce: str,
        target: str,
        sesskey: str,
        message_type: str,
    ) -> Json:
        """The claims of a launch of one activity (id_token-resource-link-*.json)."""
        course = self.school.courses[activity.course_id]
        tool = self.school.tools[activity.client_id]
        claims = self.common(person, course, tool, message_type, nonce, activity)
        claims[CLAIM + "target_link_uri"] = activity.url or tool.target_link_uri
        claims[CLAIM + "resource_link"] = {
            "title": activity.title,
            "description": activity.text,
            "id": activity.id,
        }
        claims[CLAIM + "launch_presentation"] |= {
            "document_target": target,
            "return_url": self.addresses.launch_return(course.id, activity.id, target, sesskey),
        }
        if AGS_CLAIM in claims:
            claims[AGS_CLAIM] |= self.lineitem(activity, tool)
        return claims

    def roles(self, person: Person, course: Course) -> list[str]:
        """Roles at launch (M9). A non-editing teacher is an Instructor here, unlike in NRPS."""
        if person.admin:
            return [INSTITUTION_ADMIN, MEMBERSHIP + "Instructor", SYSTEM_ADMIN]
        role = self.school.role(course.id, person.id)
        if role is None:
            return []
        return [MEMBERSHIP + ("Learner" if role == "student" else "Instructor")]

    def lineitem(self, activity: Activity, tool: ToolRegistration) -> dict[str, str]:
        """The `lineitem` member: one column, none, or "" (M21, M22).

        Moodle counts the columns that *name* the activity. More than one: the member is absent.
        Exactly one, made through the service: the member is there, and empty.
        """
        columns = self.school.course_columns(activity.course_id)
        naming = [c for c in columns if c.resource_link_id == activity.id]
        own = [c for c in columns if c.activity_id == activity.id]
        found: Column | None = naming[0] if len(naming) == 1 else None
        if len(naming) < 2 and len(own) == 1:
            found = own[0] if found in (None, own[0]) else None
        if found is None:
            return {}
        return {"lineitem": self.addresses.lineitem(found, tool) if found.coupled else ""}

    def custom(
        self, person: Person, course: Course, tool: ToolRegistration, activity: Activity | None
    ) -> dict[str, str]:
        """Custom parameters: the link's first, then the tool's, which win (M11)."""
        known = self.variables(person, course, tool, activity)
        custom: dict[str, str] = {}
        for given in (activity.custom if activity else {}, tool.custom_parameters):
            for key, value in as_lines(given):
                if value.startswith("$"):
                    value = known.get(value[1:], value)
                custom["".join(c.lower() if c.isalnum() else "_" for c in key)] = value
                custom[key] = value
        return custom

    def variables(
        self, person: Person, course: Course, tool: ToolRegistration, activity: Activity | None
    ) -> dict[str, str]:
        """The substitution variables this LMS knows (M12); all others stay as they are."""
        names, email = tool.sends_names, tool.sends_email
        known = {
            "Context.id": course.id,
            "Context.title": course.title,
            "Context.label": course.label,
            "Context.sourcedId": course.sourced_id,
            "Context.id.history": ",".join(course.history),
            "CourseSection.title": course.title,
            "CourseSection.label": course.label,
            "CourseSection.sourcedId": course.sourced_id,
            "CourseSection.timeFrame.begin": course.begins,
            "CourseSection.timeFrame.end": "",
            "User.id": person.id,
            "User.username": person.username if names else "",
            "Person.name.full": person.name if names else "",
            "Person.name.given": person.given if names else "",
            "Person.name.family": person.family if names else "",
            "Person.email.primary": person.email if email else "",
            "Person.sourcedId": "",
            "Person.address.timezone": "99",
            "Membership.role": ",".join(self.roles(person, course)),
            "Moodle.Person.userGroupIds": self.school.groups(course.id, person.id),
        }
        if activity:
            known |= {
                "ResourceLink.id": activity.id,
                "ResourceLink.title": activity.title,
                "ResourceLink.description": activity.text,
            }
        return known


def as_lines(custom: dict[str, str]) -> list[tuple[str, str]]:
    """Custom parameters as Moodle keeps them: text of key=value lines.

    So a newline in a value starts another parameter, or loses the rest of it (M11).
    """
    text = "\n".join(f"{key}={value}" for key, value in custom.items())
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line]
    return [(key.strip(), value.strip()) for key, value in pairs]
