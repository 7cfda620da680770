"""What is made of odd members of an answer: memberships, results, line items (lti.md, O1, O7, O8)."""

import json
import math
from typing import Any

import pytest

from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import RosterEntry, Services
from tests.delivery.stand_in import Answer, StandIn

ROSTER, ITEMS = "/CourseSection/2/memberships?type_id=1", "/lineitems?type_id=1"
ITEM, RESULTS_PATH = "/lineitems/3/lineitem?type_id=1", "/lineitems/3/lineitem/results?type_id=1"


LONG = "x" * 300
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
MEMBERS: list[tuple[Any, RosterEntry | None]] = [
    ({"user_id": "4", "roles": ["Learner"], "name": "Fatima"}, RosterEntry("4", "Fatima", "learner")),
    # N-3: a missing status means Active.
    ({"user_id": "4", "roles": ["Learner"], "status": "Active"}, RosterEntry("4", "", "learner")),
    ({"user_id": "4", "roles": ["Learner"], "status": "Inactive"}, None),
    ({"user_id": "4", "roles": ["Learner"], "status": "Deleted"}, None),
    # N-4: nothing but user_id and roles can be counted on.
    ({"user_id": "4"}, RosterEntry("4", "", "")),
    ({"user_id": "4", "roles": None}, RosterEntry("4", "", "")),
    ({"user_id": "4", "roles": [None, 7, ""]}, RosterEntry("4", "", "")),
    ({"user_id": 4, "roles": ["Learner"]}, RosterEntry("4", "", "learner")),
    ({"roles": ["Learner"], "name": "Niemand"}, None),
    ({"user_id": "", "roles": ["Learner"]}, None),
    ("4", None),
    (None, None),
    ([], None),
    # M31: names come escaped, and may be in parts only.
    (
        {"user_id": "4", "roles": ["Learner"], "name": "Jansen &amp; Zn. &lt;B&gt; O&#39;Neill"},
        RosterEntry("4", "Jansen & Zn. <B> O'Neill", "learner"),
    ),
    ({"user_id": "4", "given_name": "Noor", "family_name": "de Vries"}, RosterEntry("4", "Noor de Vries", "")),
    ({"user_id": "4", "name": None, "family_name": "Bakker"}, RosterEntry("4", "Bakker", "")),
    ({"user_id": "4", "name": {"a": 1}, "given_name": 3}, RosterEntry("4", "", "")),
    ({"user_id": "4", "name": "  Anne \n Peeters "}, RosterEntry("4", "Anne Peeters", "")),
    ({"user_id": "4", "name": LONG}, RosterEntry("4", "x" * 255, "")),
    # K6: ids have 255 characters at most. Cut off, two people could become one.
    ({"user_id": LONG}, None),
    ({"user_id": "a\0b"}, None),
    ({"user_id": "\ud800"}, None),
    ({"user_id": True}, None),
    ({"user_id": ["4"]}, None),
    # N-3, O7: a status that is absent, or of nobody's making, means active.
    *[
        ({"user_id": "4", "status": status}, RosterEntry("4", "", ""))
        for status in ("active", "ACTIVE", None, "", "Enrolled", "Pending", 1, True, [], {}, ["Inactive"])
    ],
    *[({"user_id": "4", "status": status}, None) for status in ("inactive", "DELETED", " Inactive ")],
    # O7: a name that cannot be kept costs that name only.
    ({"user_id": "4", "name": "Noor\0", "roles": ["Learner"]}, RosterEntry("4", "", "learner")),
    ({"user_id": "4", "name": "Noor \ud800"}, RosterEntry("4", "", "")),
    (
        {"user_id": "4", "name": "\udfff", "given_name": "Noor", "family_name": "de Vries"},
        RosterEntry("4", "Noor de Vries", ""),
    ),
    ({"user_id": "4", "given_name": "Noor", "family_name": "a\0"}, RosterEntry("4", "Noor", "")),
    # O1: where names are hidden.
    *[({"user_id": "4", "name": name}, RosterEntry("4", "", "")) for name in ("-", ".", "...", " – ", "_", "- -", "?")],
    ({"user_id": "4", "name": "-", "given_name": "-", "family_name": "Bakker"}, RosterEntry("4", "Bakker", "")),
    ({"user_id": "4", "name": "王小明"}, RosterEntry("4", "王小明", "")),
    ({"user_id": "4", "name": "محمد الأمين"}, RosterEntry("4", "محمد الأمين", "")),
    # O6: a single text for a list.
    ({"user_id": "4", "roles": "Learner"}, RosterEntry("4", "", "learner")),
    ({"user_id": "4", "roles": {"Learner": 1}}, RosterEntry("4", "", "")),
    # Full names of roles and short ones; the context's role decides, the institution's does not.
    (
        {"user_id": "4", "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]},
        RosterEntry("4", "", "instructor"),
    ),
    ({"user_id": "4", "roles": ["Learner", "Instructor"]}, RosterEntry("4", "", "instructor")),
    (
        {"user_id": "4", "roles": ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"]},
        RosterEntry("4", "", ""),
    ),
    # O12: Canvas' student view stands in the roster as a Learner.
    *[
        ({"user_id": "4", "name": "Test Student", "roles": [*roles, TEST_USER]}, None)
        for roles in ([], ["Learner"], ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"])
    ],
    # M48: the one account of Moodle's guests, and nobody else's.
    ({"user_id": "1", "name": "Guest user", "roles": ["Learner"]}, None),
    ({"user_id": "11", "roles": ["Learner"]}, RosterEntry("11", "", "learner")),
]


@pytest.mark.parametrize(("member", "entry"), MEMBERS)
def test_a_membership_is_read_for_who_and_which_role_and_what_a_list_names_them_by(
    client: Services, stand_in: StandIn, member: Any, entry: RosterEntry | None
) -> None:
    if isinstance(member, dict):
        member = {**member, "email": "a@school.example", "lis_person_sourcedid": "123", "picture": "x"}
    # Escaped on the wire, as half a pair has to be.
    stand_in.on("GET", ROSTER, Answer(200, json.dumps({"members": [member]})))
    pages = list(client.members(stand_in.registration(), stand_in.url + ROSTER))
    assert pages == [[entry] if entry else []]
    assert set(RosterEntry.__slots__) == {"sub", "name", "role", "email", "login"}
    assert "school.example" not in repr(pages), "what is compared and kept nowhere stands in no log either"


def test_elsewhere_the_first_account_is_somebody(client: Services, stand_in: StandIn) -> None:
    stand_in.on("GET", ROSTER, Answer(200, json.dumps({"members": [{"user_id": "1", "roles": ["Learner"]}]})))
    platform = stand_in.registration()
    platform.family = "canvas"
    assert list(client.members(platform, stand_in.url + ROSTER)) == [[RosterEntry("1", "", "learner")]]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"id": "x", "resourceLinkId": "7"}, True),
        ({"id": "x", "resourceLinkId": 7}, True),
        ({"id": "x", "resourceLinkId": "8"}, False),
        ({"id": "x"}, False),
        ({"resourceLinkId": "7"}, False),
        ({"id": None, "resourceLinkId": "7"}, False),
        ("7", False),
        (None, False),
    ],
)
def test_a_column_that_does_not_match_is_never_taken_though_the_platform_lists_it(
    client: Services, stand_in: StandIn, item: Any, found: bool
) -> None:
    stand_in.on("GET", ITEMS + "&resource_link_id=7", Answer(200, [item, {"id": "y", "resourceLinkId": "9"}]))
    listed = client.line_items(stand_in.registration(), stand_in.url + ITEMS, resource_link_id="7")
    assert listed == ([item] if found else [])


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"userId": "4", "resultScore": 5, "resultMaximum": 10}, {"4": 50.0}),
        ({"userId": 4, "resultScore": 5, "resultMaximum": 10}, {"4": 50.0}),
        # the maximum is 1 unless said otherwise, and a score may be null.
        ({"userId": "4", "resultScore": 0.67}, {"4": 67.0}),
        ({"userId": "4", "resultScore": 0.67, "resultMaximum": None}, {"4": 67.0}),
        ({"userId": "4", "resultScore": None, "resultMaximum": 10}, {}),
        ({"userId": "4"}, {}),
        ({"userId": "4", "resultScore": 0, "resultMaximum": 10}, {"4": 0.0}),
        ({"userId": "4", "resultScore": 12, "resultMaximum": 10}, {"4": 120.0}),
        # O7: in quotes, with a comma.
        ({"userId": "4", "resultScore": "5", "resultMaximum": "10"}, {"4": 50.0}),
        ({"userId": "4", "resultScore": "12.5", "resultMaximum": 100}, {"4": 12.5}),
        ({"userId": "4", "resultScore": "12,5", "resultMaximum": "100,0"}, {"4": 12.5}),
        ({"userId": "4", "resultScore": " 12,5 ", "resultMaximum": 100}, {"4": 12.5}),
        ({"userId": "4", "resultScore": "", "resultMaximum": 100}, {}),
        ({"userId": "4", "resultScore": "5", "resultMaximum": ""}, {"4": 500.0}),
        # What is no number stands there all the same: somebody set it.
        *[
            ({"userId": "4", "resultScore": value, "resultMaximum": 10}, {"4": math.nan})
            for value in ("A", "1.234,5", "12 of 20", True, [], {}, "1e5", "٣")
        ],
        ({"userId": "4", "resultScore": 5, "resultMaximum": -1}, {"4": math.nan}),
        ({"userId": "4", "resultScore": 5, "resultMaximum": "ten"}, {"4": math.nan}),
        ({"userId": "4", "resultScore": None, "resultMaximum": "ten"}, {}),
        ({"userId": None, "resultScore": 5}, {}),
        ({"userId": ["4"], "resultScore": 5}, {}),
        ({"resultScore": 5}, {}),
        ("4", {}),
        (None, {}),
    ],
)
def test_a_result_is_scaled_to_a_hundred(
    client: Services, stand_in: StandIn, result: Any, expected: dict[str, float]
) -> None:
    stand_in.on("GET", RESULTS_PATH, Answer(200, [result]))
    read = client.results(stand_in.registration(), stand_in.url + ITEM)
    assert {sub: grade.score for sub, grade in read.items()} == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("comment", "reads"),
    [
        ("Deelname: 1 van 3 momenten.", "Deelname: 1 van 3 momenten."),
        ("<p>Deelname:&nbsp;1 van\n3 momenten.</p>", "Deelname: 1 van 3 momenten."),
        ("1 < 2 en 3 > 2", "1 2"),
        *[(said, "") for said in (None, "", [], {}, 7, "<p></p>")],
    ],
)
def test_the_words_beside_a_result_are_read_as_plain_text(
    client: Services, stand_in: StandIn, comment: Any, reads: str
) -> None:
    stand_in.on("GET", RESULTS_PATH, Answer(200, [{"userId": "4", "resultScore": 1, "comment": comment}]))
    assert client.results(stand_in.registration(), stand_in.url + ITEM) == {"4": (100.0, reads)}


