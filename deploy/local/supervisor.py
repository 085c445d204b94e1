"""Runs one command and ends it for certain when whoever asked for it is gone.

Run as a script, `keeper.py PID_FILE RESTART GRACE_S COMMAND...`, with a pipe as standard input. The pipe closes
when the asking process ends, however it ends (Ctrl-C, crash, SIGKILL): then the command and everything
it started are ended too: politely, and for certain after GRACE_S. With RESTART 1 a command that fails is started again,
as a service manager would.
Standard library only, so that it starts in a few milliseconds.
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
STEADY_S = 60.0  # a command that ran this long starts over with the shortest delay


class Supervisor:
    """Holds one command at a time."""

    def __init__(self, pid_file: Path, grace_s: float, command: list[str]) -> None:
        self.pid_file = pid_file
        self.grace_s = grace_s
        self.command = command
        self.stopping = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None

    def run_once(self) -> int:
        """The exit code of the command; negative when a signal ended it."""
        child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.child = child
        written = self.pid_file.with_suffix(".new")
        written.write_text(str(child.pid), encoding="ascii")
        written.replace(self.pid_file)  # at once, so that nobody reads half of it
        if self.stopping.is_set():
            self._end(child)
        code = child.wait()
        self._signal_group(child, signal.SIGKILL)  # what it left behind
        return code

    def run(self, *, restart: bool) -> int:
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
        """Asks the command to end; insists after the grace time."""
        if not self.stopping.is_set():
            self.stopping.set()
            if self.child is not None:
                self._end(self.child)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        self._signal_group(child, signal.SIGTERM)
        insist = threading.Timer(self.grace_s, self._signal_group, (child, signal.SIGKILL))
        insist.daemon = True
        insist.start()

    @staticmethod
    def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):  # already gone, which is what was wanted
            os.killpg(child.pid, number)


def main(arguments: list[str]) -> int:
    pid_file, restart, grace_s, *command = arguments
    keeper = Supervisor(Path(pid_file), float(grace_s), command)

    def stop_on_signal(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=keeper.stop).start()

    def stop_when_alone() -> None:
        while os.read(0, 1024):
            pass
        keeper.stop()

    signal.signal(signal.SIGTERM, stop_on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process; it closes the pipe in its own time
    threading.Thread(target=stop_when_alone, daemon=True).start()
    code = keeper.run(restart=restart == "1")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
