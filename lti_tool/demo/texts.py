"""The words of the LMS's own pages: Dutch as written, English by table."""

# ruff: noqa: E501  (a sentence stays whole, so that it can be found)

from flask import g, request

ENGLISH = {
    "Aangesloten tools": "Connected tools",
    "Aansluiten": "Connect",
    "Activeer": "Activate",
    "Activiteiten": "Activities",
    "actief": "active",
    "Beheer: tools": "Administration: tools",
    "Beheerder": "Administrator",
    "Beheerder van de site": "Site administrator",
    "Cijfer": "Grade",
    "Cijferlijst": "Gradebook",
    "Cursussen": "Courses",
    "De tool laat weten:": "The tool says:",
    "Deelnemer": "Student",
    "Deelnemers": "Participants",
    "Demo: dit LMS is nagemaakt en de mensen zijn verzonnen.": "Demo: this LMS is a stand-in and its people are made up.",
    "Dit gaat niet": "That does not work",
    "Dit mag deze persoon in dit LMS niet.": "This person may not do this in this LMS.",
    "Dit zie je in een echt LMS als leraar; hier ziet iedereen het, elke seconde ververst.": "In a real LMS teachers see this; here everybody does, refreshed every second.",
    "Doorgaan": "Continue",
    "Een kolom verwijderen": "Delete a column",
    "Een persoon uitschrijven": "Drop a person",
    "Er is nog geen tool aangesloten. Dat doet de beheerder:": "No tool is connected yet. The administrator does that:",
    "Er is nog niets gevraagd.": "Nothing was asked yet.",
    "Gedaan:": "Done:",
    "Geen kolommen.": "No columns.",
    "Het antwoord komt niet aan (score wel)": "The answer is lost (the score is not)",
    "Het LMS weigert: te druk (429)": "The LMS refuses: too busy (429)",
    "Het LMS is stuk (500)": "The LMS is broken (500)",
    "Hoe vaak": "How often",
    "Inhoud kiezen": "Select content",
    "Inhoud kiezen bij": "Select content from",
    "Iemand anders zijn": "Be someone else",
    "Iemand inschrijven": "Enrol someone",
    "Je bent": "You are",
    "Kolom": "Column",
    "Kopie van deze cursus maken": "Copy this course",
    "Langzaam LMS": "Slow LMS",
    "Leraar": "Teacher",
    "Leraar zonder bewerkrechten": "Non-editing teacher",
    "Meekijken in het LMS": "Looking on in the LMS",
    "met de hand gezet": "set by hand",
    "Naam": "Name",
    "Nieuwe sleutels voor het LMS": "New keys for the LMS",
    "niet actief": "not active",
    "Nog geen activiteiten. Een leraar kiest ze met ‘Inhoud kiezen’.": "No activities yet. A teacher selects them with “Select content”.",
    "Oproepen van de tool": "Calls by the tool",
    "De eerste minuten": "The first minutes",
    "gedaan": "done",
    "Wees de begeleider:": "Be the facilitator:",
    "Kies ‘Inhoud kiezen’, laat ‘De hele cyclus’ staan en zet die in de cursus.": "Choose “Select content”, leave “The whole cycle” as it is and put it in the course.",
    "Open dan, nog steeds als begeleider, de eerste stap en zeg hoe je meedoet.": "Then, still as the facilitator, open the first step and say how you take part.",
    "Wees een collega:": "Be a colleague:",
    "Open de eerste stap en schrijf een idee. Doe het ook als een tweede collega.": "Open the first step and write an idea. Do it as a second colleague too.",
    "Ga om beurten verder: de begeleider zet de volgende stap, collega’s reageren, stippen en beslissen. Naast het venster zie je de cijfers aankomen.": "Go on in turns: the facilitator moves on, colleagues respond, place dots and decide. Beside the frame you see the grades arrive.",
    "Openen als": "Open as",
    "Een echt LMS weet wie je bent. Hier zeg je het:": "A real LMS knows who you are. Here you say it:",
    "Openen in de cursus": "Open in the course",
    "Openen in een eigen venster": "Open in a window of its own",
    "Persoon": "Person",
    "Plak de registratielink van de tool": "Paste the tool's registration link",
    "seconden": "seconds",
    "Seconden": "Seconds",
    "Stoppen: alles weer gewoon": "Stop: back to normal",
    "Terug naar de cursus": "Back to the course",
    "Terug naar de tools": "Back to the tools",
    "Toegevoegd": "Added",
    "Uitzetten": "Deactivate",
    "Verbinden met de tool": "Connecting to the tool",
    "vertraagd": "delayed",
    "Wat er in het echt misgaat": "What goes wrong in life",
    "Wie wil je zijn?": "Who do you want to be?",
    "Wordt geopend…": "Opening…",
    "Zet een cijfer met de hand": "Set a grade by hand",
    "zal mislukken": "will fail",
    "Twee mensen tegelijk? Neem voor de tweede een privévenster: in één browser is de tool van wie hem het laatst opende.": "Two people at once? Take a private window for the second: in one browser the tool belongs to whoever opened it last.",
    "Er werd niets gekozen.": "Nothing was selected.",
    "Registreren gaat in het venster hieronder; daarna activeer je de tool.": "Registration happens in the frame below; after that you activate the tool.",
    "Naar de inhoud": "Skip to content",
    "Kruimelpad": "Breadcrumb",
}


def t(dutch: str) -> str:
    """This Dutch text in the language of the page."""
    return ENGLISH.get(dutch, dutch) if language() == "en" else dutch


LANGUAGES = ("nl", "en")


def language() -> str:
    """ "nl" or "en": what was chosen for this page, else what the browser prefers, else Dutch."""
    return str(g.get("language") or request.accept_languages.best_match(LANGUAGES, "nl"))


def choose_language(asked: str | None) -> None:
    """Speak the language that was asked for, if it is one of ours."""
    g.pop("language", None)
    preferred = language()
    g.language = asked if asked in LANGUAGES else preferred
    # What the browser would not have led to must stand in the addresses of the page.
    g.language_kept = g.language != preferred
