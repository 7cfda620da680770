"""What a launch costs: server CPU of a whole launch, over that of the library alone on the same messages."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool.db import now
from lti_tool.domain import cycle, roster
from lti_tool.steps import load
from tests.load.house import CLIENT, DEPLOYMENT, ROOT, TOOL, House, furnish, house
from tests.load.lms import AUTH, KEY_SET, TOKEN, Lms, lms
from tests.load.messages import COURSES, KID, Messages

LAUNCHES = 200
ROUNDS = 3
# What a browser in an LMS's frame sends; the proxy before the tool adds the scheme.
HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "nl,en-US;q=0.7,en;q=0.3",
    "Sec-Fetch-Dest": "iframe",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
    "X-Forwarded-Proto": "https",
}


@dataclass
class Server:
    """One of the two applications, with one gunicorn worker. shows: what its page must hold."""

    name: str
    login: str
    launch: str
    shows: bytes
    port: int
    worker: int
    jars: dict[int, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def cpu(self) -> float:
        """Seconds of processor time (user and system) that the worker has used."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, method: str, path: str, jar: dict[str, str], form: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, Location and body of one request; cookies come and go as in a browser."""
        headers = dict(HEADERS)
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(form) if form else None, headers)
        response = self.connection.getresponse()
        body = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            pair, _, attributes = line.partition(";")
            name, _, value = pair.partition("=")
            jar.pop(name, None)
            if "Max-Age=0" not in attributes:
                jar[name] = value
        return response.status, response.headers.get("Location", ""), body


def launch(server: Server, messages: Messages, person: int) -> None:
    """One complete launch, to the page that is shown."""
    jar, target = server.jars.setdefault(person, {}), TOOL + server.launch
    login = messages.login(person, target)
    status, location, _ = server.send("POST", server.login, jar, login)
    if status == 200:
        # The library's page that checks for cookies: its script comes back like this.
        again = f"{server.login}?{urlencode({**login, 'lti1p3_new_window': '1'})}"
        status, location, _ = server.send("GET", again, jar, {})
    assert status == 302, (server.name, status)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    form = {"id_token": messages.token(person, target, asked["nonce"]), "state": asked["state"]}
    status, location, page = server.send("POST", server.launch, jar, form)
    if status == 303:
        status, _, page = server.send("GET", location, jar, {})
    assert status == 200, (server.name, status, page)
    assert server.shows in page, (server.name, page)


def measure(tell: Callable[[str], None]) -> dict[str, float]:
    """launch_cpu_ratio_*: the two servers take turns, launch by launch."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": KID}
    ratios: dict[str, list[float]] = {"new": [], "again": []}
    with ExitStack() as stack:
        platform = stack.enter_context(lms(key_set={"keys": [jwk]}))
        at = stack.enter_context(house())
        _furnish(at, platform)
        messages = Messages(platform, key)
        tell(f"launch: a token of {len(messages.token(1, TOOL, 'n' * 43))} bytes")
        leerkring = stack.enter_context(_leerkring(at))
        bare = stack.enter_context(_bare(at, platform, key))
        known = range(1000, 1000 + LAUNCHES)
        _round((leerkring, bare), messages, known)
        for number in range(ROUNDS):
            fresh = range(10_000 * (number + 1), 10_000 * (number + 1) + LAUNCHES)
            for kind, people in (("new", fresh), ("again", known)):
                ours, theirs = _round((leerkring, bare), messages, people)
                tell(f"launch {kind}: {ours * 1000:.2f} ms and bare {theirs * 1000:.2f} ms of CPU a launch")
                ratios[kind].append(ours / theirs)
    return {f"launch_cpu_ratio_{kind}": median(found) for kind, found in ratios.items()}


def _round(servers: tuple[Server, Server], messages: Messages, people: range) -> list[float]:
    before = [server.cpu() for server in servers]
    for person in people:
        for server in servers:
            launch(server, messages, person)
    return [(server.cpu() - used) / len(people) for server, used in zip(servers, before, strict=True)]


def _furnish(at: House, platform: Lms) -> None:
    """Courses with a placement whose first step is open and whose roster was just read."""
    with at.session() as session:
        deployment_id = furnish(session, platform)
        for course in range(2, COURSES + 2):
            met = roster.meet(
                session,
                roster.Arrival(
                    issuer=platform.origin,
                    deployment_id=deployment_id,
                    sub=f"teacher-{course}",
                    name="Marieke de Vries",
                    locale="nl",
                    role="instructor",
                    context_id=str(course),
                    context_title=f"Leergemeenschap Praktijkonderwijs {course}",
                    resource_link_id=str(course),
                    resource_link_title="Stap 1",
                    step="ambition",
                ),
            )
            met.course.roster_at = now()
            first = load().by_name["ambition"]
            cycle.open_step(session, met.community, cycle.opened(session, met.community, None)[0], first)


def _leerkring(at: House) -> AbstractContextManager[Server]:
    shows = b"/step/ambition/"
    return _serving("leerkring", "lti_tool:create_app()", at.environment(), at, "/lti/login", "/lti/launch", shows)


def _bare(at: House, platform: Lms, key: rsa.RSAPrivateKey) -> AbstractContextManager[Server]:
    client = {
        "default": True,
        "client_id": CLIENT,
        "auth_login_url": platform.origin + AUTH,
        "auth_token_url": platform.origin + TOKEN,
        "key_set_url": platform.origin + KEY_SET,
        "deployment_ids": [DEPLOYMENT],
    }
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    own = {"BARE_PLATFORM": json.dumps({platform.origin: [client]}), "BARE_KEY": pem.decode()}
    return _serving(
        "bare", "tests.load.bare:create_app()", {**os.environ, **own}, at, "/login/", "/launch/", b"Hello, Fatima"
    )


@contextmanager
def _serving(
    name: str, app: str, environment: dict[str, str], at: House, login: str, launch: str, shows: bytes
) -> Iterator[Server]:
    """gunicorn as `leerkring serve` runs it, with one worker, for the length of a block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", "1", "--threads", "4", "--keep-alive", "60", app]
    with (at.folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield Server(name, login, launch, shows, port, _worker(process, port))
    finally:
        process.terminate()
        process.wait(timeout=40)


def _worker(process: "subprocess.Popen[bytes]", port: int) -> int:
    """The process id of gunicorn's one worker, once it answers."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/nothing")
            connection.getresponse().read()
            connection.close()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            assert len(children) == 1, children
            return int(children[0])
        except OSError:
            assert process.poll() is None, "gunicorn ended"
            time.sleep(0.1)
    raise TimeoutError("gunicorn did not answer")
