"""What the pages of hours have in common: minutes in words, files to take away, who is who."""

import io
from collections.abc import Sequence
from decimal import Decimal

from flask import abort, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from lti_tool.circle import here
from lti_tool.db import db
from lti_tool.domain import Refused
from lti_tool.domain.hours import calling, gate, known_entries, known_pots, ledger, out
from lti_tool.domain.hours.entries import Asker
from lti_tool.domain.hours.known_pots import Pot
from lti_tool.domain.hours.ledger import Cap
from lti_tool.domain.hours.planned import WHOLE, Part, Stretch
from lti_tool.domain.hours.said import KINDS, PER
from lti_tool.domain.mechanisms import attachments
from lti_tool.i18n import choose_locale, in_words, speak
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


def sum_of(pot: Pot, person_id: int) -> str:
    """How what is planned for somebody comes about: 12 weken 0,6 en 40 weken 0,8. "" where it is the whole pot."""
    found = pot.parts(person_id)
    if [each.of for each in found] == [Stretch()]:
        return ""
    said = [
        f"{_days(each.days)} {_part(pot, each)} ({in_words(each.first, 'd MMM')} – {in_words(each.last, 'd MMM yyyy')})"
        for each in found
    ]
    return ", ".join(said) or _("hoort er deze periode niet bij", "does not belong to it in this period")


def _days(days: int) -> str:
    """So many days in words: 40 weken en 1 dag."""
    weeks, rest = divmod(days, 7)
    said = [
        _("1 week", "1 week") if weeks == 1 else _("%(n)s weken", "%(n)s weeks", n=weeks) if weeks else "",
        _("1 dag", "1 day") if rest == 1 else _("%(n)s dagen", "%(n)s days", n=rest) if rest else "",
    ]
    return _(" en ", " and ").join(each for each in said if each)


def _part(pot: Pot, part: Part) -> str:
    if pot.minutes is None:
        return ""
    if part.of.minutes is not None:
        return _("naar %(much)s per periode", "at %(much)s a period", much=duration(part.of.minutes))
    written = f"{Decimal(WHOLE if part.of.share is None else part.of.share) / WHOLE}"
    return written.replace(".", ",") if choose_locale() == "nl" else written


def names(approved: Sequence[Pot] = ()) -> dict[int, Text]:
    """person id -> how the community calls them. approved: as calling.names has it."""
    return calling.names(db.session(), here().community.id, approved)


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
    entries: Sequence[known_entries.Entry],
    pots: Sequence[known_pots.Pot],
    ending: str,
    named: bool,
    moved: Sequence[known_entries.Moved] = (),
) -> Response:
    """These entries as a file. named: whether it says whose each is; moved: see out.lines."""
    locale = choose_locale()
    found = out.lines(entries, pots, names(pots) if named else {}, locale, parts().settings.zone, moved)
    rounded = out.rounds(pots)
    made = out.csv(found, locale, rounded) if ending == "csv" else out.xlsx(found, locale, rounded=rounded)
    return download(made, ending)


_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def download(content: bytes, ending: str) -> Response:
    """A file of hours to keep: csv, xlsx, or the audit pack (zip)."""
    name = _("uren-dossier", "hours-record") if ending == "zip" else _("uren", "hours")
    return send_file(io.BytesIO(content), _MEDIA_TYPES[ending], as_attachment=True, download_name=f"{name}.{ending}")


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
