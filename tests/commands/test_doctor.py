"""Doctor: each thing made wrong is said in a sentence with what to do; what is right is not; it only reads."""

import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from lti_tool import files
from lti_tool.db import insert_row
from lti_tool.models import OutboxRow, Registration
from tests.actors import Tool
from tests.commands.conftest import run, settings_of
from tests.commands.proxy import Headers, Proxy
from tests.databases import ahead, behind, empty
from tests.lti.sender import our_key
from tests.lti.site import Answer, Site

NOBODY = 65534


def said(tool: Tool, **changes: str) -> list[str]:
    """What doctor says is wrong, a sentence each; that its exit code agrees."""
    result = run("doctor", **{**settings_of(tool), **changes})
    assert result.stderr == ""
    lines: list[str] = result.stdout.splitlines()
    right = ("Address: ", "Deliveries: ")
    wrong = [line for line in lines if not line.startswith(right) and ": key set read in" not in line]
    if wrong == ["Nothing is wrong."]:
        wrong = []
    assert result.exit_code == bool(wrong), result.output
    return wrong


def platform(tool: Tool, url: str) -> None:
    """A registration whose key set is there."""
    addresses = dict.fromkeys(("auth_login_url", "auth_token_url"), "https://lms.example/x")
    with tool.session() as session:
        values = {"name": "", "family": "", "scopes": "", "created_at": dt.datetime.now(dt.UTC)}
        values |= {"updated_at": values["created_at"]}
        insert_row(session, Registration, issuer=url, client_id="c", key_set_url=f"{url}/jwks", **addresses, **values)


@pytest.fixture
def lms_site() -> Iterator[Site]:
    with Site() as running:
        running.answers["/jwks"] = Answer({"keys": [our_key().jwk()]})
        yield running


def test_where_all_is_right_it_says_so(any_tool: Tool, lms_site: Site) -> None:
    platform(any_tool, lms_site.url)
    assert said(any_tool) == []
    assert "Nothing is wrong." in run("doctor", **settings_of(any_tool)).stdout


def test_what_waits_for_its_day_is_not_counted_with_what_is_due(any_tool: Tool) -> None:
    with any_tool.session() as session:
        session.execute(delete(OutboxRow))
        for days in (-1, 2, 3):
            due_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
            session.add(OutboxRow(kind="stage", key=str(days), ids={}, due_at=due_at))
    assert "Deliveries: 1 to be made now, 2 not yet (" in run("doctor", **settings_of(any_tool)).stdout


def test_an_address_that_leads_nowhere(any_tool: Tool) -> None:
    (sentence,) = said(any_tool, BASE_URL="http://localhost:1")
    assert sentence.startswith("Nothing answers at http://localhost:1 (connection): is `leerkring serve` running")


@pytest.mark.parametrize(
    ("answer", "with_"),
    [
        (Answer("<h1>Welkom"), "status 200"),
        (Answer(status=404), "status 404"),
        (Answer({"status": "ok"}), "status 200"),
        (
            Answer(status=301, headers={"Location": "https://www.school.example/"}),
            "leads to https://www.school.example/",
        ),
    ],
)
def test_an_address_that_leads_elsewhere(any_tool: Tool, answer: Answer, with_: str) -> None:
    with Site() as other:
        other.answers["/healthz"] = answer
        url = f"http://localhost:{other.port}"
        (sentence,) = said(any_tool, BASE_URL=url)
        assert sentence.startswith(f"Something else than Leerkring answers at {url}")
        assert with_ in sentence
        assert [asked.path for asked in other.asked] == ["/healthz"], "a stranger is told nothing of the secret"


def test_a_secret_that_is_not_the_running_services(any_tool: Tool) -> None:
    (sentence,) = said(any_tool, SECRET_KEY="another-0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    assert "another LEERKRING_SECRET_KEY than this command" in sentence


def test_a_secret_that_is_a_placeholder(any_tool: Tool) -> None:
    sentences = said(any_tool, SECRET_KEY="PASTE THE OUTPUT OF: openssl rand -hex 32")
    assert sentences[0].startswith("LEERKRING_SECRET_KEY is a placeholder")


def test_other_keys_or_another_database_than_the_running_services(
    any_tool: Tool, tmp_path: Path, sqlite_url: str
) -> None:
    (sentence,) = said(any_tool, KEYS_DIR=str(tmp_path / "others"))
    assert "signs with other keys" in sentence
    copy = tmp_path / "copy.db"
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), copy)
    sentences = said(any_tool, DATABASE_URL=f"sqlite:///{copy}")
    assert any("another LEERKRING_DATABASE_URL" in sentence for sentence in sentences)


# Proxies. What one does to a request's headers.


def adds_address(headers: Headers) -> None:
    headers["X-Forwarded-For"] = ", ".join(filter(None, [headers.get("X-Forwarded-For"), "198.51.100.7"]))


def sets_host(headers: Headers) -> None:
    headers["X-Forwarded-Host"] = headers["Host"]


def well(headers: Headers) -> None:
    adds_address(headers)
    sets_host(headers)
    headers["X-Forwarded-Proto"] = "http"


