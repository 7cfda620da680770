"""What a column may hold is named once: an enum beside the table, and nobody writes its codes as words."""

import re
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

import lti_tool
from lti_tool.models import Authors, Member, ScoreState, Standing
from tests.web.circle import circle

HOME = Path(lti_tool.__file__).parents[1]
FILES = [*(HOME / "lti_tool").rglob("*.py"), *(HOME / "templates").rglob("*.html")]


@pytest.mark.parametrize(("name", "codes"), [("standing", Standing), ("state", ScoreState), ("authors", Authors)])
def test_nobody_writes_a_code_as_a_word(name: str, codes: type[Standing]) -> None:
    said = "|".join(codes)
    word = re.compile(rf"""\.{name}\b[^\n]{{0,24}}?["']({said})["']|\b{name}=["']({said})["']""")
    found = [
        str(path.relative_to(HOME)) for path in FILES if "demo" not in path.parts and word.search(path.read_text())
    ]
    assert found == []


def test_a_column_of_codes_takes_no_other_and_gives_them_back_as_they_are() -> None:
    with circle(2) as c:
        session: Session = c.session
        member = session.get_one(Member, c.members[0].id)
        session.refresh(member)
        assert member.standing is Standing.MEMBER
        member.standing = "visitor"  # type: ignore[assignment]
        with pytest.raises(StatementError):
            session.flush()
        session.rollback()
