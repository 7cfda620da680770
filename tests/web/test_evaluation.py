"""Step 6 and the pulse by their pages: what each stage offers, shows and hides; and what a page costs."""

import pytest

from lti_tool.db import now
from lti_tool.domain.mechanisms import pulse
from lti_tool.models import StepRun
from lti_tool.models.voices import Contribution
from lti_tool.steps.evaluation import survey
from tests.actors import Page, World
from tests.conftest import ALL
from tests.web.circle import Circle, fill
from tests.web.walk import Visit, paths, visit
from tests.web.ways.evaluation import STAGES, prepare

STEP = "step/evaluation"
EVERY = (
    "survey", "story", "respond", "dots", "why", "verdict", "card", "resolve", "consent", "yield", "next", "endorse",
    "late",
)  # fmt: skip


def at_the_step(world: World, people: int) -> None:
    """Fatima, Marieke and some from nowhere, all before this step done."""
    world.begin("fatima", "marieke")
    with world.tool.session() as session:
        prepare(fill(session, people, "closed"))


class Table:
    """Fatima and Marieke at their browsers, Wout who facilitates from outside, and some from nowhere."""

    def __init__(self, world: World, people: int = 4) -> None:
        self.world, self.people = world, people
        world.once(at_the_step, people)
        self.visits = {name: visit(world, name) for name in ("fatima", "marieke", "wout")}

    def __getitem__(self, name: str) -> Visit:
        return self.visits[name]

    def to(self, stage: str, then: str = "") -> "Table":
        """On to a stage by everybody doing what is asked; then: the ones who also do what that stage asks."""
        with self.world.tool.session() as session:
            c: Circle = prepare(fill(session, self.people, "closed")).to(stage)
            for who in then:
                c.do_the_task(int(who), stage)
        return self

    def page(self, name: str = "fatima") -> Page:
        page = self[name].get(STEP)
        assert page.status == 200, page.text[:600]
        return page


@pytest.fixture
def table(world: World) -> Table:
    return Table(world)


def test_each_stage_offers_what_can_be_done_in_it_and_nothing_else(table: Table) -> None:
    offered = {
        "survey": {"survey", "story"},
        "stories": {"respond"},
        "choose": {"dots", "respond"},
        "verdict": {"why", "verdict", "card", "respond"},
        "consent": {"consent", "respond"},
        "yield": {"yield", "respond"},
        "endorse": {"endorse", "respond"},
        "closed": set(),
    }
    for stage, forms in offered.items():
        table.to(stage)
        page = table.page()
        assert {form for form in EVERY if page.has_form(f"/evaluation/{form}")} == forms, stage
        outside = table.page("wout")
        assert not any(outside.has_form(f"/evaluation/{form}") for form in EVERY), stage
        assert outside.has_form("/advance") == (stage != "closed")


def test_the_one_form_of_a_round_comes_first(table: Table) -> None:
    for stage in STAGES[:-1]:
        table.to(stage)
        answers = table.page().soup.select("main form.answer")
        assert len(answers) == (stage != "stories"), stage
        for answer in answers:
            assert not answer.find_previous(class_="card"), stage


def test_the_survey_comes_first_and_then_the_story(table: Table) -> None:
    form = table.page().form("/evaluation/survey")
    said = {f"item-{name}": "4" for name in survey.ITEMS} | {f"pulse-{name}": "5" for name in pulse.ITEMS}
    page = form.submit(**said)
    assert page.status == 200
    [first] = page.soup.select("main form.answer")
    assert "belangrijkste verandering" in first.get_text()
    done = page.form("/evaluation/story").submit(text="Noor vroeg het zelf", why="dat deed ze nooit")
    assert done.status == 200
    assert not done.soup.select("main form.answer")
    # What was answered stands in the form of whoever answered, and in nobody else's.
    assert len(done.form("/evaluation/survey").tag.select("input[value='4'][checked]")) == len(survey.ITEMS)
    for name in ("marieke", "wout"):
        assert "Noor" not in table.page(name).html
        assert not table.page(name).soup.select("input[checked][name^=item]")


def test_a_survey_without_a_number_is_refused_and_what_was_typed_of_a_story_comes_back(table: Table) -> None:
    refused = table.page().form("/evaluation/survey").submit()
    assert refused.status == 422
    refused = table.page().form("/evaluation/story").submit(text="zonder reden in onze lessen")
    assert refused.status == 422
    assert "zonder reden in onze lessen" in refused.html


def test_raw_answers_are_on_no_page_in_no_stage(table: Table) -> None:
    found = {path.replace("ambition", "evaluation") for path in paths(table.world, "GET")}
    # What a PDF holds is packed; it is made of the thread's own page.
    found -= {"thread.pdf"}
    # Pages of steps that are done and of hours show the same in each stage of this one: one of them looks, in turn.
    beside = sorted(path for path in found if path.startswith(("step/", "hours")) and not path.startswith(STEP))
    for number, stage in enumerate(STAGES[1:]):
        table.to(stage)
        with table.world.tool.session() as session:
            for item in session.query(Contribution).filter(Contribution.kind.in_((survey.SURVEY, pulse.ANSWER))):
                item.body = {**item.body, next(iter(item.body)): 987654}
        for who, name in enumerate(table.visits, start=number):
            others = set() if ALL else set(beside) - set(beside[who % len(table.visits) :: len(table.visits)])
            for path in found - others:
                page = table[name].get(path)
                assert name != "wout" or "987654" not in page.html
                assert path == "mine.json" or "987654" not in page.html, (stage, name, path)


