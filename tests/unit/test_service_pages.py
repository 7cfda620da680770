"""What the services client makes of pages and of odd members of an answer: all of it, or an error."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lti_tool.lti import services as module
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import RosterEntry, Services
from tests.delivery.stand_in import Answer, StandIn, services

ROSTER, ITEMS = "/CourseSection/2/memberships?type_id=1", "/lineitems?type_id=1"
ITEM, RESULTS_PATH = "/lineitems/3/lineitem?type_id=1", "/lineitems/3/lineitem/results?type_id=1"


@pytest.fixture(scope="module")
def _stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def stand_in(_stand_in: StandIn) -> StandIn:
    _stand_in.reset()
    return _stand_in


@pytest.fixture
def client(keys_dir: Path) -> Services:
    return services(keys_dir)


def reason(call: Any) -> str:
    """Why a call failed."""
    with pytest.raises(OutboundError) as caught:
        call()
    return caught.value.reason


def roster(client: Services, stand_in: StandIn) -> list[str]:
    pages = client.members(stand_in.registration(), stand_in.url + ROSTER)
    return [entry.sub for page in pages for entry in page]


def columns(client: Services, stand_in: StandIn) -> list[str]:
    return [item["id"] for item in client.line_items(stand_in.registration(), stand_in.url + ITEMS)]


def grades(client: Services, stand_in: StandIn) -> list[str]:
    return list(client.results(stand_in.registration(), stand_in.url + ITEM))


# What is read, where, and how a page of it looks.
CONTAINERS: dict[str, tuple[Callable[[Services, StandIn], list[str]], str, Callable[..., Any]]] = {
    "roster": (roster, ROSTER, lambda *ids: {"members": [{"user_id": i, "roles": ["Learner"]} for i in ids]}),
    "columns": (columns, ITEMS, lambda *ids: [{"id": i} for i in ids]),
    "grades": (grades, RESULTS_PATH, lambda *ids: [{"userId": i, "resultScore": 1, "resultMaximum": 1} for i in ids]),
}


def following(url: str, rel: str = 'rel="next"') -> dict[str, str]:
    return {"Link": f"<{url}>; {rel}"}


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "link",
    [
        '<{url}{next}>; rel="next"',
        "<{url}{next}>; rel=next",
        '<{next}>; rel="next"',
        '<{url}/other>; rel="differences", <{url}{next}>; rel="next"',
        '<{url}/other>; rel="first", <{url}{next}>; rel="Next", <{url}/other>; rel="last"',
        '<{url}{next}>; title="a, b"; rel="next"',
    ],
)
def test_all_pages_are_read_and_the_next_link_is_followed_unchanged(
    client: Services, stand_in: StandIn, kind: str, link: str
) -> None:
    """N-2; U3: a column on the second page that nobody reads becomes a second column."""
    read, first, page = CONTAINERS[kind]
    second = "/CourseSection/Next/AbC?bookmark=AbC%2FdE%20f&Limit=2"
    header = link.format(url=stand_in.url, next=second)
    stand_in.on("GET", first, Answer(200, page("1", "2"), {"Link": header}))
    stand_in.on("GET", second, Answer(200, page("3"), {"Link": f'<{stand_in.url}{first}>; rel="prev"'}))
    assert read(client, stand_in) == ["1", "2", "3"]
    assert [asked.path for asked in stand_in.requests("GET")] == [first, second]


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "broken",
    [Answer(500), Answer(404), Answer(200, "[{"), Answer(200, {"error": "x"}), Answer(200, '"text"'), Answer(204)],
    ids=lambda answer: f"{answer.status} {answer.text[:8]}",
)
@pytest.mark.parametrize("number", [1, 2])
def test_a_page_that_is_missing_is_an_error_and_never_an_empty_page(
    client: Services, stand_in: StandIn, kind: str, broken: Answer, number: int
) -> None:
    """Half a list of grades would let us overwrite the other half's; half a roster would mark people as gone."""
    read, first, page = CONTAINERS[kind]
    stand_in.on("GET", first, Answer(200, page("1"), following("/two")) if number == 2 else broken)
    stand_in.on("GET", "/two", broken)
    with pytest.raises(OutboundError):
        read(client, stand_in)


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "link",
    [
        "http://localhost:{port}/two",
        "https://127.0.0.1:{port}/two",
        "http://127.0.0.1:1/two",
        "https://elsewhere.example/two",
        "//elsewhere.example/two",
        "http://user@127.0.0.1:{port}/two",
        "file:///etc/passwd",
    ],
)
def test_a_next_link_to_anywhere_else_is_refused(client: Services, stand_in: StandIn, kind: str, link: str) -> None:
    read, first, page = CONTAINERS[kind]
    port = stand_in.url.rpartition(":")[2]
    stand_in.on("GET", first, Answer(200, page("1"), following(link.format(port=port))))
    stand_in.on("GET", "/two", Answer(200, page("2")))
    assert reason(lambda: read(client, stand_in)) == "next_link"
    assert len(stand_in.requests("GET")) == 1


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("path", [["{first}"], ["/two", "/two"], ["/two", "/three", "/two"], [""]])
def test_pages_in_a_circle_are_refused(client: Services, stand_in: StandIn, kind: str, path: list[str]) -> None:
    read, first, page = CONTAINERS[kind]
    steps = [first, *(step.format(first=first) for step in path)]
    for here, there in pairwise(steps):
        stand_in.on("GET", here, Answer(200, page("1"), following(there)))
    assert reason(lambda: read(client, stand_in)) == "next_link"


