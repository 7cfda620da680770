"""What is kept of a move, so that it can be undone: as JSON in PlatformMove.record. Numbers and addresses only."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from lti_tool.domain.community.joining import Changed


@dataclass
class Place:
    """A course as it was: by number, its deployment, what says of which school it is, and where its list was read."""

    course: int
    deployment: int
    context_id: str
    school: int | None
    memberships_url: str | None


@dataclass
class Record:
    """places: of courses that moved; aside: of those that gave way. links: number of a placement -> where its columns
    were asked for; items: of a column -> where it was. merged: rows of people whom both platforms knew; twice: their
    number at the old one -> at the new one. people: whom the old one alone knew. schools: deployment -> school, of
    those that changed it; splits, settings: numbers of those that came along. held: deployments that were open."""

    places: list[Place] = field(default_factory=list)
    aside: list[Place] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    merged: Changed = field(default_factory=dict)
    twice: dict[str, int] = field(default_factory=dict)
    people: list[int] = field(default_factory=list)
    schools: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    settings: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """What was stored."""
        places, aside = ([Place(**each) for each in stored[name]] for name in ("places", "aside"))
        return cls(**{**stored, "places": places, "aside": aside})
