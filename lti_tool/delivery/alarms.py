"""What an administrator has to see to, because an LMS refuses it: kept in rows, said in words, tried again by one.

Nothing is lost meanwhile: what is held up waits, and goes by itself once the one that tries first gets through.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.delivery.outcome import OF_ADDRESS, Later, Outcome, answer_to, code, pause_after
from lti_tool.domain import outbox
from lti_tool.lti import quirks
from lti_tool.lti.outbound import OutboundError
from lti_tool.models import Alarm, Course, Deployment, LineItem, OutboxRow, Registration, ResourceLink, Score
from lti_tool.observe import log
from lti_tool.text import Text

PLATFORM = "platform"
# The reason of rows that wait for the one that tries first; and how long they leave it for that.
PAUSED = "paused"
TRIAL = dt.timedelta(seconds=200)
# In so many courses one and the same refusal is no longer a column's.
COURSES = 3
COLUMN = "column:"

_ROWS = cast(Table, OutboxRow.__table__)
_ABOUT = select(Alarm).where(
    Alarm.registration_id.in_(bindparam("platforms", expanding=True)),
    Alarm.about.in_(bindparam("things", expanding=True)),
)

WORDS: dict[str, Text] = {
    "token_404": Text(
        "geeft Leerkring geen toegang (404). Meestal kan de leeromgeving onze sleutels niet ophalen: open op haar "
        "server het adres %(keys)s (Moodle antwoordt 404 zolang dat niet lukt). Lukt het daar wel, kijk dan "
        "of het tokenadres juist is: %(token)s.",
        "grants Leerkring no access (404). Most often the LMS cannot fetch our keys: open %(keys)s on its server "
        "(Moodle answers 404 as long as that fails). If that works, see whether the token address is right: %(token)s.",
    ),
    "token": Text(
        "geeft Leerkring geen toegang. Kijk of Leerkring daar nog aanstaat en het client-id klopt, en of de "
        "leeromgeving onze sleutels kan ophalen: %(keys)s.",
        "grants Leerkring no access. See whether Leerkring is still active there and the client id is right, and "
        "whether the LMS can fetch our keys: %(keys)s.",
    ),
    "status_401": Text(
        "weigert ook een nieuw toegangsbewijs. Kijk of Leerkring daar nog aanstaat, en of de webserver van de "
        "leeromgeving de kop Authorization doorgeeft.",
        "refuses a new access token too. See whether Leerkring is still active there, and whether the LMS's web "
        "server passes the Authorization header on.",
    ),
    "scope_not_granted": Text(
        "staat Leerkring dit niet toe: %(what)s. Zet het aan bij de instellingen van Leerkring in de leeromgeving.",
        "does not allow Leerkring this: %(what)s. Switch it on in the settings of Leerkring in the LMS.",
    ),
}
EVERYWHERE = Text(
    "weigert %(what)s in drie of meer cursussen (%(status)s). Kijk of Leerkring daar cijfers mag doorgeven, en of iets "
    "voor de leeromgeving (firewall, proxy) het tegenhoudt.",
    "refuses %(what)s in three or more courses (%(status)s). See whether Leerkring may pass on grades there, and "
    "whether something in front of the LMS (firewall, proxy) holds it up.",
)
ADDRESS = Text(
    "weigert %(what)s (%(status)s). Vaak is de activiteit daar verwijderd of verborgen; bestaat zij nog, open haar dan "
    "een keer, en kijk of Leerkring in deze cursus gebruikt mag worden.",
    "refuses %(what)s (%(status)s). Often the activity was deleted or hidden there; if it still exists, open it once, "
    "and see whether Leerkring may be used in this course.",
)
SILENCE = Text(
    "antwoordt niet goed (%(status)s). Leerkring probeert het steeds opnieuw.",
    "does not answer well (%(status)s). Leerkring keeps trying.",
)
ORIGIN = Text(
    "noemt voor cijfers of deelnemers een adres dat Leerkring niet van deze leeromgeving kent: %(origin)s. Daar gaat "
    "niets heen; wat erheen moet, wacht. Hoort het erbij, sta het dan toe: leerkring platform admit %(number)s "
    "%(origin)s",
    "names an address for grades or people that Leerkring does not know as this platform's: %(origin)s. Nothing is "
    "sent there; what should go there waits. If it is theirs, allow it: leerkring platform admit %(number)s %(origin)s",
)
THINGS = {
    outbox.Kind.SCORE: Text("cijfers doorgeven", "to pass on grades"),
    outbox.Kind.LINE_ITEM: Text("kolommen zoeken en maken", "to find and make columns"),
    outbox.Kind.PLACEMENT: Text("kolommen zoeken", "to find columns"),
    outbox.Kind.ROSTER: Text("de deelnemerslijst lezen", "to read the list of people"),
    COLUMN: Text("een kolom van de cursus %(course)s", "a column of the course %(course)s"),
    "roster:": Text("de deelnemerslijst van de cursus %(course)s", "the list of people of the course %(course)s"),
    "placement:": Text("de kolommen van de cursus %(course)s", "the columns of the course %(course)s"),
    PLATFORM: Text("cijfers", "grades"),
}


def about(kind: str, number: int) -> str:
    """The name of one address, for Alarm.about."""
    return f"{kind}:{number}"


def sound(
    session: Session, platform: int, thing: str, reason: str, *, course: int | None = None, counts: bool = True
) -> Later:
    """Something is refused: when to try again. counts: it was tried anew, and did not fail together with others."""
    moment = now()
    fresh = {
        "registration_id": platform,
        "about": thing,
        "course_id": course,
        "reason": reason,
        "failures": 0,
        "since": moment,
        "until": moment,
    }
    session.execute(outbox.insert_for(session)(cast(Table, Alarm.__table__)).values(fresh).on_conflict_do_nothing())
    found = session.scalars(
        select(Alarm).where(Alarm.registration_id == platform, Alarm.about == thing).with_for_update()
    ).one()
    if found.failures == 0:
        token = session.get_one(Registration, platform).auth_token_url
        says = words(found, f"number {course}", token=token).en
        log.warning("alarm", platform=platform, about=thing, reason=reason, says=says)
    elif not counts:
        return wait([found], reason)
    found.failures, found.reason = found.failures + 1, reason
    found.until = moment + dt.timedelta(seconds=pause_after(found.failures))
    session.flush()
    return wait([found], reason)


def over(session: Session, platform: int, *things: str) -> None:
    """It works again; what waited for that goes now."""
    gone = session.execute(
        delete(Alarm)
        .where(Alarm.registration_id == platform, Alarm.about.in_(things))
        .returning(Alarm.about, Alarm.reason)
    ).all()
    for thing, _ in gone:
        log.info("alarm_over", platform=platform, about=thing)
    if gone:
        session.execute(
            update(_ROWS)
            .where(
                _ROWS.c.registration_id == platform,
                _ROWS.c.reason.in_([PAUSED, *(reason for _, reason in gone)]),
                _ROWS.c.done_at.is_(None),
                _ROWS.c.stopped_at.is_(None),
            )
            .values(due_at=now())
        )


def known(session: Session, platforms: Collection[int], things: Collection[str]) -> list[Alarm]:
    """The alarms about any of these things."""
    return list(session.scalars(_ABOUT, {"platforms": list(platforms), "things": list(things)}))


def try_first(session: Session, alarms: Sequence[Alarm]) -> bool:
    """Whether it is time that one tries, and whoever asks is that one: all others wait how it goes."""
    moment = now()
    if any(alarm.until > moment for alarm in alarms):
        return False
    until = moment + TRIAL
    for alarm in alarms:
        mine = update(Alarm).where(Alarm.id == alarm.id, Alarm.until <= moment).values(until=until)
        if not session.execute(mine.returning(Alarm.id)).all():
            return False
    return True


def not_tried(session: Session, alarms: Sequence[Alarm]) -> None:
    """Who was to try had nothing to send: let the next one."""
    session.execute(update(Alarm).where(Alarm.id.in_([alarm.id for alarm in alarms])).values(until=now()))


def wait(alarms: Sequence[Alarm], reason: str = PAUSED) -> Later:
    """What those do who do not try."""
    until = max(alarm.until for alarm in alarms)
    return Later(reason, max((until - now()).total_seconds(), 1.0))


def outcome(session: Session, platform: int, service: str, thing: str, course: int, error: Exception) -> Outcome:
    """What follows from a failed call to one address of a course, with its alarm if it is refused."""
    found = answer_to(error)
    if isinstance(error, OutboundError):
        if error.reason in ("scope_not_granted", "no_scope_for_columns"):
            sound(session, platform, service, "scope_not_granted")
        elif error.status in OF_ADDRESS and error.reason != "token":
            sound(session, platform, thing, code(error), course=course)
    return found


def widespread(session: Session, platform: int, error: OutboundError) -> bool:
    """Whether columns of so many courses say the same that it is the platform's, and nothing arrives any more."""
    of_columns = (Alarm.registration_id == platform, Alarm.about.startswith(COLUMN), Alarm.reason == code(error))
    courses, since = session.execute(
        select(func.count(Alarm.course_id.distinct()), func.max(Alarm.since)).where(*of_columns)
    ).one()
    if courses < COURSES:
        return False
    arrived = (
        select(Score.id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .where(Deployment.registration_id == platform, Score.arrived_at > since)
        .limit(1)
    )
    return session.scalar(arrived) is None


def forget_untried(session: Session) -> None:
    """An alarm about which nobody tried anything for a day holds nothing up any more."""
    session.execute(delete(Alarm).where(Alarm.until < now() - dt.timedelta(days=1)))


# In words


def words(alarm: Alarm, course: str, keys: str = "/lti/jwks", token: str = "") -> Text:
    """What is the matter and what to do about it, to stand after the LMS's name."""
    kind, colon, _ = alarm.about.partition(":")
    status = alarm.reason.rpartition("_")[2]
    passing = status in ("408", "429") or (status.isdecimal() and status >= "500")
    found = next((text for start, text in WORDS.items() if alarm.reason.startswith(start) and not passing), None)
    if found is None:
        found = ADDRESS if colon else EVERYWHERE if status in map(str, OF_ADDRESS) else SILENCE
    thing = THINGS.get(f"{kind}{colon}", Text(kind, kind))
    values: dict[str, Any] = {"status": alarm.reason.removeprefix("status_"), "keys": keys, "token": token}
    of = thing.nl % {"course": course}, thing.en % {"course": course}
    return Text(found.nl % {**values, "what": of[0]}, found.en % {**values, "what": of[1]})


def sentences(session: Session, keys: str) -> list[Text]:
    """All alarms, oldest first, each as a sentence with its LMS and since when; then the origins that wait.

    keys: where ours are.
    """
    query = (
        select(Alarm, Registration, Course.title, Course.context_id)
        .join(Registration, Registration.id == Alarm.registration_id)
        .outerjoin(Course, Course.id == Alarm.course_id)
        .order_by(Alarm.since, Alarm.id)
    )
    found = []
    for alarm, platform, title, context in session.execute(query):
        said = words(alarm, f"“{title or context}”", keys, platform.auth_token_url)
        since = f"{alarm.since:%Y-%m-%d %H:%M}"
        found.append(
            Text(
                f"{platform.issuer} {said.nl} Sinds {since} UTC; zo vaak geprobeerd: {alarm.failures}.",
                f"{platform.issuer} {said.en} Since {since} UTC; tried so often: {alarm.failures}.",
            )
        )
    for row in session.scalars(_WAITED_FOR.order_by(Registration.id)):
        for origin in row.origins_waiting.split():
            values = {"origin": origin, "number": row.id}
            found.append(Text(f"{row.issuer} {ORIGIN.nl % values}", f"{row.issuer} {ORIGIN.en % values}"))
    return found


_WAITED_FOR = select(Registration).where(Registration.origins_waiting != "")


def count(session: Session) -> int:
    """How many alarms there are, and origins that wait."""
    waiting = session.scalars(_WAITED_FOR.with_only_columns(Registration.origins_waiting))
    return (session.scalar(select(func.count(Alarm.id))) or 0) + sum(len(each.split()) for each in waiting)


def waiting_for(session: Session, course: Course) -> list[str]:
    """The origins of a course's own roster and columns that nobody has allowed yet."""
    of_course = _WAITED_FOR.join(Deployment).where(Deployment.id == course.deployment_id)
    waiting = session.scalar(of_course.with_only_columns(Registration.origins_waiting))
    if not waiting:
        return []
    links = ResourceLink.course_id == course.id
    items = select(LineItem.url).join(ResourceLink).where(links)
    urls = session.scalars(select(ResourceLink.line_items_url).where(links).union_all(items)).all()
    named = {quirks.origin(url) for url in (*urls, course.memberships_url) if url}
    return [origin for origin in waiting.split() if origin in named]
