"""Every setting there is: its words, what it can be, and how what somebody typed becomes a value.

A value is what JSON holds. One with several parts is typed as lines of name=value, by page and by command alike.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lti_tool.domain import Refused
from lti_tool.domain.participation import Passback
from lti_tool.text import Text


class Name(StrEnum):
    """Every setting there is."""

    LANGUAGE = "language"
    PASSBACK = "passback"
    HOLIDAYS = "holidays"
    STEPS = "step_names"
    NAMES = "names"
    FACILITATION = "facilitation"
    TARIFF = "tariff"
    RETENTION = "retention"


class Naming(StrEnum):
    """How people are called: as the LMS names them, or by their number in the community alone."""

    NAMES = "names"
    PSEUDONYMS = "pseudonyms"


class Facilitation(StrEnum):
    """Who may facilitate without being named by a list or an administrator, who may always name anybody."""

    ANYBODY = "anybody"
    TEACHERS = "teachers"
    NAMED = "named"


@dataclass(frozen=True)
class Kept:
    """A setting: its words, what it is when nobody set it, and its choices.

    choices: value -> words, for one of several; empty for one that is typed, which `read` takes in (Refused where it
    cannot). A value is what JSON holds. by_step: it is typed as lines of name=value, in which names begin with a
    step's. looked_at: what it would do is looked at first (school.retention), and no other way sets it.
    """

    title: Text
    what: Text
    default: Any
    choices: Mapping[str, Text]
    read: Callable[[str], Any]
    by_step: bool = False
    looked_at: bool = False


def _one_of(choices: Mapping[str, Text]) -> Callable[[str], str]:
    def read(said: str) -> str:
        if said not in choices:
            raise Refused("setting_choice")
        return said

    return read


LONGEST_HOLIDAY, MOST_HOLIDAYS = 70, 24


def _holidays(said: str) -> list[str]:
    """Intervals, one a line: 2026-10-17 - 2026-10-25, or one day alone; as ISO 8601 has them (first/last), sorted."""
    found = set()
    for line in filter(None, map(str.strip, said.splitlines())):
        try:
            days = [dt.date.fromisoformat(each) for each in line.replace("/", " ").replace(" - ", " ").split()]
        except ValueError as error:
            raise Refused("setting_holidays") from error
        if len(days) not in (1, 2):
            raise Refused("setting_holidays")
        first, last = days[0], days[-1]
        if not 0 <= (last - first).days < LONGEST_HOLIDAY:
            raise Refused("setting_holidays")
        found.add(f"{first}/{last}")
    if len(found) > MOST_HOLIDAYS:
        raise Refused("setting_holidays_many")
    return sorted(found)


# A step's name of the school's own.
LONGEST_STEP = 40
_STEP_NAME = re.compile(r"[\w \-'’.,?!&():/]+")
_PART = re.compile(r"[a-z][a-z_]{0,31}(?:\.[a-z]{1,16})?")
_MOST_PARTS = 60


def _parts(said: str) -> dict[str, str]:
    """name -> value of lines of name=value; a line without a value is left out."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, said.splitlines())):
        name, equals, value = (each.strip() for each in line.partition("="))
        if not equals or not _PART.fullmatch(name) or name in found:
            raise Refused("setting_parts")
        found[name] = value
    if len(found) > _MOST_PARTS:
        raise Refused("setting_parts")
    return {name: value for name, value in found.items() if value}


def _step_names(said: str) -> dict[str, dict[str, str]]:
    """step -> language -> its name, of lines such as ambition.nl=Ons doel."""
    found: dict[str, dict[str, str]] = {}
    for name, value in _parts(said).items():
        step, _, language = name.partition(".")
        value = " ".join(value.split())
        if language not in ("nl", "en"):
            raise Refused("setting_parts")
        fine = value.isprintable() and _STEP_NAME.fullmatch(value) and any(map(str.isalpha, value))
        if not fine or len(value) > LONGEST_STEP:
            raise Refused("setting_step_name", most=LONGEST_STEP)
        found.setdefault(step, {})[language] = value
    for language in ("nl", "en"):
        said_so = [each[language].casefold() for each in found.values() if language in each]
        if len(set(said_so)) < len(said_so):
            raise Refused("setting_step_twice")
    return found


# Minutes of a day: no step is worth more.
MOST_MINUTES = 24 * 60


