"""What was hidden, taken back, or was of somebody who left or was erased is nowhere: a word is looked for everywhere.

In every column of every table, and in every answer of every page, for every role; for the kinds of all steps.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.orm import Session

from lti_tool import pdf
from lti_tool.db import now
from lti_tool.domain import Refused, removal
from lti_tool.domain.community import export, leaving
from lti_tool.domain.community.access import Audience
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import gone
from lti_tool.domain.reading import texts, words
from lti_tool.domain.reading.texts import What
from lti_tool.domain.reading.things import RULES, Form
from lti_tool.domain.ties import Tie
from lti_tool.models import Act, Cycle, Deployment, Member, Moment, Person, Reopening, Round, StepRun, YieldShare
from lti_tool.models.voices import Attachment, Consent, Contribution, Draft, Link, Note, Revision
from tests.actors import World
from tests.web.circle import STEPS, Circle, circle, fill, sit_together
from tests.web.walk import STEP, Visit, Walk, visit
from tests.web.ways.ambition import write

WORD = "klaproosveld"
SAID = f"Kees uit 2B plukt in het {WORD}"
OWNER, OTHER = 1, 2

KINDS = [
    (step.name, str(kind))
    for step in STEPS.by_name.values()
    for kind, thing in step.keeps.items()
    if RULES[thing].form != Form.NOTHING and RULES[thing].owned
]
# Others read no more than how many there are: nobody can be hurt by them, and their writer alone takes them back.
COUNTED = {(step, kind) for step, kind in KINDS if RULES[STEPS.by_name[step].keeps[kind]].form != Form.PIECES}


def found(session: Session, word: str = WORD) -> list[str]:
    """Every place in the database where a word stands."""
    session.flush()
    places = []
    # As the database has it: to reflect all columns of all tables takes longer than all the rest.
    for table in inspect(session.connection()).get_table_names():
        rows = session.execute(text(f'SELECT * FROM "{table}"'))
        places += [
            f"{table}.{column}"
            for row in rows
            for column, value in zip(rows.keys(), row, strict=True)
            if word in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
        ]
    return places


@pytest.fixture(scope="module")
def _at() -> Iterator[Circle]:
    with circle(4, "closed") as c:
        yield c


@pytest.fixture
def at(_at: Circle) -> Iterator[Circle]:
    """Four people whose first step is completed; nothing that a test does stays."""
    with _at.session.begin_nested() as kept:
        yield _at
        kept.rollback()
    _at.session.expire_all()


def turn_of(c: Circle, who: int, run: StepRun | None = None) -> Turn:
    return Turn(
        c.session, c.community, c.cycle, run or c.run, c.members[who], STEPS,
        frozenset({Audience.MEMBER, Audience.FACILITATOR}),
    )  # fmt: skip


def said(c: Circle, step: str, kind: str) -> tuple[StepRun, Contribution]:
    """A piece of that kind that says the word in each way it can, and had said it before."""
    run = c.session.scalar(select(StepRun).where(StepRun.cycle_id == c.cycle.id, StepRun.step == step))
    if run is None:
        run = StepRun(cycle_id=c.cycle.id, step=step, stage="closed")
        c.session.add(run)
    run.stage, run.closed_at = "closed", run.closed_at or now()
    c.session.flush()
    owner = c.members[OWNER].id
    body = {
        "text": SAID,
        "what": SAID,
        "lines": [SAID],
        "why": f"{SAID}, zegt men",
        "lessons": [SAID],
        "number": 7,
        "lens": "pupils",
    }
    item = Contribution(step_run_id=run.id, kind=kind, member_id=owner, body=body, version=2)
    c.session.add(item)
    c.session.flush()
    c.session.add_all([
        Revision(contribution_id=item.id, version=1, member_id=owner, body={"text": f"eerst: {SAID}"}),
        Attachment(contribution_id=item.id, media_type="text/plain", size=20, content=SAID.encode()),
        Draft(member_id=owner, form=f"{run.id}:x-{item.id}", body={"text": f"{SAID} en meer"}),
    ])  # fmt: skip
    c.session.flush()
    return run, item


def built_on(c: Circle, run: StepRun, item: Contribution) -> Contribution:
    later = Contribution(step_run_id=run.id, kind="response", member_id=c.members[OTHER].id, body={"text": "en toen"})
    c.session.add(later)
    c.session.flush()
    c.session.add(Link(from_id=later.id, to_id=item.id, kind=Tie.ANSWERS))
    c.session.flush()
    return later


@pytest.mark.parametrize(("step", "kind"), KINDS)
@pytest.mark.parametrize("built", [False, True])
def test_what_is_taken_back_is_in_no_table(at: Circle, step: str, kind: str, built: bool) -> None:
    run, item = said(at, step, kind)
    if built:
        built_on(at, run, item)
    moments = at.session.scalars(select(Moment.id)).all()
    gone.take_back(turn_of(at, OWNER, run), What.PIECE, item.id)
    assert found(at.session) == []
    assert words.mark_of(words.said(item.body)) == words.TAKEN
    assert (item.body["number"], item.body["lens"], item.withdrawn_at) == (7, "pupils", None)
    assert at.session.scalars(select(Moment.id)).all() == moments


@pytest.mark.parametrize(("step", "kind"), [each for each in KINDS if each not in COUNTED])
def test_what_is_hidden_is_in_no_table_and_comes_back_mended(at: Circle, step: str, kind: str) -> None:
    run, item = said(at, step, kind)
    elsewhere(at, run)
    acts = len(at.session.scalars(select(Act)).all())
    gone.hide(turn_of(at, OTHER, run), What.PIECE, item.id)
    assert found(at.session) == []
    assert at.members[OWNER].to_mend
    *_, act = at.session.scalars(select(Act).order_by(Act.id))
    assert len(at.session.scalars(select(Act)).all()) == acts + 1
    assert (act.kind, act.member_id, act.about_id) == ("text_hidden", at.members[OTHER].id, None)
    assert (act.cycle_id, act.step_run_id, act.detail) == (None, None, {})
    gone.mend(turn_of(at, OWNER, run), What.PIECE, item.id, "een kind plukt daar")
    assert item.body["text"] == "een kind plukt daar"
    assert not words.mark_of(words.said(item.body))


def elsewhere(c: Circle, run: StepRun) -> None:
    """Wherever the tool or people copied it to."""
    me, session = c.members[OTHER].id, c.session
    round_ = Round(step_run_id=run.id, kind="consent", closed_at=now())
    session.add(round_)
    session.flush()
    merged = Contribution(step_run_id=run.id, kind="merged", member_id=me, body={"text": f"wij vinden: {SAID}"})
    session.add_all([
        merged,
        Consent(round_id=round_.id, member_id=me, answer="concern", body={"concern": f"{SAID}!"}),
        Note(step_run_id=run.id, member_id=me, taker_id=c.members[0].id, action="idea", body={"text": SAID}),
        Draft(member_id=me, form="0:journal-x", body={"text": SAID}),
        Reopening(step_run_id=run.id, member_id=me, reason=f"om {SAID}", outcome=SAID, closed_at=now()),
        YieldShare(cycle_id=c.cycle.id, community_id=c.community.id, member_id=me, body={"text": SAID, "lessons": []}),
    ])  # fmt: skip
    run.outcome = SAID
    session.flush()


def test_a_word_with_an_answer_and_a_reason_go_and_come_back_too(at: Circle) -> None:
    round_ = at.session.scalars(select(Round).where(Round.step_run_id == at.run.id, Round.kind == "consent")).first()
    assert round_ is not None
    answer = at.session.scalars(
        select(Consent).where(Consent.round_id == round_.id, Consent.member_id == at.members[OWNER].id)
    ).one()
    answer.answer, answer.body = "concern", {"concern": SAID}
    reason = Reopening(
        step_run_id=at.run.id,
        member_id=at.members[OWNER].id,
        reason=f"hier niet meer over het {WORD} praten",
        closed_at=now(),
    )
    at.session.add(reason)
    at.session.flush()
    for what, number in ((What.ANSWER, answer.id), (What.REASON, reason.id)):
        gone.hide(turn_of(at, OTHER), what, number)
    assert found(at.session) == []
    gone.mend(turn_of(at, OWNER), What.ANSWER, answer.id, "of het wel lukt")
    gone.mend(turn_of(at, OWNER), What.REASON, reason.id, "het moet anders")
    assert (answer.body["concern"], reason.reason) == ("of het wel lukt", "het moet anders")
    assert not at.members[OWNER].to_mend
    gone.take_back(turn_of(at, OWNER), What.ANSWER, answer.id)
    assert (answer.answer, words.mark_of(words.said(answer.body))) == ("concern", words.TAKEN)


def test_nobody_takes_back_or_mends_what_is_not_theirs_alone(at: Circle) -> None:
    run, item = said(at, "ambition", "idea")
    with pytest.raises(Refused, match="not_found"):
        gone.take_back(turn_of(at, OTHER), What.PIECE, item.id)
    at.session.add(
        Revision(contribution_id=item.id, version=3, member_id=at.members[OTHER].id, body={"text": "van mij"})
    )
    at.session.flush()
    with pytest.raises(Refused, match="written_together"):
        gone.take_back(turn_of(at, OWNER), What.PIECE, item.id)
    text = at.proposal()
    assert text is not None
    for owner in range(len(at.members)):
        if at.members[owner].id == text.member_id:
            with pytest.raises(Refused, match=r"put_to_all|written_together"):
                gone.take_back(turn_of(at, owner), What.PIECE, text.id)
            gone.hide(turn_of(at, OTHER), What.PIECE, text.id)
    assert run.outcome is not None
    assert words.HIDDEN in run.outcome


def writer_of(c: Circle) -> int:
    text = c.proposal()
    assert text is not None
    return next(who for who, each in enumerate(c.members) if each.id == text.member_id)


def test_a_text_put_to_all_is_mended_by_its_writer_and_all_are_asked_again(at: Circle) -> None:
    text = at.proposal()
    assert text is not None
    owner = writer_of(at)
    gone.hide(turn_of(at, OTHER), What.PIECE, text.id)
    version, stranger = text.version, next(n for n in range(4) if n != owner)
    with pytest.raises(Refused, match="not_found"):
        gone.mend(turn_of(at, stranger), What.PIECE, text.id, "een heel andere tekst")
    asked = len(at.rounds("consent"))
    gone.mend(turn_of(at, owner), What.PIECE, text.id, "een heel andere tekst")
    assert (at.run.stage, at.run.closed_at) == ("draft", None)
    at.session.refresh(text)
    assert (text.body["text"], text.version) == ("een heel andere tekst", version + 1)
    acted = at.session.scalars(select(Act).where(Act.step_run_id == at.run.id, Act.kind == "step_reopened")).all()
    assert [each.member_id for each in acted] == [None], "no act says who wrote it"
    # It goes to all from where it is written, whole again, and nobody has answered.
    write(at, owner)
    assert at.move() == "consent"
    assert len(at.rounds("consent")) == asked + 1
    assert not at.answers(at.rounds("consent")[-1])


def test_while_all_are_asked_a_mended_text_keeps_nobodys_answer() -> None:
    with circle(4, "consent") as c:
        owner, text = writer_of(c), c.proposal()
        assert text is not None
        for who in range(3):
            c.act(who, "consent", answer="agree")
        gone.hide(turn_of(c, OTHER), What.PIECE, text.id)
        gone.mend(turn_of(c, owner), What.PIECE, text.id, "een heel andere tekst")
        assert c.run.stage == "draft"
        assert [each.outcome for each in c.rounds("consent")] == ["changed"]
        moved = c.session.scalars(select(Act).where(Act.kind == "stage_moved").order_by(Act.id)).all()
        assert moved[-1].member_id is None
        write(c, owner)
        assert c.move() == "consent"
        assert not c.answers(c.rounds("consent")[-1])


def test_whoever_wrote_on_a_text_can_mend_it_too() -> None:
    with circle(4, "draft") as c:
        first, second = 0, 1
        write(c, first)
        write(c, second)
        text = c.proposal()
        assert text is not None
        assert writer_of(c) == second
        assert c.move() == "consent"
        gone.hide(turn_of(c, OTHER), What.PIECE, text.id)
        assert c.members[first].to_mend
        assert texts.to_mend(turn_of(c, first)) == [(1, "ambition")]
        third = next(n for n in range(4) if n not in (first, second))
        with pytest.raises(Refused, match="not_found"):
            gone.mend(turn_of(c, third), What.PIECE, text.id, "een heel andere tekst")
        gone.mend(turn_of(c, first), What.PIECE, text.id, "een heel andere tekst")
        assert (c.run.stage, text.body["text"]) == ("draft", "een heel andere tekst")


def test_once_the_cycle_is_over_nobody_can_be_asked_again(at: Circle) -> None:
    text = at.proposal()
    assert text is not None
    gone.hide(turn_of(at, OTHER), What.PIECE, text.id)
    at.cycle.closed_at = now()
    with pytest.raises(Refused, match="put_to_all"):
        gone.mend(turn_of(at, writer_of(at)), What.PIECE, text.id, "een heel andere tekst")


def test_what_hangs_on_nothing_goes_with_its_row_while_the_step_is_open() -> None:
    with circle(4, "respond") as c:
        idea = c.ideas()[0]
        writer = next(n for n, each in enumerate(c.members) if each.id != idea.member_id)
        c.act(writer, "respond", idea=idea.id, text=SAID)
        item = c.session.scalars(select(Contribution).where(Contribution.kind == "response")).one()
        gone.take_back(turn_of(c, writer), What.PIECE, item.id)
        assert found(c.session) == []
        assert item.withdrawn_at is not None


def test_of_who_leaves_the_hidden_words_are_in_no_table() -> None:
    with circle(4, "ideas") as c:
        c.act(OWNER, "idea", text=SAID, why="omdat het zo is")
        c.session.add(Draft(member_id=c.members[OWNER].id, form=f"{c.run.id}:idea-new", body={"text": SAID}))
        leaving.clear(c.session, c.community, [c.members[OWNER].id], STEPS)
        assert found(c.session) == []


def test_of_who_is_erased_nothing_is_in_any_table(at: Circle) -> None:
    for step, kind in KINDS:
        run, _ = said(at, step, kind)
    elsewhere(at, run)
    going = removal.of(at.session, Deployment, at.course.deployment_id)
    removal.carry_out(at.session, going)
    assert found(at.session) == []


def test_every_name_in_what_people_bring_in_is_known_to_hold_words_or_none(at: Circle) -> None:
    """Whatever is no code goes: what a page would miss as a code is named here, so that a new one is decided on."""
    known = {
        "text", "why", "what", "if", "then", "notice", "question", "name", "reason", "can", "cannot", "done", "seen",
        "pupils", "because", "learn", "learned", "shared", "practice", "policy", "signs", "sign", "subgoals", "lines",
        "lessons", "source", "harm", "proposal", "concern",
    }  # fmt: skip
    assert {"horizon", "checks", "choices", "lens", "sort", "date", "answer"} <= words.CODES
    for item in at.session.scalars(select(Contribution)):
        codes = STEPS.by_name[at.step.name].codes.get(item.kind, ())
        assert words.fields(item.body, codes).keys() <= known, item.kind


# By the pages

PAGES = ("home", "together/beamer", "together/1", "thread", "community", "yields", "mine.json", "journal", "pulse")


def answers(at: Visit) -> Iterator[tuple[str, str]]:
    """Every page that somebody can open, with what it answers."""
    paths = [*PAGES, *(f"step/{name}{more}" for name in STEPS.by_name for more in ("", "/texts", "/note"))]
    for path in [*paths, *(["thread.pdf"] if pdf.available() else [])]:
        page = at.get(path)
        assert page.status < 500, (path, page.status)
        yield path, page.html


def whole_cycle(world: World) -> None:
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        fill(session, 5, "closed", "evaluation")
        sit_together(session, "evaluation")


@pytest.fixture
def people(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Visit]:
    """A whole cycle done, one of each role looking at it."""
    # What a PDF is made of stands for it: its own words are compressed, and no test would see them there.
    monkeypatch.setattr(pdf, "make", str.encode)
    world.once(whole_cycle)
    found = {name: visit(world, name) for name in ("fatima", "marieke", "wout")}
    found["marieke"].post("language", language="nl")
    visit(world, "mieke").post("welcome", choice="follow")
    return found | {"mieke": visit(world, "mieke")}


def sayings(session: Session) -> list[tuple[str, str, int, str]]:
    """One piece of each kind that says something, made to say a word of its own: (step, kind, id, word)."""
    made: dict[tuple[str, str], tuple[str, str, int, str]] = {}
    rows = session.execute(
        select(Contribution, StepRun.step).join(StepRun, StepRun.id == Contribution.step_run_id)
        .where(Contribution.withdrawn_at.is_(None)).order_by(Contribution.created_at)
    ).all()  # fmt: skip
    for item, step in rows:
        codes = STEPS.by_name[step].codes.get(item.kind, ())
        held = words.fields(item.body, codes)
        if (step, item.kind) not in KINDS or (step, item.kind) in made or (step, item.kind) in COUNTED or not held:
            continue
        word = f"{WORD}{len(made)}x"
        body: dict[str, Any] = dict(item.body)
        for name in held:
            body[name] = [f"dit is {word}"] if isinstance(body[name], list) else f"dit is {word}"
        item.body = body
        made[step, item.kind] = (step, item.kind, item.id, word)
    session.flush()
    return list(made.values())


def test_hidden_by_two_taps_it_is_on_no_page_for_anybody_and_its_writer_is_told(
    world: World, people: dict[str, Visit]
) -> None:
    with world.tool.session() as session:
        pieces = sayings(session)
    assert len(pieces) > 20
    shown = "".join(html for _, html in answers(people["fatima"]))
    assert sum(word in shown for *_, word in pieces) == len(pieces)
    for step, kind, number, _word in pieces:
        # One tap from the step's page to its texts, one on the button beside it.
        page = people["wout"].get(f"step/{step}").link(f"step/{step}/texts")
        done = people["wout"].post(f"step/{step}/facilitate/hide", what="piece", id=str(number))
        assert page.status == 200, (step, kind)
        # A copy may be gone with what it was copied from.
        assert done.status == 303 or "al niet meer" in done.text, (step, kind, done.text[:300])
    for name, at in people.items():
        for path, html in answers(at):
            assert WORD not in html, (name, path)
    with world.tool.session() as session:
        assert found(session) == []


def test_taken_back_it_is_on_no_page_for_anybody_and_the_others_work_stands(
    world: World, people: dict[str, Visit]
) -> None:
    with world.tool.session() as session:
        pieces = sayings(session)
        fatima = the_member(session, "Fatima")
        for _, _, number, _ in pieces:
            session.execute(update(Contribution).where(Contribution.id == number).values(member_id=fatima))
            session.execute(update(Revision).where(Revision.contribution_id == number).values(member_id=fatima))
    taken, kept = [], []
    for step, kind, number, word in pieces:
        done = people["fatima"].post(f"step/{step}/together/take-back", what="piece", id=str(number))
        assert done.status in (303, 422), (step, kind)
        (taken if done.status == 303 else kept).append((kind, word))
    for name, at in people.items():
        for path, html in answers(at):
            assert not [kind for kind, word in taken if word in html], (name, path)
    with world.tool.session() as session:
        assert not [kind for kind, word in taken if found(session, word)]
    # What all were asked about is not one person's to take away.
    assert {kind for kind, _ in kept} <= {"proposal", "verdict", "yield"}, kept
    assert "teruggenomen" in people["marieke"].get("thread").text


def the_member(session: Session, name: str) -> int:
    query = select(Member.id).join(Person, Person.id == Member.person_id).where(Person.name.like(f"{name}%"))
    return session.scalars(query).one()


def test_its_writer_is_told_at_home_and_at_the_piece_and_mends_it_without_being_named(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk.wout.post("language", language="nl")
    walk["fatima"].post("language", language="nl")
    walk["fatima"].act("idea", text=SAID, why="omdat het zo is")
    with world.tool.session() as session:
        number = session.scalars(select(Contribution.id)).one()
    # As long as all write alone there is nothing that anybody else reads.
    assert walk.wout.post(f"{STEP}/facilitate/hide", what="piece", id=str(number)).status == 422
    walk.to("respond")
    page = walk.wout.get(f"{STEP}/texts")
    assert WORD in page.html
    assert "Fatima" not in page.text
    assert page.form("/facilitate/hide", containing=str(number)).submit().status == 200
    assert "weggehaald door wie begeleidt" in walk["marieke"].get(STEP).text
    assert "haalde een tekst van jou weg" not in walk["marieke"].get("home").text
    for path in ("home", STEP):
        assert "haalde een tekst van jou weg" in walk["fatima"].get(path).text, path
    refused = walk["fatima"].post(f"{STEP}/together/mend", what="piece", id=str(number), text="…")
    assert (refused.status, "…" in refused.html) == (422, True)
    told = walk["fatima"].get("home").link("/texts")
    assert WORD not in told.html
    assert told.form("/together/mend").submit(text="een kind plukt in het veld").status == 200
    assert "een kind plukt in het veld" in walk["marieke"].get(STEP).text
    for path in ("home", STEP):
        assert "haalde een tekst van jou weg" not in walk["fatima"].get(path).text, path
    with world.tool.session() as session:
        assert found(session) == []


def test_in_a_pause_and_once_the_cycle_is_over_it_can_still_be_hidden(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk.to("respond")
    with world.tool.session() as session:
        numbers = session.scalars(select(Contribution.id).where(Contribution.kind == "idea")).all()
        session.execute(update(Cycle).values(paused_until=now() + dt.timedelta(days=3)))
    assert walk.wout.post(f"{STEP}/facilitate/hide", what="piece", id=str(numbers[0])).status == 303
    with world.tool.session() as session:
        session.execute(update(Cycle).values(paused_until=None, closed_at=now(), ending="undecided"))
    assert walk.wout.post(f"{STEP}/facilitate/hide", what="piece", id=str(numbers[1])).status == 303


def test_once_in_every_form_it_is_asked_whether_there_is_no_name_of_a_pupil(people: dict[str, Visit]) -> None:
    people["fatima"].post("language", language="nl")
    asked = 0
    for path in ("step/ambition", "step/agreements", "step/information", "step/evaluation", "community", "journal"):
        for each in people["fatima"].get(path).soup.select("form"):
            if each.select("textarea"):
                assert each.get_text().count("Staat er geen naam van een leerling in?") == 1, (path, each)
                asked += 1
    assert asked


def test_no_form_takes_our_marks_in(world: World) -> None:
    walk = Walk(world, "fatima", "marieke", "youssef")
    walk["fatima"].act("idea", text=f"een {words.HIDDEN}heel idee", why=f"zo{words.TAKEN}maar")
    with world.tool.session() as session:
        assert session.scalars(select(Contribution.body)).one() == {"text": "een heel idee", "why": "zomaar"}


@pytest.mark.parametrize("kind", ["agreed", "not_me", "freed", "still", "share_with"])
def test_what_came_later_is_in_the_file_of_everything_too(at: Circle, kind: str) -> None:
    body = {"answer": "yes"} if kind == "still" else {}
    item = Contribution(step_run_id=at.run.id, kind=kind, member_id=at.members[OWNER].id, body=body)
    at.session.add(item)
    at.session.flush()
    at.session.add(Link(from_id=item.id, to_id=at.ideas()[0].id, kind=Tie.ASKED_INTO))
    at.session.flush()
    shown = export.everything(at.session, at.community, at.members[OWNER])
    mine = [each for each in shown["contributions"] if each["kind"] == kind]
    assert [(each["content"], each["stands_to_others_as"]) for each in mine] == [(body, ["asked into"])]


def test_everybody_finds_their_own_seat_in_a_group_and_nobody_else_s(at: Circle) -> None:
    for who in at.members:
        shown = export.everything(at.session, at.community, who)
        assert {each["stage"] for each in shown["groups"]} >= {"pairs"}
        assert not [each for each in shown["contributions"] + shown["earlier_versions"] if each["kind"] == "group"]
