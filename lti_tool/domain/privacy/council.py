"""The pack for the works council and for a DPIA: read by people who are no lawyers, in at most six pages or so.

Who sees what comes from the table that the code itself reads (domain.reading.things), in the words that stand beside
the fields.
"""

from collections.abc import Sequence

from lti_tool.domain.community.access import Audience
from lti_tool.domain.hours import figures
from lti_tool.domain.privacy import shared
from lti_tool.domain.privacy.document import Block, Document, Paragraph, Points, Section, Table, Writer
from lti_tool.domain.privacy.facts import Facts
from lti_tool.domain.privacy.things import CALLED
from lti_tool.domain.reading.things import RULES, Form, Rule, Thing, Until
from lti_tool.text import Text

# In which order, and under which heading, things stand: by how long they are their owner's alone.
PHASES: Sequence[tuple[Until, Text]] = (
    (Until.ALWAYS, Text("Van jou, en verder alleen voor wie er staat", "Yours, and otherwise only for whom it says")),
    (Until.ALONE, Text("Verborgen tot iedereen heeft kunnen schrijven", "Hidden until everyone could write")),
    (Until.ROUND, Text("Verborgen tot de ronde sluit", "Hidden until the round closes")),
    (Until.AT_ONCE, Text("Meteen te lezen, voor wie er staat", "Read at once, by whom it says")),
)
_LEADER = {
    Form.PIECES: Text("ja", "yes"),
    Form.TOTALS: Text("alleen totalen", "totals only"),
    Form.COUNT: Text("alleen een getal", "a number only"),
    Form.NOTHING: Text("nee", "no"),
}


def for_leader(rule: Rule) -> Text:
    """Whether a school leader who follows gets it, and in which form."""
    return _LEADER[rule.form] if Audience.LEADER in rule.readers else _LEADER[Form.NOTHING]


def _table(write: Writer, until: Until, called: Text) -> Table:
    things = [thing for thing in Thing if RULES[thing].until == until]
    return Table(
        write.of(called),
        [write("wat", "what"), write("wie ziet het", "who sees it"), write("schoolleider", "school leader")],
        [[write.of(CALLED[each]), write.of(RULES[each].words), write.of(for_leader(RULES[each]))] for each in things],
    )


def _first(facts: Facts, write: Writer) -> Section:
    sees = [write.of(CALLED[each]) for each in Thing if Audience.LEADER in RULES[each].readers]
    return Section(
        write("Kan mijn leidinggevende zien wat ik schrijf?", "Can my manager see what I write?"),
        [
            write.p(
                "Nee. Een schoolleider die meekijkt, ziet hoever jullie zijn en wat jullie samen hebben besloten. Niet"
                " wat mensen schrijven, en niet wie wat deed. De server geeft die pagina’s niet, ook niet aan wie het"
                " adres kent.",
                "No. A school leader who follows sees how far you are and what you decided together. Not what people"
                " write, and not who did what. The server does not give those pages, not even to who knows the"
                " address.",
            ),
            Paragraph(write("Wat een schoolleider wel leest:", "What a school leader does read:")),
            Points([write("hoever jullie zijn, en met hoeveel", "how far you are, and with how many"), *sees]),
            Paragraph(
                write(
                    "Wat een schoolleider en een beheerder nooit zien:", "What a leader and an administrator never see:"
                )
            ),
            write.points(
                Text(
                    "wat jij schrijft, kiest of antwoordt, en je bezwaren",
                    "what you write, choose or answer, and your objections",
                ),
                Text("wie iets deed, of nog niet deed", "who did something, or has not yet"),
                Text("wanneer of hoe vaak je inlogt", "when or how often you sign in"),
                Text(
                    "je dagboek, en wat je typt maar niet verstuurt", "your journal, and what you type and do not send"
                ),
                Text(
                    "hoeveel uur jij hebt, tenzij die persoon je uren goedkeurt",
                    "how many hours you have, unless that person approves your hours",
                ),
            ),
            write.p(
                "Drie dingen om te weten. Doet je leidinggevende zelf mee in jullie groep, of begeleidt die haar, dan"
                " leest die wat alle leden lezen: zonder namen, en pas als de ronde sluit. In de ledenlijst staat dan"
                " dat die persoon leidinggeeft. Keurt je leidinggevende uren goed, dan ziet die de uren die jij daar"
                " instuurt, met je naam; bij de pot staat wie goedkeurt, en jij kiest de pot. En: in een kleine groep"
                " herkennen collega’s soms elkaars woorden.",
                "Three things to know. If your manager takes part in your group or facilitates it, they read what all"
                " members read: without names, and only once the round closes. The list of members then says that this"
                " person leads others. If your manager approves hours, they see the hours that you send there, with"
                " your name; the pot says who approves, and you choose the pot. And: in a small group colleagues"
                " sometimes know each other’s words.",
            ),
            write.p(
                "Let op de cijfers in de leeromgeving. Komt deelname daar te staan, dan ziet wie in de cursus cijfers"
                " mag zien per persoon hoeveel momenten iemand had. De school kiest of dat gebeurt.",
                "Mind the grades in the learning platform. If participation is there, whoever may see grades in the"
                " course sees of each person how many moments they had. The school chooses whether that is so.",
            ),
            write.p(
                "De schoolleider krijgt hoogstens één getal over uren: van de hele groep samen, één keer per maand. Dat"
                " getal komt er alleen als er minstens %(people)s mensen in zitten, de lezer niet meegeteld, en als er"
                " sinds het vorige getal niets of bij minstens %(changed)s mensen iets veranderde. Zo zijn"
                " iemands uren er nooit uit te rekenen.",
                "The school leader gets one figure of hours at most: of the whole group together, once a month. There"
                " is one only if at least %(people)s people are in it besides the reader, and if since the last one"
                " nothing changed or something did of at least %(changed)s people. So nobody’s hours can be computed.",
                people=figures.PEOPLE,
                changed=figures.CHANGED,
            ),
        ],
    )


