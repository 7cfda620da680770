"""Settings: the environment read once, into one frozen object that is handed to `create_app`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from environs import Env

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ConfigError(Exception):
    """What is missing or wrong in the environment, as one sentence for an administrator."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another.

    base_url: scheme://host[:port][/path] under which browsers and the LMS reach the tool, no
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

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"LEERKRING_BASE_URL is not a web address: {self.base_url!r}.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ConfigError(
                "LEERKRING_BASE_URL must begin with https://: browsers refuse the session cookie of a"
                " tool that is embedded over plain http on any host but localhost."
            )
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
    env = Env(prefix="LEERKRING_")
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
    )
