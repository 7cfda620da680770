"""`python -m lti_tool.cli`: the `leerkring` command where it is not on the path."""

from lti_tool.cli import main

main(prog_name="leerkring")
