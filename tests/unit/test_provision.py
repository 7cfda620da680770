"""Provision lists: all or nothing, again without doubling, and whom they name only once the LMS says who that is."""

import datetime as dt
import threading

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from lti_tool.db import _prepare, now
from lti_tool.domain import Refused, cycle, outbox
from lti_tool.domain.community import listing
from lti_tool.domain.cycle import Turn, midnights
from lti_tool.domain.school import dividing
from lti_tool.domain.school.provision import applying, matching, out, reading, runs, said, waiting
from lti_tool.domain.school.provision.planned import Change, Plan
from lti_tool.domain.school.trail import OPERATOR, Actor
from lti_tool.models import Community, Course, Cycle, Deployment, OutboxRow, Standing, StepRun
from lti_tool.models.copying import TemplateCopy
from lti_tool.models.provision import ProvisionPart, Role, Trouble
from lti_tool.models.school import Setting
from tests.unit.provisioned import ZONE, School, keyed, listed, school, school_at
from tests.web.circle import STEPS


def changes(made: Plan) -> list[list[Change]]:
    return [[each.kind for each in one.changes] for one in made.planned]


def test_a_line_finds_its_course_and_whom_it_names_are_so_at_once_where_they_are_here(any_school: School) -> None:
    s = any_school
    for number in (1, 2, 3):
        s.comes(number, "c1")
    sheet = listed("c1,,,Team Zon,id:u1,id:u2,id:u3")
    before = s.state()
    assert changes(s.plan(sheet)) == [[Change.NEW, Change.BOUND, Change.NAMED, Change.NAMED, Change.NAMED]]
    assert s.state() == before, "nothing is written before somebody applies it"
    s.apply(sheet)
    first, second, third = (s.member(number, "c1") for number in (1, 2, 3))
    assert (first.standing, first.facilitates) == (Standing.MEMBER, True)
    assert (second.facilitates, second.facilitated_on) == (False, now().date()), "who may take it up, has not yet"
    assert (third.standing, third.leads) == (Standing.MEMBER, True)
    assert s.session.scalars(select(Community.name)).one() == "Team Zon"
    assert s.session.scalars(select(StepRun.step)).all() == ["ambition"], "where somebody facilitates it has begun"
    assert {each.named_hash for each in s.parts()} == {None}
    after = s.state()
    assert not s.apply(sheet).changes
    assert s.state() == after


def test_who_is_not_there_yet_is_waited_for_and_the_rest_is_in_force(any_school: School) -> None:
    s = any_school
    s.comes(1, "c1", memberships_url="https://lms.example/members")
    s.session.query(OutboxRow).delete()
    sheet = listed('c1,,,,"id:u1,M2@school.example,l3",,')
    s.apply(sheet)
    assert s.member(1, "c1").facilitates
    assert s.session.scalars(select(OutboxRow.kind)).all() == [outbox.Kind.ROSTER], "the worker compares, nobody waits"
    assert [each.named_hash is None for each in s.parts()] == [True, False, False]
    s.comes(4, "c1")
    assert len([each for each in s.parts() if each.in_force_at is None]) == 2, "of who comes only the named are meant"
    s.comes(2, "c1")
    s.comes(3, "c1", role="instructor")
    assert s.member(2, "c1").facilitates
    assert s.member(3, "c1").facilitates
    assert all(each.in_force_at and not each.named_hash for each in s.parts()), "hashes are dropped after matching"
    after = s.state()
    assert not s.apply(sheet).changes
    assert s.state() == after, "the same list again is known, though its hashes are gone"


def test_a_course_that_nobody_opened_yet_is_bound_when_it_is_by_its_id_or_the_sis_id(s: School) -> None:
    s.apply(listed("c1,,,Een,l1,,", ",SIS-2,,Twee,,,l2"))
    assert [each.course_id for each in s.lines()] == [None, None]
    s.comes(1, "c1")
    s.comes(2, "c9", context_sis_id="SIS-2")
    s.comes(3, "c2")
    assert [each.course_id is not None for each in s.lines()] == [True, True]
    assert s.member(1, "c1").facilitates
    assert s.member(2, "c9").standing == Standing.MEMBER
    assert s.member(2, "c9").leads
    assert sorted(s.session.scalars(select(Community.name))) == ["Cursus c2", "Een", "Twee"]


