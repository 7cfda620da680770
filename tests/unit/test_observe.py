"""The log: JSON lines that never hold a name, a token or a text, whoever passes them by mistake."""

import json

import pytest

from lti_tool import observe


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> object:
    def write(**fields: object) -> dict[str, object]:
        # Here and not above: between set-up and call, pytest changes what stderr is.
        observe.configure()
        observe.log.info("something", **fields)
        return dict(json.loads(capsys.readouterr().err))

    return write


@pytest.mark.parametrize("field", sorted(observe.FORBIDDEN))
def test_a_forbidden_field_is_dropped(line: object, field: str) -> None:
    assert "geheim" not in repr(line(**{field: "geheim"}))  # type: ignore[operator]


def test_a_line_says_what_when_and_how_grave(line: object) -> None:
    written = line(reason="blank", step="ambition")  # type: ignore[operator]
    assert {"event": "something", "level": "info", "reason": "blank", "step": "ambition"}.items() <= written.items()
    assert str(written["timestamp"]).endswith("Z")


def test_names_tokens_and_texts_are_among_what_is_forbidden() -> None:
    assert {"name", "token", "id_token", "email", "return_url", "text", "body"} <= observe.FORBIDDEN
