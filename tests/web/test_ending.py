"""A cycle is ended by its pages before its time: put to all by any member, decided by a quorum, and begun again."""

import datetime as dt

import pytest
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.cycle import ending
from tests.actors import Page, World
from tests.web.test_new_cycle import forms
from tests.web.walk import STEP, Visit, Walk, visit

ENDING = "step/ending"
LEARNED = "samen lezen helpt"


def put(at: Visit) -> Page:
    """A member puts it to all, by the pages."""
    page = at.get("community").link(f"/{ENDING}")
    assert page.form("/begin").submit().status == 200
    page = at.get(ENDING).form("/put").submit(text=LEARNED, lessons="begin klein\nvraag door")
    assert page.status == 200, page.text[:400]
    return page


def answer(at: Visit, given: str = "agree", **words: str) -> Page:
    return at.get(ENDING).form("/answer").submit(answer=given, **words)


def state(walk: Walk) -> list[tuple[int, bool, str | None]]:
    """number, whether it is over, how it was ended: of each cycle."""
    query = "SELECT number, closed_at IS NOT NULL, ending FROM cycle ORDER BY number"
    return [(row[0], bool(row[1]), row[2]) for row in walk.rows(query)]


def long_ago(world: World, wait: dt.timedelta) -> None:
    """The day by which all could answer, with its extension, was so long ago."""
    over = now() - wait
    with world.tool.session() as session:
        session.execute(
            text("UPDATE step_run SET closes_at = :over, extended = true WHERE step = 'ending'"), {"over": over}
        )


