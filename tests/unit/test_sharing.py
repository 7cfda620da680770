"""Sharing a yield: by the circle, only once endorsed, within the school, the text and nothing else, and back again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import roster, sharing
from lti_tool.domain.thread import yields
from lti_tool.models import Community, Course, Deployment, Member
from lti_tool.models.voices import Contribution
from lti_tool.steps.interpretation import Interpretation
from lti_tool.steps.sharing import Sharing
from tests.web.circle import STEPS, Circle, arrival, circle
from tests.web.ways.seeded import Seeded


@pytest.fixture
def c() -> Iterator[Circle]:
    with circle(4, "closed", Interpretation()) as made:
        yield made


@pytest.fixture
def s(c: Circle) -> Seeded:
    return Seeded(c.session, c.cycle, c.members)


def neighbour(c: Circle, name: str = "Team Groen", deployment: int | None = None) -> Community:
    """Another community, of the same school unless another deployment is named."""
    of = deployment or c.session.get_one(Course, c.community.course_id).deployment_id
    met = roster.meet(c.session, arrival(80, of, context=name, context_title=name))
    met.community.name = name
    c.session.flush()
    return met.community


def elsewhere(c: Circle) -> Community:
    """A community of another school on the same platform."""
    own = c.session.get_one(Deployment, c.session.get_one(Course, c.community.course_id).deployment_id)
    other = Deployment(registration_id=own.registration_id, deployment_id="2", approved=True)
    c.session.add(other)
    c.session.flush()
    return neighbour(c, "Andere school", other.id)


def refused(c: Circle, community_id: int, back: bool = False) -> str:
    try:
        if back:
            sharing.take_back(c.turn(0), community_id)
        else:
            sharing.share(c.turn(0), community_id, c.members[0].id)
    except Refused as problem:
        return problem.code
    return ""


def received(session: Session, community: Community) -> list[tuple[str, int, str, list[str]]]:
    return [
        (each.community, each.cycle, each.text, list(each.lessons)) for each in sharing.received(session, community)
    ]


def test_the_other_community_reads_the_text_the_name_and_the_cycle(c: Circle, s: Seeded) -> None:
    s.outcome()
    there = neighbour(c)
    assert received(c.session, there) == []
    sharing.share(c.turn(0), there.id, c.members[0].id)
    assert received(c.session, there) == [(c.community.name, 1, "Samen lezen brengt rust.", ["Begin klein."])]
    assert received(c.session, c.community) == []
    assert received(c.session, neighbour(c, "Team Geel")) == [], "only with whom it was shared"


def test_it_can_be_taken_back(c: Circle, s: Seeded) -> None:
    s.outcome()
    there = neighbour(c)
    sharing.share(c.turn(0), there.id, c.members[0].id)
    assert [target.since is not None for target in sharing.targets(c.turn(0))] == [True]
    sharing.take_back(c.turn(0), there.id)
    assert received(c.session, there) == []
    assert [target.since for target in sharing.targets(c.turn(0))] == [None]
    assert refused(c, there.id, back=True) == "not_found"


def test_a_yield_that_is_not_endorsed_cannot_be_shared(c: Circle, s: Seeded) -> None:
    there = neighbour(c)
    assert refused(c, there.id) == "not_endorsed_yet"
    s.outcome(endorsed=False)
    assert refused(c, there.id) == "not_endorsed_yet"
    assert received(c.session, there) == []


def test_nor_one_that_was_changed_since_or_whose_step_is_open_again(c: Circle, s: Seeded) -> None:
    there, text = neighbour(c), s.outcome()
    assert yields.endorsed(c.turn(0))
    text.version += 1
    c.session.flush()
    assert refused(c, there.id) == "not_endorsed_yet"
    text.version -= 1
    s.run("evaluation", closed=False).closed_at = None
    c.session.flush()
    assert refused(c, there.id) == "not_endorsed_yet"


def test_what_was_shared_stays_as_it_was_endorsed_until_it_is_shared_again(c: Circle, s: Seeded) -> None:
    there, text = neighbour(c), s.outcome()
    sharing.share(c.turn(0), there.id, c.members[0].id)
    text.body = {"text": "Nog in de maak", "lessons": []}
    c.session.flush()
    assert received(c.session, there)[0][2] == "Samen lezen brengt rust."
    sharing.share(c.turn(0), there.id, c.members[0].id)
    assert [each[2:] for each in received(c.session, there)] == [("Nog in de maak", [])], "once, as it is now"


def test_with_one_s_own_community_with_another_school_and_with_nobody_it_cannot_be_shared(c: Circle, s: Seeded) -> None:
    s.outcome()
    other = elsewhere(c)
    for hostile in (c.community.id, other.id, 0, -1, 10**6, 2**31 - 1):
        assert refused(c, hostile) == "not_found"
        assert refused(c, hostile, back=True) == "not_found"
    assert other.id not in {target.id for target in sharing.targets(c.turn(0))}
    assert c.community.id not in {target.id for target in sharing.targets(c.turn(0))}
    assert received(c.session, other) == []


def test_whom_to_share_with_are_names_of_communities_and_of_nobody(c: Circle, s: Seeded) -> None:
    there = neighbour(c)
    said = sharing.targets(c.turn(0))
    assert [(target.id, target.name) for target in said] == [(there.id, "Team Groen")]
    assert "Persoon" not in repr(said)


def test_what_is_shared_carries_no_author(c: Circle, s: Seeded) -> None:
    s.outcome()
    there = neighbour(c)
    sharing.share(c.turn(0), there.id, c.members[0].id)
    found = sharing.received(c.session, there)[0]
    assert set(vars(found)) == {"community", "cycle", "text", "lessons", "at"}


def test_a_leader_outside_reads_it_once_it_is_shared_and_no_longer_when_it_is_taken_back(c: Circle, s: Seeded) -> None:
    s.outcome()
    there = neighbour(c)
    assert sharing.shared_yield(c.turn(None)) is None
    sharing.share(c.turn(0), there.id, c.members[0].id)
    found = sharing.shared_yield(c.turn(None))
    assert found is not None
    assert found.text == "Samen lezen brengt rust."
    sharing.take_back(c.turn(0), there.id)
    assert sharing.shared_yield(c.turn(None)) is None


def test_the_other_community_s_leader_gets_nothing_of_ours_by_it(c: Circle, s: Seeded) -> None:
    s.outcome()
    there = neighbour(c)
    sharing.share(c.turn(0), there.id, c.members[0].id)
    other = Circle(c.session, c.course, there, c.cycle, c.run, c.step, c.members)
    assert sharing.shared_yield(other.turn(None)) is None


def test_the_yield_that_stands_is_the_newest_that_was_not_taken_back(c: Circle, s: Seeded) -> None:
    assert yields.standing(c.turn(0)) is None
    text: Contribution = s.outcome()
    standing = yields.standing(c.turn(0))
    assert standing is not None
    assert standing.id == text.id
    assert c.session.get(Member, text.member_id) is not None


# The circle decides


@pytest.fixture
def deciding(c: Circle, s: Seeded) -> Circle:
    """The same people at the side step in which that is decided."""
    s.outcome()
    run = cycle.open_step(c.session, c.community, c.cycle, Sharing(), STEPS)
    return replace(c, run=run, step=STEPS.by_name["sharing"])


def test_nobody_shares_it_alone_and_a_quorum_without_objection_does(deciding: Circle) -> None:
    there = neighbour(deciding)
    deciding.act(0, "put", communities=[there.id])
    assert deciding.run.stage == "consent"
    for who, said in ((0, "agree"), (1, "abstain")):
        deciding.act(who, "answer", answer=said)
    assert received(deciding.session, there) == []
    assert deciding.move() == "quorum_missing"
    for who in (2, 3):
        deciding.act(who, "answer", answer="agree")
    assert deciding.run.closed_at is not None, "the last answer settles it"
    assert [each[2] for each in received(deciding.session, there)] == ["Samen lezen brengt rust."]
    assert deciding.run.outcome == "Team Groen"


def test_an_objection_shares_nothing(deciding: Circle) -> None:
    there = neighbour(deciding)
    deciding.act(0, "put", communities=[there.id])
    deciding.act(1, "answer", answer="objection", harm="dit is van ons", proposal="vraag het later")
    for who in (0, 2, 3):
        deciding.act(who, "answer", answer="agree")
    assert deciding.move() == "choose"
    assert received(deciding.session, there) == []
    assert deciding.summary(0).decided.objections


def test_only_with_a_community_of_the_same_school_it_is_put_to_all(deciding: Circle) -> None:
    for hostile in (elsewhere(deciding).id, deciding.community.id, 10**6):
        assert deciding.refused(0, "put", communities=[hostile]) == "not_found"
    assert deciding.refused(0, "put") == {"communities": ["communities_missing"]}
    assert deciding.run.stage == "choose"
    assert deciding.move() == "sharing_unsaid"


def test_before_it_is_endorsed_it_is_put_to_nobody_and_changed_meanwhile_it_is_not_shared(
    c: Circle, s: Seeded, deciding: Circle
) -> None:
    there = neighbour(deciding)
    deciding.act(0, "put", communities=[there.id])
    s.of("evaluation", "yield")[0].version += 1
    c.session.flush()
    for who in range(4):
        deciding.act(who, "answer", answer="agree")
    assert deciding.move() == "not_endorsed_yet"
    assert received(c.session, there) == []
