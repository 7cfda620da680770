import pytest

from tests.actors import Browser, World
from tests.web.walk import WHOLE
from tests.web.ways.ambition import horizon


def test_step_one_from_hidden_ideas_to_adopted_ambition(world: World) -> None:
    world.begin("fatima", "marieke")
    for name, text in (("fatima", "ze zelf vertellen wat ze leerden"), ("marieke", "ze vaker een vak kiezen")):
        page = world.as_(name).launch().form("/idea").submit(text=text, why="omdat het telt")
        assert page.status == 200, page.text
        assert text in page.text
    assert "vaker een vak" not in world.as_("fatima").launch().text
    assert "vaker een vak" not in world.as_("wout").launch().text
    world.move()
    page = world.as_("fatima").launch()
    assert "vaker een vak" in page.text
    page = page.form("/respond").submit(text="Mooi, en hoe merk je dat?")
    assert page.status == 200, page.text
    page = world.as_("marieke").launch().form("/together/pass").submit()
    assert page.status == 200, page.text
    world.move()
    for name in ("fatima", "marieke"):
        page = world.as_(name).launch()
        form = page.form("/dots")
        radio = next(n for n, _ in form.values() if n.startswith("dots-"))
        page = form.submit(**{radio: "3"})
        assert page.status == 200, page.text
    world.move()
    page = world.as_("marieke").launch().form("/take_pen").submit()
    idea = page.soup.find("input", attrs={"name": "ideas"})["value"]
    whys = [each["value"] for each in page.soup.find_all("input", attrs={"name": "whys"})]
    text = {**WHOLE, "horizon": horizon(), "text": "In juni vertelt elke leerling wat hij leerde"}
    page = page.form("/propose").submit(
        **{name.replace("-", "__"): said for name, said in text.items()}, ideas=[idea], whys=whys
    )
    assert page.status == 200, page.text
    page = page.form("/voice").submit(group="parents", name="een ouder", question="Wat hoor je thuis?", date=horizon())
    assert page.status == 200, page.text
    world.move()
    for name in ("fatima", "marieke"):
        page = world.as_(name).launch().form("/consent").submit(answer="agree")
        assert page.status == 200, page.text
    page = world.move()
    assert "In juni vertelt elke leerling" in page.text
    world.tool.deliver()
    grades = world.lms.school.grades
    scores = sorted(grade.score for grade in grades.values())
    assert scores == [67, 100]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "Open Leerkring vanuit je cursus in de leeromgeving"),
        ("en", "Open Leerkring from your course in the learning environment"),
    ],
)
def test_the_bare_address_says_what_this_is(shared_world: World, language: str, sentence: str) -> None:
    """Whoever comes by it finds no login, and where to go."""
    page = Browser(shared_world.tool).get("/", **{"Accept-Language": language})
    assert page.status == 200
    assert sentence in page.text
    assert page.soup.html is not None
    assert page.soup.html["lang"] == language
