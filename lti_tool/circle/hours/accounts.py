"""Two accounts of one person: an administrator of the LMS proposes it, both say yes on their own page of hours."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.hours import forms, mine
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import joining
from lti_tool.domain.hours.joining import Account, Asker, Joined

ADMINISTRATOR = frozenset({Audience.ADMINISTRATOR})


@dataclass(frozen=True)
class AccountsPage:
    """The names in templates/hours/accounts.html. asked, other: what was looked for; chosen: who was ticked."""

    asked: str
    other: str
    found: Sequence[Account]
    joined: Sequence[Joined]
    chosen: Sequence[str]
    problem: Refused | None


@audience(ADMINISTRATOR)
def accounts() -> Response:
    """Which accounts are one person, and looking for two."""
    return _page(request.args.get("name", ""), request.args.get("other", ""))


def _page(asked: str, other: str, problem: Refused | None = None) -> Response:
    session = db.session()
    known = AccountsPage(
        asked=asked[: joining.LONGEST_NAME],
        other=other[: joining.LONGEST_NAME],
        found=joining.found(session, here().course, (asked, other)),
        joined=joining.of_school(session, here().course),
        chosen=request.form.getlist("person"),
        problem=problem,
    )
    return show("hours/accounts.html", 422 if problem else 200, **vars(known))


@audience(ADMINISTRATOR)
@form(lambda refused: _page(forms.one("name"), forms.one("other"), refused), "propose_accounts")
def propose_accounts() -> str:
    """Propose that the two that were ticked are one person."""
    at, data = here(), load_form(forms.Accounts, request.form)
    asker = Asker(at.person.id, at.member, (forms.one("name"), forms.one("other")))
    joining.propose(db.session(), at.community, at.course, asker, data["person"])
    return at.url("hours_accounts", _anchor="joined")


@audience(ADMINISTRATOR)
@form(lambda refused: _page("", "", refused), "part_accounts")
def part_accounts() -> str:
    """Undo it."""
    at, data = here(), load_form(forms.OneJoin, request.form)
    joining.end_for(db.session(), at.community, at.course, at.member, data["join"])
    return at.url("hours_accounts", _anchor="joined")


@audience(access.COMMUNITY)
@form(lambda refused: mine.show_mine(refused, "account"), "answer_account")
def answer_account() -> str:
    """Say of another account whether it is one's own; no also undoes it."""
    at, data = here(), load_form(forms.OneJoin, request.form)
    assert at.member is not None
    answers = {"yes": joining.agree, "no": joining.end}
    if data["answer"] not in answers:
        raise Refused("join_answer")
    answers[data["answer"]](db.session(), at.community, at.member, data["join"])
    return at.url("my_hours", _anchor="accounts")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/accounts", endpoint="hours_accounts")(accounts)
    blueprint.post("/hours/accounts")(propose_accounts)
    blueprint.post("/hours/accounts/part")(part_accounts)
    blueprint.post("/hours/account")(answer_account)
