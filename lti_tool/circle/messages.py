"""The sentence for each code that domain and forms refuse with; a step's own are its `sentences`.

The code itself goes to the log. What a refusal carries is filled in at `%(name)s`.
"""

from collections.abc import Sequence

from lti_tool.circle.console_messages import CONSOLE
from lti_tool.circle.hours_messages import HOURS
from lti_tool.circle.people_messages import PEOPLE
from lti_tool.circle.school_messages import SCHOOL
from lti_tool.circle.session_messages import SESSIONS
from lti_tool.domain import Refused
from lti_tool.domain.cycle.may_end import Ending
from lti_tool.domain.school.provision.said import REFUSED as PROVISION
from lti_tool.i18n import say, speak
from lti_tool.parts import parts
from lti_tool.text import Counted, Text

SENTENCES: dict[str, Text | Counted] = {
    **PEOPLE,
    **CONSOLE,
    **HOURS,
    **SESSIONS,
    **PROVISION,
    **SCHOOL,
    "missing": Text("Vul dit eerst in.", "Fill this in first."),
    "too_long": Text(
        "Dit is te lang. Maak het wat korter; wat je typte, staat er nog.",
        "This is too long. Make it a little shorter; what you typed is still here.",
    ),
    "blank": Text("Vul hier tekst in.", "There are no words in this yet."),
    "too_few_words": Text(
        "Zeg het in minstens drie woorden, dan weten je collega's wat je bedoelt.",
        "Say it in three words at least, so that your colleagues know what you mean.",
    ),
    "said_by_colleague": Text(
        "Een collega zei dit al. Sluit je aan, of zeg wat jij er anders aan ziet.",
        "A colleague has said this already. Join it, or say what you see differently.",
    ),
    "own_piece": Text(
        "Dit is van jezelf. Kies iets van een collega.", "This is your own. Choose something of a colleague."
    ),
    "said_already": Text("Dit staat er al.", "You have said this already."),
    "enough_ideas": Text(
        "Je hebt drie ideeën geschreven. Pas er een aan of neem er een terug.",
        "You have written three ideas. Change one of them, or take one back.",
    ),
    "already_revealed": Text(
        "De ideeën zijn al getoond; dat van jou kan niet meer veranderen.",
        "The ideas have been revealed; yours can no longer be changed.",
    ),
    "own_idea": Text(
        "Dit is je eigen idee. Kies er een van een collega.",
        "This is your own idea. Choose one of a colleague.",
    ),
    "too_many_dots": Text(
        "Je hebt drie stippen. Haal er een of meer weg.",
        "You have three dots. Take one or more away.",
    ),
    "one_dot": Text("In deze ronde heeft iedereen één stip.", "In this round everybody has one dot."),
    "no_dots": Text(
        "Leg ten minste één stip, of laat het aan de anderen.", "Place at least one dot, or leave it to the others."
    ),
    "ideas_missing": Text(
        "Kies ten minste één idee waar deze tekst uit komt.",
        "Choose at least one idea that this text comes from.",
    ),
    "answer_missing": Text("Kies een antwoord.", "Choose an answer."),
    "concern_missing": Text(
        "Schrijf in een paar woorden op wat je zorg is.",
        "Write down your concern, in a few words.",
    ),
    "harm_missing": Text(
        "Schrijf op welke schade deze tekst aan ons gezamenlijke doel zou doen.",
        "Write down what harm this text would do to our shared aim.",
    ),
    "proposal_missing": Text(
        "Schrijf op wat je in plaats daarvan voorstelt.",
        "Write down what you propose instead.",
    ),
    "changed_meanwhile": Text(
        "Een collega paste de tekst aan terwijl jij schreef. Leg ze naast elkaar en bewaar opnieuw.",
        "Someone else changed the text while you were writing. Compare both and save again.",
    ),
    "not_in_this_stage": Text(
        "De gemeenschap is intussen verdergegaan. Je tekst is niet weg.",
        "The community has moved on meanwhile. Your text has been kept.",
    ),
    "stage_moved": Text(
        "Iemand anders heeft de gemeenschap al verder gezet.",
        "Someone else has already moved the community on.",
    ),
    "circle_unknown": Text(
        "We weten nog niet wie erbij horen. Kijk bij ‘Wie horen erbij?’: daar staat of de lijst van de cursus al is "
        "gelezen, en anders geeft wie begeleidt er op met hoeveel jullie zijn.",
        "It is not known yet who belongs. Look at “Who belongs?”: it says whether the list of the course has been "
        "read, and otherwise whoever facilitates says there how many you are.",
    ),
    "nobody_expected": Text(
        "Er is nu niemand op wie deze ronde wacht. Wacht tot er iemand terug is, kies een andere dag, pauzeer, of stel "
        "voor om te stoppen.",
        "There is nobody this round waits for now. Wait until somebody is back, choose another day, take a pause, or "
        "propose to stop.",
    ),
    "one_not_heard": Text(
        "Hier doet één collega mee, en die is nog niet gehoord.",
        "One colleague takes part here, and has not been heard yet.",
    ),
    "voices_missing": Text(
        "Hier zijn minstens twee mensen voor nodig, vanaf hun eigen scherm. Nodig een collega uit, of kies een dag.",
        "This takes at least two people, each from their own screen. Invite a colleague, or choose a day.",
    ),
    "half_missing": Counted(
        Text(
            "Meer dan de helft hoort erbij te zijn. Er is nog één collega nodig.",
            "More than half should have been heard. It takes one more colleague.",
        ),
        Text(
            "Meer dan de helft hoort erbij te zijn. Er zijn nog %(count)s collega's nodig.",
            "More than half should have been heard. It takes %(count)s more colleagues.",
        ),
    ),
    "people_missing": Counted(
        Text("Nog één collega erbij, dan kunnen jullie verder.", "One more colleague, and you can go on."),
        Text(
            "Nog %(count)s collega's erbij, dan kunnen jullie verder.", "%(count)s more colleagues, and you can go on."
        ),
    ),
    "quorum_missing": Counted(
        Text(
            "Beslissen kan pas als meer dan de helft antwoordde. Er is nog één antwoord nodig.",
            "You can only decide once more than half have answered. It takes one more answer.",
        ),
        Text(
            "Beslissen kan pas als meer dan de helft antwoordde. Er zijn nog %(count)s antwoorden nodig.",
            "You can only decide once more than half have answered. It takes %(count)s more answers.",
        ),
    ),
    "waits_for_rest": Text(
        "Nog niet iedereen heeft geantwoord. Wacht even, of zet op afwezig wie er niet is."
        " Duurt het langer, kondig dan een dag aan.",
        "Not everyone has answered yet. Wait, or mark whoever is not there as away."
        " If it takes longer, announce a day.",
    ),
    "second_missing": Text(
        "Jij schreef hier het laatst aan. Een collega legt het aan iedereen voor.",
        "You wrote in this last. A colleague puts it to everyone.",
    ),
    "confirm_first": Text(
        "Nog niet iedereen is gehoord. Kijk eerst wie er nog ontbreekt.",
        "Not everyone has been heard yet. First look who is still missing.",
    ),
    "too_late_to_take_back": Text(
        "Dit kan niet meer terug: er is al iets gedaan, of het is langer dan tien minuten geleden.",
        "This cannot be taken back any more: something has been done, or it is more than ten minutes ago.",
    ),
    "step_closed": Text("Deze stap is afgerond.", "This step is completed."),
    "round_closed": Text("Deze ronde is gesloten.", "This round has closed."),
    "date_passed": Text("Kies een dag die nog moet komen.", "Choose a day that is still to come."),
    "date_missing": Text("Kies een dag.", "Choose a day."),
    "gone_already": Text("Deze tekst is er al niet meer.", "This text is gone already."),
    "written_together": Text(
        "Hier schreven ook anderen aan. Daarom kun je het niet in je eentje terugnemen.",
        "Others wrote on this too. So you cannot take it back by yourself.",
    ),
    "put_to_all": Text(
        "Deze tekst is aan iedereen voorgelegd. Open de stap weer om er samen een andere van te maken.",
        "This text was put to everyone. Open the step again to make another one together.",
    ),
    "not_found": Text("Dit is er niet meer.", "This is not here (any more)."),
    "not_yours_to_read": Text("Dit is niet voor jou om te lezen.", "This is not for you to read."),
    "step_open": Text("Deze stap is al open.", "This step is open already."),
    "reason_missing": Text("Schrijf in een paar woorden op waarom.", "Write down why, in a few words."),
    "proposed_already": Text(
        "Dit is al voorgesteld. Lees hieronder waarom.", "This has been proposed already. Read why below."
    ),
    "second_yes_missing": Text(
        "Jij stelde dit voor. Een collega moet nog ja zeggen.", "You proposed this. A colleague has yet to say yes."
    ),
    "holiday_backwards": Text(
        "De laatste dag komt vóór de eerste. Kijk de dagen nog eens na.",
        "The last day comes before the first. Please check the days.",
    ),
    "holiday_too_long": Text(
        "Kies een vakantie van hoogstens tien weken, binnen twee jaar.",
        "Choose a holiday of ten weeks at most, within two years.",
    ),
    "holidays_enough": Text(
        "Er staan al twaalf vakanties. Haal er eerst een weg.",
        "There are twelve holidays already. Take one out first.",
    ),
    "cycle_closed": Text(
        "Deze cyclus is afgesloten en blijft zoals hij is.",
        "This cycle has ended; it stays as it is.",
    ),
    "cycle_paused": Text(
        "Deze cyclus is gepauzeerd, dus dit kan nu niet. Typte je iets? Dat is niet weg: het staat hieronder.",
        "This cycle is paused, so this is not possible now. Did you type something? It is not lost: it stands below.",
    ),
    "pause_too_long": Text(
        "Een pauze duurt hoogstens acht weken. Kies een eerdere dag.",
        "A pause lasts eight weeks at most. Choose an earlier day.",
    ),
    "pause_spent": Text(
        "De acht weken pauze zijn op. Ga samen een week verder; daarna kan het weer.",
        "The eight weeks of pause are used up. Go on together for a week; after that you can pause again.",
    ),
    "not_paused": Text("De pauze is al voorbij.", "The pause is over already."),
    "date_fixed": Text(
        "De laatste dag ligt hier vast: iedereen krijgt een week.",
        "The last day is fixed here: everybody gets a week.",
    ),
    "cycle_open": Text(
        "Nog niet alle stappen van deze cyclus zijn afgerond.",
        "Not all steps of this cycle are completed yet.",
    ),
    "cycle_stopped": Text(
        "Jullie besloten samen te stoppen. Zeg het erbij als jullie toch opnieuw beginnen.",
        "You decided together to stop. Say so if you begin again after all.",
    ),
    "authors_too_late": Text(
        "Er heeft al iemand geschreven. Of er namen bij staan, spreek je vóór die tijd af.",
        "Somebody has written already. How names are shown can only be settled before that.",
    ),
    "no_meeting": Text("De bijeenkomst is al afgesloten.", "The meeting has been ended already."),
    "agenda_empty": Text("Kies tot en met welke ronde jullie gaan.", "Choose up to which round you go."),
    "agenda_minutes": Text(
        "Geef elke ronde minstens één minuut, en samen hoogstens acht uur.",
        "Give each round one minute at least, and all together eight hours at most.",
    ),
    "enough_parked": Text(
        "Er staan al dertig gedachten. Haal er eerst een weg.",
        "There are thirty thoughts already. Take one out first.",
    ),
    "address_wrong": Text(
        "Plak het hele adres, zoals het boven in je browser staat.",
        "Paste the whole address, as it stands at the top of your browser.",
    ),
    "address_elsewhere": Text(
        "Dit adres is niet van jullie leeromgeving. Open de activiteit daar en plak het adres dat je dan ziet.",
        "This address is not your learning platform's. Open the activity there and paste the address you see then.",
    ),
    "time_wrong": Text("Vul een tijd in, zoals 15:30.", "Fill in a time, such as 15:30."),
    "note_for_whom": Text(
        "Kies een collega die meedoet en dit zei.",
        "Choose a colleague who takes part and said this.",
    ),
    "enough_notes": Text(
        "Voor deze collega wachten al vijf aantekeningen. Laat die eerst bevestigen.",
        "There are five notes waiting for this colleague already. Have those confirmed first.",
    ),
    "file_empty": Text(
        "Dit bestand is leeg. Kies het opnieuw.",
        "This file is empty. Choose it again.",
    ),
    "file_too_large": Text(
        "Dit bestand is groter dan 5 MB. Maak het kleiner, of maak een nieuwe foto met een lagere kwaliteit.",
        "This file is larger than 5 MB. Make it smaller, or make a new photo with a lower quality.",
    ),
    "file_kind": Text(
        "Kies een foto (JPEG, PNG of WebP) of een pdf.",
        "Choose a photo (JPEG, PNG or WebP) or a PDF.",
    ),
    "file_busy": Text(
        "Er komen nu veel bestanden tegelijk binnen. Verstuur het over een minuut nog eens; je tekst staat er nog.",
        "Many files are coming in at the same time. Send it once more in a minute; your text is still here.",
    ),
    "file_unclean": Text(
        "Leerkring kan dit bestand niet lezen, en er dus ook niet uithalen wie het maakte en waar. Is het beschadigd "
        "of met een wachtwoord beveiligd? Maak er een nieuwe foto of pdf van.",
        "Leerkring cannot read this file, and so cannot take out of it who made it and where. Is it damaged, or "
        "protected by a password? Make a new photo or PDF of it.",
    ),
    "not_like_this": Text("Er ontbreekt nog iets. Zie hieronder.", "This could not be saved like this."),
    "step_not_ready": Text("Deze stap kan nog niet open.", "This step cannot be opened yet."),
    "choose_items": Text("Kies ten minste één activiteit.", "Choose at least one activity."),
    "choose_passback": Text(
        "Kies hoe deelname in het cijferoverzicht komt.", "Choose how participation reaches the gradebook."
    ),
    "choose_graded": Text(
        "Kies of de uren in het cijferoverzicht komen.", "Choose whether the hours are put in the gradebook."
    ),
    "late_objection": Text(
        "Dit is al vastgesteld. Stel voor om deze stap weer te openen en schrijf op waarom: met het ja van een collega "
        "gaat hij open.",
        "This has been adopted. Propose to open this step again and write down why: with a colleague's yes it opens.",
    ),
    "objections_open": Text(
        "Schrijf bij elk bezwaar op wat jullie ermee deden.",
        "Write down beside each objection what you did with it.",
    ),
    "text_unchanged": Text(
        "Deze tekst is voorgelegd en niet aangenomen. Maak eerst een nieuwe versie.",
        "This text was put to everyone and not adopted. Make a new version first.",
    ),
    "no_objection": Text(
        "Er staat nu geen bezwaar in de weg dat je aan iedereen kunt voorleggen.",
        "No objection stands in the way now that could be put to everyone.",
    ),
    "overrule_of_two": Text(
        "Met zijn tweeën kun je elkaars bezwaar niet opzij zetten. Maak een andere tekst.",
        "The two of you cannot set each other's objection aside. Make another text.",
    ),
    "overrule_once": Text(
        "Zoek eerst samen een andere tekst. Blijft het bezwaar na twee beslisrondes, dan kun je het aan iedereen "
        "voorleggen.",
        "First look for another text together. If the objection is still there after two decision rounds, it can be "
        "put to everyone.",
    ),
    "overrule_today": Text(
        "Slaap er een nacht over. Vanaf morgen kun je het bezwaar aan iedereen voorleggen.",
        "Sleep on it for a night. From tomorrow on the objection can be put to everyone.",
    ),
    "overrule_ask": Text(
        "Wie bezwaar heeft, is gevraagd wat het zou oplossen. Wacht op het antwoord; vanaf morgen kun je het bezwaar "
        "aan iedereen voorleggen.",
        "Whoever objects has been asked what would solve it. Wait for the answer; from tomorrow on the objection can "
        "be put to everyone.",
    ),
    "overrule_changed": Text(
        "De tekst is na het bezwaar veranderd. Leg de nieuwe tekst voor.",
        "The text was changed after the objection. Put the new text to everyone.",
    ),
    "group_done": Text("Jullie groepje is al klaar.", "Your group has done this already."),
    "merged_already": Text(
        "Een van deze ideeën is intussen al met een ander samengevoegd. Kijk wat er nu staat.",
        "One of these ideas has been merged with another meanwhile. Look at what stands there now.",
    ),
    "sources_missing": Text(
        "Kies minstens twee ideeën die bij elkaar horen.", "Choose at least two ideas that belong together."
    ),
    "none_of_yours": Text(
        "Kies er minstens één bij die van jullie zelf is.", "Choose at least one that is your own group's."
    ),
    "not_asked": Text("Dat is nu niet nodig.", "That is not needed now."),
    "pen_elsewhere": Text(
        "Een collega heeft nu de pen. Wat je typte staat hier nog.",
        "A colleague holds the pen now. What you typed is still here.",
    ),
    "pen_had": Text(
        "Jij had de pen het laatst. Nu is een ander aan de beurt; zegt iedereen ‘niet ik’, dan mag jij weer.",
        "You had the pen last. Now it is somebody else's turn; if everybody says “not me”, you may go on.",
    ),
    "pen_needed": Text("Neem eerst de pen; dan kun je bewaren.", "Take the pen first, then save."),
    "published_already": Text(
        "De uitkomst is al getoond. Daarna verandert er niets meer aan, zodat niemands antwoord te herleiden is.",
        "The outcome has been shown. Nothing changes after that, so that nobody's answer can be worked out.",
    ),
    "pulse_too_early": Text(
        "Nog even wachten: de uitkomst komt als iedereen heeft geantwoord, of na een week vanaf vijf antwoorden.",
        "A little patience: the outcome comes once everybody has answered, or after a week from five answers on.",
    ),
    "enough_voices": Text(
        "Je vraagt er al vijf. Laat een ander ook iets doen.", "You ask five already. Leave some to others."
    ),
    "no_outside_voice": Text(
        "Spreek af wie buiten jullie groep je ernaar vraagt, met een naam of functie en een dag. Of schrijf op waarom "
        "niemand; daar beslissen jullie dan ook over.",
        "Agree on whom outside your group you ask about this, with a name or a role and a day. Or write down why "
        "nobody; then you decide on that too.",
    ),
    "not_endorsed_yet": Text(
        "Jullie opbrengst is nog niet vastgesteld. Delen kan zodra jullie erachter staan.",
        "Your outcome has not been settled yet. It can be shared once you all stand behind it.",
    ),
}


def sentence(problem: Refused | Ending | str) -> str:
    """The words for a refusal, what a stage lacks, or a form's code, in the page's language."""
    if isinstance(problem, Ending):
        problem = problem.refusal or ""
    refused = problem if isinstance(problem, Refused) else Refused(problem)
    words = parts().steps.sentences.get(refused.code) or SENTENCES.get(refused.code, SENTENCES["not_like_this"])
    if isinstance(words, Counted):
        words = words.one if refused.values["count"] == 1 else words.many
    return say(words.nl, words.en, **{name: _spoken(value) for name, value in refused.values.items()})


def _spoken(value: int | Sequence[str] | Sequence[Text]) -> str:
    if isinstance(value, int):
        return str(value)
    return ", ".join(speak(each) if isinstance(each, Text) else f"“{each}”" for each in value)
