"""A document as its reader gets it, in one language: sections of paragraphs, points, tables and blanks to fill in.

The page, the PDF and the command show the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.text import Text


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True)
class Points:
    """A list."""

    items: Sequence[str]
    kind: str = "points"


@dataclass(frozen=True)
class Table:
    """A table. head: as many as each row has."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = "table"


@dataclass(frozen=True)
class Blank:
    """What the school fills in itself. hint: what belongs there, "" where that is plain."""

    label: str
    hint: str = ""
    kind: str = "blank"


Block = Paragraph | Points | Table | Blank


@dataclass(frozen=True)
class Section:
    """A heading with what is under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """lead: under the title: of which school and day it is. locale: what it is written in."""

    title: str
    lead: str
    sections: Sequence[Section]
    locale: str


class Writer:
    """Writes in one language: takes a Text and what is to be filled in."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def __call__(self, nl: str, en: str, **values: object) -> str:
        said = en if self.locale == "en" else nl
        return said % values if values else said

    def of(self, text: Text) -> str:
        """A text that stands elsewhere."""
        return text.of(self.locale)

    def p(self, nl: str, en: str, **values: object) -> Paragraph:
        """A paragraph."""
        return Paragraph(self(nl, en, **values))

    def points(self, *items: Text | str) -> Points:
        """A list."""
        return Points([each if isinstance(each, str) else self.of(each) for each in items])

    def blank(self, label: Text, hint: Text | None = None) -> Blank:
        """Something to be filled in."""
        return Blank(self.of(label), self.of(hint) if hint else "")


TO_FILL = Text("Vul in", "Fill in")


def as_text(made: Document) -> str:
    """The document as Markdown, for a command: what is to be filled in stands as a line of its own."""
    lines = [f"# {made.title}", "", made.lead, ""]
    for section in made.sections:
        lines += [f"## {section.title}", ""]
        for block in section.blocks:
            lines += [*_lines(block, made.locale), ""]
    return "\n".join(lines)


def _lines(block: Block, locale: str) -> list[str]:
    match block:
        case Paragraph(text):
            return [text]
        case Points(items):
            return [f"- {each}" for each in items]
        case Table(caption, head, rows):
            listed = [head, ["---"] * len(head), *rows]
            return [f"**{caption}**", "", *("| " + " | ".join(_cell(each) for each in row) + " |" for row in listed)]
        case Blank(label, hint):
            return [f"**{TO_FILL.of(locale)}: {label}** {f'({hint})' if hint else ''} ______"]


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", " ")
