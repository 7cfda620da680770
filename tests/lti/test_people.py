"""Whose people a launch brings: of its issuer, and of those who sign with the same keys (K2, K6)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from lti_tool.domain.community import listing
from lti_tool.domain.school import trail
from lti_tool.domain.school.trail import Actor
from lti_tool.lti import register
from lti_tool.lti.services import RosterEntry
from lti_tool.models import Course, Member, OutboxRow, Person, Registration, Seat
from lti_tool.models.school import SchoolAct
from tests.actors import Tool
from tests.lti.sender import ISSUER, Sender, another_key
from tests.lti.test_platform_command import Command, command_of
from tests.web.circle import _database, _tables

OTHER = "http://127.0.0.1:9/other-keys"


@pytest.fixture
def leerkring(any_tool: Tool, keys_dir: Path) -> Command:
    return command_of(any_tool, keys_dir)


class Stranger(Sender):
    """A second client of the same issuer, with keys of its own."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool, client_id="stranger", key_set_url=OTHER, jwks={"keys": [another_key().jwk()]})

    def open(self, **changes: object) -> int:
        """A launch, signed with its own key; the person's number."""
        signing = {"key": another_key().private, "header": {"kid": another_key().kid}}
        return self.opened(self.launch(signing=signing, **changes)).person.id


def names(tool: Tool) -> list[str]:
    with tool.session() as session:
        return list(session.scalars(select(Person.name).order_by(Person.id)))


def roster_of(tool: Tool, sender: Sender, *entries: RosterEntry) -> None:
    with tool.session() as session:
        course = session.scalars(select(Course).order_by(Course.id.desc())).first()
        assert course is not None
        listing.apply(session, course, sender.issuer, entries)


def test_k2_a_client_with_other_keys_names_other_people(any_tool: Tool) -> None:
    """Neither its launches nor its roster rename the first one's, or seat them."""
    ours = Sender(any_tool)
    fatima = ours.opened(ours.launch()).person.id
    stranger = Stranger(any_tool)
    assert stranger.open(name="Iemand Anders") != fatima
    roster_of(
        any_tool, stranger, RosterEntry("fatima", "Nog Anders", "learner"), RosterEntry("wout", "Wout", "learner")
    )
    assert names(any_tool) == ["Fatima Öztürk", "Nog Anders", "Wout"]
    assert ours.opened(ours.launch()).person.id == fatima
    with any_tool.session() as session:
        assert session.scalar(select(func.count(Seat.id)).where(Seat.person_id == fatima)) == 1


def test_k2_clients_with_the_same_keys_name_the_same_people(any_tool: Tool) -> None:
    first, second = Sender(any_tool), Sender(any_tool, client_id="second", deployment_id="8")
    assert first.opened(first.launch()).person.id == second.opened(second.launch()).person.id


def test_k6_another_issuer_with_the_same_keys_names_other_people(any_tool: Tool) -> None:
    first, second = Sender(any_tool), Sender(any_tool, issuer="https://other.example")
    assert first.opened(first.launch()).person.id != second.opened(second.launch()).person.id


def test_people_stay_who_they_are_when_the_operator_repairs_the_address_of_the_keys(any_tool: Tool) -> None:
    sender = Sender(any_tool)
    before = sender.opened(sender.launch()).person.id
    with any_tool.session() as session:
        row = session.get_one(Registration, sender.registration_id)
        kept = row.key_set
        register.upsert(session, issuer=row.issuer, client_id=row.client_id, key_set_url=OTHER)
        assert row.key_set is None, "what was published at another address proves nothing here"
        row.key_set = kept
    any_tool.app.extensions["leerkring"].platforms.forget()
    assert sender.opened(sender.launch()).person.id == before


def test_the_operator_joins_the_people_of_two_clients(any_tool: Tool, leerkring: Command) -> None:
    ours, stranger = Sender(any_tool), Stranger(any_tool)
    fatima = ours.opened(ours.launch()).person.id
    theirs = stranger.open(name="F. Öztürk")
    wout = stranger.open(sub="wout", name="Wout")
    with any_tool.session() as session:
        ids = {"column": 5, "person": theirs}
        row = OutboxRow(kind="score", key=f"5:{theirs}", ids=ids, registration_id=stranger.registration_id)
        session.add(row)
        trail.note(session, trail.Kind.SCHOOL_NAMED, Actor(theirs), school_id=1, about_id=wout)
    joined = leerkring("platform", "join", "2", "1")
    assert (joined.exit_code, joined.output) == (
        0,
        "The people of platform 2 are those of platform 1; 1 were known to both.\n",
    )
    with any_tool.session() as session:
        people = {person.id: person.name for person in session.scalars(select(Person))}
        assert people == {fatima: "Fatima Öztürk", wout: "Wout"}
        assert session.scalar(select(func.count(Seat.id)).where(Seat.person_id == fatima)) == 2
        assert session.scalar(select(func.count(Member.id)).where(Member.person_id == fatima)) == 2
        done = session.scalars(select(SchoolAct)).one()
        assert (done.person_id, done.about_id) == (fatima, wout), "what somebody did is theirs under either account"
        waiting = session.scalars(select(OutboxRow).where(OutboxRow.kind == "score")).one()
        assert (waiting.key, waiting.ids) == (f"5:{fatima}", {"column": 5, "person": fatima})
    any_tool.app.extensions["leerkring"].platforms.forget()
    assert stranger.open() == fatima
    assert stranger.open(sub="wout", name="Wout") == wout


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (("2", "1"), "are two issuers"),
        (("1", "1"), "are the same already"),
        (("3", "1"), "are the same already"),
        (("1", "9"), "There is no platform 9"),
    ],
)
def test_what_cannot_be_joined_is_said_in_a_sentence(
    any_tool: Tool, leerkring: Command, numbers: tuple[str, str], said: str
) -> None:
    Sender(any_tool)
    Sender(any_tool, issuer="https://other.example")
    Sender(any_tool, client_id="second")
    refused = leerkring("platform", "join", *numbers)
    assert (refused.exit_code, said in refused.output) == (1, True), refused.output


CLIENTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["k1", "k2", "k3"])), max_size=6)


@given(steps=CLIENTS)
def test_no_new_client_comes_by_the_people_of_others_keys(steps: list[tuple[str, str]]) -> None:
    """Whatever registers or moves its keys, in whatever order: a new client has the realm of those whose keys it has
    now, or one that nobody had."""
    with _database(_tables()) as session:
        seen: set[str] = set()
        for client, keys in steps:
            known = register.find(session, ISSUER, client)
            same = {row.realm for row in session.scalars(select(Registration)) if row.key_set_url == keys}
            row = register.upsert(
                session, issuer=ISSUER, client_id=client, auth_login_url="", auth_token_url="", key_set_url=keys
            )
            if known is None:
                assert row.realm in same if same else row.realm not in seen
            seen.add(row.realm)
