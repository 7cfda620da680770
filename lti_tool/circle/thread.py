"""The red thread: one page to read and to print, and the same as a PDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from lti_tool import pdf
from lti_tool.audience import audience
from lti_tool.circle import here, marks, show
from lti_tool.domain.cycle import Somebody
from lti_tool.domain.reading.things import Thing, readers
from lti_tool.domain.thread import evidence, red_thread, yields
from lti_tool.domain.thread.red_thread import Gap, Whole
from lti_tool.parts import parts
from lti_tool.text import Text


@dataclass(frozen=True)
class ThreadPage:
    """The names in templates/_thread.html. lens: through which it is read, "" for all; said: evidence in words."""

    whole: Whole | None
    people: Mapping[int, Somebody]
    lens: str
    lenses: Mapping[str, Text]
    said: Callable[[dict[str, Any]], str]
    verdicts: Mapping[str, Text]
    sorts: Mapping[str, Text]
    gaps: type[Gap]


@audience(readers(Thing.THREAD))
def thread() -> Response:
    """Every action with where it comes from and what came of it; through one lens, if one is chosen."""
    return show("thread.html", **vars(_shown()), pdf=pdf.available())


@audience(readers(Thing.THREAD))
def thread_pdf() -> Response:
    """The same, to keep; not there where the extra `pdf` is not installed."""
    if not pdf.available():
        abort(404)
    answer = make_response(pdf.make(marks.said(render_template("thread_pdf.html", here=here(), **vars(_shown())))))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="leerkring.pdf"'
    return answer


def _shown() -> ThreadPage:
    at, steps = here(), parts().steps
    lens = request.args.get("lens", "")
    lens = lens if lens in evidence.LENSES else ""
    turn = next((turn for step in steps if (turn := at.turn(step))), None)
    whole = red_thread.of_cycle(turn, at.runs) if turn else None
    return ThreadPage(
        whole=red_thread.through(whole, lens) if whole and lens else whole,
        people=turn.people if turn else {},
        lens=lens,
        lenses=evidence.LENSES,
        said=evidence.words,
        verdicts=yields.VERDICTS,
        sorts=yields.SORTS,
        gaps=Gap,
    )


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/thread")(thread)
    blueprint.get("/thread.pdf")(thread_pdf)
