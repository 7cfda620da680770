"""A pot of hours as it is posted, by a community's page and by its school's: fields, schemas, and what is asked."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from lti_tool.circle.loading import Day
from lti_tool.domain import Refused
from lti_tool.domain.hours.carry import Terms
from lti_tool.domain.hours.ledger import Per
from lti_tool.domain.hours.pots import Asked, CapAsked
from lti_tool.models.hours_codes import Decision, Kind, Review, Role
from lti_tool.text import Text

# As many as anybody can mean; whatever is longer is no number of minutes either.
_WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
_HOURS = re.compile(r"[0-9]{1,5}([.,][0-9]{1,2})?", re.ASCII)
CAPS = (1, 2, 3)
UNITS = frozenset({"minutes", "percent"})
NOT_ROUNDED = Text("op de minuut", "to the minute")
# How a paper of a pot rounds each entry.
ROUNDED = {
    15: Text("op papier per regel afgerond op een kwartier", "on paper each line rounded to a quarter of an hour"),
    30: Text("op papier per regel afgerond op een half uur", "on paper each line rounded to half an hour"),
    60: Text("op papier per regel afgerond op een heel uur", "on paper each line rounded to a whole hour"),
}


class Whole(fields.Field[int]):
    """A whole number in plain digits; code: what is said of anything else."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise ValidationError(self.code)
        return int(value)


class Hours(fields.Field[int]):
    """Hours as somebody writes them, with a comma or a point; taken in as whole minutes. code: as of Whole."""

    def __init__(self, code: str = "hours_pot_minutes", **more: Any) -> None:
        super().__init__(**more)
        self.code = code

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _HOURS.fullmatch(value):
            raise ValidationError(self.code)
        return int((Decimal(value.replace(",", ".")) * 60).to_integral_value(ROUND_HALF_UP))


def one_of(codes: type[Kind] | type[Review] | type[Role] | type[Decision], default: str) -> fields.String:
    """A field of one of these codes."""
    known = validate.OneOf([str(each) for each in codes], error="hours_kind")
    return fields.String(load_default=default, validate=known)


class Form(Schema):
    """A form: what it does not know is left out."""

    class Meta:
        unknown = EXCLUDE


class TermsForm(Form):
    """What is carried over of a pot."""

    carries = Whole("hours_pot_carries", load_default=None, allow_none=True)
    surplus = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})


class DecidedForm(Form):
    """Whose decision a pot is, and to how many minutes a paper rounds each entry."""

    decision = one_of(Decision, Decision.OWN)
    rounds = Whole("hours_pot_rounds", load_default=None, allow_none=True)


class Pot(TermsForm, DecidedForm):
    """A new pot. Its caps are read by `caps_of`."""

    name = fields.String(load_default="")
    first_day = Day("hours_day", required=True, error_messages={"required": "hours_pot_period"})
    last_day = Day("hours_day", required=True, error_messages={"required": "hours_pot_period"})
    hours = Hours(load_default=None, allow_none=True)
    review = one_of(Review, Review.BEFORE)
    approvers = fields.List(Whole("hours_pot_people"), load_default=list)
    deputies = fields.List(Whole("hours_pot_people"), load_default=list)
    holders = fields.List(Whole("hours_pot_people"), load_default=list)
    whom = fields.String(load_default="all")
    whose = fields.String(load_default="")
    evidence = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})
    arranging = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})


def caps_of(posted: "MultiDict[str, str]") -> list[CapAsked]:
    """The caps of the posted form; those without a number are none. Refused: "hours_pot_cap"."""
    found = []
    for place in CAPS:
        most, per, unit, kind = (
            posted.get(f"cap{place}_{name}", "").strip() for name in ("most", "per", "unit", "kind")
        )
        if not most:
            continue
        if not _WHOLE.fullmatch(most) or per not in set(Per) or unit not in UNITS:
            raise Refused("hours_pot_cap")
        kinds = [Kind(kind)] if kind in set(Kind) else []
        amount = {unit: int(most)}
        found.append(CapAsked(Per(per), amount.get("minutes"), amount.get("percent"), kinds))
    return found


def asked_of(data: dict[str, Any], posted: "MultiDict[str, str]") -> Asked:
    """The pot that a form of Pot asks for. Refused: "hours_pot_people", "hours_pot_cap"."""
    if data["whom"] != "all" and not data["holders"]:
        raise Refused("hours_pot_people")
    return Asked(
        name=data["name"], first_day=data["first_day"], last_day=data["last_day"], minutes=data["hours"],
        review=Review(data["review"]), approvers=data["approvers"], deputies=data["deputies"],
        holders=data["holders"] if data["whom"] != "all" else [], evidence=data["evidence"],
        arranging=data["arranging"], caps=caps_of(posted),
        terms=Terms(data["carries"] or 0, data["surplus"]), whose=data["whose"],
        decision=Decision(data["decision"]), rounds=data["rounds"],
    )  # fmt: skip
