"""The commands with which an administrator of Leerkring lets a platform in (lti.md, R4 and pain U10)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool import observe
from lti_tool.cli import main
from lti_tool.models import Deployment, Invite, Registration
from tests.actors import Browser, Tool
from tests.lti.sender import ABSENT, ISSUER, Sender, another_key, our_key
from tests.lti.site import Answer, Site
from tests.lti.test_registration import CONFIGURATION, REGISTRATION, change, recorded, register

Command = Callable[..., Result]
ADD = {
    "--issuer": ISSUER,
    "--client-id": "by-hand",
    "--auth-login-url": ISSUER + "/auth",
    "--auth-token-url": ISSUER + "/token",
    "--key-set-url": ISSUER + "/jwks",
}


@pytest.fixture
def leerkring(tool: Tool, keys_dir: Path) -> Command:
    """The command, in the environment of the running tool."""
    return command_of(tool, keys_dir)


def command_of(tool: Tool, keys_dir: Path) -> Command:
    """The command, in the environment of a tool."""
    environment = {
        "LEERKRING_BASE_URL": tool.url,
        "LEERKRING_DATABASE_URL": tool.settings.database_url,
        "LEERKRING_KEYS_DIR": str(keys_dir),
        "LEERKRING_SECRET_KEY": str(tool.settings.secret_key),
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "1",
    }

    def run(*arguments: str, **changes: str) -> Result:
        try:
            return CliRunner().invoke(main, arguments, env={**environment, **changes})
        finally:
            # The command logged to a stream that has ended with it.
            observe.configure()

    return run


def _arguments(**changes: str) -> list[str]:
    return [part for pair in {**ADD, **changes}.items() for part in pair]


def test_r4_an_unknown_deployment_is_noted_refused_and_approved_by_command(sender: Sender, leerkring: Command) -> None:
    new = {"login": {"lti_deployment_id": ABSENT}, "deployment_id": "new:5 é"}
    assert sender.launch(**new).reason == "unknown_deployment"
    listed = leerkring("platform", "list")
    assert listed.exit_code == 0
    assert "deployment new:5 é\tWAITS FOR APPROVAL" in listed.output
    assert sender.launch(**new).reason == "unknown_deployment", "being listed is not being approved"
    approved = leerkring("platform", "approve", str(sender.registration_id), "new:5 é")
    assert (approved.exit_code, approved.output) == (0, "Approved.\n")
    sender.opened(sender.launch(**new))
    assert "new:5 é\tapproved" in leerkring("platform", "list").output


def test_a_deployment_may_be_approved_before_its_first_launch(sender: Sender, leerkring: Command) -> None:
    for _ in range(2):
        assert leerkring("platform", "approve", str(sender.registration_id), "early").exit_code == 0
    sender.opened(sender.launch(login={"lti_deployment_id": "early"}, deployment_id="early"))
    with sender.tool.session() as session:
        assert session.query(Deployment).filter_by(deployment_id="early").count() == 1


def test_k2_a_deployment_approved_for_one_client_is_not_for_another(sender: Sender, leerkring: Command) -> None:
    other = Sender(sender.tool, client_id="other", deployment_id="theirs")
    leerkring("platform", "approve", str(sender.registration_id), "shared")
    new = {"login": {"lti_deployment_id": ABSENT}, "deployment_id": "shared"}
    assert other.launch(**new).reason == "unknown_deployment"
    sender.opened(sender.launch(**new))


@pytest.mark.parametrize("words", [("approve", "99", "1"), ("show", "99")])
def test_a_platform_that_is_not_there_is_said_in_a_sentence(leerkring: Command, words: tuple[str, ...]) -> None:
    result = leerkring("platform", *words)
    assert result.exit_code == 1
    assert result.output == "Error: There is no platform 99; see: leerkring platform list\n"


def test_a_platform_added_by_hand_launches(tool: Tool, leerkring: Command, site: Site) -> None:
    sender = Sender(tool, issuer="https://template.example")
    site.answers["/jwks"] = Answer({"keys": []})
    added = leerkring(
        *("platform", "add", *_arguments(**{"--key-set-url": site.url + "/jwks"})),
        *("--deployment-id", "7", "--deployment-id", "8", "--family", "Canvas", "--name", "School"),
    )
    assert added.exit_code == 0, added.output
    with tool.session() as session:
        row = session.query(Registration).filter_by(client_id="by-hand").one()
        assert (row.family, row.name, row.token_audience) == ("canvas", "School", None)
        assert [d.deployment_id for d in session.query(Deployment).filter_by(registration_id=row.id)] == ["7", "8"]
    site.answers["/jwks"] = Answer({"keys": [our_key().jwk()]})
    sender.issuer, sender.client_id = ISSUER, "by-hand"
    sender.opened(sender.launch())
    shown = leerkring("platform", "show", str(row.id))
    assert f"key_set_url: {site.url}/jwks" in shown.output
    assert "courses: 1" in shown.output


def test_adding_a_platform_fetches_its_keys_anew(tool: Tool, leerkring: Command, site: Site) -> None:
    """Also one that is known: its keys may have changed under the same kid."""
    for key in (our_key(), another_key()):
        site.answers["/jwks"] = Answer({"keys": [{**key.jwk(), "kid": "1", "use": None}]})
        added = leerkring("platform", "add", *_arguments(**{"--key-set-url": site.url + "/jwks"}))
        assert (added.exit_code, "Key set read: 1 keys." in added.output) == (0, True), added.output
        with tool.session() as session:
            kept = session.query(Registration).one().key_set
        assert kept is not None
        assert kept["keys"][0]["n"] == key.jwk()["n"]
    site.answers["/jwks"] = Answer("<h1>Maintenance</h1>")
    added = leerkring("platform", "add", *_arguments(**{"--key-set-url": site.url + "/jwks"}))
    assert added.exit_code == 0
    assert f"Its key set at {site.url}/jwks could not be read now (not_json)." in added.output
    with tool.session() as session:
        assert session.query(Registration).one().key_set == kept


APPS = "https://apps.lms.school.example"


def test_o10_a_platform_may_have_further_frames_than_its_own(tool: Tool, leerkring: Command, site: Site) -> None:
    """Open edX shows its components in pages of another origin than the issuer's: every ancestor must be allowed."""
    sender = Sender(tool, issuer="https://template.example")
    sender.issuer, sender.client_id = ISSUER, "by-hand"
    site.answers["/jwks"] = Answer({"keys": [our_key().jwk()]})
    keys = {"--key-set-url": site.url + "/jwks"}

    def ancestors(*options: str) -> str:
        added = leerkring("platform", "add", *_arguments(**keys), "--deployment-id", "7", *options)
        assert added.exit_code == 0, added.output
        tool.app.extensions["leerkring"].platforms.forget()
        page = sender.launch()
        sender.opened(page)
        return str(page.response.headers["Content-Security-Policy"]).partition("frame-ancestors ")[2]

    assert ancestors() == f"'self' {ISSUER}"
    both = ("--frame-origin", APPS, "--frame-origin", "https://studio.school.example:8443")
    assert ancestors(*both) == f"'self' {ISSUER} {APPS} https://studio.school.example:8443"
    assert APPS in leerkring("platform", "show", "2").output
    # Adding it again for its keys does not take them away.
    assert APPS in ancestors()
    assert ancestors("--frame-origin", "") == f"'self' {ISSUER}"


