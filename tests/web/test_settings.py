"""What a school sets holds everywhere: names of steps and people, who facilitates, minutes, how long it stays."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain.school import dividing, settings
from lti_tool.domain.school.settings import Name, Scope
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Cycle, Member, Moment, Person, StepRun
from lti_tool.models.school import SchoolAct
from lti_tool.models.voices import Contribution
from tests.actors import World
from tests.web.ended import Ended
from tests.web.test_administration import below, power
from tests.web.test_administrators import acts, as_admin
from tests.web.test_schools import another, school_id_of_first
from tests.web.walk import Visit, paths, visit


@pytest.fixture
def at(world: World) -> Visit:
    """The administrators' pages, of a school in which a cycle has begun."""
    world.begin("fatima", "bram")
    as_admin(world)
    power(world, "admin")
    return below(as_admin(world))


# Names of the steps


def test_the_school_s_name_of_a_step_is_said_everywhere_and_put_back(world: World, at: Visit) -> None:
    assert 'placeholder="Ambitie"' in at.get("settings").html
    fields = {"setting": "step_names", "part-ambition.nl": "  Ons   doel ", "part-ambition.en": "Our aim"}
    assert at.post("settings", fields).status == 303
    assert "1. Ons doel / Our aim" in at.get("settings").text
    member = visit(world, "fatima")
    for page in ("home", "step/ambition"):
        assert "Ons doel" in member.get(page).text, page
    assert "1. Ons doel" in at.get("courses").text
    # What is placed from now on is called so, in the community's language; what is there keeps its name.
    picked = world.as_("wout").select_content()
    assert "1 Ons doel" in picked.html
    member.post("language", language="en")
    assert "Our aim" in member.get("step/ambition").text
    assert at.post("settings", setting="step_names", inherit="1").status == 303
    assert "Our aim" not in member.get("step/ambition").text
    assert "Ons doel" not in world.as_("wout").select_content().html
    assert acts(world) == ["setting_set", "setting_cleared"]


def test_what_was_typed_stays_where_a_name_is_refused(world: World, at: Visit) -> None:
    fields = {"setting": "step_names", "part-ambition.nl": "<b>Doel</b>", "part-actions.nl": "Aan de slag"}
    page = at.post("settings", fields)
    assert page.status == 422
    assert "gewone leestekens" in page.text
    assert "&lt;b&gt;Doel&lt;/b&gt;" in page.html
    assert "<b>Doel" not in page.html
    assert 'value="Aan de slag"' in page.html
    assert acts(world) == []


# Names of people


def test_with_numbers_nobody_is_named_on_any_page(world: World, at: Visit) -> None:
    with world.tool.session() as session:
        names = [each for each in session.scalars(select(Person.name)) if each]
    assert len(names) > 3
    assert at.post("settings", setting="names", value="pseudonyms").status == 303
    for who in ("wout", "fatima", "admin"):
        world.as_(who).launch()
    world.tool.deliver()
    with world.tool.session() as session:
        assert set(session.scalars(select(Person.name))) == {""}
    seen = {"wout": visit(world, "wout"), "fatima": visit(world, "fatima")}
    for who, reader in seen.items():
        for path in ("home", "community", "belonging", "step/ambition", "step/ambition/invitations", "hours/pots"):
            page = reader.get(path)
            assert [each for each in names if each in page.html] == [], (who, path)
    assert "Lid " in seen["wout"].get("community").text
    assert seen["fatima"].get("community").text.count("(jij)") == 1
    for path in ("courses", "courses/1", "trail", "settings"):
        assert [each for each in names if each in at.get(path).html] == [], path


def test_what_was_set_is_said_where_it_stands(at: Visit) -> None:
    done = at.post("settings", setting="facilitation", value="teachers")
    where = done.response.headers["Location"]
    assert where.endswith("?saved=facilitation#facilitation")
    page = at.get("settings?saved=facilitation")
    said = page.soup.select_one("section[aria-labelledby=facilitation] [role=status]")
    assert said is not None
    assert said.get_text() == "Bewaard."
    assert len(page.soup.select("[role=status]")) == 1
    assert not at.get("settings?saved=nothing").soup.select("[role=status]")


# Who may facilitate


def test_where_only_teachers_may_a_learner_does_not_take_it_over(world: World, at: Visit) -> None:
    assert at.post("settings", setting="facilitation", value="teachers").status == 303
    with world.tool.session() as session:
        for member in session.scalars(select(Member).where(Member.facilitates)):
            member.facilitated_on = dt.date(2020, 1, 1)
        session.commit()
    learner = visit(world, "fatima")
    home = learner.get("home")
    assert "take-over" not in home.html
    assert "Niemand begeleidt ons nu" in home.text, "and it is said who can"
    assert "begeleidt wie docent is in deze cursus" in home.text
    page = learner.get("take-over")
    assert "alleen wie docent is" in page.text
    assert not page.has_form("/take-over")
    refused = learner.post("take-over", answer="yes")
    assert refused.status == 422
    assert "alleen wie docent is" in refused.text


