"""The kinds of rows that talk to an LMS: columns, placements, rosters, key sets. Scores have their own module."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery import alarms
from lti_tool.delivery.clock import Cleaning, Dates, Figures, Pauses, Practices, Retention, YearTurns
from lti_tool.delivery.exports import HoursExports
from lti_tool.delivery.outcome import Done, Handler, Later, Outcome, Row, Stop, answer_to
from lti_tool.delivery.provision import Provisions
from lti_tool.delivery.scores import Scores
from lti_tool.domain import outbox, participation
from lti_tool.domain.community import away, belonging, doubt, leaving, listing, members, naming, roster
from lti_tool.domain.participation import columns
from lti_tool.domain.school.provision import matching
from lti_tool.lti import LaunchRefused
from lti_tool.lti.outbound import OutboundError
from lti_tool.lti.services import SCOPE_LINE_ITEM, RosterEntry
from lti_tool.models import Community, Course, Cycle, Deployment, LineItem, Registration, ResourceLink, StepRun
from lti_tool.observe import log
from lti_tool.parts import Parts


def all_handlers(parts: Parts) -> dict[str, Handler]:
    """Kind -> handler."""
    return {
        outbox.Kind.SCORE: Scores(parts),
        outbox.Kind.LINE_ITEM: LineItems(parts),
        outbox.Kind.PLACEMENT: Placements(parts),
        outbox.Kind.ROSTER: Rosters(parts),
        outbox.Kind.STAGE: Dates(parts),
        outbox.Kind.KEY_SET: KeySets(parts),
        outbox.Kind.CLEAN: Cleaning(),
        outbox.Kind.RESUME: Pauses(parts),
        outbox.Kind.FIGURE: Figures(parts),
        outbox.Kind.HOURS_EXPORT: HoursExports(parts),
        outbox.Kind.YEAR_TURN: YearTurns(parts),
        outbox.Kind.PROVISION: Provisions(parts),
        outbox.Kind.PRACTICE: Practices(parts),
        outbox.Kind.RETENTION: Retention(parts),
    }


# A column is of all communities of its course: it speaks as the course's own does.
# So long after it was first opened a course that the LMS names nobody in may be one that is being filled.
FRESH_COPY = dt.timedelta(days=1)
_SPEAKS = (
    select(Community)
    .where(Community.course_id == bindparam("course"))
    .order_by(Community.group_id, Community.id)
    .limit(1)
)


@dataclass(frozen=True)
class _Base:
    parts: Parts


@dataclass(frozen=True)
class _Column:
    """A placement whose column is looked for.

    stored: the address known so far, which is asked first unless it is known to be gone; taken: columns that are not
    to be taken; others: the course's other placements; chosen: whether somebody wants one; make: and there is
    something to send, so that one may be made.
    """

    platform: Registration
    link: ResourceLink
    item: LineItem
    kind: columns.Kind
    label: str
    stored: str
    gone: bool
    taken: frozenset[str]
    others: frozenset[str]
    chosen: bool
    make: bool


class LineItems(_Base):
    """Find a placement's column, or make it. The row's lease is the lock: one at a time a placement, kind, period."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """The placement, and what other placements already have."""
        ready: dict[int, Any] = {}
        for row in rows:
            item = session.get(LineItem, row.ids["column"])
            if item is None:
                continue
            stands, again, chosen = bool(item.url) and not item.gone, row.ids.get("again"), row.ids.get("make", True)
            if stands and not again:
                continue
            link = session.get_one(ResourceLink, item.resource_link_id)
            earned = columns.has_values(session, link, item)
            if not earned and not (stands and chosen):
                continue
            if stands and link.scopes and SCOPE_LINE_ITEM not in link.scopes.split():
                # Nothing is known against it, and there is nothing to find another by.
                continue
            if not link.line_items_url:
                ready[row.id] = Stop("no_column_service")
                continue
            platform = _platform(session, link.deployment_id)
            # One that only its column tells of (roster.place_unopened) may be this very placement, under another name.
            twin = (
                (ResourceLink.line_items_url == "")
                & (ResourceLink.course_id == link.course_id)
                & (ResourceLink.cycle_number == link.cycle_number)
                & ResourceLink.step.is_not_distinct_from(link.step)
            )
            others = session.scalars(
                select(LineItem.url)
                .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
                .where(ResourceLink.deployment_id == link.deployment_id, LineItem.id != item.id, ~twin)
            )
            # What has just been found to be gone is not found again.
            taken = frozenset(filter(None, [*others, item.url if item.gone and not chosen else ""]))
            placements = session.scalars(
                select(ResourceLink.resource_link_id).where(
                    ResourceLink.course_id == link.course_id, ResourceLink.id != link.id, ~twin
                )
            )
            community = session.scalars(_SPEAKS, {"course": link.course_id}).first()
            if community is None:
                # All were deleted: there is nobody of whom it could show anything.
                continue
            step = self.parts.steps.by_name.get(link.step or "")
            said = naming.title(community, step.name, step.title).of(community.locale) if step else community.name
            called = link.title or said
            kind = columns.KINDS[item.kind]
            label = kind.label(columns.Placement(link, called, community.locale, item.period))
            told = (label, item.url, item.gone, taken, frozenset(placements))
            ready[row.id] = _Column(platform, link, item, kind, *told, chosen, chosen and earned)
        return ready

    def send(self, prepared: _Column) -> str | None:
        """The column's URL: the stored one, by resource link, by resource id and tag, only then a new one (U3, M22).

        One that belongs to no activity is known by resource id and tag alone. Some platforms list columns under a
        link of their own making (Chamilo, O1): before a second one is made, such a one is ours, unless that link is
        another placement's. None: there is none, and none is to be made.
        """
        services, link, url = self.parts.services, prepared.link, prepared.link.line_items_url
        stored = prepared.stored
        if stored and not prepared.gone and services.has_line_item(prepared.platform, stored):
            return stored
        kind, period = prepared.kind, prepared.item.period
        resource_id = kind.resource_id(link, period)
        own = None if kind.standalone(link, period) else link.resource_link_id
        by_link = services.line_items(prepared.platform, url, resource_link_id=own) if own else []
        by_name = services.line_items(prepared.platform, url, resource_id=resource_id, tag=kind.tag)
        # Of several on one link (M54) the one that bears our name.
        by_link.sort(key=lambda item: item.get("resourceId") != resource_id)
        listed = [
            item for item in (*by_link, *by_name) if item["id"] not in prepared.taken and not _of_other(item, kind)
        ]
        # Saved twice in a course, both placements' columns bear the same resource id.
        found = [item for item in listed if (item.get("resourceLinkId") or own) == own]
        if prepared.make:
            found += [item for item in listed if str(item.get("resourceLinkId")) not in prepared.others]
        if found:
            return str(found[0]["id"])
        if not prepared.make:
            return None
        if link.scopes and SCOPE_LINE_ITEM not in link.scopes.split():
            raise OutboundError("no_scope_for_columns", 403)
        return services.create_line_item(
            prepared.platform,
            url,
            {
                "label": prepared.label,
                "scoreMaximum": kind.maximum,
                "resourceId": resource_id,
                "tag": kind.tag,
                **({"resourceLinkId": own} if own else {}),
            },
        )

    def settle(self, session: Session, prepared: _Column, answer: Any) -> Outcome:
        """Keep the URL, and let all scores of the column go."""
        platform, thing = prepared.platform.id, alarms.about("column", prepared.item.id)
        if isinstance(answer, Exception):
            return alarms.outcome(session, platform, outbox.Kind.LINE_ITEM, thing, prepared.link.course_id, answer)
        alarms.over(session, platform, outbox.Kind.LINE_ITEM, thing)
        item = session.get_one(LineItem, prepared.item.id, with_for_update=True)
        if item.url != prepared.stored:
            # A launch brought it meanwhile.
            return Done("known_meanwhile")
        if answer is None:
            if prepared.chosen:
                columns.forget(item)
            else:
                item.gone = True
            return Done("no_column")
        if answer != item.url or item.gone:
            columns.set_url(session, session.get_one(ResourceLink, prepared.link.id), item, answer)
        return Done()


def _of_other(item: dict[str, Any], kind: columns.Kind) -> bool:
    """A column of another kind does not become this one, before its own kind has asked for it."""
    return item.get("tag") != kind.tag and any(item.get("tag") == each.tag for each in columns.KINDS.values())


def _platform(session: Session, deployment_id: int) -> Registration:
    return session.scalars(select(Registration).join(Deployment).where(Deployment.id == deployment_id)).one()


@dataclass(frozen=True)
class _Unopened:
    platform: Registration
    run: StepRun
    cycle_number: int
    sibling: ResourceLink
    passback: str


class Placements(_Base):
    """Find the placement of a step whose activity nobody opened, by its column. Nothing is ever made."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
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
            platform = _platform(session, sibling.deployment_id)
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
        platform, course = prepared.platform.id, prepared.sibling.course_id
        thing = alarms.about("placement", course)
        if isinstance(answer, Exception):
            return alarms.outcome(session, platform, outbox.Kind.PLACEMENT, thing, course, answer)
        alarms.over(session, platform, outbox.Kind.PLACEMENT, thing)
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

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
        """The course's roster address."""
        ready: dict[int, Any] = {}
        for row in rows:
            course = session.get(Course, row.ids["course"])
            if course is not None and course.memberships_url:
                platform = _platform(session, course.deployment_id)
                ready[row.id] = _Roster(platform, course.id, course.memberships_url)
        return ready

    def send(self, prepared: _Roster) -> list[RosterEntry]:
        """Every page."""
        return [entry for page in self.parts.services.members(prepared.platform, prepared.url) for entry in page]

    def settle(self, session: Session, prepared: _Roster, answer: Any) -> Outcome:
        """Take it over in one transaction, or leave everything as it was: also one that loses many at once."""
        course = session.get_one(Course, prepared.course_id)
        platform, thing = prepared.platform.id, alarms.about("roster", course.id)
        if isinstance(answer, Exception):
            course.roster = {**(course.roster or {}), "failed": getattr(answer, "reason", "error")}
            return alarms.outcome(session, platform, outbox.Kind.ROSTER, thing, course.id, answer)
        alarms.over(session, platform, outbox.Kind.ROSTER, thing)
        if not answer:
            # An empty course is far less likely than an answer that lacks its people: but for a fresh copy, into which
            # people are enrolled at this moment.
            fresh = course.roster_at is None and course.created_at > now() - FRESH_COPY
            return Later("empty_roster", 300.0 if fresh else 3600.0)
        listed = {entry.sub for entry in answer}
        if doubt.names_nobody(session, course, listed):
            return Later("roster_names_nobody", 3600.0)
        wait = doubt.doubted(session, course, listed)
        if wait is not None:
            return Later("roster_shrank", wait.total_seconds())
        before = course.roster_at
        listing.apply(session, course, prepared.platform.issuer, answer)
        members.ask_unknown(session, course, before)
        belonging.join_listed(session, course)
        course.shares = " ".join(sorted({by for each in answer for by in matching.shared(each.email, each.login)}))
        keyed = self.parts.sessions.hash
        named = {each.sub: matching.identified(keyed, each.sub, each.email, each.login) for each in answer}
        matching.compared(session, course, named, self.parts.steps, self.parts.settings.zone)
        away.forget_past(session, course.id)
        leaving.left_course(session, course, self.parts.steps)
        return Done()


class KeySets(_Base):
    """A platform's key set is a day old: fetch it again before anybody waits for it."""

    def prepare(self, session: Session, rows: Sequence[Row]) -> dict[int, Any]:
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
