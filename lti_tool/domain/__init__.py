"""What may happen, and to whom. No HTTP in here: ids, data and a database session in, values out."""

from lti_tool.text import Text


class Refused(Exception):
    """Something a person may not do, or not yet. code: for the log and the catalogue; text: a step's own words."""

    def __init__(self, code: str, text: Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