def test_any_member_puts_it_to_all_and_a_quorum_s_consent_ends_it(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke", "youssef")
    mieke = visit(any_world, "mieke")
    mieke.post("welcome", choice="follow")
    walk["fatima"].act("idea", text="een idee voor ons", why="x")
    put(walk["marieke"])
    home = walk["fatima"].get("home")
    assert "Er is voorgesteld om deze cyclus te beëindigen" in home.text
    # One thing to do: what the step asks comes after.
    home = walk["youssef"].get("home")
    assert len(home.soup.select("section.card.next")) == 1
    assert "Daarna" in home.text
    assert "Er is voorgesteld" in walk["youssef"].get(STEP).text
    assert "Er is voorgesteld" not in mieke.get("home").text
    assert walk.wout.post(f"{ENDING}/facilitate/advance", stage="consent").status == 422, "a press is no quorum"
    assert walk.wout.post(f"{ENDING}/facilitate/announce", date="2031-01-01").status == 422
    assert walk.wout.post("end-cycle").status == 422
    for name in ("fatima", "marieke"):
        assert answer(walk[name]).status == 200
    assert state(walk) == [(1, False, None)]
    page = answer(walk["youssef"], "concern", concern="jammer")
    assert state(walk) == [(1, True, "consent")]
    assert "jammer" in page.text
    for seen in (walk["fatima"].get("home"), walk["fatima"].get(STEP), walk.wout.get("home")):
        assert "Deze cyclus is beëindigd" in seen.text
        assert LEARNED in seen.text
        assert "Nu voor jou" not in seen.text
        assert forms(seen) - {"next-cycle"} == set()
        assert "stap 1 van 6" not in seen.text, "the wheel stands at no step"
    assert "Deze cyclus is beëindigd" in mieke.get("home").text
    assert LEARNED not in mieke.get("home").text
    assert walk["fatima"].post(f"{STEP}/idea", text="nog een idee erbij", why="x").status == 422
    assert not walk["fatima"].get("home").has_form("/next-cycle")
    page = walk.wout.get("home").form("/next-cycle").submit()
    assert "Cyclus 2" in page.text
    assert state(walk) == [(1, True, "consent"), (2, False, None)]
    first = visit(any_world, "fatima", "home").get(STEP)
    assert "Wat we meenemen uit cyclus 1" in first.text
    assert "begin klein" in first.text
    old = walk["fatima"].get(STEP)
    assert "Deze cyclus is beëindigd. We zijn nu in cyclus 2." in old.text
    assert "Beëindigd op" in visit(any_world, "fatima", "home").first.text


def test_without_a_quorum_it_is_ended_by_who_facilitates_and_reads_so(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk["fatima"].act("idea", text="een verborgen idee", why="x")
    put(walk["fatima"])
    answer(walk["fatima"])
    long_ago(world, ending.WAIT - dt.timedelta(days=2))
    page = walk.wout.get(ENDING)
    assert not page.has_form("/end-cycle")
    assert walk.wout.post("end-cycle").status == 422
    assert "De dag om te antwoorden is voorbij" in walk["marieke"].get(ENDING).text
    long_ago(world, ending.WAIT + dt.timedelta(days=1))
    for name in ("fatima", "marieke"):
        assert walk[name].post("end-cycle").status == 403
        assert not walk[name].get(ENDING).has_form("/end-cycle")
    page = walk.wout.get(ENDING).form("/end-cycle").submit()
    assert page.status == 200
    assert state(walk) == [(1, True, "undecided")]
    for seen in (page, walk["marieke"].get("home"), walk["marieke"].get(STEP)):
        assert "Beëindigd zonder besluit" in seen.text
        assert LEARNED not in seen.text, "it was not adopted"
        assert "een verborgen idee" not in seen.text
    assert "Dit voorstel is niet aangenomen" in walk["marieke"].get(ENDING).text
    assert walk.rows("SELECT step FROM step_run WHERE closed_at IS NOT NULL") == []
    english = visit(world, "marieke")
    english.post("language", language="en")
    assert "Ended without a decision" in english.get("home").text
    assert walk.wout.post("next-cycle").status == 303
    again = walk.wout.post("next-cycle")
    assert again.response.headers["Location"].endswith("~2/home"), "who presses second finds it begun"
    assert [row[0] for row in state(walk)] == [1, 2]
    assert "Deze cyclus is beëindigd zonder besluit." in walk["fatima"].get(STEP).text


def test_an_objection_between_two_that_two_rounds_did_not_solve_lets_either_end_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    for number in range(2):
        page = put(walk["fatima"]) if number == 0 else walk["fatima"].get(ENDING).form("/put").submit(text="nog eens")
        assert page.status == 200
        assert walk["marieke"].post(f"{ENDING}/part").status == 422
        answer(walk["fatima"])
        answer(walk["marieke"], "objection", harm="we zijn er bijna", proposal="nog een week")
        assert walk.wout.post(f"{ENDING}/facilitate/advance", stage="consent").status == 303
    assert not walk["fatima"].get(ENDING).has_form("/part")
    with world.tool.session() as session:
        session.execute(text("UPDATE round SET closed_at = :at"), {"at": now() - dt.timedelta(days=2)})
    page = walk["fatima"].get(ENDING)
    assert "we zijn er bijna" in page.text
    assert not walk.wout.get(ENDING).has_form("/part")
    assert page.form("/part").submit().status == 200
    assert state(walk) == [(1, True, "undecided")]


@pytest.mark.parametrize(
    "path", [f"{ENDING}/begin", f"{ENDING}/put", f"{ENDING}/answer", f"{ENDING}/part", "end-cycle"]
)
def test_nobody_outside_the_community_ends_anything(world: World, path: str) -> None:
    walk = Walk(world, "fatima")
    put(walk["fatima"])
    mieke, els = visit(world, "mieke"), visit(world, "els")
    mieke.post("welcome", choice="follow")
    for at in (mieke, els):
        assert at.post(path, text=LEARNED, answer="agree", version="0").status == 403
        assert at.get(ENDING).status in (303, 403)
    assert state(walk) == [(1, False, None)]


def test_what_is_placed_in_the_course_opens_an_ended_cycle_to_be_read(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    put(walk["fatima"])
    for name in ("fatima", "marieke"):
        answer(walk[name])
    for activity in ("ambition", "home"):
        page = visit(world, "marieke", activity).first
        assert page.status == 200
        assert "Deze cyclus is beëindigd" in page.text
        assert forms(page) == set()
    newcomer = visit(world, "soren", "home").first
    assert newcomer.status == 200
    assert "Deze cyclus is beëindigd" in newcomer.text
    assert state(walk) == [(1, True, "consent")]
