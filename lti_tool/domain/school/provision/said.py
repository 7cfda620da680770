"""What is said of a list: a sentence for whatever is wrong with it, and for what it would change."""

from collections.abc import Mapping, Sequence

from lti_tool.domain import Refused
from lti_tool.domain.school.provision.beginning import called, settings_said, values_of
from lti_tool.domain.school.provision.lines import Fault
from lti_tool.domain.school.provision.planned import Ask, Change, Changed
from lti_tool.domain.school.provision.waiting import Waiting
from lti_tool.domain.school.settings import Name
from lti_tool.models.provision import Named, Role, Trouble
from lti_tool.text import Counted, Text

ROLES: Mapping[Role, Text] = {
    Role.FACILITATOR: Text("begeleider", "facilitator"),
    Role.DEPUTY: Text("vervanger", "deputy"),
    Role.LEADER: Text("leidinggevende", "leader"),
}
NAMED: Mapping[Named, Text] = {
    Named.EMAIL: Text("e-mailadres", "e-mail address"),
    Named.LOGIN: Text("gebruikersnaam", "login"),
    Named.ID: Text("id in de leeromgeving", "id in the learning platform"),
    Named.PICKED: Text("met de hand gekozen", "chosen by hand"),
}
# Of who facilitates, and is on the list no longer: with a tick, and where it was ticked before.
STAYS = Text("blijft begeleiden tot de opvolger er is", "keeps facilitating until the successor is here")
SETTLED = Text(
    "blijft begeleiden tot de opvolger er is, en stopt dan vanzelf",
    "keeps facilitating until the successor is here, and then stops by itself",
)
TROUBLE: Mapping[Trouble, Text] = {
    Trouble.SEVERAL: Text(
        "Twee mensen in deze cursus heten zo. Daarom is het niemand geworden; kies zelf wie je bedoelt.",
        "Two people in this course are called so. So it became nobody; choose yourself whom you mean.",
    ),
    Trouble.LEFT: Text(
        "Deze collega is uit de kring gestapt en beslist zelf over terugkomen.",
        "This colleague has left the circle, and decides themselves about coming back.",
    ),
    Trouble.REPLACED: SETTLED,
}

# Of a list as a whole: by the code that reading or applying refuses with.
REFUSED: Mapping[str, Text] = {
    "provision_none": Text("Kies eerst een bestand.", "Choose a file first."),
    "provision_empty": Text("Er staan geen cursussen in dit bestand.", "There are no courses in this file."),
    "provision_large": Text(
        "Dit bestand is te groot. Een lijst mag hoogstens 2 MB zijn; knip hem in stukken.",
        "This file is too large. A list can be 2 MB at most; cut it into pieces.",
    ),
    "provision_kind": Text(
        "Dit bestand kunnen we niet lezen. Bewaar je lijst als CSV of als Excel-werkmap (.xlsx).",
        "This file cannot be read. Save your list as CSV or as an Excel workbook (.xlsx).",
    ),
    "provision_bomb": Text(
        "Deze werkmap wordt bij het uitpakken veel te groot, en is niet geopend. Bewaar alleen de lijst, in een nieuw "
        "bestand.",
        "This workbook would become far too large by unpacking, and was not opened. Save only the list, in a new file.",
    ),
    "provision_many": Text(
        "Deze lijst is te lang. Een lijst heeft hoogstens %(most)s regels; knip hem in stukken.",
        "This list is too long. A list has at most %(most)s lines; cut it into pieces.",
    ),
    "provision_columns": Text(
        "De eerste regel moet de kolommen noemen, met in elk geval ‘cursus-id’, ‘SIS-id’ of ‘korte naam’.",
        "The first line has to name the columns, with at least “course id”, “SIS id” or “short name”.",
    ),
    "provision_column": Text(
        "De kolom %(cell)s kennen we niet. Kijk in de voorbeeldlijst hoe de kolommen heten, of haal deze weg.",
        "There is no column called %(cell)s. See the example list for what columns are called, or take it out.",
    ),
    "provision_column_twice": Text("De kolom %(cell)s staat er twee keer in.", "The column %(cell)s is there twice."),
    "provision_quotes": Text(
        "Regel %(line)s: een aanhalingsteken dat opent, sluit nergens.",
        "Line %(line)s: a quotation mark that opens, closes nowhere.",
    ),
    "provision_wrong": Text(
        "Er staan fouten in de lijst, daarom is er niets van gedaan. Verbeter ze in je bestand en geef het opnieuw.",
        "There are mistakes in the list, so nothing of it was done. Mend them in your file and give it again.",
    ),
    "provision_moved": Text(
        "Intussen is er iets veranderd, daarom is er nog niets gedaan. Hieronder staat wat de lijst nu zou doen.",
        "Something changed meanwhile, so nothing was done yet. Below is what the list would do now.",
    ),
    "provision_answer": Text(
        "Een van je keuzes kan niet meer. Kijk nog eens; er is nog niets gedaan.",
        "One of your choices is no longer possible. Look again; nothing was done yet.",
    ),
    "provision_busy": Text(
        "Er wordt al een lijst toegepast. Wacht tot die klaar is.",
        "A list is being applied already. Wait until it is done.",
    ),
    "provision_sealed": Text(
        "De lijst is onderweg geraakt. Geef het bestand opnieuw.",
        "The list was damaged on its way. Give the file again.",
    ),
    "provision_failed": Text(
        "Het toepassen ging mis, en er is niets van gedaan. Probeer het opnieuw.",
        "Applying it went wrong, and nothing of it was done. Try again.",
    ),
}