def _purpose(write: Writer) -> Section:
    return Section(
        write("Waar het voor is", "What it is for"),
        [
            write.p(
                "In Leerkring leert een groep collega’s samen, in zes stappen: een doel kiezen, gegevens verzamelen,"
                " begrijpen wat die zeggen, acties kiezen, die uitvoeren en terugkijken. Daarnaast houdt ieder de eigen"
                " uren voor professionalisering bij. Leerkring is niet gemaakt om mensen te volgen of te beoordelen."
                " Het telt geen klikken, woorden of leestijd, en maakt geen ranglijst.",
                "In Leerkring a group of colleagues learns together, in six steps: choosing an aim, gathering"
                " information, understanding what it says, choosing actions, carrying them out and looking back. Beside"
                " it each keeps their own hours of professional development. Leerkring is not made to follow or judge"
                " people. It counts no clicks, words or reading time, and ranks nobody.",
            )
        ],
    )


def _people(facts: Facts, write: Writer) -> Section:
    return Section(
        write("Namen, inzage en wissen", "Names, access and erasure"),
        [
            Paragraph(shared.naming(facts, write)),
            write.points(
                Text(
                    "Inzage: onder “Onze gemeenschap” staat alles wat Leerkring van je heeft, als bestand.",
                    "Access: under “Our community” is everything Leerkring has of you, as a file.",
                ),
                Text(
                    "Terugnemen: wat je schreef, kun je terugnemen. Je woorden gaan dan overal weg, ook uit bestanden.",
                    "Taking back: what you wrote you can take back. Your words then go everywhere, also from files.",
                ),
                Text(
                    "Weghalen: een tekst die een leerling noemt of iemand kwetst, haalt wie begeleidt meteen weg.",
                    "Removing: a text that names a pupil or hurts somebody, whoever facilitates removes at once.",
                ),
                Text(
                    "Wissen: op jouw verzoek wist de beheerder van de server je naam en alles wat van jou alleen is."
                    " Wat de groep samen vaststelde, blijft zonder naam. Van uren blijven de aantallen. Wat in de"
                    " leeromgeving staat, wist de leeromgeving.",
                    "Erasure: if you ask, the server’s administrator erases your name and all that is yours alone. What"
                    " the group settled together stays, without a name. Of hours the sums stay. What stands in the"
                    " learning platform, that platform erases.",
                ),
            ),
            Paragraph(shared.retention_said(facts, write)),
            write.p(
                "Uren blijven langer: een school moet ze kunnen verantwoorden. Niemand kan ze wijzigen, alleen"
                " verbeteren met een reden. Je dagboek blijft tot jij het weggooit.",
                "Hours stay longer: a school has to account for them. Nobody can change them, only correct them with a"
                " reason. Your journal stays until you throw it away.",
            ),
        ],
    )


