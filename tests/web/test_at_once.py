"""Two at the same moment: on each database, what is promised holds for whoever comes second too."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from lti_tool.domain import cycle
from lti_tool.domain.community import members
from tests.actors import Browser, World
from tests.web.test_facilitator import standings
from tests.web.walk import STEP, Visit, Walk, enrol, visit


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do these at the same moment, each in a thread; what each gave."""
    barrier = threading.Barrier(len(deeds))
    given: list[Any] = [None] * len(deeds)

    def run(number: int, deed: Callable[[], Any]) -> None:
        barrier.wait()
        given[number] = deed()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def tabs(at: Visit, count: int) -> list[Visit]:
    """The same person at the same browser, so many times."""
    found = []
    for _ in range(count):
        browser = Browser(at.browser.tool)
        for name, value in at.browser.sessions().items():
            browser.client.set_cookie(name, value, domain="localhost", secure=True)
        found.append(Visit(browser, at.first, at.base))
    return found


@pytest.fixture
def walk(any_world: World) -> Walk:
    return Walk(any_world, "fatima", "marieke")


def test_two_presses_move_once(walk: Walk) -> None:
    walk.to("respond")
    for stage in ("respond", "dots"):
        walk.to(stage)
        if stage == "dots":
            for index, name in enumerate(walk.visits):
                walk.do_the_task(name, index, stage)
        else:
            walk.all_heard()
        presses = [
            lambda at=at, stage=stage: at.post(f"{STEP}/facilitate/advance", stage=stage).status
            for at in tabs(walk.wout, 3)
        ]
        assert sorted(at_once(*presses)) == [303, 422, 422]
    assert walk.stage == "draft"
    assert walk.rows("SELECT count(*) FROM round WHERE kind = 'dots'")[0][0] == 1


def test_one_person_s_posts_at_once_are_at_most_three_ideas_and_one_moment(walk: Walk) -> None:
    posts = [
        lambda at=at, number=number: at.post(f"{STEP}/idea", text=f"idee {number} in onze lessen", why="x").status
        for number, at in enumerate(tabs(walk["fatima"], 5))
    ]
    assert sorted(at_once(*posts)) == [303, 303, 303, 422, 422]
    assert walk.rows("SELECT count(*) FROM moment")[0][0] == 1


def test_one_person_s_dots_at_once_are_three(walk: Walk) -> None:
    walk.to("dots")
    posts = [
        lambda at=at, idea=idea: at.post(f"{STEP}/dots", {f"dots-{idea}": "3"}).status
        for at, idea in zip(tabs(walk["fatima"], 4), walk.ids() * 2, strict=True)
    ]
    assert set(at_once(*posts)) == {303}
    assert walk.rows("SELECT sum(count) FROM dot")[0][0] == 3


def test_of_two_who_take_the_pen_at_once_one_has_it(walk: Walk) -> None:
    walk.to("draft")
    takes = [lambda at=walk[name]: at.post(f"{STEP}/take_pen").status for name in ("fatima", "marieke")]
    assert sorted(at_once(*takes)) == [303, 422]
    assert len(walk.ids("pen")) == 1


def meet(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, before: Callable[..., None] | None = None) -> None:
    """Let two requests come to a function together: unless the first keeps the second from it, which is found soon."""
    barrier, found = threading.Barrier(2), getattr(where, name)

    def together(*given: Any) -> Any:
        if before is not None:
            before(*given)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)
        return found(*given)

    monkeypatch.setattr(where, name, together)


