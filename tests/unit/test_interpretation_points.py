"""Step 3's attention points: what they hang on, how they are chosen, and where they come from."""

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.mechanisms import contributions, rounds
from lti_tool.domain.reading import deciding
from lti_tool.domain.thread import attention, threads
from lti_tool.models import RoundOutcome
from lti_tool.steps.interpretation import shortlist
from lti_tool.steps.interpretation.acts import MAX_POINTS, held
from tests.unit.forms import ids, linked, moments, own
from tests.web.circle import STEPS, Circle
from tests.web.ways.interpretation import at, items, need

# Need: points, each with evidence and a considered alternative.


def test_a_point_hangs_on_facts_the_likely_explanation_and_others_considered() -> None:
    with at(3, "need") as c:
        seen, (first, second, third) = ids(c, "observation")[0], ids(c, "explanation")
        # Of those one looked at, the one found most likely is not the alternative.
        assert c.act(0, "point", **need(considered=[first, second, third])(c)) == "input"
        point = ids(c, "point")[0]
        assert linked(c, point, "built from") == {seen}
        assert linked(c, point, "explained by") == {first}
        assert linked(c, point, "considered") == {second, third}
        assert items(c, "point")[0].body == {"text": "dit vraagt aandacht", "why": "om de leerlingen"}


def test_the_explanations_of_a_point_explain_what_it_is_built_from() -> None:
    with at(2, "think") as c:
        first, second = ids(c, "observation")
        for number, seen in enumerate((first, first, second, second)):
            c.act(number % 2, "explain", observations=[seen], text=f"door {number} in onze lessen")
        c.move()
        a1, a2, b1, b2 = ids(c, "explanation")
        fields = {"text": "dit in onze lessen", "why": "daarom", "observations": [first]}
        assert c.refused(0, "point", explanation=b1, considered=[b2], **fields) == "explanation_elsewhere"
        assert c.refused(0, "point", explanation=a1, considered=[b1], **fields) == "explanation_elsewhere"
        assert c.refused(0, "point", explanation=a1, considered=[a2, b1], **fields) == "explanation_elsewhere"
        assert c.refused(0, "point", explanation=a1, considered=[a2], **fields) == ""
        fields = {"text": "dat in onze lessen", "why": "daarom", "observations": [first, second]}
        assert c.refused(0, "point", explanation=a1, considered=[b1], **fields) == "explanation_elsewhere"
        assert c.refused(0, "point", explanation=b1, considered=[b2], **fields) == ""


def test_no_point_hangs_on_evidence_that_was_taken_back() -> None:
    with at(2, "need") as c:
        for item in deciding.of_cycle(c.turn(None), "evidence").of("evidence"):
            contributions.withdraw(c.turn(0), item)
        c.session.flush()
        assert c.refused(0, "point", **need()(c)) == "evidence_gone"
        assert c.summary(0).observations[0].evidence == []


def test_at_most_three_points_each() -> None:
    with at(2, "need") as c:
        for number in range(MAX_POINTS):
            c.act(0, "point", **need(text=f"punt {number} in onze lessen")(c))
        assert c.refused(0, "point", **need(text="nog een in onze lessen")(c)) == "enough_points"
        c.act(0, "withdraw", id=ids(c, "point")[0])
        assert c.refused(0, "point", **need(text="nog een in onze lessen")(c)) == ""


def test_a_point_taken_back_takes_the_input_moment_only_where_nothing_was_seen_either() -> None:
    with at(2, "need") as c:
        c.act(0, "point", **need()(c))
        c.act(0, "withdraw", id=ids(c, "point")[0])
        assert "input" in moments(c, 0), "earned by looking"
    with at(2) as c:
        c.do_the_task(1, "see")
        c.move()
        c.to("need")
        c.act(0, "point", **need()(c))
        assert "input" in moments(c, 0)
        c.act(0, "withdraw", id=ids(c, "point")[0])
        assert "input" not in moments(c, 0)


