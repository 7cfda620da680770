"""Every message that must open: with the right role, at the right place, in the right language.

Numbers: lti.md, T and L from the certification suite (1a), S and K (1b), M as Moodle does it (2).
"""

import time
from typing import Any

import pytest

from lti_tool.demo.vocab import MEMBERSHIP
from lti_tool.models import Community, Course, Launch, Person, ResourceLink
from tests.lti.sender import ABSENT, Sender, another_key, ec_key, our_key, unique

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
INSTRUCTOR, LEARNER = MEMBERSHIP + "Instructor", MEMBERSHIP + "Learner"
NAMELESS = dict.fromkeys(("name", "given_name", "family_name"), ABSENT)

# What is sent -> (roles; what the launch counts as; what one is in the community).
ROLES: dict[str, tuple[list[Any], str, str | None]] = {
    "T1 instructor": ([INSTRUCTOR], "instructor", "asked"),
    "L1 learner": ([LEARNER], "learner", "member"),
    "T2 context role wins": ([INSTITUTION + "Staff", INSTRUCTOR, INSTITUTION + "Other"], "instructor", "asked"),
    "L2 context role wins": ([LEARNER, INSTITUTION + "Student", MEMBERSHIP + "Mentor"], "learner", "member"),
    "T2 staff who learns here": ([INSTITUTION + "Faculty", LEARNER], "learner", "member"),
    "T2 institution role alone counts for nothing": ([INSTITUTION + "Instructor"], "", None),
    "T2 both context roles": ([LEARNER, INSTRUCTOR], "instructor", "asked"),
    "T3 short Instructor": (["Instructor"], "instructor", "asked"),
    "L3 short Learner": (["Learner"], "learner", "member"),
    "T4 unknown role alone": (["http://example.org/vocab#Coach"], "other", None),
    "L4 unknown role beside Learner": ([LEARNER, "urn:example:coach"], "learner", "member"),
    "T5 empty role": ([""], "", None),
    "T5 no role": ([], "", None),
    "T5 roles that are no text": ([5, None, {"a": 1}, [INSTRUCTOR]], "", None),
    "K5 sub-role of an instructor": ([SUB + "Instructor#TeachingAssistant"], "instructor", "asked"),
    "K5 sub-role nobody knows": ([SUB + "Learner#LearnerOfMagic"], "learner", "member"),
    "K5 manager": ([MEMBERSHIP + "Manager"], "instructor", "asked"),
    "K6 roles are case-sensitive": ([MEMBERSHIP + "instructor"], "other", None),
    "O12 mentor": ([MEMBERSHIP + "Mentor"], "other", None),
    "O12 member and officer": ([MEMBERSHIP + "Member", "Officer"], "other", None),
    "O12 administrator and mentor": ([MEMBERSHIP + "Mentor", SYSTEM + "SysAdmin"], "other administrator", None),
    "M9 administrator of the site": (
        [INSTITUTION + "Administrator", INSTRUCTOR, SYSTEM + "Administrator"],
        "instructor administrator",
        "asked",
    ),
    "administrator without a role here": ([SYSTEM + "Administrator"], " administrator", None),
}

# What is sent -> (changes of the claims; the person's name).
PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "T6 e-mail only": ({**NAMELESS, "email": "fatima@school.example"}, ""),
    "T7 names only": ({**NAMELESS, "given_name": "Fatima", "family_name": "Öztürk"}, "Fatima Öztürk"),
    "T7 given name only": ({**NAMELESS, "given_name": "Fatima"}, "Fatima"),
    "T8 nothing about the person": (NAMELESS, ""),
    "T8 empty name": ({**NAMELESS, "name": " "}, ""),
    "T8 names are null": ({"name": None, "given_name": None, "family_name": None}, ""),
    "M31 name is HTML": ({"name": "Sjoerd O&#039;Neill &amp; <b>Zn</b>"}, "Sjoerd O'Neill & <b>Zn</b>"),
    "name is long": ({"name": "x" * 999}, "x" * 255),
    "name in other scripts": ({"name": "王小明 ‏فاطمة 🙂"}, "王小明 ‏فاطمة 🙂"),
}

