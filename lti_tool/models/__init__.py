"""The tables, and the codes that their columns hold. Imported as a whole, so that every foreign key finds its table.

Those of voices.py, hours.py, hours_sessions.py, school.py, copying.py and provision.py are not handed on from here: see
there.
"""

from lti_tool.models import copying as copying
from lti_tool.models import hours as hours
from lti_tool.models import hours_sessions as hours_sessions
from lti_tool.models import provision as provision
from lti_tool.models import school as school
from lti_tool.models import voices as voices
from lti_tool.models.community import Act, Community, JournalEntry, Member, Standing
from lti_tool.models.course import Beside, Course, LineItem, Person, Practice, ResourceLink, Seat, takes_scores
from lti_tool.models.cycle import (
    Authors,
    Cycle,
    Ending,
    Moment,
    Pass,
    Pause,
    Reopening,
    Round,
    RoundKind,
    RoundOutcome,
    StepRun,
    YieldShare,
)
from lti_tool.models.meeting import Meeting, Parked
from lti_tool.models.outbox import Alarm, OutboxRow, PlatformRest, Score, ScoreState, WorkerBeat
from lti_tool.models.platform import (
    BrowserSession,
    BurntNonce,
    Deployment,
    Invite,
    Launch,
    PlatformMove,
    Registration,
)

__all__ = [
    "Act",
    "Alarm",
    "Authors",
    "Beside",
    "BrowserSession",
    "BurntNonce",
    "Community",
    "Course",
    "Cycle",
    "Deployment",
    "Ending",
    "Invite",
    "JournalEntry",
    "Launch",
    "LineItem",
    "Meeting",
    "Member",
    "Moment",
    "OutboxRow",
    "Parked",
    "Pass",
    "Pause",
    "Person",
    "PlatformMove",
    "PlatformRest",
    "Practice",
    "Registration",
    "Reopening",
    "ResourceLink",
    "Round",
    "RoundKind",
    "RoundOutcome",
    "Score",
    "ScoreState",
    "Seat",
    "Standing",
    "StepRun",
    "WorkerBeat",
    "YieldShare",
    "takes_scores",
]
