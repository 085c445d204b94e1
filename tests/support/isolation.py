"""A broker apart: a test's own, which may go away and come back without anybody else's notice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.local.ports import reserved_ports
from app.settings import Settings
from deploy.local import kafka
from deploy.local.stack import Stack
from tests.support.service import changed


@dataclass(frozen=True, slots=True)
class Broker:
    """`settings`: of whoever is to use it."""

    settings: Settings
    stack: Stack

    async def start(self) -> None:
        """Returns when it answers; it may have been killed before."""
        await self.stack.start_servers([kafka.command])

    def kill(self) -> None:
        self.stack.processes["kafka"].kill()


@asynccontextmanager
async def broker_apart(settings: Settings, **changes: Any) -> AsyncIterator[Broker]:
    """Not started yet; stopped at the end. Whatever uses it keeps its files in a folder of its own, too."""
    folder = settings.state_dir / "apart"
    with reserved_ports() as ports:
        async with Stack(folder, ports) as stack:
            yield Broker(changed(settings, port_base=ports.kafka, state_dir=folder, **changes), stack)
