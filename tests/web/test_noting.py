"""What a note-taker writes down for somebody: it counts when its member says so, and is nobody else's to read."""

import pytest

from tests.actors import World
from tests.web.walk import STEP, Visit, Walk, meet, visit

NOTE, SETTLE = f"{STEP}/note", f"{STEP}/note/settle"


def member_id(walk: Walk, name: str) -> str:
    query = "SELECT member.id FROM member JOIN person ON person.id = person_id WHERE sub = :sub"
    return str(walk.rows(query, sub=walk.world.person(name).id)[0][0])


def note(walk: Walk, taker: Visit, name: str, **fields: str) -> int:
    """Somebody writes down an idea of a colleague; the answer's status."""
    said = {"deed": "idea", "text": "meer rust in de gang", "why": "dat zei ik", **fields}
    return taker.post(NOTE, member=member_id(walk, name), **said).status


def moments(walk: Walk) -> list[tuple[str, str]]:
    query = (
        "SELECT sub, moment.kind FROM moment JOIN member ON member.id = member_id JOIN person ON person.id = person_id"
    )
    return [(row[0], row[1]) for row in walk.rows(query)]


def test_what_is_noted_counts_once_its_member_has_confirmed_it(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    assert note(walk, walk.wout, "fatima") == 303
    assert walk.ids() == []
    assert moments(walk) == []
    page = walk["fatima"].get(STEP)
    assert "meer rust in de gang" in page.text
    assert "Klopt dit?" in page.text
    assert page.form("/settle").submit(answer="yes").status == 200
    assert [row[0] for row in walk.rows("SELECT member_id FROM contribution")] == [int(member_id(walk, "fatima"))]
    assert moments(walk) == [(walk.world.person("fatima").id, "input")]
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0
    assert not walk["fatima"].get(STEP).has_form("/settle")


def test_who_is_away_is_not_offered_and_another_form_is_folded(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    for name in ("fatima", "marieke", "youssef"):
        walk[name].act("idea", text=f"idee van {name}", why="x")
    walk.move()
    page = walk.wout.get(NOTE)
    assert page.soup.select_one("form.card:not(details form)") is not None
    assert len(page.soup.select("main details form.card")) == 1
    assert walk.world.person("fatima").name in page.text
    meet(walk.wout)
    assert walk.wout.post("together/away", member=member_id(walk, "fatima")).status == 303
    assert walk.world.person("fatima").name not in walk.wout.get(NOTE).text


def test_who_says_no_keeps_nothing_of_it(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    note(walk, walk["marieke"], "fatima")
    walk["fatima"].get(STEP).form("/settle").submit(answer="no")
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0
    assert walk.ids() == []


def test_a_note_is_nobody_else_s_to_read_or_confirm(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    note(walk, walk["marieke"], "fatima")
    number = str(walk.rows("SELECT id FROM note")[0][0])
    for name in ("marieke", "youssef"):
        assert "meer rust" not in walk[name].get(STEP).text + walk[name].get(NOTE).text
        assert walk[name].post(SETTLE, note=number, answer="yes").status == 422
    assert walk.wout.post(SETTLE, note=number, answer="yes").status == 403
    assert "meer rust" not in walk.wout.get(STEP).text + walk.wout.get(NOTE).text
    assert walk.ids() == []


@pytest.mark.parametrize(
    ("whom", "fields"),
    [
        ("marieke", {}),  # oneself
        ("wout", {}),  # who takes no part
        ("fatima", {"text": ""}),
        ("fatima", {"text": "…", "why": "-"}),
        ("fatima", {"text": "x" * 4001}),
        ("fatima", {"deed": "dots"}),
        ("fatima", {"deed": "consent"}),
        ("fatima", {"deed": "nothing"}),
    ],
)
def test_a_note_that_says_nothing_or_is_for_nobody_is_refused_and_what_was_typed_stands(
    world: World, whom: str, fields: dict[str, str]
) -> None:
    walk = Walk(world, "fatima", "marieke")
    assert note(walk, walk["marieke"], whom, **fields) == 422
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0


def test_nobody_is_buried_under_notes_and_none_is_taken_twice(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    for number in range(5):
        assert note(walk, walk.wout, "fatima", text=f"idee {number} in onze lessen") == 303
    assert note(walk, walk.wout, "fatima", text="idee 0 in onze lessen") == 422
    assert note(walk, walk.wout, "fatima", text="idee 6 in onze lessen") == 422


@pytest.mark.parametrize("stage", ["dots", "closed"])
def test_a_note_outlives_its_stage_as_a_late_answer(world: World, stage: str) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["marieke"].act("idea", text="iets in onze lessen", why="x")
    note(walk, walk.wout, "fatima")
    walk.to(stage)
    before = len(walk.ids()), sorted(moments(walk))
    page = walk["fatima"].get(STEP)
    assert "Deze ronde is al voorbij" in page.text
    refused = page.form("/settle").submit(answer="yes", text="nee")
    assert refused.status == 422
    assert refused.form("/settle").submit(answer="yes", text="liever meer licht dan rust").status == 200
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0
    read = walk["marieke"].get(STEP).text
    assert "liever meer licht dan rust" in read.split("Later gezegd")[1]
    assert walk.world.person("fatima").name not in read.split("Later gezegd")[1].split("dat zei ik")[0]
    # Nothing that was built meanwhile changes, and no score moves beside it once the step is over.
    after = len(walk.ids()), sorted(moments(walk))
    assert after[0] == before[0]
    fatima = walk.world.person("fatima").id
    expected = {*before[1], (fatima, "input")} if stage == "dots" else set(before[1])
    assert set(after[1]) == expected


def test_a_note_can_be_dropped_after_its_stage(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["marieke"].act("idea", text="iets in onze lessen", why="x")
    note(walk, walk.wout, "fatima")
    walk.to("dots")
    assert walk["fatima"].get(STEP).form("/settle").submit(answer="no").status == 200
    assert walk.rows("SELECT count(*) FROM note")[0][0] == 0
    assert "Later gezegd" not in walk["fatima"].get(STEP).text


def test_what_was_noted_can_be_said_otherwise(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    note(walk, walk.wout, "fatima")
    assert walk["fatima"].get(STEP).form("/settle").submit(answer="yes", text="wat minder lawaai").status == 200
    assert [row[0] for row in walk.rows("SELECT body FROM contribution") if "wat minder lawaai" in str(row[0])]


def test_dots_and_an_answer_are_written_down_for_somebody_heard_at_once_and_no_voice_before_they_say_yes(
    world: World,
) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef", "soren").to("dots")
    ideas = walk.ids()
    for name in ("marieke", "youssef", "soren"):
        walk[name].act("dots", {f"dots-{ideas[0]}": "3"})
    page = walk["marieke"].get(NOTE)
    who = page.form("/note", 'value="dots"').option("member", world.person("fatima").name)
    assert (
        page.form("/note", 'value="dots"')
        .submit(**{"member": who, f"dots__{ideas[0]}": "3", f"dots__{ideas[1]}": "1"})
        .status
        == 422
    )
    assert page.form("/note", 'value="dots"').submit(member=who).status == 422
    assert page.form("/note", 'value="dots"').submit(**{"member": who, f"dots__{ideas[1]}": "2"}).status == 200
    asked = walk["fatima"].get(STEP)
    assert "4 van de 4" in asked.text
    assert "één per notitie" in asked.text
    assert walk.rows("SELECT count(*) FROM dot WHERE contribution_id = :id", id=ideas[1])[0][0] == 0
    asked.form("/settle").submit(answer="yes")
    assert walk.rows("SELECT sum(count) FROM dot WHERE contribution_id = :id", id=ideas[1])[0][0] == 2
    assert "per notitie" not in walk["fatima"].get(STEP).text
    walk.to("consent")
    for name in ("marieke", "youssef", "soren"):
        walk[name].act("consent", answer="agree")
    page = walk["marieke"].get(NOTE)
    assert page.form("/note", 'value="consent"').submit(member=who, answer="objection", harm="").status == 422
    assert page.form("/note", 'value="consent"').submit(member=who, answer="agree").status == 200
    assert walk.move().status == 303
    assert walk.stage == "closed"
    assert walk.rows("SELECT noted, circle FROM round WHERE kind = 'consent'")[0][:] == (1, 4)


def test_live_apart_or_mixed_the_same_stands_there(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk["fatima"].act("idea", text="zelf getypt in onze lessen", why="x")
    for name in ("marieke", "youssef"):
        note(walk, walk.wout, name, text=f"gezegd door {name}")
        walk[name].get(STEP).form("/settle").submit(answer="yes")
    walk.move()
    seen = [walk[name].get(STEP).text.replace("van jou", "") for name in walk.visits]
    for text in ("zelf getypt in onze lessen", "gezegd door marieke", "gezegd door youssef"):
        assert all(text in page for page in seen)
    assert len({(sub, kind) for sub, kind in moments(walk)}) == 3


def test_the_facilitator_has_a_text_for_the_lms_s_own_announcements(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    walk["fatima"].act("idea", text="geheim idee in onze lessen", why="x")
    page = walk.wout.get(f"{STEP}/invitations")
    field = page.soup.find(id="announcement")
    assert field is not None
    text = field.get_text()
    assert "1 van de 2" in text
    assert "stap 1" in text
    assert "geheim" not in text
    assert world.person("marieke").name not in text


def test_side_steps_are_opened_by_any_member_and_moved_by_the_facilitator(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    page = walk["fatima"].get("step/agreements").form("/begin").submit()
    assert page.has_form("/propose")
    assert walk["marieke"].post("step/agreements/begin").status == 303
    assert len(walk.rows("SELECT id FROM step_run WHERE step = 'agreements'")) == 1
    page = page.form("/propose").submit(text="we laten elkaar uitspreken")
    assert "Je voorstel is bewaard." in page.text
    assert "uitspreken" not in walk["marieke"].get("step/agreements").text
    assert walk["fatima"].post("step/agreements/facilitate/advance", stage="propose").status == 403
    walk["marieke"].get("step/agreements").form("/together/pass").submit()
    walk.wout.post("step/agreements/facilitate/advance", stage="propose")
    assert "uitspreken" in walk["marieke"].get("step/agreements").text
    assert visit(world, "fatima").get("home").text.count("Onze afspraken") == 1
