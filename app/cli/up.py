"""`geovelocity up`: the whole service on this machine, kept running."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import click

from app.errors import GeovelocityError, UnavailableError
from app.local import reachability, runner
from app.local.errors import local_stack_errors
from app.local.instance_lock import InstanceLock
from app.security.masking_keys import DEMO_KEY, create_local_key, masking_keys
from app.settings import Settings, read_settings
from app.settings.address import without_login
from app.topology import SINKS
from deploy.local.stack import Stack

READY: Final = "ready"
FAILED: Final = "failed: "
READY_WITHIN_S: Final = 300.0
POLL_S: Final = 0.2
NEXT_LINE: Final = "\n" + 17 * " "


@click.command("up")
@click.option("--foreground", is_flag=True, help="Stay in the foreground; stop everything on Ctrl-C or SIGTERM.")
@click.option("--lan", is_flag=True, help="Open the bridge to phones of this network; creates a masking key.")
def command(foreground: bool, lan: bool) -> None:
    """Start Kafka, Elasticsearch, a MongoDB-compatible server, the bridge, the workers and the console on this machine.

    Returns when every process answers; `geovelocity down` stops them. Data stays in GEOVELOCITY_STATE_DIR until
    `geovelocity down --erase`.
    """
    settings = with_lan_access() if lan else read_settings()
    running = InstanceLock(settings.state_dir.absolute() / "local")
    if foreground:
        asyncio.run(_stay(settings, running))
    else:
        if running.pid() is None:
            _start(running, ["--lan"] if lan else [])
        else:
            click.echo("it runs already")
            if lan and (advice := asyncio.run(reachability.advice(settings, settings.public_url.base_url()))):
                click.echo(advice)
        _print_addresses(settings, running)


def with_lan_access() -> Settings:
    """Return the settings with the bridge open to the network and a local masking key."""
    settings = read_settings()
    if settings.key_file is None and masking_keys(settings) == (DEMO_KEY,):
        create_local_key(settings.state_dir)
    return read_settings(bridge_host="0.0.0.0")  # noqa: S104 - the option asks for it


def _start(running: InstanceLock, options: list[str]) -> None:
    """Start the foreground variant as a process and repeat its output until it is ready."""
    running.folder.mkdir(parents=True, exist_ok=True)
    with running.log.open("wb") as log:
        started = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "app.cli", "up", "--foreground", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    said = 0
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        lines = running.log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[said:]:
            if line == READY:
                return
            if line.startswith(FAILED):
                raise UnavailableError(line.removeprefix(FAILED))
            click.echo(line)
        said = len(lines)
        if started.poll() is not None:
            raise UnavailableError(f"the service ended while starting: see {running.log}")
        time.sleep(POLL_S)
    raise UnavailableError(f"the service was not ready within {READY_WITHIN_S:.0f} s: see {running.log}")


async def _stay(settings: Settings, running: InstanceLock) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if not running.claim():
        raise UnavailableError("another `geovelocity up` runs here: `geovelocity down` stops it")
    try:
        with local_stack_errors():
            await _run_until(stopped, settings, running.folder)
    except GeovelocityError as error:
        _say(f"{FAILED}{error}")
        raise
    finally:
        running.release()


async def _run_until(stopped: asyncio.Event, settings: Settings, folder: Path) -> None:
    """Run the servers and the service until `stopped` is set, also while they start."""
    async with Stack(folder, settings.ports, _say) as stack:
        starting = asyncio.create_task(_start_all(stack, settings))
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait([starting, waiting], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            _say(READY)
            await waiting
        else:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting


async def _start_all(stack: Stack, settings: Settings) -> None:
    await stack.start_servers()
    await runner.start_service(stack, settings)


def _say(line: str) -> None:
    print(line, flush=True)


def _print_addresses(settings: Settings, running: InstanceLock) -> None:
    told_on = [f"{url}  {name}" for name, url in runner.metrics_urls(settings.ports).items()]
    stores = "".join(f"\n  {sink.label:<13}  {without_login(sink.address(settings))}" for sink in SINKS)
    us = "geovelocity" if shutil.which("geovelocity") else _short(Path(sys.executable).with_name("geovelocity"))
    click.echo(
        f"\n  Kafka          {settings.kafka}"
        f"{stores}"
        f"\n  console        {settings.console}"
        f"\n  bridge         {settings.public_url.base_url()}"
        f"\n  alerts         {', '.join(settings.alert_targets) or 'no channel is configured'}"
        f"\n  metrics        {NEXT_LINE.join(told_on)}\n\n  logs           {_short(running.folder)}\n"
        f"  next           {us} pair --device NAME, {us} doctor, {us} down"
    )


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
