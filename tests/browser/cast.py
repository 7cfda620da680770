"""Eight people of the demo's course and what each of them writes: the story's six, and two who say little."""

from dataclasses import replace

from lti_tool.demo.teachers import TEACHERS, Change, Evidence, Experience, Proposal, Teacher

PEOPLE = ("fatima", "marieke", "youssef", "siobhan", "janwillem", "soren")
LEADS, MORE = "els", "chantal"


def extra(number: int) -> Teacher:
    """Somebody who says little, and leaves what the form proposes."""
    seen = Evidence(
        0, "observation", f"in les {number} wachtte niemand langer dan een minuut", "pupils", "eigen les", "", ""
    )
    return replace(
        TEACHERS["lianne"],
        idea=f"ze vaker zelf beginnen, ook in les {number}",
        response=f"Daar wil ik in les {number} mee beginnen.",
        question=f"Wie begint er uit zichzelf in les {number}?",
        evidence=seen,
        seen=f"In les {number} wachtte niemand lang.",
        proposal=Proposal(f"in les {number} eerst vijf minuten stil zijn", "wie er zelf begint", "onze plattegrond", 1),
        asks=f"Hoe ziet dat eruit in les {number}?",
        log=Experience(0, done=f"In les {number} vijf minuten gewacht voor ik iemand hielp.", lens="pupils"),
        reply=f"Dat zag ik ook, in les {number}.",
        change=Change(f"In les {number} begon de helft voordat ik iets zei.", "Dat was nieuw.", "pupils"),
        strikes=f"Zo ging het ook in les {number}.",
        card=("know", f"Ze beginnen eerder dan wij denken, zeker in les {number}."),
    )


CAST = dict(zip((*PEOPLE, LEADS, MORE), [*TEACHERS.values(), extra(1), extra(2)], strict=True))
