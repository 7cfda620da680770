"""Every word is there in both languages."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

import lti_tool
from lti_tool.i18n import LANGUAGES
from lti_tool.lti.claims import read_locale

HOME = Path(lti_tool.__file__).parents[1]
FOLDER = HOME / "lti_tool" / "translations"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    """What pybabel extract finds in code and templates, through a .pot file."""
    with (FOLDER / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = Catalog()
    for file, line, message, _comments, context in extract_from_dir(
        HOME, methods, options, KEYWORDS, directory_filter=lambda folder: Path(folder).name in _LOOKED_AT
    ):
        found.add(message, locations=[(file, line)], context=context)
    kept = io.BytesIO()
    write_po(kept, found)
    kept.seek(0)
    return read_po(kept)


_LOOKED_AT = {
    path.name
    for top in (HOME / "lti_tool", HOME / "templates")
    for path in [top, *top.rglob("*")]
    if path.is_dir() and "demo" not in path.parts
}


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    with (FOLDER / "nl" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="nl")


def _ids(catalogue: Catalog) -> set[str]:
    return {_id(message) for message in catalogue if message.id}


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_the_catalogue_has_every_message_and_no_other(extracted: Catalog, dutch: Catalog) -> None:
    assert len(_ids(extracted)) > 150
    assert _ids(extracted) - _ids(dutch) == set(), "not translated"
    assert _ids(dutch) - _ids(extracted) == set(), "said nowhere any more"
    assert not dutch.obsolete


def test_every_message_is_translated_whole_and_for_sure(dutch: Catalog) -> None:
    for message in dutch:
        if not message.id:
            continue
        said = [message.string] if isinstance(message.string, str) else message.string
        assert all(said), message.id
        assert len(said) == (2 if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id


def test_a_translation_has_the_same_places_to_fill_in(dutch: Catalog) -> None:
    for message in dutch:
        if not message.id:
            continue
        wanted = set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", str(message.id)))
        for said in [message.string] if isinstance(message.string, str) else message.string:
            assert set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", said)) <= wanted, message.id
            assert wanted - set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", said)) <= {("num", "")}, message.id


def test_plurals_are_plurals_in_both(extracted: Catalog, dutch: Catalog) -> None:
    kinds = {_id(message): message.pluralizable for message in extracted if message.id}
    assert {_id(m): m.pluralizable for m in dutch if m.id and _id(m) in kinds} == kinds


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("nl", "nl"), ("nl_NL", "nl"), ("nl-BE", "nl"), ("NL", "nl"), ("nl_NL.UTF-8", "nl"), ("fy-NL", "nl"),
        ("en-US", "en"), ("en_us", "en"), ("pt_br", "en"), ("de", "en"), ("x", "en"), ("nld", "en"),
        ("", ""), (None, ""), ("_", ""), ("-", ""),
    ],
)  # fmt: skip
def test_a_launch_s_locale_becomes_a_language_spoken_here(said: str | None, language: str) -> None:
    assert read_locale(said) == language
    assert language in (*LANGUAGES, "")
