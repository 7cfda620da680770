"""An LMS in a process of its own, cheap enough not to be what is measured: HTTP/1.1 by hand on asyncio.

`python -m tests.load.lms` reads its settings (one JSON line) from stdin, prints its port, and ends when
stdin does. It keeps the grades it takes as a lenient LMS would: a score twice is taken twice, and counted.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 500
LINE_ITEMS = "/mod/lti/services.php/2/lineitems"
MEMBERS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
TOKEN, KEY_SET, AUTH = "/mod/lti/token.php", "/mod/lti/certs.php", "/mod/lti/auth.php"


@dataclass
class Platform:
    """What the LMS holds. delay: seconds it takes for each answer; busy: seconds it took for all of them."""

    origin: str
    delay: float
    key_set: dict[str, Any]
    pages: list[bytes]
    calls: Counter[str] = field(default_factory=Counter)
    busy: float = 0.0
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    grades: defaultdict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes, str]:
        """Status, JSON body and a header line for one request."""
        address = urlsplit(target)
        path, query = address.path, parse_qs(address.query)
        if path == TOKEN:
            scope = parse_qs(body.decode())["scope"][0]
            self.calls["token"] += 1
            return _json(200, {"access_token": f"token-{self.calls['token']}", "token_type": "Bearer",
                               "expires_in": 3600, "scope": scope})  # fmt: skip
        if path == KEY_SET:
            self.calls["key_set"] += 1
            return _json(200, self.key_set)
        if path == MEMBERS:
            number = int(query.get("page", ["0"])[0])
            self.calls["members"] += 1
            following = f'Link: <{self.origin}{MEMBERS}?page={number + 1}>; rel="next"\r\n'
            return 200, self.pages[number], following if number + 1 < len(self.pages) else ""
        if path == LINE_ITEMS:
            return self._line_items(method, query, body)
        if path.startswith(LINE_ITEMS) and method == "POST" and path.endswith("/scores"):
            score, column = json.loads(body), path.removesuffix("/scores")
            self.calls["score"] += 1
            self.scores[(column, score["userId"], score["timestamp"])] += 1
            self.grades[column][score["userId"]] = score["scoreGiven"]
            return 200, b"", ""
        if path.startswith(LINE_ITEMS) and path.endswith("/results"):
            self.calls["results"] += 1
            column = path.removesuffix("/results")
            wanted = query.get("user_id")
            return _json(200, [
                {"id": f"{self.origin}{path}/{user}", "scoreOf": self.origin + column, "userId": user,
                 "resultScore": grade, "resultMaximum": 100, "timestamp": "2026-11-24T10:00:00+01:00"}
                for user, grade in self.grades[column].items() if not wanted or user in wanted
            ])  # fmt: skip
        return _json(404, {})

    def _line_items(self, method: str, query: dict[str, list[str]], body: bytes) -> tuple[int, bytes, str]:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        if method == "POST":
            self.calls["create_line_item"] += 1
            path = f"{LINE_ITEMS}/{len(self.columns) + 2}/lineitem"
            self.columns[path] = {**json.loads(body), "id": f"{self.origin}{path}?type_id=1"}
            return _json(201, self.columns[path])
        self.calls["line_items"] += 1
        return _json(200, [
            item for item in self.columns.values()
            if all(item.get(names[name]) == values[0] for name, values in query.items() if name in names)
        ])  # fmt: skip

    def stats(self) -> dict[str, Any]:
        """What happened so far. doubled: scores taken more than once, and columns beyond the first."""
        doubled = sum(count - 1 for count in self.scores.values()) + max(len(self.columns) - 1, 0)
        grades = {user: grade for column in self.grades.values() for user, grade in column.items()}
        return {"calls": self.calls, "busy": self.busy, "doubled": doubled, "grades": grades}


def _json(status: int, value: Any) -> tuple[int, bytes, str]:
    return status, json.dumps(value).encode(), ""


class _Connection(asyncio.Protocol):
    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.loop = asyncio.get_running_loop()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            begun = self.loop.time()
            request, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            method, target, _version = request.split(" ")
            if target == "/stats":
                self._send(_json(200, self.platform.stats()), None)
                continue
            answer = self.platform.answer(method, target, body)
            if self.platform.delay:
                self.loop.call_at(begun + self.platform.delay, self._send, answer, begun)
            else:
                self._send(answer, begun)

    def _send(self, answer: tuple[int, bytes, str], begun: float | None) -> None:
        status, body, header = answer
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{header}\r\n"
        self.transport.write(head.encode() + body)
        if begun is not None:
            self.platform.busy += self.loop.time() - begun


def member(number: int) -> dict[str, Any]:
    """One membership as Moodle 4.5 tells it. Its ids of people begin at 2: 1 is its guest, whom no course has."""
    given, family = f"Voornaam{number:05d}", f"Achternaam {number:05d}"
    return {
        "user_id": str(number + 2),
        "status": "Active",
        "roles": ["Learner"],
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "email": f"lid{number:05d}@school.example",
        "lis_person_sourcedid": f"sis-{number:05d}",
        "ext_user_username": f"lid{number:05d}",
    }


async def _serve(settings: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    everybody = [member(number) for number in range(settings["members"])]
    pages = [
        json.dumps({"id": MEMBERS, "context": {"id": "2"}, "members": everybody[start : start + PAGE]}).encode()
        for start in range(0, len(everybody), PAGE)
    ]
    platform = Platform("", settings["delay"], settings["key_set"], pages)
    server = await loop.create_server(lambda: _Connection(platform), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    platform.origin = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Lms:
    """A running LMS, seen from outside."""

    origin: str

    def stats(self) -> dict[str, Any]:
        """What happened so far, see Platform.stats."""
        return stats(self.origin)


def stats(origin: str) -> dict[str, Any]:
    """Ask an LMS what happened so far; this call is not counted."""
    with urllib.request.urlopen(origin + "/stats", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def lms(*, delay: float = 0.0, members: int = 0, key_set: dict[str, Any] | None = None) -> Iterator[Lms]:
    """An LMS for the length of a block."""
    command = [sys.executable, "-m", "tests.load.lms"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        settings = {"delay": delay, "members": members, "key_set": key_set or {"keys": []}}
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        yield Lms(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.stdin.readline())))
