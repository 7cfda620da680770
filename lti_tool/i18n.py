"""Languages: Dutch first, English second, side by side where they are said (see lti_tool/text.py)."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import Flask, g, has_request_context, request, url_for
from flask_babel import Babel, format_date, format_datetime, format_decimal, refresh, to_user_timezone
from markupsafe import Markup

from lti_tool.config import Settings
from lti_tool.db import now
from lti_tool.text import Text

LANGUAGES = ("nl", "en")
STATIC = Path(__file__).parent / "static"


# What `use` chose for this request; "": nothing yet. A page asks for it at each of its hundred words.
_spoken: ContextVar[str] = ContextVar("spoken", default="")


def choose_locale() -> str:
    """The page's language: what the launch or the person chose, else the browser's, else Dutch."""
    if spoken := _spoken.get():
        return spoken
    if not has_request_context():
        return "nl"
    chosen = g.get("locale")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nl"


def use(locale: str) -> None:
    """Speak this language for the rest of the request."""
    g.locale = locale
    _spoken.set(locale if has_request_context() and locale in LANGUAGES else "")
    refresh()


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Say what follows in a language that may not be the page's."""
    before = choose_locale()
    use(locale)
    try:
        yield
    finally:
        use(before)


def init_app(app: Flask, settings: Settings) -> None:
    """Attach Babel, and the filter `t` for texts that carry both languages."""
    Babel(
        app,
        default_locale="nl",
        default_timezone=settings.time_zone,
        locale_selector=choose_locale,
        timezone_selector=lambda: settings.time_zone,
    )
    app.jinja_env.globals.update(_=_said, plural=plural)
    app.jinja_env.filters["t"] = speak
    init_filters(app)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        _spoken.set("")

    app.jinja_env.globals.update(asset=asset, language=choose_locale)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_digest(name))


def speak(text: Text | str | None) -> str:
    """A two-language text in the page's language."""
    if text is None or isinstance(text, str):
        return text or ""
    return text.of(choose_locale())


def say(nl: str, en: str, /, **values: Any) -> str:
    """Words in the page's language, with what is to be filled in: `%(name)s`, as in gettext."""
    said = en if choose_locale() == "en" else nl
    return said % values if values else said


# Words of ours, safe to show as they stand. A page has a hundred.
_safe = cache(Markup)


def _said(nl: str, en: str, /, **values: Any) -> Markup:
    """The same for templates, where what is filled in is escaped and the words are not."""
    words = _safe(en if choose_locale() == "en" else nl)
    return words % values if values else words


def plural(number: int, nl: tuple[str, str], en: tuple[str, str], **values: object) -> Markup:
    """The words for one, or for any other number of things, with `%(num)s` for the number; values: as with `say`."""
    which = 0 if number == 1 else 1
    return _said(nl[which], en[which], num=number, **values)


def _local(moment: dt.datetime) -> dt.datetime:
    return cast(dt.datetime, to_user_timezone(moment))


# A day further off than this is said with its year, and so is one of another year: which March it is, is not heard.
FAR = dt.timedelta(days=300)


def in_words(day: dt.date, pattern: str = "EEEE d MMMM") -> str:
    """A day at school, or a moment of one, in words; with its year where it is far off or of another one."""
    moment = day if isinstance(day, dt.datetime) else None
    here, today = (_local(moment).date() if moment else day), _local(now()).date()
    if here.year != today.year or abs(here - today) > FAR:
        pattern = pattern.replace("MMMM", "MMMM yyyy")
    return str(format_datetime(moment, pattern) if moment else format_date(day, pattern))


def last_day(moment: dt.datetime) -> str:
    """The last day before a moment: a stage announced until Friday ends at the midnight after it."""
    return in_words(moment - dt.timedelta(seconds=1), "EEE d MMMM")


def coming(day: dt.date) -> str:
    """A day that is to come, with its weekday."""
    return in_words(day, "EEE d MMMM")


def weekday(moment: dt.datetime) -> str:
    """The day of a moment, with its weekday."""
    return in_words(moment)


def init_filters(app: Flask) -> None:
    """Dates as a teacher says them, in the school's zone: filters when, day, weekday, last_day, clock,
    iso_day, date (always with its year), coming; and decimal.
    """
    filters = app.jinja_env.filters
    filters["when"] = lambda moment: in_words(moment, "d MMMM HH:mm")
    filters["day"] = lambda moment: in_words(moment, "d MMMM")
    filters["date"] = lambda day: format_date(day, "d MMMM yyyy")
    filters["coming"] = coming
    filters["last_day"] = last_day
    filters["iso_day"] = lambda moment: _local(moment - dt.timedelta(seconds=1)).date().isoformat()
    filters["weekday"] = weekday
    filters["decimal"] = lambda number: format_decimal(number)
    filters["clock"] = lambda moment: format_datetime(moment, "HH:mm")
    # As it is said in a sentence; a field for a time takes the other.
    filters["hour"] = lambda moment: format_datetime(moment, say("HH.mm", "HH:mm"))
