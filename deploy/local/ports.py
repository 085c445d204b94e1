"""Which ports a stack listens on: the well-known ones, or a block of its own so that stacks can run side by side."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Self

from deploy.local.errors import LocalStackError

HOST = "127.0.0.1"
BLOCK = 20
FIRST_BASE, LAST_BASE = 20_000, 32_000  # below the range from which systems take ports for outgoing connections


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one stack, all on the loopback interface."""

    kafka: int = 9092
    kafka_controller: int = 9093
    elastic: int = 9200
    elastic_transport: int = 9300
    mongo: int = 27017
    bridge: int = 8100
    api: int = 8080
    detector_health: int = 8101
    mongo_health: int = 8102
    elastic_health: int = 8103
    bridge_metrics: int = 8104
    alert_health: int = 8106
    api_health: int = 8105

    @classmethod
    def from_base(cls, base: int) -> Self:
        """The block of ports that starts at `base`, in the order of the fields."""
        return cls(*range(base, base + len(fields(cls))))


def first_taken(numbers: Iterable[int]) -> int | None:
    """The first port that something else listens on, or None."""
    for number in numbers:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError:
                return number
    return None


@contextmanager
def reserved_ports() -> Iterator[Ports]:
    """A block of ports that nobody else holds and nothing listens on, reserved against other stacks of this machine.

    Raises:
        LocalStackError: all blocks are taken.
    """
    claims = Path(tempfile.gettempdir()) / f"geovelocity-ports-{os.getuid()}"
    claims.mkdir(exist_ok=True)
    bases = list(range(FIRST_BASE, LAST_BASE, BLOCK))
    random.shuffle(bases)  # two stacks that start together rarely try the same block
    for base in bases:
        with (claims / str(base)).open("w") as claim:
            ports = Ports.from_base(base)
            if _claimed(claim) and first_taken(range(base, base + BLOCK)) is None:
                yield ports
                return
    raise LocalStackError("no free block of ports was found: stop other local stacks and run the command again")


def _claimed(claim: IO[str]) -> bool:
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
