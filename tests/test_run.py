"""`./run`: made before anything is installed, so it is tested as a file, in a folder of its own."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

RUN = Path(__file__).parent.parent / "run"
PYPROJECT = """
[build-system]
requires = ["hatchling"]
[project]
name = "leerkring"
dependencies = ["flask>=3.1"]
[tool.ruff]
line-length = 120
"""


def load(folder: Path) -> ModuleType:
    """`run` as it would be found in a checkout there."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(RUN, folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    loader = SourceFileLoader("run_under_test", str(folder / "run"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`run` in a path with a space, nobody's CI, no settings of pip."""
    for name in [name for name in os.environ if name == "CI" or name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    return load(tmp_path / "a school")


@pytest.fixture
def installed(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed so far; environments are made of this Python, packages of nothing."""
    done: list[str] = []

    def make_venv() -> None:
        done.append("new")
        (run.VENV / "bin").mkdir(parents=True, exist_ok=True)
        run.PYTHON.unlink(missing_ok=True)
        # Not a link: outside its environment this Python may have no pip.
        run.PYTHON.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        run.PYTHON.chmod(0o755)

    def pip(*arguments: str) -> None:
        time.sleep(0.05)
        done.append(arguments[-1])

    monkeypatch.setattr(run, "make_venv", make_venv)
    monkeypatch.setattr(run, "pip", pip)
    return done


# --- What it says


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_help_needs_no_environment(run: ModuleType, arguments: list[str]) -> None:
    said = subprocess.run([run.HERE / "run", *arguments], capture_output=True, text=True, check=True).stdout
    assert all(f"./run {name}" in said for name in ("demo", "test", "bench", "COMMAND"))
    assert not run.VENV.exists()


@pytest.mark.parametrize(
    ("version", "platform", "sentence"),
    [
        ((3, 10, 13), "linux", "Leerkring needs Python 3.11 or newer, and this is 3.10"),
        ((3, 12, 0), "win32", "made for Linux and macOS"),
        ((3, 11, 0), "darwin", ""),
    ],
)
def test_refuses_in_a_sentence(run: ModuleType, version: tuple[int, ...], platform: str, sentence: str) -> None:
    said = run.refusal(version, platform)
    assert sentence in said
    assert bool(said) == bool(sentence)


def test_an_old_python_can_read_it() -> None:
    """Else it would say SyntaxError in place of its sentence."""
    ast.parse(RUN.read_text(), feature_version=(3, 7))


def test_it_can_be_started() -> None:
    assert os.access(RUN, os.X_OK)


def test_a_failure_is_a_sentence(run: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    (run.HERE / "pyproject.toml").write_text("[project")
    assert run.main(["demo"]) == 1
    said = capfd.readouterr().err
    assert "pyproject.toml cannot be read" in said
    assert "Traceback" not in said


# --- When it installs


def test_installs_once_and_the_tests_packages_only_for_tests(run: ModuleType, installed: list[str]) -> None:
    run.set_up(test=False)
    run.set_up(test=False)
    assert installed == ["new", "."]
    run.set_up(test=True)
    run.set_up(test=True)
    run.set_up(test=False)
    assert installed == ["new", ".", ".[test]"]


def test_setting_up_again_says_why_and_nothing_else(
    run: ModuleType, installed: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    for change in (dict, lambda: run.ask_for(["pdf"]), run.PYTHON.unlink):
        (run.HERE / "pyproject.toml").write_text(PYPROJECT + "[project.optional-dependencies]\npdf = []\n")
        change()
        run.set_up(test=False)
    run.set_up(test=True)
    (run.HERE / "pyproject.toml").write_text(PYPROJECT)
    run.set_up(test=True)
    reasons = re.findall(r"\((.*)\)", capfd.readouterr().err)
    assert reasons == ["once, about a minute", "for pdf", "another Python", "for the tests", "other packages"]


@pytest.mark.parametrize(
    ("old", "new", "noticed"),
    [("flask>=3.1", "flask>=3.2", True), ('["hatchling"]', '["hatchling>=2"]', True), ("120", "100", False)],
)
def test_notices_other_packages_in_pyproject(
    run: ModuleType, installed: list[str], old: str, new: str, noticed: bool
) -> None:
    run.set_up(test=True)
    (run.HERE / "pyproject.toml").write_text(PYPROJECT.replace(old, new))
    run.set_up(test=False)
    # The packages for the tests stay up to date too.
    assert installed == ["new", ".[test]"] + [".[test]"] * noticed


def test_extras_that_were_asked_for_are_kept_through_whatever_is_made_anew(
    run: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuilt environment lost PostgreSQL's driver, and the school its pages."""
    (run.HERE / "pyproject.toml").write_text(PYPROJECT + "[project.optional-dependencies]\npdf = []\nscale = []\n")
    run.set_up(test=False)
    assert run.main(["with", "scale"]) == 0
    assert run.main(["with", "pdf"]) == 0
    run.set_up(test=False)
    shutil.rmtree(run.VENV)
    run.set_up(test=True)
    assert installed == ["new", ".", ".[scale]", ".[pdf,scale]", "new", ".[pdf,scale,test]"]


@pytest.mark.parametrize("names", [[], ["scales"], ["test"], ["scale", "nothing"]])
def test_an_extra_that_is_none_is_refused_with_those_there_are(
    run: ModuleType, installed: list[str], names: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    (run.HERE / "pyproject.toml").write_text(PYPROJECT + "[project.optional-dependencies]\npdf = []\nscale = []\n")
    assert run.main(["with", *names]) == 1
    assert "one or more of: pdf, scale." in capfd.readouterr().err
    assert installed == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "postgresql+psycopg://u@db/x"), ("BROKER_URL", "redis://127.0.0.1/0")],
)
def test_what_the_settings_need_is_installed_without_being_asked_for(
    run: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"LEERKRING_{name}", value)
    run.set_up(test=False)
    monkeypatch.delenv(f"LEERKRING_{name}")
    run.set_up(test=False)
    assert installed == ["new", ".[scale]"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"no_proxy": "intranet"}, "intranet,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "intranet"}, "intranet,localhost,127.0.0.1,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_this_machine_is_reached_without_a_proxy(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], kept: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    run.reach_this_machine()
    assert os.environ["no_proxy"] == kept
    assert urllib.request.proxy_bypass_environment("localhost:8000")
    assert urllib.request.proxy_bypass_environment("127.0.0.1:8001")


