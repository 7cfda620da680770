"""Step 6: what it asks. It opens once the steps before it are done."""

from lti_tool.steps.base import Step
from lti_tool.text import Text


class Evaluation(Step):
    """We look back at the result and at how we worked together, and hold on to what we learned."""

    name = "evaluation"
    position = 6
    title = Text("Evaluatie", "Evaluation")
    question = Text(
        "Is onze ambitie waar geworden? Zijn we tevreden over hoe het ging?",
        "Has our ambition come true? Are we satisfied with how it went?",
    )
    purpose = Text(
        "We kijken terug op het resultaat en op onze samenwerking, en houden vast wat we leerden.",
        "We look back at the result and at how we worked together, and hold on to what we learned.",
    )
    asks = (
        Text(
            "Vul de korte vragenlijst in. Niemand ziet jouw antwoorden.",
            "Fill in the short survey. Nobody sees your answers.",
        ),
        Text(
            "Reageer op een verhaal van een collega.",
            "Respond to a colleague's story.",
        ),
        Text(
            "Beslis mee over de opbrengst en over hoe we verdergaan.",
            "Help decide on the yield and on how we go on.",
        ),
    )
