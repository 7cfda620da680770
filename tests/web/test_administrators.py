"""Who administers: by the one-time code, by naming, by asking; and never by what the LMS calls somebody."""

import datetime as dt
import threading

import pytest
import time_machine
from sqlalchemy import select, text, update

from lti_tool.domain import erasure
from lti_tool.domain.school import administrators, codes, trail
from lti_tool.domain.school.trail import OPERATOR, Actor
from lti_tool.models import Course, Deployment, Person, Registration
from lti_tool.models.school import Administrator, AdministratorCode, Power, SchoolAct
from tests.actors import Page, World
from tests.web.circle import STEPS
from tests.web.test_administration import below, power
from tests.web.walk import ADMINISTRATOR_ONLY, Visit, visit

# What somebody types that is no code.
HOSTILE = ["", " ", "AAAA-AAAA-AAAA", "\u202eAAAA", "🦊" * 50, "A" * 5000, "' OR 1=1 --", "%", "İ", "ß" * 12]


def school_id(world: World) -> int:
    with world.tool.session() as session:
        return session.scalars(select(Deployment.school_id)).one()


def person_id(world: World, username: str) -> int:
    with world.tool.session() as session:
        query = select(Person.id).where(Person.sub == str(world.person(username).id))
        return session.scalars(query).one()


def new_code(world: World) -> str:
    with world.tool.session() as session:
        registration = session.scalars(select(Registration.id)).one()
        made = codes.make(session, registration, hashed(world))
        session.commit()
        return made


def hashed(world: World) -> codes.Hash:
    with world.tool.app.app_context():
        from lti_tool.parts import parts

        return parts().sessions.hash


def acts(world: World) -> list[str]:
    with world.tool.session() as session:
        return list(session.scalars(select(SchoolAct.kind).order_by(SchoolAct.id)))


def as_admin(world: World, username: str = "admin") -> Visit:
    return visit(world, username, **ADMINISTRATOR_ONLY)


def typed(at: Visit, code: str) -> Page:
    return at.post("administer/code", administrator_code=code)


def test_who_registered_types_the_code_and_administers(any_world: World) -> None:
    code = new_code(any_world)
    at = as_admin(any_world)
    assert below(at).get("").status == 403
    assert "Beheer jij Leerkring voor je school?" in at.first.text
    page = at.first.link("administer")
    # Small letters, spaces: however somebody writes it.
    done = page.form("/administer/code").submit(administrator_code=code.lower().replace("-", " "))
    assert done.status == 200
    assert "Wie beheert" in done.text
    now_is = "Je beheert Leerkring nu voor deze school."
    assert [each.get_text() for each in done.soup.select("[role=status]")] == [now_is]
    assert now_is not in below(at).get("").text
    assert acts(any_world) == ["administrator_came"]
    # Once: nobody else comes in by it.
    assert typed(as_admin(any_world, "els"), code).status == 422
    assert below(as_admin(any_world, "els")).get("").status == 403


def test_only_a_keyed_hash_of_the_code_is_kept(world: World) -> None:
    code = new_code(world)
    with world.tool.session() as session:
        kept = session.scalars(select(AdministratorCode)).one()
        assert code.replace("-", "") not in str(vars(kept))
        assert len(kept.code_hash) == 64


@pytest.mark.parametrize("said", HOSTILE)
def test_what_is_no_code_is_refused_in_a_sentence_and_not_shown_back(world: World, said: str) -> None:
    new_code(world)
    page = typed(as_admin(world), said)
    assert page.status == 422
    assert "Deze code klopt niet" in page.text
    assert said.strip() == "" or said not in page.html
    assert acts(world) == []


def test_wrong_tries_are_limited_and_kept(world: World) -> None:
    code = new_code(world)
    at = as_admin(world)
    for _ in range(codes.TRIES):
        assert "Deze code klopt niet" in typed(at, "AAAA-AAAA-AAAA").text
    assert "te vaak een verkeerde code" in typed(at, code).text
    with time_machine.travel(dt.datetime.now(dt.UTC) + codes.TRIES_PER, tick=False):
        assert typed(as_admin(world), code).status == 303


