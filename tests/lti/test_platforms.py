"""What is remembered of platforms for some seconds does not outlive them: what an administrator repairs works."""

import threading

import pytest

from lti_tool.lti import platforms
from lti_tool.models import Registration
from tests.actors import Tool, asked
from tests.lti.sender import Sender, another_key, our_key
from tests.lti.site import Answer, Site
from tests.lti.test_registration import CONFIGURATION, REGISTRATION, change, recorded, register
from tests.lti.test_renewal import agree

NEW = "https://lms.school.example/new-auth"


def _repair(sender: Sender, **changes: str) -> None:
    """As `leerkring platform add` does, in another process."""
    with sender.tool.session() as session:
        row = session.get_one(Registration, sender.registration_id)
        for name, value in changes.items():
            setattr(row, name, value)


def _leads_to(sender: Sender) -> str:
    return str(sender.login(sender.browser()).response.headers["Location"]).partition("?")[0]


def test_an_address_that_another_process_repaired_is_used_before_anybody_could_launch(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a wrong authentication address nobody gets as far as a launch: the login itself must see the change."""
    assert _leads_to(sender) != NEW
    _repair(sender, auth_login_url=NEW)
    monkeypatch.setattr(platforms, "FRESH", 0.0)
    assert _leads_to(sender) == NEW


def test_an_address_that_was_remembered_is_asked_for_again_in_a_while(sender: Sender) -> None:
    assert platforms.FRESH <= 10
    _leads_to(sender)
    with sender.tool.statements() as seen:
        _leads_to(sender)
    assert not [statement for statement in seen if "FROM registration" in statement]


def test_r5_a_platform_that_registers_again_is_used_as_it_is_now(tool: Tool, site: Site) -> None:
    site.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", site))
    site.answers[REGISTRATION] = Answer(recorded("dynamic-registration.json", site)["response"])
    register(tool, site)
    sender = Sender(tool)
    sender.issuer, sender.client_id = site.url, "A7ah603Alv4CLZK"
    assert _leads_to(sender) == site.url + "/mod/lti/auth.php"
    change(site, CONFIGURATION, authorization_endpoint=site.url + "/moved/auth.php")
    agree(register(tool, site, tool.invite(platform=1), again="1"))
    assert _leads_to(sender) == site.url + "/moved/auth.php"


def test_a_key_fetched_for_one_launch_is_there_for_the_next(tool: Tool, site: Site) -> None:
    site.answers["/jwks"] = Answer({"keys": [another_key().jwk()]})
    sender = Sender(tool, jwks={"keys": [our_key().jwk()]}, key_set_url=site.url + "/jwks")
    signing = {"key": another_key().private, "header": {"kid": another_key().kid}}
    for login in ({}, {"client_id": ""}, {}):
        assert sender.launch(signing=signing, login=login).status == 200
    assert len(site.asked) == 1


def test_many_at_once_log_in_to_a_platform_that_is_being_forgotten(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms, "FRESH", 0.0)
    led: list[str] = []
    threads = [
        threading.Thread(target=lambda: led.append(asked(sender.login(sender.browser()))["client_id"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        sender.tool.app.extensions["leerkring"].platforms.forget()
        thread.join()
    assert led == [sender.client_id] * 8
