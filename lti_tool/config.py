"""Settings: the environment read once, into one frozen object that is handed to `create_app`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env, EnvError

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ConfigError(Exception):
    """What is missing or wrong in the environment, as one sentence for an administrator."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another.

    base_url: scheme://host[:port] under which browsers and the LMS reach the tool, no
    trailing slash. trusted_proxies: how many reverse proxies in front set X-Forwarded-*.
    """

    base_url: str = "http://localhost:8000"
    database_url: str = "sqlite:///var/leerkring.db"
    keys_dir: Path = Path("keys")
    secret_key: str | None = None
    broker_url: str | None = None
    metrics_token: str | None = None
    allow_private_hosts: bool = False
    trusted_proxies: int = 0
    time_zone: str = "Europe/Amsterdam"
    processors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not work, in one sentence that names the setting."""
        try:
            parts = urlsplit(self.base_url)
            known = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            known = False
        if not known:
            raise ConfigError(f"LEERKRING_BASE_URL is not a web address: {self.base_url!r}.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ConfigError(
                "LEERKRING_BASE_URL must begin with https://: browsers refuse the session cookie of a"
                " tool that is embedded over plain http on any host but localhost."
            )
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
            raise ConfigError(
                "LEERKRING_BASE_URL is scheme://host, without a path: Leerkring needs a host name of its own, for its"
                " cookies are of the whole host."
            )
        if not self.database_url.startswith(("sqlite://", "postgresql+psycopg://")):
            # Never the address itself: a password is in it.
            raise ConfigError(
                "LEERKRING_DATABASE_URL must begin with postgresql+psycopg:// or sqlite:/// (what other tools call"
                " postgres:// or postgresql://, Leerkring calls postgresql+psycopg://)."
            )
        if self.trusted_proxies < 0:
            raise ConfigError("LEERKRING_TRUSTED_PROXIES is a number of proxies: 0 or more.")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(
                f"LEERKRING_TIME_ZONE is not a time zone such as Europe/Amsterdam: {self.time_zone!r}."
            ) from error
        if self.base_url.endswith("/"):
            object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def production(self) -> bool:
        """An https address that is not the demo or a test: nothing may be made up for it."""
        return self.base_url.startswith("https://") and not self.allow_private_hosts

    @property
    def origin(self) -> str:
        """scheme://host[:port], as browsers write it in the Origin header."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone: dates on pages are in it, the database is in UTC."""
        return ZoneInfo(self.time_zone)

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment() -> Settings:
    """Read LEERKRING_* from the environment (README, "Settings"); raises ConfigError."""
    try:
        return _read(Env(prefix="LEERKRING_"))
    except EnvError as error:
        # environs names the variable, and says what it takes.
        raise ConfigError(f"{str(error).rstrip('.')}.") from error


def _read(env: Env) -> Settings:
    default = Settings()
    return Settings(
        base_url=env.str("BASE_URL", default.base_url),
        database_url=env.str("DATABASE_URL", default.database_url),
        keys_dir=Path(env.str("KEYS_DIR", str(default.keys_dir))),
        secret_key=env.str("SECRET_KEY", None),
        broker_url=env.str("BROKER_URL", None),
        metrics_token=env.str("METRICS_TOKEN", None),
        allow_private_hosts=env.bool("ALLOW_PRIVATE_HOSTS", default.allow_private_hosts),
        trusted_proxies=env.int("TRUSTED_PROXIES", default.trusted_proxies),
        time_zone=env.str("TIME_ZONE", default.time_zone),
        processors=tuple(filter(None, map(str.strip, env.str("PROCESSORS", "").split(";")))),
    )
