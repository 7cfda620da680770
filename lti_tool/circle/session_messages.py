"""The sentences for what is refused about sessions, their lists, and lists on paper."""

from lti_tool.text import Text

SESSIONS: dict[str, Text] = {
    "session_title": Text("Geef de bijeenkomst een naam.", "Give the session a name."),
    "session_about": Text("Kies een stap uit de lijst.", "Choose a step from the list."),
    "session_times": Text("Vul in van hoe laat tot hoe laat het is.", "Enter from what time to what time it is."),
    "session_period": Text(
        "Die dag is van een vorig schooljaar. Kies een dag van dit schooljaar.",
        "That day is of an earlier school year. Choose a day of this school year.",
    ),
    "session_ahead": Text(
        "Die dag is te ver weg. Je kunt een bijeenkomst hoogstens zestig dagen van tevoren klaarzetten.",
        "That day is too far off. A session can be set up sixty days ahead at most.",
    ),
    "session_long": Text(
        "Dit duurt langer dan twaalf uur. Kijk de tijden na, of maak er twee bijeenkomsten van.",
        "This takes more than twelve hours. Check the times, or make it two sessions.",
    ),
    "session_same": Text("Deze bijeenkomst staat er al.", "This session is there already."),
    "session_overlap": Text(
        "Op die tijd is er al een bijeenkomst: %(title)s. Sluit die eerst, of kies een andere tijd.",
        "There is a session at that time already: %(title)s. Close that one first, or choose another time.",
    ),
    "session_cancelled": Text("Deze bijeenkomst ging niet door.", "This session did not take place."),
    "session_closed": Text(
        "De lijst is al gesloten. Verbeteren kan nog wel, met een reden.",
        "The list has been closed already. It can still be corrected, with a reason.",
    ),
    "session_list_open": Text("De lijst is nog open. Pas hem daar aan.", "The list is still open. Change it there."),
    "session_not_yet": Text(
        "Het is nog niet zover. Aanmelden kan vanaf een half uur voor het begin.",
        "It is not time yet. You can check in from half an hour before it begins.",
    ),
    "session_over": Text(
        "De bijeenkomst is voorbij. Was je er wel? Zeg het dan bij die bijeenkomst.",
        "The session is over. Were you there? Then say so at that session.",
    ),
    "session_not_over": Text(
        "De bijeenkomst is nog bezig. Dit kan als ze voorbij is.",
        "The session is still on. This can be done once it is over.",
    ),
    "session_six": Text(
        "Typ de zes letters die nu op het digibord staan.", "Type the six letters that are on the big screen now."
    ),
    "session_letters": Text(
        "Dit zijn niet de letters van nu. Ze wisselen elke twee minuten: typ wat er nu op het digibord staat.",
        "These are not the letters of this moment. They change every two minutes: type what is on the big screen now.",
    ),
    "session_tries": Text(
        "Je hebt het acht keer geprobeerd. Vraag wie begeleidt om je op de lijst te zetten.",
        "You have tried eight times. Ask whoever facilitates to put you on the list.",
    ),
    "session_not_there": Text(
        "Je staat niet op de lijst van deze bijeenkomst.", "You are not on the list of this session."
    ),
    "session_not_attested": Text(
        "De lijst is nog niet gesloten, of een collega moet nog zeggen dat je er was. Daarna kun je dit insturen.",
        "The list has not been closed yet, or a colleague has yet to say that you were there. Then you can send this.",
    ),
    "session_sent": Text("Dit heb je al ingestuurd.", "You have sent this already."),
    "session_people": Text(
        "Deze collega hoort niet bij jullie groep. Kies iemand uit de lijst.",
        "This colleague is not in your group. Choose somebody from the list.",
    ),
    "session_time": Text("%(who)s: schrijf een tijd als 14:30.", "%(who)s: write a time like 14:30."),
    "session_left_first": Text(
        "%(who)s: de tijd van weggaan ligt voor de tijd van komen.",
        "%(who)s: the time of leaving lies before the time of coming.",
    ),
    "session_future": Text("%(who)s: die tijd moet nog komen.", "%(who)s: that time is still to come."),
    "session_missed": Text(
        "%(who)s: op die tijden was er geen bijeenkomst. Kijk de tijden na, of haal het vinkje weg.",
        "%(who)s: there was no session at those times. Check the times, or take the tick away.",
    ),
    "session_time_far": Text(
        "Die tijd ligt meer dan zes uur van de bijeenkomst af. Kijk de tijd na.",
        "That time is more than six hours away from the session. Check the time.",
    ),
    "session_end": Text(
        "Kies een tijd na het begin die al is geweest.", "Choose a time after the beginning that has been already."
    ),
    "session_no_change": Text("Zo staat het er al.", "That is what it says already."),
    "session_both_times": Text(
        "Vul in van hoe laat tot hoe laat je er was.", "Enter from what time to what time you were there."
    ),
    "session_disputed": Text(
        "Je hebt dit al laten weten. Zodra iemand antwoordt, lees je het hier.",
        "You have said this already. Once somebody answers, you read it here.",
    ),
    "session_own_list": Text(
        "Je houdt deze lijst zelf bij. Pas je tijden daar aan; een collega zegt daarna of je er was.",
        "You keep this list yourself. Change your times there; a colleague then says whether you were there.",
    ),
    "session_too_early": Text(
        "Wie begeleidt, heeft veertien dagen om te antwoorden. Daarna kun jij het.",
        "Whoever facilitates has fourteen days to answer. After that you can.",
    ),
    "paper_none": Text("Kies eerst een bestand.", "Choose a file first."),
    "paper_large": Text(
        "Dit bestand is groter dan 100 kB. Haal weg wat niet over deze bijeenkomst gaat.",
        "This file is larger than 100 kB. Take out what is not about this session.",
    ),
    "paper_kind": Text(
        "Dit is geen csv-bestand. Kies in Excel: opslaan als, CSV (UTF-8).",
        "This is no CSV file. In Excel choose: save as, CSV (UTF-8).",
    ),
    "paper_empty": Text(
        "Er staat niemand op deze lijst. De eerste regel noemt de kolommen, daaronder staat op elke regel een naam.",
        "There is nobody on this list. The first line names the columns, below it each line has a name.",
    ),
    "paper_columns": Text(
        "Op de eerste regel moet één kolom ‘naam’ staan (of ‘e-mail’), en als je wilt ‘van’ en ‘tot’; elk één keer.",
        "The first line must have one column “name” (or “e-mail”), and if you like “from” and “to”; each once.",
    ),
    "paper_many": Text(
        "Er staan meer dan %(most)s regels in. Neem per bijeenkomst een eigen bestand.",
        "There are more than %(most)s lines. Use a file of its own for each session.",
    ),
    "paper_cells": Text(
        "Regel %(line)s heeft meer vakjes dan de eerste regel, of een aanhalingsteken te weinig.",
        "Line %(line)s has more cells than the first line, or lacks a quotation mark.",
    ),
    "paper_cell": Text("Regel %(line)s, %(cell)s: dit is te lang.", "Line %(line)s, %(cell)s: this is too long."),
    "paper_formula": Text(
        "Regel %(line)s, %(cell)s: hier staat een formule. Zet er de tekst zelf neer.",
        "Line %(line)s, %(cell)s: this is a formula. Put the text itself there.",
    ),
    "paper_time": Text(
        "Regel %(line)s, %(cell)s: schrijf een tijd als 14:30, of laat het leeg.",
        "Line %(line)s, %(cell)s: write a time like 14:30, or leave it empty.",
    ),
    "paper_order": Text(
        "Regel %(line)s: de tijd van komen en van weggaan zijn gelijk.",
        "Line %(line)s: the times of coming and of leaving are the same.",
    ),
    "paper_who": Text("Regel %(line)s: hier staat geen naam.", "Line %(line)s: there is no name."),
    "paper_asked": Text("Regel %(line)s: kies wie %(who)s is.", "Line %(line)s: choose who %(who)s is."),
    "paper_twice": Text(
        "Regel %(line)s: %(who)s staat er al. Laat één regel per collega staan.",
        "Line %(line)s: %(who)s is there already. Leave one line for each colleague.",
    ),
}
