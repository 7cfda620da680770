"""`leerkring doctor`: whether this installation can work, in sentences, each with what to do. It only reads.

What is wrong with the settings, the keys or the database is said by every command (cli.failures); this one looks at
what none of them meets: how the tool is reached, by whom, what it may write, and what the clocks say.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lti_tool import files
from lti_tool.cli.database import SAID, State, app, state_of

if TYPE_CHECKING:
    from flask import Flask

    from lti_tool.config import Settings
    from lti_tool.lti.outbound import Outbound, Response
    from lti_tool.parts import Parts

# What no proxy is called, and nobody's address (RFC 5737): whether these arrive says who is believed.
STRANGER, ELSEWHERE = "192.0.2.1", "elsewhere.invalid"
# Seconds. Moodle takes no token from a clock that is further ahead (M19).
SKEW = 4.0


@dataclass(frozen=True)
class Said:
    """A sentence, and whether it is of something that does not work."""

    sentence: str
    wrong: bool = True


@click.command()
def doctor() -> None:
    """Say in sentences whether this installation can work; exit 1 if something cannot."""
    made, wrong = app(), False
    with made.app_context():
        for said in examine(made):
            wrong |= said.wrong
            click.echo(said.sentence)
    if not wrong:
        click.echo("Nothing is wrong.")
    raise SystemExit(1 if wrong else 0)


def examine(made: Flask) -> Iterator[Said]:
    """All that is to be said; nothing is fetched while a transaction is open."""
    from lti_tool.parts import parts

    settings = parts().settings
    yield Said(f"Address: {settings.base_url}; {'production' if settings.production else 'not production'}.", False)
    yield from _secret(settings)
    folders, database, secrets = _places(settings, made.config["SQLALCHEMY_DATABASE_URI"])
    unwritable = list(_unwritable([*folders, *database]))
    yield from unwritable
    yield from _open_to_others(folders, [*database, *secrets])
    platforms: list[tuple[str, str]] = []
    if not unwritable:
        said, platforms = _database(settings.base_url)
        yield from said
    yield from _own_address(made, parts())
    for issuer, key_set_url in platforms:
        yield from _platform(parts().outbound, issuer, key_set_url)
    if settings.broker_url:
        yield from _broker(made)


def _secret(settings: Settings) -> Iterator[Said]:
    from lti_tool.lti.keys import PLACEHOLDER

    # In production nothing starts with one.
    if PLACEHOLDER.search(settings.secret_key or ""):
        yield Said("LEERKRING_SECRET_KEY is a placeholder: set it to the output of `openssl rand -hex 32`.")


def _places(settings: Settings, database_url: str) -> tuple[list[Path], list[Path], list[Path]]:
    """The folders of keys and database, what there is of a database's files, and the keys."""
    from sqlalchemy import make_url

    folders, url = [settings.keys_dir.absolute()], make_url(database_url)
    secrets = [*folders[0].glob("*.pem"), *folders[0].glob("session-secret")]
    database: list[Path] = []
    if url.get_backend_name() == "sqlite" and url.database:
        # SQLite writes files beside it too.
        folders.append(Path(url.database).parent)
        database = [path for path in files.with_beside(Path(url.database)) if path.exists()]
    return [folder for folder in dict.fromkeys(folders) if folder.exists()], database, secrets


def _unwritable(paths: list[Path]) -> Iterator[Said]:
    """What must be written, and cannot be by who runs this."""
    by_effective = os.access in os.supports_effective_ids
    for path in paths:
        needs = os.W_OK | os.X_OK if path.is_dir() else os.W_OK
        if not os.access(path, needs, effective_ids=by_effective):
            yield Said(
                f"{path} cannot be written by this user (number {os.geteuid()}): run this as the user that runs"
                " Leerkring, and if it is that one, give it the file (chown)."
            )


