"""Profiles: sets of pots to begin with, for a school to choose from and to edit. None of it is a rule of Leerkring.

What stands in them is what the field says of itself (hours.md, "What is known of the field"); each pot is a form that
somebody reads, changes and sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.models.hours_codes import Decision, Review
from lti_tool.text import Text


@dataclass(frozen=True)
class Sketch:
    """A pot to begin with. minutes: how many are meant, None for open; why: what to look at before it is made."""

    name: Text
    why: Text
    minutes: int | None
    decision: Decision
    review: Review = Review.BEFORE
    arranging: bool = True
    evidence: bool = False


@dataclass(frozen=True)
class Profile:
    """A set of pots. key: what an address calls it."""

    key: str
    name: Text
    pots: Sequence[Sketch]


_ASSIGNED = Text("Opgedragen scholing", "Assigned training")
PROFILES: Sequence[Profile] = (
    Profile(
        "vo",
        Text("Voortgezet onderwijs: docenten", "Secondary education: teachers"),
        (
            Sketch(
                Text("Deskundigheidsbevordering", "Professional development"),
                Text(
                    "De vakbond noemt ten minste 83 klokuren per jaar voor een docent. Je kiest er zelf voor. Sparen"
                    " mag onder voorwaarden twee jaar: kies onder ‘Voor wie, grenzen, bewijs’ of iets meegaat.",
                    "The union states at least 83 clock hours a year for a teacher, of one's own choice. Under"
                    " conditions they can be saved for two years: see “For whom, limits, proof”.",
                ),
                83 * 60,
                Decision.OWN,
            ),
            Sketch(
                Text("Ontwikkeltijd", "Development time"),
                Text(
                    "50 klokuren bij 24 lessen per week; wie minder lessen geeft, heeft er minder: 37,5 bij 18 lessen."
                    " Zeg dat na het maken per collega onder ‘Voor wie, en voor hoeveel’, zoals 0,75.",
                    "50 clock hours with 24 lessons a week; who teaches less has less: 37.5 with 18 lessons. Say so for"
                    " each colleague once it is made, under “For whom, and for how much”, like 0.75.",
                ),
                50 * 60,
                Decision.DEVELOPMENT,
            ),
            Sketch(
                _ASSIGNED,
                Text(
                    "Scholing die wordt opgedragen, komt boven op de eigen uren. Daarom staat hier geen aantal. Wie"
                    " goedkeurt, wijst bijeenkomsten van tevoren toe.",
                    "Training that is assigned comes on top of one's own hours, so there is no number. Whoever approves"
                    " assigns sessions beforehand.",
                ),
                None,
                Decision.ASSIGNED,
            ),
        ),
    ),
    Profile(
        "vo-oop",
        Text("Voortgezet onderwijs: ondersteunend personeel", "Secondary education: support staff"),
        (
            Sketch(
                Text("Deskundigheidsbevordering ondersteuning", "Professional development of support staff"),
                Text(
                    "De vakbond noemt ten minste 40 klokuren per jaar. Kies onder ‘Voor wie’ alleen wie dit betreft.",
                    "The union states at least 40 clock hours a year. Choose under “For whom” only those concerned.",
                ),
                40 * 60,
                Decision.OWN,
            ),
            Sketch(
                _ASSIGNED,
                Text(
                    "Wat wordt opgedragen, komt boven op de eigen uren.",
                    "What is assigned comes on top of one's own hours.",
                ),
                None,
                Decision.ASSIGNED,
            ),
        ),
    ),
    Profile(
        "po",
        Text("Basisonderwijs", "Primary education"),
        (
            Sketch(
                Text("Eigen professionalisering", "My own professional development"),
                Text(
                    "Vul in hoeveel uur jullie school rekent. Gezamenlijke studiedagen horen hier niet in: daar is de"
                    " volgende pot voor. Sparen mag onder voorwaarden drie jaar.",
                    "Enter the hours your school reckons with. Joint training days do not belong here: the next pot is"
                    " for those. Under conditions they can be saved for three years.",
                ),
                None,
                Decision.OWN,
            ),
            Sketch(
                Text("Gezamenlijke studiedagen", "Joint training days"),
                Text(
                    "Wie goedkeurt, wijst de studiedagen van tevoren toe.",
                    "Whoever approves assigns the training days beforehand.",
                ),
                None,
                Decision.ASSIGNED,
            ),
        ),
    ),
)


def of(key: str) -> Profile | None:
    """The profile that an address names."""
    return next((each for each in PROFILES if each.key == key), None)
