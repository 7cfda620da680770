"""A platform without pages: it says and signs whatever a test wants the tool to be told.

The strict LMS (lti_tool.demo) sends only what Moodle would; this one sends the rest.
"""

import base64
import functools
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, get_default_algorithms
from sqlalchemy import text

from lti_tool.db import Base
from lti_tool.demo.keys import SigningKey
from lti_tool.demo.messages import ABSENT, changed
from lti_tool.demo.vocab import CLAIM, DL_CLAIM, MEMBERSHIP
from lti_tool.lti import register
from lti_tool.models import Community, Course, Deployment, Launch, Member, Person, ResourceLink, Seat
from tests.actors import Browser, Page, Tool, asked

__all__ = ["ABSENT", "CLAIM", "Sender", "another_key", "ec_key", "our_key"]

ISSUER = "https://lms.school.example"
CLIENT = "leerkring-at-school"
DEPLOYMENT = "7"
AUTH = "/auth"
# How many rows each table has, in one statement: asked twice for each message of the tables.
FOUNDED = text(
    "SELECT "
    + ", ".join(
        f'(SELECT count(*) FROM "{table.name}") AS "{table.name}"'
        for table in Base.metadata.sorted_tables
        if table.name not in ("burnt_nonce", "deployment", "school", "registration", "alembic_version")
    )
)


@functools.cache
def our_key() -> SigningKey:
    """The platform's key: one for all tests, making keys is slow."""
    return SigningKey.generate()


@functools.cache
def another_key() -> SigningKey:
    """A key the platform never published."""
    return SigningKey.generate()


@functools.cache
def ec_key(bits: int) -> tuple[ec.EllipticCurvePrivateKey, dict[str, Any]]:
    """A private elliptic-curve key and its JWK."""
    curve = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 512: ec.SECP521R1()}[bits]
    private = ec.generate_private_key(curve)
    public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return private, {**public, "kid": f"ec-{bits}", "use": "sig", "alg": f"ES{bits}"}


class Opened(NamedTuple):
    """The rows behind a launch."""

    launch: Launch
    course: Course
    community: Community
    person: Person
    seat: Seat
    member: Member | None
    link: ResourceLink | None


