"""The packs say what the table, the tables, the settings and docs/who-sees-what.md say, line by line."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import pdf
from lti_tool.domain.community.access import Audience
from lti_tool.domain.community.export import PEOPLE, tables
from lti_tool.domain.hours import figures
from lti_tool.domain.participation import Passback
from lti_tool.domain.privacy import CALLED, Pack, council, make
from lti_tool.domain.privacy import things as called
from lti_tool.domain.privacy.document import Blank, Document, Paragraph, Points, Table, as_text
from lti_tool.domain.privacy.facts import Facts
from lti_tool.domain.privacy.stored import APART, STORED
from lti_tool.domain.reading.things import RULES, Form, Thing
from lti_tool.domain.school.setting_kinds import SETTINGS, Name

DOC = (Path(__file__).parents[2] / "docs" / "who-sees-what.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in DOC.splitlines() if line.startswith("| ")]
LANGUAGES = ["nl", "en"]
SPOKEN = {Name.NAMES: "names", Name.PASSBACK: "moments", Name.FACILITATION: "anybody", Name.RETENTION: ""}
FACTS = Facts(
    school="De Linde",
    platforms=["Moodle De Linde"],
    opens_on=None,
    values=SPOKEN,
    apart=dict.fromkeys(SPOKEN, 0),
    placed={Passback.MOMENTS: 12, Passback.NONE: 3},
    processors=(),
    day=dt.date(2027, 1, 11),
)
EVERY = [(pack, language) for pack in Pack for language in LANGUAGES]


def tables_of(made: Document) -> list[Table]:
    return [block for section in made.sections for block in section.blocks if isinstance(block, Table)]


def words(made: Document) -> str:
    return as_text(made)


# The table of things


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("thing", Thing)
def test_a_thing_stands_in_the_pack_as_in_the_docs_and_beside_its_field(thing: Thing, language: str) -> None:
    rule, name = RULES[thing], called.CALLED[thing].of(language)
    said = [row for row in ROWS if len(row) == 6 and row[0] == name and row[1] == rule.words.of(language)]
    assert len(said) == 1, name
    made = make(Pack.WORKS_COUNCIL, FACTS, language)
    rows = [(table.caption, row) for table in tables_of(made) for row in table.rows if len(row) == 3]
    found = [(caption, row) for caption, row in rows if row[:2] == [name, rule.words.of(language)]]
    assert len(found) == 1, name
    caption, row = found[0]
    assert caption == dict(council.PHASES)[rule.until].of(language)
    assert row[2] == council.for_leader(rule).of(language)
    # The docs' column of the leader says the same.
    assert said[0][4][0] == ("○" if Audience.LEADER not in rule.readers else "●" if rule.form == Form.PIECES else "Σ")
    assert (row[2] in ("nee", "no")) == (said[0][4][0] == "○")


def test_every_thing_has_a_name_of_its_own() -> None:
    assert set(called.CALLED) == set(Thing)
    for language in LANGUAGES:
        assert len({each.of(language) for each in called.CALLED.values()}) == len(Thing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_answers_whether_a_manager_reads_it(language: str) -> None:
    first = make(Pack.WORKS_COUNCIL, FACTS, language).sections[0]
    assert first.title in ("Kan mijn leidinggevende zien wat ik schrijf?", "Can my manager see what I write?")
    answer = first.blocks[0]
    assert isinstance(answer, Paragraph)
    assert answer.text.startswith(("Nee.", "No."))
    reads = next(block for block in first.blocks if isinstance(block, Points))
    theirs = [called.CALLED[each].of(language) for each in Thing if Audience.LEADER in RULES[each].readers]
    assert list(reads.items)[1:] == theirs
    text = words(make(Pack.WORKS_COUNCIL, FACTS, language))
    assert f" {figures.PEOPLE} " in text
    assert f" {figures.CHANGED} " in text


# What is stored


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_stored_is_what_the_docs_say_line_by_line(language: str) -> None:
    head = ["wat", "waarvoor", "hoe lang"] if language == "nl" else ["what", "what for", "how long"]
    begin = ROWS.index(head) + 2
    listed = ROWS[begin : begin + len(STORED)]
    assert listed == [[part.of(language) for part in (each.what, each.why, each.how_long)] for each in STORED]
    assert len(ROWS) == begin + len(STORED) or len(ROWS[begin + len(STORED)]) != 3 or language == "nl"


def test_a_table_with_a_person_in_it_has_a_line_or_a_reason() -> None:
    told = {table for each in STORED for table in each.tables} | set(APART)
    there = set(tables()) | PEOPLE
    assert there - told == set(), "say in domain/privacy/stored.py what is kept there, and for how long"
    # Numbers only, and of nobody: said all the same.
    assert told - there == {"outbox"}
    assert all(APART.values())


@pytest.mark.parametrize(("pack", "language"), EVERY)
def test_both_packs_say_all_that_is_stored(pack: Pack, language: str) -> None:
    rows = {row[0] for table in tables_of(make(pack, FACTS, language)) for row in table.rows}
    assert {each.what.of(language) for each in STORED} <= rows


# What the school set


@pytest.mark.parametrize(("pack", "language"), EVERY)
@pytest.mark.parametrize("name", SPOKEN)
def test_another_setting_is_another_pack(pack: Pack, language: str, name: Name) -> None:
    made = set()
    for value, said in SETTINGS[name].choices.items():
        text = words(make(pack, replace(FACTS, values={**SPOKEN, name: value}), language))
        assert said.of(language) in text
        made.add(text)
    assert len(made) == len(SETTINGS[name].choices)


@pytest.mark.parametrize(("pack", "language"), EVERY)
def test_what_is_kept_for_so_long_is_said_of_what_goes_and_of_nothing_else(pack: Pack, language: str) -> None:
    made = make(pack, replace(FACTS, values={**SPOKEN, Name.RETENTION: "3"}), language)
    said = {row[0]: row[2] for table in tables_of(made) for row in table.rows if len(row) == 3}
    for each in STORED:
        term = said[each.what.of(language)]
        assert (" 3 " in term) == each.content, term


@pytest.mark.parametrize(("pack", "language"), EVERY)
def test_courses_with_another_setting_and_who_works_for_it_are_said(pack: Pack, language: str) -> None:
    other = replace(FACTS, apart={**FACTS.apart, Name.NAMES: 7}, processors=("Hoster BV (hosting)",))
    text = words(make(pack, other, language))
    assert "Hoster BV (hosting)" in text
    assert " 7 " in text
    assert " 12 " in text, "how many activities pass on what"


@pytest.mark.parametrize(("pack", "language"), EVERY)
def test_of_one_it_says_one(pack: Pack, language: str) -> None:
    one = replace(FACTS, apart={**FACTS.apart, Name.NAMES: 1}, placed=dict.fromkeys(FACTS.placed, 1))
    text = words(make(pack, one, language))
    for said in ("één cursus anders", "één activiteit") if language == "nl" else ("one course", "one activity"):
        assert said in text
    for wrong in ("1 cursussen", "1 activiteiten", "1 courses", "1 activities"):
        assert wrong not in text


@pytest.mark.parametrize(("pack", "language"), EVERY)
def test_it_is_the_same_of_the_same_and_says_what_is_to_be_filled_in(pack: Pack, language: str) -> None:
    made = make(pack, FACTS, language)
    assert made == make(pack, FACTS, language)
    assert words(made) == words(make(pack, FACTS, language))
    blanks = [block for section in made.sections for block in section.blocks if isinstance(block, Blank)]
    assert len(blanks) >= 5
    assert any("rondslag" in each.label or "egal basis" in each.label for each in blanks)
    for table in tables_of(made):
        assert {len(row) for row in table.rows} == {len(table.head)}


def test_each_has_a_name() -> None:
    assert set(CALLED) == set(Pack)


@pytest.mark.skipif(not pdf.available(), reason="needs the extra `pdf`")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_council_reads_six_pages_at_most(language: str) -> None:
    import io

    import pikepdf
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from lti_tool.domain.privacy.document import TO_FILL

    env = Environment(loader=FileSystemLoader("templates"), autoescape=True, undefined=StrictUndefined)
    env.filters["t"] = lambda text: text.of(language)
    template = env.get_template("administration/pack_pdf.html")
    page = template.render(made=make(Pack.WORKS_COUNCIL, FACTS, language), to_fill=TO_FILL)
    made = pdf.make(page)
    assert len(pikepdf.open(io.BytesIO(made)).pages) <= 6
    # Of the same words the same file, in whatever language.
    assert language != LANGUAGES[0] or made == pdf.make(page)
    assert b"CreationDate" not in made