def replaces_address(headers: Headers) -> None:
    well(headers)
    headers["X-Forwarded-For"] = "198.51.100.7"


def without_host(headers: Headers) -> None:
    adds_address(headers)


def claims_https(headers: Headers) -> None:
    well(headers)
    headers["X-Forwarded-Proto"] = "https"


def as_itself(headers: Headers) -> None:
    headers.pop("X-Forwarded-For", None)
    headers.pop("X-Forwarded-Host", None)
    headers["Host"] = "upstream.internal"


# The proxies in front, from the outside in; LEERKRING_TRUSTED_PROXIES; what the one sentence holds, if there is one.
PROXIES: list[tuple[list[Callable[[Headers], None]], int, str]] = [
    ([], 0, ""),
    ([well], 1, ""),
    ([replaces_address], 1, ""),
    ([well], 0, "1 proxy stands in front and LEERKRING_TRUSTED_PROXIES is 0: set it to 1"),
    ([well, adds_address], 1, "2 proxies stand in front and LEERKRING_TRUSTED_PROXIES is 1: set it to 2"),
    ([], 1, "No proxies stand in front and LEERKRING_TRUSTED_PROXIES is 1: set it to 0"),
    ([without_host], 1, "passes on whatever X-Forwarded-Host a browser sends"),
    ([claims_https], 1, "Seen from inside, the address is https://"),
    ([as_itself], 0, "Seen from inside, the address is http://upstream.internal and not"),
]


@pytest.mark.parametrize(("chain", "trusted", "sentence"), PROXIES)
def test_proxies_and_what_is_believed_of_them(
    sqlite_url: str, keys_dir: Path, chain: list[Callable[[Headers], None]], trusted: int, sentence: str
) -> None:
    with ExitStack() as stack:
        tool = stack.enter_context(Tool(sqlite_url, keys_dir, trusted_proxies=trusted))
        tool.worker().beat()
        url = tool.url
        for sets in reversed(chain):
            proxy = stack.enter_context(Proxy(sets))
            proxy.to, url = url, proxy.url
        found = said(tool, BASE_URL=url)
        assert found == [] if not sentence else sentence in found[0], found


# The database


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (empty, "The database has no tables yet: run `leerkring db upgrade`"),
        (behind, "The database is older than this Leerkring: run `leerkring db upgrade`"),
        (ahead, "The database was brought up to date by a newer Leerkring than this one: install that version"),
    ],
)
def test_a_database_that_is_behind_or_ahead_of_the_code(
    any_tool: Tool, make: Callable[[str], None], sentence: str
) -> None:
    make(any_tool.settings.database_url)
    assert said(any_tool)[0].startswith(sentence)


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder of somebody who is not root, as whom all is done meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="leerkring-"))
    folder.chmod(0o755)
    mine = os.geteuid()
    try:
        yield folder
    finally:
        os.seteuid(mine)
        shutil.rmtree(folder)


@pytest.mark.parametrize("which", ["database", "database folder", "keys"])
def test_a_file_that_cannot_be_written(sqlite_url: str, keys_dir: Path, which: str) -> None:
    with as_nobody() as folder:
        data, keys = folder / "data", folder / "keys"
        data.mkdir()
        database = data / "leerkring.db"
        shutil.copy(sqlite_url.removeprefix("sqlite:///"), database)
        shutil.copytree(keys_dir, keys)
        given = {"BASE_URL": "http://localhost:1", "DATABASE_URL": f"sqlite:///{database}", "KEYS_DIR": str(keys)}
        given |= {"SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "ALLOW_PRIVATE_HOSTS": "1"}
        assert "cannot be written" not in run("doctor", **given).output
        everything = [folder, data, *data.iterdir(), keys, *keys.iterdir()]
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)
        there = {"database": database, "database folder": data, "keys": keys}[which]
        there.chmod(0o555 if there.is_dir() else 0o444)
        if os.geteuid() == 0:
            for path in everything:
                os.chown(path, NOBODY, -1)
            os.seteuid(NOBODY)
        result = run("doctor", **given)
        assert result.exit_code == 1
        found = result.stdout.splitlines()[1]
        assert found.startswith(f"{there} cannot be written by this user")
        assert "run this as the user that runs Leerkring" in found


@pytest.fixture
def own(sqlite_url: str, keys_dir: Path, tmp_path: Path) -> Iterator[Tool]:
    """A tool whose database and keys lie in folders of their own."""
    database, keys = tmp_path / "data" / "leerkring.db", tmp_path / "keys"
    database.parent.mkdir(0o700)
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), database)
    shutil.copytree(keys_dir, keys)
    with Tool(f"sqlite:///{database}", keys) as running:
        running.worker().beat()
        yield running


@pytest.mark.parametrize(
    ("which", "mode"), [("data", 0o750), ("data", 0o703), ("keys", 0o755), ("keys/demo-" + "0" * 20 + ".pem", 0o640)]
)
def test_what_others_on_the_machine_may_read(own: Tool, tmp_path: Path, which: str, mode: int) -> None:
    assert said(own) == []
    (tmp_path / which).chmod(mode)
    (sentence,) = said(own)
    assert sentence == f"Others on this machine may read or write {tmp_path / which}: chmod go-rwx {tmp_path / which}"


