"""A posted form as a schema takes it in, or what is wrong with it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from lti_tool.domain import Refused
from lti_tool.domain.reading import words


class FormError(Refused):
    """A form that cannot be taken as it is. errors: field -> codes of what is wrong with it; code: the first."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(next(code for codes in errors.values() for code in codes))
        self.errors = errors

    def __str__(self) -> str:
        return str(self.errors)


class Day(fields.Field[dt.date]):
    """A day as a browser sends it: 2026-11-29. code: what is said of anything else."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dt.date:
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError([self.code]) from error


def load_form(schema: type[Schema], form: "MultiDict[str, str]") -> dict[str, Any]:
    """Load the posted form by a schema; raises FormError.

    Texts are stripped; `name-12=3` becomes {"name": {12: 3}}; a list field takes all values of its name.
    """
    made = schema()
    data: dict[str, Any] = {}
    for name, values in form.lists():
        group, dash, key = name.partition("-")
        if dash and group in made.fields:
            among = data.setdefault(group, {})
            if isinstance(among, dict):
                among[key] = values[-1].strip()
        elif isinstance(made.fields.get(name), fields.List):
            data[name] = values
        else:
            value = words.taken_in(values[-1])
            data[name] = None if value == "" and getattr(made.fields.get(name), "allow_none", False) else value
    try:
        return cast(dict[str, Any], made.load(data))
    except ValidationError as error:
        raise FormError({str(name): _codes(found) for name, found in error.messages_dict.items()}) from error


def _codes(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    values = found.values() if isinstance(found, dict) else found
    return [code for value in values for code in _codes(value)]
