"""Times of a session: which moment a time on its day means, and how many minutes of it somebody was there."""

import datetime as dt
from zoneinfo import ZoneInfo

from lti_tool.domain import Refused

MINUTE = dt.timedelta(minutes=1)
# Further from the session than this, a time was meant for another one.
FAR = dt.timedelta(hours=6)


def whole(moment: dt.datetime) -> dt.datetime:
    """A moment at the minute that it is in."""
    return moment.replace(second=0, microsecond=0)


def moment(day: dt.date, time: dt.time, begins: dt.datetime, ends: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Which moment a time means that was written on the list of a session of a day; in UTC.

    It is the one nearest to the session: 00:20 of one that began at 23:30 is of the next day, and 14:50 of one that
    began at 15:00 is ten minutes before it. Of an hour that comes twice, when the clock goes back, it is the first that
    lies in the session. Refused: "hours_no_time" (the clock jumped over it), "session_time_far".
    """
    found = []
    for each in (day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)):
        for fold in (0, 1):
            local = dt.datetime.combine(each, time.replace(second=0, microsecond=0, tzinfo=None, fold=fold), zone)
            utc = local.astimezone(dt.UTC)
            if utc.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0):
                found.append((max(begins - utc, utc - ends, dt.timedelta()), utc))
    # A day on which the clock jumped over it has no such time; only where the session is of that day, it matters.
    on_day = [utc for _, utc in found if utc.astimezone(zone).date() == day]
    distance, nearest = min(found)
    if distance > FAR:
        raise Refused("hours_no_time") if not on_day else Refused("session_time_far")
    return nearest


def there(
    begins: dt.datetime, ends: dt.datetime, came: dt.datetime, left: dt.datetime | None
) -> tuple[dt.datetime, dt.datetime, int]:
    """From when to when somebody was at a session, within it, and how many minutes have gone by between; 0 for none."""
    first = max(begins, came)
    last = max(first, min(ends, left) if left is not None else ends)
    return first, last, int((last - first).total_seconds()) // 60
