"""The worker at a platform that answers as the recorded Moodle 4.5.6 did: what becomes of scores and rosters."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.domain import cycle, outbox, participation
from lti_tool.domain.community import roster
from lti_tool.lti.claims import read_claims
from lti_tool.lti.services import SCORE
from lti_tool.models import Course, Deployment, OutboxRow, Person, Registration, ResourceLink, Score, Seat
from tests.actors import Tool
from tests.delivery.desk import Snapshot, dump
from tests.delivery.stand_in import HOST, Answer, StandIn, recorded
from tests.delivery.test_recordings import RESULTS, SCORES

LEARNER, ASSISTANT = "4", "16"


class Played:
    """One learner who was launched as recorded, with one moment, at a platform that plays recordings back."""

    def __init__(self, tool: Tool, stand_in: StandIn) -> None:
        self.tool, self.stand_in = tool, stand_in
        with tool.session() as session:
            registration = stand_in.registration(id=None)
            session.add(registration)
            session.flush()
            session.add(Deployment(registration_id=registration.id, deployment_id="1", approved=True))
        self.launch("learner")

    def launch(self, name: str) -> None:
        """A recorded launch of step 1, as far as the domain sees it."""
        claims = read_claims(recorded(f"id_token-resource-link-{name}", self.stand_in.url)["claims"])
        with self.tool.session() as session:
            deployment = session.scalars(select(Deployment)).one()
            roster.meet(
                session,
                roster.Arrival(
                    issuer=self.stand_in.url,
                    deployment_id=deployment.id,
                    sub=claims.sub,
                    name=claims.name,
                    locale=claims.locale,
                    role=claims.roles.course,
                    context_id=claims.context_id or "",
                    context_title=claims.context_title,
                    resource_link_id=claims.resource_link_id,
                    resource_link_title=claims.resource_link_title,
                    step="ambition",
                    line_items_url=claims.line_items_url,
                    line_item_url=claims.line_item_url,
                    scopes=" ".join(claims.scopes),
                    memberships_url=claims.memberships_url,
                ),
            )

    def earn(self, line_item_url: str) -> None:
        """One moment; its column is the one of the recording."""
        with self.tool.session() as session:
            link = session.scalars(select(ResourceLink)).one()
            participation.columns.column(session, link, participation.TAG).url = line_item_url
            met = session.scalars(select(roster.Member)).first()
            assert met is not None
            community = session.get_one(roster.Community, met.community_id)
            steps, first = self.tool.app.extensions["leerkring"].steps, cycle.opened(session, community, 1)[0]
            run = cycle.open_step(session, community, first, steps.by_name["ambition"], steps)
            participation.mark(session, run, met, participation.Kind.INPUT)

    def score(self) -> Score:
        with self.tool.session() as session:
            return session.scalars(select(Score)).one()

    def row(self, kind: str) -> OutboxRow:
        with self.tool.session() as session:
            return session.scalars(select(OutboxRow).where(OutboxRow.kind == kind)).one()

    def forget_the_roster(self) -> None:
        with self.tool.session() as session:
            session.query(OutboxRow).filter_by(kind=outbox.Kind.ROSTER).delete()


@pytest.fixture(scope="module")
def _played(
    _migrated_sqlite: Path, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Played, Snapshot]]:
    database = tmp_path_factory.mktemp("played") / "played.db"
    shutil.copy(_migrated_sqlite, database)
    with StandIn() as stand_in, Tool(f"sqlite:///{database}", keys_dir) as tool:
        yield Played(tool, stand_in), Snapshot(tool)


@pytest.fixture
def played(_played: tuple[Played, Snapshot]) -> Played:
    found, snapshot = _played
    snapshot.restore()
    found.stand_in.reset()
    return found


def path_of(line_item: str, part: str, query: str = "") -> str:
    """The path of a line item's scores or results."""
    return "/" + line_item.split("/", 3)[3].replace("?", f"/{part}?" if part else "?") + query


WHAT_BECOMES = {
    None: ("arrived", None, None),
    ("status", 400): ("refused", "status_400", "status_400"),
    ("status", 404): ("gone", "column_gone", "column_gone"),
    ("status", 409): ("waiting", "conflict", "conflict"),
}


