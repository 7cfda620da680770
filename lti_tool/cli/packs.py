"""`leerkring pack`: what a works council and a record of processing ask for, of a school."""

from pathlib import Path

import click

from lti_tool.cli.administrators import find_school
from lti_tool.cli.database import looking
from lti_tool.cli.failures import Problem

WHICH = click.Choice(["works-council", "processing"])


@click.command()
@click.argument("which", type=WHICH)
@click.option("--school", "school_id", type=int, help="Of which school; need not be said of the only one.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", help="Written in; Dutch if not said.")
@click.option("--pdf", "file", type=click.Path(dir_okay=False, path_type=Path), help="As a PDF, into this file.")
def pack(which: str, school_id: int | None, language: str, file: Path | None) -> None:
    """Print a pack as text (Markdown), or write it as a PDF: works-council or processing."""
    from flask import current_app

    from lti_tool import pdf
    from lti_tool.db import now
    from lti_tool.domain import privacy
    from lti_tool.domain.cycle import midnights
    from lti_tool.domain.privacy import Pack, facts
    from lti_tool.domain.privacy.document import TO_FILL, as_text
    from lti_tool.i18n import speaking
    from lti_tool.parts import parts

    if file is not None and not pdf.available():
        raise Problem("No PDF can be made here: the extra `pdf` or the system's Pango is not installed.")
    with looking() as session:
        settings = parts().settings
        school = find_school(session, school_id, None, None).id
        known = facts.of_school(session, school, settings.processors, midnights.day_of(now(), settings.zone))
        made = privacy.make(Pack(which), known, language)
        if file is None:
            click.echo(as_text(made))
            return
        with current_app.test_request_context(), speaking(language):
            page = current_app.jinja_env.get_template("administration/pack_pdf.html").render(made=made, to_fill=TO_FILL)
    try:
        file.write_bytes(pdf.make(page))
    except OSError as error:
        raise Problem(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"{file} written.")
