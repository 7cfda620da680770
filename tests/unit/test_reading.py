"""The gate, asked by everybody in every phase: out comes what the table says, and nothing of another community.

Rows are written straight into the tables of two communities that are alike, so that nothing but the gate
stands between them and the reader.
"""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.community import drafts, sharing
from lti_tool.domain.community.access import COMMUNITY, FOLLOWERS, Audience
from lti_tool.domain.cycle import Phase, Turn, reopening
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Answers, Piece, Tally
from lti_tool.domain.reading.things import ROUNDS, RULES, Form, Rule, Thing, Until, Viewer
from lti_tool.domain.thread import influence, red_thread
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Community, Cycle, Member, Person, Round, StepRun
from lti_tool.models.voices import Attachment, Consent, Contribution, Dot, Draft, Link, Note, Revision
from lti_tool.steps.base import Registry, Step
from tests.web.circle import STEPS, Circle, circle

DOMAIN = Path(__file__).parents[2] / "lti_tool"
# Everybody who can ask: as what they are here, in a row of their own.
EVERYBODY = [frozenset({each}) for each in Audience] + [COMMUNITY]
named = pytest.mark.parametrize("seen_as", EVERYBODY, ids=lambda each: "+".join(sorted(each)))

# How long each thing is its owner's alone, and in which form others get it: said here once more, by hand.
AT_ONCE = {
    Thing.INVITATIONS, Thing.GROUP, Thing.FRAME, Thing.ASK_ME, Thing.CHECKED, Thing.REOPENING, Thing.REPLY,
    Thing.SHORTAGE, Thing.TOTALS, Thing.MISSING, Thing.THREAD, Thing.INFLUENCE, Thing.SHARED_YIELD,
    Thing.ATTENDANCE, Thing.FACTOR, Thing.HOURS_FIGURE,
}  # fmt: skip
AFTER_ITS_ROUND = {Thing.DOTS, Thing.CONSENT, Thing.REASON, Thing.HARM, Thing.SAY, Thing.ENDORSEMENT}
NEVER = {
    Thing.OWN_MOMENTS, Thing.NOTE, Thing.DRAFT, Thing.JOURNAL, Thing.CONDITIONS, Thing.SURVEY, Thing.PULSE,
    Thing.HOURS,
}  # fmt: skip
AS_TOTALS = {Thing.DOTS, Thing.CONSENT, Thing.HARM, Thing.SAY}
AS_A_NUMBER = {
    Thing.STILL,
    Thing.RESTATEMENT,
    Thing.NOD,
    Thing.SHORTAGE,
    Thing.ENDORSEMENT,
    Thing.INFLUENCE,
    Thing.HOURS_FIGURE,
}
BETWEEN_TWO = {Thing.RESTATEMENT, Thing.NOTE, Thing.HOURS}
OF_THE_COMMUNITY = {Thing.TOTALS, Thing.CHECKED, Thing.HOURS_FIGURE}


@pytest.mark.parametrize("thing", Thing)
def test_how_long_each_thing_is_its_owner_s_alone_and_in_which_form_others_get_it(thing: Thing) -> None:
    rule = RULES[thing]
    hidden = (
        Until.AT_ONCE if thing in AT_ONCE
        else Until.ROUND if thing in AFTER_ITS_ROUND
        else Until.ALWAYS if thing in NEVER
        else Until.ALONE
    )  # fmt: skip
    form = (
        Form.TOTALS if thing in AS_TOTALS
        else Form.COUNT if thing in AS_A_NUMBER
        else Form.NOTHING if thing in NEVER
        else Form.PIECES
    )  # fmt: skip
    found = (rule.until, rule.form, rule.between, not rule.owned)
    assert found == (hidden, form, thing in BETWEEN_TWO, thing in OF_THE_COMMUNITY)


