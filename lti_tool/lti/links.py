"""The Link header (RFC 8288, section 3), as far as paging needs it.

Own code: requests' `links` splits at every `,` and `;` (psf/requests #5464), and what is on PyPI is either not kept
any more or does not tell a header that it cannot read from one without links.
"""

import re

# A target, and a parameter; values are quoted or not, and not only tokens: URIs occur unquoted.
_TARGET = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(
    r"""[ \t]*;[ \t]*
    (?:(?P<name>[!#$%&'*+.^_`|~\w-]+)[ \t]*
       (?:=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s",;<>]*)))?)?""",
    re.VERBOSE | re.ASCII,
)
_BETWEEN = re.compile(r"[ \t]*(?:,[ \t,]*|\Z)")


def next_target(header: str) -> str | None:
    """The target of the link whose relation is "next", None where there is none; ValueError where it cannot be read.

    Several headers come joined by commas. A relation that is not ASCII cannot be read: Moodle writes “next” (M28).
    """
    found: set[str] = set()
    at = len(header) - len(header.lstrip(" \t,"))
    while at < len(header):
        target = _TARGET.match(header, at)
        if target is None:
            raise ValueError("no target")
        at, relations = target.end(), None
        while (parameter := _PARAMETER.match(header, at)) is not None:
            at = parameter.end()
            if (parameter["name"] or "").lower() == "rel" and relations is None:
                # Only the first one counts (3.3).
                relations = parameter["plain"] or re.sub(r"\\(.)", r"\1", parameter["quoted"] or "")
        between = _BETWEEN.match(header, at)
        if between is None or not (relations or "").isascii():
            raise ValueError("no link")
        at = between.end()
        if "next" in (relations or "").lower().split():
            found.add(target[1].strip())
    if len(found) > 1:
        raise ValueError("two next pages")
    return next(iter(found), None)
