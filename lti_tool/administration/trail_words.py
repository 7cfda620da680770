"""What the trail's acts are called, one line each: a kind of act without words does not start (test_trail)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import format_date

from lti_tool.administration.course import STANDINGS
from lti_tool.administration.people import POWERS
from lti_tool.administration.year import TURNINGS
from lti_tool.domain.school.provision.said import ROLES
from lti_tool.domain.school.settings import SETTINGS, Name
from lti_tool.domain.school.trail import Kind, Read
from lti_tool.i18n import plural, say, speak
from lti_tool.models.provision import Role
from lti_tool.models.school import Power
from lti_tool.text import Text

WORDS: Mapping[Kind, Text] = {
    Kind.ADMINISTRATOR_ASKED: Text("Gevraagd om beheerder te worden", "Asked to become administrator"),
    Kind.ADMINISTRATOR_CAME: Text("Beheerder geworden met de code", "Became administrator by the code"),
    Kind.ADMINISTRATOR_NAMED: Text("Iemand benoemd", "Named somebody"),
    Kind.ADMINISTRATOR_ENDED: Text("Beëindigd wat iemand was", "Ended what somebody was"),
    Kind.ADMINISTRATOR_REFUSED: Text("Vraag om beheerder te worden afgewezen", "Turned down a request"),
    Kind.TEMPLATE_MARKED: Text("Een cursus tot sjabloon gemaakt", "Made a course a template"),
    Kind.TEMPLATE_UNMARKED: Text("Een cursus is geen sjabloon meer", "Made a course a template no longer"),
    Kind.COMMUNITY_ARCHIVED: Text("Een groep gearchiveerd", "Archived a group"),
    Kind.COMMUNITY_DELETED: Text("Een groep verwijderd", "Deleted a group"),
    Kind.COMMUNITY_RESTORED: Text("Een groep weer actief gemaakt", "Took a group up again"),
    Kind.COMMUNITY_PUT: Text("Iemand in een groep van de cursus gezet", "Put somebody into a group of the course"),
    Kind.COMMUNITY_SPLIT: Text("Een groep gesplitst", "Split a group"),
    Kind.COMMUNITY_JOINED: Text("Twee groepen samengevoegd", "Joined two groups"),
    Kind.COMMUNITY_MOVED: Text("Een cursus naar een andere school verplaatst", "Moved a course to another school"),
    Kind.CONTENTS_REMOVED: Text(
        "Inhoud van een groep weggehaald, volgens de bewaartermijn",
        "Took away a group’s contents, by the time they are kept",
    ),
    Kind.CYCLE_BEGUN: Text("De volgende cyclus begonnen", "Began the next cycle"),
    Kind.CYCLE_ENDED: Text("Een cyclus beëindigd zonder besluit", "Ended a cycle without a decision"),
    Kind.CYCLE_PAUSED: Text("Een cyclus gepauzeerd", "Paused a cycle"),
    Kind.DEPLOYMENT_APPROVED: Text("Een koppeling geopend", "Opened a deployment"),
    Kind.DEPLOYMENT_HELD: Text("Een koppeling stilgezet", "Held a deployment"),
    Kind.FACILITATOR_NAMED: Text("Iemand laten begeleiden", "Had somebody facilitate"),
    Kind.ROSTER_ASKED: Text("De deelnemerslijst opnieuw gevraagd", "Asked for the list of people again"),
    Kind.STANDING_CORRECTED: Text("Verbeterd wat iemand doet", "Corrected what somebody does"),
    Kind.PLATFORM_MOVED: Text("De leeromgeving is verhuisd", "The learning platform moved"),
    Kind.PLATFORM_MOVED_BACK: Text("De verhuizing is teruggedraaid", "The move was undone"),
    Kind.YEAR_TURN_APPLIED: Text("Jaarwisseling uitgevoerd", "Carried out a turn of the year"),
    Kind.HOURS_HANDED: Text(
        "Iemand die weg is een adres van de eigen uren gegeven", "Gave somebody who left an address of their own hours"
    ),
    Kind.HOURS_CARRIED: Text("Potten van een groep afgesloten", "Closed pots of a group"),
    Kind.POT_APPROVER: Text("Veranderd wie een pot goedkeurt", "Changed who approves a pot"),
    Kind.POT_CARRIES: Text("Gezegd wat van een pot meegaat", "Said what of a pot is carried over"),
    Kind.POT_CLOSED: Text("De periode van een pot afgesloten", "Closed the period of a pot"),
    Kind.POT_DECIDED: Text("Gezegd wie over een pot beslist", "Said whose decision a pot is"),
    Kind.POT_HOLDER: Text(
        "Gezegd voor hoeveel iemand bij een pot hoort", "Said for how much somebody belongs to a pot"
    ),
    Kind.POT_LIFTED: Text("Een pot van de school gemaakt", "Made a pot the school's"),
    Kind.POT_MADE: Text("Een pot gemaakt", "Made a pot"),
    Kind.POT_OPENED: Text("Gezegd welke groepen een pot hebben", "Said which groups have a pot"),
    Kind.POT_STOPPED: Text("Een pot gesloten voor nieuwe uren", "Closed a pot for new hours"),
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

# What is noted of an act, where that is a code or a number: "name value" -> words; name -> what the number is of.
DETAILS: Mapping[str, Text] = {
    "by_group 0": Text("met de hand", "by hand"),
    "by_group 1": Text("volgens de leeromgeving", "by the learning platform's groups"),
    "to 0": Text("hierheen", "to here"),
    "to 1": Text("hiervandaan", "from here"),
    "yields gone": Text("ook de opbrengsten", "the outcomes too"),
    "yields kept": Text("de opbrengsten bleven", "the outcomes stayed"),
    "how paused": Text("gepauzeerd", "paused"),
    "everywhere 1": Text("alle", "all"),
    "named 1": Text("erbij", "more"),
    "named 0": Text("niet meer", "no longer"),
    "surplus 1": Text("ook wat te veel is", "a surplus too"),
    "surplus 0": Text("", ""),
    "how withdrawn": Text("ingetrokken", "withdrawn"),
    **{f"chosen {name}": words for name, words in STANDINGS.items()},
    **{f"what {what}": words for what, words in TURNINGS.items()},
}
COUNTED: Mapping[str, Text] = {
    "changed": Text("waarvan %s veranderd", "of which %s changed"),
    "communities": Text("groepen: %s", "groups: %s"),
    "cycles": Text("cycli: %s", "cycles: %s"),
    "deployment": Text("nummer %s", "number %s"),
    "platform": Text("vanaf platform %s", "from platform %s"),
    "into": Text("in nummer %s", "into number %s"),
    "made": Text("nieuwe groep: nummer %s", "new group: number %s"),
    "people": Text("mensen: %s", "people: %s"),
    "next": Text("gaat verder in pot %s", "goes on in pot %s"),
    "periods": Text("periodes: %s", "periods: %s"),
    "pot": Text("pot %s", "pot %s"),
    "rows": Text("rijen: %s", "rows: %s"),
}


def in_words(act: Read) -> str:
    """What was done, in the page's language, with what is noted of it."""
    said = speak(WORDS[act.kind])
    setting = act.detail.get("setting")
    choices = SETTINGS[Name(setting)].choices if setting in list(Name) else {}
    more = [
        speak(choices[value]) if name == "value" and value in choices else _value(name, value)
        for name, value in act.detail.items()
    ]
    return f"{said}: {', '.join(each for each in more if each)}" if any(more) else said


