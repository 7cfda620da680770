"""Whatever is done with a list and the hours of it, in whatever order: nothing counts that the list does not say."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import Refused
from lti_tool.domain.hours import approvals, attended, attending, entries, gate, ledger, offers, pots, sessions
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.sessions import Line
from lti_tool.domain.hours.states import COUNTING, State
from lti_tool.models.hours import HoursCount
from lti_tool.models.hours_codes import Review
from lti_tool.models.hours_sessions import HoursAttendance
from lti_tool.text import Text
from tests.histories import histories
from tests.web.circle import Circle, circle

ZONE = ZoneInfo("Europe/Amsterdam")
GUIDE, APPROVER = 0, 1
SURE = frozenset({"hours_day_long", "hours_overlap", "hours_same", "hours_end_first"})
CAME = st.none() | st.sampled_from([dt.time(13), dt.time(14), dt.time(14, 7), dt.time(15)])
LEFT = st.none() | st.sampled_from([dt.time(14, 30), dt.time(15, 30), dt.time(16), dt.time(16, 30)])
WHO = st.integers(0, 3)
# What is done once the list was closed, mostly with the same colleague.
DONE = st.tuples(
    st.sampled_from([*["correct"] * 3, "dispute", *["send"] * 3, *["approve"] * 2, "confirm", "withdraw"]),
    st.sampled_from([0, 2, 2, 3]), CAME, LEFT, st.sampled_from([False, False, False, True]),
)  # fmt: skip


@given(st.sampled_from(Review), st.sets(WHO), st.lists(DONE, min_size=6, max_size=25))
@histories(60, 600)
def test_what_counts_of_a_session_is_never_more_than_the_list_says(
    review: Review, there: set[int], history: list[tuple[str, int, dt.time | None, dt.time | None, bool]]
) -> None:
    with circle(4) as c:
        day = now().astimezone(ZONE).date() - dt.timedelta(days=2)
        c.members[GUIDE].facilitates = True
        first, last = ledger.school_year(day)
        approver = c.members[APPROVER].person_id
        people = [each.person_id for each in c.members]
        pot = pots.make(
            c.session, c.community, c.members[GUIDE],
            pots.Asked("pot", first, last, None, review, [approver], [people[2]]), people,
        )  # fmt: skip
        asked = sessions.Asked("Samen", day, dt.time(14), dt.time(16))
        made = sessions.open_(by(c, GUIDE), c.members[GUIDE], asked, c.cycle, [])
        lines = [Line(people[who], Text("x", "x")) for who in sorted(there)]
        sessions.keep_list(by(c, GUIDE), c.members[GUIDE], made, lines, [])
        sessions.close(by(c, GUIDE), c.members[GUIDE], made, None)
        for step in history:
            try:
                with c.session.begin_nested():
                    do(c, made, pot, *step)
            except Refused:
                c.session.expire_all()
            holds(c, made)


def by(c: Circle, who: int) -> Asker:
    return Asker(c.session, c.community.id, c.members[who].person_id, ZONE, SURE)


def do(
    c: Circle, made: int, pot: int, what: str, who: int, came: dt.time | None, left: dt.time | None, flag: bool
) -> None:
    guide, member = c.members[GUIDE], c.members[who]
    line = Line(member.person_id, Text("x", "x"), came, left)
    if what == "correct":
        attending.correct(by(c, GUIDE), guide, made, line, absent=flag, words="zo was het")
    elif what == "dispute":
        attending.dispute(by(c, who), member, made, line, "ik was er")
    elif what == "send":
        offers.send(by(c, who), made, pot, learning=flag)
    elif what == "confirm":
        row = sessions.row_of(c.session, made, c.members[GUIDE].person_id)
        attending.confirm(by(c, who), made, row.id if row else 0)
    else:
        row = sessions.row_of(c.session, made, member.person_id)
        if row is None or row.entry_id is None:
            return
        if what == "approve":
            approver = c.members[APPROVER if who != APPROVER else 2].person_id
            approvals.approve(c.session, c.community.id, approver, [row.entry_id])
        else:
            entries.withdraw(by(c, who), row.entry_id, "toch niet")


def holds(c: Circle, made: int) -> None:
    guide = c.members[GUIDE]
    sat = attended.one(c.session, c.community.id, guide.person_id, made)
    for mine in attended.everybody(c.session, sat, guide):
        assert mine.person_id is not None
        known = gate.of_person(c.session, mine.person_id)
        live = [each for each in known if each.state in COUNTING | {State.SENT}]
        assert len(live) <= 1, "of one session hours are made once"
        assert sum(each.counts for each in known) <= (mine.minutes or 0)
        for each in live:
            assert each.id == mine.entry_id
            if each.state == State.SENT:
                assert (each.begins, each.ends) == (mine.first, mine.last), "what waits is what the list says"
        if mine.person_id == guide.person_id and mine.attested:
            said = [each.by for each in mine.said if each.kind == "attested"]
            assert said, "nobody says it of themselves"
            assert said[-1] != guide.person_id
    rows = c.session.scalars(select(HoursAttendance)).all()
    assert len({(each.session_id, each.person_id) for each in rows}) == len(rows)
    for entry in c.session.scalars(select(HoursCount.entry_id).distinct()):
        net = sum(c.session.scalars(select(HoursCount.minutes).where(HoursCount.entry_id == entry)))
        assert net >= 0
