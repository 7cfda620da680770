"""The processing sheet: a line for the school's record of processing activities (GDPR, article 30)."""

from lti_tool.domain.privacy import shared
from lti_tool.domain.privacy.document import Document, Paragraph, Points, Section, Writer
from lti_tool.domain.privacy.facts import Facts
from lti_tool.text import Text


def write_sheet(facts: Facts, locale: str) -> Document:
    """The sheet of a school, in a language: "nl" or "en"."""
    write = Writer(locale)
    return Document(
        write(
            "Leerkring: verwerkingskaart voor het verwerkingsregister", "Leerkring: sheet for the record of processing"
        ),
        shared.lead(facts, write),
        [
            Section(
                write("Wie", "Who"),
                [
                    write.blank(Text("Verwerkingsverantwoordelijke, met adres", "Controller, with address")),
                    write.blank(Text("Contactpersoon", "Contact")),
                    write.blank(Text("Functionaris gegevensbescherming", "Data protection officer")),
                    write.blank(
                        Text("Wie de server beheert", "Who runs the server"),
                        Text(
                            "is dat een ander dan de school: verwerkersovereenkomst",
                            "if not the school: processor agreement",
                        ),
                    ),
                    Paragraph(
                        write(
                            "Verwerkers die voor deze installatie zijn opgegeven:",
                            "Processors named for this installation:",
                        )
                    ),
                    shared.processors(facts, write),
                ],
            ),
            Section(
                write("Doel en grondslag", "Purpose and legal basis"),
                [
                    write.p(
                        "Doel: collega’s leren samen aan eigen onderwijs, in een cyclus van zes stappen; ieder verantwoordt"
                        " de eigen uren voor professionalisering. Geen beoordeling, geen profilering, geen besluiten door"
                        " een computer.",
                        "Purpose: colleagues learn together about their own teaching, in a cycle of six steps; each"
                        " accounts for their own hours of professional development. No appraisal, no profiling, no"
                        " decisions by a computer.",
                    ),
                    write.blank(
                        Text("Grondslag (artikel 6)", "Legal basis (article 6)"),
                        Text(
                            "leg vast welke, en waarom; voor uren vaak een ander dan voor het leren",
                            "lay down which, and why; for hours often another than for the learning",
                        ),
                    ),
                ],
            ),
            Section(
                write("Van wie", "Of whom"),
                [
                    write.points(
                        Text(
                            "personeel in de cursussen waarin Leerkring staat, ook wie Leerkring nooit opende: de"
                            " deelnemerslijst wordt gelezen",
                            "staff in the courses in which Leerkring stands, also who never opened it: the list of people"
                            " is read",
                        ),
                        Text(
                            "wie uren goedkeurt en wie Leerkring beheert",
                            "who approves hours, and who administers Leerkring",
                        ),
                        Text(
                            "leerlingen niet: bij elk veld staat de vraag of er geen naam van een leerling in staat",
                            "pupils not: beside each field it asks whether there is no pupil’s name in it",
                        ),
                    )
                ],
            ),
            Section(
                write("Welke gegevens, en hoelang", "Which data, and how long"),
                [
                    shared.stored(facts, write),
                    Paragraph(shared.naming(facts, write)),
                    Paragraph(shared.retention_said(facts, write)),
                    write.p(
                        "Bijzondere gegevens worden niet gevraagd. Bij afwezigheid wordt geen reden gevraagd. In vrije"
                        " tekst kan iemand ze toch opschrijven: wie begeleidt, kan zo’n tekst meteen weghalen.",
                        "No special categories are asked. Of absence no reason is asked. In free text somebody may write"
                        " them all the same: whoever facilitates can remove such a text at once.",
                    ),
                ],
            ),
            Section(
                write("Wie krijgt het", "Recipients"),
                [
                    write.points(
                        Text(
                            "collega’s in dezelfde groep: wat de tabel ‘Wie ziet wat’ in het stuk voor de MR zegt",
                            "colleagues in the same group: what the table “Who sees what” in the council’s paper says",
                        ),
                        Text(
                            "wie uren goedkeurt: de uren die bij die pot zijn ingestuurd",
                            "who approves hours: the hours that were sent to that pot",
                        ),
                        Text("de leeromgeving:", "the learning platform:"),
                    ),
                    shared.passed_on(facts, write),
                    Points(
                        [
                            write("Leeromgeving: %(name)s", "Learning platform: %(name)s", name=each)
                            for each in facts.platforms
                        ]
                    ),
                    write.blank(
                        Text("Doorgifte buiten de EER", "Transfers outside the EEA"),
                        Text(
                            "Leerkring geeft niets door; hangt af van waar de server en de leeromgeving staan",
                            "Leerkring transfers nothing; depends on where the server and the learning platform are",
                        ),
                    ),
                ],
            ),
            Section(
                write("Maatregelen", "Measures"),
                [
                    Points(shared.measures(write)),
                    write.blank(
                        Text("Maatregelen van wie de server beheert", "Measures of who runs the server"),
                        Text("toegang, reservekopieën, bijwerken", "access, backups, updates"),
                    ),
                ],
            ),
            Section(
                write("Rechten van betrokkenen", "Rights of data subjects"),
                [
                    write.p(
                        "Inzage en meenemen: ieder haalt zelf alles op, als bestand. Verbeteren: wat je schreef, pas je zelf"
                        " aan. Wissen: de beheerder van de server, op verzoek. Bezwaar: zelf uit de groep gaan kan altijd.",
                        "Access and portability: each fetches everything themselves, as a file. Rectification: what you"
                        " wrote you change yourself. Erasure: the server’s administrator, on request. Objection: anybody"
                        " can leave the group.",
                    )
                ],
            ),
            Section(
                write("Instellingen van de school", "The school’s settings"),
                [shared.settings(facts, write)],
            ),
        ],
        locale,
    )
