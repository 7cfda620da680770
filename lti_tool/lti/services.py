"""LTI Advantage services: access tokens, roster (NRPS 2.0), line items, scores and results (AGS 2.0).

One client for all platforms. It needs no launch: jobs call it. Every call has a time limit; where the token may
be what is refused, it is renewed once; bodies of errors are never kept, they may hold personal data.
"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from lti_tool.lti import answers, links, origins, quirks
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.once import Once
from lti_tool.lti.outbound import Outbound, OutboundError, Response, json_body
from lti_tool.models.platform import Registration

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
# Seconds for all pages of a container together.
WHOLE = 300
MAX_MEMBERS = 50_000
# A token is used until this many seconds before it ends (S13).
TOKEN_MARGIN = 60
# A 403 for a token older than so many seconds may be the token's fault: Open edX never says 401.
TOKEN_TRUSTED = 60


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """A membership as NRPS tells it; lis_person_sourcedid is dropped here, on purpose.

    email, login: compared with what a school's provision list names, and kept nowhere.
    """

    sub: str
    name: str
    role: str
    email: str = field(default="", repr=False, compare=False)
    login: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Token:
    """An access token: for which scopes, when it was fetched and until when (time.monotonic) it is used."""

    value: str
    scopes: frozenset[str]
    fetched: float
    until: float


class Services:
    """The client. Thread-safe; tokens live in memory only, so that a backup holds none."""

    def __init__(self, outbound: Outbound, keys: KeyRing) -> None:
        self.outbound = outbound
        self.keys = keys
        self._tokens: dict[tuple[int, str], _Token] = {}
        # Registrations whose platform refuses to grant all of their scopes at once.
        self._one_by_one: set[int] = set()
        self._fetching: Once[tuple[int, str], _Token] = Once()

    # Tokens (security framework 1.0, 4.1)

    def _token(self, platform: Registration, scope: str) -> str:
        return self._granted(platform, scope).value

    def _granted(self, platform: Registration, scope: str, stale: str | None = None) -> _Token:
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
                    return token
        return self._token_for(platform, scope, stale)

    def _token_for(self, platform: Registration, scopes: str, stale: str | None) -> _Token:
        key = (platform.id, scopes)
        kept = self._tokens.get(key)
        if kept is None or kept.value == stale or time.monotonic() >= kept.until:
            # Those who need it at once share one fetch, and its failure: nobody waits for a second time limit.
            kept = self._fetching.do(key, lambda: self._fetch_token(platform, scopes, stale))
        return kept

    def _fetch_token(self, platform: Registration, scope: str, stale: str | None) -> _Token:
        kept = self._tokens.get((platform.id, scope))
        if kept is not None and kept.value != stale and time.monotonic() < kept.until:
            # Somebody fetched it since it was looked for.
            return kept
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
            if answers.error_code(response) == "invalid_scope":
                raise OutboundError("scope_not_granted") from error
            raise OutboundError("token", error.status, error.retry_after) from error
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise OutboundError("no_token")
        # A token that says nothing of its scope holds what was asked for.
        granted = answers.scopes(answer.get("scope")) or answers.scopes(scope)
        if not answers.scopes(scope) & granted:
            raise OutboundError("scope_not_granted")
        moment = time.monotonic()
        until = moment + max(answers.seconds(answer.get("expires_in"), 300) - TOKEN_MARGIN, 1)
        kept = self._tokens[platform.id, scope] = _Token(token, granted, moment, until)
        return kept

    def _call(self, platform: Registration, scope: str, method: str, url: str, **kwargs: Any) -> Response:
        """A call with a bearer token; where that may be what is refused, once more with a new one.

        The URL comes from a signed launch, from a line item or from the first page of a roster; a token goes only to
        origins that are known as the platform's (lti.origins).
        """
        origins.check(platform, url)
        headers = kwargs.pop("headers", {})
        token = self._granted(platform, scope)
        for attempt in (1, 2):
            response = self.outbound.call(
                method, url, headers={**headers, "Authorization": f"Bearer {token.value}"}, **kwargs
            )
            old = time.monotonic() - token.fetched > TOKEN_TRUSTED
            if attempt == 2 or not (response.status_code == 401 or (response.status_code == 403 and old)):
                break
            token = self._granted(platform, scope, stale=token.value)
        if response.status_code == 403 and answers.error_code(response) == "insufficient_scope":
            raise OutboundError("scope_not_granted")
        return response

    def _pages(self, platform: Registration, scope: str, url: str, media: str) -> Iterator[Any]:
        """The JSON of every page of a container; raises OutboundError where one is missing.

        Next links are followed unchanged (N-2), on the first page's host only, and never in a circle.
        """
        seen: set[str] = set()
        origin = _origin(url)
        next_url: str | None = url
        until = time.monotonic() + WHOLE
        while next_url is not None:
            if time.monotonic() > until:
                raise OutboundError("timeout")
            if next_url in seen or len(seen) >= MAX_PAGES or _origin(next_url) != origin:
                raise OutboundError("next_link")
            seen.add(next_url)
            response = self._call(platform, scope, "GET", next_url, headers={"Accept": media})
            # A container that is empty may have nothing to say at all (O8); a roster never is.
            yield [] if response.status_code == 204 else json_body(response)
            try:
                following = links.next_target(response.headers.get("Link", ""))
                next_url = None if following is None else urljoin(next_url, following)
            except ValueError as error:
                # Never the end: a roster cut off here would look complete.
                raise OutboundError("link_header", response.status_code) from error

    # Roster (NRPS 2.0)

    def members(self, platform: Registration, url: str) -> Iterator[list[RosterEntry]]:
        """The course's active members, a page at a time; raises OutboundError where a page is missing.

        Without those who are nobody in particular: test users, and the account that guests share.
        """
        total = 0
        for page in self._pages(platform, SCOPE_MEMBERS, url, MEMBERS):
            members = page.get("members") if isinstance(page, dict) else None
            if not isinstance(members, list):
                raise OutboundError("no_members", 200)
            total += len(members)
            if total > MAX_MEMBERS:
                raise OutboundError("too_many_members")
            found = [RosterEntry(*read) for read in map(answers.member, members) if read]
            yield [entry for entry in found if not quirks.is_guest(platform.family, entry.sub)]

    # Line items, scores, results (AGS 2.0)

    def line_items(self, platform: Registration, url: str, **filters: str) -> list[dict[str, Any]]:
        """Columns of a course by resource_link_id, resource_id or tag; no `limit`: Moodle breaks on it (M28)."""
        found = []
        # Not every platform keeps tags: by one it is asked where there is nothing better.
        asked = {name: value for name, value in filters.items() if name != "tag" or "resource_id" not in filters}
        for page in self._pages(platform, SCOPE_LINE_ITEM, with_query(url, **asked), LINE_ITEMS):
            if not isinstance(page, list):
                raise OutboundError("no_line_items", 200)
            found += page
        # Not every platform filters; a column that does not match must never be taken for ours.
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        return [
            item
            for item in found
            if isinstance(item, dict)
            and answers.line_item_url(item.get("id"))
            and all(
                str(item.get(names[name], "")) == value or (name not in asked and not item.get("tag"))
                for name, value in filters.items()
            )
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
        if not 200 <= response.status_code < 300:
            json_body(response)
        made = answers.body(response)
        address = answers.line_item_url(made.get("id") if isinstance(made, dict) else None)
        if address is None and response.status_code == 201 and not isinstance(made, list):
            # Some say only where it is (O8).
            address = answers.line_item_url(_joined(url, response.headers.get("Location")))
        if address is None:
            # A refused item can come back as `[]` with status 200 (M27).
            raise OutboundError("not_created", response.status_code)
        return address

    def post_score(self, platform: Registration, line_item_url: str, score: dict[str, Any]) -> None:
        """Send one score; raises OutboundError with the status when it was not taken.

        Its reason is "timestamp" where the platform has as late a score already, or a later one, and says 400.
        """
        response = self._call(
            platform,
            SCOPE_SCORE,
            "POST",
            sub_resource(line_item_url, "scores"),
            json={**score, **quirks.score_extensions(platform.family)},
            headers={"Content-Type": SCORE, "Accept": SCORE},
        )
        if response.status_code == 400 and answers.is_about_timestamp(response):
            raise OutboundError("timestamp", 400, of_one=True)
        if not 200 <= response.status_code < 300:
            raise OutboundError("status", response.status_code, response.headers.get("Retry-After"), of_one=True)
        if response.content.strip() == b"[]":
            # Moodle's refusal, whose status line was lost on the way (M27).
            raise OutboundError("not_taken", 400)

    def has_line_item(self, platform: Registration, url: str) -> bool:
        """Whether a column is still there: a 404 for a score leaves that open (ILIAS says so of a person, O1).

        False also where nothing of it may be read.
        """
        for scope, address, media in (
            (SCOPE_LINE_ITEM, url, LINE_ITEM),
            (SCOPE_LINE_ITEM_READ, url, LINE_ITEM),
            (SCOPE_RESULT, sub_resource(url, "results"), RESULTS),
        ):
            try:
                response = self._call(platform, scope, "GET", address, headers={"Accept": media})
            except OutboundError as error:
                if error.reason != "scope_not_granted":
                    raise
                continue
            if response.status_code in (404, 410):
                return False
            if 200 <= response.status_code < 300:
                return True
            if response.status_code not in (405, 501):
                raise OutboundError("status", response.status_code, response.headers.get("Retry-After"))
        return False

    def results(self, platform: Registration, line_item_url: str, sub: str | None = None) -> dict[str, answers.Grade]:
        """Grades that stand in a column now, by sub. People without a grade are absent."""
        url = sub_resource(line_item_url, "results")
        grades: dict[str, answers.Grade] = {}
        for page in self._pages(platform, SCOPE_RESULT, with_query(url, user_id=sub) if sub else url, RESULTS):
            if not isinstance(page, list):
                # An answer that cannot be read does not mean that nothing stands there.
                raise OutboundError("no_results", 200)
            grades.update(filter(None, map(answers.grade, page)))
        return grades


def _joined(url: str, other: str | None) -> str | None:
    try:
        return urljoin(url, other) if other else None
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc


def sub_resource(line_item_url: str, name: str) -> str:
    """The URL of a line item's scores or results: before the query, which Moodle's URLs have (A-1)."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(url: str, **added: str) -> str:
    """The URL with parameters appended to the query it may already have, which stays as it is (N-5)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(added))))))
