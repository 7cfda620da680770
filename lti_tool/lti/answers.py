"""What platforms say in the bodies of their answers, read with patience: never an unhandled exception."""

import html
import json
import math
import re
from typing import Any, NamedTuple

from lti_tool.lti.claims import read_name, read_roles, storable
from lti_tool.lti.outbound import Response

NAMES = ("name", "given_name", "family_name")


def error_code(response: Response) -> str:
    """The error code of a refusal, or "": of a token (RFC 6749, 5.2), or of a call with one (RFC 6750, 3.1)."""
    named = re.search(r'error="?([\w.-]+)', response.headers.get("WWW-Authenticate", ""))
    if named:
        return named[1]
    said = body(response)
    if not isinstance(said, dict):
        return ""
    found = said.get("error") or said.get("reason")
    return found if isinstance(found, str) else ""


def is_about_timestamp(response: Response) -> bool:
    """Whether a refused score was refused for its timestamp (Open edX says 400 where AGS 2.0, 3.4.7 has 409).

    A body that repeats the whole score says nothing.
    """
    text = response.content[:4096].decode(errors="replace").lower()
    return "timestamp" in text and "scoregiven" not in text


def member(said: Any) -> tuple[str, str, str, str, str] | None:
    """(sub, name, role, e-mail, login) of a membership (NRPS 2.0, 2.2).

    None for who is not active, has no id that can be kept, or is a test user (O12), who is nobody.

    A status that is absent (N-3), null or of nobody's making means active; a role may stand without its list.
    """
    if not isinstance(said, dict):
        return None
    sub, status, roles = said.get("user_id"), said.get("status"), said.get("roles")
    if isinstance(sub, int) and not isinstance(sub, bool):
        sub = str(sub)
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or not storable(sub):
        return None
    if isinstance(status, str) and status.strip().lower() in ("inactive", "deleted"):
        return None
    given = roles if isinstance(roles, list) else [roles]
    names = (value if isinstance(value := said.get(key), str) else None for key in NAMES)
    is_ = read_roles(given)
    email, login = (value if isinstance(value := said.get(key), str) else "" for key in ("email", "ext_user_username"))
    return None if is_.test else (sub, read_name(*names), is_.course, email[:255], login[:255])


def number(said: Any) -> float | None:
    """A number, also in quotes and with a comma (O7); None for none, NaN where something stands that is no number."""
    if said is None or (isinstance(said, str) and not said.strip()):
        return None
    if isinstance(said, str) and re.fullmatch(r"[+-]?\d{1,15}([.,]\d{1,15})?", text := said.strip(), re.ASCII):
        return float(text.replace(",", "."))
    if isinstance(said, bool) or not isinstance(said, (int, float)) or abs(said) > 1e15:
        return math.nan
    return float(said)


class Grade(NamedTuple):
    """What stands of somebody in a column: the score scaled to 0..100, and the words beside it as plain text."""

    score: float
    comment: str = ""


def grade(said: Any) -> tuple[str, Grade] | None:
    """(sub, grade) of a result (AGS 2.0, 3.3); None where no grade stands.

    NaN for a score that cannot be read, such as a letter: it equals no score of ours, so somebody set it.
    """
    if not isinstance(said, dict) or isinstance(said.get("userId"), bool):
        return None
    sub, score, maximum = said.get("userId"), number(said.get("resultScore")), number(said.get("resultMaximum"))
    if not isinstance(sub, (str, int)) or score is None:
        return None
    # the maximum is 1 unless said otherwise.
    scaled = 100 * score / (maximum or 1) if maximum is None or maximum >= 0 else math.nan
    return str(sub), Grade(scaled, _plain(said.get("comment")))


def _plain(said: Any) -> str:
    """A comment as it reads; some platforms keep it as HTML."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", said)).split()) if isinstance(said, str) else ""


def scopes(said: Any) -> frozenset[str]:
    """The scopes a token was granted (RFC 6749, 3.3): separated by spaces, by some platforms with commas (O8)."""
    if isinstance(said, list):
        said = " ".join(each for each in said if isinstance(each, str))
    return frozenset(re.split(r"[\s,]+", said.strip(" ,"))) - {""} if isinstance(said, str) else frozenset()


def seconds(said: Any, otherwise: int) -> int:
    """How long a token lives; as text or with a fraction too (O8)."""
    lives = number(said)
    return int(lives) if lives is not None and lives >= 0 else otherwise


def line_item_url(said: Any) -> str | None:
    """The address of a line item, if it is one that can be kept."""
    return said if isinstance(said, str) and 0 < len(said) <= 1024 and storable(said) else None


def body(response: Response) -> Any:
    """The JSON of an answer, None where there is none."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
