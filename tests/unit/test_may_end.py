"""When a stage may end, and who belongs to the circle: the table of circle.md section 2, row by row and at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.community.circle import Circle
from lti_tool.domain.cycle.may_end import SMALL, Ending, Heard, Lack, judge
from lti_tool.domain.cycle.stages import StageKind
from lti_tool.domain.cycle.telling import LEAP, tell
from tests.histories import histories

H, O, T, D = StageKind.HIDDEN, StageKind.OPEN, StageKind.TOGETHER, StageKind.DECIDE  # noqa: E741


def of(size: int, away: int = 0, set_away: int = 0, number: int = 0) -> Circle:
    """Members 1 to size; the last ones of them away by their own word, and before those by another's."""
    last = range(size - away - set_away + 1, size + 1)
    return Circle(frozenset(range(1, size + 1)), frozenset(last[set_away:]), frozenset(last[:set_away]), number)


def end(
    kind: StageKind,
    circle: Circle,
    *heard: int,
    noted: tuple[int, ...] = (),
    over: bool = False,
    confirmed: bool = False,
    mover: int | None = 1,
    writer: int | None = None,
    expected: frozenset[int] | None = None,
) -> Ending:
    own = frozenset(heard)
    waited = circle.expected if expected is None else expected
    return judge(
        kind, circle, Heard(own | set(noted), own, waited, writer), over=over, mover=mover, confirmed=confirmed
    )


@pytest.mark.parametrize(
    ("circle", "quorum"),
    [
        (of(1), 1), (of(2), 2), (of(3), 2), (of(4), 3), (of(8), 5), (of(17), 9),
        # Who set themselves away leaves the count; whom another set away stays in it.
        (of(17, away=4), 7), (of(17, set_away=4), 9), (of(17, away=2, set_away=2), 8),
        # At least two, however few are left.
        (of(3, away=2), 2), (of(2, away=1), 2),
        # Colleagues whom nobody knows by name count.
        (of(5, number=17), 9), (of(1, number=2), 2),
    ],
)  # fmt: skip
def test_a_quorum_is_more_than_half_of_the_circle_less_who_set_themselves_away(circle: Circle, quorum: int) -> None:
    assert circle.quorum == quorum


@pytest.mark.parametrize(
    ("ending", "lack", "short"),
    [
        # Hidden: everybody; or more than half, and the date or a yes to going on without the others.
        (end(H, of(8), *range(1, 9)), None, 0),
        (end(H, of(8), *range(1, 6)), Lack.CONFIRM, 0),
        (end(H, of(8), *range(1, 6), confirmed=True), None, 0),
        (end(H, of(8), *range(1, 6), over=True), None, 0),
        (end(H, of(8), *range(1, 5), over=True, confirmed=True), Lack.HALF, 1),
        (end(H, of(17), 1, over=True, confirmed=True), Lack.VOICES, 1),
        (end(H, of(8, set_away=2), *range(1, 7)), None, 0),
        (end(H, of(8, set_away=2), *range(1, 4), confirmed=True), Lack.HALF, 1),
        # What is written down for others makes them heard; two voices of their own it takes all the same.
        (end(H, of(4), 1, noted=(2, 3, 4), confirmed=True), Lack.VOICES, 1),
        (end(H, of(4), 1, 2, noted=(3, 4)), None, 0),
        (end(H, of(1), 1), None, 0),
        (end(H, of(2), 1, 2), None, 0),
        (end(H, of(2), 1, confirmed=True, over=True), Lack.VOICES, 1),
        # Open: everybody, or three; two in a circle below six.
        (end(O, of(8), 1, 2, 3), Lack.CONFIRM, 0),
        (end(O, of(8), 1, 2, 3, confirmed=True), None, 0),
        (end(O, of(8), 1, 2, 3, over=True), None, 0),
        (end(O, of(8), 1, 2, over=True, confirmed=True), Lack.ENOUGH, 1),
        (end(O, of(6), 1, 2, confirmed=True), Lack.ENOUGH, 1),
        (end(O, of(5), 1, 2, confirmed=True), None, 0),
        (end(O, of(5), 1, confirmed=True), Lack.VOICES, 1),
        # While it is tried only who has an action is waited for; a second voice may be anybody's.
        (end(O, of(8), 1, expected=frozenset({1})), Lack.VOICES, 1),
        (end(O, of(8), 1, 5, expected=frozenset({1})), None, 0),
        # Together: somebody else than who wrote last, never the clock.
        (end(T, of(8), writer=1), Lack.SECOND, 0),
        (end(T, of(8), writer=2), None, 0),
        (end(T, of(8), writer=2, mover=None, over=True), Lack.SECOND, 0),
        (end(T, of(1), writer=1), None, 0),
        # Decide: a quorum, and everybody or the date; no press shortens it.
        (end(D, of(8), *range(1, 9)), None, 0),
        (end(D, of(8), *range(1, 8)), Lack.WAITS, 0),
        (end(D, of(8), *range(1, 8), confirmed=True), Lack.WAITS, 0),
        (end(D, of(8), *range(1, 6), over=True), None, 0),
        (end(D, of(8), *range(1, 5), over=True, confirmed=True), Lack.QUORUM, 1),
        (end(D, of(8, set_away=2), *range(1, 7)), None, 0),
        (end(D, of(8, set_away=4), *range(1, 5)), Lack.QUORUM, 1),
        (end(D, of(8, away=4), *range(1, 5)), None, 0),
        # What was written down for somebody is heard, and no voice in a quorum.
        (end(D, of(4), 1, 2, 3, noted=(4,)), None, 0),
        (end(D, of(4), 1, 2, noted=(3, 4)), Lack.QUORUM, 1),
        (end(D, of(3), 1, noted=(2, 3), over=True), Lack.QUORUM, 1),
        (end(D, of(1), 1), None, 0),
        # Colleagues without a name are waited for, and hold a decision up until its date is over.
        (end(D, of(5, number=6), *range(1, 6)), Lack.WAITS, 0),
        (end(D, of(5, number=6), *range(1, 6), over=True), None, 0),
        (end(H, of(5, number=17), *range(1, 6), over=True), Lack.HALF, 4),
        # Nobody is expected: nothing moves.
        *((end(kind, of(4, away=4), over=True, confirmed=True), Lack.NOBODY, 0) for kind in (H, O, D)),
        (end(T, of(4, away=4), writer=2), Lack.NOBODY, 0),
    ],
)  # fmt: skip
def test_when_a_stage_may_end_by_example(ending: Ending, lack: Lack | None, short: int) -> None:
    assert (ending.lack, ending.short) == (lack, short)


