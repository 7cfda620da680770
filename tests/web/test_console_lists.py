"""The console beside a provision list: whom it names is said, and no course of it wants what is on its way."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain.school import overview, templates
from lti_tool.domain.school.provision import applying, reading
from lti_tool.domain.school.provision.expected import LATE
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.domain.school.wanting import Want
from lti_tool.models import Community, Course, Deployment, Person
from lti_tool.models.provision import ProvisionPart, Trouble
from tests.actors import Page, World
from tests.unit.provisioned import keyed
from tests.web.circle import STEPS
from tests.web.test_console import ZONE, administering, another
from tests.web.walk import Visit


def applied(world: World, *rows: str) -> None:
    """A list of these lines, of the one school."""
    content = "\n".join(("course id;facilitators", *rows)).encode()
    with world.tool.session() as session:
        school = session.scalars(select(Deployment.school_id)).first()
        assert school is not None
        sheet = reading.read(content, keyed)
        applying.apply(session, school, OPERATOR, sheet, keyed, STEPS, ZONE)
        session.commit()


def found(world: World, of: int, name: str = "Tom de Wit") -> None:
    """The course's roster names whom the list means: nobody has come yet."""
    with world.tool.session() as session:
        part = session.scalars(select(ProvisionPart)).one()
        person = session.scalars(select(Person).where(Person.sub != "").order_by(Person.id.desc())).first()
        assert person is not None
        person.name = name
        part.person_id, part.named_hash = person.id, None
        session.commit()


def plain(page: Page) -> str:
    return page.text.replace(" ,", ",").replace(" .", ".")


def row(at: Visit, title: str) -> str:
    """What the console says of the one course that is called so."""
    (found,) = at.get(f"courses?title={title}").soup.select("tbody tr")
    return " ".join(found.get_text().split())


def wants(world: World, want: Want) -> list[int]:
    with world.tool.session() as session:
        rows = overview.page(session, None, want=want).rows
        assert all(want in each.wants for each in rows)
        return [each.id for each in rows]


def test_whom_the_list_names_is_said_and_their_course_wants_no_facilitator_until_it_takes_long(
    any_world: World,
) -> None:
    at = administering(any_world)
    of = another(any_world, "lg-2", "Groen", 3)
    assert wants(any_world, Want.NO_FACILITATOR) == [of]
    applied(any_world, "lg-2;login:tom")
    assert wants(any_world, Want.NO_FACILITATOR) == []
    assert "iemand, volgens de lijst; nog niet geweest" in row(at, "Groen")
    found(any_world, of)
    assert "Tom de Wit, volgens de lijst; nog niet geweest" in row(at, "Groen")
    page = plain(at.get(f"courses/{of}"))
    assert "Volgens de lijst begeleidt: Tom de Wit." in page
    assert "Geen begeleider" not in page
    with time_machine.travel(now() + LATE + dt.timedelta(minutes=1)):
        assert wants(any_world, Want.NO_FACILITATOR) == [of], "who stays away that long comes by nobody's doing"


@pytest.mark.parametrize("why", ["several", "unlisted", "another group"])
def test_whom_nobody_can_find_or_the_list_names_no_longer_leaves_a_course_without_a_facilitator(
    any_world: World, why: str
) -> None:
    administering(any_world)
    of = another(any_world, "lg-2", "Groen", 3)
    applied(any_world, "lg-2;login:tom")
    with any_world.tool.session() as session:
        part = session.scalars(select(ProvisionPart)).one()
        if why == "several":
            part.trouble = Trouble.SEVERAL
        elif why == "unlisted":
            part.listed = False
        else:
            session.get_one(Community, of).group_id = "hand:1"
        session.commit()
    assert wants(any_world, Want.NO_FACILITATOR) == [of]


def test_a_name_that_is_not_kept_is_said_by_number(any_world: World) -> None:
    at = administering(any_world)
    of = another(any_world, "lg-2", "Groen", 3)
    applied(any_world, "lg-2;login:tom")
    found(any_world, of, name="")
    assert "Lid 3, volgens de lijst; nog niet geweest" in row(at, "Groen")


def test_a_template_course_wants_no_hand(any_world: World) -> None:
    at = administering(any_world)
    of = another(any_world, "sjabloon", "Sjabloon", 1)
    assert of in wants(any_world, Want.UNOPENED) + wants(any_world, Want.NO_FACILITATOR)
    with any_world.tool.session() as session:
        course = session.scalars(select(Course).where(Course.context_id == "sjabloon")).one()
        school = session.scalars(select(Deployment.school_id)).first()
        assert school is not None
        templates.mark(session, school, course.id, OPERATOR)
        session.commit()
    for want in Want:
        assert of not in wants(any_world, want), want
    assert "Geen begeleider" not in row(at, "Sjabloon")
    assert "Dit is een sjablooncursus." in at.get(f"courses/{of}").text
