"""Attention points: what the community chose to give its attention to. Later steps build on them."""

from collections.abc import Sequence

from lti_tool.domain import contributions
from lti_tool.domain.cycle import Turn
from lti_tool.models import Contribution

STEP, ATTENTION = "interpretation", "attention"


def standing(turn: Turn) -> Sequence[Contribution]:
    """The attention points of the cycle that stand, from whichever of its steps one asks."""
    return contributions.of_step(turn, STEP, ATTENTION)
