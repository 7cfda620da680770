"""Beside the steps: whether this cycle's yield is shared with another community of the school. The circle decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import sharing
from lti_tool.domain.cycle import CLOSED, Phase, Stage, StageKind, Turn
from lti_tool.domain.mechanisms import consent, contributions, minority, rounds
from lti_tool.domain.reading import gate
from lti_tool.domain.reading.pieces import Piece
from lti_tool.domain.reading.things import Thing
from lti_tool.domain.thread import yields
from lti_tool.steps import settling
from lti_tool.steps.base import Deed, Form, Step, Task
from lti_tool.steps.base import Shown as Base
from lti_tool.steps.forms import ConsentForm, some
from lti_tool.steps.shown import UNDECIDED, Decided, Option, decided
from lti_tool.text import Text

CHOOSE, CONSENT = "choose", "consent"
WITH = "share_with"


class WithForm(Form):
    """With which communities. version: of what was proposed before, 0 for none."""

    communities = some("communities_missing")
    version = fields.Integer(load_default=0)


def put_to_all(turn: Turn, data: dict[str, Any]) -> None:
    """Ask everybody whether the yield, as it was endorsed, is shared with these."""
    if not yields.endorsed(turn):
        raise Refused("not_endorsed_yet")
    chosen = list(dict.fromkeys(data["communities"]))
    if not {each.id for each in sharing.targets(turn)} >= set(chosen):
        raise Refused("not_found")
    known = _asked(turn)
    if known is not None:
        contributions.revise(turn, known, {"communities": chosen}, data["version"])
    elif data["version"]:
        raise Refused("changed_meanwhile")
    else:
        contributions.add(turn, WITH, {"communities": chosen})
    cycle.put(turn, turn.steps.by_name[turn.run.step], CONSENT)


def answer(turn: Turn, data: dict[str, Any]) -> None:
    """Answer. With the last answer that it waits for it is shared: nobody has to press anything."""
    settling.answer(turn, data, CONSENT)


def _asked(turn: Turn) -> Piece | None:
    return gate.gather(turn).last(WITH)


@dataclass(frozen=True)
class Shown(Base):
    """The yield, None before it was endorsed; with whom it can be shared, and with whom it would be.

    version: of what is proposed, 0 for nothing; quorum: how many make the decision.
    """

    text: str | None = None
    lessons: Sequence[str] = ()
    targets: Sequence[Option] = ()
    chosen: Sequence[int] = ()
    names: Sequence[str] = ()
    version: int = 0
    decided: Decided = UNDECIDED
    quorum: int = 0


class Sharing(Step):
    """A yield goes to others once the circle it is of has agreed."""

    name = "sharing"
    position = 4
    side = True
    unlisted = True
    title = Text("Onze opbrengst delen", "Share our outcome")
    question = Text("Delen we onze opbrengst?", "Do we share our outcome?")
    purpose = Text(
        "Een andere leergemeenschap van jullie school kan verder met wat jullie leerden. Jullie beslissen samen of je deelt.",
        "Another learning community of your school can build on what you learned. Whether you share it, you decide together.",
    )
    asks = (
        Text("Kies met welke leergemeenschap jullie delen.", "Choose with which learning community you share."),
        Text("Beslis mee of dat gebeurt.", "Help decide whether that is done."),
        Text(
            "Ze krijgen de tekst die jullie vaststelden, zonder namen.", "They get the text you settled, without names."
        ),
    )
    empty = Text("Nog niemand stelde voor om te delen.", "Nobody has proposed to share yet.")
    prompt = Text("Wie heeft iets aan wat wij leerden?", "Who can use what we learned?")
    waits = {CONSENT: (Text("heeft geantwoord", "has answered"), Text("hebben geantwoord", "have answered"))}
    stages = (
        Stage(CHOOSE, Phase.RESPOND, StageKind.TOGETHER, Text("kiezen met wie", "choose with whom"), Text("Leg dit voor", "Put this to everybody"), Text("Met wie delen we wat we leerden?", "With whom do we share what we learned?"), Text("Kies het samen en leg het voor.", "Choose it together and put it to everybody."), minutes=5),
        Stage(CONSENT, Phase.DECIDE, StageKind.DECIDE, Text("beslissen", "decide"), Text("Sluit de beslisronde", "Close the decision round"), Text("Zijn we het eens dat we dit delen?", "Do we agree to share this?"), Text("Lees het voorstel en geef je antwoord.", "Read the proposal and give your answer."), minutes=4),
    )  # fmt: skip
    reopens_at = CHOOSE
    keeps = {WITH: Thing.DRAFT_TEXT, minority.KIND: Thing.MINORITY}
    deeds = (
        Deed("put", WithForm, frozenset({CHOOSE}), put_to_all, Text("Je voorstel ligt nu bij iedereen.", "Your proposal is now with everybody.")),
        Deed("answer", ConsentForm, frozenset({CONSENT}), answer, Text("Je antwoord telt mee.", "Your answer counts."), drafts=True),
    )  # fmt: skip
    sentences = {
        "communities_missing": Text(
            "Kies met welke leergemeenschap jullie delen.", "Choose with which learning community you share."
        ),
        "sharing_unsaid": Text(
            "Een lid kiest met wie jullie delen, en legt het voor. Daarna kunnen jullie beslissen.",
            "A member chooses with whom you share and puts it to everybody. Then you can decide.",
        ),
    }

    def enter(self, turn: Turn) -> None:
        """The decision is about these communities and no others."""
        if turn.run.stage == CONSENT:
            rounds.open_round(turn, consent.KIND, _asked(turn))

    def leave(self, turn: Turn) -> str:
        """A quorum's consent shares it; an objection takes it back."""
        if turn.run.stage == CHOOSE:
            raise Refused("sharing_unsaid")
        if not yields.endorsed(turn):
            raise Refused("not_endorsed_yet")
        return CLOSED.name if consent.close(turn) else CHOOSE

    def over(self, turn: Turn) -> None:
        """It is shared."""
        asked = _asked(turn)
        assert asked is not None
        for each in asked.body["communities"]:
            sharing.share(turn, each, asked.member_id)

    def done_members(self, turn: Turn) -> set[int]:
        """Who answered."""
        return consent.heard(turn, rounds.open_one(turn, consent.KIND)) if turn.run.stage == CONSENT else set()

    def task(self, turn: Turn) -> Task | None:
        """Answer."""
        if turn.participant is None or turn.run.stage != CONSENT or turn.participant.id in self.done_members(turn):
            return None
        return Task(Text("Geef antwoord: delen we onze opbrengst?", "Answer: do we share our outcome?"), 1)

    def spotlight(self, turn: Turn) -> list[str]:
        """The yield."""
        text = yields.standing(turn) if yields.endorsed(turn) else None
        return [text.body["text"]] if text else []

    def outcome(self, turn: Turn) -> str | None:
        """With whom it is shared."""
        asked = _asked(turn)
        if not turn.run.closed_at or asked is None:
            return None
        return "\n".join(each.name for each in sharing.targets(turn) if each.id in asked.body["communities"]) or None

    def summary(self, turn: Turn) -> Shown:
        """The yield, with whom, and how the decision stands."""
        asked, text = _asked(turn), yields.standing(turn) if yields.endorsed(turn) else None
        targets = sharing.targets(turn)
        chosen = asked.body["communities"] if asked else ()
        return Shown(
            text=text.body["text"] if text else None,
            lessons=text.body.get("lessons") or () if text else (),
            targets=[(str(each.id), each.name) for each in targets],
            chosen=chosen,
            names=[each.name for each in targets if each.id in chosen],
            version=asked.version if asked else 0,
            decided=decided(turn, gate.gather(turn)),
            quorum=turn.circle.quorum,
        )
