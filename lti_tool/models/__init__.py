"""The tables, and nothing else. Imported as a whole, so that every foreign key finds its table."""

from lti_tool.models.community import Community, JournalEntry, Member
from lti_tool.models.course import Course, Person, ResourceLink, Seat
from lti_tool.models.cycle import (
    Attachment,
    Consent,
    Contribution,
    Cycle,
    Dot,
    Draft,
    Link,
    Moment,
    Note,
    Reopening,
    Revision,
    Round,
    StepRun,
    YieldShare,
)
from lti_tool.models.outbox import OutboxRow, Score, WorkerBeat
from lti_tool.models.platform import (
    BrowserSession,
    Deployment,
    Invite,
    Launch,
    LoginAttempt,
    Registration,
)

__all__ = [
    "Attachment",
    "BrowserSession",
    "Community",
    "Consent",
    "Contribution",
    "Course",
    "Cycle",
    "Deployment",
    "Dot",
    "Draft",
    "Invite",
    "JournalEntry",
    "Launch",
    "Link",
    "LoginAttempt",
    "Member",
    "Moment",
    "Note",
    "OutboxRow",
    "Person",
    "Registration",
    "Reopening",
    "ResourceLink",
    "Revision",
    "Round",
    "Score",
    "Seat",
    "StepRun",
    "WorkerBeat",
    "YieldShare",
]
