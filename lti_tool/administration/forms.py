"""What forms of administration have in common: ids, and that nothing else is taken."""

from marshmallow import EXCLUDE, Schema, fields, validate

from lti_tool.db import MAX_ID


class Form(Schema):
    """A form: what it does not know is left out."""

    class Meta:
        unknown = EXCLUDE


def number(code: str) -> fields.Integer:
    """An id; code: what is said of anything else."""
    known = validate.Range(min=1, max=MAX_ID, error=code)
    return fields.Integer(required=True, validate=known, error_messages={"required": code, "invalid": code})
