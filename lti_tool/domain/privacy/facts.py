"""What packs say of a school: what is set, and how many courses and columns there are. No person's data."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.domain.participation import Passback
from lti_tool.domain.school import retention, schools, settings
from lti_tool.domain.school.setting_kinds import SETTINGS, Naming
from lti_tool.domain.school.settings import Name, Scope
from lti_tool.models import Course, Deployment, ResourceLink
from lti_tool.models.school import Setting

# Of a setting that a pack speaks of.
SPOKEN = (Name.NAMES, Name.PASSBACK, Name.FACILITATION, Name.RETENTION)


@dataclass(frozen=True)
class Facts:
    """values: what holds for the school. apart: of how many courses something else is set. placed: how many activities
    pass on what, of those that have a gradebook. processors: who works for this installation, as its operator named
    them. platforms: the LMSs."""

    school: str
    platforms: Sequence[str]
    opens_on: dt.date | None
    values: Mapping[Name, str]
    apart: Mapping[Name, int]
    placed: Mapping[Passback, int]
    processors: Sequence[str]
    day: dt.date

    @property
    def by_number(self) -> bool:
        """Whether people are known by number alone."""
        return self.values[Name.NAMES] == Naming.PSEUDONYMS

    @property
    def retention(self) -> retention.Kept:
        """How long contents are kept."""
        return retention.read(self.values[Name.RETENTION])


def of_school(session: Session, school_id: int, processors: Sequence[str], day: dt.date) -> Facts:
    """What there is to say of a school. Refused: "school_unknown"."""
    listed = schools.listed(session, [school_id])[0]
    shown = {each.name: each.value for each in settings.shown(session, Scope(school_id=school_id))}
    its = schools.courses_of(school_id)
    own = select(Setting.name, func.count(Setting.id)).where(Setting.course_id.in_(its)).group_by(Setting.name)
    apart = {row[0]: row[1] for row in session.execute(own)}
    placed = (
        select(ResourceLink.passback, func.count(ResourceLink.id))
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(schools.school_id_of() == school_id, ResourceLink.line_items_url != "")
        .group_by(ResourceLink.passback)
    )
    return Facts(
        school=listed.name,
        platforms=sorted({each.platform for each in listed.places}),
        opens_on=listed.opens_on,
        values={name: str(shown[name]) for name in SPOKEN},
        apart={name: int(apart.get(name, 0)) for name in SPOKEN},
        placed={Passback(said): number for said, number in session.execute(placed) if said in list(Passback)},
        processors=processors,
        day=day,
    )


def chosen(facts: Facts, name: Name, locale: str) -> str:
    """What holds, in words."""
    return SETTINGS[name].choices[facts.values[name]].of(locale)
