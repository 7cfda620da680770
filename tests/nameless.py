"""Eight people who write in a random order, and what on a page can be put in order of their words (test_nameless)."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from lti_tool.domain.mechanisms import attachments, contributions, merging
from lti_tool.domain.thread import evidence
from lti_tool.models import Person, Seat
from lti_tool.models.voices import Contribution
from tests.actors import World
from tests.web.circle import Circle, fill, sit_together
from tests.web.conftest import Kept
from tests.web.test_files import jpeg
from tests.web.walk import Visit, visit
from tests.web.ways import actions as tried
from tests.web.ways import evaluation as learned

PEOPLE = 8

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
        return self.moment + ("-filed" if self.do is _filed else "")

    @property
    def moment(self) -> str:
        """Where it begins."""
        return f"{self.step}-{self.stage}"

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


def _explain(c: Circle, who: int) -> None:
    """Beside what was there before: who names what another of these wrote says by that who was first."""
    observation, number = answers_of(c, "observation")[0].id, next(c.written)
    if not answers_of(c, "explanation"):
        c.act(0, "explain", observations=[observation], text="dit was er al")
    rival = answers_of(c, "explanation")[0].id
    c.act(who, "explain", observations=[observation], text=f"dat komt {number}", rival=rival)


def _point(c: Circle, who: int) -> None:
    seen, explained = (c.step.name and answers_of(c, kind) for kind in ("observation", "explanation"))
    number = next(c.written)
    c.act(
        who, "point", text=f"onze aandacht voor {number}", why=f"reden {number}", observations=[seen[0].id],
        explanation=explained[0].id, considered=[explained[1].id],
    )  # fmt: skip


def _tell(c: Circle, who: int) -> None:
    number = next(c.written)
    about = random.Random(number).choice(tried.cards(c)).item.id
    c.act(who, "log", **{**tried.TOLD, "about": about, "done": f"zo gedaan als {number}"})


def _card(c: Circle, who: int) -> None:
    c.act(who, "card", sort="know", text=f"dit is kaart {next(c.written)}", sources=list(learned.proof(c).values()))


def _answer(action: str, field: str, kind: str, **more: str) -> Do:
    """Say something of a colleague's piece, whichever."""

    def do(c: Circle, who: int) -> None:
        number = next(c.written)
        others = [item.id for item in answers_of(c, kind) if item.member_id != c.members[who].id]
        words = {name: f"{words} {number}" for name, words in more.items() if words[0].isupper()}
        chosen = random.Random(number).choice(others)
        c.act(who, action, **{**more, **words, field: chosen})

    return do


def answers_of(c: Circle, kind: str) -> list[Contribution]:
    query = select(Contribution).where(Contribution.step_run_id == c.run.id, Contribution.kind == kind)
    return list(c.session.scalars(query.order_by(Contribution.created_at)))


def _filed(c: Circle, who: int) -> None:
    """Evidence with a photo, as a phone makes it."""
    number = next(c.written)
    turn = c.turn(who)
    turn.hold()
    body = {"sort": "file", "text": f"dit is gegeven {number}", "source": "les", "lens": "pupils", "voice": "own"}
    upload = attachments.Upload("image/jpeg", PHOTO)
    item = evidence.bring(turn, body, contributions.get(turn, "question", answers_of(c, "question")[0].id), upload)
    assert item.body["text"].endswith(str(number))


PHOTO = jpeg()
CASES = [
    Case("ambition", "ideas", on=True),
    Case("ambition", "respond", _answer("respond", "idea", "idea", text="Dat zag ik ook")),
    Case("ambition", "consent", _object, on=True),
    Case("information", "questions", on=True),
    Case("information", "gather"),
    Case("information", "gather", _filed),
    Case("interpretation", "see", on=True),
    Case(
        "interpretation",
        "reflect",
        _answer("react", "observation", "observation", choice="question", text="Hoe ging dat toen?"),
    ),
    Case("interpretation", "think", _explain),
    Case("interpretation", "need", _point),
    Case("consequences", "propose", on=True),
    Case(
        "consequences",
        "advise",
        _answer("advise", "proposal", "consequence", sort="clarify", text="Hoe ging dat toen?"),
    ),
    Case("actions", "try", _tell),
    Case("evaluation", "survey", on=True),
    Case("evaluation", "stories", _answer("respond", "story", "story", text="Dat is mooi")),
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
        if case.moment not in self.visits:
            world = self._walked(case)
            self.visits[case.moment] = {name: visit(world, name, case.step) for name in ("wout", "fatima")}
            self.kept.keep(case.moment)
        # The database only: nobody does anything at the LMS.
        self.kept.rows_of(case.moment)
        return self.visits[case.moment]

    def _walked(self, case: Case) -> World:
        """On from the last case before it that a community has come to."""
        order = [each.moment for each in CASES]
        on_the_way = [each for each in order[: order.index(case.moment)] if each in self.visits]
        world = self.kept.back_to(on_the_way[-1] if on_the_way else "placed")
        if not on_the_way:
            world.begin("fatima")
        with world.tool.session() as session:
            fill(session, 0 if on_the_way else PEOPLE - 1, case.stage, case.step)
        return world


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
        sit_together(session, case.step)
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
