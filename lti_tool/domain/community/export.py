"""Everything a community stores of one of its people, for that person alone.

Found from the tables: every column that points at a person or a member stands in SHOWN, by the name it has in the
export and what is said of a row, or in NOT_SHOWN, with the reason. A table that has a person in it only through
another one stands in WITHIN, by the list whose rows it is a part of, or in NOT_SHOWN. One that is nowhere fails a test.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Column, MetaData, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from lti_tool.db import Base
from lti_tool.domain.mechanisms import merging, totals
from lti_tool.domain.school import schools
from lti_tool.models import (
    Community,
    Course,
    Cycle,
    Launch,
    LineItem,
    Member,
    Person,
    ResourceLink,
    Round,
    Score,
    Seat,
    StepRun,
)
from lti_tool.models.hours import (
    HoursAct,
    HoursBalance,
    HoursCount,
    HoursEntry,
    HoursExport,
    HoursFigure,
    HoursFigurePart,
    HoursHanded,
    HoursPlan,
    HoursPot,
    HoursProof,
    HoursRole,
    HoursSuggestion,
    HoursVisit,
)
from lti_tool.models.hours_sessions import (
    HoursAssigned,
    HoursAttendance,
    HoursAttendanceNote,
    HoursSession,
    HoursTry,
)
from lti_tool.models.provision import ProvisionLine, ProvisionPart
from lti_tool.models.school import Administrator, AdministratorRequest, SchoolAct, Setting
from lti_tool.models.voices import Attachment, Contribution, Link

Said = dict[str, Any] | None


@dataclass
class Of:
    """Whose rows are shown, and where in the community's cycles each of them belongs."""

    session: Session
    community: Community
    owner: Member

    @cached_property
    def school_id(self) -> int:
        """The school that the community belongs to."""
        return schools.of_course(self.session, self.community.course_id)

    @cached_property
    def cycles(self) -> dict[int, int]:
        """cycle id -> its number."""
        query = select(Cycle.id, Cycle.number).where(Cycle.community_id == self.community.id)
        return {row.id: row.number for row in self.session.execute(query)}

    @cached_property
    def runs(self) -> dict[int, dict[str, Any]]:
        """run id -> cycle and step."""
        query = select(StepRun.id, StepRun.cycle_id, StepRun.step).where(StepRun.cycle_id.in_(self.cycles))
        return {row.id: {"cycle": self.cycles[row.cycle_id], "step": row.step} for row in self.session.execute(query)}

    @cached_property
    def rounds(self) -> dict[int, dict[str, Any]]:
        """round id -> cycle and step."""
        query = select(Round.id, Round.step_run_id).where(Round.step_run_id.in_(self.runs))
        return {row.id: self.runs[row.step_run_id] for row in self.session.execute(query)}

    @cached_property
    def kinds(self) -> dict[int, dict[str, Any]]:
        """contribution id -> cycle, step and kind: of whatever this person wrote a version of."""
        query = select(Contribution.id, Contribution.step_run_id, Contribution.kind)
        rows = self.session.execute(query.where(Contribution.step_run_id.in_(self.runs)))
        return {row.id: self.runs[row.step_run_id] | {"kind": row.kind} for row in rows}

    @cached_property
    def columns(self) -> dict[int, dict[str, Any]]:
        """id of a column in the gradebook -> what it shows, and of which cycle and step."""
        query = (
            select(LineItem, ResourceLink)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
            .where(ResourceLink.community_id == self.community.id)
        )
        return {
            item.id: {"cycle": link.cycle_number, "step": link.step, "shows": item.kind, "period": item.period}
            for item, link in self.session.execute(query)
        }

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """Where this person sat in a pair or a four, and of how many: not with whom."""
        query = select(Contribution).where(
            Contribution.step_run_id.in_(self.runs),
            Contribution.kind == merging.GROUP,
            Contribution.withdrawn_at.is_(None),
        )
        rows = self.session.scalars(query.order_by(Contribution.created_at))
        return [
            self.runs[row.step_run_id] | {"stage": row.body["stage"], "people": len(row.body["members"])}
            for row in rows
            if self.owner.id in row.body["members"]
        ]

    @cached_property
    def ties(self) -> dict[int, list[str]]:
        """contribution id -> how it stands to other pieces, as far as it is this person's."""
        query = select(Link.from_id, Link.kind).join(Contribution, Contribution.id == Link.from_id)
        found: dict[int, list[str]] = {}
        for row in self.session.execute(query.where(Contribution.member_id == self.owner.id).order_by(Link.id)):
            found.setdefault(row.from_id, []).append(row.kind)
        return found

    @cached_property
    def files(self) -> dict[int, dict[str, Any]]:
        """contribution id -> its file, as far as it is this person's."""
        query = select(Attachment).join(Contribution, Contribution.id == Attachment.contribution_id)
        return {
            row.contribution_id: {"type": row.media_type, "bytes": row.size}
            for row in self.session.scalars(query.where(Contribution.member_id == self.owner.id))
        }

    @cached_property
    def pots(self) -> dict[int, str]:
        """id of a pot of hours -> its name."""
        query = select(HoursPot.id, HoursPot.name).where(HoursPot.community_id == self.community.id)
        return {row.id: row.name for row in self.session.execute(query)}

    @cached_property
    def counted(self) -> dict[int, list[dict[str, Any]]]:
        """entry id -> the rows of the ledger it has."""
        query = select(HoursCount).join(HoursEntry, HoursEntry.id == HoursCount.entry_id).order_by(HoursCount.id)
        found: dict[int, list[dict[str, Any]]] = {}
        for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id)):
            said = {"pot": self.pots.get(row.pot_id), "minutes": row.minutes, "overlap": row.overlap}
            if row.of_id is not None:
                said["of_closed_pot"] = self.pots.get(row.of_id)
            found.setdefault(row.entry_id, []).append(said | {"above": row.above, "at": _time(row.at)})
        return found

    @cached_property
    def suggested(self) -> dict[int, dict[str, Any]]:
        """entry id -> the step that suggested it."""
        query = select(HoursSuggestion).join(HoursEntry, HoursEntry.id == HoursSuggestion.entry_id)
        return {
            row.entry_id: self.runs.get(row.step_run_id, {}) | {"action": row.piece or None}
            for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id))
        }

    @cached_property
    def proofs(self) -> dict[int, dict[str, Any]]:
        """entry id -> its proof."""
        query = select(HoursProof).join(HoursEntry, HoursEntry.id == HoursProof.entry_id)
        return {
            row.entry_id: {"type": row.media_type, "bytes": row.size}
            for row in self.session.scalars(query.where(HoursEntry.person_id == self.owner.person_id))
        }


