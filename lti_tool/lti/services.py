"""LTI Advantage services: access tokens, roster (NRPS 2.0), line items, scores and results (AGS 2.0).

One client for all platforms. It needs no launch: jobs call it. Every call has a time limit; a 401
drops the token and tries once more; bodies of errors are never kept, they may hold personal data.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from lti_tool.lti import quirks
from lti_tool.lti.claims import read_name, read_roles
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.outbound import Outbound, OutboundError, Response, json_body
from lti_tool.models import Registration

SCOPE_LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

# Each call takes exactly one media type, and Moodle knows no other (M20).
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

MAX_PAGES = 500
MAX_MEMBERS = 50_000
# A token is used until this many seconds before it ends (S13).
TOKEN_MARGIN = 60


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A membership as NRPS tells it; lis_person_sourcedid and e-mail are dropped here, on purpose."""

    sub: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class _Token:
    """An access token: for which scopes, and until when (time.monotonic) it is used."""

    value: str
    scopes: frozenset[str]
    until: float


class Services:
    """The client. Thread-safe; tokens live in memory only, so that a backup holds none."""

    def __init__(self, outbound: Outbound, keys: KeyRing) -> None:
        self.outbound = outbound
        self.keys = keys
        self._tokens: dict[tuple[int, str], _Token] = {}
        # Registrations whose platform refuses to grant all of their scopes at once.
        self._one_by_one: set[int] = set()
        self._lock = threading.Lock()
        self._fetching: dict[tuple[int, str], threading.Lock] = {}

    # Tokens (security framework 1.0, 4.1)

    def _token(self, platform: Registration, scope: str, stale: str | None = None) -> str:
        """One token for all that was granted at registration; where that is not to be had, one a scope."""
        whole = platform.scopes or ""
        if scope in whole.split() and platform.id not in self._one_by_one:
            try:
                token = self._token_for(platform, whole, stale)
            except OutboundError as error:
                if error.reason != "scope_not_granted":
                    raise
                self._one_by_one.add(platform.id)
            else:
                # A registration may promise what a token then does not grant (M4).
                if scope in token.scopes:
                    return token.value
        return self._token_for(platform, scope, stale).value

    def _token_for(self, platform: Registration, scopes: str, stale: str | None) -> "_Token":
        key = (platform.id, scopes)
        with self._lock:
            fetching = self._fetching.setdefault(key, threading.Lock())
        with fetching:
            kept = self._tokens.get(key)
            if kept is None or kept.value == stale or time.monotonic() >= kept.until:
                kept = self._tokens[key] = self._fetch_token(platform, scopes)
            return kept

    def _fetch_token(self, platform: Registration, scope: str) -> "_Token":
        issued = int(time.time()) - 5  # Moodle's clock allows no skew at all (M19).
        assertion = self.keys.sign(
            {
                "iss": platform.client_id,
                "sub": platform.client_id,
                "aud": quirks.token_audience(platform.family, platform.auth_token_url, platform.token_audience),
                "iat": issued,
                "exp": issued + 300,
                "jti": secrets.token_urlsafe(24),
            }
        )
        response = self.outbound.call(
            "POST",
            platform.auth_token_url,
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": scope,
            },
            headers={"Accept": "application/json"},
        )
        try:
            answer = json_body(response)
        except OutboundError as error:
            if error.reason != "status":
                raise
            # A reason of its own: a refused token must not be taken for a refused score or a column that is gone.
            if _oauth_error(response) == "invalid_scope":
                raise OutboundError("scope_not_granted") from error
            raise OutboundError("token", error.status, error.retry_after) from error
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise OutboundError("no_token")
        granted = answer.get("scope")
        if isinstance(granted, str) and granted and not set(scope.split()) & set(granted.split()):
            raise OutboundError("scope_not_granted")
        scopes = granted if isinstance(granted, str) and granted else scope
        lives = str(answer.get("expires_in"))
        seconds = int(lives) if lives.isdecimal() else 300
        return _Token(token, frozenset(scopes.split()), time.monotonic() + max(seconds - TOKEN_MARGIN, 1))

    def _call(self, platform: Registration, scope: str, method: str, url: str, **kwargs: Any) -> Response:
        """A call with a bearer token; on 401 with a new one, once.

        The URL comes from a signed launch, from a line item or from the first page of a roster: it is the
        platform that named it, and a school's services may be at another host than its issuer.
        """
        headers = kwargs.pop("headers", {})
        token = self._token(platform, scope)
        for attempt in (1, 2):
            response = self.outbound.call(
                method, url, headers={**headers, "Authorization": f"Bearer {token}"}, **kwargs
            )
            if response.status_code != 401 or attempt == 2:
                return response
            token = self._token(platform, scope, stale=token)
        raise AssertionError

    def _pages(self, platform: Registration, scope: str, url: str, media: str) -> Iterator[Any]:
        """The JSON of every page of a container; raises OutboundError where one is missing.

        Next links are followed unchanged (N-2), on the first page's host only, and never in a circle.
        """
        seen: set[str] = set()
        origin = urlsplit(url)[:2]
        next_url: str | None = url
        while next_url is not None:
            if next_url in seen or len(seen) >= MAX_PAGES or urlsplit(next_url)[:2] != origin:
                raise OutboundError("next_link")
            seen.add(next_url)
            response = self._call(platform, scope, "GET", next_url, headers={"Accept": media})
            yield json_body(response)
            following = [
                link["url"] for link in response.links.values() if "next" in link.get("rel", "").lower().split()
            ]
            next_url = urljoin(next_url, following[0]) if following else None

    # Roster (NRPS 2.0)

    def members(self, platform: Registration, url: str) -> Iterator[list[RosterEntry]]:
        """The course's active members, a page at a time; raises OutboundError where a page is missing."""
        total = 0
        for page in self._pages(platform, SCOPE_MEMBERS, url, MEMBERS):
            members = page.get("members") if isinstance(page, dict) else None
            if not isinstance(members, list):
                raise OutboundError("no_members", 200)
            total += len(members)
            if total > MAX_MEMBERS:
                raise OutboundError("too_many_members")
            yield [entry for entry in map(_read_member, members) if entry]

    # Line items, scores, results (AGS 2.0)

    def line_items(self, platform: Registration, url: str, **filters: str) -> list[dict[str, Any]]:
        """Columns of a course by resource_link_id, resource_id or tag; no `limit`: Moodle breaks on it (M28)."""
        found = []
        for page in self._pages(platform, SCOPE_LINE_ITEM, with_query(url, **filters), LINE_ITEMS):
            if not isinstance(page, list):
                raise OutboundError("no_line_items", 200)
            found += page
        # Not every platform filters; a column that does not match must never be taken for ours.
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        return [
            item
            for item in found
            if isinstance(item, dict)
            and isinstance(item.get("id"), str)
            and all(str(item.get(names[name], "")) == value for name, value in filters.items())
        ]

    def create_line_item(self, platform: Registration, url: str, item: dict[str, Any]) -> str:
        """Make a column; returns its URL."""
        response = self._call(
            platform,
            SCOPE_LINE_ITEM,
            "POST",
            url,
            json=item,
            headers={"Content-Type": LINE_ITEM, "Accept": LINE_ITEM},
        )
        made = json_body(response)
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            # A refused item can come back as `[]` with status 200 (M27).
            raise OutboundError("not_created", response.status_code)
        return str(made["id"])

    def post_score(self, platform: Registration, line_item_url: str, score: dict[str, Any]) -> None:
        """Send one score; raises OutboundError with the status when it was not taken."""
        response = self._call(
            platform,
            SCOPE_SCORE,
            "POST",
            sub_resource(line_item_url, "scores"),
            json={**score, **quirks.score_extensions(platform.family)},
            headers={"Content-Type": SCORE},
        )
        if not 200 <= response.status_code < 300:
            raise OutboundError("status", response.status_code, response.headers.get("Retry-After"))
        if response.content.strip() == b"[]":
            # Moodle's refusal, whose status line was lost on the way (M27).
            raise OutboundError("not_taken", 400)

    def results(self, platform: Registration, line_item_url: str, sub: str | None = None) -> dict[str, float]:
        """Grades that stand in a column now: sub -> score scaled to 0..100. People without a grade are absent."""
        url = sub_resource(line_item_url, "results")
        grades = {}
        for page in self._pages(platform, SCOPE_RESULT, with_query(url, user_id=sub) if sub else url, RESULTS):
            if not isinstance(page, list):
                # An answer that cannot be read does not mean that nothing stands there.
                raise OutboundError("no_results", 200)
            for result in page:
                if not isinstance(result, dict):
                    continue
                score, maximum = result.get("resultScore"), result.get("resultMaximum") or 1
                if isinstance(score, (int, float)) and isinstance(maximum, (int, float)) and maximum > 0:
                    grades[str(result.get("userId"))] = 100 * score / maximum
        return grades


def _oauth_error(response: Response) -> str:
    """The error code of a refused token (RFC 6749, 5.2), or ""."""
    try:
        said = json.loads(response.content)
    except ValueError:
        return ""
    return str(said.get("error", "")) if isinstance(said, dict) else ""


def _read_member(member: Any) -> RosterEntry | None:
    if not isinstance(member, dict) or not member.get("user_id"):
        return None
    # A missing status means Active (N-3).
    if member.get("status", "Active") != "Active":
        return None
    roles = read_roles(member["roles"] if isinstance(member.get("roles"), list) else [])
    name = read_name(
        *(v if isinstance(v := member.get(k), str) else None for k in ("name", "given_name", "family_name"))
    )
    return RosterEntry(str(member["user_id"])[:255], name, roles.course)


def sub_resource(line_item_url: str, name: str) -> str:
    """The URL of a line item's scores or results: before the query, which Moodle's URLs have (A-1)."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(url: str, **added: str) -> str:
    """The URL with parameters appended to the query it may already have, which stays as it is (N-5)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(added))))))