def test_who_finds_it_covered_by_others_is_heard_once_and_writes_nothing() -> None:
    with at(3, "need") as c:
        c.act(0, "point", **need()(c))
        assert c.refused(0, "fine") == "nothing_to_join", "one's own point is no other's"
        assert c.act(1, "fine") is None
        assert c.refused(1, "fine") == "said_already"
        assert c.step.done_members(c.turn(2)) == {c.members[0].id, c.members[1].id}
        assert c.unheard() == {c.members[2].id}
        assert c.step.task(c.turn(1)) is None
        assert c.refused(1, "point", **need(text="toch nog iets")(c)) == ""


# Dots, and what is chosen.


def test_tallies_are_hidden_until_the_round_has_closed() -> None:
    with at(4, "dots") as c:
        before = c.shown(1)
        first, second, *_ = ids(c, "point")
        for laid in ({first: 3}, {second: 1, first: 2}):
            c.act(0, "dots", dots=laid)
            assert c.shown(1) == before
        assert "tally" not in repr(c.step.spotlight(c.turn(1)))


def test_dots_choose_at_most_three_points_and_those_not_chosen_stay_in_sight() -> None:
    with at(8, "dots") as c:
        first, second, third, fourth = ids(c, "point")
        for who, laid in enumerate(
            ({first: 3}, {first: 2}, {second: 3}, {second: 3}, {third: 3}, {third: 1}, {fourth: 3})
        ):
            c.act(who, "dots", dots=laid)
        c.rest("leave_dots")
        assert c.move() == "consent"
        assert [each.id for each in c.summary(None).listed] == [second, first, third]
        assert attention.standing(c.turn(None)) == []
        agree(c)
        shown = c.summary(None).points
        assert [each.id for each in shown if each.adopted] == [second, first, third]
        assert [each.id for each in shown if not each.adopted] == [fourth]
        standing = attention.standing(c.turn(None))
        assert {linked(c, item.id, "adopted from").pop() for item in standing} == {first, second, third}
        assert all(set(item.body) == {"text", "why"} for item in standing)
        assert c.step.outcome(c.turn(None)).split("\n") == [item.body["text"] for item in standing]  # type: ignore[union-attr]


def test_three_dots_of_one_person_weigh_less_than_two_people() -> None:
    with at(6, "dots") as c:
        one, two, *_ = ids(c, "point")
        c.act(0, "dots", dots={one: 3})
        c.act(1, "dots", dots={two: 1})
        c.act(2, "dots", dots={two: 1})
        c.rest("leave_dots")
        c.move()
        assert [each.id for each in c.summary(0).points][:2] == [two, one]


def test_the_clock_may_close_the_dots_and_whoever_wrote_the_point_brought_it_in() -> None:
    with at(3, "dots") as c:
        c.act(0, "dots", dots={ids(c, "point")[0]: 3})
        for stage in ("dots", "consent"):
            for who in range(2):
                c.do_the_task(who, stage)
            for _ in range(2):
                c.run.closes_at = now()
                cycle.on_date(c.session, c.run.id, stage, STEPS)
        assert c.run.stage == "closed"
        writers = {item.body["text"]: item.member_id for item in items(c, "point")}
        standing = attention.standing(c.turn(None))
        assert standing
        assert all(item.member_id == writers[item.body["text"]] for item in standing)


def test_who_missed_the_decision_answers_afterwards_once_and_has_had_part_in_it() -> None:
    with at(5, "dots") as c:
        decide(c, 3)
        assert moments(c, 3) >= {"input"}
        assert c.act(3, "late", answer="concern", concern="let op de tijd") == "decision"
        assert c.refused(3, "late", answer="agree") == "already_chosen"
        assert c.refused(4, "late", answer="objection", harm="te laat", proposal="anders") == "late_objection"
        assert c.act(4, "late", answer="agree", concern="wordt niet bewaard") == "decision"
        shown = c.summary(0).decided
        assert (shown.late, shown.late_concerns) == (2, ["let op de tijd"])
        assert "decision" in moments(c, 3)


