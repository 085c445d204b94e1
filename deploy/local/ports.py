"""Ports of the local servers: which ones a stack needs, whether they are free, and blocks that are reserved."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from deploy.local.errors import LocalStackError

HOST = "127.0.0.1"
"""Local servers have no access control, so they listen on loopback alone."""

BLOCK = 20
"""Ports in a block: more than a stack and its workers need."""

FIRST_BASE, LAST_BASE = 20_000, 32_000
"""Blocks lie below the range from which operating systems take ports for outgoing connections."""


class ServerPorts(Protocol):
    """Port numbers that the local servers listen on."""

    @property
    def kafka(self) -> int: ...
    @property
    def kafka_controller(self) -> int: ...
    @property
    def elastic(self) -> int: ...
    @property
    def elastic_transport(self) -> int: ...
    @property
    def mongo(self) -> int: ...


def first_taken(numbers: Iterable[int]) -> int | None:
    """Return the first port that another program listens on, or None."""
    for number in numbers:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError:
                return number
    return None


@contextmanager
def reserved_block() -> Iterator[int]:
    """Reserve a block of `BLOCK` free ports against other stacks of this machine and yield its first port.

    Raises:
        LocalStackError: all blocks are taken.
    """
    claims = Path(tempfile.gettempdir()) / f"geovelocity-ports-{os.getuid()}"
    claims.mkdir(exist_ok=True)
    bases = list(range(FIRST_BASE, LAST_BASE, BLOCK))
    random.shuffle(bases)  # two stacks that start together rarely try the same block
    for base in bases:
        with (claims / str(base)).open("w") as claim:
            if _is_locked(claim) and first_taken(range(base, base + BLOCK)) is None:
                yield base
                return
    raise LocalStackError("no block of free ports was found: stop other local stacks and run the command again")


def _is_locked(claim: IO[str]) -> bool:
    """Lock the file for this process and return whether that worked."""
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