def test_a_short_name_is_a_proposal_and_captures_nothing(s: School) -> None:
    for context in ("c1", "c2"):
        s.comes(1, context, context_label="PRO")
    sheet = listed(",,pro,,l1,,")
    made = s.plan(sheet)
    assert [choice.more for choice in made.planned[0].asks[0].choices] == ["c1", "c2"]
    s.apply(sheet)
    assert s.lines()[0].course_id is None, "without an answer it waits"
    s.comes(5, "c3", context_label="PRO")
    assert s.lines()[0].course_id is None, "who renames a course gets no line by it"
    chosen = s.plan(sheet).planned[0].asks[0].choices[0]
    s.apply(sheet, course_2=chosen.id)
    bound = s.lines()[0].course_id
    assert bound == chosen.id
    with pytest.raises(Refused, match="provision_answer"):
        s.plan(sheet, course_2=chosen.id)
    # The course is renamed, and another takes its name: the line stays with its course.
    s.comes(1, "c1", context_label="OUD")
    s.comes(5, "c3", context_label="PRO")
    assert not s.plan(sheet).changes
    assert not s.plan(sheet).planned[0].asks
    s.apply(sheet)
    assert [each.course_id for each in s.lines()] == [bound]


def test_a_proposal_can_be_answered_later_too(s: School) -> None:
    s.apply(listed(",,PRO,,id:u1,,"))
    met = s.comes(1, "c1", context_label="PRO")
    (waits,) = [each for each in waiting.standing(s.session, s.id, keyed).waiting if each.role is None]
    with pytest.raises(Refused, match="not_found"):
        waiting.bind(s.session, s.id, OPERATOR, waits.line, 999, STEPS, ZONE)
    waiting.bind(s.session, s.id, OPERATOR, waits.line, met.course.id, STEPS, ZONE)
    assert s.lines()[0].course_id == met.course.id
    with pytest.raises(Refused, match="not_found"):
        waiting.bind(s.session, s.id, OPERATOR, waits.line, met.course.id, STEPS, ZONE)


def test_an_identifier_that_the_lms_does_not_share_is_said_and_chosen_by_hand(s: School) -> None:
    for number in (1, 2):
        s.comes(number, "c1", shares=False)
    sheet = listed("c1,,,,m1@school.example,,")
    (ask,) = s.plan(sheet).planned[0].asks
    assert (ask.name, ask.who, [each.called for each in ask.choices]) == (
        "person-2-facilitator-1", "m1@school.example", ["Persoon 1", "Persoon 2"],
    )  # fmt: skip
    chosen = ask.choices[0].id
    s.apply(sheet, **{ask.name: chosen})
    assert s.member(1, "c1").facilitates
    assert not s.plan(sheet).planned[0].asks
    assert not s.plan(sheet).changes
    with pytest.raises(Refused, match="provision_answer"):
        s.plan(listed("c1,,,,m2@school.example,,"), **{"person-2-facilitator-1": 999})


def test_two_who_are_called_so_are_nobody_and_are_listed(s: School) -> None:
    course = s.comes(1, "c1").course
    s.apply(listed("c1,,,,twee@school.example,,"))

    class Entry:
        def __init__(self, number: int) -> None:
            self.sub, self.name, self.role = f"u{number}", f"Persoon {number}", "learner"

    listing.apply(s.session, course, "https://lms.example", [Entry(number) for number in (1, 2, 3)])
    both = matching.identified(keyed, "", "Twee@school.example", "")
    matching.compared(s.session, course, {"u1": frozenset(), "u2": both, "u3": both}, STEPS, ZONE)
    assert [(each.person_id, each.trouble) for each in s.parts()] == [(None, Trouble.SEVERAL)]
    (waits,) = waiting.standing(s.session, s.id, keyed).waiting
    assert waits.trouble == Trouble.SEVERAL
    assert len(waits.choices) == 3
    part = waits.part
    assert part is not None
    with pytest.raises(Refused, match="not_found"):
        waiting.pick(s.session, s.id, OPERATOR, part, 999, keyed, STEPS, ZONE)
    waiting.pick(s.session, s.id, OPERATOR, part, s.member(1, "c1").person_id, keyed, STEPS, ZONE)
    assert s.member(1, "c1").facilitates


