"""What is hidden stays hidden: at every address, for everyone, in every answer there is."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from lti_tool import pdf
from tests.actors import Page, World
from tests.conftest import ALL
from tests.web.circle import STEPS
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, STEP, Visit, Walk, base_of, enrol, paths, visit

# Nobody would write these words by chance; each is one person's.
SECRETS = {
    "fatima": ["zwaluwstaart", "boterbloem", "wentelteefje"],
    "marieke": ["hunebed", "paardebloem", "krentenbol"],
    "youssef": ["dijkdoorbraak", "korenbloem", "speculaas"],
}

NOTHING: dict[str, str] = {}
SOMETHING = {"id": "999", "idea": "999", "dots-1": "9", "version": "9", "answer": "objection", "stage": "x"}
# Who take part and do nothing else, who do something else too, and who stand outside: a page that is not of the step
# that is open is looked at by one of each, in turn.
ALIKE = (("marieke", "youssef", "chantal"), ("els", "wout", "mieke"), ("nina", "admin", "olga"))
# One who takes part and who facilitates send both forms to every address; of the others each sends one, in turn: an
# address gets both from all of them together.
BOTH = ("marieke", "wout")
# What a step that is not open answers is one refusal, whatever the form says: of those alike one sends it, in turn.
SHUT = ("lead/", *(f"step/{name}/" for name in STEPS.by_name if name != "ambition"))


@pytest.fixture(autouse=True, scope="module")
def _a_pdf_s_words_can_be_read() -> Iterator[None]:
    """What a PDF is made of stands for it: its own words are compressed, and no test would see them there."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pdf, "make", str.encode)
        yield


class Crowd:
    """Three who write, and everybody else who could look."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.walk = Walk(world, *SECRETS, "chantal")
        came = world.on_from_here("everybody else who could look", self._come)
        pages = {name: Page(world.as_(name).browser, each) for name, each in came.items()}
        seen = {name: Visit(page.browser, page, base_of(page)) for name, page in pages.items()}
        self.walk.visits["els"] = seen.pop("els")
        self.eyes: dict[str, Visit] = {**self.walk.visits, "wout": self.walk.wout, **seen}

    def _come(self) -> dict[str, TestResponse]:
        visit(self.world, "els").post("welcome", choice="join_and_lead")
        visit(self.world, "mieke").post("welcome", choice="follow")
        enrol(self.world, "nina", "teacher")
        enrol(self.world, "olga", "")
        said = {"els": {}, "mieke": {}, "nina": {}, "admin": ADMINISTRATOR_ONLY, "olga": NO_ROLE}
        return {name: visit(self.world, name, **claims).first.response for name, claims in said.items()}

    def answers(self, who: str, posts: bool = True, turn: int | None = None) -> Iterator[tuple[str, str]]:
        """Every GET address (turn: or what is left for somebody then), and what every POST address answers to a form
        that it cannot take.
        """
        at = self.eyes[who]
        for path in self.pages("" if turn is None else who, turn or 0):
            yield f"GET {path}", at.get(path).html
        # A deed is asked by one of those who take part, whom its rule lets in, and by one of the others.
        alike = [each for each in self.eyes if (each in self.walk.visits) == (who in self.walk.visits)]
        asker = alike.index(who)
        left = self.shut(who)
        for number, path in enumerate(self.forms(asker, len(alike))) if posts else []:
            if path in left or path.startswith(
                (
                    "draft",
                    "language",
                    "step/ambition/facilitate",
                    "step/ambition/begin",
                    "community",
                    "sessions",
                    "together/address",
                )
            ):
                continue
            forms = (NOTHING, SOMETHING) if ALL or who in BOTH else ((NOTHING, SOMETHING)[(asker + number) % 2],)
            for form in (NOTHING,) if path.startswith(SHUT) and not ALL else forms:
                page = at.post(path, form)
                assert page.status >= 400, (who, path, form, page.status)
                yield f"POST {path}", page.html

    def forms(self, asker: int, of: int) -> list[str]:
        """Every POST address, of the deeds those that so manieth asks."""
        return paths(self.world, "POST", asker, of)

    def shut(self, who: str) -> set[str]:
        """The POST addresses of steps that are not open that somebody else asks who is answered alike."""
        others = next((each for each in (("fatima", "youssef", "chantal"), ALIKE[-1]) if who in each), ())
        if not others or ALL:
            return set()
        shut = [path for path in self.forms(0, 2) if path.startswith(SHUT) and path in set(self.forms(1, 2))]
        return set(shut) - set(shut[others.index(who) :: len(others)])

    def pages(self, who: str = "", turn: int = 0) -> list[str]:
        """Every GET address; who: or what is left for one of those who are alike to look at, in so manieth turn."""
        found = paths(self.world, "GET")
        others = next((each for each in ALIKE if who in each), ())
        if not others or ALL:
            return found
        beside = [path for path in found if path.startswith(("step/", "hours")) and not path.startswith(STEP)]
        left = beside[(others.index(who) + turn) % len(others) :: len(others)]
        return [path for path in found if path not in beside or path in left]

    def looks(self, who: str, turn: int = 0) -> dict[str, str]:
        """What somebody sees at every GET address, but for the time that it is: a session's form has that."""
        at = self.eyes[who]
        return {f"GET {path}": NOW.sub(r"\1", at.get(path).html) for path in self.pages(who, turn)}


