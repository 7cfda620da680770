"""Scores: computed and stored before the first attempt, repeated unchanged, settled by what the LMS says.

Never a zero, never over a grade that a person set in the LMS. Source: AGS 2.0 section 3.4, M24 to M27.
"""

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery.worker import Done, Later, Outcome, Stop
from lti_tool.domain import outbox, participation
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_RESULT
from lti_tool.models import (
    Community,
    Cycle,
    Deployment,
    Member,
    Moment,
    OutboxRow,
    Registration,
    ResourceLink,
    Score,
    Seat,
    StepRun,
)
from lti_tool.models import Person as PersonRow
from lti_tool.parts import Parts
from lti_tool.text import Text

# Grades closer than this are the same: columns rescale and round.
SAME = 0.6
# Seconds for which a column's grades, once read, are believed: one read serves a whole batch.
GRADES_FRESH = 5.0
RETRY_AFTER_MAX = 86_400.0

COMMENT = Text("Deelname: {done} van 3 momenten.", "Participation: {done} of 3 moments.")


@dataclass(frozen=True)
class Sending:
    """One score on its way. own: what we may have sent before; the LMS showing one of these is us."""

    platform: Registration
    score_id: int
    link_id: int
    line_item_url: str
    payload: dict[str, Any]
    own: tuple[int, ...]
    readable: bool
    gradable: bool

    @property
    def given(self) -> int:
        """The score itself, 0..100."""
        return int(self.payload["scoreGiven"])


class Held(Exception):
    """A person set this grade in the LMS: it stays."""


class Arrived(Exception):
    """The LMS has this very score already."""


