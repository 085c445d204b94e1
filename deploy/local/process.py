"""One local process under a keeper: started, watched until it answers, stopped for certain."""

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

KEEPER = Path(__file__).with_name("supervisor.py")
POLL_S = 0.05
LOG_LINES_SHOWN = 8

Ready = Callable[[], Awaitable[bool]]
"""True once the process does its work. False or an OSError: not yet."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, the ports of this machine that it listens on, and how to tell that it works."""

    name: str
    argv: Sequence[str]
    ready: Ready
    ports: Sequence[int] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ready_within_s: float = 120.0
    stop_within_s: float = 35.0  # a worker drains in up to 30
    restart: bool = False


class LocalProcess:
    """A command with its log and pid file in `run_dir`. Ends when this object's process ends, however it ends."""

    def __init__(self, command: Command, run_dir: Path) -> None:
        self.command = command
        self.log = run_dir / f"{command.name}.log"
        self._pid_file = run_dir / f"{command.name}.pid"
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the command itself, not of its keeper."""
        return int(self._pid_file.read_text(encoding="ascii"))

    @property
    def running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    @property
    def alive(self) -> bool:
        """Whether the command itself runs just now; its keeper may be about to start it again."""
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return False
        return True

    def start(self) -> None:
        self._pid_file.unlink(missing_ok=True)
        restart = "1" if self.command.restart else "0"
        grace_s = str(self.command.stop_within_s)
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(self._pid_file), restart, grace_s]
        with self.log.open("ab") as log:
            self._keeper = subprocess.Popen(
                [*keeper, *self.command.argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.command.env},
                cwd=self.log.parent,
                start_new_session=True,  # so that Ctrl-C reaches us alone, and we end things in order
            )

    async def wait_ready(self) -> None:
        """Returns once the process answers.

        Raises:
            LocalStackError: it ended, or did not answer in time; the message shows the end of its log.
        """
        deadline = time.monotonic() + self.command.ready_within_s
        while time.monotonic() < deadline:
            if not self.running:
                raise LocalStackError(f"{self.command.name} ended while starting; {self._end_of_log()}")
            with contextlib.suppress(OSError):
                if await self.command.ready():
                    return
            await asyncio.sleep(POLL_S)
        raise LocalStackError(
            f"{self.command.name} did not answer within {self.command.ready_within_s:.0f} s; {self._end_of_log()}"
        )

    def kill(self) -> None:
        """Kill -9, as a crash would; the keeper ends with it, or starts it again if the command says so."""
        os.kill(self.pid, signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """The exit code of the command, once it has ended; 128 + n when signal n ended it."""
        if self._keeper is None:
            raise RuntimeError(f"{self.command.name} was not started")
        while (code := self._keeper.poll()) is None:
            await asyncio.sleep(POLL_S)
        self._let_go()
        return code

    async def stop(self) -> None:
        """Ends the process, politely first. Does nothing when it is not running."""
        if self._keeper is None:
            return
        self._let_go()
        await self.wait()

    def _let_go(self) -> None:
        """Closes the pipe: the keeper takes that as the end of this process."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()

    def _end_of_log(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return f"the end of {self.log}:\n  " + "\n  ".join(lines)


async def port_answers(host: str, port: int) -> bool:
    """True when something accepts a connection there.

    Raises:
        OSError: nothing does.
    """
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    await writer.wait_closed()
    return True
