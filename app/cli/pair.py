"""`geovelocity pair`: register phones, and print the values to enter in their apps."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.errors import ConfigurationError
from app.local import reachability
from app.settings import Settings, read_settings
from sensor_logger_bridge.apps.registry import APPS, SOURCES
from sensor_logger_bridge.apps.setup import PhoneSetup
from sensor_logger_bridge.devices.registry import DeviceRegistry, DevicesFileError
from sensor_logger_bridge.pairing.page import PATH
from sensor_logger_bridge.pairing.qr import terminal
from sensor_logger_bridge.public_url import PublicUrl, bracket_ipv6, host_of, is_loopback


@click.command("pair")
@click.option("--device", "device_id", metavar="NAME", help="Device id of the phone, as payments name it.")
@click.option("--app", type=click.Choice(SOURCES), help="Print the setup of this app only. Default: all apps.")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="Days until the token expires. Default: never."
)
@click.option("--address", help="Name or address at which the phone reaches this machine. Default: detected.")
@click.option("--list", "is_list", is_flag=True, help="Print the paired phones.")
@click.option("--revoke", metavar="NAME", help="Revoke the token of this phone.")
def command(
    device_id: str | None, app: str | None, days: float | None, address: str | None, is_list: bool, revoke: str | None
) -> None:
    """Register a phone and print a QR code of its pairing page, and the values to enter by hand.

    A running bridge applies every change at once. The token is printed only once. Pairing a phone again replaces it.
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
                raise ConfigurationError(f"{revoke} is not paired: `geovelocity pair --list` prints the paired phones")
            click.echo(f"{revoke} is revoked: the bridge rejects its token")
        elif device_id is not None:
            base = _base_url(settings, address)
            _print_setup(PhoneSetup(base, device_id, devices.add(device_id, days)), app)
            if advice := asyncio.run(reachability.advice(settings, base)):
                click.echo(f"\n{advice}")


@contextmanager
def _devices(settings: Settings) -> Iterator[DeviceRegistry]:
    """Yield the device registry of this machine's bridge, and report a broken file in one line."""
    try:
        yield DeviceRegistry(settings.bridge_devices_file)
    except DevicesFileError as error:
        raise ConfigurationError(str(error)) from None


def _base_url(settings: Settings, address: str | None) -> str:
    """Return the bridge's URL for the phone, as if the bridge listened on every address. The caller checks that."""
    host, port = settings.bridge
    if address is not None:
        if host_of(bracket_ipv6(address)) is None:
            raise click.BadParameter("give a name or an address, without http:// and port", param_hint="--address")
        return f"http://{bracket_ipv6(address)}:{port}"
    return PublicUrl(host if not is_loopback(host) else "0.0.0.0", port, settings.bridge_url).base_url()  # noqa: S104 - nothing listens here


def _print_setup(phone: PhoneSetup, app: str | None) -> None:
    page = f"{phone.base_url}{PATH}#{phone.token}{f'/{app}' if app else ''}"
    click.echo(f"{phone.device_id} is paired. Scan this with the phone, or open the page:\n")
    click.echo(f"  page   {page}\n  token  {phone.token}\n")
    click.echo(terminal(page, coloured=sys.stdout.isatty()))
    click.echo("By hand, in the app's own settings:\n")
    for one in APPS:
        if app in (None, one.name):
            setup = one.setup(phone)
            values = ", ".join(f"{value.name} = {value.value}" for value in setup.values)
            click.echo(f"  {one.title} ({setup.where}): {values}")
