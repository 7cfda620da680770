"""The provision list: a file, what it would change, and only then done; what it waits for; and the list as it stands.

Between looking and doing the list is in the page itself, sealed: nothing of it is kept here, and a refusal loses none.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, send_file
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.audience import audience
from lti_tool.bodies import with_file
from lti_tool.circle.answering import form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.school.access import ADMINISTRATORS
from lti_tool.domain.school.provision import applying, out, plan, reading, runs, said, waiting
from lti_tool.domain.school.provision.applying import Applied
from lti_tool.domain.school.provision.lines import Sheet, packed, unpacked
from lti_tool.domain.school.provision.planned import Answers, Plan, Planned
from lti_tool.domain.school.provision.runs import Progress
from lti_tool.domain.school.provision.waiting import Standing
from lti_tool.i18n import choose_locale
from lti_tool.i18n import say as _
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.YEAR,
        "provision",
        Text("Cursussen uit een lijst", "Courses from a list"),
        Text("Wie waar begeleidt en leidinggeeft, in één keer.", "Who facilitates and leads where, in one go."),
    ),
)
# What fits beside the rest in one form (bodies.FORM), and how many questions one page asks: others can wait.
LONGEST, ASKED = 200_000, 100
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class ListPage:
    """The names in templates/administration/provision.html. run: a list that the worker applies or has applied.

    done: "changed" or "same" where one was applied just now, else ""; last: what the last one did.
    """

    standing: Standing
    run: Progress | None
    done: str
    last: Applied | None
    said: Any
    problem: Refused | None


@dataclass(frozen=True)
class PlanPage:
    """The names in templates/administration/provision_plan.html. sealed: the list, "" where it cannot be applied;
    shown: the digest of what it would do unless anything is chosen.

    asks, changes, same: its lines; unopened: of how many no course was found; asked: how many of the first are asked
    on this page.
    """

    plan: Plan
    shown: str
    sealed: str
    asks: Sequence[Planned]
    changes: Sequence[Planned]
    same: Sequence[Planned]
    unopened: int
    said: Any
    problem: Refused | None


@audience(ADMINISTRATORS)
def provision() -> Response:
    """Where a file is given, and how the list stands."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    session, school = db.session(), here().school.id
    standing = waiting.standing(session, school, parts().sessions.hash)
    done = request.args.get("done", "") if not problem else ""
    last = applying.last(session, school) if done else None
    page = ListPage(standing, runs.progress(session, school), done, last, said, problem)
    return show("administration/provision.html", 422 if problem else 200, **vars(page))


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(parts().sessions.hash(f"provision list {here().school.id}"))


def _unsealed() -> Sheet:
    try:
        return unpacked(_seal().loads(request.form.get("list", "")), parts().sessions.hash)
    except BadData as error:
        raise Refused("provision_sealed") from error


def _planned(sheet: Sheet, problem: Refused | None = None, answers: Answers | None = None) -> Response:
    """What a list would change now; a chosen answer that is no longer possible is left out."""
    session, school, keyed = db.session(), here().school.id, parts().sessions.hash
    made = plain = plan.make(session, school, sheet, keyed)
    if answers:
        with contextlib.suppress(Refused):
            made = plan.make(session, school, sheet, keyed, answers)
    sealed = "" if made.faults else str(_seal().dumps(packed(sheet, named=True)))
    if len(sealed) > LONGEST:
        raise Refused("provision_large")
    asks = [each for each in made.planned if each.asks]
    changes = [each for each in made.planned if each.changes and not each.asks]
    same = [each for each in made.planned if not each.changes and not each.asks]
    unopened = sum(1 for each in made.planned if each.unopened)
    page = PlanPage(made, plain.digest, sealed, asks, changes, same, unopened, said, problem)
    wrong = problem is not None or bool(made.faults)
    return show("administration/provision_plan.html", 422 if wrong else 200, asked=ASKED, **vars(page))


@audience(ADMINISTRATORS)
@with_file(lambda *_: True)
@form(lambda refused: _page(refused), "read_provision")
def read_provision() -> Response:
    """Show what a list would change: nothing of it is done or kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused("provision_none")
    return _planned(reading.read(file.stream.read(reading.MOST + 1), parts().sessions.hash))


def _answers() -> dict[str, int]:
    """What was chosen and ticked, one by one or (absent) all at once."""
    kinds = ("course-", "person-", "line-", "part-")
    all_absent = {name: 1 for name in request.form.get("absent", "").split() if name.startswith("part-")}
    given = {name: value for name, value in request.form.items() if name.startswith(kinds) and value}
    return all_absent | {
        name: int(value) for name, value in given.items() if value.isascii() and value.isdecimal() and len(value) < 10
    }


def _again(refused: Refused) -> Response:
    try:
        return _planned(_unsealed(), refused, _answers())
    except Refused:
        return _page(refused)


@audience(ADMINISTRATORS)
@form(_again, "apply_provision")
def apply_provision() -> str:
    """Do what was shown; a long list is the worker's, and this page says how far it is."""
    at, session, sheet, answers = here(), db.session(), _unsealed(), _answers()
    shown = request.form.get("shown", "")
    if len(sheet.lines) > runs.MANY:
        runs.ask(session, at.school.id, at.actor, sheet, answers, shown)
    else:
        keyed, steps, zone = parts().sessions.hash, parts().steps, parts().settings.zone
        made = applying.apply(session, at.school.id, at.actor, sheet, keyed, steps, zone, answers, shown)
        return at.url("provision", done="changed" if made.changes else "same")
    return at.url("provision")


def _number(name: str) -> int:
    value = request.form.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Refused("answer_missing")
    return int(value)


@audience(ADMINISTRATORS)
@form(lambda refused: _page(refused), "answer_provision")
def answer_provision() -> str:
    """Say which course a line is, or whom it means."""
    at, session, steps, zone = here(), db.session(), parts().steps, parts().settings.zone
    if "part" in request.form:
        keyed = parts().sessions.hash
        waiting.pick(session, at.school.id, at.actor, _number("part"), _number("person"), keyed, steps, zone)
    else:
        waiting.bind(session, at.school.id, at.actor, _number("line"), _number("course"), steps, zone)
    return at.url("provision", _anchor="waiting")


@audience(ADMINISTRATORS)
def provision_file(ending: str) -> Response:
    """The list as it stands, with the LMS's ids."""
    write = out.csv if ending == "csv" else out.xlsx
    content = write(db.session(), here().school.id, choose_locale())
    name = f"{_('cursuslijst', 'course-list')}.{ending}"
    return send_file(io.BytesIO(content), _MEDIA_TYPES[ending], as_attachment=True, download_name=name)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/provision", endpoint="provision")(provision)
    blueprint.post("/provision")(read_provision)
    blueprint.post("/provision/apply")(apply_provision)
    blueprint.post("/provision/answer")(answer_provision)
    blueprint.get("/provision/list.<any(csv, xlsx):ending>")(provision_file)