def test_a_rule_that_contradicts_itself_is_none() -> None:
    words = RULES[Thing.JOURNAL].words
    for until, readers, form in (
        (Until.ALWAYS, COMMUNITY, Form.NOTHING),
        (Until.ALWAYS, frozenset[Audience](), Form.PIECES),
        (Until.AT_ONCE, frozenset[Audience](), Form.PIECES),
        (Until.AT_ONCE, COMMUNITY, Form.NOTHING),
    ):
        with pytest.raises(ValueError, match="its owner's alone"):
            Rule(until, readers, form, words)


class Two:
    """Two communities alike: in each the same rows, in a run of the step and stage that are asked about."""

    def __init__(self, c: Circle) -> None:
        self.c, self.session = c, c.session
        other = Community(course_id=c.community.course_id, name="De anderen", locale="nl", group_id="anders")
        self.session.add(other)
        self.session.flush()
        strange = Cycle(community_id=other.id, number=1)
        self.session.add(strange)
        self.session.flush()
        self.places = [(c.community, c.cycle, [m.id for m in c.members]), (other, strange, self._people(other, 3))]

    def _people(self, community: Community, count: int) -> list[int]:
        found = []
        for number in range(count):
            person = Person(issuer="https://elders.example", sub=f"vreemd-{number}", name=f"Vreemd {number}")
            self.session.add(person)
            self.session.flush()
            member = Member(community_id=community.id, person_id=person.id, number=number + 1, standing="member")
            self.session.add(member)
            self.session.flush()
            found.append(member.id)
        return found

    def runs(self, step: Step, phase: Phase) -> list[StepRun]:
        """The step in both communities, in a stage of this phase."""
        made = []
        for _, of, _ in self.places:
            found = self.session.query(StepRun).filter_by(cycle_id=of.id, step=step.name).one_or_none()
            run = found or StepRun(cycle_id=of.id, step=step.name, stage="")
            run.stage = next((s.name for s in step.stages if s.phase == phase), "closed")
            run.closed_at = now() if phase == Phase.CLOSED else None
            self.session.add(run)
            made.append(run)
        self.session.flush()
        return made

    def bring(self, runs: list[StepRun], kind: str, body: dict[str, Any] | None = None) -> list[list[Contribution]]:
        """One of a kind of each of the first two members, in both communities."""
        made = []
        for run, (_, _, people) in zip(runs, self.places, strict=True):
            mine = [Contribution(step_run_id=run.id, kind=kind, member_id=who, body=body or {}) for who in people[:2]]
            self.session.add_all(mine)
            made.append(mine)
        self.session.flush()
        return made

    def reader(self, run: StepRun, who: int, seen_as: frozenset[Audience]) -> Turn:
        """Somebody of the first community, as what they are."""
        community, of, _ = self.places[0]
        return Turn(self.session, community, of, run, self.c.members[who], STEPS, seen_as)


@pytest.fixture(scope="module")
def whole() -> Iterator[Circle]:
    with circle(3, "ideas") as made:
        yield made


@pytest.fixture
def two(whole: Circle) -> Iterator[Two]:
    """Both, and all of it undone."""
    with whole.session.begin_nested() as undone:
        yield Two(whole)
        undone.rollback()


# Every kind that any step keeps, in every phase that its step has.
KEPT = [
    (step, kind, phase)
    for step in STEPS.by_name.values()
    for kind in step.keeps
    for phase in [*dict.fromkeys(stage.phase for stage in step.stages), Phase.CLOSED]
]


def kind_id(value: Any) -> str:
    return value.name if isinstance(value, Step) else str(value)


def expected(thing: Thing, phase: Phase, seen_as: frozenset[Audience]) -> bool:
    """Whether somebody reads others' pieces of a thing: by the table."""
    rule = RULES[thing]
    if rule.form != Form.PIECES or not rule.readers & seen_as:
        return False
    return rule.until == Until.AT_ONCE or (rule.until == Until.ALONE and phase != Phase.ALONE)