def test_a_code_lasts_a_week_and_a_new_one_replaces_it(world: World) -> None:
    old = new_code(world)
    new = new_code(world)
    at = as_admin(world)
    assert typed(at, old).status == 422
    with time_machine.travel(dt.datetime.now(dt.UTC) + codes.LIFE, tick=False):
        late = as_admin(world)
        assert not late.get("administer").has_form("/administer/code")
        assert typed(late, new).status == 422
    assert typed(as_admin(world), new).status == 303


def test_a_code_of_one_registration_opens_nothing_at_another(world: World) -> None:
    with world.tool.session() as session:
        known = session.scalars(select(Registration)).one()
        copied = {name: getattr(known, name) for name in ("auth_login_url", "auth_token_url", "key_set_url")}
        other = Registration(issuer="https://other.example", client_id="x", **copied)
        session.add(other)
        session.flush()
        code = codes.make(session, other.id, hashed(world))
        session.commit()
    assert typed(as_admin(world), code).status == 422


def test_the_code_shows_where_a_registration_ends_unless_somebody_administers(world: World) -> None:
    with world.tool.session() as session:
        registration = session.scalars(select(Registration.id)).one()
        assert codes.first(session, registration, hashed(world))
        session.commit()
    as_admin(world)
    power(world, "admin")
    with world.tool.session() as session:
        assert codes.first(session, registration, hashed(world)) is None


def test_an_administrator_names_others_among_known_people_of_the_school(any_world: World) -> None:
    world = any_world
    world.begin("fatima", "youssef")
    admin = as_admin(world)
    power(world, "admin")
    at = below(admin)
    page = at.get("administrators?name=fatima")
    assert "Fatima" in page.text
    done = page.form("/administrators", 'name="person"').submit(
        person=str(person_id(world, "fatima")), power="administrator"
    )
    assert done.status == 200
    assert "benoemd door" in done.text
    fatima = below(visit(world, "fatima"))
    assert fatima.get("administrators").status == 200
    # The one who is named ends the other's; the last one stays.
    ended = fatima.get("administrators")
    number = next(
        str(tag["value"])
        for tag in ended.soup.find_all("input", attrs={"name": "administrator"})
        if "Fatima" not in tag.parent.parent.get_text()
    )
    assert fatima.post("administrators/end", administrator=number).status == 303
    assert at.get("").status == 403
    mine = str(fatima.get("administrators").soup.find("input", attrs={"name": "administrator"})["value"])  # type: ignore[index]
    assert "houdt altijd een beheerder" in fatima.post("administrators/end", administrator=mine).text
    assert acts(world) == ["administrator_named", "administrator_ended"]
    done = fatima.get("trail").text
    assert "Iemand benoemd: beheerder" in done
    assert "Beëindigd wat iemand was" in done


@pytest.mark.parametrize("person", ["", "0", "-1", "abc", "99999999999999999999", "1e3", "２", "4711"])
def test_nobody_is_named_who_is_not_of_the_school(world: World, person: str) -> None:
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    for path, fields in (
        ("administrators", {"person": person, "power": "administrator"}),
        ("administrators/end", {"administrator": person}),
        ("administrators/answer", {"request": person, "answer": "yes"}),
    ):
        if path.endswith("end") and person == "1":
            continue
        assert at.post(path, fields).status == 422, path
    assert acts(world) == []


def test_somebody_of_another_school_is_not_found_and_not_named(world: World) -> None:
    world.begin("fatima")
    as_admin(world)
    with world.tool.session() as session:
        known = session.scalars(select(Deployment)).one()
        other = Deployment(registration_id=known.registration_id, deployment_id="other", approved=True)
        session.add(other)
        session.commit()
        other_school = other.school_id
    power(world, "admin", school_id=other_school)
    fatima = person_id(world, "fatima")
    with world.tool.session() as session:
        assert administrators.found(session, other_school, "fatima") == []
        assert [each.name for each in administrators.found(session, known.school_id, "fatima")] != []
        assert not administrators.is_known(session, other_school, fatima)


