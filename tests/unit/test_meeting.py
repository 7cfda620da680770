"""A meeting: the agenda that is proposed fits, and where a meeting stands is told from the cycle alone."""

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.db import now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import away
from lti_tool.domain.meeting import agenda, running
from lti_tool.domain.meeting.agenda import Item
from lti_tool.domain.meeting.running import Place
from lti_tool.models import Act, Meeting
from tests.web.circle import STEPS, Circle, circle

ROUNDS = st.lists(st.integers(1, 60), min_size=1, max_size=12).map(
    lambda minutes: [Item("step", f"stage {place}", each) for place, each in enumerate(minutes)]
)
TOTALS = st.integers(1, agenda.LONGEST)


@given(ROUNDS, TOTALS)
def test_what_is_proposed_fits_is_never_nothing_and_leaves_nothing_out(rounds: list[Item], total: int) -> None:
    found = agenda.fitting(rounds, total)
    assert found
    assert sum(each.minutes for each in found) <= total
    assert [each.key for each in found] == [each.key for each in rounds[: len(found)]]
    assert all(each.minutes >= 1 for each in found)


@given(ROUNDS, TOTALS)
def test_no_more_would_fit(rounds: list[Item], total: int) -> None:
    found = agenda.fitting(rounds, total)
    if len(found) < len(rounds):
        used = sum(each.minutes for each in found)
        assert used + rounds[len(found)].minutes > total


@given(ROUNDS, st.lists(st.integers(-5, 600), max_size=14), st.integers(0, 13))
def test_what_was_changed_is_kept_or_refused_and_never_beyond_what_the_table_can_hold(
    rounds: list[Item], minutes: list[int], last: int
) -> None:
    there = last < min(len(rounds), len(minutes))
    wanted = minutes[: last + 1]
    if there and min(wanted) >= 1 and sum(wanted) <= agenda.LONGEST:
        found = agenda.chosen(rounds, rounds[0].key, minutes, f"step.stage {last}")
        assert [each.minutes for each in found] == wanted
        assert found[-1].stage == f"stage {last}"
    else:
        with pytest.raises(Refused, match="agenda_minutes" if there else "agenda_empty"):
            agenda.chosen(rounds, rounds[0].key, minutes, f"step.stage {last}")


def test_an_agenda_of_rounds_that_have_passed_is_refused() -> None:
    rounds = [Item("step", "two", 5)]
    with pytest.raises(Refused, match="stage_moved"):
        agenda.chosen(rounds, "step.one", [5, 5], "step.two")


def runs(c: Circle) -> dict[str, cycle.Turn]:
    return cycle.opened(c.session, c.community, None)[1]  # type: ignore[return-value]


def ahead(c: Circle) -> list[Item]:
    return agenda.ahead(c.turn(None), runs(c))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "stages"),
    [
        (8, ["ideas", "respond", "pairs", "fours", "dots", "draft", "consent"]),
        (4, ["ideas", "respond", "pairs", "dots", "draft", "consent"]),
        (2, ["ideas", "respond", "dots", "draft", "consent"]),
    ],
)
def test_all_of_step_1_fits_in_three_quarters_of_an_hour_whoever_is_there(people: int, stages: list[str]) -> None:
    with circle(people) as c:
        found = agenda.fitting(ahead(c), agenda.USUAL)
        assert [each.stage for each in found if each.step == "ambition"] == stages


def test_the_agenda_begins_where_the_cycle_stands_and_goes_into_the_step_after() -> None:
    with circle(8, "draft") as c:
        found = ahead(c)
        assert [each.key for each in found[:3]] == ["ambition.draft", "ambition.consent", "information.questions"]
        assert {each.step for each in found} == {"ambition", "information"}
        assert not [each for each in found if each.stage == "weigh_objection"]


def sit_down(c: Circle, *stages: str) -> Meeting:
    rounds = [each for each in ahead(c) if not stages or each.stage in stages]
    return running.start(c.session, c.community, c.cycle, c.members[0], rounds)


def place(c: Circle, meeting: Meeting) -> Place:
    return running.where(meeting, runs(c), STEPS)  # type: ignore[arg-type]


@pytest.fixture
def c() -> Iterator[Circle]:
    """Eight people at their ideas."""
    with circle(8) as made:
        yield made


