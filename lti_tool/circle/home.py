"""The community's home: where we are, what is mine to do now, what the steps yielded, the days that matter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import Here, here, inherit, show
from lti_tool.circle.answering import form
from lti_tool.circle.around import Around, around
from lti_tool.circle.forms import posted
from lti_tool.circle.inherit import EndedCycle, MovedOn
from lti_tool.circle.loading import load_form
from lti_tool.circle.step import find_step, own_part
from lti_tool.circle.wheel import Segment, segments
from lti_tool.db import db, now
from lti_tool.domain import Refused, cycle
from lti_tool.domain.community import access, elsewhere, from_template, members, news, sharing
from lti_tool.domain.community.access import Audience
from lti_tool.domain.community.elsewhere import Other
from lti_tool.domain.community.sharing import Received
from lti_tool.domain.cycle import Stage, Turn, days, midnights, restart
from lti_tool.domain.cycle.days import Day
from lti_tool.domain.cycle.restart import LookBack
from lti_tool.domain.hours import figures
from lti_tool.domain.hours.attended import AtHand
from lti_tool.domain.hours.figures import Figure
from lti_tool.domain.mechanisms import pulse
from lti_tool.domain.participation import Receipt
from lti_tool.domain.reading import texts, words
from lti_tool.domain.thread import influence, looking_back
from lti_tool.domain.thread.influence import Mirror
from lti_tool.domain.thread.looking_back import Answered
from lti_tool.models import Beside, Cycle, Launch, Member, ResourceLink, StepRun
from lti_tool.parts import parts
from lti_tool.steps.base import ForLeader, Step, Task, Waiting
from lti_tool.text import Text


@dataclass(frozen=True)
class Home:
    """The names in templates/home.html and in the parts of the home.

    present: how many belong; waited_for: how many of them the present stage waits for; around: more of the circle.
    others: the community's other cycles. failed, typed: whose form was just refused, and what it held. begun:
    whether any step was opened. From waiting_for_leader to figure: for a school leader, a step each with what it
    shows them; what is below, for the community. to_place: the cycle is not in the course yet. news: what others did
    lately that all should know. free: whether this member may take facilitating over; former: or come back to it;
    unguided: whether nobody facilitates, and this member may not either, as the school set it.
    to_end: what is this member's to do where it is asked whether the cycle ends. meeting: "on" where the community is
    in one, "can" where this person can begin one. at_hand: the session that is on, or the latest. seats: the other
    communities of the course that this person may go to. of_template: whether the stage's day came from a template.
    """

    current: Step | None
    run: StepRun | None
    stage: Stage | None
    segments: Sequence[Segment]
    outcomes: Sequence[tuple[Step, str]]
    present: int
    moved_on: MovedOn | None
    ended: EndedCycle | None
    others: Sequence[Cycle]
    problem: Refused | None
    failed: str
    typed: Mapping[str, Any]
    begun: bool
    around: Around
    days: Sequence[Day] = ()
    waiting_for_leader: Sequence[tuple[Step, Turn, ForLeader]] = ()
    leading: Sequence[tuple[Step, Turn, ForLeader]] = ()
    shared: Received | None = None
    figure: Figure | None = None
    sides: Sequence[Step] = ()
    still_answers: Sequence[tuple[str, Text]] = tuple(looking_back.ANSWERS.items())
    looking_back: LookBack | None = None
    still: tuple[int, Answered] | None = None
    may_begin_next: bool = False
    stopped: bool = False
    to_place: bool = False
    pulse_open: Step | None = None
    mirror: Mirror | None = None
    task: Task | None = None
    to_end: Task | None = None
    waiting: Waiting | None = None
    waited_for: int = 0
    moments: Collection[str] | None = None
    receipt: Receipt | None = None
    news: Sequence[Text] = ()
    free: bool = False
    unguided: bool = False
    former: bool = False
    mending: Sequence[tuple[Text, str]] = ()
    meeting: str = ""
    at_hand: AtHand | None = None
    seats: Sequence[Other] = ()
    of_template: bool = False


@audience(access.EVERYBODY)
def home() -> Response:
    """The home; for somebody outside the community, that it is one."""
    if not here().viewer & access.FOLLOWERS:
        return show("guest.html")
    return show_home()


def show_home(problem: Refused | None = None, failed: str = "") -> Response:
    """The home of a cycle, for its community or for a school leader, and what went wrong with a form on it."""
    at, steps, turns = here(), parts().steps, here().turns()
    current = current_step(at, list(steps))
    turn = turns.get(current.name) if current else None
    circle = (turn or next(iter(turns.values()), None) or at.beside(StepRun())).circle
    page = Home(
        current=current,
        run=turn.run if turn else None,
        stage=current.stage(turn) if current and turn else None,
        segments=segments(len(steps)),
        outcomes=_outcomes(at, list(steps)),
        present=circle.everybody,
        around=around(at, circle),
        moved_on=inherit.moved_on(at),
        ended=inherit.ended(at),
        others=[each for each in at.cycles if each is not at.cycle],
        problem=problem,
        failed=failed,
        typed=posted() if problem else {},
        begun=bool(turns),
    )
    if at.member is not None and at.member.to_mend:
        page = replace(page, mending=_mending(at, at.member))
    if at.several:
        seats = elsewhere.others(db.session(), at.course, at.person.id, at.community.id)
        page = replace(page, seats=seats)
    if Audience.LEADER in at.viewer:
        page = _for_leader(page, at, list(steps), turns)
    else:
        page = _for_community(page, at, turns)
    return show("home.html", 422 if problem else 200, **vars(page))


def _mending(at: Here, member: Member) -> list[tuple[Text, str]]:
    """Where a text of this person's was hidden: what that place is called, and its address."""
    cycles, known = {each.number: each for each in at.cycles}, parts().steps.by_name
    found = [
        (at.title(known[step]), at.url_in(cycles[number], "texts", name=step))
        for number, step in texts.to_mend(at.beside(StepRun()))
        if number in cycles and step in known
    ]
    asked = words.mark_of([member.ask_me])
    return found + ([(Text("Vraag mij over", "Ask me about"), at.url("community"))] if asked else [])


