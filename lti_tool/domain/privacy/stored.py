"""What is stored of people: in words, with what for and for how long. docs/who-sees-what.md and the packs say the same.

Each line names the tables it speaks of; a table with a person in it that no line names, and that is not in APART with
the reason, fails a test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lti_tool.text import Text


@dataclass(frozen=True)
class Stored:
    """One line. content: whether it goes with the contents of a community, where the school chose for how long."""

    what: Text
    why: Text
    how_long: Text
    tables: Sequence[str]
    content: bool = False


STORED: Sequence[Stored] = (
    Stored(
        Text(
            "je nummer in de leeromgeving, je naam (als de leeromgeving die deelt), de taal die je koos",
            "your number in the LMS, your name (if the LMS shares it), the language you chose",
        ),
        Text(
            "je terugkennen",
            "to know you again",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("person",),
    ),
    Stored(
        Text(
            "je rol in de cursus, en of je er nog in zit. Ook van mensen uit de cursus die Leerkring nooit "
            "openden: de deelnemerslijst wordt gelezen",
            "your role in the course, and whether you are still in it. Also of people in the course who "
            "never opened Leerkring: the list of people is read",
        ),
        Text(
            "weten wie er meedoet",
            "to know who takes part",
        ),
        Text(
            "zolang Leerkring hier draait; wie de cursus verlaat, wordt als vertrokken gemerkt",
            "as long as Leerkring runs here; who leaves the course is marked as gone",
        ),
        ("seat",),
    ),
    Stored(
        Text(
            "in welke groepen van de cursus je zit, als nummers, als de leeromgeving dat zegt",
            "in which groups of the course you are, as numbers, if the LMS says so",
        ),
        Text(
            "je in de leergemeenschap van je groep laten landen, als de cursus er meer heeft. Een beheerder ziet dat "
            "als die de cursus splitst",
            "having you land in your group’s learning community, where the course has several. An administrator sees "
            "it when splitting the course",
        ),
        Text(
            "tot de leeromgeving iets anders zegt",
            "until the LMS says otherwise",
        ),
        ("seat",),
    ),
    Stored(
        Text(
            "je rol in de gemeenschap; van een begeleider ook de dag waarop die er het laatst was",
            "your role in the community; of a facilitator also the day on which they were last there",
        ),
        Text(
            "weten wie wat doet",
            "knowing who does what",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("member",),
    ),
    Stored(
        Text(
            "of je Leerkring hebt geopend, en sinds wanneer",
            "whether you have opened Leerkring, and since when",
        ),
        Text(
            "wie de cursus alleen noemt, laten kiezen bij het openen",
            "having those choose on opening it whom only the course names",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        (),
    ),
    Stored(
        Text(
            "tot wanneer je afwezig bent, sinds wanneer, of je dat zelf zei, en wanneer je er weer was",
            "until when you are away, since when, whether you said so yourself, and when you were back",
        ),
        Text(
            "niet op je wachten, en je zeggen wat er intussen is besloten",
            "not waiting for you, and telling you what was decided meanwhile",
        ),
        Text(
            "tot je zegt dat je er weer bent; zette een ander je op afwezig, dan tot veertien dagen nadat je "
            "er weer was",
            "until you say that you are here again; where somebody else marked you as away, until fourteen "
            "days after you were back",
        ),
        (),
    ),
    Stored(
        Text(
            "hoeveel mensen er bij een besluit waren, en hoeveel een ander op afwezig zette: alleen aantallen",
            "how many people there were at a decision, and how many were marked as away by somebody else: numbers only",
        ),
        Text(
            "bij het besluit zeggen van hoeveel het is",
            "saying at the decision of how many it is",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        (),
    ),
    Stored(
        Text(
            "wat je inbracht, met eerdere versies, en van wie het is. Wat je terugneemt of wat wordt "
            "weggehaald, verliest zijn woorden in elke versie; eerdere versies van wat je aanpast, blijven",
            "what you brought in, with earlier versions, and whose it is. What you take back, or what is "
            "removed, loses its words in every version; earlier versions of what you change stay",
        ),
        Text(
            "het gesprek zelf",
            "the conversation itself",
        ),
        Text(
            "zolang Leerkring hier draait, of zo lang als de school koos",
            "as long as Leerkring runs here, or for as long as the school chose",
        ),
        ("contribution", "revision", "link", "yield_share"),
        content=True,
    ),
    Stored(
        Text(
            "je stippen en je antwoorden, ook dat je paste",
            "your dots and your answers, also that you passed",
        ),
        Text(
            "de totalen en het besluit",
            "the totals and the decision",
        ),
        Text(
            "zolang Leerkring hier draait, of zo lang als de school koos",
            "as long as Leerkring runs here, or for as long as the school chose",
        ),
        ("dot", "consent", "pass", "reopening"),
        content=True,
    ),
    Stored(
        Text(
            "je antwoorden op de vragenlijst, de peilingen en de check",
            "your answers to the survey, the pulses and the check",
        ),
        Text(
            "de totalen, één keer",
            "the totals, once",
        ),
        Text(
            "tot 30 dagen nadat de totalen zijn getoond, of een jaar als die er nooit komt; de totalen blijven",
            "until 30 days after the totals were shown, or for a year where they never are; the totals stay",
        ),
        (),
    ),
    Stored(
        Text(
            "je momenten, met het tijdstip",
            "your moments, with their time",
        ),
        Text(
            "je eigen overzicht, en het cijfer",
            "your own overview, and the grade",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("moment",),
    ),
    Stored(
        Text(
            "wat van je cijfer terechtkwam",
            "what became of your score",
        ),
        Text(
            "het bericht daarover aan jou",
            "telling you about it",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("score",),
    ),
    Stored(
        Text(
            "je concepten",
            "your drafts",
        ),
        Text(
            "niets kwijtraken",
            "losing nothing",
        ),
        Text(
            "tot je ze verstuurt of leegmaakt",
            "until you send or empty them",
        ),
        ("draft",),
    ),
    Stored(
        Text(
            "wat je deed dat voor anderen iets verandert: een stap verder zetten, een datum, een pauze, het "
            "eind van een cyclus, namen bij een stap, een rol, weggaan of terugkomen, met hoeveel jullie "
            "zijn, een opbrengst delen, een tekst weghalen. Alleen wat en wanneer, zonder woorden",
            "what you did that changes something for others: moving a step on, a date, a pause, the end of a "
            "cycle, names in a step, a role, leaving or coming back, how many you are, sharing a yield, "
            "removing a text. What and when only, no words",
        ),
        Text(
            "kunnen nagaan hoe het ging. De startpagina toont twee weken lang alleen wat iedereen over "
            "begeleiden en leiding geven moet weten; je eigen regels staan in je eigen bestand",
            "being able to tell how things went. The home page shows for two weeks only what all should know "
            "of facilitating and leading; your own lines stand in your own file",
        ),
        Text(
            "zolang Leerkring hier draait; niemand kan zo'n regel wijzigen",
            "as long as Leerkring runs here; nobody can change such a line",
        ),
        ("act",),
    ),
    Stored(
        Text(
            "of je Leerkring voor de school beheert, of erom vroeg, en wat je als beheerder regelde, instelde of "
            "nakeek, met je naam",
            "whether you administer Leerkring for the school, or asked to, and what you arranged, set or looked at as "
            "an administrator, with your name",
        ),
        Text(
            "weten wie het mag, en later kunnen nagaan wie iets regelde. Beheerders en de functionaris "
            "gegevensbescherming lezen dat, ook waar het over jou ging: dat je werd aangewezen of verplaatst",
            "knowing who may, and being able to tell later who arranged something. Administrators and the data "
            "protection officer read it, also where it was about you: that you were named or moved",
        ),
        Text(
            "zolang Leerkring hier draait; niemand kan zo'n regel wijzigen",
            "as long as Leerkring runs here; nobody can change such a line",
        ),
        ("school_act", "administrator", "administrator_request", "setting", "provision_run", "year_turn"),
    ),
    Stored(
        Text(
            "of er een tekst van jou is weggehaald: ja of nee",
            "whether a text of yours was removed: yes or no",
        ),
        Text(
            "het je zeggen",
            "telling you",
        ),
        Text(
            "tot je die anders opschreef of terugnam",
            "until you wrote it differently or took it back",
        ),
        (),
    ),
    Stored(
        Text(
            "je uren: wat, wanneer, hoe lang, het bewijs, wat er telt, en wat jij en wie goedkeurt erover zeiden",
            "your hours: what, when, how long, the proof, what counts, and what you and who approves said about it",
        ),
        Text(
            "je uren verantwoorden",
            "accounting for your hours",
        ),
        Text(
            "zolang Leerkring hier draait; wat meetelt, kan niemand wijzigen, alleen verbeteren met een reden",
            "as long as Leerkring runs here; nobody can change what counts, only correct it with a reason",
        ),
        (
            "hours_entry",
            "hours_act",
            "hours_count",
            "hours_proof",
            "hours_suggestion",
            "hours_role",
            "hours_join",
            "hours_figure_part",
        ),
    ),
    Stored(
        Text(
            "bij welke bijeenkomst je was: van hoe laat tot hoe laat, hoe je op de lijst kwam, wie het "
            "bevestigde, en wat jij en wie begeleidt erover zeiden",
            "which sessions you were at: from when to when, how you came on the list, who confirmed it, and "
            "what you and whoever facilitates said about it",
        ),
        Text(
            "je uren ervan kunnen insturen",
            "letting you send hours of it",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("hours_attendance", "hours_attendance_note", "hours_session", "hours_try"),
    ),
    Stored(
        Text(
            "dat je ‘Leerkring · goedkeuren’ opende, in welke cursus, en wanneer het laatst",
            "that you opened “Leerkring · approve”, in which course, and when last",
        ),
        Text(
            "je bij naam kunnen kiezen om uren goed te keuren; dat leest wie op de school potten maakt",
            "letting you be chosen by name to approve hours; whoever sets up pots at the school reads it",
        ),
        Text(
            "een jaar nadat je het voor het laatst opende",
            "one year after you last opened it",
        ),
        ("hours_visit",),
    ),
    Stored(
        Text(
            "dat je een bijeenkomst aan een pot toewees, of dat introk, en wanneer",
            "that you assigned a session to a pot, or took that back, and when",
        ),
        Text(
            "wie er was, leest waarom die pot bovenaan staat",
            "whoever was there reads why that pot comes first",
        ),
        Text(
            "zolang Leerkring hier draait",
            "as long as Leerkring runs here",
        ),
        ("hours_assigned",),
    ),
    Stored(
        Text(
            "dat je bij je vertrek een adres voor je uren kreeg, en tot wanneer het werkt; van het adres "
            "zelf alleen een versleuteld kenmerk",
            "that you were given an address for your hours when you left, and until when it works; of the "
            "address itself only a keyed hash",
        ),
        Text(
            "je uren kunnen ophalen zonder je leeromgeving; wie het adres heeft, kan dat",
            "letting you fetch your hours without your learning platform; whoever has the address can",
        ),
        Text(
            "dertig dagen",
            "thirty days",
        ),
        ("hours_handed",),
    ),
    Stored(
        Text(
            "dat een lijst van je school je begeleider, vervanger of leidinggevende maakt, en sinds wanneer; "
            "tot je er bent alleen een versleuteld kenmerk van je e-mailadres, gebruikersnaam of id",
            "that a list of your school makes you facilitator, deputy or leader, and since when; until you "
            "are here only a keyed hash of your e-mail address, login or id",
        ),
        Text(
            "je herkennen als je komt; wie de school beheert leest het, en wat je bent leest de hele gemeenschap",
            "recognising you when you come; whoever administers the school reads it, and what you are the "
            "whole community",
        ),
        Text(
            "zolang je op de lijst staat; het kenmerk waaraan je herkend wordt, verdwijnt als je er bent",
            "as long as you are on the list; the hash that you are recognised by goes once you are here",
        ),
        ("provision_part",),
    ),
    Stored(
        Text(
            "dat je oefent, en wat je daar schrijft",
            "that you practise, and what you write there",
        ),
        Text(
            "vooraf zien hoe het werkt; niemand anders leest het",
            "seeing how it works beforehand; nobody else reads it",
        ),
        Text(
            "een dag, of tot je het weggooit",
            "a day, or until you throw it away",
        ),
        ("practice",),
    ),
    Stored(
        Text(
            "je dagboek",
            "your journal",
        ),
        Text(
            "voor jou alleen",
            "for you alone; it opens for half an hour after you came from the course",
        ),
        Text(
            "tot je het weggooit",
            "until you throw it away",
        ),
        ("journal_entry",),
    ),
    Stored(
        Text(
            "bestanden bij wat je verzamelde",
            "files with what you gathered",
        ),
        Text(
            "samen bekijken",
            "looking at them together",
        ),
        Text(
            "zolang Leerkring hier draait, of zo lang als de school koos",
            "as long as Leerkring runs here, or for as long as the school chose",
        ),
        ("attachment",),
        content=True,
    ),
    Stored(
        Text(
            "wat iemand in een bijeenkomst voor je opschreef",
            "what somebody wrote down for you in a meeting",
        ),
        Text(
            "jou laten bevestigen",
            "having you confirm it",
        ),
        Text(
            "tot je ja of nee zegt",
            "until you say yes or no",
        ),
        ("note",),
    ),
    Stored(
        Text(
            "wat een afgesloten periode voor jou opleverde, en wat je van een pot wilt gebruiken",
            "what a closed period came to for you, and what you plan to use of a pot",
        ),
        Text(
            "je uren verantwoorden en plannen",
            "accounting for your hours, and planning them",
        ),
        Text(
            "zolang Leerkring hier draait; een afgesloten periode wijzigt niemand, je plan alleen jij",
            "as long as Leerkring runs here; a balance is changed by nobody, a plan by you",
        ),
        ("hours_balance", "hours_plan"),
    ),
    Stored(
        Text(
            "je bezoek: cursus, rol, taal, wanneer het begon en wanneer je het laatst iets deed, de soort "
            "browser (“Firefox op Windows”)",
            "your visit: course, role, language, when it began and when you last did something, the kind of "
            'browser ("Firefox on Windows")',
        ),
        Text(
            "ingelogd zijn, en je laten zien waar dat is; alleen jij ziet dat",
            "being signed in, and showing you where you are; only you see that",
        ),
        Text(
            "één dag; ingelogd blijf je hoogstens twaalf uur, en twee uur als je niets doet",
            "one day; you stay signed in for twelve hours at most, and for two without doing anything",
        ),
        ("browser_session", "launch"),
    ),
    Stored(
        Text(
            "de lijst van wat nog bezorgd moet worden: alleen nummers",
            "the list of what is to be delivered: numbers only",
        ),
        Text(
            "bezorgen",
            "delivering",
        ),
        Text(
            "30 dagen na aankomst; wat niet lukte, blijft staan",
            "30 days after arrival; what failed stays",
        ),
        ("outbox",),
    ),
)

# A table with a person in it of which no line speaks, and why.
APART: Mapping[str, str] = {
    "hours_export": "which file somebody asked for as an approver; the file is made anew, and goes",
    "round": "the community's: which text was put to all, and when",
    "year_turn_line": "of which communities that was",
}
