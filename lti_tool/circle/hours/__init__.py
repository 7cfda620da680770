"""Hours, as pages: my own, those to approve, the pots of the community, and its sessions."""

from flask import Blueprint

from lti_tool.circle.hours import approve, attending, files, mine, pack, paper, pots, sessions, suggested, year


def register(blueprint: Blueprint) -> None:
    """Addresses of these modules."""
    mine.register(blueprint)
    approve.register(blueprint)
    pots.register(blueprint)
    sessions.register(blueprint)
    attending.register(blueprint)
    paper.register(blueprint)
    year.register(blueprint)
    suggested.register(blueprint)
    pack.register(blueprint)
    files.register(blueprint)
