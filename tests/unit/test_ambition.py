"""Step 1's rules, through the same forms that its pages post."""

from collections.abc import Callable
from typing import Any

import pytest

from lti_tool.domain.mechanisms import merging, rounds
from lti_tool.domain.ties import Tie
from lti_tool.models.voices import Contribution, Link, Revision
from lti_tool.steps.ambition import Ambition
from lti_tool.steps.ambition.acts import MAX_IDEAS
from tests.web.circle import Circle, circle
from tests.web.ways.ambition import write

HUGE = 10**30
Fields = Callable[[Circle], dict[str, Any]]


def idea(text: str = "iets heel nieuws", why: str = "het telt", **more: Any) -> Fields:
    return lambda _: {"text": text, "why": why, **more}


def their(action_fields: Callable[[int], dict[str, Any]]) -> Fields:
    """Fields with the id of the second member's idea in them."""
    return lambda c: action_fields(c.own(1)[0].id)


def own(action_fields: Callable[[int], dict[str, Any]]) -> Fields:
    """Fields with the id of one's own idea in them."""
    return lambda c: action_fields(c.own(0)[0].id)


def text(**more: Any) -> Fields:
    return lambda c: {"text": "samen iets anders", "ideas": [c.own(0)[0].id], "version": 1, **more}


LONG = "a" * 1001
MISSING, LATER = "missing", "not_in_this_stage"

# stage, action, form, why it is refused (a code, or the codes by field). The actor is the first of three
# members; each has one idea, "goed merkbaar 0" is the actor's.
REFUSED: list[tuple[str, str, Fields, str | dict[str, list[str]]]] = [
    ("ideas", "idea", idea(""), {"text": [MISSING]}),
    ("ideas", "idea", idea("  \n\t "), {"text": [MISSING]}),
    ("ideas", "idea", idea(why=""), {"why": [MISSING]}),
    ("ideas", "idea", lambda _: {}, {"text": [MISSING], "why": [MISSING]}),
    ("ideas", "idea", idea("… ?! —"), "blank"),
    ("ideas", "idea", idea("beter lezen"), {"text": ["too_few_words"]}),
    ("ideas", "idea", idea("beter, lezen – !"), {"text": ["too_few_words"]}),
    ("ideas", "idea", idea("\u200b\u200b"), "blank"),
    ("ideas", "idea", idea("a" * 601), {"text": ["too_long"]}),
    ("ideas", "idea", idea(why=LONG), {"why": ["too_long"]}),
    ("ideas", "idea", idea("goed merkbaar 0"), "said_already"),
    ("ideas", "idea", idea("  Goed: MERKBAAR \n 0! "), "said_already"),
    ("ideas", "idea", their(lambda i: {"id": i, "text": "gekaapt in onze lessen", "why": "x"}), "not_found"),
    ("ideas", "idea", idea(id=HUGE), "not_found"),
    ("ideas", "idea", idea(id=-1), "not_found"),
    ("ideas", "idea", own(lambda i: {"id": i, "text": "het is anders", "why": "x", "version": 7}), "changed_meanwhile"),
    ("ideas", "withdraw", their(lambda i: {"id": i}), "not_found"),
    ("ideas", "withdraw", lambda _: {"id": HUGE}, "not_found"),
    ("ideas", "respond", their(lambda i: {"idea": i, "text": "te vroeg in onze lessen"}), LATER),
    ("ideas", "dots", their(lambda i: {"dots": {i: 3}}), LATER),
    ("ideas", "propose", text(), LATER),
    ("ideas", "consent", lambda _: {"answer": "agree"}, LATER),
    ("respond", "idea", own(lambda i: {"id": i, "text": "anders in onze lessen", "why": "x"}), "already_revealed"),
    ("respond", "withdraw", own(lambda i: {"id": i}), LATER),
    ("respond", "respond", own(lambda i: {"idea": i, "text": "wat goed van mij"}), "own_idea"),
    ("respond", "respond", their(lambda i: {"idea": i, "text": ""}), {"text": [MISSING]}),
    ("respond", "respond", their(lambda i: {"idea": i, "text": LONG}), {"text": ["too_long"]}),
    ("respond", "respond", their(lambda i: {"idea": i, "text": "!!!"}), "blank"),
    ("respond", "respond", lambda _: {"idea": HUGE, "text": "aan niemand in onze lessen"}, "not_found"),
    ("dots", "idea", idea(), LATER),
    ("dots", "dots", lambda _: {}, "no_dots"),
    ("dots", "dots", own(lambda i: {"dots": {i: 0}}), "no_dots"),
    ("dots", "dots", lambda c: {"dots": {i.id: 2 for i in c.ideas()}}, "too_many_dots"),
    ("dots", "dots", lambda _: {"dots": {HUGE: 1}}, "not_found"),
    ("dots", "dots", lambda _: {"dots": {-1: 1}}, "not_found"),
    ("draft", "dots", own(lambda i: {"dots": {i: 3}}), LATER),
    ("draft", "propose", text(text="?", version=0), "blank"),
    ("draft", "propose", text(text="", version=0), {"text": [MISSING]}),
    ("draft", "propose", text(ideas=[], version=0), {"ideas": ["ideas_missing"]}),
    ("draft", "propose", text(ideas=[HUGE], version=0), "not_found"),
    ("draft", "propose", text(version=1), "changed_meanwhile"),
    ("consent", "propose", text(), LATER),
    ("consent", "consent", lambda _: {}, {"answer": ["answer_missing"]}),
    ("consent", "consent", lambda _: {"answer": "maybe"}, {"answer": ["answer_missing"]}),
    ("consent", "consent", lambda _: {"answer": "concern"}, {"concern": ["concern_missing"]}),
    ("consent", "consent", lambda _: {"answer": "concern", "concern": "..."}, {"concern": ["concern_missing"]}),
    ("consent", "consent", lambda _: {"answer": "objection", "harm": "schaadt"}, {"proposal": ["proposal_missing"]}),
    ("consent", "consent", lambda _: {"answer": "objection", "proposal": "zo dan"}, {"harm": ["harm_missing"]}),
    ("closed", "consent", lambda _: {"answer": "objection", "harm": "toch", "proposal": "niet"}, LATER),
    ("closed", "idea", idea(), LATER),
    ("closed", "respond", their(lambda i: {"idea": i, "text": "nog iets in onze lessen"}), LATER),
    ("closed", "propose", text(), LATER),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "action", "fields", "why"), REFUSED)
