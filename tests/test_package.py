"""What is installed elsewhere: the wheel, made from the sdist, carries all that the application reads."""

import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parent.parent
PURELIB = sysconfig.get_path("purelib")


def call(*command: object, cwd: Path) -> str:
    """Run, with its complaint in the failure."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(**more: str) -> dict[str, str]:
    """This one without what would lead back to the checkout."""
    ours = ("LEERKRING_", "PYTHONPATH", "PIP_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    # -P: a folder here that is called build or dist is not the package.
    call(sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel, and everything else from the environment of the tests."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, symlinks=True)
    made = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", made, "install", "--quiet", "--no-deps", "--no-index", wheel)
    call(*pip, cwd=folder)
    # Only now, lest pip takes the checkout for an older version. Editable installations do not come along:
    # Python does not read the .pth files of a folder that is named in a .pth file.
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "tests-environment.pth").write_text(PURELIB + "\n")
    return made


@pytest.fixture(scope="module")
def served(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of what was installed, served as on a school's server."""
    folder = tmp_path_factory.mktemp("work")
    leerkring = python.with_name("leerkring")
    assert "up to date" in call(leerkring, "db", "upgrade", cwd=folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    log = folder / "log"
    with log.open("wb") as said:
        server = subprocess.Popen(
            [leerkring, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
            cwd=folder,
            env=environment(LEERKRING_BASE_URL=url),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        for _ in range(200):
            assert server.poll() is None, log.read_text()
            try:
                requests.get(f"{url}/lti/jwks", timeout=5)
                break
            except (requests.ConnectionError, requests.Timeout):
                # Nobody listens yet, or a worker still reads modules that nobody has compiled.
                time.sleep(0.1)
        else:
            pytest.fail(log.read_text())
        yield url
    finally:
        # The whole group: the server and its workers.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lti_tool").rglob("*") if path.is_file()}
    there |= {f"lti_tool/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "templates").rglob("*.*")}
    assert held == {name for name in there if "__pycache__" not in name}


@pytest.mark.parametrize(
    "pattern",
    [
        r"lti_tool/templates/.+\.html",
        r"lti_tool/static/.+\.css",
        r"lti_tool/migrations/versions/.+\.py",
        r"lti_tool/demo/templates/.+\.html",
        r"lti_tool/demo/static/.+",
    ],
)
def test_the_wheel_holds_what_is_no_code(wheel: Path, pattern: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert any(re.fullmatch(pattern, name) for name in archive.namelist())


def test_the_package_is_the_installed_one(python: Path, tmp_path: Path) -> None:
    where = call(python, "-c", "import lti_tool; print(lti_tool.__file__)", cwd=tmp_path)
    assert where.startswith(str(python.parent.parent))


def test_it_publishes_its_keys(served: str) -> None:
    keys = requests.get(f"{served}/lti/jwks", timeout=10).json()["keys"]
    assert keys[0]["kty"] == "RSA"
    assert "d" not in keys[0]


def test_it_says_in_dutch_that_a_page_does_not_exist(served: str) -> None:
    english = "This page does not exist, or you have no access to it."
    dutch = "Deze pagina bestaat niet, of je hebt er geen toegang toe."
    answer = requests.get(f"{served}/nowhere", headers={"Accept-Language": "nl"}, timeout=10)
    assert answer.status_code == 404
    assert '<html lang="nl">' in answer.text
    assert dutch in answer.text
    assert english in requests.get(f"{served}/nowhere", headers={"Accept-Language": "en"}, timeout=10).text


def test_its_pages_find_their_style(served: str) -> None:
    page = requests.get(f"{served}/nowhere", timeout=10).text
    found = re.search(r'href="([^"]+\.css[^"]*)"', page)
    assert found
    assert requests.get(served + found[1], timeout=10).headers["Content-Type"].startswith("text/css")
