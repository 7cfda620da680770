"""Without a name is without a name: what is on a page lines nobody's words up with who was first, or with who they are.

Eight people write in a random order, thirty times. Whatever can be put in order of their pieces on a page (attributes,
addresses, places, digits in words, file names) is held against the order of writing, and against member numbers, names,
the roster and the seats: a mean Spearman correlation beyond LIMIT is a leak. Beside it a facilitator reloads after each
act, and watches the list of those still to be heard, and the gradebook. Known leaks, put back, are found.
"""

import random
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from lti_tool import chance
from lti_tool.db import db
from lti_tool.demo.lms import Lms
from lti_tool.domain.cycle import telling
from lti_tool.domain.mechanisms import attachments, contributions, merging
from lti_tool.domain.participation import columns
from lti_tool.domain.reading import pieces
from lti_tool.domain.thread import evidence
from lti_tool.models import OutboxRow, Person, ResourceLink, Seat
from lti_tool.models.voices import Attachment, Contribution
from tests.actors import Tool, World
from tests.histories import ALL
from tests.web.circle import Circle, fill
from tests.web.conftest import Kept
from tests.web.test_files import MARK, jpeg
from tests.web.walk import Visit, visit
from tests.web.ways import actions as tried
from tests.web.ways import evaluation as learned

LIMIT = 0.35
PEOPLE = 8
RUNS = 100 if ALL else 30
WATCHED = 20 if ALL else 3

Do = Callable[[Circle, int], Any]


@dataclass(frozen=True)
class Case:
    """Where eight people write, how, and whether the stage ends before it is read."""

    step: str
    stage: str
    do: Do | None = None
    on: bool = False

    @property
    def name(self) -> str:
        """As a test is called."""
        return f"{self.step}-{self.stage}" + ("-filed" if self.do is _filed else "")

    def write(self, c: Circle, who: int) -> None:
        """What somebody writes; its words hold the circle's next number."""
        if self.do is not None:
            self.do(c, who)
        else:
            c.do_the_task(who, self.stage)


def _object(c: Circle, who: int) -> None:
    c.act(who, "consent", answer="objection", harm=f"schade {next(c.written)}", proposal="maar anders dan zo")


def _missing(c: Circle, who: int) -> None:
    c.act(who, "endorse", answer="not_yet", missing=f"mist {next(c.written)}", round=c.rounds("endorse")[-1].id)


def _point(c: Circle, who: int) -> None:
    seen, explained = (c.step.name and _of(c, kind) for kind in ("observation", "explanation"))
    number = next(c.written)
    c.act(
        who, "point", text=f"aandacht {number}", why=f"reden {number}", observations=[seen[0].id],
        explanation=explained[0].id, considered=[explained[1].id],
    )  # fmt: skip


def _tell(c: Circle, who: int) -> None:
    number = next(c.written)
    about = random.Random(number).choice(tried.cards(c)).item.id
    c.act(who, "log", **{**tried.TOLD, "about": about, "done": f"gedaan {number}"})


def _card(c: Circle, who: int) -> None:
    c.act(who, "card", sort="know", text=f"kaart {next(c.written)}", sources=list(learned.proof(c).values()))


def _answer(action: str, field: str, kind: str, **more: str) -> Do:
    """Say something of a colleague's piece, whichever."""

    def do(c: Circle, who: int) -> None:
        number = next(c.written)
        others = [item.id for item in _of(c, kind) if item.member_id != c.members[who].id]
        words = {name: f"{words} {number}" for name, words in more.items() if words.istitle()}
        chosen = random.Random(number).choice(others)
        c.act(who, action, **{**more, **words, field: chosen})

    return do


def _of(c: Circle, kind: str) -> list[Contribution]:
    query = select(Contribution).where(Contribution.step_run_id == c.run.id, Contribution.kind == kind)
    return list(c.session.scalars(query.order_by(Contribution.created_at)))


def _filed(c: Circle, who: int) -> None:
    """Evidence with a photo, as a phone makes it."""
    number = next(c.written)
    turn = c.turn(who)
    turn.hold()
    body = {"sort": "file", "text": f"gegeven {number}", "source": "les", "lens": "pupils", "voice": "own"}
    upload = attachments.Upload("image/jpeg", PHOTO)
    item = evidence.bring(turn, body, contributions.get(turn, "question", _of(c, "question")[0].id), upload)
    assert item.body["text"].endswith(str(number))


