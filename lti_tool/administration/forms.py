"""What forms of administration have in common: numbers and days as a browser sends them."""

import datetime as dt
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from lti_tool.db import MAX_ID


class Form(Schema):
    """A form: what it does not know is left out."""

    class Meta:
        unknown = EXCLUDE


def number(code: str) -> fields.Integer:
    """An id; code: what is said of anything else."""
    known = validate.Range(min=1, max=MAX_ID, error=code)
    return fields.Integer(required=True, validate=known, error_messages={"required": code, "invalid": code})


class Day(fields.Field[dt.date]):
    """A day: 2026-11-29. code: as of `number`."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dt.date:
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError([self.code]) from error