def test_a_roster_tells_who_is_meant_and_they_are_it_once_they_come(s: School) -> None:
    course = s.comes(1, "c1").course
    s.apply(listed("c1,,,,m2@school.example,,"))

    class Entry:
        sub, name, role = "u2", "Persoon 2", "learner"

    listing.apply(s.session, course, "https://lms.example", [Entry()])
    named = {"u2": matching.identified(keyed, "u2", "m2@SCHOOL.example", "")}
    matching.compared(s.session, course, named, STEPS, ZONE)
    (part,) = s.parts()
    assert part.person_id
    assert part.named_hash is None
    assert part.in_force_at is None, "nobody facilitates unknowingly"
    s.comes(2, "c1", shares=False)
    assert s.member(2, "c1").facilitates
    assert part.in_force_at


def test_what_is_on_the_list_no_longer_stays_until_somebody_ticks_it(s: School) -> None:
    for number in (1, 2, 3):
        s.comes(number, "c1")
    s.comes(1, "c2")
    s.apply(listed('c1,,,,"id:u1,id:u2",,id:u3', "c2,,,,id:u1,,"))
    less = listed("c1,,,,id:u1,,")
    made = s.apply(less)
    assert sorted(each.called for each in made.removed) == ["Cursus c1", "Cursus c1", "Cursus c2"]
    assert s.member(2, "c1").facilitates
    assert s.member(3, "c1").leads
    assert s.member(1, "c2").facilitates
    assert not s.plan(less).changes
    ticks = {each.name: 1 for each in s.plan(less).removed}
    s.apply(less, **ticks)
    assert not s.member(2, "c1").facilitates
    assert not s.member(3, "c1").leads
    assert not s.member(1, "c2").facilitates
    assert s.member(1, "c1").facilitates
    assert (len(s.lines()), len(s.parts())) == (1, 1)
    assert not s.plan(less).removed


def test_a_list_without_a_column_says_nothing_of_it(s: School) -> None:
    s.comes(1, "c1")
    s.template("c9", "Praktijk")
    s.apply(listed("c1,Praktijk,id:u1", heads="course id,template,facilitators"))
    made = s.plan(listed("c1", heads="course id"))
    assert not made.removed
    assert not made.changes
    assert s.lines()[0].template == "Praktijk"


BEGINS = "course id,template,settings,facilitators"


def set_for(s: School, context: str) -> dict[str, object]:
    """What is set for a course: name -> value."""
    query = select(Setting.name, Setting.value).join(Course, Course.id == Setting.course_id)
    return {name: value["value"] for name, value in s.session.execute(query.where(Course.context_id == context))}


@pytest.mark.parametrize("first", ["course", "list"])
def test_a_course_begins_with_its_template_and_the_list_goes_before_that(any_school: School, first: str) -> None:
    s = any_school
    s.template("c9", "Praktijk", passback="none", holidays="2027-02-20/2027-02-28")
    sheet = listed('c1,praktijk,"taal=en, deelname=afgerond",id:u1', heads=BEGINS)
    if first == "course":
        s.comes(1, "c1")
    s.apply(sheet)
    if first == "list":
        s.comes(1, "c1")
    assert set_for(s, "c1") == {"language": "en", "passback": "completed", "holidays": ["2027-02-20/2027-02-28"]}
    query = select(Community.locale).join(Course, Course.id == Community.course_id)
    assert s.session.scalars(query.where(Course.context_id == "c1")).one() == "en"
    assert s.session.scalars(select(TemplateCopy.id)).all() == [1]
    after, was = s.state(), set_for(s, "c1")
    assert not s.apply(sheet).changes
    assert (s.state(), set_for(s, "c1")) == (after, was)
    s.apply(listed("c1,praktijk,deelname=momenten,id:u1", heads=BEGINS))
    assert set_for(s, "c1") == was | {"passback": "moments"}


