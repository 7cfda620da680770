"""Assigning a session to a pot before it begins: by who approves of that pot, a member here or not."""

from collections.abc import Callable

from flask import Blueprint, request

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.hours import approve, forms, shown
from lti_tool.circle.loading import load_form
from lti_tool.domain.community import access
from lti_tool.domain.hours import assigned
from lti_tool.domain.hours.entries import Asker
from lti_tool.models import Member


def _do(what: Callable[[Asker, Member | None, int, int], None]) -> str:
    approve.known()
    at, data = here(), load_form(forms.Assign, request.form)
    what(shown.asker(), at.member, data["session"], data["pot"])
    return at.url("to_approve", _anchor="coming")


@audience(access.APPROVERS)
@form(lambda refused: approve.show_page(refused, "assign"), "assign_session")
def assign_session() -> str:
    """Assign a session to a pot."""
    return _do(assigned.assign)


@audience(access.APPROVERS)
@form(lambda refused: approve.show_page(refused, "assign"), "unassign_session")
def unassign_session() -> str:
    """Take that back."""
    return _do(assigned.take_back)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/hours/assign")(assign_session)
    blueprint.post("/hours/assign/back")(unassign_session)