def _tariff(said: str) -> dict[str, dict[str, int]]:
    """step -> minutes, action, most (domain.hours.suggestions.Worth), of lines such as ambition=60.

    Of what each finished action is worth too: actions.action=30 and actions.most=240.
    """
    found: dict[str, dict[str, int]] = {}
    for name, value in _parts(said).items():
        step, _, part = name.partition(".")
        if part not in ("", "action", "most") or not (value.isascii() and value.isdecimal() and len(value) < 6):
            raise Refused("setting_tariff")
        found.setdefault(step, {"minutes": 0, "action": 0, "most": 0})[part or "minutes"] = int(value)
    for worth in found.values():
        worth["most"] = worth["most"] or worth["minutes"] + worth["action"]
        amounts = worth.values()
        if max(amounts) > MOST_MINUTES or worth["most"] < max(worth["minutes"], worth["action"]):
            raise Refused("setting_tariff")
    return {step: worth for step, worth in found.items() if worth["minutes"] or worth["action"]}


def as_typed(name: Name, value: Any) -> dict[str, str]:
    """The parts of a value that is typed by step, as they would be typed: name -> value."""
    found: dict[str, str] = {}
    for step, parts in value.items():
        for part, each in parts.items():
            if each:
                found[step if name == Name.TARIFF and part == "minutes" else f"{step}.{part}"] = str(each)
    return found


_LANGUAGES = {"": Text("zoals de leeromgeving", "as the learning platform"), "nl": Text("Nederlands", "Dutch"),
              "en": Text("Engels", "English")}  # fmt: skip
_PASSBACKS = {
    str(Passback.MOMENTS): Text("momenten: 33, 67 of 100 per stap", "moments: 33, 67 or 100 a step"),
    str(Passback.COMPLETED): Text("alleen afgerond: 100, of niets", "completed only: 100, or nothing"),
    str(Passback.NONE): Text("niets in het cijferoverzicht", "nothing in the gradebook"),
}
_NAMINGS = {
    str(Naming.NAMES): Text("namen, als de leeromgeving die doorgeeft", "names, if the platform passes them on"),
    str(Naming.PSEUDONYMS): Text("nummers: “Lid 7”, voor iedereen", "numbers: “Member 7”, for everybody"),
}
_FACILITATIONS = {
    str(Facilitation.ANYBODY): Text("wie zegt dat die begeleidt", "whoever says they do"),
    str(Facilitation.TEACHERS): Text("alleen wie docent is in de cursus", "only who is a teacher in the course"),
    str(Facilitation.NAMED): Text(
        "alleen wie de lijst of een beheerder noemt", "only whom the list or an administrator names"
    ),
}
YEARS = (1, 2, 3, 5, 7)


def _years(number: int) -> Text:
    return Text(f"{number} jaar", f"{number} year{'s' if number > 1 else ''}")


# "" for ever; "2": years, the yields stay; "2+": years, and the yields go too.
_RETENTIONS = {
    "": Text("zolang Leerkring hier draait", "as long as Leerkring runs here"),
    **{
        f"{each}{code}": Text(f"{_years(each).nl}, {words.nl}", f"{_years(each).en}, {words.en}")
        for code, words in (
            ("", Text("de opbrengst van elke cyclus blijft, zonder namen", "each cycle’s outcome stays, no names")),
            ("+", Text("en ook de opbrengsten gaan dan weg", "and the outcomes go too")),
        )
        for each in YEARS
    },
}

