"""Words, in both languages, where they are said: the one system for words.

Not a catalogue (gettext) beside the code: a step brings all its words in its own folder, so that a seventh
touches nothing else; domain and worker speak without a request; Dutch is written with the page before one's
eyes and is no translation; and a sentence that lacks a language does not run. A third language would turn that
round: then Text is the one place that has to learn to read catalogues.
Templates say `_("Nederlands", "English")` and `plural(n, ("één", "meer"), ("one", "more"))`; code that answers a
request says `i18n.say`; everything else carries a Text.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text in Dutch and in English. What is to be filled in stands as `%(name)s`."""

    nl: str
    en: str

    def of(self, locale: str) -> str:
        """The text for a locale: English for "en", Dutch for everything else."""
        return self.en if locale.startswith("en") else self.nl


def beginning(text: str, most: int) -> str:
    """The first words of a text, at most so many characters; of one word that is longer, so many of its letters."""
    if len(text) <= most:
        return text
    head = text[: most + 1]
    return text[: max(head.rfind(" "), head.rfind("\n"))] if " " in head or "\n" in head else text[:most]


@dataclass(frozen=True)
class Counted:
    """One sentence for one thing, and for more of them, with `%(count)s` for how many."""

    one: Text
    many: Text