@pytest.mark.parametrize("kind", CONTAINERS)
def test_pages_without_end_are_cut_off(
    client: Services, stand_in: StandIn, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 3)
    read, first, page = CONTAINERS[kind]
    steps = [first, "/2", "/3", "/4", "/5"]
    for here, there in pairwise(steps):
        stand_in.on("GET", here, Answer(200, page("1"), following(there)))
    assert reason(lambda: read(client, stand_in)) == "next_link"
    assert len(stand_in.requests("GET")) == 3


def test_a_roster_of_too_many_is_refused(client: Services, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBERS", 2)
    page = CONTAINERS["roster"][2]
    stand_in.on("GET", ROSTER, Answer(200, page("1", "2"), following("/two")))
    stand_in.on("GET", "/two", Answer(200, page("3")))
    assert reason(lambda: roster(client, stand_in)) == "too_many_members"


LONG = "x" * 300
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
    ({"user_id": LONG, "name": LONG}, RosterEntry("x" * 255, "x" * 255, "")),
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
]


@pytest.mark.parametrize(("member", "entry"), MEMBERS)
def test_a_membership_is_read_for_who_and_which_role_and_nothing_else(
    client: Services, stand_in: StandIn, member: Any, entry: RosterEntry | None
) -> None:
    if isinstance(member, dict):
        member = {**member, "email": "a@school.example", "lis_person_sourcedid": "123", "picture": "x"}
    stand_in.on("GET", ROSTER, Answer(200, {"members": [member]}))
    pages = list(client.members(stand_in.registration(), stand_in.url + ROSTER))
    assert pages == [[entry] if entry else []]
    assert set(RosterEntry.__slots__) == {"sub", "name", "role"}


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
        ({"userId": "4", "resultScore": 5, "resultMaximum": -1}, {}),
        ("4", {}),
        (None, {}),
    ],
)
def test_a_result_is_scaled_to_a_hundred(
    client: Services, stand_in: StandIn, result: Any, expected: dict[str, float]
) -> None:
    stand_in.on("GET", RESULTS_PATH, Answer(200, [result]))
    assert client.results(stand_in.registration(), stand_in.url + ITEM) == pytest.approx(expected)


@pytest.mark.parametrize("answer", [Answer(200, []), Answer(201, {"label": "x"}), Answer(201, {"id": 7}), Answer(200)])
def test_a_column_that_was_not_made_is_an_error_also_with_200(
    client: Services, stand_in: StandIn, answer: Answer
) -> None:
    """M27: a refusal can come as 200 and []."""
    stand_in.on("POST", ITEMS, answer)
    with pytest.raises(OutboundError):
        client.create_line_item(stand_in.registration(), stand_in.url + ITEMS, {"label": "x"})
