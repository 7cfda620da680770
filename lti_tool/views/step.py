"""A step's page, and what members do on it. Knows no step by name."""

import io
from typing import Any

from flask import Blueprint, abort, redirect, request, send_file
from flask_babel import gettext as _
from markupsafe import escape
from sqlalchemy import bindparam, delete, select
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.db import db
from lti_tool.domain import Refused, access, attachments, contributions, cycle, notes, participation, restart, roster
from lti_tool.domain.access import Audience, Seen
from lti_tool.domain.cycle import Turn
from lti_tool.domain.restart import Inherited
from lti_tool.i18n import last_day, speak
from lti_tool.models import Draft, Note, StepRun
from lti_tool.observe import log
from lti_tool.parts import parts
from lti_tool.steps.base import Step
from lti_tool.views import FormError, audience, here, inherit, load_form, show
from lti_tool.views.forms import MAX_UPLOAD, Filled, posted, uploaded


def find_step(name: str) -> Step:
    """The step of that name, or 404."""
    step = parts().steps.by_name.get(name)
    if step is None:
        abort(404)
    return step


@audience(access.COMMUNITY)
def page(name: str) -> Response:
    """A step of the launch's own cycle."""
    return show_step(find_step(name))


def show_step(
    step: Step,
    *,
    problem: Refused | None = None,
    errors: dict[str, list[str]] | None = None,
    typed: dict[str, Any] | None = None,
    action: str = "",
) -> Response:
    """The step's page; after a refused form with what is wrong beside the field, and everything typed."""
    at = here()
    turn = at.turn(step)
    values: dict[str, Any] = {
        "step": step,
        "turn": turn,
        "problem": problem,
        "errors": errors or {},
        "typed": typed or {},
        "failed": action,
        "given_back": [],
        "message": _done_message(step),
        "can_begin": turn is None and can_begin(step),
        "moved_on": inherit.moved_on(at, step),
        "standing": inherit.standing(at, step),
    }
    if turn is not None:
        drafts = _drafts(turn.run.id)
        inherited = restart.inherited(turn) if inherit.shows(step, turn.run) else None
        values.update(
            run=turn.run,
            present=len(turn.present_ids),
            stage=step.stage(turn),
            task=step.task(turn) if at.takes_part else None,
            waiting=step.waiting(turn) if at.cycle.closed_at is None else None,
            drafts=drafts,
            fill=_filler(step, turn, drafts, action if problem else "", typed or {}, errors or {}, inherited),
            inherited=inherited,
            notes=[(note, _noted(step, turn, note)) for note in notes.mine(turn)] if at.takes_part else [],
            reopenings=cycle.reopenings(turn),
            **step.summary(turn),
        )
        if at.member and not step.side and access.may_see(at.viewer, Seen.OWN_MOMENTS):
            values["moments"] = participation.moments_of(db.session(), turn.run, at.member)
            values["receipt"] = participation.receipt(
                db.session(), turn.run, at.community.id, at.cycle.number, at.person.id
            )
    status = 422 if problem or errors else 200
    page = show(step.template, status, **values)
    if problem and (lost := _not_on(page)):
        page = show(step.template, status, **{**values, "given_back": lost})
    return page


def can_begin(step: Step) -> bool:
    """Whether this step can be opened now: a side step always, another once the one before it is completed."""
    at = here()
    if not step.stages or step.name in at.runs or at.cycle.closed_at is not None:
        return False
    before = [each for each in parts().steps if each.position < step.position]
    return step.side or (bool(before) and all((run := at.runs.get(e.name)) and run.closed_at for e in before))


def _filler(
    step: Step,
    turn: Turn,
    drafts: dict[str, Draft],
    failed: str,
    typed: dict[str, Any],
    errors: dict[str, list[str]],
    inherited: Inherited | None = None,
) -> Any:
    """`fill(action, key)` of the templates: the form of that action, key telling several of them apart."""
    at = here()
    wanted = request.args.get("take", "")
    taken = inherit.taken_over(step, inherited, wanted) if inherited and not failed else {}

    def fill(name: str, key: str = "") -> Filled:
        declared = step.action(name)
        assert declared is not None, name
        key = key or name
        full = f"{turn.run.id}:{key}"
        mine = failed == name and typed.get("draft", full) == full
        return Filled(
            url=at.url("act", name=step.name, action=name),
            key=key,
            draft_url=at.url("draft") if declared.drafts else "",
            full=full,
            file=declared.file,
            typed=typed if mine else taken.get((name, key)),
            errors=errors if mine else {},
            draft=drafts.get(key),
            over=at.cycle.closed_at is not None,
        )

    return fill


def _noted(step: Step, turn: Turn, note: Note) -> list[tuple[Any, Any]]:
    """What a note says, as (label, words)."""
    declared = step.action(note.action)
    shown = []
    for field in declared.noted if declared else ():
        said = note.body.get(field.name, "")
        if field.options:
            said = next((label for value, label in field.options(turn) if value == said), said)
        shown.append((field.label, said))
    return shown


def _not_on(page: Response) -> list[str]:
    """What was typed in the form that was just refused and that the page does not show: its form may be gone."""
    body = page.get_data(as_text=True)
    return [text for text in web.typed_texts() if str(escape(text)) not in body]


