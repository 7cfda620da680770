"""What one family of LMS does differently. The only place that asks which family it is."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

# Where a platform's configuration stands, seen from its issuer: OpenID Connect Discovery 1.0, section 4, and where the
# vendors put it instead. Nobody but the issuer itself is at such an address, also where several share a host.
CONFIGURATION_PLACES = (
    "/.well-known/openid-configuration",
    "/mod/lti/openid-configuration.php",  # Moodle, lti.md section 2
    "/api/lti/security/openid-configuration",  # Canvas' registration guide; its issuer is one for all schools
)
# Of a whole host, and so only on the vendor's own: elsewhere it is the standard's place of an issuer at /d2l.
BRIGHTSPACE_PLACE, BRIGHTSPACE = "/d2l/.well-known/openid-configuration", ".brightspace.com"
# Where the vendors' own token, login and key services are, whatever a school calls its site.
SERVICE_HOSTS = ("auth.brightspace.com", "api.brightspace.com", "sso.canvaslms.com", "developer.blackboard.com")
# Issuers that stand for all schools of a vendor, and the domains that all of the vendor's own services are in.
SAAS_HOSTS = {
    "https://canvas.instructure.com": ("instructure.com", "canvaslms.com"),
    "https://canvas.beta.instructure.com": ("instructure.com", "canvaslms.com"),
    "https://canvas.test.instructure.com": ("instructure.com", "canvaslms.com"),
    "https://blackboard.com": ("blackboard.com",),
}

# Strict, because it becomes part of a header: no wildcard, no user, nothing that would end a directive.
ORIGIN = re.compile(r"(https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)(?:[/?#]|\Z)", re.ASCII | re.IGNORECASE)


def origin(url: str) -> str:
    """scheme://host[:port] of a URL, in lower case and without the scheme's own port, as it may stand in a header.

    "" of what is no address, or of no use there.
    """
    match = ORIGIN.match(url)
    if match is None:
        return ""
    parts = urlsplit(match[1].lower())
    try:
        port = parts.port
    except ValueError:
        return ""
    if port == 0:
        return ""
    own = port == (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.netloc.rpartition(':')[0] if own else parts.netloc}"


def is_configuration_of(issuer: str, url: str) -> bool:
    """Whether a configuration at this address may speak for that issuer (R2): origin, path and place are the issuer's.

    A host may be shared, by ports or by paths: /m1 says nothing of /m2, nor does either of the host.
    """
    place = origin(issuer)
    if not place or place != origin(url):
        return False
    base, asked = urlsplit(issuer.rstrip("/")).path, urlsplit(url).path
    # What makes one place have several addresses, or an address be another place than it seems.
    if re.search(r"[?#%\\;\s]", issuer) or {"", ".", ".."} & set(base.split("/")[1:]):
        return False
    if not base and place.endswith(BRIGHTSPACE) and asked == BRIGHTSPACE_PLACE:
        return True
    return asked.startswith(base) and asked.removeprefix(base) in CONFIGURATION_PLACES


def may_name(issuer: str, url: str) -> bool:
    """Whether an issuer's configuration may name this address as its own: of the same origin, or a vendor's service."""
    place = origin(url)
    if not place:
        return False
    return place in {origin(issuer), *(f"https://{host}" for host in SERVICE_HOSTS)} or _is_of_vendor(issuer, place)


def _is_of_vendor(issuer: str, place: str) -> bool:
    """Whether an origin is within the domains of the vendor that the issuer stands for."""
    scheme, _, host = place.partition("://")
    domains = SAAS_HOSTS.get(issuer, ())
    return scheme == "https" and any(host == domain or host.endswith("." + domain) for domain in domains)


def is_at_schools_own_host(issuer: str, key_set_url: str) -> bool:
    """Whether a platform's services stand at a host of the school's, which only its signed launches tell.

    Of Canvas and Blackboard as their vendors run them: the issuer is one for all schools, and the launches are
    signed with the vendor's keys. A school that runs its own has keys of its own, and none of the vendor's trust.
    """
    return _is_of_vendor(issuer, origin(key_set_url))


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


def activity_url(issuer: str, return_url: str) -> str:
    """The same, where only the way back from a launch tells it: Moodle's names the activity's instance (M6, M10).

    Nothing else of it is kept: it holds a key of the LMS's session.
    """
    try:
        way, asked = urlsplit(return_url), parse_qs(urlsplit(return_url).query)
    except ValueError:
        return ""
    instance = asked.get("instanceid", [""])[0]
    known = way.path.endswith("/mod/lti/return.php") and instance.isascii() and instance.isdecimal()
    if not known or len(instance) > 18 or origin(return_url) != origin(issuer):
        return ""
    return f"{issuer.rstrip('/')}/mod/lti/view.php?l={instance}"


def frame_ancestors(issuer: str, *urls: str) -> str:
    """The origins in whose frames a launch's pages may stand: the issuer, its login address, where the signed launch
    says it came from (a Canvas school has a host of its own), and those that the operator named for the platform."""
    origins = [found for url in (issuer, *urls) if (found := origin(url)) and len(found) < 128]
    return " ".join(["'self'", *dict.fromkeys(origins)])


def resets_settings(family: str) -> bool:
    """Whether registering again puts the administrator's settings of the tool back.

    In Moodle: names and e-mail are shared again, the roster is on, the activity chooser loses the tool (M80).
    """
    return family == "moodle"


def administrators_are_the_sites(family: str) -> bool:
    """Whether who is called administrator in a launch is so of the whole site, and of no course alone.

    Moodle sends it for its site's administrators (M9, M45), and so say the documents of these vendors. Open edX, which
    names no family, for every member of a course's staff (O10).
    """
    return family in ("moodle", "canvas", "desire2learn", "d2l", "brightspace", "itslearning", "blackboard")


def is_guest(family: str, sub: str) -> bool:
    """Whether this is nobody in particular: Moodle lends one account to all its guests, and says Learner (M48)."""
    return family == "moodle" and sub == "1"


def score_extensions(family: str) -> dict[str, object]:
    """Members a score needs beyond AGS 2.0: Canvas would count each score as a new hand-in."""
    if family == "canvas":
        return {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
    return {}
