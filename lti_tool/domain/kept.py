"""Rows that triggers keep as they are: what people did, and what counts. And the two occasions on which they give way.

A tenant that goes takes its rows along (domain/removal); where two accounts turn out to be one person, what bears the
one's number bears the other's from then on (community/joining). What was done, and when, stays as it was.
"""

import contextlib
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.models import Act
from lti_tool.models.hours import HoursBalance, HoursCount
from lti_tool.models.school import SchoolAct

TABLES = tuple(model.__tablename__ for model in (Act, HoursCount, HoursBalance, SchoolAct))


@contextlib.contextmanager
def opened(session: Session) -> Iterator[None]:
    """Let their rows be changed, in this transaction alone."""
    with contextlib.ExitStack() as stack:
        for table in TABLES:
            stack.enter_context(_Opened(session, table))
        yield


class _Opened:
    """One of the tables, without its triggers."""

    def __init__(self, session: Session, table: str) -> None:
        self.session, self.table = session, table
        self.postgresql = session.get_bind().dialect.name == "postgresql"
        self.made: list[str] = []

    def __enter__(self) -> None:
        if self.postgresql:
            self.session.execute(text(f"ALTER TABLE {self.table} DISABLE TRIGGER USER"))
            return
        named = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        for name, sql in self.session.execute(named, {"name": self.table}).all():
            self.made.append(sql)
            self.session.execute(text(f'DROP TRIGGER "{name}"'))

    def __exit__(self, *_: object) -> None:
        # Where something fails, the transaction goes and all is as it was.
        if not self.session.is_active:
            return
        if self.postgresql:
            self.session.execute(text(f"ALTER TABLE {self.table} ENABLE TRIGGER USER"))
        for sql in self.made:
            self.session.connection().exec_driver_sql(sql)