def test_where_only_named_ones_may_a_facilitator_names_nobody(world: World, at: Visit) -> None:
    assert at.post("settings", setting="facilitation", value="named").status == 303
    page = visit(world, "wout").get("community")
    assert "zegt een beheerder van Leerkring wie begeleidt" in page.text
    assert not page.has_form("/name")


# What a step is worth


def test_the_school_s_minutes_are_suggested_until_a_community_chooses_its_own(world: World, at: Visit) -> None:
    fields = {"setting": "tariff", "part-ambition": "45", "part-actions": "30", "part-actions.action": "15"}
    assert at.post("settings", fields).status == 303
    assert "Stap 1: 45 minuten" in at.get("settings").text
    facilitator, member = visit(world, "wout"), visit(world, "fatima")
    assert "45 min" in facilitator.get("hours/pots").text
    with world.tool.session() as session:
        run = session.scalars(select(StepRun).where(StepRun.step == "ambition")).one()
        run.closed_at, run.stage = now(), "closed"
        fatima = session.scalars(select(Member).join(Person).where(Person.sub == str(world.person("fatima").id))).one()
        session.add(Moment(step_run_id=run.id, member_id=fatima.id, kind="input"))
        session.commit()
    assert "45 min van ‘" in member.get("hours").text
    assert member.get("hours").has_form("/hours/accept")
    # Turned off here, whatever the school has.
    assert facilitator.post("hours/tariff", off="yes").status == 303
    assert "45 min van ‘" not in member.get("hours").text
    assert not member.get("hours").has_form("/hours/accept")
    assert "45 min" not in facilitator.get("hours/pots").text


@pytest.mark.parametrize("typed", ["een uur", "-1", "99999", "1441", "٤٥"])
def test_what_are_no_minutes_is_refused_and_stays_there(world: World, at: Visit, typed: str) -> None:
    page = at.post("settings", {"setting": "tariff", "part-ambition": typed})
    assert page.status == 422
    assert f'value="{typed}"' in page.html
    assert acts(world) == []


# How long it stays


def over(world: World) -> None:
    """The only cycle is over, and long ago."""
    with world.tool.session() as session:
        ended = Ended(session, decision="")
        ended.add("ambition", "idea", {"text": "Woorden van iemand", "why": ""})
        for run in ended.runs.values():
            run.closed_at, run.outcome = now() - dt.timedelta(days=800), "Waar het op uitkwam."
        session.commit()


def test_it_is_looked_at_confirmed_and_done_by_the_worker_a_day_later(any_world: World) -> None:
    world = any_world
    world.begin("fatima", "bram")
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    over(world)
    shown = at.post("settings", setting="retention", value="2+")
    assert shown.status == 200
    assert "2 jaar, en ook de opbrengsten gaan dan weg" in shown.text
    assert "Waarvan de inhoud morgen weggaat1" in shown.text.replace("\n", "").replace(" 1", "1")
    assert "Woorden van iemand" not in shown.text
    assert acts(world) == []
    # Not without having seen it, nor by who saw something else.
    assert at.post("settings", setting="retention", value="2+", seen="7").status == 422
    assert acts(world) == []
    assert shown.form("/settings").submit().status == 200
    assert acts(world) == ["setting_set"]
    world.tool.deliver()
    with world.tool.session() as session:
        assert session.scalars(select(Contribution)).all(), "not yet"
    with time_machine.travel(now() + dt.timedelta(days=1, minutes=1), tick=False):
        world.tool.deliver()
        member = visit(world, "fatima")
        with world.tool.session() as session:
            assert session.scalars(select(Contribution)).all() == []
            assert session.scalars(select(Cycle.emptied_at)).one() is not None
            assert session.scalars(select(SchoolAct.kind).order_by(SchoolAct.id.desc())).first() == "contents_removed"
        page = member.get("step/ambition")
        assert page.status == 410
        assert "De inhoud is weggehaald" in page.text
        assert member.get("home").status == 200
        assert "Inhoud van een groep weggehaald" in below(as_admin(world)).get("trail").text
        # Every page there is: said in a sentence, or shown without it.
        facilitator = visit(world, "wout")
        for path in paths(world, "GET"):
            for reader in (member, facilitator):
                assert reader.get(path).status < 500, path


def test_a_day_is_left_to_put_it_back(world: World, at: Visit) -> None:
    over(world)
    assert at.post("settings", setting="retention", value="1").form("/settings").submit().status == 200
    assert at.post("settings", setting="retention", inherit="1").form("/settings").submit().status == 200
    with time_machine.travel(now() + dt.timedelta(days=2), tick=False):
        world.tool.deliver()
    with world.tool.session() as session:
        assert session.scalars(select(Contribution)).all()
        assert session.scalars(select(Cycle.emptied_at)).one() is None
    assert acts(world) == ["setting_set", "setting_cleared"]


def test_joining_a_school_makes_its_contents_subject_to_nothing_that_was_not_looked_at(world: World, at: Visit) -> None:
    other = another(world)
    with world.tool.session() as session:
        mine = school_id_of_first(world)
        settings.keep(session, Scope(school_id=mine), Name.RETENTION, "1", OPERATOR, looked=True)
        session.flush()
        dividing.join(session, other, mine, OPERATOR)
        assert [each for each in settings.shown(session, Scope(school_id=mine)) if each.own] == []
        session.rollback()
