"""How an objection comes to be put to all, in any step that decides by consent."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from lti_tool.db import now
from lti_tool.models import Round
from lti_tool.models.voices import Contribution
from lti_tool.steps import objecting
from tests.web.circle import stored
from tests.web.ways import ambition, evaluation

WORDS = {"harm": "dit sluit een groep uit", "proposal": "noem iedereen"}


def deed(circle: Any) -> str:
    """The form by which the step is decided on."""
    return "enough" if circle.step.name == "information" else "consent"


def sleep(circle: Any, days: int = 1) -> None:
    """Let days go by since all rounds that have closed, and all that was written."""
    for round_ in circle.session.scalars(select(Round).where(Round.closed_at.is_not(None))):
        round_.closed_at -= dt.timedelta(days=days)
    for item in circle.session.scalars(select(Contribution)):
        item.created_at -= dt.timedelta(days=days)
    circle.session.flush()


def object_once(circle: Any, who: int, **words: str) -> int:
    """Somebody objects, the others agree, the round closes: back where a better text is made. The objection's id."""
    for each, member in enumerate(circle.members):
        if member.id in circle.turn(None).present_ids:
            said = {"answer": "objection", **WORDS, **words} if each == who else {"answer": "agree"}
            circle.act(each, deed(circle), **said)
    circle.move()
    round_ = circle.rounds("consent")[-1]
    return int(next(row.id for row in circle.answers(round_) if row.answer == "objection"))


def again(circle: Any) -> None:
    """A better text, as far as the step has one, and all that was said of the old one answered: put to all again."""
    number = next(circle.written)
    if circle.step.name == "ambition":
        pens = stored(circle.turn(None), "pen")
        ambition.write(circle, 1 if pens[-1].member_id == circle.members[0].id else 0)
    elif circle.step.name == "agreements":
        version = stored(circle.turn(None), "agreements")[-1].version
        circle.act(0, "write", lines=f"afspraak {number}", version=version)
    elif circle.step.name == "evaluation":
        evaluation.write(circle, 0)
    elif circle.step.name == "interpretation":
        listed = stored(circle.turn(None), "shortlist")[-1].body["points"][0][0]
        point = next(item for item in stored(circle.turn(None), "point") if item.id == listed)
        said = {"text": f"meer aandacht {number}", "why": f"reden {number}"}
        circle.act(0, "mend", id=point.id, version=point.version, **said)
    for row in (row for round_ in circle.rounds("consent") for row in circle.answers(round_)):
        if row.answer == "objection" and not circle.resolved(row.id):
            circle.refused(0, "resolve", consent=row.id, text=f"aangepast {number}", version=0)
    moved = circle.move()
    while moved == "dots":
        for who in range(len(circle.members)):
            circle.do_the_task(who, "dots")
        moved = circle.move()
    assert moved in ("consent", "enough"), moved


def put(circle: Any, who: int = 1) -> int:
    """From the stage of consent: two rounds do not solve somebody's objection, and it is put to all. Its id."""
    object_once(circle, who)
    again(circle)
    raised = object_once(circle, who)
    sleep(circle)
    circle.act(0, "put")
    moved = circle.move()
    assert moved == objecting.NAME, moved
    assert circle.run.stage_since <= now()
    return raised