def test_of_two_who_take_facilitating_over_at_once_one_does(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.wout.post("role/stop", answer="yes")
    meet(monkeypatch, members, "is_free")
    takes = [lambda at=walk[name]: at.post("take-over", answer="yes").status for name in ("fatima", "marieke")]
    assert sorted(at_once(*takes)) == [303, 422]
    assert walk.rows("SELECT count(*) FROM member WHERE facilitates")[0][0] == 1


def test_of_leaving_and_the_reveal_at_once_an_idea_is_read_or_gone(any_world: World) -> None:
    # Three, so that the stage may end whoever is first: without two voices it would not.
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    for name in walk.visits:
        walk[name].act("idea", text=f"idee van {name}", why="x")
    left, moved = at_once(lambda: walk["fatima"].post("leave", answer="yes").status, lambda: walk.move("ideas").status)
    assert (left, moved) == (303, 303)
    read = "idee van fatima" in visit(walk.world, "marieke").first.text
    assert len(walk.rows("SELECT 1 FROM contribution WHERE withdrawn_at IS NOT NULL")) == (not read)


def test_of_two_texts_at_once_one_is_kept_and_the_other_told(walk: Walk) -> None:
    walk.to("draft")
    walk["fatima"].act("take_pen")
    idea = str(walk.ids()[0])
    for version in ("0", "1", "2"):
        posts = [
            lambda at=at, text=f"tekst van scherm {number}", version=version: at.post(
                f"{STEP}/propose", text=text, ideas=idea, version=version, draft="1:propose"
            )
            for number, at in enumerate(tabs(walk["fatima"], 2))
        ]
        pages = at_once(*posts)
        assert sorted(page.status for page in pages) == [303, 422]
        refused = next(page for page in pages if page.status == 422)
        assert refused.soup.find(role="alert")
    assert len(walk.ids("proposal")) == 1


def test_an_objection_at_the_moment_of_closing_is_never_adopted_over(walk: Walk) -> None:
    walk.to("consent")
    for name in ("fatima", "marieke"):
        walk[name].act("consent", answer="agree")
    objection = {"answer": "objection", "harm": "dit sluit uit", "proposal": "dan liever zo"}
    answered, _ = at_once(
        lambda: walk["marieke"].post(f"{STEP}/consent", objection).status, lambda: walk.move("consent")
    )
    # Either she was in time and the text goes back, or she is told that it was decided.
    assert (answered, walk.stage) in ((303, "draft"), (422, "closed"))
    answers = walk.rows("SELECT answer FROM consent WHERE answer = 'objection'")
    assert len(answers) == (answered == 303)


def test_an_idea_at_the_moment_of_the_reveal_is_changed_before_it_or_not_at_all(walk: Walk) -> None:
    walk["fatima"].act("idea", text="eerst in onze lessen", why="x")
    number = str(walk.ids()[0])
    walk["marieke"].act("idea", text="iets anders in onze lessen", why="x")
    changed, _ = at_once(
        lambda: (
            walk["fatima"].post(f"{STEP}/idea", text="daarna in onze lessen", why="x", id=number, version="1").status
        ),
        lambda: walk.move("ideas"),
    )
    kept = walk.rows("SELECT body FROM contribution ORDER BY created_at")[0][0]
    assert ("daarna in onze lessen" in str(kept)) == (changed == 303)
    assert walk.stage == "respond"


@pytest.mark.parametrize("stage", ["ideas", "consent"])
def test_the_same_form_sent_twice_at_once_is_taken_once_or_twice_but_never_fails(walk: Walk, stage: str) -> None:
    walk.to(stage)
    fields = {"text": "een idee in onze lessen", "why": "x"} if stage == "ideas" else {"answer": "agree"}
    action = "idea" if stage == "ideas" else "consent"
    posts = [lambda at=at: at.post(f"{STEP}/{action}", fields).status for at in tabs(walk["fatima"], 4)]
    assert set(at_once(*posts)) <= {303, 422}
    table = "contribution" if stage == "ideas" else "consent"
    assert walk.rows(f"SELECT count(*) FROM {table} WHERE member_id = (SELECT min(member_id) FROM moment)")[0][0] >= 1
    drafts = [
        lambda at=at: at.post("draft", draft="1:x", text="half in onze lessen").status for at in tabs(walk["fatima"], 4)
    ]
    assert set(at_once(*drafts)) == {200}


@pytest.mark.parametrize("where", [(cycle, "opened"), (members, "hold")], ids=lambda where: where[1])
def test_of_two_teachers_who_facilitate_at_once_both_do_and_the_first_step_opens_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    world = any_world
    enrol(world, "nina", "teacher")
    enrol(world, "sara", "teacher")
    visits = [visit(world, name) for name in ("nina", "sara")]
    # Both have noted by then what they do, or both look whether the step is open.
    meet(monkeypatch, *where, before=(lambda session, *_: session.flush()) if where[1] == "hold" else None)
    answers = at_once(*(lambda at=at: at.post("welcome", choice="facilitate").status for at in visits))
    assert answers == [303, 303]
    assert [name for name, (_, facilitates, _) in standings(world).items() if facilitates] == ["nina", "sara"]
    with world.tool.session() as session:
        assert session.scalars(text("SELECT step FROM step_run")).all() == ["ambition"]


def test_whoever_looks_something_up_keeps_nobody_else_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request keeps of what it found has no lock that all requests share."""
    walk = Walk(world, "fatima", "marieke")
    found, looking, done = cycle.all_of, threading.Event(), threading.Event()
    waited = []

    def first_waits(*given: Any) -> Any:
        if not looking.is_set():
            looking.set()
            waited.append(done.wait(5))
        return found(*given)

    def second() -> int:
        looking.wait(5)
        status = walk["marieke"].get("home").status
        done.set()
        return status

    monkeypatch.setattr(cycle, "all_of", first_waits)
    assert at_once(lambda: walk["fatima"].get("home").status, second) == [200, 200]
    assert waited == [True]