PHOTO = jpeg()
CASES = [
    Case("ambition", "ideas", on=True),
    Case("ambition", "respond", _answer("respond", "idea", "idea", text="Antwoord")),
    Case("ambition", "consent", _object, on=True),
    Case("information", "questions", on=True),
    Case("information", "gather"),
    Case("information", "gather", _filed),
    Case("interpretation", "see", on=True),
    Case("interpretation", "reflect", _answer("react", "observation", "observation", choice="question", text="Vraag")),
    Case("interpretation", "think"),
    Case("interpretation", "need", _point),
    Case("consequences", "propose", on=True),
    Case("consequences", "advise", _answer("advise", "proposal", "consequence", sort="clarify", text="Vraag")),
    Case("actions", "try", _tell),
    Case("evaluation", "survey", on=True),
    Case("evaluation", "stories", _answer("respond", "story", "story", text="Mooi")),
    Case("evaluation", "verdict", _card),
    Case("evaluation", "endorse", _missing),
]
BY_NAME = {case.name: case for case in CASES}
OPEN = [case for case in CASES if not case.on and case.stage not in ("verdict", "endorse") and case.do is not _filed]


class House:
    """One tool and one LMS; for each case a community that has come to it, copied for each run."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.visits: dict[str, dict[str, Visit]] = {}

    def at(self, case: Case) -> dict[str, Visit]:
        """The community of a case as it comes to it, and the browsers of its facilitator and of one of the eight."""
        moment = f"{case.step}-{case.stage}"
        if moment not in self.visits:
            world: World = self.kept.back_to("placed")
            world.begin("fatima")
            with world.tool.session() as session:
                fill(session, PEOPLE - 1, case.stage, case.step)
            self.visits[moment] = {name: visit(world, name, case.step) for name in ("wout", "fatima")}
            self.kept.keep(moment)
        # The database only: nobody does anything at the LMS.
        with self.kept.tool.app.app_context():
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.kept.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.kept.path.with_suffix(f".{moment}"), self.kept.path)
        return self.visits[moment]


@pytest.fixture(scope="module")
def house(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Iterator[House]:
    path = tmp_path_factory.mktemp("nameless") / "kept.db"
    path.write_bytes(_migrated_sqlite.read_bytes())
    with Lms.start() as lms, Tool(f"sqlite:///{path}", keys_dir) as tool:
        kept = Kept(tool, lms, path)
        world = World(tool, lms)
        world.register()
        kept.client_id = world.client_id
        world.place_cycle()
        kept.keep("placed")
        yield House(kept)


@dataclass
class Run:
    """What eight people wrote: a mark in each one's words, and the orders that nothing may follow."""

    marks: dict[int, str]  # index of the member -> the number in their words
    orders: dict[str, dict[int, float]]


def run_of(
    house: House, case: Case, seed: str, watch: Callable[[], None] | None = None
) -> tuple[Run, dict[str, Visit]]:
    """One run of a case."""
    chosen = random.Random(seed)
    visits = house.at(case)
    tool = house.kept.tool
    with tool.session() as session:
        c = fill(session, 0, case.stage, case.step)
        assert (c.run.stage, len(c.members)) == (case.stage, PEOPLE)
        letters = chosen.sample("ABCDEFGHJKLMNOPRSTVWZ", PEOPLE)
        for member, letter in zip(c.members, letters, strict=True):
            if (person := session.get_one(Person, member.person_id)).name.startswith("Extra"):
                person.name = f"{letter}anne Extra"
    order = chosen.sample(range(PEOPLE), PEOPLE)
    marks = {who: str(mark) for who, mark in enumerate(chosen.sample(range(100_000, 999_999), PEOPLE))}
    if watch is None:
        with tool.session() as session:
            write(case, fill(session, 0, case.stage, case.step), order, marks)
    else:
        watch()
        for who in order:
            with tool.session() as session:
                write(case, fill(session, 0, case.stage, case.step), [who], marks)
            watch()
    with tool.session() as session:
        c = fill(session, 0, case.stage, case.step)
        if case.on:
            c.date_over()
            c.move()
        people = [session.get_one(Person, member.person_id) for member in c.members]
        names = sorted(range(PEOPLE), key=lambda who: people[who].name or "")
        seats = session.scalars(select(Seat.person_id).order_by(Seat.id)).all()
        groups = [each for group in merging.groups([m.id for m in c.members], 2, c.run.id) for each in group]
        orders = {
            "writing": {who: order.index(who) for who in order},
            "number": {who: member.number for who, member in enumerate(c.members)},
            "name": {who: names.index(who) for who in order},
            "roster": {who: seats.index(member.person_id) for who, member in enumerate(c.members)},
            "seat": {who: groups.index(member.id) for who, member in enumerate(c.members)},
        }
    return Run(marks, orders), visits


