"""What always holds in step 5: random communities do random things, allowed and not."""

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.steps.actions import experiences
from tests.histories import histories
from tests.unit.forms import moments, own
from tests.web.circle import Circle
from tests.web.ways.actions import TOLD, at, cards, items, tell

FEW = histories(12, 60)


@FEW
@given(posts=st.integers(1, 10), who=st.integers(0, 2))
def test_ten_posts_by_one_person_weigh_as_one_voice(posts: int, who: int) -> None:
    with at(3) as c:
        for _ in range(posts):
            tell(c, who)
        assert c.step.waiting(c.turn(None)).done == 1  # type: ignore[union-attr]
        assert c.step.done_members(c.turn(None)) == {c.members[who].id}
        assert moments(c, who) == {"input"}
        for left, item in reversed(list(enumerate(own(c, who, "log")))):
            c.act(who, "withdraw", id=item.id)
            assert moments(c, who) == ({"input"} if left else set())


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["log", "failed", "reply", "say", "end", "late", "withdraw", "go", "come", "move", "reopen"]),
        st.integers(0, 2),
        st.integers(0, 5),
        st.sampled_from(list(experiences.CHOICES)),
    ),
    max_size=25,
)


@histories(30, 150)
@given(moves=MOVES, start=st.sampled_from(["try", "check", "close"]))
def test_moments_never_fall_but_by_one_s_own_hand_and_nobody_ends_what_is_another_s(
    moves: list[tuple[str, int, int, str]], start: str
) -> None:
    with at(3, start) as c:
        earned = {who: moments(c, who) for who in range(3)}
        for what, who, number, choice in moves:
            before = {each.item.id: each.result.version if each.result else 0 for each in cards(c)}
            there = c.turn(None).present_ids
            went = _do(c, what, who, number, choice)
            for each in cards(c):
                changed = (each.result.version if each.result else 0) != before[each.item.id]
                if changed and set(each.owners) & there:
                    assert c.members[who].id in each.owners
            for member in range(3):
                now_has = moments(c, member)
                lost = earned[member] - now_has
                assert not lost or (what == "withdraw" and member == who and went)
                earned[member] = now_has
            assert c.run.closed_at is None or not experiences.open_cards(c.turn(None))
            waiting = c.step.waiting(c.turn(None))
            assert waiting is None or waiting.done <= len(c.turn(None).present_ids)
            if c.run.stage == "check":
                assert not any(each.totals for each in c.summary(who).cards)


def _do(c: Circle, what: str, who: int, number: int, choice: str) -> bool:
    found = cards(c)
    about = found[number % len(found)]
    logs = items(c, "log")
    own_things = [*own(c, who, "log"), *own(c, who, "reply")]
    if what in ("log", "failed"):
        words = (
            {"done": f"gedaan {number} in onze lessen"}
            if what == "log"
            else {"because": f"omdat {number} in onze lessen"}
        )
        return c.refused(who, "log", **{**TOLD, **words, "about": about.item.id}) == ""
    if what == "reply":
        return (
            bool(logs)
            and c.refused(who, "reply", log=logs[number % len(logs)].id, text=f"zo {number} in onze lessen") == ""
        )
    if what == "say":
        return c.refused(who, "say", say={about.item.id: choice}) == ""
    if what == "end":
        version = about.result.version if about.result else 0
        said = {"ended": "changed", "learned": f"les {number}", "lens": "pupils", "version": version}
        return c.refused(who, "end", about=about.item.id, **said) == ""
    if what == "late":
        return c.refused(who, "late", answer="abstain") == ""
    if what == "withdraw":
        return bool(own_things) and c.refused(who, "withdraw", id=own_things[number % len(own_things)].id) == ""
    if what == "go":
        c.go(who)
    if what == "come":
        c.come(who)
    if what == "move" and c.run.closed_at is None:
        c.move()
    if what == "reopen" and c.run.closed_at is not None:
        c.reopen("er kwam iets bij")
    return True


@FEW
@given(gone=st.sets(st.integers(0, 3), max_size=3), start=st.sampled_from(["try", "check", "close"]))
def test_who_is_absent_never_blocks(gone: set[int], start: str) -> None:
    with at(4, start) as c:
        for who in gone:
            c.go(who)
        c.to("closed")
        assert not experiences.open_cards(c.turn(None))
        assert c.run.closed_at is not None


@FEW
@given(
    one=st.sampled_from(
        [
            {"done": "gelukt in onze lessen"},
            {"done": "", "because": "ziek in onze lessen"},
            {"done": "half in onze lessen", "because": "te kort in onze lessen"},
        ]
    ),
    courses=st.lists(st.sampled_from(list(experiences.COURSES)), min_size=1, max_size=4),
)
def test_what_did_not_work_earns_as_much_whatever_is_chosen(one: dict[str, str], courses: list[str]) -> None:
    with at(2) as c:
        for number, course in enumerate(courses):
            tell(c, 0, **one, seen=f"gezien {number}", course=course)
        assert moments(c, 0) == {"input"}
