"""The sentences for what is refused to who administers a school: one function says all (messages.sentence)."""

from lti_tool.text import Text

CONSOLE: dict[str, Text] = {
    "no_such_community": Text(
        "Deze leergemeenschap is er niet (meer) op deze school.", "This community is not (or no longer) of this school."
    ),
    "no_such_member": Text(
        "Kies iemand die al in deze leergemeenschap zit.", "Choose somebody who is in this community already."
    ),
    "cannot_appoint": Text(
        "Kies iemand uit de cursus die nog niet begeleidt. Volgt die als schoolleider, of stapte die zelf uit de "
        "groep? Laat die dan eerst opnieuw kiezen.",
        "Choose somebody of the course who does not facilitate yet. If they follow as school leader, or left the group "
        "themselves, have them choose again first.",
    ),
    "left_by_choice": Text(
        "Deze collega stapte zelf uit de groep. Terugkomen kan alleen die zelf.",
        "This colleague left the group by choice. Only they can come back.",
    ),
    "no_roster": Text(
        "De leeromgeving deelt van deze cursus geen deelnemerslijst.",
        "The learning platform shares no list of people of this course.",
    ),
    "cycle_still_open": Text(
        "Er loopt nog een cyclus. Archiveren kan zodra die voorbij is.",
        "A cycle is under way. It can be archived once that is over.",
    ),
    "community_archived": Text(
        "Deze leergemeenschap is gearchiveerd. Wie Leerkring beheert, kan haar weer actief maken.",
        "This community is archived. Whoever administers Leerkring can take it up again.",
    ),
    "has_hours": Text(
        "Hier hangen uren van mensen aan; die zijn van hen. Verwijderen kan daarom niet, archiveren wel.",
        "People's hours hang on it, and these are theirs. So it cannot be deleted; it can be archived.",
    ),
    "not_confirmed": Text("Vink aan dat je het hebt gelezen.", "Tick that you have read it."),
    "no_such_deployment": Text(
        "Deze koppeling hoort niet (meer) bij deze school.", "This deployment is not (or no longer) of this school."
    ),
    "holds_itself": Text(
        "Hierlangs kwam je zelf binnen. Zet je deze koppeling stil, dan kan niemand haar hier weer openen. Doe het "
        "vanuit een andere koppeling, of vraag wie de server beheert.",
        "You came in by this one yourself. If you hold it, nobody can open it here again. Do it from another "
        "deployment, or ask whoever runs the server.",
    ),
    "no_such_turn": Text("Deze jaarwisseling is er niet meer.", "This turn of the year is not there any more."),
    "nothing_there": Text("Er is niets waarvoor dit kan.", "There is nothing for which this can be done."),
    "still_looking": Text("Nog even: Leerkring kijkt nog wat er kan.", "A moment: Leerkring is still looking."),
}
