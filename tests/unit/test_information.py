"""Step 2's rules, through the same forms that its pages post."""

import pytest
from sqlalchemy import select

from lti_tool.domain import Refused, cycle
from lti_tool.domain.mechanisms.attachments import Upload
from lti_tool.domain.thread import evidence
from lti_tool.models.voices import Attachment, Contribution, Revision
from tests.unit.forms import moments, of_others, own
from tests.web.circle import STEPS
from tests.web.ways.consequences import soon
from tests.web.ways.information import PIECE, at, bring, items, piece

# Questions: hidden while all write, three at most of each and of all.


def test_a_question_is_read_by_nobody_before_the_reveal() -> None:
    with at(4) as c:
        for who in range(4):
            c.do_the_task(who, "questions")
        texts = [item.body["text"] for item in items(c, "wondered")]
        for who in range(4):
            assert [text for text in texts if text in c.shown(who)] == [own(c, who, "wondered")[0].body["text"]]
        assert not [text for text in texts if text in c.shown(None)]
        assert c.step.spotlight(c.turn(0)) == ()
        assert (
            c.refused(0, "question", text="een tweede in onze lessen")
            == c.refused(0, "question", text="een derde in onze lessen")
            == ""
        )
        assert c.refused(0, "question", text="een vierde in onze lessen") == "enough_questions"


def test_questions_come_out_of_the_signs_of_success() -> None:
    with at(3) as c:
        assert c.summary(0).signs == [("ze vragen het elkaar", "ze vragen het elkaar")]
        c.act(0, "question", text="hoe vaak? in onze lessen", sign="ze vragen het elkaar")
        assert c.move() == "gather"
        assert items(c, "question")[0].body == {"text": "hoe vaak? in onze lessen", "sign": "ze vragen het elkaar"}


@pytest.mark.parametrize(("people", "stage"), [(1, "gather"), (3, "gather"), (4, "choose"), (8, "choose")])
def test_of_three_questions_or_fewer_there_is_nothing_to_choose(people: int, stage: str) -> None:
    with at(people) as c:
        for who in range(people):
            c.do_the_task(who, "questions")
        assert c.move() == stage
        c.to("gather")
        assert 1 <= len(items(c, "question")) <= 3


def test_without_a_question_there_is_nothing_to_reveal() -> None:
    with at(2) as c:
        assert c.move() == "no_questions"


def test_dots_are_counted_once_the_round_has_closed_and_people_count_before_dots() -> None:
    with at(6, "choose") as c:
        first, second, third, fourth, *_ = [item.id for item in items(c, "wondered")]
        before = c.shown(5)
        for who, laid in enumerate(
            ({first: 3}, {second: 1}, {second: 1, third: 1}, {third: 1, fourth: 1}, {fourth: 1})
        ):
            c.act(who, "dots", dots=laid)
            assert c.shown(5) == before
        c.rest("leave_dots")
        assert c.move() == "gather"
        chosen = {c.session.get_one(Contribution, each).body["text"] for each in (second, third, fourth)}
        assert {item.body["text"] for item in items(c, "question")} == chosen
        assert c.session.get_one(Contribution, first).body["text"] in c.summary(0).not_chosen


# Evidence: numbered once, with its source; what it can tell is said by others.


def test_a_number_is_given_once() -> None:
    with at(3, "gather") as c:
        made = [bring(c, who) for who in (0, 1, 2)]
        c.act(2, "withdraw", id=made[2].id)
        standing = [*made[:2], bring(c, 0)]
        assert len({item.body["number"] for item in standing}) == 3
        labels = {e.label for q in c.summary(0).questions for e in q.evidence}
        assert labels == {f"#{item.body['number']}" for item in standing}


def test_numbers_are_drawn_and_there_is_always_another() -> None:
    given: list[int] = []
    for _ in range(200):
        given.append(evidence.draw_number(given))
    assert len(set(given)) == 200
    assert given != sorted(given)
    assert all(len(str(number)) == 2 for number in given[:45])


def test_a_change_keeps_its_number_and_what_it_said() -> None:
    with at(2, "gather") as c:
        item = bring(c, 0)
        number, other = item.body["number"], items(c, "question")[1].id
        c.act(
            0, "evidence", **{**PIECE, "text": "beter in onze lessen", "question": other, "id": item.id, "version": 1}
        )
        assert (item.body["text"], item.body["number"], item.version) == ("beter in onze lessen", number, 2)
        kept = c.session.scalars(select(Revision).filter_by(contribution_id=item.id)).all()
        assert [row.body["text"] for row in kept] == [
            row.body["text"] for row in kept if row.body["text"] != "beter in onze lessen"
        ]
        [shown] = [q for q in c.summary(0).questions if q.evidence]
        assert shown.id == other


