"""What one family of LMS does differently. The only place that asks which family it is."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

# Where the vendors' own token, login and key services are, whatever a school calls its site.
SERVICE_HOSTS = ("auth.brightspace.com", "api.brightspace.com", "sso.canvaslms.com", "developer.blackboard.com")
# Hosts that register or authenticate for platforms elsewhere: an openid-configuration of these
# issuers may live on another host than the issuer (R2).
SAAS_HOSTS = {
    "canvas.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.beta.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.test.instructure.com": ("instructure.com", "canvaslms.com"),
    "blackboard.com": ("blackboard.com",),
}


# Strict, because it becomes part of a header: no wildcard, no user, nothing that would end a directive.
ORIGIN = re.compile(r"(https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)(?:[/?#]|\Z)", re.ASCII | re.IGNORECASE)


def same_platform(issuer: str, url: str) -> bool:
    """Whether a URL may belong to the platform of that issuer: the same host, or a named service."""
    try:
        ours, theirs = urlsplit(issuer).hostname or issuer, urlsplit(url).hostname or ""
    except ValueError:
        return False
    if theirs and (ours == theirs or theirs in SERVICE_HOSTS):
        return True
    return any(theirs == host or theirs.endswith("." + host) for host in SAAS_HOSTS.get(ours, ()))


def token_audience(family: str, auth_token_url: str, named: str | None) -> str:
    """The aud of a client assertion: what the platform named, else its token endpoint (S12).

    Brightspace takes one fixed address for all its sites (lti.md, section 3).
    """
    if named:
        return named
    if family in ("desire2learn", "d2l", "brightspace"):
        return "https://api.brightspace.com/auth/token"
    return auth_token_url


def reopen_url(issuer: str, login: Mapping[str, str]) -> str:
    """Where a browser goes to open the same activity again, or "" where one cannot know.

    Moodle's message hint names the course module; the hint itself serves once (M7).
    """
    try:
        hint = json.loads(login.get("lti_message_hint", ""))
    except (ValueError, RecursionError):
        return ""
    course_module = hint.get("cmid") if isinstance(hint, dict) else None
    if type(course_module) is int and issuer.startswith(("https://", "http://")):
        return f"{issuer.rstrip('/')}/mod/lti/view.php?id={course_module}"
    return ""


def frame_ancestors(issuer: str, *urls: str) -> str:
    """The origins in whose frames a launch's pages may stand: the issuer, its login address, and where the
    signed launch says it came from (a Canvas school has a host of its own)."""
    origins = [match[1] for url in (issuer, *urls) if (match := ORIGIN.match(url)) and len(match[1]) < 128]
    return " ".join(["'self'", *dict.fromkeys(origins)])


def score_extensions(family: str) -> dict[str, object]:
    """Members a score needs beyond AGS 2.0: Canvas would count each score as a new hand-in."""
    if family == "canvas":
        return {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
    return {}