def test_whom_a_list_has_facilitate_begins_with_the_template_s_first_date(s: School) -> None:
    s.template("c9", "Praktijk")
    s.apply(listed("c9,id:u99", heads="course id,facilitators"))
    community, first, run = s.session.execute(
        select(Community, Cycle, StepRun).join(Cycle, Cycle.community_id == Community.id).join(StepRun)
    ).one()
    lasts = midnights.day_of(now(), ZONE) + dt.timedelta(days=8)
    cycle.set_date(Turn(s.session, community, first, run, None, STEPS, zone=ZONE), midnights.end_of(lasts, ZONE))
    s.comes(1, "c1")
    s.apply(listed("c1,Praktijk,,id:u1", heads=BEGINS))
    copied = s.session.scalars(select(StepRun.closes_at).where(StepRun.id != run.id)).one()
    assert copied is not None
    assert midnights.last_day(copied, ZONE) >= lasts, "as many days on, on a school day"


def test_where_something_was_begun_a_list_brings_no_template(s: School) -> None:
    s.template("c9", "Praktijk", passback="none")
    s.comes(1, "c1")
    s.apply(listed("c1,id:u1", heads="course id,facilitators"))
    s.apply(listed("c1,c9,,id:u1", heads=BEGINS))
    assert set_for(s, "c1") == {}


@pytest.mark.parametrize("said", ["Praktijk", "c9", "twee", "\U0001f98a", "50%"])
def test_what_is_no_template_or_two_is_said_of_its_line(s: School, said: str) -> None:
    s.comes(1, "c9", context_title="Praktijk")
    for context in ("c7", "c8"):
        s.template(context, "Twee")
    s.comes(1, "c1")
    code = "template_twice" if said == "twee" else "template"
    assert [(each.number, each.code) for each in s.plan(listed(f"c1,{said},,", heads=BEGINS)).faults] == [(2, code)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *((each, "settings") for each in ("deelname", "kleur=rood", "x=")),
        *((each, "setting_value") for each in ("deelname=alles", "taal=fr", "taal=nl deelname=niets")),
        ("vakanties=zomer", "setting_days"),
    ],
)
def test_what_is_no_setting_is_said_of_its_cell(s: School, said: str, code: str) -> None:
    (fault,) = listed(f'c1,,"{said}",', heads=BEGINS).faults
    assert (fault.cell, fault.code) == ("settings", code)


def test_wrong_lines_are_said_and_nothing_of_the_list_is_done(s: School) -> None:
    s.comes(1, "c1")
    s.comes(1, "c2", context_sis_id="S2")
    before = s.state()
    for rows in (
        ["c1,,,,,,", "c1,,,,,,"],
        ["c1,,,,,,", "c1,S9,,,,,"],
        ["c2,S1,,,,,"],
        ["c1,,,=1,,,"],
        [",x,,,,,", ",x,,,,,"],
    ):
        sheet = listed(*rows)
        assert s.plan(sheet).faults
        with pytest.raises(Refused, match="provision_wrong"):
            s.apply(sheet)
        assert s.state() == before


def test_courses_of_another_school_are_not_found(s: School) -> None:
    own = s.session.get_one(Deployment, s.deployment)
    other = Deployment(registration_id=own.registration_id, deployment_id="2", approved=True)
    s.session.add(other)
    s.session.flush()
    School(s.session, other.id, other.school_id).comes(1, "c1", context_label="PRO")
    assert s.plan(listed("c1,,,,id:u1,,")).planned[0].place is None
    assert not s.plan(listed(",,PRO,,,,")).planned[0].asks


def test_who_left_the_circle_is_not_drawn_in(s: School) -> None:
    s.comes(1, "c1")
    s.member(1, "c1").standing = Standing.APART
    s.apply(listed("c1,,,,id:u1,,"))
    assert s.member(1, "c1").standing == Standing.APART
    assert [each.trouble for each in s.parts()] == [Trouble.LEFT]


def test_after_thirty_days_it_is_listed_who_is_not_there_yet(s: School) -> None:
    s.comes(1, "c1")
    s.apply(listed("c1,,,,m9@school.example,,"))
    assert [each.late for each in waiting.standing(s.session, s.id, keyed).waiting] == [False]
    with time_machine.travel(now() + waiting.LATE + dt.timedelta(minutes=1)):
        (waits,) = waiting.standing(s.session, s.id, keyed).waiting
        assert waits.late
        assert [each.called for each in waits.choices] == ["Persoon 1"]


