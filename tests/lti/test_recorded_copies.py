"""The first launches in courses that a live Moodle 4.5.6 copied, restored, uploaded and imported, sent again.

The recorder's activities were placed without a key. Moodle carries every custom value through a copy (M73, M77), so a
key goes where the recorder's "step" went.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from lti_tool.demo.vocab import AGS_CLAIM, CLAIM
from tests.lti.sender import Opened, Sender

RECORDINGS = Path(__file__).parents[1] / "recordings" / "moodle-copies"
SOURCE = Path(__file__).parents[3] / "shared" / "moodle-4.5" / "more"
NAMES = sorted(path.stem for path in RECORDINGS.glob("*.json"))
KEYS = {"1": "1" * 32, "2": "2" * 32}


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())["claims"]


def launch(shared: Sender, name: str, keyed: bool) -> Opened:
    """A recorded launch, from the platform of these tests; in a course of its own, keyed or not."""
    said = recorded(name)
    custom = dict(said[CLAIM + "custom"])
    custom["context_history"] = custom.pop("ctx_hist")
    if keyed:
        custom["origin"] = KEYS[custom["step"]]
    context = {**said[CLAIM + "context"], "id": f"{said[CLAIM + 'context']['id']}-{keyed}"}
    page = shared.launch(
        sub=said["sub"],
        name=said["name"],
        roles=said[CLAIM + "roles"],
        context=context,
        resource_link=said[CLAIM + "resource_link"],
        custom=custom,
        ags=said[AGS_CLAIM],
    )
    return shared.opened(page)


@pytest.mark.parametrize("keyed", [True, False], ids=["with a key", "placed before there were keys"])
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_copy_opens_in_its_own_course(shared: Sender, name: str, keyed: bool) -> None:
    said = recorded(name)
    opened = launch(shared, name, keyed)
    assert opened.link is not None
    assert opened.member is not None
    assert opened.course.context_id == f"{said[CLAIM + 'context']['id']}-{keyed}"
    assert opened.course.history == [each for each in said[CLAIM + "custom"]["ctx_hist"].split(",") if each]
    assert opened.link.resource_link_id == said[CLAIM + "resource_link"]["id"]
    assert opened.link.origin == (KEYS[said[CLAIM + "custom"]["step"]] if keyed else "")
    assert opened.link.course_id == opened.community.course_id
    assert opened.member.standing == "asked", "whoever they are in the course it came from"


def test_they_are_all_here_as_recorded_and_hold_no_secret_and_no_real_host() -> None:
    assert len(NAMES) == 21
    for name in NAMES:
        content = (RECORDINGS / f"{name}.json").read_text()
        for secret in ("eyJ", "localhost", "127.0.0.1", "10.0.", "192.168."):
            assert secret not in content
        if SOURCE.is_dir():
            assert content == (SOURCE / f"{name}.json").read_text()
