"""All texts of a step on one page: to take back one's own, to mend what was hidden, and for a facilitator to hide."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import posted, whole
from lti_tool.circle.manage import show_community
from lti_tool.circle.step import find_step
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import gone
from lti_tool.domain.reading import texts, words
from lti_tool.domain.reading.texts import Said, What
from lti_tool.models import StepRun
from lti_tool.steps.base import Step

# The deed by which a step takes a piece back as long as nothing hangs on it, with the moment it earned.
WITHDRAW = "withdraw"


@dataclass(frozen=True)
class TextsPage:
    """The names in templates/texts.html. typed: what was typed in a form that was refused, of the text `failed`."""

    step: Step
    texts: Sequence[Said]
    taken: str
    problem: Refused | None
    failed: str
    typed: str


@audience(access.COMMUNITY)
def page(name: str) -> Response:
    """Every text of this step that its reader reads."""
    return _page(name)


def _page(name: str, problem: Refused | None = None) -> Response:
    turn = _turn(name)
    return show(
        "texts.html",
        422 if problem else 200,
        **vars(
            TextsPage(
                step=find_step(name),
                texts=texts.here(turn),
                taken=words.TAKEN,
                problem=problem,
                failed=request.form.get("id", "") if problem else "",
                typed=str(posted().get("text", "")) if problem else "",
            )
        ),
    )


def _turn(name: str) -> Turn:
    turn = here().turn(find_step(name))
    if turn is None:
        abort(404)
    return turn


def _which() -> tuple[str, int]:
    return request.form.get("what", What.PIECE), whole(request.form.get("id", "")) or 0


def _again(refused: Refused, name: str) -> Response:
    return _page(name, refused)


@audience(access.COMMUNITY)
@form(_again, "take_text_back")
def take_back(name: str) -> str:
    """Take one's own text back: by the step's own deed as long as nothing hangs on it, and in any case its words."""
    at, step, turn = here(), find_step(name), _turn(name)
    what, number = _which()
    if not (what == What.PIECE and at.takes_part and _withdrawn(turn, step, number)):
        gone.take_back(_turn(name), what, number)
    return at.url("texts", name=name)


def _withdrawn(turn: Turn, step: Step, number: int) -> bool:
    deed = step.deed(WITHDRAW)
    if deed is None or turn.run.stage not in deed.stages:
        return False
    kept = db.session().begin_nested()
    try:
        step.perform(turn, deed, {"id": number})
    except Refused:
        kept.rollback()
        return False
    kept.commit()
    return True


@audience(access.FACILITATOR)
@form(_again, "hide_text")
def hide(name: str) -> str:
    """Hide a text from everybody; also in a pause, and in a cycle that is over."""
    gone.hide(_turn(name), *_which())
    return here().url("texts", name=name)


@audience(access.COMMUNITY)
@form(_again, "mend_text")
def mend(name: str) -> str:
    """Write anew what was hidden."""
    gone.mend(_turn(name), *_which(), words.taken_in(request.form.get("text", "")))
    return here().url("texts", name=name)


@audience(access.FACILITATOR)
@form(show_community, "hide_ask_me")
def hide_ask_me() -> str:
    """Hide what somebody may be asked about."""
    gone.hide_ask_me(here().beside(StepRun()), whole(request.form.get("member", "")) or 0)
    return here().url("community")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>/texts", endpoint="texts")(page)
    blueprint.post("/step/<name>/together/take-back", endpoint="take_text_back")(take_back)
    blueprint.post("/step/<name>/together/mend", endpoint="mend_text")(mend)
    blueprint.post("/step/<name>/facilitate/hide", endpoint="hide_text")(hide)
    blueprint.post("/community/ask-me/hide")(hide_ask_me)
