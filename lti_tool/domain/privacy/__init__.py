"""What a works council, a data protection officer and a school need to know: generated from what the code does."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from lti_tool.domain.privacy import council, processing
from lti_tool.domain.privacy.document import Document
from lti_tool.domain.privacy.facts import Facts
from lti_tool.text import Text


class Pack(StrEnum):
    """What there is to be made."""

    WORKS_COUNCIL = "works-council"
    PROCESSING = "processing"


CALLED: Mapping[Pack, Text] = {
    Pack.WORKS_COUNCIL: Text(
        "Stuk voor de medezeggenschapsraad (en een DPIA)", "Paper for the works council (and a DPIA)"
    ),
    Pack.PROCESSING: Text("Verwerkingskaart voor het register", "Sheet for the record of processing"),
}
_MADE: Mapping[Pack, Callable[[Facts, str], Document]] = {
    Pack.WORKS_COUNCIL: council.write_pack,
    Pack.PROCESSING: processing.write_sheet,
}


def make(pack: Pack, facts: Facts, locale: str) -> Document:
    """A pack of a school, in a language: "nl" or "en". Of the same facts it is the same, sign by sign."""
    return _MADE[pack](facts, locale)
