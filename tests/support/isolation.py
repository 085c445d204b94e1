"""A broker of one test, which it can stop and restart without affecting other tests."""

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
    """A local broker. `settings`: for its clients."""

    settings: Settings
    stack: Stack

    async def start(self) -> None:
        """Start the broker, also after `kill`, and return when it is ready."""
        await self.stack.start_servers([kafka.command])

    def kill(self) -> None:
        self.stack.processes["kafka"].kill()


@asynccontextmanager
async def isolated_broker(settings: Settings, **changes: Any) -> AsyncIterator[Broker]:
    """Yield a broker that is not started yet, and stop it at the end. Its clients get their own state folder."""
    folder = settings.state_dir / "isolated"
    with reserved_ports() as ports:
        async with Stack(folder, ports) as stack:
            yield Broker(changed(settings, port_base=ports.kafka, state_dir=folder, **changes), stack)
