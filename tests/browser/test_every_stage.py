"""At every stage of every step, in communities of eight people and of sixty: what a page costs, and what a phone shows.

A page takes few SQL statements, as many for sixty people as for eight, none of which writes; and few bytes over the
wire, for a phone in the corridor. One round is one screen: on a phone of 360 by 640 the question, what one needs to
answer it, and the button that sends are on the first screen. As a stage opens nothing of it scrolls sideways in either
language, and axe looks at it in English; in Dutch and within the LMS at what it is once answered (test_whole_cycle.py).
"""

import datetime as dt
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.db import now
from lti_tool.models import BrowserSession, Community, Meeting, Member
from lti_tool.models.hours_codes import Way
from lti_tool.models.hours_sessions import HoursAttendance, HoursSession
from tests.actors import World
from tests.browser.screen import HEIGHT, WIDTH, Screen
from tests.web.circle import fill, sit_together
from tests.web.sizes import STAGES, Sized, of_sizes
from tests.web.walk import STEP, Visit, picker

MOST = 13
SMALL, LARGE = 8, 60

WEIGHT = 60_000  # bytes, compressed: all that a page sends beyond what the first page left in the cache
HTML, SENT = 150_000, 30_000  # bytes of a step's page, before and after gzip
TALLEST = 8_000  # pixels, before anything is folded out

# who looks, at what; <step> is the step that the community is at. What changes with its stages ...
PAGES = [
    ("fatima", "step/<step>"),
    ("fatima", "step/<step>/note"),
    ("fatima", "together/beamer"),
    ("wout", "together/conduct"),
    ("wout", "together/1"),
    ("fatima", "home"),
    ("fatima", "step/<step>/texts"),
    ("wout", "step/<step>"),
    ("wout", "step/<step>/invitations"),
    ("mieke", "home"),
]
# ... and what does not.
OTHERS = [
    ("fatima", "step/agreements"),
    ("fatima", "step/conditions"),
    ("fatima", "journal"),
    ("fatima", "hours"),
    ("wout", "hours/pots"),
    ("fatima", "hours/sessions"),
    ("wout", "hours/sessions"),
    ("fatima", "hours/sessions/1"),
    ("wout", "hours/sessions/1"),
    ("wout", "hours/sessions/1/letters"),
    ("wout", "hours/sessions/1/paper"),
    ("fatima", "community"),
    ("fatima", "thread"),
    ("fatima", "pulse"),
    ("fatima", "yields"),
    ("wout", "home"),
    ("wout", "community"),
    ("wout", "yields"),
    ("els", "welcome"),
    ("picker", "place"),
]


# Whose process has what a page caches for it: address of the tool, who looked, at which page.
LOOKED: set[tuple[str, str, str]] = set()


@pytest.fixture(scope="module")
def screen(browser: Browser) -> Iterator[Screen]:
    """One phone for the whole file."""
    context = browser.new_context(reduced_motion="reduce")
    yield Screen(context.new_page())
    context.close()


@pytest.fixture(scope="module")
def worlds(
    _migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path
) -> Iterator[dict[int, Sized]]:
    """Two communities, one ten times as large, which stand where `at` brings them."""
    with of_sizes((SMALL, LARGE), _migrated_sqlite, tmp_path_factory.mktemp("sizes"), keys_dir) as made:
        for world, visits in made.values():
            visits["picker"] = picker(world, "wout")
        yield made


def fetch(at: Visit, path: str) -> TestResponse:
    """A page as a browser asks for it."""
    headers = {"Accept-Encoding": "gzip"}
    return at.browser.client.get(at.base + path, base_url=at.browser.tool.url, headers=headers)


def come_together(session: Session) -> None:
    """Have a session on, in which everybody is but those who look: home asks them."""
    if session.scalar(select(HoursSession)) is not None:
        return
    community = session.scalars(select(Community)).one()
    guide = session.scalars(select(Member).where(Member.facilitates)).first()
    assert guide is not None
    begins = now() - dt.timedelta(minutes=10)
    sat = HoursSession(
        community_id=community.id, step="", title="Samen", place="", day=begins.date(), begins_at=begins,
        ends_at=begins + dt.timedelta(hours=11), secret=b"s" * 32, opened_by_id=guide.person_id,
    )  # fmt: skip
    session.add(sat)
    session.flush()
    extra = select(Member.person_id).where(Member.number >= 1000)
    session.add_all(
        HoursAttendance(session_id=sat.id, person_id=who, came_at=begins, present=True, way=Way.LETTERS)
        for who in session.scalars(extra)
    )


def go_home(session: Session) -> None:
    """Nobody meets any more, and no session is on."""
    for table in (HoursAttendance, HoursSession, Meeting):
        session.execute(delete(table))


def costs(
    world: World, visits: dict[str, Visit], step: str, pages: Sequence[tuple[str, str]] = PAGES
) -> tuple[dict[tuple[str, str], int], int]:
    """Statements of each page, after a first look that fills what is cached for the process; and the heaviest page."""
    found, heaviest = {}, 0
    for who, each in pages:
        path = each.replace("<step>", step)
        if (world.tool.url, who, each) not in LOOKED:
            LOOKED.add((world.tool.url, who, each))
            visits[who].get(path)
        with world.tool.statements() as statements:
            page = fetch(visits[who], path)
        if path.endswith("invitations") and page.status_code == 404:
            continue
        assert page.status_code == 200, (who, path, page.status)
        written = [each for each in statements if not each.lstrip().upper().startswith("SELECT")]
        assert not written, (who, path)
        found[who, path] = len(statements)
        assert page.headers["Content-Encoding"] == "gzip", (who, path)
        heaviest = max(heaviest, len(page.data))
    return found, heaviest