def test_minority_notes_are_kept_with_the_outcome_nameless_and_cannot_be_taken_back() -> None:
    with at(3, "need") as c:
        c.run.authors = "named"
        for who in range(3):
            c.do_the_task(who, "need")
        c.act(2, "minority", text="vergeet de stille leerlingen niet", point=ids(c, "point")[0])
        c.move()
        c.act(2, "minority", text="en de ouders ook niet")
        assert c.refused(2, "minority", text="en de OUDERS ook niet") == "said_already"
        assert c.refused(2, "withdraw", id=ids(c, "minority")[0]) == "not_found"
        decide(c, 3)
        c.act(1, "minority", text="ook achteraf mag het")
        shown = c.summary(0)
        assert sorted(shown.minority) == ["en de ouders ook niet", "ook achteraf mag het"]
        beside = next(each for each in shown.points if each.id == ids(c, "point")[0])
        assert beside.minority == ["vergeet de stille leerlingen niet"]
        assert "Persoon" not in repr([shown.minority, shown.points])


# What was adopted, and its origins.


def test_everything_adopted_goes_back_to_evidence_question_and_ambition() -> None:
    with at(4, "closed") as c:
        found = threads.of_cycle(c.turn(None))
        assert len(found) == len(attention.standing(c.turn(None))) > 0
        assert threads.orphans(found) == []
        for thread in found:
            assert thread.attention is not None
            assert [each.kind for each in thread.observations] == ["observation"]
            assert {each.kind for each in thread.evidence} == {"evidence"}
            assert {each.kind for each in thread.questions} == {"question"}
            assert thread.ambition.body["text"].startswith("samen")  # type: ignore[union-attr]
        # From another step's turn it is the same.
        other = c.on("ambition")
        assert len(threads.of_cycle(other.turn(None))) == len(found)
        assert [each.id for each in attention.standing(other.turn(None))] == [
            each.attention.id for each in found if each.attention
        ]


def test_an_attention_point_that_lost_its_evidence_is_named_an_orphan() -> None:
    with at(2, "closed") as c:
        for item in deciding.of_cycle(c.turn(None), "evidence").of("evidence"):
            contributions.withdraw(c.turn(0), item)
        c.session.flush()
        found = threads.of_cycle(c.turn(None))
        assert threads.orphans(found) == found != []


# Consent on the list.


def agree(c: Circle) -> None:
    """Everybody agrees, and the step is completed."""
    for who in range(len(c.members)):
        c.act(who, "consent", answer="agree")
    assert c.move() == "closed"


def decide(c: Circle, people: int) -> None:
    """So many lay dots and agree; the others let the date pass."""
    for stage in ("dots", "consent"):
        for who in range(people):
            c.do_the_task(who, stage)
        c.run.closes_at, c.run.extended = now(), True
        c.move()
    assert c.run.stage == "closed"


def object_(c: Circle, who: int = 0) -> int:
    """Somebody objects, and it goes back; the id of what they said."""
    c.act(who, "consent", answer="objection", harm="niet in onze hand", proposal="zeg het kleiner")
    c.rest("consent", answer="agree")
    assert c.move() == "need"
    return next(row.id for row in c.answers(c.rounds("consent")[-1]) if row.answer == "objection")


def test_the_list_is_put_to_all_in_the_version_it_has_and_a_yes_of_all_adopts_it() -> None:
    with at(3, "consent") as c:
        [listed], [round_] = items(c, "shortlist"), c.rounds("consent")[-1:]
        assert (round_.subject_id, round_.subject_version) == (listed.id, 1)
        assert listed.body == {"points": [[each.id, 1] for each in c.summary(0).listed]}
        assert (
            c.refused(0, "mend", id=ids(c, "point")[0], text="stiekem in onze lessen", why="anders", version=1)
            == "not_in_this_stage"
        )
        c.act(0, "consent", answer="concern", concern="houden we het vol?")
        assert c.refused(1, "consent", answer="concern") == {"concern": ["concern_missing"]}
        c.act(1, "consent", answer="abstain")
        assert c.move() == "waits_for_rest"
        c.act(2, "consent", answer="agree")
        assert c.move() == "closed"
        decided = c.summary(1).decided
        assert (decided.agreed, [each.concern for each in decided.concerns]) == (2, ["houden we het vol?"])


