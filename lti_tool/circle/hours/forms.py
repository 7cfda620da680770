"""The forms of hours, as schemas: what is no whole number, day or time is said so at its field."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from lti_tool.circle.loading import Day
from lti_tool.domain import Refused
from lti_tool.domain.hours.planned import WHOLE
from lti_tool.models.hours_codes import Decision, Kind, Review, Role
from lti_tool.text import Text

# As many as anybody can mean; whatever is longer is no number of minutes either.
_WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
_HOURS = re.compile(r"[0-9]{1,5}([.,][0-9]{1,2})?", re.ASCII)
_FACTOR = re.compile(r"[0-9]{1,4}([.,][0-9]{1,4})?", re.ASCII)


class Whole(fields.Field[int]):
    """A whole number in plain digits; code: what is said of anything else."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise ValidationError(self.code)
        return int(value)


class Time(fields.Field[dt.time]):
    """A time as a browser sends it, or as somebody writes it: 14:30, 14.30."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dt.time:
        found = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})(:00)?", str(value), re.ASCII)
        try:
            return dt.time(int(found[1]), int(found[2])) if found else dt.time.fromisoformat("")
        except ValueError as error:
            raise ValidationError(["hours_time"]) from error


class Hours(fields.Field[int]):
    """Hours as somebody writes them, with a comma or a point; taken in as whole minutes. code: as of Whole."""

    def __init__(self, code: str = "hours_pot_minutes", **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _HOURS.fullmatch(value):
            raise ValidationError(self.code)
        return int((Decimal(value.replace(",", ".")) * 60).to_integral_value(ROUND_HALF_UP))


def _one_of(codes: type[Kind] | type[Review] | type[Role] | type[Decision], default: str) -> fields.String:
    known = validate.OneOf([str(each) for each in codes], error="hours_kind")
    return fields.String(load_default=default, validate=known)


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class Add(_Form):
    """What somebody did. chip: one of the lengths that are offered, minutes: any other."""

    line = fields.String(load_default="")
    provider = fields.String(load_default="")
    kind = _one_of(Kind, Kind.OWN)
    learning = fields.String(load_default="learning")
    chip = Whole("hours_minutes", load_default=None, allow_none=True)
    minutes = Whole("hours_minutes", load_default=None, allow_none=True)
    day = Day("hours_day", required=True, error_messages={"required": "hours_day"})
    begins = Time(load_default=None, allow_none=True)
    ends = Time(load_default=None, allow_none=True)
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    again = Whole("not_found", load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class About(_Form):
    """Something about one entry."""

    entry = Whole("not_found", required=True, error_messages={"required": "not_found"})
    words = fields.String(load_default="")
    minutes = Whole("hours_minutes", load_default=None, allow_none=True)
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class Accept(_Form):
    """What a finished step, or an action in it, suggests."""

    run = Whole("hours_suggestion", required=True, error_messages={"required": "hours_suggestion"})
    piece = fields.Integer(load_default=0, error_messages={"invalid": "hours_suggestion"})
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    learning = fields.String(load_default="")
    sure = fields.List(fields.String(), load_default=list)


class Plan(_Form):
    """What somebody means to use of a pot."""

    pot = Whole("hours_pot", required=True, error_messages={"required": "hours_pot"})
    hours = Hours("hours_plan", load_default=None, allow_none=True)


class File(_Form):
    """Which file is to be made."""

    what = fields.String(load_default="")


class Approve(_Form):
    """Entries that were ticked, or all that were shown of somebody."""

    entry = fields.List(Whole("not_found"), load_default=list)


class _Terms(_Form):
    """What is carried over of a pot."""

    carries = Whole("hours_pot_carries", load_default=None, allow_none=True)
    surplus = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})


class _Decided(_Form):
    """Whose decision a pot is, and to how many minutes a paper rounds each entry."""

    decision = _one_of(Decision, Decision.OWN)
    rounds = Whole("hours_pot_rounds", load_default=None, allow_none=True)


class Pot(_Terms, _Decided):
    """A new pot. Its caps are read by `caps`."""

    name = fields.String(load_default="")
    first_day = Day("hours_day", required=True, error_messages={"required": "hours_pot_period"})
    last_day = Day("hours_day", required=True, error_messages={"required": "hours_pot_period"})
    hours = Hours(load_default=None, allow_none=True)
    review = _one_of(Review, Review.BEFORE)
    approvers = fields.List(Whole("hours_pot_people"), load_default=list)
    deputies = fields.List(Whole("hours_pot_people"), load_default=list)
    holders = fields.List(Whole("hours_pot_people"), load_default=list)
    whom = fields.String(load_default="all")
    whose = fields.String(load_default="")
    evidence = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})
    arranging = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})


class Carries(_Terms):
    """The same, of a pot that is there."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})


