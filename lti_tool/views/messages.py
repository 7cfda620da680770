"""The sentence for each code that domain and forms refuse with. The code itself goes to the log."""

from flask_babel import lazy_gettext as _l

from lti_tool.domain import Refused
from lti_tool.i18n import speak
from lti_tool.parts import parts

SENTENCES = {
    "missing": _l("Fill this in first."),
    "too_long": _l("This is too long. Make it a little shorter; what you typed is still here."),
    "blank": _l("There are no words in this yet."),
    "said_already": _l("You have said this already."),
    "enough_ideas": _l("You have written three ideas. Change one of them, or take one back."),
    "already_revealed": _l("The ideas have been revealed; yours can no longer be changed."),
    "own_idea": _l("This is your own idea. Choose one of a colleague."),
    "too_many_dots": _l("You have three dots. Take one or more away."),
    "no_dots": _l("Place at least one dot."),
    "ideas_missing": _l("Choose at least one idea that this text comes from."),
    "answer_missing": _l("Choose an answer."),
    "concern_missing": _l("Write down your concern, in a few words."),
    "harm_missing": _l("Write down what harm this text would do to our shared aim."),
    "proposal_missing": _l("Write down what you propose instead."),
    "changed_meanwhile": _l("Someone else changed the text while you were writing. Compare both and save again."),
    "not_in_this_stage": _l("The community has moved on meanwhile. Your text has been kept."),
    "stage_moved": _l("Someone else has already moved the community on."),
    "step_closed": _l("This step is completed."),
    "round_closed": _l("This round has closed."),
    "not_all_asked": _l("Not everyone has answered yet. Wait for them, or announce a date and let it pass."),
    "nobody_agreed": _l("Nobody has agreed yet, so there is nothing to adopt."),
    "date_passed": _l("Choose a day that is still to come."),
    "date_missing": _l("Choose a day."),
    "not_found": _l("This is not here (any more)."),
    "not_a_member": _l("You do not take part in this community."),
    "already_chosen": _l("You have already answered this."),
    "already_facilitated": _l("Someone else has just become the facilitator."),
    "cannot_hand_on": _l("The role cannot be handed to this person."),
    "cannot_ask_again": _l("This person does not follow as school leader."),
    "step_open": _l("This step is open already."),
    "reason_missing": _l("Write down why, in a few words."),
    "cycle_closed": _l("This cycle has ended; it stays as it is."),
    "cycle_open": _l("Not all steps of this cycle are completed yet."),
    "cycle_stopped": _l("You decided together to stop. Say so if you begin again after all."),
    "authors_too_late": _l("Somebody has written already. How names are shown can only be settled before that."),
    "note_for_whom": _l("Choose a colleague who takes part and said this."),
    "enough_notes": _l("There are five notes waiting for this colleague already. Have those confirmed first."),
    "file_empty": _l("This file is empty. Choose it again."),
    "file_too_large": _l("This file is larger than 5 MB. Make it smaller, or make a new photo with a lower quality."),
    "file_kind": _l("Choose a photo (JPEG, PNG or WebP) or a PDF."),
    "not_like_this": _l("This could not be saved like this."),
    "step_not_ready": _l("This step cannot be opened yet."),
}


def sentence(problem: Refused | str) -> str:
    """The words for a refusal or a form's code, in the page's language."""
    if isinstance(problem, Refused):
        if problem.text is not None:
            return speak(problem.text)
        problem = problem.code
    if of_a_step := parts().steps.sentences.get(problem):
        return speak(of_a_step)
    return str(SENTENCES.get(problem, SENTENCES["not_like_this"]))