@pytest.mark.parametrize("name", SCORES)
def test_what_becomes_of_a_score_that_moodle_answers_so(played: Played, name: str) -> None:
    played.forget_the_roster()
    stand_in = played.stand_in
    found = recorded(name, stand_in.url)
    line_item = found["url"].replace("/scores", "")
    played.earn(line_item)
    stand_in.on("GET", path_of(line_item, "results"), Answer(200, []))
    kind = "coupled" if "/3/" in line_item else "uncoupled"
    # What stands there when a 409 makes us look: half of the maximum, which is none of our scores.
    standing = stand_in.recording(f"ags-results-after-ok-{kind}")
    stand_in.on("GET", path_of(line_item, "results", f"&user_id={LEARNER}"), standing)
    # And what a 404 makes us look for: the line item itself.
    stand_in.on("GET", path_of(line_item, ""), stand_in.recording("ags-lineitem-get-gone"))
    stand_in.play(name)
    played.tool.deliver()
    score, row = played.score(), played.row("score")
    assert (score.state, score.reason, row.reason) == WHAT_BECOMES[SCORES[name]]
    assert (row.done_at is not None) == (SCORES[name] is None)
    (asked,) = stand_in.requests("POST")
    assert asked.headers["Content-Type"] == asked.headers["Accept"] == SCORE


@pytest.mark.parametrize("name", RESULTS)
def test_what_becomes_of_a_score_where_moodle_says_this_stands(played: Played, name: str) -> None:
    played.forget_the_roster()
    stand_in = played.stand_in
    line_item = recorded(name, stand_in.url)["url"].replace("/results", "").partition("&user_id")[0]
    played.earn(line_item)
    stand_in.on("GET", path_of(line_item, "results"), stand_in.recording(name))
    stand_in.on("POST", path_of(line_item, "scores"), stand_in.recording("ags-score-ok-coupled"))
    played.tool.deliver()
    # 50, 75 and 95 are nobody's third: somebody set them. A record without a grade is none.
    held = bool(RESULTS[name])
    assert played.score().state == ("held" if held else "arrived")
    assert len(stand_in.requests("POST")) == (0 if held else 1)


@pytest.mark.parametrize(
    ("standing", "state"),
    [([], "refused"), ([{"userId": LEARNER, "resultScore": 33, "resultMaximum": 100}], "arrived")],
)
def test_200_with_an_empty_list_is_a_refusal_unless_the_score_stands_there(
    played: Played, standing: list[Any], state: str
) -> None:
    """M27: Moodle says 200 to some scores that it refuses, and only the body [] tells."""
    played.forget_the_roster()
    stand_in = played.stand_in
    found = stand_in.play("ags-score-bad-timestamp-coupled")
    line_item = found["url"].replace("/scores", "")
    played.earn(line_item)
    stand_in.on("GET", path_of(line_item, "results"), Answer(200, []))
    stand_in.on("GET", path_of(line_item, "results", f"&user_id={LEARNER}"), Answer(200, standing))
    stand_in.on("POST", path_of(line_item, "scores"), Answer(200, found["body"], found["headers"]))
    played.tool.deliver()
    assert played.score().state == state


ECHO = {"error": "invalid", "request": {"scoreGiven": 33, "timestamp": "2026-11-28T19:54:59.000Z"}}
TIMESTAMPS: dict[str, tuple[Any, bool]] = {
    "as Open edX: the same": ({"timestamp": ["Score already exists for the provided timestamp"]}, True),
    "as Open edX: older": ({"timestamp": ["Score timestamp can only be updated to a later point in time"]}, True),
    "in words": ({"message": "Timestamp is not newer than the last one"}, True),
    "in text": ("timestamp must be later", True),
    "of something else": ({"userId": ["unknown"]}, False),
    "the score repeated": (ECHO, False),
    "as Moodle": ([], False),
    "nothing": ("", False),
}


@pytest.mark.parametrize("arrived", [False, True], ids=["another grade stands there", "it stands there"])
@pytest.mark.parametrize("said", TIMESTAMPS)
def test_a_400_for_a_timestamp_is_settled_like_a_409(played: Played, said: str, arrived: bool) -> None:
    played.forget_the_roster()
    stand_in = played.stand_in
    found = recorded("ags-score-older-timestamp-coupled", stand_in.url)
    line_item = found["url"].replace("/scores", "")
    played.earn(line_item)
    body, of_timestamp = TIMESTAMPS[said]
    standing = [{"userId": LEARNER, "resultScore": 33 if arrived else 12, "resultMaximum": 100}]
    stand_in.on("GET", path_of(line_item, "results"), Answer(200, []))
    stand_in.on("GET", path_of(line_item, "results", f"&user_id={LEARNER}"), Answer(200, standing))
    stand_in.on("POST", path_of(line_item, "scores"), Answer(400, body))
    played.tool.deliver()
    score = played.score()
    if not of_timestamp:
        assert (score.state, score.reason) == ("refused", "status_400")
    elif arrived:
        assert (score.state, score.arrived) == ("arrived", 33)
    else:
        assert (score.state, score.reason, score.payload) == ("waiting", "conflict", None)