# --- Where it is installed as a service


@pytest.fixture
def service(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has a wrapper and a file of settings; who is there has set nothing."""
    for name in [name for name in os.environ if name.startswith("LEERKRING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(run, "INSTALLED", (run.HERE / "pyproject.toml", run.HERE / "run"))


@pytest.mark.parametrize("arguments", [["invite"], ["admin", "code", "1"], ["serve", "--bind", "127.0.0.1:1"]])
def test_a_command_that_the_service_is_meant_by_is_refused_and_leaves_nothing(
    run: ModuleType, installed: list[str], service: None, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """It made a second database, and keys that the service could not read."""
    assert run.main(arguments) == 1
    said = capfd.readouterr().err
    assert said.endswith(f"use `leerkring {arguments[0]}`.\n")
    assert said.count("\n") == 1
    assert installed == []


def test_what_acts_on_no_school_s_database_or_says_on_which_may_be_run_there(
    run: ModuleType, service: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ("demo", "test", "bench", "with pdf", "doctor --help"):
        assert not run.meant_for_the_service(command.split())
    monkeypatch.setenv("LEERKRING_TEST_REDIS", "redis://127.0.0.1/15")
    assert run.meant_for_the_service(["invite"])
    monkeypatch.setenv("LEERKRING_DATABASE_URL", "sqlite://")
    assert not run.meant_for_the_service(["invite"])


def test_an_interrupted_installation_is_done_again(
    run: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "pip", interrupted)
        assert run.main(["demo"]) == 130
    run.set_up(test=False)
    assert installed == ["new", "."]


def test_a_moved_folder_gets_a_new_environment(run: ModuleType, installed: list[str]) -> None:
    run.set_up(test=True)
    moved = run.HERE.with_name("another school")
    run.HERE.rename(moved)
    run.HERE, run.VENV = moved, moved / ".venv"
    run.PYTHON, run.STAMP = run.VENV / "bin" / "python", run.VENV / "set-up.json"
    run.set_up(test=False)
    assert installed == ["new", ".[test]", "new", "."]


def test_two_at_once_install_once(run: ModuleType, installed: list[str]) -> None:
    both = [threading.Thread(target=run.set_up, args=(False,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert installed == ["new", "."]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "WARNING: NewConnectionError(...)\nERROR: No matching distribution found for flask",
            "connect to the internet",
        ),
        ("ERROR: one\nERROR: No space left on device\n", "could not be installed: No space left on device"),
        ("", "no reason given"),
    ],
)
def test_what_pip_says_becomes_a_sentence(run: ModuleType, said: str, sentence: str) -> None:
    assert sentence in run.complaint(said)


# --- pip, where Python came without


def test_picks_the_newest_pip_that_this_python_can_run(run: ModuleType) -> None:
    page = f"""
    <a href="../../files/pip-9.0.3-py2.py3-none-any.whl">pip-9.0.3-py2.py3-none-any.whl</a>
    <a href="../../files/pip-26.3-py3-none-any.whl#sha256={"a" * 64}" data-requires-python="&gt;=3.10">26.3</a>
    <a href="../../files/pip-26.3.tar.gz">pip-26.3.tar.gz</a>
    <a href="../../files/pip-27.0-py3-none-any.whl" data-requires-python="&gt;=3.12">27.0</a>
    <a href="../../files/pip-26.4-py3-none-any.whl" data-yanked="broken">26.4</a>
    <a href="../../files/pip-26.4b1-py3-none-any.whl">26.4b1</a>
    """
    name, url, digest = run.newest_pip(page, "https://mirror.example/py/simple/pip/", 11)
    assert name == "pip-26.3-py3-none-any.whl"
    assert url == "https://mirror.example/py/files/pip-26.3-py3-none-any.whl"
    assert digest == "a" * 64
    assert run.newest_pip(page, "https://mirror.example/py/simple/pip/", 12)[0] == "pip-27.0-py3-none-any.whl"
    with pytest.raises(run.Stop, match="python3-venv"):
        run.newest_pip("<h1>Not here</h1>", "https://mirror.example/", 11)


def test_fetches_pip_from_the_index_that_pip_is_set_to(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://mirror.example/simple\n[install]\ncert = /a/file\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert run.pip_setting("index-url") == "https://mirror.example/simple"
    assert run.pip_setting("cert") == "/a/file"
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert run.pip_setting("index-url") == "https://other.example/simple"


# --- ./run test


def test_pytest_works_in_parallel_unless_that_cannot_be(run: ModuleType) -> None:
    tests = run.HERE / "tests"
    (tests / "unit").mkdir(parents=True)
    (tests / "unit" / "test_a.py").touch()
    for arguments in ([], ["-k", "run"], ["tests/unit"], ["-x"]):
        assert run.pytest_arguments(arguments) == ["-n", "auto", "--dist", "loadfile", *arguments]
    for arguments in (["-n0"], ["-n", "4"], ["-p", "no:xdist"], ["--pdb"], ["tests/unit/test_a.py::test_b"]):
        assert run.pytest_arguments(arguments) == arguments


@pytest.fixture
def called(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The commands that ./run test calls, one a line; mypy fails with 3, pytest with 5."""
    lines = run.HERE / "called"
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.write_text(f"""#!/bin/sh
echo "$*" >> "{lines}"
case "$2" in
mypy) echo "a wrong type"; exit 3;;
pytest) echo "all: $LEERKRING_TEST_ALL, branches: $LEERKRING_TEST_BRANCHES"; echo "1 failed in 0.1s"; exit 5;;
esac
""")
    run.PYTHON.chmod(0o755)
    (run.HERE / "tests").mkdir()
    (run.HERE / "tests" / "test_a.py").touch()
    monkeypatch.chdir(run.HERE)
    return lines


def test_stops_at_the_first_failing_check(run: ModuleType, called: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run.test([]) == 3
    assert [line.split()[1] for line in called.read_text().splitlines()] == ["ruff", "ruff", "mypy"]
    said = capfd.readouterr().out
    assert "a wrong type" in said
    assert said.endswith("mypy failed; the rest was not run.\n")


def test_ci_runs_all_and_pytest_has_the_last_word(
    run: ModuleType, called: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert run.test([]) == 3
    assert len(called.read_text().splitlines()) == 5
    said = capfd.readouterr().out
    assert "This run fails, whatever the tests below say: mypy." in said
    assert said.endswith("1 failed in 0.1s\n")


def test_named_tests_are_run_alone(run: ModuleType, called: Path) -> None:
    assert run.test(["tests/test_a.py", "-x"]) == 5
    assert called.read_text() == "-m pytest tests/test_a.py -x\n"


def test_all_is_not_pytest_s_and_branches_are_counted_where_all_tests_run(
    run: ModuleType, called: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    for name in ("LEERKRING_TEST_ALL", "LEERKRING_TEST_BRANCHES"):
        monkeypatch.delenv(name, raising=False)
    for arguments, said in (
        (["--all"], "all: true, branches: true"),
        ([], "all: , branches: true"),
        (["--all", "-k", "walk"], "all: true, branches: \n"),
    ):
        run.test(arguments)
        assert said in capfd.readouterr().out
    assert "--all" not in called.read_text()
