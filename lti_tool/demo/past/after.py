"""Steps 4 to 6: from what they propose to what they know now, and how they go on."""

import re
from collections.abc import Sequence

from lti_tool.demo import story
from lti_tool.demo.past.before import Before
from lti_tool.demo.past.people import HOME, PULSE, felt, in_days, nth, to_lay_on, value, values

# About whose proposal each of the six asks something.
ASKS_ABOUT = (1, 0, 4, 2, 0, 3)
SURVEY = (
    "reached", "pupils", "lasting", "others", "known",
    "influence", "understood", "outside", "shared", "honest", "support",
)  # fmt: skip


def evidence(shows: Sequence[tuple[str, str]]) -> str:
    """A piece of evidence among what can be chosen: its label's number is drawn."""
    return next(each for each, words in shows if re.match(r"#\d+ ", words))


class Community(Before):
    """People who try something, see what comes of it, and begin again."""

    def consequences(self) -> None:
        """Step 4, up to a board of actions that everybody can live with, and how that feels."""
        step = "consequences"
        self.look(step, "propose")
        self.propose()
        self.on(step, "propose")
        self._advise()
        self.on(step, "advise")
        self._fill_the_board()
        self.on(step, "board")
        for name in self.people:
            concerned = name == self.people[4]
            said = {"answer": "concern", "concern": story.TOO_MUCH} if concerned else {"answer": "agree"}
            self.go(name, step).submit("/consent", said)
        self.on(step, "consent")
        self.pulse(step, least=3)

    def propose(self, most: int | None = None) -> None:
        """Each, or the first so many, writes a proposal, alone; who has none passes, and joins a colleague later."""
        for name in self.people[:most]:
            page = self.go(name, "consequences")
            if it := self.cast[name].proposal:
                sources = page.choices("/propose", "source")
                source = "new" if it.point is None else value(sources, story.POINTS[it.point][0])
                fields = {"act": it.act, "effect": it.effect, "notice": it.notice, "source": [source]}
                page.submit("/propose", fields)
            else:
                self.let_pass("consequences", [name])

    def _advise(self) -> None:
        """First all ask, then two advise; and who had no proposal stands behind a colleague's."""
        writers = [name for name, teacher in self.cast.items() if teacher.proposal]

        def put(name: str, about: int, sort: str, text: str) -> None:
            page = self.go(name, "consequences")
            theirs = values(page, "/advise", "proposal")
            # Everybody wrote one, in turn; one's own is not among them.
            own = writers.index(name) if name in writers else len(writers)
            page.submit("/advise", {"sort": sort, "text": text}, {"proposal": theirs[about - (about > own)]})

        for number, (name, teacher) in enumerate(self.cast.items()):
            put(name, ASKS_ABOUT[number % len(ASKS_ABOUT)], "clarify", teacher.asks)
        for who, about, text in story.ADVICE:
            put(self.people[who], about, "advise", text)
        for name in self.people:
            if name not in writers:
                page = self.go(name, "consequences")
                page.submit("/join", {}, {"proposal": values(page, "/join", "proposal")[0]})

    def _fill_the_board(self) -> None:
        """Three make an action of their proposal and take it on, the others are buddies; but four are enough."""
        step = "consequences"
        for plan in story.PLANS:
            name = self.people[plan.owner]
            proposal = self.cast[name].proposal
            assert proposal
            page = self.go(name, step)
            origin = value(page.choices("/action", "origin"), proposal.act[:40])
            fields = {"what": plan.what, "sign": plan.sign, "practice": plan.practice, "hours": plan.hours}
            # The others change what is on the board already.
            [new] = [draft for draft, _ in page.choices("/action", "draft") if draft.endswith("action-new")]
            fields |= {"origin": origin, "date": in_days(14), "lens": plan.lens}
            page.submit("/action", fields, {"draft": new})
            page.submit("/own", {}, {"id": values(page, "/own", "id")[-1]})
        owners = [self.people[plan.owner] for plan in story.PLANS]
        for number, name in enumerate(name for name in self.people if name not in owners):
            page = self.go(name, step)
            if number < 4:
                page.submit("/buddy", {}, {"id": nth(page, "/buddy", "id", number)})
            else:
                page.submit("/pass", {})
        page = self.go(self.people[1], step)
        card = value(page.choices("/request", "card"), story.PLANS[0].what)
        page.submit("/request", {"card": card, "text": story.REQUEST, "reply_by": in_days(7)})
        self.look(step, "asked")
        self.go(self.leader, HOME).submit("/lead/consequences/answer", story.ANSWER)
        self.look(step, "answered")

    def actions(self) -> None:
        """Step 5: they try it, tell what they saw, say how to go on, and end what they began."""
        step = "actions"
        self.look(step, "try")
        for name, teacher in self.cast.items():
            page, it = self.go(name, step), teacher.log
            about = value(page.choices("/log", "about"), story.PLANS[it.about].what)
            told = {"done": it.done, "seen": it.seen, "pupils": it.pupils, "because": it.because}
            fields = {"about": about, "course": it.course, "lens": it.lens, "no_names": "yes", **told}
            if it.visit:
                fields["visit"] = "yes"
            page.submit("/log", fields)
        for number, (name, teacher) in enumerate(self.cast.items()):
            page = self.go(name, step)
            page.submit("/reply", {"text": teacher.reply}, {"log": nth(page, "/reply", "log", number)})
        self.on(step, "try")
        for number, name in enumerate(self.people):
            page = self.go(name, step)
            first, second, third = to_lay_on(page, "/say", "say-")
            # Of what somebody did not see, they have no opinion: that is an answer too.
            page.submit("/say", {first: "keep", second: "adjust", **({third: "adjust"} if number % 3 else {})})
        self.on(step, "check")
        for plan in story.PLANS:
            page = self.go(self.people[plan.owner], step)
            fields = {"ended": plan.ended, "learned": plan.learned, "lens": plan.lens, "took": plan.took}
            page.submit("/end", fields)
        self.on(step, "close")

    def evaluation(self) -> None:
        """Step 6, up to a yield that two thirds stand behind."""
        step = "evaluation"
        self.look(step, "survey")
        for number, (name, teacher) in enumerate(self.cast.items()):
            page, it = self.go(name, step), teacher.change
            page.submit("/survey", {**felt("item", SURVEY, number, least=2), **felt("pulse", PULSE, number, least=4)})
            page.submit("/story", {"text": it.text, "why": it.why, "lens": it.lens})
        self.on(step, "survey")
        for number, (name, teacher) in enumerate(self.cast.items()):
            page = self.go(name, step)
            page.submit("/respond", {"text": teacher.strikes}, {"story": nth(page, "/respond", "story", number)})
        self.on(step, "stories")
        for number, name in enumerate(self.people):
            page = self.go(name, step)
            first, *others = to_lay_on(page)
            page.submit("/dots", {first: "2", others[number % len(others)]: "1"})
        self.on(step, "choose")
        self._judge()
        self.on(step, "verdict", by=self.people[0])
        for name in self.people:
            self.go(name, step).submit("/consent", {"answer": "agree"})
        self.on(step, "consent")
        self._settle()
        self.on(step, "endorse")

    def _judge(self) -> None:
        """Two write what is written together, and each a card of what they know, can do or believe now."""
        step = "evaluation"
        self.go(self.people[1], step).submit("/why", {"text": story.WHY_THIS})
        page = self.go(self.people[2], step)
        shows = page.choices("/verdict", "sources")
        sources = [value(shows, story.PLANS[0].what), evidence(shows)]
        page.submit("/verdict", {**story.VERDICT, "sources": sources})
        for name, teacher in self.cast.items():
            page = self.go(name, step)
            sort, text = teacher.card
            shows = page.choices("/card", "sources")
            learned = [value(shows, story.PLANS[teacher.log.about].what), evidence(shows)]
            page.submit("/card", {"sort": sort, "text": text, "sources": learned})

    def _settle(self) -> None:
        """The yield is written; half of them miss something, so it is written better and everybody is asked again."""
        step, half = "evaluation", len(self.people) // 2
        self.go(self.people[3], step).submit("/yield", {"text": story.YIELD, "lessons": "\n".join(story.LESSONS)})
        self.go(self.people[0], step).submit("/next", {**story.NEXT, "date": in_days(120)})
        self.on(step, "yield")
        for name in self.people[:half]:
            self.go(name, step).submit("/endorse", {"answer": "endorse"})
        self.look(step, "endorse-half")
        for number, name in enumerate(self.people[half:-1]):
            said = story.MISSING[number % len(story.MISSING)]
            self.go(name, step).submit("/endorse", {"answer": "not_yet", "missing": said})
        self.go(self.people[-1], step).submit("/endorse", {"answer": "pass"})
        self.back(step, "yield")
        self.go(self.people[half], step).submit("/yield", {"lessons": "\n".join((*story.LESSONS, story.FOUND))})
        self.on(step, "yield")
        for name in self.people:
            answer = "pass" if name == self.people[-1] else "endorse"
            self.go(name, step).submit("/endorse", {"answer": answer})

    def begin_again(self) -> None:
        """The facilitator begins the next cycle."""
        self.look(HOME, "circle")
        self.go(self.facilitator, HOME).submit("/next-cycle", {})
