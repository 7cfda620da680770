"""Step 4's rules, through the same forms that its pages post: proposals, their round, and the decision."""

from sqlalchemy import select

from lti_tool.domain import cycle
from lti_tool.domain.community.access import Audience
from lti_tool.domain.thread import actions
from lti_tool.models import StepRun
from lti_tool.models.voices import Contribution, Link, Revision
from lti_tool.steps.consequences.acts import MAX_PROPOSALS
from tests.unit.forms import ids, moments, own
from tests.web.ways.consequences import at, cards, items, points, propose, said

# Proposals: alone, each with its source or said to be a new idea (R10).


def test_a_proposal_rests_on_attention_points_or_says_that_it_is_a_new_idea() -> None:
    with at(2) as c:
        first, *_ = points(c)
        one = propose(c, 0, source=[first, first])
        new = propose(c, 0, source=["new"])
        assert (one.body["source"], new.body["source"]) == ("point", "new")
        links = list(c.session.scalars(select(Link).filter_by(kind="follows from")))
        assert [(link.from_id, link.to_id) for link in links] == [(one.id, first)]
        c.act(
            0,
            "propose",
            act="anders in onze lessen",
            effect="rust",
            notice="stilte",
            source=["new"],
            id=one.id,
            version=1,
        )
        assert (one.body["source"], one.version) == ("new", 2)
        assert not list(c.session.scalars(select(Link).filter_by(kind="follows from")))
        assert [row.body["source"] for row in c.session.query(Revision).filter_by(contribution_id=one.id)] == ["point"]


def test_a_point_of_another_cycle_is_no_source() -> None:
    with at(1) as c:
        other = cycle.Cycle(community_id=c.community.id, number=2)
        c.session.add(other)
        c.session.flush()
        run = StepRun(cycle_id=other.id, step="interpretation", stage="closed")
        c.session.add(run)
        c.session.flush()
        item = Contribution(
            step_run_id=run.id, kind="attention", member_id=c.members[0].id, body={"text": "elders in onze lessen"}
        )
        c.session.add(item)
        c.session.flush()
        assert c.refused(0, "propose", **said(source=[item.id])(c)) == "not_found"


def test_before_the_reveal_one_reads_only_one_s_own_also_where_names_are_shown() -> None:
    for authors in ("hidden", "named"):
        with at(3) as c:
            c.run.authors = authors
            for who in range(3):
                propose(c, who, act=f"geheim{who} in onze lessen")
            for who in range(3):
                assert [n for n in range(3) if f"geheim{n}" in c.shown(who)] == [who]
            assert "geheim" not in c.shown(None)
            assert c.step.spotlight(c.turn(1)) == ()
            assert "geheim" not in repr(c.step.for_leader(c.turn(None)))
            assert not actions.held(c.turn(None)).of("consequence")
            assert [item.body["if"] for item in actions.held(c.turn(1)).of("consequence")] == ["geheim1 in onze lessen"]
            for deed in c.step.deeds:
                for field in deed.noted:
                    assert "geheim0" not in repr(field.options(c.turn(1)) if field.options else "")
            c.move()
            assert all(f"geheim{n}" in c.shown(0) for n in range(3))
            assert ("Persoon" in c.shown(0)) == (authors == "named")


def test_at_most_three_proposals_each_and_none_is_needed_to_go_on_but_one() -> None:
    with at(2) as c:
        assert c.move() == "no_consequences"
        for _ in range(MAX_PROPOSALS):
            propose(c, 0)
        assert c.refused(0, "propose", **said()(c)) == "enough_proposals"
        c.act(0, "withdraw", id=ids(c, "consequence")[0])
        assert c.refused(0, "propose", **said()(c)) == ""
        assert c.move() == "advise"


def test_of_a_proposal_that_was_taken_back_no_word_stays() -> None:
    with at(1) as c:
        item = propose(c, 0, act="eerst geheim in onze lessen")
        c.act(0, "propose", act="nu geheim in onze lessen", effect="a", notice="b", source=["new"], id=item.id)
        assert moments(c, 0) == {"input"}
        c.act(0, "withdraw", id=item.id)
        assert moments(c, 0) == set()
        rows = [row.body for table in (Contribution, Revision) for row in c.session.query(table)]
        assert "geheim" not in repr(rows)


# The round: first questions, then advice, and whose proposal it is listens.


def test_advice_comes_after_a_question_and_stands_below_it() -> None:
    with at(3, "advise") as c:
        target = own(c, 1, "consequence")[0].id
        [before] = [each for each in c.summary(0).proposals if each.id == target]
        assert [sort for sort, _ in before.sorts] == ["clarify", "probe"]
        c.act(2, "advise", proposal=target, sort="probe", text="wat als het regent?")
        c.act(0, "advise", proposal=target, sort="advise", text="doe het samen")
        c.act(0, "advise", proposal=target, sort="clarify", text="in welke klas?")
        [after] = [each for each in c.summary(1).proposals if each.id == target]
        texts = [[one.text for one in among] for _, among in after.said]
        assert texts == [["in welke klas?"], ["wat als het regent?"], ["doe het samen"]]
        assert [sort for sort, _ in after.sorts] == ["clarify", "probe", "advise"]


