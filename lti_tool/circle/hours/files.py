"""Files of many hours, for who approves: asked for, followed while the worker makes them, fetched."""

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.hours import forms, shown
from lti_tool.circle.loading import load_form
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.hours import exports, known_pots
from lti_tool.i18n import choose_locale
from lti_tool.i18n import say as _


@audience(access.APPROVERS)
def hours_files() -> Response:
    """What can be made, what is being made, and what is there."""
    return show_page()


def show_page(problem: Refused | None = None) -> Response:
    """The page; after a form that was refused, with what is wrong."""
    at, session = here(), db.session()
    pots = known_pots.approved(session, at.community.id, at.person.id)
    if not pots:
        abort(404)
    found = exports.listed(session, at.community.id, at.person.id, pots)
    labels = {
        exports.XLSX: _("Voor Excel (xlsx)", "For Excel (xlsx)"),
        exports.CSV: "CSV",
        **{
            f"{exports.PACK}{each.id}": _("Dossier van %(pot)s (zip)", "Record of %(pot)s (zip)", pot=each.label)
            for each in pots
        },
    }
    return show(
        "hours/files.html",
        422 if problem else 200,
        files=[(what, labels[what], found.get(what)) for what in exports.whats(pots)],
        making=any(each.waits for each in found.values()),
        problem=problem,
    )


@audience(access.APPROVERS)
@form(show_page, "ask_hours_file")
def ask_hours_file() -> str:
    """Have a file made; asked twice it is one."""
    at = here()
    if not known_pots.approved(db.session(), at.community.id, at.person.id):
        abort(404)
    what = load_form(forms.File, request.form)["what"]
    exports.ask(db.session(), at.community.id, at.person.id, what, choose_locale())
    return at.url("hours_files", _anchor=what)


@audience(access.APPROVERS)
def hours_file(what: str) -> Response:
    """A file that was made, for who asked for it."""
    at = here()
    try:
        content = exports.content(db.session(), at.community.id, at.person.id, what)
    except Refused:
        abort(404)
    return shown.download(content, "zip" if what.startswith(exports.PACK) else what)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/approve/files")(hours_files)
    blueprint.post("/hours/approve/files")(ask_hours_file)
    blueprint.get("/hours/approve/files/<what>")(hours_file)
