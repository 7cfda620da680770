"""My hours: what waits for me first, then adding some, then what there is for each pot, and the list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.bodies import with_file
from lti_tool.circle import finished, here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import Filled, draft_name, posted, uploaded
from lti_tool.circle.hours import forms, shown
from lti_tool.circle.loading import FormError, load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access, drafts
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import (
    assigned,
    attended,
    balances,
    column,
    entries,
    gate,
    joining,
    known_entries,
    known_pots,
    offers,
    room,
    states,
    taken,
)
from lti_tool.domain.hours.balances import Balance, Mine
from lti_tool.domain.hours.entries import Typed
from lti_tool.domain.hours.joining import Joined
from lti_tool.domain.hours.known_entries import Entry, Sums
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.offers import Offer
from lti_tool.domain.hours.room import Room
from lti_tool.domain.hours.states import State
from lti_tool.domain.reading.things import Viewer
from lti_tool.models import Member
from lti_tool.models.hours_codes import Decision, Done, Kind, Review
from lti_tool.parts import parts

CHIPS = (15, 30, 45, 60, 90)
NEW = "hours-new"
# What somebody can say by themselves that it was: a session is attested, and a step suggests.
BY_HAND = frozenset({Kind.OWN, Kind.ELSEWHERE})
NONE = Sums()


@dataclass(frozen=True)
class OfPot:
    """A pot with what of mine is in it, in minutes.

    balance: what its period came to, once it is closed; since: what corrections changed after that, in later pots.
    came: what was carried into it, moved: what corrections of closed periods change in it. plan: what I mean to use.
    elsewhere: what of it counts in other communities.
    """

    pot: Pot
    sums: Sums
    balance: Balance | None = None
    since: int = 0
    came: int = 0
    moved: int = 0
    plan: int | None = None
    elsewhere: int = 0

    @property
    def planned(self) -> int | None:
        """What is meant, with what was carried into it."""
        return None if self.own is None else max(0, self.own + self.came)

    @property
    def own(self) -> int | None:
        """What of the pot is planned for me."""
        return self.pot.planned(here().person.id)

    @property
    def sum(self) -> str:
        """How that comes about, in words."""
        return shown.sum_of(self.pot, here().person.id)


@dataclass(frozen=True)
class MyHours:
    """The names in templates/hours/mine.html. beside: what I have of other communities in a pot of the school.

    done: what was just added; back: what came back, or was asked about.

    offers: sessions of which hours can be sent; choices: session -> the pots for it, assigned: to which of them it was.
    rooms: what did not count, and can now. joined: other accounts that are mine too, or may be; others: what I have
    under them, each with its community. in_course: what else I have in other communities of this course.
    """

    entries: Sequence[Entry]
    beside: Sequence[Entry]
    of_pots: Sequence[OfPot]
    choice: Sequence[Pot]
    back: Sequence[Entry]
    done: Entry | None
    again: Entry | None
    total: int
    offers: Sequence[Offer]
    choices: Mapping[int, Sequence[Pot]]
    assigned: Mapping[int, Collection[int]]
    rooms: Sequence[Room]
    joined: Sequence[Joined]
    others: Sequence[tuple[str, Entry]]
    in_course: Sequence[tuple[str, Entry]]


@audience(access.COMMUNITY)
def my_hours() -> Response:
    """One's own hours. There is no address for anybody else's."""
    return show_mine()


def show_mine(problem: Refused | None = None, failed: str = "") -> Response:
    """The page; after a form that was refused, with what is wrong."""
    at, session = here(), db.session()
    assert at.member is not None
    known = gate.mine(session, at.reader, at.member)
    pots, of_mine = known_pots.pots(session, at.community.id), balances.mine(session, at.reader, at.member)
    beside = gate.beside(session, at.reader, at.member, pots)
    typed = posted() if problem else None
    kept = drafts.of_run(session, at.reader, at.member, drafts.OWN)
    named = typed.get("again", "") if typed and failed == "add" else request.args.get("again", "")
    again = next((each for each in known if str(each.id) == named and _is_resent_here(each)), None)
    done = next((each for each in known if str(each.id) == request.args.get("done", "")), None)

    def fill() -> Filled:
        key = f"hours-{again.id}" if again else NEW
        return Filled(
            url=at.url("add_hours"), key=key, draft_url=at.url("draft"), full=f"{drafts.OWN}:{key}", file=True,
            typed=typed if failed == "add" else None,
            errors=problem.errors if isinstance(problem, FormError) and failed == "add" else {},
            draft=kept.get(key),
        )  # fmt: skip

    sittings = attended.of_community(session, at.community.id, at.person.id)
    offered = offers.offered(sittings, known)
    lists = {each.mine.entry_id: each.mine.minutes for each in sittings if each.mine and each.mine.entry_id}
    choice = known_pots.offered(pots, at.person.id)
    to = _assigned(offered, choice)
    by_session = {each.entry.id for each in offered if each.entry is not None}
    page = MyHours(
        entries=known,
        beside=beside,
        of_pots=(of_pots := _of_pots([*known, *beside], pots, of_mine, {each.id for each in beside})),
        choice=choice,
        # What came back of a session is offered there, unless nothing is left of it.
        back=[each for each in known if each.state in (State.RETURNED, State.QUERIED) and each.id not in by_session],
        done=done,
        again=again,
        total=sum(each.counts for each in known) + sum(each.elsewhere for each in of_pots),
        offers=offered,
        assigned=to,
        rooms=room.offered(session, at.person.id, known, pots, lists),
        choices={
            each.sat.id: known_pots.offered(pots, at.person.id, to.get(each.sat.id, ()), each.sat.day)
            for each in offered
        },
        joined=(joined := joining.of_person(session, at.person.id)),
        others=gate.elsewhere(session, at.reader, at.member) if any(each.stands for each in joined) else [],
        in_course=[each for each in _of_course(at.member) if each[1] not in beside],
    )
    return show(
        "hours/mine.html",
        422 if problem else 200,
        **vars(page),
        fill=fill,
        problem=problem,
        failed=failed,
        typed=typed if failed != "add" else None,
        asked=problem.code if problem and problem.code in shown.ASKED else "",
        sure=[each for each in request.form.getlist("sure") if each in shown.ASKED] if problem else [],
        chips=CHIPS,
        suggested=finished.offers(),
        approves=any(at.person.id in each.approving for each in pots),
        names=shown.names(),
        today=midnights.day_of(now(), parts().settings.zone),
        **_in_gradebook(known, pots),
    )


def _of_course(owner: Member) -> Sequence[tuple[str, Entry]]:
    # Of who sat in one community only, there are none.
    return gate.in_course(db.session(), here().reader, owner) if owner.sits else []


def _assigned(offered: Sequence[Offer], choice: Sequence[Pot]) -> dict[int, set[int]]:
    """session id -> ids of the pots that it was assigned to; asked only where there are such pots."""
    if not any(each.decision == Decision.ASSIGNED for each in choice):
        return {}
    found = assigned.of_sessions(db.session(), [each.sat.id for each in offered])
    return {number: {each.pot_id for each in given} for number, given in found.items()}


def _in_gradebook(known: Sequence[Entry], pots: Sequence[Pot]) -> dict[str, object]:
    """graded: what of my hours this course's gradebook shows; shows: school year -> its column's number."""
    at, session = here(), db.session()
    graded = column.graded(session, at.course.id, at.person.id)
    minutes = column.by_year(known, {each.id: each.first_day for each in pots}) if graded else {}
    shows = {year: shown.decimals(points) for year, each in minutes.items() if (points := column.score(each))}
    return {"graded": graded, "shows": shows}


def _is_resent_here(entry: Entry) -> bool:
    """Whether an entry came back, and is sent anew by the form: one of a session is offered by the session."""
    return states.may(entry.state, Done.RESENT) and entry.kind != Kind.ATTENDED


def _of_pots(known: Sequence[Entry], pots: Sequence[Pot], of_mine: Mine, beside: Collection[int] = ()) -> list[OfPot]:
    """My pots: those in which I have something, and those I can choose. beside: ids of what is of other communities."""
    person, moved, found = here().person.id, [row for each in known for row in each.moved], []
    for pot in pots:
        into = [each for each in moved if each.pot_id == pot.id]
        each = OfPot(
            pot,
            known_entries.sums([each for each in known if each.pot_id == pot.id], into),
            of_mine.balances.get(pot.id),
            sum(each.minutes for each in moved if each.of_id == pot.id),
            balances.came(pot, list(of_mine.balances.values())),
            sum(each.minutes for each in into),
            of_mine.plans.get(pot.id),
            sum(each.booked for each in known if each.pot_id == pot.id and each.id in beside)
            + sum(each.minutes for each in into if each.entry_id in beside),
        )
        if each != OfPot(pot, Sums()) or pot.is_for(person):
            found.append(each)
    return found


@audience(access.COMMUNITY)
@with_file(lambda *_: True)
@form(lambda refused: show_mine(refused, "add"), "add_hours")
def add_hours() -> str:
    """Add what one did: to a pot, or to none yet."""
    at = here()
    assert at.member is not None
    # First of all: it takes a second, and the first statement below takes the write lock.
    file = uploaded()
    data = load_form(forms.Add, request.form)
    chip, minutes = data["chip"], data["minutes"]
    if chip is not None and minutes is not None and chip != minutes:
        raise Refused("hours_two_lengths", between=chip, minutes=minutes)
    typed = Typed(
        kind=Kind(data["kind"]), learning=data["learning"] != "arranging", line=data["line"], day=data["day"],
        minutes=minutes if minutes is not None else chip, begins=data["begins"], ends=data["ends"],
        provider=data["provider"],
    )  # fmt: skip
    if typed.kind not in BY_HAND:
        raise Refused("hours_kind")
    if data["again"] is not None:
        # What a step suggested stays that when it is sent again, whatever the form says.
        old = gate.own(db.session(), at.community.id, at.person.id, data["again"])
        if old.kind == Kind.ATTENDED:
            # Its times are the list's: it is sent anew from there.
            raise Refused("hours_kind")
        typed = replace(typed, kind=typed.kind if old.kind in BY_HAND else old.kind)
    made = entries.add(shown.asker(data["sure"]), typed, data["pot"], file, data["again"])
    if draft := draft_name():
        drafts.drop(db.session(), at.member, draft)
    return at.url("my_hours", done=made, _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "send"), "send_hours")
def send_hours() -> str:
    """Send what was kept to a pot."""
    data = load_form(forms.About, request.form)
    if data["pot"] is None:
        raise Refused("hours_pot")
    entries.send(shown.asker(data["sure"]), data["entry"], data["pot"])
    return here().url("my_hours", done=data["entry"], _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "withdraw"), "withdraw_hours")
def withdraw_hours() -> str:
    """Take an entry back."""
    data = load_form(forms.About, request.form)
    entries.withdraw(shown.asker(), data["entry"], data["words"])
    return here().url("my_hours", done=data["entry"], _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "answer"), "answer_hours")
def answer_hours() -> str:
    """Answer what an approver asked."""
    data = load_form(forms.About, request.form)
    entries.speak(shown.asker(), data["entry"], Done.ANSWERED, data["words"])
    return here().url("my_hours", done=data["entry"], _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "dispute"), "dispute_hours")
def dispute_hours() -> str:
    """Say that what an entry counts for is not right."""
    data = load_form(forms.About, request.form)
    at = here()
    entry = gate.own(db.session(), at.community.id, at.person.id, data["entry"])
    pot = next((each for each in known_pots.pots(db.session(), at.community.id) if each.id == entry.pot_id), None)
    if pot is None or pot.review == Review.NONE:
        # There is nobody who would answer.
        raise Refused("hours_settled")
    entries.speak(shown.asker(), data["entry"], Done.DISPUTED, data["words"])
    return at.url("my_hours", done=data["entry"], _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "room"), "ask_room")
def ask_room() -> str:
    """Ask that what did not count does, now that there is room."""
    data = load_form(forms.About, request.form)
    room.ask(shown.asker(), data["entry"])
    return here().url("my_hours", done=data["entry"], _anchor="done")


@audience(access.COMMUNITY)
@form(lambda refused: show_mine(refused, "plan"), "plan_hours")
def plan_hours() -> str:
    """Say what one means to use of a pot."""
    data = load_form(forms.Plan, request.form)
    balances.plan(shown.asker(), data["pot"], data["hours"])
    return here().url("my_hours", _anchor="plan")


def _files(ending: str) -> Response:
    at = here()
    assert at.member is not None
    return of_owner(at.reader, at.member, ending)


def of_owner(reader: Viewer, owner: Member, ending: str) -> Response:
    """A member's own hours as a file, for who reads as that member, with those of their other account."""
    found = taken.of_owner(db.session(), reader, owner)
    return shown.spreadsheet(found.entries, found.all_pots, ending, named=False, moved=found.moved)


@audience(access.COMMUNITY)
def my_hours_csv() -> Response:
    """My hours as CSV."""
    return _files("csv")


@audience(access.COMMUNITY)
def my_hours_xlsx() -> Response:
    """My hours as XLSX."""
    return _files("xlsx")


@audience(access.APPROVERS)
def hours_proof(number: int) -> Response:
    """The proof of an entry, for whose it is and for who approves."""
    return shown.proof(number)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours")(my_hours)
    blueprint.post("/hours")(add_hours)
    blueprint.post("/hours/send")(send_hours)
    blueprint.post("/hours/withdraw")(withdraw_hours)
    blueprint.post("/hours/answer")(answer_hours)
    blueprint.post("/hours/dispute")(dispute_hours)
    blueprint.post("/hours/room")(ask_room)
    blueprint.post("/hours/plan")(plan_hours)
    blueprint.get("/hours.csv")(my_hours_csv)
    blueprint.get("/hours.xlsx")(my_hours_xlsx)
    blueprint.get("/hours/proof/<int:number>")(hours_proof)
