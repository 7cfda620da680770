"""The audit pack: of one's own record, for oneself; of a pot, for who approves of it."""

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.hours import shown
from lti_tool.db import db, now
from lti_tool.domain.community import access
from lti_tool.domain.hours import exports, gate, known_pots, pack, taken
from lti_tool.domain.hours.pack import Record
from lti_tool.domain.reading.things import Viewer
from lti_tool.i18n import choose_locale
from lti_tool.models import Member
from lti_tool.parts import parts


@audience(access.COMMUNITY)
def my_pack() -> Response:
    """My own record."""
    at = here()
    assert at.member is not None
    return of_owner(at.reader, at.member, at.person.name)


def of_owner(reader: Viewer, owner: Member, name: str) -> Response:
    """A member's own record, for who reads as that member, with that of their other account."""
    return _packed(taken.record(db.session(), reader, owner, name))


@audience(access.APPROVERS)
def pot_pack(number: int) -> Response:
    """What others sent to one pot, for who approves of it; where it is much, the page that has it made."""
    at, session = here(), db.session()
    known = known_pots.pots(session, at.community.id)
    approved = [each for each in known if at.person.id in each.approving]
    if gate.number_of_approver(session, approved, at.person.id) > exports.MANY:
        return redirect(at.url("hours_files"), 303)
    record = exports.of_pot(session, at.community.id, at.person.id, number, known)
    if record is None:
        abort(404)
    return _packed(record)


def _packed(record: Record) -> Response:
    zone = parts().settings.zone
    made = pack.make(record, choose_locale(), zone, now().astimezone(zone).date())
    return shown.download(made, "zip")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pack.zip")(my_pack)
    blueprint.get("/hours/approve/pack/<int:number>")(pot_pack)
