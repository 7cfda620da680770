"""The red thread and the yields of others by their pages: what is there, for whom, and what it costs."""

import contextlib
import re
import shutil
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool import pdf
from lti_tool.demo.lms import Lms
from lti_tool.domain.thread import influence
from lti_tool.domain.thread.influence import Amount, Aspect, Mirror, Share, Spread
from lti_tool.models import Community, Course, Cycle, Member, Person, StepRun
from tests.actors import Page, Tool, World
from tests.conftest import ALL
from tests.web.circle import STEPS, Circle, fill
from tests.web.walk import Visit, base_of, visit
from tests.web.ways.interpretation import prepare
from tests.web.ways.seeded import Seeded, whole

MOST = 12
SMALL, LARGE = 6, 60 if ALL else 20


def seed(world: World, people: int = 5, actions: int = 0) -> None:
    """Steps 1 to 3 done by their members, steps 4 to 6 as rows."""
    with world.tool.session() as session:
        c: Circle = prepare(fill(session, people, "closed")).to("closed")
        s = Seeded(session, c.cycle, c.members)
        whole(s)
        for number in range(actions):
            s.log(s.action(s.of("interpretation", "attention")[:1], what=f"actie {number}"), done=f"les {number}")


def begun_and_done(world: World) -> None:
    world.begin("fatima", "marieke")
    seed(world)


@pytest.fixture
def told(world: World) -> Visit:
    """Fatima, in a community with a whole cycle behind it."""
    world.once(begun_and_done)
    return visit(world, "fatima")


def shared(world: World, told: Visit) -> tuple[Visit, Visit, int]:
    """Wout who facilitates here, Karin who facilitates next door, and the community next door."""
    world.place_cycle("karin", "PLG-TEC")
    page = world.as_("karin").launch(world.activity("ambition", "PLG-TEC"))
    page.form("/welcome").submit(choice="facilitate_and_join")
    karin = Visit(world.as_("karin").browser, page, base_of(page))
    with world.tool.session() as session:
        there = max(community.id for community in session.query(Community))
    return visit(world, "wout"), karin, there


# The thread


def test_the_page_tells_each_action_from_the_ambition_to_what_came_of_it(told: Visit) -> None:
    page = told.get("thread")
    assert page.status == 200
    articles = page.soup.select("article")
    assert [article.h2.get_text() for article in articles if article.h2] == [
        "elke dag tien minuten lezen", "een leeshoek maken",
    ]  # fmt: skip
    words = [dt.get_text() for dt in articles[0].select("dt")]
    assert words == [
        "Ons voorstel", "Aandachtspunt", "Meest waarschijnlijke verklaring", "Wat we zagen", "In deze gegevens",
        "Verzameld bij de vraag", "Voor onze ambitie", "Wat we deden en zagen", "Hoe het afliep",
        "Wat we nu weten, kunnen of vinden", "Is de ambitie uitgekomen? Genoemd in ons oordeel",
    ]  # fmt: skip
    assert re.search(r"#\d+ een gegeven", articles[0].get_text(" ", strip=True))
    assert "het rooster liep uit" in articles[0].get_text()
    assert "Een nieuw idee" in articles[1].get_text()
    assert "Samen lezen brengt rust." in page.text


def test_only_who_took_an_action_on_is_named(told: Visit, world: World) -> None:
    page = told.get("thread")
    with world.tool.session() as session:
        names = [
            name for name, in session.query(Person.name).join(Member, Member.person_id == Person.id)
        ]  # fmt: skip
    said = [name for name in names if name and name in page.text]
    lines = [article.select_one(".soft").get_text() for article in page.soup.select("article")]  # type: ignore[union-attr]
    assert said
    assert all(any(name in line for line in lines) for name in said)
    assert len(said) == 3


def test_a_lens_shows_what_is_about_it_and_no_other_word_breaks_the_page(told: Visit) -> None:
    through = told.get("thread?lens=teachers")
    assert [article.h2.get_text() for article in through.soup.select("article") if article.h2] == [
        "elke dag tien minuten lezen"
    ]
    assert "het rooster liep uit" in through.text
    assert "drie keer gelezen" not in through.text
    assert through.soup.find(id="loose") is None
    chosen = [each.get_text() for each in through.soup.select('.lenses [aria-current="true"]')]
    assert chosen == ["wat wij doen in de les"]
    assert told.get("thread?lens=collaboration").soup.select("article") == []
    for odd in ("nothing", "", "%00", "pupils'--", "x" * 5000):
        assert len(told.get(f"thread?lens={odd}").soup.select("article")) == 2