MEMBERSHIPS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


def test_the_recorded_roster_is_taken_over_and_the_launches_role_stays(played: Played) -> None:
    """M30: Mieke launches as Instructor and stands in the roster as Learner."""
    played.launch("nonediting-teacher")
    played.stand_in.play("nrps-all")
    played.tool.deliver()
    with played.tool.session() as session:
        course = session.scalars(select(Course)).one()
        assert course.roster == {"members": 14, "new": 12, "gone": 0}
        seats = {
            person.sub: (person.name, seat.launch_role, seat.roster_role, seat.present)
            for person, seat in session.execute(select(Person, Seat).join(Seat, Seat.person_id == Person.id))
        }
    assert len(seats) == 14
    assert seats["4"] == ("Fatima Öztürk", "learner", "learner", True)
    assert seats["16"] == ("Mieke Directeur", "instructor", "learner", True)
    assert seats["3"] == ("Wout Schipper", None, "instructor", True)


@pytest.mark.parametrize("name", ["nrps-all", "nrps-rlid", "nrps-role-learner"])
def test_what_the_tool_does_not_need_of_a_roster_is_nowhere_in_the_database(played: Played, name: str) -> None:
    played.launch("instructor")
    found = recorded(name, HOST)
    members = found["body"]["members"]
    for number, member in enumerate(members):
        member["lis_person_sourcedid"] = f"leerling-nr-{number}"
        member["picture"] = f"https://moodle.example/foto-{number}.jpg"
    played.stand_in.on("GET", MEMBERSHIPS, Answer(200, found["body"], found["headers"]))
    played.tool.deliver()
    with played.tool.session() as session:
        kept = dump(session)
    assert "Chantal Bakker" in kept, "or the roster was not read and this test shows nothing"
    forbidden = [member[key] for member in members for key in ("email", "ext_user_username", "lis_person_sourcedid")]
    assert [
        value for value in [*forbidden, "school.example", "leerling-nr", "foto-", "basicoutcome"] if value in kept
    ] == []


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("nrps-badtoken", None, "status_401"),
        ("nrps-limit5", Answer(404), "status_404"),
        ("nrps-limit5", Answer(500), "status_500"),
        ("nrps-limit5", Answer(200, '{"members": [{"user_id": "99"'), "not_json_200"),
        ("nrps-limit5", Answer(200, {"id": "x"}), "no_members_200"),
        ("nrps-limit5", Answer(200, []), "no_members_200"),
    ],
)
def test_a_roster_of_which_a_page_is_missing_changes_nothing(
    played: Played, first: str, second: Answer | None, reason: str
) -> None:
    played.stand_in.on("GET", MEMBERSHIPS, played.stand_in.recording(first))
    if second:
        played.stand_in.on("GET", MEMBERSHIPS + "?limit=5&from=5", second)
    played.tool.deliver()
    assert played.row(outbox.Kind.ROSTER).reason == reason
    with played.tool.session() as session:
        assert [person.sub for person in session.scalars(select(Person))] == [LEARNER]
        course = session.scalars(select(Course)).one()
        assert (course.roster_at, set(course.roster or {})) == (None, {"failed"})


def test_registrations_differ_and_their_people_too(played: Played) -> None:
    """The same numbers at another platform are other people."""
    played.stand_in.play("nrps-all")
    with played.tool.session() as session:
        session.add(Person(issuer="https://other.example", sub="12", name="Iemand Anders"))
        session.add(
            Registration(
                issuer="https://other.example",
                client_id="x",
                auth_login_url="",
                auth_token_url="",
                key_set_url="",
            )
        )
    played.tool.deliver()
    with played.tool.session() as session:
        names = set(session.scalars(select(Person.name).where(Person.sub == "12")))
    assert names == {"Iemand Anders", "Chantal Bakker"}
