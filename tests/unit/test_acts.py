"""What the domain notes of every act that changes something for others, and what such a row can hold."""

import datetime as dt
import inspect

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from lti_tool.db import now
from lti_tool.domain import Refused, cycle, participation
from lti_tool.domain.community import acts, members, placing, roster, sharing
from lti_tool.domain.cycle import put_off, restart
from lti_tool.models import Act, Authors, ResourceLink, Standing
from lti_tool.steps.evaluation import Evaluation
from tests.unit.test_cycle import PAST, SOON
from tests.web.circle import STEPS, Circle, circle

Row = tuple[str, int | None, int | None, dict[str, object]]


def noted(c: Circle, since: int = 0) -> list[Row]:
    """kind, who (by index; None: the clock), about whom, detail: of the newest acts, oldest first."""
    c.session.flush()
    index = {member.id: number for number, member in enumerate(c.members)}
    rows = c.session.scalars(select(Act).where(Act.community_id == c.community.id).order_by(Act.id)).all()
    return [(row.kind, index.get(row.member_id or 0), index.get(row.about_id or 0), row.detail) for row in rows[since:]]


def test_a_stage_moved_by_somebody_and_a_step_that_opens_by_it() -> None:
    with circle(2, "consent") as c:
        known = len(noted(c))
        for who in range(2):
            c.do_the_task(who, "consent")
        cycle.advance(c.turn(1), c.step, "consent", STEPS)
        assert noted(c, known) == [
            ("stage_moved", 1, None, {"was": "consent", "to": "closed"}),
            ("step_begun", 1, None, {}),
        ]
        moved, begun = c.session.scalars(select(Act).order_by(Act.id.desc()).limit(2)).all()[::-1]
        assert (moved.cycle_id, moved.step_run_id) == (c.cycle.id, c.run.id)
        assert begun.step_run_id not in (None, c.run.id)
        known = len(noted(c))
        c.reopen("we lazen het anders")
        assert noted(c, known) == [
            ("reopening_proposed", 0, None, {}),
            ("step_reopened", 1, None, {"to": c.step.reopens_at}),
        ]


def test_a_date_announced_extended_by_the_clock_and_withdrawn() -> None:
    with circle(2) as c:
        known = len(noted(c))
        until = now() + SOON
        cycle.set_date(c.turn(0), until)
        cycle.set_date(c.turn(0), None)
        c.run.closes_at = passed = now() + PAST
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS) == "extended"
        c.run.closes_at = now() + PAST
        why = cycle.on_date(c.session, c.run.id, "ideas", STEPS)
        assert noted(c, known) == [
            ("date_announced", 0, None, {"until": until.isoformat(timespec="seconds")}),
            ("date_withdrawn", 0, None, {}),
            ("date_extended", None, None, {"until": put_off(passed, dt.UTC).isoformat(timespec="seconds")}),
            ("date_withdrawn", None, None, {"why": why}),
        ]


def test_a_stage_moved_by_the_clock_names_nobody() -> None:
    with circle(2) as c:
        for who in range(2):
            c.do_the_task(who, "ideas")
        known = len(noted(c))
        c.run.closes_at = now() + PAST
        assert cycle.on_date(c.session, c.run.id, "ideas", STEPS) == "moved"
        assert noted(c, known) == [("stage_moved", None, None, {"was": "ideas", "to": c.run.stage})]


