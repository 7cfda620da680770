"""`leerkring pack`: the papers for a works council and a record of processing, as text."""

import os
import subprocess
import sys

import pytest

from lti_tool.domain.privacy import Pack
from tests.actors import World
from tests.commands.conftest import environment, run, settings_of
from tests.conftest import ALL


def printed(world: World, *arguments: str, code: int = 0) -> str:
    done = run("pack", *arguments, **settings_of(world.tool))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def printed_alone(world: World, *arguments: str) -> str:
    """What it prints, as a process of its own: with nothing of this one's settings or language."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")}
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool.cli", "pack", *arguments],
        env=given | environment(world.tool), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("pack", [str(each) for each in Pack])
def test_the_command_prints_in_either_language_and_of_schools_there_are(world: World, pack: str) -> None:
    world.begin("fatima")
    dutch, english = printed(world, pack), printed(world, pack, "--language", "en")
    for text, fills, other in ((dutch, "Vul in", "Fill in"), (english, "Fill in", "Vul in")):
        assert text.startswith("# Leerkring")
        assert fills in text
        assert other not in text, "one language at a time"
    assert "leerkring: " in printed(world, pack, "--school", "9", code=1)


def test_as_a_process_of_its_own_it_prints_the_same(world: World) -> None:
    world.begin("fatima")
    for language in ([], ["--language", "en"]) if ALL else ([],):
        assert printed_alone(world, str(Pack.PROCESSING), *language) == printed(world, str(Pack.PROCESSING), *language)
