"""Retention: looked at first, begun a day later, and what goes and stays where a community's time is over."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import func, select

from lti_tool.db import Base, now
from lti_tool.domain import Refused, emptying, outbox
from lti_tool.domain.community import sharing
from lti_tool.domain.school import moving, retention, settings
from lti_tool.domain.school.setting_kinds import SETTINGS, Name
from lti_tool.domain.school.settings import Scope
from lti_tool.domain.school.trail import OPERATOR, Kind
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    Ending,
    JournalEntry,
    Member,
    Moment,
    OutboxRow,
    Registration,
    StepRun,
    YieldShare,
)
from lti_tool.models.meeting import Parked
from lti_tool.models.school import School, SchoolAct
from lti_tool.models.voices import Contribution, Draft
from lti_tool.steps.interpretation import Interpretation
from tests.unit.test_sharing import neighbour
from tests.web.circle import STEPS, Circle, circle
from tests.web.ways.seeded import Seeded

NAMED = [step.name for step in STEPS]
YEAR = dt.timedelta(days=366)


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(4, "closed", Interpretation()) as made:
        yield made


@pytest.fixture
def s(c: Circle) -> Seeded:
    return Seeded(c.session, c.cycle, c.members)


def over(c: Circle, s: Seeded, endorsed: bool = True) -> None:
    """The cycle is over, with a yield, and with all that hangs on a member besides."""
    s.outcome(endorsed=endorsed)
    for name in NAMED:
        s.run(name)
    for run in c.session.scalars(select(StepRun).where(StepRun.closed_at.is_(None), StepRun.step.in_(NAMED))):
        run.closed_at = now()
    c.session.add(JournalEntry(member_id=c.members[0].id, text="Van mij alleen."))
    c.session.add(Draft(member_id=c.members[0].id, form="7:idea", body={"text": "half"}))
    c.members[0].ask_me = "lezen"
    c.session.flush()


def scope(c: Circle) -> Scope:
    return Scope(course_id=c.community.course_id)


def keep(c: Circle, said: str | None) -> retention.Seen:
    seen = retention.look(c.session, scope(c), said, NAMED)
    retention.keep(c.session, scope(c), said, seen.seal, OPERATOR, NAMED)
    return seen


def many(c: Circle, table: type[Base]) -> int:
    return c.session.scalars(select(func.count()).select_from(table)).one()


def test_looking_changes_nothing_and_says_how_many(c: Circle, s: Seeded) -> None:
    over(c, s)
    neighbour(c)
    seen = retention.look(c.session, scope(c), "1", NAMED)
    assert (seen.said, seen.communities, seen.now, seen.soon, seen.emptied) == ("1", 1, 0, 1, 0)
    school = retention.look(c.session, Scope(school_id=1), "2", NAMED)
    assert (school.communities, school.now, school.soon) == (2, 0, 0)
    assert all(each.value == "" for each in settings.shown(c.session, scope(c)) if each.name == Name.RETENTION)
    assert many(c, SchoolAct) == 0


def test_within_a_year_is_within_one_of_366_days_too(c: Circle, s: Seeded) -> None:
    with time_machine.travel("2027-03-28T10:00Z"):
        over(c, s)
        seen = retention.look(c.session, scope(c), "1", NAMED)
        assert (seen.now, seen.soon) == (0, 1)


def test_it_is_set_by_who_saw_what_it_does_now(c: Circle, s: Seeded) -> None:
    over(c, s)
    for seal in ("", "1", "2.1.0.1"):
        with pytest.raises(Refused, match="setting_look_first"):
            retention.keep(c.session, scope(c), "1", seal, OPERATOR, NAMED)
    assert many(c, OutboxRow) == 0
    keep(c, "1")
    row = c.session.scalars(select(OutboxRow).where(OutboxRow.kind == outbox.Kind.RETENTION)).one()
    assert row.due_at > now() + retention.GRACE - dt.timedelta(minutes=1), "there is a day to put it back"


def test_what_was_written_goes_and_the_yield_hours_journal_and_moments_stay(c: Circle, s: Seeded) -> None:
    over(c, s)
    there = neighbour(c)
    sharing.share(c.turn(0), there.id, c.members[0].id)
    moments = many(c, Moment)
    keep(c, "1")
    assert retention.portion(c.session, STEPS) == "nothing_to_do"
    assert many(c, Contribution)
    with time_machine.travel(now() + YEAR, tick=False):
        assert retention.portion(c.session, STEPS) == "emptied"
        assert retention.portion(c.session, STEPS) == "nothing_to_do"
    c.session.expire_all()
    assert many(c, Contribution) == 0
    assert many(c, Draft) == 0
    assert many(c, Parked) == 0
    assert (many(c, Moment), many(c, JournalEntry), many(c, YieldShare)) == (moments, 1, 1)
    assert c.session.get_one(Member, c.members[0].id).ask_me == ""
    kept = {run.step: run.outcome for run in c.session.scalars(select(StepRun)) if run.outcome}
    assert kept == {"evaluation": "Samen lezen brengt rust.\nBegin klein."}
    assert c.session.get_one(Cycle, c.cycle.id).emptied_at is not None
    act = c.session.scalars(select(SchoolAct).where(SchoolAct.kind == Kind.CONTENTS_REMOVED)).one()
    assert (act.person_id, act.community_id, act.detail) == (None, c.community.id, {"cycles": 1, "yields": "kept"})


def test_the_yields_go_too_where_that_was_chosen(c: Circle, s: Seeded) -> None:
    over(c, s)
    sharing.share(c.turn(0), neighbour(c).id, c.members[0].id)
    keep(c, "1+")
    with time_machine.travel(now() + YEAR, tick=False):
        assert retention.portion(c.session, STEPS) == "emptied"
    assert [run for run in c.session.scalars(select(StepRun)) if run.outcome] == []
    assert many(c, YieldShare) == 0


def test_what_nobody_endorsed_does_not_stay(c: Circle, s: Seeded) -> None:
    over(c, s, endorsed=False)
    keep(c, "1")
    with time_machine.travel(now() + YEAR, tick=False):
        assert retention.portion(c.session, STEPS) == "emptied"
    assert [run for run in c.session.scalars(select(StepRun)) if run.outcome] == []


@pytest.mark.parametrize("how", ["under way", "begun anew", "longer here", "put back"])
def test_nothing_goes_where_it_is_not_over_or_not_set(c: Circle, s: Seeded, how: str) -> None:
    over(c, s)
    keep(c, "1")
    if how == "under way":
        c.session.scalars(select(StepRun).where(StepRun.step == "actions")).one().closed_at = None
    elif how == "begun anew":
        c.cycle.closed_at, c.cycle.ending = now(), Ending.CONSENT
        c.session.add(Cycle(community_id=c.community.id, number=2))
    elif how == "longer here":
        seen = retention.look(c.session, Scope(school_id=1), "1", NAMED)
        retention.keep(c.session, Scope(school_id=1), "1", seen.seal, OPERATOR, NAMED)
        keep(c, "7")
    else:
        keep(c, None)
    c.session.flush()
    before = many(c, Contribution)
    with time_machine.travel(now() + YEAR, tick=False):
        assert retention.portion(c.session, STEPS) == "nothing_to_do"
    assert many(c, Contribution) == before


def test_an_ended_cycle_counts_from_its_end(c: Circle, s: Seeded) -> None:
    s.run("ambition", closed=False)
    c.cycle.closed_at, c.cycle.ending = now() - dt.timedelta(days=400), Ending.UNDECIDED
    c.session.flush()
    assert keep(c, "1").now == 1
    with time_machine.travel(now() + retention.GRACE + dt.timedelta(minutes=1)):
        assert retention.portion(c.session, STEPS) == "emptied"


def test_a_year_later_is_the_same_day_and_of_a_leap_day_the_one_before() -> None:
    leap = dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC)
    assert retention._years_after(leap, 1) == dt.datetime(2029, 2, 28, 12, tzinfo=dt.UTC)
    assert retention._years_after(leap, 4) == dt.datetime(2032, 2, 29, 12, tzinfo=dt.UTC)


def test_every_value_can_be_read() -> None:
    for said in SETTINGS[Name.RETENTION].choices:
        kept = retention.read(said)
        assert (kept.years is None) == (said == "")
        assert kept.yields == (not said.endswith("+"))


def test_every_table_that_hangs_on_a_step_or_a_meeting_goes_or_says_why_it_stays(c: Circle) -> None:
    """A table that is added later is in neither without somebody having thought about it."""
    goes = {
        "contribution", "revision", "attachment", "link", "round", "dot", "consent", "note", "pass", "reopening",
        "parked",
    }  # fmt: skip
    hangs, fresh = set[str](), {"step_run", "meeting"}
    while fresh:
        hangs |= fresh
        fresh = {
            table.name
            for table in Base.metadata.tables.values()
            for foreign in table.foreign_keys
            if foreign.column.table.name in fresh and table.name not in hangs and table.name not in emptying.STAYS
        }
    assert hangs - {"step_run", "meeting"} == goes
    assert all(emptying.STAYS.values())


def test_two_communities_of_one_school_go_each_by_its_own(c: Circle, s: Seeded) -> None:
    over(c, s)
    other = neighbour(c)
    settled = retention.look(c.session, Scope(school_id=1), "1", NAMED)
    retention.keep(c.session, Scope(school_id=1), "1", settled.seal, OPERATOR, NAMED)
    with time_machine.travel(now() + YEAR, tick=False):
        assert retention.portion(c.session, STEPS) == "emptied"
    emptied = {row[0]: row[1] for row in c.session.execute(select(Cycle.community_id, Cycle.emptied_at))}
    assert emptied[c.community.id] is not None
    assert emptied[other.id] is None
    assert c.session.get(Community, other.id) is not None


def test_who_sets_it_keeps_no_other_school_s_contents_from_going(c: Circle, s: Seeded) -> None:
    """The worker's look is one for all: set every day somewhere else, it came for nobody."""
    over(c, s)
    keep(c, "1")
    look = select(OutboxRow.due_at).where(OutboxRow.kind == outbox.Kind.RETENTION, OutboxRow.done_at.is_(None))
    due = c.session.scalars(look).one()
    c.session.add(other := School(name="Elders"))
    c.session.flush()
    for days, said in enumerate(("1", "2"), start=1):
        with time_machine.travel(now() + dt.timedelta(hours=days)):
            seen = retention.look(c.session, Scope(school_id=other.id), said, NAMED)
            retention.keep(c.session, Scope(school_id=other.id), said, seen.seal, OPERATOR, NAMED)
            assert c.session.scalars(look).one() == due