def test_where_it_stands_follows_the_cycle_forth_and_back(c: Circle) -> None:
    meeting = sit_down(c, "ideas", "respond", "pairs")
    assert (place(c, meeting).number, place(c, meeting).rounds, place(c, meeting).finished) == (1, 3, False)
    for who in range(8):
        c.do_the_task(who, "ideas")
    c.move()
    for who in range(8):
        c.do_the_task(who, "respond")
    c.move()
    assert place(c, meeting).number == 3
    c.run.came_from = "respond"
    cycle.take_back(c.turn(None), c.step, "pairs")
    assert place(c, meeting).number == 2
    c.to("dots")
    assert (place(c, meeting).number, place(c, meeting).finished) == (None, True)


def test_a_round_ends_so_many_minutes_after_it_began_in_the_meeting_and_a_minute_more_is_for_it_alone(
    c: Circle,
) -> None:
    c.run.stage_since = now() - dt.timedelta(days=3)
    meeting = sit_down(c)
    assert place(c, meeting).ends_at == meeting.started_at + dt.timedelta(minutes=5)
    running.give_time(c.session, meeting, place(c, meeting), "ambition.ideas")
    assert place(c, meeting).ends_at == meeting.started_at + dt.timedelta(minutes=6)
    with pytest.raises(Refused, match="stage_moved"):
        running.give_time(c.session, meeting, place(c, meeting), "ambition.respond")
    meeting.started_at -= dt.timedelta(hours=1)
    meeting.clock_ends_at = None
    running.give_time(c.session, meeting, place(c, meeting), "ambition.ideas")
    late = place(c, meeting).ends_at
    assert late is not None
    assert now() < late <= now() + dt.timedelta(minutes=1)
    c.to("respond")
    assert place(c, meeting).ends_at == c.run.stage_since + dt.timedelta(minutes=6)


def test_nothing_of_who_parked_it_is_kept_and_there_is_an_end_to_it(c: Circle) -> None:
    meeting = sit_down(c)
    for number in range(running.MOST_PARKED):
        running.park(c.session, meeting, f"gedachte {number}")
        c.session.flush()
    for thought, code in (
        ("een meer", "enough_parked"),
        ("gedachte 1", "said_already"),
        ("  ", "blank"),
        ("x" * 301, "too_long"),
    ):
        with pytest.raises(Refused, match=code):
            running.park(c.session, meeting, thought)
    first = running.parked(c.session, meeting)[0]
    running.take_out(c.session, meeting, first.id)
    c.session.expire_all()
    assert "gedachte 0" not in [each.text for each in running.parked(c.session, meeting)]


def test_a_meeting_keeps_when_it_began_and_ended_and_there_is_one_at_a_time(c: Circle) -> None:
    meeting = sit_down(c)
    assert sit_down(c) is meeting
    ended = running.end(c.session, c.community, c.members[0])
    assert ended is meeting
    assert meeting.ended_at is not None
    assert meeting.started_at < meeting.ended_at
    with pytest.raises(Refused, match="no_meeting"):
        running.end(c.session, c.community, c.members[0])
    kinds = [each.kind for each in c.session.query(Act).order_by(Act.id) if each.kind.startswith("meeting")]
    assert kinds == ["meeting_begun", "meeting_ended"]


def versions(c: Circle) -> tuple[int, int]:
    """The community's, once all that was done is written down for good."""
    c.session.commit()
    c.session.refresh(c.community)
    return c.community.version, c.community.moved


def test_the_version_grows_once_for_all_that_a_request_did_and_never_for_what_was_undone(c: Circle) -> None:
    before = versions(c)
    assert versions(c) == before
    c.do_the_task(0, "ideas")
    c.do_the_task(1, "ideas")
    assert versions(c) == (before[0] + 1, before[1])
    away.set_other(c.session, c.community, c.members[0], c.members[7], now().date() + dt.timedelta(days=1), zone=dt.UTC)
    after = versions(c)
    assert after == (before[0] + 2, before[1])
    c.do_the_task(2, "ideas")
    c.session.rollback()
    assert versions(c) == after
    for who in range(2, 8):
        c.do_the_task(who, "ideas")
    c.move()
    moved = versions(c)
    assert moved[1] == moved[0] == after[0] + 1