def test_the_lms_s_administrator_asks_and_an_administrator_answers(world: World) -> None:
    els = as_admin(world, "els")
    # Nobody is there to answer.
    assert "Nog niemand beheert Leerkring" in els.post("administer/ask").text
    as_admin(world)
    power(world, "admin")
    with world.tool.session() as session:
        session.execute(text("UPDATE registration SET family = 'moodle'"))
        session.commit()
    assert els.get("administer").form("/administer/ask").submit().status == 200
    assert "bij de beheerders" in els.post("administer/ask").text
    at = below(as_admin(world))
    asked = at.get("")
    assert "1 vraag om Leerkring te mogen beheren" in asked.text
    page = asked.link("/administrators")
    assert "vraagt om beheerder te worden" in page.text
    request = str(page.soup.find("input", attrs={"name": "request"})["value"])  # type: ignore[index]
    assert at.post("administrators/answer", request=request, answer="no").status == 303
    assert "vraag om Leerkring" not in at.get("").text
    assert "niet lang geleden afgewezen" in els.post("administer/ask").text
    with time_machine.travel(dt.datetime.now(dt.UTC) + administrators.ASK_AGAIN, tick=False):
        again = as_admin(world, "els")
        assert again.post("administer/ask").status == 303
        at = below(as_admin(world))
        assert at.post("administrators/answer", request=request, answer="yes").status == 303
        assert below(again).get("").status == 200
        # Answered once.
        assert at.post("administrators/answer", request=request, answer="yes").status == 422
    assert acts(world) == [
        *("administrator_asked", "administrator_refused", "administrator_asked", "administrator_named"),
    ]


def test_where_a_course_s_staff_is_called_administrator_nobody_asks(world: World) -> None:
    """O10: Open edX names no family, and calls so every member of a course's staff."""
    as_admin(world)
    power(world, "admin")
    with world.tool.session() as session:
        session.execute(text("UPDATE registration SET family = ''"))
        session.commit()
    els = as_admin(world, "els")
    assert not els.get("administer").has_form("/administer/ask")
    assert els.post("administer/ask").status == 422
    assert acts(world) == []


