"""`leerkring keys`: the tool's own signing keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lti_tool.config import from_environment

if TYPE_CHECKING:
    from lti_tool.lti.keys import KeyRing


@click.group()
def keys() -> None:
    """The tool's own signing keys."""


def _key_ring() -> KeyRing:
    from lti_tool.lti.keys import KeyRing, session_secret

    settings = from_environment()
    # What could not run in production says so here too.
    session_secret(settings)
    return KeyRing(settings, demo=settings.allow_private_hosts)


@keys.command("list")
def list_keys() -> None:
    """The ids of all published keys, newest first."""
    for key in _key_ring().all():
        click.echo(key.kid)


@keys.command()
def rotate() -> None:
    """Make a new signing key; the ones before it stay published."""
    click.echo(_key_ring().rotate())
