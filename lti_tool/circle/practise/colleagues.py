"""What pretended colleagues are called and bring in: made up, and in Dutch only, as it is what people wrote.

Each of them says the line of their own number, so that no two say the same.
"""

from collections.abc import Mapping, Sequence

NAMES = ("Anouk Bakker", "Daan Visser", "Fleur de Jong", "Karim El Amrani", "Lotte Smit", "Sem van Dijk")

_MORE = (
    "Dat herken ik uit mijn eigen lessen van deze week.",
    "Ik zie het ook, vooral in het laatste uur van de dag.",
    "Kun je vertellen hoe je dat merkt in jouw groep?",
    "Hier wil ik graag meer over horen van de anderen.",
    "In mijn klas gaat dat net even anders, maar het lijkt erop.",
    "Mooi gezegd, en ik denk dat leerlingen dat ook vinden.",
)
_WHY = (
    "Dan komen ook de stille leerlingen aan de beurt.",
    "Ik ben nu vooral bezig met orde, en te weinig met uitleg.",
    "Leerlingen zeggen zelf dat ze dat graag willen.",
    "Op stage wordt dit ook van ze gevraagd.",
    "Het scheelt ons allemaal werk aan het eind van de dag.",
    "Ouders vragen er op elke avond naar.",
)

# (step, form, field) -> what each of them says there. What is not here they leave open.
LINES: Mapping[tuple[str, str, str], Sequence[str]] = {
    ("ambition", "idea", "text"): (
        "ze zelf hun planning maken, en die ook volhouden",
        "ze elkaar eerst om hulp vragen, en dan pas mij",
        "elke les begint met wat ze nog weten van gisteren",
        "ze durven te zeggen dat ze iets nog niet snappen",
        "ze trots laten zien wat ze hebben gemaakt",
        "het rustig is, en iedereen aan het werk kan",
    ),
    ("ambition", "idea", "why"): _WHY,
    ("ambition", "respond", "text"): _MORE,
    ("information", "question", "text"): (
        "Hoe vaak vragen leerlingen in één les om hulp?",
        "Wat zeggen leerlingen zelf over hun planning?",
        "In welke vakken lukt dit nu al wel?",
        "Wie vraagt er nooit iets, en hoe komt dat?",
        "Hoeveel tijd zijn we kwijt aan opstarten?",
        "Wat merken de stagebedrijven hiervan?",
    ),
    ("information", "evidence", "text"): (
        "In twee lessen werd 23 keer om hulp gevraagd, meestal over de volgorde.",
        "Vijf van de acht leerlingen kunnen vertellen wat ze morgen gaan doen.",
        "Bij techniek lukt het al: daar hangt de planning aan de muur.",
        "Drie leerlingen vroegen een hele week lang niets aan ons.",
        "Het opstarten kost gemiddeld elf minuten van elk lesuur.",
        "Twee stagebedrijven zeggen dat leerlingen afwachten.",
    ),
    ("information", "evidence", "source"): ("zelf geteld, twee lessen deze week",) * 6,
    ("information", "weigh", "can"): ("Dat dit bij ons echt speelt.",) * 6,
    ("information", "weigh", "cannot"): ("Of het in andere weken ook zo is.",) * 6,
    ("interpretation", "observe", "text"): (
        "De meeste vragen gaan over wat de volgende stap is.",
        "Ruim de helft weet wel wat er morgen komt.",
        "Waar de planning hangt, wordt minder gevraagd.",
        "Een paar leerlingen vragen helemaal niets.",
        "Elf van de vijftig minuten zijn we aan het opstarten.",
        "Ook op stage wachten leerlingen af.",
    ),
    ("interpretation", "explain", "text"): (
        "Wij vertellen de stappen elke keer net anders.",
        "Ze zijn gewend dat wij het toch wel komen zeggen.",
        "Er is geen plek waar ze het zelf kunnen opzoeken.",
        "Wie het niet snapt, schaamt zich om het te vragen.",
        "Wij beginnen zelf ook niet op tijd met de les.",
        "Ze weten niet of ze een fout mogen maken.",
    ),
    ("interpretation", "point", "text"): (
        "Eén planning met dezelfde woorden, in elk lokaal.",
        "Zien wie er niets vraagt, en daar beginnen.",
        "De eerste tien minuten van elke les.",
        "Fouten maken mag, en dat laten we merken.",
        "Leerlingen leggen elkaar de stappen uit.",
        "Stagebedrijven vertellen wat zij verwachten.",
    ),
    ("interpretation", "point", "why"): ("Dat hebben we zelf in de hand, en het kan deze maand.",) * 6,
    ("consequences", "propose", "act"): (
        "in elk lokaal dezelfde planning ophangen",
        "elke les bij de stille leerlingen beginnen",
        "de les beginnen met een vraag op het bord",
        "eerst een maat laten helpen, en dan pas de docent",
        "leerlingen zelf de stappen laten uitleggen",
        "een stagebedrijf in de les uitnodigen",
    ),
    ("consequences", "propose", "effect"): ("dat leerlingen zelf verdergaan met de volgende stap",) * 6,
    ("consequences", "propose", "notice"): ("minder dan tien keer ‘wat moet ik nu?’ in een lesuur",) * 6,
    ("consequences", "advise", "text"): _MORE,
    ("actions", "log", "done"): (
        "De planning hing twee lessen naast het bord.",
        "Ik ben vijf lessen achterin begonnen.",
        "Elke les stond er een vraag op het bord.",
        "Ik zei drie keer: vraag het eerst aan je maat.",
        "Twee leerlingen legden de stappen uit.",
        "Een stagebegeleider was een uur in de les.",
    ),
    ("actions", "log", "seen"): ("Er werd minder op mij gewacht dan vorige maand.",) * 6,
    ("actions", "log", "pupils"): ("‘Nu hoef ik niet te wachten.’",) * 6,
    ("actions", "reply", "text"): _MORE,
    ("evaluation", "story", "text"): (
        "Een leerling die altijd wacht, keek op de planning en ging verder.",
        "Een stille leerling vroeg voor het eerst iets aan haar buurman.",
        "We waren na drie minuten aan het werk, zonder dat ik iets zei.",
        "Een leerling zei hardop dat hij het niet snapte, en niemand lachte.",
        "Twee leerlingen legden de hele klas uit hoe de zaag werkt.",
        "Een stagebedrijf belde dat het beter gaat.",
    ),
    ("evaluation", "story", "why"): _WHY,
    ("evaluation", "respond", "text"): _MORE,
    ("evaluation", "card", "text"): (
        "Een planning aan de muur scheelt de helft van de vragen.",
        "Wie niets vraagt, moet je zelf opzoeken.",
        "Een vraag op het bord is een goed begin.",
        "Elkaar helpen moet je eerst voordoen.",
        "Leerlingen leggen het soms beter uit dan wij.",
        "Van buiten kijken helpt ons om te zien wat er lukt.",
    ),
}
