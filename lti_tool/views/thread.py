"""The red thread: one page to read and to print, and the same as a PDF."""

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from lti_tool import pdf
from lti_tool.domain import access, evidence, red_thread, yields
from lti_tool.domain.red_thread import Gap
from lti_tool.parts import parts
from lti_tool.views import audience, here, show


@audience(access.COMMUNITY)
def thread() -> Response:
    """Every action with where it comes from and what came of it; through one lens, if one is chosen."""
    return show("thread.html", **_shown(), pdf=pdf.available())


@audience(access.COMMUNITY)
def thread_pdf() -> Response:
    """The same, to keep; not there where the extra `pdf` is not installed."""
    if not pdf.available():
        abort(404)
    answer = make_response(pdf.make(render_template("thread_pdf.html", here=here(), **_shown())))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="leerkring.pdf"'
    return answer


def _shown() -> dict[str, Any]:
    at, steps = here(), parts().steps
    lens = request.args.get("lens", "")
    lens = lens if lens in evidence.LENSES else ""
    turn = next((turn for step in steps if (turn := at.turn(step))), None)
    whole = (
        red_thread.of_cycle(turn, {step.name: at.runs[step.name] for step in steps if step.name in at.runs}, steps)
        if turn
        else None
    )
    return {
        "whole": red_thread.through(whole, lens) if whole and lens else whole,
        "people": turn.people if turn else {},
        "lens": lens,
        "lenses": evidence.LENSES,
        "said": evidence.words,
        "verdicts": yields.VERDICTS,
        "sorts": yields.SORTS,
        "gaps": Gap,
    }


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/thread")(thread)
    blueprint.get("/thread.pdf")(thread_pdf)
