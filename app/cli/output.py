"""Output of commands: the console that prints their tables."""

import sys
from typing import Final

from rich.console import Console

WIDTH_OF_A_FILE: Final = 180
"""Width of tables in a file or a pipe, so that they are not wrapped."""


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
