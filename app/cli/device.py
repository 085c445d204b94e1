"""`geovelocity device`: which phones may post positions."""

from typing import Final

import click

from app.errors import ConfigurationError
from app.settings import read_settings
from sensor_logger_bridge.devices import Devices, DevicesFileError

EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - to recognise it, not to listen there


@click.group("device")
def command() -> None:
    """Register phones. A running bridge sees the change at once."""


def _devices() -> Devices:
    return Devices(read_settings().bridge_devices_file)


@command.command("add")
@click.argument("device_id")
def add(device_id: str) -> None:
    """Register DEVICE_ID (Sensor Logger shows it in its settings) and print what to enter on the phone."""
    settings = read_settings()
    try:
        token = _devices().add(device_id)
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None
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
    for device_id in _devices().ids():
        click.echo(device_id)


@command.command("remove")
@click.argument("device_id")
def remove(device_id: str) -> None:
    """Revoke the token of DEVICE_ID."""
    if not _devices().remove(device_id):
        raise ConfigurationError(f"{device_id} is not registered: `geovelocity device list` shows who is")