def _others(facts: Facts, write: Writer) -> Section:
    return Section(
        write("Wie er verder bij kan", "Who else can get at it"),
        [
            write.p(
                "Wie de server beheert, kan in de database kijken; daar staat van wie een tekst is. Leerkring heeft er"
                " geen scherm voor. Leg vast wie dat mag. Beheerders van Leerkring lezen niets van wat een groep"
                " schrijft, en niet wie iets deed. Wel zien ze wie in welke groep zit en wie begeleidt, want dat regelen"
                " ze. De functionaris gegevensbescherming leest dit stuk en het logboek van beheer, zonder"
                " gegevens van personen.",
                "Whoever runs the server can look into the database, where it says whose a text is. Leerkring has no"
                " page for it. Lay down who may. Administrators of Leerkring read nothing that a group writes, nor who did"
                " something. They do see who is in which group and who facilitates, for that is theirs to arrange. The"
                " data protection officer reads this paper and the trail of administration, without any person’s data.",
            ),
            Paragraph(
                write("Bedrijven die voor deze installatie werken:", "Companies that work for this installation:")
            ),
            shared.processors(facts, write),
            Paragraph(write("Zo is het beveiligd:", "This is how it is secured:")),
            Points(shared.measures(write)),
        ],
    )


def _open(write: Writer) -> Section:
    blanks: list[Block] = [
        write.blank(
            Text("Grondslag (AVG, artikel 6)", "Legal basis (GDPR, article 6)"),
            Text(
                "toestemming van een werknemer is zelden een goede grondslag",
                "an employee’s consent is seldom a good one",
            ),
        ),
        write.blank(
            Text(
                "Waarvoor deelname, cijfers en uren nooit worden gebruikt",
                "What participation, grades and hours are never used for",
            ),
            Text("bijvoorbeeld functionerings- en beoordelingsgesprekken", "such as appraisals"),
        ),
        write.blank(
            Text(
                "Wie in de cursussen een docentrol heeft, en waarom", "Who has a teacher’s role in the courses, and why"
            )
        ),
        write.blank(Text("Wie bij de server en de reservekopieën kan", "Who can get at the server and the backups")),
        write.blank(Text("Hoelang reservekopieën blijven", "How long backups are kept")),
        write.blank(
            Text("Bij wie je terechtkunt met een verzoek of een klacht", "Whom to turn to with a request or complaint")
        ),
    ]
    return Section(
        write("Wat de school zelf invult", "What the school fills in itself"),
        [
            write.p(
                "Dit kan Leerkring niet weten. Instemming van de personeelsgeleding is nodig voor wat geschikt is om"
                " personeel te volgen, ook als het daar niet voor bedoeld is (WMS, artikel 12).",
                "This Leerkring cannot know. What is fit for following staff needs the consent of the staff’s part of"
                " the council, also if it is not meant for that (Dutch act WMS, article 12).",
            ),
            *blanks,
        ],
    )


def write_pack(facts: Facts, locale: str) -> Document:
    """The pack of a school, in a language: "nl" or "en"."""
    write = Writer(locale)
    return Document(
        write("Leerkring: stuk voor de medezeggenschapsraad", "Leerkring: a paper for the works council"),
        shared.lead(facts, write),
        [
            _first(facts, write),
            _purpose(write),
            Section(
                write("Wat jullie school heeft gekozen", "What your school has chosen"), [shared.settings(facts, write)]
            ),
            Section(
                write("Wie ziet wat, en wanneer", "Who sees what, and when"),
                [
                    write.p(
                        "Dezelfde woorden staan in Leerkring zelf bij elk veld. Wie begeleidt, leest nooit eerder mee"
                        " dan de leden. Beheerders, gasten en wie nog niets koos, zien hiervan niets. Eén ding wel: maakt een"
                        " beheerder een pot van de school, dan ziet die voor welk deel van die pot je meetelt.",
                        "The same words stand beside each field in Leerkring itself. Whoever facilitates never reads"
                        " earlier than the members. Administrators, guests and who chose nothing yet see none of it. But for"
                        " one thing: an administrator who makes a pot of the school sees what part of it counts for"
                        " you.",
                    ),
                    *(_table(write, until, called) for until, called in PHASES),
                ],
            ),
            Section(
                write("Wat naar de leeromgeving gaat", "What goes to the learning platform"),
                [shared.passed_on(facts, write)],
            ),
            Section(
                write("Wat er wordt bewaard", "What is stored"),
                [
                    shared.stored(facts, write),
                    write.p(
                        "Niet bewaard: e-mailadres, personeelsnummer, gebruikersnaam, foto, IP-adres, klikken,"
                        " leestijd.",
                        "Not stored: e-mail address, staff number, user name, picture, IP address, clicks, reading"
                        " time.",
                    ),
                ],
            ),
            _people(facts, write),
            _others(facts, write),
            _open(write),
        ],
        locale,
    )
