"""What was changed in a text, word by word: for who stood behind it, or took it on, as it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Part:
    """Some words of a text: as they were ("same"), left out ("gone") or put in ("new")."""

    how: str
    text: str


def difference(before: str, after: str) -> Sequence[Part]:
    """A text as it is now with what it was before, in the order to read it; empty where not a word was changed."""
    old, new = before.split(), after.split()
    if old == new:
        return ()
    found: list[Part] = []
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Part("same", " ".join(old[a:b])))
            continue
        if a < b:
            found.append(Part("gone", " ".join(old[a:b])))
        if c < d:
            found.append(Part("new", " ".join(new[c:d])))
    return found