@pytest.mark.parametrize("level", ["course", "school", "platform"])
def test_whatever_is_set_leaves_a_day_where_it_holds_also_when_the_look_comes_sooner(
    c: Circle, s: Seeded, level: str
) -> None:
    over(c, s)
    with time_machine.travel(now() + YEAR) as clock:
        registration = c.session.scalars(select(Registration.id)).one()
        where = {"course": scope(c), "school": Scope(school_id=1), "platform": Scope(registration_id=registration)}
        seen = retention.look(c.session, where[level], "1", NAMED)
        assert seen.now == 1
        retention.keep(c.session, where[level], "1", seen.seal, OPERATOR, NAMED)
        assert retention.portion(c.session, STEPS) == "nothing_to_do"
        clock.shift(dt.timedelta(days=1, minutes=1))
        assert retention.portion(c.session, STEPS) == "emptied"


def test_a_course_that_would_go_where_contents_are_kept_for_less_shows_first_what_that_takes(
    c: Circle, s: Seeded
) -> None:
    over(c, s)
    course = c.session.get_one(Course, c.community.course_id)
    c.session.add(there := School(name="Daar"))
    c.session.flush()
    plain = moving.plan(c.session, OPERATOR, course, there.id, NAMED)
    assert not plain.tells, "nothing of it is said where it is as it was"
    seen = retention.look(c.session, Scope(school_id=there.id), "1", NAMED)
    retention.keep(c.session, Scope(school_id=there.id), "1", seen.seal, OPERATOR, NAMED)
    with time_machine.travel(now() + YEAR):
        planned = moving.plan(c.session, OPERATOR, course, there.id, NAMED)
        assert planned.tells
        assert (planned.kept.said, planned.kept_now) == ("1", "")
        assert (planned.kept.communities, planned.kept.now, planned.kept.soon) == (1, 1, 0)
        with pytest.raises(Refused, match="several_moved"):
            moving.move(c.session, OPERATOR, course, there.id, NAMED, plain.digest)
        moving.move(c.session, OPERATOR, course, there.id, NAMED, planned.digest)
        assert retention.portion(c.session, STEPS) == "nothing_to_do", "there is a day to move it back"
    with time_machine.travel(now() + YEAR + dt.timedelta(days=1, minutes=1)):
        assert retention.portion(c.session, STEPS) == "emptied"
