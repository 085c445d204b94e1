"""Cursor: how far a page has read, as one offset a partition. Pure.

It speaks of the topic and not of the server, so it means the same after the server has started again.
"""

import re
from collections.abc import Sequence
from typing import Final

ResumeToken = tuple[int, ...]
"""The next offset that is not known, of each partition of the topic of suspects in order."""

START: Final = "0"
"""For an event before the first that says how far: whoever resumes from here is shown everything."""

_VECTOR: Final = re.compile(r"\d{1,19}(?:\.\d{1,19})*", re.ASCII)


def encode(token: Sequence[int]) -> str:
    """The id of an event."""
    return "v" + ".".join(map(str, token))


def decode(text: str, partitions: int) -> ResumeToken | None:
    """What such an id says; None: nothing that fits these partitions. Total."""
    if not text.startswith("v") or not _VECTOR.fullmatch(text, 1):
        return None
    cursor = tuple(map(int, text[1:].split(".")))
    return cursor if len(cursor) == partitions else None
