"""Scores: computed and stored before the first attempt, repeated unchanged, settled by what the LMS says.

Never a zero, never over a grade that a person set in the LMS. Source: AGS 2.0 section 3.4, M24 to M27.
What a score says comes from its column's kind (domain.participation.columns).
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery import alarms
from lti_tool.delivery.outcome import OF_ADDRESS, Done, Later, Outcome, Row, Stop, answer_to, code, trouble
from lti_tool.delivery.sending import Arrived, Column, Gone, Held, Known, Sending, Unknown, without_sending
from lti_tool.domain.participation import columns
from lti_tool.i18n import LANGUAGES
from lti_tool.lti.answers import Grade
from lti_tool.lti.once import Once
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import (
    Alarm,
    Community,
    Deployment,
    LineItem,
    Registration,
    ResourceLink,
    Score,
    ScoreState,
    Seat,
    takes_scores,
)
from lti_tool.models import Person as PersonRow
from lti_tool.parts import Parts

# Seconds for which a column's grades, once read, are believed: one read serves a whole batch.
GRADES_FRESH = 5.0

# Every score goes through these. Built once, they are hot.
_SCORE = cast(Table, Score.__table__)
_COLUMNS = (
    # A column is of all communities of its course: it speaks as the course's own does.
    select(
        LineItem,
        ResourceLink,
        Registration,
        select(Community.locale)
        .where(Community.course_id == ResourceLink.course_id)
        .order_by(Community.group_id, Community.id)
        .limit(1)
        .correlate(ResourceLink)
        .scalar_subquery(),
    )
    .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
    .join(Deployment, Deployment.id == ResourceLink.deployment_id)
    .join(Registration, Registration.id == Deployment.registration_id)
    .where(LineItem.id.in_(bindparam("columns", expanding=True)))
)
_PEOPLE = (
    select(
        PersonRow.id,
        PersonRow.sub,
        Seat.launch_role,
        Seat.roster_role,
        *(_SCORE.c[name] for name in ("id", "state", "payload", "tried", "sent_at", "arrived")),
    )
    .join(Seat, (Seat.person_id == PersonRow.id) & (Seat.course_id == bindparam("course")))
    .outerjoin(_SCORE, (_SCORE.c.person_id == PersonRow.id) & (_SCORE.c.line_item_id == bindparam("column")))
    .where(PersonRow.id.in_(bindparam("people", expanding=True)))
)
_NEW = insert(_SCORE)
_CHANGED = update(_SCORE).where(_SCORE.c.id == bindparam("score")).values(
    state=bindparam("new_state"),
    reason=bindparam("new_reason"),
    payload=bindparam("new_payload", type_=_SCORE.c.payload.type),
    tried=bindparam("new_tried", type_=_SCORE.c.tried.type),
    sent_at=bindparam("new_sent_at", type_=_SCORE.c.sent_at.type),
)  # fmt: skip
_NUMBERS = select(_SCORE.c.person_id, _SCORE.c.id).where(
    _SCORE.c.line_item_id == bindparam("column"), _SCORE.c.person_id.in_(bindparam("people", expanding=True))
)
# Of one that was on its way while its column got another address (columns.set_url) nothing has been tried there yet:
# it arrived in the one before.
_ARRIVED = update(_SCORE).where(
    _SCORE.c.id == bindparam("score"), func.json_array_length(_SCORE.c.tried) > 0
).values(
    state=ScoreState.ARRIVED,
    arrived=bindparam("value"),
    arrived_at=bindparam("moment"),
    payload=None,
    reason=None,
    tried=bindparam("values", type_=_SCORE.c.tried.type),
)  # fmt: skip


class Scores:
    """The handler of score rows."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        # By the column's address: it may get another, with other grades.
        self._grades: dict[str, tuple[float, dict[str, Grade]]] = {}
        self._reading: Once[str, dict[str, Grade]] = Once()

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """Compute each score and its timestamp and store both, so that a retry repeats them exactly."""
        ready: dict[int, Any] = {}
        found = session.execute(_COLUMNS, {"columns": list({row.ids["column"] for row in rows})})
        named = [
            Column(each[0], each[1], each[2], each[3] or LANGUAGES[0], columns.KINDS[each[0].kind]) for each in found
        ]
        refused = alarms.known(
            session, {column.platform.id for column in named}, {thing for column in named for thing in column.things}
        )
        for column in named:
            item, link = column.item, column.link
            mine = {row.ids["person"]: row for row in rows if row.ids["column"] == item.id}
            if not item.url:
                if columns.has_values(session, link, item):
                    columns.look_for(session, link, item)
                ready.update({row.id: Done("waits_for_column") for row in mine.values()})
                continue
            of_column = [
                each for each in refused if each.registration_id == column.platform.id and each.about in column.things
            ]
            if of_column:
                ready.update(self._prepare_one(session, column, mine, of_column))
            else:
                ready.update(self._prepare(session, column, mine))
        return ready

    def _prepare_one(
        self, session: Session, column: Column, rows: dict[int, Row], refused: list[Alarm]
    ) -> dict[int, Any]:
        """The same where the LMS refused the column or the service: one tries first, in its time, the others wait."""
        ready: dict[int, Any] = {}
        first = alarms.try_first(session, refused)
        for person, row in rows.items():
            if first:
                ready.update(self._prepare(session, column, {person: row}))
                if isinstance(ready[row.id], Sending):
                    ready[row.id] = replace(ready[row.id], trial=True)
                    first = False
            else:
                ready[row.id] = alarms.wait(refused)
        if first:
            alarms.not_tried(session, refused)
        return ready

    def _prepare(self, session: Session, column: Column, rows: dict[int, Row]) -> dict[int, Any]:
        """Row id -> what becomes of it, for the people of one column."""
        people = list(rows)
        values = column.kind.values(session, column.link, column.item.period, people)
        ready: dict[int, Any] = {row.id: Done("no_seat") for row in rows.values()}
        to_send: list[Known] = []
        changed: list[Known] = []
        keys = {"course": column.link.course_id, "column": column.item.id, "people": people}
        for person_id, sub, launch_role, roster_role, *stored, arrived in session.execute(_PEOPLE, keys):
            row, value = rows[person_id], values.get(person_id)
            known = (
                Known(person_id, *stored) if stored[0] else Known(person_id, None, ScoreState.WAITING, None, [], None)
            )
            if value is None or (value.score is None and not known.tried):
                # Of the latter nothing of ours can stand there, to be taken out.
                ready[row.id] = Done("nothing_to_send")
                continue
            outcome = without_sending(column, known, value, arrived, sub, takes_scores(launch_role, roster_role))
            if outcome is None:
                to_send.append(known)
            else:
                ready[row.id] = outcome
            if known.state != ScoreState.ARRIVED and not isinstance(outcome, Later):
                changed.append(known)
        self._store(session, column, changed)
        for known in to_send:
            assert known.id
            assert known.payload
            ready[rows[known.person_id].id] = Sending(column, known.id, known.payload, tuple(known.tried))
        return ready

    def _store(self, session: Session, column: Column, changed: list[Known]) -> None:
        new = [known for known in changed if known.id is None]
        if new:
            values = [
                {
                    "line_item_id": column.item.id,
                    "person_id": known.person_id,
                    "state": known.state,
                    "reason": known.reason,
                    "payload": known.payload,
                    "tried": known.tried,
                    "sent_at": known.sent_at,
                }
                for known in new
            ]
            session.connection().execute(_NEW, values)
        old = [
            {
                "score": known.id,
                "new_state": known.state,
                "new_reason": known.reason,
                "new_payload": known.payload,
                "new_tried": known.tried,
                "new_sent_at": known.sent_at,
            }
            for known in changed
            if known.id is not None
        ]
        if old:
            session.connection().execute(_CHANGED, old)
        if new:
            keys = {"column": column.item.id, "people": [known.person_id for known in new]}
            numbers = dict(map(tuple, session.execute(_NUMBERS, keys)))
            for known in new:
                known.id = numbers[known.person_id]

    def send(self, prepared: Sending) -> Any:
        """Look whether a person set the grade, then post; a 409 is settled by what stands in the column.

        And a 404 by whether the column is there.
        """
        try:
            return self._send(prepared)
        except OutboundError as error:
            if error.reason != "status" or error.status not in (404, 410):
                raise
            column = prepared.column
            if not self.parts.services.has_line_item(column.platform, column.item.url):
                raise Gone from error
            if error.of_one:
                raise Unknown from error
            raise

    def _send(self, prepared: Sending) -> Any:
        sub, column = prepared.payload["userId"], prepared.column
        standing = self._standing(prepared, sub)
        if standing is not None:
            if prepared.stands(standing):
                return Arrived()
            if not prepared.ours(standing):
                return Held()
        try:
            self.parts.services.post_score(column.platform, column.item.url, prepared.payload)
        except OutboundError as error:
            self._note(prepared, None)
            if (error.status == 409 or error.reason in ("not_taken", "timestamp")) and column.readable:
                grades = self._grade_of(column, sub)
                if prepared.stands(grades.get(sub)):
                    return Arrived()
            raise
        self._note(prepared, prepared.given)
        return None

    def _grade_of(self, column: Column, sub: str) -> dict[str, Grade]:
        try:
            return self.parts.services.results(column.platform, column.item.url, sub)
        except OutboundError as error:
            if error.status not in (404, 410):
                raise
            # Of a person without a grade some say that there is no such thing.
            return {}

    def _note(self, prepared: Sending, given: float | None) -> None:
        """Correct what was read: a grade older than our own last score would look set by hand."""
        grades = self._grades.get(prepared.column.item.url, (0.0, {}))[1]
        grades.pop(prepared.payload["userId"], None)
        if given is not None:
            score = 100 * given / prepared.column.kind.maximum
            grades[prepared.payload["userId"]] = Grade(score, prepared.payload["comment"])

    def _standing(self, prepared: Sending, sub: str) -> Grade | None:
        column = prepared.column
        if not column.readable:
            return None
        read_at, grades = self._grades.get(column.item.url, (float("-inf"), {}))
        if time.monotonic() - read_at > GRADES_FRESH:
            grades = self._reading.do(column.item.url, lambda: self._read(column))
        return grades.get(sub)

    def _read(self, column: Column) -> dict[str, Grade]:
        try:
            grades = self.parts.services.results(column.platform, column.item.url)
        except OutboundError as error:
            if error.reason != "scope_not_granted":
                raise
            # The launch promised what the token does not hold (M4): as if it had not been promised.
            grades = {}
        self._grades[column.item.url] = (time.monotonic(), grades)
        return grades

    def settle(self, session: Session, prepared: Sending, answer: Any) -> Outcome:
        """Arrived, held, not gradable, gone, refused, or to be tried again."""
        column = prepared.column
        if prepared.trial and not _refuses(answer) and trouble(answer) is None:
            alarms.over(session, column.platform.id, *column.things)
        if answer is None or isinstance(answer, Arrived):
            given = prepared.given
            own = [] if given is None else [given]
            values = {"score": prepared.score_id, "value": given, "values": own, "moment": now()}
            session.connection().execute(_ARRIVED, values)
            return Done()
        score = session.get_one(Score, prepared.score_id)
        outcome = self._refused(session, prepared, score, answer)
        score.reason = outcome.reason
        if isinstance(outcome, Stop):
            score.payload = None
            if score.state == ScoreState.WAITING:
                score.state = ScoreState.REFUSED
        return outcome

    def _refused(self, session: Session, prepared: Sending, score: Score, answer: Any) -> Later | Stop:
        column = prepared.column
        if isinstance(answer, Held):
            score.state = ScoreState.HELD
            # What was held back never left: should it stand there one day, a person set that too.
            score.tried = [] if score.arrived is None else [score.arrived]
            return Stop("set_by_hand")
        if isinstance(answer, Gone):
            # Held, so that no worker gives it another address between this look and what is made of it.
            item = session.get_one(LineItem, column.item.id, with_for_update=True, populate_existing=True)
            if item.url != column.item.url:
                # It was the old address that is gone: to the new one it goes again.
                score.payload = None
                return Later("column_moved")
            item.gone = True
            columns.look_again(session, session.get_one(ResourceLink, column.link.id), item)
            score.state = ScoreState.GONE
            return Stop("column_gone")
        if isinstance(answer, Unknown):
            return Stop("person_unknown")
        if not isinstance(answer, OutboundError):
            return answer_to(answer)
        # What the token endpoint answers says nothing of the column.
        if answer.reason == "timestamp" or (answer.status == 409 and answer.reason == "status"):
            # Something newer stands there and it is not this score: say it again, with a later time.
            score.payload = None
            return Later("conflict")
        if answer.of_one and answer.status == 500 and _alone(session, score):
            # M61: one grade is locked, the others of the column are taken. Once unlocked, so is this one.
            return Later(columns.LOCKED)
        if answer.of_one and answer.status == 500 and _all_alike(session, score):
            # M35: the whole column is locked, while those beside it take what is sent.
            return Later(columns.ALL_LOCKED)
        if not _refuses(answer):
            return answer_to(answer)
        thing, service = column.things
        if answer.reason == "scope_not_granted":
            return alarms.sound(session, column.platform.id, service, answer.reason, counts=prepared.trial)
        if prepared.trial or not (answer.of_one and _alone(session, score)):
            course = column.link.course_id
            return alarms.sound(session, column.platform.id, thing, code(answer), course=course, counts=prepared.trial)
        return Later(code(answer))


