"""The forms of step 1."""

import datetime as dt
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lti_tool.db import now
from lti_tool.domain.mechanisms import contributions, stakeholders
from lti_tool.steps.ambition import manageability
from lti_tool.steps.base import Form
from lti_tool.steps.forms import LINE, LONG, SHORT, contribution, one_of, some, written

THREE = ("1", "2", "3")


def _up_to_three() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(THREE, error="not_found")),
        values=fields.String(validate=LINE),
        load_default=dict,
    )


class IdeaForm(Form):
    """An idea: what pupils notice in a year, and why it matters to the writer. id: the one to change."""

    text = contribution(SHORT)
    why = written(LONG)
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)


class ResponseForm(Form):
    """A response to a colleague's idea, or that idea in one's own words."""

    idea = fields.Integer(required=True)
    text = contribution(LONG)


class ConfirmForm(Form):
    """Whether a colleague understood one's idea: id and version of what they made of it; words for a no."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    answer = one_of(("yes", "no"))
    text = written(LONG, required=False)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """A no says what is meant instead."""
        if data["answer"] == "no" and not contributions.says_something(data["text"]):
            raise ValidationError({"text": ["missing"]})


class MergeForm(Form):
    """One sentence from two ideas or more. id: the merged one to change, in the version its group saw."""

    text = contribution(SHORT)
    why = written(LONG, required=False)
    sources = some("sources_missing")
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=0)


class LetInForm(Form):
    """One of one's own group's, and what another group made, in the version that was read."""

    id = fields.Integer(required=True)
    made = fields.Integer(required=True)
    version = fields.Integer(load_default=0)


class ProposalForm(Form):
    """The text to decide on, with all that belongs to it; only what it says and where it comes from is required.

    whys: ids of the ideas whose own line of why the shared one is made of. sign, subgoal: "1" to "3" -> a line. checks: name -> yes, no or unsure. version: the one seen, 0 for none.
    """

    text = contribution(SHORT)
    learn = written(SHORT, required=False)
    shared = written(LINE, required=False)
    sign = _up_to_three()
    subgoal = _up_to_three()
    practice = written(LINE, required=False)
    policy = written(LINE, required=False)
    horizon = fields.Date(load_default=None, allow_none=True, error_messages={"invalid": "horizon_wrong"})
    hours = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 2000, error="hours_wrong"),
        error_messages={"invalid": "hours_wrong"},
    )
    checks = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(manageability.CHECKS), error="not_found")),
        values=fields.String(validate=validate.OneOf(["", *manageability.ANSWERS], error="not_found")),
        load_default=dict,
    )
    ideas = some("ideas_missing")
    whys = fields.List(fields.Integer(error_messages={"invalid": "not_found"}), load_default=list)
    version = fields.Integer(load_default=0)

    @validates_schema
    def within_a_year(self, data: dict[str, Any], **_: Any) -> None:
        """The horizon is to come, and at most a school year away."""
        day = data["horizon"]
        today = now().date()
        if day is not None and not today - dt.timedelta(days=1) <= day <= today + manageability.YEAR:
            raise ValidationError({"horizon": ["horizon_wrong"]})


class VoiceForm(Form):
    """Whom one asks outside the community, what, and by when. name: who exactly, or in what role."""

    group = one_of(stakeholders.GROUPS)
    name = written(LINE)
    question = written(LINE)
    date = fields.Date(required=True, error_messages={"required": "date_missing", "invalid": "date_missing"})

    @validates_schema
    def ahead(self, data: dict[str, Any], **_: Any) -> None:
        """A day that is over promises nothing; nor does one beyond the horizon of any ambition."""
        today = now().date()
        if not today - dt.timedelta(days=1) <= data["date"] <= today + manageability.YEAR:
            raise ValidationError({"date": ["date_passed"]})


class FrameForm(Form):
    """A school leader's frame. version: the one seen, 0 for none."""

    text = written(SHORT)
    version = fields.Integer(load_default=0)