@pytest.mark.parametrize(
    "origin",
    [
        APPS + "/",
        APPS + "/learning",
        "https://*",
        "https://*.school.example",
        "https://a@school.example",
        "https://x; script-src *",
        "https://x https://y",
        "http://apps.school.example",
        "apps.school.example",
        "javascript:alert(1)",
        "'unsafe-inline'",
        "https://" + "x" * 600,
    ],
)
def test_what_is_no_origin_becomes_no_frame(tool: Tool, leerkring: Command, origin: str) -> None:
    refused = leerkring("platform", "add", *_arguments(), "--frame-origin", origin)
    assert refused.exit_code == 2
    assert isinstance(refused.exception, SystemExit)
    with tool.session() as session:
        assert session.query(Registration).count() == 0


def test_r5_adding_again_changes(tool: Tool, leerkring: Command) -> None:
    # Nobody listens at the key set's address.
    nowhere = {"--key-set-url": "http://127.0.0.1:9/jwks"}
    for token_url in ("/token", "/new-token"):
        result = leerkring("platform", "add", *_arguments(**{"--auth-token-url": ISSUER + token_url, **nowhere}))
        assert result.exit_code == 0
    with tool.session() as session:
        (row,) = session.query(Registration)
    assert row.auth_token_url == ISSUER + "/new-token"