@pytest.mark.parametrize(("step", "kind", "phase"), KEPT, ids=kind_id)
def test_everybody_reads_of_every_kind_in_every_phase_what_the_table_says(
    two: Two, step: Step, kind: str, phase: Phase
) -> None:
    runs = two.runs(step, phase)
    [mine, theirs], _ = two.bring(runs, kind)
    thing = step.becomes.get(kind, step.keeps[kind]) if phase == Phase.CLOSED else step.keeps[kind]
    for seen_as, who in product(EVERYBODY, (0, 2)):
        turn = two.reader(runs[0], who, seen_as)
        wanted = {mine.id, theirs.id} if expected(thing, phase, seen_as) else set()
        if who == 0 and RULES[thing].owned:
            wanted |= {mine.id}
        told = f"{thing} in {phase} to {sorted(seen_as)} as member {who}"
        assert set(gate.gather(turn).items) == wanted, told
        assert {item.id for _, _, item in gate.everywhere(turn, kind)} == wanted, told
        if isinstance(kind, Flow):
            elsewhere = turn.beside(StepRun(id=0))
            assert set(gate.of_cycle(elsewhere, kind).items) == wanted, told
            assert set(gate.of_cycles(elsewhere, (1, 2), kind)[1].items) == wanted, told
        own = {item.id for item in gate.mine(turn, kind)}
        assert own == ({mine.id} if who == 0 else set()), told


def test_the_clock_reads_what_the_community_may_and_nothing_that_is_anybody_s_alone(two: Two) -> None:
    step = STEPS.by_name["evaluation"]
    for phase in (Phase.ALONE, Phase.RESPOND):
        runs = two.runs(step, phase)
        (story, _), _ = two.bring(runs, "story")
        two.bring(runs, "survey")
        community, of, _ = two.places[0]
        found = gate.gather(Turn(two.session, community, of, runs[0], None, STEPS))
        assert {item.kind for item in found.items.values()} == ({"story"} if phase != Phase.ALONE else set()), story


def test_a_stage_that_its_step_does_not_know_reveals_nothing(two: Two) -> None:
    [run, _] = runs = two.runs(STEPS.by_name["ambition"], Phase.RESPOND)
    [mine, _], _ = two.bring(runs, "idea")
    run.stage = "nog nooit van gehoord"
    assert set(gate.gather(two.reader(run, 0, COMMUNITY)).items) == {mine.id}


def test_a_kind_that_no_step_declares_is_read_by_nobody_and_cannot_be_brought_in(two: Two) -> None:
    [run, _] = runs = two.runs(STEPS.by_name["ambition"], Phase.RESPOND)
    two.bring(runs, "geheim")
    turn = two.reader(run, 0, COMMUNITY)
    assert not gate.gather(turn).items
    with pytest.raises(LookupError, match="geheim"):
        contributions.add(turn, "geheim", {})
    with pytest.raises(LookupError, match="geheim"):
        gate.of_cycle(turn, "geheim")


def test_a_step_that_keeps_what_flows_on_of_another_is_refused_at_start_up() -> None:
    class Copy(Step):
        """Like step 2."""

        name, position = "kopie", 9
        title = question = purpose = STEPS.by_name["information"].title
        asks = ()
        keeps = {Flow.EVIDENCE: Thing.EVIDENCE}

    registry = Registry()
    registry.add(STEPS.by_name["information"])
    with pytest.raises(TypeError, match="evidence"):
        registry.add(Copy())


@named
def test_a_restatement_is_read_by_the_two_it_is_between(two: Two, seen_as: frozenset[Audience]) -> None:
    [run, _] = runs = two.runs(STEPS.by_name["ambition"], Phase.RESPOND)
    [idea, _], _ = two.bring(runs, "idea")
    [_, said], _ = two.bring(runs, "restatement", {"text": "als ik je goed begrijp"})
    two.session.add(Link(from_id=said.id, to_id=idea.id, kind="restates"))
    two.session.flush()
    read = {who: said.id in gate.gather(two.reader(run, who, seen_as)).items for who in range(3)}
    # Whose idea it is reads it only as long as they read the idea itself, which is their own.
    assert read == {0: True, 1: True, 2: False}


