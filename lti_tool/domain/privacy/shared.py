"""What the pack for the works council and the processing sheet have in common."""

import datetime as dt
from collections.abc import Sequence

from lti_tool.domain.privacy.document import Points, Table, Writer
from lti_tool.domain.privacy.facts import Facts, chosen
from lti_tool.domain.privacy.stored import STORED, Stored
from lti_tool.domain.school.setting_kinds import SETTINGS, YEARS
from lti_tool.domain.school.settings import Name

_MONTHS = (
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
)


def day_of(day: dt.date, write: Writer) -> str:
    """A day in words."""
    return f"{day.day} {write(*(names[day.month - 1] for names in _MONTHS))} {day.year}"


def lead(facts: Facts, write: Writer) -> str:
    """Of which school and day a document is."""
    return write(
        "%(school)s. Zo staat Leerkring ingesteld op %(day)s. Dit stuk maakt Leerkring zelf, uit wat het programma doet"
        " en wat de school koos. Het is geen juridisch advies.",
        "%(school)s. This is how Leerkring is set on %(day)s. Leerkring makes this paper itself, of what the program"
        " does and what the school chose. It is no legal advice.",
        school=facts.school or write("De school", "The school"),
        day=day_of(facts.day, write),
    )


def how_long(each: Stored, facts: Facts, write: Writer) -> str:
    """How long a line of what is stored is kept, by what the school set."""
    years = facts.retention.years
    if not each.content or years is None:
        return (
            write.of(each.how_long)
            if not each.content
            else write(
                "zolang Leerkring hier draait: de school koos geen termijn",
                "as long as Leerkring runs here: the school chose no limit",
            )
        )
    return write(
        "tot %(years)s jaar na het eind van de laatste cyclus van de groep",
        "until %(years)s years after the end of the group’s last cycle",
        years=years,
    )


def stored(facts: Facts, write: Writer) -> Table:
    """What is stored of people."""
    return Table(
        write("Wat er over je wordt bewaard", "What is stored about you"),
        [write("wat", "what"), write("waarvoor", "what for"), write("hoelang", "how long")],
        [[write.of(each.what), write.of(each.why), how_long(each, facts, write)] for each in STORED],
    )


def _apart(courses: int, write: Writer) -> str:
    if courses == 1:
        return write("in één cursus anders", "different in one course")
    return write("in %(n)s cursussen anders", "different in %(n)s courses", n=courses) if courses else "–"


def settings(facts: Facts, write: Writer) -> Table:
    """What the school chose, and of how many courses something else is set."""
    rows = []
    for name, kept in SETTINGS.items():
        if name not in facts.values:
            continue
        other = facts.apart[name]
        rows.append([
            write.of(kept.title),
            chosen(facts, name, write.locale),
            _apart(other, write),
        ])  # fmt: skip
    opens = day_of(facts.opens_on, write) if facts.opens_on else write("is open", "is open")
    rows.append([write("Open vanaf", "Open from"), opens, "–"])
    return Table(
        write("De keuzes van de school", "The school’s choices"),
        [write("keuze", "choice"), write("nu", "now"), write("per cursus", "by course")],
        rows,
    )


def retention_said(facts: Facts, write: Writer) -> str:
    """How long contents are kept, in a sentence."""
    kept = facts.retention
    if kept.years is None:
        return write(
            "De school heeft geen termijn gekozen: wat een groep schrijft, blijft zolang Leerkring hier draait."
            " Een beheerder kan een termijn kiezen, van %(least)s tot %(most)s jaar.",
            "The school chose no limit: what a group writes stays as long as Leerkring runs here. An administrator can"
            " choose a limit, of %(least)s to %(most)s years.",
            least=YEARS[0],
            most=YEARS[-1],
        )
    said = write(
        "Wat een groep schrijft, gaat %(years)s jaar na het eind van haar laatste cyclus vanzelf weg.",
        "What a group writes goes by itself %(years)s years after the end of its last cycle.",
        years=kept.years,
    )
    yields = (
        write(
            "De opbrengst die de groep samen vaststelde blijft, zonder namen.",
            "The outcome that the group settled together stays, without names.",
        )
        if kept.yields
        else write("Ook de opbrengsten gaan dan weg.", "The outcomes go too then.")
    )
    return f"{said} {yields}"


def processors(facts: Facts, write: Writer) -> Points:
    """Who works for this installation besides, as its operator named them."""
    if facts.processors:
        return Points(list(facts.processors))
    return Points(
        [
            write(
                "Leerkring zelf schakelt niemand in: geen e-maildienst, geen meetdienst, geen lettertypen of scripts"
                " van anderen. Wie de server beheert, heeft hier ook niemand opgegeven.",
                "Leerkring itself uses nobody: no mail service, no analytics, no fonts or scripts of others. Whoever"
                " runs the server has named nobody here either.",
            )
        ]
    )


