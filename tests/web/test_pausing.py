"""A cycle is paused by its pages: told to all, nothing asked, nothing taken, and what was typed is kept."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.community.school_days import on_or_after
from lti_tool.domain.cycle import midnights
from tests.actors import Page, World
from tests.conftest import ALL
from tests.web.circle import STEPS, fill
from tests.web.test_new_cycle import FIELDS, KEPT, OF_NO_CYCLE, asked, forms
from tests.web.walk import STEP, Visit, Walk, visit

ZONE = ZoneInfo("Europe/Amsterdam")
# What stays anybody's own in a pause, or is the facilitator's to end it.
ALLOWED = OF_NO_CYCLE | {"draft", "pause", "pause/over"}
# How the pages of a pause and of a proposal to end are reached by a link, not by a form.
NAMES = ("fatima", "marieke", "wout", "mieke")


def day(ahead: int) -> dt.date:
    """So many days ahead, or the first school day after that: a pause ends on no other."""
    return on_or_after(midnights.day_of(now(), ZONE) + dt.timedelta(days=ahead))


def pause(at: Visit, ahead: int = 14) -> Page:
    return at.post("pause", day=day(ahead).isoformat())


def the_day_comes(world: World) -> None:
    """The day on which a pause ends is today."""
    with world.tool.session() as session:
        past = {"past": now() - dt.timedelta(minutes=1)}
        session.execute(text("UPDATE cycle SET paused_until = :past WHERE paused_until IS NOT NULL"), past)
        session.execute(text("UPDATE outbox SET due_at = :past WHERE kind = 'resume'"), past)
    world.tool.deliver()


def rows(world: World) -> dict[str, list[tuple[object, ...]]]:
    with world.tool.session() as session:
        names = [name for name in KEPT if name != "draft"]
        return {name: sorted(map(tuple, session.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in names}


def test_a_facilitator_pauses_at_once_and_all_are_told_and_asked_for_nothing(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    mieke = visit(any_world, "mieke")
    mieke.post("welcome", choice="follow")
    walk.wout.post(f"{STEP}/facilitate/announce", date=day(7).isoformat())
    page = walk.wout.get(STEP).link("/pause")
    assert page.status == 200
    page = page.form("/pause").submit(day=day(14).isoformat())
    assert page.status == 200
    told = [page, *(walk[name].get(path) for name in ("fatima", "marieke") for path in ("", "home", STEP))]
    told += [mieke.get("home"), walk.wout.get(STEP), walk["fatima"].get("thread"), walk["fatima"].get("community")]
    for seen in told:
        assert "Deze cyclus is gepauzeerd" in seen.text, seen.url
        assert "Nu voor jou" not in seen.text
    assert "tot en met" not in walk["fatima"].get(STEP).text, "the day that was announced holds no longer"
    assert walk["fatima"].get("home").has_form("/pause/over") is False
    assert forms(walk["fatima"].get(STEP)) == forms(walk.wout.get(STEP)) == set()
    english = visit(any_world, "marieke")
    english.post("language", language="en")
    assert "This cycle is paused" in english.get("home").text
    before = rows(any_world)
    the_day_comes(any_world)
    assert "gepauzeerd" not in walk["fatima"].get("home").text
    assert "Nu voor jou" in walk["fatima"].get("home").text
    after = rows(any_world)
    assert after.pop("cycle") != before.pop("cycle")
    assert after == before, "it was paused and went on on the same day: nothing was put off"
    kinds = [row[0] for row in walk.rows("SELECT kind FROM act WHERE kind LIKE 'cycle_%' ORDER BY id")]
    assert kinds == ["cycle_paused", "cycle_resumed"]


def test_going_on_early_is_the_facilitator_s_and_another_day_too(world: World) -> None:
    walk = Walk(world, "fatima")
    walk["fatima"].act("idea", text="nog verborgen in onze lessen", why="x")
    assert walk.wout.post("pause/over").status == 422
    pause(walk.wout)
    assert "nog verborgen in onze lessen" in walk["fatima"].get(STEP).text, "one's own can be read in a pause too"
    assert "nog verborgen in onze lessen" not in walk.wout.get(STEP).text
    page = walk.wout.get("home").link("/pause")
    assert dict(page.form("/pause").values())["day"] == day(14).isoformat()
    assert page.form("/pause").submit(day=day(3).isoformat()).status == 200
    assert f"{day(3).day} " in walk["fatima"].get("home").text
    assert walk.wout.get("pause").form("/pause/over").submit().status == 200
    assert "gepauzeerd" not in walk["fatima"].get("home").text
    walk["fatima"].act("idea", text="een idee in onze lessen", why="x")


@pytest.mark.parametrize("given", ["", "morgen", "2020-01-01", "9999-12-31", "0001-01-01", "\0", "1" * 999])
def test_a_day_that_cannot_be_is_refused_and_shown_back(shared_world: World, given: str) -> None:
    if "paused" not in shared_world.__dict__:
        shared_world.paused = Walk(shared_world, "fatima")  # type: ignore[attr-defined]
    walk: Walk = shared_world.paused  # type: ignore[attr-defined]
    page = walk.wout.post("pause", day=given)
    assert page.status == 422
    assert page.soup.find(role="alert")
    assert walk.rows("SELECT paused_until FROM cycle")[0][0] is None
    assert walk.rows("SELECT count(*) FROM pause")[0][0] == 0


def test_what_was_typed_before_the_pause_is_given_back_and_stands_in_its_form_after_it(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    open_page = walk["fatima"].get(STEP)
    pause(walk.wout)
    page = open_page.form("/idea").submit(text="wat ik net typte", why="en waarom")
    assert page.status == 422
    assert "gepauzeerd" in page.soup.find(role="alert").get_text()  # type: ignore[union-attr]
    assert {tag.get_text().strip() for tag in page.soup.find_all("textarea")} >= {"wat ik net typte", "en waarom"}
    assert walk.ids() == []
    kept = walk["marieke"].post("draft", draft="1:idea-new", text="half in onze lessen")
    assert kept.status == 200, "a draft is nobody's but one's own"
    walk.wout.post("pause/over")
    values = dict(walk["fatima"].get(STEP).form("/idea").values())
    assert (values["text"], values["why"]) == ("wat ik net typte", "en waarom")
    assert "half in onze lessen" in walk["marieke"].get(STEP).html
    assert walk["fatima"].get(STEP).form("/idea").submit().status == 200
    assert len(walk.ids()) == 1


def test_a_leader_s_and_a_note_taker_s_words_are_given_back_too(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    frame, note = mieke.get("home").form("/frame"), walk["fatima"].get(f"{STEP}/note").form("/note")
    pause(walk.wout)
    for page in (frame.submit(text="binnen de uren"), note.submit(text="dat zei ze", why="omdat")):
        assert page.status == 422
        assert "gepauzeerd" in page.soup.find(role="alert").get_text()  # type: ignore[union-attr]
        assert {"binnen de uren", "dat zei ze"} & {tag.get_text().strip() for tag in page.soup.find_all("textarea")}
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0


def test_a_cycle_that_is_paused_takes_nothing_from_anybody_at_any_address(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    visit(world, "mieke").post("welcome", choice="follow")
    with world.tool.session() as session:
        fill(session, 3, "board", "consequences")
    visits = [visit(world, name) for name in NAMES]
    pause(walk.wout)
    before = rows(world)
    for number, at in enumerate(visits):
        # That it is paused hangs on the cycle: neither on who asks nor on the deed.
        for path in asked(world, number, len(visits)):
            if path in ALLOWED:
                continue
            # An empty form says no more of one than of another.
            for fields in ({}, FIELDS) if ALL or at is visits[0] else (FIELDS,):
                page = at.post(path, fields)
                assert page.status in (303, 403, 404, 422), (path, page.status)
                if page.status == 303:
                    assert path.endswith("/begin") or path == "together/address", path
    assert rows(world) == before


STAGES = [(step.name, stage.name) for step in STEPS for stage in step.stages] + [("evaluation", "closed")]


def end(world: World, how: str | None) -> None:
    """The cycle was ended like this; None: it goes on."""
    with world.tool.session() as session:
        values = {"at": now() if how else None, "how": how}
        session.execute(text("UPDATE cycle SET closed_at = :at, ending = :how"), values)


def still(page: Page, where: object) -> None:
    """Nothing is asked, and what opens has something in it."""
    assert page.status == 200
    assert forms(page) - {"next-cycle"} == set(), where
    assert "Nu voor jou" not in page.text, where
    for each in page.soup.find_all("details"):
        inside = "".join(child.get_text() for child in each.find_all(recursive=False) if child.name != "summary")
        assert inside.strip(), (where, each)


def test_in_no_stage_of_any_step_is_there_a_form_or_a_task_or_a_day(world: World) -> None:
    """One community, brought from stage to stage, paused in each, and ended in each."""
    Walk(world, "fatima")
    visit(world, "mieke").post("welcome", choice="follow")
    visits = {name: visit(world, name) for name in ("fatima", "wout", "mieke")}
    for step, stage in STAGES:
        with world.tool.session() as session:
            fill(session, 3, stage, step)
        assert pause(visits["wout"]).status == 303, stage
        pages = (("fatima", f"step/{step}"), ("wout", f"step/{step}"), ("fatima", f"step/{step}/note"),
                 ("fatima", "home"), ("wout", "home"), ("mieke", "home"))  # fmt: skip
        for name, path in pages:
            page = visits[name].get(path)
            still(page, (name, path, stage))
            assert not page.has_form("/next-cycle")
            assert "gepauzeerd" in page.text
        assert visits["wout"].get(f"step/{step}/invitations").status in (303, 404)
        assert visits["wout"].post("pause/over").status == 303
        with world.tool.session() as session:
            # So that the next stage can be paused for as long.
            session.execute(text("DELETE FROM pause"))
        end(world, "undecided")
        for name, path in pages:
            still(visits[name].get(path), (name, path, stage, "ended"))
        end(world, None)


def test_a_pause_of_one_community_is_none_of_another(world: World) -> None:
    walk = Walk(world, "fatima")
    world.place_cycle("karin", "PLG-TEC")
    karin = world.as_("karin").launch(world.activity("ambition", "PLG-TEC"))
    assert karin.form("/welcome").submit(choice="facilitate_and_join").status == 200
    pause(walk.wout)
    bram = world.as_("bram").launch(world.activity("ambition", "PLG-TEC"))
    assert "gepauzeerd" not in bram.text
    assert bram.form("/idea").submit(text="een idee in onze lessen", why="x").status == 200
    assert walk.rows("SELECT count(*) FROM cycle WHERE paused_until IS NOT NULL")[0][0] == 1


def test_a_pause_until_a_day_without_school_says_on_which_day_all_go_on(world: World) -> None:
    walk = Walk(world, "fatima")
    sunday = midnights.day_of(now(), ZONE) + dt.timedelta(days=7)
    sunday += dt.timedelta(days=6 - sunday.weekday())
    page = walk.wout.get("pause").form("/pause").submit(day=sunday.isoformat())
    (said,) = (each.get_text() for each in page.soup.select("[role=status]"))
    assert "valt op zondag: het wordt maandag" in said
    monday = sunday + dt.timedelta(days=1)
    assert dict(page.form("/pause").values())["day"] == monday.isoformat()
    assert "Op maandag" in walk["fatima"].get("home").text
    page = walk.wout.get("pause").form("/pause").submit(day=monday.isoformat())
    assert not page.soup.select("[role=status]"), "nothing is said of a day that stays as it is"
