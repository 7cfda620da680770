"""The log of a whole walk: what was refused and why, and never who, what they wrote, or a token."""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from lti_tool import observe
from lti_tool.models import Launch
from tests.actors import Browser, World
from tests.web.walk import ADMINISTRATOR_ONLY, STEP, Walk, picker, visit


@contextlib.contextmanager
def written() -> Iterator[io.StringIO]:
    """What goes to stdout and stderr meanwhile."""
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream), contextlib.redirect_stdout(stream):
        observe.configure()
        yield stream
    observe.configure()


TYPED = {
    "idea": "zwaluwstaart in de werkplaats", "why": "boterbloem van de reden", "response": "wentelteefje als antwoord",
    "text": "hunebed als ambitie", "concern": "paardebloem van zorg", "harm": "krentenbol die schaadt",
    "proposal": "korenbloem als voorstel", "draft": "speculaas nog niet af", "late": "dijkdoorbraak te laat gestuurd",
    "field": "veldnaam",
}  # fmt: skip


def test_a_whole_walk_leaves_reasons_in_the_log_and_no_name_text_or_token(unplaced: World) -> None:
    with written() as stream:
        secrets = everything(unplaced)
    raw = stream.getvalue()
    lines = [json.loads(line) for line in raw.splitlines() if line.startswith("{")]
    for person in unplaced.lms.school.people.values():
        for part in (person.name, person.given, person.family, person.email, person.username):
            if len(part) > 3:
                assert not re.search(rf"\b{re.escape(part)}\b", raw, re.IGNORECASE), part
    for words in TYPED.values():
        assert words not in raw
        assert words.split()[0] not in raw
    assert len(secrets) >= 3
    secrets += ["eyJ", "sesskey", "id_token", "client_assertion", "Bearer"]
    for secret in secrets:
        assert secret not in raw

    with unplaced.tool.session() as session:
        for launch in session.query(Launch):
            assert launch.id not in raw, "a page's address says whose it is"
    assert not re.search(r"[?&]\w+=", raw), "and what stands behind a question mark is nobody's business"
    assert {line["page"] for line in lines if "page" in line} > {"/l/<launch_id>/step/<name>/<deed>", "/lti/launch"}

    reasons = {line.get("reason") for line in lines}
    assert reasons >= {
        "said_already", "own_idea", "not_in_this_stage", "changed_meanwhile", "audience", "session_lost", "cross_site",
        "stranger",
        "cannot_name", "date_missing",
    }  # fmt: skip
    for line in lines:
        assert {"event", "level", "timestamp"} <= set(line)
        assert line["event"] not in ("refused", "form_refused") or line["reason"]
    assert any(line["event"] == "error" and line["status"] == 500 and line["error"] == "RuntimeError" for line in lines)


def everything(world: World) -> list[str]:
    """A whole walk, with everything that can go wrong in it; the tokens that were used."""
    world.place_cycle()
    walk = Walk(world, "fatima", "marieke", "siobhan")
    fatima, marieke = walk["fatima"], walk["marieke"]
    visit(world, "mieke").post("welcome", choice="follow")
    fatima.post("draft", draft="1:idea-new", text=TYPED["draft"])
    fatima.post(f"{STEP}/idea", {"text": TYPED["idea"], "why": "", TYPED["field"]: "x"})
    for _ in range(2):
        fatima.post(f"{STEP}/idea", text=TYPED["idea"], why=TYPED["why"])
    marieke.act("idea", text="een ander idee", why="x")
    walk.move(confirmed="1")
    marieke.post(f"{STEP}/respond", idea=str(walk.ids()[0]), text=TYPED["response"])
    fatima.post(f"{STEP}/respond", idea=str(walk.ids()[0]), text=TYPED["response"])
    fatima.post(f"{STEP}/dots", {f"dots-{TYPED['field']}": TYPED["idea"]})
    walk.to("draft")
    marieke.post(f"{STEP}/propose", text=TYPED["text"], ideas=str(walk.ids()[0]), version="0")
    walk.write("fatima", TYPED["text"])
    marieke.act("take_pen")
    marieke.post(f"{STEP}/propose", text=TYPED["text"], ideas=TYPED["field"], version="1")
    marieke.post(f"{STEP}/propose", text=TYPED["text"], ideas=str(walk.ids()[0]), version="0")
    walk.move()
    fatima.act("consent", answer="concern", concern=TYPED["concern"])
    marieke.act("consent", answer="objection", harm=TYPED["harm"], proposal=TYPED["proposal"])
    walk["siobhan"].act("consent", answer="agree")
    fatima.post(f"{STEP}/idea", text=TYPED["late"], why=TYPED["why"])
    walk.move()
    walk.wout.post("community/name", member=TYPED["field"])
    walk.wout.post(f"{STEP}/facilitate/announce", date=TYPED["field"])
    visit(world, "admin", **ADMINISTRATOR_ONLY).post(f"{STEP}/idea", text=TYPED["late"], why="x")
    at = picker(world, "wout")
    at.post("place", what=TYPED["field"])
    stranger = Browser(world.tool)
    stranger.post(f"{fatima.base}{STEP}/idea", {"text": TYPED["late"]}, follow=False)
    fatima.browser.post(f"{fatima.base}{STEP}/idea", {"text": TYPED["late"]}, site="cross-site", follow=False)
    marieke.browser.post(f"{walk.wout.base}{STEP}/idea", {"text": TYPED["late"]}, follow=False)
    stranger.post("/lti/launch", {"id_token": "eyJhbGciOiJub25lIn0.e30.", "state": "geen"}, site="cross-site")
    # An error of ours: the exception's own words may hold anything.
    world.tool.app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        page = broken(world, fatima, TYPED["late"])
    finally:
        world.tool.app.config["PROPAGATE_EXCEPTIONS"] = None
    assert page == 500
    world.lms.faults.fail("scores")
    world.tool.deliver()
    return [token for at in (fatima, marieke, walk.wout) for token in at.browser.sessions().values()]


def broken(world: World, at: Any, words: str) -> int:
    """Post to a view that fails with what was typed in its exception."""
    views = world.tool.app.view_functions
    kept = views["circle.language"]

    def fail() -> None:
        raise RuntimeError(words)

    fail.audience = kept.audience  # type: ignore[attr-defined]
    views["circle.language"] = fail
    try:
        page = at.post("language", text=words)
    finally:
        views["circle.language"] = kept
    assert words in page.html, "what was typed is given back"
    return int(page.status)
