"""Fields and forms that several steps take alike."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from lti_tool.domain.mechanisms import consent, contributions, dots
from lti_tool.domain.mechanisms.consent import Answer
from lti_tool.domain.mechanisms.overruling import Harm
from lti_tool.domain.thread import yields
from lti_tool.steps.base import Form

LONG = validate.Length(max=1000, error="too_long")
SHORT = validate.Length(max=600, error="too_long")
LINE = validate.Length(max=300, error="too_long")


def written(limit: validate.Length, required: bool = True) -> fields.String:
    """A text of at most so many characters."""
    if not required:
        return fields.String(load_default="", validate=limit)
    return fields.String(
        required=True, validate=[validate.Length(min=1, error="missing"), limit], error_messages={"required": "missing"}
    )


def _says_enough(limit: validate.Length) -> Callable[[str], None]:
    def check(text: str) -> None:
        limit(text)
        # What has no word at all is told as such, where it is kept.
        if contributions.says_something(text) and not contributions.says_enough(text):
            raise ValidationError(["too_few_words"])

    return check


def contribution(limit: validate.Length, required: bool = True) -> fields.String:
    """The same for what somebody brings in: it says something, in three words at least, where it is there at all.

    Those are, by the specification (circle.md 4): idea, question, evidence, weighing, observation, explanation, point,
    proposal, advice, log, story, card and response, and what is one of these said anew. All else is `written`: a name,
    a source, a sign, a unit, a reason for passing; a result, a verdict and a harm, which answer a question that is
    asked; an action on the board, which its sign completes; an agreement, which may be two words.
    """
    if not required:
        return fields.String(load_default="", validate=_says_enough(limit))
    return fields.String(
        required=True,
        validate=[validate.Length(min=1, error="missing"), _says_enough(limit)],
        error_messages={"required": "missing"},
    )


def which(missing: str) -> fields.Integer:
    """The id of a contribution."""
    return fields.Integer(required=True, error_messages={"required": missing, "invalid": missing})


def some(missing: str) -> "fields.List[int]":
    """Ids of contributions, at least one."""
    return fields.List(
        fields.Integer(error_messages={"invalid": missing}),
        required=True,
        validate=validate.Length(min=1, error=missing),
        error_messages={"required": missing},
    )


def one_of(among: Any, missing: str = "answer_missing") -> fields.String:
    """One of these values."""
    return fields.String(
        required=True, validate=validate.OneOf(list(among), error=missing), error_messages={"required": missing}
    )


class NothingForm(Form):
    """Nothing but the button."""


class WhichForm(Form):
    """Just one of the member's own contributions."""

    id = fields.Integer(required=True)


def lines(text: str) -> list[str]:
    """The lines that say something, without what lists begin with."""
    return [line.strip(" -–•*\t") for line in text.splitlines() if contributions.says_something(line)]


class LearnedForm(Form):
    """What was learned in a text, and a lesson a line. version: the one seen, 0 for none."""

    text = written(LONG)
    lessons = written(LONG, required=False)
    version = fields.Integer(load_default=0)

    @validates_schema
    def few(self, data: dict[str, Any], **_: Any) -> None:
        """A few short ones: what nobody remembers does not help."""
        found = lines(data["lessons"])
        if len(found) > yields.MOST_LESSONS:
            raise ValidationError({"lessons": ["too_many_lessons"]})
        if any(len(line) > yields.LONGEST_LESSON for line in found):
            raise ValidationError({"lessons": ["too_long"]})


class DotsForm(Form):
    """contribution id -> 0 to 3 dots."""

    dots = fields.Dict(
        keys=fields.Integer(error_messages={"invalid": "not_found"}),
        values=fields.Integer(
            validate=validate.Range(0, dots.EACH, error="too_many_dots"), error_messages={"invalid": "too_many_dots"}
        ),
        load_default=dict,
    )


class ConsentForm(Form):
    """An answer in the consent round, with what it needs."""

    answer = fields.Enum(
        Answer, by_value=True, required=True, error_messages={"required": "answer_missing", "unknown": "answer_missing"}
    )
    concern = written(LONG, required=False)
    harm = written(LONG, required=False)
    proposal = written(LONG, required=False)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """Say beside the field which words are lacking."""
        if lacking := consent.lacking(data["answer"], data):
            raise ValidationError({name: [consent.MISSING[name]] for name in lacking})


class ResolutionForm(Form):
    """What was done with an objection or a concern. version: the one seen, 0 for none."""

    consent = fields.Integer(required=True)
    text = written(LONG)
    version = fields.Integer(load_default=0)


class HarmForm(Form):
    """Whether an objection that is put to all harms the shared aim."""

    answer = fields.Enum(
        Harm, by_value=True, required=True, error_messages={"required": "answer_missing", "unknown": "answer_missing"}
    )


class NoVoiceForm(Form):
    """Why nobody outside is asked. version: the one seen, 0 for none."""

    reason = written(LONG)
    version = fields.Integer(load_default=0)
