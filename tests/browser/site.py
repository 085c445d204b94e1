"""The console as processes: the detector, the sink to Elasticsearch, and the console's server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.local import runner
from app.settings import Settings
from deploy.local.process import LocalProcess
from tests.support.service import provision, running


@dataclass(frozen=True, slots=True)
class Site:
    """A running service with its console."""

    settings: Settings
    console: LocalProcess

    @property
    def url(self) -> str:
        return self.settings.console

    async def restart(self) -> None:
        """Start the console's server again after a stop."""
        self.console.start()
        await self.console.wait_ready()


@asynccontextmanager
async def running_site(settings: Settings, folder: Path) -> AsyncIterator[Site]:
    """Start everything that the console needs, and wait until it is ready."""
    await provision(settings)
    ports = settings.ports
    commands = (
        runner.api(settings, restart=False),
        runner.worker("detector", settings, ports.detector_health, restart=False),
        runner.worker("elastic", settings, ports.elastic_health, restart=False),
    )
    async with running(*commands, folder=folder) as (server, *_):
        yield Site(settings, server)
