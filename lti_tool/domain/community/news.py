"""What was done that all of a community should know of, for a line at home while it is new: facilitating, a pause."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from lti_tool.db import UtcDateTime, now, plain
from lti_tool.domain.community.acts import Kind
from lti_tool.domain.cycle import Turn
from lti_tool.models import Act
from lti_tool.models.provision import Role
from lti_tool.text import Text

# A line stands so long, and no more than so many do, of so many acts that are looked at.
NEW = dt.timedelta(days=14)
MOST, LOOKED_AT = 3, 12

_TAKEN = Text("%(who)s begeleidt nu.", "%(who)s facilitates now.")
_TAKEN_OVER = Text("%(who)s nam het begeleiden over.", "%(who)s took facilitating over.")
_NAMED = Text("%(whom)s begeleidt nu ook. Dat vroeg %(who)s.", "%(whom)s facilitates too now. %(who)s asked for that.")
_YOU = Text("Jij begeleidt nu ook. Dat vroeg %(who)s.", "You facilitate too now. %(who)s asked for that.")

_CORRECTED = Text("%(who)s paste aan wat %(whom)s hier doet.", "%(who)s corrected what %(whom)s does here.")
_YOURS_CORRECTED = Text("%(who)s paste aan wat jij hier doet.", "%(who)s corrected what you do here.")

_SPLIT = Text(
    "%(who)s splitste deze leergemeenschap: een deel van jullie gaat verder in een eigen leergemeenschap.",
    "%(who)s split this community: some of you go on in one of their own.",
)
_SPLIT_OFF = Text(
    "%(who)s maakte deze leergemeenschap. Jullie beginnen hier aan een eigen eerste cyclus.",
    "%(who)s made this community. Here you begin a first cycle of your own.",
)

_OUTSIDE = Text(
    "%(who)s koos iemand buiten deze groep om uren goed te keuren. Bij de potten staat wie.",
    "%(who)s chose somebody outside this group to approve hours. The pots say whom.",
)
_OUTSIDE_NO_LONGER = Text(
    "%(who)s liet iemand buiten deze groep geen uren meer goedkeuren.",
    "%(who)s had somebody outside this group approve hours no longer.",
)

_LISTED: Mapping[str, tuple[Text, Text]] = {
    Role.FACILITATOR: (
        Text(
            "%(whom)s begeleidt nu. Dat staat zo op de lijst van de school.",
            "%(whom)s facilitates now. The school’s list says so.",
        ),
        Text(
            "Jij begeleidt nu. Dat staat zo op de lijst van de school; klopt het niet, dan kun je ermee stoppen.",
            "You facilitate now. The school’s list says so; if that is not right, you can stop.",
        ),
    ),
    Role.DEPUTY: (
        Text(
            "%(whom)s kan het begeleiden overnemen. Dat staat zo op de lijst van de school.",
            "%(whom)s can take facilitating up. The school’s list says so.",
        ),
        Text(
            "Jij kunt het begeleiden overnemen als dat nodig is. Dat staat zo op de lijst van de school.",
            "You can take facilitating up when that is needed. The school’s list says so.",
        ),
    ),
    Role.LEADER: (
        Text(
            "%(whom)s geeft leiding aan collega’s in deze groep. Dat staat zo op de lijst van de school.",
            "%(whom)s leads colleagues in this group. The school’s list says so.",
        ),
        Text(
            "Jij staat hier als leidinggevende. Dat staat zo op de lijst van de school.",
            "You are here as somebody who leads. The school’s list says so.",
        ),
    ),
}
_UNLISTED = (
    Text(
        "%(whom)s staat niet meer op de lijst van de school, en is hier geen %(role)s meer.",
        "%(whom)s is no longer on the school’s list, and is no %(role)s here any more.",
    ),
    Text(
        "Jij staat niet meer op de lijst van de school, en bent hier geen %(role)s meer.",
        "You are no longer on the school’s list, and are no %(role)s here any more.",
    ),
)
_ROLES: Mapping[str, Text] = {
    Role.FACILITATOR: Text("begeleider", "facilitator"),
    Role.DEPUTY: Text("vervanger", "deputy"),
    Role.LEADER: Text("leidinggevende", "leader"),
}


def _listed(detail: Mapping[str, Any], me: bool) -> Text:
    """What a school's list made of somebody (community.listed)."""
    if not detail.get("back"):
        return _LISTED[detail["role"]][me]
    words, role = _UNLISTED[me], _ROLES[detail["role"]]
    return Text(words.nl.replace("%(role)s", role.nl), words.en.replace("%(role)s", role.en))


