"""The rules of counting hours, one by one: what counts first, caps, elapsed minutes, what may follow on what."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lti_tool.domain import Refused
from lti_tool.domain.hours import entries, ledger, out, states
from lti_tool.domain.hours.ledger import Cap, Claim, Ledger, Per, Rules, Verdict
from lti_tool.domain.hours.states import State
from lti_tool.models.hours_codes import Done, Kind

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def claim(entry: int, minutes: int, *, at: int | None = None, **more: object) -> Claim:
    """at: minutes after noon at which it begins; None: no times."""
    begins = None if at is None else NOON + dt.timedelta(minutes=at)
    ends = None if begins is None else begins + dt.timedelta(minutes=minutes)
    known = {"pot": 1, "kind": Kind.OWN, "learning": True, "day": DAY, "begins": begins, "ends": ends} | more
    return Claim(entry=entry, minutes=minutes, **known)  # type: ignore[arg-type]


def test_what_counted_first_keeps_its_minutes_in_whatever_pot_and_the_later_one_gets_the_rest() -> None:
    book = Ledger([(claim(1, 60, at=0, pot=2), 60)])
    assert book.verdict(claim(2, 60, at=30), Rules()) == Verdict(30, 30, 0)
    assert book.verdict(claim(2, 60, at=60), Rules()) == Verdict(60, 0, 0)
    assert book.verdict(claim(2, 60), Rules()) == Verdict(60, 0, 0), "without times it overlaps nothing"


def test_minutes_that_did_not_count_are_free_for_another() -> None:
    book = Ledger([(claim(1, 60, at=0), 20)])
    assert book.verdict(claim(2, 60, at=0, pot=2), Rules()) == Verdict(40, 20, 0)


def test_room_that_a_correction_frees_is_offered_and_never_filled() -> None:
    first, second = claim(1, 60, at=0), claim(2, 60, at=30)
    book = Ledger([(first, 60), (second, 30), (first, -60)])
    assert (book.net(1), book.net(2)) == (0, 30)
    assert book.verdict(second, Rules()) == Verdict(60, 0, 0)
    book.enter(first, 60)
    assert book.verdict(second, Rules()) == Verdict(30, 30, 0), "what counts now keeps its minutes too"


@pytest.mark.parametrize(
    ("cap", "counts"),
    [
        (Cap(Per.ENTRY, 45), 45),
        (Cap(Per.DAY, 70), 40),
        (Cap(Per.PERIOD, 100), 30),
        (Cap(Per.PERIOD, 50), 0),
        (Cap(Per.DAY, 10, frozenset({Kind.ELSEWHERE})), 60),
        (Cap(Per.DAY, 30, frozenset({Kind.OWN})), 0),
    ],
)
def test_a_cap_is_of_its_pot_its_kinds_and_what_it_reaches_over(cap: Cap, counts: int) -> None:
    before = [
        (claim(1, 30), 30),
        (claim(2, 40, day=DAY - dt.timedelta(days=1)), 40),
        (claim(3, 500, pot=2), 500),
    ]
    verdict = Ledger(before).verdict(claim(4, 60), Rules([cap]))
    assert verdict == Verdict(counts, 0, 60 - counts)


def test_arranging_counts_where_the_pot_says_so() -> None:
    meeting = claim(1, 60, learning=False)
    assert Ledger().verdict(meeting, Rules(arranging=True)).minutes == 60
    assert Ledger().verdict(meeting, Rules(arranging=False)) == Verdict(0, 0, 60)


@pytest.mark.parametrize(
    ("day", "begins", "ends", "overnight", "minutes"),
    [
        (dt.date(2026, 7, 31), (23, 30), (0, 30), True, 60),
        (dt.date(2026, 3, 28), (23, 30), (4, 0), True, 210),  # an hour is gone that night
        (dt.date(2026, 10, 24), (23, 30), (4, 0), True, 330),  # and one comes twice
        (dt.date(2026, 10, 25), (2, 50), (2, 10), False, 20),
        (dt.date(2026, 11, 2), (9, 0), (17, 0), False, 480),
    ],
)
def test_minutes_are_elapsed_time(
    day: dt.date, begins: tuple[int, int], ends: tuple[int, int], overnight: bool, minutes: int
) -> None:
    start, end = ledger.elapsed(day, dt.time(*begins), dt.time(*ends), ZONE, overnight=overnight)
    assert end - start == dt.timedelta(minutes=minutes)
    assert start.astimezone(ZONE).date() == day


@pytest.mark.parametrize(
    ("day", "begins", "ends", "code"),
    [
        (dt.date(2026, 3, 29), (2, 30), (4, 0), "hours_no_time"),
        (dt.date(2026, 11, 2), (10, 0), (9, 0), "hours_end_first"),
        (dt.date(2026, 11, 2), (10, 0), (10, 0), "hours_end_first"),
    ],
)
def test_times_that_cannot_be_are_refused(
    day: dt.date, begins: tuple[int, int], ends: tuple[int, int], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        ledger.elapsed(day, dt.time(*begins), dt.time(*ends), ZONE)


def test_a_school_year_is_from_august_to_july() -> None:
    assert ledger.school_year(dt.date(2026, 7, 31)) == (dt.date(2025, 8, 1), dt.date(2026, 7, 31))
    assert ledger.school_year(dt.date(2026, 8, 1)) == (dt.date(2026, 8, 1), dt.date(2027, 7, 31))


@pytest.mark.parametrize(
    ("minutes", "hours"), [(60, "1.00"), (20, "0.33"), (95, "1.58"), (0, "0.00"), (5_000_001, "83333.35")]
)
def test_hours_are_rounded_once_where_they_are_shown(minutes: int, hours: str) -> None:
    assert ledger.figure(minutes) == Decimal(hours)


# What may be done in which state, said once more by hand. None: an entry that is just made.
MAY: dict[State | None, set[Done]] = {
    None: {Done.KEPT, Done.SENT},
    State.KEPT: {Done.SENT, Done.WITHDRAWN},
    State.SENT: {Done.COUNTED, Done.APPROVED, Done.RETURNED, Done.WITHDRAWN},
    State.COUNTS: {Done.QUERIED, Done.DISPUTED, Done.CORRECTED, Done.CLAIMED, Done.WITHDRAWN},
    State.CLAIMED: {Done.COUNTED, Done.APPROVED, Done.UPHELD, Done.DISPUTED, Done.CORRECTED, Done.WITHDRAWN},
    State.CORRECTED: {Done.QUERIED, Done.DISPUTED, Done.CORRECTED, Done.WITHDRAWN},
    State.QUERIED: {Done.ANSWERED, Done.CORRECTED, Done.WITHDRAWN},
    State.DISPUTED: {Done.UPHELD, Done.CORRECTED, Done.WITHDRAWN},
    State.RETURNED: {Done.RESENT, Done.WITHDRAWN},
    State.REPLACED: set(),
    State.WITHDRAWN: set(),
}


@pytest.mark.parametrize("state", [None, *State])
def test_what_may_be_done_with_an_entry(state: State | None) -> None:
    assert {each for each in Done if states.may(state, each)} == MAY[state]
    for each in set(Done) - MAY[state]:
        with pytest.raises(Refused, match="hours_settled"):
            states.after(state, each)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "|calc", "%0"])
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str) -> None:
    assert out.defused(text) == "'" + text


def test_a_text_of_one_line_has_nothing_unseen_in_it() -> None:
    assert entries.clean("  een \n twee\tdrie ", 30) == "een twee drie"
    assert entries.clean("שלום و سلام 👩🏽‍🏫", 30) == "שלום و سلام 👩🏽‍🏫", "people write from right to left too"
    for bad in ("a\u202eb", "a\u2066b", "a\x00b", "a\x1bb", "a\x85b"):
        with pytest.raises(Refused, match="hours_unseen"):
            entries.clean(bad, 30)
    with pytest.raises(Refused, match="too_long"):
        entries.clean("x" * 31, 30)
