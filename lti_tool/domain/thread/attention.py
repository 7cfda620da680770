"""Attention points: what the community chose to give its attention to. Later steps build on them."""

from collections.abc import Sequence

from lti_tool.domain.cycle import Turn
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.thread.flow import Flow

ATTENTION = Flow.ATTENTION


def standing(turn: Turn) -> Sequence[Piece]:
    """The attention points of the cycle that stand, from whichever of its steps one asks."""
    return gate.of_cycle(turn, ATTENTION).written(ATTENTION)
