"""The sentence for each code that domain and forms refuse with; a step's own are its `sentences`.

The code itself goes to the log. What a refusal carries is filled in at `%(name)s`.
"""

from collections.abc import Sequence

from lti_tool.domain import Refused
from lti_tool.i18n import say, speak
from lti_tool.parts import parts
from lti_tool.text import Counted, Text

SENTENCES: dict[str, Text | Counted] = {
    "missing": Text("Vul dit eerst in.", "Fill this in first."),
    "too_long": Text(
        "Dit is te lang. Maak het wat korter; wat je typte, staat er nog.",
        "This is too long. Make it a little shorter; what you typed is still here.",
    ),
    "blank": Text("Hier staan nog geen woorden.", "There are no words in this yet."),
    "said_already": Text("Dit heb je al gezegd.", "You have said this already."),
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
    "no_dots": Text("Leg ten minste één stip.", "Place at least one dot."),
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
    "step_closed": Text("Deze stap is afgerond.", "This step is completed."),
    "round_closed": Text("Deze ronde is gesloten.", "This round has closed."),
    "not_all_asked": Text(
        "Nog niet iedereen heeft geantwoord. Wacht even, of kondig een datum aan en laat die voorbijgaan.",
        "Not everyone has answered yet. Wait for them, or announce a date and let it pass.",
    ),
    "nobody_agreed": Text(
        "Nog niemand is akkoord, dus er valt niets aan te nemen.",
        "Nobody has agreed yet, so there is nothing to adopt.",
    ),
    "date_passed": Text("Kies een dag die nog moet komen.", "Choose a day that is still to come."),
    "date_missing": Text("Kies een dag.", "Choose a day."),
    "not_found": Text("Dit is hier niet (meer).", "This is not here (any more)."),
    "not_yours_to_read": Text("Dit is niet voor jou om te lezen.", "This is not for you to read."),
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
    "cannot_resume": Text(
        "Dit kan niet meer. Vraag het aan wie begeleidt.",
        "This is no longer possible. Ask whoever facilitates.",
    ),
    "facilitates_not": Text("Je begeleidt niet.", "You do not facilitate."),
    "cannot_name": Text(
        "Kies een collega die meedoet en nog niet begeleidt.",
        "Choose a colleague who takes part and does not facilitate yet.",
    ),
    "cannot_ask_again": Text(
        "Deze persoon volgt niet als schoolleider.",
        "This person does not follow as school leader.",
    ),
    "step_open": Text("Deze stap is al open.", "This step is open already."),
    "reason_missing": Text("Schrijf in een paar woorden op waarom.", "Write down why, in a few words."),
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
    "file_unclean": Text(
        "Leerkring kan dit bestand niet lezen, en er dus ook niet uithalen wie het maakte en waar. Is het beschadigd "
        "of met een wachtwoord beveiligd? Maak er een nieuwe foto of pdf van.",
        "Leerkring cannot read this file, and so cannot take out of it who made it and where. Is it damaged, or "
        "protected by a password? Make a new photo or PDF of it.",
    ),
    "not_like_this": Text("Zo kon het niet worden bewaard.", "This could not be saved like this."),
    "step_not_ready": Text("Deze stap kan nog niet open.", "This step cannot be opened yet."),
    "choose_items": Text("Kies ten minste één activiteit.", "Choose at least one activity."),
    "choose_passback": Text(
        "Kies hoe deelname in het cijferoverzicht komt.", "Choose how participation reaches the gradebook."
    ),
    "no_dots_yet": Text("Er ligt nog geen enkele stip.", "Not one dot has been placed yet."),
    "late_objection": Text(
        "Dit is al vastgesteld. Bespreek je bezwaar: de begeleider kan de stap opnieuw openen.",
        "This has been adopted. Talk about your objection: the facilitator can open the step again.",
    ),
    "objections_open": Text(
        "Schrijf bij elk bezwaar op wat jullie ermee deden.",
        "Write down beside each objection what you did with it.",
    ),
    "text_unchanged": Text(
        "Op deze tekst was bezwaar. Maak eerst een nieuwe versie.",
        "There was an objection to this text. Make a new version first.",
    ),
    "no_group": Text("Je zit nu in geen groepje.", "You are in no group right now."),
    "group_done": Text("Jullie groepje is al klaar.", "Your group has done this already."),
    "merged_already": Text(
        "Een van deze ideeën is intussen al met een ander samengevoegd. Kijk wat er nu staat.",
        "One of these ideas has been merged with another meanwhile. Look at what stands there now.",
    ),
    "sources_missing": Text(
        "Kies minstens twee ideeën die bij elkaar horen.", "Choose at least two ideas that belong together."
    ),
    "pen_elsewhere": Text(
        "Een collega heeft nu de pen. Wat je typte staat hier nog.",
        "A colleague holds the pen now. What you typed is still here.",
    ),
    "pen_had": Text(
        "Jij had de pen net. Geef een collega even de kans; wil niemand, dan kun je hem over tien minuten weer nemen.",
        "You had the pen just now. Give a colleague the chance; if nobody wants it, take it again in ten minutes.",
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
        "Spreek af wie buiten jullie groep je ernaar vraagt, of schrijf op waarom niemand.",
        "Agree on whom outside your group you ask about this, or write down why nobody.",
    ),
    "not_endorsed_yet": Text(
        "Jullie opbrengst is nog niet vastgesteld. Delen kan zodra jullie erachter staan.",
        "Your yield has not been endorsed yet. It can be shared once you all stand behind it.",
    ),
}


def sentence(problem: Refused | str) -> str:
    """The words for a refusal or a form's code, in the page's language."""
    refused = problem if isinstance(problem, Refused) else Refused(problem)
    words = parts().steps.sentences.get(refused.code) or SENTENCES.get(refused.code, SENTENCES["not_like_this"])
    if isinstance(words, Counted):
        words = words.one if refused.values["count"] == 1 else words.many
    return say(words.nl, words.en, **{name: _spoken(value) for name, value in refused.values.items()})


def _spoken(value: int | Sequence[str] | Sequence[Text]) -> str:
    if isinstance(value, int):
        return str(value)
    return ", ".join(speak(each) if isinstance(each, Text) else f"“{each}”" for each in value)
