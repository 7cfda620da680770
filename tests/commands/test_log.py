"""A private draft whose commit fails is in no log: not Leerkring's, not gunicorn's, not a library's."""

import contextlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from lti_tool import observe
from lti_tool.demo.lms import Lms
from tests.actors import Tool, World
from tests.commands.test_failures import MARKER, refuse_rows


@pytest.fixture
def own_world(any_database_url: str, keys_dir: Path, lms: Lms) -> Iterator[World]:
    """One that nobody else is given: what fails here is the database and the application."""
    with Tool(any_database_url, keys_dir) as tool:
        yield World.placed(tool, lms)


@contextlib.contextmanager
def written() -> Iterator[io.StringIO]:
    """All that is written meanwhile to stderr and stdout, by any logger."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    with contextlib.redirect_stderr(stream), contextlib.redirect_stdout(stream):
        observe.configure()
        yield stream
    logging.getLogger().removeHandler(handler)
    observe.configure()


@pytest.mark.parametrize("stage", ["draft", "contribution"])
def test_what_is_typed_is_in_no_log_when_saving_it_fails(own_world: World, stage: str) -> None:
    """The commit comes after the view: nothing of the view's own handling is left by then."""
    own_world.begin("fatima")
    page = own_world.as_("fatima").launch()
    refuse_rows(own_world.tool, stage)
    own_world.tool.app.config["PROPAGATE_EXCEPTIONS"] = False
    with written() as stream:
        if stage == "draft":
            base = page.url.rpartition("/step/")[0] or page.url.rstrip("/")
            answer = page.browser.post(f"{base}/draft", {"draft": "1:idea-new", "text": MARKER})
        else:
            answer = page.form("/idea").submit(text=f"{MARKER} en zo", why="dat telt")
    log = stream.getvalue()
    assert answer.status == 500
    assert MARKER in answer.html, "what was typed is given back"
    assert MARKER not in log
    assert '"error": "IntegrityError"' in log
    assert '"place": ' in log


def test_no_logger_of_the_process_tells_the_words_of_an_exception() -> None:
    with written() as stream:
        logger = logging.getLogger("somebody's library")
        for say in (
            lambda error: logger.exception("it failed"),
            lambda error: logger.error("it failed: %s", error),
            lambda error: logger.error("it failed: %(exc)r", {"exc": error}),
            lambda error: logger.error(error),
            lambda error: logger.error("100 %", exc_info=error),
            lambda error: observe.log.error("it failed", exc_info=True),
            lambda error: observe.log.exception("it failed"),
        ):
            try:
                raise ValueError(MARKER)
            except ValueError as error:
                say(error)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 7
    for line in lines:
        assert "ValueError" in line
        assert MARKER not in line


def test_what_fails_beyond_flask_is_a_page_and_a_line(own_world: World) -> None:
    """In the last resort too: gunicorn would write down the whole traceback."""
    app = own_world.tool.app

    def fail() -> None:
        raise ValueError(MARKER)

    app.teardown_request_funcs.setdefault(None, []).append(lambda _error: fail())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with written() as stream:
        body, status, _headers = run_wsgi_app(app, create_environ("/healthz", own_world.tool.url))
    page = b"".join(body).decode()
    assert status == "500 Internal Server Error"
    assert "Er ging bij ons iets mis" in page
    assert MARKER not in stream.getvalue() + page
    assert '"error": "ValueError"' in stream.getvalue()