# What is sent -> the changes that must not matter.
HARMLESS: dict[str, dict[str, Any]] = {
    "K4 unknown claims": {"https://example.org/claim": {"deep": [1, {"er": None}]}, "x": 5, "auth_time": "never"},
    "K4 unknown members of known claims": {"context": {"id": "c", "history": ["x"], "type": "CourseSection"}},
    "S6 aud is a list": {"aud": ["leerkring-at-school"]},
    "S6 our id second in aud": {"aud": ["other", "leerkring-at-school"], "azp": "leerkring-at-school"},
    "S7 azp is ours": {"azp": "leerkring-at-school"},
    "K7 custom values without a value": {"custom": {"step": None, "cycle": "$cycle", "x": [1]}},
    "K7 custom is null": {"custom": None},
    "M21 an empty line item": {"ags": {"scope": [], "lineitem": "", "lineitems": "https://lms.school.example/l"}},
    "no services": {"ags": None, "nrps": None},
    "O6 custom is a text": {"custom": "step=ambition"},
    "O6 name is an object": {"name": {"first": "Fatima"}},
    "O6 name holds half a character": {"name": "Fatima \ud83d"},
    "O6 everything optional is a list": {
        name: ["x"] for name in ("custom", "ags", "nrps", "launch_presentation", "tool_platform", "name", "locale")
    },
    "no presentation": {"launch_presentation": None, "tool_platform": None},
    "target not repeated (K3)": {"target_link_uri": ABSENT},
    "ids as long as they may be (K6)": {
        "sub": "s" * 255,
        "context": {"id": "c" * 255},
        "resource_link": {"id": "r" * 255},
    },
    "return address that is no address": {"launch_presentation": {"return_url": "http://[", "locale": "nl"}},
    "return address in Greek": {"launch_presentation": {"return_url": "https://σχολείο.example/", "locale": "nl"}},
}


def _table(rows: dict[str, tuple[Any, ...]]) -> Any:
    return [pytest.param(*row, id=name) for name, row in rows.items()]


def _own_course() -> dict[str, Any]:
    return {"context": {"id": unique("course"), "title": "Samen"}, "resource_link": {"id": unique("link")}}


@pytest.mark.parametrize(("roles", "stored", "standing"), _table(ROLES))
def test_roles_are_those_of_the_course_and_the_least_when_in_doubt(
    shared: Sender, roles: list[Any], stored: str, standing: str | None
) -> None:
    opened = shared.opened(shared.launch(sub=unique("who"), roles=roles, **_own_course()))
    assert opened.launch.roles == stored
    assert opened.seat.launch_role == stored.split(" ")[0].removeprefix("other")
    assert (opened.member.standing if opened.member else None) == standing


# Roles without a place here -> words that say so, and what in the LMS settles it.
PLACELESS = {
    "Mentor": ([MEMBERSHIP + "Mentor"], "Je rol in deze cursus heeft in Leerkring geen plek", "deelnemerslijst"),
    "none": ([], "Je leeromgeving gaf je in deze cursus geen rol", "Send user’s role?"),
    "staff of the school": ([INSTITUTION + "Staff"], "Je leeromgeving gaf je in deze cursus geen rol", "rol delen"),
}


@pytest.mark.parametrize(("roles", "sentence", "setting"), _table(PLACELESS))
def test_o12_a_role_without_a_place_here_has_words_of_its_own(
    shared: Sender, roles: list[Any], sentence: str, setting: str
) -> None:
    page = shared.launch(sub=unique("who"), roles=roles, **_own_course())
    assert shared.opened(page).member is None
    assert sentence in page.text
    assert setting in page.text