def test_refused_with_a_reason_and_nothing_is_changed(
    stage: str, action: str, fields: Fields, why: str | dict[str, list[str]]
) -> None:
    with circle(3, stage) as c:
        if stage == "ideas":
            for who in range(3):
                c.do_the_task(who, "ideas")
        if (stage, action) == ("draft", "propose"):
            c.act(0, "take_pen")
        before = _all(c)
        assert c.refused(0, action, **fields(c)) == why
        assert _all(c) == before


def _all(c: Circle) -> str:
    """Everything there is to see, and the rows behind it."""
    c.session.expire_all()
    rows = [(r.id, r.body, r.version, r.withdrawn_at) for r in c.session.query(Contribution).order_by("id")]
    laid = [(r.id, r.outcome, c.dots(r), [(a.answer, a.body) for a in c.answers(r)]) for r in c.rounds("dots")]
    given = [(r.id, r.outcome, [(a.member_id, a.answer, a.body) for a in c.answers(r)]) for r in c.rounds("consent")]
    return repr((rows, laid, given, [sorted(c.moments(who)) for who in range(len(c.members))], c.run.stage))


def test_at_most_three_ideas_each() -> None:
    with circle(2) as c:
        for number in range(MAX_IDEAS):
            assert c.refused(0, "idea", text=f"idee {number} in onze lessen", why="x") == ""
        assert c.refused(0, "idea", text="nog een in onze lessen", why="x") == "enough_ideas"
        assert c.refused(1, "idea", text="van een ander", why="x") == ""
        c.act(0, "withdraw", id=c.own(0)[0].id)
        assert c.refused(0, "idea", text="nog een in onze lessen", why="x") == ""


