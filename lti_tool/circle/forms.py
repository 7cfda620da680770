"""A form as a page shows it: what was typed, else what was kept of it, else what there is; and what is wrong."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from lti_tool import web
from lti_tool.domain import Refused
from lti_tool.domain.community.drafts import Draft
from lti_tool.domain.community.school_days import SATURDAY
from lti_tool.domain.mechanisms import attachments
from lti_tool.domain.reading import words
from lti_tool.i18n import in_words
from lti_tool.i18n import say as _

# So many drafts are kept of each member, and so much in each.
DRAFTS_EACH = 50
DRAFT_LENGTH = 20_000  # characters


class Typed(Mapping[str, Any]):
    """What was typed in the form that was just refused: name -> text, or a list of texts.

    It notes what the page takes of it. What no field took has none on this page any more, and is given back.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values, self._taken = values, set[str]()

    def __getitem__(self, name: str) -> Any:
        self._taken.add(name)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def left(self) -> list[str]:
        """The texts that no field took; asked once the page's forms are written."""
        return [text for name, text in web.typed_fields() if name not in self._taken]


@dataclass(frozen=True)
class Filled:
    """One form of a page. Templates ask it for values; macros write it (see _macros.html).

    over: the cycle is over for good, and no form is written at all.
    """

    url: str
    key: str
    draft_url: str
    full: str
    file: bool
    typed: Mapping[str, Any] | None
    errors: Mapping[str, list[str]]
    draft: Draft | None
    over: bool = False

    @property
    def begun(self) -> bool:
        """Whether somebody was at work in this form: then it is shown opened."""
        return self.typed is not None or self.draft is not None

    @property
    def kept_at(self) -> dt.datetime | None:
        """When what is typed was last kept."""
        return self.draft.saved_at if self.draft else None

    def version(self, current: int) -> str:
        """The version of the text that this form changes: a draft's is the one it was begun on.

        After a refusal both texts stand on the page, and the newest counts.
        """
        begun_on = self.draft.body.get("version") if self.draft and self.typed is None else None
        return str(begun_on or current)

    def get(self, name: str, default: Any = "") -> str:
        """The value of a field."""
        found = self._values(name, default if default is not None else "")
        # What was taken back or hidden is written anew from an empty field.
        found = words.written(found) if isinstance(found, str) else found
        return str(found[0] if isinstance(found, list) and found else "" if isinstance(found, list) else found)

    def all(self, name: str, default: Iterable[Any] = ()) -> set[str]:
        """The values of a field that can have several."""
        found = self._values(name, list(default))
        return {str(each) for each in found} if isinstance(found, list) else {str(found)} if found != "" else set()

    def _values(self, name: str, default: Any) -> Any:
        if self.typed is not None:
            # Boxes that are all unticked are not sent at all: then that is what was typed.
            return self.typed.get(name, [] if isinstance(default, list) else default)
        if self.draft is not None:
            return self.draft.body.get(name, [] if isinstance(default, list) else default)
        return default


def whole(given: str, digits: int = 9) -> int | None:
    """The whole number that somebody's ASCII digits say, at most so many of them; None for anything else."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= digits else None


def given_day(name: str = "date") -> dt.date:
    """The day that a field of the posted form gives; Refused("date_missing") where it gives none."""
    try:
        return dt.date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise Refused("date_missing") from error


def without_school(became: dt.date) -> str:
    """What is said where the day that somebody asked for, `asked` in the address, gave way to another; or ""."""
    try:
        asked = dt.date.fromisoformat(request.args.get("asked", ""))
    except ValueError:
        return ""
    if asked >= became:
        return ""
    said = {
        "asked": in_words(asked, "d MMMM"),
        "became": in_words(became),
        "day": in_words(asked, "EEEE"),
    }
    if asked.weekday() >= SATURDAY:
        return _(
            "%(asked)s valt op %(day)s: het wordt %(became)s.", "%(asked)s is a %(day)s: it becomes %(became)s.", **said
        )
    return _(
        "%(asked)s valt in een vakantie: het wordt %(became)s.",
        "%(asked)s is in a holiday: it becomes %(became)s.",
        **said,
    )


def posted() -> Typed:
    """The form of this request: name -> text, or a list of texts where a name came more than once."""
    return Typed({name: values[0] if len(values) == 1 else values for name, values in request.form.lists()})


def uploaded() -> attachments.Upload | None:
    """The file of this request's form, if one was chosen; Refused where it may not be kept."""
    found: FileStorage | None = request.files.get("file")
    if found is None or not found.filename:
        return None
    return attachments.check(found.stream.read(attachments.MOST + 1))


def draft_name() -> str:
    """The name of the draft that the posted form is or had; "" for what cannot be one."""
    name = request.form.get("draft", "")
    return name if len(name) <= 96 and name.isprintable() else ""


def typed_draft() -> dict[str, str | list[str]] | None:
    """The posted form as drafts keep it: what stands in it; None where that is too much."""
    body: dict[str, str | list[str]] = {}
    for field, values in request.form.lists():
        kept = [value.replace("\0", "") for value in values if value.strip()]
        if field != "draft" and kept:
            body[field.replace("\0", "")] = kept[0] if len(kept) == 1 else kept
    length = sum(len(field) + sum(map(len, value)) for field, value in body.items())
    return body if length <= DRAFT_LENGTH else None