def test_the_one_who_listened_says_it_better_at_the_board() -> None:
    with at(2, "board") as c:
        item = own(c, 0, "consequence")[0]
        c.act(
            0,
            "propose",
            act="beter in onze lessen",
            effect="rust",
            notice="stilte",
            source=["new"],
            id=item.id,
            version=1,
        )
        assert (item.body["if"], item.version) == ("beter in onze lessen", 2)


def test_joining_a_colleague_is_one_s_own_input_and_ten_posts_are_one_voice() -> None:
    with at(3, "propose") as c:
        propose(c, 0)
        propose(c, 1)
        c.move()
        for proposal in ids(c, "consequence"):
            c.act(2, "join", proposal=proposal)
            assert c.refused(2, "join", proposal=proposal) == "said_already"
        assert moments(c, 2) == {"input"}
        for number in range(9):
            c.act(2, "advise", proposal=ids(c, "consequence")[0], sort="clarify", text=f"vraag {number} in onze lessen")
        assert c.step.waiting(c.turn(2)).done == 1  # type: ignore[union-attr]
        assert moments(c, 2) == {"input", "response"}
        [first, second] = own(c, 2, "join")
        c.act(2, "withdraw", id=first.id)
        assert "input" in moments(c, 2)
        c.act(2, "withdraw", id=second.id)
        assert moments(c, 2) == {"response"}
        for item in own(c, 2, "advice"):
            assert moments(c, 2) == {"response"}
            c.act(2, "withdraw", id=item.id)
        assert moments(c, 2) == set()


def test_who_brought_in_nothing_is_asked_to_join_and_who_has_no_colleague_s_proposal_is_not_waited_for() -> None:
    with at(2, "propose") as c:
        propose(c, 0)
        c.move()
        assert c.step.task(c.turn(0)) is None
        assert c.unheard() == {c.members[1].id}
        c.act(1, "advise", proposal=ids(c, "consequence")[0], sort="clarify", text="wanneer? in onze lessen")
        task = c.step.task(c.turn(1))
        assert task is not None
        assert "Sluit je aan" in task.text.nl
        c.act(1, "join", proposal=ids(c, "consequence")[0])
        assert c.step.task(c.turn(1)) is None


# The decision.


def test_an_objection_leads_back_to_the_board_and_is_worked_through_before_it_is_asked_again() -> None:
    with at(3, "consent") as c:
        c.act(0, "consent", answer="agree")
        c.act(1, "consent", answer="objection", harm="te veel tegelijk", proposal="begin met één klas")
        assert "te veel tegelijk" not in c.shown(0)
        c.rest("consent", answer="agree")
        assert c.move() == "board"
        assert "te veel tegelijk" in c.shown(0)
        assert c.move() == "objections_open"
        [raised] = [row for row in c.answers(c.rounds("consent")[-1]) if row.answer == "objection"]
        c.act(2, "resolve", consent=raised.id, text="we beginnen met klas 2", version=0)
        assert c.move() == "consent"
        for who in range(3):
            c.act(who, "consent", answer="agree")
        assert c.move() == "closed"


def test_the_three_moments_and_who_was_absent_answers_late() -> None:
    with at(4, "consent") as c:
        c.go(3)
        for who in range(3):
            c.act(who, "consent", answer="agree" if who else "abstain")
        assert c.move() == "closed"
        assert moments(c, 0) == {"input", "response", "decision"}
        assert c.refused(3, "late", answer="concern") == {"concern": ["concern_missing"]}
        assert c.refused(3, "late", answer="concern", concern="let op de tijd") == ""
        assert "decision" in moments(c, 3)
        assert c.summary(0).decided.late_concerns == ["let op de tijd"]


def test_the_outcome_is_the_actions_and_no_leader_reads_it() -> None:
    with at(3, "consent") as c:
        assert c.step.outcome(c.turn(0)) is None
        c.to("closed")
        assert set((c.step.outcome(c.turn(0)) or "").split("\n")) == {item.body["what"] for item in items(c, "action")}
        assert Audience.LEADER not in c.step.outcome_for


def test_reopened_the_board_is_there_with_its_owners_and_requests() -> None:
    with at(3, "closed") as c:
        before = cards(c)
        c.reopen("er kwam iets bij")
        assert c.run.stage == "board"
        assert cards(c) == before
        assert c.move() == "consent"


def test_what_a_note_taker_can_fill_in_is_what_the_form_takes() -> None:
    with at(3) as c:
        for stage in ("propose", "advise", "board"):
            c.to(stage)
            for deed in c.step.deeds:
                if not deed.noted or stage not in deed.stages or (stage, deed.name) == ("board", "propose"):
                    continue
                body = {}
                for field in deed.noted:
                    options = field.options(c.turn(2)) if field.options else []
                    # Not one's own proposal: it stands first or last.
                    theirs_not = {str(item.id) for item in own(c, 2, "consequence")} if stage != "propose" else set()
                    among = [str(value) for value, _ in options if str(value) not in theirs_not]
                    body[field.name] = among[0] if among else f"gezegd bij {stage}"
                assert c.refused(2, deed.name, **body) == "", (stage, deed.name)
