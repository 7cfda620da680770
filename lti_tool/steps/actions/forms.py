"""The forms of step 5."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.thread import evidence
from lti_tool.steps.actions import experiences
from lti_tool.steps.base import Form
from lti_tool.steps.forms import LONG, SHORT, contribution, one_of, which, written

MOST_HOURS = 999


class LogForm(Form):
    """An experience: what was done, or why it did not work, and how to go on; all else is welcome.

    about: the action; id: the experience to change.
    """

    about = which("action_missing")
    done = contribution(SHORT, required=False)
    seen = written(SHORT, required=False)
    pupils = written(SHORT, required=False)
    because = contribution(SHORT, required=False)
    course = one_of(experiences.COURSES, "course_missing")
    lens = fields.String(load_default="", validate=validate.OneOf(["", *evidence.LENSES], error="lens_missing"))
    visit = fields.Boolean(load_default=False, error_messages={"invalid": "answer_missing"})
    no_names = fields.Boolean(load_default=False, error_messages={"invalid": "names_unchecked"})
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """What was done, or why not: one of the two is enough; and no pupil is named."""
        wrong = {}
        if not any(contributions.says_something(data[name]) for name in ("done", "because")):
            wrong["done"] = ["log_empty"]
        if not data["no_names"]:
            wrong["no_names"] = ["names_unchecked"]
        if wrong:
            raise ValidationError(wrong)


class ReplyForm(Form):
    """A reply to a colleague's experience."""

    log = which("log_missing")
    text = contribution(LONG)


class SayForm(Form):
    """action id -> how to go on with it; what is left out is passed on."""

    say = fields.Dict(
        keys=fields.Integer(error_messages={"invalid": "not_found"}),
        values=fields.String(validate=validate.OneOf(list(experiences.CHOICES), error="course_missing")),
        load_default=dict,
    )


class ResultForm(Form):
    """How the action `about` ended. version: that of the result seen, 0 for none."""

    about = which("action_missing")
    ended = one_of(experiences.ENDINGS, "ended_missing")
    learned = written(LONG)
    lens = one_of(evidence.LENSES, "lens_missing")
    took = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, MOST_HOURS, error="took_wrong"),
        error_messages={"invalid": "took_wrong"},
    )
    version = fields.Integer(load_default=0)
