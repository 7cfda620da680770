"""People who do what the pages ask, and how they find on a page what they want to answer."""

import datetime as dt
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lti_tool.demo.teachers import Teacher
from lti_tool.demo.visitors import NOTHING, Fields, VisitError, Visitor

Go = Callable[[str, str], Visitor]
"""go(username, step): that person's visitor, at that step, or at HOME; the school leader's at HOME, always."""
Look = Callable[[str, str], None]
"""look(step, stage), called when a stage has opened; and look(step, "stage-done") before it ends."""

HOME = "home"
STAGES = {
    "ambition": ("ideas", "respond", "pairs", "fours", "dots", "draft", "consent"),
    "information": ("questions", "choose", "gather", "enough"),
    "interpretation": ("see", "reflect", "think", "need", "dots", "consent"),
    "consequences": ("propose", "advise", "board", "consent"),
    "actions": ("try", "check", "close"),
    "evaluation": ("survey", "stories", "choose", "verdict", "consent", "yield", "endorse"),
}
PULSE = ("ours", "counts", "energy")


# Numbers that pages have for what people wrote, in the order in which they first saw them. They are drawn, and tell
# nothing of it: whoever plays a story has to remember who wrote what.
_met: dict[str, int] = {}


class _Remembering:
    """A visitor who sees, after sending a form, the number of what was just written."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._visitor, name)

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        self._visitor.submit(action, fields, having)
        for each in dict.fromkeys((action, "/withdraw", "/mend")):
            for number, _ in self._visitor.choices(each, "id"):
                _met.setdefault(number, len(_met))


def _written(number: str) -> tuple[int, str]:
    return _met.get(number, len(_met)), number


class People:
    """A community, whoever they are: the first six have the story's parts. leader: who answers them from outside.

    silent: who responds to nobody in step 1.
    """

    def __init__(
        self,
        go: Go,
        cast: Mapping[str, Teacher],
        facilitator: str,
        leader: str,
        look: Look = lambda step, stage: None,
        silent: str = "",
    ) -> None:
        if len(cast) < 6:
            raise ValueError("the story has six parts")
        self._go, self.cast, self.look = go, cast, look
        self.facilitator, self.leader, self.silent = facilitator, leader, silent
        self.people = list(cast)

    def go(self, name: str, step: str) -> Visitor:
        """That person's visitor, at that step."""
        return typing.cast(Visitor, _Remembering(self._go(name, step)))

    def on(self, step: str, stage: str, by: str = "", missing: bool = False) -> None:
        """The facilitator ends the stage. by: who puts to all what was written together, and did not write it last.

        missing: somebody was not heard, so that the facilitator is asked first.
        """
        self.look(step, f"{stage}-done")
        if by:
            self.go(by, step).submit("/together/put", {})
        else:
            page = self.go(self.facilitator, step)
            page.submit("/facilitate/advance", {})
            if missing:
                page.submit("/facilitate/advance", {})
        stages = (*STAGES[step], "closed")
        self.look(step, stages[stages.index(stage) + 1])

    def let_pass(self, step: str, names: Sequence[str]) -> None:
        """These have nothing to add this time."""
        for name in names:
            self.go(name, step).submit("/together/pass", {})

    def back(self, step: str, to: str) -> None:
        """The facilitator ends a round that was not carried: it goes back to where its text is written."""
        self.go(self.facilitator, step).submit("/facilitate/advance", {})
        self.look(step, f"{to}-again")

    def pulse(self, step: str, least: int) -> None:
        """All say how they feel about it, once the step has closed."""
        for number, name in enumerate(self.people):
            self.go(name, step).submit("/pulse", felt("pulse", PULSE, number, least))
        self.look(step, "pulse")


def in_days(number: int) -> str:
    """So many days from now, as a date field takes it."""
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=number)).isoformat()


def felt(prefix: str, items: Sequence[str], number: int, least: int) -> dict[str, str]:
    """What somebody answers to sentences with a scale: mostly content, and not all the same."""
    given = [max(least, 5 - (number + 1) * (place + 2) // 2 % 4) for place in range(len(items))]
    return {f"{prefix}-{item}": str(each) for item, each in zip(items, given, strict=True)}


def values(page: Visitor, action: str, name: str) -> list[str]:
    """What one can answer, in the order in which people wrote it."""
    return sorted({value for value, _ in page.choices(action, name)}, key=_written)


def nth(page: Visitor, action: str, name: str, number: int) -> str:
    """Of what one can answer, another for each who answers."""
    found = values(page, action, name)
    return found[number % len(found)]


def value(choices: Sequence[tuple[str, str]], words: str) -> str:
    """What to choose for these words."""
    found = next((value for value, said in choices if words in said), None)
    if found is None:
        raise VisitError(f"there is no “{words}” to choose from {choices}")
    return found


def to_lay_on(page: Visitor, action: str = "/dots", prefix: str = "dots-") -> list[str]:
    """The fields of a form that asks the same of several things, in the order in which people wrote these."""
    fields = {field for field, _ in page.controls(action) if field.startswith(prefix)}
    return sorted(fields, key=lambda field: _written(field.rpartition("-")[2]))