@pytest.mark.parametrize(("locale", "name"), [("nl", "Leergemeenschap"), ("en-GB", "Learning community")])
@pytest.mark.parametrize("said", [{}, {"title": None}, {"title": " ", "label": ""}, {"title": 5}], ids=str)
def test_a_course_without_a_title_has_a_name_until_it_gets_one(
    shared: Sender, said: dict[str, Any], locale: str, name: str
) -> None:
    course, link = unique("course"), {"id": unique("link")}
    presentation = {"locale": locale}

    def launch(title: dict[str, Any]) -> Any:
        context = {"id": course, **title}
        return shared.launch(context=context, resource_link=link, launch_presentation=presentation)

    page = launch(said)
    assert shared.opened(page).community.name == shared.opened(page).course.title == name
    assert name in page.text
    assert shared.opened(launch({"title": "Samen"})).community.name == "Samen"
    assert shared.opened(launch(said)).community.name == "Samen"


def test_a_course_that_was_founded_without_a_name_gets_one(shared: Sender) -> None:
    course = {"context": {"id": unique("course")}, "resource_link": {"id": unique("link")}}
    opened = shared.opened(shared.launch(**course))
    with shared.tool.session() as session:
        session.get_one(Course, opened.course.id).title = session.get_one(Community, opened.community.id).name = ""
    assert shared.opened(shared.launch(**course)).community.name == "Leergemeenschap"


@pytest.mark.parametrize(("changes", "name"), _table(PEOPLE))
def test_a_person_is_called_what_the_lms_says_or_nothing(shared: Sender, changes: dict[str, Any], name: str) -> None:
    page = shared.launch(**{"sub": unique("who"), **_own_course(), **changes})
    opened = shared.opened(page)
    assert opened.person.name == name
    assert opened.member is not None
    assert opened.member.number == 1
    assert "None" not in page.text


@pytest.mark.parametrize("changes", [pytest.param(row, id=name) for name, row in HARMLESS.items()])
def test_what_need_not_matter_does_not(shared: Sender, changes: dict[str, Any]) -> None:
    shared.opened(shared.launch(**{"sub": unique("who"), **_own_course(), **changes}))


@pytest.mark.parametrize("seconds", [-20, -5, 5, 20])
def test_s8_clocks_may_differ_by_some_seconds(shared: Sender, seconds: int) -> None:
    now = int(time.time()) + seconds
    shared.opened(shared.launch(iat=now, exp=now + 60))
    shared.opened(shared.launch(iat=now, exp=now + 60, nbf=now))
    shared.opened(shared.launch(iat=now + 0.5, exp=now + 60.5))


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
@pytest.mark.parametrize("named", [True, False], ids=["key names its algorithm", "key names none"])
def test_s17_every_allowed_algorithm_opens(shared: Sender, algorithm: str, named: bool) -> None:
    if algorithm.startswith("ES"):
        key, jwk = ec_key(int(algorithm[2:]))
    else:
        key, jwk = our_key().private, {**our_key().jwk(), "alg": algorithm}
    if not named:
        jwk = {name: value for name, value in jwk.items() if name != "alg"}
    other = Sender(
        shared.tool,
        client_id=unique("client"),
        jwks={"keys": ["no key", another_key().jwk(), {"kty": "oct", "kid": "x", "k": "AA"}, jwk]},
    )
    signing = {"algorithm": algorithm, "key": key, "header": {"kid": jwk["kid"]}}
    other.opened(other.launch(signing=signing, **_own_course()))


def test_t10_a_new_resource_link_is_a_new_placement_of_the_same_course(shared: Sender) -> None:
    context = {"id": unique("course"), "title": "Samen"}
    first, second, again = (
        shared.opened(shared.launch(context=context, resource_link={"id": link, "title": link}))
        for link in ("link-a", "link-b", "link-a")
    )
    assert first.course.id == second.course.id == again.course.id
    assert first.link
    assert second.link
    assert again.link
    assert first.link.id != second.link.id
    assert first.link.id == again.link.id


def test_k6_ids_are_case_sensitive(shared: Sender) -> None:
    lower = shared.opened(shared.launch(sub="anna", context={"id": "kc-x"}, resource_link={"id": "kl-x"}))
    upper = shared.opened(shared.launch(sub="Anna", context={"id": "KC-x"}, resource_link={"id": "KL-x"}))
    assert lower.person.id != upper.person.id
    assert lower.course.id != upper.course.id
    assert lower.link
    assert upper.link
    assert lower.link.id != upper.link.id


