"""What may happen, and to whom. No HTTP in here: ids, data and a database session in, values out."""

from collections.abc import Sequence

from lti_tool.text import Text


class Refused(Exception):
    """Something a person may not do, or not yet, said without words.

    code: for the log, and for the sentence: in a step's `sentences` or in circle/messages.py. values: what is to be
    filled in there, by name; a number, what people wrote, or words of ours.
    """

    offer: tuple[str, int] | None = None

    def __init__(self, code: str, **values: int | Sequence[str] | Sequence[Text]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def offering(self, deed: str, piece: int) -> "Refused":
        """The same, with what its page offers to do instead: a deed of the step, about a piece."""
        self.offer = deed, piece
        return self
