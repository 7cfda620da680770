"""Provision lists as files: read as spreadsheets write them, refused by line and cell, and never unpacked unweighed."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain import Refused
from lti_tool.domain.school.provision import reading, said
from lti_tool.domain.school.provision.lines import packed, unpacked
from lti_tool.models.provision import Named, Role

HEADS = "cursus-id;korte naam;titel;begeleiders;leidinggevenden"
ROWS = f"{HEADS}\r\n12;PRO;Team Zoë;Zoe@School.nl, wout;id:7\r\n13;HAVO;;;\r\n"


def keyed(text: str) -> str:
    return f"<{text}>"


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode(),
        b"\xef\xbb\xbf" + ROWS.encode(),
        ROWS.encode("cp1252"),
        ROWS.replace(";", "\t").encode("utf-16"),
        ROWS.replace("Zoe@School.nl, wout", '"Zoe@School.nl, wout"').replace(";", ",").encode(),
        ROWS.replace("\r\n", "\n\n").encode(),
        workbook(
            [
                HEADS.split(";"),
                [12, "PRO", "Team Zoë", "Zoe@School.nl\nwout", "id:7"],
                [13.0, "HAVO", None, None, None],
            ]
        ),
    ],
)
def test_what_spreadsheets_write_is_read(content: bytes) -> None:
    sheet = reading.read(content, keyed)
    assert not sheet.faults
    first, second = sheet.lines
    assert (first.lms_id, first.short_name, first.title, first.template) == ("12", "PRO", "Team Zoë", None)
    assert [(who.role, who.by, who.hash) for who in first.people] == [
        (Role.FACILITATOR, Named.EMAIL, "<provision email zoe@school.nl>"),
        (Role.FACILITATOR, Named.LOGIN, "<provision login wout>"),
        (Role.LEADER, Named.ID, "<provision id 7>"),
    ]
    assert (second.lms_id, second.people, second.roles) == ("13", (), frozenset({Role.FACILITATOR, Role.LEADER}))


def of(rows: str, heads: str = HEADS) -> bytes:
    return f"{heads}\n{rows}\n".encode()


def bomb(size: int, members: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * size)
    return file.getvalue()


def tampered(name: str, put: bytes) -> bytes:
    """A workbook in which one file is another."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["id"], ["1"]]))) as good, zipfile.ZipFile(file, "w") as archive:
        for each in good.namelist():
            archive.writestr(each, put if each == name else good.read(each))
    return file.getvalue()


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData><row r="1"><c t="inlineStr"><is><t>&b;&c;</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "provision_empty"),
        (b"  \n\n", "provision_empty"),
        (HEADS.encode(), "provision_empty"),
        (b"x" * (reading.MOST + 1), "provision_large"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "provision_kind"),
        (b"\xd0\xcf\x11\xe0 old workbook", "provision_kind"),
        (b"PK\x03\x04 a workbook", "provision_kind"),
        (bomb(3), "provision_kind"),
        (bomb(30 * 1024 * 1024), "provision_bomb"),
        (bomb(1024 * 1024), "provision_bomb"),
        (bomb(1, reading.FILES + 1), "provision_bomb"),
        (tampered("xl/worksheets/sheet1.xml", ENTITIES), "provision_kind"),
        (tampered("xl/worksheets/sheet1.xml", b"<worksheet"), "provision_kind"),
        (tampered("xl/workbook.xml", ENTITIES), "provision_kind"),
        (of("1;x", "naam van de cursus;titel"), "provision_column"),
        (of("x", "titel"), "provision_columns"),
        (of("1;2", "cursus-id;course id"), "provision_column_twice"),
        (of('1;"PRO'), "provision_quotes"),
        (of("1\n" * 100_000, "id"), "provision_many"),
        (workbook([["id"], *([[number] for number in range(3000)])]), "provision_many"),
    ],
)
def test_what_is_no_list_is_refused_whole_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        reading.read(content, keyed)
    assert refused.value.code == code
    assert "%" not in said.refused(refused.value).nl


@pytest.mark.parametrize(
    ("row", "cell", "code"),
    [
        ("=1+1;PRO;;;", "cursus-id", "formula"),
        ("1;PRO;=HYPERLINK(1);;", "titel", "formula"),
        ("1;PRO;@SUM(A1);;", "titel", "formula"),
        ("1;PRO;omge\u202ekeerd;;", "titel", "unseen"),
        ("1;PR\u200bO;;;", "korte naam", "unseen"),
        (f"1;PRO;{'x' * 256};;", "titel", "long"),
        ("1;PRO;;Jan de Vries;", "begeleiders", "who"),
        ("1;PRO;;@school.nl;", "begeleiders", "formula"),
        ("1;PRO;;jan@@school.nl;", "begeleiders", "who"),
        ("1;PRO;;" + ",".join(map(str, range(21))) + ";", "begeleiders", "people"),
        (";;titel;;", "", "which"),
        ("1;PRO;;;;te veel", "", "cells"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_cell_and_the_others_are_read(row: str, cell: str, code: str) -> None:
    sheet = reading.read(of(f"7;GOED;;;\n{row}"), keyed)
    assert [each.lms_id for each in sheet.lines] == ["7"]
    assert [(each.number, each.cell, each.code) for each in sheet.faults] == [(3, cell, code)]
    assert "%(" not in said.fault(sheet.faults[0]).nl + said.fault(sheet.faults[0]).en


def test_a_formula_in_a_workbook_is_no_value() -> None:
    sheet = reading.read(workbook([["id", "titel"], [1, "=1+1"]]), keyed)
    assert [(each.number, each.code) for each in sheet.faults] == [(2, "formula")]


def test_a_list_is_packed_for_its_page_with_names_and_for_the_worker_without() -> None:
    sheet = reading.read(ROWS.encode(), keyed)
    assert unpacked(packed(sheet, named=True), keyed) == sheet
    kept = packed(sheet, named=False)
    assert unpacked(kept, None) == sheet
    assert "School.nl, " not in str(kept)
    assert "Zoe@School.nl" not in str(kept)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda each: of(each.replace("\r", "")[:200])))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        found = reading.read(content, keyed)
    except Refused as refused:
        said.refused(refused)
        return
    for each in found.faults:
        assert said.fault(each).nl
