"""Step 4: what it asks. It opens once the steps before it are done."""

from lti_tool.steps.base import Step
from lti_tool.text import Text


class Consequences(Step):
    """We turn points of attention into small actions that somebody takes on of their own accord."""

    name = "consequences"
    position = 4
    title = Text("Consequenties", "Consequences")
    question = Text("Wat gaan we samen doen? Wie, wat, wanneer?", "What will we do together? Who, what, when?")
    purpose = Text(
        "We maken van aandachtspunten kleine acties die iemand zelf op zich neemt.",
        "We turn points of attention into small actions that somebody takes on of their own accord.",
    )
    asks = (
        Text(
            "Doe een voorstel: als we …, dan zien we …",
            "Make a proposal: if we …, then we see …",
        ),
        Text(
            "Stel een vraag of geef een advies bij een voorstel van een collega.",
            "Ask a question or give advice on a colleague's proposal.",
        ),
        Text(
            "Beslis mee welke acties we nemen.",
            "Help decide which actions we take.",
        ),
    )