NOW = re.compile(r'(<input type="time"[^>]* value=")\d\d:\d\d')


@pytest.fixture(scope="module")
def crowd(shared_world: World) -> Crowd:
    """Ideas written, one changed since, one withdrawn, and a draft of each writer's kept; not yet revealed."""
    made = Crowd(shared_world)
    for who, (idea, why, draft) in SECRETS.items():
        at = made.walk[who]
        at.act("idea", text=f"{idea} eerst in onze lessen", why="x")
        own = made.walk.ids()[-1]
        at.act("idea", text=f"{idea} dan in onze lessen", why=f"{why} dus", id=str(own), version="1")
        at.act("idea", text=f"{idea} weg in onze lessen", why="x")
        at.act("withdraw", id=str(made.walk.ids()[-1]))
        assert at.post("draft", draft="1:idea-new", text=f"{draft} nog niet af").status == 200
    return made


@pytest.mark.parametrize("who", [*SECRETS, "chantal", "wout", "els", "mieke", "nina", "admin", "olga"])
def test_before_the_reveal_no_word_of_another_is_at_any_address(crowd: Crowd, who: str) -> None:
    theirs = [word for writer, words in SECRETS.items() if writer != who for word in words]
    for where, html in crowd.answers(who):
        assert not [word for word in theirs if word in html], where


@pytest.mark.parametrize("who", SECRETS)
def test_one_s_own_words_and_draft_are_there_meanwhile(crowd: Crowd, who: str) -> None:
    page = crowd.eyes[who].get(STEP).html
    assert all(word in page for word in SECRETS[who])


def test_another_s_idea_can_be_neither_changed_nor_withdrawn_by_its_number(crowd: Crowd) -> None:
    before = crowd.walk.rows("SELECT id, body, version, withdrawn_at FROM contribution ORDER BY id")
    for number in crowd.walk.ids():
        for who in ("chantal", "els"):
            at = crowd.eyes[who]
            assert at.post(f"{STEP}/withdraw", id=str(number)).status == 422
            page = at.post(f"{STEP}/idea", text="gekaapt in onze lessen", why="x", id=str(number), version="2")
            assert page.status == 422
            assert not any(word in page.html for words in SECRETS.values() for word in words)
    assert crowd.walk.rows("SELECT id, body, version, withdrawn_at FROM contribution ORDER BY id") == before


@pytest.fixture
def group(world: World) -> Crowd:
    """The same people, with nothing written."""
    return Crowd(world)


@contextlib.contextmanager
def nobody_else_notices(group: Crowd, but: set[str], turn: int = 0) -> Iterator[None]:
    """Everything that the others see at any address stays as it was, letter by letter."""
    others = [who for who in group.eyes if who not in but]
    before = {who: group.looks(who, turn) for who in others}
    yield
    for who in others:
        assert group.looks(who, turn) == before[who], who