def write(case: Case, c: Circle, order: list[int], marks: dict[int, str]) -> None:
    """Let these write, one after the other."""
    for who in order:
        c.written = iter(int(f"{marks[who]}{tail}") for tail in range(10, 99))
        case.write(c, who)


# What can be put in order


def series(html: str, run: Run) -> dict[str, dict[int, Any]]:
    """Name of something that each piece has on a page -> member -> the number that it is there."""
    soup = BeautifulSoup(html, "lxml")
    place = {id(tag): number for number, tag in enumerate(soup.find_all(True))}
    found: dict[str, dict[int, Any]] = defaultdict(dict)
    every = re.compile("|".join(run.marks.values()))
    for who, mark in run.marks.items():
        strings = list(soup.find_all(string=re.compile(mark)))
        for nth, string in enumerate(strings[:3]):
            block = own_block(string.parent, mark, every)
            found[f"place {nth}"][who] = place[id(block)]
            for name, value in attributes(block):
                found[f"{nth} {name}"][who] = value
            words = re.sub(rf"{mark}\d\d", "", block.get_text(" "))
            for index, digits in enumerate(re.findall(r"\d+", words)):
                found[f"{nth} digits {index}"][who] = int(digits)
    return found


def own_block(tag: Any, mark: str, every: re.Pattern[str]) -> Tag:
    """The largest element round somebody's words that holds no one else's."""
    while tag.parent is not None and {mark} == set(every.findall(tag.parent.get_text())):
        tag = tag.parent
    return tag  # type: ignore[no-any-return]


def attributes(block: Tag) -> Iterator[tuple[str, Any]]:
    """Each attribute in a block, by where it is: its digits as numbers."""
    for index, tag in enumerate([block, *block.find_all(True)]):
        for attribute, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            for nth, digits in enumerate(re.findall(r"\d+", text)):
                yield f"{index} {tag.name} {attribute} {nth}", int(digits)


def spearman(left: Mapping[int, float], right: Mapping[int, float]) -> float | None:
    """The correlation of two orders; None where one of them is none."""
    keys = [key for key in left if key in right]
    one, two = (ranks([side[key] for key in keys]) for side in (left, right))
    mean = (len(keys) - 1) / 2
    spread = [sum((each - mean) ** 2 for each in side) for side in (one, two)]
    if len(keys) < PEOPLE - 2 or 0 in spread:
        return None
    return float(sum((a - mean) * (b - mean) for a, b in zip(one, two, strict=True)) / (spread[0] * spread[1]) ** 0.5)


def ranks(values: list[Any]) -> list[float]:
    """Of each value its place, shared where they are equal."""
    placed = sorted(values)
    return [placed.index(each) + (placed.count(each) - 1) / 2 for each in values]


def leaks(house: House, case: Case, runs: int = RUNS) -> list[str]:
    """What on its pages goes with an order that nothing may go with."""
    known: dict[str, list[float]] = defaultdict(list)
    there: dict[str, int] = defaultdict(int)
    for number in range(runs):
        run, visits = run_of(house, case, f"{case.name} {number}")
        for role, at in visits.items():
            # One's own piece one knows.
            others = {who: mark for who, mark in run.marks.items() if role == "wout" or who != 0}
            # The big screen shows the same to everybody.
            for page in ("", "/meeting") if role == "wout" else ("",):
                seen = at.get(f"step/{case.step}{page}")
                assert seen.status == 200, (case, seen.status)
                found = series(seen.html, Run(others, run.orders))
                there[page] = max(there[page], len(found["place 0"]))
                for name, values in found.items():
                    for order, ranked in run.orders.items():
                        if (value := spearman(values, ranked)) is not None:
                            known[f"{role}{page}: {name} ~ {order}"].append(value)
    assert there[""] >= PEOPLE - 1, "whose words are not there are not looked at"
    enough = {name: values for name, values in known.items() if len(values) >= runs / 2}
    return sorted(name for name, values in enough.items() if abs(sum(values) / len(values)) > LIMIT)


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_on_a_page_goes_with_who_wrote_first_or_with_who_anybody_is(house: House, name: str) -> None:
    assert leaks(house, BY_NAME[name]) == []


