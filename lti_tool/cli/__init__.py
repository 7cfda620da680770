"""The `leerkring` command. Each command imports what it needs itself: most need little of all there is."""

import click

from lti_tool.cli.administrators import admin
from lti_tool.cli.communities import community
from lti_tool.cli.cycles import cycle
from lti_tool.cli.database import MIGRATIONS, database, migrate
from lti_tool.cli.delivery import work, worker
from lti_tool.cli.doctor import doctor
from lti_tool.cli.failures import Cli
from lti_tool.cli.keys import keys
from lti_tool.cli.moves import move
from lti_tool.cli.packs import pack
from lti_tool.cli.people import person
from lti_tool.cli.platforms import deployment, invite, platform, registration_link
from lti_tool.cli.pots import pot
from lti_tool.cli.provisions import provision
from lti_tool.cli.schools import school, setting
from lti_tool.cli.serve import serve
from lti_tool.cli.templates import template

__all__ = ["MIGRATIONS", "main", "migrate", "registration_link", "work"]


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Leerkring: a learning community inside the LMS you have."""


platform.add_command(move)
for each in (
    database,
    serve,
    worker,
    invite,
    keys,
    platform,
    deployment,
    community,
    cycle,
    person,
    pack,
    admin,
    pot,
    provision,
    school,
    setting,
    template,
    doctor,
):
    main.add_command(each)
