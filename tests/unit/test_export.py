"""A person's export has a row of every table that points at them, and none that points at somebody else."""

import datetime as dt
import itertools
import json
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Enum,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
)

from lti_tool.db import Base, UtcDateTime
from lti_tool.domain import participation, removal
from lti_tool.domain.community import export, roster
from lti_tool.domain.community.export import NOT_SHOWN, SHOWN, WITHIN
from lti_tool.domain.participation import columns
from lti_tool.models import Community, Deployment, Member, Registration, ResourceLink, Round
from lti_tool.models.hours import HoursAct, HoursCount, HoursEntry, HoursFigure, HoursPot, HoursProof, HoursSuggestion
from lti_tool.models.hours_codes import Done, Review, Way
from lti_tool.models.hours_codes import Kind as Hours
from lti_tool.models.hours_sessions import HoursAttendance, HoursSession
from lti_tool.models.provision import ProvisionLine
from lti_tool.models.school import YearTurn, YearTurnLine
from lti_tool.models.voices import Attachment, Contribution, Link
from tests.web.circle import Circle, arrival, circle

MODELS = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
AT = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def test_every_table_that_points_at_a_person_is_shown_or_says_why_not() -> None:
    pointing = {name for name, _column in export.pointing()}
    said = [*SHOWN, *WITHIN, *NOT_SHOWN]
    assert len(said) == len(set(said))
    assert {name for name in said if "." in name} == pointing
    assert all(len(reason.split()) > 5 for reason in NOT_SHOWN.values())
    names = [shown.name for shown in SHOWN.values()]
    assert len(names) == len(set(names))
    assert len(pointing) > 15, "or the walk finds nothing"


def test_every_table_with_a_person_in_it_directly_or_through_others_is_shown_or_says_why_not() -> None:
    found = export.tables()
    through = {name for name, directly in found.items() if not directly}
    assert through == {name for name in (*WITHIN, *NOT_SHOWN) if "." not in name}
    assert {name.partition(".")[0] for name, _ in export.pointing()} == found.keys() - through
    assert set(WITHIN.values()) <= {shown.name for shown in SHOWN.values()}
    assert {"attachment", "link"} <= through, "or the walk finds nothing"


def test_a_table_that_is_added_is_found_however_far_from_a_person_it_is() -> None:
    other = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(other)
    before = export.tables(other)
    Table("far", other, Column("id", Integer, primary_key=True), Column("near_id", ForeignKey("near.id")))
    Table("near", other, Column("id", Integer, primary_key=True), Column("attachment_id", ForeignKey("attachment.id")))
    Table("mine", other, Column("id", Integer, primary_key=True), Column("who", ForeignKey("member.id")))
    Table("nobodys", other, Column("id", Integer, primary_key=True), Column("cycle_id", ForeignKey("cycle.id")))
    assert export.tables(other) == before | {"far": False, "near": False, "mine": True}


