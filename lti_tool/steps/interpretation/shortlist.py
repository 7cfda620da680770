"""The list of attention points that is put to all: those the dots chose, each in the words it has then.

One piece for the step, a new version each time it is put, so that a round of consent is about that version. Its
links lead to every point it ever held: such a point is the community's, stays, and may be mended by anybody.
"""

from collections.abc import Sequence

from lti_tool.domain import Refused
from lti_tool.domain.cycle import Turn
from lti_tool.domain.mechanisms import consent, contributions, objections, overruling, rounds
from lti_tool.domain.reading.pieces import Gathered, Piece
from lti_tool.domain.thread.interpreting import POINT, SHORTLIST
from lti_tool.domain.ties import Tie
from lti_tool.models import Round


def put(turn: Turn, there: Gathered, chosen: Sequence[int]) -> None:
    """Let the list hold the points with these ids, in this order; none, where the dots chose none."""
    points = [there.items[each] for each in chosen]
    body = {"points": [[each.id, each.version] for each in points]}
    known = standing(there)
    if known is None:
        # The clock can close the dots: the list is brought in by whoever wrote the first point.
        by = there.written(POINT)[0].member_id
        contributions.add(turn, SHORTLIST, body, [(Tie.BUILT_FROM, each) for each in points], by=by)
        return
    contributions.revise(turn, known, body, known.version, by=known.member_id)
    held = {each.id: each for each in [*there.linked_from(known, Tie.BUILT_FROM), *points]}
    contributions.relink(turn, known, Tie.BUILT_FROM, held.values())


def standing(there: Gathered) -> Piece | None:
    """The list, once dots have chosen."""
    return there.last(SHORTLIST)


def points(there: Gathered) -> list[Piece]:
    """The points on the list, best first."""
    known = standing(there)
    return [there.items[each] for each, _ in known.body["points"] if each in there.items] if known else []


def was_chosen(there: Gathered, point: Piece) -> bool:
    """Whether dots ever chose this point."""
    known = standing(there)
    listed = known is not None and point.id in there.ids_from(known, Tie.BUILT_FROM)
    return listed or bool(there.linked_to(point, Tie.ADOPTED_FROM))


def obstacles(turn: Turn, there: Gathered) -> list[Refused]:
    """Why dots cannot choose again yet, each a refusal with its sentence."""
    if overruling.is_put(turn, changed(turn, there)):
        return []
    found = [] if there.of(POINT) else [Refused("no_points")]
    found += objections.obstacles(turn, there)
    if (objections.open_ones(turn) or objections.not_carried(turn)) and not changed(turn, there):
        found.append(Refused("points_unchanged"))
    return found


def changed(turn: Turn, there: Gathered) -> bool:
    """Whether a point on the list was mended since the last round about it, or another one was written; or they can
    be put to all as they are."""
    last = rounds.latest(turn, consent.KIND)
    return last is not None and (last.came_late or _changed(there, last))


def _changed(there: Gathered, last: Round) -> bool:
    known = standing(there)
    now = {each.id: each.version for each in points(there)}
    mended = known is not None and any(now.get(each) != version for each, version in known.body["points"])
    return mended or any(last.closed_at is None or each.created_at > last.closed_at for each in there.of(POINT))
