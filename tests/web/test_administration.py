"""Every address of administration, for everyone there is: what somebody is to a school opens it, no role of the LMS."""

import pytest
from sqlalchemy import select

from lti_tool import pdf
from lti_tool.models import Deployment, Person
from lti_tool.models.school import Administrator, Power
from tests.actors import Browser, World
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, Visit, enrol, visit

# member, facilitating: of a community. lms: whom the LMS calls its administrator. guest: without a role. former: who
# administered it once. elsewhere: who administers another school. stranger: without a session.
WHO = ("administrator", "officer", "member", "facilitating", "lms", "guest", "former", "elsewhere", "stranger")

TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    #                 admin offic memb faci lms  gues form else stra
    ("GET", ""):      (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "provision"):              (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "provision"):             (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "provision/apply"):       (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "provision/answer"):      (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "provision/list.<any(csv, xlsx):ending>"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "language"): (303, 303, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "courses"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "courses/<int:number>"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "courses/<int:number>/delete"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/facilitator"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/standing"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/put"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/roster"): (303, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/archive"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/delete"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "courses/<int:number>/divide"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/divide/split"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/divide/groups"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/divide/join"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "courses/<int:number>/divide/move"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "deployments"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "deployments/<int:number>"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "year"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "year"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "year/<int:number>"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "year/<int:number>"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "pots"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "pots/<int:number>"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/open"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/people"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/rules"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/part"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/stop"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "pots/<int:number>/close"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/close"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "pots/<int:number>/lift"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "pots/<int:number>/lift"): (404, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "trail"): (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "administrators"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "administrators"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "administrators/end"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "administrators/answer"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "templates"): (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "templates"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "templates/unmark"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "school"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    # An empty name is none, and no day is open: nothing changes.
    ("POST", "school/name"): (303, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "school/opens"): (303, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "school/join"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "school/split"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "packs"): (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("GET", 'packs/<any("works-council", "processing"):which>'): (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("GET", 'packs/<any("works-council", "processing"):which>.pdf'): (200, 200, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "settings"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "settings"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "settings/course/<int:number>"): (200, 403, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "settings/course/<int:number>"): (422, 403, 403, 403, 403, 403, 403, 403, 401),
}  # fmt: skip


def power(world: World, username: str, power: Power = Power.ADMINISTRATOR, *, school_id: int | None = None) -> None:
    """Make somebody who came once an administrator or officer of their LMS's school, or of another."""
    with world.tool.session() as session:
        person = session.scalars(select(Person).where(Person.sub == str(world.person(username).id))).one()
        of = school_id or session.scalars(select(Deployment.school_id)).first()
        session.add(Administrator(school_id=of, person_id=person.id, power=power))
        session.commit()


def below(at: Visit) -> Visit:
    """The administrators' pages of somebody's launch."""
    return Visit(at.browser, at.first, f"/b/{at.base.split('/')[2]}/")


@pytest.fixture(scope="module")
def visits(shared_world: World) -> dict[str, Visit]:
    """Each at a browser of their own."""
    world = shared_world
    world.begin("fatima")
    enrol(world, "olga", "")
    found = {
        "administrator": visit(world, "admin", **ADMINISTRATOR_ONLY),
        "officer": visit(world, "els"),
        "member": visit(world, "fatima"),
        "facilitating": visit(world, "wout"),
        "lms": visit(world, "siobhan", **ADMINISTRATOR_ONLY),
        "guest": visit(world, "olga", **NO_ROLE),
        "former": visit(world, "youssef", **ADMINISTRATOR_ONLY),
        "elsewhere": visit(world, "mieke", **ADMINISTRATOR_ONLY),
    }
    power(world, "admin")
    power(world, "els", Power.OFFICER)
    power(world, "youssef")
    with world.tool.session() as session:
        known = session.scalars(select(Deployment)).first()
        assert known is not None
        other = Deployment(registration_id=known.registration_id, deployment_id="other", approved=True)
        session.add(other)
        once = session.scalars(select(Administrator).order_by(Administrator.id.desc())).first()
        assert once is not None
        once.ended_at = once.named_at
        session.commit()
        school_id = other.school_id
    power(world, "mieke", school_id=school_id)
    found["stranger"] = Visit(Browser(world.tool), found["administrator"].first, found["administrator"].base)
    return {name: below(at) for name, at in found.items()}


def path_of(rule: str) -> str:
    """An address of a rule."""
    return (
        rule.replace("<int:number>", "1")
        .replace("<any(csv, xlsx):ending>", "csv")
        .replace('<any("works-council", "processing"):which>', "processing")
    )


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_each_gets_what_the_table_says(
    visits: dict[str, Visit], monkeypatch: pytest.MonkeyPatch, method: str, rule: str
) -> None:
    # Who gets a PDF does not hang on how it is made (tests/web/test_packs.py).
    monkeypatch.setattr(pdf, "make", str.encode)
    for who, status in zip(WHO, TABLE[method, rule], strict=True):
        page = visits[who].get(path_of(rule)) if method == "GET" else visits[who].post(path_of(rule))
        assert page.status == status, (who, page.text[:300])
        assert page.response.headers["Cache-Control"] == "no-store", who


def test_the_table_has_every_address_there_is(shared_world: World) -> None:
    there = {
        (method, rule.rule.removeprefix("/b/<launch_id>/"))
        for rule in shared_world.tool.app.url_map.iter_rules()
        if rule.endpoint.startswith("administration.")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert there == set(TABLE)


def test_the_overview_has_its_links_under_three_headings_and_none_that_is_empty(visits: dict[str, Visit]) -> None:
    """Eleven links in the order of modules' names were no order to whoever looked for one."""
    found = {}
    for who in ("administrator", "officer"):
        cards = visits[who].get("").soup.select("main section.card")
        found[who] = {card.h2.get_text(): [a["href"].rpartition("/")[2] for a in card.select("li a")] for card in cards}
    assert found["administrator"] == {
        "Dit schooljaar": ["courses", "templates", "provision", "pots", "year"],
        "Mensen en rechten": ["deployments", "administrators"],
        "Instellingen en stukken": ["school", "settings", "packs", "trail"],
    }
    assert all(links for links in found["officer"].values())


@pytest.mark.parametrize("rule", [rule for method, rule in TABLE if method == "POST"])
def test_no_form_is_taken_from_another_site(visits: dict[str, Visit], rule: str) -> None:
    at = visits["administrator"]
    for site in ("cross-site", "same-site"):
        assert at.browser.post(at.base + path_of(rule), {}, site=site, follow=False).status == 403


def test_the_way_there_stands_at_home_for_whom_it_is_open_and_for_nobody_else(visits: dict[str, Visit]) -> None:
    for who in ("administrator", "officer", "member", "facilitating", "lms", "guest", "former", "elsewhere"):
        at = visits[who]
        home = Visit(at.browser, at.first, at.base.replace("/b/", "/l/"))
        page = home.get("home")
        page = home.get("welcome") if page.status == 303 else page
        assert ("Leerkring beheren" in page.text) == (who in ("administrator", "officer")), who
