"""A statement executed plainly belongs to its session's transaction, as any other does."""

from sqlalchemy import select

from lti_tool.db import plain
from lti_tool.models.voices import Contribution
from tests.web.circle import circle

_KINDS = select(Contribution.kind)


def test_what_is_still_to_be_written_is_there_to_be_read() -> None:
    with circle(1) as c:
        turn = c.turn(0)
        item = Contribution(step_run_id=turn.run.id, kind="idea", member_id=turn.me.id, body={})
        turn.session.add(item)
        assert plain(turn.session, _KINDS, {}).scalars().all() == ["idea"]
        item.kind = "response"
        assert plain(turn.session, _KINDS, {}).scalars().all() == ["response"]


def test_each_transaction_has_its_own_connection_to_read_by() -> None:
    with circle(1) as c:
        turn = c.turn(0)
        turn.session.commit()
        for end in (turn.session.commit, turn.session.rollback, turn.session.close):
            assert plain(turn.session, _KINDS, {}).scalars().all() == []
            assert turn.session.in_transaction()
            end()
            assert not turn.session.in_transaction()
