"""Approving: by person, many at once, with how far their pot is; returning and correcting with words.

Only for whom a pot names. Whoever facilitates or leads and is not named sees nothing of it, and neither does anybody
of their own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import posted, whole
from lti_tool.circle.hours import forms, shown
from lti_tool.circle.loading import load_form
from lti_tool.db import db, now
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.cycle import midnights
from lti_tool.domain.hours import approvals, assigned, attended, balances, exports, gate, known_pots, room
from lti_tool.domain.hours.assigned import Coming
from lti_tool.domain.hours.attended import Origin
from lti_tool.domain.hours.balances import Balance
from lti_tool.domain.hours.known_entries import Entry, Sums
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.room import Room
from lti_tool.domain.hours.states import COUNTING, State
from lti_tool.models.hours_codes import Done, Kind
from lti_tool.parts import parts
from lti_tool.text import Text

# So much of what is settled is on a page.
AT_A_TIME = 100


@dataclass(frozen=True)
class Waiting:
    """What somebody sent that waits, by pot with how far that pot is."""

    person_id: int
    name: Text
    pots: Sequence[tuple[Pot, Sums]]
    entries: Sequence[Entry]


@dataclass(frozen=True)
class ToApprove:
    """The names in templates/hours/approve.html. settled: what was decided, and what counted at once: so many, from the
    one at begin on, of settled_number. origins: of
    which being at a session an entry was made.

    below: whom corrections of a closed period brought below zero, in which pot, at how many minutes. closed: what
    closed periods came to. coming: sessions that can be assigned, None where no pot is for that.
    rooms: of what counts, what is asked to count too.
    """

    waiting: Sequence[Waiting]
    disputed: Sequence[Entry]
    settled: Sequence[Entry]
    settled_number: int
    begin: int
    pots: Sequence[Pot]
    number: int
    origins: Mapping[int, Origin]
    below: Sequence[tuple[Text | None, Pot, int]]
    closed: Sequence[tuple[Pot, Sequence[Balance]]]
    coming: Sequence[Coming] | None
    rooms: Sequence[Room]


@audience(access.APPROVERS)
def to_approve() -> Response:
    """What waits for oneself to approve."""
    return show_page()


def show_page(problem: Refused | None = None, failed: str = "") -> Response:
    """The page; after a form that was refused, with what is wrong."""
    at, session = here(), db.session()
    pots = known_pots.approved(session, at.community.id, at.person.id)
    if not pots:
        abort(404)
    begin = whole(request.args.get("from", ""), 6) or 0
    seen = gate.seen_of_approver(session, pots, at.person.id, begin, AT_A_TIME)
    in_pots = gate.sums_of_approver(session, pots, at.person.id)
    closed = balances.of_pots(session, [each.id for each in pots if each.closed], at.person.id)
    names = shown.names(pots)
    by_person: dict[int, list[Entry]] = defaultdict(list)
    for each in seen.open:
        if each.person_id is not None and each.state == State.SENT:
            by_person[each.person_id].append(each)
    waiting = []
    for person_id, sent in by_person.items():
        of = [pot for pot in pots if any(each.pot_id == pot.id for each in sent)]
        balance = [(pot, _sums(pot, person_id, sent, in_pots)) for pot in of]
        waiting.append(Waiting(person_id, names[person_id], balance, sent[::-1]))
    rooms = room.asked(session, seen.open, pots)
    found = [*seen.open, *seen.settled]
    page = ToApprove(
        waiting=sorted(waiting, key=lambda each: each.name.nl.casefold()),
        disputed=[each for each in seen.open if each.state == State.DISPUTED],
        settled=seen.settled,
        settled_number=seen.number,
        begin=begin,
        # Only by a correction of a closed period.
        below=[
            (names.get(person_id or 0), pot, sums.counts)
            for pot in pots
            for (number, person_id), sums in in_pots.items()
            if number == pot.id and not pot.closed and sums.counts < 0
        ],
        closed=[
            (pot, sorted(of_pot, key=lambda each: _name(names, each.person_id).casefold()))
            for pot in pots
            if (of_pot := [each for each in closed if each.pot_id == pot.id])
        ],
        pots=pots,
        rooms=rooms,
        coming=assigned.coming(session, at.community.id, pots),
        number=sum(len(each.entries) for each in waiting) + len(rooms),
        origins=attended.of_entries(session, [each.id for each in found if each.kind == Kind.ATTENDED]),
    )
    return show(
        "hours/approve.html",
        422 if problem else 200,
        **vars(page),
        names=names,
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
        long_ago=now() - approvals.LONG,
        approved=request.args.get("approved", "")[:4],
        today=midnights.day_of(now(), parts().settings.zone),
        COUNTING=COUNTING,
        many=len(seen.open) + seen.number > exports.MANY,
        size=AT_A_TIME,
    )


def _sums(pot: Pot, person_id: int, sent: Sequence[Entry], known: Mapping[tuple[int, int | None], Sums]) -> Sums:
    """What somebody has in a pot, as they read it themselves. sent: what of theirs waits."""
    waits = sum(each.minutes for each in sent if each.pot_id == pot.id)
    return replace(known.get((pot.id, person_id), Sums()), waiting=waits)


def _name(names: Mapping[int, Text], person_id: int | None) -> str:
    found = names.get(person_id or 0)
    return found.nl if found else ""


def known() -> None:
    """Nobody but an approver comes further: what is refused says nothing of what there is."""
    at = here()
    if not any(at.person.id in each.approving for each in known_pots.pots(db.session(), at.community.id)):
        abort(404)


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "approve"), "approve_hours")
def approve_hours() -> str:
    """Approve what was ticked, all of it or nothing."""
    known()
    at = here()
    data = load_form(forms.Approve, request.form)
    number = approvals.approve(db.session(), at.community.id, at.person.id, data["entry"])
    return at.url("to_approve", approved=number, _anchor="done")


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "room"), "give_room")
def give_room() -> str:
    """Have what was asked for count too, as far as there is room."""
    known()
    at = here()
    number = load_form(forms.About, request.form)["entry"]
    approvals.approve(db.session(), at.community.id, at.person.id, [number])
    return at.url("to_approve", approved=1, _anchor="done")


def _speak(done: Done) -> str:
    known()
    at = here()
    data = load_form(forms.About, request.form)
    approvals.speak(db.session(), at.community.id, at.person.id, data["entry"], done, data["words"])
    return at.url("to_approve", _anchor=f"entry-{data['entry']}")


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "return"), "return_hours")
def return_hours() -> str:
    """Return an entry, with words."""
    return _speak(Done.RETURNED)


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "query"), "query_hours")
def query_hours() -> str:
    """Ask about an entry that counts."""
    return _speak(Done.QUERIED)


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "uphold"), "uphold_hours")
def uphold_hours() -> str:
    """Leave a disputed entry as it is, with words."""
    return _speak(Done.UPHELD)


@audience(access.APPROVERS)
@form(lambda refused: show_page(refused, "correct"), "correct_hours")
def correct_hours() -> str:
    """Correct what an entry counts for, with a reason."""
    known()
    at = here()
    data = load_form(forms.About, request.form)
    if data["minutes"] is None:
        raise Refused("hours_minutes")
    approvals.correct(db.session(), at.community.id, at.person.id, data["entry"], data["minutes"], data["words"])
    return at.url("to_approve", _anchor=f"entry-{data['entry']}")


def _files(ending: str) -> Response:
    at, session = here(), db.session()
    pots = known_pots.approved(session, at.community.id, at.person.id)
    if not pots:
        abort(404)
    if gate.number_of_approver(session, pots, at.person.id) > exports.MANY:
        return redirect(at.url("hours_files"), 303)
    found = gate.sent_to(session, pots, at.person.id)
    moved = gate.moved_into(session, pots, at.person.id)
    return shown.spreadsheet(found, pots, ending, named=True, moved=moved)


@audience(access.APPROVERS)
def approved_csv() -> Response:
    """The hours of one's pots as CSV."""
    return _files("csv")


@audience(access.APPROVERS)
def approved_xlsx() -> Response:
    """The hours of one's pots as XLSX."""
    return _files("xlsx")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/approve")(to_approve)
    blueprint.post("/hours/approve")(approve_hours)
    blueprint.post("/hours/room/give")(give_room)
    blueprint.post("/hours/return")(return_hours)
    blueprint.post("/hours/query")(query_hours)
    blueprint.post("/hours/uphold")(uphold_hours)
    blueprint.post("/hours/correct")(correct_hours)
    blueprint.get("/hours/approve.csv")(approved_csv)
    blueprint.get("/hours/approve.xlsx")(approved_xlsx)