def test_where_dots_chose_nothing_the_list_is_empty_and_put_to_all_as_such() -> None:
    with at(3, "dots") as c:
        rounds.close(c.turn(0), c.rounds("dots")[-1], RoundOutcome.COUNTED)
        shortlist.put(c.turn(None), held(c.turn(None)), ())
        c.run.stage = "consent"
        c.step.enter(c.turn(None))
        assert list(c.step.spotlight(c.turn(0))) == list(c.summary(0).listed) == []
        agree(c)
        assert (attention.standing(c.turn(None)), c.run.outcome) == ([], None)


def test_after_an_objection_points_are_mended_or_another_is_written_and_all_are_asked_again() -> None:
    with at(3, "consent") as c:
        raised = object_(c, 2)
        assert attention.standing(c.turn(None)) == []
        assert c.step.done_members(c.turn(0)) == set()
        assert c.step.task(c.turn(0)).text.nl.startswith("Er was een bezwaar.")  # type: ignore[union-attr]
        [told] = c.summary(1).decided.objections
        assert (told.id, told.harm, told.done) == (raised, "niet in onze hand", "")
        assert c.move() == "objections_open"
        assert [each.code for each in c.summary(1).obstacles] == ["objections_open", "points_unchanged"]
        c.act(1, "resolve", consent=raised, text="punt een is kleiner gezegd", version=0)
        assert c.move() == "points_unchanged"
        mended = c.summary(0).points[0]
        who = 1 if mended.mine else 0
        c.act(who, "mend", id=mended.id, text="kleiner gezegd in onze lessen", why="dat kunnen we", version=1)
        assert c.step.done_members(c.turn(0)) == {c.members[who].id}, "whoever mends was heard"
        assert c.move() == "dots"
        for each in range(3):
            c.act(each, "dots", dots={mended.id: 3})
        assert c.move() == "consent"
        [listed] = items(c, "shortlist")
        assert (listed.version, listed.body) == (2, {"points": [[mended.id, 2]]})
        assert c.rounds("consent")[-1].subject_version == 2
        agree(c)
        [adopted] = attention.standing(c.turn(None))
        assert adopted.body == {"text": "kleiner gezegd in onze lessen", "why": "dat kunnen we"}
        # What dots chose once is the community's, also when the next list went on without it.
        reopened(c)
        assert [each.chosen for each in c.summary(0).points] == [True] * 3
    with at(3, "consent") as c:
        c.act(1, "resolve", consent=object_(c), text="er komt een ander punt", version=0)
        c.act(1, "point", **need(text="een ander punt")(c))
        assert c.move() == "dots"


def test_a_point_that_dots_chose_may_be_mended_by_all_and_any_other_by_its_writer_only() -> None:
    with at(4, "dots") as c:
        chosen, other, *_ = ids(c, "point")
        for who in range(4):
            c.act(who, "dots", dots={chosen: 3})
        c.move()
        object_(c)
        words = {"text": "beter gezegd in onze lessen", "why": "daarom"}
        writer = next(who for who in range(4) if c.members[who].id == own(c, who, "point")[0].member_id and
                      own(c, who, "point")[0].id == other)  # fmt: skip
        stranger = (writer + 1) % 4
        assert c.refused(stranger, "mend", id=other, version=1, **words) == "not_found"
        assert c.refused(writer, "mend", id=other, version=1, **words) == ""
        assert c.refused(stranger, "mend", id=chosen, version=1, **words) == "said_already", "as another point says"
        assert c.refused(stranger, "mend", id=chosen, version=1, text="weer beter in onze lessen", why="daarom") == ""
        assert (
            c.refused(writer, "mend", id=chosen, version=1, text="ook beter in onze lessen", why="daarom")
            == "changed_meanwhile"
        )
        assert (
            c.refused(writer, "mend", id=chosen, version=2, text="weer beter in onze lessen", why="daarom")
            == "said_already"
        )
        for who in range(4):
            assert c.refused(who, "withdraw", id=chosen) in ("already_adopted", "not_found")