# The list of those still to be heard, and the gradebook


@dataclass(frozen=True)
class Seen:
    """What a facilitator sees between two acts: who is named as not heard, how many, and whose score stands where."""

    named: frozenset[str]
    number: str
    scores: Mapping[int, float]
    sent: frozenset[str]


def look(house: House, case: Case, at: Visit) -> Seen:
    """Reload the list, ask what the gradebook would be sent, and what is on its way to it."""
    page = at.get(f"step/{case.step}/invitations")
    assert page.status == 200
    names = frozenset(each.get_text() for each in page.soup.select("main ul:not(.steps) > li"))
    with house.kept.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.step == case.step)).first()
        assert link is not None
        assert link.line_items_url, "no gradebook is watched"
        values = columns.KINDS["participation"].values(session, link, "", None)
        sent = session.execute(select(OutboxRow.id, OutboxRow.key).where(OutboxRow.kind == "score")).all()
        return Seen(
            names,
            str(re.findall(r"\d+ van de \d+ leden", at.get(f"step/{case.step}").html)),
            {person: value.score for person, value in values.items()},
            frozenset(f"{row.id} {row.key}" for row in sent),
        )


def watched(house: House, case: Case, seed: str) -> list[Seen]:
    """What a facilitator who reloads after each act sees, one after the other."""
    seen: list[Seen] = []

    def watch() -> None:
        seen.append(look(house, case, house.visits[f"{case.step}-{case.stage}"]["wout"]))

    run_of(house, case, seed, watch)
    return seen


def moves(seen: list[Seen]) -> list[str]:
    """Where a name or a score moved with fewer others than it takes."""
    found = []
    for number, (before, after) in enumerate(pairwise(seen), 1):
        gone = before.named - after.named
        if 0 < len(gone) < LEAST or (gone and 0 < len(after.named) < LEAST):
            found.append(f"{number}: {len(gone)} names went, {len(after.named)} are left")
        if after.named - before.named:
            found.append(f"{number}: a name came back")
        moved = {person for person, score in after.scores.items() if before.scores.get(person) != score}
        if 0 < len(moved) < LEAST:
            found.append(f"{number}: {len(moved)} scores moved")
        if 0 < len(after.sent - before.sent) < LEAST:
            found.append(f"{number}: {len(after.sent - before.sent)} scores are on their way")
    return found


# As the design says it, whatever the code does.
LEAST = 3


@pytest.mark.parametrize("case", OPEN, ids=lambda case: str(case.name))
def test_who_reloads_after_each_act_sees_names_and_scores_move_with_others_only(house: House, case: Case) -> None:
    for number in range(WATCHED):
        seen = watched(house, case, f"watched {case.name} {number}")
        assert moves(seen) == []
        assert len({each.number for each in seen}) > LEAST, "how many were heard moves at once"


def test_the_names_that_are_left_and_the_scores_come_with_the_end_of_the_stage(house: House) -> None:
    case = BY_NAME["ambition-respond"]
    run_of(house, case, "the end")
    tool = house.kept.tool
    with tool.session() as session:
        c = fill(session, 0, case.stage, case.step)
        link = session.scalars(select(ResourceLink).where(ResourceLink.step == case.step)).one()
        before = columns.KINDS["participation"].values(session, link, "", None)
        assert c.move() == "pairs"
        session.flush()
        after = columns.KINDS["participation"].values(session, link, "", None)
        assert {value.score for value in after.values()} == {67}
        assert {value.score for value in before.values()} <= {33, 67}


