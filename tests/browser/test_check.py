"""`./run demo` and `./run demo --check` as somebody types them who has just cloned this."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.browser.actors import DemoCommand, environment
from tests.conftest import ALL, CHROMIUM, need

# The same walk as the check's, without asking Chromium for all of it: what is in it is walked in test_whole_cycle.
SHORT = """
from lti_tool.demo.check import Walk, check
Walk.stages = lambda self: iter([self.registered, self.placed, self.facilitated, self.belongs])
raise SystemExit(check())
"""


@pytest.mark.browser
def test_the_demo_checks_itself_in_chromium_as_far_as_the_first_step(tmp_path: Path) -> None:
    need("Chromium", bool(CHROMIUM))
    done = subprocess.run(
        [sys.executable, "-c", SHORT], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "In Chromium" in done.stdout
    assert done.stdout.count("✓") == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.browser
@pytest.mark.skipif(not ALL, reason="a second whole cycle in Chromium: ./run test --all")
def test_the_demo_checks_itself_in_chromium(tmp_path: Path) -> None:
    need("Chromium", bool(CHROMIUM))
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool.demo", "--check"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "In Chromium" in done.stdout
    assert done.stdout.count("✓") == 14
    assert "✗" not in done.stdout
    assert "cycle 2" in done.stdout
    # It leaves nothing behind where it was started.
    assert not list(tmp_path.iterdir())


def test_the_command_says_where_to_look(tmp_path: Path) -> None:
    """One address in a frame of its own, also when somebody else has the usual ports."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with DemoCommand(tmp_path, port) as demo:
            assert demo.port > port + 1
            assert requests.get(demo.url, timeout=60).ok
            page = requests.get(demo.url, headers={"Accept-Language": "en"}, timeout=60).text
    assert "Be the facilitator" in page
    said = "".join(demo.said)
    assert said.startswith(f"Port {port} or {port + 1} is taken: this demo is at {demo.port - 1} and {demo.port}")
    assert said.count("http://") == 1
    rest = "".join(iter(demo._lines.get_nowait, ""))
    for word in ("Firefox", "Safari", "Ctrl+C", "--fresh", "var/demo", "Stopped."):
        assert word in rest
