"""Of how many a result is said to be, whoever comes, goes and comes back while it is decided."""

import datetime as dt

import pytest
import time_machine

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.community import belonging, roster
from tests.unit.test_belonging import cut, entry, member, named, read
from tests.web.circle import STEPS, arrival
from tests.web.circle import circle as circle_of

MINUTE = dt.timedelta(minutes=1)


def test_a_result_is_said_of_all_of_whom_the_circle_is_a_part() -> None:
    with circle_of(3) as c:
        named(c, 9)
        belonging.leave_out(cut(c), [member(c, each).id for each in range(3, 8)])
        belonging.takes_no_part(cut(c), member(c, 8).id)
        found = c.turn(None).circle
        # Who supports is nobody of whom a decision is asked; who was left out is.
        assert (found.size, found.of) == (3, 8)
        c.to("closed")
        (decided,) = c.rounds("consent")
        assert decided.circle == 8


def test_a_number_by_hand_is_over_once_a_stage_begins_with_a_roster() -> None:
    with circle_of(4, "dots") as c:
        c.community.by_roster, c.course.memberships_url = True, None
        belonging.count(c.session, c.community, c.course, c.members[0], 17, STEPS)
        named(c, 5)
        cycle.enter(c.turn(None), c.step, "consent")
        assert c.community.headcount == 0
        named(c, 6)
        found = c.turn(None).circle
        assert (found.size, len(found.late)) == (5, 1), "who joins in this stage revives no old number"


@pytest.mark.parametrize("by", ["roster", "launch"])
@pytest.mark.parametrize(("gone_before_it_began", "late"), [(True, 1), (False, 0)])
def test_who_is_back_in_the_course_raises_no_quorum_of_a_stage_that_began_without_them(
    by: str, gone_before_it_began: bool, late: int
) -> None:
    with circle_of(6, "consent") as c, time_machine.travel(now(), tick=False) as clock:
        named(c, 6)
        clock.shift(MINUTE)
        read(c.session, c.course, *map(entry, range(5)))
        quorum = c.turn(None).circle.quorum
        c.run.stage_since = now() + MINUTE * (1 if gone_before_it_began else -1)
        clock.shift(2 * MINUTE)
        if by == "roster":
            read(c.session, c.course, *map(entry, range(6)))
        else:
            roster.meet(c.session, arrival(5, c.course.deployment_id))
            c.session.flush()
        found = c.turn(None).circle
        assert (len(found.members), len(found.late)) == (6, late)
        assert quorum == 3
        assert found.quorum == (3 if late else 4)
        clock.shift(MINUTE)
        cycle.enter(c.turn(None), c.step, "consent")
        assert c.turn(None).circle.quorum == 4, "in from the next stage on"
