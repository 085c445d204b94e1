"""The resume token: how far a page has read, as one offset per partition. Pure.

A token refers to the topic and not to the server, so it stays valid after a restart of the server.
"""

import re
from collections.abc import Sequence
from typing import Final

ResumeToken = tuple[int, ...]
"""For each partition of the topic of suspects, in order: the first offset that the page has not received."""

START: Final = "0"
"""Event id before any resume token. A page that resumes from it gets a snapshot."""

_VECTOR: Final = re.compile(r"\d{1,19}(?:\.\d{1,19})*", re.ASCII)


def encode(token: Sequence[int]) -> str:
    """Return the token as the id of an event."""
    return "v" + ".".join(map(str, token))


def decode(text: str, partitions: int) -> ResumeToken | None:
    """Return the token of an event id; None where it does not fit this number of partitions. Never raises."""
    if not text.startswith("v") or not _VECTOR.fullmatch(text, 1):
        return None
    token = tuple(map(int, text[1:].split(".")))
    return token if len(token) == partitions else None
