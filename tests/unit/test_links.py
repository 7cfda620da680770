"""The Link header, whatever stands in it (RFC 8288, O5): what it means for pages stands in test_service_pages.py."""

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import links

TARGETS = st.text(st.characters(codec="ascii", exclude_characters="<>", exclude_categories=["Cc"]), max_size=30)
WORDS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.lists(st.tuples(TARGETS, WORDS, st.sampled_from(["first", "Last", "prev", "up x"])), max_size=4), TARGETS)
def test_whatever_stands_beside_it_the_next_link_is_found(others: list[tuple[str, str, str]], target: str) -> None:
    said = [f"<{url}>; title={quoted(title)}; rel={quoted(rel)}" for url, title, rel in others]
    assert links.next_target(", ".join(said)) is None
    said.insert(len(said) // 2, f'<{target}>; title={quoted(">, <x>; rel=first")};\tREL="x NEXT"')
    assert links.next_target(", ".join(said)) == target.strip()


@given(st.text(max_size=60) | st.text('<>;,="\\ relnxt\t', max_size=60))
def test_a_link_header_is_read_or_refused(header: str) -> None:
    try:
        found = links.next_target(header)
    except ValueError:
        return
    assert found is None or found in header