class Filled:
    """A community of three, and rows of the first two in every table that points at somebody; the third is the other
    person wherever a row points at two."""

    def __init__(self, c: Circle) -> None:
        self.c, self.numbers = c, itertools.count(1000)
        of = arrival(80, c.course.deployment_id, context="elders", context_title="Elders")
        self.elsewhere = roster.meet(c.session, of)
        idea = Contribution(step_run_id=c.run.id, kind="of_third", member_id=c.members[2].id, body={})
        link = ResourceLink(
            deployment_id=c.course.deployment_id, resource_link_id="9", course_id=c.course.id,
            step="ambition", cycle_number=1, passback="moments",
        )  # fmt: skip
        vote = Round(step_run_id=c.run.id, kind="dots")
        pot = HoursPot(
            community_id=c.community.id, name="pot", first_day=AT.date(), last_day=AT.date(), review=Review.NONE,
            for_all=True, evidence=False, arranging=True, caps=[],
        )  # fmt: skip
        entry = HoursEntry(
            community_id=c.community.id, person_id=c.members[2].person_id, kind=Hours.OWN, learning=True, minutes=60,
            day=AT.date(), line="iets", provider="",
        )  # fmt: skip
        figure = HoursFigure(community_id=c.community.id, month=AT.date())
        school_id = c.session.get_one(Deployment, c.course.deployment_id).school_id
        line = ProvisionLine(school_id=school_id, course_id=c.course.id, key=f"course:{c.course.id}")
        c.session.add_all([idea, link, vote, pot, entry, figure, line])
        c.session.flush()
        sat = HoursSession(
            community_id=c.community.id, step="", title="samen", place="", day=AT.date(), begins_at=AT,
            ends_at=AT + dt.timedelta(hours=1), secret=b"s" * 32, opened_by_id=c.members[2].person_id,
        )  # fmt: skip
        c.session.add(sat)
        c.session.flush()
        was_there = HoursAttendance(
            session_id=sat.id, person_id=c.members[2].person_id, came_at=AT, present=True, way=Way.LIST
        )
        c.session.add(was_there)
        c.session.flush()
        item = columns.column(c.session, link, participation.TAG)
        self.places = {
            "community": c.community.id, "course": c.course.id, "cycle": c.cycle.id, "step_run": c.run.id,
            "contribution": idea.id, "resource_link": link.id, "round": vote.id,
            "line_item": item.id, "hours_pot": pot.id, "hours_entry": entry.id,
            "hours_figure": figure.id, "hours_session": sat.id, "hours_attendance": was_there.id,
            "school": school_id, "provision_line": line.id,
            "deployment": c.session.get_one(Deployment, c.course.deployment_id).id,
        }  # fmt: skip

    def add(self, name: str, column: Column[Any], who: int) -> Any:
        """A row by which a column points at somebody, everything else in it marked as theirs."""
        table, session = column.table, self.c.session
        known = session.query(MODELS[table.name]).filter(column == self.id_of(column, who)).first()
        if table.name in ("seat", "member"):
            # Everybody has one: it is marked.
            texts = [each for each in table.columns if isinstance(each.type, String)]
            for each in (each for each in texts if not isinstance(each.type, Enum)):
                setattr(known, each.name, self.mark(each, who))
            return known
        row = MODELS[table.name](
            **{each.name: self.value(name, each, who, each is column) for each in table.columns if self.wanted(each)}
        )
        session.add(row)
        session.flush()
        return row

    def wanted(self, column: Column[Any]) -> bool:
        return not (column.primary_key and isinstance(column.type, Integer))

    def id_of(self, column: Column[Any], who: int) -> int:
        (key,) = column.foreign_keys
        member = self.c.members[who]
        return member.id if key.column.table.name == "member" else member.person_id

    def value(self, name: str, column: Column[Any], who: int, points: bool) -> Any:
        targets = {key.column.table.name for key in column.foreign_keys}
        if targets & export.PEOPLE:
            return self.id_of(column, who if points else 2)
        if targets:
            if (name, column.name) == ("yield_share.member_id", "community_id"):
                return [self.c.community.id, self.elsewhere.community.id][who]
            # A setting is of one thing, a school or a course.
            return None if name == "setting.set_by" and column.name == "course_id" else self.places.get(targets.pop())
        return self.mark(column, who)

    def mark(self, column: Column[Any], who: int) -> Any:
        if isinstance(column.type, UtcDateTime):
            return AT + dt.timedelta(days=next(self.numbers))
        if isinstance(column.type, Date):
            return AT.date() + dt.timedelta(days=next(self.numbers))
        if isinstance(column.type, Enum):
            return next(iter(column.type.enum_class))
        if isinstance(column.type, Boolean | LargeBinary):
            return b"" if isinstance(column.type, LargeBinary) else True
        if isinstance(column.type, Integer | Float):
            return next(self.numbers)
        said = f"p{who}-{next(self.numbers)}"
        return {"text": said} if isinstance(column.type, JSON) else said


def own_words(row: Any) -> set[str]:
    """What a row says itself, as it stands in JSON."""
    own = [each for each in inspect(type(row)).local_table.columns if not each.foreign_keys and not each.primary_key]
    said = {getattr(row, each.name) for each in own if not isinstance(each.type, JSON | Boolean | Enum)}
    said |= {each["text"] for each in (getattr(row, c.name) for c in own if isinstance(c.type, JSON)) if each}
    return {each.isoformat(timespec="seconds") if isinstance(each, dt.datetime) else str(each) for each in said if each}


def test_each_row_of_somebody_is_in_their_export_and_none_of_anybody_else() -> None:
    with circle(3) as c:
        filled = Filled(c)
        # What making the community noted of its people.
        before = export.everything(c.session, c.community, c.members[0])
        rows = {
            name: [filled.add(name, column, who) for who in (0, 1)]
            for name, column in export.pointing()
            if name not in NOT_SHOWN
        }
        c.session.flush()
        c.session.expire_all()
        found = export.everything(c.session, c.community, c.members[0])
        for name, (mine, theirs) in rows.items():
            shown = SHOWN[name].name
            said = json.dumps(found[shown] if shown else found)
            # Where a row says nothing of its own, that it is there is what is said.
            assert not own_words(mine) or [word for word in own_words(mine) if word in said], name
            assert not [word for word in own_words(theirs) if word.startswith("p1-") and word in said], name
            if shown and name != "seat.person_id":
                assert len(found[shown]) == len(before[shown]) + 1, name
        assert '"p0-' in json.dumps(found)
        assert '"p1-' not in json.dumps(found)


