"""Who may facilitate: as the school set it, by each way somebody comes to it."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import acts, listed, members
from lti_tool.domain.school import settings
from lti_tool.domain.school.setting_kinds import Facilitation, Name
from lti_tool.domain.school.settings import Scope
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Member, Seat, Standing
from lti_tool.models.provision import Role
from lti_tool.steps.ambition import Ambition
from tests.web.circle import STEPS, Circle, circle

LONG_AGO = dt.date(2020, 1, 1)


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(4, "ideas", Ambition()) as made:
        yield made


def rule(c: Circle, said: str | None) -> None:
    settings.keep(c.session, Scope(course_id=c.community.course_id), Name.FACILITATION, said, OPERATOR)
    c.session.expire(c.community)


def teacher(c: Circle, who: int) -> None:
    theirs = Seat.person_id == c.members[who].person_id
    c.session.execute(update(Seat).where(theirs).values(launch_role="instructor"))


def asked(c: Circle, who: int) -> Member:
    c.members[who].standing = Standing.ASKED
    c.session.flush()
    return c.members[who]


def outcome(call: object, *given: object) -> str:
    try:
        call(*given)  # type: ignore[operator]
    except Refused as refused:
        return refused.code
    return ""


# what is set, whether they are a teacher -> why not, "" where they may
TABLE = [
    (None, False, ""), (None, True, ""),
    (Facilitation.ANYBODY, False, ""), (Facilitation.ANYBODY, True, ""),
    (Facilitation.TEACHERS, False, "facilitating_teachers"), (Facilitation.TEACHERS, True, ""),
    (Facilitation.NAMED, False, "facilitating_named"), (Facilitation.NAMED, True, "facilitating_named"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "teaches", "why"), TABLE)
def test_by_each_way_there_is(c: Circle, said: str | None, teaches: bool, why: str) -> None:
    if said is not None:
        rule(c, said)
    if teaches:
        teacher(c, 1)
    # Asked what they do here: while nobody facilitates, anybody could say so.
    member = asked(c, 1)
    offered = members.offered(c.session, c.community, member)
    assert ("facilitate" in offered) == (not why)
    assert outcome(members.choose, c.session, c.community, member, "facilitate_and_join", STEPS) == (
        "not_offered" if why else ""
    )
    # Taking it over where nobody does.
    member.standing, member.facilitates, member.facilitated_on = Standing.MEMBER, False, None
    c.session.flush()
    assert outcome(members.take_over, c.session, c.community, member) == why
    # Named by who facilitates.
    member.facilitates, member.opened_at = False, now()
    c.members[0].facilitates = True
    c.session.flush()
    assert outcome(members.name, c.session, c.community, c.members[0], member) == why
    # Coming back to it.
    member.facilitates, member.facilitated_on = False, LONG_AGO
    c.session.flush()
    assert outcome(members.resume, c.session, c.community, member) == why


@pytest.mark.parametrize("said", list(Facilitation))
def test_a_list_and_an_administrator_have_anybody_do_it(c: Circle, said: str) -> None:
    rule(c, said)
    members.appoint(c.session, c.community, c.members[1])
    listed.make(c.session, c.community, c.members[2], Role.FACILITATOR, STEPS, dt.UTC)
    members.set_standing(c.session, c.community, c.members[3], "facilitate_and_join", STEPS)
    assert [c.members[who].facilitates for who in (1, 2, 3)] == [True, True, True]


def test_whoever_does_it_already_goes_on(c: Circle) -> None:
    members.take_over(c.session, c.community, c.members[1])
    rule(c, Facilitation.NAMED)
    assert c.members[1].facilitates
    assert "facilitate" in members.offered(c.session, c.community, c.members[1])


def test_a_deputy_of_the_list_can_take_it_up_where_only_named_ones_may(c: Circle) -> None:
    rule(c, Facilitation.NAMED)
    listed.make(c.session, c.community, c.members[1], Role.DEPUTY, STEPS, dt.UTC)
    assert members.was_named(c.session, c.members[1])
    members.resume(c.session, c.community, c.members[1])
    assert c.members[1].facilitates
    kinds = c.session.scalars(select(acts.Act.kind)).all()
    assert acts.Kind.ROLE_RESUMED in kinds
