"""By what a page knows that something changed: a number for each community, which grows with what others see.

Whoever changes something says so with `changed`, or with `moved` where the community is somewhere else by it: in
another round, in a pause, in a meeting. The row is written once, as the last thing before the commit: whoever waits
for it then holds nothing that its holder still wants.
"""

from typing import cast

from sqlalchemy import Table, bindparam, event, update
from sqlalchemy.orm import Session

from lti_tool.models import Community

_WAITING = "communities changed"
_TABLE = cast(Table, Community.__table__)
# Built once, they are hot: every act ends with one of them.
_CHANGED = update(_TABLE).where(_TABLE.c.id == bindparam("community")).values(version=_TABLE.c.version + 1)
_MOVED = _CHANGED.values(moved=_TABLE.c.version + 1)


def changed(session: Session, community_id: int) -> None:
    """Something of a community is not as others saw it: how many were heard, what stands on a page."""
    session.info.setdefault(_WAITING, {}).setdefault(community_id, False)


def moved(session: Session, community_id: int) -> None:
    """A community is somewhere else: pages that follow it go there."""
    session.info.setdefault(_WAITING, {})[community_id] = True


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not (waiting := session.info.pop(_WAITING, None)):
        return
    session.flush()
    for community_id, is_elsewhere in sorted(waiting.items()):
        session.execute(_MOVED if is_elsewhere else _CHANGED, {"community": community_id})


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_WAITING, None)