class Sender:
    """One client of one issuer, registered at the tool with an approved deployment."""

    def __init__(
        self,
        tool: Tool,
        *,
        issuer: str = ISSUER,
        client_id: str = CLIENT,
        deployment_id: str = DEPLOYMENT,
        auth_login_url: str = "",
        jwks: Mapping[str, Any] | None = None,
        # Nobody listens there: a test that makes the tool fetch keys says where.
        key_set_url: str = "http://127.0.0.1:9/jwks",
        approved: bool = True,
    ) -> None:
        self.tool, self.issuer, self.client_id, self.deployment_id = tool, issuer, client_id, deployment_id
        self.target = f"{tool.url}/lti/launch"
        with tool.session() as session:
            row = register.upsert(
                session,
                issuer=issuer,
                client_id=client_id,
                name=issuer,
                auth_login_url=auth_login_url or issuer + AUTH,
                auth_token_url=issuer + "/token",
                key_set_url=key_set_url,
            )
            row.key_set = dict(jwks) if jwks else {"keys": [our_key().jwk()]}
            session.add(Deployment(registration_id=row.id, deployment_id=deployment_id, approved=approved))
            self.registration_id = row.id
        # Made past the tool, which remembers platforms for some seconds.
        tool.app.extensions["leerkring"].platforms.forget()

    def browser(self, cookies: bool = True, language: str = "") -> Browser:
        """A new browser, whose owner reads this language."""
        made = Browser(self.tool, cookies)
        if language:
            made.client.environ_base = {**made.client.environ_base, "HTTP_ACCEPT_LANGUAGE": language}
        return made

    def opened(self, page: Page) -> Opened:
        """What a launch opened, as stored; fails when it did not."""
        match = re.match(r"/l/([\w-]+)[~/]", urlsplit(page.url).path)
        assert match, f"{page.status} {page.reason} {page.url} {page.text[:300]}"
        assert page.status == 200, page.text[:300]
        with self.tool.session() as session:
            launch = session.get_one(Launch, match[1])
            course = session.get_one(Course, launch.course_id)
            person = session.get_one(Person, launch.person_id)
            link = session.get(ResourceLink, launch.resource_link_id) if launch.resource_link_id else None
            community = session.query(Community).filter_by(course_id=course.id).one()
            seat = session.query(Seat).filter_by(course_id=course.id, person_id=person.id).one()
            member = session.query(Member).filter_by(community_id=community.id, person_id=person.id).one_or_none()
        return Opened(launch, course, community, person, seat, member, link)

    def founded(self) -> dict[str, int]:
        """How many rows there are of everything a launch may found."""
        with self.tool.session() as session:
            return dict(session.execute(FOUNDED).mappings().one())

    def login_fields(self, **changes: Any) -> dict[str, str]:
        """What the platform asks a login with; ABSENT drops a field."""
        fields = {
            "iss": self.issuer,
            "target_link_uri": self.target,
            "login_hint": "wout",
            "lti_message_hint": '{"cmid":3,"launchid":"ltilaunch3_1"}',
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not ABSENT}

    def login(self, browser: Browser, **changes: Any) -> Page:
        """A login by POST; `asked` reads the answer."""
        return browser.post("/lti/login", self.login_fields(**changes), site="cross-site", follow=False)

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """A good launch of a teacher, the Learner of an LMS course; changes as in the demo's Platform.claims."""
        now = int(time.time())
        good = {
            "nonce": nonce,
            "iat": now,
            "exp": now + 60,
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "fatima",
            "name": "Fatima Öztürk",
            CLAIM + "deployment_id": self.deployment_id,
            CLAIM + "target_link_uri": self.target,
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "version": "1.3.0",
            CLAIM + "roles": [MEMBERSHIP + "Learner"],
            CLAIM + "context": {"id": "course-1", "title": "Leergemeenschap"},
            CLAIM + "resource_link": {"id": "link-1", "title": "Thuis"},
            CLAIM + "launch_presentation": {"locale": "nl", "return_url": self.issuer + "/return?sesskey=geheim"},
        }
        return changed(good, changes)

    @staticmethod
    def picking(**settings: Any) -> dict[str, Any]:
        """The changes that make a launch a request for content; settings: of the deep-linking claim."""
        wanted = {
            "deep_link_return_url": ISSUER + "/contentitem_return?sesskey=geheim",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
            **settings,
        }
        return {
            "message_type": "LtiDeepLinkingRequest",
            "resource_link": ABSENT,
            "roles": [MEMBERSHIP + "Instructor"],
            DL_CLAIM + "deep_linking_settings": {k: v for k, v in wanted.items() if v is not ABSENT},
        }

    @staticmethod
    def sign(claims: Any, header: Mapping[str, Any] | None = None, key: Any = None, algorithm: str = "RS256") -> str:
        """A token of any claims; a header that is ABSENT is left out. HS256 and none sign as attackers do."""
        headers = {"typ": "JWT", "alg": algorithm, "kid": our_key().kid, **(header or {})}
        head = json.dumps({name: value for name, value in headers.items() if value is not ABSENT})
        body = claims if isinstance(claims, str) else json.dumps(claims)
        signed = f"{_base64(head.encode())}.{_base64(body.encode())}"
        if algorithm == "none":
            return f"{signed}."
        if algorithm.startswith("HS"):
            return f"{signed}.{_base64(hmac.digest(key, signed.encode(), 'sha256'))}"
        signature = get_default_algorithms()[algorithm].sign(signed.encode(), key or our_key().private)
        return f"{signed}.{_base64(signature)}"

    def post(self, browser: Browser, state: str, token: str, **more: str) -> Page:
        """The platform's answer, by the browser's form."""
        return browser.post("/lti/launch", {"state": state, "id_token": token, **more}, site="cross-site")

    def launch(
        self,
        browser: Browser | None = None,
        *,
        signing: Mapping[str, Any] | None = None,
        login: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Page:
        """Log in and launch; what the last page says. signing: header, key, algorithm; login: its fields."""
        browser = browser or self.browser()
        question = asked(self.login(browser, **(login or {})))
        token = self.sign(self.claims(question["nonce"], **changes), **(signing or {}))
        return self.post(browser, question["state"], token)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unique(prefix: str) -> str:
    """An id nobody had before."""
    return f"{prefix}-{secrets.token_hex(4)}"