class Decided(_Decided):
    """The same, of a pot that is there."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})


class Session(_Form):
    """A session: today and now are filled in."""

    title = fields.String(load_default="")
    place = fields.String(load_default="")
    about = fields.String(load_default="")
    day = Day("hours_day", required=True, error_messages={"required": "hours_day"})
    begins = Time(load_default=None, allow_none=True)
    ends = Time(load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class Close(_Form):
    """Closing a list: until when it was."""

    ends = Time(load_default=None, allow_none=True)


class Times(_Form):
    """From when to when somebody was there, with words. person: of whom; absent: they were not there."""

    person = Whole("session_people", load_default=0)
    entry = Whole("not_found", load_default=0)
    came = Time(load_default=None, allow_none=True)
    left = Time(load_default=None, allow_none=True)
    absent = fields.String(load_default="")
    words = fields.String(load_default="")


class Send(_Form):
    """A session to a pot."""

    session = Whole("not_found", required=True, error_messages={"required": "not_found"})
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    learning = fields.String(load_default="learning")
    sure = fields.List(fields.String(), load_default=list)


class Assign(_Form):
    """A session, to be assigned to a pot."""

    session = Whole("not_found", required=True, error_messages={"required": "not_found"})
    pot = Whole("hours_pot", required=True, error_messages={"required": "hours_pot"})


class Named(_Form):
    """Who approves of a pot, or no longer does."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})
    person = Whole("hours_pot_people", load_default=0)
    role = _one_of(Role, Role.DEPUTY)


class Accounts(_Form):
    """Two accounts that were ticked."""

    person = fields.List(Whole("join_two"), load_default=list)


class OneJoin(_Form):
    """An answer about two accounts, or undoing it."""

    join = Whole("join_gone", required=True, error_messages={"required": "join_gone"})
    answer = fields.String(load_default="")


class Factor(fields.Field[int]):
    """A part of a pot as somebody writes it, 0,6 or 0.75; taken in as parts of 10,000."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _FACTOR.fullmatch(value):
            raise ValidationError("hours_factor")
        return int(Decimal(value.replace(",", ".")) * WHOLE)


class Holder(_Form):
    """From when on somebody belongs to a pot, and for how much of it: a part, or hours of their own."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})
    person = Whole("hours_pot_people", required=True, error_messages={"required": "hours_pot_people"})
    first_day = Day("hours_factor_day", load_default=None, allow_none=True)
    last_day = Day("hours_factor_day", load_default=None, allow_none=True)
    factor = Factor(load_default=None, allow_none=True)
    hours = Hours("hours_factor_minutes", load_default=None, allow_none=True)
    joins = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})


def time_of(name: str, who: Text) -> dt.time | None:
    """A time of somebody on a list; None for an empty field. Refused("session_time", who)."""
    given = one(name)
    try:
        return Time().deserialize(given) if given else None
    except ValidationError as error:
        raise Refused("session_time", who=[who]) from error


def one(name: str) -> str:
    """A plain field of the posted form."""
    return request.form.get(name, "").strip()
