"""Whose a refusal is: one person's, a column's, a service's or the platform's; what is mended, everything arrives."""

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti_tool import create_app, observe
from lti_tool.cli import main
from lti_tool.db import now
from lti_tool.delivery import alarms
from lti_tool.domain import outbox
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE
from lti_tool.models import Alarm, Course, LineItem, PlatformRest, Registration, ResourceLink
from tests.delivery.desk import Desk, at_call
from tests.delivery.test_columns import grade_in, place

NAMES = ["fatima", "marieke", "youssef", "janwillem", "siobhan"]


@pytest.fixture
def team(desk: Desk) -> Desk:
    """Five people who each earned a moment."""
    for name in NAMES[2:]:
        desk.world.as_(name).launch()
    for name in NAMES:
        desk.earn(name)
    desk.lms.tokens.forget()
    return desk


def sounding(desk: Desk) -> dict[str, str]:
    """What there is an alarm about, and its reason."""
    with desk.tool.session() as session:
        return {alarm.about: alarm.reason for alarm in session.scalars(select(Alarm))}


def said(desk: Desk) -> str:
    """What an administrator reads, in both languages."""
    with desk.tool.session() as session:
        return "\n".join(f"{each.nl}\n{each.en}" for each in alarms.sentences(session, "https://us.example/lti/jwks"))


def rest(desk: Desk) -> PlatformRest | None:
    with desk.tool.session() as session:
        return session.scalars(select(PlatformRest)).one_or_none()


def arrived(desk: Desk) -> list[float | None]:
    return [desk.grade(name) for name in NAMES]


def tool_at(desk: Desk) -> Any:
    """The tool as the LMS knows it."""
    return desk.lms.school.tools[desk.world.client_id]


# 404: the column, or one person


def test_a_404_for_somebody_the_lms_does_not_know_is_that_persons_and_not_the_columns(team: Desk) -> None:
    """ILIAS (O1): the line item is there, so it is the person who is not."""
    team.lms.faults.fail("scores", 404)
    team.deliver()
    states = sorted(score.state for name in NAMES if (score := team.score(name)))
    assert states == ["arrived"] * 4 + ["refused"]
    (refused,) = [score for name in NAMES if (score := team.score(name)) and score.state == "refused"]
    assert (refused.reason, refused.payload, team.item().gone) == ("person_unknown", None, False)
    assert len(team.calls("lineitem")) == 1, "read once, to settle it"
    (name,) = [name for name in NAMES if team.grade(name) is None]
    team.move(1)
    team.earn(name)
    team.deliver()
    assert team.grade(name) == 67, "the next moment tries afresh"


@pytest.mark.parametrize("scopes", [[SCOPE_LINE_ITEM], [SCOPE_LINE_ITEM_READ], [SCOPE_RESULT]])
@pytest.mark.parametrize("there", [True, False], ids=["there", "gone"])
def test_what_may_be_read_of_the_column_settles_a_404(desk: Desk, scopes: list[str], there: bool) -> None:
    tool_at(desk).scopes[:] = [SCOPE_SCORE, *scopes]
    desk.earn("fatima")

    def gone() -> None:
        if not there:
            desk.lms.school.delete_column(desk.column.id)

    at_call(desk.lms, 1, "scores", gone)
    desk.lms.faults.fail("scores", 404)
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, desk.item().gone) == (("refused", False) if there else ("gone", True))


@pytest.mark.parametrize("status", [500, 503, 403, 429])
def test_while_the_column_cannot_be_read_a_404_settles_nothing(desk: Desk, status: int) -> None:
    desk.earn("fatima")
    desk.lms.faults.fail("scores", 404)
    desk.lms.faults.fail("lineitem", status)
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, desk.item().gone) == ("waiting", False)
    desk.catch_up()
    assert desk.grade("fatima") == 33


# The platform's state