def _anywhere(_of: Of) -> tuple[ColumnElement[bool], ...]:
    return ()


@dataclass(frozen=True)
class Shown:
    """How rows that point at somebody are shown.

    name: of their list; "" for the one row that is said at the top. say: a row as plain values, None for one that is
    not this person's after all. within: what keeps a person's rows to this community; a member's are of it anyway.
    """

    name: str
    say: Callable[[Of, Any], Said]
    within: Callable[[Of], tuple[ColumnElement[bool], ...]] = _anywhere


def _contribution(of: Of, row: Any) -> Said:
    if row.kind in totals.PUBLISHED:
        # The community's, whoever's name the row has.
        return None
    if row.kind == merging.GROUP:
        # It has the name of one who sits in it, and numbers of all: each finds their own seat in `groups`.
        return None
    return of.runs[row.step_run_id] | {
        "kind": row.kind,
        "version": row.version,
        "content": row.body,
        "created": _time(row.created_at),
        "changed": _time(row.updated_at),
        "withdrawn": _time(row.withdrawn_at),
        "stands_to_others_as": of.ties.get(row.id, []),
        "file": of.files.get(row.id),
    }


def _act(of: Of, row: Any) -> Said:
    where = of.runs.get(row.step_run_id) or ({"cycle": of.cycles[row.cycle_id]} if row.cycle_id else {})
    return where | {"act": row.kind, "detail": row.detail, "at": _time(row.at)}