def test_the_same_text_may_be_two_people_s_idea() -> None:
    with circle(2) as c:
        assert [c.refused(who, "idea", text="meer lezen in onze lessen", why="x") for who in (0, 1)] == ["", ""]


def test_a_changed_idea_may_keep_its_own_text() -> None:
    with circle(1) as c:
        c.act(0, "idea", text="meer lezen in onze lessen", why="x")
        item = c.own(0)[0]
        c.act(0, "idea", id=item.id, version=1, text="Meer lezen in onze lessen", why="om een betere reden")
        assert (item.body["why"], item.version) == ("om een betere reden", 2)


def test_withdrawing_the_last_idea_takes_the_input_moment_back() -> None:
    with circle(1) as c:
        for word in ("een in onze lessen", "twee in onze lessen"):
            c.act(0, "idea", text=word, why="x")
        c.act(0, "withdraw", id=c.own(0)[0].id)
        assert c.moments(0) == {"input"}
        c.act(0, "withdraw", id=c.own(0)[0].id)
        assert c.moments(0) == set()
        c.act(0, "idea", text="drie in onze lessen", why="x")
        assert c.moments(0) == {"input"}


def test_of_a_withdrawn_idea_no_word_stays_in_the_database() -> None:
    with circle(1) as c:
        c.act(0, "idea", text="eerst geheim in onze lessen", why="x")
        item = c.own(0)[0]
        c.act(0, "idea", id=item.id, version=1, text="daarna geheim in onze lessen", why="x")
        c.act(0, "withdraw", id=item.id)
        kept = [row.body for table in (Contribution, Revision) for row in c.session.query(table)]
        assert "geheim" not in repr(kept)
        assert c.refused(0, "idea", id=item.id, text="terug in onze lessen", why="x") == "not_found"


def test_a_late_idea_is_welcome_while_all_respond_and_earns_its_moment() -> None:
    with circle(2) as c:
        c.act(0, "idea", text="op tijd in onze lessen", why="x")
        assert c.move() == "respond"
        c.act(1, "idea", text="nog net in onze lessen", why="x")
        assert c.moments(1) == {"input"}
        assert "nog net in onze lessen" in c.shown(0)


def test_a_response_may_still_be_given_while_dots_are_laid_and_the_text_is_written() -> None:
    for stage in ("respond", "dots", "draft"):
        with circle(2, stage) as c:
            c.act(0, "respond", idea=c.own(1)[0].id, text="wat een mooie gedachte")
            assert "wat een mooie gedachte" in c.shown(1)


def test_the_text_names_the_ideas_it_comes_from_and_a_new_version_names_its_own() -> None:
    with circle(3, "draft") as c:
        first, second, third = (item.id for item in c.ideas())
        write(c, 0, text="versie een in onze lessen", ideas=[first, second, first])
        assert _origins(c) == {first, second}
        write(c, 1, text="versie twee in onze lessen", ideas=[third])
        assert _origins(c) == {third}
        assert c.proposal().body["text"] == "versie twee in onze lessen"  # type: ignore[union-attr]


def _origins(c: Circle) -> set[int]:
    return set(c.session.scalars(c.session.query(Link.to_id).filter_by(kind=Tie.BUILT_FROM).statement))


def test_who_edits_an_older_version_is_told_and_overwrites_nothing() -> None:
    with circle(3, "draft") as c:
        fields = {"ideas": [c.ideas()[0].id]}
        write(c, 0, text="van nul in onze lessen")
        c.act(1, "take_pen")
        assert c.refused(1, "propose", text="ook van nul", version=0, **fields) == "changed_meanwhile"
        c.act(1, "propose", text="van een in onze lessen", version=1, **fields)
        c.act(1, "hand_on_pen")
        c.act(2, "take_pen")
        assert c.refused(2, "propose", text="ook van een", version=1, **fields) == "changed_meanwhile"
        assert c.proposal().body["text"] == "van een in onze lessen"  # type: ignore[union-attr]
        assert [row.body["text"] for row in c.session.query(Revision) if "text" in row.body][-1:] == [
            "van nul in onze lessen"
        ]


