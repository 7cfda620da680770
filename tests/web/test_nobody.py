"""Nobody takes over another's work, over HTTP: merging, the pen, cards, what is said already, the yield, sharing."""

import json
import re
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.models.voices import Contribution
from tests.actors import World
from tests.web.circle import fill
from tests.web.ended import Ended
from tests.web.walk import STEP, WHOLE, Walk, visit
from tests.web.ways import ambition, consequences, evaluation

FOUR = ("fatima", "marieke", "youssef", "siobhan")


@pytest.fixture
def walk(world: World) -> Walk:
    made = Walk(world, *FOUR)
    made["siobhan"].post("language", language="nl")
    return made


def test_too_few_words_are_refused_in_a_sentence_and_what_was_typed_stays(walk: Walk) -> None:
    page = walk["fatima"].get(STEP).form("/ambition/idea").submit(text="beter lezen", why="rust")
    assert page.status == 422
    assert "Zeg het in minstens drie woorden" in page.text
    assert "beter lezen" in page.html


def test_what_a_colleague_said_is_offered_to_join_in_one_tap(walk: Walk) -> None:
    walk.to("respond")
    page = walk["marieke"].post(f"{STEP}/idea", text="Idee van Fatima!", why="ik ook")
    assert page.status == 422
    assert "Een collega zei dit al" in page.text
    done = page.form("/ambition/agree").submit()
    assert done.status == 200
    assert "1 collega is het ermee eens" in walk["fatima"].get(STEP).text
    assert "Marieke" not in walk["fatima"].get(STEP).text.split("Mijn deelname")[0]


def test_another_groups_idea_joins_by_a_yes_on_its_own_page_and_goes_out_again(walk: Walk) -> None:
    assert walk.wout.post(f"{STEP}/facilitate/authors", authors="named").status == 303
    walk.to("pairs")
    groups = [row[0] for row in walk.rows("SELECT body FROM contribution WHERE kind = 'group'")]
    assert len(groups) == 2
    writer = {row[1]: row[0] for row in walk.rows("SELECT id, member_id FROM contribution WHERE kind = 'idea'")}
    names = {_member(walk, name): name for name in FOUR}
    pairs = [[names[each] for each in _members(group)] for group in groups]
    (mine, mate), (theirs, *_) = pairs
    ids = {names[member]: idea for member, idea in writer.items()}
    said = {"text": "ze helpen elkaar verder", "sources": [str(ids[mine]), str(ids[theirs])]}
    assert walk[mine].post(f"{STEP}/merge", said).status == 303
    assert "Wacht op een ja van een ander groepje" in walk[mate].get(STEP).text
    assert not walk[mate].get(STEP).has_form("/let_in")
    page = walk[theirs].get(STEP)
    assert "Een ander groepje wil jullie idee" in page.text
    assert page.form("/let_in").submit().status == 200
    assert "Wacht op een ja" not in walk[mate].get(STEP).text
    page = walk[theirs].get(STEP)
    assert page.form("/keep_out").submit().status == 200
    said = {"text": "alles van jullie samen", "sources": [str(ids[each]) for each in pairs[1]]}
    refused = walk[mate].post(f"{STEP}/merge", said)
    assert refused.status == 422
    assert "minstens één bij die van jullie zelf" in refused.text


def test_without_names_whoever_wrote_an_idea_says_yes_to_it_themselves(walk: Walk) -> None:
    walk.to("pairs")
    ids = {row[1]: row[0] for row in walk.rows("SELECT id, member_id FROM contribution WHERE kind = 'idea'")}
    said = {"text": "ze helpen elkaar verder", "sources": [str(ids[_member(walk, name)]) for name in FOUR[1:3]]}
    assert walk[FOUR[0]].post(f"{STEP}/merge", said).status == 303
    assert "Wie ja zei, zie je niet" in walk[FOUR[0]].get(STEP).text
    asked = {name for name in FOUR if walk[name].get(STEP).has_form("/let_in")}
    assert asked == set(FOUR[1:3])
    assert walk[FOUR[1]].get(STEP).form("/let_in").submit().status == 200
    page = walk[FOUR[1]].get(STEP)
    assert "Jij zei ja" in page.text
    assert page.form("/keep_out").submit().status == 200


def _members(body: Any) -> list[int]:
    return list((json.loads(body) if isinstance(body, str) else body)["members"])


def _member(walk: Walk, name: str) -> int:
    query = "SELECT member.id FROM member JOIN person ON person.id = person_id WHERE sub = :sub"
    return int(walk.rows(query, sub=walk.world.person(name).id)[0][0])


def test_the_pen_rests_until_the_others_leave_it(walk: Walk) -> None:
    walk.to("draft")
    with time_machine.travel(now(), tick=False) as clock:
        walk["fatima"].act("take_pen")
        walk["fatima"].act("hand_on_pen")
        assert walk["fatima"].get(STEP).has_form("/take_pen"), "it is warm still"
        clock.shift(16 * 60)
        page = walk["fatima"].get(STEP)
        assert not page.has_form("/take_pen")
        assert "Nu is een ander aan de beurt" in page.text
        assert walk["fatima"].post(f"{STEP}/take_pen").status == 422
        for name in ("marieke", "youssef", "siobhan"):
            page = walk[name].get(STEP)
            assert page.form("/not_me").submit().status == 200
            assert not walk[name].get(STEP).has_form("/not_me")
        assert walk["fatima"].get(STEP).form("/take_pen").submit().status == 200


