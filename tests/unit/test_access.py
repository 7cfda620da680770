"""Who somebody is for a community, and who gets what in the end: the table, line by line."""

import re
from itertools import product
from pathlib import Path

import pytest

from lti_tool.domain.community.access import COMMUNITY, FOLLOWERS, Audience, audiences
from lti_tool.domain.reading.things import RULES, Thing, Viewer, gets, readers, who_sees
from lti_tool.models import Member

TEMPLATES = Path(__file__).parents[2] / "templates"
MEMBER, FACILITATOR, LEADER, ASKED, ADMINISTRATOR, GUEST, APPROVER = Audience

# standing ("" for nobody here), facilitates, administrator -> who they are
AUDIENCES = [
    ("member", False, False, {MEMBER}),
    ("member", True, False, {MEMBER, FACILITATOR}),
    ("member", True, True, {MEMBER, FACILITATOR, ADMINISTRATOR}),
    ("outside", True, False, {FACILITATOR}),
    ("outside", False, False, {GUEST}),
    ("asked", False, False, {ASKED}),
    ("asked", True, False, {ASKED}),
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
SEES: dict[Thing, set[Audience]] = {
    Thing.HIDDEN_INPUT: {MEMBER, FACILITATOR},
    Thing.RESPONSE: {MEMBER, FACILITATOR},
    Thing.DOTS: {MEMBER, FACILITATOR},
    Thing.DRAFT_TEXT: {MEMBER, FACILITATOR},
    Thing.CONSENT: {MEMBER, FACILITATOR},
    Thing.REASON: {MEMBER, FACILITATOR},
    Thing.LATE: {MEMBER, FACILITATOR},
    Thing.ADOPTED: {MEMBER, FACILITATOR, LEADER},
    Thing.HARM: {MEMBER, FACILITATOR},
    Thing.MINORITY: {MEMBER, FACILITATOR},
    Thing.OWN_MOMENTS: set(),
    Thing.STILL: {MEMBER, FACILITATOR},
    Thing.INVITATIONS: {FACILITATOR},
    Thing.RESTATEMENT: {MEMBER, FACILITATOR},
    Thing.GROUP: {MEMBER, FACILITATOR},
    Thing.OUTSIDE_VOICE: {MEMBER, FACILITATOR},
    Thing.PLAN: {MEMBER, FACILITATOR},
    Thing.PEN: {MEMBER, FACILITATOR},
    Thing.FRAME: {MEMBER, FACILITATOR, LEADER},
    Thing.EVIDENCE: {MEMBER, FACILITATOR},
    Thing.FILE: {MEMBER, FACILITATOR},
    Thing.NOTE: set(),
    Thing.DRAFT: set(),
    Thing.JOURNAL: set(),
    Thing.HOURS: set(),
    Thing.ATTENDANCE: {FACILITATOR},
    Thing.FACTOR: {FACILITATOR},
    Thing.HOURS_FIGURE: {LEADER},
    Thing.ASK_ME: {MEMBER, FACILITATOR},
    Thing.AGREEMENT: {MEMBER, FACILITATOR},
    Thing.CONDITIONS: set(),
    Thing.CHECKED: {MEMBER, FACILITATOR},
    Thing.REOPENING: {MEMBER, FACILITATOR},
    Thing.NOD: {MEMBER, FACILITATOR},
    Thing.OWNER: {MEMBER, FACILITATOR},
    Thing.REQUEST: {MEMBER, FACILITATOR, LEADER},
    Thing.REPLY: {MEMBER, FACILITATOR, LEADER},
    Thing.SHORTAGE: {MEMBER, FACILITATOR, LEADER},
    Thing.LOG: {MEMBER, FACILITATOR},
    Thing.SAY: {MEMBER, FACILITATOR},
    Thing.RESULT: {MEMBER, FACILITATOR},
    Thing.SURVEY: set(),
    Thing.PULSE: set(),
    Thing.TOTALS: {MEMBER},
    Thing.ENDORSEMENT: {MEMBER, FACILITATOR},
    Thing.MISSING: {MEMBER, FACILITATOR},
    Thing.YIELD: {MEMBER, FACILITATOR},
    Thing.THREAD: {MEMBER, FACILITATOR},
    Thing.INFLUENCE: {MEMBER, FACILITATOR},
    Thing.SHARED_YIELD: {MEMBER, FACILITATOR, LEADER},
}


@pytest.mark.parametrize(("thing", "audience"), list(product(Thing, Audience)))
def test_each_sees_what_the_table_says_and_no_more(thing: Thing, audience: Audience) -> None:
    assert gets(Viewer(frozenset({audience}), 1), thing) == (audience in SEES[thing])


def test_a_leader_outside_an_asked_instructor_an_administrator_and_a_guest_see_no_content() -> None:
    assert {thing for thing in Thing if LEADER in readers(thing)} == {
        Thing.ADOPTED,
        Thing.FRAME,
        Thing.REQUEST,
        Thing.REPLY,
        Thing.SHORTAGE,
        Thing.HOURS_FIGURE,
        Thing.SHARED_YIELD,
    }
    for audience in (ASKED, ADMINISTRATOR, GUEST):
        assert not any(audience in readers(thing) for thing in Thing)


def test_who_sees_it_is_said_in_both_languages() -> None:
    assert set(RULES) == set(Thing) == set(SEES)
    for rule in RULES.values():
        for words in filter(None, (rule.words, rule.words_named)):
            assert len({words.nl, words.en, ""}) == 3


def test_every_field_that_says_who_sees_it_says_something_that_exists() -> None:
    named = {thing for page in TEMPLATES.rglob("*.html") for thing in re.findall(r"\bwho\(\"(\w+)\"", page.read_text())}
    assert named <= {str(thing) for thing in Thing}
    assert named >= {"hidden_input", "response", "dots", "draft_text", "consent", "own_moments", "invitations"}


def test_a_community_is_who_takes_part_or_facilitates_and_a_leader_only_follows() -> None:
    assert {MEMBER, FACILITATOR} == COMMUNITY
    assert COMMUNITY | {LEADER} == FOLLOWERS


def test_where_names_are_shown_the_page_says_so() -> None:
    named = {thing for thing, rule in RULES.items() if rule.words_named}
    assert named
    for thing in Thing:
        assert who_sees(thing) == RULES[thing].words
        assert (who_sees(thing, named=True) != RULES[thing].words) == (thing in named)
    for thing in named:
        assert "naam" in who_sees(thing, named=True).nl
        assert "zonder" not in who_sees(thing, named=True).nl
