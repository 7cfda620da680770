"""Random fields and bytes to every address that takes a form: never an error of ours."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import encode_multipart

from tests.actors import Browser, World
from tests.histories import histories
from tests.web.test_forms import FIELDS, NUMBERS, OTHERS, TEXTS
from tests.web.walk import Visit, Walk, picker, rules

URLENCODED = "application/x-www-form-urlencoded"
CONTENTS = [URLENCODED, "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/json", ""]
PROTOCOL = ["state", "id_token", "iss", "client_id", "login_hint", "target_link_uri", "code", "binding", "nonce"]
_named = {name for fields in FIELDS.values() for name in fields}
NAMES = st.sampled_from(sorted(_named | OTHERS.keys() | {*PROTOCOL, "file"})) | st.text(max_size=20)
VALUES = st.sampled_from([*TEXTS.values(), *NUMBERS, *OTHERS.values()]) | st.text(max_size=60)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=12)


def _multipart(fields: dict[str, str]) -> tuple[bytes, str]:
    boundary, body = encode_multipart({quote(name): value for name, value in fields.items()}, boundary="grens")
    return body, f"multipart/form-data; boundary={boundary}"


BODIES = (
    PAIRS.map(lambda pairs: (urlencode(pairs, errors="replace").encode(), URLENCODED))
    | PAIRS.map(lambda pairs: _multipart(dict(pairs)))
    | st.tuples(st.binary(max_size=300), st.sampled_from(CONTENTS))
)


def _addresses(world: World, base: str) -> list[str]:
    """Every address that takes a form, with every deed of every step."""
    steps = world.tool.app.extensions["leerkring"].steps
    deeds = [(step.name, deed.name) for step in steps for deed in step.deeds] + [("ambition", "x"), ("x", "idea")]
    found = ["/lti/login", "/lti/launch", "/lti/storage", "/lti/window", "/lti/confirm"]
    for rule in rules(world, "POST"):
        path = base + rule.rule.removeprefix("/l/<launch_id>/")
        if "<deed>" in path:
            found += [path.replace("<name>", name).replace("<deed>", deed) for name, deed in deeds]
        else:
            found += [path.replace("<name>", "ambition").replace("<int:number>", "1")]
    assert not [path for path in found if "<" in path]
    return sorted(set(found))


def test_random_forms_make_no_error_of_ours(any_world: World) -> None:
    walk = Walk(any_world, "fatima", "marieke")
    placing = picker(any_world, "wout")
    senders: list[Callable[[], Visit]] = [lambda: walk["fatima"], lambda: walk.wout, lambda: placing]
    strangers = Visit(Browser(any_world.tool, cookies=False), walk.wout.first, walk.wout.base)

    @histories(100, 1000)
    @given(sender=st.integers(0, 3), number=st.integers(0, 10_000), body=BODIES)
    def send(sender: int, number: int, body: tuple[bytes, str]) -> None:
        at = [*(each() for each in senders), strangers][sender]
        addresses = _addresses(any_world, at.base)
        path = addresses[number % len(addresses)]
        answer = at.browser.client.post(
            path,
            base_url=any_world.tool.url,
            data=body[0],
            content_type=body[1],
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert answer.status_code < 500, (path, body)
        assert sender < 3 or path.startswith("/lti/") or answer.status_code == 401

    send()