SETTINGS: Mapping[Name, Kept] = {
    Name.LANGUAGE: Kept(
        Text("Taal van een nieuwe gemeenschap", "Language of a new community"),
        Text(
            "Waarin Leerkring schrijft wat voor iedereen is. Ieder kiest de taal van de eigen pagina’s zelf.",
            "In which Leerkring writes what is for everybody. Each person chooses the language of their own pages.",
        ),
        "",
        _LANGUAGES,
        _one_of(_LANGUAGES),
    ),
    Name.PASSBACK: Kept(
        Text("Deelname in het cijferoverzicht", "Participation in the gradebook"),
        Text(
            "Wat er is gekozen als iemand activiteiten plaatst. Kiest een docent daar iets anders, dan geldt dat meteen"
            " voor die activiteit.",
            "What is chosen when somebody places activities. If a teacher chooses something else there, that holds for"
            " that activity at once.",
        ),
        str(Passback.MOMENTS),
        _PASSBACKS,
        _one_of(_PASSBACKS),
    ),
    Name.HOLIDAYS: Kept(
        Text("Vakanties", "Holidays"),
        Text(
            "Een dag die wordt aangekondigd, eindigt er nooit in. Wie begeleidt, kan er voor de eigen gemeenschap bij"
            " zetten.",
            "A day that is announced never ends in one. Whoever facilitates can add to them for their own community.",
        ),
        [],
        {},
        _holidays,
    ),
    Name.STEPS: Kept(
        Text("Namen van de stappen", "Names of the steps"),
        Text(
            "Heten de zes stappen bij jullie anders? Vul alleen in wat anders is. Het geldt op alle pagina’s, en voor"
            " activiteiten die vanaf nu worden geplaatst. Wat al in een cursus staat, houdt zijn naam.",
            "Do you call the six steps something else? Fill in only what differs. It holds on all pages, and for"
            " activities placed from now on. What is in a course already keeps its name.",
        ),
        {},
        {},
        _step_names,
        by_step=True,
    ),
    Name.NAMES: Kept(
        Text("Namen of nummers", "Names or numbers"),
        Text(
            "Met nummers heet iedereen “Lid 7”, ook voor wie begeleidt of beheert. Leerkring bewaart dan geen naam;"
            " namen die er al waren, worden meteen gewist. Zet je dit terug, dan komen ze terug als de leeromgeving ze"
            " weer doorgeeft. Wie in een cursus met nummers zit, heet ook in andere cursussen zo. Is dat een beheerder,"
            " dan staat bij “Wie beheert” en “Wat er is gedaan” “Beheerder 2” in plaats van de naam.",
            "With numbers everybody is “Member 7”, also for who facilitates or administers. Leerkring then keeps no"
            " name; names that were there are deleted at once. If you put this back, they return as the learning"
            " platform passes them on again. Whoever sits in a course with numbers is called so in other courses too."
            " Where that is an administrator, “Who administers” and “What was done” say “Administrator 2” instead of"
            " the name.",
        ),
        str(Naming.NAMES),
        _NAMINGS,
        _one_of(_NAMINGS),
    ),
    Name.FACILITATION: Kept(
        Text("Wie mag begeleiden", "Who may facilitate"),
        Text(
            "Een beheerder, of de lijst van de school, kan altijd iemand laten begeleiden. Wie nu al begeleidt, blijft"
            " dat doen; een ander laten begeleiden kan op de bladzijde van de cursus.",
            "An administrator, or the school’s list, can always have somebody facilitate. Whoever facilitates now goes"
            " on doing so; the course’s page is where to have somebody else do it.",
        ),
        str(Facilitation.ANYBODY),
        _FACILITATIONS,
        _one_of(_FACILITATIONS),
    ),
    Name.TARIFF: Kept(
        Text("Wat een afgeronde stap waard is", "What a completed step is worth"),
        Text(
            "In hele minuten. Wie meedeed aan een stap, krijgt ze voorgesteld bij Mijn uren; ze tellen pas als die"
            " persoon ze zelf toevoegt. Een groep die zelf iets koos, houdt dat. Wat al is toegevoegd, verandert niet.",
            "In whole minutes. Whoever took part in a step gets them suggested under My hours; they count only once"
            " that person adds them. A group that chose its own keeps that. What was added already does not change.",
        ),
        {},
        {},
        _tariff,
        by_step=True,
    ),
    Name.RETENTION: Kept(
        Text("Hoelang de inhoud blijft", "How long contents are kept"),
        Text(
            "Gerekend vanaf het eind van de laatste cyclus van een groep. Dan gaat alles weg wat er is geschreven,"
            " gekozen en geantwoord. Uren, dagboeken en momenten blijven: die zijn van de persoon zelf. Je ziet eerst"
            " om hoeveel groepen het gaat.",
            "Counted from the end of a group’s last cycle. Then everything goes that was written, chosen and answered"
            " there. Hours, journals and moments stay: they are the person’s own. You first see how many groups it"
            " is about.",
        ),
        "",
        _RETENTIONS,
        _one_of(_RETENTIONS),
        looked_at=True,
    ),
}
