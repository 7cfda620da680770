"""Step 2: what it asks. It opens once the steps before it are done."""

from lti_tool.steps.base import Step
from lti_tool.text import Text


class Information(Step):
    """We gather what we need to know to understand our ambition, and listen outside our own group too."""

    name = "information"
    position = 2
    title = Text("Informatie", "Information")
    question = Text(
        "Wat willen we weten? Welke gegevens zijn nodig?", "What do we want to know? Which data do we need?"
    )
    purpose = Text(
        "We verzamelen wat we moeten weten om onze ambitie te begrijpen, en luisteren ook buiten onze groep.",
        "We gather what we need to know to understand our ambition, and listen outside our own group too.",
    )
    asks = (
        Text(
            "Breng één gegeven in dat er al is: een telling, een uitspraak, iets wat je zag.",
            "Bring in one thing that already exists: a count, a quote, something you saw.",
        ),
        Text(
            "Zeg bij een gegeven van een collega wat het ons wel en niet vertelt.",
            "Say of a colleague's data what it can and cannot tell us.",
        ),
        Text(
            "Beslis mee of we genoeg weten.",
            "Help decide whether we know enough.",
        ),
    )
