"""Rows that one changes at a time."""

from sqlalchemy.orm import Session

from lti_tool.models import Community, Member


def hold(session: Session, *rows: Community | Member) -> None:
    """Let nobody else change these until the transaction ends, and see what the one before did.

    Others may refer to them meanwhile (FOR NO KEY UPDATE): whoever wrote an act of a community already, would else
    wait here for somebody who did the same.
    """
    session.flush()
    for row in rows:
        session.refresh(row, with_for_update={"key_share": True})
