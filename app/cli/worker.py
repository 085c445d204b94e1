"""`geovelocity worker`: Faust's own worker command, for one of our apps."""

import os
import sys
from typing import Final

import click

from app.settings import read_settings

APPS: Final = {"detector": "app.main", "mongo": "app.main:mongo", "elastic": "app.main:elastic"}


def faust_argv(app: str) -> list[str]:
    """The command line that runs one app. `-l info`: any other level makes Faust log everything to nowhere."""
    return [sys.executable, "-m", "faust", "-A", APPS[app], "--quiet", "worker", "-l", "info"]


@click.command("worker")
@click.argument("app", type=click.Choice(list(APPS)), default="detector")
def command(app: str) -> None:
    """Run the detector, or the sink that copies verdicts into mongo or elastic.

    The same as `faust -A app.main worker -l info`. Exit code 70 means: start it again, nothing was lost; 78: something
    must be put right first, the last line of the log says what.
    """
    read_settings()  # a wrong setting is said before Faust starts
    argv = faust_argv(app)
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter and our own arguments
