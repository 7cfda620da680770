"""Steps 1 to 3: from what each of them dreams to what needs their attention."""

from collections.abc import Sequence

from lti_tool.demo import story
from lti_tool.demo.past.people import People, in_days, nth, to_lay_on, value, values
from lti_tool.demo.teachers import Teacher

# Whose question is chosen, and then stands first, second and third.
ASKED = (0, 2, 3)
# Whose evidence each of the six weighs.
WEIGHED = (1, 2, 4, 0, 3, 1)


class Before(People):
    """People who know what they want to work on, and why."""

    def ambition(self) -> None:
        """Step 1, up to an adopted ambition, and how that feels."""
        self.ambition_to_decide()
        for name in self.people:
            concerned = name == self.people[5]
            said = {"answer": "concern", "concern": story.CONCERN} if concerned else {"answer": "agree"}
            self.go(name, "ambition").submit("/consent", said)
        self.on("ambition", "consent")
        self.pulse("ambition", least=2)

    def ambition_to_decide(self) -> None:
        """Step 1, up to a text that all decide on."""
        self.look("ambition", "ideas")
        for name, teacher in self.cast.items():
            self.go(name, "ambition").submit("/idea", {"text": teacher.idea, "why": teacher.why})
        self.on("ambition", "ideas")
        for number, (name, teacher) in enumerate(self.cast.items()):
            page = self.go(name, "ambition")
            if name != self.silent:
                page.submit("/respond", {"text": teacher.response}, {"idea": nth(page, "/respond", "idea", number)})
        self.on("ambition", "respond", missing=bool(self.silent))
        self._merge()
        self._dots()
        self._write()

    def _merge(self) -> None:
        """Ideas that say the same become one in the pairs; the rest stays as it is."""
        page = self.go(self.people[0], "ambition")
        ids = values(page, "/merge", "sources")
        page.submit("/merge", {**story.MERGED, "sources": [ids[0], ids[4]]})
        # Whoever wrote them says yes; who they are is nobody's to know.
        for name in self.people[1:]:
            page = self.go(name, "ambition")
            if page.has("/let_in"):
                page.submit("/let_in", {})
        for stage, said in (("pairs", [self.people[0]]), ("fours", [])):
            for name in self.people:
                page = self.go(name, "ambition")
                if page.has("/keep_apart"):
                    page.submit("/keep_apart", {})
                    said.append(name)
            if len(said) < 2:
                # Where all sit together one says it for all, and it takes two to go on.
                self.let_pass("ambition", [name for name in self.people if name not in said][:1])
            self.on("ambition", stage)

    def _dots(self) -> None:
        """What was merged gets most."""
        for number, name in enumerate(self.people):
            page = self.go(name, "ambition")
            *others, merged = to_lay_on(page)
            page.submit("/dots", {merged: "2", others[number % len(others)]: "1"})
        self.on("ambition", "dots")

    def _write(self) -> None:
        """One takes the pen, writes the whole text, and asks somebody outside."""
        writer = self.people[3]
        self.go(writer, "ambition").submit("/take_pen", {})
        page = self.go(writer, "ambition")
        ids, whys = values(page, "/propose", "ideas"), values(page, "/propose", "whys")
        signs = {f"sign-{number}": sign for number, sign in enumerate(story.SIGNS, start=1)}
        checks = {f"checks-{name}": "yes" for name in ("visible", "ours", "observable", "hours", "period")}
        made_of = {"ideas": [ids[-1]], "whys": whys}
        page.submit("/propose", {**story.AMBITION, **signs, **checks, **made_of, "horizon": in_days(200)})
        self.go(writer, "ambition").submit("/hand_on_pen", {})
        self.go(writer, "ambition").submit("/voice", {**story.VOICE, "group": "employers", "date": in_days(14)})
        self.on("ambition", "draft", by=self.people[0])

    def information(self) -> None:
        """Step 2, up to enough numbered evidence."""
        step = "information"
        self.look(step, "questions")
        for name, teacher in self.cast.items():
            self.go(name, step).submit("/question", {"text": teacher.question})
        self.on(step, "questions")
        for number, name in enumerate(self.people):
            page = self.go(name, step)
            asked = to_lay_on(page)
            # The first question gets most, then the second: in that order they stand.
            page.submit("/dots", {asked[each]: "1" for place, each in enumerate(ASKED) if number % 6 >= place})
        self.on(step, "choose")
        for name, teacher in self.cast.items():
            self._bring(name, teacher)
        for number, (name, teacher) in enumerate(self.cast.items()):
            page = self.go(name, step)
            can, cannot = teacher.weighing
            theirs = values(page, "/weigh", "evidence")
            about = WEIGHED[number % len(WEIGHED)]
            # Everybody brought in one piece, in turn; one's own is not among them.
            which = theirs[about - (about > number)]
            page.submit("/weigh", {"can": can, "cannot": cannot}, {"evidence": which})
        self.on(step, "gather")
        for name in self.people:
            self.go(name, step).submit("/enough", {"answer": "agree"})
        self.on(step, "enough")

    def _bring(self, name: str, teacher: Teacher) -> None:
        page, it = self.go(name, "information"), teacher.evidence
        asked = self.cast[self.people[ASKED[it.question]]].question
        fields = {
            "sort": it.sort, "text": it.text, "source": it.source, "lens": it.lens, "voice": it.voice,
            "question": value(page.choices("/evidence", "question"), asked),
            "can": it.can, "cannot": it.cannot, "amount": it.amount, "unit": it.unit, "no_names": "yes",
        }  # fmt: skip
        # What there is nothing to say in, stays folded in.
        page.submit("/evidence", {name: said for name, said in fields.items() if said})

    def interpretation(self) -> None:
        """Step 3, up to attention points that everybody can go on with."""
        step = "interpretation"
        self.look(step, "see")
        for name, teacher in self.cast.items():
            page = self.go(name, step)
            page.submit(
                "/observe",
                {"text": teacher.seen, "evidence": value(page.choices("/observe", "evidence"), teacher.evidence.text)},
            )
        self.on(step, "see")
        for number, name in enumerate(self.people):
            page = self.go(name, step)
            page.submit("/react", {}, {"observation": nth(page, "/react", "observation", number), "choice": "seen_too"})
        self.on(step, "reflect")
        one, other = self._explain(0, story.EXPLANATIONS), self._explain(2, story.OTHER_EXPLANATIONS)
        self.let_pass(step, self.people[4:])
        self.on(step, "think")
        for writer, seen, explanations, (text, why) in (
            (self.people[2], one, story.EXPLANATIONS, story.POINTS[0]),
            (self.people[5], other, story.OTHER_EXPLANATIONS, story.POINTS[1]),
        ):
            page = self.go(writer, step)
            likely = value(page.choices("/point", "explanation"), explanations[0])
            page.submit("/point", {"explanation": likely, "text": text, "why": why}, {"observations": seen})
        for name in self.people:
            page = self.go(name, step)
            if name not in (self.people[2], self.people[5]):
                page.submit("/fine", {})
        self.go(self.people[4], step).submit("/minority", {"text": story.MINORITY})
        self.on(step, "need")
        for name in self.people:
            page = self.go(name, step)
            first, second, *_ = to_lay_on(page)
            page.submit("/dots", {first: "2", second: "1"})
        self.on(step, "dots")
        for name in self.people:
            self.go(name, step).submit("/consent", {"answer": "agree"})
        self.on(step, "consent")

    def _explain(self, seen_by: int, explanations: Sequence[str]) -> str:
        """Two people explain what one of them saw; the id of what was seen."""
        seen = ""
        for name, text in zip((self.people[seen_by], self.people[seen_by + 1]), explanations, strict=True):
            page = self.go(name, "interpretation")
            ids = values(page, "/explain", "observations")
            seen = ids[seen_by]
            page.submit("/explain", {"text": text}, {"observations": seen})
        return seen
