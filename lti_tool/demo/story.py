"""What a team of technology teachers writes and decides together, in a whole cycle. See teachers.py for each alone."""

from dataclasses import dataclass

FRAME = "Ons schoolplan zegt: onze leerlingen worden zelfstandig. Voor deze groep is er dit schooljaar 40 uur."

MERGED = {
    "text": "ze zelf weten wat de volgende stap is, en eerst elkaar om hulp vragen",
    "why": "Dan komen ook de stille leerlingen aan de beurt.",
}

AMBITION = {
    "text": "Over een jaar weten leerlingen in de werkplaats zelf wat hun volgende stap is, en vragen ze eerst elkaar.",
    "learn": "Wij leren onze hulp stap voor stap kleiner te maken, zonder iemand te laten vallen.",
    "shared": "We willen dat ook de stille leerlingen aan de beurt komen.",
    "practice": "De praktijklessen techniek in leerjaar 2 en 3.",
    "policy": "Schoolplan: onze leerlingen worden zelfstandig.",
    "hours": "40",
}
SIGNS = (
    "In elke les werkt minstens de helft tien minuten zonder vraag aan ons.",
    "Leerlingen kunnen zeggen wat ze hierna gaan doen.",
)
VOICE = {"name": "een begeleider van een stagebedrijf", "question": "Wat doet een leerling bij jullie die vastloopt?"}
CONCERN = "Houden we het ook vol als er een groep bij komt?"

EXPLANATIONS = (
    "Ze weten de stappen niet, omdat wij ze elke keer anders vertellen.",
    "Ze weten de stappen wel, en vragen om zeker te zijn dat het mag.",
)
OTHER_EXPLANATIONS = (
    "Wie niets vraagt, wordt door ons niet gezien.",
    "Wie niets vraagt, kan het zelf al.",
)
POINTS = (
    ("Eén stappenplan met dezelfde woorden, in elk lokaal.", "Dat hebben we zelf in de hand, en het kan deze maand."),
    ("Zien wie er niets vraagt.", "Een derde van de groep is anders een uur onzichtbaar."),
)
MINORITY = "Niet elk wachten is erg: soms denkt iemand na."


@dataclass(frozen=True)
class Plan:
    """An action on the board, and how it ends. owner: who makes it of their own proposal, takes it on and ends it."""

    owner: int
    what: str
    sign: str
    practice: str
    hours: str
    lens: str
    ended: str
    learned: str
    took: str


ADVICE = (
    (4, 0, "Laat leerlingen van leerjaar 3 de foto's maken: dan kennen zij het plan meteen."),
    (1, 2, "Neem een namenlijst mee en zet streepjes. Na een week zie je wie je steeds overslaat."),
)
"""Who advises about whose proposal."""

PLANS = (
    Plan(
        owner=0,
        what="Bij alle vijf de machines hangt hetzelfde stappenplan, met foto's",
        sign="Op de turflijst staat minder dan tien keer ‘wat moet ik nu?’ per lesuur.",
        practice="Werkplaats metaal, leerjaar 2",
        hours="10",
        lens="pupils",
        ended="done",
        learned="Hetzelfde plan met foto's scheelt de helft van de vragen, zeker als leerlingen eraan meewerken.",
        took="12",
    ),
    Plan(
        owner=2,
        what="In de eerste tien minuten lopen we bij elke leerling één keer langs",
        sign="Na twee weken staat achter elke naam op de lijst een streepje.",
        practice="Alle praktijklessen techniek",
        hours="8",
        lens="teachers",
        ended="changed",
        learned="Langslopen helpt, maar niet elke les: om en om, en achterin beginnen.",
        took="8",
    ),
    Plan(
        owner=4,
        what="Op maandag geldt: eerst je maat, dan de docent",
        sign="Er staan vaker twee leerlingen over één werkstuk gebogen.",
        practice="Houtbewerking op maandag",
        hours="6",
        lens="collaboration",
        ended="stopped",
        learned="‘Eerst je maat’ werkt pas als leerlingen weten hoe je iemand helpt. Dat doen we eerst voor.",
        took="5",
    ),
)
REQUEST = "We hebben één middag samen nodig om het stappenplan te maken. Kunnen vier van ons dan vrij zijn van lessen?"
ANSWER = {"answer": "partly", "text": "Drie van jullie, dinsdag over twee weken na 14.30 uur. De vierde surveilleert."}
TOO_MUCH = "Drie acties tegelijk is veel. Laten we na twee weken kijken of het nog past."

WHY_THIS = "In één gebaar zie je waar het ons om gaat: hij wist zelf wat zijn volgende stap was."
VERDICT = {
    "answer": "partly",
    "text": "In leerjaar 2 weet de helft nu zelf wat de volgende stap is. Elkaar om hulp vragen zien we nog weinig.",
}
YIELD = (
    "Een stappenplan met foto's, overal in dezelfde woorden, scheelt de helft van de vragen. Laat leerlingen eraan"
    " meewerken. Wie niets vraagt, zoek je op. Elkaar helpen doe je eerst voor."
)
LESSONS = ("Eerst voordoen hoe je iemand helpt.", "Om en om langslopen, en achterin beginnen.")
MISSING = (
    "Dat we bij elkaar zijn gaan kijken. Dat wil ik niet kwijt.",
    "Kijken in elkaars les: daar leerde ik het meest van, en het staat er niet in.",
    "Wie er begint volgend jaar, moet ook bij een collega gaan kijken.",
)
"""What those miss who do not stand behind the first text; who comes last passes."""
FOUND = "Elk blok één keer bij een collega in de les kijken."
NEXT = {
    "choice": "new",
    "text": "Wat de volgende stap is, weten ze nu vaker. Elkaar om hulp vragen wordt onze nieuwe ambitie.",
    "what": "Bij elke nieuwe opdracht hangt er een plan met foto's.",
}