@pytest.mark.parametrize("write", [out.csv, out.xlsx])
def test_the_list_as_it_stands_can_be_given_again_and_changes_nothing(s: School, write: object) -> None:
    for number in (1, 2):
        s.comes(number, "c1", context_label="=PRO", context_sis_id="S1")
    s.apply(listed('c1,,,"Team, ""Zon""","m1@school.example,l2",,id:u2', ",S2,,Later,m7@school.example,,"))
    s.comes(1, "c1")
    s.comes(2, "c1")
    content = write(s.session, s.id, "nl")  # type: ignore[operator]
    assert b"school.example" not in content
    sheet = reading.read(content, keyed)
    assert not sheet.faults
    made = s.plan(sheet)
    assert not made.faults
    assert [one for each in changes(made) for one in each] == []
    assert [(each.part.role, each.in_force) for each in made.removed if each.part] == [(Role.FACILITATOR, False)]


def test_what_was_shown_is_what_is_done(s: School) -> None:
    s.comes(1, "c1")
    sheet = listed("c1,,,,id:u1,,")
    shown = s.plan(sheet).digest
    s.apply(listed("c1,,,Anders,,,"))
    before = s.state()
    with pytest.raises(Refused, match="provision_moved"):
        applying.apply(s.session, s.id, OPERATOR, sheet, keyed, STEPS, ZONE, {}, shown)
    assert s.state() == before


