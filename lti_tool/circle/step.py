"""A step's page, and what members do on it. Knows no step by name."""

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypedDict

from flask import Blueprint, abort, request, send_file
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.bodies import with_file
from lti_tool.circle import finished, here, inherit, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import DRAFTS_EACH, Filled, Typed, draft_name, posted, typed_draft, uploaded, without_school
from lti_tool.circle.inherit import EndedCycle, MovedOn
from lti_tool.circle.loading import FormError, load_form
from lti_tool.db import db, short_transaction
from lti_tool.domain import Refused, cycle, participation
from lti_tool.domain.community import access, away, drafts
from lti_tool.domain.community.access import Audience
from lti_tool.domain.community.drafts import Draft
from lti_tool.domain.cycle import Stage, StageKind, Turn, midnights, reopening, restart, telling
from lti_tool.domain.cycle.may_end import Ending
from lti_tool.domain.cycle.reopening import Reopened
from lti_tool.domain.cycle.restart import Inherited
from lti_tool.domain.hours.suggestions import Offer
from lti_tool.domain.mechanisms import attachments, late, rounds
from lti_tool.domain.participation import Receipt
from lti_tool.domain.reading import gate, texts, words
from lti_tool.domain.reading.pieces import Noted
from lti_tool.domain.reading.things import Thing, require
from lti_tool.domain.ties import Tie
from lti_tool.i18n import speak
from lti_tool.models import Member, Round, StepRun
from lti_tool.parts import Parts, parts
from lti_tool.steps.base import Shown, Step, Task, Waiting
from lti_tool.steps.shown import Said, said
from lti_tool.text import Text


def find_step(name: str) -> Step:
    """The step of that name, or 404."""
    step = parts().steps.by_name.get(name)
    if step is None:
        abort(404)
    return step


@dataclass(frozen=True)
class StepPage:
    """The names in templates/steps/_step.html and in a step's own template.

    failed: whose form was just refused, typed and errors: what it held and what is wrong with it. From turn on: of a
    step that was opened. place: which round it is in, and of how many; following: the round after it. small: whether to
    say that a name cannot be kept from so few; passing, putting: whether its reader can pass here, or put what was
    written to all; ending: whether the stage may end by their hand; back: whether the last move can be taken back.
    present: how many are waited for; without: the decisions in which somebody was away by another's hand. mending:
    whether a text of its reader's was hidden here. to: what of a long list is answered now. shown: what the step itself
    shows. moments: the person's own, None where they are not for this page to tell. offers: what the step suggests for
    one's hours.
    """

    step: Step
    problem: Refused | None
    errors: Mapping[str, list[str]]
    typed: Typed
    failed: str
    message: Text | str | None
    just_moved: bool
    can_begin: bool
    moved_on: MovedOn | None
    ended: EndedCycle | None
    standing: tuple[int, str] | None
    turn: Turn | None = None
    run: StepRun | None = None
    present: int = 0
    small: bool = False
    passing: bool = False
    putting: bool = False
    ending: Ending | None = None
    back: bool = False
    without: Sequence[Round] = ()
    stage: Stage | None = None
    place: tuple[int, int] | None = None
    following: Stage | None = None
    task: Task | None = None
    waiting: Waiting | None = None
    fill: Callable[..., Filled] | None = None
    inherited: Inherited | None = None
    notes: Sequence[tuple[Noted, bool, Sequence[tuple[str, Text | str, Text | str]]]] = ()
    later: Sequence[tuple[Said, Sequence[str]]] = ()
    reopened: Reopened = reopening.NEVER
    moments: Collection[str] | None = None
    receipt: Receipt | None = None
    mending: bool = False
    to: str = ""
    shown: Shown | None = None
    offers: Sequence[Offer] = ()


@audience(access.COMMUNITY)
def page(name: str) -> Response:
    """A step of the launch's own cycle."""
    return show_step(find_step(name))


