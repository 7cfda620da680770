"""Step 5: what it asks. It opens once the steps before it are done."""

from lti_tool.steps.base import Step
from lti_tool.text import Text


class Actions(Step):
    """We try it in our own lessons and tell each other what happened, also when it did not work."""

    name = "actions"
    position = 5
    title = Text("Acties", "Actions")
    question = Text("Wat deden we en wat merken we?", "What did we do and what do we notice?")
    purpose = Text(
        "We proberen het uit in onze eigen lessen en vertellen elkaar wat er gebeurde, ook als het niet lukte.",
        "We try it in our own lessons and tell each other what happened, also when it did not work.",
    )
    asks = (
        Text(
            "Vertel in één minuut wat je deed en wat je zag.",
            "Tell in one minute what you did and what you saw.",
        ),
        Text(
            "Reageer op een ervaring van een collega.",
            "Respond to a colleague's experience.",
        ),
        Text(
            "Beslis mee: houden, bijstellen of stoppen.",
            "Help decide: keep, adjust or stop.",
        ),
    )
