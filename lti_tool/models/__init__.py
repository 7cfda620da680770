"""The tables, and nothing else. Imported as a whole, so that every foreign key finds its table."""

from lti_tool.models.community import Community, Member
from lti_tool.models.course import Course, Person, ResourceLink, Seat
from lti_tool.models.cycle import (
    Consent,
    Contribution,
    Cycle,
    Dot,
    Draft,
    Link,
    Moment,
    Revision,
    Round,
    StepRun,
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
    "Launch",
    "Link",
    "LoginAttempt",
    "Member",
    "Moment",
    "OutboxRow",
    "Person",
    "Registration",
    "ResourceLink",
    "Revision",
    "Round",
    "Score",
    "Seat",
    "StepRun",
    "WorkerBeat",
]