def test_names_roles_standings_roster_and_column() -> None:
    with circle(3) as c:
        fatima, els, karin = c.members
        known = len(noted(c))
        cycle.choose_authors(c.turn(0), Authors.NAMED)
        els.standing = Standing.ASKED
        members.choose(c.session, c.community, els, "join_and_lead", STEPS)
        members.correct(c.session, c.community, els, "join", STEPS)
        members.correct(c.session, c.community, els, "join", STEPS)
        members.take_over(c.session, c.community, els)
        members.name(c.session, c.community, els, fatima)
        members.stop(c.session, c.community, els)
        fatima.facilitated_on = now().date() - dt.timedelta(days=40)
        members.take_over(c.session, c.community, els)
        members.resume(c.session, c.community, fatima)
        members.leave(c.session, c.community, els, STEPS)
        members.come_back(c.session, c.community, els)
        karin.standing = Standing.LEADER
        members.ask_again(c.session, c.community, fatima, karin)
        roster.ask_reading(c.session, c.community, c.course, fatima)
        c.course.memberships_url = "https://lms.example/members"
        roster.ask_reading(c.session, c.community, c.course, fatima)
        link = ResourceLink(
            deployment_id=c.course.deployment_id, resource_link_id="9", course_id=c.course.id,
            step="ambition", cycle_number=1, passback="moments",
        )  # fmt: skip
        c.session.add(link)
        c.session.flush()
        item = participation.columns.column(c.session, link, participation.TAG)
        participation.ask_column(c.session, c.community, link, item, fatima)
        pages = [placing.Page(None, 1), placing.Page("ambition", 1)]
        placing.hand_out(c.session, c.community, fatima, pages, participation.Passback.MOMENTS)
        assert noted(c, known) == [
            ("names_chosen", 0, None, {"authors": "named"}),
            ("standing_chosen", 1, None, {"standing": "member", "leads": True}),
            ("standing_corrected", 1, None, {"standing": "member", "leads": False}),
            ("lead_taken_back", 1, None, {}),
            ("role_taken", 1, None, {"over": 0}),
            ("role_named", 1, 0, {}),
            ("role_stopped", 1, None, {}),
            ("role_taken", 1, None, {"over": 1}),
            ("role_resumed", 0, None, {}),
            ("role_stopped", 1, None, {}),
            ("circle_left", 1, None, {}),
            ("circle_joined_again", 1, None, {}),
            ("asked_again", 0, 2, {}),
            ("roster_asked", 0, None, {}),
            ("column_asked", 0, None, {"link": link.id}),
            ("placed", 0, None, {"cycle": 1, "passback": "moments", "item_1": "home", "item_2": "ambition"}),
        ]


def test_a_yield_shared_and_taken_back_and_the_next_cycle() -> None:
    from tests.unit.test_sharing import neighbour

    with circle(3, "closed", Evaluation()) as c:
        there = neighbour(c)
        known = len(noted(c))
        sharing.share(c.turn(0), there.id, c.members[0].id)
        sharing.take_back(c.turn(1), there.id)
        made = restart.begin_next(c.turn(2), STEPS, after_all=True)
        assert noted(c, known) == [
            ("yield_shared", 0, None, {"community": there.id}),
            ("yield_taken_back", 1, None, {"community": there.id}),
            ("cycle_begun", 2, None, {}),
            ("step_begun", 2, None, {}),
        ]
        begun = c.session.scalars(select(Act).where(Act.kind == "cycle_begun")).one()
        assert begun.cycle_id == made.id


def test_what_is_refused_is_not_noted() -> None:
    with circle(2) as c:
        known = len(noted(c))
        for refused in (
            lambda: cycle.advance(c.turn(0), c.step, "respond", STEPS),
            lambda: c.reopen("waarom niet"),
            lambda: cycle.set_date(c.turn(0), now() + PAST),
            lambda: cycle.choose_authors(c.turn(0), "sometimes"),
            lambda: members.name(c.session, c.community, c.members[0], c.members[1]),
            lambda: members.stop(c.session, c.community, c.members[0]),
            lambda: members.resume(c.session, c.community, c.members[0]),
            lambda: members.come_back(c.session, c.community, c.members[0]),
            lambda: members.correct(c.session, c.community, c.members[0], "facilitate", STEPS),
            lambda: members.ask_again(c.session, c.community, c.members[0], c.members[1]),
            lambda: restart.begin_next(c.turn(0), STEPS),
        ):
            with pytest.raises(Refused):
                refused()
        assert noted(c, known) == []


@pytest.mark.parametrize("kind", acts.Unnamed)
@pytest.mark.parametrize("column", ["member_id", "about_id"])
def test_away_and_left_out_carry_no_person(kind: acts.Unnamed, column: str) -> None:
    """Not by the function, which takes none, and not by any other way into the table."""
    taken = {name: str(each.annotation) for name, each in inspect.signature(acts.note_unnamed).parameters.items()}
    assert not [name for name, said in taken.items() if "Member" in said or "Person" in said]
    assert not set(acts.Unnamed) & set(acts.Kind)
    with circle(2) as c:
        known = len(noted(c))
        acts.note_unnamed(c.session, c.community.id, kind, cycle=c.cycle)
        assert noted(c, known) == [(kind, None, None, {})]
        row = insert(Act).values(community_id=c.community.id, kind=kind, detail={}, at=now())
        with pytest.raises(IntegrityError):
            c.session.execute(row.values({column: c.members[0].id}))


@pytest.mark.parametrize("words", ["dat vonden we niet", "x" * 33])
def test_an_act_holds_codes_and_no_words(words: str) -> None:
    with circle(1) as c, pytest.raises(ValueError, match="codes"):
        c.turn(0).note(acts.Kind.STEP_REOPENED, reason=words)