def test_k2_k6_a_person_is_of_the_issuer_a_course_and_a_link_of_the_deployment(shared: Sender) -> None:
    same = {"sub": "one", "context": {"id": "same"}, "resource_link": {"id": "same"}}
    senders = (
        shared,
        Sender(shared.tool, client_id=unique("client"), deployment_id=shared.deployment_id),
        Sender(shared.tool, client_id=unique("client"), deployment_id="other"),
        Sender(shared.tool, issuer="https://second.example", deployment_id=shared.deployment_id),
    )
    opened = [sender.opened(sender.launch(**same)) for sender in senders]
    people = [each.person.id for each in opened]
    assert people[0] == people[1] == people[2] != people[3]
    assert len({each.course.id for each in opened}) == len(opened)
    assert len({each.link.id for each in opened if each.link}) == len(opened)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("nl", "nl"), ("nl_NL", "nl"), ("nl-BE", "nl"), ("en-US", "en"), ("pt_br", "en"), ("", "nl"), (None, "nl")],
)
def test_m10_pages_speak_the_language_of_the_launch(shared: Sender, locale: str | None, language: str) -> None:
    page = shared.launch(sub=unique("who"), launch_presentation={"locale": locale}, **_own_course())
    shared.opened(page)
    assert page.soup.html["lang"] == language


def test_m13_a_submission_review_opens_as_whoever_launched(shared: Sender) -> None:
    course = _own_course()
    shared.opened(shared.launch(sub="victim", **course))
    page = shared.launch(
        sub="curious",
        name="Curious",
        message_type="LtiSubmissionReviewRequest",
        for_user={"user_id": "victim"},
        **course,
    )
    assert shared.opened(page).person.sub == "curious"


def test_h1_history_is_read_newest_first(shared: Sender) -> None:
    said = {"context_history": "4%2C5,,een%20twee,2"}
    assert shared.opened(shared.launch(custom=said, **_own_course())).course.history == ["4,5", "een twee", "2"]
    unresolved = {"context_history": "$Context.id.history"}
    assert shared.opened(shared.launch(custom=unresolved, **_own_course())).course.history == []


def test_a_name_that_is_no_longer_shared_goes_and_a_new_one_is_taken(shared: Sender) -> None:
    course, sub = _own_course(), unique("who")
    for changes, name in (({"name": "Jo"}, "Jo"), ({"name": ABSENT}, ""), ({"name": "Jo Smit"}, "Jo Smit")):
        assert shared.opened(shared.launch(sub=sub, **course, **changes)).person.name == name


def test_m7_a_launch_ends_on_a_page_that_can_be_reloaded(shared: Sender) -> None:
    browser = shared.browser()
    page = shared.launch(browser, **_own_course())
    assert page.response.request.method == "GET"
    assert browser.get(page.url).status == 200


@pytest.mark.parametrize(
    ("return_url", "ancestors"),
    [
        ("https://school.instructure.example:8443/x?sesskey=1", "https://school.instructure.example:8443"),
        ("https://evil.example;script-src/x", ""),
        ("https://*/x", ""),
        ("https://user@evil.example/x", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
        ("https://σχολείο.example/", ""),
    ],
)
def test_a_page_may_stand_in_frames_of_the_platform_and_no_other(
    shared: Sender, return_url: str, ancestors: str
) -> None:
    page = shared.launch(launch_presentation={"return_url": return_url, "locale": "nl"}, **_own_course())
    shared.opened(page)
    policy = page.response.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors 'self' {shared.issuer} {ancestors}".rstrip())
    assert policy.isascii()
    assert "sesskey" not in policy


def test_k8_return_addresses_with_their_session_keys_are_not_kept(shared: Sender) -> None:
    shared.opened(shared.launch(**_own_course()))
    with shared.tool.session() as session:
        for model in (Launch, Course, Person, ResourceLink):
            for row in session.query(model):
                assert "geheim" not in str({c.name: getattr(row, c.name) for c in model.__table__.columns})
