"""What of a body are somebody's words, and what stands in their place once they are gone.

Where others' work hangs on a piece it stays, with its codes and numbers, and says nothing any more: one mark stands
where it said most. No keyboard has these marks and no form takes them in; a page says them in its own language
(circle/texts.py).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

TAKEN, HIDDEN = "\ue0f1", "\ue0f2"
MARKS = TAKEN + HIDDEN
# What a copy of a text is known by: with fewer words anybody says the same.
KNOWN_BY = 4

# Names under which any kind keeps a code, a date or a choice. What a kind alone calls so is in its step's `codes`.
CODES = frozenset({
    "answer", "checks", "choice", "choices", "course", "date", "ended", "given", "group", "horizon", "lens",
    "reply_by", "sort", "stage", "state", "visit", "voice", "worked",
})  # fmt: skip
# Where a body has several texts: the one that says most.
MAIN = ("text", "lines", "what", "if", "question", "can", "done", "learned", "harm", "concern", "missing", "reason")


def fields(body: Mapping[str, Any], codes: Collection[str] = ()) -> dict[str, list[str]]:
    """name -> the texts under it that say something; codes: what is none in this kind."""
    found = {}
    for name, value in body.items():
        if name in CODES or name in codes:
            continue
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if said := [each for each in texts if isinstance(each, str) and each.strip()]:
            found[name] = said
    return found


def said(body: Mapping[str, Any], codes: Collection[str] = ()) -> list[str]:
    """All of them, what says most first."""
    found = fields(body, codes)
    return [text for name in sorted(found, key=_weight) for text in found[name]]


def _weight(name: str) -> tuple[int, str]:
    return MAIN.index(name) if name in MAIN else len(MAIN), name


def mark_of(texts: Iterable[str]) -> str:
    """The mark that stands among these texts; "" where none does."""
    return next((each for text in texts for each in text if each in MARKS), "")


def written(text: str) -> str:
    """A text to write on: nothing, where a mark stands in it."""
    return "" if mark_of([text]) else text


def without(body: Mapping[str, Any], mark: str, codes: Collection[str] = ()) -> dict[str, Any]:
    """The same body without its words: a mark where it said most."""
    found = fields(body, codes)
    made = dict(body)
    for name in found:
        made[name] = [] if isinstance(body[name], list) else ""
    if found:
        _put(made, min(found, key=_weight), mark)
    return made


def instead(body: Mapping[str, Any], text: str, codes: Collection[str] = ()) -> dict[str, Any]:
    """A body without words, with a text where the mark stands."""
    made = dict(body)
    for name, texts in fields(body, codes).items():
        if mark_of(texts):
            _put(made, name, text)
    return made


def taken_in(text: str) -> str:
    """A text as a form takes it in: without our marks, and zero bytes, which are no characters: PostgreSQL has none."""
    return text.replace("\r\n", "\n").translate(_NOT_TAKEN_IN).strip()


_NOT_TAKEN_IN = dict.fromkeys(map(ord, f"{MARKS}\0"))


def _put(body: dict[str, Any], name: str, text: str) -> None:
    body[name] = text.splitlines() if isinstance(body[name], list) else text


def copied(texts: Iterable[str]) -> list[str]:
    """Those texts by which a copy is known, the longest first: it may hold a shorter one."""
    long = {text.strip() for text in texts if len(text.split()) >= KNOWN_BY and not mark_of([text])}
    return sorted(long, key=len, reverse=True)


def cut(value: Any, texts: Collection[str], mark: str) -> Any:
    """A body, or any value of one, with a mark in place of these texts, wherever they stand in it."""
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, mark)
        return value
    if isinstance(value, Mapping):
        return {name: cut(each, texts, mark) for name, each in value.items()}
    return [cut(each, texts, mark) for each in value] if isinstance(value, list) else value


def plain(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from plain(each)