STATES: dict[str, tuple[Callable[[Desk], object], str, str]] = {
    "401 for everything (a web server strips Authorization, O4)": (
        lambda desk: desk.lms.faults.fail("results", 401, times=99),
        "status_401",
        "Authorization",
    ),
    "401 for scores": (lambda desk: desk.lms.faults.fail("scores", 401, times=99), "status_401", "Authorization"),
    "403 from the token": (lambda desk: desk.lms.faults.fail("token", 403, times=99), "token_403", "client id"),
    "401 from the token": (lambda desk: desk.lms.faults.fail("token", 401, times=99), "token_401", "client id"),
    "400 from the token": (lambda desk: desk.lms.faults.fail("token", 400, times=99), "token_400", "client id"),
    # M87: Moodle's answer while it cannot read our key set.
    "404 from the token": (
        lambda desk: desk.lms.faults.fail("token", 404, times=99),
        "token_404",
        "Moodle answers 404",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_what_a_platform_has_against_the_tool_rests_it_and_is_told_and_then_everything_arrives(
    team: Desk, state: str
) -> None:
    break_, reason, words = STATES[state]
    break_(team)
    team.deliver()
    assert rest(team) is not None
    assert sounding(team) == {"platform": reason}
    assert words in said(team)
    assert ("https://us.example/lti/jwks" in said(team)) == reason.startswith("token")
    calls = len(team.lms.calls)
    team.deliver()
    assert len(team.lms.calls) == calls, "left alone"
    for _ in range(3):
        team.move(1000)
        team.deliver()
    assert len(team.lms.calls) - calls <= 3 * 4, "one tries first, with a token and the grades"
    assert all((score := team.score(name)) is None or score.state == "waiting" for name in NAMES)
    team.lms.faults.clear()
    team.catch_up()
    assert arrived(team) == [33] * 5
    assert (sounding(team), rest(team), said(team)) == ({}, None, "")


@pytest.mark.parametrize(
    ("fault", "after"), [("timeout", 6), ("status_503", 6), ("token_401", 1)], ids=["silence", "overload", "refusal"]
)
def test_what_passes_by_itself_is_told_after_some_minutes_only(desk: Desk, fault: str, after: int) -> None:
    from lti_tool.delivery import rest as rests

    kind, _, status = fault.partition("_")
    error = OutboundError(kind, int(status or 0))
    with desk.tool.session() as session:
        platform = session.scalars(select(Registration.id)).one()
    for number in range(1, 8):
        desk.move(1000)
        with desk.tool.session() as session:
            rests.rest(session, platform, now(), error)
        assert ("platform" in sounding(desk)) == (number >= after)
    with desk.tool.session() as session:
        rests.over(session, platform)
    assert sounding(desk) == {}


def _says_insufficient_scope(desk: Desk) -> None:
    headers = {"WWW-Authenticate": 'Bearer realm="lti", error="insufficient_scope"'}
    desk.lms.faults.fail("scores", 403, times=99, headers=headers)


@pytest.mark.parametrize(
    "break_",
    [lambda desk: tool_at(desk).scopes.remove(SCOPE_SCORE), _says_insufficient_scope],
    ids=["the token lacks it", "RFC 6750: insufficient_scope"],
)
def test_a_scope_that_is_missing_stops_its_service_and_no_other(team: Desk, break_: Callable[[Desk], None]) -> None:
    scopes = list(tool_at(team).scopes)
    break_(team)
    team.deliver()
    assert sounding(team) == {"score": "scope_not_granted"}
    assert "cijfers doorgeven" in said(team)
    team.world.as_("wout").launch().link("/community").form("/roster").submit()
    team.deliver()
    assert team.row(outbox.Kind.ROSTER).done_at is not None, "the list of people may be read as ever"
    team.move(10)
    calls = len(team.lms.calls)
    team.deliver()
    assert len(team.lms.calls) - calls <= 4, "one tries first"
    tool_at(team).scopes[:] = scopes
    team.lms.faults.clear()
    team.catch_up()
    assert arrived(team) == [33] * 5
    assert sounding(team) == {}


# A column's address


@pytest.mark.parametrize("status", [403, 405, 415])
@pytest.mark.parametrize("call", ["scores", "results"])
def test_what_is_said_of_a_columns_address_holds_up_that_column_and_no_other(
    team: Desk, status: int, call: str
) -> None:
    other = place(team)
    column = team.lms.school.couple(other, 100)
    item = f"column:{team.item().id}"
    spoiled = f"/{team.column.id}/lineitem"
    team.lms.faults.fail(call, status, times=99)
    team.deliver()
    assert sounding(team) == {item: f"status_{status}"}
    assert rest(team) is None
    assert "een kolom van de cursus" in said(team)
    assert spoiled in team.calls(call)[0].path
    team.lms.faults.clear()
    team.world.as_("fatima").launch(other)
    team.deliver()
    assert grade_in(team, column, "fatima") == 33, "the other column takes its scores meanwhile"
    team.lms.faults.fail(call, status, times=99)
    again = len(team.calls(call))
    team.move(3600)
    team.deliver()
    assert len(team.calls(call)) - again == 1, "one tries first"
    team.lms.faults.clear()
    team.catch_up()
    assert arrived(team) == [33] * 5
    assert sounding(team) == {}


def test_a_403_for_one_person_while_others_arrive_is_not_the_columns(desk: Desk) -> None:
    desk.earn("fatima")
    desk.earn("marieke")
    desk.lms.faults.fail("scores", 403)
    desk.deliver()
    desk.lms.faults.clear()
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)
    assert sounding(desk) == {}


@pytest.mark.parametrize("courses", [1, 2])
def test_only_when_three_courses_say_the_same_it_is_the_platforms(any_desk: Desk, courses: int) -> None:
    desk = any_desk
    with desk.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.step == "ambition")).one()
        platform = session.scalars(select(Registration.id)).one()
        for number in range(courses):
            course = Course(deployment_id=link.deployment_id, context_id=f"other {number}")
            session.add(course)
            session.flush()
            for column in (100, 101):
                # Two columns of one course are one course.
                thing = alarms.about("column", column + 10 * number)
                alarms.sound(session, platform, thing, "status_403", course=course.id)
    desk.earn("fatima")
    desk.lms.faults.fail("scores", 403, times=9)
    desk.deliver()
    everywhere = courses == 2
    assert (rest(desk) is not None) == everywhere
    assert ("platform" in sounding(desk)) == everywhere
    assert ("in three or more courses" in said(desk)) == everywhere
    desk.lms.faults.clear()
    desk.catch_up()
    assert desk.grade("fatima") == 33
    assert "platform" not in sounding(desk)