class Scores:
    """The handler of score rows."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._grades: dict[int, tuple[float, dict[str, float]]] = {}
        self._reading: dict[int, threading.Lock] = defaultdict(threading.Lock)

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """Compute each score and its timestamp and store both, so that a retry repeats them exactly."""
        ready: dict[int, Any] = {}
        links = {
            link.id: (link, platform, community.locale)
            for link, platform, community in session.execute(
                select(ResourceLink, Registration, Community)
                .join(Deployment, Deployment.id == ResourceLink.deployment_id)
                .join(Registration, Registration.id == Deployment.registration_id)
                .join(Community, Community.id == ResourceLink.community_id)
                .where(ResourceLink.id.in_({row.ids["link"] for row in rows}))
            )
        }
        people = {row.ids["person"] for row in rows}
        for link_id, (link, platform, locale) in links.items():
            mine = [row for row in rows if row.ids["link"] == link_id]
            if not link.line_item_url:
                outbox.put(session, outbox.LINE_ITEM, str(link.id), link=link.id)
                ready.update({row.id: Done("waits_for_column") for row in mine})
                continue
            facts = self._facts(session, link, people)
            for row in mine:
                ready[row.id] = self._prepare_one(session, link, platform, locale, facts.get(row.ids["person"]))
        return ready

    def _facts(self, session: Session, link: ResourceLink, people: set[int]) -> dict[int, Any]:
        """person id -> (person, seat, score, moments), for one placement, in one query."""
        moments = (
            select(Member.person_id, func.count(Moment.id).label("moments"))
            .join(Moment, Moment.member_id == Member.id)
            .join(StepRun, StepRun.id == Moment.step_run_id)
            .join(Cycle, Cycle.id == StepRun.cycle_id)
            .where(
                Cycle.community_id == link.community_id, Cycle.number == link.cycle_number, StepRun.step == link.step
            )
            .group_by(Member.person_id)
            .subquery()
        )
        rows = session.execute(
            select(PersonRow, Seat, Score, func.coalesce(moments.c.moments, 0))
            .join(Seat, (Seat.person_id == PersonRow.id) & (Seat.course_id == link.course_id))
            .outerjoin(Score, (Score.person_id == PersonRow.id) & (Score.resource_link_id == link.id))
            .outerjoin(moments, moments.c.person_id == PersonRow.id)
            .where(PersonRow.id.in_(people))
        )
        return {person.id: (person, seat, score, count) for person, seat, score, count in rows}

    def _prepare_one(
        self, session: Session, link: ResourceLink, platform: Registration, locale: str, facts: Any
    ) -> Sending | Outcome:
        if facts is None:
            return Done("no_seat")
        person, seat, score, moments = facts
        given = participation.score(moments, link.passback)
        if given is None:
            return Done("nothing_to_send")
        if score is None:
            score = Score(resource_link_id=link.id, person_id=person.id, tried=[])
            session.add(score)
        if link.line_item_gone:
            score.state, score.reason = "gone", "column_gone"
            return Stop("column_gone")
        if not seat.gradable:
            # Sending would only bring a 400 (M24), or a teacher's grade nobody asked for (U18).
            score.state, score.reason = "not_gradable", None
            session.flush()
            return Done("not_gradable")
        if score.state == "arrived" and score.arrived == given:
            return Done("arrived_before")
        if score.payload is None or score.payload["scoreGiven"] != given:
            moment = now().replace(microsecond=0)
            if score.sent_at is not None and moment <= score.sent_at:
                # Later by a whole second (M24), and never in the future: wait for that second.
                return Later("next_second", (score.sent_at - now()).total_seconds() + 1.0)
            score.payload = _payload(person.sub, given, moments, moment, locale)
            score.sent_at = moment
            score.tried = [*score.tried, given]
        score.state, score.reason = "waiting", None
        session.flush()
        return Sending(
            platform,
            score.id,
            link.id,
            link.line_item_url,
            score.payload,
            tuple(score.tried),
            SCOPE_RESULT in link.scopes.split(),
            seat.gradable,
        )

    def send(self, prepared: Sending) -> Any:
        """Look whether a person set the grade, then post; a 409 is settled by what stands in the column."""
        sub = prepared.payload["userId"]
        standing = self._standing(prepared, sub)
        if standing is not None:
            if abs(standing - prepared.given) < SAME:
                return Arrived()
            if not any(abs(standing - value) < SAME for value in prepared.own):
                return Held()
        try:
            self.parts.services.post_score(prepared.platform, prepared.line_item_url, prepared.payload)
        except OutboundError as error:
            self._note(prepared, None)
            if (error.status == 409 or error.reason == "not_taken") and prepared.readable:
                grades = self.parts.services.results(prepared.platform, prepared.line_item_url, sub)
                if abs(grades.get(sub, -1.0) - prepared.given) < SAME:
                    return Arrived()
            raise
        self._note(prepared, prepared.given)
        return None

    def _note(self, prepared: Sending, given: int | None) -> None:
        """Correct what was read: a grade older than our own last score would look set by hand."""
        grades = self._grades.get(prepared.link_id, (0.0, {}))[1]
        grades.pop(prepared.payload["userId"], None)
        if given is not None:
            grades[prepared.payload["userId"]] = float(given)

    def _standing(self, prepared: Sending, sub: str) -> float | None:
        if not prepared.readable:
            return None
        with self._reading[prepared.link_id]:
            read_at, grades = self._grades.get(prepared.link_id, (float("-inf"), {}))
            if time.monotonic() - read_at > GRADES_FRESH:
                grades = self._read(prepared)
                self._grades[prepared.link_id] = (time.monotonic(), grades)
        return grades.get(sub)

    def _read(self, prepared: Sending) -> dict[str, float]:
        try:
            return self.parts.services.results(prepared.platform, prepared.line_item_url)
        except OutboundError as error:
            if error.reason == "scope_not_granted":
                # The launch promised what the token does not hold (M4): as if it had not been promised.
                return {}
            raise

    def settle(self, session: Session, prepared: Sending, answer: Any) -> Outcome:
        """Arrived, held, not gradable, gone, refused, or to be tried again."""
        score = session.get_one(Score, prepared.score_id)
        if answer is None or isinstance(answer, Arrived):
            score.state, score.arrived, score.arrived_at = "arrived", prepared.given, now()
            score.payload, score.reason, score.tried = None, None, [prepared.given]
            return Done()
        if isinstance(answer, Held):
            score.state, score.reason, score.payload = "held", "set_by_hand", None
            # What was held back never left: should it stand there one day, a person set that too.
            score.tried = [] if score.arrived is None else [score.arrived]
            return Stop("set_by_hand")
        # What the token endpoint answers says nothing of the column.
        status = answer.status if isinstance(answer, OutboundError) and answer.reason == "status" else 0
        if status == 409:
            # Something newer stands there and it is not this score: say it again, with a later time.
            score.payload, score.reason = None, "conflict"
            return Later("conflict")
        if status == 404:
            session.get_one(ResourceLink, prepared.link_id).line_item_gone = True
            score.state, score.reason, score.payload = "gone", "column_gone", None
            return Stop("column_gone")
        outcome = answer_to(answer)
        score.reason = outcome.reason
        if isinstance(outcome, Stop):
            score.state, score.payload = "refused", None
        return outcome


def _payload(sub: str, given: int, moments: int, moment: dt.datetime, locale: str) -> dict[str, Any]:
    """A score as AGS 2.0, 3.4.9 wants it: always FullyGraded (M25), always with a comment (M26)."""
    return {
        "userId": sub,
        "scoreGiven": given,
        "scoreMaximum": 100,
        "activityProgress": "Completed" if moments >= len(participation.Kind) else "InProgress",
        "gradingProgress": "FullyGraded",
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "comment": COMMENT.of(locale).format(done=moments),
    }


def answer_to(error: Exception) -> Later | Stop:
    """What follows from a failed call: network faults, redirects, 429 and 5xx are tried again, other 4xx stop.

    So is a refused token: what the platform has against the tool, it has not against this score.
    """
    if not isinstance(error, OutboundError):
        return Later("error")
    if error.status < 400 or error.status in (408, 429) or error.status >= 500 or error.reason == "token":
        if error.reason in ("address", "address_not_https", "private_address"):
            return Stop(error.reason)
        return Later(f"{error.reason}_{error.status}" if error.status else error.reason, _pause(error.retry_after))
    return Stop(f"{error.reason}_{error.status}")


def _pause(retry_after: str | None) -> float | None:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3); None where there is none to go by."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return min(max(float(retry_after), 1.0), RETRY_AFTER_MAX)
    from email.utils import parsedate_to_datetime

    try:
        return min(max((parsedate_to_datetime(retry_after) - now()).total_seconds(), 1.0), RETRY_AFTER_MAX)
    except (TypeError, ValueError):
        return None
