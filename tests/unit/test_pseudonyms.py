"""Names: gone when the LMS shares them no longer, and never kept where the school has people known by number."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from lti_tool.domain.community import listing, roster
from lti_tool.domain.school import settings
from lti_tool.domain.school.setting_kinds import Name
from lti_tool.domain.school.settings import Scope
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Course, Deployment, Person
from lti_tool.steps.ambition import Ambition
from tests.web.circle import ISSUER, Circle, arrival, circle


@dataclass(frozen=True)
class Listed:
    """One line of a roster."""

    sub: str
    name: str
    role: str = "learner"


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(3, "ideas", Ambition()) as made:
        yield made


def launch(c: Circle, number: int, name: str, context: str = "c1") -> str:
    """Somebody comes from the LMS, which calls them so; what Leerkring calls them then."""
    of = c.session.scalars(select(Deployment.id)).one()
    met = roster.meet(c.session, arrival(number, of, context=context, name=name))
    c.session.flush()
    return met.person.name


def read(c: Circle, context: str = "c1", **names: str) -> dict[str, str]:
    """A roster is read; sub -> what Leerkring calls them then."""
    course = c.session.scalars(select(Course).where(Course.context_id == context)).one()
    listing.apply(c.session, course, ISSUER, [Listed(sub, name) for sub, name in names.items()])
    c.session.flush()
    c.session.expire_all()
    return {row.sub: row.name for row in c.session.scalars(select(Person).where(Person.sub.in_(names)))}


def numbers(c: Circle, context: str | None = None, said: str | None = "pseudonyms") -> None:
    """Have people known by number in the school, or in one course."""
    if context is None:
        scope = Scope(school_id=c.session.scalars(select(Deployment.school_id)).one())
    else:
        scope = Scope(course_id=c.session.scalars(select(Course.id).where(Course.context_id == context)).one())
    settings.keep(c.session, scope, Name.NAMES, said, OPERATOR)


# The LMS shares them no longer


def test_a_launch_without_a_name_takes_away_the_one_there_was(c: Circle) -> None:
    assert launch(c, 9, "Noor Bakker") == "Noor Bakker"
    assert launch(c, 9, "") == ""
    assert launch(c, 9, "Noor de Boer") == "Noor de Boer"


def test_a_roster_that_names_others_takes_away_the_name_of_whom_it_does_not_name(c: Circle) -> None:
    read(c, u8="Ans", u9="Noor")
    assert read(c, u8="Ans", u9="") == {"u8": "Ans", "u9": ""}


def test_once_neither_names_anybody_all_names_are_gone(c: Circle) -> None:
    """M40: a change from "always" to "never" shows at the next launch and roster only by what is missing."""
    launch(c, 8, "Ans")
    read(c, u8="Ans", u9="Noor", u7="Kees")
    # Of whom a launch named, the next one says; of whom only a roster named, the roster.
    assert read(c, u8="", u9="", u7="") == {"u8": "Ans", "u9": "", "u7": ""}
    assert launch(c, 7, "") == ""
    assert read(c, u8="", u9="", u7="") == {"u8": "", "u9": "", "u7": ""}


def test_where_the_roster_alone_has_names_a_launch_takes_none_away(c: Circle) -> None:
    read(c, u8="Ans", u9="Noor")
    assert launch(c, 8, "") == "Ans"
    assert read(c, u8="Ans", u9="Noor") == {"u8": "Ans", "u9": "Noor"}


def test_where_launches_alone_have_names_a_roster_takes_none_away(c: Circle) -> None:
    launch(c, 8, "Ans")
    assert read(c, u8="", u9="") == {"u8": "Ans", "u9": ""}


# Numbers


def test_names_there_were_are_gone_at_once_and_none_comes_back(c: Circle) -> None:
    launch(c, 9, "Noor Bakker")
    numbers(c)
    c.session.expire_all()
    assert set(c.session.scalars(select(Person.name))) == {""}
    assert launch(c, 9, "Noor Bakker") == ""
    assert launch(c, 10, "Nieuw Hier") == ""
    assert launch(c, 11, "Nieuwe Cursus", "c2") == ""
    assert set(read(c, u9="Noor Bakker", u10="Nieuw Hier", u12="Nog een").values()) == {""}
    numbers(c, said=None)
    assert launch(c, 9, "Noor Bakker") == "Noor Bakker"


def test_who_sits_in_one_course_with_numbers_has_no_name_in_another(c: Circle) -> None:
    launch(c, 8, "Ans", "c2")
    launch(c, 9, "Noor")
    numbers(c, "c1")
    assert launch(c, 8, "Ans", "c2") == "Ans"
    # By launch, and by roster.
    assert launch(c, 8, "Ans", "c1") == ""
    assert launch(c, 8, "Ans", "c2") == ""
    launch(c, 13, "Eva", "c2")
    assert read(c, "c1", u13="Eva") == {"u13": ""}
    assert read(c, "c2", u8="Ans", u13="Eva", u14="Daan") == {"u8": "", "u13": "", "u14": "Daan"}


def test_a_course_that_keeps_names_in_a_school_with_numbers_has_them(c: Circle) -> None:
    launch(c, 8, "Ans", "c2")
    numbers(c, "c2", "names")
    numbers(c)
    assert launch(c, 8, "Ans", "c2") == "Ans"
    assert launch(c, 9, "Noor", "c1") == ""
