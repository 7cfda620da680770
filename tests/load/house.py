"""What every measurement stands in: a folder, a migrated database of its own, and a platform that may launch."""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lti_tool.cli import migrate
from lti_tool.config import Settings
from lti_tool.lti import register
from lti_tool.models import Deployment
from tests.load.lms import AUTH, KEY_SET, LINE_ITEMS, TOKEN, Lms

ROOT = Path(__file__).parents[2]
TOOL = "https://tool.school.example"
CLIENT, DEPLOYMENT = "A7ah603Alv4CLZK", "1"
SCOPES = " ".join(
    f"https://purl.imsglobal.org/spec/{scope}"
    for scope in (
        "lti-ags/scope/lineitem",
        "lti-ags/scope/lineitem.readonly",
        "lti-ags/scope/result.readonly",
        "lti-ags/scope/score",
        "lti-nrps/scope/contextmembership.readonly",
    )
)


@dataclass(frozen=True)
class Asked:
    """Which keys are wanted of a measure. tell: takes raw numbers; server: PostgreSQL, where a key needs it."""

    keys: frozenset[str]
    tell: Callable[[str], None]
    server: str | None


# Sets the table, and gives what runs one round: its figures by key.
Measure = Callable[[Asked], AbstractContextManager[Callable[[], dict[str, float]]]]


@dataclass(frozen=True)
class House:
    """One installation of the tool."""

    folder: Path
    settings: Settings

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session in this process, committed at its end: to set up and to look, not to measure."""
        engine = create_engine(self.settings.database_url)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
        engine.dispose()

    def environment(self) -> dict[str, str]:
        """The environment in which another process finds this installation."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")}
        return kept | {
            "LEERKRING_BASE_URL": self.settings.base_url,
            "LEERKRING_DATABASE_URL": self.settings.database_url,
            "LEERKRING_KEYS_DIR": str(self.settings.keys_dir),
            "LEERKRING_SECRET_KEY": str(self.settings.secret_key),
            "LEERKRING_ALLOW_PRIVATE_HOSTS": "true",
        }

    @contextmanager
    def at_work(self, module: str, argument: str) -> Iterator[subprocess.Popen[str]]:
        """`python -m module argument` in this installation, told to end by the end of its stdin."""
        command = [sys.executable, "-m", module, argument]
        process = subprocess.Popen(
            command,
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait(timeout=120)

    def run(self, module: str, argument: str, timeout: float) -> str:
        """What `python -m module argument` prints, in this installation."""
        return subprocess.run(
            [sys.executable, "-m", module, argument],
            env=self.environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=timeout,
        ).stdout


@contextmanager
def house(postgresql: str | None = None) -> Iterator[House]:
    """A new installation, on SQLite or in a new database of that PostgreSQL server; gone afterwards."""
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as name, _database(postgresql, name) as url:
        settings = Settings(
            base_url=TOOL,
            database_url=url,
            keys_dir=Path(name) / "keys",
            secret_key="bench" * 8,
            allow_private_hosts=True,
        )
        migrate(url)
        yield House(Path(name), settings)


@contextmanager
def _database(server: str | None, folder: str) -> Iterator[str]:
    if server is None:
        yield f"sqlite:///{folder}/leerkring.db"
        return
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"leerkring_bench_{uuid.uuid4().hex[:12]}"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()


def postgresql() -> str | None:
    """The PostgreSQL server to measure on: LEERKRING_TEST_POSTGRESQL, or one that lets us in here."""
    for url in (os.environ.get("LEERKRING_TEST_POSTGRESQL"), "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"):
        if not url:
            continue
        engine = create_engine(url, connect_args={"connect_timeout": 3})
        try:
            with engine.connect() as connection:
                if connection.scalar(text("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")):
                    return url
        except SQLAlchemyError:
            continue
        finally:
            engine.dispose()
    return None


def furnish(session: Session, platform: Lms) -> int:
    """Register the LMS as a dynamic registration would; returns the id of its approved deployment."""
    row = register.upsert(
        session,
        issuer=platform.origin,
        client_id=CLIENT,
        auth_login_url=platform.origin + AUTH,
        auth_token_url=platform.origin + TOKEN,
        key_set_url=platform.origin + KEY_SET,
        family="moodle",
        name="Moodle",
        scopes=SCOPES,
    )
    register.approve(session, row, DEPLOYMENT)
    return session.scalars(select(Deployment.id).filter_by(registration_id=row.id)).one()


def line_items_url(platform: Lms) -> str:
    """The course's columns."""
    return f"{platform.origin}{LINE_ITEMS}?type_id=1"