@pytest.fixture(scope="module", params=STAGES, ids="-".join)
def at(worlds: dict[int, Sized], request: pytest.FixtureRequest) -> tuple[str, str]:
    """A step and a stage of it, to which both communities were brought: each brings them one further."""
    step, stage = request.param
    for people, (world, _) in worlds.items():
        with world.tool.session() as session:
            fill(session, people - 1, stage, step)
            # However long the stages before took: that somebody is still at work is not noted by the pages looked at.
            session.execute(update(BrowserSession).values(used_at=now()))
    return step, stage


def test_the_question_and_its_answer_are_on_the_first_screen_and_the_page_is_light(
    worlds: dict[int, Sized], screen: Screen, at: tuple[str, str]
) -> None:
    step, stage = at
    for people, (_, visits) in worlds.items():
        for who in ("fatima", "wout"):
            html = visits[who].get(f"step/{step}").html
            assert len(html.encode()) <= HTML, (people, who)
            assert len(gzip.compress(html.encode(), 6)) <= SENT, (people, who)
            seen = screen.look(html)
            assert seen["question"] <= HEIGHT / 3, (people, who, seen)
            assert seen["tall"] <= TALLEST, (people, who, seen)
            assert seen["wide"] <= WIDTH, (people, who, seen)
            if who == "fatima":
                assert seen["first"] is not None, (people, seen)
                assert seen["first"] <= HEIGHT, (people, seen)
                assert not seen["covered"], (people, seen)
                assert seen["send"] is None or seen["send"] <= HEIGHT, (people, seen)
            if who == "fatima" and people == SMALL:
                assert not screen.without_edges(), (step, stage)
                assert not screen.too_wide_in_large_letters(), (step, stage)
                screen.fits(html, "nl")
                visits[who].post("language", language="en")
                screen.sound(visits[who].get(f"step/{step}").html)
                visits[who].post("language", language="nl")


def test_a_page_takes_few_statements_and_bytes_and_no_more_statements_with_more_people(
    worlds: dict[int, Sized], at: tuple[str, str]
) -> None:
    step, _ = at
    found = {}
    for people, (world, visits) in worlds.items():
        with world.tool.session() as session:
            sit_together(session, step)
            come_together(session)
        found[people], heaviest = costs(world, visits, step)
        assert heaviest <= WEIGHT, (people, heaviest)
        with world.tool.session() as session:
            go_home(session)
    assert found[SMALL] == found[LARGE]
    assert max(found[LARGE].values()) <= MOST, found[LARGE]


def test_what_the_first_page_fetched_is_fetched_only_once(worlds: dict[int, Sized]) -> None:
    _, visits = worlds[SMALL]
    pages = [visits["fatima"].get(path) for path in ("", "home", "community", "journal")]
    assets = [
        {tag.get("href") or tag.get("src") for tag in page.soup.select("link[href], script[src]")} for page in pages
    ]
    assert all(each == assets[0] for each in assets)
    for address in {each for each in assets[0] if not str(each).startswith("data:")}:
        answer = visits["fatima"].browser.client.get(str(address), base_url=visits["fatima"].browser.tool.url)
        assert "max-age=31536000" in answer.headers["Cache-Control"], address


def test_what_is_posted_takes_as_many_statements_with_more_people(
    worlds: dict[int, Sized],
) -> None:
    found = {}
    for people, (world, visits) in worlds.items():
        seen = []
        for fields in ({"draft": "1:idea-new", "text": "half in onze lessen"}, {"draft": "1:idea-new"}):
            with world.tool.statements() as statements:
                visits["fatima"].post("draft", fields)
            seen.append(len(statements))
        with world.tool.statements() as statements:
            assert visits["fatima"].post(f"{STEP}/idea", text="te laat in onze lessen", why="x").status == 422
        found[people] = [*seen, len(statements)]
    assert found[SMALL] == found[LARGE]


def test_the_next_cycle_and_the_old_one_cost_no_more(worlds: dict[int, Sized]) -> None:
    """The last in this file: it takes both communities into their second cycle."""
    found = {}
    for people, (world, visits) in worlds.items():
        with world.tool.session() as session:
            fill(session, people - 1, "closed", "evaluation")
            sit_together(session, "evaluation")
            come_together(session)
        assert visits["wout"].post("next-cycle").status == 303
        # By the placement of cycle 1 old pages; by the number of the cycle the new ones.
        new = {
            f"{name} in 2": Visit(at.browser, at.first, at.base.rstrip("/") + "~2/")
            for name, at in visits.items()
            if name in ("fatima", "wout", "mieke")
        }
        pages = [(name, path) for name in new for path in ("home", STEP) if (name, path) != ("mieke in 2", STEP)]
        old, heaviest = costs(world, visits, "evaluation", PAGES + OTHERS)
        coming, other = costs(world, new, "ambition", pages)
        found[people] = old | coming
        assert max(heaviest, other) <= WEIGHT
    assert found[SMALL] == found[LARGE]
    assert max(found[LARGE].values()) <= MOST, found[LARGE]