def measures(write: Writer) -> Sequence[str]:
    """What is done so that nobody reads what they should not."""
    return [
        write(
            "Inloggen gaat via de leeromgeving (LTI 1.3, ondertekend). Leerkring kent geen wachtwoorden.",
            "Signing in goes by way of the learning platform (LTI 1.3, signed). Leerkring knows no passwords.",
        ),
        write(
            "Van elke pagina staat vast voor wie die is; de server weigert ieder ander, ook wie het adres kent.",
            "Of each page it is laid down whom it is for; the server refuses everybody else, whoever knows the address.",
        ),
        write(
            "Wat verborgen is, blijft ook in bestanden, adressen en volgorde verborgen: nummers worden geloot.",
            "What is hidden stays hidden in files, addresses and order too: numbers are drawn by chance.",
        ),
        write(
            "Foto’s en PDF’s verliezen wat er verborgen in staat, zoals maker, plaats en tijd.",
            "Photos and PDFs lose what is hidden in them, such as maker, place and time.",
        ),
        write(
            "In het logboek van het programma staan geen namen en geen teksten.",
            "The program’s log holds no names and no texts.",
        ),
        write(
            "Wat beheerders doen, staat in een logboek dat zij niet kunnen wijzigen.",
            "What administrators do stands in a trail that they cannot change.",
        ),
        write(
            "Alles gaat over een versleutelde verbinding (https). Een bezoek eindigt na twaalf uur, of na twee uur"
            " zonder iets te doen.",
            "Everything goes over an encrypted connection (https). A visit ends after twelve hours, or after two"
            " without doing anything.",
        ),
    ]


def naming(facts: Facts, write: Writer) -> str:
    """Whether people are known by name, in a sentence."""
    if facts.by_number:
        return write(
            "Op jullie school heet iedereen een nummer, zoals “Lid 7”. Leerkring bewaart geen namen, ook niet als de"
            " leeromgeving ze doorgeeft.",
            "At your school everybody is a number, such as “Member 7”. Leerkring keeps no names, not even if the"
            " learning platform passes them on.",
        )
    return write(
        "Op jullie school staan mensen met hun naam in de ledenlijst, als de leeromgeving die doorgeeft. Bij wat je"
        " schrijft staat je naam niet, tenzij jullie groep daar bij een stap zelf voor kiest. Een beheerder kan in"
        " plaats van namen nummers kiezen.",
        "At your school people stand in the list of members by their name, if the learning platform passes it on. Your"
        " name is not beside what you write, unless your group chooses so in a step. An administrator can choose"
        " numbers instead of names.",
    )


def _placed(what: str, activities: int, write: Writer) -> str:
    if activities == 1:
        return write("Nu: %(what)s, bij één activiteit", "Now: %(what)s, at one activity", what=what)
    said = {"what": what, "n": activities}
    return write("Nu: %(what)s, bij %(n)s activiteiten", "Now: %(what)s, at %(n)s activities", **said)


def passed_on(facts: Facts, write: Writer) -> Points:
    """What leaves for the LMS."""
    kinds = SETTINGS[Name.PASSBACK].choices
    hours = write("uren per persoon", "hours of each person")
    placed = [
        _placed(kinds[kind].of(write.locale) if kind in kinds else hours, number, write)
        for kind, number in sorted(facts.placed.items())
    ]
    return Points(
        [
            *(placed or [write("Nu: er is nog niets geplaatst.", "Now: nothing has been placed yet.")]),
            *(
                [
                    write(
                        "Dat telt activiteiten die al eens zijn geopend. Wat de school kiest, geldt voor wat nog wordt"
                        " geplaatst.",
                        "That counts activities that were opened once. What the school chooses holds for what is still"
                        " to be placed.",
                    )
                ]
                if placed
                else []
            ),
            write(
                "Een cijfer van 0 tot 100 voor hoeveel van de drie momenten van een stap je had. Nooit een nul. Met één"
                " zin erbij: “Deelname: 2 van 3 momenten.” Geen teksten.",
                "A grade from 0 to 100 for how many of a step’s three moments you had. Never a zero. With one sentence:"
                " “Participation: 2 of 3 moments.” No texts.",
            ),
            write(
                "De naam van de kolom. Verder niets: geen berichten, geen agenda’s, geen aanwezigheid.",
                "The column’s name. Nothing else: no messages, no calendars, no attendance.",
            ),
            write(
                "Uren alleen als iemand daar bij het plaatsen zelf voor kiest; dan het aantal uur per persoon.",
                "Hours only if somebody chooses that when placing; then how many hours of each person.",
            ),
            write(
                "Wie cijfers mag zien in de cursus, bepaalt de leeromgeving. In de regel ook een leidinggevende met een"
                " docentrol, en de beheerders van de leeromgeving.",
                "Who may see grades in the course is for the learning platform to say. As a rule also a manager with a"
                " teacher’s role, and the platform’s administrators.",
            ),
        ]
    )
