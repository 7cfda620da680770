"""The cycle as a wheel: where each of its segments lies. templates/_wheel.html draws it."""

from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin

SIZE = 240
MIDDLE = SIZE / 2
OUTER, INNER = 104.0, 64.0
GAP, TIP = 1.6, 6.0  # degrees between two segments, and how far each points into the next
RAISED = 8.0  # by how much the segment we are in is larger than the others


@dataclass(frozen=True)
class Segment:
    """One step's part of the ring: its outline, the larger one it has while it is open, and where its words stand."""

    path: str
    raised: str
    x: float
    y: float


@cache
def segments(count: int) -> tuple[Segment, ...]:
    """A ring of so many segments, the first at the top, clockwise, each pointing at the next."""
    width = 360 / count
    made = []
    for number in range(count):
        start = number * width
        x, y = _at(start + (width + TIP) / 2, (OUTER + INNER) / 2)
        made.append(Segment(_outline(start, width, 0), _outline(start, width, RAISED), x, y))
    return tuple(made)


def _outline(start: float, width: float, raised: float) -> str:
    outer, inner = OUTER + raised, INNER - raised / 2
    begin, end, between = start + GAP, start + width - GAP, (OUTER + INNER) / 2
    large = int(width > 180)
    corners = [_at(begin, outer), _at(end, outer), _at(end + TIP, between), _at(end, inner), _at(begin, inner)]
    a, b, tip, c, d = (f"{x} {y}" for x, y in corners)
    notch = "{} {}".format(*_at(begin + TIP, between))
    return f"M{a}A{outer} {outer} 0 {large} 1 {b}L{tip}L{c}A{inner} {inner} 0 {large} 0 {d}L{notch}Z"


def _at(angle: float, radius: float) -> tuple[float, float]:
    """A point by its angle from the top, in degrees, and its distance from the middle."""
    turned = radians(angle - 90)
    return round(MIDDLE + radius * cos(turned), 1), round(MIDDLE + radius * sin(turned), 1)
