"""The school's pots on the administrators' pages: made once, opened to groups, lifted; and what a member sees."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.models import Community, Deployment
from lti_tool.models.hours import HoursPot, HoursRole
from lti_tool.models.provision import HoursNamed
from lti_tool.models.school import SchoolAct
from tests.actors import World
from tests.web.test_administration import below, power
from tests.web.test_administrators import HOSTILE, acts, as_admin, person_id, school_id
from tests.web.walk import Visit, visit

POT = {
    "name": "Scholing", "hours": "83", "first_day": "2026-08-01", "last_day": "2027-07-31", "review": "before",
    "arranging": "yes", "open_to": "all", "carries": "1",
}  # fmt: skip


@pytest.fixture
def world(any_world: World) -> World:
    any_world.begin("fatima", "marieke")
    return any_world


@pytest.fixture
def admin(world: World) -> Visit:
    at = as_admin(world)
    power(world, "admin")
    return below(at)


def pots(world: World) -> list[HoursPot]:
    with world.tool.session() as session:
        return list(session.scalars(select(HoursPot).order_by(HoursPot.id)))


def sub(world: World, username: str) -> str:
    return f"id:{world.person(username).id}"


def test_a_pot_of_the_school_is_made_once_and_every_group_has_it(world: World, admin: Visit) -> None:
    assert "nog geen potten" in admin.get("pots").text
    made = admin.post("pots", **POT, approves=sub(world, "wout"), deputizes="directeur@school.nl")
    assert made.status == 303, made.text
    (pot,) = pots(world)
    assert (pot.school_id, pot.community_id, pot.everywhere, pot.minutes) == (school_id(world), None, True, 83 * 60)
    page = admin.get(f"pots/{pot.id}")
    assert "Open voor alle groepen" in page.text
    assert "Wout" in page.text
    assert "een e-mailadres" in page.text
    assert "directeur@school.nl" not in page.text, "of whom is waited for no name is kept"
    for who in ("fatima", "marieke"):
        assert "Scholing" in visit(world, who).get("hours").text
    read = visit(world, "fatima").get("hours/pots").text
    assert "Deze pot is van de school" in read
    assert "Iets veranderen" not in read
    assert acts(world)[-3:] == ["pot_made", "pot_approver", "pot_approver"]


def test_what_a_pot_lacks_is_said_and_what_was_typed_is_kept(world: World, admin: Visit) -> None:
    for wrong, says in (
        ({"name": ""}, "Geef de pot een naam"),
        ({"hours": "veel"}, "Vul uren in"),
        ({"approves": ""}, "keurt"),
        ({"approves": "Wout de Vries"}, "geen e-mailadres"),
        ({"open_to": "some"}, "ten minste één groep"),
        ({"cap1_most": "x", "cap1_unit": "minutes", "cap1_per": "day"}, "grens"),
    ):
        page = admin.post("pots", **{**POT, "approves": sub(world, "wout"), **wrong})
        assert page.status == 422
        assert says.casefold() in page.text.casefold(), page.text[:3000]
        kept = page.soup.find("input", {"name": "hours"})
        assert kept is not None
        assert kept["value"] == wrong.get("hours", "83")
    assert pots(world) == []
    for typed in HOSTILE[2:]:
        # What has no space in it may be a login of somebody who is still to be met.
        assert admin.post("pots", **{**POT, "name": typed, "approves": typed}).status in (303, 422)


def test_who_approves_is_named_by_hand_or_as_a_list_names_people_and_taken_off(world: World, admin: Visit) -> None:
    admin.post("pots", **POT, approves=sub(world, "wout"))
    (pot,) = pots(world)
    page = admin.get(f"pots/{pot.id}?name=mari")
    assert "Marieke" in page.text
    at = f"pots/{pot.id}/people"
    assert admin.post(at, person=str(person_id(world, "marieke")), role="deputy").status == 303
    assert admin.post(at, called="adviseur", role="approver").status == 303
    assert admin.post(at, called="adviseur", role="approver").status == 422
    assert admin.post(at, person="999999", role="approver").status == 422
    with world.tool.session() as session:
        waits = session.scalars(select(HoursNamed)).one()
    assert admin.post(at, waits=str(waits.id)).status == 303
    assert admin.post(at, waits=str(waits.id)).status == 422
    assert admin.post(at, person=str(person_id(world, "wout")), out="yes").status == 303
    with world.tool.session() as session:
        now_ = set(session.scalars(select(HoursRole.person_id).where(HoursRole.until.is_(None))))
    assert now_ == {person_id(world, "marieke")}
    assert admin.post(at, person=str(person_id(world, "marieke")), out="yes").status == 422, "the last one stays"


def test_of_two_who_are_waited_for_each_button_says_which(world: World, admin: Visit) -> None:
    admin.post("pots", **POT, approves="josefien", deputizes="directeur@school.nl")
    (pot,) = pots(world)
    page = admin.get(f"pots/{pot.id}")
    assert "Nummer 1: iemand die nog niet is gezien, op" in page.text
    buttons = {each["value"]: each.get_text() for each in page.soup.select("button[name=waits]")}
    assert list(buttons.values()) == ["Wacht niet meer op nummer 1", "Wacht niet meer op nummer 2"]
    with world.tool.session() as session:
        first, second = session.scalars(select(HoursNamed).order_by(HoursNamed.id))
        assert [str(first.id), str(second.id)] == list(buttons), "in the order in which they were named"
    assert admin.post(f"pots/{pot.id}/people", waits=str(first.id)).status == 303
    # Of one alone no number is needed.
    page = admin.get(f"pots/{pot.id}")
    assert "Iemand die nog niet is gezien, op" in page.text
    assert "nummer" not in page.soup.select_one("button[name=waits]").get_text()  # type: ignore[union-attr]


def test_rules_parts_groups_and_stopping(world: World, admin: Visit) -> None:
    admin.post("pots", **POT, approves=sub(world, "wout"))
    (pot,) = pots(world)
    at = f"pots/{pot.id}"
    with world.tool.session() as session:
        community = session.scalars(select(Community.id)).one()
    assert admin.post(f"{at}/open", open_to="some", place=str(community)).status == 303
    assert "Open voor 1 groep" in admin.get(at).text
    assert admin.post(f"{at}/open", open_to="some").status == 422
    assert admin.post(f"{at}/rules", decision="assigned", rounds="30", carries="2", surplus="yes").status == 303
    who = str(person_id(world, "fatima"))
    assert admin.post(f"{at}/part", person=who, percent="50", first_day="2026-08-01").status == 303
    assert admin.post(f"{at}/part", person=who, percent="0").status == 422
    assert "41 uur 30 min" in visit(world, "fatima").get("hours").text
    assert admin.post(f"{at}/stop").status == 303
    (stopped,) = pots(world)
    assert (stopped.rounds, stopped.carries, stopped.stopped_at is not None) == (30, 2, True)
    assert acts(world)[-5:] == ["pot_opened", "pot_decided", "pot_carries", "pot_holder", "pot_stopped"]
    trail = admin.get("trail").text
    assert "Gezegd welke groepen een pot hebben" in trail


def test_a_groups_pot_is_lifted_once_it_was_looked_at(world: World, admin: Visit) -> None:
    facilitator = visit(world, "wout")
    made = facilitator.post(
        "hours/pots", name="Ontwikkeling", hours="50", first_day="2026-08-01", last_day="2027-07-31", review="before",
        whom="all", approvers=str(person_id(world, "marieke")), arranging="yes", decision="own",
    )  # fmt: skip
    assert made.status == 303, made.text
    assert "Ontwikkeling" in admin.get("pots").text
    (pot,) = pots(world)
    page = admin.get(f"pots/{pot.id}/lift")
    assert "Wat meetelt, verandert niet" in page.text
    assert pots(world)[0].school_id is None
    assert page.form("/lift").submit().status == 200
    assert pots(world)[0].school_id == school_id(world)
    assert facilitator.post("hours/pots/stop", pot=str(pot.id)).status == 422, "it is the school's to change"
    assert acts(world)[-1] == "pot_lifted"
    assert admin.get(f"pots/{pot.id}/lift").status == 404 or "Maak" in admin.get(f"pots/{pot.id}/lift").text


def test_a_period_is_closed_for_all_groups_at_once_and_not_before_it_is_over(world: World, admin: Visit) -> None:
    admin.post("pots", **{**POT, "first_day": "2025-08-01", "last_day": "2099-07-31"}, approves=sub(world, "wout"))
    assert pots(world) == [], "no period is that long"
    admin.post("pots", **{**POT, "first_day": "2024-08-01", "last_day": "2025-07-31"}, approves=sub(world, "wout"))
    (pot,) = pots(world)
    assert "De periode is voorbij" in admin.get(f"pots/{pot.id}").text
    shown = admin.get(f"pots/{pot.id}/close")
    assert "krijgen een eindstand" in shown.text
    assert shown.form("/close").submit().status == 200
    first, after = pots(world)
    assert first.closed_at is not None
    assert (after.school_id, after.first_day) == (school_id(world), dt.date(2025, 8, 1))
    assert "De periode loopt nog" not in admin.get(f"pots/{after.id}/close").text
    admin.post("pots", **{**POT, "first_day": "2098-08-01", "last_day": "2099-07-31"}, approves=sub(world, "wout"))
    early = pots(world)[-1]
    assert "De periode loopt nog" in admin.get(f"pots/{early.id}/close").text
    assert admin.post(f"pots/{early.id}/close").status == 422


def test_a_pot_of_another_school_is_none_here(world: World, admin: Visit) -> None:
    with world.tool.session() as session:
        known = session.scalars(select(Deployment)).first()
        assert known is not None
        other = Deployment(registration_id=known.registration_id, deployment_id="other", approved=True)
        session.add(other)
        session.flush()
        pot = HoursPot(
            school_id=other.school_id, everywhere=True, name="Van elders", first_day=dt.date(2026, 8, 1),
            last_day=dt.date(2027, 7, 31), review="none", for_all=True, evidence=False, arranging=True, caps=[],
        )  # fmt: skip
        session.add(pot)
        session.commit()
        number = pot.id
    assert "Van elders" not in admin.get("pots").text
    assert "Van elders" not in visit(world, "fatima").get("hours").text
    for path in ("", "/close", "/lift"):
        assert admin.get(f"pots/{number}{path}").status == 404
    for path in ("open", "people", "rules", "part", "stop", "close", "lift"):
        page = admin.post(f"pots/{number}/{path}", open_to="all", called="x", person="1", percent="50", decision="own")
        assert page.status == 404, path
    with world.tool.session() as session:
        assert not session.scalars(select(SchoolAct.id).where(SchoolAct.kind.startswith("pot_"))).all()


def test_in_english_too(world: World, admin: Visit) -> None:
    admin.post("pots", **POT, approves=sub(world, "wout"))
    (pot,) = pots(world)
    admin.post("language", language="en")
    assert "A pot of the school is made once" in admin.get("pots").text
    assert "Open to all groups of the school" in admin.get(f"pots/{pot.id}").text
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True):
        assert "This happens, for all groups at once" in admin.get(f"pots/{pot.id}/close").text
