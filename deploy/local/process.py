"""A local process under a supervisor: started, watched until it is ready, stopped reliably."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import LocalStackError

SUPERVISOR = Path(__file__).with_name("supervisor.py")
POLL_S = 0.05
LOG_LINES_SHOWN = 8

Ready = Callable[[], Awaitable[bool]]
"""Return whether the process is ready. An OSError means that it is not ready yet."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command to run, the ports that it listens on, and its readiness check."""

    name: str
    argv: Sequence[str]
    ready: Ready
    ports: Sequence[int] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_within_s: float = 120.0
    stop_within_s: float = 35.0  # a worker drains in up to 30
    restart: bool = False


class LocalProcess:
    """A running command with its log and pid file in `run_dir`. It ends with the process that started it."""

    def __init__(self, command: Command, run_dir: Path) -> None:
        self.command = command
        self.log = run_dir / f"{command.name}.log"
        self._pid_file = run_dir / f"{command.name}.pid"
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the command itself, not of its supervisor."""
        return int(self._pid_file.read_text(encoding="ascii"))

    @property
    def running(self) -> bool:
        """Whether the supervisor runs."""
        return self._supervisor is not None and self._supervisor.poll() is None

    @property
    def alive(self) -> bool:
        """Whether the command itself runs now. Its supervisor may be about to restart it."""
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return False
        return True

    def start(self) -> None:
        """Start the supervisor, which starts the command. Does not wait until it is ready."""
        self._pid_file.unlink(missing_ok=True)
        restart = "1" if self.command.restart else "0"
        grace_s = str(self.command.stop_within_s)
        supervisor = [sys.executable, "-I", "-S", str(SUPERVISOR), str(self._pid_file), restart, grace_s]
        with self.log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [*supervisor, *self.command.argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.command.env},
                cwd=self.log.parent,
                start_new_session=True,  # Ctrl-C then reaches this process only, which stops the others in order
            )

    async def wait_ready(self) -> None:
        """Wait until the process is ready.

        Raises:
            LocalStackError: it ended, or was not ready in time. The message quotes the end of its log.
        """
        deadline = time.monotonic() + self.command.ready_within_s
        while time.monotonic() < deadline:
            if not self.running:
                raise LocalStackError(f"{self.command.name} ended while starting: {self._end_of_log()}")
            with contextlib.suppress(OSError):
                if await self.command.ready():
                    return
            await asyncio.sleep(POLL_S)
        raise LocalStackError(
            f"{self.command.name} was not ready within {self.command.ready_within_s:.0f} s: {self._end_of_log()}"
        )

    def kill(self) -> None:
        """Send SIGKILL, as in a crash. The supervisor then ends, or restarts the command if it has `restart`."""
        os.kill(self.pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait until the command ends and return its exit code; 128 + n when signal n ended it."""
        if self._supervisor is None:
            raise RuntimeError(f"{self.command.name} was not started")
        while (code := self._supervisor.poll()) is None:
            await asyncio.sleep(POLL_S)
        self._detach()
        return code

    async def stop(self) -> None:
        """Stop the process: SIGTERM first, SIGKILL after its grace time. Do nothing when it is not running."""
        if self._supervisor is None:
            return
        self._detach()
        await self.wait()

    def _detach(self) -> None:
        """Close the pipe. The supervisor then stops the command, as if this process had ended."""
        if self._supervisor is not None and self._supervisor.stdin is not None:
            self._supervisor.stdin.close()

    def _end_of_log(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return f"see {self.log}, which ends with\n  " + "\n  ".join(lines)


async def port_answers(host: str, port: int) -> bool:
    """Return True when a server accepts a connection on the port.

    Raises:
        OSError: no server does.
    """
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    await writer.wait_closed()
    return True
