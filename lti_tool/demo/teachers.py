"""What each of a team of technology teachers brings in, in a whole cycle: for the demo and for its tests.

Made up, and in Dutch only: it is what people wrote, not what the product says.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, as its form asks for it. question: which of the three, from 0."""

    question: int
    sort: str
    text: str
    lens: str
    source: str
    can: str
    cannot: str
    amount: str = ""
    unit: str = ""
    voice: str = "own"


@dataclass(frozen=True)
class Proposal:
    """If we ..., then we see ..., and notice it by .... point: which of the two it rests on; None for a new idea."""

    act: str
    effect: str
    notice: str
    point: int | None


@dataclass(frozen=True)
class Experience:
    """What somebody tells of an action. about: which of the three, from 0; lens "": not sure."""

    about: int
    done: str = ""
    seen: str = ""
    pupils: str = ""
    because: str = ""
    course: str = "keep"
    lens: str = ""
    visit: bool = False


@dataclass(frozen=True)
class Change:
    """The story of the most important change."""

    text: str
    why: str
    lens: str


@dataclass(frozen=True)
class Teacher:
    """What one of them brings in, in the order of the steps.

    asks: of a colleague's proposal; reply: to an experience; strikes: in a story; card: of which sort, and what.
    """

    idea: str
    why: str
    response: str
    question: str
    evidence: Evidence
    weighing: tuple[str, str]
    seen: str
    proposal: Proposal | None
    asks: str
    log: Experience
    reply: str
    change: Change
    strikes: str
    card: tuple[str, str]


