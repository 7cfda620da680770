"""The log: JSON lines that never hold a name, a token or a text, whoever passes them by mistake."""

import contextlib
import io
import json
import re
from typing import Any

import pytest

from lti_tool import observe
from lti_tool.cli import child


def line(**fields: Any) -> dict[str, Any]:
    """What is written for these fields."""
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        observe.configure()
        observe.log.info("something", **fields)
    observe.configure()
    return dict(json.loads(written.getvalue()))


def test_an_access_log_that_somebody_wants_holds_no_page_nobody_and_no_query() -> None:
    """gunicorn's words for these: %(r)s and %(U)s, %(h)s and %(u)s, %(q)s; and %(f)s, the page one came from."""
    told = set(re.findall(r"%\((.+?)\)s", child.access_log_format))
    assert told == {"t", "m", "s", "M"}, "time, method, status, milliseconds"
    assert child.access_log_format.count("%") == len(told)


@pytest.mark.parametrize("field", sorted(observe.FORBIDDEN))
def test_a_forbidden_field_is_dropped(field: str) -> None:
    assert "geheim" not in repr(line(**{field: "geheim"}))


def test_a_line_says_what_when_and_how_grave() -> None:
    written = line(reason="blank", step="ambition")
    assert {"event": "something", "level": "info", "reason": "blank", "step": "ambition"}.items() <= written.items()
    assert str(written["timestamp"]).endswith("Z")


def test_names_tokens_and_texts_are_among_what_is_forbidden() -> None:
    assert {"name", "token", "id_token", "email", "return_url", "text", "body"} <= observe.FORBIDDEN
