"""The provision list in Chromium: mistakes by line, what would change, applied, a progress bar, and what waits."""

import pytest

from tests.browser.actors import DemoCommand
from tests.browser.conftest import LANGUAGES, Meet
from tests.browser.halfway import administers

pytestmark = pytest.mark.browser
HEADS = "course id,short name,title,facilitators,leaders"


def csv(*rows: str) -> list[dict[str, object]]:
    """A file to choose."""
    return [{"name": "lijst.csv", "mimeType": "text/csv", "buffer": "\n".join((HEADS, *rows)).encode()}]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_from_its_mistakes_to_what_it_waits_for(demo: DemoCommand, meet: Meet, language: str) -> None:
    wout = meet(demo, "wout", language)
    administers(demo, "wout")
    way = wout.launch("home").place.locator("a[href*='/b/']").first.get_attribute("href")
    assert way
    wout.follow(way)
    wout.follow("/provision")
    wout.inspect("empty")

    def give(*rows: str, status: int = 200) -> None:
        wout.watch.allowed.add(status)
        wout.place.locator("input[type=file]").set_input_files(csv(*rows))
        wout.submit("/provision", {})

    give("2,,Zon,Jan de Vries,", "=1+1,,,,", "2,,,,", status=422)
    wout.inspect("wrong")
    wout.follow("/provision")
    fatima = demo.person("fatima")
    rows = (
        f"2,,Leergemeenschap met een heel lange naam die nergens past,id:{fatima},nieuw@school.example",
        "99,,Nog niet geopend,later@school.example,",
        "98,,Later,,",
    )
    give(*rows)
    wout.inspect("changes")
    wout.submit("/provision/apply", {})
    wout.inspect("waiting")
    give(rows[0], rows[1])
    wout.inspect("gone")
    wout.follow("/provision")
    give(*rows, *(f"x{number},,Cursus {number},m{number}@school.example," for number in range(120)))
    wout.submit("/provision/apply", {})
    wout.inspect("progress")
