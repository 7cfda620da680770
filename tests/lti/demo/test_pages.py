"""The pages of the demo's LMS."""

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lti_tool.demo import pages, texts
from lti_tool.demo.vocab import (
    CLAIM,
)
from tests.lti.demo.fake import ADMIN, ELS, FATIMA, KARIN, MARIEKE, WOUT, World


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        (f"/as/{FATIMA}/course/2", 200),
        (f"/as/{WOUT}/course/2", 200),
        (f"/as/{ADMIN}/course/3", 200),
        (f"/as/{ADMIN}/tools", 200),
        (f"/as/{FATIMA}/course/2/live", 200),
        (f"/as/{FATIMA}/activity/A", 200),
        (f"/as/{FATIMA}/activity/A/open?target=window", 200),
        (f"/as/{WOUT}/course/2/select/T", 200),
        (f"/as/{WOUT}/course/2/select/T/open", 200),
        (f"/as/{FATIMA}/course/2/select/T/open", 403),
        (f"/as/{ELS}/course/2/select/T/open", 403),
        (f"/as/{WOUT}/course/3", 403),
        (f"/as/{KARIN}/activity/A", 403),
        (f"/as/{KARIN}/activity/A/open", 403),
        (f"/as/{FATIMA}/tools", 403),
        ("/as/99/course/2", 404),
        (f"/as/{FATIMA}/course/99", 404),
        (f"/as/{FATIMA}/activity/99", 404),
        (f"/as/{WOUT}/course/2/select/99", 404),
        ("/mod/lti/view.php?id=A", 200),
        ("/mod/lti/view.php?id=99", 404),
        ("/mod/lti/view.php", 404),
        ("/mod/lti/return.php?course=2&sesskey=guess", 400),
    ],
)
def test_pages(world: World, path: str, status: int) -> None:
    activity, column = world.activity()
    world.score(column, scoreGiven=7.5)
    path = (
        path.replace("/A", f"/{activity.id}").replace("=A", f"={activity.id}").replace("/T", f"/{world.tool.client_id}")
    )
    for language in ("nl", "en"):
        answer = requests.get(world.lms.url + path, params={"lang": language}, timeout=5)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'")


def test_every_word_of_a_page_has_its_english() -> None:
    folder = Path(texts.__file__).parent
    sources = [*folder.glob("templates/demo/*.html"), folder / "pages.py"]
    used = {
        word for path in sources for word in re.findall(r"""\bt\(["'](.+?)["']\)""", path.read_text(encoding="utf-8"))
    }
    assert used | set(pages.ROLE_NAMES.values()) == set(texts.ENGLISH)


def test_english_stays_english(world: World) -> None:
    page = requests.get(f"{world.lms.url}/as/{WOUT}/course/2?lang=en", timeout=5).text
    assert '<html lang="en">' in page
    assert f"/as/{WOUT}/course/2/select/{world.tool.client_id}?lang=en" in page
    assert "Select content from Fake" in page


def test_coming_back_from_the_tool_with_a_message(world: World) -> None:
    claims = world.lms.platform.claims(FATIMA, world.activity()[0])
    url = claims[CLAIM + "launch_presentation"]["return_url"]
    assert set(parse_qs(urlsplit(url).query)) == {
        "course",
        "launch_container",
        "instanceid",
        "sesskey",
    }
    page = requests.get(f"{url}&lti_msg=Tot+<later>&lti_errormsg=Mis", timeout=5).text
    assert "Tot &lt;later&gt;" in page
    assert "Mis" in page


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "busy", "times": "2"}, 303),
        ({"action": "broken", "times": "1"}, 303),
        ({"action": "lose", "times": "1"}, 303),
        ({"action": "slow", "seconds": "0"}, 303),
        ({"action": "calm"}, 303),
        ({"action": "rotate_keys"}, 303),
        ({"action": "enrol"}, 303),
        ({"action": "drop", "person": MARIEKE}, 303),
        ({"action": "copy_course"}, 303),
        ({"action": "delete_column", "column": "C"}, 303),
        ({"action": "grade", "column": "C", "person": FATIMA, "score": "8"}, 303),
        ({"action": "grade", "column": "C", "person": WOUT, "score": "8"}, 400),
        ({"action": "delete_column", "column": "99"}, 400),
        ({"action": "busy", "times": "x"}, 400),
        ({"action": "explode"}, 400),
    ],
)
def test_trouble_buttons(world: World, form: dict[str, str], status: int) -> None:
    _, column = world.activity()
    if form.get("column") == "C":
        form = form | {"column": column.id}
    url = f"{world.lms.url}/as/{WOUT}/course/2/trouble"
    answer = requests.post(url, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == status
    stranger = {"Origin": world.fake.url}
    assert requests.post(url, data=form, timeout=5, headers=stranger).status_code == 403


def test_the_admin_registers_and_activates_on_the_pages(world: World) -> None:
    url = f"{world.lms.url}/as/{ADMIN}/tools"
    assert "aria-invalid" in requests.post(url, data={"address": "nonsense"}, timeout=5).text
    page = requests.post(url, data={"address": f"{world.fake.url}/register?invite=C"}, timeout=5)
    [frame] = re.findall(r'src="([^"]+register[^"]+)"', page.text)
    requests.get(html.unescape(frame), timeout=5)
    assert world.fake.answers[-1].status_code == 200
    for active in (False, True):
        requests.post(f"{url}/{world.tool.client_id}", timeout=5)
        assert world.school.tools[world.tool.client_id].active is active
    assert requests.post(f"{world.lms.url}/as/{WOUT}/tools", timeout=5).status_code == 403
