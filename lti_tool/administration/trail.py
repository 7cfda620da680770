"""The trail: who did what for the school, and when. It is read here, and nowhere changed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.administration import Group, Section, here, show
from lti_tool.administration.trail_words import WORDS, in_words
from lti_tool.audience import audience
from lti_tool.db import db
from lti_tool.domain.school import trail
from lti_tool.domain.school.access import READERS
from lti_tool.domain.school.trail import Kind
from lti_tool.i18n import speak
from lti_tool.text import Text

SECTIONS = (
    Section(
        Group.SETTINGS,
        "trail",
        Text("Wat er is gedaan", "What was done"),
        Text("Elke handeling van beheerders, ook via een opdracht.", "Every act of administrators, by command too."),
    ),
)
AT_A_TIME = 50


@dataclass(frozen=True)
class Line:
    """One act. by: who did it, "" for a command. about: whom it concerns, "" for nobody, or for who reads no names.
    course: in which one, "" for none."""

    at: dt.datetime
    by: str
    what: str
    about: str
    course: str


@dataclass(frozen=True)
class TrailPage:
    """The names in templates/administration/trail.html. kinds: code -> what it is called, of those there are."""

    lines: Sequence[Line]
    kinds: dict[str, Text]
    kind: str
    newer: int | None
    older: int | None


@audience(READERS)
def page() -> Response:
    """The acts, newest first, so many at a time; ?kind= shows one kind, ?page= further back."""
    at, session = here(), db.session()
    asked, given = request.args.get("kind", ""), request.args.get("page", "")
    kind = Kind(asked) if asked in list(Kind) else None
    number = int(given) if given.isascii() and given.isdecimal() and 0 < len(given) < 6 else 0
    found = trail.read(session, at.school.id, kind, number * AT_A_TIME, AT_A_TIME + 1)
    shown = TrailPage(
        lines=[
            Line(act.at, _said(act.by), in_words(act), _said(act.about) if at.administers else "", act.course)
            for act in found[:AT_A_TIME]
        ],
        kinds={str(each): WORDS[each] for each in trail.kinds(session, at.school.id)},
        kind=str(kind or ""),
        newer=number - 1 if number else None,
        older=number + 1 if len(found) > AT_A_TIME else None,
    )
    return show("administration/trail.html", **vars(shown))


def _said(who: Text | None) -> str:
    return speak(who) if who is not None else ""


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/trail", endpoint="trail")(page)
