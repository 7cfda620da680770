"""Of a launch that names another page than its placement's: somebody picked that page, or items stand behind one link.

No launch here names a column: where one does, it is followed at once (M21, M39, O10).
"""

import datetime as dt
import itertools

import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool.domain.community import placing, roster
from lti_tool.domain.community.placing import Page
from lti_tool.domain.participation import Passback
from lti_tool.models import Launch
from tests.web.circle import Circle, arrival, circle

PAGES = [None, "ambition", "information", "actions"]
PAGE = st.sampled_from(PAGES)
START = dt.datetime(2027, 1, 12, 9, tzinfo=dt.UTC)
# Seconds between two events: some minutes, now and then more than a day.
PAUSES = st.lists(st.sampled_from([5, 600, 600, 3600, 90_000]), min_size=7, max_size=7)


class Link:
    """One link of an LMS, and what the tool has it stand for."""

    def __init__(self, c: Circle, clock: time_machine.Traveller, pauses: list[int]) -> None:
        self.c, self.clock, self.pauses = c, clock, itertools.cycle(pauses)
        self.numbers = itertools.count()

    def hand_out(self, *steps: str | None) -> None:
        """A deep linking response with these pages."""
        self.clock.shift(next(self.pauses))
        pages = [Page(step, 1) for step in steps]
        placing.hand_out(self.c.session, self.c.community, self.c.members[0], pages, Passback.NONE)
        self.c.session.flush()

    def open(self, step: str | None) -> str | None:
        """Somebody opens it; what the placement is then."""
        self.clock.shift(next(self.pauses))
        said = arrival(
            0, self.c.course.deployment_id, resource_link_id="9", step=step, names_step=True, cycle_number=1,
            passback=Passback.NONE,
        )  # fmt: skip
        met = roster.meet(self.c.session, said)
        assert met.link
        assert met.page == Page(step, 1), "the page that was opened is the one that was asked for, whatever else"
        self.c.session.add(
            Launch(
                id=f"L{next(self.numbers)}", person_id=met.person.id, deployment_id=self.c.course.deployment_id,
                course_id=met.course.id, community_id=met.community.id, resource_link_id=met.link.id, step=step,
                cycle_number=1,
            )
        )  # fmt: skip
        self.c.session.flush()
        return met.link.step


# What a teacher picks for an activity in Moodle: a page; how often it is opened then; and whether the whole cycle is
# placed beside it first.
PICKS = st.lists(st.tuples(PAGE, st.integers(0, 2), st.booleans()), max_size=8)


@given(picks=PICKS, pauses=PAUSES)
@example(picks=[("actions", 1, False), ("information", 1, False), ("actions", 1, False)], pauses=[600])
def test_m82_a_page_that_was_picked_anew_is_followed_however_often_and_soon(
    picks: list[tuple[str | None, int, bool]], pauses: list[int]
) -> None:
    """5, then 2, then 5 again within a day: the picker went on to say 2."""
    with circle(1) as c, time_machine.travel(START, tick=False) as clock:
        link = Link(c, clock, pauses)
        for page, opened, beside in picks:
            if beside:
                link.hand_out(*PAGES)
            link.hand_out(page)
            for _ in range(opened):
                assert link.open(page) == page


ITEMS = st.lists(PAGE, min_size=2, max_size=4, unique=True)


@given(items=ITEMS, opened=st.lists(st.integers(0, 3), max_size=12), again=st.lists(st.integers(0, 12), max_size=3))
def test_o10_items_of_one_response_behind_one_link_do_not_make_its_placement_go_to_and_fro(
    items: list[str | None], opened: list[int], again: list[int]
) -> None:
    """Open edX stores the whole response behind the link. again: when its author picks all of them once more."""
    with circle(1) as c, time_machine.travel(START, tick=False) as clock:
        link = Link(c, clock, [60])
        link.hand_out(*items)
        # Each is new at first.
        settled = [link.open(item) for item in items][-1]
        for number, index in enumerate(opened):
            if number in again:
                link.hand_out(*items)
            assert link.open(items[index % len(items)]) == settled


def test_o10_another_response_without_the_placements_page_moves_it_once() -> None:
    with circle(1) as c, time_machine.travel(START, tick=False) as clock:
        link = Link(c, clock, [60])
        link.hand_out(*PAGES)
        assert [link.open(page) for page in PAGES][-1] == "actions"
        link.hand_out("ambition", "information")
        assert [link.open(page) for page in ("information", "ambition", "information")] == ["information"] * 3


def test_o10_what_was_handed_out_before_it_was_last_opened_is_no_new_pick() -> None:
    with circle(1) as c, time_machine.travel(START, tick=False) as clock:
        link = Link(c, clock, [60])
        link.hand_out("ambition")
        link.hand_out("ambition", "information")
        opened = ("ambition", "information", "ambition", "information")
        assert [link.open(page) for page in opened] == ["ambition", *["information"] * 3]


def test_m11_what_somebody_typed_into_the_link_is_followed_once_a_day() -> None:
    """Nothing was picked, so nothing tells it from items that are opened by turns."""
    with circle(1) as c, time_machine.travel(START, tick=False) as clock:
        link = Link(c, clock, [60])
        assert [link.open(page) for page in ("ambition", "actions", "ambition")] == ["ambition", "actions", "actions"]
        clock.shift(placing.BY_TURNS)
        assert link.open("ambition") == "ambition"
