"""What stops a text on its way to all: what cannot be done or seen, nobody outside, a why that is one person's."""

from typing import Any

import pytest

from tests.web.circle import Circle, circle
from tests.web.ways import ambition

NAMES = ("visible", "ours", "observable", "hours", "period")


def written(c: Circle, **changes: Any) -> str:
    """A text is written so; what stops it, or where it leads."""
    ambition.write(c, 0, **changes)
    return c.move()


@pytest.mark.parametrize(
    ("check", "said", "code"),
    [
        ("visible", "no", "not_visible"),
        ("visible", "unsure", "not_visible"),
        ("ours", "no", "not_ours"),
        ("ours", "unsure", "consent"),
        ("observable", "no", "not_to_be_seen"),
        ("observable", "unsure", "consent"),
        ("hours", "no", "too_big"),
        ("period", "no", "too_big"),
        ("period", "yes", "consent"),
    ],
)
def test_the_check_means_what_it_says(check: str, said: str, code: str) -> None:
    with circle(3, "draft") as c:
        assert written(c, checks={**dict.fromkeys(NAMES, "yes"), check: said}) == code


@pytest.mark.parametrize("check", ["ours", "observable"])
def test_smaller_pieces_mend_no_text_that_cannot_be_done_or_seen(check: str) -> None:
    with circle(3, "draft") as c:
        checks = {**dict.fromkeys(NAMES, "yes"), check: "no"}
        assert written(c, checks=checks, subgoal={"1": "eerst dit", "2": "dan dat"}) not in ("consent", "too_big")


def test_the_shared_why_is_of_two_people_where_two_have_one_and_is_shown_with_their_lines() -> None:
    with circle(3, "draft") as c:
        mine, theirs = c.own(0)[0], c.own(1)[0]
        for whys, code in (([], "whys_missing"), ([mine.id], "whys_missing"), ([mine.id, theirs.id], "consent")):
            assert written(c, whys=whys) == code
        assert list(c.summary(2).proposal.whys) == [mine.body["why"], theirs.body["why"]]
        assert c.refused(0, "propose", text="dat is er niet", ideas=[mine.id], whys=[999]) == "not_in_this_stage"
    with circle(1, "draft") as c:
        assert written(c, whys=[c.own(0)[0].id]) == "consent"
        assert list(c.summary(0).proposal.whys) == [c.own(0)[0].body["why"]]


def test_an_outside_voice_is_somebody_by_a_day_or_a_reason_that_all_decide_on() -> None:
    day = ambition.horizon()
    with circle(3, "draft") as c:
        nobody = {"group": "pupils", "question": "wat merk je ervan"}
        assert c.refused(0, "voice", name="klas 3", **nobody) == {"date": ["date_missing"]}
        assert c.refused(0, "voice", date=day, **nobody) == {"name": ["missing"]}
        c.act(0, "no_voice", reason="er is nu geen tijd", version=0)
        c.act(0, "take_pen")
        said = {**ambition.WHOLE, "text": "we doen dit samen", "ideas": [c.own(0)[0].id], "horizon": day}
        c.act(0, "propose", version=0, whys=[each.id for each in c.ideas()], **said)
        assert c.move() == "consent"
        assert c.summary(1).no_voice.reason == "er is nu geen tijd"
        # Under the decision nobody changes it.
        assert c.refused(1, "no_voice", reason="iets anders", version=1) == "not_in_this_stage"
