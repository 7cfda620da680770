"""Hours with a past: pots, a session that was attended, and lines of some weeks, each as far as it has come."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_tool.demo.past.people import in_days, value
from lti_tool.demo.visitors import VisitError, Visitor

OF_ALL, TIME, GIVEN = "Professionele ontwikkeling", "Ontwikkeltijd", "Opgedragen scholing"
SESSION = "Teammiddag: hulp die kleiner wordt"
COMING = "Studiedag: taal in elke les"
BEGINS, LATE, ENDS = "15:00", "15:20", "16:30"
RETURNED = "Zet erbij waar je dit deed, en doe je certificaat erbij. Dan keur ik het goed."
CORRECTED = "We waren om vier uur klaar."
YEARS = re.compile(r"(\d+,\d\d) uur in (\d{4}-\d{4})")


@dataclass(frozen=True)
class Line:
    """What somebody adds: who of the six, how many days ago, for how many minutes, to which pot ("" for none yet)."""

    who: int
    ago: int
    minutes: int
    text: str
    pot: str = OF_ALL
    provider: str = ""


WATCHED, COURSE, VISITED = "Les van een collega bekeken en nabesproken", "Cursus feedback geven", "Stagebedrijf bezocht"
LINES = (
    Line(0, 20, 45, WATCHED),
    Line(0, 12, 30, "Artikel gelezen over werken in stappen", TIME),
    Line(0, 6, 90, COURSE, provider="een cursusbureau"),
    Line(0, 2, 60, "Stappenplan herschreven voor leerjaar 2"),
    Line(3, 13, 150, VISITED),
    Line(3, 5, 40, "Filmpje gemaakt van een handeling", TIME),
    Line(4, 4, 25, "Toets nagekeken met een collega", ""),
)


class Hours:
    """A community keeps hours. go(username): a visitor of theirs, come by the activity of hours; names: of six."""

    def __init__(self, go: Callable[[str], Visitor], names: Mapping[str, str], facilitator: str) -> None:
        self._go, self.names, self.facilitator = go, names, facilitator
        self.people = list(names)

    def at(self, name: str) -> Visitor:
        """Somebody at their hours."""
        return self._go(name)

    def live(self) -> None:
        """All of it."""
        self._pots()
        self._session()
        self._training_day()
        for each in LINES:
            self._add(each)
        for who in (0, 3):
            page = self.at(self.people[who])
            pot = value(page.choices("/hours/attended", "pot"), OF_ALL)
            page.submit("/hours/attended", {"pot": pot})
        self._approve()

    def _pots(self) -> None:
        page = self.at(self.facilitator)
        page.follow("/hours/pots")
        for name, hours, review, decision in (
            (OF_ALL, "83", "before", "own"),
            (TIME, "50", "afterwards", "development"),
            (GIVEN, "", "before", "assigned"),
        ):
            who = [value(page.choices("/hours/pots", "approvers"), self.names[self.people[each]]) for each in (1, 2)]
            first, last = (dict(page.controls("/hours/pots"))[each] for each in ("first_day", "last_day"))
            page.submit("/hours/pots", {
                "name": name, "hours": hours, "review": review, "decision": decision,
                "approvers": who[:1], "deputies": who[1:],
                # In August some of these weeks are of the year before.
                "first_day": min(first, in_days(-30)), "last_day": last,
            })  # fmt: skip

    def _session(self) -> None:
        page = self.at(self.facilitator)
        page.follow("/home")
        page.follow("/hours/sessions")
        page.submit("/hours/sessions", {"title": SESSION, "day": in_days(-1), "begins": BEGINS, "ends": ENDS})
        listed = page.choices("/close", "here")
        there = [value(listed, self.names[self.people[each]]) for each in (0, 1, 3)]
        page.submit("/close", {"here": there, f"came-{there[2]}": LATE})

    def _training_day(self) -> None:
        """One that is to come: assigned beforehand."""
        page = self.at(self.facilitator)
        page.follow("/home")
        page.follow("/hours/sessions")
        page.submit("/hours/sessions", {"title": COMING, "day": in_days(7), "begins": "13:00", "ends": "16:00"})
        page = self.at(self.people[1])
        page.follow("/hours/approve")
        # In the last week of July it is of the next year, of which there is no pot yet.
        if choices := page.choices("/hours/assign", "pot"):
            page.submit("/hours/assign", {"pot": value(choices, GIVEN)})

    def _add(self, line: Line) -> None:
        page = self.at(self.people[line.who])
        fields = {
            "line": line.text,
            "minutes": str(line.minutes),
            "day": in_days(-line.ago),
            "pot": value(page.choices("/hours", "pot"), line.pot) if line.pot else "",
            **({"kind": "elsewhere", "provider": line.provider} if line.provider else {}),
        }
        page.submit("/hours", fields)

    def _approve(self) -> None:
        """Some wait still; one goes back, with words, and of one less counts than was sent."""
        page = self.at(self.people[1])
        page.follow("/hours/approve")
        page.submit("/hours/return", {"words": RETURNED}, {"entry": self._waits(page, COURSE)})
        sessions = [each for each, said in page.choices("/hours/approve", "entry") if SESSION in said]
        chosen = [*sessions, *(self._waits(page, each) for each in (WATCHED, VISITED))]
        visited = self._waits(page, VISITED)
        page.submit("/hours/approve", {"entry": chosen})
        page.submit("/hours/correct", {"minutes": "120", "words": CORRECTED}, {"entry": visited})

    def _waits(self, page: Visitor, text: str) -> str:
        return value(page.choices("/hours/approve", "entry"), text)

    def of_session(self, who: int) -> int:
        """For how many minutes the session counts for one of the six, as their own file has it."""
        page = self.at(self.people[who])
        page.follow("/hours.csv")
        found = re.search(rf";{re.escape(SESSION)}(?:;[^;]*){{3}};(\d+);(-?\d+);", page.text())
        if found is None:
            raise VisitError(f"no line of the session in the file of {self.people[who]}")
        return int(found[2])

    def in_gradebook(self, who: int) -> dict[str, float]:
        """School year -> the hours that the page of one of the six says the gradebook shows."""
        said = YEARS.findall(self.at(self.people[who]).text())
        return {year: float(hours.replace(",", ".")) for hours, year in said}