def test_who_wrote_a_point_that_a_colleague_mended_keeps_the_moment_it_earned() -> None:
    with at(2) as c:
        c.do_the_task(1, "see")
        c.move()
        c.to("need")
        c.act(0, "point", **need()(c))
        assert c.move() == "dots"
        c.to("consent")
        object_(c, 1)
        [point] = ids(c, "point")
        c.act(1, "mend", id=point, text="van een collega", why="daarom", version=1)
        c.act(0, "point", **need(text="nog een punt")(c))
        c.act(0, "withdraw", id=ids(c, "point")[-1])
        assert "input" in moments(c, 0)


def test_what_was_adopted_stands_until_the_new_list_does_and_then_says_what_was_mended() -> None:
    with at(3, "closed") as c:
        before = {item.id: item.body["text"] for item in attention.standing(c.turn(None))}
        reopened(c)
        point = next(each for each in c.summary(0).points if each.adopted)
        c.act(0, "mend", id=point.id, text="nu beter gezegd", why=point.why, version=point.version)
        c.move()
        for who in range(3):
            c.act(who, "dots", dots={point.id: 3})
        assert c.move() == "consent"
        object_(c)
        assert {item.id: item.body["text"] for item in attention.standing(c.turn(None))} == before
        c.act(
            0, "resolve", consent=c.answers(c.rounds("consent")[-1])[0].id, text="besproken in onze lessen", version=0
        )
        c.act(1, "mend", id=point.id, text="nog beter gezegd", why=point.why, version=point.version + 1)
        c.to("consent")
        agree(c)
        after = {item.id: item.body["text"] for item in attention.standing(c.turn(None))}
        assert after.keys() & before.keys()
        assert "nog beter gezegd" in after.values()
        assert threads.orphans(threads.of_cycle(c.turn(None))) == []


def reopened(c: Circle) -> Circle:
    c.reopen("er kwam iets bij")
    return c


def test_opened_again_it_asks_everybody_again_and_what_is_chosen_again_stays_what_it_was() -> None:
    with at(3, "closed") as c:
        before = {linked(c, item.id, "adopted from").pop(): item.id for item in attention.standing(c.turn(None))}
        assert len(before) == 3
        reopened(c)
        assert (c.run.stage, c.step.done_members(c.turn(0))) == ("need", set())
        assert c.step.outcome(c.turn(None)) is None
        kept, *dropped = ids(c, "point")
        assert c.refused(0, "withdraw", id=own(c, 0, "point")[0].id) == "already_adopted"
        c.act(0, "point", **need(text="dit kwam erbij")(c))
        new = ids(c, "point")[-1]
        assert c.move() == "dots"
        c.act(0, "dots", dots={kept: 1, new: 2})
        c.rest("leave_dots")
        assert c.move() == "consent"
        agree(c)
        after = {linked(c, item.id, "adopted from").pop(): item.id for item in attention.standing(c.turn(None))}
        assert after.keys() == {kept, new}
        assert after[kept] == before[kept]
        assert threads.orphans(threads.of_cycle(c.turn(None))) == []
        # And once more: what stood before stands again as what it was, with what it said.
        reopened(c).move()
        c.act(0, "dots", dots={dropped[0]: 3})
        c.rest("leave_dots")
        c.move()
        agree(c)
        assert [item.id for item in attention.standing(c.turn(None))] == [before[dropped[0]]]
        assert attention.standing(c.turn(None))[0].body["text"]


def test_an_answer_given_afterwards_is_about_the_outcome_of_then() -> None:
    with at(3, "dots") as c:
        decide(c, 2)
        c.act(2, "late", answer="concern", concern="zorg van toen")
        assert "zorg van toen" in c.shown(0)
        reopened(c).move()
        decide(c, 2)
        assert "zorg van toen" not in c.shown(0)
        assert moments(c, 2) >= {"decision"}
