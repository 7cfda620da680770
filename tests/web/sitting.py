"""Sessions by their pages, as people at browsers do it."""

import datetime as dt
import io
from zoneinfo import ZoneInfo

from sqlalchemy import text

from lti_tool.db import now
from lti_tool.domain.hours import letters
from tests.actors import Page, World
from tests.web.test_facilitator import member_id
from tests.web.walk import Visit, Walk

ZONE = ZoneInfo("Europe/Amsterdam")
TITLE = "Studiemiddag taal"


def person_id(world: World, name: str) -> str:
    with world.tool.session() as session:
        query = text("SELECT person_id FROM member WHERE id = :id")
        return str(session.execute(query, {"id": member_id(world, name)}).scalar_one())


def at(moment: dt.datetime) -> str:
    """A moment as a field for a time has it."""
    return f"{moment.astimezone(ZONE):%H:%M}"


def ask(guide: Visit, *, status: int = 303, **fields: str | list[str]) -> Page:
    """Ask for a session by its form, with what it holds by itself."""
    form = guide.get("hours/sessions").form("/hours/sessions")
    page = guide.post("hours/sessions", dict(form.values()) | {"title": TITLE} | fields)
    assert page.status == status, (page.status, page.text[:800])
    return page


def open_session(guide: Visit, **fields: str | list[str]) -> int:
    """Open one; its number."""
    return int(ask(guide, **fields).response.headers["Location"].split("/sessions/")[1].split("#")[0])


def shown(world: World, number: int, before: dt.timedelta = dt.timedelta()) -> str:
    """The letters that are shown, or were."""
    with world.tool.session() as session:
        query = text("SELECT secret FROM hours_session WHERE id = :id")
        secret = bytes(session.execute(query, {"id": number}).scalar_one())
    return letters.shown(secret, now() - before)


def check_in(walk: Walk, name: str, number: int, *, status: int = 303) -> Page:
    """Check in with the letters of now."""
    page = walk[name].post(f"hours/sessions/{number}/here", letters=shown(walk.world, number))
    assert page.status == status, page.text[:600]
    return page


def rows(walk: Walk, number: int) -> dict[str, tuple[bool, str, bool]]:
    """First name -> present, way, attested."""
    query = (
        "SELECT person.name, present, way, attested_at FROM hours_attendance JOIN person ON person.id = person_id"
        " WHERE session_id = :number"
    )
    return {
        row[0].split()[0].lower(): (bool(row[1]), row[2], row[3] is not None) for row in walk.rows(query, number=number)
    }


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def close(guide: Visit, number: int, **fields: str | list[str]) -> None:
    form = guide.get(f"hours/sessions/{number}").form(f"/sessions/{number}/list")
    page = guide.post(f"hours/sessions/{number}/close", dict(form.values()) | ticked(guide, number) | fields)
    assert page.status == 303, page.text[:600]


def ticked(guide: Visit, number: int) -> dict[str, list[str]]:
    """The boxes of the list as they stand."""
    page = guide.get(f"hours/sessions/{number}")
    return {
        "here": [str(each["value"]) for each in page.soup.select("input[name=here][checked]")],
        "seen": [str(each["value"]) for each in page.soup.select("input[name=seen]")],
    }


def tick(guide: Visit, number: int, here: list[str], *, status: int = 303, **fields: str) -> str:
    data = ticked(guide, number) | {"here": here} | fields
    page = guide.post(f"hours/sessions/{number}/list", data)
    assert page.status == status, page.text[:600]
    return page.text


def member(walk: Walk, name: str) -> str:
    """Id of a member, by name."""
    return str(member_id(walk.world, name))


def csv(walk: Walk, number: int, content: bytes) -> Page:
    """Give a file with the list."""
    return walk.wout.post(f"hours/sessions/{number}/paper", {"file": (io.BytesIO(content), "lijst.csv")})
