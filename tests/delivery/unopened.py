"""What the tests of a step that nobody opened share: its moments, its column, and the looks for its placement."""

from collections.abc import Callable

from sqlalchemy import select

from lti_tool.demo.model import Activity, Column
from lti_tool.domain import outbox, participation
from lti_tool.domain.participation import Kind
from lti_tool.models import Community, Course, Cycle, Member, Person, ResourceLink, StepRun
from tests.delivery.desk import Desk

STEP = "information"
NAME = {"resource_id": "leerkring-1-information", "tag": "participation"}
HOUR = 3600.0


def earn(
    desk: Desk, name: str, *kinds: Kind, number: int = 1, course: str = "", slowly: Callable[[], object] = lambda: None
) -> None:
    """Somebody's moments in step 2 of a cycle, reached from step 1; each in a transaction of its own.

    slowly: called when all is written and nothing committed.
    """
    for kind in kinds or (Kind.INPUT,):
        with desk.tool.session() as session:
            member, cycle = session.execute(
                select(Member, Cycle)
                .join(Cycle, Cycle.community_id == Member.community_id)
                .join(Community, Community.id == Member.community_id)
                .join(Course, Course.id == Community.course_id)
                .join(Person, Person.id == Member.person_id)
                .where(
                    Person.sub == desk.world.person(name).id,
                    Course.context_id == (course or desk.world.course().id),
                    Cycle.number == number,
                )
            ).one()
            run = session.scalars(select(StepRun).filter_by(cycle_id=cycle.id, step=STEP)).first()
            if run is None:
                run = StepRun(cycle_id=cycle.id, step=STEP, stage="questions")
                session.add(run)
                session.flush()
            participation.mark(session, run, member, kind)
            slowly()


def column_of(desk: Desk, activity: Activity | None = None) -> Column:
    """The column that an activity (that of step 2) has from the beginning."""
    activity = activity or desk.world.activity(STEP)
    return next(c for c in desk.lms.school.columns.values() if c.activity_id == activity.id)


def grade(desk: Desk, name: str, column: Column | None = None) -> float | None:
    """Somebody's grade in it."""
    found = desk.lms.school.grade((column or column_of(desk)).id, desk.world.person(name).id)
    return found.score if found else None


def links(desk: Desk, step: str = STEP) -> list[ResourceLink]:
    """The placements of a step that the tool knows."""
    with desk.tool.session() as session:
        return list(session.scalars(select(ResourceLink).where(ResourceLink.step == step)))


def reasons(desk: Desk) -> list[str | None]:
    """What became of each look."""
    assert all(row.done_at and not row.stopped_at for row in desk.rows(outbox.Kind.PLACEMENT))
    return [row.reason for row in desk.rows(outbox.Kind.PLACEMENT)]


def looks(desk: Desk) -> int:
    """How often the LMS was asked and answered; a token that grew old is none of our business."""
    return len([call for call in desk.calls("lineitems") if call.status == 200])


def place_again(desk: Desk, **custom: str) -> Activity:
    """One more activity of step 2 with a column of its own."""
    first, school = desk.world.activity(STEP), desk.lms.school
    custom = {**first.custom, **custom}
    activity = school.add_activity(first.course_id, first.client_id, "Nog eens", url=first.url, custom=custom)
    school.couple(activity, 100, NAME["resource_id"], NAME["tag"])
    return activity