def test_totals_are_for_members_and_an_external_facilitator_gets_none(world: World) -> None:
    table = Table(world, 6).to("stories")
    page = table.page()
    assert "De uitkomst van de vragenlijst" in page.text
    assert "Leerlingen merken het verschil." in page.text
    assert "geen gevalideerde vragenlijst" in page.text
    assert "De uitkomst van de vragenlijst" not in table.page("wout").text
    assert "Leerlingen merken het verschil." not in table.page("wout").text
    trend = table["fatima"].get("pulse")
    assert trend.status == 200
    assert "Dit is van ons samen." in trend.text
    assert "8 van de 8 leden antwoordden." in page.text
    assert "8 van de 8 leden antwoordden." in trend.text
    assert table["wout"].get("pulse").status == 403


def test_fewer_than_five_get_a_sentence_and_no_number(world: World) -> None:
    table = Table(world, 2)
    assert "dus er komen geen cijfers" in table.page().text
    text = table.to("stories").page().text
    assert "Praat er samen over" in text
    assert "te weinig antwoorden" not in text


def test_a_yield_that_was_changed_is_asked_about_anew(table: Table) -> None:
    table.to("endorse", "02345")
    said = table.page("marieke").form("/evaluation/endorse").submit(answer="not_yet", missing="de stem van leerlingen")
    assert said.status == 200
    assert "de stem van leerlingen" in table.page().text
    stale = table.page("marieke").form("/evaluation/endorse")
    with table.world.tool.session() as session:
        c = prepare(fill(session, table.people, "closed"))
        for who in (2, 3):
            c.act(who, "endorse", answer="not_yet", missing="wat het kostte", round=c.rounds("endorse")[-1].id)
        assert c.move() == "yield"
    page = table.page()
    assert "de stem van leerlingen" in page.text
    assert "Voordat we het aan iedereen kunnen voorleggen" in page.text
    changed = page.form("/evaluation/yield").submit(text="iets anders in onze lessen", lessons="een les")
    assert changed.status == 200
    assert "Voordat we het aan iedereen kunnen voorleggen" not in changed.text
    assert table["wout"].post(f"{STEP}/facilitate/advance", stage="yield").status == 303
    assert "We vragen het iedereen opnieuw" in table.page("marieke").text
    refused = stale.submit(answer="endorse")
    assert refused.status == 422
    assert "intussen veranderd" in refused.text


def test_who_missed_the_endorsement_can_still_stand_behind_it(table: Table) -> None:
    # Marieke is the second of six; the others who answer are two thirds.
    table.to("endorse", "0234")
    with table.world.tool.session() as session:
        c = prepare(fill(session, table.people, "closed"))
        c.date_over()
        assert c.move() == "closed"
    assert not table.page("fatima").has_form("/evaluation/late")
    assert "4 leden antwoordden" in table.page("fatima").text
    done = table.page("marieke").form("/evaluation/late").submit(answer="endorse")
    assert done.status == 200
    assert not done.has_form("/evaluation/late")
    assert "5 leden antwoordden" in done.text


def test_the_pulse_stands_below_a_completed_step_until_all_present_answered(world: World) -> None:
    table = Table(world, 3)
    page = table["fatima"].get("step/ambition")
    done = page.form("/ambition/pulse").submit(**{f"pulse-{name}": "4" for name in pulse.ITEMS})
    assert done.status == 200
    assert done.form("/ambition/pulse").tag.select("input[value='4'][checked]")
    assert not table["marieke"].get("step/ambition").soup.select("input[checked][name^=pulse]")
    assert not table["wout"].get("step/ambition").has_form("/ambition/pulse")
    assert "Toon de uitkomst" not in done.text
    assert "Er is nog niets te zien" in table["fatima"].get("pulse").text
    with world.tool.session() as session:
        c = fill(session, 3, "closed")
        present = c.turn(None).present_ids
        for who, member in enumerate(c.members):
            if member.id in present and not any(
                item.member_id == member.id for item in session.query(Contribution).filter_by(kind="pulse")
            ):
                c.act(who, "pulse", pulse=dict.fromkeys(pulse.ITEMS, 2))
    page = table["fatima"].get("step/ambition")
    assert not page.has_form("/ambition/pulse")
    assert "Gemiddelde, van 5" in page.text or "van 5" in page.text


def test_after_a_week_five_answers_are_enough(world: World) -> None:
    table = Table(world, 7)
    with world.tool.session() as session:
        c = fill(session, 7, "closed")
        for who in range(5):
            c.act(who, "pulse", pulse=dict.fromkeys(pulse.ITEMS, 3))
    assert "Toon de uitkomst" not in table["fatima"].get("step/ambition").text
    with world.tool.session() as session:
        run = session.query(StepRun).filter_by(step="ambition").one()
        run.closed_at = now() - pulse.PATIENCE
    page = table["fatima"].get("step/ambition").form("/publish_pulse").submit()
    assert page.status == 200
    assert not page.has_form("/ambition/pulse")
    assert "3" in page.text
