"""A meeting of sixty: what it costs to look for news, and what a save costs while all look and all act.

follow_ratio and step_cpu_ratio_60 are ratios of processor time; the others are waited for, from the moment at which
each was due. All of it goes through gunicorn's worker as `leerkring serve` runs it.
"""

import asyncio
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.community import roster
from lti_tool.domain.meeting import agenda, running
from lti_tool.door.sessions import Sessions
from lti_tool.models import BrowserSession, Launch
from lti_tool.models.voices import Contribution
from lti_tool.steps import load
from tests.load.house import ROOT, Asked, House, furnish, house
from tests.load.lms import Lms, lms
from tests.web.circle import Circle, fill

PEOPLE, FEW = 60, 8
LOOKS = 1000
# Each acts once in so many seconds, for a minute; and looks every second.
EACH, LASTS, LOOK = 5.0, 60.0, 1.0
STEPS = load()
HOST = {"Host": "tool.school.example", "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Phone:
    """One person's browser: the address of their launch, and the cookie of its session."""

    launch: str
    cookie: str
    member: int

    @property
    def headers(self) -> dict[str, str]:
        """What its requests bring."""
        return {**HOST, "Cookie": self.cookie, "Sec-Fetch-Dest": "empty"}


@dataclass
class Room:
    """Gunicorn's processes, with a community that meets there."""

    port: int
    workers: list[int]
    phones: list[Phone]
    conductor: Phone
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def cpu(self) -> float:
        """Seconds of processor time, user and system, that the workers have used."""
        used = 0
        for worker in self.workers:
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def get(self, path: str, headers: dict[str, str]) -> bytes:
        """A page; it must be there."""
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, (path, response.status, body[:300])
        return body

    def cost(self, path: str, headers: dict[str, str], times: int) -> float:
        """Seconds of processor time for each of so many looks at a page."""
        self.connection.close()
        self.get(path, headers)
        before = self.cpu()
        for _ in range(times):
            self.get(path, headers)
        return (self.cpu() - before) / times


@contextmanager
def _room(database: str | None, people: int, step: str, stage: str, workers: int = 1) -> Iterator[Room]:
    """A community of so many at a stage, in a meeting, and everybody's phone."""
    with ExitStack() as stack:
        platform, at = stack.enter_context(lms()), stack.enter_context(house(database))
        phones = _people(at, platform, people, step, stage)
        port, found = stack.enter_context(_serving(at, workers))
        yield Room(port, found, phones[1:], phones[0])


def _people(at: House, platform: Lms, people: int, step: str, stage: str) -> list[Phone]:
    """Whoever facilitates, and the members."""
    sessions, found = Sessions(str(at.settings.secret_key)), []
    with at.session() as session:
        deployment = furnish(session, platform)
        c = _community(session, platform, deployment, people, step, stage)
        c.members[0].facilitates = True
        rounds = [agenda.Item(step, each.name, 5) for each in STEPS.by_name[step].stages]
        running.start(session, c.community, c.cycle, c.members[0], rounds)
        for number, member in enumerate(c.members):
            token = sessions._made()
            session.add(BrowserSession(token_hash=sessions.hash(token), person_id=member.person_id))
            session.flush()
            launch = f"{number:032x}"
            session.add(
                Launch(
                    id=launch,
                    session_hash=sessions.hash(token),
                    person_id=member.person_id,
                    deployment_id=deployment,
                    course_id=c.course.id,
                    community_id=c.community.id,
                    roles="learner",
                )
            )
            name = f"__Host-leerkring-session-{sessions.hash(token)[:8]}"
            found.append(Phone(launch, f"{name}={token}", member.id))
    return found


def _community(session: Session, platform: Lms, deployment: int, people: int, step: str, stage: str) -> Circle:
    met = roster.meet(
        session,
        roster.Arrival(
            issuer=platform.origin,
            deployment_id=deployment,
            sub="teacher",
            name="Marieke de Vries",
            locale="nl",
            role="learner",
            context_id="2",
            context_title="Leergemeenschap",
        ),
    )
    met.course.roster_at, met.community.by_roster = now(), False
    first = cycle.opened(session, met.community, None)[0]
    cycle.open_step(session, met.community, first, STEPS.by_name["ambition"], STEPS)
    return fill(session, people - 1, stage, step)


@contextmanager
def _serving(at: House, workers: int) -> Iterator[tuple[int, list[int]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--worker-class", "lti_tool.serving.Worker", "--threads", "4", "--keep-alive", "60"]
    with (at.folder / "meeting.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "lti_tool:create_app()"], env=at.environment(), cwd=ROOT, stdout=log, stderr=log
        )
    try:
        _answers(process, port)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, [int(each) for each in children]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def _answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
        except OSError:
            assert process.poll() is None, "gunicorn ended"
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("gunicorn did not answer")


@contextmanager
def measure_follow(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """follow_ratio: looks at which nothing is new, over looks at /healthz."""
    with _room(None, PEOPLE, "ambition", "ideas") as room:
        phone = room.phones[0]

        def once() -> dict[str, float]:
            health = room.cost("/healthz", HOST, LOOKS)
            news = room.cost(f"/l/{phone.launch}/news", phone.headers, LOOKS)
            asked.tell(f"follow: {news * 1e6:.0f} and /healthz {health * 1e6:.0f} microseconds of CPU")
            return {"follow_ratio": news / health}

        yield once


@contextmanager
def measure_steps(asked: Asked) -> Iterator[Callable[[], dict[str, float]]]:
    """step_cpu_ratio_60: the page of each stage of step 6 for sixty people, over the same for eight; the greatest."""

    def once() -> dict[str, float]:
        ratios = {}
        for stage in [each.name for each in STEPS.by_name["evaluation"].stages if not each.seldom]:
            costs = []
            for people in (FEW, PEOPLE):
                with _room(None, people, "evaluation", stage) as room:
                    phone = room.phones[0]
                    costs.append(room.cost(f"/l/{phone.launch}/step/evaluation", phone.headers, 60))
            ratios[stage] = costs[1] / costs[0]
            asked.tell(f"step 6 {stage}: {costs[0] * 1000:.1f} ms for {FEW}, {costs[1] * 1000:.1f} for {PEOPLE}")
        return {"step_cpu_ratio_60": max(ratios.values())}

    yield once


# --- Sixty who act and look at once, on schedule whether or not the last was answered


@dataclass
class Tally:
    """What came of it. waits: of a save, from the moment it was due; late: of a phone, from the advance."""

    saves: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    errors: int = 0
    saved: set[str] = field(default_factory=set)


async def _ask(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, bytes]:
    """One request on a connection of its own, as a phone that comes back makes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        writer.write(("\r\n".join([*lines, "Connection: close", "", ""]) + body).encode())
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), rest


def p95(waits: list[float]) -> float:
    """The 95th percentile."""
    return sorted(waits)[max(0, round(len(waits) * 0.95) - 1)] if waits else 0.0


async def _health(room: Room, waits: list[float], lasts: float) -> None:
    begun = time.monotonic()
    for number in range(int(lasts)):
        due = begun + number
        await asyncio.sleep(max(0, due - time.monotonic()))
        await _ask(room.port, "GET", "/healthz", HOST)
        waits.append(time.monotonic() - due)


async def _follow(room: Room, phone: Phone, tally: Tally, ends: float, moves: dict[str, float]) -> None:
    """Look every second; once the community moved, note how late this phone knew."""
    await asyncio.sleep(random.random() * LOOK)
    moved = ""
    while (due := time.monotonic()) < ends:
        status, body = await _ask(room.port, "GET", f"/l/{phone.launch}/news", phone.headers)
        where = body.decode().split(" ")[1] if status == 200 else moved
        tally.errors += status != 200
        if moved and where != moved and "advance" in moves:
            tally.late.append(time.monotonic() - moves["advance"])
        moved = where
        await asyncio.sleep(max(0, due + LOOK - time.monotonic()))


async def _act(room: Room, phone: Phone, number: int, tally: Tally, begun: float) -> None:
    """Save, react, read a whole page, in turns; each sent when it is due, whether or not the last was answered."""
    at = f"/l/{phone.launch}"
    under_way = []

    async def one(turn: int, due: float) -> None:
        kind = turn % 3
        words = f"idee {number} van ronde {turn} in onze lessen"
        try:
            if kind == 2:
                status, _ = await _ask(room.port, "GET", f"{at}/step/ambition", phone.headers)
            else:
                form = {"text": words, "why": "dat helpt"} if kind == 0 else {"draft": "1:idea-new", "text": words}
                path = f"{at}/step/ambition/idea" if kind == 0 else f"{at}/draft"
                status, _ = await _ask(room.port, "POST", path, phone.headers, urlencode(form))
                if kind == 0 and status == 303:
                    tally.saves.append(time.monotonic() - due)
                    tally.saved.add(words)
            # Three ideas each: a fourth is refused, and that is an answer.
            tally.errors += status not in (200, 303, 422)
        except OSError:
            tally.errors += 1

    for turn in range(int(LASTS / EACH)):
        due = begun + (number % PEOPLE) * EACH / PEOPLE + turn * EACH
        await asyncio.sleep(max(0, due - time.monotonic()))
        under_way.append(asyncio.create_task(one(turn, due)))
    await asyncio.gather(*under_way)


async def _meet(room: Room) -> tuple[Tally, list[float]]:
    quiet: list[float] = []
    await _health(room, quiet, LASTS)
    tally, moves = Tally(), {}
    begun = time.monotonic()
    ends = begun + LASTS + 5
    jobs = [_follow(room, phone, tally, ends, moves) for phone in room.phones]
    jobs += [_act(room, phone, number, tally, begun) for number, phone in enumerate(room.phones)]
    jobs += [_health(room, tally.health, LASTS), _advance(room, begun + LASTS, moves)]
    await asyncio.gather(*jobs)
    return tally, quiet


async def _advance(room: Room, due: float, moves: dict[str, float]) -> None:
    await asyncio.sleep(due - time.monotonic())
    form = urlencode({"step": "ambition", "stage": "ideas", "confirmed": "1"})
    status, body = await _ask(
        room.port, "POST", f"/l/{room.conductor.launch}/together/next", room.conductor.headers, form
    )
    assert status == 303, body[:400]
    moves["advance"] = time.monotonic()


def measure(asked: Asked) -> AbstractContextManager[Callable[[], dict[str, float]]]:
    """meeting_*, follow_late_s: one process, SQLite."""
    return _measure(asked, None, 1)


def measure_postgresql(asked: Asked) -> AbstractContextManager[Callable[[], dict[str, float]]]:
    """meeting_p95_ratio_postgresql: two processes."""
    return _measure(asked, asked.server, 2)


@contextmanager
def _measure(asked: Asked, database: str | None, workers: int) -> Iterator[Callable[[], dict[str, float]]]:
    def once() -> dict[str, float]:
        with ExitStack() as stack:
            platform, at = stack.enter_context(lms()), stack.enter_context(house(database))
            phones = _people(at, platform, PEOPLE + 1, "ambition", "ideas")
            port, found = stack.enter_context(_serving(at, workers))
            room = Room(port, found, phones[1:], phones[0])
            tally, quiet = asyncio.run(_meet(room))
            lost = _lost(at, tally)
        asked.tell(
            f"meeting: {len(tally.saves)} saves, p95 {p95(tally.saves) * 1000:.0f} ms; /healthz p95 quiet"
            f" {p95(quiet) * 1000:.1f}, then {p95(tally.health) * 1000:.1f} ms; phones late {p95(tally.late):.2f} s"
        )
        ratio = p95(tally.saves) / p95(quiet)
        if database is not None:
            return {"meeting_p95_ratio_postgresql": ratio}
        return {
            "meeting_p95_ratio": ratio,
            "meeting_health_ratio": p95(tally.health) / p95(quiet),
            "meeting_errors": tally.errors,
            "meeting_lost": lost,
            "follow_late_s": p95(tally.late),
        }

    yield once


def _lost(at: House, tally: Tally) -> int:
    """How many ideas of which somebody heard that they were saved are not there."""
    with at.session() as session:
        there = {str(body.get("text")) for body in session.scalars(select(Contribution.body))}
    return len(tally.saved - there)
