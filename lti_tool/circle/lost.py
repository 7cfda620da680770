"""Whoever is not, or no longer, let in at a page: what happened, the way back, and all that was typed."""

import datetime as dt

from flask import g, url_for

from lti_tool import web
from lti_tool.db import db
from lti_tool.door import refusals
from lti_tool.i18n import speak
from lti_tool.models import Launch
from lti_tool.observe import log
from lti_tool.text import Text

_LOST = Text(
    "Je bent hier niet meer aangemeld, bijvoorbeeld omdat iemand anders Leerkring in deze browser opende.",
    "You are no longer signed in here, for instance because someone else opened Leerkring in this browser.",
)
_AGAIN = Text(
    "Open de activiteit opnieuw vanuit je cursus. Bewaarde concepten staan dan klaar.",
    "Open the activity again from your course. Drafts that were kept will be there.",
)
# reason, as in the log -> what happened, what to do, status.
WORDS = {
    "session_lost": (_LOST, _AGAIN, 401),
    "stranger": (_LOST, _AGAIN, 401),
    "idle": (
        Text(
            "Je was twee uur weg. Daarom heeft Leerkring je voor de zekerheid uitgelogd.",
            "You were away for two hours, so Leerkring has signed you out to be safe.",
        ),
        _AGAIN,
        401,
    ),
    "gone": (
        Text(
            "Je staat niet meer in de deelnemerslijst van deze cursus. Daarom is Leerkring hier voor je gesloten.",
            "You are no longer in this course's list of people, so Leerkring is closed to you here.",
        ),
        Text(
            "Klopt dat niet? Open de activiteit dan opnieuw vanuit je cursus: lukt dat, dan hoor je er weer bij. "
            "Lukt het niet, vraag het dan aan wie de cursus beheert.",
            "Is that a mistake? Open the activity again from your course: if that works, you belong here again. "
            "If it does not, ask whoever manages the course.",
        ),
        403,
    ),
    "elsewhere": (
        Text(
            "Je zit nu in een andere leergemeenschap van deze cursus.",
            "You are in another learning community of this course now.",
        ),
        Text(
            "Open de activiteit opnieuw vanuit je cursus, dan kom je in jouw leergemeenschap.",
            "Open the activity again from your course, and you come to your own community.",
        ),
        403,
    ),
    "journal_closed": (
        Text(
            "Je dagboek is weer dicht: dat gebeurt een half uur nadat je Leerkring vanuit je cursus opende.",
            "Your journal has closed again: it does so half an hour after you opened Leerkring from your course.",
        ),
        Text(
            "Open de activiteit opnieuw vanuit je cursus, dan kun je er weer een half uur in. Zo leest niemand mee "
            "als je even van je computer wegloopt.",
            "Open the activity again from your course and it is open for another half hour. That way nobody reads "
            "along when you leave your computer for a while.",
        ),
        401,
    ),
}


def closed(opens_on: dt.date) -> tuple[str, int]:
    """To everybody at a school whose activities are closed until a day."""
    log.info("refused", reason="school_closed")
    sentence, advice = refusals.school_closed(opens_on)
    return web.error_page(sentence, advice=advice, status=403)


def lost(reason: str = "session_lost", *, hours: bool = False) -> tuple[str, int]:
    """One sentence and one button; what was typed stands below them, unless it came from a stranger.

    hours: whether an address of their own hours is offered, to whom the course's list of people names no longer.
    """
    log.info("refused", reason=reason)
    launch = db.session.get(Launch, g.launch_id)
    sentence, advice, status = WORDS[reason]
    # The way back to the same activity holds nothing personal, and only who has the page's address gets it.
    way = launch.reopen_url if launch else ""
    take = url_for("circle.hand_hours", launch_id=g.launch_id) if hours else ""
    return web.error_page(speak(sentence), advice=speak(advice), reopen_url=way, hours_url=take, status=status)
