"""`geovelocity down`: stops the local service that `up` started."""

import os
import shutil
import signal
import time
from typing import Final

import click

from app.errors import UnavailableError
from app.local.instance_lock import InstanceLock
from app.settings import read_settings
from app.settings.state import state_store_dir

STOP_WITHIN_S: Final = 90.0
POLL_S: Final = 0.2


@click.command("down")
@click.option("--erase", is_flag=True, help="Also delete the data of the local servers.")
def command(erase: bool) -> None:
    """Stop the local service. Workers finish their current batch; nothing is lost."""
    running = InstanceLock(read_settings().state_dir.absolute() / "local")
    pid = running.pid()
    if pid is None:
        click.echo("nothing runs here")
    else:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        while running.pid() is not None:
            if time.monotonic() > deadline:
                raise UnavailableError(f"the service did not stop within {STOP_WITHIN_S:.0f} s: see {running.log}")
            time.sleep(POLL_S)
        click.echo("stopped")
    if erase:
        for folder in (running.folder, state_store_dir(read_settings().state_dir.absolute())):
            shutil.rmtree(folder, ignore_errors=True)
        click.echo("data erased")
