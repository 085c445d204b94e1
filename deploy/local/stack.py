"""A set of local processes that start side by side and stop together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import elastic, jars, kafka, mongo
from deploy.local.errors import LocalStackError
from deploy.local.ports import ServerPorts, first_taken
from deploy.local.process import Command, LocalProcess

Say = Callable[[str], None]
"""A callback with a line about progress."""

Server = Callable[[Path, ServerPorts], Awaitable[Command]]
SERVERS: tuple[Server, ...] = (kafka.command, elastic.command, mongo.command)


class Stack:
    """Servers and the processes beside them, in one run folder.

    Use it as an async context manager: leaving it, also by an exception, stops everything.
    """

    def __init__(self, run_dir: Path, ports: ServerPorts, say: Say = lambda _line: None) -> None:
        self.run_dir = run_dir
        self.ports = ports
        self.processes: dict[str, LocalProcess] = {}
        self._say = say
        self._servers: set[str] = set()

    async def __aenter__(self) -> Self:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start_servers(self, servers: Iterable[Server] = SERVERS) -> None:
        """Download missing jars and start the servers side by side. Return when all are ready.

        Raises:
            LocalStackError: a download failed, a port is in use, or a server did not start.
        """
        await asyncio.to_thread(jars.fetch, self._say_download)
        commands = await asyncio.gather(*[server(self.run_dir, self.ports) for server in servers])
        self._servers |= {command.name for command in commands}
        await self.start(commands)

    async def start(self, commands: Iterable[Command]) -> list[LocalProcess]:
        """Start the commands side by side and return when all are ready. A command that has ended is started again."""
        started = []
        for command in commands:
            if (ended := self.processes.get(command.name)) is not None:
                await ended.stop()
            if taken := first_taken(command.ports):
                raise LocalStackError(
                    f"port {taken}, which {command.name} needs, is in use by another program: "
                    "stop it, or move the stack with GEOVELOCITY_PORT_BASE"
                )
            process = LocalProcess(command, self.run_dir)
            self.processes[command.name] = process
            process.start()
            started.append(process)
        await asyncio.gather(*[self._announce(process) for process in started])
        return started

    async def stop(self) -> None:
        """Stop the processes of this service first, then the servers."""
        ours = [process for name, process in self.processes.items() if name not in self._servers]
        servers = [process for name, process in self.processes.items() if name in self._servers]
        await asyncio.gather(*[process.stop() for process in ours])
        await asyncio.gather(*[process.stop() for process in servers])

    async def _announce(self, process: LocalProcess) -> None:
        began = asyncio.get_running_loop().time()
        await process.wait_ready()
        self._say(f"{process.command.name} ready after {asyncio.get_running_loop().time() - began:.1f} s")

    def _say_download(self, done: int, wanted: int) -> None:
        if done < wanted and done % 10 == 0:
            self._say(f"downloading the servers: {done} of {wanted} files")
