"""What the pages of hours have in common: minutes in words, files to take away, who is who."""

import io
from collections.abc import Sequence

from flask import abort, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from lti_tool.circle import here
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.hours import gate, ledger, out
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.ledger import Cap
from lti_tool.domain.hours.said import KINDS, PER
from lti_tool.domain.mechanisms import attachments
from lti_tool.i18n import choose_locale, speak
from lti_tool.i18n import say as _
from lti_tool.parts import parts
from lti_tool.text import Text

ASKED = frozenset({"hours_end_first", "hours_day_long", "hours_overlap", "hours_same"})


def asker(sure: Sequence[str] = ()) -> Asker:
    """Who asks something of their own hours here. sure: what they were asked, and said yes to."""
    at = here()
    return Asker(db.session(), at.community.id, at.person.id, parts().settings.zone, frozenset(sure) & ASKED)


def duration(minutes: int) -> str:
    """Minutes in words, whole: 1 uur 35 min."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else ""
    if not hours:
        return _("%(sign)s%(rest)s min", "%(sign)s%(rest)s min", sign=sign, rest=rest)
    if not rest:
        return _("%(sign)s%(hours)s uur", "%(sign)s%(hours)s h", sign=sign, hours=hours)
    return _(
        "%(sign)s%(hours)s uur %(rest)s min", "%(sign)s%(hours)s h %(rest)s min", sign=sign, hours=hours, rest=rest
    )


def typed(minutes: int) -> str:
    """Minutes as hours somebody can type again: 7,5; where two decimals do not say them, as they come nearest."""
    written = f"{ledger.figure(minutes):f}".rstrip("0").rstrip(".") if minutes else "0"
    return written.replace(".", ",") if choose_locale() == "nl" else written


def decimals(hours: float) -> str:
    """Hours with two decimals, as a gradebook has them."""
    return f"{hours:.2f}".replace(".", "," if choose_locale() == "nl" else ".")


def capped(cap: Cap) -> str:
    """A cap in words."""
    kinds = ", ".join(speak(KINDS[each]) for each in sorted(cap.kinds))
    most = _(
        "hoogstens %(much)s %(per)s", "at most %(much)s %(per)s", much=duration(cap.minutes), per=speak(PER[cap.per])
    )
    return f"{kinds}: {most}" if kinds else most


def names() -> dict[int, Text]:
    """person id -> how the community calls them."""
    return gate.names(db.session(), here().community.id)


def bar(counts: int, waiting: int, above: int, planned: int | None) -> Markup:
    """The same as the words beside it, as a picture: what counts, what waits, what does not count."""
    whole = max(planned or 0, counts + waiting + above, 1)
    drawn, begin = [], 0
    for minutes, kind in ((counts, "counts"), (waiting, "waits"), (above, "above")):
        if minutes > 0:
            at, wide = begin * 1000 // whole, max(4, minutes * 1000 // whole)
            drawn.append(Markup('<rect class="{}" x="{}" y="0" width="{}" height="20"/>').format(kind, at, wide))
            begin += minutes
    return Markup(
        '<svg class="hours-bar" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(Markup("").join(drawn))


def spreadsheet(
    entries: Sequence[gate.Entry],
    pots: Sequence[gate.Pot],
    ending: str,
    named: bool,
    moved: Sequence[gate.Moved] = (),
) -> Response:
    """These entries as a file. named: whether it says whose each is; moved: see out.lines."""
    from lti_tool.parts import parts

    locale = choose_locale()
    found = out.lines(entries, pots, names() if named else {}, locale, parts().settings.zone, moved)
    kinds = {
        "csv": ("text/csv; charset=utf-8", out.csv),
        "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.xlsx),
    }
    media_type, write = kinds[ending]
    called = _("uren", "hours") + "." + ending
    return send_file(io.BytesIO(write(found, locale)), media_type, as_attachment=True, download_name=called)


def proof(number: int) -> Response:
    """The proof of an entry."""
    at = here()
    try:
        media_type, content = gate.proof(db.session(), at.community.id, at.person.id, number)
    except Refused:
        abort(404)
    answer = send_file(
        io.BytesIO(content),
        media_type,
        as_attachment=media_type not in attachments.PICTURES,
        download_name=speak(attachments.NAME) + attachments.ending(media_type),
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
