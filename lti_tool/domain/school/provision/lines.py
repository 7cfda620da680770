"""Lines of a provision list, as a file has them and as they are kept for the worker."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lti_tool.domain import sheets
from lti_tool.models.provision import Named, Role

# HMAC-SHA256 of a text with the installation's secret, hexadecimal (door.sessions.Sessions.hash).
Keyed = Callable[[str], str]
Value = int | Sequence[str]


def hashed(keyed: Keyed, by: Named, value: str) -> str:
    """What is kept of an identifier: an address or login without its capitals, an id of the LMS as it is (K1)."""
    return keyed(f"provision {by} {value if by == Named.ID else value.casefold()}")


def within(named: str, community: str) -> str:
    """What names a line: its course, and of several communities which."""
    return hashlib.sha256(f"{named}\n{community.casefold()}".encode()).hexdigest() if community else named


@dataclass(frozen=True)
class Someone:
    """Whom a line names, as what. value: what the list calls them, "" where only the hash was kept."""

    role: Role
    by: Named
    hash: str
    value: str = field(default="", compare=False)


@dataclass(frozen=True)
class Line:
    """A staff course. number: of its row in the file. None: the list has no such column.

    community: which of its communities, by name; "" for its own. roles: those that the list has a column for.
    """

    number: int
    lms_id: str
    sis_id: str
    short_name: str
    title: str
    template: str | None
    settings: str | None
    pots: str | None
    roles: frozenset[Role]
    people: tuple[Someone, ...] = ()
    community: str = ""

    @property
    def key(self) -> str:
        """What names it until it is bound to a course."""
        if self.lms_id:
            named = f"id:{self.lms_id}"
        else:
            named = f"sis:{self.sis_id}" if self.sis_id else f"name:{self.short_name.casefold()}"
        return within(named, self.community)

    @property
    def by_name(self) -> bool:
        """Whether it has nothing but a short name, which teachers can change in the LMS."""
        return not self.lms_id and not self.sis_id

    @property
    def called(self) -> str:
        """What a page calls it."""
        course = self.title or self.short_name or self.lms_id or self.sis_id
        return f"{course}, {self.community}" if self.community else course


# So much of a cell is said back.
SHOWN = 40


def shown(cell: str) -> str:
    """What of a cell is said back: no more than one can read, and nothing that is not seen."""
    seen = "".join(sign for sign in cell if sheets.is_plain(sign) and sign.isprintable())
    return seen if len(seen) <= SHOWN else seen[: SHOWN - 1] + "…"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line. cell: the heading of its column, "" for the line as a whole; code: see said.

    shown: what the cell says (`shown`), "" where the sentence says it.
    """

    number: int
    cell: str
    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True)
class Sheet:
    """A list that was read. headings: kind of a column -> what the list calls it."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)


def packed(sheet: Sheet, *, named: bool) -> dict[str, Any]:
    """The lines as JSON. named: with what the list calls people, for the administrator's own page; else with hashes."""
    roles = sorted(sheet.lines[0].roles) if sheet.lines else []
    return {
        "roles": roles,
        "headings": dict(sheet.headings),
        "lines": [
            [
                *(each.number, each.lms_id, each.sis_id, each.short_name, each.title),
                *(each.template, each.settings, each.pots),
                [[who.role, who.by, who.value if named else who.hash] for who in each.people],
                each.community,
            ]
            for each in sheet.lines
        ],
    }


def unpacked(given: Mapping[str, Any], keyed: Keyed | None) -> Sheet:
    """The lines again. keyed: for those that were packed with what the list calls people."""

    def someone(role: str, by: str, value: str) -> Someone:
        made = Named(by)
        if keyed is None:
            return Someone(Role(role), made, value)
        return Someone(Role(role), made, hashed(keyed, made, value), value)

    roles = frozenset(map(Role, given["roles"]))
    return Sheet(
        tuple(
            Line(
                number,
                lms_id,
                sis_id,
                name,
                title,
                template,
                settings,
                pots,
                roles,
                tuple(someone(*who) for who in people),
                *community,
            )
            # Those that were kept before there was any have no community, and no headings.
            for number, lms_id, sis_id, name, title, template, settings, pots, people, *community in given["lines"]
        ),
        headings=given.get("headings", {}),
    )
