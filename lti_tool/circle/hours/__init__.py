"""Hours, as pages: my own, those to approve, and the pots of the community."""

from flask import Blueprint

from lti_tool.circle.hours import approve, mine, pack, pots, suggested, year


def register(blueprint: Blueprint) -> None:
    """Addresses of these modules."""
    mine.register(blueprint)
    approve.register(blueprint)
    pots.register(blueprint)
    year.register(blueprint)
    suggested.register(blueprint)
    pack.register(blueprint)
