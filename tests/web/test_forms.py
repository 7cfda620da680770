"""Whatever is sent to a form: never an error of ours, the text given back, shown as text."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import TestResponse

from lti_tool.circle.messages import SENTENCES, sentence
from lti_tool.domain import Refused
from lti_tool.i18n import speaking
from tests.actors import Page, World
from tests.conftest import ALL
from tests.web.walk import STEP, Visit, Walk, enrol, meet, picker, rules, visit
from tests.web.ways import ambition

HUGE = "9" * 31
TEXTS = {
    "nul": "voor\0na",
    "emoji": "👩🏽‍🏫🧑‍🤝‍🧑 samen",
    "rtl": "\u202eomgekeerd\u202c שלום مرحبا",
    "html": "</textarea><img src=x onerror=alert(1)><b>vet</b>",
    "script": "<script>alert(document.cookie)</script>",
    "quotes": "\"'`&amp;&lt; {{ 7 * 7 }} {% raw %} %s %(n)s",
    "spaces": " \u00a0\u2003\t\r\n ",
    "controls": "\x01\x08\x0b\x1b[31m\x7f\u2028\ufeff",
    "noncharacter": "\ufffe\uffff\U0010ffff",
    "combining": "e" + "\u0301" * 500,
}
# fmt: off
NUMBERS = [
    "", " ", "abc", "-1", "0", "999999", HUGE, "-" + HUGE, "1" * 5000, "1.5", "1e3", "NaN", "0x1", "null", "[]", "\0",
    "²", "٣", "1_0",
]
# fmt: on
# Percent-encoded bytes that are no text: half a surrogate pair, an overlong slash, a lone continuation byte.
BYTES = ["%ED%A0%80", "%00", "%C0%AF", "%80", "%FF%FE", "%", "%zz", "%u0041"]

# POST address -> field -> whether it is a text, or else a number or a code
FIELDS: dict[str, dict[str, bool]] = {
    f"{STEP}/idea": {"text": True, "why": True, "id": False, "version": False, "draft": True},
    f"{STEP}/withdraw": {"id": False},
    f"{STEP}/respond": {"idea": False, "text": True, "draft": True},
    f"{STEP}/dots": {"dots-1": False, "dots-": False, f"dots-{HUGE}": False, "dots-x\0": False, "dots": False},
    f"{STEP}/leave_dots": {},
    f"{STEP}/solve": {"consent": False, "text": True, "version": False, "draft": True},
    f"{STEP}/put": {},
    f"{STEP}/put_back": {},
    f"{STEP}/weigh_objection": {"answer": False},
    f"{STEP}/restate": {"idea": False, "text": True, "draft": True},
    f"{STEP}/confirm": {"id": False, "version": False, "answer": False, "text": True, "draft": True},
    f"{STEP}/merge": {
        "text": True,
        "why": True,
        "sources": False,
        "id": False,
        "version": False,
        "draft": True,
    },
    f"{STEP}/take_apart": {"id": False},
    f"{STEP}/let_in": {"id": False, "made": False, "version": False},
    f"{STEP}/keep_out": {"id": False, "made": False, "version": False},
    f"{STEP}/agree": {"id": False},
    f"{STEP}/not_me": {},
    f"{STEP}/keep_apart": {},
    f"{STEP}/take_pen": {},
    f"{STEP}/hand_on_pen": {},
    f"{STEP}/propose": {
        "text": True,
        "learn": True,
        "shared": True,
        "practice": True,
        "policy": True,
        "sign-1": True,
        "sign-x": True,
        "subgoal-1": True,
        "horizon": False,
        "hours": False,
        "checks-visible": False,
        "checks-x": False,
        "checks": False,
        "ideas": False,
        "version": False,
        "draft": True,
    },
    f"{STEP}/resolve": {"consent": False, "text": True, "version": False, "draft": True},
    f"{STEP}/voice": {"group": False, "name": True, "question": True, "date": False, "draft": True},
    f"{STEP}/drop_voice": {"id": False},
    f"{STEP}/no_voice": {"reason": True, "version": False, "draft": True},
    f"{STEP}/consent": {"answer": False, "concern": True, "harm": True, "proposal": True, "draft": True},
    f"{STEP}/late": {"answer": False, "concern": True, "draft": True},
    f"{STEP}/pulse": {"pulse-ours": False, "pulse-x": False, "pulse": False},
    f"{STEP}/publish_pulse": {},
    "draft": {"draft": True, "text": True, "x" * 5000: False, "\0": False},
    "language": {"language": False},
    "welcome": {"choice": False},
    f"{STEP}/facilitate/advance": {"stage": False, "confirmed": False},
    f"{STEP}/facilitate/back": {"stage": False},
    f"{STEP}/together/put": {"stage": False},
    f"{STEP}/together/pass": {"stage": False},
    f"{STEP}/together/take-back": {"what": False, "id": False},
    f"{STEP}/together/mend": {"what": False, "id": False, "text": True},
    f"{STEP}/facilitate/hide": {"what": False, "id": False},
    "community/ask-me/hide": {"member": False},
    f"{STEP}/facilitate/announce": {"date": False},
    f"{STEP}/together/reopen": {"reason": True},
    "away": {"date": False},
    "back": {},
    "belonging/others": {"answer": False},
    "belonging/count": {"number": False},
    "belonging/circle": {"shown": False, "member": False},
    "belonging/aside": {"member": False},
    "belonging/bring": {"member": False},
    "belonging/teachers": {"person": False},
    "belonging/away": {"member": False, "date": False},
    "belonging/here": {"member": False},
    "holidays": {"first": False, "last": False},
    "holidays/remove": {"first": False},
    f"{STEP}/together/reopen/too": {},
    f"{STEP}/together/reopen/not": {},
    f"{STEP}/facilitate/authors": {"authors": False},
    f"{STEP}/begin": {},
    f"{STEP}/note": {"deed": False, "member": False, "text": True, "why": True},
    f"{STEP}/note/settle": {"note": False, "answer": False},
    "together": {"first": False, "minutes": False, "last": False},
    "together/address": {"address": False},
    "together/next": {"step": False, "stage": False, "confirmed": False},
    "together/back": {"step": False, "stage": False},
    "together/time": {"step": False, "stage": False},
    "together/park": {"thought": True},
    "together/take-out": {"thought": False},
    "together/away": {"member": False},
    "together/here": {"member": False},
    "together/end": {},
    "together/1/again": {"date": False, "time": False},
    "journal": {"text": True, "entry": False},
    "journal/remove": {"entry": False},
    "community/ask-me": {"ask_me": True},
    "community/name": {"member": False},
    "role": {"choice": False},
    "role/stop": {"answer": False},
    "take-over": {"answer": False},
    "resume": {"answer": False},
    "leave": {"answer": False},
    "community/ask-again": {"member": False},
    "community/roster": {},
    "community/column": {"link": False},
    "community/twins": {"link": False},
    "next-cycle": {"after_all": False},
    "pause": {"day": False},
    "pause/over": {},
    "end-cycle": {},
    "still/1": {"answer": False},
    "yields/take-back": {"community": False},
    "sessions/end": {"session": False},
    "place": {"what": False, "item": False, "passback": False},
}
# What the other fields hold meanwhile, so that the hostile one is reached.
OTHERS = {
    "text": "een hele zin", "why": "een reden", "idea": "1", "ideas": "1", "version": "1", "answer": "objection",
    "harm": "schade", "proposal": "voorstel", "id": "1", "sources": "1", "consent": "1", "group": "pupils",
    "question": "een vraag", "date": ambition.horizon(), "reason": "geen tijd",
    "what": "single", "item": "home", "passback": "moments",
}  # fmt: skip
DRAFTS = {"idea": "1:idea-new", "respond": "1:respond-1", "propose": "1:propose", "consent": "1:consent"}
OF_ANY_STEP = ("facilitate", "together", "begin", "note")
GENERAL = {path for path in FIELDS if not path.startswith(f"{STEP}/") or path.split("/")[2] in OF_ANY_STEP}
# Sent by a school leader outside: tests/web/test_leader.py.
LEADER = {"lead/<name>/<deed>"}
# What no cycle here agreed to ask; with one it is tried in test_nobody.py.
ABSENT = {"still/1": (404,), "together/1/again": (404,)}
# Fed with what they cannot take in test_hours.py, test_sessions.py and those beside them, test_laying.py and
# test_administrators.py.
ELSEWHERE = {
    *("administer/code", "administer/ask"),
    *("hours", "hours/send", "hours/withdraw", "hours/answer", "hours/dispute", "hours/approve", "hours/return"),
    *("hours/query", "hours/uphold", "hours/correct", "hours/pots", "hours/pots/stop", "hours/pots/approver"),
    *("hours/sessions", "hours/attended", "hours/attended/answer", "hours/accept", "hours/plan", "hours/tariff"),
    *("hours/pots/close", "hours/pots/carries", "hours/pots/people", "hours/handed", "hours/approve/files"),
    *("hours/accounts", "hours/accounts/part", "hours/account", "hours/room", "hours/room/give"),
    *("hours/pots/decision", "hours/assign", "hours/assign/back"),
    *(f"hours/sessions/<int:number>/{each}" for each in ("list", "close", "cancel", "correct", "paper", "paper/on")),
    *(f"hours/sessions/<int:number>/{each}" for each in ("here", "leave", "confirm", "dispute")),
    *("step/<name>/<deed>/lay", "seat"),
    # In test_practise.py.
    *("practise", "practise/colleagues", "practise/end"),
}


class Senders:
    """Somebody for each form, at a community that has not been used by another test."""

    def __init__(self, world: World) -> None:
        self.walk = Walk(world, "fatima", "marieke", "youssef")
        enrol(world, "nina", "teacher")
        self.nina = visit(world, "nina")
        self.picker = picker(world, "wout")

    def of(self, path: str) -> Visit:
        """Somebody who may send this form."""
        if path in ("place", "welcome"):
            return self.picker if path == "place" else self.nina
        facilitates = (
            path.startswith(("community", "next", "yields", "pause", "end-", "holidays", "belonging", "together"))
            or "facilitate" in path
        )
        return self.walk.wout if facilitates else self.walk["fatima"]

    def send(self, path: str, body: bytes, content: str = "application/x-www-form-urlencoded") -> TestResponse:
        """Post a body as it is; nothing is read of the page, so that a million letters take no time."""
        at = self.of(path)
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": content}
        return at.browser.client.post(at.base + quote(path), base_url=at.browser.tool.url, data=body, headers=headers)


# What a database may see in another light than Python does.
UNSTORABLE = [TEXTS["nul"], TEXTS["noncharacter"], HUGE, "-" + HUGE, "1" * 5000]


def hostile(path: str, world: World) -> Iterator[tuple[str, bytes]]:
    """Every field in turn with what it should not hold, the others with what they should.

    Everything in every field with --all. Else each field gets a third, in turn; of what a database may see in another
    light each form gets everything on PostgreSQL. What reads bytes is one for all forms (lti_tool/bodies.py).
    """
    sqlite = world.tool.settings.sqlite
    own = {"draft": DRAFTS.get(path.rsplit("/", 1)[-1], "1:x"), **OTHERS}
    alike, place = Counter(FIELDS[path].values()), list(FIELDS).index(path)
    met: Counter[bool] = Counter()
    for field, words in FIELDS[path].items():
        rest = [(name, own[name]) for name in FIELDS[path] if name in own and name != field]
        values = UNSTORABLE if not sqlite else list(TEXTS.values()) if words else [*NUMBERS, TEXTS["html"]]
        among = 1 if ALL else 3 if sqlite else min(3, alike[words])
        met[words] += 1
        for value in values[(met[words] + place) % among :: among]:
            yield field, urlencode([*rest, (field, value)]).encode()
        # Left out; sent three times, and bytes that are no text.
        yield field, urlencode(rest).encode()
        if not sqlite:
            continue
        yield field, urlencode([*rest, (field, "1"), (field, "x"), (field, "2")]).encode()
        for raw in BYTES[:2]:
            yield field, (urlencode(rest) + f"&{quote(field)}={raw}").encode()
    if "dots" in FIELDS[path]:
        yield "dots", b"dots=1&dots-1=1&dots=2"
    for raw in BYTES[0 if ALL else place % 4 :: 1 if ALL else 4] if sqlite else ():
        yield "", f"{raw}={raw}&&==&".encode()


# Where each form can be sent; the stage itself is refused before anything is read.
IN_STAGE = {
    "ideas": ("idea", "withdraw"),
    "respond": ("respond", "agree", "restate", "confirm", "voice", "drop_voice", "no_voice"),
    "pairs": ("merge", "let_in", "keep_out", "take_apart", "keep_apart"), "dots": ("dots", "leave_dots"),
    "draft": ("not_me", "hand_on_pen", "take_pen", "propose", "resolve", "solve", "put", "put_back"),
    "consent": ("consent",),
    "closed": ("late", "confirm", "pulse", "publish_pulse"),
}  # fmt: skip


def test_no_form_of_step_one_ever_makes_an_error_of_ours(any_world: World) -> None:
    senders = Senders(any_world)
    walk = senders.walk
    theirs = (
        "SELECT contribution.id, body FROM contribution JOIN member ON member.id = member_id JOIN person ON"
        " person.id = person_id WHERE person.name LIKE 'Marieke%' ORDER BY contribution.created_at"
    )
    for stage, actions in IN_STAGE.items():
        for number in walk.ids() if walk.stage == "ideas" else []:
            walk["fatima"].post(f"{STEP}/withdraw", id=str(number))
        walk.to(stage)
        before = walk.rows(theirs)
        for action in actions:
            for field, body in hostile(f"{STEP}/{action}", any_world):
                answer = senders.send(f"{STEP}/{action}", body)
                assert answer.status_code in (303, 422), (action, field, body)
                if answer.status_code == 422:
                    assert 'class="error' in answer.get_data(as_text=True), (action, field, body)
        assert walk.stage == stage
        assert walk.rows(theirs) == before


def test_no_other_form_ever_makes_an_error_of_ours(any_world: World) -> None:
    senders = Senders(any_world)
    for path in GENERAL:
        if path.startswith("together/"):
            meet(senders.walk.wout)
        for field, body in hostile(path, any_world):
            assert senders.send(path, body).status_code in (200, 303, 422, *ABSENT.get(path, ())), (path, field, body)


def test_as_many_letters_as_a_form_may_have_are_no_error_of_ours_in_any_field(world: World) -> None:
    senders = Senders(world)
    for path, fields in FIELDS.items():
        for field in fields:
            body = urlencode({**dict.fromkeys(fields, "1"), field: "a" * 250_000}).encode()
            assert senders.send(path, body).status_code in (303, 422, *ABSENT.get(path, ())), (path, field)


def test_no_other_kind_of_body_makes_an_error_of_ours(world: World) -> None:
    senders = Senders(world)
    contents = ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "x/y", "")
    kinds = list(product(contents, (b"", b"{}", b"--x\r\n\r\n--x--", b"\xff" * 100)))
    apart = 1 if ALL else 7
    for place, path in enumerate(FIELDS):
        # Each address some, and each some address: what reads bodies is one for all (lti_tool/bodies.py).
        for content, body in kinds[place % apart :: apart]:
            assert senders.send(path, body, content).status_code < 500, (path, content, body)


def test_every_form_there_is_was_tried(shared_world: World) -> None:
    found = {rule.rule.removeprefix("/l/<launch_id>/") for rule in rules(shared_world, "POST")}
    tried = (
        {
            path.replace(STEP, "step/<name>")
            .replace("still/1", "still/<int:number>")
            .replace("together/1/", "together/<int:number>/")
            for path in GENERAL
        }
        | {"step/<name>/<deed>"}
        | LEADER
        | ELSEWHERE
    )
    assert found == tried
    step = shared_world.tool.app.extensions["leerkring"].steps.by_name["ambition"]
    assert {f"{STEP}/{deed.name}" for deed in step.deeds} == FIELDS.keys() - GENERAL


def test_a_text_is_given_back_as_it_was_typed_and_shown_as_text(any_world: World) -> None:
    writers = ("fatima", "marieke", "youssef", "chantal")
    walk = Walk(any_world, *writers)
    texts = [text for name, text in TEXTS.items() if name != "spaces"]
    for number, typed in enumerate(texts):
        at = walk[writers[number // 3]]
        page = at.get(STEP).form("/idea").submit(text=typed, why="")
        assert page.status == 422
        field = page.soup.find("textarea", attrs={"name": "text", "aria-describedby": "idea-new-text-hint"})
        field = field or page.soup.find("textarea", attrs={"name": "text"})
        assert same(field.get_text(), typed)  # type: ignore[union-attr]
        assert harmless(page)
        at.act("idea", text=f"{typed} x in onze lessen", why=typed or "x")
    walk.all_heard()
    walk.move()
    seen = walk["chantal"].get(STEP)
    assert harmless(seen)
    for typed in texts:
        assert same(seen.soup.find("main").get_text(), typed, inside=True)  # type: ignore[union-attr]


def harmless(page: Page) -> bool:
    """Whether nothing typed has become part of the page."""
    main = page.soup.find("main")
    return main is not None and not main.find(["img", "script"]) and not main.find("b", string="vet")


def same(shown: str, typed: str, inside: bool = False) -> bool:
    """The same characters, white space folded: a page may break lines elsewhere; a zero byte is none."""
    one, other = (" ".join(text.replace("\0", "").split()) for text in (shown, typed))
    return other in one if inside else one == other


# stage, action, form -> the field that is at fault, and why
FAULTS: list[tuple[str, str, dict[str, str], str, str]] = [
    ("ideas", "idea", {"text": "", "why": "x"}, "text", "missing"),
    ("ideas", "idea", {"text": "x", "why": ""}, "why", "missing"),
    ("ideas", "idea", {"text": "a" * 601, "why": "x"}, "text", "too_long"),
    ("respond", "respond", {"text": ""}, "text", "missing"),
    ("respond", "respond", {"text": "a" * 1001}, "text", "too_long"),
    ("draft", "propose", {"text": "", "ideas": "1", "version": "0"}, "text", "missing"),
    ("consent", "consent", {"answer": "concern", "concern": ""}, "concern", "concern_missing"),
    ("consent", "consent", {"answer": "objection", "harm": "", "proposal": "x"}, "harm", "harm_missing"),
    ("consent", "consent", {"answer": "objection", "harm": "x", "proposal": ""}, "proposal", "proposal_missing"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_wrong_stands_at_its_field_in_the_page_s_language(world: World, language: str) -> None:
    walk = Walk(world, "fatima", "marieke")
    fatima = walk["fatima"]
    fatima.post("language", language=language)
    for stage, action, fields, name, code in FAULTS:
        walk.to(stage)
        if action == "propose":
            fatima.post(f"{STEP}/take_pen")
        page = fatima.get(STEP).form(f"/{action}").submit(**fields)
        assert page.status == 422
        assert page.soup.find("html")["lang"] == language  # type: ignore[index]
        assert described(page, action, name) == words(world, code, language), (action, name)


def words(world: World, code: str, language: str, count: int = 1) -> str:
    with world.tool.app.test_request_context(), speaking(language):
        named = {name: ["x"] for name in ("title", "who", "cell")}
        return sentence(Refused(code, count=count, least=3, most=3, between=3, minutes=3, hours=3, line=3, **named))


def described(page: Page, action: str, name: str) -> str:
    """What assistive technology reads with the field that is marked as wrong."""
    field = page.form(f"/{action}", containing="aria-invalid").tag.find(attrs={"name": name, "aria-invalid": "true"})
    assert field is not None, (action, name)
    # The error first, before the hint that is always there.
    found = page.soup.find(id=str(field["aria-describedby"]).split()[0])  # type: ignore[index]
    assert found is not None
    return found.get_text()


def test_every_refusal_reads_differently_in_dutch_and_in_english(shared_world: World) -> None:
    for code in SENTENCES:
        for count in (1, 2):
            assert words(shared_world, code, "nl", count) != words(shared_world, code, "en", count), code


def test_a_choice_that_is_missing_is_said_within_its_group(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("draft")
    walk["fatima"].act("take_pen")
    page = walk["fatima"].get(STEP).form("/propose").submit(text="een tekst in onze lessen", ideas=None)
    assert page.status == 422
    assert words(world, "ideas_missing", "nl") in page.form("/propose").tag.find("fieldset").get_text()  # type: ignore[union-attr]
    walk.to("consent")
    page = walk["fatima"].get(STEP).form("/consent").submit(answer=None)
    assert page.status == 422
    assert words(world, "answer_missing", "nl") in page.form("/consent").tag.find("fieldset").get_text()  # type: ignore[union-attr]


def test_dots_that_do_not_fit_are_said_and_stay_where_they_were_put(world: World) -> None:
    walk = Walk(world, "fatima", "marieke").to("dots")
    form = walk["fatima"].get(STEP).form("/dots")
    names = [f"dots__{number}" for number in walk.ids()]
    page = form.submit(**dict.fromkeys(names, "2"))
    assert page.status == 422
    assert page.soup.find(role="alert").get_text() == words(world, "too_many_dots", "nl")  # type: ignore[union-attr]
    there = {name: value for name, value in page.form("/dots").values() if name != "draft"}
    assert there == {name.replace("__", "-"): "2" for name in names}
