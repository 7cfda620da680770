"""Steps 3 and 6 end with a stage of their own in which all decide

Step 3: what somebody said afterwards is kept as in the other steps; what was completed stays so. Step 6: where people
are being asked about the yield, they are in the stage that asks it.

Revision ID: 0012
Revises: 0011
"""

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
RUN = sa.table("step_run", *(sa.column(name) for name in ("id", "step", "stage", "closes_at", "extended")))
PIECE = sa.table(
    "contribution",
    *(sa.column(name) for name in ("id", "step_run_id", "kind", "version", "withdrawn_at")),
    sa.column("body", sa.JSON()),
)
ROUND = sa.table(
    "round",
    *(sa.column(name) for name in ("id", "step_run_id", "kind", "subject_id", "subject_version", "outcome")),
    sa.column("opened_at", AT),
    sa.column("closed_at", AT),
)
DUE = sa.table("outbox", sa.column("id"), sa.column("kind"), sa.column("ids", sa.JSON()))


def upgrade() -> None:
    _say_anew(lambda of: {"answer": of["answer"], "concern": of["text"], "version": of["closing"]}, "closing")
    _move("yield", "endorse", _runs("evaluation", "yield", _asked("endorse")))


def downgrade() -> None:
    _say_anew(lambda of: {"answer": of["answer"], "text": of["concern"], "closing": of["version"]}, "version")
    # Below, dots decide: who was being asked about the points writes and chooses once more.
    points = _runs("interpretation", "consent")
    op.execute(
        sa.update(ROUND)
        .where(ROUND.c.step_run_id.in_(points), ROUND.c.kind == "consent", ROUND.c.closed_at.is_(None))
        .values(closed_at=dt.datetime.now(dt.UTC), outcome="changed")
    )
    op.execute(sa.update(RUN).where(RUN.c.id.in_(points)).values(stage="need", closes_at=None, extended=sa.false()))
    _move("endorse", "yield", _runs("evaluation", "endorse"))
    _ask_about_yields()


def _runs(step: str, stage: str, *where: sa.ColumnElement[bool]) -> list[int]:
    """Ids of the runs of a step at a stage."""
    query = sa.select(RUN.c.id).where(RUN.c.step == step, RUN.c.stage == stage, *where)
    return list(op.get_bind().scalars(query))


def _asked(kind: str) -> sa.ColumnElement[bool]:
    """Whether a round of a kind is open in a run."""
    open_one = sa.select(ROUND.c.id).where(ROUND.c.step_run_id == RUN.c.id, ROUND.c.kind == kind)
    return open_one.where(ROUND.c.closed_at.is_(None)).exists()


def _say_anew(change: Callable[[dict[str, Any]], dict[str, Any]], known_by: str) -> None:
    """What was said of step 3 afterwards, in the words of the other steps, or in its own again."""
    rows = op.get_bind().execute(
        sa.select(PIECE.c.id, PIECE.c.body)
        .join_from(PIECE, RUN, PIECE.c.step_run_id == RUN.c.id)
        .where(RUN.c.step == "interpretation", PIECE.c.kind == "late")
    )
    # What was taken back says nothing any more.
    for piece, body in [row for row in rows if known_by in row.body]:
        op.execute(sa.update(PIECE).where(PIECE.c.id == piece).values(body=change(body)))


def _move(was: str, to: str, runs: Collection[int]) -> None:
    """These runs are at another stage, and so are the dates that were announced for it."""
    op.execute(sa.update(RUN).where(RUN.c.id.in_(runs)).values(stage=to))
    due = op.get_bind().execute(sa.select(DUE.c.id, DUE.c.ids).where(DUE.c.kind == "stage"))
    for row, ids in [row for row in due if row.ids.get("run") in runs and row.ids.get("stage") == was]:
        op.execute(sa.update(DUE).where(DUE.c.id == row).values(ids={**ids, "stage": to}))


def _ask_about_yields() -> None:
    """Below, a yield that is whole is being asked about: whoever was writing it anew is asked about what stands."""
    for run in _runs("evaluation", "yield", ~_asked("endorse")):
        pieces = sa.select(PIECE).where(PIECE.c.step_run_id == run, PIECE.c.withdrawn_at.is_(None))
        there = {row.kind: row for row in op.get_bind().execute(pieces)}
        if {"yield", "next"} <= there.keys():
            text = there["yield"]
            subject = {"subject_id": text.id, "subject_version": text.version}
            asked = {"step_run_id": run, "kind": "endorse", "opened_at": dt.datetime.now(dt.UTC), **subject}
            op.execute(sa.insert(ROUND).values(asked))