def test_what_is_written_alone_and_own_participation_change_nobody_else_s_page(group: Crowd) -> None:
    fatima = group.walk["fatima"]
    fatima.act("idea", text="een idee in onze lessen", why="x")
    with nobody_else_notices(group, {"fatima", "youssef"}):
        fatima.act("idea", text="een ander idee", why="x", id=str(group.walk.ids()[0]), version="1")
        # Three ideas of one person look like one: it is counted who has written.
        fatima.act("idea", text="een tweede idee", why="x")
        fatima.act("idea", text="een derde idee", why="x")
        fatima.post("draft", draft="1:idea-new", text="halverwege in onze lessen")
        with group.world.tool.session() as session:
            # As if Youssef had three moments: nobody else's page knows of it.
            query = "SELECT member.id FROM member JOIN person ON person.id = person_id WHERE name LIKE 'Youssef%'"
            member = session.scalar(text(query))
            for kind in ("input", "response", "decision"):
                values = "VALUES (1, :member, :kind, '2026-01-01')"
                session.execute(
                    text(f"INSERT INTO moment (step_run_id, member_id, kind, at) {values}"),
                    {"member": member, "kind": kind},
                )
    assert group.eyes["youssef"].get(STEP).html.count("✓ ") == 3


def test_where_dots_lie_shows_to_nobody_before_the_round_has_closed(group: Crowd) -> None:
    group.walk.to("dots")
    ideas = group.walk.ids()
    fatima = group.walk["fatima"]
    fatima.act("dots", {f"dots-{ideas[0]}": "3"})
    with nobody_else_notices(group, {"fatima"}, turn=1):
        fatima.act("dots", {f"dots-{ideas[1]}": "1", f"dots-{ideas[2]}": "2"})
    for name in group.walk.visits.keys() - {"fatima"}:
        group.walk[name].act("leave_dots")
    assert group.walk.move().status == 303
    # Of one who laid them no number is said.
    told = group.eyes["marieke"].get(STEP).html
    assert (told.count("●"), told.count("kreeg stippen")) == (0, 2)


def test_what_somebody_answers_shows_to_nobody_before_the_round_has_closed(group: Crowd) -> None:
    group.walk.to("consent")
    fatima = group.walk["fatima"]
    fatima.act("consent", answer="agree")
    with nobody_else_notices(group, {"fatima"}, turn=2):
        fatima.act("consent", answer="objection", harm="dit sluit uit", proposal="dan liever zo")
        fatima.act("consent", answer="concern", concern="let op de tijd")
        fatima.act("consent", answer="abstain")
        fatima.post("draft", draft="1:consent", harm="nog een bezwaar", answer="objection")


def test_a_response_a_text_and_a_concern_are_shown_without_a_name(group: Crowd) -> None:
    group.walk.to("consent")
    # Fatima asks somebody outside, and that is said with her name.
    people = [person for person in group.world.lms.school.people.values() if person.username != "fatima"]
    names = [part for person in people for part in (person.given, person.family)]
    for stage in ("consent", "closed"):
        group.walk.to(stage)
        html = group.eyes["chantal"].get(STEP).html
        assert "reactie van" in html
        assert "idee van" in html
        assert not [name for name in names if name in html]


def test_what_a_leader_gets_is_where_it_stands_and_what_was_adopted(group: Crowd) -> None:
    walk = group.walk
    for turn, stage in enumerate(("respond", "dots", "draft", "consent")):
        walk.to(stage)
        # Whom no form is for gets no other answer at another stage.
        for where, html in group.answers("mieke", posts=ALL or stage == "consent", turn=turn):
            assert not any(word in html for word in ("idee van", "reden van", "reactie van", "tekst van", "●")), where
    walk.to("closed")
    home = group.eyes["mieke"].get("home").html
    assert "tekst van fatima" in home
    for where, html in group.answers("mieke"):
        assert not any(word in html for word in ("idee van", "reden van", "reactie van", "●")), where
        assert ("tekst van" not in html) or where in ("GET ", "GET home", "POST seat"), where


def test_who_stands_outside_altogether_reads_nothing_even_of_what_was_adopted(group: Crowd) -> None:
    group.walk.to("closed")
    for who in ("nina", "admin", "olga"):
        for where, html in group.answers(who, turn=0):
            assert not any(word in html for word in ("idee van", "reden van", "reactie van", "tekst van")), (who, where)