def _outcomes(at: Here, steps: list[Step]) -> list[tuple[Step, str]]:
    """What each completed step came to, as far as it is for this reader."""
    mine = [step for step in steps if step.name in at.runs and at.viewer & step.outcome_for]
    return [(step, outcome) for step in mine if (outcome := at.runs[step.name].outcome)]


def _for_leader(page: Home, at: Here, steps: list[Step], turns: dict[str, Turn]) -> Home:
    """What there is for a school leader to do, what waits for an answer first; nothing that people wrote."""
    there = [step for step in steps if step.leader_deeds and step.name in turns and at.cycle.closed_at is None]
    asked = [(step, turns[step.name], step.for_leader(turns[step.name])) for step in there]
    today = midnights.day_of(now(), parts().settings.zone)
    return replace(
        page,
        waiting_for_leader=[each for each in asked if each[2].waiting and at.cycle.under_way],
        leading=[each for each in asked if not each[2].waiting or not at.cycle.under_way],
        days=days.of_ambition(next(iter(turns.values()))) if turns else [],
        shared=sharing.shared_yield(next(iter(turns.values()))) if turns else None,
        figure=figures.shown(db.session(), at.reader, at.community.id, at.person.id, today),
    )


def _for_community(page: Home, at: Here, turns: dict[str, Turn]) -> Home:
    """What is this member's to do, and what is the community's alone."""
    sides = [side for side in parts().steps.sides if side.name in at.runs or _is_offered(at, side)]
    at.follows = "home"
    first = next(iter(turns.values())) if turns else at.beside(StepRun())
    here_on = [each.facilitated_on for each in first.people.values() if each.facilitates]
    free = members.is_free_now(db.session(), at.community, here_on)
    may = free and _may_take_over(at)
    unguided = free and not may and not at.guides and _is_of_now(at)
    page = replace(page, sides=sides, news=news.news(first, free), free=may, unguided=unguided, former=_former(at))
    can = at.facilitates and turns and page.current
    page = replace(page, meeting="on" if at.in_meeting else "can" if can else "", at_hand=at.at_hand)
    if not turns:
        return page
    kept = restart.kept(first)
    agreed = {number: each.look_back for number, each in kept.items() if each.look_back}
    asked = next(((number, each) for number, each in agreed.items() if restart.is_asked(first, each)), None)
    page = replace(
        page,
        days=days.of_community(first, at.runs),
        looking_back=asked[1] if asked else None,
        still=_still(first, asked[0]) if asked else None,
        may_begin_next=restart.may_begin_next(first, at.runs, parts().steps),
        stopped=kept[at.cycle.number].decision == restart.STOP,
        to_place=at.facilitates and at.cycle.number > 1 and not _is_placed(at),
        pulse_open=_pulse_open(at),
        mirror=influence.mirror(first),
    )
    turn = turns.get(page.current.name) if page.current else None
    if asking := at.put_to_all:
        page = replace(page, to_end=asking.task(turns[asking.name]))
    if page.current is None or turn is None or not at.cycle.under_way:
        return page
    waiting = page.current.waiting(turn)
    done = turn.participant is not None and cycle.passed(turn)
    task = None if done else page.current.task(turn)
    dated = at.facilitates and _begins(turn, page.current) and from_template.is_dated(db.session(), turn.run)
    waited_for = page.current.waited_for(turn)
    return replace(page, task=task, waiting=waiting, waited_for=waited_for, of_template=dated, **own_part(turn))


