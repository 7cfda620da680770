"""Lists on paper, as files: read as people's spreadsheets write them, and never guessed at."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain import Refused
from lti_tool.domain.hours import paper
from lti_tool.text import Text

NAMES = {1: Text("Zoë Müller", "Zoë Müller"), 2: Text("Jan Smit", "Jan Smit"), 3: Text("Jan Smit", "Jan Smit")}
ROWS = "Naam;Van;Tot\r\nZoë Müller;15:02;16.30\r\nJan Smit;;\r\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode(),
        b"\xef\xbb\xbf" + ROWS.encode(),
        ROWS.encode("cp1252"),
        ROWS.replace(";", ",").encode(),
        ROWS.replace(";", "\t").encode("utf-16"),
        ROWS.replace("\r\n", "\n\n").encode(),
        ROWS.replace("Naam", '"naam"').replace("Zoë Müller", '"  Zoë   Müller "').encode(),
        ROWS.replace("ë", "e\u0308").encode(),
    ],
)
def test_what_spreadsheets_write_is_read(content: bytes) -> None:
    found = paper.match(paper.read(content), NAMES)
    assert [(each.read.name, each.read.came, each.read.left) for each in found] == [
        ("Zoë Müller", dt.time(15, 2), dt.time(16, 30)),
        ("Jan Smit", None, None),
    ]
    assert [each.person_id for each in found] == [1, None], "a name that two people have is asked about"


def test_nobody_is_guessed() -> None:
    content = b"naam;e-mail\nZoe Muller;\nMuller, Zoe;\nzo\xc3\xab m\xc3\xbcller;\n;jan@school.nl\n"
    assert [each.person_id for each in paper.match(paper.read(content), NAMES)] == [None, None, 1, None]
    assert paper.read(content)[3].who == "jan@school.nl"


@pytest.mark.parametrize(
    ("content", "code", "values"),
    [
        (b"", "paper_empty", {}),
        (b"naam;van\n", "paper_empty", {}),
        (b"x" * 100_001, "paper_large", {}),
        (b"PK\x03\x04 a workbook", "paper_kind", {}),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "paper_kind", {}),
        (b"naam\nBel\x07\n", "paper_kind", {}),
        ("naam\nomge\u202ekeerd\n".encode(), "paper_kind", {}),
        (b"naam\nJan\x81\n", "paper_kind", {}),
        (b"voornaam;achternaam\nJan;Smit\n", "paper_columns", {}),
        (b"naam;naam\nJan;Smit\n", "paper_columns", {}),
        (b"naam;van\nJan;15:00;16:00\n", "paper_cells", {"line": 2}),
        (b'naam;van\n"Jan;15:00\n', "paper_cells", {"line": 2}),
        (b"naam;van\n=1+1;15:00\n", "paper_formula", {"line": 2, "cell": ["naam"]}),
        (b"naam;van\nJan;=NOW()\n", "paper_formula", {"line": 2, "cell": ["van"]}),
        (b"naam;van\n@SUM(A1);15:00\n", "paper_formula", {"line": 2, "cell": ["naam"]}),
        (b"naam;van\nJan;half vier\n", "paper_time", {"line": 2, "cell": ["van"]}),
        (b"naam;van\n\nJan;25:00\n", "paper_time", {"line": 3, "cell": ["van"]}),
        (b"naam;van;tot\nJan;15:00;15:00\n", "paper_order", {"line": 2}),
        (b"naam;van\n;15:00\n", "paper_who", {"line": 2}),
        (b"naam\n" + b"J" * 201 + b"\n", "paper_cell", {"line": 2, "cell": ["naam"]}),
        (b"naam\n" + b"Jan\n" * 301, "paper_many", {"most": 300}),
    ],
)
def test_what_cannot_be_is_refused_by_line_and_cell(content: bytes, code: str, values: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        paper.read(content)
    assert (refused.value.code, dict(refused.value.values)) == (code, values)


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda each: f"naam;van;tot\n{each}".encode("utf-8", "replace"))
)
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        found = paper.read(content)
    except Refused:
        return
    assert all(each.who for each in found)