def _value(name: str, value: Any) -> str:
    if name == "power":
        return speak(POWERS[Power(value)])
    if name == "role":
        return speak(ROLES[Role(value)])
    if name == "setting":
        return speak(SETTINGS[Name(value)].title) if value in list(Name) else str(value)
    if name == "day":
        return say("op %(day)s", "on %(day)s", day=_day(value))
    if name == "until":
        return say("tot %(day)s", "until %(day)s", day=_day(value))
    if name == "open":
        return say("nu", "now")
    if name == "courses":
        return str(plural(value, ("%(num)s cursus", "%(num)s cursussen"), ("%(num)s course", "%(num)s courses")))
    if name == "school":
        return say("school %(n)s", "school %(n)s", n=value)
    if name == "lines":
        return str(plural(value, ("%(num)s regel", "%(num)s regels"), ("%(num)s line", "%(num)s lines")))
    if name == "joined":
        return str(
            plural(
                value, ("samen met één andere", "samen met %(num)s andere"), ("with one other", "with %(num)s others")
            )
        )
    if (words := DETAILS.get(f"{name} {value}")) is not None:
        return speak(words)
    if (counted := COUNTED.get(name)) is not None:
        return str(speak(counted) % value)
    return "" if name == "line" else str(value)


def _day(iso: str) -> str:
    return str(format_date(dt.date.fromisoformat(iso), "d MMMM yyyy"))