_WORDS: Mapping[str, Callable[[Mapping[str, Any], bool], Text]] = {
    Kind.ROLE_TAKEN: lambda detail, _me: _TAKEN_OVER if detail.get("over") else _TAKEN,
    Kind.ROLE_NAMED: lambda _detail, me: _YOU if me else _NAMED,
    Kind.ROLE_STOPPED: lambda *_: Text("%(who)s begeleidt niet meer.", "%(who)s facilitates no longer."),
    Kind.ROLE_RESUMED: lambda *_: Text("%(who)s begeleidt weer mee.", "%(who)s facilitates again."),
    Kind.ASKED_AGAIN: lambda *_: Text(
        "%(who)s liet %(whom)s opnieuw kiezen wat die hier doet.",
        "%(who)s had %(whom)s choose again what they do here.",
    ),
    Kind.STANDING_CORRECTED: lambda _detail, me: _YOURS_CORRECTED if me else _CORRECTED,
    Kind.COMMUNITY_SPLIT: lambda detail, _me: _SPLIT_OFF if detail.get("new") else _SPLIT,
    Kind.COMMUNITY_JOINED: lambda *_: Text(
        "%(who)s voegde een andere leergemeenschap van deze school hierbij: er zijn collega’s bij gekomen.",
        "%(who)s joined another community of this school with this one: colleagues have come in.",
    ),
    Kind.CYCLE_PAUSED: lambda *_: Text("%(who)s pauzeerde deze cyclus.", "%(who)s paused this cycle."),
    Kind.CYCLE_RESUMED: lambda *_: Text("%(who)s liet deze cyclus weer verdergaan.", "%(who)s let this cycle go on."),
    Kind.REOPENING_PROPOSED: lambda *_: Text(
        "%(who)s stelde voor om een afgeronde stap weer te openen. Op de bladzijde van die stap staat waarom.",
        "%(who)s proposed opening a completed step again. That step's page says why.",
    ),
    Kind.LEAD_TAKEN_BACK: lambda *_: Text(
        "%(who)s geeft aan dat die geen leiding geeft aan collega’s in deze groep.",
        "%(who)s says that they do not lead colleagues in this group.",
    ),
    Kind.LISTED: _listed,
    Kind.POT_APPROVER_OUTSIDE: lambda detail, _me: _OUTSIDE if detail.get("named") else _OUTSIDE_NO_LONGER,
}

_BEGINS = frozenset({Kind.ROLE_TAKEN, Kind.ROLE_NAMED, Kind.ROLE_RESUMED})
_FACILITATING = _BEGINS | {Kind.ROLE_STOPPED}
# What nobody of the community did: an administrator, then. Without a name there, what the clock does is no news.
_BY_ADMINISTRATOR = [str(each) for each in (Kind.ROLE_NAMED, Kind.ASKED_AGAIN, Kind.CYCLE_PAUSED)]
_BY_ADMINISTRATOR += [str(each) for each in (Kind.COMMUNITY_SPLIT, Kind.COMMUNITY_JOINED)]
ADMINISTRATOR = Text("de beheerder", "the administrator")
_OF_CYCLE = [str(each) for each in (Kind.CYCLE_PAUSED, Kind.CYCLE_RESUMED, Kind.REOPENING_PROPOSED)]

# Every home asks this. Built once, it is hot.
_NEW = (
    select(Act.kind, Act.member_id, Act.about_id, Act.detail)
    .where(
        Act.community_id == bindparam("community"),
        Act.kind.in_([str(kind) for kind in _WORDS]),
        Act.at > bindparam("since", type_=UtcDateTime()),
        or_(
            # What a school's list did, nobody of the community did, and whom it is about reads it too.
            Act.kind == Kind.LISTED,
            and_(Act.member_id != bindparam("me"), Act.kind != Kind.STANDING_CORRECTED),
            and_(Act.member_id.is_(None), Act.kind.in_(_BY_ADMINISTRATOR)),
            and_(Act.member_id.is_(None), Act.kind == Kind.STANDING_CORRECTED, Act.about_id.is_not(None)),
        ),
        # What was done in an earlier cycle says nothing of this one.
        or_(Act.cycle_id.is_(None), Act.cycle_id == bindparam("cycle"), Act.kind.not_in(_OF_CYCLE)),
    )
    .order_by(Act.id.desc())
    .limit(LOOKED_AT)
)


def news(turn: Turn, free: bool) -> list[Text]:
    """What others did lately, the newest first, in whole sentences; of each person what holds now.

    free: whether facilitating is free to be taken over (members.is_free): then nobody is said to do it.
    """
    me = turn.member.id if turn.member else 0
    keys = {"community": turn.community.id, "since": now() - NEW, "me": me, "cycle": turn.cycle.id}
    found: dict[tuple[bool, int], Text] = {}
    for row in plain(turn.session, _NEW, keys):
        words = _WORDS[row.kind](row.detail, row.about_id == me)
        # Whoever facilitates again has not stopped, nor begun only now.
        said = row.kind in _FACILITATING, row.about_id or row.member_id or 0
        if row.about_id is not None and row.about_id not in turn.people:
            continue
        if not (free and row.kind in _BEGINS):
            found.setdefault(said, _with_names(words, turn, row.member_id, row.about_id))
    return list(found.values())[:MOST]


def _with_names(words: Text, turn: Turn, who: int | None, whom: int | None) -> Text:
    names = {"who": ADMINISTRATOR if who is None else turn.people[who].name}
    if whom is not None:
        names["whom"] = turn.people[whom].name
    nl, en = (
        words.nl % {key: name.nl for key, name in names.items()},
        words.en % {key: name.en for key, name in names.items()},
    )
    return Text(nl[:1].upper() + nl[1:], en[:1].upper() + en[1:]) if who is None else Text(nl, en)
