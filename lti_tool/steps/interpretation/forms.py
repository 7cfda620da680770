"""What the forms of step 3 take."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from lti_tool.domain.mechanisms import contributions
from lti_tool.steps.base import Form
from lti_tool.steps.forms import LONG, SHORT, contribution, one_of, some, which, written

# How one reacts to what a colleague saw.
SEEN_TOO, QUESTION = "seen_too", "question"


class ObservationForm(Form):
    """What somebody sees, and in which evidence. id: the one to change."""

    text = contribution(SHORT)
    evidence = some("evidence_missing")
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)


class ReactionForm(Form):
    """A reaction to what a colleague saw: I saw it too, or a question."""

    observation = which("not_found")
    choice = one_of((SEEN_TOO, QUESTION))
    text = contribution(LONG, required=False)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """A question needs words."""
        if data["choice"] == QUESTION and not contributions.says_something(data["text"]):
            raise ValidationError({"text": ["question_empty"]})


class ExplanationForm(Form):
    """How what was seen may have come about. rival: the explanation that this is another one for."""

    text = contribution(SHORT)
    observations = some("observations_missing")
    rival = fields.Integer(load_default=None, allow_none=True)


class PointForm(Form):
    """What needs attention and why; what it is built from, the likely explanation, and others considered."""

    text = contribution(SHORT)
    why = written(LONG)
    observations = some("observations_missing")
    explanation = which("explanation_missing")
    considered = some("alternative_missing")


class MendForm(Form):
    """A point in other words. version: the one seen."""

    id = which("not_found")
    version = which("changed_meanwhile")
    text = contribution(SHORT)
    why = written(LONG)


class MinorityForm(Form):
    """What should not get lost, beside a point or beside the whole."""

    text = written(LONG)
    point = fields.Integer(load_default=None, allow_none=True)