def answers(two: Two, round_: Round, other: Round) -> None:
    for each, (_, _, people) in zip((round_, other), two.places, strict=True):
        for who, (answer, body) in zip(people, GIVEN[round_.kind], strict=False):
            two.session.add(Consent(round_id=each.id, member_id=who, answer=answer, body=body))
    two.session.flush()


GIVEN: dict[str, list[tuple[str, dict[str, str]]]] = {
    "consent": [("concern", {"concern": "de tijd"}), ("agree", {})],
    "overrule": [("yes", {}), ("no", {})],
    "endorse": [("not_yet", {"missing": "de cijfers"}), ("endorse", {})],
}
OF_ROUND = {
    "dots": "ambition",
    "consent": "ambition",
    "overrule": "ambition",
    "endorse": "evaluation",
    "check-in": "actions",
}


@named
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("kind", ROUNDS)
def test_a_round_tells_what_the_table_says_and_to_whom(
    two: Two, kind: str, closed: bool, seen_as: frozenset[Audience]
) -> None:
    runs = two.runs(STEPS.by_name[OF_ROUND[kind]], Phase.DECIDE)
    made = [Round(step_run_id=run.id, kind=kind, closed_at=now() if closed else None) for run in runs]
    two.session.add_all(made)
    two.session.flush()
    round_, other = made
    turn = two.reader(runs[0], 2, seen_as)
    totals, words = ROUNDS[kind]

    def told(thing: Thing | None) -> bool:
        rule = RULES[thing] if thing else None
        return bool(rule and rule.readers & seen_as and (closed or rule.until == Until.AT_ONCE))

    if kind == "dots":
        [item, _], [strange, _] = two.bring(runs, "idea")
        for each, on, place in zip(made, (item, strange), two.places, strict=True):
            two.session.add_all(
                Dot(round_id=each.id, member_id=who, contribution_id=on.id, count=2) for who in place[2]
            )
        two.session.flush()
        check(lambda: gate.tally(turn, round_), told(totals), {item.id: Tally(6, 3, told=False)})
        assert gate.my_dots(turn, round_) == {item.id: 2}
        assert gate.my_dots(two.reader(runs[0], 0, seen_as), round_) == {item.id: 2}
    elif kind == "check-in":
        [item, _], _ = two.bring(runs, "log")
        two.bring(runs, "say", {"choices": {str(item.id): "keep"}, "round": round_.id})
        check(lambda: gate.choices(turn, round_, "say"), told(totals), {item.id: {"keep": None}})
    else:
        answers(two, round_, other)
        if kind in ("consent", "overrule"):
            check(lambda: gate.answers(turn, round_), told(totals), Answers(2, None))
        else:
            check(lambda: gate.behind(turn, round_, "endorse"), told(totals), Answers(2, None))
            check(lambda: gate.answers(turn, round_), False, None)
        first, said = GIVEN[kind][0]
        check(lambda: [row.body for row in gate.said(turn, round_, first)], told(words), [said])
        assert gate.my_answer(turn, round_) is None
        own = gate.my_answer(two.reader(runs[0], 0, seen_as), round_)
        assert own is not None
        assert own.answer == first
    # Of a round elsewhere nothing is told, closed or not.
    for ask in (gate.tally, gate.answers):
        check(lambda ask=ask: ask(turn, other), False, None)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([], {}),
        (["agree"], None),
        (["agree", "abstain"], None),
        (["agree", "agree", "abstain"], {"agree": 2, "abstain": 1}),
        (["agree"] * 7, None),
        ([*["agree"] * 7, "concern"], {"agree": 7, "concern": 1}),
    ],
)
def test_totals_that_would_show_what_each_said_are_no_numbers(said: list[str], shown: dict[str, int] | None) -> None:
    with circle(8, "consent") as c:
        for who, answer in enumerate(said):
            c.act(who, "consent", answer=answer, concern="de tijd" if answer == "concern" else "")
        round_ = c.rounds("consent")[0]
        round_.closed_at = now()
        assert gate.answers(c.turn(0), round_) == Answers(len(said), shown)


