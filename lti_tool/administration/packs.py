"""What a works council and a data protection officer ask for, made of what the code does and what the school set."""

from dataclasses import dataclass

from flask import Blueprint, abort, make_response, render_template
from werkzeug.wrappers import Response

from lti_tool import pdf
from lti_tool.administration import Group, Section, here, show
from lti_tool.audience import audience
from lti_tool.db import db, now
from lti_tool.domain import privacy
from lti_tool.domain.cycle import midnights
from lti_tool.domain.privacy import CALLED, Pack, facts
from lti_tool.domain.privacy.document import TO_FILL, Document
from lti_tool.domain.school.access import READERS
from lti_tool.i18n import choose_locale
from lti_tool.parts import parts
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.SETTINGS,
        "packs",
        Text("Stukken over privacy", "Privacy documents"),
        Text(
            "Voor de medezeggenschapsraad, een DPIA en het verwerkingsregister.",
            "For the works council, a DPIA and the record of processing.",
        ),
    ),
)


@dataclass(frozen=True)
class PackPage:
    """The names in templates/administration/pack.html. pdf: whether it can be had as one."""

    made: Document
    pack: Pack
    pdf: bool
    to_fill: Text


@audience(READERS)
def packs() -> Response:
    """Which there are."""
    return show("administration/packs.html", called=CALLED)


@audience(READERS)
def pack(which: str) -> Response:
    """One of them, to read."""
    return show("administration/pack.html", **vars(PackPage(_made(which), Pack(which), pdf.available(), TO_FILL)))


@audience(READERS)
def pack_pdf(which: str) -> Response:
    """The same, to hand out; not there where the extra `pdf` is not installed."""
    if not pdf.available():
        abort(404)
    answer = make_response(
        pdf.make(render_template("administration/pack_pdf.html", made=_made(which), to_fill=TO_FILL))
    )
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="leerkring-{which}.pdf"'
    return answer


def _made(which: str) -> Document:
    settings = parts().settings
    day = midnights.day_of(now(), settings.zone)
    known = facts.of_school(db.session(), here().school.id, settings.processors, day)
    return privacy.make(Pack(which), known, choose_locale())


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    known = ", ".join(f'"{each}"' for each in Pack)
    blueprint.get("/packs")(packs)
    blueprint.get(f"/packs/<any({known}):which>")(pack)
    blueprint.get(f"/packs/<any({known}):which>.pdf")(pack_pdf)