def test_an_objection_takes_the_text_back_to_the_draft_and_is_shown_there() -> None:
    with circle(3, "consent") as c:
        for who in (0, 1):
            c.act(who, "consent", answer="agree")
        c.act(2, "consent", answer="objection", harm="dit sluit een groep uit", proposal="schrijf: alle leerlingen")
        assert c.move() == "draft"
        shown = c.summary(0)
        (objection,) = shown.decided.objections
        assert (objection.harm, objection.proposal, objection.done) == (
            "dit sluit een groep uit", "schrijf: alle leerlingen", ""
        )  # fmt: skip
        assert c.rounds("consent")[0].outcome == "objected"
        assert c.run.closed_at is None


def test_after_an_objection_a_new_version_gets_a_new_round_with_no_answer_in_it() -> None:
    with circle(2, "consent") as c:
        c.act(0, "consent", answer="agree")
        c.act(1, "consent", answer="objection", harm="zo niet", proposal="maar zo in onze lessen")
        c.move()
        write(c, 1, text="maar zo in onze lessen")
        assert c.move() == "consent"
        newest = c.rounds("consent")[-1]
        assert (newest.subject_version, c.answers(newest)) == (2, [])
        assert c.move() == "quorum_missing"
        for who in (0, 1):
            c.act(who, "consent", answer="agree")
        assert (c.move(), c.step.outcome(c.turn(None))) == ("closed", "maar zo in onze lessen")


def test_the_adopted_text_keeps_its_origins_tally_and_concerns() -> None:
    with circle(3, "consent") as c:
        c.act(0, "consent", answer="concern", concern="lukt dat voor mei")
        for who in (1, 2):
            c.act(who, "consent", answer="agree")
        assert c.move() == "closed"
        shown = c.summary(None)
        assert [each.used for each in shown.candidates].count(True) == 1
        assert [each.concern for each in shown.decided.concerns] == ["lukt dat voor mei"]
        assert sum(each.tally.dots for each in shown.candidates if each.tally) == 9
        assert c.run.closed_at is not None


@pytest.mark.parametrize(("stage", "why"), [("ideas", "no_ideas"), ("dots", "quorum_missing"), ("draft", "no_text")])
def test_an_empty_stage_does_not_move(stage: str, why: str) -> None:
    with circle(2, stage) as c:
        assert c.move() == why
        assert c.run.stage == stage


def test_before_the_reveal_one_reads_only_one_s_own_ideas_and_the_facilitator_none() -> None:
    with circle(3) as c:
        for who in range(3):
            c.act(who, "idea", text=f"geheim{who} in onze lessen", why=f"reden{who}")
        for who in range(3):
            assert {f"geheim{n}" in c.shown(who) or f"reden{n}" in c.shown(who) for n in range(3) if n != who} == {
                False
            }
            assert f"geheim{who}" in c.shown(who)
        c.members[0].standing, c.members[0].facilitates = "outside", True
        assert "geheim1" not in c.shown(0)
        assert "geheim" not in c.shown(None)


def test_a_tally_is_shown_to_nobody_before_the_round_has_closed() -> None:
    with circle(3, "dots") as c:
        before = c.shown(1)
        c.act(0, "dots", dots={c.own(0)[0].id: 3})
        assert c.shown(1) == before
        c.act(0, "dots", dots={c.own(2)[0].id: 3})
        assert c.shown(1) == before


def test_an_answer_is_shown_to_nobody_else_before_the_round_has_closed() -> None:
    with circle(3, "consent") as c:
        before = c.shown(1)
        c.act(0, "consent", answer="objection", harm="zo niet", proposal="maar zo in onze lessen")
        assert c.shown(1) == before
        assert c.summary(0).decided.my_answer.answer == "objection"


def test_after_the_reveal_all_read_the_ideas_in_one_order_that_does_not_tell_who_wrote_first() -> None:
    with circle(8, "respond") as c:
        seen = [[each.id for each in c.summary(who).ideas] for who in range(8)]
        assert all(order == seen[0] for order in seen)
        written = [item.id for item in c.ideas()]
        assert set(seen[0]) == set(written)
        assert seen[0] != written