def test_a_changed_card_frees_its_owner_who_sees_what_changed(walk: Walk) -> None:
    with walk.world.tool.session() as session:
        c = fill(session, 0, "board", "consequences")
        c.act(0, "own", id=consequences.card(c, 0).id)
        item = consequences.items(c, "action")[0]
        what, who = item.body["what"], c.members[0].person_id
        c.act(1, "action", id=item.id, version=1, what="elke zaterdag oefenen", sign="rust", date=consequences.soon())
        session.commit()
    assert what
    sub = walk.rows("SELECT sub FROM person WHERE id = :id", id=who)[0][0]
    name = next(each for each in FOUR if walk.world.person(each).id == sub)
    page = walk[name].get("step/consequences")
    assert "Een collega paste deze actie aan" in page.text
    assert page.soup.select("ins")
    assert "zaterdag" in " ".join(each.get_text() for each in page.soup.select("ins"))
    assert "nog niemand" in page.text
    assert not re.search(r"\d{4}-\d\d-\d\d", page.text), "a day is said as people write it"
    assert "Doe je hem nog?" in walk[name].get("home").text
    assert page.form("/own").submit().status == 200
    assert "Een collega paste deze actie aan" not in walk[name].get("step/consequences").text


def test_a_changed_yield_shows_the_difference_and_one_tap_renews(walk: Walk) -> None:
    with walk.world.tool.session() as session:
        c = fill(session, 0, "endorse", "evaluation")
        number = c.rounds("endorse")[-1].id
        for who in range(4):
            said = "endorse" if who == 0 else "not_yet"
            c.act(who, "endorse", answer=said, missing="er mist nog iets", round=number)
        assert c.move() == "yield"
        text = evaluation.items(c, "yield")[0].body["text"]
        c.act(1, "yield", text=f"{text} en durven", lessons="eerst kijken", version=1)
        assert c.move() == "endorse"
        who = c.members[0].person_id
        session.commit()
    sub = walk.rows("SELECT sub FROM person WHERE id = :id", id=who)[0][0]
    name = next(each for each in FOUR if walk.world.person(each).id == sub)
    others = [each for each in FOUR if each != name]
    page = walk[name].get("step/evaluation")
    assert "Je stond achter de opbrengst zoals die was" in page.text
    assert "en durven" in " ".join(each.get_text() for each in page.soup.select("ins"))
    assert "Je stond achter" not in walk[others[0]].get("step/evaluation").text
    said = {"answer": "endorse", "round": page.soup.select_one("input[name=round]")["value"]}
    assert walk[name].post("step/evaluation/endorse", said).status == 303
    assert "Je stond achter" not in walk[name].get("step/evaluation").text


def test_what_is_answered_to_do_we_still_do_this_is_kept_and_told_without_anybody(walk: Walk) -> None:
    world = walk.to("closed").world
    with world.tool.session() as session:
        Ended(session).look_back(now().date(), "tien tellen wachten")
        session.commit()
    assert walk.wout.get("home").text.count("Doen we dit nog?") == 1
    for name, said in (("fatima", "yes"), ("marieke", "yes"), ("youssef", "no")):
        page = walk[name].get("home")
        assert page.form("/still/1").submit(answer=said).status == 200
    page = walk["siobhan"].get("home")
    assert "3 van jullie antwoordden: 2 × ja, dit doen we nog, 1 × nee, niet meer" in page.text
    assert walk["siobhan"].post("still/1", answer="misschien").status == 422
    assert walk["fatima"].post("still/1", answer="no").status == 303, "one may think better of it"
    with world.tool.session() as session:
        kept = session.scalars(select(Contribution).filter_by(kind="still").order_by(Contribution.created_at)).all()
        assert [each.body["answer"] for each in kept] == ["no", "yes", "no"]


def test_sharing_is_no_button_of_the_facilitators_any_more(world: World) -> None:
    wout = visit(world, "wout")
    page = wout.get("yields")
    assert not page.has_form("/yields/share")
    assert wout.post("yields/share", community="1").status == 404


def test_the_reason_for_no_outside_voice_is_decided_on_with_the_text(walk: Walk) -> None:
    walk.to("draft")
    walk["fatima"].act("no_voice", reason="we hebben het in juni al gevraagd", version="0")
    walk["fatima"].act("take_pen")
    said = {**WHOLE, "horizon": ambition.horizon(), "text": "een tekst voor ons", "version": "0"}
    whys = [str(each) for each in walk.ids()]
    walk["fatima"].act("propose", {**said, "ideas": whys[0], "whys": whys})
    walk["fatima"].act("hand_on_pen")
    assert walk.move().status == 303
    assert walk.stage == "consent"
    page = walk["marieke"].get(STEP)
    assert "we hebben het in juni al gevraagd" in page.text
    assert "In onze eigen woorden" in page.text
    assert "reden van youssef" in page.text
    assert walk["marieke"].post(f"{STEP}/no_voice", reason="iets anders", version="1").status == 422
