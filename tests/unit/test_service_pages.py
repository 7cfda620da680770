"""What the services client makes of pages and of odd members of an answer: all of it, or an error."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from lti_tool.lti import outbound
from lti_tool.lti import services as module
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import Services
from tests.delivery.stand_in import Answer, Asked, StandIn, reason

ROSTER, ITEMS = "/CourseSection/2/memberships?type_id=1", "/lineitems?type_id=1"
ITEM, RESULTS_PATH = "/lineitems/3/lineitem?type_id=1", "/lineitems/3/lineitem/results?type_id=1"


def roster(client: Services, stand_in: StandIn) -> list[str]:
    # Of no family: in Moodle's, 1 is the account of guests.
    pages = client.members(stand_in.registration(family=""), stand_in.url + ROSTER)
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
        # O5, RFC 8288: all of these are one next link.
        '<{url}{next}>; title="a;b, <x>; rel=last"; rel="next"',
        "<{url}{next}>;REL=NEXT",
        '<{url}{next}> ; Rel = "Next"',
        '<{url}{next}>; rel="last next"',
        '<{url}{next}>; rel="next"; rel="last"',
        r'<{url}{next}>; title="\"<a>\", rel=\"last\""; rel="next"',
        ', <{url}/a,b;c>; rel="first",, <{url}{next}>; rel="next",',
        '<{url}{next}>; rel="next", <{url}{next}>; rel="next"; title*=UTF-8\'\'x',
        "<{url}{next}>;;rel=next;crossorigin",
        '<{url}/doc>; rel=http://example.org/rel#doc, <{url}{next}>; rel="next http://example.org/x"',
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
def test_of_several_link_headers_all_count(client: Services, stand_in: StandIn, kind: str) -> None:
    read, first, page = CONTAINERS[kind]
    headers = {"Link": [f"<{stand_in.url}/style.css>; rel=preload", f'<{stand_in.url}/two>; rel="next"']}
    stand_in.on("GET", first, Answer(200, page("1"), headers))
    stand_in.on("GET", "/two", Answer(200, page("2")))
    assert read(client, stand_in) == ["1", "2"]


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("comma", ["/page,2;x?a=1,2;3", "/two?names=a,b"])
def test_a_target_may_hold_commas_and_semicolons(client: Services, stand_in: StandIn, kind: str, comma: str) -> None:
    read, first, page = CONTAINERS[kind]
    stand_in.on("GET", first, Answer(200, page("1"), {"Link": f'<{comma}>; rel="next"'}))
    stand_in.on("GET", comma, Answer(200, page("2")))
    assert read(client, stand_in) == ["1", "2"]


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "header",
    [
        "next",
        "<{url}/two",
        '{url}/two; rel="next"',
        '<{url}/two>; rel="next',
        '<{url}/two> rel="next"',
        '<{url}/two>; rel="next" "x"',
        "<{url}/two>; rel=\u201cnext\u201d",
        '<{url}/two>; rel="next", <{url}/three>; rel="next"',
        '<{url}/<two>>; rel="next"',
        '<{url}/one>; rel="first" <{url}/two>; rel="next"',
        '<http://[>; rel="next"',
    ],
)
def test_a_link_header_that_cannot_be_read_is_an_error_and_never_the_end(
    client: Services, stand_in: StandIn, kind: str, header: str
) -> None:
    """A roster cut off at its first page would look complete: everybody on the second would be gone."""
    read, first, page = CONTAINERS[kind]
    wire = header.format(url=stand_in.url).encode().decode("latin-1")
    stand_in.on("GET", first, Answer(200, page("1"), {"Link": wire}))
    assert reason(lambda: read(client, stand_in)) == "link_header"


@pytest.mark.parametrize("header", ["", " ", ",", '<{url}/1>; rel="prev"', "<{url}/1>", '<{url}/1>; title="next"'])
def test_a_link_header_without_a_next_page_is_the_end(client: Services, stand_in: StandIn, header: str) -> None:
    stand_in.on("GET", ROSTER, Answer(200, CONTAINERS["roster"][2]("1"), {"Link": header.format(url=stand_in.url)}))
    assert roster(client, stand_in) == ["1"]


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "broken",
    [Answer(500), Answer(404), Answer(200, "[{"), Answer(200, {"error": "x"}), Answer(200, '"text"'), Answer(200)],
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


@pytest.mark.parametrize("kind", CONTAINERS)
def test_all_pages_together_have_one_deadline(
    client: Services, stand_in: StandIn, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page in its own time would be hours for five hundred of them."""
    read, first, page = CONTAINERS[kind]
    moment = module.time.monotonic()

    def slowly(asked: Asked) -> Answer:
        nonlocal moment
        moment += outbound.WHOLE - 1
        return Answer(200, page("1"), following(f"{asked.path}x"))

    monkeypatch.setattr(module.time, "monotonic", lambda: moment)
    paths = [first + "x" * number for number in range(20)]
    for path in paths:
        stand_in.on("GET", path, slowly)
    assert reason(lambda: read(client, stand_in)) == "timeout"
    assert len(stand_in.requests("GET")) == module.WHOLE // (outbound.WHOLE - 1) + 1


def test_a_roster_of_too_many_is_refused(client: Services, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBERS", 2)
    page = CONTAINERS["roster"][2]
    stand_in.on("GET", ROSTER, Answer(200, page("1", "2"), following("/two")))
    stand_in.on("GET", "/two", Answer(200, page("3")))
    assert reason(lambda: roster(client, stand_in)) == "too_many_members"


@pytest.mark.parametrize(("kind", "said"), [("columns", []), ("grades", []), ("roster", "no_members")])
def test_204_is_an_empty_list_and_no_roster(client: Services, stand_in: StandIn, kind: str, said: Any) -> None:
    """O8. A course without people is far less likely than an answer that lacks them."""
    read, first, page = CONTAINERS[kind]
    stand_in.on("GET", first, Answer(204))
    assert (reason(lambda: read(client, stand_in)) if kind == "roster" else read(client, stand_in)) == said
    stand_in.on("GET", first, Answer(200, page("1"), following("/two")))
    stand_in.on("GET", "/two", Answer(204))
    assert (reason(lambda: read(client, stand_in)) if kind == "roster" else read(client, stand_in)) == (said or ["1"])