def _score(of: Of, row: Any) -> Said:
    return of.columns[row.line_item_id] | {
        "state": row.state,
        "arrived": row.arrived,
        "arrived_at": _time(row.arrived_at),
        "last_sent": row.payload,
        "last_sent_at": _time(row.sent_at),
        "sent_before": row.tried,
        "reason": row.reason,
    }


def _hours(of: Of, row: Any) -> Said:
    return {
        "id": row.id,
        "kind": row.kind,
        "learning": row.learning,
        "minutes": row.minutes,
        "day": row.day.isoformat(),
        "begins": _time(row.begins_at),
        "ends": _time(row.ends_at),
        "line": row.line,
        "provider": row.provider,
        "created": _time(row.created_at),
        "counts": of.counted.get(row.id, []),
        "proof": of.proofs.get(row.id),
        "suggested_by": of.suggested.get(row.id),
    }


def _in_pots(of: Of) -> tuple[ColumnElement[bool], ...]:
    return (HoursRole.pot_id.in_(of.pots),)


def _of_hours_here(of: Of) -> tuple[ColumnElement[bool], ...]:
    here = select(HoursEntry.id).where(HoursEntry.community_id == of.community.id)
    return (HoursAct.entry_id.in_(here),)


def _of_sessions_here(session_id: InstrumentedAttribute[int], of: Of) -> ColumnElement[bool]:
    return session_id.in_(select(HoursSession.id).where(HoursSession.community_id == of.community.id))


def _noted_here(of: Of) -> tuple[ColumnElement[bool], ...]:
    here = select(HoursAttendance.id).where(_of_sessions_here(HoursAttendance.session_id, of))
    return (HoursAttendanceNote.attendance_id.in_(here),)


def _power(_of: Of, row: Administrator) -> dict[str, Any]:
    return {"power": row.power, "since": _time(row.named_at), "until": _time(row.ended_at)}


def _set(_of: Of, row: Setting) -> dict[str, Any]:
    return {"setting": row.name, "value": row.value, "at": _time(row.set_at)}


def _asked(_of: Of, row: AdministratorRequest) -> dict[str, Any]:
    return {"asked_at": _time(row.asked_at), "answered_at": _time(row.answered_at), "granted": row.granted}


def _done(_of: Of, row: SchoolAct) -> dict[str, Any]:
    return {"kind": row.kind, "detail": row.detail, "at": _time(row.at)}


def _of_school(table: Any) -> Callable[[Of], tuple[ColumnElement[bool], ...]]:
    return lambda of: (table.school_id == of.school_id,)


# What somebody is and did for the school of the community. About whom stands in the export of those.
_FOR_SCHOOL: Sequence[tuple[Any, str, str, Callable[[Of, Any], dict[str, Any]]]] = (
    (Administrator, "person_id", "administers", _power),
    (Administrator, "named_by", "administrators_named", _power),
    (AdministratorRequest, "person_id", "asked_to_administer", _asked),
    (SchoolAct, "person_id", "done_for_the_school", _done),
    (SchoolAct, "about_id", "done_for_the_school_about_me", _done),
    (Setting, "set_by", "settings_chosen", _set),
)