def _open_to_others(folders: list[Path], kept: list[Path]) -> Iterator[Said]:
    """What others on this machine may read: names, what people wrote, the keys that sign for the tool."""
    shared = [folder for folder in folders if files.open_to_others(folder) and files.is_shared(folder)]
    for folder in shared:
        yield Said(
            f"{folder} is not Leerkring's alone, and others on this machine may see what is in it: keep database and"
            " keys in a folder of their own (LEERKRING_DATABASE_URL, LEERKRING_KEYS_DIR)."
        )
    if found := [str(path) for path in (*folders, *kept) if path not in shared and files.open_to_others(path)]:
        yield Said(f"Others on this machine may read or write {', '.join(found)}: chmod go-rwx {' '.join(found)}")


def _database(base_url: str) -> tuple[list[Said], list[tuple[str, str]]]:
    """What the database says, and the platforms in it with their key sets' addresses; it is left again at once."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from lti_tool.db import db, now, reading
    from lti_tool.delivery import alarms
    from lti_tool.delivery.worker import heard_of
    from lti_tool.models import OutboxRow, Registration

    with reading(), Session(db.engine) as session:
        state = state_of(db.engine)
        if state is not State.CURRENT:
            return [Said(SAID[state])], []
        unfinished = OutboxRow.done_at.is_(None)
        waiting = select(func.count(OutboxRow.id)).where(unfinished, OutboxRow.stopped_at.is_(None))
        due = session.scalar(waiting.where(OutboxRow.due_at <= now()))
        later = session.scalar(waiting.where(OutboxRow.due_at > now()))
        stopped = session.scalar(select(func.count(OutboxRow.id)).where(OutboxRow.stopped_at.is_not(None)))
        said = [
            Said(
                f"Deliveries: {due} to be made now, {later} not yet (an announced day, a next try, daily cleaning),"
                f" {stopped} stopped.",
                False,
            )
        ]
        if not heard_of(session):
            no_worker = "No worker has been heard of for a minute: start `leerkring serve` or `leerkring worker`."
            said.append(Said(no_worker))
        said += [Said(each.en) for each in alarms.sentences(session, f"{base_url}/lti/jwks")]
        platforms = session.scalars(select(Registration).order_by(Registration.id)).all()
        return said, [(row.issuer, row.key_set_url) for row in platforms]


def _own_address(made: Flask, parts: Parts) -> Iterator[Said]:
    """Whether browsers and LMSs find this Leerkring at LEERKRING_BASE_URL, seen as what it is."""
    from lti_tool.audience import DOCTOR
    from lti_tool.lti.outbound import Outbound, OutboundError

    base = parts.settings.base_url
    # From inside, the tool's own name may well lead to a private address.
    own = Outbound(allow_private_hosts=True)
    headers = {
        "Authorization": f"Bearer {parts.sessions.hash(DOCTOR)}",
        "X-Leerkring-Doctor": STRANGER,
        "X-Forwarded-For": STRANGER,
        "X-Forwarded-Host": ELSEWHERE,
    }
    begun = time.time()
    try:
        alive = own.call("GET", f"{base}/healthz")
        ours = _json(alive).get("tool") == "leerkring"
        # Only a Leerkring is told what we make of the secret.
        seen = own.call("GET", f"{base}/seen", headers=headers) if ours else alive
    except OutboundError as error:
        yield Said(
            f"Nothing answers at {base} ({error.reason}): is `leerkring serve` running, does LEERKRING_BASE_URL name"
            " this server, is its certificate good, and does the proxy in front pass everything on?"
        )
        return
    if not ours:
        where = f" (it leads to {place})" if (place := alive.headers.get("Location")) else ""
        yield Said(
            f"Something else than Leerkring answers at {base}, with status {alive.status_code}{where}: set"
            " LEERKRING_BASE_URL to the tool's own address, or have the proxy pass everything there on to"
            " `leerkring serve`."
        )
        return
    yield from _clock(base, alive, begun)
    told = _json(seen)
    if seen.status_code != 200 or "url" not in told:
        yield Said(
            f"The Leerkring at {base} has another LEERKRING_SECRET_KEY than this command: give both the same settings,"
            " and start the service again where they were changed since."
        )
        return
    yield from _proxies(base, told)
    if told["database"] != parts.sessions.hash(made.config["SQLALCHEMY_DATABASE_URI"]):
        yield Said(
            f"The Leerkring at {base} has another LEERKRING_DATABASE_URL than this command (or started in another"
            " folder): give both the same settings."
        )
    if told["keys"] != [key.kid for key in parts.keys.all()]:
        yield Said(
            f"The Leerkring at {base} signs with other keys than those in {parts.settings.keys_dir}: give both the same"
            " LEERKRING_KEYS_DIR; on several machines, the same keys."
        )


def _proxies(base: str, told: dict[str, Any]) -> Iterator[Said]:
    proxies, hops = told["proxies"], told["hops"]
    if hops != proxies:
        yield Said(
            f"{hops or 'No'} {'proxy stands' if hops == 1 else 'proxies stand'} in front and"
            f" LEERKRING_TRUSTED_PROXIES is {proxies}: set it to {hops}, or have each proxy set X-Forwarded-For."
        )
    elif told["stranger"]:
        yield Said("The proxy in front passes on whatever X-Forwarded-For a browser sends: have it add the address.")
    if told["url"].rstrip("/") == base:
        return
    if ELSEWHERE in told["url"]:
        yield Said(
            "The proxy in front passes on whatever X-Forwarded-Host a browser sends: have it set that to the host"
            " (nginx: proxy_set_header X-Forwarded-Host $host;)."
        )
    else:
        yield Said(
            f"Seen from inside, the address is {told['url'].rstrip('/')} and not {base}: have the proxy in front set"
            " X-Forwarded-Proto and X-Forwarded-Host, and LEERKRING_TRUSTED_PROXIES to the number of proxies."
        )


def _platform(outbound: Outbound, issuer: str, key_set_url: str) -> Iterator[Said]:
    """Whether a platform's key set can be read; its answer says what time it is there."""
    from lti_tool.lti.key_sets import parse_key_set
    from lti_tool.lti.outbound import OutboundError, json_body

    begun = time.time()
    try:
        answer = outbound.call("GET", key_set_url, headers={"Accept": "application/json"})
        keys = parse_key_set(json_body(answer))
    except OutboundError as error:
        yield Said(
            f"{issuer}: its key set at {key_set_url} could not be read ({error}): nobody can launch once its keys"
            " change. Is that address right (`leerkring platform show`), and may this server reach it?"
        )
        return
    if not keys:
        yield Said(f"{issuer}: there is no usable key in its key set at {key_set_url}: ask who runs that LMS.")
    else:
        yield Said(f"{issuer}: key set read in {time.time() - begun:.1f} s.", False)
    yield from _clock(issuer, answer, begun)


def _clock(who: str, answer: Response, begun: float) -> Iterator[Said]:
    """How far the clock of whoever answered is from this one's. Date has whole seconds (RFC 9110, 6.6.1)."""
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp() + int(answer.headers.get("Age", 0))
    except (KeyError, ValueError, TypeError):
        return
    ahead = max(theirs - time.time(), 0.0) or min(theirs + 1 - begun, 0.0)
    if abs(ahead) > SKEW:
        yield Said(
            f"The clock of {who} is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} this machine's,"
            " and launches and grades are refused for it: set the wrong one right (timedatectl set-ntp true)."
        )


def _broker(made: Flask) -> Iterator[Said]:
    if not made.extensions["leerkring.wake"].reachable():
        yield Said(
            "The broker at LEERKRING_BROKER_URL does not answer: start it. Workers look for themselves meanwhile, every"
            " few seconds."
        )


def _json(answer: Response) -> dict[str, Any]:
    from lti_tool.lti.outbound import OutboundError, json_body

    try:
        found = json_body(answer)
    except OutboundError:
        return {}
    return found if isinstance(found, dict) else {}
