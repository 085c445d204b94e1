"""Failpoints: named places where a test can end the process as a kill -9 would.

`GEOVELOCITY_FAILPOINT=rows-durable:3` ends it when the place is passed for the third time. Without the variable a
failpoint is an empty function.
"""

import os
from collections import Counter

_passed: Counter[str] = Counter()
_name, _, _nth = os.environ.get("GEOVELOCITY_FAILPOINT", "").partition(":")

KILLED = 137


def failpoint(name: str) -> None:
    """Does nothing, or ends the process."""
    if name == _name:
        _passed[name] += 1
        if _passed[name] == int(_nth or 1):
            os._exit(KILLED)