def show_step(
    step: Step,
    *,
    problem: Refused | None = None,
    errors: Mapping[str, list[str]] | None = None,
    deed: str = "",
) -> Response:
    """The step's page; after a refused form with what is wrong beside the field, and everything typed."""
    at = here()
    turn = at.turn(step)
    at.follows = f"{step.name}.{turn.run.stage if turn else ''}"
    at.live = turn is not None and _made_together(step.stage(turn))
    closed = StepPage(
        step=step,
        problem=problem,
        errors=errors or {},
        typed=posted() if problem else Typed({}),
        failed=deed,
        message=_done_message(step) or (_other_day(turn.run) if turn else None),
        just_moved=request.args.get("done", "") in _MOVED,
        can_begin=turn is None and can_begin(step),
        moved_on=inherit.moved_on(at, step),
        ended=inherit.ended(at),
        standing=inherit.standing(at, step),
    )
    found = closed if turn is None else _opened(closed, turn)
    return show(step.template, 422 if problem else 200, **vars(found))


def _opened(closed: StepPage, turn: Turn) -> StepPage:
    """The page of a step that was opened: with what is to do there, and what there is to see."""
    at, step = here(), closed.step
    inherited = restart.inherited(turn) if inherit.shows(step, turn.run) else None
    failed = closed.failed if closed.problem else ""
    # First: of what it reads of one's moments nothing is asked for again.
    offers = [] if step.side else finished.of_step(turn)
    # Then: of what it fetches of the step, who is done can be told too.
    shown = step.summary(turn)
    going, asked, stage = turn.run.closed_at is None, at.takes_part, step.stage(turn)
    found = replace(
        closed,
        turn=turn,
        run=turn.run,
        present=step.waited_for(turn),
        small=going and telling.small(turn, step),
        passing=going and asked and _may_pass(step, turn),
        putting=going and asked and stage.kind == StageKind.TOGETHER and not shown.lacking,
        ending=cycle.ending_of(turn, step) if going and (asked or at.facilitates) else None,
        back=going and at.facilitates and cycle.may_take_back(turn, step),
        without=rounds.without_some(turn),
        stage=stage,
        place=step.place(stage) if going and len(step.rounds) > 1 else None,
        following=step.following_stage(stage),
        task=step.task(turn) if asked and not (going and cycle.passed(turn)) else None,
        waiting=step.waiting(turn) if at.cycle.under_way else None,
        fill=_filler(step, turn, _drafts(turn), failed, closed.typed, closed.errors, inherited),
        inherited=inherited,
        notes=[(note, _in_time(step, turn, note), _noted(step, turn, note)) for note in gate.notes(turn)]
        if at.takes_part
        else [],
        later=_later(turn) if late.KIND in step.keeps else (),
        reopened=reopening.of(turn),
        mending=(at.cycle.number, step.name) in (texts.to_mend(turn) if at.member and at.member.to_mend else ()),
        to=request.args.get("to", ""),
        shown=shown,
    )
    if step.side:
        return found
    return replace(found, **own_part(turn), offers=offers)


def _may_pass(step: Step, turn: Turn) -> bool:
    """Whether this member can pass here: where all write or respond, as long as they were not heard.

    Also where nobody waits for them: it takes two of the circle, each from a launch of their own.
    """
    kind = step.stage(turn).kind
    return kind in (StageKind.HIDDEN, StageKind.OPEN) and turn.me.id in turn.circle.members - step.heard(turn).own


class OwnPart(TypedDict, total=False):
    """The fields of a page that tell its reader of their own part in a step."""

    moments: set[participation.Kind]
    receipt: Receipt | None


def own_part(turn: Turn) -> OwnPart:
    """The reader's own moments in a step, and what became of their score; nothing for who takes no part."""
    at = here()
    if at.member is None or Audience.MEMBER not in at.viewer:
        return {}
    member = at.member
    require(at.reader, Thing.OWN_MOMENTS, member.id)
    session, number = db.session(), at.cycle.number
    moments = turn.once("moments", lambda: participation.moments_of(session, turn.run, member))
    # Without a moment there is no score to have arrived.
    receipt = participation.receipt(session, turn.run, at.course.id, number, at.person.id) if moments else None
    return {"moments": moments, "receipt": receipt}


