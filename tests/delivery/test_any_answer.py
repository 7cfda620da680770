"""Whatever JSON a platform answers: read, or refused with a reason; never an unhandled exception."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.domain.community import doubt, listing
from lti_tool.lti import answers
from lti_tool.lti.claims import storable
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_SCORE, RosterEntry, Services
from lti_tool.models import Course, Deployment, Person, Registration, Seat
from tests.delivery.bench import Bench
from tests.delivery.stand_in import TOKEN_PATH, Answer, StandIn, services
from tests.histories import histories

# Half characters and zero bytes too: JSON can escape them.
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=12) | st.sampled_from(
    ["", "-", "\0", "\ud800", "x" * 300, "4", "12,5", "12.5", "Active", "deleted", "Learner", "NaN", "1e999", "²"]
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JSON = st.recursive(
    ATOMS, lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3), max_leaves=6
)


def objects(*names: str) -> st.SearchStrategy[Any]:
    """An object with some of these members, whatever they are; or something else."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON)) | JSON


MEMBER = objects("user_id", "status", "roles", "name", "given_name", "family_name")
RESULT = objects("userId", "resultScore", "resultMaximum")
ITEM = objects("id", "resourceId", "tag", "resourceLinkId")
TOKEN = objects("access_token", "scope", "expires_in", "error")
WHATEVER = histories(40, 400)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def client(keys_dir: Path, stand_in: StandIn) -> Services:
    stand_in.reset()
    return services(keys_dir)


def only_refused(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except OutboundError:
        return None


def arrange(stand_in: StandIn, method: str, path: str, status: int, body: Any, link: str = "") -> None:
    # As JSON is written by those who escape: what cannot be encoded stands as \ud800.
    headers = {"Link": link.encode("latin-1", "ignore").decode("latin-1")} if link else {}
    stand_in.on(method, path, Answer(status, json.dumps(body), headers))


LINKS = st.just("") | st.text('<>;,="\\ relnxt/', max_size=40)
STATUSES = st.sampled_from([200, 201, 204])


@WHATEVER
@given(page=st.fixed_dictionaries({"members": st.lists(MEMBER, max_size=4)}) | JSON, status=STATUSES, link=LINKS)
def test_any_roster(client: Services, stand_in: StandIn, page: Any, status: int, link: str) -> None:
    arrange(stand_in, "GET", "/m", status, page, link)
    read = only_refused(lambda: list(client.members(stand_in.registration(), stand_in.url + "/m")))
    for entry in (entry for entries in read or [] for entry in entries):
        assert 0 < len(entry.sub) <= 255
        assert len(entry.name) <= 255
        assert storable(entry.sub + entry.name)
        assert entry.role in ("", "learner", "instructor")


@WHATEVER
@given(page=st.lists(RESULT, max_size=4) | JSON, status=STATUSES, link=LINKS)
def test_any_results(client: Services, stand_in: StandIn, page: Any, status: int, link: str) -> None:
    arrange(stand_in, "GET", "/i/results", status, page, link)
    grades = only_refused(lambda: client.results(stand_in.registration(), stand_in.url + "/i"))
    for grade in (grades or {}).values():
        assert isinstance(grade.score, float)
        assert not math.isinf(grade.score)
        assert isinstance(grade.comment, str)


@WHATEVER
@given(page=st.lists(ITEM, max_size=4) | JSON, made=ITEM, status=STATUSES, location=TEXTS)
def test_any_line_items(client: Services, stand_in: StandIn, page: Any, made: Any, status: int, location: str) -> None:
    arrange(stand_in, "GET", "/l?resource_id=r", status, page)
    for item in (
        only_refused(lambda: client.line_items(stand_in.registration(), stand_in.url + "/l", resource_id="r", tag="t"))
        or []
    ):
        assert storable(item["id"])
    where = "".join(each for each in location if each.isascii() and each.isprintable())
    stand_in.on("POST", "/l", Answer(status, json.dumps(made), {"Location": where}))
    url = only_refused(lambda: client.create_line_item(stand_in.registration(), stand_in.url + "/l", {"label": "x"}))
    assert url is None or (storable(url) and 0 < len(url) <= 1024)


@WHATEVER
@given(said=TOKEN, status=st.sampled_from([200, 201, 204, 400, 401, 404, 500]))
def test_any_token(client: Services, stand_in: StandIn, said: Any, status: int) -> None:
    arrange(stand_in, "POST", TOKEN_PATH, status, said)
    stand_in.on("POST", "/i/scores", Answer(200))
    client._tokens.clear()
    only_refused(lambda: client.post_score(stand_in.registration(scopes=SCOPE_SCORE), stand_in.url + "/i", {}))


@WHATEVER
@given(said=JSON, status=st.sampled_from([200, 400, 401, 403, 404, 409, 500]), asks=TEXTS)
def test_any_answer_to_a_score(client: Services, stand_in: StandIn, said: Any, status: int, asks: str) -> None:
    stand_in.reset()
    headers = {"WWW-Authenticate": asks.encode("ascii", "ignore").decode().replace("\n", "").replace("\r", "")}
    stand_in.on("POST", "/i/scores", Answer(status, json.dumps(said), headers))
    stand_in.on("GET", "/i", Answer(status, json.dumps(said)))
    only_refused(lambda: client.post_score(stand_in.registration(), stand_in.url + "/i", {}))
    only_refused(lambda: client.has_line_item(stand_in.registration(), stand_in.url + "/i"))


@histories(10, 60)
@given(members=st.lists(MEMBER, max_size=12), anew=st.lists(MEMBER, max_size=12))
def test_whatever_a_roster_says_both_databases_keep_it(bench: Bench, members: list[Any], anew: list[Any]) -> None:
    with bench.tool.session() as session:
        registration = session.scalars(select(Registration)).first()
        if registration is None:
            urls = {"auth_login_url": "", "auth_token_url": "", "key_set_url": ""}
            registration = Registration(issuer="https://us.example", client_id="c", **urls)
            session.add(registration)
            session.flush()
            session.add(Deployment(registration_id=registration.id, deployment_id="1", approved=True))
            session.flush()
        deployment = session.scalars(select(Deployment)).one()
        courses = len(session.scalars(select(Course.id)).all())
        course = Course(deployment_id=deployment.id, context_id=f"course {courses}")
        session.add(course)
        session.flush()
        known: set[str] = set()
        for said in (members, anew):
            entries = [RosterEntry(*read) for read in map(answers.member, said) if read]
            doubt.doubted(session, course, {entry.sub for entry in entries})
            listing.apply(session, course, "https://us.example", entries)
            session.flush()
            # Without a role somebody keeps a seat, and gets none.
            there = {sub for sub, role in {entry.sub: entry.role for entry in entries}.items() if role or sub in known}
            known |= there
        seated = session.scalars(
            select(Person.sub).join(Seat, Seat.person_id == Person.id).where(Seat.course_id == course.id, Seat.present)
        )
        assert set(seated) == there