def test_a_count_has_a_unit_and_of_other_sorts_no_number_is_kept() -> None:
    with at(2, "gather") as c:
        counted = bring(c, 0, sort="count", amount="7,5", unit="uur")
        assert evidence.words(counted.body).startswith("7,5 uur: een gegeven")
        seen = bring(c, 1, amount="9", unit="leerlingen", url="https://example.org")
        assert {"amount", "unit", "url"}.isdisjoint(seen.body)


def test_a_file_goes_with_the_evidence_it_came_with() -> None:
    with at(2, "gather") as c:
        item = bring(c, 0)
        turn = c.turn(0)
        about = items(c, "question")[0]
        upload = Upload("image/jpeg", b"\xff\xd8\xff" + b"x" * 2000)
        filed = evidence.bring(turn, {**item.body, "sort": "file"}, about, upload)
        [shown] = [e for q in c.summary(1).questions for e in q.evidence if e.file]
        assert (shown.file.kb, shown.file.picture) == (2, True)
        evidence.take_back(turn, filed)
        assert c.session.scalars(select(Attachment)).all() == []


def test_authors_are_hidden_unless_the_community_chose_names_and_plans_always_have_one() -> None:
    with at(3, "gather") as c:
        bring(c, 1)
        c.act(2, "plan", question=items(c, "question")[0].id, source="de stagebegeleider", date=soon(9))
        shown = c.shown(0)
        assert "Persoon 1" not in shown
        assert "Persoon 2" in shown
        c.run.authors = "named"
        assert "Persoon 1" in c.shown(0)


def test_evidence_in_which_something_was_seen_cannot_be_taken_back() -> None:
    with at(3, "closed") as c:
        third = c.on("interpretation")
        used = own(c, 1, "evidence")[0]
        third.act(0, "observe", text="dat zie ik", evidence=[used.id])
        c.reopen("er kwam nog iets")
        assert c.run.stage == "gather"
        assert c.refused(1, "withdraw", id=used.id) == "evidence_used"
        assert c.refused(2, "withdraw", id=own(c, 2, "evidence")[0].id) == ""
        assert c.refused(1, "evidence", **piece(id=used.id, text="beter gezegd in onze lessen")(c)) == ""


# Moments: one's own evidence, a colleague weighed, an answer. Ten pieces are one voice.


def test_the_three_moments() -> None:
    with at(3, "gather") as c:
        mine, theirs = bring(c, 0), bring(c, 1, voice="parents")
        assert moments(c, 0) == {"input"}
        for _ in range(9):
            bring(c, 0)
        assert moments(c, 0) == {"input"}
        assert c.step.done_members(c.turn(0)) == {c.members[0].id, c.members[1].id}
        c.act(0, "weigh", evidence=theirs.id, cannot="of het overal zo is")
        assert moments(c, 0) == {"input", "response"}
        for item in own(c, 0, "evidence"):
            assert "input" in moments(c, 0)
            c.act(0, "withdraw", id=item.id)
        assert moments(c, 0) == {"response"}
        c.act(1, "withdraw", id=theirs.id)
        # That a colleague took back what I weighed takes nothing of mine.
        assert moments(c, 0) == {"response"}
        assert mine.body == {}


def test_nobody_brings_in_more_than_twenty() -> None:
    with at(1, "gather") as c:
        for _ in range(evidence.MOST):
            bring(c, 0)
        assert c.refused(0, "evidence", **piece()(c)) == "enough_evidence"


def test_the_second_task_is_to_weigh_what_a_colleague_brought() -> None:
    with at(2, "gather") as c:
        assert c.step.task(c.turn(0)).minutes == 3  # type: ignore[union-attr]
        bring(c, 0)
        assert c.step.task(c.turn(0)) is None
        item = bring(c, 1)
        assert c.step.task(c.turn(0)).minutes == 2  # type: ignore[union-attr]
        c.act(0, "weigh", evidence=item.id, can="dat het kan")
        assert c.step.task(c.turn(0)) is None


# Enough: each question has a source, somebody outside is heard, and nobody objects.