def test_several_that_others_may_read_are_one_sentence_and_a_database_is_taken_from_them(
    own: Tool, tmp_path: Path
) -> None:
    for path in (tmp_path / "data", tmp_path / "keys", tmp_path / "data" / "leerkring.db"):
        path.chmod(0o777)
    (sentence,) = said(own)
    assert sentence.endswith(f": chmod go-rwx {tmp_path / 'keys'} {tmp_path / 'data'}")
    assert oct((tmp_path / "data" / "leerkring.db").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("shared", ["everybody's", "current", "somebody else's"])
def test_a_folder_that_is_not_leerkrings_alone_is_not_to_be_closed(
    own: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str
) -> None:
    folder = tmp_path / "data"
    folder.chmod(0o1777 if shared == "everybody's" else 0o755)
    if shared == "current":
        monkeypatch.chdir(folder)
    elif shared == "somebody else's":
        monkeypatch.setattr(files, "is_shared", lambda path: path == folder)
    (sentence,) = said(own)
    assert sentence.startswith(f"{folder} is not Leerkring's alone")
    assert "chmod" not in sentence
    assert "LEERKRING_DATABASE_URL" in sentence


def test_no_worker_at_work(tool: Tool) -> None:
    (sentence,) = said(tool)
    assert sentence.startswith("No worker has been heard of for a minute: start `leerkring serve`")


def test_a_broker_that_is_away(any_tool: Tool) -> None:
    (sentence,) = said(any_tool, BROKER_URL="redis://127.0.0.1:1/0")
    assert sentence.startswith("The broker at LEERKRING_BROKER_URL does not answer: start it.")


# Platforms, and clocks


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(status=500), "could not be read (status (500))"),
        (Answer("<h1>"), "could not be read (not_json (200))"),
        (Answer({"keys": []}), "there is no usable key in its key set"),
        (Answer({"keys": "none"}), "there is no usable key in its key set"),
    ],
)
def test_a_key_set_that_cannot_be_used(any_tool: Tool, lms_site: Site, answer: Answer, sentence: str) -> None:
    platform(any_tool, lms_site.url)
    lms_site.answers["/jwks"] = answer
    (found,) = said(any_tool)
    assert found.startswith(f"{lms_site.url}: ")
    assert sentence in found


def off_by(seconds: float) -> str:
    """The Date of an answer from such a clock."""
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("seconds", "way"), [(300, "ahead of this"), (-300, "behind this"), (20, "ahead of this"), (-20, "behind this")]
)
def test_clocks_that_differ_are_named_with_who_is_ahead(
    any_tool: Tool, lms_site: Site, seconds: float, way: str
) -> None:
    platform(any_tool, lms_site.url)

    def says(headers: Headers) -> None:
        headers["Date"] = off_by(seconds)

    with Proxy(says=says) as proxy:
        proxy.to = any_tool.url
        (own,) = said(any_tool, BASE_URL=proxy.url)
        assert own.startswith(f"The clock of {proxy.url} is ")
        proxy.to = lms_site.url
        with any_tool.session() as session:
            session.query(Registration).one().key_set_url = f"{proxy.url}/jwks"
        (theirs,) = said(any_tool)
    assert theirs.startswith(f"The clock of {lms_site.url} is ")
    for sentence in (own, theirs):
        assert f"seconds {way} machine's" in sentence
        assert "timedatectl" in sentence


def test_an_answer_out_of_a_cache_says_how_old_it_is(any_tool: Tool, lms_site: Site) -> None:
    platform(any_tool, lms_site.url)

    def says(headers: Headers) -> None:
        headers.update({"Date": off_by(-600), "Age": "600"})

    with Proxy(says=says) as proxy:
        proxy.to = lms_site.url
        with any_tool.session() as session:
            session.query(Registration).one().key_set_url = f"{proxy.url}/jwks"
        assert said(any_tool) == []


# It only reads


class Saving(Site):
    """An LMS that is slow: somebody saves while it is asked."""

    def __init__(self, tool: Tool) -> None:
        super().__init__()
        self.path = tool.settings.database_url.removeprefix("sqlite:///")
        self.saved: list[bool] = []

    def _answer(self, request: Any) -> None:
        connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            self.saved.append(True)
        finally:
            connection.close()
        super()._answer(request)


def test_saving_goes_on_while_an_lms_is_asked_and_nothing_is_changed(tool: Tool) -> None:
    """Its session held SQLite's write lock while it fetched: every save waited fifteen seconds, and failed."""
    tool.worker().beat()
    with Saving(tool) as slow:
        slow.answers["/jwks"] = Answer({"keys": [our_key().jwk()]})
        platform(tool, slow.url)
        assert said(tool) == []
        assert slow.saved == [True]
    with tool.session() as session:
        assert session.query(Registration).one().key_set is None