def test_r4_a_platform_that_names_no_deployment_is_approved_at_its_first_launch(
    tool: Tool, leerkring: Command, site: Site
) -> None:
    site.answers[CONFIGURATION] = Answer(recorded("openid-configuration.json", site))
    site.answers[REGISTRATION] = Answer(recorded("dynamic-registration.json", site)["response"])
    change(site, REGISTRATION, TOOL=None)
    link = leerkring("invite").output.strip()
    assert register(tool, site, link).status == 200
    site.answers["/mod/lti/certs.php"] = Answer({"keys": [our_key().jwk()]})
    sender = Sender(tool)
    sender.issuer, sender.client_id = site.url, "A7ah603Alv4CLZK"
    assert sender.launch().reason == "unknown_deployment"
    with tool.session() as session:
        number = session.query(Registration).filter_by(issuer=site.url).one().id
    assert leerkring("platform", "approve", str(number), sender.deployment_id).exit_code == 0
    sender.opened(sender.launch())


def test_an_invite_is_printed_and_opens(tool: Tool, leerkring: Command) -> None:
    printed = leerkring("invite")
    assert re.fullmatch(re.escape(tool.url) + r"/lti/register\?invite=\w{24}\n", printed.output)
    assert Browser(tool).get(printed.output.strip()).status == 200


def test_r5_an_invitation_for_a_platform_is_for_that_one_alone(tool: Tool, leerkring: Command) -> None:
    Sender(tool)
    missing = leerkring("invite", "--platform", "99")
    assert (missing.exit_code, missing.output) == (
        1,
        "Error: There is no platform 99; see: leerkring platform list\n",
    )
    link = leerkring("invite", "--platform", "1").output.strip()
    assert Browser(tool).get(link).status == 200
    with tool.session() as session:
        (made,) = session.query(Invite)
        assert (made.registration_id, made.issuer, made.used_at) == (1, ISSUER, None)


UNCALLABLE = {
    "plain http in production": {"--key-set-url": "http://platform.example/jwks"},
    "no web address": {"--auth-login-url": "javascript:alert(1)"},
}


@pytest.fixture(params=UNCALLABLE.values(), ids=UNCALLABLE)
def uncallable(request: pytest.FixtureRequest, leerkring: Command, tmp_path: Path) -> Result:
    """What adding a platform at such an address answered, in production."""
    production = {
        "LEERKRING_ALLOW_PRIVATE_HOSTS": "0",
        "LEERKRING_BASE_URL": "https://tool.example",
        "LEERKRING_KEYS_DIR": str(tmp_path / "keys"),
        "LEERKRING_SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    }
    return leerkring("platform", "add", *_arguments(**request.param), **production)


def test_an_address_that_may_not_be_called_is_not_added(tool: Tool, uncallable: Result) -> None:
    assert uncallable.exit_code != 0
    with tool.session() as session:
        assert session.query(Registration).count() == 0


def test_an_address_that_may_not_be_called_is_refused_with_a_sentence(uncallable: Result) -> None:
    assert isinstance(uncallable.exception, SystemExit)
