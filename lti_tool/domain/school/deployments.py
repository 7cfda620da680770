"""Deployments of a school: which there are, and letting one launch, for a while not, or no more."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.school import trail
from lti_tool.domain.school.trail import Actor, Kind
from lti_tool.domain.school.wanting import DOWN
from lti_tool.models import Course, Deployment, Launch, Registration
from lti_tool.models.platform import Held
from lti_tool.models.school import School


@dataclass(frozen=True)
class Tenant:
    """A deployment: of which platform and school, whether it launches, and how many courses it has.

    down: whether its platform is in trouble, or refuses everything.
    """

    id: int
    platform_id: int
    platform: str
    family: str
    deployment: str
    approved: bool
    held: Held | None
    school_id: int
    school: str
    courses: int
    down: bool


def tenants(session: Session, school_id: int | None) -> list[Tenant]:
    """The deployments of a school, or (None) all there are, by platform."""
    courses = (
        select(func.count(Course.id))
        .where(Course.deployment_id == Deployment.id)
        .correlate(Deployment)
        .scalar_subquery()
    )
    query = (
        select(Deployment, Registration, School.name, courses, Deployment.registration_id.in_(DOWN))
        .join(Registration, Registration.id == Deployment.registration_id)
        .join(School, School.id == Deployment.school_id)
        .order_by(Registration.id, Deployment.id)
    )
    if school_id is not None:
        query = query.where(Deployment.school_id == school_id)
    return [
        Tenant(
            id=deployment.id,
            platform_id=platform.id,
            platform=platform.name or platform.issuer,
            family=platform.family,
            deployment=deployment.deployment_id,
            approved=deployment.approved,
            held=deployment.held,
            school_id=deployment.school_id,
            school=school,
            courses=int(many),
            down=bool(down),
        )
        for deployment, platform, school, many, down in session.execute(query)
    ]


def find(session: Session, school_id: int | None, deployment_id: int) -> Deployment:
    """A deployment of a school (None: of any), held until the transaction ends; Refused where there is none."""
    found = session.get(Deployment, deployment_id, with_for_update=True)
    if found is None or school_id not in (None, found.school_id):
        raise Refused("no_such_deployment")
    return found


def approve(session: Session, by: Actor, deployment: Deployment) -> None:
    """Let a deployment launch: one that waits, or was held."""
    if deployment.approved:
        return
    deployment.approved, deployment.held = True, None
    _note(session, Kind.DEPLOYMENT_APPROVED, by, deployment)


def hold(session: Session, by: Actor, deployment: Deployment, held: Held, *, through: int | None = None) -> None:
    """Let nobody come in by a deployment any more; who is in is out at once. Nothing that is stored goes.

    through: the deployment by which whoever does so came in themselves: Refused("holds_itself"), as nobody could undo
    it from there.
    """
    if through == deployment.id:
        raise Refused("holds_itself")
    if deployment.held == held:
        return
    deployment.approved, deployment.held = False, held
    session.execute(delete(Launch).where(Launch.deployment_id == deployment.id))
    _note(session, Kind.DEPLOYMENT_HELD, by, deployment, how=held)


def _note(session: Session, kind: Kind, by: Actor, deployment: Deployment, **detail: str) -> None:
    session.flush()
    trail.note(
        session,
        kind,
        by,
        school_id=deployment.school_id,
        registration_id=deployment.registration_id,
        detail={"deployment": deployment.id, **detail},
    )
