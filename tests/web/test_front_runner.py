"""Front-runners by the pages: whatever one person presses, in whichever order, nothing is decided for the others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from lti_tool.models import Community, Course, Cycle, Member, StepRun
from tests.actors import Form, Page, World
from tests.front.play import answer
from tests.histories import histories
from tests.web.circle import STEPS, Circle, fill
from tests.web.test_belonging import day
from tests.web.test_dates import in_days, the_day_comes
from tests.web.walk import STEP, Visit, enrol, visit

SEVENTEEN, EIGHT = 17, 8
# What one person opens: every page on which something can be pressed.
PAGES = (
    STEP, STEP, STEP, f"{STEP}/facilitate/confirm", "home", "belonging", "belonging", f"{STEP}/note", "community",
    "role", "take-over", "pause", "leave", "step/agreements", "step/conditions", "step/ending",
)  # fmt: skip
# Not pressed: what ends the visit, or changes only how it looks.
ELSEWHERE = ("/sessions/end", "/language", "/draft")
DECIDED = {
    "ambition": "consent", "information": "enough", "interpretation": "consent", "consequences": "consent",
    "actions": "check", "evaluation": "endorse",
}  # fmt: skip
# Of each step the first stage and the last decision, in the order in which a cycle comes to them.
ENDS = [(step.name, stage) for step in STEPS for stage in (step.stages[0].name, DECIDED[step.name])]


def course_of(world: World, people: int) -> None:
    """A course of so many, whose roster was read. Fatima is one of them, opened it, and facilitates."""
    school, course = world.lms.school, world.course().id
    # A Moodle names its assistants Learner too.
    learners = [each.id for each, role in school.roster(course) if role in ("student", "teacher")]
    for each in learners[people:]:
        school.drop(course, each)
    for number in range(people - len(learners)):
        enrol(world, f"collega{number}", "student")
    with world.tool.session() as session:
        session.execute(text("UPDATE community SET by_roster = true"))
    world.begin("fatima")
    world.tool.deliver()
    with world.tool.session() as session:
        session.execute(text("UPDATE member SET facilitates = true WHERE standing = 'member' AND opened_at NOT NULL"))
        assert len(session.scalars(select(Member.id).where(Member.standing == "member")).all()) == people


def eight_at(world: World, step: str, stage: str) -> None:
    """A circle of eight, all of whom did what was asked until this stage of this step."""
    before = ENDS.index((step, stage))
    if before:
        world.once(eight_at, *ENDS[before - 1])
    else:
        world.once(course_of, EIGHT)
    with world.tool.session() as session:
        session.execute(text("UPDATE member SET opened_at = joined_at"))
        fill(session, 0, stage, step)


def stands(world: World) -> dict[str, Any]:
    """Where each step stands, what was decided, and which cycle is over."""
    with world.tool.session() as session:
        runs = session.execute(text("SELECT step, stage, closed_at FROM step_run ORDER BY id")).all()
        rounds = session.execute(text("SELECT kind, outcome FROM round WHERE closed_at IS NOT NULL")).all()
        over = session.execute(text("SELECT id FROM cycle WHERE closed_at IS NOT NULL")).all()
    return {
        "stages": {row.step: row.stage for row in runs},
        "completed": [row.step for row in runs if row.closed_at],
        "rounds": [tuple(row) for row in rounds],
        "over": [row.id for row in over],
    }


def forms(page: Page) -> list[Form]:
    """What can be pressed on a page."""
    found = [Form(page, each) for each in page.soup.find_all("form") if str(each.get("method")) == "post"]
    return [each for each in found if not each.action.split("?")[0].endswith(ELSEWHERE)]


def filled(form: Form, number: int) -> list[tuple[str, str]]:
    """A form filled in by chance: whole, with whatever it offers; and one of its buttons."""
    said: dict[str, list[str]] = {}
    for control in form.tag.find_all(["input", "textarea", "select", "button"]):
        name, kind = str(control.get("name", "")), str(control.get("type", control.name))
        value = str(control.get("value", ""))
        offered = [str(each["value"]) for each in control.find_all("option") if each.get("value")]
        if not name:
            continue
        if kind == "hidden":
            said.setdefault(name, []).append(value)
        elif kind == "checkbox":
            said.setdefault(name, []).extend([value] * ((number + sum(map(ord, value))) % 3 > 0))
        elif kind in ("radio", "button", "submit"):
            options = [*said.get(f"?{name}", []), value]
            said[f"?{name}"], said[name] = options, [options[number % len(options)]]
        elif offered:
            said[name] = [offered[number % len(offered)]]
        elif kind == "date":
            said[name] = [day(number % 9)]
        elif kind == "number":
            said[name] = [str(1 + number % 20)]
        elif kind != "file":
            said[name] = [f"een paar woorden {number} van mij"]
    return [(name, each) for name, values in said.items() if not name.startswith("?") for each in values]


def press(at: Visit, form: Form, number: int) -> Page:
    """Send it; the page may answer that it cannot be."""
    page = at.browser.post(form.action, filled(form, number), follow=False)
    assert page.status < 500, (form.action, page.status)
    return page


PRESSES = st.lists(st.tuples(st.integers(0, len(PAGES) + 1), st.integers(0, 30), st.integers(0, 90)), max_size=16)


def test_of_seventeen_one_person_decides_nothing_whatever_they_press_in_whichever_order(world: World) -> None:
    """In a course of 17 one person opened the tool, and adopted the ambition in five presses."""

    @histories(8, 150)
    @given(presses=PRESSES)
    def alone(presses: list[tuple[int, int, int]]) -> None:
        world.once(course_of, SEVENTEEN)
        at = visit(world, "fatima")
        at.act("idea", text="een idee van mij alleen", why="daarom")
        for where, which, number in presses:
            if where >= len(PAGES):
                the_day_comes(world)
            elif found := forms(at.get(PAGES[where])):
                press(at, found[which % len(found)], number)
            for move in ("facilitate/advance", "together/put"):
                at.post(f"{STEP}/{move}", stage="ideas", confirmed="1")
            now_it_is = stands(world)
            assert now_it_is["stages"]["ambition"] == "ideas"
            assert now_it_is["rounds"] == now_it_is["completed"] == now_it_is["over"] == []

    alone()


def test_of_seventeen_five_presses_adopt_nothing(world: World) -> None:
    world.once(course_of, SEVENTEEN)
    at = visit(world, "fatima")
    at.act("idea", text="een idee van mij alleen", why="daarom")
    for stage in ("ideas", "respond", "pairs", "fours", "dots", "draft", "consent"):
        for move in ("facilitate/advance", "together/put", "facilitate/back"):
            for fields in ({"stage": stage}, {"stage": stage, "confirmed": "1"}):
                assert at.post(f"{STEP}/{move}", fields).status == 422
    assert stands(world)["stages"] == {"ambition": "ideas"}


@pytest.mark.parametrize(("step", "stage"), ENDS)
def test_of_eight_one_person_completes_no_step_with_all_its_forms(world: World, step: str, stage: str) -> None:
    """One of eight completed all six steps alone."""
    world.once(eight_at, step, stage)
    before = stands(world)
    at, path = visit(world, "fatima", step), f"step/{step}"
    for number, form in enumerate(forms(at.get(path))):
        press(at, form, number)
    others = [str(each) for each in members_of(world)[1:]]
    meeting = at.get(f"{path}/note")
    for each in others:
        for form in [each for each in forms(meeting) if each.action.endswith("/note")][:1]:
            at.browser.post(form.action, [(n, v) for n, v in filled(form, 1) if n != "member"] + [("member", each)])
        at.post("belonging/away", member=each, date=day(3))
    at.post(f"{path}/facilitate/announce", date=in_days(0))
    for _ in range(2):
        for move in ("facilitate/advance", "together/put", "together/pass"):
            for fields in ({"stage": stage}, {"stage": stage, "confirmed": "1"}):
                at.post(f"{path}/{move}", fields)
        the_day_comes(world)
    assert stands(world) == before


def members_of(world: World) -> list[int]:
    """Ids of who belongs, whoever facilitates first."""
    with world.tool.session() as session:
        query = select(Member.id).where(Member.standing == "member")
        return list(session.scalars(query.order_by(Member.facilitates.desc(), Member.id)))


def at_consent(session: Any) -> Circle:
    """The circle at step 1, for what the others of it do meanwhile."""
    community, first = session.scalars(select(Community)).one(), session.scalars(select(Cycle)).one()
    run = session.scalars(select(StepRun).filter_by(step="ambition")).one()
    query = select(Member).where(Member.standing == "member").order_by(Member.facilitates.desc(), Member.id)
    course = session.get_one(Course, community.course_id)
    return Circle(session, course, community, first, run, STEPS.by_name["ambition"], list(session.scalars(query)))


def test_a_live_meeting_of_six_of_eight_decides_tonight_with_two_taps_for_each_who_is_absent(world: World) -> None:
    world.once(eight_at, "ambition", "consent")
    with world.tool.session() as session:
        c = at_consent(session)
        for who in range(6):
            answer(c, who, "yes")
    at = visit(world, "fatima")
    refused = at.post(f"{STEP}/facilitate/advance", stage="consent")
    assert (refused.status, "zet op afwezig wie er niet is" in refused.text) == (422, True)
    page, taps = at.get("belonging"), 0
    for each in members_of(world)[6:]:
        form = page.form("/belonging/away")
        assert dict(form.values())["date"] > day(0), "the day is there already"
        # A name is chosen, and one button pressed.
        assert form.submit(member=str(each)).status == 200
        taps += 2
    assert taps == 4
    assert at.post(f"{STEP}/facilitate/advance", stage="consent").status == 303
    assert stands(world)["completed"] == ["ambition"]
    assert "2" in at.get(STEP).text, "how many were set away stands with the decision"


def test_where_nobody_is_expected_nothing_moves_and_the_page_says_the_ways_on(world: World) -> None:
    world.once(eight_at, "ambition", "consent")
    with world.tool.session() as session:
        session.execute(text("UPDATE member SET away_until = '2999-01-01', away_since = '2026-01-01'"))
    at = visit(world, "wout")
    page = at.post(f"{STEP}/facilitate/advance", stage="consent", confirmed="1")
    assert page.status == 422
    for way in ("Wacht tot er iemand terug is", "een andere dag", "pauzeer", "stel voor om te stoppen"):
        assert way in page.text
    assert page.has_form("/facilitate/announce")
    links = {str(each["href"]).rpartition("/")[2] for each in page.soup.find_all("a", href=True)}
    assert {"belonging", "pause", "community"} <= links
    assert 'step/ending"' in at.get("community").html
    the_day_comes(world)
    assert stands(world)["completed"] == []