def test_two_who_end_each_other_at_once_leave_one(any_world: World) -> None:
    world = any_world
    for name in ("admin", "els"):
        as_admin(world, name)
        power(world, name)
    school = school_id(world)
    with world.tool.session() as session:
        ids = {row.person_id: row.id for row in session.scalars(select(Administrator))}
    barrier, refused = threading.Barrier(2), []

    def end(by: int, other: int) -> None:
        with world.tool.session() as session:
            barrier.wait()
            try:
                administrators.end(session, school, ids[other], Actor(by))
                session.commit()
            except Exception as error:
                refused.append(error)

    one, other = ids
    threads = [threading.Thread(target=end, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.tool.session() as session:
        left = session.scalars(select(Administrator).where(Administrator.ended_at.is_(None))).all()
    assert len(left) == 1
    assert len(refused) == 1


def test_the_trail_cannot_be_changed(any_world: World) -> None:
    as_admin(any_world)
    school, admin = school_id(any_world), person_id(any_world, "admin")
    with any_world.tool.session() as session:
        administrators.name(session, school, admin, Power.OFFICER, Actor(None))
        session.commit()
    for change in ("UPDATE school_act SET kind = 'x'", "DELETE FROM school_act"):
        with any_world.tool.session() as session, pytest.raises(Exception, match="never changed"):
            session.execute(text(change))


def test_an_officer_reads_the_trail_without_whom_it_is_about(world: World) -> None:
    world.begin("fatima")
    as_admin(world)
    power(world, "admin")
    visit(world, "els")
    power(world, "els", Power.OFFICER)
    at = below(as_admin(world))
    assert at.post("administrators", person=str(person_id(world, "fatima")), power="officer").status == 303
    assert "Fatima" in at.get("trail").text
    officer = below(visit(world, "els")).get("trail")
    assert "Iemand benoemd" in officer.text
    assert "Fatima" not in officer.text


def test_the_trail_is_paged_and_filtered(world: World) -> None:
    from lti_tool.administration import trail as page

    as_admin(world)
    power(world, "admin")
    school = school_id(world)
    with world.tool.session() as session:
        for _ in range(page.AT_A_TIME + 5):
            trail.note(session, trail.Kind.ADMINISTRATOR_ASKED, Actor(None), school_id=school)
        trail.note(session, trail.Kind.ADMINISTRATOR_CAME, Actor(None), school_id=school)
        session.commit()
    at = below(as_admin(world))
    first = at.get("trail")
    assert first.text.count("via opdracht") == page.AT_A_TIME
    assert at.get("trail?page=1").text.count("beheerder via opdracht") == 6
    only = at.get("trail?kind=administrator_came")
    assert only.text.count("beheerder via opdracht") == 1
    for odd in ("page=-1", "page=99999999999", "page=²", "kind=nothing", "kind=%00", "page=99999"):
        assert at.get(f"trail?{odd}").status == 200, odd


def test_who_is_erased_administers_nothing_and_the_trail_says_that_it_ended(any_world: World) -> None:
    any_world.begin("fatima")
    school, fatima = school_id(any_world), person_id(any_world, "fatima")
    with any_world.tool.session() as session:
        administrators.name(session, school, fatima, Power.ADMINISTRATOR, OPERATOR)
    with any_world.tool.session() as session:
        erasure.erase(session, fatima, STEPS)
        assert administrators.listed(session, school) == []
    assert acts(any_world) == ["administrator_named", "administrator_ended"]


# Without names


def test_administrators_without_a_name_can_be_told_apart(world: World) -> None:
    world.begin("fatima")
    as_admin(world)
    power(world, "admin")
    at = below(as_admin(world))
    fatima = str(person_id(world, "fatima"))
    assert at.post("administrators", {"person": fatima, "power": "administrator"}).status == 303
    as_admin(world, "els").post("administer/ask")
    with world.tool.session() as session:
        course = session.scalars(select(Course.id)).one()
    assert at.post(f"settings/course/{course}", setting="names", value="pseudonyms").status == 303
    with world.tool.session() as session:
        assert set(session.scalars(select(Person.name))) == {""}
    page = at.get("administrators")
    accounts = {each: str(world.person(each).id) for each in ("admin", "fatima", "els")}
    cards = [" ".join(each.get_text(" ").split()) for each in page.soup.select("main li .card")]
    assert "Beheerder 1 (jij): beheerder" in cards[0]
    assert "via opdracht of code" in cards[0]
    assert "Beheerder 2 : beheerder" in cards[1]
    assert "benoemd door Beheerder 1" in cards[1]
    assert accounts["fatima"] in cards[1]
    asks = page.soup.select_one("section.next h2")
    assert asks is not None
    assert accounts["els"] in asks.get_text()
    buttons = [" ".join(each.get_text().split()) for each in page.soup.select("main li button")]
    assert buttons == ["Beëindig: Beheerder 1, beheerder", "Beëindig: Beheerder 2, beheerder"]
    done = at.get("trail").text
    assert "(Beheerder 2)" in done
    assert "Beheerder 1," in done
    assert "gekozen door Beheerder 1 op" in at.get(f"settings/course/{course}").text


def test_what_concerns_an_administrator_in_a_community_does_not_say_which_one(world: World) -> None:
    """A number as administrator leads to nobody's number as a member."""
    world.begin("fatima")
    as_admin(world)
    power(world, "admin")
    power(world, "fatima")
    at = below(as_admin(world))
    about = {"school_id": school_id(world), "about_id": person_id(world, "fatima")}
    with world.tool.session() as session:
        session.execute(update(Person).values(name=""))
        trail.note(session, trail.Kind.STANDING_CORRECTED, OPERATOR, **about, detail={"chosen": "member"})
        session.commit()
    assert "Beheerder 2" not in at.get("trail").text


def test_an_officer_s_number_does_not_say_administrator(world: World) -> None:
    as_admin(world, "els")
    as_admin(world)
    power(world, "admin")
    power(world, "els", Power.OFFICER)
    school = school_id(world)
    with world.tool.session() as session:
        session.execute(update(Person).values(name=""))
        called = [each.called.nl for each in administrators.listed(session, school)]
    assert called == ["Beheerder 1", "Functionaris 2"]