@pytest.mark.parametrize(
    ("laid", "told"),
    [([(3, 0)], False), ([(3, 0), (0, 3)], False), ([(1, 2)] * 4, False), ([(3, 0), (1, 2), (3, 0)], True)],
)
def test_dots_that_would_show_who_laid_them_are_no_numbers(laid: list[tuple[int, int]], told: bool) -> None:
    with circle(8, "dots") as c:
        first, second = (each.id for each in c.ideas()[:2])
        for who, (one, two) in enumerate(laid):
            c.act(who, "dots", dots={first: one, second: two})
        round_ = c.rounds("dots")[0]
        round_.closed_at = now()
        tally = gate.tally(c.turn(7), round_)
        assert {each.told for each in tally.values()} == {told}
        assert sum(each.dots for each in tally.values()) == 3 * len(laid)


def check(ask: Any, told: bool, found: Any) -> None:
    if told:
        assert ask() == found
        return
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code in ("tally_hidden", "not_yours_to_read")


def test_an_open_round_is_refused_as_such_to_who_will_be_told(two: Two) -> None:
    [run, _] = two.runs(STEPS.by_name["ambition"], Phase.DECIDE)
    round_ = Round(step_run_id=run.id, kind="dots")
    two.session.add(round_)
    two.session.flush()
    for seen_as, code in ((COMMUNITY, "tally_hidden"), (frozenset({Audience.LEADER}), "not_yours_to_read")):
        with pytest.raises(Refused, match=code):
            gate.tally(two.reader(run, 2, seen_as), round_)


@named
@pytest.mark.parametrize("phase", [Phase.ALONE, Phase.RESPOND])
def test_earlier_versions_and_files_go_with_the_piece(two: Two, phase: Phase, seen_as: frozenset[Audience]) -> None:
    # Evidence is not written while all write alone; were it, it would be hidden like the rest.
    [run, _] = runs = two.runs(STEPS.by_name["interpretation"], phase)
    (item, _), (strange, _) = two.bring(runs, "observation")
    for each in (item, strange):
        each.version = 2
        two.session.add(Revision(contribution_id=each.id, version=1, member_id=each.member_id, body={"text": "eerst"}))
        two.session.add(Attachment(contribution_id=each.id, media_type="image/png", size=1, content=b"x"))
    two.session.flush()
    for who in (0, 2):
        turn = two.reader(run, who, seen_as)
        reads = who == 0 or (phase != Phase.ALONE and bool(seen_as & COMMUNITY))
        found = gate.files(turn)
        assert set(found) == ({item.id} if reads else set())
        if reads:
            assert gate.file(turn, found[item.id].id)[1] == b"x"
            assert [old.body["text"] for old in gate.earlier(turn, gate.gather(turn).items[item.id])] == ["eerst"]
        else:
            with pytest.raises(Refused, match="not_yours_to_read"):
                gate.earlier(turn, piece(item))
        for file in two.session.query(Attachment).filter_by(contribution_id=strange.id):
            with pytest.raises(Refused, match="not_found"):
                gate.file(turn, file.id)


def piece(row: Contribution) -> Piece:
    at = dt.datetime.now(dt.UTC)
    return Piece(row.id, row.kind, row.step_run_id, row.member_id, {}, row.version, at, at, Phase.CLOSED, True)


