"""What the trail's acts are called, one line each: a kind of act without words does not start (test_trail)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import format_date

from lti_tool.administration.people import POWERS
from lti_tool.domain.school.provision.said import ROLES
from lti_tool.domain.school.settings import SETTINGS, Name
from lti_tool.domain.school.trail import Kind, Read
from lti_tool.i18n import say, speak
from lti_tool.models.provision import Role
from lti_tool.models.school import Power
from lti_tool.text import Text

WORDS: Mapping[Kind, Text] = {
    Kind.ADMINISTRATOR_ASKED: Text("Gevraagd om beheerder te worden", "Asked to become administrator"),
    Kind.ADMINISTRATOR_CAME: Text("Beheerder geworden met de code", "Became administrator by the code"),
    Kind.ADMINISTRATOR_NAMED: Text("Iemand benoemd", "Named somebody"),
    Kind.ADMINISTRATOR_ENDED: Text("Beëindigd wat iemand was", "Ended what somebody was"),
    Kind.ADMINISTRATOR_REFUSED: Text("Vraag om beheerder te worden afgewezen", "Turned down a request"),
    Kind.PROVISION_APPLIED: Text("Lijst van cursussen toegepast", "Applied a list of courses"),
    Kind.PROVISION_BOUND: Text("Gezegd welke cursus een regel is", "Said which course a line is"),
    Kind.PROVISION_PICKED: Text("Gezegd wie een regel bedoelt", "Said whom a line means"),
    Kind.PROVISION_TAKEN_BACK: Text(
        "Teruggenomen wat niet meer op de lijst staat", "Took back what is on the list no longer"
    ),
    Kind.SCHOOL_NAMED: Text("School een naam gegeven", "Named the school"),
    Kind.SCHOOL_OPENS: Text("Bepaald wanneer de activiteiten opengaan", "Decided when the activities open"),
    Kind.SCHOOL_SPLIT: Text("School gesplitst", "Split the school"),
    Kind.SCHOOLS_JOINED: Text("Scholen samengevoegd", "Joined schools"),
    Kind.SETTING_CLEARED: Text("Instelling weggehaald", "Cleared a setting"),
    Kind.SETTING_SET: Text("Instelling gekozen", "Chose a setting"),
}


def in_words(act: Read) -> str:
    """What was done, in the page's language, with what is noted of it."""
    said = speak(WORDS[act.kind])
    more = [_value(name, value) for name, value in act.detail.items()]
    return f"{said}: {', '.join(each for each in more if each)}" if any(more) else said


def _value(name: str, value: Any) -> str:
    if name == "power":
        return speak(POWERS[Power(value)])
    if name == "role":
        return speak(ROLES[Role(value)])
    if name in _COUNTED:
        return str(speak(_COUNTED[name]) % value)
    if name == "setting":
        return speak(SETTINGS[Name(value)].title) if value in list(Name) else str(value)
    if name == "day":
        return say("op %(day)s", "on %(day)s", day=format_date(dt.date.fromisoformat(value), "d MMMM yyyy"))
    if name == "open":
        return say("nu", "now")
    if name == "courses":
        return say("%(n)s cursussen", "%(n)s courses", n=value)
    if name == "school":
        return say("school %(n)s", "school %(n)s", n=value)
    return "" if name == "line" else str(value)


# How many there were of something.
_COUNTED = {
    "lines": Text("%s regels", "%s lines"),
    "changed": Text("waarvan %s veranderd", "of which %s changed"),
}
