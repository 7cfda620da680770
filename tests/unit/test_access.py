"""Who somebody is for a community, and what that lets them see: the two tables, line by line."""

import re
from itertools import product
from pathlib import Path

import pytest

from lti_tool.domain.access import (
    COMMUNITY,
    FOLLOWERS,
    WHO_SEES,
    WHO_SEES_NAMED,
    Audience,
    Seen,
    audiences,
    may_see,
    who_sees,
)
from lti_tool.models import Member

TEMPLATES = Path(__file__).parents[2] / "templates"
MEMBER, FACILITATOR, LEADER, ASKED, ADMINISTRATOR, GUEST = Audience

# standing ("" for nobody here), facilitates, administrator -> who they are
AUDIENCES = [
    ("member", False, False, {MEMBER}),
    ("member", True, False, {MEMBER, FACILITATOR}),
    ("member", True, True, {MEMBER, FACILITATOR, ADMINISTRATOR}),
    ("outside", True, False, {FACILITATOR}),
    ("outside", False, False, {GUEST}),
    ("asked", False, False, {ASKED}),
    ("asked", True, False, {ASKED, FACILITATOR}),
    ("asked", False, True, {ASKED, ADMINISTRATOR}),
    ("leader", False, False, {LEADER}),
    ("leader", False, True, {LEADER, ADMINISTRATOR}),
    ("", False, False, {GUEST}),
    ("", False, True, {ADMINISTRATOR}),
]


@pytest.mark.parametrize(("standing", "facilitates", "administrator", "found"), AUDIENCES)
def test_the_community_s_own_roles_say_who_somebody_is(
    standing: str, facilitates: bool, administrator: bool, found: set[Audience]
) -> None:
    member = Member(standing=standing, facilitates=facilitates) if standing else None
    assert audiences(member, administrator) == found


def test_that_a_member_leads_changes_nothing_of_what_they_may() -> None:
    for facilitates in (True, False):
        one, other = (Member(standing="member", facilitates=facilitates, leads=leads) for leads in (True, False))
        assert audiences(one, False) == audiences(other, False)


def test_who_follows_as_leader_is_never_more_than_that() -> None:
    assert audiences(Member(standing="leader", facilitates=True), False) == {LEADER}


# thing -> who sees it, of everybody
SEES: dict[Seen, set[Audience]] = {
    Seen.HIDDEN_INPUT: set(),
    Seen.RESPONSE: {MEMBER, FACILITATOR},
    Seen.DOTS: set(),
    Seen.DRAFT_TEXT: {MEMBER, FACILITATOR},
    Seen.CONSENT: {MEMBER, FACILITATOR},
    Seen.ADOPTED: {MEMBER, FACILITATOR, LEADER},
    Seen.OWN_MOMENTS: {MEMBER},
    Seen.INVITATIONS: {FACILITATOR},
    Seen.GRADES: set(),
    Seen.RESTATEMENT: set(),
    Seen.OUTSIDE_VOICE: {MEMBER, FACILITATOR},
    Seen.PLAN: {MEMBER, FACILITATOR},
    Seen.PEN: {MEMBER, FACILITATOR},
    Seen.FRAME: {MEMBER, FACILITATOR, LEADER},
    Seen.EVIDENCE: {MEMBER, FACILITATOR},
    Seen.FILE: {MEMBER, FACILITATOR},
    Seen.NOTE: set(),
    Seen.JOURNAL: set(),
    Seen.ASK_ME: {MEMBER, FACILITATOR},
    Seen.AGREEMENT: {MEMBER, FACILITATOR},
    Seen.CONDITIONS: set(),
    Seen.REOPENING: {MEMBER, FACILITATOR},
    Seen.OWNER: {MEMBER, FACILITATOR},
    Seen.REQUEST: {MEMBER, FACILITATOR, LEADER},
    Seen.REPLY: {MEMBER, FACILITATOR, LEADER},
    Seen.SHORTAGE: {MEMBER, FACILITATOR, LEADER},
    Seen.LOG: {MEMBER, FACILITATOR},
    Seen.SAY: set(),
    Seen.RESULT: {MEMBER, FACILITATOR},
    Seen.SURVEY: set(),
    Seen.PULSE: set(),
    Seen.TOTALS: {MEMBER},
    Seen.ENDORSEMENT: {MEMBER, FACILITATOR},
    Seen.YIELD: {MEMBER, FACILITATOR},
    Seen.THREAD: {MEMBER, FACILITATOR},
    Seen.INFLUENCE: {MEMBER, FACILITATOR},
    Seen.SHARED_YIELD: {MEMBER, FACILITATOR, LEADER},
}


@pytest.mark.parametrize(("thing", "audience"), list(product(Seen, Audience)))
def test_each_sees_what_the_table_says_and_no_more(thing: Seen, audience: Audience) -> None:
    assert may_see(frozenset({audience}), thing) == (audience in SEES[thing])


def test_a_leader_outside_an_asked_instructor_an_administrator_and_a_guest_see_no_content() -> None:
    assert {thing for thing in Seen if may_see(frozenset({LEADER}), thing)} == {
        Seen.ADOPTED,
        Seen.FRAME,
        Seen.REQUEST,
        Seen.REPLY,
        Seen.SHORTAGE,
        Seen.SHARED_YIELD,
    }
    for audience in (ASKED, ADMINISTRATOR, GUEST):
        assert not any(may_see(frozenset({audience}), thing) for thing in Seen)


def test_who_sees_it_is_said_in_both_languages() -> None:
    assert set(WHO_SEES) == set(Seen)
    assert set(WHO_SEES_NAMED) <= set(Seen)
    for words in [*(words for _, words in WHO_SEES.values()), *WHO_SEES_NAMED.values()]:
        assert len({words.nl, words.en, ""}) == 3


def test_every_field_that_says_who_sees_it_says_something_that_exists() -> None:
    named = {thing for page in TEMPLATES.rglob("*.html") for thing in re.findall(r"\bwho\(\"(\w+)\"", page.read_text())}
    assert named <= {str(thing) for thing in Seen}
    assert named >= {"hidden_input", "response", "dots", "draft_text", "consent", "own_moments", "invitations"}


def test_a_community_is_who_takes_part_or_facilitates_and_a_leader_only_follows() -> None:
    assert {MEMBER, FACILITATOR} == COMMUNITY
    assert COMMUNITY | {LEADER} == FOLLOWERS


def test_where_names_are_shown_the_page_says_so() -> None:
    for thing in Seen:
        assert who_sees(thing) == WHO_SEES[thing][1]
        assert who_sees(thing, named=True) == WHO_SEES_NAMED.get(thing, WHO_SEES[thing][1])
    for thing in WHO_SEES_NAMED:
        assert "naam" in who_sees(thing, named=True).nl
        assert "zonder" not in who_sees(thing, named=True).nl
