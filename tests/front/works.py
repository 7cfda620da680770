"""Taking over another's work: ideas merged, cards rewritten, the pen kept, a yield changed under its endorsers."""

import contextlib
import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from lti_tool.db import now
from lti_tool.models import Round
from lti_tool.models.voices import Contribution, Link, Revision
from tests.front.play import WHO
from tests.front.ways_on import WaysOn
from tests.web.circle import stored
from tests.web.ways import consequences, evaluation

# What is its writer's own, whoever reads it.
OWN = (
    *("idea", "response", "restatement", "wondered", "evidence", "weighing", "observation", "reaction"),
    *("explanation", "consequence", "advice", "log", "reply", "story", "card"),
)
WARM, DAY = dt.timedelta(minutes=15), dt.timedelta(days=1)
STAGE = "stage"


def _in(*stages: str) -> object:
    return precondition(lambda self: self.c.run.stage in stages)


class Works(WaysOn):
    """The front-runner works with what others made."""

    def standing(self, *kinds: str) -> list[Contribution]:
        query = select(Contribution).where(Contribution.kind.in_(kinds), Contribution.withdrawn_at.is_(None))
        return list(self.c.session.scalars(query.order_by(Contribution.id)))

    # Merging

    @_in("pairs", "fours")
    @rule(number=WHO, all_of_it=st.booleans())
    def merge(self, number: int, all_of_it: bool) -> None:
        """Somebody makes one sentence of everybody's ideas, or of two."""
        if (who := self.one(number)) is None:
            return
        ideas = [each.id for each in self.standing("idea", "merged")]
        said = f"wij samen {next(self.c.written)}"
        chosen = ideas if all_of_it else ideas[number : number + 2] or ideas[:2]
        self.tried(lambda: self.c.act(who, "merge", text=said, sources=chosen))

    @_in("pairs", "fours")
    @rule(number=WHO, which=WHO, how=st.sampled_from(["rewrite", "apart"]))
    def change_a_merge(self, number: int, which: int, how: str) -> None:
        """Somebody changes what a group made, their own or another's."""
        who, made = self.one(number), self.standing("merged")
        if who is None or not made:
            return
        item = made[which % len(made)]
        if how == "apart":
            self.tried(lambda: self.c.act(who, "take_apart", id=item.id))
            return
        sources = [each.id for each in self.standing("idea")]
        said = {"id": item.id, "version": item.version, "sources": sources, "text": f"nu zo {next(self.c.written)}"}
        if self.tried(lambda: self.c.act(who, "merge", **said)) == "":
            # To other words nobody of another group has said yes.
            self.yes = {each for each in self.yes if each[1] != item.id}

    @_in("pairs", "fours")
    @rule(number=WHO, which=WHO, how=st.sampled_from(["let_in", "let_in", "keep_out"]))
    def answer_a_group(self, number: int, which: int, how: str) -> None:
        """Somebody says yes or no for an idea, their group's or not."""
        who, made = self.one(number), self.standing("merged")
        asked = [
            (link.from_id, link.to_id)
            for link in self.c.session.scalars(select(Link).where(Link.kind.in_(["asked into", "merged into"])))
        ]
        if who is None or not made or not asked:
            return
        one, other = asked[which % len(asked)]
        sentence = next((each for each in made if each.id in (one, other)), None)
        if sentence is None:
            return
        item = other if sentence.id == one else one
        said = {"id": item, "made": sentence.id, "version": sentence.version}
        if self.tried(lambda: self.c.act(who, how, **said)) == "" and how == "let_in":
            self.yes.add((item, sentence.id))
            assert self.c.members[who].id in self.table_of(item), "only one whose it is says yes for it"

    def table_of(self, item_id: int) -> set[int]:
        """Who can say yes for something: its writer, who made it, and who sits with these now."""
        item = self.c.session.get_one(Contribution, item_id)
        groups = [each for each in self.standing("group") if each.step_run_id == self.c.run.id]
        whose = {item.member_id}
        if item.kind == "merged":
            ties = self.c.session.scalars(select(Link.to_id).filter_by(from_id=item.id, kind="made by")).all()
            whose = {member for each in groups if each.id in ties for member in each.body["members"]}
        found = set(whose)
        for group in groups:
            if group.body[STAGE] == self.c.run.stage and whose & set(group.body["members"]):
                found |= set(group.body["members"])
        # Whoever was left alone, or comes only now, sits with others.
        settled = {member for group in groups for member in group.body["members"]}
        present = self.c.turn(None).arrived
        alone = any(len(set(g.body["members"]) & present) < 2 for g in groups)
        return found | (present if alone else present - settled)

    @invariant()
    def an_idea_of_another_group_is_in_no_sentence_without_its_yes(self) -> None:
        groups = {each.id: each for each in self.standing("group")}
        for made in self.standing("merged"):
            tie = self.c.session.scalar(select(Link.to_id).filter_by(from_id=made.id, kind="made by"))
            if tie not in groups or groups[tie].body[STAGE] != self.c.run.stage:
                continue
            for source in self.c.session.scalars(select(Link.from_id).filter_by(to_id=made.id, kind="merged into")):
                ours = bool(self.table_of(source) & set(groups[tie].body["members"]))
                assert ours or (source, made.id) in self.yes

    # The pen

    @_in("draft")
    @rule(
        number=WHO, how=st.sampled_from(["take_pen", "take_pen", "hand_on_pen", "not_me"]), minutes=st.integers(0, 40)
    )
    def pen(self, number: int, how: str, minutes: int) -> None:
        """Somebody takes the pen, hands it on or leaves it to another, some minutes later."""
        who = self.one(number)
        if who is None or self.c.step.deed(how) is None:
            return
        self.later(minutes=minutes)
        self.c.session.flush()
        pens, said = stored(self.c.turn(None), "pen"), stored(self.c.turn(None), "not_me")
        me, at = self.c.members[who].id, now()
        code = self.tried(lambda: self.c.act(who, how))
        if how == "take_pen" and code == "" and pens and pens[-1].member_id == me:
            last = pens[-1]
            if last.body["state"] == "handed_on" and WARM + dt.timedelta(seconds=30) < at - last.updated_at < DAY:
                turn = self.c.turn(None)
                left = {each.member_id for each in said if each.created_at >= last.updated_at}
                there = {each for each in turn.arrived if each not in turn.circle.away | turn.circle.set_away}
                assert there - {me} <= left, "who had it last goes on although another has not had the chance"

    # Cards

    @_in("board")
    @rule(number=WHO, which=WHO, how=st.sampled_from(["rewrite", "rewrite", "own", "buddy", "let_go", "take_off"]))
    def card(self, number: int, which: int, how: str) -> None:
        """Somebody changes a card, takes it on, lets it go or takes it off the board."""
        who, cards = self.one(number), self.standing("action")
        if who is None:
            return
        if not cards:
            with contextlib.suppress(IndexError):
                self.tried(lambda: self.c.act(who, "own", id=consequences.card(self.c, who).id))
            return
        item = cards[which % len(cards)]
        said: dict[str, object] = {"id": item.id}
        if how in ("rewrite", "take_off"):
            said["version"] = item.version
        if how == "rewrite":
            said |= {"what": f"elke zaterdag {next(self.c.written)}", "sign": "een teken", "date": item.body["date"]}
        held = {each.member_id for each in self.standing("owner", "buddy") if self.leads_to(each, item)}
        before = held - {self.c.members[who].id}
        if self.tried(lambda: self.c.act(who, "action" if how == "rewrite" else how, **said)) == "":
            asked = {each.member_id for each in self.standing("freed") if self.leads_to(each, item)}
            if how == "rewrite":
                assert before <= asked, "whoever had taken it on is asked again"
            assert how != "take_off" or not held & self.c.turn(None).present_ids

    def leads_to(self, piece: Contribution, item: Contribution) -> bool:
        return self.c.session.scalar(select(Link.id).filter_by(from_id=piece.id, to_id=item.id)) is not None

    @invariant()
    def nobody_is_bound_to_a_card_that_somebody_else_changed(self) -> None:
        for card in self.standing("action"):
            older = select(Revision).where(Revision.contribution_id == card.id).order_by(Revision.version)
            past = list(self.c.session.scalars(older))
            writers = [*(each.member_id for each in past[1:]), card.member_id] if past else []
            changes = list(zip([each.created_at for each in past], writers, strict=True))
            for held in self.standing("owner", "buddy"):
                if self.leads_to(held, card):
                    assert all(by == held.member_id for at, by in changes if at > held.created_at)

    # The yield

    @_in("yield", "endorse")
    @rule(number=WHO)
    def yield_changes(self, number: int) -> None:
        """Somebody writes another yield; who stood behind the one before sees it and is asked anew."""
        who, there = self.one(number), stored(self.c.turn(None), "yield")
        if who is None:
            return
        if self.c.run.stage == "yield":
            if not there or not stored(self.c.turn(None), "next"):
                self.tried(lambda: evaluation.settle(self.c, who))
                return
            version = there[0].version
            said = {"text": f"wij weten nu {next(self.c.written)}", "lessons": "eerst kijken", "version": version}
            self.tried(lambda: self.c.act(who, "yield", **said))
            return
        rounds = self.c.rounds("endorse")
        stood = any(
            each.member_id == self.c.members[who].id and each.answer == "endorse"
            for round_ in rounds[:-1]
            for each in self.c.answers(round_)
        )
        answered = any(each.member_id == self.c.members[who].id for each in self.c.answers(rounds[-1]))
        shown = self.c.summary(who).endorsing
        assert shown.renews == (stood and not answered)
        if shown.renews:
            with contextlib.suppress(LookupError):
                self.tried(lambda: self.c.act(who, "endorse", answer="endorse", round=shown.round))

    @_in("yield", "endorse")
    @rule(behind=st.integers(0, 5), by=WHO)
    def ask_about_the_yield(self, behind: int, by: int) -> None:
        """All say whether they stand behind it, so many do, and somebody goes on."""
        if self.c.run.stage == "endorse":
            for number, who in enumerate(self.present()):
                said = {"answer": "endorse" if number < behind else "not_yet", "missing": "er mist nog iets"}
                number_of = self.c.rounds("endorse")[-1].id
                self.tried(lambda who=who, said=said, of=number_of: self.c.act(who, "endorse", round=of, **said))  # type: ignore[misc]
        if (who := self.one(by)) is not None:
            self.move(who, confirmed=True)

    # What always holds

    @invariant()
    def nobody_changed_what_another_wrote(self) -> None:
        changed = (
            select(Contribution.id)
            .join(Revision, Revision.contribution_id == Contribution.id)
            .where(Contribution.kind.in_(OWN), Revision.member_id != Contribution.member_id)
        )
        assert not self.c.session.scalars(changed).all()

    @invariant()
    def what_is_being_decided_on_is_what_is_there(self) -> None:
        """Nobody's consent is kept by another's act: no text changes under a round that is open."""
        open_ones = select(Round).where(Round.closed_at.is_(None), Round.subject_id.is_not(None))
        for each in self.c.session.scalars(open_ones):
            text = self.c.session.get_one(Contribution, each.subject_id)
            assert each.subject_version == text.version


class Taker(Works):
    """Five people who are all there, at one stage, and a front-runner who works with what they made."""

    people = 5

    def walk_on(self) -> None:
        """Where it leads to is told elsewhere."""

    @rule()
    def a_minute_goes_by(self) -> None:
        """Also where all is done."""
        self.later(minutes=1)

    @invariant()
    def it_was_sound(self) -> None:
        self.sound = True
