"""`geovelocity pair`: which phones may post positions, and what each has to be told."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.errors import ConfigurationError
from app.local import reachability
from app.settings import Settings, read_settings
from sensor_logger_bridge.devices.registry import DeviceRegistry, DevicesFileError
from sensor_logger_bridge.pairing.page import PATH
from sensor_logger_bridge.pairing.qr import terminal
from sensor_logger_bridge.pairing.setup import APPS, PhoneSetup, setup_of, setups
from sensor_logger_bridge.public_url import PublicUrl, bracket_ipv6, host_of, is_loopback


@click.command("pair")
@click.option("--device", "device_id", metavar="NAME", help="The phone, by the device id that payments have.")
@click.option("--app", type=click.Choice(APPS), help="Tell of this app alone. Default: of all.")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="How long the token is good. Default: always."
)
@click.option("--address", help="This machine's name or address, as the phone reaches it. Default: it is found out.")
@click.option("--list", "is_list", is_flag=True, help="Print who is paired.")
@click.option("--revoke", metavar="NAME", help="Take the token of this phone away.")
def command(
    device_id: str | None, app: str | None, days: float | None, address: str | None, is_list: bool, revoke: str | None
) -> None:
    """Register a phone and print what it has to be told: a QR code of its pairing page, and the values by hand.

    A running bridge sees every change at once. The token is shown this once; pairing a phone again makes a new one.
    """
    if (device_id is not None) + is_list + (revoke is not None) != 1:
        raise click.UsageError("give one of --device NAME, --list and --revoke NAME")
    settings = read_settings()
    with _devices(settings) as devices:
        if is_list:
            for known in devices.ids():
                click.echo(known)
        elif revoke is not None:
            if not devices.remove(revoke):
                raise ConfigurationError(f"{revoke} is not paired: `geovelocity pair --list` shows who is")
            click.echo(f"{revoke} is no longer heard")
        elif device_id is not None:
            base = _base_url(settings, address)
            _print_setup(PhoneSetup(base, device_id, devices.add(device_id, days)), app)
            if advice := asyncio.run(reachability.advice(settings, base)):
                click.echo(f"\n{advice}")


@contextmanager
def _devices(settings: Settings) -> Iterator[DeviceRegistry]:
    """The devices of this machine's bridge; what is wrong with their file is one line."""
    try:
        yield DeviceRegistry(settings.bridge_devices_file)
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None


def _base_url(settings: Settings, address: str | None) -> str:
    """Where the phone finds the bridge: as if that listened everywhere, which is looked into afterwards."""
    host, port = settings.bridge
    if address is not None:
        if host_of(bracket_ipv6(address)) is None:
            raise click.BadParameter("a name or an address, without http:// and port", param_hint="--address")
        return f"http://{bracket_ipv6(address)}:{port}"
    return PublicUrl(host if not is_loopback(host) else "0.0.0.0", port, settings.bridge_url).base_url()  # noqa: S104 - nothing listens here


def _print_setup(phone: PhoneSetup, app: str | None) -> None:
    page = f"{phone.base_url}{PATH}#{phone.token}{f'/{app}' if app else ''}"
    click.echo(f"{phone.device_id} is paired. Scan this with the phone, or open the page:\n")
    click.echo(f"  page   {page}\n  token  {phone.token}\n")
    click.echo(terminal(page, coloured=sys.stdout.isatty()))
    click.echo("By hand, in the app's own settings:\n")
    for setup in setups(phone) if app is None else (setup_of(app, phone),):
        values = ", ".join(f"{value.name} = {value.value}" for value in setup.values)
        click.echo(f"  {setup.title} ({setup.where}): {values}")
