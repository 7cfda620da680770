"""The forms of step 4."""

import datetime as dt
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lti_tool.db import now
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.thread.actions import NEW
from lti_tool.domain.thread.evidence import LENSES
from lti_tool.steps.ambition import manageability
from lti_tool.steps.base import Form
from lti_tool.steps.consequences import support
from lti_tool.steps.forms import LINE, LONG, SHORT, contribution, one_of, which, written
from lti_tool.text import Text

# The order of a good conversation about somebody's proposal: first understand, then think along, then advise.
CLARIFY, PROBE, ADVISE = "clarify", "probe", "advise"
SORTS = {
    CLARIFY: Text("Een vraag om het goed te begrijpen", "A question to understand it well"),
    PROBE: Text("Een vraag om op door te denken", "A question to think further about"),
    ADVISE: Text("Een advies", "A piece of advice"),
}


def _ahead(name: str, day: dt.date | None) -> None:
    """A day that is over promises nothing; nor does one beyond the horizon of any ambition."""
    today = now().date()
    if day is not None and not today - dt.timedelta(days=1) <= day <= today + manageability.YEAR:
        raise ValidationError({name: ["date_passed"]})


class ProposalForm(Form):
    """If we ..., then we see ..., and notice it by ...; and what it rests on. id: the one to change.

    source: ids of attention points, or "new" for a new idea.
    """

    act = contribution(SHORT)
    effect = written(SHORT)
    notice = written(SHORT)
    source = fields.List(
        fields.String(),
        required=True,
        validate=validate.Length(min=1, error="source_missing"),
        error_messages={"required": "source_missing"},
    )
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)

    @validates_schema
    def one_or_the_other(self, data: dict[str, Any], **_: Any) -> None:
        """Points that were chosen, or a new idea, and never neither."""
        chosen = set(data["source"])
        if not chosen - {""}:
            raise ValidationError({"source": ["source_missing"]})
        if NEW in chosen and chosen != {NEW}:
            raise ValidationError({"source": ["source_both"]})
        if NEW not in chosen and not all(each.isdecimal() and each.isascii() for each in chosen):
            raise ValidationError({"source": ["not_found"]})


class JoinForm(Form):
    """A colleague's proposal that one stands behind."""

    proposal = which("not_found")


class AdviceForm(Form):
    """A question about a colleague's proposal, or advice on it."""

    proposal = which("not_found")
    sort = one_of(SORTS)
    text = contribution(LONG)


class ActionForm(Form):
    """An action card. origin: the proposal or the attention point it is made from; id: the card to change.

    Only what is done is required; what else is lacking is said beside the board. version: the one seen.
    """

    origin = fields.Integer(load_default=None, allow_none=True, error_messages={"invalid": "origin_missing"})
    what = written(LINE)
    sign = written(LINE, required=False)
    practice = written(LINE, required=False)
    date = fields.Date(load_default=None, allow_none=True, error_messages={"invalid": "date_missing"})
    hours = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 2000, error="hours_wrong"),
        error_messages={"invalid": "hours_wrong"},
    )
    lens = fields.String(load_default="", validate=validate.OneOf(["", *LENSES], error="not_found"))
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=0)

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """A new card comes from something, and its day is to come."""
        if data["id"] is None and data["origin"] is None:
            raise ValidationError({"origin": ["origin_missing"]})
        _ahead("date", data["date"])


class OffForm(Form):
    """A card to take off the board, in the version one saw."""

    id = fields.Integer(required=True)
    version = fields.Integer(load_default=0)


class RequestForm(Form):
    """What is needed of the leadership, and by when it should reply. card: which action, none for all together.

    hours: it asks for the hours that all actions together take more than was agreed.
    id: the request to change, in the version one saw.
    """

    text = written(LONG)
    reply_by = fields.Date(required=True, error_messages={"required": "date_missing", "invalid": "date_missing"})
    hours = fields.Boolean(load_default=False, error_messages={"invalid": "answer_missing"})
    card = fields.Integer(load_default=None, allow_none=True, error_messages={"invalid": "not_found"})
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=0)

    @validates_schema
    def ahead(self, data: dict[str, Any], **_: Any) -> None:
        """The reply can still come."""
        _ahead("reply_by", data["reply_by"])


class GoOnForm(Form):
    """Why the community goes on without an answer."""

    id = fields.Integer(required=True)
    reason = written(LONG)


class AnswerForm(Form):
    """A school leader's answer. seen: the version of the request; version: of the answer, 0 for none."""

    request = which("not_found")
    answer = one_of(support.REPLIES)
    text = written(LONG, required=False)
    seen = fields.Integer(load_default=0)
    version = fields.Integer(load_default=0)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """Anything but a yes says why, or what then."""
        if data["answer"] != support.YES and not contributions.says_something(data["text"]):
            raise ValidationError({"text": ["reply_empty"]})
