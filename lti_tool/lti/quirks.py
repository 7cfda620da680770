"""What one family of LMS does differently. The only place that asks which family it is."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

# Hosts that register or authenticate for platforms elsewhere: an openid-configuration of these
# issuers may live on another host than the issuer (R2).
SAAS_HOSTS = {
    "canvas.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.beta.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.test.instructure.com": ("instructure.com", "canvaslms.com"),
    "blackboard.com": ("blackboard.com",),
}


def same_platform(issuer: str, url: str) -> bool:
    """Whether a URL may belong to the platform of that issuer: the same host, or a named service."""
    ours, theirs = urlsplit(issuer).hostname or issuer, urlsplit(url).hostname or ""
    if ours == theirs:
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
    except ValueError:
        return ""
    course_module = hint.get("cmid") if isinstance(hint, dict) else None
    if isinstance(course_module, int) and issuer.startswith(("https://", "http://")):
        return f"{issuer.rstrip('/')}/mod/lti/view.php?id={course_module}"
    return ""


def frame_ancestors(issuer: str, *urls: str) -> str:
    """The origins in whose frames a launch's pages may stand: the issuer, its login address, and where the
    signed launch says it came from (a Canvas school has a host of its own)."""
    found = []
    for url in (issuer, *urls):
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        # Characters that would end the directive are not part of an origin.
        if (
            parts.scheme in ("https", "http")
            and parts.netloc
            and not set(origin) & set(" ;,'\"")
            and origin not in found
        ):
            found.append(origin)
    return " ".join(["'self'", *found])[:512]


def score_extensions(family: str) -> dict[str, object]:
    """Members a score needs beyond AGS 2.0: Canvas would count each score as a new hand-in."""
    if family == "canvas":
        return {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
    return {}