def test_two_at_once_end_in_one_state(any_database_url: str) -> None:
    with school_at(any_database_url) as s:
        for number in (1, 2):
            s.comes(number, "c1")
        s.session.commit()
        sheet, school_id = listed("c1,,,Zon,id:u1,,", "c2,,,,m2@school.example,,"), s.id
        engine = create_engine(any_database_url)
        _prepare(engine)
        gate, failed = threading.Barrier(2), []

        def one() -> None:
            try:
                with Session(engine) as session, session.begin():
                    gate.wait(30)
                    applying.apply(session, school_id, Actor(), sheet, keyed, STEPS, ZONE)
            except Exception as error:
                failed.append(error)

        both = [threading.Thread(target=one) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join(60)
        engine.dispose()
        assert not failed
        s.session.expire_all()
        assert (len(s.lines()), len(s.parts())) == (2, 2)
        assert not s.plan(sheet).changes


def test_killed_halfway_leaves_nothing(any_school: School) -> None:
    s = any_school
    s.comes(1, "c1")
    s.session.commit()
    before, sheet = s.state(), listed("c1,,,Zon,id:u1,,", "c2,,,,m2@school.example,,")
    s.session.commit()
    seen: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            seen.append(statement)
            if len(seen) == fails:
                raise KeyboardInterrupt

    event.listen(s.session.get_bind(), "before_cursor_execute", count)
    fails, killed = 1, 0
    while True:
        seen.clear()
        try:
            s.apply(sheet)
            break
        except KeyboardInterrupt:
            s.session.rollback()
            killed, fails = killed + 1, fails + 1
            assert s.state() == before
            s.session.commit()
    event.remove(s.session.get_bind(), "before_cursor_execute", count)
    assert killed > 3
    s.session.commit()
    assert not s.plan(sheet).changes


def test_a_long_list_is_the_workers_and_no_name_stands_ready_for_it(s: School) -> None:
    s.comes(1, "c1")
    sheet = listed("c1,,,,id:u1,,", *(f"x{number},,,,m{number}@school.example,," for number in range(250)))
    shown = s.plan(sheet).digest
    runs.ask(s.session, s.id, OPERATOR, sheet, {}, shown)
    with pytest.raises(Refused, match="provision_busy"):
        runs.ask(s.session, s.id, OPERATOR, sheet, {}, shown)
    job = runs.job(s.session, 1)
    assert job is not None
    assert "school.example" not in repr(job)
    told: list[int] = []
    runs.look(s.session, job, keyed, lambda done, _of: told.append(done))
    assert told == [0, 100, 200]
    assert not s.lines()
    runs.finish(s.session, job, keyed, STEPS, ZONE)
    s.session.expire_all()
    assert runs.progress(s.session, s.id) == runs.Progress(251, 251, True, "")
    assert len(s.lines()) == 251
    assert s.member(1, "c1").facilitates
    assert runs.job(s.session, 1) is None
    runs.ask(s.session, s.id, OPERATOR, sheet, {}, shown)
    job = runs.job(s.session, 1)
    assert job is not None
    with pytest.raises(Refused, match="provision_moved"):
        runs.look(s.session, job, keyed, lambda *_: None)
    runs.refuse(s.session, job, "provision_moved")
    s.session.expire_all()
    assert runs.progress(s.session, s.id) == runs.Progress(0, 251, True, "provision_moved")


WHO = st.lists(
    st.sampled_from(["id:u1", "id:u2", "m1@school.example", "l3", "m4@school.example", "M1@School.example"]), max_size=3
)
KEYS = st.sampled_from(["c1,,", "c2,,", ",S1,", ",,PRO", "c1,S1,", "c3,,PRO", ",S3,", "c1,,ANDERS"])
LINE = st.builds(
    lambda keys, title, *who: ",".join([keys, title, *(f'"{";".join(each)}"' for each in who)]),
    KEYS, st.sampled_from(["", "Zon", "Maan"]), WHO, WHO, WHO,
)  # fmt: skip
LISTS = st.lists(st.lists(LINE, min_size=1, max_size=4), min_size=1, max_size=3)


def played(lists: list[list[str]], repeat: int) -> tuple[list[object], list[object]]:
    """The state of a school to which these lists were applied, each so often; people come in between."""
    with school() as s:
        for number, context, label, sis in ((1, "c1", "PRO", "S1"), (2, "c2", "PRO", ""), (3, "c1", "", "")):
            s.comes(number, context, context_label=label, context_sis_id=sis)
        for number, rows in enumerate(lists):
            sheet = listed(*rows)
            for _ in range(repeat):
                # A list with anything wrong in it does nothing, each time.
                if not s.plan(sheet).faults:
                    s.apply(sheet)
            s.comes(4 - number, "c1", context_sis_id="S1")
            s.comes(4, "c3", context_sis_id="S3")
        invariants(s)
        state = s.state()
        return state[:4], state[4:]


def invariants(s: School) -> None:
    bound = [each.course_id for each in s.lines() if each.course_id]
    assert len(bound) == len(set(bound)), "a course has one line"
    for part in s.parts():
        assert not (part.person_id and part.named_hash), "a hash is dropped once it is known who it is"
        assert not part.in_force_at or part.person_id


@given(LISTS)
def test_any_lists_in_any_order_applied_twice_are_as_applied_once(lists: list[list[str]]) -> None:
    assert played(lists, 1) == played(lists, 2)


def test_of_people_a_list_leaves_hashes_and_nothing_else(any_school: School) -> None:
    any_school.apply(listed('c1,,,,"m1@school.example,wout,id:u1",,'))
    any_school.session.expire_all()
    for row in any_school.session.execute(select(ProvisionPart.__table__)):
        assert not {"wout", "u1", "m1@school.example"} & set(map(str, row))


def test_lines_go_with_their_courses_where_schools_are_split_and_joined(s: School) -> None:
    for context in ("pro-1", "havo-1"):
        s.comes(1, context)
    s.apply(listed("pro-1,,,Pro,,,", "havo-1,,,Havo,,,", "pro-2,,,Later,,,"))
    made = dividing.split(s.session, s.id, s.deployment, ["pro-*"], "Pro", OPERATOR)
    of = {each.title: each.school_id for each in s.lines()}
    assert of == {"Pro": made, "Havo": s.id, "Later": made}
    s.apply(listed("pro-2,,,Ook,,,"))
    dividing.join(s.session, made, s.id, OPERATOR)
    s.session.expire_all()
    assert {each.school_id for each in s.lines()} == {s.id}
    assert len(s.lines()) == 4


def test_an_id_of_the_lms_is_said_with_whose_it_is_where_the_roster_knows_it(s: School) -> None:
    """That the facilitator becomes 4 tells nobody who that is."""
    s.comes(1, "c1", name="Els van Dam")
    (planned,) = s.plan(listed('c1,,,Team Zon,"id:u1,id:u77",,')).planned
    told = [said.change(each) for each in planned.changes if each.kind == Change.NAMED]
    assert "Els van Dam (id u1 in de leeromgeving)" in told[0].nl
    assert "whoever has id u77 in the learning platform" in told[1].en
    by_mail = s.plan(listed("c1,,,Team Zon,m2@school.example,,")).planned[0].changes
    assert any("m2@school.example" in said.change(each).nl for each in by_mail)