@named
def test_a_note_is_for_the_one_it_was_written_down_for(two: Two, seen_as: frozenset[Audience]) -> None:
    runs = two.runs(STEPS.by_name["ambition"], Phase.RESPOND)
    for run, (_, _, people) in zip(runs, two.places, strict=True):
        for who in people[:2]:
            two.session.add(Note(step_run_id=run.id, member_id=who, taker_id=people[2], action="idea", body={}))
    two.session.flush()
    assert [len(gate.notes(two.reader(runs[0], who, seen_as))) for who in range(3)] == [1, 1, 0]


@named
def test_a_draft_is_its_writer_s_and_nobody_else_s(two: Two, seen_as: frozenset[Audience]) -> None:
    [run, _] = two.runs(STEPS.by_name["ambition"], Phase.ALONE)
    owner, other = two.c.members[:2]
    two.session.add(Draft(member_id=owner.id, form=f"{run.id}:idea", body={"text": "half af"}))
    two.session.flush()
    assert list(drafts.of_run(two.session, Viewer(seen_as, owner.id), owner, run.id)) == ["idea"]
    with pytest.raises(Refused, match="not_yours_to_read"):
        drafts.of_run(two.session, Viewer(seen_as, other.id), owner, run.id)


@named
@pytest.mark.parametrize("thing", sorted(AS_A_NUMBER))
def test_a_number_is_told_to_the_readers_of_the_thing(two: Two, thing: Thing, seen_as: frozenset[Audience]) -> None:
    [run, _] = two.runs(STEPS.by_name["ambition"], Phase.DECIDE)
    turn = two.reader(run, 2, seen_as)
    check(lambda: gate.number(turn, thing, 3), bool(seen_as & RULES[thing].readers), 3)
    check(lambda: gate.number(turn, Thing.RESPONSE, 3), False, None)


PAGES = {
    Thing.THREAD: lambda turn: red_thread.of_cycle(turn, {}),
    Thing.INFLUENCE: influence.mirror,
    Thing.REOPENING: reopening.of,
    Thing.SHARED_YIELD: sharing.shared_yield,
}


@named
@pytest.mark.parametrize("thing", PAGES)
def test_what_is_made_of_it_all_has_the_readers_of_the_table(
    two: Two, thing: Thing, seen_as: frozenset[Audience]
) -> None:
    [run, _] = two.runs(STEPS.by_name["ambition"], Phase.DECIDE)
    run.reopened = 1
    turn = two.reader(run, 2, seen_as)
    if seen_as & (FOLLOWERS if thing == Thing.SHARED_YIELD else COMMUNITY):
        PAGES[thing](turn)
    else:
        with pytest.raises(Refused, match="not_yours_to_read"):
            PAGES[thing](turn)


def test_every_thing_is_one_that_code_asks_the_table_for() -> None:
    """A thing that only has words is a promise that nothing keeps."""
    pages = "\n".join(path.read_text() for path in DOMAIN.rglob("*.py") if path.name != "things.py")
    kept = {thing for step in STEPS.by_name.values() for thing in (*step.keeps.values(), *step.becomes.values())}
    told = {thing for both in ROUNDS.values() for thing in both if thing}
    asked = {Thing[name] for name in re.findall(r"Thing\.([A-Z_]+)", pages)}
    assert set(Thing) == kept | told | asked


def test_no_step_is_named_outside_its_own_package() -> None:
    names = "|".join(STEPS.by_name)
    for path in DOMAIN.rglob("*.py"):
        where = path.relative_to(DOMAIN).parts
        if where[0] in ("demo", "migrations"):
            continue
        for found in re.findall(rf'(?:== ?|step=|by_name\[|in \(|get\()"({names})"', path.read_text()):
            assert where[:2] in (("steps", found), ("steps", f"{found}.py")), f"{path} names {found}"
    for path in (DOMAIN / "domain").rglob("*.py"):
        assert not re.findall(rf'"({names})"', _without_enums(path.read_text())), path


def _without_enums(source: str) -> str:
    """A word of a step's name may be a value of something else: an enum's member."""
    return re.sub(r"^ +[A-Z_]+ = \"\w+\".*$", "", source, flags=re.MULTILINE)
