"""`geovelocity worker`: Faust's own worker command, for one of our apps."""

import os

import click

from app.settings import read_settings
from app.stream.faust_command import faust_argv
from app.topology import FAUST_APPS


@click.command("worker")
@click.argument("app", type=click.Choice(list(FAUST_APPS)), default="detector")
def command(app: str) -> None:
    """Run the detector, or the sink that copies verdicts into mongo or elastic.

    The same as `faust -A app.main worker -l info`. Exit code 70 means: start it again, nothing was lost; 78: something
    must be put right first, the last line of the log says what.
    """
    read_settings()  # a wrong setting is said before Faust starts
    argv = faust_argv(FAUST_APPS[app])
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter and our own arguments
