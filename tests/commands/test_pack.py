"""`leerkring pack`: the papers for a works council and a record of processing, as text."""

import pytest

from lti_tool.domain.privacy import Pack
from tests.actors import World
from tests.commands.test_community import said


@pytest.mark.parametrize("pack", [str(each) for each in Pack])
def test_the_command_prints_the_same_each_time_in_either_language_and_of_schools_there_are(
    any_world: World, pack: str
) -> None:
    any_world.begin("fatima")
    text = said(any_world, "pack", pack)
    assert text.startswith("# Leerkring")
    assert "Vul in" in text
    assert said(any_world, "pack", pack) == text
    assert "Fill in" in said(any_world, "pack", pack, "--language", "en")
    assert said(any_world, "pack", pack, "--school", "9", code=1).startswith("leerkring: ")
