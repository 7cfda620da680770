"""Both halves of the demo: what they keep, and what happens when something is in the way."""

import os
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from lti_tool.demo import run
from lti_tool.demo.run import Demo, DemoError, folder_of, free_pair
from lti_tool.demo.school import School


@pytest.fixture
def port() -> int:
    return free_pair(random.randrange(33000, 48000, 2))


def registered(demo: Demo) -> list[tuple[str, str]]:
    return [(tool.client_id, tool.domain) for tool in demo.lms.school.tools.values() if tool.active]


def test_a_restarted_demo_goes_on_where_it_was(tmp_path: Path, port: int) -> None:
    said: list[str] = []
    with Demo(tmp_path, port, port + 1, say=said.append) as first:
        [tool] = registered(first)
        assert tool[1] == f"localhost:{port}"
        assert first.url == f"http://127.0.0.1:{port + 1}/"
        assert requests.get(first.url, timeout=5).ok
        keys = requests.get(f"{first.tool_url}/lti/jwks", timeout=5).json()
    with Demo(tmp_path, port, port + 1, say=said.append) as second:
        assert registered(second) == [tool]
        assert requests.get(f"{second.tool_url}/lti/jwks", timeout=5).json() == keys
    assert "registered" in "".join(second.logged(9))
    assert not said
    with Demo(tmp_path, port, port + 1, fresh=True, say=said.append) as third:
        assert registered(third) != [tool]
        assert requests.get(f"{third.tool_url}/lti/jwks", timeout=5).json() != keys
    assert not said


@pytest.mark.parametrize("lost", [run.DATABASE, run.LMS_STATE])
def test_half_of_what_was_kept_is_no_use(unused: Path, tmp_path: Path, lost: str) -> None:
    shutil.copytree(unused, tmp_path, dirs_exist_ok=True)
    [kept] = School.load(tmp_path / run.LMS_STATE).tools
    (tmp_path / lost).unlink()
    said: list[str] = []
    with Demo(tmp_path, say=said.append) as second:
        assert [client for client, _ in registered(second)] != [kept]
    assert len(said) == 1
    assert "begins anew" in said[0]


@pytest.mark.parametrize("spoilt", [run.DATABASE, run.LMS_STATE])
def test_what_cannot_be_read_is_said(unused: Path, tmp_path: Path, spoilt: str) -> None:
    shutil.copytree(unused, tmp_path, dirs_exist_ok=True)
    # Of less than a page SQLite makes an empty database.
    (tmp_path / spoilt).write_text("{" * 4096)
    with pytest.raises(DemoError, match="--fresh"):
        Demo(tmp_path)


def test_a_tool_that_does_not_register_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "registration_link", lambda _app: "http://127.0.0.1:9/nothing")
    monkeypatch.setattr("requests.get", lambda *_, **__: requests.models.Response())
    with pytest.raises(DemoError, match="did not register"), Demo(tmp_path):
        pass


def test_a_taken_port_is_passed_by(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        assert free_pair(port) > port
        with pytest.raises(DemoError):
            free_pair(65535)
    assert free_pair(port) == port


def test_each_pair_of_ports_keeps_its_own() -> None:
    assert folder_of(8000) == Path("var/demo")
    assert folder_of(8002) == Path("var/demo/8002")


# A system that knows no localhost, as a small container may be: every process of the test has it.
NO_LOCALHOST = """
import socket
ask = socket.getaddrinfo
def getaddrinfo(host, *rest, **more):
    if host in ("localhost", b"localhost"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return ask(host, *rest, **more)
socket.getaddrinfo = getaddrinfo
"""


def test_the_demo_starts_behind_a_proxy_and_where_nothing_knows_localhost(tmp_path: Path) -> None:
    """`./run` says that this machine needs no proxy; the demo finds it itself."""
    (tmp_path / "sitecustomize.py").write_text(NO_LOCALHOST)
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {
        "PYTHONPATH": f"{tmp_path}:{root}",
        "http_proxy": "http://127.0.0.1:1",
        "no_proxy": "localhost,127.0.0.1,::1",
    }
    command = [sys.executable, "-m", "lti_tool.demo", "--bare", "--fresh", "--port", "18730"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        assert demo.stdout
        said = ""
        for line in demo.stdout:
            said += line
            if "Open   http://127.0.0.1:" in line:
                break
        demo.terminate()
        said += demo.stdout.read()
    assert "Open   http://127.0.0.1:" in said
    assert "did not register" not in said
    assert demo.returncode == 0