def test_what_hangs_loose_is_said_with_what_to_do(told: Visit, world: World) -> None:
    with world.tool.session() as session:
        c = prepare(fill(session, 5, "closed"))
        s = Seeded(session, c.cycle, c.members)
        s.add("interpretation", "attention", {"text": "het lawaai in de gang", "why": "x"})
        s.add("consequences", "action", {"what": "een los plan"})
        s.add("information", "question", {"text": "en thuis?"})
        s.add("information", "evidence", {"number": 77, "text": "ongebruikt", "lens": "pupils"})
    page = told.get("thread")
    loose = page.soup.find(id="loose").parent.get_text()  # type: ignore[union-attr]
    for words in ("een los plan", "het lawaai in de gang", "#77", "en thuis?"):
        assert words in loose
    assert len(page.soup.find(id="loose").parent.select("li .soft")) == len(  # type: ignore[union-attr]
        page.soup.find(id="loose").parent.select("li")  # type: ignore[union-attr]
    )


def test_of_many_experiences_the_first_three_stand_there_and_the_rest_is_folded(told: Visit, world: World) -> None:
    with world.tool.session() as session:
        c = prepare(fill(session, 5, "closed"))
        s = Seeded(session, c.cycle, c.members)
        action = s.of("consequences", "action")[0]
        for number in range(4):
            s.log(action, done=f"les {number}")
    folded = told.get("thread").soup.select("article details")
    assert [each.summary.get_text() for each in folded if each.summary] == ["Nog 3 ervaringen"]
    assert sum(f"les {number}" in folded[0].get_text() for number in range(4)) >= 2


def test_before_there_is_an_action_the_page_says_where_the_thread_begins(world: World) -> None:
    world.begin("fatima")
    page = visit(world, "fatima").get("thread")
    assert page.status == 200
    assert "begint" in page.text


