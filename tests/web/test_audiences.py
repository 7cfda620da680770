"""Whom every address is for, and that none is there without saying so."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask

from lti_tool import audience, create_app
from lti_tool.audience import ARRIVING, MONITORING, OPERATOR, PLATFORM, PUBLIC
from lti_tool.config import Settings
from lti_tool.domain.community.access import APPROVERS, COMMUNITY, EVERYBODY, FOLLOWERS, Audience
from lti_tool.domain.school.access import ADMINISTRATORS, READERS
from tests.actors import World

MEMBER, FACILITATOR = frozenset({Audience.MEMBER}), frozenset({Audience.FACILITATOR})
LMS_ADMINISTRATOR = frozenset({Audience.ADMINISTRATOR})
ASKED, LEADER = frozenset({Audience.ASKED}), frozenset({Audience.LEADER})

# endpoint -> whom it is for. A new address is added here by somebody who thought about it.
FOR = {
    "static": PUBLIC, "health.healthz": PUBLIC, "health.readyz": PUBLIC, "health.metrics": MONITORING,
    "health.front": PUBLIC, "health.seen": OPERATOR,
    "lti.login": PLATFORM, "lti.item_address": PLATFORM, "lti.launch": PLATFORM, "lti.jwks": PLATFORM,
    "lti.register": PLATFORM, "lti.agreed": ARRIVING,
    "lti.storage": ARRIVING, "lti.window": ARRIVING, "lti.confirm": ARRIVING,
    "circle.arrive": EVERYBODY, "circle.home": EVERYBODY, "circle.language": EVERYBODY, "circle.pick": EVERYBODY,
    "circle.place": EVERYBODY, "circle.my_sessions": EVERYBODY, "circle.end_session": EVERYBODY,
    "circle.welcome": ASKED, "circle.choose": ASKED, "circle.lead": LEADER,
    "circle.act": MEMBER, "circle.lay": MEMBER, "circle.settle_note": MEMBER, "circle.pulse": MEMBER,
    "circle.draft": COMMUNITY, "circle.page": COMMUNITY, "circle.begin": COMMUNITY, "circle.file": COMMUNITY,
    "news.look": COMMUNITY, "circle.where_now": COMMUNITY, "circle.told": COMMUNITY, "circle.beamer": COMMUNITY,
    "circle.together": FACILITATOR, "circle.begin_meeting": FACILITATOR, "circle.give_address": FACILITATOR,
    "circle.conduct": FACILITATOR, "circle.go_next": FACILITATOR, "circle.go_back": FACILITATOR,
    "circle.give_time": FACILITATOR, "circle.park": FACILITATOR, "circle.take_out": FACILITATOR,
    "circle.away_today": FACILITATOR, "circle.here_after_all": FACILITATOR, "circle.end_meeting": FACILITATOR,
    "circle.taken_away": COMMUNITY, "circle.meet_again": FACILITATOR, "circle.dates": COMMUNITY,
    "circle.noting": COMMUNITY, "circle.take_note": COMMUNITY, "circle.community": COMMUNITY,
    "circle.my_journal": COMMUNITY, "circle.write_journal": COMMUNITY, "circle.remove_journal": COMMUNITY,
    "circle.everything": COMMUNITY | ASKED | LEADER, "circle.role": FOLLOWERS, "circle.correct": COMMUNITY,
    "circle.taking_over": MEMBER, "circle.take_over": MEMBER, "circle.resume": MEMBER, "circle.leaving": MEMBER,
    "circle.leave": MEMBER,
    "circle.ask_me": COMMUNITY, "circle.thread": COMMUNITY,
    "circle.thread_pdf": COMMUNITY, "circle.shared_yields": COMMUNITY,
    "circle.invitations": FACILITATOR, "circle.advance": FACILITATOR, "circle.announce": FACILITATOR,
    "circle.reopen": COMMUNITY, "circle.reopen_too": MEMBER, "circle.leave_closed": COMMUNITY,
    "circle.authors": FACILITATOR, "circle.name": FACILITATOR, "circle.stop": COMMUNITY,
    "circle.confirm": FACILITATOR, "circle.take_back": FACILITATOR, "circle.put": COMMUNITY, "circle.pass_by": MEMBER,
    "circle.ask_again": FACILITATOR, "circle.read_roster": FACILITATOR, "circle.restore_column": FACILITATOR,
    "circle.keep_twins": FACILITATOR,
    "circle.pause_page": FACILITATOR, "circle.pause": FACILITATOR, "circle.go_on": FACILITATOR,
    "circle.enter_holiday": FACILITATOR, "circle.remove_holiday": FACILITATOR,
    "circle.end": FACILITATOR,
    "circle.begin_next": FACILITATOR, "circle.still": MEMBER, "circle.take_yield_back": FACILITATOR,
    "circle.belongs": COMMUNITY, "circle.others": FACILITATOR, "circle.count": FACILITATOR,
    "circle.narrow": FACILITATOR, "circle.aside": FACILITATOR, "circle.bring": FACILITATOR,
    "circle.teachers": FACILITATOR, "circle.set_away": FACILITATOR, "circle.not_away": FACILITATOR,
    "circle.texts": COMMUNITY, "circle.take_text_back": COMMUNITY, "circle.mend_text": COMMUNITY,
    "circle.hide_text": FACILITATOR, "circle.hide_ask_me": FACILITATOR,
    "circle.seat": FOLLOWERS,
    "circle.be_away": MEMBER, "circle.be_back": MEMBER,
    "circle.my_hours": COMMUNITY, "circle.add_hours": COMMUNITY, "circle.send_hours": COMMUNITY,
    "circle.withdraw_hours": COMMUNITY, "circle.answer_hours": COMMUNITY, "circle.dispute_hours": COMMUNITY,
    "circle.my_hours_csv": COMMUNITY, "circle.my_hours_xlsx": COMMUNITY,
    # Whom a pot names approves, whatever they are besides: the pages look at that.
    "circle.hours_proof": APPROVERS, "circle.to_approve": APPROVERS, "circle.approve_hours": APPROVERS,
    "circle.return_hours": APPROVERS, "circle.query_hours": APPROVERS, "circle.uphold_hours": APPROVERS,
    "circle.correct_hours": APPROVERS, "circle.approved_csv": APPROVERS, "circle.approved_xlsx": APPROVERS,
    "circle.hours_pots": FOLLOWERS, "circle.make_pot": FACILITATOR, "circle.stop_pot": FACILITATOR,
    "circle.name_approver": FACILITATOR,
    "circle.sessions": COMMUNITY, "circle.session_page": COMMUNITY, "circle.check_in": COMMUNITY,
    "circle.leave_session": COMMUNITY, "circle.confirm_attendance": COMMUNITY, "circle.dispute_attendance": COMMUNITY,
    "circle.send_attended": COMMUNITY, "circle.answer_attendance": APPROVERS,
    # Of these also whether they may see who was there: the pages look at that.
    "circle.open_session": FACILITATOR, "circle.session_letters": FACILITATOR, "circle.keep_list": FACILITATOR,
    "circle.close_list": FACILITATOR, "circle.cancel_session": FACILITATOR, "circle.correct_list": FACILITATOR,
    "circle.paper": FACILITATOR, "circle.read_paper": FACILITATOR, "circle.keep_paper": FACILITATOR,
    "circle.closing_pot": FACILITATOR, "circle.close_pot": FACILITATOR,
    # Whoever holds the address of somebody's hours: it is the secret.
    "handed.page": PUBLIC, "handed.csv": PUBLIC, "handed.xlsx": PUBLIC, "handed.record": PUBLIC,
    "circle.hand_hours": ASKED,
    # Under a launch of an approve activity. Everybody there: whoever opened it.
    "approving.arrive": EVERYBODY, "approving.language": EVERYBODY, "approving.my_sessions": EVERYBODY,
    "approving.end_session": EVERYBODY, "approving.hours_proof": APPROVERS, "approving.to_approve": APPROVERS,
    "approving.approve_hours": APPROVERS, "approving.return_hours": APPROVERS, "approving.query_hours": APPROVERS,
    "approving.uphold_hours": APPROVERS, "approving.correct_hours": APPROVERS, "approving.approved_csv": APPROVERS,
    "approving.approved_xlsx": APPROVERS, "approving.pot_pack": APPROVERS, "approving.answer_attendance": APPROVERS,
    "circle.my_pack": COMMUNITY, "circle.pot_pack": APPROVERS, "circle.accept_hours": COMMUNITY,
    "circle.hours_files": APPROVERS, "circle.ask_hours_file": APPROVERS, "circle.hours_file": APPROVERS,
    "approving.hours_files": APPROVERS, "approving.ask_hours_file": APPROVERS, "approving.hours_file": APPROVERS,
    "circle.plan_hours": COMMUNITY, "circle.set_tariff": FACILITATOR,
    "circle.carry_pot": FACILITATOR, "circle.decide_pot": FACILITATOR, "circle.pot_profiles": FACILITATOR,
    "circle.assign_session": APPROVERS, "circle.unassign_session": APPROVERS,
    "approving.assign_session": APPROVERS, "approving.unassign_session": APPROVERS,
    "circle.ask_room": COMMUNITY, "circle.give_room": APPROVERS, "approving.give_room": APPROVERS,
    "circle.hours_accounts": LMS_ADMINISTRATOR, "circle.answer_account": COMMUNITY,
    "circle.propose_accounts": LMS_ADMINISTRATOR,
    "circle.part_accounts": LMS_ADMINISTRATOR,
    # What somebody is to a school, not to a community.
    "administration.overview": READERS, "administration.language": READERS, "administration.trail": READERS,
    "administration.administrators": ADMINISTRATORS, "administration.name_administrator": ADMINISTRATORS,
    "administration.end_administrator": ADMINISTRATORS, "administration.answer_administrator": ADMINISTRATORS,
    "administration.templates": READERS, "administration.mark_template": ADMINISTRATORS,
    "administration.unmark_template": ADMINISTRATORS,
    "administration.packs": READERS, "administration.pack": READERS, "administration.pack_pdf": READERS,
    **{
        f"administration.{each}": ADMINISTRATORS
        for each in (
            "provision", "read_provision", "apply_provision", "answer_provision", "provision_file",
            "school", "name_school", "open_school", "join_schools", "split_school",
            "settings", "set_for_school", "course_settings", "set_for_course",
            "courses", "course", "course_facilitator", "course_standing", "course_roster", "course_archive",
            "course_delete", "course_deleted", "deployments", "deployment",
            "course_divide", "course_put", "course_split", "course_groups", "course_join", "course_move",
            "year", "look", "year_turn", "year_turn_apply",
            "school_pots", "make_school_pot", "school_pot", "open_school_pot", "school_pot_people", "school_pot_rules",
            "hold_school_pot", "stop_school_pot", "closing_school_pot", "close_school_pot", "lifting_pot", "lift_pot",
        )
    },
    "circle.administer": LMS_ADMINISTRATOR, "circle.type_code": LMS_ADMINISTRATOR,
    "circle.ask_to_administer": LMS_ADMINISTRATOR,
    # And who places activities or facilitates: the page looks at that.
    "circle.practise": EVERYBODY, "circle.begin_practice": EVERYBODY, "circle.end_practice": EVERYBODY,
    "circle.leave_practice": EVERYBODY, "circle.practise_colleagues": FACILITATOR,
    # And who approves of the pot: the page looks at that.
    "circle.pot_holders": FOLLOWERS, "circle.hold_pot": FACILITATOR,
}  # fmt: skip


def test_every_address_is_for_whom_the_table_says(shared_world: World) -> None:
    app = shared_world.tool.app
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {endpoint: audience.declared(app, endpoint) for endpoint in there} == FOR


@pytest.mark.parametrize(
    "declare",
    [
        lambda view: view,
        audience.audience(frozenset[Audience]()),
        # Whom of a community it is for cannot be known at an address of none.
        audience.audience(COMMUNITY),
    ],
)
def test_the_application_does_not_start_with_a_view_that_does_not_say_whom_it_is_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, declare: Callable[[Any], Any]
) -> None:
    from lti_tool import circle

    kept = circle.init_app
    desk = Blueprint("desk", __name__)
    desk.get("/desk")(declare(lambda: "hours"))

    def with_one_more(app: Flask) -> None:
        kept(app)
        app.register_blueprint(desk)

    monkeypatch.setattr(circle, "init_app", with_one_more)
    with pytest.raises(TypeError, match=r"desk\..* declares no audience"):
        create_app(Settings(database_url=f"sqlite:///{tmp_path}/x.db", keys_dir=tmp_path, allow_private_hosts=True))


def test_a_view_that_says_nothing_lets_nobody_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What start-up would have refused is refused at the door too."""
    monkeypatch.setitem(world.tool.app.view_functions, "health.healthz", lambda: "alive")
    answer = world.tool.app.test_client().get("/healthz", base_url=world.tool.url)
    assert answer.status_code == 404
