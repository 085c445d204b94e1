"""A block of ports for one local stack and its workers."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.settings.ports import Ports
from deploy.local.ports import reserved_block


@contextmanager
def reserved_ports() -> Iterator[Ports]:
    """Reserve a block of free ports against other stacks of this machine.

    Raises:
        LocalStackError: all blocks are taken.
    """
    with reserved_block() as base:
        yield Ports.from_base(base)
