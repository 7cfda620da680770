"""What a community keeps of what somebody did and wrote in it."""

from collections.abc import Mapping
from typing import Any

from lti_tool.domain.community.export.of import Of, Said, Shown, time
from lti_tool.domain.mechanisms import merging, totals
from lti_tool.models import Launch, Member, Score, Seat


def _contribution(of: Of, row: Any) -> Said:
    if row.kind in totals.PUBLISHED:
        # The community's, whoever's name the row has.
        return None
    if row.kind == merging.GROUP:
        # It has the name of one who sits in it, and numbers of all: each finds their own seat in `groups`.
        return None
    return of.runs[row.step_run_id] | {
        "kind": row.kind,
        "version": row.version,
        "content": row.body,
        "created": time(row.created_at),
        "changed": time(row.updated_at),
        "withdrawn": time(row.withdrawn_at),
        "stands_to_others_as": of.ties.get(row.id, []),
        "file": of.files.get(row.id),
    }


def _act(of: Of, row: Any) -> Said:
    where = of.runs.get(row.step_run_id) or ({"cycle": of.cycles[row.cycle_id]} if row.cycle_id else {})
    return where | {"act": row.kind, "detail": row.detail, "at": time(row.at)}


def _score(of: Of, row: Any) -> Said:
    return of.columns[row.line_item_id] | {
        "state": row.state,
        "arrived": row.arrived,
        "arrived_at": time(row.arrived_at),
        "last_sent": row.payload,
        "last_sent_at": time(row.sent_at),
        "sent_before": row.tried,
        "reason": row.reason,
    }


SHOWN: Mapping[str, Shown] = {
    "contribution.member_id": Shown("contributions", _contribution),
    "revision.member_id": Shown(
        "earlier_versions",
        lambda of, row: (
            of.kinds[row.contribution_id]
            | {"version": row.version, "content": row.body, "created": time(row.created_at)}
            if of.kinds[row.contribution_id]["kind"] != merging.GROUP
            else None
        ),
    ),
    "dot.member_id": Shown(
        "dots", lambda of, row: of.rounds[row.round_id] | {"contribution": row.contribution_id, "dots": row.count}
    ),
    "consent.member_id": Shown(
        "decisions",
        lambda of, row: of.rounds[row.round_id] | {"answer": row.answer, "words": row.body, "at": time(row.at)},
    ),
    "moment.member_id": Shown(
        "participation", lambda of, row: of.runs[row.step_run_id] | {"moment": row.kind, "at": time(row.at)}
    ),
    "note.member_id": Shown("notes_to_confirm", lambda of, row: of.runs[row.step_run_id] | {"content": row.body}),
    # What a colleague said and this person typed: the words are in it, the colleague's name is not.
    "note.taker_id": Shown("notes_for_others", lambda of, row: of.runs[row.step_run_id] | {"content": row.body}),
    "pass.member_id": Shown("passed", lambda of, row: of.runs[row.step_run_id] | {"stage": row.stage}),
    "reopening.member_id": Shown(
        "reopened",
        lambda of, row: (
            of.runs[row.step_run_id] | {"reason": row.reason, "at": time(row.at), "opened": time(row.opened_at)}
        ),
    ),
    "yield_share.member_id": Shown(
        "yields_shared",
        lambda of, row: {"cycle": of.cycles[row.cycle_id], "content": row.body, "at": time(row.at)},
    ),
    "act.member_id": Shown("acts", _act),
    "act.about_id": Shown("acts_about", _act),
    "draft.member_id": Shown("drafts", lambda _of, row: {"content": row.body, "kept": time(row.saved_at)}),
    "journal_entry.member_id": Shown(
        "journal",
        lambda _of, row: {"text": row.text, "created": time(row.created_at), "changed": time(row.updated_at)},
    ),
    "member.person_id": Shown(
        "",
        lambda _of, row: {
            "number": row.number,
            "joined": time(row.joined_at),
            "takes_part_as": row.standing,
            "facilitates": row.facilitates,
            "facilitated_on": row.facilitated_on.isoformat() if row.facilitated_on else None,
            "leads": row.leads,
            "opened": time(row.opened_at),
            "away_until": time(row.away_until),
            "away_by_own_word": row.away_own,
            "away_since": time(row.away_since),
            "away_and_seen": time(row.away_seen_at),
            "ask_me_about": row.ask_me,
            "a_text_was_hidden": row.to_mend,
            "put_here_by_hand": row.by_hand,
            "sits_here_of_several": row.sits,
        },
        lambda of: (Member.community_id == of.community.id,),
    ),
    "seat.person_id": Shown(
        "seat",
        lambda _of, row: {
            "role_at_launch": row.launch_role,
            "role_in_roster": row.roster_role,
            "present": row.present,
            "gone": time(row.gone_at),
            "first_seen": time(row.first_seen_at),
            "groups_in_the_learning_platform": row.group_ids.split() if row.group_ids is not None else None,
        },
        lambda of: (Seat.course_id == of.community.course_id,),
    ),
    "score.person_id": Shown("scores", _score, lambda of: (Score.line_item_id.in_(of.columns),)),
    "launch.person_id": Shown(
        "launches",
        lambda _of, row: {"roles": row.roles.split(), "language": row.locale, "at": time(row.created_at)},
        lambda of: (Launch.course_id == of.community.course_id,),
    ),
}
