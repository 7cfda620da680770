"""Languages: Dutch first, English second. Catalogues are read from .po at start; there is no compile step."""

import datetime as dt
import hashlib
import io
from functools import cache
from pathlib import Path
from typing import cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request, url_for
from flask_babel import (
    Babel,
    Domain,
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    refresh,
    to_user_timezone,
)

from lti_tool.config import Settings
from lti_tool.db import now
from lti_tool.text import Text

LANGUAGES = ("nl", "en")
FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The compiled catalogue of a language; English is what the code says itself."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(fp=compiled)


class _PoDomain(Domain):
    def get_translations(self) -> NullTranslations:
        return catalogue(str(get_locale() or "nl"))


class _Babel(Babel):
    domain_instance = _PoDomain()


def choose_locale() -> str:
    """The page's language: what the launch or the person chose, else the browser's, else Dutch."""
    if not has_request_context():
        return "nl"
    chosen = g.get("locale")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "nl"


def use(locale: str) -> None:
    """Speak this language for the rest of the request."""
    g.locale = locale
    refresh()


def init_app(app: Flask, settings: Settings) -> None:
    """Attach Babel, and the filter `t` for texts that carry both languages."""
    _Babel(
        app,
        default_locale="nl",
        default_timezone=settings.time_zone,
        locale_selector=choose_locale,
        timezone_selector=lambda: settings.time_zone,
    )
    for language in LANGUAGES:
        catalogue(language)
    # Templates ask the page's catalogue itself: through Flask-Babel each word looks its language up anew.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(choose_locale()).ugettext(message),
        lambda one, many, number: catalogue(choose_locale()).ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters["t"] = speak
    init_filters(app)
    app.jinja_env.globals.update(asset=asset, get_locale=get_locale)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER.parent / "static" / name).read_bytes()).hexdigest()[:12]


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_digest(name))


def speak(text: Text | str | None) -> str:
    """A two-language text in the page's language."""
    if text is None or isinstance(text, str):
        return text or ""
    return text.of(choose_locale())


def _local(moment: dt.datetime) -> dt.datetime:
    return cast(dt.datetime, to_user_timezone(moment))


def last_day(moment: dt.datetime) -> str:
    """The last day before a moment: a stage announced until Friday ends at the midnight after it."""
    return str(format_datetime(moment - dt.timedelta(seconds=1), "EEE d MMMM"))


def init_filters(app: Flask) -> None:
    """Dates as a teacher says them, in the school's zone: filters when, day, last_day, clock,
    iso_day, date, coming (its weekday this year, its year in another); and decimal.
    """
    filters = app.jinja_env.filters
    filters["when"] = lambda moment: format_datetime(moment, "d MMMM HH:mm")
    filters["day"] = lambda moment: format_datetime(moment, "d MMMM")
    filters["date"] = lambda day: format_date(day, "d MMMM yyyy")
    filters["coming"] = lambda day: format_date(day, "EEE d MMMM" if day.year == now().year else "d MMMM yyyy")
    filters["last_day"] = last_day
    filters["iso_day"] = lambda moment: _local(moment - dt.timedelta(seconds=1)).date().isoformat()
    filters["decimal"] = lambda number: format_decimal(number)
    filters["clock"] = lambda moment: format_datetime(moment, "HH:mm")
