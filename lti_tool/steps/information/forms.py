"""The forms of step 2."""

import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validates_schema

from lti_tool.db import now
from lti_tool.domain.mechanisms import contributions
from lti_tool.domain.thread import evidence
from lti_tool.steps.ambition import manageability
from lti_tool.steps.base import Form
from lti_tool.steps.forms import LINE, LONG, SHORT, contribution, one_of, which, written

AMOUNT = re.compile(r"\d{1,9}([.,]\d{1,2})?")


class QuestionForm(Form):
    """A question, and the sign of success it comes from. id: the one to change."""

    text = contribution(LINE)
    sign = written(LINE, required=False)
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)


class RewordForm(Form):
    """Better words for a question that stands."""

    text = contribution(LINE)
    id = fields.Integer(required=True)
    version = fields.Integer(required=True)


class PlanForm(Form):
    """Where one will look for which question, by when, and whether it is there already."""

    question = which("question_missing")
    source = written(LINE)
    exists = fields.Boolean(load_default=False, error_messages={"invalid": "answer_missing"})
    date = fields.Date(load_default=None, allow_none=True, error_messages={"invalid": "date_missing"})

    @validates_schema
    def ahead(self, data: dict[str, Any], **_: Any) -> None:
        """What has to be looked for still, has a day that is to come."""
        day, today = data["date"], now().date()
        if day is None and not data["exists"]:
            raise ValidationError({"date": ["date_missing"]})
        if day is not None and not today - dt.timedelta(days=1) <= day <= today + manageability.YEAR:
            raise ValidationError({"date": ["date_passed"]})


class EvidenceForm(Form):
    """A piece of evidence. amount and unit: of a count; url: of a link. id: the one to change.

    question: the one that it helps with; none where the community chose no question.
    """

    sort = one_of(evidence.SORTS, "sort_missing")
    text = contribution(SHORT)
    amount = written(LINE, required=False)
    unit = written(LINE, required=False)
    url = written(LONG, required=False)
    question = fields.Integer(load_default=None, allow_none=True, error_messages={"invalid": "question_missing"})
    source = written(LINE)
    lens = one_of(evidence.LENSES, "lens_missing")
    voice = one_of(evidence.VOICES, "voice_missing")
    can = contribution(SHORT, required=False)
    cannot = contribution(SHORT, required=False)
    no_names = fields.Boolean(load_default=False, error_messages={"invalid": "names_unchecked"})
    id = fields.Integer(load_default=None, allow_none=True)
    version = fields.Integer(load_default=None, allow_none=True)

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """A count is a number of something, a link leads somewhere, and no pupil is named."""
        wrong = {}
        if data["sort"] == "count":
            if not AMOUNT.fullmatch(data["amount"]):
                wrong["amount"] = ["amount_wrong"]
            if not contributions.says_something(data["unit"]):
                wrong["unit"] = ["unit_missing"]
        if data["sort"] == "link" and not _leads_somewhere(data["url"]):
            wrong["url"] = ["url_wrong"]
        if not data["no_names"]:
            wrong["no_names"] = ["names_unchecked"]
        if wrong:
            raise ValidationError(wrong)


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url


class WeighForm(Form):
    """What a colleague's evidence can tell, and what it cannot."""

    evidence = which("evidence_missing")
    can = contribution(SHORT, required=False)
    cannot = contribution(SHORT, required=False)

    @validates_schema
    def words(self, data: dict[str, Any], **_: Any) -> None:
        """One of the two is enough."""
        if not any(contributions.says_something(data[name]) for name in ("can", "cannot")):
            raise ValidationError({"can": ["weighing_empty"]})