CIRCLES = st.builds(
    lambda members, away, set_away, number: Circle(members, (away - set_away) & members, set_away & members, number),
    st.frozensets(st.integers(1, 12), min_size=1, max_size=12),
    st.frozensets(st.integers(1, 12), max_size=12),
    st.frozensets(st.integers(1, 12), max_size=12),
    st.integers(0, 15),
)
PEOPLE = st.frozensets(st.integers(1, 15), max_size=15)


@histories(100, 2000)
@given(
    circle=CIRCLES,
    own=PEOPLE,
    noted=PEOPLE,
    over=st.booleans(),
    confirmed=st.booleans(),
    kind=st.sampled_from([H, O, D]),
)
def test_nobody_ends_a_stage_alone_and_no_decision_below_a_quorum(
    circle: Circle, own: frozenset[int], noted: frozenset[int], over: bool, confirmed: bool, kind: StageKind
) -> None:
    heard = Heard(own | noted, own, circle.expected)
    ending = judge(kind, circle, heard, over=over, mover=1, confirmed=confirmed)
    if ending.lack is not None:
        return
    voices = own & circle.members
    assert len(voices) >= min(2, circle.size)
    if kind == D:
        assert len(voices) >= circle.quorum
        assert over or circle.expected <= heard.everybody
    elif not (circle.expected <= heard.everybody and not circle.unknown):
        assert over or confirmed


@histories(100, 2000)
@given(circle=CIRCLES, own=PEOPLE, more=PEOPLE, kind=st.sampled_from([H, O, D]))
def test_more_who_were_heard_never_hold_a_stage_up(
    circle: Circle, own: frozenset[int], more: frozenset[int], kind: StageKind
) -> None:
    def lacks(heard: frozenset[int]) -> bool:
        found = judge(kind, circle, Heard(heard, heard, circle.expected), over=True, mover=1, confirmed=True)
        return found.lack is not None

    assert lacks(own) or not lacks(own | more)


@histories(100, 2000)
@given(circle=CIRCLES, kind=st.sampled_from([H, O, D]))
def test_where_everybody_who_is_expected_is_heard_and_the_date_is_over_only_numbers_lack(
    circle: Circle, kind: StageKind
) -> None:
    here = circle.expected
    ending = judge(kind, circle, Heard(here, here, here), over=True, mover=1, confirmed=True)
    # Then it takes another day, somebody who comes back, or a smaller circle: never one more press.
    assert ending.lack in (None, Lack.NOBODY, Lack.VOICES, Lack.HALF, Lack.ENOUGH, Lack.QUORUM)
    if not circle.set_away and not circle.away and not circle.unknown:
        assert ending.lack is None


@histories(100, 2000)
@given(circle=CIRCLES, order=st.lists(st.integers(1, 12), unique=True, max_size=12))
def test_who_is_still_to_be_heard_is_named_in_leaps(circle: Circle, order: list[int]) -> None:
    told: frozenset[int] = frozenset()
    heard: frozenset[int] = frozenset()
    for one in order:
        heard |= {one}
        before, told = told, tell(told, Heard(heard, heard, circle.expected), circle)
        assert before <= told <= heard
        if circle.size >= SMALL and told != before:
            left = circle.expected - heard
            assert len(told - before) >= LEAP
            assert not left or len(left) >= LEAP
        if circle.size < SMALL:
            assert told == heard & circle.expected
