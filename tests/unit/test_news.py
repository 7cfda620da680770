"""What home tells of who facilitates and leads: to all but who did it, of each what holds now, while it is new."""

import datetime as dt

import time_machine

from lti_tool.db import now
from lti_tool.domain.community import members, news
from lti_tool.models import Standing
from tests.web.circle import STEPS, Circle, circle


def told(c: Circle, who: int, free: bool = False) -> list[str]:
    return [each.nl for each in news.news(c.turn(who), free)]


def name(c: Circle, who: int) -> str:
    return c.turn(None).people[c.members[who].id].name.nl


def test_all_read_it_but_who_did_it_and_who_is_named_is_spoken_to() -> None:
    with circle(3) as c:
        first, second, _third = c.members
        members.take_over(c.session, c.community, first)
        members.name(c.session, c.community, first, second)
        started, both = f"{name(c, 0)} begeleidt nu.", f"{name(c, 1)} begeleidt nu ook. Dat vroeg {name(c, 0)}."
        assert told(c, 0) == []
        assert told(c, 1) == [f"Jij begeleidt nu ook. Dat vroeg {name(c, 0)}.", started]
        assert told(c, 2) == [both, started]
        assert told(c, 2, free=True) == [], "nobody is said to do what nobody does"


def test_of_each_person_what_holds_now_is_told_and_no_more_than_three_lines() -> None:
    with circle(6) as c:
        members.take_over(c.session, c.community, c.members[0])
        for other in c.members[1:4]:
            members.name(c.session, c.community, c.members[0], other)
        assert len(told(c, 5)) == news.MOST
        members.stop(c.session, c.community, c.members[3])
        assert told(c, 5)[0] == f"{name(c, 3)} begeleidt niet meer."
        assert [line.partition(" begeleidt")[0] for line in told(c, 5)[1:]] == [name(c, 2), name(c, 1)]
        assert told(c, 5, free=True) == told(c, 5)[:1]


def test_that_a_leader_was_asked_again_and_that_one_no_longer_leads_is_told_beside_it() -> None:
    with circle(4) as c:
        members.take_over(c.session, c.community, c.members[0])
        c.members[1].standing = Standing.LEADER
        c.members[2].leads = True
        c.session.flush()
        members.ask_again(c.session, c.community, c.members[0], c.members[1])
        members.correct(c.session, c.community, c.members[2], "join", STEPS)
        assert told(c, 3, free=True) == [
            f"{name(c, 2)} geeft aan dat die geen leiding geeft aan collega’s in deze groep.",
            f"{name(c, 0)} liet {name(c, 1)} opnieuw kiezen wat die hier doet.",
        ]


def test_after_two_weeks_it_is_no_news() -> None:
    with circle(2) as c:
        members.take_over(c.session, c.community, c.members[0])
        c.session.flush()
        with time_machine.travel(now() + news.NEW - dt.timedelta(minutes=1)):
            assert told(c, 1)
        with time_machine.travel(now() + news.NEW + dt.timedelta(minutes=1)):
            assert not told(c, 1)
