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
    "several_in_meeting": Text(
        "Deze groep zit nu in een bijeenkomst. Wacht tot die voorbij is.",
        "This group is in a meeting now. Wait until that is over.",
    ),
    "several_moved": Text(
        "Er is intussen iets veranderd in deze groep. Kijk opnieuw wat er zou gebeuren.",
        "Something in this group has changed meanwhile. Look again at what would happen.",
    ),
    "split_nobody": Text("Kies wie er naar de nieuwe groep gaan.", "Choose who goes to the new group."),
    "split_everybody": Text(
        "Laat ten minste één collega hier. Bij groepen uit de leeromgeving: laat één groep hier.",
        "Leave at least one colleague here. With groups of the learning platform: leave one group here.",
    ),
    "split_unknown": Text(
        "Kies mensen die in deze groep zitten. Begeleiden kan iemand die meegaat, of die hier al begeleidt.",
        "Choose people who are in this group. Who goes along, or facilitates here already, can facilitate it.",
    ),
    "split_twice": Text("Zet iedereen in één groep.", "Put everybody in one group."),
    "split_name": Text(
        "Geef de nieuwe groep een naam die hier nog niet bestaat.", "Give the new group a name that is new here."
    ),
    "split_group": Text(
        "Die groep uit de leeromgeving heeft al een leergemeenschap, of niemand is er nog mee binnengekomen.",
        "That group of the learning platform has a community already, or nobody has come in with it yet.",
    ),
    "join_same": Text("Kies een andere groep om bij te voegen.", "Choose another group to join with."),
    "join_unknown": Text(
        "Geen cursus heet zo, of meer dan één. Neem de naam over zoals die bij ‘Alle cursussen’ staat.",
        "No course is called that, or more than one. Copy its name as it stands under “All courses”.",
    ),
    "join_other_course": Text("Die groep zit in een andere cursus.", "That group is in another course."),
    "join_this_course": Text("Die groep zit in dezelfde cursus.", "That group is in the same course."),
    "move_listed": Text(
        "Deze cursus staat op de cursuslijst van de school. Haal haar daar eerst af.",
        "This course is on the school's list of courses. Take it off that first.",
    ),
    "not_your_place": Text(
        "Daar zit je niet (meer). Open de activiteit opnieuw vanuit je cursus.",
        "You are not (or no longer) there. Open the activity again from your course.",
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
