"""Two accounts of one person: an administrator proposes it, both say yes from their own launch, and anyone undoes it.

From then on the ledger is the person's: what counts and overlaps is looked at over both, and nobody decides on their
own under either. Nothing in the ledger is rewritten by it; which accounts are one is asked each time it is read.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.models.hours import HoursJoin

_STANDS = and_(HoursJoin.one_yes_at.is_not(None), HoursJoin.other_yes_at.is_not(None), HoursJoin.ended_at.is_(None))


def accounts(session: Session, people: Iterable[int]) -> frozenset[int]:
    """These persons' ids, and those of their other accounts."""
    ids = set(people)
    query = select(HoursJoin.one_id, HoursJoin.other_id).where(
        _STANDS, or_(HoursJoin.one_id.in_(ids), HoursJoin.other_id.in_(ids))
    )
    for one, other in session.execute(query) if ids else ():
        ids |= {one, other}
    return frozenset(ids)


@lru_cache(1024)
def of(person_id: int) -> Select[int]:
    """The same of one person, as a part of another query: it costs no statement.

    Kept: to build it takes longer than what it is a part of takes to run.
    """
    both = union_all(
        select(literal(person_id).label("id")),
        select(HoursJoin.other_id).where(_STANDS, HoursJoin.one_id == person_id),
        select(HoursJoin.one_id).where(_STANDS, HoursJoin.other_id == person_id),
    ).subquery()
    return select(both.c.id)


def apart(whose: ColumnElement[Any] | InstrumentedAttribute[Any], person_id: Any) -> ColumnElement[bool]:
    """Of a query: whether what is somebody's is not this person's, under whichever account; both are columns of it."""
    pair = or_(
        and_(HoursJoin.one_id == person_id, HoursJoin.other_id == whose),
        and_(HoursJoin.other_id == person_id, HoursJoin.one_id == whose),
    )
    return and_(whose != person_id, ~select(HoursJoin.id).where(_STANDS, pair).correlate_except(HoursJoin).exists())


def ever(session: Session, person_id: int) -> frozenset[int]:
    """A person's accounts, also those that both said yes to once, and that are no longer joined."""
    both = (HoursJoin.one_yes_at.is_not(None), HoursJoin.other_yes_at.is_not(None))
    query = select(HoursJoin.one_id, HoursJoin.other_id).where(*both)
    query = query.where(or_(HoursJoin.one_id == person_id, HoursJoin.other_id == person_id))
    return frozenset({person_id, *(each for pair in session.execute(query) for each in pair)})


def as_one(session: Session, people: Collection[int]) -> dict[int, int]:
    """Account -> the one that stands for both, of those that are joined."""
    query = select(HoursJoin.one_id, HoursJoin.other_id).where(
        _STANDS, or_(HoursJoin.one_id.in_(people), HoursJoin.other_id.in_(people))
    )
    return {max(one, other): min(one, other) for one, other in session.execute(query)} if people else {}