def can_begin(step: Step) -> bool:
    """Whether this step can be opened now: a side step always, another once the one before it is completed."""
    at = here()
    if not step.stages or step.name in at.runs or not at.cycle.under_way:
        return False
    before = [each for each in parts().steps if each.position < step.position]
    return step.side or (bool(before) and all((run := at.runs.get(e.name)) and run.closed_at for e in before))


def _filler(
    step: Step,
    turn: Turn,
    kept: dict[str, Draft],
    failed: str,
    typed: Typed,
    errors: Mapping[str, list[str]],
    inherited: Inherited | None = None,
) -> Callable[..., Filled]:
    """`fill(deed, key)` of the templates: the form of that deed, key telling several of them apart."""
    at = here()
    wanted = request.args.get("take", "")
    taken = inherit.taken_over(step, inherited, wanted) if inherited and not failed else {}

    # Of sixty pieces each asks for the same ones.
    @cache
    def to(deed: str) -> str:
        return at.url("act", name=step.name, deed=deed)

    draft_url = at.url("draft")

    def fill(name: str, key: str = "") -> Filled:
        declared = step.deed(name)
        assert declared is not None, name
        key = key or name
        full = f"{turn.run.id}:{key}"
        mine = failed == name and typed.get("draft", full) == full
        return Filled(
            url=to(name),
            key=key,
            draft_url=draft_url if declared.drafts else "",
            full=full,
            file=declared.file,
            typed=typed if mine else taken.get((name, key)),
            errors=errors if mine else {},
            draft=kept.get(key),
            over=not at.cycle.under_way,
        )

    return fill


def _in_time(step: Step, turn: Turn, note: Noted) -> bool:
    """Whether the stage that a note was taken for is still under way."""
    declared = step.deed(note.action)
    return declared is not None and turn.run.stage in declared.stages


def _later(turn: Turn) -> list[tuple[Said, list[str]]]:
    """What was said after its stage, each with what it was said of."""
    there = gate.gather(turn)
    found = late.said(there.of(late.KIND))
    return [
        (said(turn, each), [words.said(of.body)[0] for of in there.linked_from(each, Tie.SAID_OF)]) for each in found
    ]


def _noted(step: Step, turn: Turn, note: Noted) -> list[tuple[str, Text | str, Text | str]]:
    """What a note says, as (name of a field that can be written in, label, words)."""
    declared = step.deed(note.action)
    asked = [each for field in declared.noted for each in field.asked(turn)] if declared else []
    return [("" if each.options is not None else each.name, each.label, each.said(note.body)) for each in asked]


# One line, above the question that is asked now: nothing of one's own was sent.
_MOVED = {
    "moved": Text("We zijn een ronde verder.", "We have gone on to the next round."),
    "back": Text("We zijn een ronde terug.", "We have gone back one round."),
}
_DONE = {
    **_MOVED,
    "proposed": Text(
        "Je voorstel staat hieronder. Zegt een collega ja, dan gaat de stap weer open.",
        "Your proposal stands below. Once a colleague says yes, the step opens again.",
    ),
    "reopened": Text("Deze stap is weer open.", "This step is open again."),
}


def _made_together(stage: Stage) -> bool:
    """Whether one writes for others too, who look on."""
    return stage.kind == StageKind.TOGETHER or stage.people > 1


def _done_message(step: Step) -> Text | str | None:
    deed = step.deed(request.args.get("done", ""))
    if deed:
        return deed.done
    return _DONE.get(request.args.get("done", ""))


def _other_day(run: StepRun) -> str:
    """That the day that was just announced is another than was asked for."""
    zone = parts().settings.zone
    return without_school(midnights.last_day(run.announced, zone)) if run.announced else ""


