"""The leader's figure on their home: a number, or the sentence why there is none; on nobody else's."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain.hours import figures
from lti_tool.models import Community, Member
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry
from lti_tool.models.hours_codes import Done, Kind
from tests.actors import World
from tests.web.circle import fill
from tests.web.test_hours import pot
from tests.web.walk import Walk, visit

ZONE = ZoneInfo("Europe/Amsterdam")


def test_a_leader_reads_one_figure_or_why_there_is_none(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    visit(any_world, "mieke").post("welcome", choice="follow")
    mieke = visit(any_world, "mieke")
    assert "meetelt, van iedereen samen" not in mieke.get("home").text, "no hours are kept here"
    pot(walk, ["fatima"])
    page = mieke.get("home")
    assert "Deze maand niet" in page.text
    today = now().astimezone(ZONE).date()
    month = today.replace(day=1)
    with any_world.tool.session() as session:
        fill(session, 6, "ideas")
        community = session.scalars(select(Community)).one()
        # On a day of the school year that the month is in, before it began.
        day = month - dt.timedelta(days=1) if month.month != 8 else month
        for person_id in session.scalars(select(Member.person_id).where(Member.number >= 1000)).all():
            entry = HoursEntry(
                person_id=person_id, community_id=community.id, kind=Kind.OWN, learning=True, minutes=70, day=day,
                line="iets", provider="",
            )  # fmt: skip
            session.add(entry)
            session.flush()
            act = HoursAct(entry_id=entry.id, kind=Done.SENT, by_id=person_id, pot_id=1, words="")
            session.add(act)
            session.flush()
            at = dt.datetime.combine(month, dt.time(), ZONE) - dt.timedelta(hours=1)
            count = HoursCount(entry_id=entry.id, pot_id=1, act_id=act.id, minutes=70, overlap=0, above=0, at=at)
            session.add(count)
        session.flush()
        assert figures.publish(session, community.id, today, ZONE) == "published"
    page = mieke.get("home")
    assert "telde er dit schooljaar 7 uur mee, van iedereen samen" in page.text
    assert "één getal per maand" in page.text
    for at in (walk.wout, walk["fatima"], walk["marieke"]):
        for path in ("home", "hours", "hours/pots", "community"):
            assert "dit schooljaar" not in at.get(path).text, path
