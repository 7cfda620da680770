"""Step 3: what it asks. It opens once the steps before it are done."""

from lti_tool.steps.base import Step
from lti_tool.text import Text


class Interpretation(Step):
    """We look first, then explain, and only then choose what needs attention."""

    name = "interpretation"
    position = 3
    title = Text("Interpretatie", "Interpretation")
    question = Text("Wat valt ons op? Wat heeft aandacht nodig?", "What do we notice? What needs attention?")
    purpose = Text(
        "We kijken eerst, leggen dan uit, en kiezen daarna wat aandacht nodig heeft.",
        "We look first, then explain, and only then choose what needs attention.",
    )
    asks = (
        Text(
            "Schrijf op wat je letterlijk in de gegevens ziet.",
            "Write down what you literally see in the data.",
        ),
        Text(
            "Geef bij een collega een andere mogelijke verklaring.",
            "Offer another possible explanation to a colleague.",
        ),
        Text(
            "Kies met stippen hoogstens drie aandachtspunten.",
            "Choose at most three points of attention with dots.",
        ),
    )
