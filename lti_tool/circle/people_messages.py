"""The sentences for what is refused about people: who belongs, what somebody does here, who is away."""

from lti_tool.text import Counted, Text

PEOPLE: dict[str, Text | Counted] = {
    "not_a_member": Text(
        "Je doet niet mee in deze leergemeenschap.",
        "You do not take part in this community.",
    ),
    "already_chosen": Text("Dit heb je al beantwoord.", "You have already answered this."),
    "not_offered": Text(
        "Dit kun je niet zelf kiezen. Vraag het aan wie begeleidt.",
        "You cannot choose this yourself. Ask whoever facilitates.",
    ),
    "guided": Text(
        "Er begeleidt iemand die er de laatste tijd was. Overnemen is dus niet nodig; praat met elkaar.",
        "Somebody facilitates who was here lately. There is nothing to take over; talk to each other.",
    ),
    "cannot_take_over": Text(
        "Je begeleidt al, of je doet niet mee in deze groep.",
        "You facilitate already, or do not take part in this group.",
    ),
    "facilitating_teachers": Text(
        "Op jullie school begeleidt alleen wie docent is in de cursus. Een beheerder van Leerkring kan het anders"
        " regelen.",
        "At your school only teachers of the course facilitate. An administrator of Leerkring can arrange otherwise.",
    ),
    "facilitating_named": Text(
        "Op jullie school zegt een beheerder van Leerkring wie begeleidt. Vraag het daar.",
        "At your school an administrator of Leerkring says who facilitates. Ask there.",
    ),
    "cannot_resume": Text(
        "Dit kan niet meer. Vraag het aan wie begeleidt.",
        "This is no longer possible. Ask whoever facilitates.",
    ),
    "facilitates_not": Text("Je begeleidt niet.", "You do not facilitate."),
    "cannot_name": Text(
        "Kies een collega die meedoet en nog niet begeleidt.",
        "Choose a colleague who takes part and does not facilitate yet.",
    ),
    "not_here_yet": Text(
        "Deze collega was hier nog niet. Vraag of die eerst Leerkring opent; daarna kan het.",
        "This colleague has not been here yet. Ask them to open Leerkring first; after that you can.",
    ),
    "cannot_ask_again": Text(
        "Deze persoon volgt niet als schoolleider.",
        "This person does not follow as school leader.",
    ),
    "roster_counts": Text(
        "De cursus zegt zelf wie erbij horen. Een aantal opgeven hoeft dus niet.",
        "The course itself says who belongs. There is no need to give a number.",
    ),
    "number_missing": Text("Vul een aantal in.", "Fill in a number."),
    "number_too_large": Text(
        "Dat zijn er te veel. Vul hoogstens tienduizend in.", "That is too many: ten thousand at most."
    ),
    "number_too_small": Text(
        "Jullie zijn met minstens %(least)s. Een lager aantal kan niet.",
        "There are at least %(least)s of you. It cannot be fewer.",
    ),
    "number_while_deciding": Text(
        "Er loopt een beslissing. Zolang die loopt, kan dit aantal niet lager worden dan %(least)s.",
        "Something is being decided. As long as it is, this number cannot become lower than %(least)s.",
    ),
    "revealed_already": Text(
        "In deze cyclus is al iets getoond. De groep kan nu alleen nog groter worden; wie er niet is, zet je op "
        "afwezig.",
        "Something has been revealed in this cycle. The group can only become larger now; mark whoever is not there as "
        "away.",
    ),
    "not_in_circle": Text(
        "Deze collega hoort er nu niet bij. Kijk wie er in de lijst staan.",
        "This colleague does not belong now. Look who is in the list.",
    ),
    "heard_already": Text(
        "Deze collega heeft al iets ingebracht, en hoort er dus bij.",
        "This colleague has brought something in already, and so belongs.",
    ),
    "facilitates_here": Text(
        "Wie begeleidt, hoort erbij. Anders kiezen kan bij ‘Wat ik hier doe’.",
        "Whoever facilitates belongs. Choosing otherwise is done at “What I do here”.",
    ),
    "opened_already": Text(
        "Deze collega heeft Leerkring al geopend, en kiest dus zelf.",
        "This colleague has opened Leerkring, and so chooses themselves.",
    ),
    "circle_too_small": Text(
        "Er blijven minstens %(least)s mensen over. Laat er meer meedoen.",
        "At least %(least)s people have to be left. Have more take part.",
    ),
    "not_by_roster": Text(
        "Zeg eerst dat de anderen uit de cursus erbij horen.",
        "First say that the others of the course belong.",
    ),
    "nobody_chosen": Text("Kies ten minste één collega.", "Choose at least one colleague."),
    "away_too_long": Text(
        "Kies een dag binnen een jaar.",
        "Choose a day within a year.",
    ),
    "away_already": Text(
        "Deze collega gaf zelf al aan er niet te zijn.",
        "This colleague has already said that they are away.",
    ),
    "away_own": Text(
        "Alleen wie door een ander op afwezig is gezet, kun je terugzetten.",
        "Only whoever was marked as away by somebody else can be put back.",
    ),
    "not_away": Text("Je bent er al weer.", "You are back already."),
}
