"""The platform's side of launches: logins and signed tokens as Moodle 4.5 makes them."""

import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.load.house import CLIENT, DEPLOYMENT, SCOPES, line_items_url
from tests.load.lms import MEMBERS, Lms

COURSES = 25
KID = "fae196e00ad7cfdc0260"
GIVEN, FAMILY = "Fatima", "Öztürk-van der Meulen"


def course_of(person: int) -> int:
    """The course somebody sits in."""
    return person % COURSES + 2


def name_of(person: int) -> str:
    """The whole name."""
    return f"{GIVEN} {FAMILY} {person}"


@dataclass(frozen=True)
class Messages:
    """The platform's side of launches: one key, and claims as Moodle 4.5 makes them."""

    platform: Lms
    key: rsa.RSAPrivateKey

    def login(self, person: int, target: str) -> dict[str, str]:
        """The third-party initiated login."""
        return {
            "iss": self.platform.origin,
            "target_link_uri": target,
            "login_hint": str(person),
            "lti_message_hint": json.dumps({"cmid": course_of(person), "launchid": f"ltilaunch{person}_1833388997"}),
            "client_id": CLIENT,
            "lti_deployment_id": DEPLOYMENT,
        }

    def token(self, person: int, target: str, nonce: str) -> str:
        """The signed launch of a person in their course."""
        claims = self.claims(person, target) | {"nonce": nonce, "iat": int(time.time()), "exp": int(time.time()) + 60}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KID})

    def claims(self, person: int, target: str) -> dict[str, Any]:
        """Moodle's claims, with all that it sends by itself: 5 KB as a token."""
        course, name = course_of(person), f"{FAMILY} {person}"
        services = f"{self.platform.origin}/mod/lti/services.php"
        members = f"{self.platform.origin}{MEMBERS}"
        lti = "https://purl.imsglobal.org/spec/lti/claim/"
        return {
            "iss": self.platform.origin,
            "aud": CLIENT,
            "sub": str(person),
            lti + "deployment_id": DEPLOYMENT,
            lti + "target_link_uri": target,
            lti + "lis": {"person_sourcedid": f"sis-{person}", "course_section_sourcedid": f"sis-PLG-{course}"},
            lti + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            lti + "context": {
                "id": str(course),
                "label": f"PLG-{course}",
                "title": f"Leergemeenschap Praktijkonderwijs {course}",
                "type": ["CourseSection"],
            },
            lti + "message_type": "LtiResourceLinkRequest",
            lti + "resource_link": {"title": "Stap 1", "description": "Onze <b>ambitie</b>", "id": str(course)},
            "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": {
                "lis_result_sourcedid": json.dumps(
                    {"data": {"instanceid": "1", "userid": str(person)}, "hash": "ac" * 32}
                ),
                "lis_outcome_service_url": f"{self.platform.origin}/mod/lti/service.php",
            },
            "given_name": GIVEN,
            "family_name": name,
            "name": name_of(person),
            "email": f"lid{person}@school.example",
            lti + "ext": {"user_username": f"lid{person}", "lms": "moodle-2"},
            lti + "launch_presentation": {
                "locale": "nl",
                "document_target": "iframe",
                "return_url": f"{self.platform.origin}/mod/lti/return.php?course={course}&launch_container=3"
                f"&instanceid={course}&sesskey=SESSKEY",
            },
            lti + "tool_platform": {
                "product_family_code": "moodle",
                "version": "2024100706",
                "guid": "34a78d13bf65a82e8fe1e09f54a8edf6",
                "name": "pro",
                "description": "PrO School",
            },
            lti + "version": "1.3.0",
            lti + "custom": {
                "step": "ambition",
                "cycle": "1",
                "passback": "moments",
                "context_history": "",
                "resource_history": "$ResourceLink.id.history",
                "section": f"sis-PLG-{course}",
                "groups": "",
                "avail": "$ResourceLink.available.startDateTime",
                "context_memberships_url": members,
                "system_setting_url": f"{services}/tool/1/custom",
                "context_setting_url": f"{services}/CourseSection/{course}/bindings/tool/1/custom",
                "link_setting_url": services + "/links/{link_id}/custom",
            },
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": SCOPES.split()[:4],
                "lineitems": line_items_url(self.platform),
                "lineitem": f"{services}/2/lineitems/{course}/lineitem?type_id=1",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": members,
                "service_versions": ["1.0", "2.0"],
            },
        }
