"""A platform that answers exactly what it is told to: recorded answers of a live Moodle, or made-up ones."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from lti_tool.config import Settings
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.outbound import Outbound, OutboundError
from lti_tool.lti.services import Services
from lti_tool.models import Registration

RECORDINGS = Path(__file__).parents[1] / "recordings"
HOST = "https://moodle.example"
TOKEN_PATH = "/mod/lti/token.php"
ITEMS, ITEM, ROSTER = "/lineitems?type_id=1", "/lineitems/3/lineitem?type_id=1", "/Course/2/memberships?type_id=1"
SCORES_PATH, RESULTS_PATH = "/lineitems/3/lineitem/scores?type_id=1", "/lineitems/3/lineitem/results?type_id=1"


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Answer:
    """What to answer. A body that is no text is sent as JSON."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)


def recorded(name: str, host: str) -> dict[str, Any]:
    """A recording, its host replaced."""
    text = (RECORDINGS / f"{name}.json").read_text()
    return json.loads(text.replace(HOST, host))  # type: ignore[no-any-return]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class StandIn:
    """The server. Whatever is asked for a token gets one; anything else must have been arranged."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], list[Answer | Callable[[Asked], Answer]]] = defaultdict(list)
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                asked = Asked(self.command, self.path, dict(self.headers), body)
                stand_in.asked.append(asked)
                answer = stand_in._next(asked)
                content = answer.text.encode()
                # Not send_response: the status line and the headers are the recording's and no others.
                self.send_response_only(answer.status)
                for key, value in answer.headers.items():
                    for each in [value] if isinstance(value, str) else value:
                        self.send_header(key, each)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        """Nothing was asked, nothing is arranged."""
        self.asked.clear()
        self._answers.clear()

    def on(self, method: str, path: str, *answers: Answer | Callable[[Asked], Answer]) -> None:
        """Answer so, one after the other, the last one for ever; in place of what was arranged before."""
        self._answers[method, path] = list(answers)

    def recording(self, name: str) -> Answer:
        """The answer of a recording."""
        found = recorded(name, self.url)
        return Answer(found["status"], found["body"], found["headers"])

    def play(self, name: str) -> dict[str, Any]:
        """Arrange a recording's answer to its own request; returns the recording."""
        found = recorded(name, self.url)
        self.on(found["method"], found["url"].removeprefix(self.url), self.recording(name))
        return found

    def _next(self, asked: Asked) -> Answer:
        answers = self._answers.get((asked.method, asked.path))
        if not answers and asked.path == TOKEN_PATH:
            return self.recording("token-nrps" if "contextmembership" in asked.body else "token-ags")
        if not answers:
            return Answer(599, f"nobody arranged {asked.method} {asked.path}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(asked) if callable(answer) else answer

    def requests(self, method: str, path: str = "") -> list[Asked]:
        """The requests of a method (to a path), tokens left out."""
        return [a for a in self.asked if a.method == method and a.path != TOKEN_PATH and path in ("", a.path)]

    @property
    def tokens(self) -> list[Asked]:
        """The requests for a token."""
        return [a for a in self.asked if a.path == TOKEN_PATH]

    def registration(self, **values: Any) -> Registration:
        """The tool as this platform knows it."""
        return Registration(
            **{
                "id": 1,
                "issuer": self.url,
                "client_id": "A7ah603Alv4CLZK",
                "family": "moodle",
                "auth_login_url": f"{self.url}/mod/lti/auth.php",
                "auth_token_url": f"{self.url}{TOKEN_PATH}",
                "key_set_url": f"{self.url}/mod/lti/certs.php",
                **values,
            }
        )


@cache
def _keys(keys_dir: Path) -> KeyRing:
    return KeyRing(Settings(keys_dir=keys_dir), demo=True)


def services(keys_dir: Path) -> Services:
    """The client, with no token yet."""
    return Services(Outbound(allow_private_hosts=True), _keys(keys_dir))


def reason(call: Callable[[], Any]) -> str:
    """Why a call failed."""
    with pytest.raises(OutboundError) as caught:
        call()
    return caught.value.reason
