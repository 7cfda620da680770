"""The sentences for what is refused to who administers a school, or wants to."""

from lti_tool.text import Counted, Text

SCHOOL: dict[str, Text | Counted] = {
    "administrator_unknown": Text(
        "Leerkring kent deze persoon niet op deze school. Laat die eerst een activiteit van Leerkring openen.",
        "Leerkring does not know this person at this school. Have them open an activity of Leerkring first.",
    ),
    "administrator_already": Text("Deze persoon is dat al.", "This person is that already."),
    "administrator_gone": Text(
        "Dit was intussen al beëindigd. Kijk wat er nu staat.",
        "This has been ended meanwhile. Look at what stands here now.",
    ),
    "administrator_last": Text(
        "Een school houdt altijd een beheerder. Benoem eerst iemand anders.",
        "A school always keeps an administrator. Name somebody else first.",
    ),
    "administrator_request_gone": Text(
        "Deze vraag is intussen al beantwoord.",
        "This request has been answered meanwhile.",
    ),
    "administrator_not_the_sites": Text(
        "Je leeromgeving noemt iedereen beheerder die een cursus mag aanpassen. Vragen kan daarom niet vanaf hier:"
        " vraag wie Leerkring op je school beheert om je te benoemen.",
        "Your learning platform calls everybody administrator who may change a course. That is why you cannot ask from"
        " here: ask whoever administers Leerkring at your school to name you.",
    ),
    "administrator_nobody": Text(
        "Nog niemand beheert Leerkring op deze school, dus niemand kan je binnenlaten. Typ de code, of vraag wie"
        " Leerkring op de server draait.",
        "Nobody administers Leerkring at this school yet, so nobody can let you in. Type the code, or ask whoever runs"
        " Leerkring on its server.",
    ),
    "administrator_waits": Text(
        "Je vraag staat bij de beheerders. Zodra iemand ja zegt, kun je erin.",
        "Your request is with the administrators. Once one of them says yes, you are in.",
    ),
    "administrator_refused": Text(
        "Je vraag is niet lang geleden afgewezen. Praat erover met wie Leerkring op je school beheert.",
        "Your request was turned down not long ago. Talk to whoever administers Leerkring at your school.",
    ),
    "administrator_power": Text("Kies wat deze persoon wordt.", "Choose what this person is to be."),
    "administrator_whom": Text("Kies eerst wie.", "Choose who, first."),
    "school_day_far": Text("Kies een dag binnen drie jaar.", "Choose a day within three years."),
    "school_day": Text("Kies een dag.", "Choose a day."),
    "school_name": Text(
        "Deze naam is te lang, of er staat een teken in dat er niet in kan.",
        "This name is too long, or has a character in it that it cannot have.",
    ),
    "school_unknown": Text(
        "Deze school is er niet (meer), of je beheert haar niet.",
        "This school is not there (any more), or you do not administer it.",
    ),
    "school_same": Text("Kies twee verschillende scholen.", "Choose two different schools."),
    "school_other_day": Text(
        "Deze scholen gaan op een verschillende dag open. Geef ze eerst dezelfde dag.",
        "These schools open on different days. Give them the same day first.",
    ),
    "school_patterns": Text(
        "Vul in welke cursussen erbij horen: op elke regel een cursus-id van de leeromgeving, of een stuk ervan met"
        " een sterretje, zoals PRO-*.",
        "Fill in which courses belong to it: on each line a course id of the learning platform, or a part of one with"
        " an asterisk, such as PRO-*.",
    ),
    "school_taken": Text(
        "Een van deze regels hoort al bij een andere school.",
        "One of these lines belongs to another school already.",
    ),
    "school_changed": Text(
        "Dit is intussen veranderd. Kijk nog eens wat er gebeurt.",
        "This has changed meanwhile. Look once more at what will happen.",
    ),
    "setting_unknown": Text("Deze instelling is er niet.", "There is no such setting."),
    "setting_choice": Text("Kies een van de mogelijkheden.", "Choose one of the possibilities."),
    "setting_holidays": Text(
        "Schrijf op elke regel één vakantie: de eerste en de laatste dag, zoals 2027-02-20 - 2027-02-28, hooguit"
        " tien weken.",
        "Write one holiday on each line: the first and the last day, such as 2027-02-20 - 2027-02-28, ten weeks at"
        " most.",
    ),
    "setting_parts": Text(
        "Schrijf op elke regel één ding, als naam=waarde, en elk ding één keer.",
        "Write one thing on each line, as name=value, and each thing once.",
    ),
    "setting_step": Text("Zo’n stap is er niet.", "There is no such step."),
    "setting_step_name": Text(
        "Een naam heeft letters, cijfers en gewone leestekens, en hooguit %(most)s tekens.",
        "A name has letters, digits and ordinary punctuation, and %(most)s characters at most.",
    ),
    "setting_step_twice": Text(
        "Twee stappen heten nu hetzelfde. Geef elke stap een eigen naam.",
        "Two steps now have the same name. Give each step a name of its own.",
    ),
    "setting_tariff": Text(
        "Vul hele minuten in, hooguit een dag. Samen hoogstens is nooit minder dan de stap of één actie.",
        "Fill in whole minutes, a day at most. At most together is never less than the step or one action.",
    ),
    "setting_look_first": Text(
        "Kijk eerst wat er dan weggaat. Er is nog niets veranderd.",
        "Look first at what would go. Nothing has changed yet.",
    ),
    "setting_holidays_many": Text("Dit zijn er meer dan vierentwintig.", "These are more than twenty-four."),
    "code_wrong": Text(
        "Deze code klopt niet, of ze is gebruikt of verlopen. Kijk haar na: twaalf letters en cijfers. Een nieuwe maakt"
        " wie Leerkring draait, met ‘leerkring admin code’.",
        "This code is not right, or it was used or has expired. Check it: twelve letters and digits. Whoever runs"
        " Leerkring makes a new one, with “leerkring admin code”.",
    ),
    "code_often": Text(
        "Er is te vaak een verkeerde code getypt. Probeer het over een uur nog eens.",
        "A wrong code was typed too often. Try again in an hour.",
    ),
    "template_unknown": Text(
        "Kies een cursus van deze school waarin Leerkring al eens is geopend.",
        "Choose a course of this school in which Leerkring was opened before.",
    ),
}
