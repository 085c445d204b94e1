"""Where commands print their tables."""

import sys
from typing import Final

from rich.console import Console

WIDTH_OF_A_FILE: Final = 180
"""A file or a pipe has no edge at which a table would have to be folded."""


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
