"""Alembic's environment: the URL comes from the caller, batches make ALTER work on SQLite.

All revisions are one transaction, in either database, and one process at a time is at it: who comes second waits,
and finds it done.
"""

from alembic import context

import lti_tool.models  # noqa: F401  (fills the metadata)
from lti_tool.db import Base, held, migrating

with migrating(context.config.attributes["url"]) as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        held(connection)
        context.run_migrations()
