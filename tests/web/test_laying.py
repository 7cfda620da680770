"""Dots where no script runs: plus and minus keep them as what is typed is kept, and nothing counts until it is sent."""

from tests.actors import Page, World
from tests.web.walk import STEP, Walk


def laid(page: Page) -> dict[str, str]:
    """piece -> how many dots its form has on it."""
    fields = page.soup.select("form[data-dots] input[name^=dots-]")
    return {str(each["name"]).partition("-")[2]: str(each["value"]) for each in fields}


def press(page: Page, button: str, piece: str) -> Page:
    """Press plus or minus at a piece, as a browser does: the button's own address, and all of the form."""
    (found,) = (each for each in page.soup.select(f"button[name={button}]") if each["value"] == piece)
    form = found.find_parent("form")
    assert form is not None
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input[name]")}
    return page.browser.post(str(found["formaction"]), {**fields, button: piece})


def test_plus_and_minus_lay_dots_that_count_once_they_are_sent(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    page = walk["fatima"].get(STEP)
    first, second = laid(page)
    for button, piece, there in (
        ("more", first, ("1", "0")),
        ("more", first, ("2", "0")),
        ("more", second, ("2", "1")),
        ("less", first, ("1", "1")),
        ("less", second, ("1", "0")),
        ("less", second, ("1", "0")),
    ):
        page = press(page, button, piece)
        assert page.status == 200
        assert tuple(laid(page).values()) == there
    assert "nog 2" in page.text
    # Not one of them was cast: nobody has been heard, and they wait in the form where it is opened again.
    assert walk.rows("SELECT count(*) FROM dot")[0][0] == 0
    assert "Nog niemand" in walk["marieke"].get(STEP).text
    assert tuple(laid(walk["fatima"].get(STEP)).values()) == ("1", "0")
    page = page.form(f"{STEP}/dots").submit()
    assert walk.rows("SELECT count FROM dot")[0][0] == 1
    assert walk.rows("SELECT count(*) FROM draft")[0][0] == 0


def test_more_dots_than_one_has_are_refused_and_what_was_laid_stays(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    page = walk["fatima"].get(STEP)
    first, second = laid(page)
    for piece in (first, first, second):
        page = press(page, "more", piece)
    refused = press(page, "more", first)
    assert refused.status == 422
    assert "drie stippen" in refused.text
    assert tuple(laid(walk["fatima"].get(STEP)).values()) == ("2", "1")


def test_every_member_has_an_order_of_their_own_to_lay_dots_on(world: World) -> None:
    names = ("fatima", "marieke", "youssef", "janwillem", "soren", "chantal")
    walk = Walk(world, *names).to("dots")
    orders = {name: tuple(laid(walk[name].get(STEP))) for name in names}
    assert len({frozenset(order) for order in orders.values()}) == 1
    assert len(set(orders.values())) > 1
    assert tuple(laid(walk["fatima"].get(STEP))) == orders["fatima"]


def test_what_is_sent_is_told_first_with_what_follows_and_no_empty_form(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    assert walk["fatima"].get(STEP).soup.select_one("form[data-answer] textarea") is not None
    page = walk["fatima"].get(STEP).form(f"{STEP}/idea").submit(text="rust eerst in de les", why="voor iedereen")
    assert page.url.endswith("#done") or "done=idea" in page.url
    heading = page.soup.select_one("#done[data-focus][tabindex='-1']")
    assert heading is not None
    assert "Je idee is bewaard." in heading.get_text()
    assert str(page.soup.title.get_text()).startswith("Je idee is bewaard.")  # type: ignore[union-attr]
    assert "Voor nu ben je klaar" in page.text
    assert page.soup.select_one("form[data-answer]") is None
    assert "Neem dit idee terug" in page.text
