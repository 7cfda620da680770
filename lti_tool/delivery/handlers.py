"""The kinds of rows: columns, rosters, dates, key sets. Scores have a module of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.delivery.scores import Scores, answer_to
from lti_tool.delivery.worker import Done, Handler, Later, Outcome, Stop
from lti_tool.domain import cycle, outbox, participation, roster, survey
from lti_tool.lti import LaunchRefused
from lti_tool.lti.deeplink import SCORE_MAXIMUM
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_LINE_ITEM, RosterEntry
from lti_tool.models import Community, Course, Cycle, Deployment, OutboxRow, Registration, ResourceLink, StepRun
from lti_tool.observe import log
from lti_tool.parts import Parts


def all_handlers(parts: Parts) -> dict[str, Handler]:
    """Kind -> handler."""
    return {
        outbox.SCORE: Scores(parts),
        outbox.LINE_ITEM: LineItems(parts),
        outbox.PLACEMENT: Placements(parts),
        outbox.ROSTER: Rosters(parts),
        outbox.STAGE: Dates(parts),
        outbox.KEY_SET: KeySets(parts),
        outbox.FORGET: Forgetting(parts),
    }


@dataclass(frozen=True)
class _Base:
    parts: Parts


@dataclass(frozen=True)
class _Column:
    platform: Registration
    link: ResourceLink
    label: str
    taken: frozenset[str]


class LineItems(_Base):
    """Find a placement's column, or make it. The row's lease is the lock: one at a time a placement."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """The placement, and the columns that other placements already have."""
        ready: dict[int, Any] = {}
        for row in rows:
            link = session.get(ResourceLink, row.ids["link"])
            if link is None or (link.line_item_url and not link.line_item_gone):
                continue
            if not link.line_items_url:
                ready[row.id] = Stop("no_column_service")
                continue
            platform = session.scalars(
                select(Registration).join(Deployment).where(Deployment.id == link.deployment_id)
            ).one()
            others = session.scalars(
                select(ResourceLink.line_item_url).where(
                    ResourceLink.deployment_id == link.deployment_id, ResourceLink.id != link.id
                )
            )
            community = session.get_one(Community, link.community_id)
            step = self.parts.steps.by_name.get(link.step or "")
            label = link.title or (step.title.of(community.locale) if step else community.name)
            ready[row.id] = _Column(platform, link, label, frozenset(filter(None, others)))
        return ready

    def send(self, prepared: _Column) -> str:
        """The column's URL: by resource link, then by resource id and tag, only then a new one (U3, M22)."""
        services, link, url = self.parts.services, prepared.link, prepared.link.line_items_url
        resource_id = participation.resource_id(link.cycle_number, link.step or "")
        by_link = services.line_items(prepared.platform, url, resource_link_id=link.resource_link_id)
        by_name = services.line_items(prepared.platform, url, resource_id=resource_id, tag=participation.TAG)
        for item in [*by_link, *by_name]:
            # Saved twice in a course, both placements' columns bear the same resource id.
            if item.get("resourceLinkId", link.resource_link_id) == link.resource_link_id:
                if item["id"] not in prepared.taken:
                    return str(item["id"])
        if link.scopes and SCOPE_LINE_ITEM not in link.scopes.split():
            raise OutboundError("no_scope_for_columns", 403)
        return services.create_line_item(
            prepared.platform,
            url,
            {
                "label": prepared.label,
                "scoreMaximum": SCORE_MAXIMUM,
                "resourceId": resource_id,
                "tag": participation.TAG,
                "resourceLinkId": link.resource_link_id,
            },
        )

    def settle(self, session: Session, prepared: _Column, answer: Any) -> Outcome:
        """Keep the URL, and let all scores of the placement go."""
        if isinstance(answer, Exception):
            return answer_to(answer)
        link = session.get_one(ResourceLink, prepared.link.id)
        participation.set_column(session, link, answer)
        return Done()


@dataclass(frozen=True)
class _Unopened:
    platform: Registration
    run: StepRun
    cycle_number: int
    sibling: ResourceLink
    passback: str


