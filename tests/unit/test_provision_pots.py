"""The column of pots in a provision list: checked by line and cell, given to the course's community, taken away."""

import datetime as dt

import pytest

from lti_tool.domain import Refused
from lti_tool.domain.hours import known_pots, school_pots
from lti_tool.domain.hours.pots import Asked
from lti_tool.domain.school.provision import matching
from lti_tool.domain.school.provision.lines import hashed
from lti_tool.domain.school.trail import Actor
from lti_tool.models.hours_codes import Review, Role
from lti_tool.models.provision import Named
from tests.unit.provisioned import School, keyed, listed, school

HEADS = "course id,title,Potten"


def pot(at: School, name: str, open_to: list[int]) -> int:
    asked = Asked(name, dt.date(2026, 8, 1), dt.date(2027, 7, 31), 600, Review.NONE)
    return school_pots.make(at.session, at.id, Actor(), asked, [], open_to)


def offered(at: School, context: str) -> list[str]:
    community = at.comes(1, context).community
    return [each.name for each in known_pots.pots(at.session, community.id) if not each.stopped]


def test_a_line_gives_its_community_the_pots_it_names_and_no_others() -> None:
    with school() as at:
        template = at.comes(5, "X").community
        for name in ("Scholing", "Intervisie"):
            pot(at, name, [template.id])
        at.comes(1, "A")
        at.apply(listed('A,Techniek,"scholing, INTERVISIE"', "B,Later,Scholing", heads=HEADS))
        assert offered(at, "A") == ["Intervisie", "Scholing"]
        assert offered(at, "B") == ["Scholing"], "a course that comes later has them from its first launch on"
        before = at.state()
        at.apply(listed('A,Techniek,"scholing, INTERVISIE"', "B,Later,Scholing", heads=HEADS))
        assert at.state() == before, "again without doubling"
        at.apply(listed("A,Techniek,Scholing", "B,Later,Scholing", heads=HEADS))
        assert offered(at, "A") == ["Scholing"], "what is named no longer takes no new hours there"
        at.apply(listed("A,Techniek", "B,Later", heads="course id,title"))
        assert offered(at, "A") == ["Scholing"], "a list without the column changes nothing of it"


def test_a_name_that_is_none_is_said_by_line_and_cell_and_nothing_is_done() -> None:
    with school() as at:
        community = at.comes(1, "A").community
        pot(at, "Scholing", [community.id])
        sheet = listed("A,Techniek,Scholing", "B,Later,Scholling", heads=HEADS)
        (fault,) = at.plan(sheet).faults
        assert (fault.number, fault.cell, fault.code, fault.values) == (3, "Potten", "pots", {"pot": ["Scholling"]})
        with pytest.raises(Refused, match="provision_wrong"):
            at.apply(sheet)


def test_who_is_to_approve_is_found_at_their_launch_whatever_they_open_and_by_no_other_school() -> None:
    with school() as at:
        community = at.comes(1, "A").community
        kept = hashed(keyed, Named.EMAIL, "M7@school.example")
        called = school_pots.Called(Role.APPROVER, Named.EMAIL, "M7@school.example", kept)
        asked = Asked("Scholing", dt.date(2026, 8, 1), dt.date(2027, 7, 31), 600, Review.BEFORE)
        number = school_pots.make(at.session, at.id, Actor(), asked, [called], None)
        seven = at.comes(7, "A")
        assert school_pots.waits_for_anybody(at.session)
        hashes = matching.identified(keyed, "u7", "m7@SCHOOL.example", "")
        matching.came(at.session, at.deployment, seven.person.id, hashes)
        assert not school_pots.waits_for_anybody(at.session)
        (found,) = known_pots.pots(at.session, community.id)
        assert (found.id, found.approving) == (number, {seven.person.id})
