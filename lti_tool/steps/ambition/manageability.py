"""Small enough to do, and whole enough to decide on: the five checks, the splitter, what a text still lacks."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from lti_tool.domain import Refused
from lti_tool.text import Text

YEAR = dt.timedelta(days=366)  # a horizon is at most a school year ahead
LONG = 240  # characters from which on a text is likely to hold two
CONJUNCTIONS = 3

CHECKS = {
    "visible": Text("Merken leerlingen het?", "Will pupils notice?"),
    "ours": Text("Hebben we het zelf in de hand?", "Is it in our own hands?"),
    "observable": Text("Kunnen we zien of horen dat het lukt?", "Can we see or hear that it works?"),
    "hours": Text("Past het in onze uren?", "Does it fit our hours?"),
    "period": Text("Lukt het binnen deze periode?", "Can it be done within this period?"),
}
ANSWERS = {
    "yes": Text("ja", "yes"),
    "unsure": Text("weten we nog niet", "we do not know yet"),
    "no": Text("nee", "no"),
}
# A "no" to one of these says that it is too much at once.
SIZE = ("hours", "period")

# What a decision cannot be asked without.
NEEDED = {
    "learn": Text("wat wij willen leren", "what we want to learn"),
    "shared": Text("waarom dit voor ons telt", "why this matters to us"),
    "signs": Text("waaraan we het merken", "how we will notice"),
    "practice": Text("in welke les, werkplaats of stage", "in which lesson, workshop or internship"),
    "horizon": Text("wanneer we kijken of het is gelukt", "when we look whether it worked"),
    "hours": Text("hoeveel uur het mag kosten", "how many hours it may cost"),
}


def looks_too_big(body: Mapping[str, Any]) -> bool:
    """Whether the page offers to split: something was answered with no, or the text says several things."""
    text = body.get("text", "")
    several = len(re.findall(r"\b(?:en|and)\b", text, re.IGNORECASE)) >= CONJUNCTIONS
    return several or len(text) > LONG or "no" in body.get("checks", {}).values()


def obstacles(body: Mapping[str, Any]) -> list[Refused]:
    """Why a decision on this text cannot be asked yet, each in a sentence."""
    found = []
    checks = body.get("checks", {})
    if lacking := [words for name, words in NEEDED.items() if not body.get(name)]:
        found.append(Refused("text_incomplete", lacking=lacking))
    if set(checks) != set(CHECKS):
        found.append(Refused("checks_open"))
    elif checks["visible"] != "yes":
        found.append(Refused("not_visible"))
    # What cannot be done, or be seen to be, needs other words and no smaller ones.
    if checks.get("ours") == "no":
        found.append(Refused("not_ours"))
    if checks.get("observable") == "no":
        found.append(Refused("not_to_be_seen"))
    if any(checks.get(name) == "no" for name in SIZE) and len(body.get("subgoals", [])) < 2:
        found.append(Refused("too_big"))
    return found
