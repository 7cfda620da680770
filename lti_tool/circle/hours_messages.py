"""The sentences for what is refused, or asked, about hours."""

from lti_tool.text import Counted, Text

HOURS: dict[str, Text | Counted] = {
    "hours_minutes": Text(
        "Vul hele minuten in, van 1 tot en met 1440. Anderhalf uur is 90 minuten.",
        "Enter whole minutes, from 1 to 1440. One and a half hours is 90 minutes.",
    ),
    "hours_length": Text("Kies hoe lang het duurde.", "Choose how long it took."),
    "hours_two_lengths": Text(
        "De tijden geven %(between)s minuten, en je koos er %(minutes)s. Haal een van beide weg.",
        "The times make %(between)s minutes, and you chose %(minutes)s. Remove one of the two.",
    ),
    "hours_both_times": Text("Vul allebei de tijden in, of geen.", "Enter both times, or none."),
    "hours_time": Text("Schrijf een tijd als 14:30.", "Write a time like 14:30."),
    "hours_no_time": Text(
        "Die tijd was er die nacht niet: de klok sprong een uur vooruit.",
        "That time did not exist that night: the clock went forward.",
    ),
    "hours_end_first": Text(
        "Het einde ligt voor het begin. Ging het na middernacht door?",
        "The end lies before the beginning. Did it go on after midnight?",
    ),
    "hours_day": Text("Kies een dag.", "Choose a day."),
    "hours_future": Text(
        "Dit moet nog komen. Voeg het toe als het is geweest.", "This is still to come. Add it when it is over."
    ),
    "hours_long_ago": Text(
        "Die dag is te lang geleden. Kijk of het jaar klopt.", "That day is too long ago. Check the year."
    ),
    "hours_day_long": Text(
        "Op die dag kom je met dit erbij op %(hours)s uur en %(minutes)s minuten. Klopt dat?",
        "With this, that day comes to %(hours)s hours and %(minutes)s minutes. Is that right?",
    ),
    "hours_day_full": Text(
        "Met dit erbij heeft die dag meer dan 24 uur. Pas dit aan, of neem iets terug van die dag.",
        "With this, that day has more than 24 hours. Change this, or take back something of that day.",
    ),
    "hours_overlap": Text(
        "Van deze tijd telt %(minutes)s minuten al mee, of wacht al. Die tellen niet twee keer. Toch insturen?",
        "Of this time %(minutes)s minutes count already, or wait. They do not count twice. Send it all the same?",
    ),
    "hours_same": Text(
        "Precies dit heb je al toegevoegd. Was het nog een keer?", "You have added exactly this already. Was it again?"
    ),
    "hours_line": Text("Schrijf in één regel wat je deed.", "Say in one line what you did."),
    "hours_provider": Text("Schrijf erbij waar of bij wie het was.", "Add where it was, or who gave it."),
    "hours_unseen": Text(
        "Er staan onzichtbare tekens in deze tekst. Typ de tekst opnieuw.",
        "There are invisible characters in this text. Type it anew.",
    ),
    "hours_kind": Text("Kies wat het was.", "Choose what it was."),
    "hours_pot": Text("Deze pot kun je niet kiezen. Kies een andere.", "You cannot choose this pot. Choose another."),
    "hours_period": Text(
        "Die dag valt buiten de periode van deze pot. Kies een andere pot, of een andere dag.",
        "That day is outside the period of this pot. Choose another pot, or another day.",
    ),
    "hours_not_yet_yours": Text(
        "Op die dag hoorde je niet bij deze pot. Kies een andere pot, of een andere dag.",
        "On that day you did not belong to this pot. Choose another pot, or another day.",
    ),
    "hours_factor": Text(
        "Schrijf een deel als 0,6 of 0,75: boven 0, en hoogstens 1.",
        "Write a part like 0.6 or 0.75: above 0, and at most 1.",
    ),
    "hours_factor_zero": Text(
        "Nul kan niet. Hoort deze collega er niet meer bij, vul dan een laatste dag in.",
        "Zero is not possible. If this colleague no longer belongs to it, enter a last day.",
    ),
    "hours_factor_above": Text(
        "Meer dan 1 kan niet. Geldt er een ander aantal uren, vul dat dan in bij het vaste aantal.",
        "More than 1 is not possible. If another number of hours holds, enter it as the fixed number.",
    ),
    "hours_factor_both": Text(
        "Kies een deel of een vast aantal uren, niet allebei.", "Choose a part or a fixed number of hours, not both."
    ),
    "hours_factor_open": Text(
        "Deze pot heeft geen aantal uren, dus er is ook geen deel van.",
        "This pot has no number of hours, so there is no part of it.",
    ),
    "hours_factor_minutes": Text(
        "Vul uren in als 50 of 37,5: boven 0, en hoogstens 2000.",
        "Enter hours like 50 or 37.5: above 0, and at most 2000.",
    ),
    "hours_factor_day": Text(
        "Kies dagen binnen de periode van deze pot, de eerste niet na de laatste.",
        "Choose days within the period of this pot, the first not after the last.",
    ),
    "hours_factor_enough": Text(
        "Voor deze collega is dit al veertig keer veranderd in deze periode. Dat is genoeg.",
        "For this colleague this has been changed forty times in this period. That is enough.",
    ),
    "hours_evidence": Text(
        "Voor deze pot is een bewijs nodig, zoals een foto van je certificaat.",
        "This pot asks for a proof, such as a photo of your certificate.",
    ),
    "hours_nobody_approves": Text(
        "Alleen jij keurt deze pot goed, en niemand keurt zijn eigen uren goed. Vraag wie begeleidt om een vervanger.",
        "Only you approve this pot, and nobody approves their own hours. Ask whoever facilitates to name a deputy.",
    ),
    "hours_settled": Text(
        "Iemand was je voor: dit is intussen veranderd. Kijk hoe het nu staat.",
        "Somebody was first: this has changed meanwhile. Look how it stands now.",
    ),
    "join_two": Text("Kies twee accounts.", "Choose two accounts."),
    "join_people": Text(
        "Kies twee accounts van jullie eigen leeromgeving.", "Choose two accounts of your own learning platform."
    ),
    "join_taken": Text(
        "Een van deze accounts hoort al bij een ander, of is al voorgesteld. Maak dat eerst ongedaan.",
        "One of these accounts belongs to another already, or was proposed already. Undo that first.",
    ),
    "join_gone": Text(
        "Dit voorstel is er niet meer. Kijk hoe het nu staat.", "This proposal is gone. Look how it stands now."
    ),
    "join_answer": Text("Kies ja of nee.", "Choose yes or no."),
    "hours_gone": Text(
        "Degene van wie dit was, is weg. Wat er staat, blijft zo.",
        "Whose this was is gone. What stands here stays as it is.",
    ),
    "hours_words": Text(
        "Schrijf in een paar woorden waarom. Zonder uitleg gaat dit niet.", "Say why in a few words. It takes a reason."
    ),
    "hours_nothing": Text("Kies eerst wat je goedkeurt.", "Choose first what you approve."),
    "hours_most": Text(
        "Dit kan voor hoogstens %(most)s minuten meetellen: meer is er niet, of de pot laat niet meer toe.",
        "This can count for at most %(most)s minutes: there are no more, or the pot allows no more.",
    ),
    "hours_no_change": Text("Daar telt het al voor mee.", "It counts for that already."),
    "pot_who": Text(
        "%(who)s is geen e-mailadres, gebruikersnaam of id:nummer. Een naam is niet genoeg; tussen twee mensen staat "
        "een komma.",
        "%(who)s is no e-mail address, login or id:number. A name is not enough; between two people goes a comma.",
    ),
    "pot_nowhere": Text("Kies ten minste één groep van deze school.", "Choose at least one group of this school."),
    "pot_percent": Text("Vul een heel getal in van 1 tot 100.", "Enter a whole number from 1 to 100."),
    "pot_not_alike": Text(
        "Een van deze potten kan er niet meer één mee worden. Kijk nog eens; er is niets veranderd.",
        "One of these pots can no longer become one with it. Look again; nothing has changed.",
    ),
    "no_pot_over": Text("Er is geen pot waarvan de periode voorbij is.", "There is no pot whose period is over."),
    "hours_pot_name": Text("Geef de pot een naam.", "Give the pot a name."),
    "hours_pot_period": Text(
        "Kies een eerste en een laatste dag, hoogstens twee jaar uit elkaar.",
        "Choose a first and a last day, at most two years apart.",
    ),
    "hours_pot_minutes": Text(
        "Vul uren in als 83 of 37,5, hoogstens 2000. Laat het leeg als er geen aantal is.",
        "Enter hours like 83 or 37.5, at most 2000. Leave it empty where there is no number.",
    ),
    "hours_pot_people": Text("Kies collega's uit de lijst.", "Choose colleagues from the list."),
    "hours_pot_approver": Text(
        "Kies ten minste één collega die goedkeurt.", "Choose at least one colleague who approves."
    ),
    "hours_pot_named": Text("Deze collega keurt deze pot al goed.", "This colleague approves this pot already."),
    "hours_pot_cap": Text(
        "Een grens is een heel getal: minuten, of procent als de pot een aantal uren heeft.",
        "A limit is a whole number: minutes, or percent where the pot has a number of hours.",
    ),
    "hours_pot_stopped": Text("Deze pot is al gesloten voor nieuwe uren.", "This pot takes no new hours already."),
    "hours_pot_closed": Text(
        "De periode van deze pot is afgesloten. Een verbetering kan nog; die telt in de volgende.",
        "The period of this pot is closed. A correction can still be made; it counts in the next one.",
    ),
    "hours_close_early": Text(
        "De periode loopt nog. Afsluiten kan pas als die voorbij is.",
        "The period is not over. It can be closed once it is.",
    ),
    "hours_no_room": Text(
        "Daar is nu geen ruimte voor: de pot is vol, of wie goedkeurt, verbeterde dit.",
        "There is no room for that now: the pot is full, or whoever approves corrected this.",
    ),
    "hours_pot_rounds": Text(
        "Kies een kwartier, een half uur of een uur, of rond niet af.",
        "Choose a quarter of an hour, half an hour or an hour, or do not round.",
    ),
    "session_began": Text(
        "Deze bijeenkomst is al begonnen. Toewijzen kan alleen van tevoren.",
        "This session has begun. It can only be assigned beforehand.",
    ),
    "session_assigned": Text(
        "Deze bijeenkomst is al aan die pot toegewezen.", "This session is assigned to that pot already."
    ),
    "hours_pot_carries": Text(
        "Kies hoe lang het meegaat: hoogstens negen periodes.", "Choose how long it goes on: at most nine periods."
    ),
    "hours_suggestion": Text(
        "Dit voorstel is er niet meer. Misschien heb je het al toegevoegd.",
        "This suggestion is no longer there. Perhaps you have added it already.",
    ),
    "hours_learning": Text("Kies: was het leren of regelen?", "Choose: was it learning or arranging?"),
    "hours_suggested_most": Text(
        "Voor deze stap kun je hoogstens %(minutes)s minuten insturen. Deed je meer, voeg dat dan los toe.",
        "For this step you can send at most %(minutes)s minutes. If you did more, add that by itself.",
    ),
    "hours_tariff": Text(
        "Vul bij ten minste één stap hele minuten in, en als hoogste aantal niet minder dan dat.",
        "Enter whole minutes for one step at least, and as the most not less than that.",
    ),
    "hours_plan": Text(
        "Vul uren in als 20 of 7,5, hoogstens 2000. Leeg laten mag.",
        "Enter hours like 20 or 7.5, at most 2000. You may leave it empty.",
    ),
    "hours_handed": Text(
        "Je hebt al een adres gekregen, of je hebt hier geen uren. Een nieuw adres kan als het oude niet meer werkt.",
        "You were given an address already, or have no hours here. You can get another once that one is over.",
    ),
    "hours_pots_enough": Text(
        "Veertig potten is genoeg. Gebruik er een die er al is.", "Forty pots are enough. Use one that is there."
    ),
}
