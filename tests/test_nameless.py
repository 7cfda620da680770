"""Without a name is without a name: what is on a page lines nobody's words up with who was first, or with who they are.

Eight people write in a random order, thirty times. Whatever can be put in order of their pieces on a page, in the red
thread, on its paper and among the yields (attributes, addresses, places, digits in words, file names) is held against
the order of writing, and against member numbers, names, the roster and the seats: a mean Spearman correlation beyond
LIMIT is a leak. Beside it a facilitator reloads after each act, and watches the list of those still to be heard, and
the gradebook. Known leaks, put back, are found.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool import chance, pdf
from lti_tool.domain.cycle import telling
from lti_tool.domain.mechanisms import attachments
from lti_tool.domain.participation import columns
from lti_tool.domain.reading import pieces
from lti_tool.domain.thread import evidence
from lti_tool.models import OutboxRow, Person, ResourceLink
from lti_tool.models.voices import Attachment
from tests.histories import ALL
from tests.nameless import BY_NAME, OPEN, PEOPLE, PHOTO, Case, House, Run, answers_of, run_of, series
from tests.web.circle import fill
from tests.web.conftest import placed_file
from tests.web.test_files import MARK
from tests.web.walk import Visit

LIMIT = 0.35
RUNS = 100 if ALL else 30
WATCHED = 20 if ALL else 2


@pytest.fixture(scope="module")
def house(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Iterator[House]:
    with placed_file(tmp_path_factory.mktemp("nameless"), _migrated_sqlite, keys_dir) as kept:
        yield House(kept)


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


Pages = Callable[[Case, str], Sequence[str]]


def of_the_step(case: Case, role: str) -> Sequence[str]:
    """Its page; and the big screen, which shows the same to everybody."""
    return [f"step/{case.step}", *(["together/beamer"] if role == "wout" else [])]


def beside(_case: Case, _role: str) -> Sequence[str]:
    """What reads all steps together. The PDF as the page that it is made of: `house_of_paper`."""
    return ["thread", "thread.pdf", "yields"]


def everywhere(case: Case, role: str) -> Sequence[str]:
    """Both, where the red thread shows what all eight wrote."""
    return [*of_the_step(case, role), *(beside(case, role) if case.name == THREADED else [])]


def leaks(house: House, case: Case, runs: int = RUNS, pages: Pages = of_the_step) -> list[str]:
    """What on its pages goes with an order that nothing may go with."""
    known: dict[str, list[float]] = defaultdict(list)
    there: dict[str, int] = defaultdict(int)
    for number in range(runs):
        run, visits = run_of(house, case, f"{case.name} {number}")
        for role, at in visits.items():
            # One's own piece one knows.
            others = {who: mark for who, mark in run.marks.items() if role == "wout" or who != 0}
            for page in pages(case, role):
                seen = at.get(page)
                assert seen.status == 200, (case, seen.status)
                found = series(seen.html, Run(others, run.orders))
                there[page] = max(there[page], len(found["place 0"]))
                for name, values in found.items():
                    for order, ranked in run.orders.items():
                        if (value := spearman(values, ranked)) is not None:
                            known[f"{role} {page}: {name} ~ {order}"].append(value)
    for page in set(there) - EMPTY:
        if page != "together/beamer":
            assert there[page] >= PEOPLE - 1, f"whose words are not there are not looked at: {page}"
    enough = {name: values for name, values in known.items() if len(values) >= runs / 2}
    return sorted(name for name, values in enough.items() if abs(sum(values) / len(values)) > LIMIT)


# Where nothing of this stands as long as no yield is endorsed; it is looked at all the same.
EMPTY = {"yields"}
# Where the red thread shows what all eight wrote: what was learned.
THREADED = "evaluation-verdict"


@pytest.fixture
def house_of_paper(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The PDF is its page, as it was before it was made: what stands where is not to be read from a PDF."""
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(pdf, "make", lambda html: html.encode())
    return house


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_on_a_page_goes_with_who_wrote_first_or_with_who_anybody_is(house_of_paper: House, name: str) -> None:
    """Nor in the red thread and on its paper."""
    assert leaks(house_of_paper, BY_NAME[name], pages=everywhere) == []


def test_a_leak_in_the_red_thread_is_found_where_it_is_put_back(
    house_of_paper: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house_of_paper.at(BY_NAME[THREADED])
    monkeypatch.setattr(pieces, "_drawn", _oldest_first)
    found = leaks(house_of_paper, BY_NAME[THREADED], 6, beside)
    assert {each.split(":")[0] for each in found} >= {"wout thread", "wout thread.pdf"}


@pytest.mark.skipif(not pdf.available(), reason="needs the extra `pdf`")
def test_a_pdf_has_nobodys_name_inside_nor_the_moment_it_was_made(house: House) -> None:
    _, visits = run_of(house, BY_NAME[THREADED], "paper")
    answer = visits["wout"].get("thread.pdf").response
    assert answer.status_code == 200
    assert "leerkring.pdf" in answer.headers["Content-Disposition"]
    inside = answer.get_data()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", inside, re.DOTALL):
        with suppress(zlib.error):
            inside += zlib.decompressobj().decompress(stream)
    assert b"/Title" in inside, "what is inside is looked at"
    assert b"CreationDate" not in inside
    assert b"ModDate" not in inside
    with house.kept.tool.session() as session:
        for person in session.scalars(select(Person)):
            name = person.name or "nobody at all"
            assert name.encode() not in inside
            assert name.encode("utf-16-be") not in inside


@pytest.mark.parametrize("name", ["information-gather", "interpretation-need", THREADED])
def test_the_file_of_everything_has_nothing_of_anybody_else(house: House, name: str) -> None:
    run, visits = run_of(house, BY_NAME[name], "file")
    told = visits["fatima"].get("mine.json").response.get_data(as_text=True)
    assert run.marks[0] in told, "one's own is in it"
    assert [mark for who, mark in run.marks.items() if who and mark in told] == []
    with house.kept.tool.session() as session:
        c = fill(session, 0, BY_NAME[name].stage, BY_NAME[name].step)
        others = [session.get_one(Person, each.person_id).name for each in c.members[1:]]
    assert [each for each in others if each and each in told] == []


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
        seen.append(look(house, case, house.visits[case.moment]["wout"]))

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
        item = answers_of(c, "explanation")[-1]
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