@pytest.mark.parametrize(
    ("answer", "made"),
    [
        (Answer(201, {"id": "https://a.example/7"}), "https://a.example/7"),
        (Answer(200, {"id": "https://a.example/7"}), "https://a.example/7"),
        (Answer(201, "", {"Location": "https://a.example/7"}), "https://a.example/7"),
        (Answer(201, "<p>made</p>", {"Location": "/items/7?type_id=1"}), "{url}/items/7?type_id=1"),
        (Answer(201, {"label": "x"}, {"Location": "7"}), "{url}/7"),
        (Answer(201, {"id": "https://a.example/7"}, {"Location": "https://a.example/8"}), "https://a.example/7"),
    ],
)
def test_a_column_that_was_made_is_known_by_its_id_or_else_by_its_location(
    client: Services, stand_in: StandIn, answer: Answer, made: str
) -> None:
    stand_in.on("POST", ITEMS, answer)
    found = client.create_line_item(stand_in.registration(), stand_in.url + ITEMS, {"label": "x"})
    assert found == made.format(url=stand_in.url)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, [], {"Location": "/7"}),
        Answer(201, [], {"Location": "/7"}),
        Answer(200, "", {"Location": "/7"}),
        Answer(302, "", {"Location": "/login"}),
        Answer(201, "", {"Location": "http://["}),
        Answer(201, {"id": "x" * 1025}),
        Answer(201, '{"id": "\\ud800"}'),
        Answer(403, {"id": "x"}),
    ],
)
def test_what_says_not_clearly_where_a_column_is_made_none(client: Services, stand_in: StandIn, answer: Answer) -> None:
    stand_in.on("POST", ITEMS, answer)
    with pytest.raises(OutboundError):
        client.create_line_item(stand_in.registration(), stand_in.url + ITEMS, {"label": "x"})


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"id": "x", "resourceId": "7", "tag": "t"}, True),
        ({"id": "x", "resourceId": "7"}, True),
        ({"id": "x", "resourceId": "7", "tag": ""}, True),
        ({"id": "x", "resourceId": "7", "tag": None}, True),
        ({"id": "x", "resourceId": "7", "tag": "other"}, False),
        ({"id": "x", "resourceId": "8", "tag": "t"}, False),
        ({"id": "x", "tag": "t"}, False),
    ],
)
def test_a_column_is_known_by_its_resource_id_and_by_its_tag_where_the_platform_keeps_one(
    client: Services, stand_in: StandIn, item: dict[str, Any], found: bool
) -> None:
    stand_in.on("GET", ITEMS + "&resource_id=7", Answer(200, [item]))
    listed = client.line_items(stand_in.registration(), stand_in.url + ITEMS, resource_id="7", tag="t")
    assert listed == ([item] if found else [])


@pytest.mark.parametrize("answer", [Answer(200, []), Answer(201, {"label": "x"}), Answer(201, {"id": 7}), Answer(200)])
def test_a_column_that_was_not_made_is_an_error_also_with_200(
    client: Services, stand_in: StandIn, answer: Answer
) -> None:
    """M27: a refusal can come as 200 and []."""
    stand_in.on("POST", ITEMS, answer)
    with pytest.raises(OutboundError):
        client.create_line_item(stand_in.registration(), stand_in.url + ITEMS, {"label": "x"})
