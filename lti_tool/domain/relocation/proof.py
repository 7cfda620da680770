"""Whether the people of two platforms are the same: the LMS's ids are, and what else is known of them agrees.

An id that two LMSs both gave out ("4711") says nothing: each numbers its own people. So of who launched from the new
platform under an id that the old one knows the name is compared as well; the names are all that is kept of people
whom no list names.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain.community import joining
from lti_tool.domain.community.joining import Whose
from lti_tool.models import Course, Deployment, Person, Registration, Seat

# On so many people it is proven; where fewer are known at the old one, on all of them.
ENOUGH = 3


@dataclass(frozen=True)
class Doubt:
    """Somebody whom both know by one id, and by different names. person: their number at the old platform."""

    person: int
    old: str
    new: str


@dataclass(frozen=True)
class Proof:
    """What is known of whether they are the same.

    twice: number at the old platform -> at the new one, of whom both know; none where their people are the same
    already. agreed: how many launched from the new one and are the same; wanted: how many have to be. people: how many
    the old one knows.
    """

    twice: dict[int, int]
    agreed: int
    wanted: int
    people: int
    doubts: Collection[Doubt]


def compare(session: Session, old: Registration, new: Registration, vouched: Collection[int]) -> Proof:
    """Compare the people of two platforms. vouched: numbers of whom the operator says that they are the same."""
    at_old, launched = _sitting(session, old.id), _sitting(session, new.id, launched=True)
    theirs, ours = Whose(old.issuer, old.realm), Whose(new.issuer, new.realm)
    wanted = max(1, min(ENOUGH, len(at_old)))
    if theirs == ours:
        # Signed with the same keys: an id is one person's, and whoever came by both showed that ids stay.
        return Proof({}, len(at_old & launched), wanted, len(at_old), ())
    twice = joining.known_to_both(session, theirs, ours)
    names = {
        person: name
        for some in joining.portions({*twice, *twice.values()})
        for person, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(some)))
    }
    doubts = [
        Doubt(one, names[one], names[other])
        for one, other in sorted(twice.items())
        if one not in vouched and names[one] and names[other] and plain(names[one]) != plain(names[other])
    ]
    doubted = {each.person for each in doubts}
    agreed = [
        one
        for one, other in twice.items()
        if other in launched and one not in doubted and (one in vouched or (names[one] and names[other]))
    ]
    return Proof(twice, len(agreed), wanted, len(at_old), doubts)


def plain(name: str) -> str:
    """A name as it is compared: neither accents, capitals, punctuation nor the order of its words matter."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return " ".join(sorted(re.findall(r"\w+", bare.casefold())))


def _sitting(session: Session, registration_id: int, *, launched: bool = False) -> set[int]:
    """Who sits or sat in a course of a platform; launched: only whoever came from it themselves."""
    query = (
        select(Seat.person_id)
        .join(Course, Course.id == Seat.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(Deployment.registration_id == registration_id)
    )
    return set(session.scalars(query.where(Seat.launch_role.is_not(None)) if launched else query))
