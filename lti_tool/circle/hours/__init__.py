"""Hours, as pages: my own, those to approve, the pots of the community, and its sessions."""

from flask import Blueprint

from lti_tool.circle.hours import (
    accounts,
    approve,
    assigning,
    attending,
    files,
    handed,
    holders,
    mine,
    pack,
    paper,
    pots,
    profiles,
    sessions,
    suggested,
    year,
)


def register(blueprint: Blueprint) -> None:
    """Addresses of these modules."""
    mine.register(blueprint)
    accounts.register(blueprint)
    approve.register(blueprint)
    assigning.register(blueprint)
    pots.register(blueprint)
    profiles.register(blueprint)
    holders.register(blueprint)
    sessions.register(blueprint)
    attending.register(blueprint)
    paper.register(blueprint)
    year.register(blueprint)
    suggested.register(blueprint)
    pack.register(blueprint)
    handed.register(blueprint)
    files.register(blueprint)
