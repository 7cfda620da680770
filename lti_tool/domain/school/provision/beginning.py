"""What a line says of its course beside people: the template that it begins with, and settings, which go before it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.domain import Refused
from lti_tool.domain.community.seating import OWN
from lti_tool.domain.hours import school_pots
from lti_tool.domain.school import settings, templates, trail
from lti_tool.domain.school.settings import SETTINGS, Name, Scope
from lti_tool.domain.school.templates import Listed
from lti_tool.domain.school.trail import Actor
from lti_tool.models import Community, Course
from lti_tool.models.provision import ProvisionLine
from lti_tool.text import Text

# As a list may write them too, beside the codes of settings.
_NAMES: Mapping[str, Name] = {
    "taal": Name.LANGUAGE, "deelname": Name.PASSBACK, "vakanties": Name.HOLIDAYS,
    "namen": Name.NAMES, "begeleiden": Name.FACILITATION,
}  # fmt: skip
_VALUES: Mapping[str, str] = {
    "momenten": "moments", "afgerond": "completed", "niets": "none", "namen": "names", "nummers": "pseudonyms",
    "iedereen": "anybody", "docenten": "teachers", "genoemd": "named",
}  # fmt: skip


def settings_of(said: str) -> dict[Name, str]:
    """name -> value, as somebody would type it, of a cell such as "deelname=niets, taal=en".

    Of holidays several, with spaces between them. Refused("setting_unknown"), and what the setting itself refuses.
    """
    found: dict[Name, str] = {}
    for each in settings_said(said):
        if each.name is None:
            raise Refused("setting_unknown")
        value = "\n".join(each.value.split()) if each.name == Name.HOLIDAYS else each.value
        value = _VALUES.get(value.casefold(), value)
        SETTINGS[each.name].read(value)
        found[each.name] = value
    return found


@dataclass(frozen=True)
class Said:
    """A part of a cell of settings, as somebody wrote it. name: None where there is no such setting in a list."""

    part: str
    name: Name | None
    value: str


def settings_said(cell: str) -> Iterator[Said]:
    """The parts of a cell, as they are written."""
    for part in filter(None, map(str.strip, cell.split(","))):
        name, equals, value = (each.strip() for each in part.partition("="))
        known = _NAMES.get(name.casefold(), name.casefold())
        # Not what is typed in parts, nor what has to be looked at before it is set.
        in_list = (
            equals and known in list(Name) and not (SETTINGS[Name(known)].by_step or SETTINGS[Name(known)].looked_at)
        )
        yield Said(part, Name(known) if in_list else None, value)


def wrong_setting(cell: str) -> Said | None:
    """The first of a cell's parts that is no setting, or no value of its setting; None where all are."""
    for each in settings_said(cell):
        try:
            settings_of(each.part)
        except Refused:
            return each
    return None


def called(name: Name) -> Text:
    """What a list calls a setting."""
    return Text(next((dutch for dutch, known in _NAMES.items() if known == name), str(name)), str(name))


def values_of(name: Name) -> list[Text]:
    """What a list may say of a setting that is one of several."""
    dutch = {code: word for word, code in _VALUES.items()}
    return [Text(dutch.get(code, code), code) for code in SETTINGS[name].choices if code]


def templates_of(known: list[Listed], said: str) -> list[Listed]:
    """The templates that are called so: by the LMS's id, else by their title."""
    found = [each for each in known if each.context_id == said]
    return found or [each for each in known if each.title.casefold() == said.casefold()]


def template_of(known: list[Listed], said: str) -> Listed | None:
    """The one that is; None for none, or two."""
    found = templates_of(known, said)
    return found[0] if len(found) == 1 else None


def pots_of(said: str) -> list[str]:
    """The names of pots in a cell, with commas or semicolons between them."""
    found = (" ".join(each.split()) for each in re.split(r"[;,]", said))
    return list(dict.fromkeys(each for each in found if each))


def begin(session: Session, line: ProvisionLine, by: Actor | None = None, pots_before: str = "") -> None:
    """Have a line's course begin as the line says. by: who applied the list, where that is not known now: who did last.

    A template is taken once, and only before anything was begun there. pots_before: what the line said of pots until
    now; those that are named no longer take no new hours there.
    """
    if line.course_id is None or not (line.template or line.settings or line.pots or pots_before):
        return
    row = session.execute(
        select(Course, Community)
        .join(Community, Community.course_id == Course.id)
        .where(Course.id == line.course_id)
        .where(Community.id == line.community_id if line.community_id else Community.group_id == OWN)
    ).one_or_none()
    if row is None:
        return
    course, community = row
    fresh = templates.is_fresh(session, community)
    template = template_of(templates.listed(session, line.school_id), line.template) if line.template else None
    if fresh and template is not None and template.id != course.id:
        templates.begin_with(session, course, community, template.id)
    names = pots_of(line.pots)
    named = {each.casefold() for each in names}
    gone = [each for each in pots_of(pots_before) if each.casefold() not in named]
    school_pots.give(session, line.school_id, community.id, names, gone)
    said = settings_of(line.settings)
    for name, value in said.items():
        settings.keep(
            session,
            Scope(course_id=course.id),
            name,
            value,
            by or trail.last(session, line.school_id, trail.Kind.PROVISION_APPLIED),
        )
    if fresh and said.get(Name.LANGUAGE):
        # The community is there already, and nobody has written in it.
        community.locale = said[Name.LANGUAGE]