def test_what_is_taken_back_brings_no_name_back_and_moves_no_score(house: House) -> None:
    case = BY_NAME["interpretation-think"]
    seen = watched(house, case, "taken back")
    tool = house.kept.tool
    with tool.session() as session:
        c = fill(session, 0, case.stage, case.step)
        item = _of(c, "explanation")[-1]
        who = [member.id for member in c.members].index(item.member_id)
        c.act(who, "withdraw", id=item.id)
    after = look(house, case, house.visits["interpretation-think"]["wout"])
    assert moves([seen[-1], after]) == []
    assert after.sent == seen[-1].sent


# Files, and what is kept of what is typed


def test_a_file_says_neither_in_its_name_nor_inside_whose_it_is(house: House) -> None:
    case = BY_NAME["information-gather-filed"]
    _, visits = run_of(house, case, "files")
    said = set()
    with house.kept.tool.session() as session:
        numbers = session.scalars(select(Attachment.id).order_by(Attachment.created_at)).all()
        assert len(numbers) == PEOPLE
    for number in numbers:
        answer = visits["wout"].get(f"step/information/file/{number}").response
        assert answer.status_code == 200
        said.add(tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Date")))
    assert len(said) == 1, "every file comes alike"
    assert "bijlage.jpeg" in str(said)
    assert list(numbers) != sorted(numbers)
    assert {column.name for column in Attachment.__table__.columns} & {"name", "filename", "title"} == set()


def test_what_a_phone_and_a_scanner_write_into_a_file_is_gone_before_it_is_kept() -> None:
    assert MARK.encode() in PHOTO
    assert MARK.encode() not in attachments.check(PHOTO).content


def test_the_name_of_a_draft_says_nothing_of_order(house: House) -> None:
    """What is kept of what is typed beside a colleague's piece is called by that piece."""
    case = BY_NAME["ambition-ideas"]
    known = []
    for number in range(RUNS):
        run, visits = run_of(house, case, f"drafts {number}")
        html = visits["fatima"].get("step/ambition").html
        with house.kept.tool.session() as session:
            c = fill(session, 0, "respond", "ambition")
            authors = {item.id: [m.id for m in c.members].index(item.member_id) for item in c.ideas()}
        named = {int(found) for found in re.findall(r'name="draft" value="\d+:respond-(\d+)"', html)}
        assert len(named) == PEOPLE - 1
        known.append(spearman({authors[each]: each for each in named}, run.orders["writing"]) or 0)
    assert abs(sum(known) / len(known)) < LIMIT


# The leaks that were known, put back one by one


def counting(first: int) -> Callable[[int, int], int]:
    """Numbers that count up, as those of rows do."""
    numbers = iter(range(first, first + 100_000_000))
    return lambda low, high: next(numbers) if high > 999 else low


def _oldest_first(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: item.created_at)


def _by_member(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: item.member_id)


@pytest.mark.parametrize(
    ("name", "module", "what", "leak"),
    [
        ("ambition-ideas", chance, "draw", counting(500_000_000)),
        ("ambition-consent", chance, "draw", counting(500_000_000)),
        ("information-gather", chance, "draw", counting(500_000_000)),
        ("ambition-ideas", pieces, "_drawn", _oldest_first),
        ("interpretation-see", pieces, "_drawn", _by_member),
        ("consequences-propose", pieces, "_drawn", _by_member),
        ("information-gather", evidence, "draw_number", lambda taken: len(list(taken)) + 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_leak_that_was_known_is_found_where_it_is_put_back(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, module: Any, what: str, leak: Any
) -> None:
    house.at(BY_NAME[name])
    monkeypatch.setattr(module, what, leak)
    assert leaks(house, BY_NAME[name], 6)


@pytest.mark.parametrize(
    ("what", "leak", "words"),
    [
        ("LEAP", 1, "names went"),
        ("waits", lambda turn: False, "scores"),
        ("tell", lambda told, heard, circle: heard.everybody & heard.expected, "names went"),
    ],
    ids=["a leap of one", "scores at once", "names at once"],
)
def test_a_name_or_a_score_that_moves_by_itself_is_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, what: str, leak: Any, words: str
) -> None:
    case = BY_NAME["ambition-respond"]
    house.at(case)
    monkeypatch.setattr(telling, what, leak)
    found = moves(watched(house, case, "watched"))
    assert any(words in each for each in found)