def _refuses(answer: Any) -> bool:
    """Whether it is the column, or the service, that the LMS refuses."""
    if not isinstance(answer, OutboundError):
        return False
    # Of a 404 it was seen by now that the column is there (Scores.send).
    address = answer.reason == "status" and answer.status in (*OF_ADDRESS, 404, 410)
    return address or answer.reason == "scope_not_granted"


def _alone(session: Session, score: Score) -> bool:
    """Whether scores of others arrived in the same column since this one was first sent."""
    others = select(Score.id).where(Score.line_item_id == score.line_item_id, Score.arrived_at >= score.sent_at)
    return session.scalar(others.where(Score.id != score.id).limit(1)) is not None


def _all_alike(session: Session, score: Score) -> bool:
    """Whether nothing arrives in this column, of somebody else neither, while in others of the course something did."""
    refused = select(Score.id).where(
        Score.line_item_id == score.line_item_id,
        Score.id != score.id,
        Score.state == ScoreState.WAITING,
        Score.payload.is_not(None),
    )
    course = (
        select(ResourceLink.course_id)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(LineItem.id == score.line_item_id)
    )
    beside = (
        select(Score.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.course_id.in_(course), LineItem.id != score.line_item_id, Score.arrived_at >= score.sent_at)
    )
    return all(session.scalar(each.limit(1)) is not None for each in (refused, beside))