TEACHERS = {
    "bram": Teacher(
        idea="ze in de werkplaats zelf zien wat de volgende stap is, zonder op mij te wachten",
        why="Ik loop de hele les van vraag naar vraag, en de stille leerlingen komen niet aan de beurt.",
        response="Herkenbaar. Hoe weten ze nu wat ‘klaar’ is?",
        question="Hoe vaak vragen leerlingen hulp, en waaraan?",
        evidence=Evidence(
            0,
            "count",
            "in één lesuur; veertien ervan waren ‘wat moet ik nu?’",
            "pupils",
            "turflijst, twee lessen in week 45",
            "Dat de meeste vragen over de volgorde gaan.",
            "Of dat in andere lessen ook zo is.",
            amount="23",
            unit="vragen",
        ),
        weighing=("Dat wachten veilig voelt.", "Hoeveel leerlingen dat zo zien."),
        seen="Veertien van de 23 vragen gingen over wat de volgende stap is.",
        proposal=Proposal(
            "naast elke machine hetzelfde stappenplan hangen, met een foto bij elke stap",
            "dat leerlingen zelf doorgaan met de volgende stap",
            "minder vragen ‘wat moet ik nu?’ op de turflijst",
            point=0,
        ),
        asks="Welke vijf woorden zijn dat dan precies?",
        log=Experience(
            0,
            done="Het plan hing twee lessen bij de kolomboor en de zetbank.",
            seen="Van 23 vragen naar 11. De meeste gaan nu over de maat, niet over de volgorde.",
            pupils="‘Nu hoef ik niet te wachten.’",
            course="keep",
            lens="pupils",
        ),
        reply="Mooi dat ze jou verbeteren. Dan zijn het hun woorden geworden.",
        change=Change(
            "Een leerling die altijd op mij wacht, liep naar het plan, legde zijn vinger bij stap 3 en ging verder.",
            "Hij had mij niet nodig, en merkte dat zelf ook.",
            "pupils",
        ),
        strikes="Dat wil ik ook: dat ze mij verbeteren.",
        card=("know", "Een foto bij elke stap helpt meer dan een tekst."),
    ),
    "noor": Teacher(
        idea="een opdracht in de klas en in de werkplaats in dezelfde woorden wordt uitgelegd",
        why="Leerlingen raken in de war als wij met ‘netjes’ allemaal iets anders bedoelen.",
        response="Mooi. Dat zou ik ook in de theorieles willen zien.",
        question="Welke woorden gebruiken wij zelf voor dezelfde stappen?",
        evidence=Evidence(
            0,
            "quote",
            "‘Ik wacht liever tot je komt, dan doe ik het niet fout.’",
            "pupils",
            "gesprek met een leerling uit leerjaar 2",
            "Waarom iemand wacht die het wel weet.",
            "Of meer leerlingen er zo over denken.",
            voice="pupils",
        ),
        weighing=("Dat we niet iedereen zien in een les.", "Waarom juist deze vier."),
        seen="Een leerling zegt te wachten om het niet fout te doen.",
        proposal=Proposal(
            "in de theorieles dezelfde vijf woorden gebruiken als in de werkplaats",
            "dat leerlingen hun werkblad herkennen",
            "leerlingen die een stap aanwijzen zonder te zoeken",
            point=0,
        ),
        asks="Hangt dat plan dan ook bij de draaibank, waar nu niets hangt?",
        log=Experience(
            0,
            done="In de theorieles dezelfde foto's op het bord gezet.",
            seen="Ze pakten hun werkblad en wezen de stap aan.",
            pupils="Eén leerling verbeterde mij: ‘Dat heet aftekenen, juf.’",
            course="keep",
            lens="culture",
        ),
        reply="Herkenbaar, zo'n week. Zullen we het om en om doen?",
        change=Change(
            "Leerlingen verbeteren mij als ik een ander woord gebruik dan er op het plan staat.",
            "Dan is de taal van de werkplaats ook hun taal.",
            "culture",
        ),
        strikes="Hier schrok ik van. Wie heb ik zelf al weken niet gesproken?",
        card=("can", "We leggen een opdracht uit in dezelfde vijf woorden, in de klas en in de werkplaats."),
    ),
    "youssef": Teacher(
        idea="ze fouten aan elkaar durven laten zien",
        why="Wie zijn fout verstopt, leert er niets van.",
        response="Dit lijkt op het mijne: eerst durven, dan vragen.",
        question="Welke leerlingen komen in een les niet aan de beurt?",
        evidence=Evidence(
            1,
            "count",
            "van de twaalf die in een lesuur geen enkele keer hulp kregen",
            "pupils",
            "plattegrond waarop een collega meeschreef",
            "Dat een derde van de groep ons niet ziet.",
            "Of zij hulp nodig hadden.",
            amount="4",
            unit="leerlingen",
        ),
        weighing=("Dat een plan aan de muur vragen scheelt.", "Of het aan het plan ligt of aan de groep."),
        seen="Vier van de twaalf leerlingen hadden in een uur geen contact met de docent.",
        proposal=Proposal(
            "in de eerste tien minuten bij iedereen één keer langslopen",
            "ook de leerlingen die niets vragen",
            "een plattegrond zonder lege plekken",
            point=1,
        ),
        asks="Wat doe je met wie geen maat heeft?",
        log=Experience(
            1,
            done="Met de namenlijst in mijn hand binnen tien minuten bij alle twaalf geweest.",
            seen="Twee leerlingen die ik anders nooit spreek, zaten al vast bij stap 1.",
            because="In de week van de open dag kwam ik niet verder dan de helft.",
            course="adjust",
            lens="teachers",
        ),
        reply="Achterin is bij mij ook de plek waar ik het laatst kom.",
        change=Change(
            "Ik sprak een leerling die ik in drie weken niet gesproken had. Hij zat al sinds de eerste dag vast.",
            "Wie niets vraagt, heeft het niet altijd begrepen.",
            "teachers",
        ),
        strikes="Kom volgende week ook eens bij mij kijken.",
        card=("know", "Wie niets vraagt, kan niet altijd verder."),
    ),
    "hatice": Teacher(
        idea="ze aan het eind van de les zelf kunnen zeggen wat ze hebben geleerd",
        why="Dan nemen ze iets mee naar hun stage.",
        response="Wat zou je daar in de les voor laten vallen?",
        question="Wat doen stagebedrijven als iemand vastloopt?",
        evidence=Evidence(
            2,
            "quote",
            "‘Bij ons vraagt een nieuwe eerst zijn maat, dan pas mij.’",
            "collaboration",
            "telefoongesprek met de begeleider van een stagebedrijf",
            "Dat elkaar vragen op het werk gewoon is.",
            "Of dat bij elk bedrijf zo gaat.",
            voice="employers",
        ),
        weighing=("Dat het vooral om de volgorde gaat.", "Wat ze vragen als ze het plan wel kennen."),
        seen="In het stagebedrijf vraagt iemand eerst een collega.",
        proposal=Proposal(
            "stagebegeleiders vragen om leerlingen eerst hun maat te laten helpen",
            "of het buiten school ook lukt",
            "wat ze ons aan de telefoon vertellen",
            point=None,
        ),
        asks="Lukt dat met zestien leerlingen, in tien minuten?",
        log=Experience(
            1,
            done="Bij een collega meegekeken en op de plattegrond bijgehouden waar hij kwam.",
            seen="Wie achterin staat, krijgt pas na een kwartier bezoek.",
            course="adjust",
            lens="collaboration",
            visit=True,
        ),
        reply="Fijn dat je dit vertelt. Misschien eerst voordoen hoe je iemand helpt?",
        change=Change(
            "Ik keek voor het eerst bij een collega in de les, en zag wat ik zelf altijd oversla.",
            "In een half uur leerde ik meer dan op een studiedag.",
            "collaboration",
        ),
        strikes="Dit is voor mij de grootste winst van dit jaar.",
        card=("can", "We kijken bij elkaar in de les zonder te oordelen."),
    ),
    "sander": Teacher(
        idea="ze eerst elkaar om hulp vragen, en dan pas mij",
        why="In een bedrijf vraag je ook eerst je collega.",
        response="Ja! En wat doen we met wie dat niet durft?",
        question="Waar in de les wachten leerlingen het langst?",
        evidence=Evidence(
            0,
            "observation",
            "Waar het stappenplan naast de machine hangt, loopt niemand naar de docent.",
            "teachers",
            "lesbezoek bij een collega, 3 november",
            "Dat een zichtbaar plan helpt.",
            "Of leerlingen het plan ook begrijpen.",
        ),
        weighing=("Hoe het er buiten school aan toe gaat.", "Of onze leerlingen dat al kunnen."),
        seen="Bij de machine met het stappenplan liep in dat uur niemand naar de docent.",
        proposal=Proposal(
            "werken met de regel ‘eerst je maat, dan de docent’",
            "leerlingen die elkaar helpen",
            "hoe vaak er twee over één werkstuk gebogen staan",
            point=0,
        ),
        asks="Wie maakt die foto's, en van wiens handen?",
        log=Experience(
            2,
            pupils="‘Ik weet het zelf toch ook niet?’",
            because="Maandag het eerste uur was de groep te druk. Na tien minuten liet ik de regel los.",
            course="adjust",
            lens="pupils",
        ),
        reply="Een vaste maat, dat ga ik ook proberen.",
        change=Change(
            "Mijn regel mislukte, en niemand in deze groep vond dat erg.",
            "Nu durf ik ook te vertellen wat niet lukt.",
            "culture",
        ),
        strikes="Deden ze dat uit zichzelf?",
        card=("find", "‘Het lukte niet’ is ook een uitkomst."),
    ),
    "lianne": Teacher(
        idea="ze na de pauze binnen vijf minuten aan het werk zijn",
        why="Nu gaat er elke middag een kwartier verloren.",
        response="Wat gebeurt er precies in dat kwartier?",
        question="Hoe begint een les waarin ze meteen aan het werk gaan?",
        evidence=Evidence(
            0,
            "observation",
            "In de theorieles heten de stappen anders dan in de werkplaats.",
            "culture",
            "twee werkbladen naast elkaar gelegd",
            "Dat we het zelf verwarrend maken.",
            "Hoe erg leerlingen dat vinden.",
        ),
        weighing=("Dat er meer dan één reden is om te wachten.", "Of het in elke groep zo is."),
        seen="Voor dezelfde vijf stappen staan op de twee werkbladen verschillende woorden.",
        proposal=None,
        asks="Welke bedrijven bel je dan als eerste?",
        log=Experience(
            2,
            done="Op maandagmiddag gaf ik iedereen een vaste maat.",
            seen="Vier tweetallen hielpen elkaar. Twee leerlingen zaten alleen.",
            course="adjust",
            lens="collaboration",
        ),
        reply="Van 23 naar 11! Merkte je ook iets bij de stille leerlingen?",
        change=Change(
            "Twee leerlingen spraken af wie wat deed, voordat ze aan hun werkstuk begonnen.",
            "Dat had ik hier nog niet gezien.",
            "pupils",
        ),
        strikes="Die vinger bij stap 3 zie ik zo voor me.",
        card=("find", "Leerlingen mogen meebeslissen over wat er aan de muur komt."),
    ),
}