class Placements(_Base):
    """Find the placement of a step whose activity nobody opened, by its column. Nothing is ever made."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """Whom to ask: a placement of the course that was opened."""
        ready: dict[int, Any] = {}
        for row in rows:
            run = session.get(StepRun, row.ids["run"])
            if run is None or _known(session, run):
                continue
            cycle_of = session.get_one(Cycle, run.cycle_id)
            found = participation.sibling(session, cycle_of)
            if found is None:
                continue
            sibling, passback = found
            if sibling.scopes and SCOPE_LINE_ITEM not in sibling.scopes.split():
                ready[row.id] = _not_found(run, "no_scope_for_columns")
                continue
            platform = session.scalars(
                select(Registration).join(Deployment).where(Deployment.id == sibling.deployment_id)
            ).one()
            ready[row.id] = _Unopened(platform, run, cycle_of.number, sibling, passback)
        return ready

    def send(self, prepared: _Unopened) -> list[dict[str, Any]]:
        """The step's columns that name an activity."""
        items = self.parts.services.line_items(
            prepared.platform,
            prepared.sibling.line_items_url,
            resource_id=participation.resource_id(prepared.cycle_number, prepared.run.step),
            tag=participation.TAG,
        )
        return [item for item in items if _names_activity(item)]

    def settle(self, session: Session, prepared: _Unopened, answer: Any) -> Outcome:
        """Keep the one there is, and let all scores of the step go; with none or several they wait for a launch."""
        if isinstance(answer, Exception):
            return answer_to(answer)
        run = prepared.run
        if _known(session, run):
            return Done()
        if len(answer) != 1:
            return _not_found(run, "several_columns" if answer else "no_column")
        (item,) = answer
        link = roster.place_unopened(
            session,
            prepared.sibling,
            item["id"],
            resource_link_id=item["resourceLinkId"],
            title=str(item.get("label") or "")[:255],
            step=run.step,
            cycle_number=prepared.cycle_number,
            passback=prepared.passback,
        )
        if link is None:
            return _not_found(run, "column_taken")
        participation.set_column(session, link, item["id"])
        return Done()


def _known(session: Session, run: StepRun) -> bool:
    """Whether the step's placement is known by now; what was earned just before it was is put in too."""
    links = participation.placements(session, run)
    for link in links:
        participation.catch_up(session, link)
    return bool(links)


def _names_activity(item: dict[str, Any]) -> bool:
    name = item.get("resourceLinkId")
    return isinstance(name, str) and 0 < len(name) <= 255


def _not_found(run: StepRun, reason: str) -> Done:
    """Not a fault: many communities place the home alone."""
    log.info("placement_not_found", key=str(run.id), reason=reason)
    return Done(reason)


@dataclass(frozen=True)
class _Roster:
    platform: Registration
    course_id: int
    url: str


class Rosters(_Base):
    """Read a course's roster: all of it or nothing."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """The course's roster address."""
        ready: dict[int, Any] = {}
        for row in rows:
            course = session.get(Course, row.ids["course"])
            if course is not None and course.memberships_url:
                platform = session.scalars(
                    select(Registration).join(Deployment).where(Deployment.id == course.deployment_id)
                ).one()
                ready[row.id] = _Roster(platform, course.id, course.memberships_url)
        return ready

    def send(self, prepared: _Roster) -> list[RosterEntry]:
        """Every page."""
        return [entry for page in self.parts.services.members(prepared.platform, prepared.url) for entry in page]

    def settle(self, session: Session, prepared: _Roster, answer: Any) -> Outcome:
        """Take it over in one transaction, or leave everything as it was."""
        course = session.get_one(Course, prepared.course_id)
        if isinstance(answer, Exception):
            course.roster = {**(course.roster or {}), "failed": getattr(answer, "reason", "error")}
            return answer_to(answer)
        if not answer:
            # An empty course is far less likely than an answer that lacks its people.
            return Later("empty_roster", 3600.0)
        roster.apply(session, course, prepared.platform.issuer, answer)
        return Done()


class _Within(_Base):
    """What is due here, and leaves for nowhere."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """Nothing to look up."""
        return {row.id: dict(row.ids) for row in rows}

    def send(self, prepared: dict[str, Any]) -> None:
        """Nothing leaves."""


class Dates(_Within):
    """An announced date came."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Move the stage; when nothing was to be done (any more), that is said as the outcome."""
        return Done(cycle.on_date(session, prepared["run"], prepared["stage"], self.parts.steps))


class Forgetting(_Within):
    """A cycle ended long enough ago: what was answered in its survey goes."""

    def settle(self, session: Session, prepared: dict[str, Any], answer: Any) -> Outcome:
        """Delete it."""
        return Done(survey.forget(session, prepared["cycle"]))


class KeySets(_Base):
    """A platform's key set is a day old: fetch it again before anybody waits for it."""

    def prepare(self, session: Session, rows: Sequence[OutboxRow]) -> dict[int, Any]:
        """The registration."""
        found = {row.id: session.get(Registration, row.ids["registration"]) for row in rows}
        return {row_id: registration for row_id, registration in found.items() if registration is not None}

    def send(self, prepared: Registration) -> Any:
        """Fetch it."""
        return self.parts.platform_keys.fetch(prepared)

    def settle(self, session: Session, prepared: Registration, answer: Any) -> Outcome:
        """Keep it; a failed fetch leaves the old one."""
        if isinstance(answer, LaunchRefused):
            return Later(answer.reason)
        if isinstance(answer, Exception):
            return answer_to(answer)
        self.parts.platform_keys.keep(session, prepared.id, answer)
        return Done()
