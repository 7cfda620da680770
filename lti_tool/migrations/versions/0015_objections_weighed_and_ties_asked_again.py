"""Objections are put to all, ties are asked about once more, and dots can be left to the others

Nothing is written anew on the way up. On the way down what earlier code does not know becomes what it does: whoever
weighs an objection makes a better text, a tie was a count, and too few in favour led back as an objection does.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RUN = sa.table("step_run", *(sa.column(name) for name in ("id", "step", "stage", "closes_at", "extended")))
ROUND = sa.table("round", *(sa.column(name) for name in ("id", "kind", "outcome")))
ANSWER = sa.table("consent", sa.column("round_id"))
PIECE = sa.table("contribution", sa.column("id"), sa.column("kind"), sa.column("body", sa.JSON()))

# Where a better text is made, by step.
BACK = {
    "ambition": "draft",
    "information": "gather",
    "interpretation": "need",
    "consequences": "board",
    "evaluation": "verdict",
    "agreements": "draft",
}


def upgrade() -> None:
    pass


def downgrade() -> None:
    for step, back in BACK.items():
        op.execute(
            sa.update(RUN)
            .where(RUN.c.step == step, RUN.c.stage == "weigh_objection")
            .values(stage=back, closes_at=None, extended=sa.false())
        )
    # That somebody left their dots to the others is kept as an answer, which a round of dots did not have.
    unknown = sa.select(ROUND.c.id).where(ROUND.c.kind.in_(("overrule", "dots")))
    op.execute(sa.delete(ANSWER).where(ANSWER.c.round_id.in_(unknown)))
    op.execute(sa.delete(ROUND).where(ROUND.c.kind == "overrule"))
    for outcome, known in (("tied", "counted"), ("too_few", "objected")):
        op.execute(sa.update(ROUND).where(ROUND.c.outcome == outcome).values(outcome=known))
    rows = op.get_bind().execute(sa.select(PIECE.c.id, PIECE.c.body).where(PIECE.c.kind == "chosen"))
    for piece, body in [row for row in rows if row.body and "by_lot" not in row.body]:
        op.execute(sa.update(PIECE).where(PIECE.c.id == piece).values(body={**body, "by_lot": False}))