def test_what_is_shown_of_an_idea_names_nobody() -> None:
    with circle(2, "closed") as c:
        for each in c.summary(0).ideas:
            assert set(vars(each)) <= {
                "id",
                "text",
                "why",
                "version",
                "mine",
                "responses",
                "into",
                "author",
                "restated",
                "agreed",
                "i_agreed",
            }
            assert each.author is None
            assert {answer.author for answer in each.responses} <= {None}
        for each in c.summary(0).candidates:
            assert set(vars(each)) <= {"id", "text", "why", "merged", "mine", "ideas", "tally", "used"}


def test_each_stage_has_one_task_and_it_is_gone_once_done() -> None:
    with circle(2) as c:
        for stage in ("ideas", "respond", "dots", "consent"):
            c.to(stage)
            assert c.step.task(c.turn(1)) is not None
            c.do_the_task(1, stage)
            assert c.step.task(c.turn(1)) is None
            assert c.step.task(c.turn(None)) is None


def test_the_number_heard_counts_people_present_and_never_posts() -> None:
    with circle(4) as c:
        for number in range(3):
            c.act(0, "idea", text=f"idee {number} in onze lessen", why="x")
        c.act(1, "idea", text="een in onze lessen", why="x")
        assert c.step.waiting(c.turn(2)).done == 2  # type: ignore[union-attr]
        c.go(1)
        assert c.step.waiting(c.turn(2)).done == 1  # type: ignore[union-attr]


def test_links_lead_only_to_contributions_of_the_same_run() -> None:
    with circle(2, "closed") as c:
        runs = {item.id: item.step_run_id for item in c.session.query(Contribution)}
        assert {runs[link.from_id] == runs[link.to_id] for link in c.session.query(Link)} == {True}


def test_every_stage_enters_with_the_round_it_needs() -> None:
    with circle(2) as c:
        for stage, kinds in (("dots", ["dots"]), ("draft", ["dots"]), ("consent", ["dots", "consent"])):
            c.to(stage)
            assert [r.kind for kind in ("dots", "consent") for r in c.rounds(kind)] == kinds
        assert rounds.latest(c.turn(None), "consent").subject_id == c.proposal().id  # type: ignore[union-attr]


def test_a_person_who_does_not_take_part_may_do_nothing() -> None:
    with circle(2, "respond") as c:
        fields = their(lambda i: {"idea": i, "text": "van buiten in onze lessen"})(c)
        for standing in ("outside", "leader", "asked"):
            c.members[0].standing = standing
            assert c.refused(0, "respond", **fields) == "not_a_member"
            assert c.refused(0, "idea", text="van buiten in onze lessen", why="x") == "not_a_member"


def test_the_declared_actions_are_all_the_ways_to_change_something() -> None:
    assert {deed.name for deed in Ambition.deeds} == {
        "idea", "withdraw", "respond", "agree", "restate", "confirm", "merge", "let_in", "keep_out", "take_apart",
        "keep_apart", "dots", "not_me",
        "leave_dots", "take_pen", "hand_on_pen", "propose", "resolve", "solve", "put", "put_back", "weigh_objection",
        "voice", "drop_voice", "no_voice", "consent", "late",
        "pulse", "publish_pulse",
    }  # fmt: skip
    # What a leader outside can do: a frame, and nothing that sets the ambition.
    assert {deed.name for deed in Ambition.leader_deeds} == {"frame", "no_frame"}


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("people", range(2, 31))
def test_nobody_sits_alone_in_a_group(people: int, size: int) -> None:
    for seed in range(5):
        settled = merging.groups(range(people), size, seed)
        assert sorted(each for group in settled for each in group) == list(range(people))
        assert min(len(group) for group in settled) >= 2
        # Nor when of each group one stays, nor when two of different groups do.
        first, last = settled[0][0], settled[-1][-1]
        for there in ({group[0] for group in settled}, {first, last}):
            seats = [group for group in merging.seated(settled, there) if group]
            assert sorted(each for group in seats for each in group) == sorted(there)
            assert len(there) == 1 or min(len(group) for group in seats) >= 2, (settled, there)
