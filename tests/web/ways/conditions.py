"""How members do the conditions check."""

from typing import Any


def do(circle: Any, who: int, stage: str) -> None:
    """Each answers the six."""
    if stage == "fill":
        names = ("practice", "workplace", "inquiry", "interaction", "time", "policy")
        circle.act(who, "fill", item={name: 1 + (who + place) % 5 for place, name in enumerate(names)})