FAULTS: Mapping[str, Text] = {
    "cells": Text(
        "Deze regel heeft meer cellen dan er kolommen zijn.", "This line has more cells than there are columns."
    ),
    "formula": Text(
        "Hier staat een formule of iets wat een rekenblad zou uitrekenen. Zet er de waarde zelf.",
        "This is a formula, or something a spreadsheet would calculate. Put the value itself.",
    ),
    "long": Text("Dit is te lang: hoogstens %(most)s tekens.", "This is too long: at most %(most)s characters."),
    "unseen": Text(
        "Hier staan onzichtbare tekens in, zoals een teken dat de leesrichting omdraait. Typ het opnieuw.",
        "There are invisible signs in this, such as one that turns the direction of reading. Type it anew.",
    ),
    "which": Text(
        "Welke cursus is dit? Vul een cursus-id, een SIS-id of een korte naam in.",
        "Which course is this? Fill in a course id, a SIS id or a short name.",
    ),
    "settings": Text(
        "‘%(part)s’ is geen instelling. Schrijf ze zo, met een komma ertussen: taal=nl, deelname=niets, "
        "namen=nummers, begeleiden=docenten, vakanties=2027-02-20/2027-02-28.",
        "“%(part)s” is no setting. Write them like this, with a comma between them: language=en, passback=none, "
        "names=pseudonyms, facilitation=teachers, holidays=2027-02-20/2027-02-28.",
    ),
    "setting_value": Text(
        "‘%(value)s’ kan niet bij %(setting)s. Dat is %(choices)s.",
        "“%(value)s” cannot be at %(setting)s. That is %(choices)s.",
    ),
    "setting_days": Text(
        "‘%(value)s’ kan niet bij %(setting)s. Schrijf elke vakantie als eerste/laatste dag, met een spatie ertussen: "
        "2027-02-20/2027-02-28.",
        "“%(value)s” cannot be at %(setting)s. Write each as first/last day, with a space between two: "
        "2027-02-20/2027-02-28.",
    ),
    "template": Text(
        "Er is geen sjablooncursus die zo heet. Vul de cursus-id of de titel van een sjabloon in; de korte naam telt "
        "hier niet.",
        "There is no template course called so. Fill in the course id or the title of a template; its short name does "
        "not count here.",
    ),
    "template_twice": Text(
        "Er zijn twee sjablooncursussen die zo heten. Vul de cursus-id in van de ene die je bedoelt.",
        "Two template courses are called so. Fill in the course id of the one you mean.",
    ),
    "community": Text(
        "Deze cursus heeft geen leergemeenschap die ‘%(community)s’ heet. Laat de cel leeg voor die van de cursus "
        "zelf.",
        "This course has no community called “%(community)s”. Leave the cell empty for the course’s own.",
    ),
    "community_twice": Text(
        "Deze cursus heeft twee leergemeenschappen die ‘%(community)s’ heten. Geef er eerst één een andere naam.",
        "This course has two communities called “%(community)s”. First give one of them another name.",
    ),
    "of_course": Text(
        "Een sjabloon en instellingen gelden voor de hele cursus. Zet ze op de regel zonder gemeenschap.",
        "A template and settings hold for the whole course. Put them on the line without a community.",
    ),
    "pots": Text(
        "Er is geen pot ‘%(pot)s’ van de school die in gebruik is. Kijk bij ‘Potten met uren’ hoe hij heet.",
        "The school has no pot “%(pot)s” in use. See under “Pots of hours” what it is called.",
    ),
    "people": Text("Dit zijn te veel mensen: hoogstens %(most)s.", "These are too many people: at most %(most)s."),
    "who": Text(
        "‘%(who)s’ is geen e-mailadres, gebruikersnaam of id. Een naam is niet genoeg; tussen twee mensen staat een "
        "komma.",
        "“%(who)s” is no e-mail address, login or id. A name is not enough; between two people goes a comma.",
    ),
    "twice": Text(
        "Deze cursus staat ook op regel %(other)s. Laat een van de twee staan.",
        "This course is on line %(other)s too. Leave one of the two.",
    ),
    "two_courses": Text(
        "De ids op deze regel zijn van twee verschillende cursussen.",
        "The ids on this line are of two different courses.",
    ),
}

