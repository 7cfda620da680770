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
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.community import roster
from lti_tool.models import Course, Person, Registration, Seat
from lti_tool.steps import load
from tests.load.house import CLIENT, DEPLOYMENT, ROOT, TOOL, Asked, House, furnish, house
from tests.load.lms import AUTH, KEY_SET, TOKEN, Lms, lms
from tests.load.messages import COURSES, KID, Messages, course_of, name_of

LAUNCHES = 200
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


def measure(asked: Asked) -> AbstractContextManager[Callable[[], dict[str, float]]]:
    """launch_cpu_ratio_*: on SQLite."""
    return _measure(asked, None, "")


def measure_postgresql(asked: Asked) -> AbstractContextManager[Callable[[], dict[str, float]]]:
    """launch_cpu_ratio_*_postgresql: on that server, whose own CPU is not counted."""
    return _measure(asked, asked.server, "_postgresql")


@contextmanager
def _measure(asked: Asked, database: str | None, suffix: str) -> Iterator[Callable[[], dict[str, float]]]:
    """The two servers take turns, launch by launch."""
    with ExitStack() as stack:
        messages = stack.enter_context(_messages())
        at = stack.enter_context(house(database))
        _furnish(at, messages.platform)
        asked.tell(f"launch: a token of {len(messages.token(1, TOOL, 'n' * 43))} bytes")
        leerkring = stack.enter_context(_leerkring(at))
        bare = stack.enter_context(_bare(at, messages))
        known, numbers = range(1000, 1000 + LAUNCHES), count(1)
        _enrol(at, known)
        _round((leerkring, bare), messages, known)

        def once() -> dict[str, float]:
            ratios, number = {}, next(numbers)
            fresh = range(10_000 * number, 10_000 * number + LAUNCHES)
            _enrol(at, fresh)
            for kind, people in (("new", fresh), ("again", known)):
                name = f"launch_cpu_ratio_{kind}{suffix}"
                if name in asked.keys:
                    ours, theirs = _round((leerkring, bare), messages, people)
                    asked.tell(
                        f"launch {kind}{suffix}: {ours * 1000:.2f} ms and bare {theirs * 1000:.2f} ms of CPU a launch"
                    )
                    ratios[name] = ours / theirs
            return ratios

        yield once


@contextmanager
def bare_again() -> Iterator[Callable[[], float]]:
    """Seconds of CPU that the library alone uses for a launch of somebody it knows."""
    with _messages() as messages, house() as at, _bare(at, messages) as bare:
        known = range(1000, 1000 + LAUNCHES)
        _round((bare,), messages, known)
        yield lambda: _round((bare,), messages, known)[0]


@contextmanager
def _messages() -> Iterator[Messages]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig", "kid": KID}
    with lms(key_set={"keys": [jwk]}) as platform:
        yield Messages(platform, key)


def _round(servers: tuple[Server, ...], messages: Messages, people: range) -> list[float]:
    for server in servers:
        # It may have closed a connection on which nothing was said for a while.
        server.connection.close()
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
            steps = load()
            first = cycle.opened(session, met.community, None)[0]
            cycle.open_step(session, met.community, first, steps.by_name["ambition"], steps)


def _enrol(at: House, people: range) -> None:
    """The rosters that were just read list these people: whom they do not know would be asked what they do here."""
    with at.session() as session:
        platform = session.scalars(select(Registration)).one()
        courses = {course.context_id: course.id for course in session.scalars(select(Course))}
        for person in people:
            named = {"issuer": platform.issuer, "realm": platform.realm, "sub": str(person), "name": name_of(person)}
            row = Person(**named)
            session.add(row)
            session.flush()
            session.add(Seat(course_id=courses[str(course_of(person))], person_id=row.id, roster_role="learner"))


def _leerkring(at: House) -> AbstractContextManager[Server]:
    shows = b"/step/ambition/"
    return _serving("leerkring", "lti_tool:create_app()", at.environment(), at, "/lti/login", "/lti/launch", shows)


def _bare(at: House, messages: Messages) -> AbstractContextManager[Server]:
    platform, key = messages.platform, messages.key
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
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--worker-class",
        "lti_tool.serving.Worker" if "lti_tool" in app and "tests" not in app else "gthread",
    ]
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
