"""Alembic's environment: the URL comes from the caller, batches make ALTER work on SQLite."""

from alembic import context
from sqlalchemy import create_engine

import lti_tool.models  # noqa: F401  (fills the metadata)
from lti_tool.db import Base

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