def _done_message(step: Step) -> Any:
    action = step.action(request.args.get("done", ""))
    if action:
        return action.done
    return _("The community has moved on.") if request.args.get("done") == "moved" else None


_DRAFTS = select(Draft).where(Draft.member_id == bindparam("member"), Draft.form.like(bindparam("forms")))


def _drafts(run_id: int) -> dict[str, Draft]:
    at = here()
    if at.member is None:
        return {}
    rows = db.session.scalars(_DRAFTS, {"member": at.member.id, "forms": f"{run_id}:%"})
    return {row.form.partition(":")[2]: row for row in rows}


def draft_name() -> str:
    """The name of the draft that the posted form is or had; "" for what cannot be one."""
    name = request.form.get("draft", "")
    return name if len(name) <= 96 and name.isprintable() else ""


@audience(frozenset({Audience.MEMBER}))
def act(name: str, action: str) -> Response:
    """Do one of the step's actions: its form, its rows, its moment and its score in one transaction."""
    at, step = here(), find_step(name)
    declared, turn = step.action(action), at.turn(step)
    if declared is None or turn is None:
        abort(404)
    if declared.file:
        request.max_content_length = MAX_UPLOAD
    typed = posted()
    try:
        data = load_form(declared.schema, request.form)
        if declared.file:
            data["file"] = uploaded()
        moment = step.perform(turn, declared, data)
        if moment is not None:
            participation.mark(db.session(), turn.run, turn.me, moment)
        if draft := draft_name():
            db.session.execute(delete(Draft).where(Draft.member_id == turn.me.id, Draft.form == draft))
    except FormError as error:
        log.info("form_refused", step=name, action=action, reason=str(error.errors))
        # Said above the page too: the field may be none that is seen, or gone since the page was opened.
        code = "not_like_this" if turn.run.stage in declared.stages else "not_in_this_stage"
        problem = Refused("cycle_closed" if at.cycle.closed_at else code)
        return show_step(step, problem=problem, errors=dict(error.errors), typed=typed, action=action)
    except Refused as refused:
        db.session.rollback()
        log.info("form_refused", step=name, action=action, reason=refused.code)
        return show_step(step, problem=refused, typed=typed, action=action)
    return redirect(at.url("page", name=name, done=action), 303)


@audience(access.COMMUNITY)
def begin(name: str) -> Response:
    """Open a side step, or the step that comes next where it did not open by itself."""
    at, step = here(), find_step(name)
    if step.name not in at.runs:
        # One of two who press at once waits here, and then finds it opened; or the cycle over.
        db.session.refresh(at.cycle, with_for_update=True)
        if not can_begin(step):
            code = "cycle_closed" if at.cycle.closed_at else "step_not_ready"
            log.info("form_refused", step=name, action="begin", reason=code)
            return show_step(step, problem=Refused(code))
        cycle.begin(Turn(db.session(), at.community, at.cycle, StepRun(), at.member), step)
    return redirect(at.url("page", name=name), 303)


@audience(access.COMMUNITY)
def file(name: str, file_id: int) -> Response:
    """A file of a contribution, for whoever may read that contribution now."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None:
        abort(404)
    try:
        found = attachments.get(turn, file_id, contributions.visible(turn, step.stage(turn))[0])
    except Refused:
        abort(404)
    answer = send_file(
        io.BytesIO(found.content),
        found.media_type,
        # Only pictures are shown by the browser; whatever else it is, is put away.
        as_attachment=found.media_type not in attachments.PICTURES,
        download_name=found.name,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@audience(frozenset({Audience.FACILITATOR}))
def invitations(name: str) -> Response:
    """Who could still be invited in the open stage: names, no counts, no history."""
    at, step = here(), find_step(name)
    turn = at.turn(step)
    if turn is None or turn.run.closed_at is not None or at.cycle.closed_at is not None:
        abort(404)
    done = step.done_members(turn)
    people = [
        (person, member.number)
        for member, person in roster.present_people(db.session(), at.community)
        if member.standing == roster.MEMBER and member.id not in done
    ]
    return show(
        "invitations.html",
        step=step,
        turn=turn,
        stage=step.stage(turn),
        people=people,
        announcement=_announcement(step, turn),
    )


def _announcement(step: Step, turn: Turn) -> str:
    """What the facilitator may put in the LMS's own announcements: nothing about anybody in particular."""
    lines = [
        _(
            "%(name)s: step %(number)s, %(title)s",
            name=turn.community.name,
            number=step.position,
            title=speak(step.title),
        )
    ]
    lines += [speak(step.question), ""]
    if waiting := step.waiting(turn):
        said = {
            "done": waiting.done,
            "all": len(turn.present_ids),
            "did": speak(waiting.one if waiting.done == 1 else waiting.many),
        }
        lines.append(_("%(done)s of the %(all)s members %(did)s.", **said))
    if turn.run.closes_at:
        lines.append(_("There is time until %(when)s.", when=last_day(turn.run.closes_at)))
    lines.append(_("Your voice counts: open the activity in the course. A few minutes is enough."))
    return "\n".join(lines)


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/step/<name>")(page)
    blueprint.get("/step/<name>/invitations")(invitations)
    blueprint.get("/step/<name>/file/<int:file_id>")(file)
    blueprint.post("/step/<name>/begin")(begin)
    blueprint.post("/step/<name>/<action>")(act)
