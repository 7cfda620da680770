"""What goes on from one period to the next: what was planned and not counted, the oldest first. No database here.

What counted pays for what was planned, the oldest of it first. What is left goes on for as many periods as its pot
said when it was left, and is gone then. Where more counted than was planned, that surplus goes on in the same way,
as minutes below zero, if the pot says so; it pays first in the next period.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Layer:
    """Minutes of one period that go on. of: that period's first day; left: for how many periods after the next."""

    of: dt.date
    minutes: int
    left: int

    def kept(self) -> dict[str, Any]:
        """As a balance keeps it."""
        return {"of": self.of.isoformat(), "minutes": self.minutes, "left": self.left}


def read(kept: Sequence[dict[str, Any]]) -> list[Layer]:
    """What a balance kept."""
    return [Layer(dt.date.fromisoformat(each["of"]), int(each["minutes"]), int(each["left"])) for each in kept]


@dataclass(frozen=True)
class Terms:
    """What a pot says about carrying over: for how many periods, and whether a surplus goes along."""

    periods: int = 0
    surplus: bool = False


NOTHING_CARRIED = Terms()


def settle(of: dt.date, own: int | None, came: Sequence[Layer], counted: int, terms: Terms) -> list[Layer]:
    """What goes on from a period.

    of: its first day; own: the minutes the pot means, None where it is open; came: what was carried into it; counted:
    what counted in it, below zero where corrections of an earlier period took back more.
    """
    this = Layer(of, own or 0, terms.periods)
    older = sorted(came, key=lambda each: each.of)
    planned = [*(each for each in older if each.minutes > 0), this]
    # What was taken back is still to be done, as of this period.
    planned[-1] = replace(this, minutes=this.minutes - min(counted, 0))
    paid = [replace(each, minutes=-each.minutes) for each in older if each.minutes < 0]
    paid.append(Layer(of, max(counted, 0), terms.periods if terms.surplus and own is not None else 0))
    for place, credit in enumerate(paid):
        rest = credit.minutes
        for number, owed in enumerate(planned):
            pays = min(rest, owed.minutes)
            rest -= pays
            planned[number] = replace(owed, minutes=owed.minutes - pays)
        paid[place] = replace(credit, minutes=rest)
    if own is None:
        # An open pot plans nothing of its own; what came into it can go on.
        planned[-1] = replace(planned[-1], minutes=0)
    left = [*planned, *(replace(each, minutes=-each.minutes) for each in paid)]
    return [replace(each, left=each.left - 1) for each in left if each.minutes and each.left > 0]


def total(layers: Sequence[Layer]) -> int:
    """Minutes of them all."""
    return sum(each.minutes for each in layers)