def test_what_hangs_on_a_contribution_stands_with_it_for_its_owner_only() -> None:
    with circle(3) as c:
        first, second = (
            Contribution(step_run_id=c.run.id, kind="idea", member_id=c.members[who].id, body={}) for who in (0, 1)
        )
        c.session.add_all([first, second])
        c.session.flush()
        for mine, other in ((first, second), (second, first)):
            size = 1 if mine is first else 2
            c.session.add(Attachment(contribution_id=mine.id, media_type="image/png", size=size, content=b"x"))
            c.session.add(Link(from_id=mine.id, to_id=other.id, kind=f"answers {mine.id}"))
        c.session.flush()
        (said,) = export.everything(c.session, c.community, c.members[0])["contributions"]
        assert said["file"] == {"type": "image/png", "bytes": 1}
        assert said["stands_to_others_as"] == [f"answers {first.id}"]


def test_hours_have_what_they_count_for_and_their_own_proof_only() -> None:
    with circle(3) as c:
        filled = Filled(c)
        pot = filled.places["hours_pot"]
        for who, minutes in ((0, 40), (1, 50)):
            person = c.members[who].person_id
            entry = HoursEntry(
                community_id=c.community.id, person_id=person, kind=Hours.OWN, learning=True, minutes=60,
                day=AT.date(), line=f"van {who}", provider="",
            )  # fmt: skip
            c.session.add(entry)
            c.session.flush()
            act = HoursAct(entry_id=entry.id, kind=Done.APPROVED, by_id=c.members[2].person_id, words="")
            c.session.add(act)
            c.session.flush()
            c.session.add(HoursProof(entry_id=entry.id, media_type="image/png", size=who + 1, content=b"x"))
            c.session.add(
                HoursCount(entry_id=entry.id, pot_id=pot, act_id=act.id, minutes=minutes, overlap=0, above=20)
            )
        c.session.flush()
        (said,) = export.everything(c.session, c.community, c.members[0])["hours"]
        assert said["proof"] == {"type": "image/png", "bytes": 1}
        assert [(each["pot"], each["minutes"], each["above"]) for each in said["counts"]] == [("pot", 40, 20)]


@pytest.mark.parametrize("model", [Registration, Deployment])
def test_nothing_is_left_of_anybody_in_any_table_when_their_school_is_removed(model: type[Base]) -> None:
    with circle(3) as c:
        filled = Filled(c)
        for name, column in export.pointing():
            filled.add(name, column, 0)
        idea = c.session.query(Contribution).filter_by(kind="of_third").one()
        c.session.add(Attachment(contribution_id=idea.id, media_type="x", size=1, content=b""))
        c.session.add(Link(from_id=idea.id, to_id=idea.id, kind="answers"))
        entry, act = c.session.query(HoursEntry).first(), c.session.query(HoursAct).first()
        assert entry is not None
        assert act is not None
        c.session.add(HoursProof(entry_id=entry.id, media_type="x", size=1, content=b""))
        c.session.add(
            HoursCount(
                entry_id=entry.id, pot_id=filled.places["hours_pot"], act_id=act.id, minutes=1, overlap=0, above=0
            )
        )
        c.session.add(HoursSuggestion(entry_id=entry.id, step_run_id=c.run.id, piece=0))
        c.session.flush()
        turn = c.session.query(YearTurn).first()
        assert turn is not None
        c.session.add(YearTurnLine(year_turn_id=turn.id, community_id=c.community.id))
        c.session.flush()
        known = {name: c.session.query(MODELS[name]).count() for name in (*export.tables(), *export.PEOPLE)}
        assert 0 not in known.values(), "every table has a row of somebody"
        key = c.session.query(model).one()
        removal.carry_out(c.session, removal.of(c.session, model, inspect(key).identity[0]))
        left = {name: c.session.query(MODELS[name]).count() for name in known}
        assert {name: count for name, count in left.items() if count and name not in removal.STAYS} == {}


def test_what_somebody_is_in_another_community_is_not_in_the_export_of_this_one() -> None:
    with circle(3) as c:
        there = roster.meet(c.session, arrival(0, c.course.deployment_id, context="elders", context_title="Elders"))
        assert isinstance(there.community, Community)
        assert isinstance(there.member, Member)
        filled = Filled(c)
        # That they opened an approve activity is of the school, and so of each of its communities.
        there_too = ("seat.person_id", "member.person_id", "hours_visit.person_id")
        for name, column in export.pointing():
            # Which accounts are one person is the person's in all their communities; so is what they are to a school.
            everywhere = name.startswith(("hours_join.", "administrator", "school_act.", "setting."))
            if name not in NOT_SHOWN and name not in there_too and not everywhere:
                filled.add(name, column, 0)
        found = export.everything(c.session, there.community, there.member)
        lists = {name: said for name, said in found.items() if isinstance(said, list)}
        assert lists.pop("seat") != []
        assert not any(lists.values()), lists
        assert "p0-" not in json.dumps(found)
