"""Of each pen it is known whether its holder wrote

Until now whoever held the pen counted as a writer, also who wrote nothing with it. On the way down what earlier code
does not know is taken out: taps of agreement, who said "not me", who is asked again about a card, what waits for
another group's yes, what the shared why is made of, what is decided on sharing, and answers to "do we still do this?".

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

PIECE = sa.table(
    "contribution",
    *(sa.column(name) for name in ("id", "step_run_id", "kind", "member_id")),
    sa.column("body", sa.JSON()),
)
OLDER = sa.table("revision", sa.column("contribution_id"), sa.column("member_id"))
LINK = sa.table("link", *(sa.column(name) for name in ("id", "from_id", "to_id", "kind")))
RUN = sa.table("step_run", sa.column("id"), sa.column("step"))
ROUND = sa.table("round", sa.column("id"), sa.column("step_run_id"))
ANSWER = sa.table("consent", sa.column("round_id"))

KINDS = ("agreed", "not_me", "freed", "still")
TIES = ("asked into", "why")


def upgrade() -> None:
    connection = op.get_bind()
    pens = connection.execute(sa.select(PIECE).where(PIECE.c.kind == "pen"))
    texts = sa.select(PIECE.c.id, PIECE.c.step_run_id, PIECE.c.member_id).where(PIECE.c.kind == "proposal")
    wrote = {(row.step_run_id, row.member_id) for row in connection.execute(texts)}
    earlier = sa.select(PIECE.c.step_run_id, OLDER.c.member_id).join(OLDER, OLDER.c.contribution_id == PIECE.c.id)
    wrote |= {tuple(row) for row in connection.execute(earlier.where(PIECE.c.kind == "proposal"))}
    for row in pens.all():
        if (row.step_run_id, row.member_id) in wrote:
            body = {**row.body, "wrote": True}
            connection.execute(sa.update(PIECE).where(PIECE.c.id == row.id).values(body=body))


def downgrade() -> None:
    connection = op.get_bind()
    pens = connection.execute(sa.select(PIECE.c.id, PIECE.c.body).where(PIECE.c.kind == "pen"))
    for row in pens.all():
        body = {name: each for name, each in row.body.items() if name != "wrote"}
        connection.execute(sa.update(PIECE).where(PIECE.c.id == row.id).values(body=body))
    connection.execute(sa.delete(LINK).where(LINK.c.kind.in_(TIES)))
    unknown = sa.select(PIECE.c.id).where(PIECE.c.kind.in_(KINDS))
    connection.execute(sa.delete(LINK).where(LINK.c.from_id.in_(unknown)))
    connection.execute(sa.delete(OLDER).where(OLDER.c.contribution_id.in_(unknown)))
    connection.execute(sa.delete(PIECE).where(PIECE.c.kind.in_(KINDS)))
    # The decision on sharing is a step that earlier code has not; that it was opened stays, for its acts.
    runs = sa.select(RUN.c.id).where(RUN.c.step == "sharing")
    rounds = sa.select(ROUND.c.id).where(ROUND.c.step_run_id.in_(runs))
    pieces = sa.select(PIECE.c.id).where(PIECE.c.step_run_id.in_(runs))
    connection.execute(sa.delete(ANSWER).where(ANSWER.c.round_id.in_(rounds)))
    connection.execute(sa.delete(ROUND).where(ROUND.c.step_run_id.in_(runs)))
    connection.execute(sa.delete(OLDER).where(OLDER.c.contribution_id.in_(pieces)))
    connection.execute(sa.delete(LINK).where(LINK.c.from_id.in_(pieces)))
    connection.execute(sa.delete(PIECE).where(PIECE.c.step_run_id.in_(runs)))
