"""`geovelocity worker`: Faust's worker command for one app."""

import os

import click

from app.settings import read_settings
from app.stream.faust_command import faust_argv
from app.topology import FAUST_APPS


@click.command("worker")
@click.argument("app", type=click.Choice(list(FAUST_APPS)), default="detector")
def command(app: str) -> None:
    """Run the detector, or the sink that writes verdicts to mongo or elastic.

    The same as `faust -A app.main worker -l info`. Exit code 70: start it again, nothing was lost. Exit
    code 78: fix the problem in the last line of the log first.
    """
    read_settings()  # report a wrong setting before Faust starts
    argv = faust_argv(FAUST_APPS[app])
    os.execv(argv[0], argv)  # noqa: S606 - this interpreter and fixed arguments
