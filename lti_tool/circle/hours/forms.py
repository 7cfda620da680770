"""The forms of hours, as schemas: what is no whole number, day or time is said so at its field."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from flask import request
from marshmallow import ValidationError, fields

from lti_tool.circle.loading import Day
from lti_tool.circle.pot_forms import DecidedForm, Form, Hours, TermsForm, Whole, one_of
from lti_tool.domain import Refused
from lti_tool.domain.hours.planned import WHOLE
from lti_tool.models.hours_codes import Kind, Role
from lti_tool.text import Text

_FACTOR = re.compile(r"[0-9]{1,4}([.,][0-9]{1,4})?", re.ASCII)


class Time(fields.Field[dt.time]):
    """A time as a browser sends it, or as somebody writes it: 14:30, 14.30."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dt.time:
        found = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})(:00)?", str(value), re.ASCII)
        try:
            return dt.time(int(found[1]), int(found[2])) if found else dt.time.fromisoformat("")
        except ValueError as error:
            raise ValidationError(["hours_time"]) from error


class Add(Form):
    """What somebody did. chip: one of the lengths that are offered, minutes: any other."""

    line = fields.String(load_default="")
    provider = fields.String(load_default="")
    kind = one_of(Kind, Kind.OWN)
    learning = fields.String(load_default="learning")
    chip = Whole("hours_minutes", load_default=None, allow_none=True)
    minutes = Whole("hours_minutes", load_default=None, allow_none=True)
    day = Day("hours_day", required=True, error_messages={"required": "hours_day"})
    begins = Time(load_default=None, allow_none=True)
    ends = Time(load_default=None, allow_none=True)
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    again = Whole("not_found", load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class About(Form):
    """Something about one entry."""

    entry = Whole("not_found", required=True, error_messages={"required": "not_found"})
    words = fields.String(load_default="")
    minutes = Whole("hours_minutes", load_default=None, allow_none=True)
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class Accept(Form):
    """What a finished step, or an action in it, suggests."""

    run = Whole("hours_suggestion", required=True, error_messages={"required": "hours_suggestion"})
    piece = fields.Integer(load_default=0, error_messages={"invalid": "hours_suggestion"})
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    learning = fields.String(load_default="")
    sure = fields.List(fields.String(), load_default=list)


class Plan(Form):
    """What somebody means to use of a pot."""

    pot = Whole("hours_pot", required=True, error_messages={"required": "hours_pot"})
    hours = Hours("hours_plan", load_default=None, allow_none=True)


class File(Form):
    """Which file is to be made."""

    what = fields.String(load_default="")


class Approve(Form):
    """Entries that were ticked, or all that were shown of somebody."""

    entry = fields.List(Whole("not_found"), load_default=list)


class Carries(TermsForm):
    """The same, of a pot that is there."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})


class Decided(DecidedForm):
    """The same, of a pot that is there."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})


class Session(Form):
    """A session: today and now are filled in."""

    title = fields.String(load_default="")
    place = fields.String(load_default="")
    about = fields.String(load_default="")
    day = Day("hours_day", required=True, error_messages={"required": "hours_day"})
    begins = Time(load_default=None, allow_none=True)
    ends = Time(load_default=None, allow_none=True)
    sure = fields.List(fields.String(), load_default=list)


class Close(Form):
    """Closing a list: until when it was."""

    ends = Time(load_default=None, allow_none=True)


class Times(Form):
    """From when to when somebody was there, with words. person: of whom; absent: they were not there."""

    person = Whole("session_people", load_default=0)
    entry = Whole("not_found", load_default=0)
    came = Time(load_default=None, allow_none=True)
    left = Time(load_default=None, allow_none=True)
    absent = fields.String(load_default="")
    words = fields.String(load_default="")


class Send(Form):
    """A session to a pot."""

    session = Whole("not_found", required=True, error_messages={"required": "not_found"})
    pot = Whole("hours_pot", load_default=None, allow_none=True)
    learning = fields.String(load_default="learning")
    sure = fields.List(fields.String(), load_default=list)


class Assign(Form):
    """A session, to be assigned to a pot."""

    session = Whole("not_found", required=True, error_messages={"required": "not_found"})
    pot = Whole("hours_pot", required=True, error_messages={"required": "hours_pot"})


class Named(Form):
    """Who approves of a pot, or no longer does."""

    pot = Whole("not_found", required=True, error_messages={"required": "not_found"})
    person = Whole("hours_pot_people", load_default=0)
    role = one_of(Role, Role.DEPUTY)


class Accounts(Form):
    """Two accounts that were ticked."""

    person = fields.List(Whole("join_two"), load_default=list)


class OneJoin(Form):
    """An answer about two accounts, or undoing it."""

    join = Whole("join_gone", required=True, error_messages={"required": "join_gone"})
    answer = fields.String(load_default="")


class Factor(fields.Field[int]):
    """A part of a pot as somebody writes it, 0,6 or 0.75; taken in as parts of 10,000."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _FACTOR.fullmatch(value):
            raise ValidationError("hours_factor")
        return int(Decimal(value.replace(",", ".")) * WHOLE)


class Holder(Form):
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
