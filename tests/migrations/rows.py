"""Rows as they were written at each revision: at least one for every table that the revision brings.

A new revision adds its own entry: revision -> table -> rows. Rows go in at that revision, into the tables
as they were then, so these are plain values and never models, which show the newest revision only. A
revision that adds a column to a table with rows need not add anything; one that fills it may add rows.
"""

import datetime as dt
from typing import Any

AT = dt.datetime(2026, 11, 24, 9, 30, 15, 250000, dt.UTC)
LATER = AT + dt.timedelta(days=3)
ISSUER = "https://moodle.example"

ROWS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "0001": {
        "registration": [
            {
                "id": 1,
                "issuer": ISSUER,
                "client_id": "A7ah603Alv4CLZK",
                "name": "Openbare Scholengroep Zuid",
                "family": "moodle",
                "auth_login_url": f"{ISSUER}/mod/lti/auth.php",
                "auth_token_url": f"{ISSUER}/mod/lti/token.php",
                "token_audience": None,
                "key_set_url": f"{ISSUER}/mod/lti/certs.php",
                "key_set": {"keys": [{"kty": "RSA", "kid": "één"}]},
                "key_set_at": AT,
                "scopes": "a b",
                "created_at": AT,
                "updated_at": LATER,
            }
        ],
        "deployment": [
            {"id": 1, "registration_id": 1, "deployment_id": "1", "approved": True, "first_seen_at": AT},
            {"id": 2, "registration_id": 1, "deployment_id": "2", "approved": False, "first_seen_at": AT},
        ],
        "invite": [
            {
                "id": 1,
                "code_hash": "0" * 64,
                "created_at": AT,
                "expires_at": LATER,
                "used_at": None,
                "registration_id": 1,
            }
        ],
        "login_attempt": [
            {
                "state": "s",
                "nonce": "n",
                "registration_id": 1,
                "deployment_id": "1",
                "target_link_uri": "https://tool.example/lti/launch",
                "storage_target": "_parent",
                "reopen_url": f"{ISSUER}/mod/lti/view.php?id=3",
                "created_at": AT,
                "used_at": None,
            }
        ],
        "person": [
            {"id": 1, "issuer": ISSUER, "sub": "4", "name": "Fatima Öztürk", "locale": "nl", "created_at": AT},
            {"id": 2, "issuer": ISSUER, "sub": "5", "name": "", "locale": None, "created_at": AT},
        ],
        "course": [
            {
                "id": 1,
                "deployment_id": 1,
                "context_id": "2",
                "title": "Leergemeenschap Praktijkonderwijs",
                "history": ["1"],
                "memberships_url": f"{ISSUER}/memberships",
                "roster": {"members": 31, "new": 2, "gone": 1},
                "roster_at": AT,
                "created_at": AT,
            }
        ],
        "seat": [
            {
                "id": 1,
                "course_id": 1,
                "person_id": 1,
                "launch_role": "learner",
                "roster_role": "learner",
                "present": True,
                "gone_at": None,
                "first_seen_at": AT,
            },
            {
                "id": 2,
                "course_id": 1,
                "person_id": 2,
                "launch_role": None,
                "roster_role": "learner",
                "present": False,
                "gone_at": LATER,
                "first_seen_at": AT,
            },
        ],
        "community": [{"id": 1, "course_id": 1, "group_id": "", "name": "Team PrO", "locale": "nl", "founded_at": AT}],
        "member": [
            {
                "id": number,
                "community_id": 1,
                "person_id": number,
                "number": number,
                "standing": "member",
                "facilitates": number == 1,
                "leads": False,
                "joined_at": AT,
            }
            for number in (1, 2)
        ],
        "cycle": [{"id": 1, "community_id": 1, "number": 1, "started_at": AT, "closed_at": None}],
        "step_run": [
            {
                "id": 1,
                "cycle_id": 1,
                "step": "ambition",
                "stage": "decide",
                "stage_since": AT,
                "closes_at": LATER,
                "opened_at": AT,
                "closed_at": None,
            }
        ],
        "contribution": [
            {
                "id": number,
                "step_run_id": 1,
                "kind": "idea",
                "member_id": number,
                "body": {"text": "ze zelf vertellen wat ze leerden", "n": number},
                "version": number,
                "created_at": AT,
                "updated_at": LATER,
                "withdrawn_at": None,
            }
            for number in (1, 2)
        ],
        "revision": [
            {
                "id": 1,
                "contribution_id": 2,
                "version": 1,
                "member_id": 2,
                "body": {"text": "eerst zo"},
                "created_at": AT,
            }
        ],
        "link": [{"id": 1, "from_id": 2, "to_id": 1, "kind": "answers"}],
        "round": [
            {
                "id": 1,
                "step_run_id": 1,
                "kind": "dots",
                "subject_id": None,
                "subject_version": None,
                "opened_at": AT,
                "closed_at": LATER,
                "outcome": "counted",
            },
            {
                "id": 2,
                "step_run_id": 1,
                "kind": "consent",
                "subject_id": 1,
                "subject_version": 1,
                "opened_at": AT,
                "closed_at": None,
                "outcome": None,
            },
        ],
        "dot": [{"id": 1, "round_id": 1, "member_id": 1, "contribution_id": 2, "count": 3}],
        "consent": [
            {"id": 1, "round_id": 2, "member_id": 2, "answer": "concern", "body": {"concern": "te vroeg"}, "at": AT}
        ],
        "moment": [{"id": 1, "step_run_id": 1, "member_id": 1, "kind": "input", "at": AT}],
        "draft": [{"id": 1, "member_id": 1, "form": "1:idea", "body": {"text": "half"}, "saved_at": AT}],
        "resource_link": [
            {
                "id": 1,
                "deployment_id": 1,
                "resource_link_id": "3",
                "course_id": 1,
                "community_id": 1,
                "title": "1 Ambitie",
                "step": "ambition",
                "cycle_number": 1,
                "passback": "moments",
                "line_items_url": f"{ISSUER}/lineitems",
                "line_item_url": f"{ISSUER}/lineitems/3/lineitem",
                "line_item_gone": False,
                "scopes": "a b",
                "created_at": AT,
            }
        ],
        "score": [
            {
                "id": 1,
                "resource_link_id": 1,
                "person_id": 1,
                "state": "waiting",
                "payload": {"scoreGiven": 33, "timestamp": "2026-11-24T09:30:15.000Z"},
                "tried": [33],
                "sent_at": AT,
                "arrived": None,
                "arrived_at": None,
                "reason": "status_500",
            }
        ],
        "browser_session": [{"token_hash": "1" * 64, "person_id": 1, "created_at": AT}],
        "launch": [
            {
                "id": "L1",
                "session_hash": "1" * 64,
                "handover_hash": None,
                "handover_expires_at": None,
                "storage_proof": None,
                "person_id": 1,
                "deployment_id": 1,
                "course_id": 1,
                "resource_link_id": 1,
                "roles": "learner",
                "locale": "nl",
                "reopen_url": "",
                "frame_ancestors": "'self'",
                "deep_linking": None,
                "created_at": AT,
            }
        ],
        "outbox": [
            {
                "id": number,
                "kind": "score",
                "key": "1:1",
                "ids": {"link": 1, "person": 1},
                "due_at": LATER,
                "attempts": number - 1,
                "leased_until": None,
                "done_at": None,
                "stopped_at": None,
                "reason": None,
                "created_at": AT,
            }
            for number in (1, 2)
        ],
        "worker_beat": [{"name": "worker-1", "at": AT}],
    },
    "0002": {
        "cycle": [{"id": 2, "community_id": 1, "number": 2, "started_at": AT, "closed_at": None}],
        "step_run": [
            {
                "id": 2,
                "cycle_id": 2,
                "step": "ambition",
                "stage": "closed",
                "stage_since": LATER,
                "closes_at": None,
                "opened_at": AT,
                "closed_at": LATER,
            }
        ],
        "contribution": [
            {
                "id": 11,
                "step_run_id": 2,
                "kind": "proposal",
                "member_id": 1,
                "body": {"text": "Over een jaar vertellen ze het zelf."},
                "version": 2,
                "created_at": AT,
                "updated_at": LATER,
                "withdrawn_at": None,
            }
        ],
        "reopening": [
            {
                "id": 1,
                "step_run_id": 1,
                "member_id": 1,
                "reason": "de tekst was te groot",
                "outcome": "Onze ambitie",
                "closed_at": AT,
                "at": LATER,
            }
        ],
        "attachment": [
            {
                "id": 1,
                "contribution_id": 1,
                "name": "bord.png",
                "media_type": "image/png",
                "size": 8,
                "content": b"\x89PNG\r\n\x1a\n",
                "created_at": AT,
            }
        ],
        "note": [
            {
                "id": 1,
                "step_run_id": 1,
                "member_id": 1,
                "taker_id": 1,
                "action": "idea",
                "body": {"text": "rust"},
                "created_at": AT,
            }
        ],
        "journal_entry": [{"id": 1, "member_id": 1, "text": "Vandaag lukte het.", "created_at": AT, "updated_at": AT}],
    },
    "0003": {
        "community": [
            {"id": 2, "course_id": 1, "group_id": "7", "name": "Team Groen", "locale": "nl", "founded_at": AT}
        ],
        "yield_share": [
            {
                "id": 1,
                "cycle_id": 1,
                "community_id": 2,
                "member_id": 1,
                "body": {"text": "Samen lezen helpt.", "lessons": ["Begin klein."]},
                "at": LATER,
            }
        ],
    },
    "0004": {
        "act": [
            {
                "id": 101,
                "community_id": 1,
                "cycle_id": 1,
                "step_run_id": 1,
                "kind": "stage_moved",
                "member_id": 1,
                "about_id": None,
                "detail": {"was": "ideas", "to": "respond"},
                "at": LATER,
            }
        ],
    },
    "0005": {"platform_rest": [{"registration_id": 1, "failures": 2, "since": AT, "until": LATER}]},
    "0007": {
        "alarm": [
            {
                "id": 1,
                "registration_id": 1,
                "about": "roster:1",
                "course_id": 1,
                "reason": "status_403",
                "failures": 2,
                "since": AT,
                "until": LATER,
            }
        ]
    },
    "0008": {"burnt_nonce": [{"nonce": "n", "created_at": AT}]},
    "0014": {"pause": [{"id": 1, "cycle_id": 1, "began_at": AT, "ended_at": LATER}]},
    "0016": {"pass": [{"id": 1, "step_run_id": 1, "member_id": 1, "stage": "ideas"}]},
    "0017": {
        "round": [
            {
                "id": 17,
                "step_run_id": 1,
                "kind": "consent",
                "subject_id": None,
                "subject_version": None,
                "opened_at": AT,
                "closed_at": LATER,
                "outcome": "adopted",
                "circle": 17,
                "set_away": 2,
            }
        ],
        "person": [
            {"id": 17, "issuer": ISSUER, "realm": "", "sub": "17", "name": "Ruben", "locale": None, "created_at": AT}
        ],
        "member": [
            {
                "id": 17,
                "community_id": 1,
                "person_id": 17,
                "number": 17,
                "standing": "member",
                "facilitates": False,
                "leads": False,
                "joined_at": AT,
                "opened_at": None,
                "away_until": LATER,
                "away_own": False,
                "away_since": AT,
                "away_seen_at": LATER,
            }
        ],
    },
    "0025": {
        "meeting": [
            {
                "id": 1,
                "community_id": 1,
                "cycle_id": 1,
                "started_at": AT,
                "ended_at": LATER,
                "agenda": [{"step": "ambition", "stage": "ideas", "minutes": 5}],
                "clock_for": AT,
                "clock_ends_at": LATER,
                "next_on": LATER.date(),
                "next_time": dt.time(15, 30),
            }
        ],
        "parked": [{"id": 1, "meeting_id": 1, "text": "Hoe doen we dit met de stages?"}],
    },
    "0026": {
        "hours_pot": [
            {
                "id": 1,
                "community_id": 1,
                "name": "Professionele ontwikkeling",
                "first_day": dt.date(2026, 8, 1),
                "last_day": dt.date(2027, 7, 31),
                "minutes": 4980,
                "review": "before",
                "for_all": True,
                "evidence": False,
                "arranging": True,
                "caps": [{"kinds": ["own"], "per": "day", "minutes": 240, "percent": None}],
                "made_at": AT,
                "stopped_at": None,
            }
        ],
        "hours_role": [
            {"id": 1, "pot_id": 1, "person_id": 2, "role": "approver", "since": AT, "until": None},
        ],
        "hours_entry": [
            {
                "id": 1,
                "person_id": 1,
                "community_id": 1,
                "kind": "elsewhere",
                "learning": True,
                "minutes": 95,
                "day": AT.date(),
                "begins_at": AT,
                "ends_at": AT + dt.timedelta(minutes=95),
                "line": "Een middag over taal in de keuken",
                "provider": "Bureau Één",
                "created_at": AT,
            }
        ],
        "hours_proof": [{"id": 1, "entry_id": 1, "media_type": "image/png", "size": 3, "content": b"png"}],
        "hours_act": [
            {
                "id": number,
                "entry_id": 1,
                "kind": kind,
                "by_id": by,
                "pot_id": pot,
                "next_id": None,
                "words": "",
                "at": LATER,
            }
            for number, kind, by, pot in ((1, "sent", 1, 1), (2, "approved", 2, None))
        ],
        "hours_count": [
            {"id": 1, "entry_id": 1, "pot_id": 1, "act_id": 2, "minutes": 90, "overlap": 5, "above": 0, "at": LATER}
        ],
    },
    "0027": {
        "hours_session": [
            {
                "id": 1,
                "community_id": 1,
                "cycle_id": 1,
                "step": "ambition",
                "meeting_id": 1,
                "title": "Studiemiddag",
                "place": "Lokaal 12",
                "day": AT.date(),
                "begins_at": AT,
                "ends_at": AT + dt.timedelta(minutes=95),
                "secret": b"0123456789abcdef0123456789abcdef",
                "opened_by_id": 1,
                "made_at": AT,
                "closed_at": LATER,
                "cancelled_at": None,
            }
        ],
        "hours_attendance": [
            {
                "id": 1,
                "session_id": 1,
                "person_id": 2,
                "came_at": AT,
                "left_at": None,
                "present": True,
                "way": "letters",
                "attested_at": LATER,
                "disputed_at": LATER,
                "entry_id": 1,
            }
        ],
        "hours_attendance_note": [
            {
                "id": 1,
                "attendance_id": 1,
                "kind": "disputed",
                "by_id": 2,
                "came_at": AT,
                "left_at": AT + dt.timedelta(minutes=95),
                "words": "Ik was er tot het eind.",
                "at": LATER,
            }
        ],
        "hours_try": [{"id": 1, "session_id": 1, "person_id": 2, "tries": 3}],
    },
    "0028": {
        "hours_balance": [
            {
                "id": 1,
                "pot_id": 1,
                "person_id": 1,
                "planned": 4980,
                "came": 0,
                "counted": 90,
                "unaccounted": 0,
                "carried": 4890,
                "layers": [{"of": "2026-08-01", "minutes": 4890, "left": 1}],
                "at": LATER,
            }
        ],
        "hours_tariff": [
            {
                "id": 1,
                "community_id": 1,
                "steps": {"actions": {"minutes": 60, "action": 30, "most": 120}},
                "at": AT,
            }
        ],
        "hours_suggestion": [{"id": 1, "entry_id": 1, "step_run_id": 1, "piece": 0}],
        "hours_plan": [{"id": 1, "pot_id": 1, "person_id": 1, "minutes": 3000, "at": AT}],
    },
    "0029": {
        "hours_figure": [{"id": 1, "community_id": 1, "month": dt.date(2026, 12, 1), "at": LATER}],
        "hours_figure_part": [{"id": 1, "figure_id": 1, "person_id": 1, "minutes": 90}],
        "hours_join": [
            {
                "id": 1,
                "deployment_id": 1,
                "one_id": 1,
                "other_id": 2,
                "by_id": 2,
                "at": AT,
                "one_yes_at": LATER,
                "other_yes_at": None,
                "ended_at": None,
            }
        ],
    },
    "0030": {
        "hours_visit": [{"id": 1, "deployment_id": 1, "person_id": 2, "course": "Mentorklas 1A", "at": AT}],
        "hours_handed": [
            {"id": 1, "token_hash": "e" * 64, "community_id": 1, "person_id": 1, "at": AT, "until": AT},
        ],
    },
    "0031": {
        "hours_export": [
            {
                "id": 1,
                "community_id": 1,
                "person_id": 2,
                "what": "csv",
                "locale": "nl",
                "asked_at": AT,
                "made_at": LATER,
                "failed_at": None,
                "lines": 3,
                "total": 3,
                "pots": [1],
                "content": b"csv",
            }
        ],
    },
    "0032": {
        "school_split": [{"id": 1, "deployment_id": 1, "school_id": 2, "matches": "PRO-*", "created_at": AT}],
        "administrator": [
            {
                "id": 1,
                "school_id": 1,
                "person_id": 1,
                "power": "administrator",
                "named_by": None,
                "named_at": AT,
                "ended_at": None,
            },
        ],
        "administrator_request": [
            {"id": 1, "school_id": 1, "person_id": 2, "asked_at": AT, "answered_at": None, "granted": None},
        ],
        "administrator_code": [
            {
                "id": 1,
                "registration_id": 1,
                "code_hash": "f" * 64,
                "created_at": AT,
                "expires_at": LATER,
                "used_at": None,
                "tries": 0,
                "tried_at": None,
            },
        ],
        "setting": [
            {
                "id": 1,
                "registration_id": None,
                "school_id": 1,
                "course_id": None,
                "name": "locale",
                "value": {"locale": "nl"},
                "set_by": 1,
                "set_at": AT,
            },
        ],
        "school_act": [
            {
                "id": 1,
                "school_id": 1,
                "registration_id": None,
                "course_id": None,
                "community_id": None,
                "kind": "administrator_named",
                "person_id": None,
                "about_id": 1,
                "detail": {},
                "at": AT,
            },
        ],
    },
    "0033": {
        "provision_line": [
            {
                "id": 1,
                "school_id": 1,
                "course_id": 1,
                "key": "course:1",
                "lms_id": "2",
                "sis_id": "sis-PRO",
                "short_name": "PRO",
                "title": "PLG",
                "template": "",
                "settings": "",
                "pots": "",
                "listed": True,
                "since": AT,
            },
        ],
        "provision_part": [
            {
                "id": 1,
                "line_id": 1,
                "role": "facilitator",
                "named_by": "email",
                "named_hash": None,
                "mark": "a" * 64,
                "person_id": 1,
                "trouble": None,
                "listed": True,
                "since": AT,
                "in_force_at": AT,
            },
        ],
        "provision_run": [
            {
                "id": 1,
                "school_id": 1,
                "person_id": 1,
                "lines": "",
                "answers": {},
                "shown": "b" * 64,
                "done": 1,
                "of": 1,
                "over": True,
                "refused": None,
                "asked_at": AT,
            },
        ],
    },
    "0034": {
        "hours_assigned": [{"id": 1, "session_id": 1, "pot_id": 1, "by_id": 2, "at": AT, "until": None}],
    },
    "0035": {
        "origin": [{"id": 1, "key": "0" * 32, "course_id": 1, "made_at": AT}],
        "template": [{"id": 1, "course_id": 1, "marked_at": AT}],
        "template_copy": [{"id": 1, "course_id": 1, "template_id": 1, "begun_at": AT}],
    },
    "0036": {
        "year_turn": [
            {
                "id": 1,
                "school_id": 1,
                "what": "pause",
                "until": dt.date(2026, 8, 24),
                "asked_by": 1,
                "asked_at": AT,
                "applied_by": None,
                "applied_at": None,
            },
        ],
        "year_turn_line": [
            {"id": 1, "year_turn_id": 1, "community_id": 1, "looked_at": AT, "why": "at_work", "done_at": None},
        ],
    },
    "0039": {
        "hours_pot": [
            {
                "id": 2,
                "community_id": None,
                "school_id": 1,
                "everywhere": False,
                "joined_id": None,
                "name": "Scholing van de school",
                "first_day": dt.date(2026, 8, 1),
                "last_day": dt.date(2027, 7, 31),
                "minutes": 600,
                "review": "before",
                "for_all": True,
                "evidence": False,
                "arranging": True,
                "caps": [],
                "made_at": AT,
                "stopped_at": None,
                "carries": 0,
                "surplus": False,
                "closed_at": None,
                "next_id": None,
                "whose": "",
                "decision": "own",
                "rounds": None,
            }
        ],
        "hours_pot_place": [{"id": 1, "pot_id": 2, "community_id": 1, "since": AT, "until": None}],
        "hours_named": [
            {"id": 1, "pot_id": 2, "role": "approver", "named_by": "email", "named_hash": "a" * 64, "at": AT},
        ],
    },
    "0040": {
        "platform_move": [
            {"id": 1, "old_id": 1, "new_id": 1, "moved_at": AT, "undone_at": LATER, "record": {}},
        ],
        "practice": [{"id": 1, "course_id": 1, "person_id": 1, "until": LATER}],
    },
}
