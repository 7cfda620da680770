"""What a list would change, as it is shown, agreed to and applied."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lti_tool.domain.school.provision.known import At, Place
from lti_tool.domain.school.provision.lines import Fault, Line, Someone
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart, Role, Trouble


class Change(StrEnum):
    """What a list changes in a line."""

    NEW = "new"
    BOUND = "bound"
    BACK = "back"
    TITLE = "title"
    TEMPLATE = "template"
    SETTINGS = "settings"
    POTS = "pots"
    KEYS = "keys"
    NAMED = "named"
    FOUND = "found"
    NAMED_AGAIN = "named_again"


@dataclass(frozen=True)
class Changed:
    """One of them. who: whom it is about, as the list calls them ("" where only the hash is known), or what it is
    from now on; role: as what; hash: of whom. by: by what the list names them; name: what the LMS calls them, "" where
    nobody in the course is known by that. here: whether they are so at once, and need not be waited for."""

    kind: Change
    role: Role | None = None
    who: str = ""
    hash: str = ""
    by: Named | None = None
    name: str = ""
    here: bool = False


@dataclass(frozen=True)
class Choice:
    """What can be chosen. id: a course's, or a person's."""

    id: int
    called: str
    more: str = ""


@dataclass(frozen=True)
class Ask:
    """A question that need not be answered: unanswered, the line waits for that. name: of the answer.

    who: "" where it asks for the course; else whom the list calls so.
    """

    name: str
    choices: Sequence[Choice]
    who: str = ""
    role: Role | None = None
    by: Named | None = None
    chosen: int | None = None


@dataclass(frozen=True)
class Whom:
    """Somebody whom a line names. part: as they stand there already; person_id: who it is, where that is known now."""

    someone: Someone
    part: ProvisionPart | None
    person_id: int | None


@dataclass
class Planned:
    """A line with what becomes of it. stored: as it stands; place: its course, None while none was found; community:
    which of its communities, 0 for its own."""

    line: Line
    stored: ProvisionLine | None
    place: Place | None
    people: list[Whom] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    community: int = 0

    @property
    def unopened(self) -> bool:
        """Whether no course was found for it, nor any that it may be."""
        return self.place is None and not self.asks

    @property
    def at(self) -> At:
        """Of which community it is, once its course is found."""
        return (self.place.id if self.place else 0, self.community)


@dataclass(frozen=True)
class Removed:
    """What stands there, and is not in this list. name: of its tick; in_force: whether it made anything of anybody.

    stays: a facilitator whose successor is not there yet; who is ticked goes once one of them is. kept: the list is one
    that Leerkring wrote (`out`), which cannot hold whom it does not know yet: unless ticked, they stay on it.
    """

    name: str
    line: ProvisionLine
    part: ProvisionPart | None
    called: str
    in_force: bool
    ticked: bool
    who: str = ""
    stays: bool = False
    kept: bool = False

    @property
    def unknown(self) -> bool:
        """Whether it is somebody of whom only a hash is kept."""
        return self.part is not None and self.part.person_id is None

    @property
    def settled(self) -> bool:
        """Whether they were ticked before, and their successor is still waited for."""
        return self.stays and self.part is not None and self.part.trouble == Trouble.REPLACED


@dataclass
class Plan:
    """All that a list would do."""

    planned: list[Planned] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything would be another after it."""
        fresh = any(
            (each.ticked and not each.settled) or ((each.part or each.line).listed and not each.kept)
            for each in self.removed
        )
        return fresh or any(each.changes for each in self.planned)

    @property
    def digest(self) -> str:
        """The same for what would change in the same way."""
        said = [
            [
                [each.line.number, each.stored.id if each.stored else 0, *each.at]
                + [list(map(str, (one.kind, one.role, one.hash or one.who))) for one in each.changes]
                for each in self.planned
            ],
            [[each.number, each.cell, each.code] for each in self.faults],
            [[each.name, each.in_force, each.stays] for each in self.removed],
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# Name of a question or tick -> what was chosen; a tick is 1.
Answers = Mapping[str, int]
