"""`geovelocity device`: which phones may post positions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from app.errors import ConfigurationError
from app.settings import read_settings
from sensor_logger_bridge.devices import Devices, DevicesFileError

EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - to recognise it, not to listen there


@click.group("device")
def command() -> None:
    """Register phones. A running bridge sees the change at once."""


@contextmanager
def _devices() -> Iterator[Devices]:
    """The devices of this machine's bridge; what is wrong with their file is one line."""
    try:
        yield Devices(read_settings().bridge_devices_file)
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None


@command.command("add")
@click.argument("device_id")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="How long the token is good. Default: always."
)
def add(device_id: str, days: float | None) -> None:
    """Register DEVICE_ID (Sensor Logger shows it in its settings) and print what to enter on the phone."""
    settings = read_settings()
    with _devices() as devices:
        token = devices.add(device_id, days)
    host, port = settings.bridge
    click.echo("In Sensor Logger, Settings, Data Streaming, HTTP Push:")
    click.echo(
        f"  Push URL     http://{'ADDRESS-OF-THIS-MACHINE' if host in EVERYWHERE else host}:{port}/sensor-logger"
    )
    click.echo(f"  Auth Header  Bearer {token}")
    click.echo("The token is shown this once; adding the device again makes a new one.")


@command.command("list")
def list_() -> None:
    """Print the registered device ids."""
    with _devices() as devices:
        for device_id in devices.ids():
            click.echo(device_id)


@command.command("remove")
@click.argument("device_id")
def remove(device_id: str) -> None:
    """Revoke the token of DEVICE_ID."""
    with _devices() as devices:
        known = devices.remove(device_id)
    if not known:
        raise ConfigurationError(f"{device_id} is not registered: `geovelocity device list` shows who is")