def _begins(turn: Turn, step: Step) -> bool:
    """Whether a community is where it began, with a day announced: only there can a template have said it."""
    first = step.position == 1 and turn.cycle.number == 1 and turn.run.stage == step.stages[0].name
    return first and turn.run.announced is not None


def _still(turn: Turn, number: int) -> tuple[int, Answered] | None:
    """What was answered to "do we still do this?", which a cycle of that number had agreed to ask."""
    then = looking_back.of(turn, number)
    return (number, looking_back.read(then)) if then else None


@audience(frozenset({Audience.MEMBER}))
@form(lambda refused, number: show_home(refused, "still"), "still")
def still(number: int) -> str:
    """Answer "do we still do this?", also of a cycle that is over."""
    at = here()
    then = looking_back.of(at.beside(StepRun()), number)
    if then is None:
        abort(404)
    looking_back.answer(then, request.form.get("answer", ""))
    return at.url("home")


def _is_of_now(at: Here) -> bool:
    """Whether a member looks at the cycle that the community is in: paused or ended, it may want a facilitator too."""
    return Audience.MEMBER in at.viewer and at.cycle is at.newest


def _former(at: Here) -> bool:
    """Whether this member can come back to facilitating, which somebody took over."""
    return _is_of_now(at) and at.member is not None and members.may_resume(at.member)


def _may_take_over(at: Here) -> bool:
    """Whether this member may take facilitating over, where it is free."""
    if not _is_of_now(at) or at.member is None or at.member.facilitates or _former(at):
        return False
    return members.may_facilitate(db.session(), at.community, at.member)


def _is_offered(at: Here, side: Step) -> bool:
    return at.cycle.under_way and not side.unlisted


def _pulse_open(at: Here) -> Step | None:
    """The step of which this person can still answer the pulse."""
    if not at.cycle.under_way:
        return None
    names = pulse.unanswered(at.beside(StepRun()))
    return parts().steps.by_name[names[0]] if names else None


def _is_placed(at: Here) -> bool:
    """Whether any step of this cycle was opened as an activity of the course yet."""
    query = select(ResourceLink.id).filter_by(course_id=at.course.id, cycle_number=at.cycle.number)
    return db.session.scalar(query.where(ResourceLink.step.not_in(list(Beside))).limit(1)) is not None


def current_step(at: Here, steps: list[Step]) -> Step | None:
    """The first step that is not closed; None when all are."""
    return next((s for s in steps if not ((run := at.runs.get(s.name)) and run.closed_at)), None)


@audience(access.FOLLOWERS)
@form(lambda refused: show_home(refused, "seat"), "seat")
def seat() -> str:
    """Go to another community of the course that this person may sit in, or read one that was theirs."""
    at, given = here(), request.form.get("community", "")
    chosen = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    # Loaded whole: a page needs less of it.
    launch = db.session.get_one(Launch, at.launch.id, populate_existing=True)
    new_id = parts().sessions.hash(f"{launch.id} in {chosen}")[:32]
    elsewhere.go(db.session(), launch, at.course, chosen, new_id)
    return url_for("circle.arrive", launch_id=new_id)


@audience(frozenset({Audience.LEADER}))
@form(lambda refused, name, deed: show_home(refused, deed))
def lead(name: str, deed: str) -> str:
    """What a school leader outside may do in a step: nothing but what the step declares for leaders."""
    at, step = here(), find_step(name)
    declared, turn = step.leader_deed(deed), at.turn(step)
    if declared is None or turn is None:
        abort(404)
    step.perform(turn, declared, load_form(declared.schema, request.form))
    return at.url("home")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/home")(home)
    blueprint.post("/still/<int:number>")(still)
    blueprint.post("/seat")(seat)
    blueprint.post("/lead/<name>/<deed>")(lead)
