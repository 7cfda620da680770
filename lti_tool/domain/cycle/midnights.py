"""Days at school. They begin and end at local midnight, on the days on which the clock changes too."""

import datetime as dt


def start_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The midnight at which a day begins, in UTC."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def end_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The midnight at which a day ends, in UTC."""
    return start_of(day + dt.timedelta(days=1), zone)


def day_of(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The day of a moment; midnight is of the day that begins."""
    return moment.astimezone(zone).date()


def last_day(end: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The last day before a moment: what ends at the midnight after Friday has Friday as its last day."""
    return day_of(end - dt.timedelta(seconds=1), zone)


def later(end: dt.datetime, days: int, zone: dt.tzinfo) -> dt.datetime:
    """So many days later, by local days: the hour that the clock moves neither adds nor takes one."""
    return end_of(last_day(end, zone) + dt.timedelta(days=days), zone)
