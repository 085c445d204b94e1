"""Failpoints: named places in the code where a test can end the process as `kill -9` would.

`GEOVELOCITY_FAILPOINT=rows-durable:3` ends it the third time that the failpoint `rows-durable` is reached. Without the
variable a failpoint does nothing.
"""

import os
from collections import Counter

_reached: Counter[str] = Counter()
_name, _, _nth = os.environ.get("GEOVELOCITY_FAILPOINT", "").partition(":")

KILLED = 137
"""Exit code of a process that SIGKILL ended, as a shell reports it."""


def failpoint(name: str) -> None:
    """End the process if the environment names this failpoint and this is the chosen time."""
    if name == _name:
        _reached[name] += 1
        if _reached[name] == int(_nth or 1):
            os._exit(KILLED)