SHOWN: Mapping[str, Shown] = {
    # Its secret is nobody's: with it one could make letters.
    "hours_session.opened_by_id": Shown(
        "sessions_opened",
        lambda of, row: {
            "id": row.id,
            "title": row.title,
            "place": row.place,
            "day": row.day.isoformat(),
            "begins": _time(row.begins_at),
            "ends": _time(row.ends_at),
            "step": row.step,
            "cycle": of.cycles.get(row.cycle_id),
            "opened": _time(row.made_at),
            "list_closed": _time(row.closed_at),
            "cancelled": _time(row.cancelled_at),
        },
        lambda of: (HoursSession.community_id == of.community.id,),
    ),
    "hours_assigned.by_id": Shown(
        "sessions_assigned",
        lambda of, row: (
            {"session": row.session_id, "pot": of.pots.get(row.pot_id)}
            | {"at": _time(row.at), "until": _time(row.until)}
        ),
        lambda of: (HoursAssigned.pot_id.in_(of.pots),),
    ),
    "hours_attendance.person_id": Shown(
        "sessions_attended",
        lambda _of, row: {
            "session": row.session_id,
            "came": _time(row.came_at),
            "left": _time(row.left_at),
            "present": row.present,
            "way": row.way,
            "attested": _time(row.attested_at),
            "disputed": _time(row.disputed_at),
            "entry": row.entry_id,
        },
        lambda of: (_of_sessions_here(HoursAttendance.session_id, of),),
    ),
    # Also what was said of a colleague's: the words are this person's, whose it is stays out.
    "hours_attendance_note.by_id": Shown(
        "sessions_said",
        lambda _of, row: {
            "attendance": row.attendance_id,
            "said": row.kind,
            "came": _time(row.came_at),
            "left": _time(row.left_at),
            "words": row.words,
            "at": _time(row.at),
        },
        _noted_here,
    ),
    "hours_try.person_id": Shown(
        "letters_tried",
        lambda _of, row: {"session": row.session_id, "tries": row.tries},
        lambda of: (_of_sessions_here(HoursTry.session_id, of),),
    ),
    "hours_entry.person_id": Shown("hours", _hours, lambda of: (HoursEntry.community_id == of.community.id,)),
    # Also what was done with a colleague's entry: the words are this person's, the entry is not in it.
    "hours_act.by_id": Shown(
        "hours_done",
        lambda of, row: (
            {"entry": row.entry_id, "done": row.kind, "pot": of.pots.get(row.pot_id), "words": row.words}
            | {"became": row.next_id, "at": _time(row.at)}
        ),
        _of_hours_here,
    ),
    # What is theirs in the figures that a school leader read; of others there is nothing in it.
    "hours_figure_part.person_id": Shown(
        "hours_in_figures",
        lambda of, row: {"figure": row.figure_id, "minutes": row.minutes},
        lambda of: (
            HoursFigurePart.figure_id.in_(select(HoursFigure.id).where(HoursFigure.community_id == of.community.id)),
        ),
    ),
    **{
        f"hours_join.{column}": Shown(
            name,
            lambda _of, row: {
                "join": row.id,
                "at": _time(row.at),
                "first_yes": _time(row.one_yes_at),
                "second_yes": _time(row.other_yes_at),
                "ended": _time(row.ended_at),
            },
        )
        for column, name in (
            ("one_id", "accounts_joined"),
            ("other_id", "accounts_joined_too"),
            ("by_id", "accounts_proposed"),
        )
    },
    "hours_balance.person_id": Shown(
        "hours_balances",
        lambda of, row: {
            "pot": of.pots.get(row.pot_id),
            "planned": row.planned,
            "came": row.came,
            "counted": row.counted,
            "unaccounted": row.unaccounted,
            "carried": row.carried,
            "carried_of": row.layers,
            "at": _time(row.at),
        },
        lambda of: (HoursBalance.pot_id.in_(of.pots),),
    ),
    # What is in the file is others'; it is this person's that they asked for it.
    "hours_export.person_id": Shown(
        "hours_files",
        lambda _of, row: {"file": row.what, "asked_at": _time(row.asked_at), "made_at": _time(row.made_at)},
        lambda of: (HoursExport.community_id == of.community.id,),
    ),
    "hours_plan.person_id": Shown(
        "hours_plans",
        lambda of, row: {"pot": of.pots.get(row.pot_id), "minutes": row.minutes, "at": _time(row.at)},
        lambda of: (HoursPlan.pot_id.in_(of.pots),),
    ),
    "hours_handed.person_id": Shown(
        "hours_addresses",
        lambda _of, row: {"at": _time(row.at), "until": _time(row.until)},
        lambda of: (HoursHanded.community_id == of.community.id,),
    ),
    "hours_visit.person_id": Shown(
        "hours_approve_opened",
        lambda _of, row: {"course": row.course, "at": _time(row.at)},
        lambda of: (
            HoursVisit.deployment_id.in_(select(Course.deployment_id).where(Course.id == of.community.course_id)),
        ),
    ),
    **{
        f"{table.__tablename__}.{column}": Shown(called, show, _of_school(table))
        for table, column, called, show in _FOR_SCHOOL
    },
    "hours_role.person_id": Shown(
        "hours_roles",
        lambda of, row: {
            "pot": of.pots.get(row.pot_id),
            "role": row.role,
            "since": _time(row.since),
            "until": _time(row.until),
            "from_day": row.first_day.isoformat() if row.first_day else None,
            "to_day": row.last_day.isoformat() if row.last_day else None,
            "share": row.share,
            "minutes": row.minutes,
        },
        _in_pots,
    ),
    "provision_part.person_id": Shown(
        "on_the_school_list",
        lambda _of, row: {"role": row.role, "since": _time(row.since), "in_force_at": _time(row.in_force_at)},
        lambda of: (
            ProvisionPart.line_id.in_(
                select(ProvisionLine.id).where(ProvisionLine.course_id == of.community.course_id)
            ),
        ),
    ),
    "contribution.member_id": Shown("contributions", _contribution),
    "revision.member_id": Shown(
        "earlier_versions",
        lambda of, row: (
            of.kinds[row.contribution_id]
            | {"version": row.version, "content": row.body, "created": _time(row.created_at)}
            if of.kinds[row.contribution_id]["kind"] != merging.GROUP
            else None
        ),
    ),
    "dot.member_id": Shown(
        "dots", lambda of, row: of.rounds[row.round_id] | {"contribution": row.contribution_id, "dots": row.count}
    ),
    "consent.member_id": Shown(
        "decisions",
        lambda of, row: of.rounds[row.round_id] | {"answer": row.answer, "words": row.body, "at": _time(row.at)},
    ),
    "moment.member_id": Shown(
        "participation", lambda of, row: of.runs[row.step_run_id] | {"moment": row.kind, "at": _time(row.at)}
    ),
    "note.member_id": Shown("notes_to_confirm", lambda of, row: of.runs[row.step_run_id] | {"content": row.body}),
    # What a colleague said and this person typed: the words are in it, the colleague's name is not.
    "note.taker_id": Shown("notes_for_others", lambda of, row: of.runs[row.step_run_id] | {"content": row.body}),
    "pass.member_id": Shown("passed", lambda of, row: of.runs[row.step_run_id] | {"stage": row.stage}),
    "reopening.member_id": Shown(
        "reopened",
        lambda of, row: (
            of.runs[row.step_run_id] | {"reason": row.reason, "at": _time(row.at), "opened": _time(row.opened_at)}
        ),
    ),
    "yield_share.member_id": Shown(
        "yields_shared",
        lambda of, row: {"cycle": of.cycles[row.cycle_id], "content": row.body, "at": _time(row.at)},
    ),
    "act.member_id": Shown("acts", _act),
    "act.about_id": Shown("acts_about", _act),
    "draft.member_id": Shown("drafts", lambda _of, row: {"content": row.body, "kept": _time(row.saved_at)}),
    "journal_entry.member_id": Shown(
        "journal",
        lambda _of, row: {"text": row.text, "created": _time(row.created_at), "changed": _time(row.updated_at)},
    ),
    "member.person_id": Shown(
        "",
        lambda _of, row: {
            "number": row.number,
            "joined": _time(row.joined_at),
            "takes_part_as": row.standing,
            "facilitates": row.facilitates,
            "facilitated_on": row.facilitated_on.isoformat() if row.facilitated_on else None,
            "leads": row.leads,
            "opened": _time(row.opened_at),
            "away_until": _time(row.away_until),
            "away_by_own_word": row.away_own,
            "away_since": _time(row.away_since),
            "away_and_seen": _time(row.away_seen_at),
            "ask_me_about": row.ask_me,
            "a_text_was_hidden": row.to_mend,
        },
        lambda of: (Member.community_id == of.community.id,),
    ),
    "seat.person_id": Shown(
        "seat",
        lambda _of, row: {
            "role_at_launch": row.launch_role,
            "role_in_roster": row.roster_role,
            "present": row.present,
            "gone": _time(row.gone_at),
            "first_seen": _time(row.first_seen_at),
        },
        lambda of: (Seat.course_id == of.community.course_id,),
    ),
    "score.person_id": Shown("scores", _score, lambda of: (Score.line_item_id.in_(of.columns),)),
    "launch.person_id": Shown(
        "launches",
        lambda _of, row: {"roles": row.roles.split(), "language": row.locale, "at": _time(row.created_at)},
        lambda of: (Launch.course_id == of.community.course_id,),
    ),
}

