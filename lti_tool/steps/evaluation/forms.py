"""The forms of step 6."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from lti_tool.db import now
from lti_tool.domain.mechanisms import pulse
from lti_tool.domain.mechanisms.endorsing import Say
from lti_tool.domain.thread import evidence, yields
from lti_tool.steps.base import Form
from lti_tool.steps.evaluation import survey
from lti_tool.steps.forms import LINE, LONG, SHORT, contribution, one_of, some, which, written
from lti_tool.steps.pulse import numbers


class SurveyForm(Form):
    """The sentences of the survey and of the pulse, each with a number or none."""

    item = numbers(survey.ITEMS)
    pulse = numbers(pulse.ITEMS)


class StoryForm(Form):
    """The most important change, and why that one. id: the own story to change."""

    text = contribution(SHORT)
    why = written(SHORT)
    lens = one_of(evidence.LENSES, "lens_missing")
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)


class ResponseForm(Form):
    """What one says to a colleague's story."""

    story = which("story_missing")
    text = contribution(SHORT)


class WhyForm(Form):
    """Why this story was chosen. version: the one seen."""

    text = written(LONG)
    version = fields.Integer(required=True)


class VerdictForm(Form):
    """Whether the ambition has come true, and what shows it. version: the one seen, 0 for none."""

    answer = one_of(yields.VERDICTS)
    text = written(LONG)
    sources = some("proof_missing")
    version = fields.Integer(load_default=0)


class CardForm(Form):
    """What we know, can do or believe now, and where we learned it."""

    sort = one_of(yields.SORTS, "card_sort_missing")
    text = contribution(SHORT)
    sources = some("proof_missing")


class NextForm(Form):
    """How it goes on, and when to look back at what. version: the one seen, 0 for none."""

    choice = one_of(yields.CHOICES)
    text = written(LONG)
    date = fields.Date(required=True, error_messages={"required": "date_missing", "invalid": "date_missing"})
    what = written(LINE)
    version = fields.Integer(load_default=0)

    @validates_schema
    def ahead(self, data: dict[str, Any], **_: Any) -> None:
        """A day that is to come, and that somebody will still remember."""
        today = now().date()
        if data["date"] <= today:
            raise ValidationError({"date": ["date_passed"]})
        if data["date"] > today + yields.FARTHEST:
            raise ValidationError({"date": ["look_back_too_far"]})


class EndorseForm(Form):
    """Whether one stands behind the yield. round: the one seen; after a change there is a newer one."""

    answer = fields.Enum(
        Say, by_value=True, required=True, error_messages={"required": "answer_missing", "unknown": "answer_missing"}
    )
    missing = written(LONG, required=False)
    round = fields.Integer(required=True)


class LateForm(Form):
    """The same, once it has been settled."""

    answer = fields.Enum(
        Say, by_value=True, required=True, error_messages={"required": "answer_missing", "unknown": "answer_missing"}
    )
