"""Words that live beside the thing they name, in both languages. Everything else is in the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text in Dutch and in English. A step carries its own, so that a new step needs no catalogue."""

    nl: str
    en: str

    def of(self, locale: str) -> str:
        """The text for a locale: English for "en", Dutch for everything else."""
        return self.en if locale.startswith("en") else self.nl
