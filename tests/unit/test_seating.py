"""Where in a course somebody sits: a hand goes before the LMS's groups, these before the course's own community."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.community import seating
from lti_tool.domain.community.seating import OWN, Decided, Place, decide

GROUPS = st.sampled_from([OWN, "3", "4", "5", f"{seating.BY_HAND}ab", f"{seating.BY_HAND}cd"])
PLACES = st.lists(
    st.builds(Place, st.integers(1, 50), GROUPS, *[st.booleans()] * 4),
    min_size=1, max_size=6, unique_by=(lambda each: each.community_id, lambda each: each.group_id),
)  # fmt: skip
SAID = st.none() | st.frozensets(st.sampled_from(["3", "4", "5", "6", "999"]), max_size=4)


@given(PLACES, SAID)
def test_somebody_sits_in_one_of_those_they_may_sit_in_and_in_an_archived_one_only_where_there_is_no_other(
    places: list[Place], groups: frozenset[str] | None
) -> None:
    found = decide(places, groups)
    by_id = {each.community_id: each for each in places}
    assert (found.sits is None) == (not found.may)
    assert found.sits is None or found.sits in found.may
    if len(places) > 1:
        archived = [by_id[each] for each in found.may if by_id[each].archived]
        assert all(each.member for each in archived)
        assert not archived or len(archived) == len(found.may)
        assert not set(found.leaves) & set(found.may)
        assert found.sits is not None or all(each.archived for each in places if each.group_id == OWN)


@given(PLACES, SAID)
def test_a_hand_goes_before_groups_and_groups_before_the_courses_own(
    places: list[Place], groups: frozenset[str] | None
) -> None:
    there = [each for each in places if not each.archived]
    by_hand = {each.community_id for each in there if each.by_hand}
    by_group = {each.community_id for each in there if each.group_id != OWN and each.group_id in (groups or ())}
    found = decide(places, groups)
    if len(places) > 1 and by_hand:
        assert set(found.may) == by_hand
    elif len(places) > 1 and by_group:
        assert set(found.may) == by_group
    elif len(places) > 1 and groups is not None and (own := [each for each in there if each.group_id == OWN]):
        assert set(found.may) == {each.community_id for each in own}


@given(PLACES, SAID)
def test_of_several_it_is_the_one_they_sat_in_last_and_again_the_same(
    places: list[Place], groups: frozenset[str] | None
) -> None:
    found = decide(places, groups)
    last = [each.community_id for each in places if each.sits and each.community_id in found.may]
    assert not last or found.sits in last
    settled = [
        Place(
            each.community_id, each.group_id, each.archived, each.by_hand, each.community_id == found.sits, each.member
        )
        for each in places
    ]
    assert decide(settled, groups).sits == found.sits, "nobody moves by opening it again"
    if found.sits is not None:
        assert decide(settled, None).sits is not None, "an LMS that falls silent sends nobody away"


@given(SAID, st.booleans())
def test_before_a_course_is_split_nothing_changes_for_anybody(groups: frozenset[str] | None, archived: bool) -> None:
    assert decide([Place(1, OWN, archived)], groups) == Decided(1, (1,))


@given(PLACES)
def test_whom_the_lms_says_nothing_of_leaves_nothing_unless_a_hand_put_them(places: list[Place]) -> None:
    if not any(each.by_hand and not each.archived for each in places):
        assert decide(places, None).leaves == ()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, None),
        ("", set()),
        ("3", {"3"}),
        ("3,4", {"3", "4"}),
        (" 3 , 4 ", {"3", "4"}),
        ("3,3", {"3"}),
        ("03", {"3"}),
        ("0", set()),
        ("00", set()),
        (",", set()),
        ("-3", set()),
        ("3.0", set()),
        ("x,4", {"4"}),
        ("hand:ab", set()),
        ("٣", set()),
        ("³", set()),
        ("9" * 21, set()),
        ("3;4", set()),
        (",".join(map(str, range(10_000))), set(map(str, range(1, 10_000)))),
    ],
)
def test_m51_group_ids_are_numbers_with_commas_and_all_else_counts_for_nothing(
    said: str | None, found: set[str] | None
) -> None:
    assert seating.read_groups(said) == found


def test_of_ten_thousand_groups_two_hundred_are_kept_and_the_same_are_the_same_text() -> None:
    many = seating.kept(map(str, range(1, 10_000)))
    assert many.split() == [str(each) for each in range(1, 201)]
    assert seating.kept({"4", "30", "3"}) == "3 4 30"
