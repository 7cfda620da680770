"""What a list would change in a school, line by line, and what it asks. Reads, and writes nothing.

A course is found by its id in the LMS or the SIS; by its short name, which teachers can change, only as a proposal.
A line that is bound stays with its course. Who is on the list no longer is shown; only a tick takes anything away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.school.provision import force, known
from lti_tool.domain.school.provision.beginning import pots_of, templates_of
from lti_tool.domain.school.provision.known import At, Known, Place, Sitter
from lti_tool.domain.school.provision.lines import Fault, Keyed, Line, Sheet, Someone, shown
from lti_tool.domain.school.provision.planned import Answers, Ask, Change, Changed, Choice, Plan, Planned, Removed, Whom
from lti_tool.models.provision import Named, ProvisionLine, ProvisionPart, Role

Tell = Callable[[int, int], None]
# Lines between two times that it is told how far it is.
SLICE = 100
_KEYS = ("lms_id", "sis_id", "short_name")
_FIELDS = ("title", "template", "settings", "pots")


def make(
    session: Session,
    school_id: int,
    sheet: Sheet,
    keyed: Keyed,
    answers: Answers | None = None,
    tell: Tell | None = None,
) -> Plan:
    """What a list would change. Refused("provision_answer") for an answer that nothing asks.

    tell: is told how many lines are done, of how many.
    """
    has = known.load(session, school_id)
    return _Planner(session, has, keyed, answers or {}).plan(sheet, tell)


class _Planner:
    def __init__(self, session: Session, has: Known, keyed: Keyed, answers: Answers) -> None:
        self.session, self.has, self.keyed, self.answers = session, has, keyed, answers
        self.used: set[str] = set()
        self.plan_ = Plan()
        self.headings: Mapping[str, str] = {}
        # Of this list: course, line and key -> number of the line that has it.
        self.taken: dict[str, int] = {}
        self.sitting: dict[int, list[Sitter]] = {}
        self.here: dict[tuple[At, int], bool] = {}

    def plan(self, sheet: Sheet, tell: Tell | None) -> Plan:
        self.headings = sheet.headings
        self.plan_.faults += sheet.faults
        for line in sheet.lines:
            self._place(line)
        # Only of courses of which it is asked: a school has tens of thousands who sit somewhere.
        asked = {each.place.id for each in self.plan_.planned if each.place and self._looks(each)}
        self.sitting = known.sitters(self.session, asked, self.keyed)
        named = {each.place.id for each in self.plan_.planned if each.place and each.line.people}
        self.here = force.here(self.session, named)
        total = len(self.plan_.planned)
        for done, each in enumerate(self.plan_.planned):
            if tell and done % SLICE == 0:
                tell(done, total)
            self._fields(each)
            self._people(each)
        # As they stand in the file, whoever found them.
        self.plan_.faults.sort(key=lambda each: each.number)
        self._removed()
        self._name_removed()
        if set(self.answers) - self.used:
            raise Refused("provision_answer")
        return self.plan_

    def _answer(self, name: str, choices: Sequence[Choice]) -> int | None:
        if name not in self.answers:
            return None
        self.used.add(name)
        if self.answers[name] not in {each.id for each in choices}:
            raise Refused("provision_answer")
        return self.answers[name]

    def _place(self, line: Line) -> None:
        """Find its course, and the line as it stands."""
        has = self.has
        stored = has.stored(line.lms_id, line.sis_id, line.short_name, line.community)
        found = has.by_lms.get(line.lms_id, []) if line.lms_id else has.by_sis.get(line.sis_id, [])
        place, asks = None, []
        if line.lms_id and line.sis_id and found:
            # Some other course may bear that number; one that has no number yet contradicts nothing.
            fitting = [each for each in found if each.sis_id in ("", line.sis_id)]
            if not fitting:
                self._two_courses(line)
                return
            found = fitting
        if stored is not None and stored.course_id is not None:
            place = has.places.get(stored.course_id)
            if line.lms_id and found and place not in found:
                self._two_courses(line)
                return
        elif len(found) == 1:
            (place,) = found
        else:
            if not found and line.by_name:
                found = has.by_label.get(line.short_name.casefold(), [])
                found = [each for each in found if line.community or (each.id, 0) not in has.of_place]
            if line.community:
                found = [each for each in found if has.group(each.id, line.community) is not None]
            if found:
                choices = [Choice(each.id, each.title, each.lms_id) for each in found]
                chosen = self._answer(f"course-{line.number}", choices)
                place = has.places[chosen] if chosen is not None else None
                asks.append(Ask(f"course-{line.number}", choices, chosen=chosen))
        community = self._community(line, stored, place, bool(asks))
        if community is None:
            called = {"community": [shown(line.community)]}
            two = place is not None and len(has.groups_called(place.id, line.community)) > 1
            code = "community_twice" if two else "community"
            self.plan_.faults.append(Fault(line.number, self.headings.get("community", ""), code, called))
            return
        if place is not None:
            bound = stored if stored is not None and known.at(stored) == (place.id, community) else None
            waits = stored if stored is not None and stored.course_id is None else None
            stored = has.of_place.get((place.id, community), bound or waits)
        names = (
            f"course {place.id} {community}" if place else "",
            f"line {stored.id}" if stored else "",
            line.key,
        )
        for key in names:
            if key and key in self.taken:
                self._fault(line, "twice", other=self.taken[key])
                return
        for key in names:
            self.taken[key] = line.number
        self.plan_.planned.append(Planned(line, stored, place, asks=asks, community=community))

    def _community(self, line: Line, stored: ProvisionLine | None, place: Place | None, asks: bool) -> int | None:
        """Which of its course's communities a line names, 0 for its own; None where there is none called so.

        One that is bound stays with it, whatever it is called by now. Where the course is asked for, it is one of those
        that have one called so.
        """
        if not line.community or (place is None and asks):
            return 0
        found = self.has.group(place.id, line.community) if place is not None else None
        if found is None and place is not None and stored is not None and stored.course_id == place.id:
            return stored.community_id or 0
        return found

    def _fault(self, line: Line, code: str, **values: int) -> None:
        self.plan_.faults.append(Fault(line.number, "", code, values))

    def _two_courses(self, line: Line) -> None:
        said = ", ".join(filter(None, (shown(line.lms_id), shown(line.sis_id), shown(line.short_name))))
        self.plan_.faults.append(Fault(line.number, "", "two_courses", shown=said))

    def _unshared(self, each: Planned) -> set[Named]:
        """By what nobody in its course will ever be known."""
        assert each.place is not None
        shares = self.has.shares.get(each.place.deployment_id)
        return set() if shares is None else {by for by in (Named.EMAIL, Named.LOGIN) if by not in shares}

    def _looks(self, each: Planned) -> bool:
        hidden = self._unshared(each)
        return any(who.by == Named.ID or who.by in hidden for who in each.line.people)

    def _fields(self, each: Planned) -> None:
        line, stored = each.line, each.stored
        # One that stands is no fault for having been unmarked since: what it said was taken.
        fresh = line.template and (stored is None or stored.template != line.template)
        found = templates_of(self.has.templates, line.template or "") if fresh else []
        if fresh and len(found) != 1:
            code = "template_twice" if found else "template"
            cell = self.headings.get("template", "")
            self.plan_.faults.append(Fault(line.number, cell, code, shown=shown(line.template or "")))
        # As with a template: what stands was given when it was said.
        before = {each.casefold() for each in pots_of(stored.pots)} if stored else set()
        for called in pots_of(line.pots or ""):
            if called.casefold() not in before | self.has.pots:
                self.plan_.faults.append(
                    Fault(line.number, self.headings.get("pots", ""), "pots", {"pot": [shown(called)]})
                )
        if stored is None:
            each.changes.append(Changed(Change.NEW))
        elif not stored.listed:
            each.changes.append(Changed(Change.BACK))
        if each.place is not None and (stored is None or stored.course_id is None):
            each.changes.append(Changed(Change.BOUND, who=each.place.title))
        # What a line says of its course is done once that is found: said then, and when it comes on the list.
        begins = stored is None or any(one.kind == Change.BOUND for one in each.changes)
        for name in _FIELDS[1:] if begins else ():
            given = getattr(line, name)
            value = (getattr(stored, name) if stored else "") if given is None else given
            if value or (given is not None and stored and getattr(stored, name)):
                each.changes.append(Changed(Change(name), who=self._titled(name, value)))
        if stored is None:
            return
        for name in _FIELDS[:1] if begins else _FIELDS:
            given = getattr(line, name)
            # A line without a title leaves the one there is; the list as it stands is written with the course's.
            titled = name == "title" and given in ("", "" if stored.title or not each.place else each.place.title)
            if given is not None and given != getattr(stored, name) and not titled:
                each.changes.append(Changed(Change(name), who=self._titled(name, given)))
        place = each.place
        has = {"lms_id": place.lms_id, "sis_id": place.sis_id, "short_name": place.label} if place else {}
        # What its course is called in the LMS now is nothing new: the list as it stands is written so.
        if any(getattr(line, name) not in ("", getattr(stored, name), has.get(name, "")) for name in _KEYS):
            each.changes.append(Changed(Change.KEYS))

    def _titled(self, name: str, given: str) -> str:
        """What a cell says, a template by its title where the list has its id."""
        found = templates_of(self.has.templates, given) if name == "template" else []
        return (found[0].title if len(found) == 1 else "") or given

    def _people(self, each: Planned) -> None:
        stored = each.stored
        parts = self.has.parts.get(stored.id, []) if stored else []
        by_mark = {(part.role, part.mark): part for part in parts}
        by_person = {(part.role, part.person_id): part for part in parts if part.person_id is not None}
        sitting = self.sitting.get(each.place.id, []) if each.place else []
        by_hash = {one.hash: one.person_id for one in sitting}
        called = {one.person_id: one.name for one in sitting}
        hidden = self._unshared(each) if each.place else set()
        counted: dict[Role, int] = {}
        for who in each.line.people:
            counted[who.role] = place = counted.get(who.role, 0) + 1
            part = by_mark.get((who.role, mark(self.keyed, stored.id, who))) if stored else None
            person_id = part.person_id if part else None
            if person_id is None:
                person_id = by_hash.get(who.hash)
            if person_id is None and who.by in hidden and sitting:
                choices = [Choice(one.person_id, one.name) for one in sitting]
                name = f"person-{each.line.number}-{who.role}-{place}"
                person_id = self._answer(name, choices)
                each.asks.append(Ask(name, choices, who.value, who.role, who.by, person_id))
            if person_id is not None:
                part = by_person.get((who.role, person_id), part)
            if part is not None and any(one.part is part for one in each.people):
                continue
            each.people.append(Whom(who, part, person_id))
            at_once = (each.at, person_id or 0) in self.here
            about = (who.role, who.value, who.hash, who.by, called.get(person_id or 0, ""), at_once)
            if part is None:
                each.changes.append(Changed(Change.NAMED, *about))
            elif part.person_id is None and person_id is not None:
                each.changes.append(Changed(Change.FOUND, *about))
            if part is not None and not part.listed:
                each.changes.append(Changed(Change.NAMED_AGAIN, *about))

    def _removed(self) -> None:
        # What is wrong with a line takes nobody off the list.
        if self.plan_.faults:
            return
        by_line = {each.stored.id: each for each in self.plan_.planned if each.stored}
        for line in self.has.lines:
            planned = by_line.get(line.id)
            if planned is None:
                parts = self.has.parts.get(line.id, [])
                self._gone(f"line-{line.id}", line, None, any(part.in_force_at for part in parts))
                continue
            named = {id(one.part) for one in planned.people}
            for part in self.has.parts.get(line.id, []):
                if id(part) not in named and part.role in planned.line.roles:
                    stays = self._stays(planned, part)
                    self._gone(f"part-{part.id}", line, part, part.in_force_at is not None, stays)

    def _stays(self, of: Planned, part: ProvisionPart) -> bool:
        """Whether somebody facilitates until whom the line names instead is there."""
        if part.role != Role.FACILITATOR or not self.here.get((of.at, part.person_id or 0)):
            return False
        successors = [each for each in of.people if each.someone.role == Role.FACILITATOR]
        return bool(successors) and not any(self._facilitates(of.at, each) for each in successors)

    def _facilitates(self, at: At, whom: Whom) -> bool:
        """Whether somebody whom the line names facilitates once it is applied."""
        facilitates = self.here.get((at, whom.person_id or 0))
        in_force = whom.part is not None and whom.part.in_force_at is not None
        return bool(facilitates) if in_force else facilitates is not None

    def _gone(
        self, name: str, line: ProvisionLine, part: ProvisionPart | None, in_force: bool, stays: bool = False
    ) -> None:
        ticked = self.answers.get(name) == 1
        self.used |= {name} & self.answers.keys()
        called = self.has.called(line)
        kept = "waiting" in self.headings and part is not None and part.person_id is None
        self.plan_.removed.append(Removed(name, line, part, called, in_force, ticked, stays=stays, kept=kept))

    def _name_removed(self) -> None:
        ids = {each.part.person_id for each in self.plan_.removed if each.part and each.part.person_id}
        names = known.names(self.session, ids)
        self.plan_.removed = [
            replace(each, who=names.get(each.part.person_id or 0, "") if each.part else "")
            for each in self.plan_.removed
        ]


def mark(keyed: Keyed, line_id: int, who: Someone) -> str:
    """By what a list that is given again is known: of this line and role alone, so that nobody is found by it."""
    return keyed(f"provision mark {line_id} {who.role} {who.hash}")