def test_where_scores_arrive_columns_that_refuse_are_no_trouble_of_the_platforms(desk: Desk) -> None:
    """M38, M70: in three courses an activity was deleted, in all others everything arrives."""
    with desk.tool.session() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.step == "ambition")).one()
        platform = session.scalars(select(Registration.id)).one()
        for number in range(3):
            course = Course(deployment_id=link.deployment_id, context_id=f"other {number}")
            session.add(course)
            session.flush()
            alarms.sound(session, platform, f"column:{100 + number}", "status_403", course=course.id)
    desk.move(1)
    desk.earn("marieke")
    desk.deliver()
    desk.earn("fatima")
    desk.lms.faults.fail("scores", 403)
    desk.deliver()
    assert rest(desk) is None


def test_a_column_that_cannot_be_looked_for_is_told_and_found_once_it_can(desk: Desk) -> None:
    """Open edX answers 403 for its own hiccups (O10)."""
    activity = place(desk)
    desk.world.as_("fatima").launch(activity)
    desk.earn("fatima")
    desk.lms.faults.fail("lineitems", 403, times=9)
    desk.deliver()
    with desk.tool.session() as session:
        item = session.scalars(select(LineItem).where(LineItem.url == "")).one()
    assert sounding(desk) == {f"column:{item.id}": "status_403"}
    desk.lms.faults.clear()
    desk.catch_up(outbox.Kind.LINE_ITEM)
    desk.catch_up()
    assert sounding(desk) == {}
    (column,) = [c for c in desk.lms.school.columns.values() if c.resource_link_id == activity.id]
    assert grade_in(desk, column, "fatima") == 33


def test_a_roster_that_is_refused_is_told_and_read_once_it_may_be(desk: Desk) -> None:
    course = desk.course()
    desk.lms.faults.fail("memberships", 403, times=9)
    desk.world.as_("wout").launch().link("/community").form("/roster").submit()
    desk.deliver()
    assert sounding(desk) == {f"roster:{course.id}": "status_403"}
    assert "deelnemerslijst" in said(desk)
    desk.lms.faults.clear()
    desk.catch_up(outbox.Kind.ROSTER)
    assert sounding(desk) == {}


def test_an_alarm_about_which_nothing_is_tried_any_more_goes_after_a_day(desk: Desk) -> None:
    with desk.tool.session() as session:
        platform = session.scalars(select(Registration.id)).one()
        alarms.sound(session, platform, "column:7", "status_403")
    desk.tool.worker().sweep()
    assert sounding(desk) == {"column:7": "status_403"}
    desk.move(86_400 + 60)
    desk.tool.worker().sweep()
    assert sounding(desk) == {}


def test_every_alarm_has_words_with_nothing_left_to_fill_in() -> None:
    reasons = ["timeout", "connection", "status_401", "status_403", "status_503", "scope_not_granted"]
    reasons += ["token_400", "token_404", "token_503"]
    for reason in reasons:
        for thing in ("platform", "score", "line_item", "placement", "roster", "column:1", "roster:1", "placement:1"):
            words = alarms.words(Alarm(about=thing, reason=reason), "“Rekenen”", "KEYS", "TOKEN")
            for text in (words.nl, words.en):
                assert text.endswith(".")
                assert "%" not in text