CHANGES: Mapping[Change, Text] = {
    Change.NEW: Text("komt op de lijst", "comes on the list"),
    Change.BOUND: Text("is de cursus ‘%(who)s’, en blijft dat", "is the course “%(who)s”, and stays that"),
    Change.BACK: Text("staat weer op de lijst", "is on the list again"),
    Change.TITLE: Text("heet voortaan ‘%(who)s’", "is called “%(who)s” from now on"),
    Change.TEMPLATE: Text(
        "begint met sjabloon ‘%(who)s’, als er nog niets is begonnen",
        "begins with template “%(who)s”, if nothing has begun there",
    ),
    Change.SETTINGS: Text("%(who)s", "%(who)s"),
    Change.POTS: Text("potten: %(who)s", "pots: %(who)s"),
    Change.KEYS: Text("krijgt een id of korte naam erbij", "gets one more id or short name"),
    Change.NAMED: Text("%(role)s wordt %(who)s, zodra die er is", "%(role)s becomes %(who)s, once they are here"),
    Change.FOUND: Text("%(role)s %(who)s is gevonden", "%(role)s %(who)s was found"),
    Change.NAMED_AGAIN: Text("%(role)s %(who)s staat weer op de lijst", "%(role)s %(who)s is on the list again"),
}
# Of whom is named and is there: nothing is waited for.
AT_ONCE = Text("%(role)s wordt %(who)s", "%(role)s becomes %(who)s")
# Of a cell that is empty from now on.
EMPTIED: Mapping[Change, Text] = {
    Change.TEMPLATE: Text("noemt geen sjabloon meer", "names no template any more"),
    Change.SETTINGS: Text(
        "noemt geen instellingen meer; wat er stond, blijft gelden",
        "names no settings any more; what was set stays",
    ),
}
NOTHING = Text("niets", "nothing")
# Whom a list waits for, one and more, as the line counts them.
SOMEBODY: Mapping[Role, Counted] = {
    Role.FACILITATOR: Counted(
        Text("Eén begeleider", "One facilitator"), Text("%(count)s begeleiders", "%(count)s facilitators")
    ),
    Role.DEPUTY: Counted(Text("Eén vervanger", "One deputy"), Text("%(count)s vervangers", "%(count)s deputies")),
    Role.LEADER: Counted(
        Text("Eén leidinggevende", "One leader"), Text("%(count)s leidinggevenden", "%(count)s leaders")
    ),
}
# Of a line whose course was not found.
UNOPENED = Text("cursus nog niet geopend", "course not opened yet")


def fault(of: Fault) -> Text:
    """What is wrong with a line, without its number and cell."""
    values = {name: value if isinstance(value, int) else ", ".join(value) for name, value in of.values.items()}
    filled = {name: Text(str(value), str(value)) for name, value in values.items()}
    if "setting" in values:
        name = Name(str(values["setting"]))
        choices = values_of(name)
        nl, en = (_or([each.nl for each in choices], "of"), _or([each.en for each in choices], "or"))
        filled |= {"setting": called(name), "choices": Text(nl, en)}
    return _filled(FAULTS[of.code], filled)


