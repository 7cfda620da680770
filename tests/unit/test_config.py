"""Bad environments: each stops the start with one sentence that names what to set."""

import re
from pathlib import Path

import pytest

from lti_tool import create_app
from lti_tool.config import ConfigError, Settings, from_environment

HTTPS = {"BASE_URL": "https://tool.example", "SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}

# LEERKRING_... -> what the sentence names
BAD = [
    ({"BASE_URL": "tool.example"}, "LEERKRING_BASE_URL"),
    ({"BASE_URL": ""}, "LEERKRING_BASE_URL"),
    ({"BASE_URL": "https://"}, "LEERKRING_BASE_URL"),
    ({"BASE_URL": "ftp://tool.example"}, "LEERKRING_BASE_URL"),
    ({"BASE_URL": "http://tool.example"}, "https://"),
    ({"BASE_URL": "http://192.168.1.4:8000"}, "https://"),
    ({"BASE_URL": "https://tool.example"}, "LEERKRING_SECRET_KEY"),
    ({**HTTPS, "SECRET_KEY": "much-too-brief"}, "LEERKRING_SECRET_KEY"),
    ({**HTTPS, "SECRET_KEY": ""}, "LEERKRING_SECRET_KEY"),
    ({**HTTPS, "TRUSTED_PROXIES": "two"}, "LEERKRING_TRUSTED_PROXIES"),
    ({**HTTPS, "TRUSTED_PROXIES": "-1"}, "LEERKRING_TRUSTED_PROXIES"),
    ({**HTTPS, "ALLOW_PRIVATE_HOSTS": "perhaps"}, "LEERKRING_ALLOW_PRIVATE_HOSTS"),
    ({**HTTPS, "TIME_ZONE": "Mars/Phobos"}, "LEERKRING_TIME_ZONE"),
    ({**HTTPS, "DATABASE_URL": "my database"}, "LEERKRING_DATABASE_URL"),
    ({**HTTPS, "BASE_URL": "https://school.example/leerkring"}, "LEERKRING_BASE_URL"),
    ({**HTTPS, "BASE_URL": "https://school.example/leerkring/"}, "LEERKRING_BASE_URL"),
    ({**HTTPS, "BASE_URL": "https://school.example/?a=b"}, "LEERKRING_BASE_URL"),
    ({**HTTPS, "BASE_URL": "https://school.example/#a"}, "LEERKRING_BASE_URL"),
    ({**HTTPS, "BASE_URL": "https://somebody@school.example"}, "LEERKRING_BASE_URL"),
    ({"BASE_URL": "https://tool.example:port", "SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}, "LEERKRING_BASE_URL"),
]


@pytest.mark.parametrize(("environment", "named"), BAD)
def test_a_bad_setting_is_one_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    monkeypatch.setenv("LEERKRING_KEYS_DIR", str(tmp_path))
    monkeypatch.setenv("LEERKRING_DATABASE_URL", f"sqlite:///{tmp_path}/a.db")
    for name, value in environment.items():
        monkeypatch.setenv(f"LEERKRING_{name}", value)
    with pytest.raises(ConfigError) as caught:
        create_app()
    said = str(caught.value)
    assert named in said
    assert "\n" not in said
    assert re.search(r"[.)]$", said)
    assert environment.get("SECRET_KEY") in (None, "") or environment["SECRET_KEY"] not in said


def test_nothing_set_at_all_is_a_development_server_on_this_machine() -> None:
    settings = from_environment()
    assert (settings.base_url, settings.production, settings.sqlite) == ("http://localhost:8000", False, True)


@pytest.mark.parametrize(
    ("url", "kept", "origin"),
    [
        ("https://tool.example/", "https://tool.example", "https://tool.example"),
        ("https://tool.example:8443/", "https://tool.example:8443", "https://tool.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_kept_without_its_last_slash_and_knows_its_origin(url: str, kept: str, origin: str) -> None:
    settings = Settings(base_url=url)
    assert (settings.base_url, settings.origin) == (kept, origin)


@pytest.mark.parametrize(
    ("settings", "production"),
    [
        (Settings(base_url="https://tool.example"), True),
        (Settings(base_url="https://tool.example", allow_private_hosts=True), False),
        (Settings(), False),
    ],
)
def test_production_is_an_https_address_that_is_not_the_demo(settings: Settings, production: bool) -> None:
    assert settings.production == production
