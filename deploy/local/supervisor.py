"""A supervisor that runs one command and stops it reliably when the process that started the supervisor ends.

Run it as a script, `supervisor.py PID_FILE RESTART GRACE_S COMMAND...`, with a pipe as standard input. The pipe closes
when the starting process ends by Ctrl-C, crash or SIGKILL. The supervisor then stops the command and its child
processes: with SIGTERM, and with SIGKILL after GRACE_S. With RESTART 1 it restarts a command that fails, as a service
manager would. It uses the standard library only, so that it starts in a few milliseconds.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

RESTART_DELAYS_S = (0.2, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 60.0  # a command that ran longer is restarted with the shortest delay again


class Supervisor:
    """The runner of one command. `grace_s`: time between SIGTERM and SIGKILL."""

    def __init__(self, pid_file: Path, grace_s: float, command: list[str]) -> None:
        self.pid_file = pid_file
        self.grace_s = grace_s
        self.command = command
        self.stopping = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None

    def run_once(self) -> int:
        """Run the command and return its exit code; negative when a signal ended it."""
        child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.child = child
        written = self.pid_file.with_suffix(".new")
        written.write_text(str(child.pid), encoding="ascii")
        written.replace(self.pid_file)  # atomically, so that no reader sees half of it
        if self.stopping.is_set():
            self._end(child)
        code = child.wait()
        self._signal_group(child, signal.SIGKILL)  # child processes that it left behind
        return code

    def run(self, *, restart: bool) -> int:
        """Run the command, again after each failure if `restart`, and return its last exit code."""
        failures = 0
        while True:
            started = time.monotonic()
            code = self.run_once()
            if self.stopping.is_set() or code == 0 or not restart:
                return code
            failures = 0 if time.monotonic() - started > STEADY_S else failures
            self.stopping.wait(RESTART_DELAYS_S[min(failures, len(RESTART_DELAYS_S) - 1)])
            failures += 1
            if self.stopping.is_set():
                return code

    def stop(self) -> None:
        """Send SIGTERM to the command, and SIGKILL after the grace time."""
        if not self.stopping.is_set():
            self.stopping.set()
            if self.child is not None:
                self._end(self.child)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        self._signal_group(child, signal.SIGTERM)
        kill = threading.Timer(self.grace_s, self._signal_group, (child, signal.SIGKILL))
        kill.daemon = True
        kill.start()

    @staticmethod
    def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has already ended
            os.killpg(child.pid, number)


def main(arguments: list[str]) -> int:
    """Run the command of the arguments and return its exit code; 128 + n when signal n ended it."""
    pid_file, restart, grace_s, *command = arguments
    supervisor = Supervisor(Path(pid_file), float(grace_s), command)

    def stop_on_signal(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=supervisor.stop).start()

    def stop_when_orphaned() -> None:
        while os.read(0, 1024):
            pass
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop_on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the starting process, which closes the pipe
    threading.Thread(target=stop_when_orphaned, daemon=True).start()
    code = supervisor.run(restart=restart == "1")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