def _or(words: Sequence[str], between: str) -> str:
    return f" {between} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def change(of: Changed) -> Text:
    """What changes in a line."""
    if not of.who and of.kind in EMPTIED:
        return EMPTIED[of.kind]
    who = _set(of.who) if of.kind == Change.SETTINGS else _whom(of) if of.who else NOTHING
    text = AT_ONCE if of.kind == Change.NAMED and of.here else CHANGES[of.kind]
    return _filled(text, {"who": who, "role": ROLES[of.role] if of.role else NOTHING})


def _set(cell: str) -> Text:
    """What is set by a cell of settings."""
    parts = [(called(each.name), each.value) for each in settings_said(cell) if each.name is not None]
    return Text(
        ", ".join(f"{name.nl} wordt {value or '–'}" for name, value in parts),
        ", ".join(f"{name.en} becomes {value or '–'}" for name, value in parts),
    )


def _whom(of: Changed) -> Text:
    """Whom a line names: an id alone tells nobody who that is."""
    if of.by != Named.ID:
        return Text(of.who, of.who)
    if of.name:
        return Text(f"{of.name} (id {of.who} in de leeromgeving)", f"{of.name} (id {of.who} in the learning platform)")
    return Text(f"wie in de leeromgeving id {of.who} heeft", f"whoever has id {of.who} in the learning platform")


def which(courses: int, *, by_name: bool) -> Text:
    """Which course a line is, of so many that it may be. by_name: it has a short name alone."""
    if courses > 1 and by_name:
        return Text("Zo heet meer dan één cursus. Welke is het?", "More than one course is called so. Which is it?")
    if by_name:
        return Text(
            "Eén cursus heet nu zo, maar een korte naam kan nog veranderen. Is het deze?",
            "One course is called so now, but a short name may still change. Is it this one?",
        )
    if courses > 1:
        return Text(
            "Dit nummer heeft meer dan één cursus. Welke is het?", "More than one course has this number. Which is it?"
        )
    return Text("Is het deze cursus?", "Is it this course?")


def ask(of: Ask, *, by_name: bool = False) -> Text:
    """What a line asks. by_name: of a line that has a short name alone."""
    if not of.who:
        return which(len(of.choices), by_name=by_name)
    by = NAMED[of.by] if of.by else NOTHING
    text = Text(
        "De leeromgeving deelt geen %(by)s. Wie is %(who)s?",
        "The learning platform does not share the %(by)s. Who is %(who)s?",
    )
    return _filled(text, {"by": by, "who": Text(of.who, of.who)})


def waits(of: Sequence[Waiting]) -> Text:
    """What several lines wait for that wait for the same (`Waiting.alike`)."""
    first, count = of[0], len(of)
    if first.role is None:
        one = Text(
            "Eén cursus is nog niet geopend vanuit de leeromgeving.",
            "One course has not been opened from the learning platform yet.",
        )
        many = Text(
            f"{count} cursussen zijn nog niet geopend vanuit de leeromgeving.",
            f"{count} courses have not been opened from the learning platform yet.",
        )
        return one if count == 1 else many
    words = SOMEBODY[first.role]
    who = words.one if count == 1 else _filled(words.many, {"count": Text(str(count), str(count))})
    is_nl, has_nl = ("is", "heeft") if count == 1 else ("zijn", "hebben")
    was_en, has_en = ("was", "has") if count == 1 else ("were", "have")
    if first.trouble == Trouble.LEFT:
        return Text(f"{who.nl} {is_nl} wel gevonden.", f"{who.en} {was_en} found.")
    if first.found:
        return Text(
            f"{who.nl} {is_nl} gevonden in de cursus, maar {has_nl} Leerkring daar nog niet geopend.",
            f"{who.en} {was_en} found in the course, but {has_en} not opened Leerkring there yet.",
        )
    by = NAMED[first.by] if first.by else NOTHING
    return Text(
        f"{who.nl} ({by.nl}) {is_nl} nog niet gevonden in de cursus.",
        f"{who.en} ({by.en}) {was_en} not found in the course yet.",
    )


def refused(of: Refused) -> Text:
    """Why nothing of a list was done."""
    values = {
        name: value if isinstance(value, int) else ", ".join(map(str, value)) for name, value in of.values.items()
    }
    return _filled(REFUSED[of.code], {name: Text(str(value), str(value)) for name, value in values.items()})


def _filled(text: Text, values: Mapping[str, Text]) -> Text:
    return Text(
        text.nl % {name: value.nl for name, value in values.items()},
        text.en % {name: value.en for name, value in values.items()},
    )
