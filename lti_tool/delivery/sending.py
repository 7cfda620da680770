"""One score on its way: what is known of it, what it says, and what the LMS may say to it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from lti_tool.db import now
from lti_tool.delivery import alarms
from lti_tool.delivery.outcome import Done, Later, Outcome, Stop
from lti_tool.domain import outbox
from lti_tool.domain.participation import columns
from lti_tool.lti.answers import Grade
from lti_tool.lti.services import SCOPE_RESULT
from lti_tool.models import LineItem, Registration, ResourceLink, ScoreState


@dataclass(frozen=True, slots=True)
class Column:
    """A column that scores go to."""

    item: LineItem
    link: ResourceLink
    platform: Registration
    locale: str
    kind: columns.Kind

    @property
    def things(self) -> tuple[str, str]:
        """What may be refused, as alarms name it: the column's address, and the service."""
        return alarms.about("column", self.item.id), str(outbox.Kind.SCORE)

    @property
    def readable(self) -> bool:
        """Whether the launch allows to read what stands there."""
        return SCOPE_RESULT in self.link.scopes.split()


@dataclass(slots=True)
class Known:
    """What is known of a person's score, as it is stored."""

    person_id: int
    id: int | None
    state: ScoreState
    payload: dict[str, Any] | None
    tried: list[Any]
    sent_at: dt.datetime | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One score on its way. own: what we may have sent to this column before.

    trial: it finds out whether what was refused (alarms.Alarm) goes again.
    """

    column: Column
    score_id: int
    payload: dict[str, Any]
    own: tuple[float, ...]
    trial: bool = False

    @property
    def given(self) -> float | None:
        """The score itself; None where what was sent before is taken out."""
        return cast(float | None, self.payload.get("scoreGiven"))

    def stands(self, standing: Grade | None) -> bool:
        """Whether the LMS shows this very score, or nothing where nothing is to stand there."""
        if standing is None or self.given is None:
            return standing is None and self.given is None
        return self._same(standing, self.given)

    def ours(self, standing: Grade) -> bool:
        """Whether a grade in the LMS is one that we sent: to this column, or to the one that it is a copy of.

        A course that was copied with its people has their old grades in its columns (M36, M74), which nobody set
        by hand: they come with our own sentence, and are what it says. Moodle keeps that sentence under a grade that
        somebody overrides (M63), which is then no longer what it says.
        """
        values = (*self.own, *self.column.kind.said(standing.comment))
        return any(self._same(standing, value) for value in values)

    def _same(self, standing: Grade, value: float) -> bool:
        """Whether a grade in the LMS is this value, as columns rescale and round."""
        return abs(standing.score * self.column.kind.maximum / 100 - value) < self.column.kind.same


class Held(Exception):
    """A person set this grade in the LMS: it stays."""


class Arrived(Exception):
    """The LMS has this very score already."""


class Gone(Exception):
    """The column is no more."""


class Unknown(Exception):
    """The column is there, but the LMS does not know the person."""


def without_sending(
    column: Column, known: Known, value: columns.Value, arrived: float | None, sub: str, gradable: bool
) -> Outcome | None:
    """What becomes of a person's score without sending; None where it is to be sent. Changes `known`."""
    if column.item.gone:
        known.state, known.reason = ScoreState.GONE, "column_gone"
        return Stop("column_gone")
    if not gradable:
        # Sending would only bring a 400 (M24), or a teacher's grade nobody asked for (U18).
        known.state, known.reason = ScoreState.NOT_GRADABLE, None
        return Done("not_gradable")
    if known.state == ScoreState.ARRIVED and arrived == value.score:
        return Done("arrived_before")
    if known.payload is None or known.payload.get("scoreGiven") != value.score:
        moment = now().replace(microsecond=0)
        if known.sent_at is not None and moment <= known.sent_at:
            # Later by a whole second (M24), and never in the future: wait for that second.
            return Later("next_second", (known.sent_at - now()).total_seconds() + 1.0)
        known.payload = _payload(column, sub, value, moment)
        known.sent_at = moment
        known.tried = known.tried if value.score is None else [*known.tried, value.score]
    known.state, known.reason = ScoreState.WAITING, None
    return None


def _payload(column: Column, sub: str, value: columns.Value, moment: dt.datetime) -> dict[str, Any]:
    """A score as AGS 2.0, 3.4.9 wants it: always FullyGraded (M25), always with a comment (M26).

    Without scoreGiven the grade that stands there goes (A-6, M25).
    """
    return {
        "userId": sub,
        **({} if value.score is None else {"scoreGiven": value.score}),
        "scoreMaximum": column.kind.maximum,
        "activityProgress": str(value.progress),
        "gradingProgress": "FullyGraded",
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "comment": value.comment.of(value.locale or column.locale),
    }