def test_every_heading_and_id_is_in_order(told: Visit) -> None:
    page = told.get("thread")
    levels = [int(each.name[1]) for each in page.soup.select("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [each["id"] for each in page.soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_leader_outside_gets_no_thread_and_a_text_on_it_is_only_text(told: Visit, world: World) -> None:
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    for path in ("thread", "thread.pdf", "yields"):
        assert mieke.get(path).status == 403
    with world.tool.session() as session:
        c = prepare(fill(session, 5, "closed"))
        Seeded(session, c.cycle, c.members).action([], what="<script>alert(1)</script>")
    assert "<script>alert" not in told.get("thread").html


# As a PDF


@pytest.mark.skipif(pdf.available(), reason="the extra `pdf` is installed")
def test_without_the_extra_there_is_no_pdf_and_no_link_to_one(told: Visit) -> None:
    assert told.get("thread.pdf").status == 404
    assert "thread.pdf" not in told.get("thread").html


def unpacked(content: bytes) -> bytes:
    """A PDF with what is compressed in it laid out behind it."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            content += zlib.decompress(packed)
    return content


@pytest.mark.skipif(not pdf.available(), reason="needs the extra `pdf`")
def test_with_the_extra_the_thread_is_a_tagged_pdf_that_says_its_language_and_its_title(told: Visit) -> None:
    assert "thread.pdf" in told.get("thread").html
    answer = told.get("thread.pdf").response
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    content = unpacked(answer.get_data())
    assert content.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang"):
        assert mark in content, mark
    assert b"pdfuaid" in content


# What it costs


@pytest.fixture(scope="module")
def counted(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> list[dict[str, int]]:
    """Statements by page: of six people with two actions, and of twenty (sixty with --all) with twelve."""
    folder = tmp_path_factory.mktemp("threads")
    found = []
    for people, actions in ((SMALL, 0), (LARGE, 10)):
        shutil.copy(_migrated_sqlite, folder / f"{people}.db")
        with Lms.start() as lms, Tool(f"sqlite:///{folder}/{people}.db", keys_dir) as tool:
            world = World.placed(tool, lms)
            world.begin("fatima")
            seed(world, people - 1, actions)
            counts = {}
            for who, path in (
                ("fatima", "thread"),
                ("fatima", "thread?lens=pupils"),
                ("fatima", "yields"),
                ("wout", "yields"),
            ):
                at = visit(world, who)
                at.get(path)
                with world.tool.statements() as statements:
                    assert at.get(path).status == 200
                counts[f"{who} {path}"] = len(statements)
            found.append(counts)
    return found


def test_a_page_takes_few_statements_and_no_more_with_more_people(counted: list[dict[str, int]]) -> None:
    small, large = counted
    assert small == large
    assert max(large.values()) <= MOST, large


# Yields of others


def agreed(world: World) -> None:
    """All that decide on sharing agree."""
    with world.tool.session() as session:
        run = session.scalars(select(StepRun).filter_by(step="sharing", stage="consent")).one()
        of = session.get_one(Cycle, run.cycle_id)
        community = session.get_one(Community, of.community_id)
        members = session.query(Member).filter_by(community_id=community.id, standing="member").all()
        course = session.get_one(Course, community.course_id)
        Circle(session, course, community, of, run, STEPS.by_name["sharing"], members).rest("answer", answer="agree")


def test_a_yield_goes_to_the_other_community_by_consent_and_back_by_its_facilitator(told: Visit, world: World) -> None:
    wout, karin, there = shared(world, told)
    assert wout.post("yields/share", community=str(there)).status == 404, "no facilitator shares alone"
    assert "Naar het besluit over delen" in told.get("yields").text
    assert told.post("step/sharing/begin").status == 303
    page = told.get("step/sharing")
    assert page.form("/sharing/put").submit(communities=[str(there)]).status == 200
    assert "Delen met" in told.get("step/sharing").text
    assert "Samen lezen brengt rust." not in karin.get("yields").text
    agreed(world)
    assert "Jullie delen dit met" in told.get("step/sharing").text
    read = karin.get("yields")
    assert "Samen lezen brengt rust." in read.text
    assert "Begin klein." in read.text
    assert_nothing_else(read, world)
    assert wout.post("yields/take-back", community=str(there)).status == 303
    assert "Samen lezen brengt rust." not in karin.get("yields").text


def assert_nothing_else(read: Page, world: World) -> None:
    """No name, no link into the other community, none of its other texts."""
    with world.tool.session() as session:
        own = {person for (person,) in session.query(Person.name).filter(Person.name.like("Extra%"))}
    assert not any(name in read.text for name in [*own, "Fatima", "Marieke", "Wout"])
    for other in ("stilte komt na drie minuten", "elke dag tien minuten", "we zijn halverwege", "aandacht"):
        assert other not in read.text
    links = [str(each["href"]) for each in read.soup.select("main a[href]")]
    assert all(link.startswith(base_of(read)) for link in links)


@pytest.mark.parametrize(
    "hostile", ["", "0", "-1", "999999", "2147483648", "9" * 40, "1; drop", "²", "١", "%00", "null"]
)
def test_what_is_no_other_community_of_the_school_is_refused(told: Visit, world: World, hostile: str) -> None:
    wout, karin, _ = shared(world, told)
    told.post("step/sharing/begin")
    assert told.post("step/sharing/put", communities=hostile).status == 422
    assert wout.post("yields/take-back", community=hostile).status == 422
    assert "Samen lezen" not in karin.get("yields").text


def test_one_s_own_community_is_refused_and_who_facilitates_elsewhere_shares_nothing_of_ours(
    told: Visit, world: World
) -> None:
    wout, karin, there = shared(world, told)
    with world.tool.session() as session:
        own = min(community.id for community in session.query(Community))
    told.post("step/sharing/begin")
    assert told.post("step/sharing/put", communities=str(own)).status == 422
    # Karin's own community has no yield, whichever id she names.
    karin.post("step/sharing/begin")
    for each in (own, there):
        assert karin.post("step/sharing/put", communities=str(each)).status == 422
    assert "Samen lezen" not in karin.get("yields").text
    assert wout.post("step/sharing/put", communities=str(there)).status == 403


# The mirror's card


def _render(world: World, mirror: Mirror | None) -> str:
    source = '{% import "_macros.html" as m %}{% include "_mirror.html" %}'
    return world.tool.app.jinja_env.from_string(source).render(mirror=mirror)


def test_the_card_says_one_thing_to_do_when_it_leans_on_few_and_none_when_not(world: World) -> None:
    spreads = [Spread(Aspect.IDEAS, Amount.SOME, 5), Spread(Aspect.WORDING, Amount.FEW, None)]
    with world.tool.app.test_request_context(headers={"Accept-Language": "nl"}):
        leaning = _render(world, Mirror(8, spreads, Share.LARGE, Aspect.WORDING))
        balanced = _render(world, Mirror(8, spreads, None, None))
        assert _render(world, None).strip() == ""
    assert leaning.count('class="box"') == 1
    assert "pen" in leaning
    assert 'class="box"' not in balanced
    assert "5 van de 8" in balanced
    assert "leidinggeven" in leaning


def test_the_card_holds_no_number_but_of_groups(told: Visit, world: World) -> None:
    with world.tool.session() as session:
        c = prepare(fill(session, 5, "closed"))
        found = influence.mirror(c.turn(0))
        assert found is not None
        with world.tool.app.test_request_context():
            words = re.sub(r"<[^>]+>", " ", _render(world, found))
    allowed = {found.of, *(each.people for each in found.spreads)}
    assert {int(number) for number in re.findall(r"\d+", words)} <= allowed