# A table that has a person in it through another one -> the list in which its rows are shown.
WITHIN: Mapping[str, str] = {
    "attachment": "contributions",
    "link": "contributions",
    "hours_proof": "hours",
    "hours_count": "hours",
    "hours_suggestion": "hours",
}

NOT_SHOWN: Mapping[str, str] = {
    "round": "The community's: which text was put to all, and when. Whoever wrote that text has it in their own list,"
    " and everybody their own answers and dots.",
    "provision_run.person_id": "Who last had a long list of courses applied, and how far it is: that it was done stands"
    " in the trail of the school, which is shown.",
    "browser_session.person_id": "Of no community: a keyed hash, two times, a kind of browser, forgotten in a day."
    " Its person has a page of them; whoever found the hash in a file that was kept could only misuse it.",
    "year_turn.asked_by": "Of a school: that somebody looked, as its administrator, at what could be done for many.",
    "year_turn.applied_by": "Of a school: that somebody did so, as its administrator, stands in the school's trail.",
    "year_turn_line": "The school's: of which communities one looked whether a cycle could be paused, ended or begun.",
}

# The tables whose rows are people.
PEOPLE = {"person", "member"}


def tables(metadata: MetaData = Base.metadata) -> dict[str, bool]:
    """Every table with a person in it -> whether it points at people itself, and not only through another one."""
    found: dict[str, bool] = {}
    known = set(PEOPLE)
    while fresh := {
        table.name: bool(led & PEOPLE)
        for table in metadata.tables.values()
        if table.name not in found and (led := {key.column.table.name for key in table.foreign_keys}) & known
    }:
        found |= fresh
        known |= fresh.keys()
    return found


def pointing() -> Iterator[tuple[str, Column[Any]]]:
    """Every column of every table that points at a person or a member, as "table.column"."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if {key.column.table.name for key in column.foreign_keys} & PEOPLE:
                yield f"{table.name}.{column.name}", column


def everything(session: Session, community: Community, owner: Member) -> dict[str, Any]:
    """Plain lists and texts; times in ISO 8601, UTC."""
    of, person = Of(session, community, owner), session.get_one(Person, owner.person_id)
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    found: dict[str, Any] = {
        "community": community.name,
        "name": person.name,
        "language": person.locale,
        "learning_platform": person.issuer,
        "learning_platform_user": person.sub,
        "known_since": _time(person.created_at),
    }
    found["groups"] = of.groups
    for name, column in pointing():
        if name in NOT_SHOWN:
            continue
        shown, (key,) = SHOWN[name], column.foreign_keys
        whose = owner.id if key.column.table.name == "member" else owner.person_id
        query = select(models[column.table]).where(column == whose, *shown.within(of))
        rows = session.scalars(query.order_by(*column.table.primary_key))
        said = [each for row in rows if (each := shown.say(of, row)) is not None]
        found |= {shown.name: said} if shown.name else said[0]
    return found


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
