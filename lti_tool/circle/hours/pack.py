"""The audit pack: of one's own record, for oneself; of a pot, for who approves of it."""

import io

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.hours import shown
from lti_tool.db import db, now
from lti_tool.domain.community import access
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import balances, gate, pack, suggestions
from lti_tool.domain.hours.gate import Pot
from lti_tool.domain.hours.pack import Policy, Record
from lti_tool.domain.reading.things import Viewer
from lti_tool.i18n import choose_locale
from lti_tool.i18n import say as _
from lti_tool.models import Member
from lti_tool.parts import parts


@audience(access.COMMUNITY)
def my_pack() -> Response:
    """My own record."""
    at = here()
    assert at.member is not None
    return of_owner(at.reader, at.member, at.person.name)


def of_owner(reader: Viewer, owner: Member, name: str) -> Response:
    """A member's own record, for who reads as that member."""
    session = db.session()
    entries, of_mine = gate.mine(session, reader, owner), balances.mine(session, reader, owner)
    return _packed(
        Record(
            whose=name,
            entries=entries,
            moved=[row for each in entries for row in each.moved],
            balances=list(of_mine.balances.values()),
            policy=_policy(gate.pots(session, owner.community_id), owner.community_id),
            names=gate.names(session, owner.community_id),
            named=False,
        )
    )


@audience(access.APPROVERS)
def pot_pack(number: int) -> Response:
    """What others sent to one pot, for who approves of it."""
    at, session = here(), db.session()
    pots, entries = gate.of_approver(session, at.community.id, at.person.id)
    pot = next((each for each in pots if each.id == number), None)
    if pot is None:
        abort(404)
    of_pot = [each for each in entries if each.pot_id == pot.id]
    policy = _policy(gate.pots(session, at.community.id), at.community.id)
    if Audience.APPROVER in at.viewer:
        # Who is no member reads nothing of other pots, nor for whom this one is, nor what steps are worth.
        held = [each for each in policy.roles if each.pot_id == pot.id and each.role in gate.APPROVING]
        policy = Policy([pot], held, [])
    return _packed(
        Record(
            whose=pot.label,
            entries=of_pot,
            moved=gate.moved_into(session, [pot.id], at.person.id),
            balances=balances.of_pots(session, [pot.id], at.person.id),
            policy=policy,
            names=shown.names(),
            named=True,
        )
    )


def _policy(pots: list[Pot], community_id: int) -> Policy:
    session, reader = db.session(), here().person.id
    return Policy(pots, gate.roles(session, community_id, reader), suggestions.tariffs(session, community_id))


def _packed(record: Record) -> Response:
    zone = parts().settings.zone
    made = pack.make(record, choose_locale(), zone, now().astimezone(zone).date())
    called = _("uren-dossier", "hours-record") + ".zip"
    return send_file(io.BytesIO(made), "application/zip", as_attachment=True, download_name=called)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/pack.zip")(my_pack)
    blueprint.get("/hours/approve/pack/<int:number>")(pot_pack)