def test_what_is_lacking_is_said_one_by_one() -> None:
    with at(3, "gather") as c:
        assert c.move() == "no_evidence"
        bring(c, 0)
        assert c.move() == "question_uncovered"
        for question in items(c, "question")[1:]:
            c.act(1, "plan", question=question.id, source=f"bron {question.id}", exists="yes")
        assert c.move() == "no_voice_yet"
        c.act(2, "no_voice", reason="de stage begint pas in maart")
        assert c.move() == "enough"


def test_a_plan_that_was_taken_back_covers_nothing() -> None:
    with at(2, "gather") as c:
        bring(c, 0, voice="parents")
        c.act(1, "plan", question=items(c, "question")[1].id, source="bron", exists="yes")
        c.act(1, "withdraw", id=items(c, "plan")[0].id)
        assert c.move() == "question_uncovered"


def test_an_objection_leads_back_and_is_answered_before_it_is_asked_again() -> None:
    with at(3, "enough") as c:
        c.act(0, "enough", answer="agree")
        c.act(1, "enough", answer="objection", harm="we weten niets van de stages", proposal="bel er één op")
        assert "we weten niets van de stages" not in c.shown(0)
        c.rest("enough", answer="agree")
        assert c.move() == "gather"
        assert "we weten niets van de stages" in c.shown(0)
        assert "Persoon 1" not in c.shown(0)
        assert c.move() == "objections_open"
        [raised] = [row for row in c.answers(c.rounds("consent")[-1]) if row.answer == "objection"]
        c.act(2, "resolve", consent=raised.id, text="vrijdag gebeld in onze lessen", version=0)
        assert c.move() == "enough"
        for who in range(3):
            c.act(who, "enough", answer="agree")
        assert c.move() == "closed"


def test_who_is_gone_never_blocks_and_who_was_absent_answers_late() -> None:
    with at(4, "enough") as c:
        c.go(3)
        for who in range(3):
            c.act(who, "enough", answer="agree" if who else "abstain")
        assert c.move() == "closed"
        assert c.refused(3, "late", answer="concern") == {"concern": ["concern_missing"]}
        assert c.refused(3, "late", answer="agree") == ""
        assert "decision" in moments(c, 3)
        assert c.summary(0).decided.late == 1


def test_reopened_it_goes_on_gathering_with_everything_still_there() -> None:
    with at(3, "closed") as c:
        before = [(item.id, item.body) for item in items(c, "evidence")]
        c.reopen("een ouder belde")
        assert c.run.stage == "gather"
        assert [(item.id, item.body) for item in items(c, "evidence")] == before
        assert bring(c, 0).body["number"] not in {body["number"] for _, body in before}
        assert c.move() == "enough"


def test_the_outcome_is_the_questions_and_no_leader_reads_it() -> None:
    from lti_tool.domain.community.access import Audience

    with at(3, "enough") as c:
        assert c.step.outcome(c.turn(0)) is None
        c.to("closed")
        assert c.step.outcome(c.turn(0)).split("\n") == [item.body["text"] for item in items(c, "question")]  # type: ignore[union-attr]
        assert Audience.LEADER not in c.step.outcome_for


def test_what_a_note_taker_can_fill_in_is_what_the_form_takes() -> None:
    with at(3) as c:
        for stage in ("questions", "gather"):
            c.to(stage)
            for who in range(2):
                c.do_the_task(who, stage)
            for deed in c.step.deeds:
                if not deed.noted or stage not in deed.stages:
                    continue
                body = {
                    field.name: of_others(c, 2, field) if field.options else f"gezegd bij {stage}"
                    for field in deed.noted
                }
                assert c.refused(2, deed.name, **body) == "", (stage, deed.name)


def test_two_who_say_a_question_better_at_once_are_told() -> None:
    with at(2, "gather") as c:
        item = items(c, "question")[0]
        c.act(0, "reword", id=item.id, version=1, text="hoe vaak, en waaraan?")
        assert c.refused(1, "reword", id=item.id, version=1, text="hoe vaak? in onze lessen") == "changed_meanwhile"
        assert item.body["text"] == "hoe vaak, en waaraan?"


def test_a_mover_who_cannot_read_what_is_hidden_moves_all_the_same() -> None:
    with at(2) as c:
        for who in range(2):
            c.do_the_task(who, "questions")
        with pytest.raises(Refused, match="stage_moved"):
            cycle.advance(c.turn(0), c.step, "gather", STEPS)
        cycle.advance(c.turn(0), c.step, "questions", STEPS)
        assert len(items(c, "question")) == 2