def _drafts(turn: Turn) -> dict[str, Draft]:
    return drafts.of_run(turn.session, turn.viewer, turn.member, turn.run.id) if turn.member else {}


def _keep_for_later(deed: str, step: Step) -> None:
    """What was sent in a pause stands in its form again once the pause is over."""
    at, declared, name = here(), step.deed(deed), draft_name()
    if at.member is None or declared is None or not declared.drafts or not name or not (body := typed_draft()):
        return
    owner = Member(id=at.member.id)
    with short_transaction() as session:
        drafts.keep(session, owner, name, body, DRAFTS_EACH)


def _act_again(refused: Refused, name: str, deed: str) -> Response:
    at, step = here(), find_step(name)
    if at.cycle.paused_until is not None:
        _keep_for_later(deed, step)
    if not isinstance(refused, FormError):
        return show_step(step, problem=refused, deed=deed)
    # Said above the page too: the field may be none that is seen, or gone since the page was opened.
    declared = step.deed(deed)
    open_here = declared is not None and at.runs[name].stage in declared.stages
    problem = Refused("not_like_this" if open_here else "not_in_this_stage")
    if not at.cycle.under_way:
        problem = Refused("cycle_closed" if at.cycle.closed_at else "cycle_paused")
    return show_step(step, problem=problem, errors=refused.errors, deed=deed)


def _with_file(tool: Parts, values: Mapping[str, str]) -> bool:
    step = tool.steps.by_name.get(values["name"])
    deed = step.deed(values["deed"]) if step else None
    return deed is not None and deed.file


@audience(frozenset({Audience.MEMBER}))
@with_file(_with_file)
@form(_act_again)
def act(name: str, deed: str) -> str:
    """Do one of the step's deeds: its form, its rows, its moment and its score in one transaction."""
    at, step = here(), find_step(name)
    declared = step.deed(deed)
    # First of all: it takes a second, and the first statement below takes the write lock.
    file = uploaded() if declared is not None and declared.file else None
    turn = at.turn(step)
    if declared is None or turn is None:
        abort(404)
    data = load_form(declared.schema, request.form)
    if declared.file:
        data["file"] = file
    step.perform(turn, declared, data)
    if away.is_away(turn.me) and not turn.me.away_own:
        # Whom a colleague set away and who does something is here; to what was decided they may still object.
        away.come_back(turn.me)
    if draft := draft_name():
        drafts.drop(db.session(), turn.me, draft)
    return at.url("page", name=name, done=deed, _anchor="done")


def again(deed: str) -> Callable[..., Response]:
    """How the page of a step is shown again after a form on it that is none of the step's own."""
    return lambda refused, name: show_step(find_step(name), problem=refused, deed=deed)


@audience(access.COMMUNITY)
@form(again("begin"), "begin")
def begin(name: str) -> str:
    """Open a side step, or the step that comes next where it did not open by itself."""
    at, step = here(), find_step(name)
    if step.name not in at.runs:
        # One of two who press at once waits here, and then finds it opened; or the cycle over.
        db.session.refresh(at.cycle, with_for_update=True)
        cycle.refuse_if_still(at.cycle)
        if not can_begin(step):
            raise Refused("step_not_ready")
        cycle.begin(at.beside(StepRun()), step)
    return at.url("page", name=name)


@audience(access.COMMUNITY)
def file(name: str, file_id: int) -> Response:
    """A file of a contribution, for whoever may read that contribution now."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    try:
        found, content = gate.file(turn, file_id)
    except Refused:
        abort(404)
    answer = send_file(
        io.BytesIO(content),
        found.media_type,
        # Only pictures are shown by the browser; whatever else it is, is put away.
        as_attachment=found.media_type not in attachments.PICTURES,
        download_name=speak(attachments.NAME) + attachments.ending(found.media_type),
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>")(page)
    blueprint.get("/step/<name>/file/<int:file_id>")(file)
    blueprint.post("/step/<name>/begin")(begin)
    blueprint.post("/step/<name>/<deed>")(act)