def test_however_long_it_was_refused_a_score_goes_within_a_quarter_of_an_hour_of_its_being_mended(desk: Desk) -> None:
    desk.lms.faults.fail("scores", 403, times=999)
    desk.earn("fatima")
    for _ in range(30):
        desk.deliver()
        desk.move(901)
    assert desk.row().attempts > 20
    desk.lms.faults.clear()
    desk.deliver()
    assert desk.grade("fatima") == 33


def test_whoever_waits_for_a_platform_goes_at_once_when_it_takes_the_tool_again(desk: Desk) -> None:
    desk.lms.faults.fail("token", 401, times=999)
    desk.lms.tokens.forget()
    desk.earn("fatima")
    for _ in range(30):
        desk.deliver()
        desk.move(901)
    desk.lms.faults.clear()
    desk.earn("marieke")
    desk.deliver()
    desk.deliver()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)


def test_the_doctor_the_log_and_the_metrics_say_what_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lms.faults.fail("token", 404, times=99)
    desk.lms.tokens.forget()
    desk.earn("fatima")
    with contextlib.redirect_stderr(io.StringIO()) as written:
        observe.configure()
        desk.deliver()
    observe.configure()
    lines = [json.loads(line) for line in written.getvalue().splitlines() if '"alarm"' in line]
    assert [(line["about"], line["reason"]) for line in lines] == [("platform", "token_404")]
    assert "cannot fetch our keys" in lines[0]["says"]
    settings = desk.tool.settings
    for name, value in (
        ("BASE_URL", settings.base_url),
        ("DATABASE_URL", settings.database_url),
        ("KEYS_DIR", settings.keys_dir),
        ("ALLOW_PRIVATE_HOSTS", "true"),
        ("METRICS_TOKEN", "m" * 40),
    ):
        monkeypatch.setenv(f"LEERKRING_{name}", str(value))
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 1
    assert f"open {settings.base_url}/lti/jwks on its server" in said.output
    metrics = create_app().test_client().get("/metrics", headers={"Authorization": f"Bearer {'m' * 40}"}).text
    assert "leerkring_alarms 1.0" in metrics


# One grade


def test_a_500_for_one_person_while_others_arrive_is_probably_a_locked_grade_and_is_told(desk: Desk) -> None:
    """M61: one grade is locked, the others of the column are taken; unlocked, the same score is."""
    sub = desk.world.person("fatima").id
    desk.lms.school.lock_grade(desk.column.id, sub)
    desk.earn("fatima")
    desk.deliver()
    assert desk.row().reason == "status_500", "alone it says nothing"
    desk.move(1)
    desk.earn("marieke")
    desk.deliver()
    assert desk.grade("marieke") == 33
    desk.move(10)
    desk.deliver()
    score = desk.score("fatima")
    assert score is not None
    assert (score.state, score.reason) == ("waiting", "probably_locked")
    assert "Waarschijnlijk staat het vergrendeld" in desk.receipt("fatima")
    page = desk.world.as_("wout").launch().link("/community")
    assert "Waarschijnlijk vergrendeld" in page.text
    assert "1 cijfer" in page.text
    others = desk.world.as_("marieke").launch()
    others = others.browser.get(others.url.rpartition("/")[0] + "/community")
    assert others.status == 200
    assert "vergrendeld" not in others.text
    assert (sounding(desk), rest(desk)) == ({}, None)
    desk.lms.school.lock_grade(desk.column.id, sub, locked=False)
    desk.catch_up()
    assert desk.grade("fatima") == 33
    assert "vergrendeld" not in desk.world.as_("wout").launch().link("/community").text


def test_a_column_that_is_locked_as_a_whole_is_not_called_one_grade(desk: Desk) -> None:
    desk.column.locked = True
    for name in ("fatima", "marieke"):
        desk.earn(name)
    for _ in range(3):
        desk.deliver()
        desk.move(30)
    assert {row.reason for row in desk.rows()} == {"status_500"}, "nothing says that it is not the LMS"
    # In another column of the course something arrives.
    desk.world.as_("fatima").launch(desk.world.activity("information"))
    desk.begin("information")
    desk.earn_in("information", "marieke")
    for _ in range(3):
        desk.deliver()
        desk.move(120)
    assert {row.reason for row in desk.rows() if not row.done_at} == {"column_probably_locked"}
    assert "Waarschijnlijk is de kolom vergrendeld" in desk.receipt("fatima")
    page = desk.world.as_("wout").launch().link("/community")
    assert "In deze kolommen komt van niemand een cijfer aan" in page.text
    assert "andere in dezelfde kolom" not in page.text
    desk.column.locked = False
    desk.catch_up()
    assert (desk.grade("fatima"), desk.grade("marieke")) == (33, 33)
    assert "vergrendeld" not in desk.world.as_("wout").launch().link("/community").text
