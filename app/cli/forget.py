"""`geovelocity forget`: erasure of a device from the state and the stores."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click
from rich.markup import escape
from rich.table import Table

from agents.rules.state_limits import STATE_LIMITS
from app.cli.output import console
from app.errors import UnavailableError
from app.privacy.erasure import ErasureProgress, ErasureRequested, request_erasure, wait_for_detector, wait_for_sink
from app.provisioning.topics import DAY_MS, HOUR_MS, RETENTION_DAYS
from app.security.agent_context import agent_context
from app.settings import Settings, read_settings
from app.sinks.base import Dataset, Sink
from app.topology import DETECTOR, SINKS
from schemas.json.identifier import check_device_id
from sensor_logger_bridge.devices.registry import DeviceRegistry, DevicesFileError

NOT_ALL_GONE: Final = 3
WITHIN_S: Final = 60.0

EXPIRES_BY_RETENTION: Final = (
    "Records on Kafka's topics expire by the retention that `geovelocity init` has set: "
    f"positions within {STATE_LIMITS.positions_kept_ms // HOUR_MS + 1} hours, "
    f"payments and verdicts within {RETENTION_DAYS + 1} days, "
    f"this request within {STATE_LIMITS.tombstones_kept_ms // DAY_MS + 1}. "
    "Compaction removes the rows from the changelog, and then their keys, within two days."
)
STILL_REGISTERED: Final = (
    "The bridge still accepts positions of this device, and new ones are stored again: "
    "run `geovelocity pair --revoke` to stop that."
)

Counts = Mapping[Dataset, int] | UnavailableError


@dataclass(frozen=True, slots=True)
class Location:
    """A place with data of the device. Counts are None when unknown. `waits`: why the data are still there."""

    name: str
    before: int | None
    now: int | None
    waits: str = ""

    @property
    def cells(self) -> Sequence[str]:
        shown = ["?" if count is None else str(count) for count in (self.before, self.now)]
        return [self.name, *shown, escape(self.waits) or "[green]gone[/]"]


@click.command("forget")
@click.option("--device", "device_id", required=True, metavar="ID", help="Device id, as in payments and positions.")
@click.option("--within", "within_s", type=click.FloatRange(0), default=WITHIN_S, help="Seconds to wait.")
def command(device_id: str, within_s: float) -> None:
    """Erase a device's rows and stored verdicts, and ignore its older records from now on.

    Its open payments get no further verdict. Exit code: 0, everything is erased; 3, the erasure was requested but is
    not complete yet; 1, nothing was requested. Repeating the command is safe and reports the progress.
    """
    if check_device_id(device_id) is not None:
        raise click.BadParameter("this is not a valid device id", param_hint="--device")
    settings = read_settings()
    places = asyncio.run(_forget(settings, device_id, within_s))
    gone = all(not place.waits for place in places)
    _print_result(places, gone=gone, registered=_is_registered(settings, device_id))
    sys.exit(0 if gone else NOT_ALL_GONE)


async def _forget(settings: Settings, device_id: str, within_s: float) -> list[Location]:
    tokens = agent_context(settings).masker.tokens("device", device_id)
    sinks = {sink_app.name: sink_app.store(settings) for sink_app in SINKS}
    try:
        before = {name: await _counts(sink, tokens) for name, sink in sinks.items()}
        asked = await _submit(settings, device_id)
        until_s = asyncio.get_running_loop().time() + within_s
        done = await _detector(settings, asked, until_s)
        waits = await asyncio.gather(*[_waits_for(settings, name, done, until_s) for name in sinks])
        now = {name: await _counts(sink, tokens) for name, sink in sinks.items()}
    finally:
        await asyncio.gather(*[sink.close() for sink in sinks.values()])
    places = [_table(done)]
    for name, why in zip(sinks, waits, strict=True):
        places += _datasets(name, before[name], now[name], why)
    return places


async def _submit(settings: Settings, device_id: str) -> ErasureRequested:
    try:
        return await request_erasure(settings, device_id)
    except UnavailableError as error:
        raise UnavailableError(f"{error}; nothing was erased: run the command again when it answers") from None


async def _detector(settings: Settings, asked: ErasureRequested, until_s: float) -> ErasureProgress | str:
    """Return the detector's progress, or one sentence that says why it has none."""
    try:
        done = await wait_for_detector(settings, asked, until_s)
    except UnavailableError as error:
        return f"{error}: the erasure continues when it is back"
    return done or f"no {DETECTOR.name} has processed the request: start one, or wait until it has caught up"


def _table(done: ErasureProgress | str) -> Location:
    if isinstance(done, str):
        return Location(DETECTOR.name, None, None, done)
    open_payments = done.erasure.open_payments
    dropped = f", {open_payments} open payments among them" if open_payments else ""
    return Location(f"{DETECTOR.name}, rows{dropped}", done.erasure.rows, 0)


async def _waits_for(settings: Settings, name: str, done: ErasureProgress | str, until_s: float) -> str:
    """Return one sentence that says why a sink has not erased the device; empty when it has."""
    if isinstance(done, str):
        return f"after the {DETECTOR.name}"
    try:
        reached = await wait_for_sink(settings, name, done, until_s)
    except UnavailableError as error:
        return f"{error}: the erasure continues when it is back"
    return "" if reached else f"{name} has not processed the request: start it, and check its store"


def _datasets(name: str, before: Counts, now: Counts, waits: str) -> Iterator[Location]:
    if waits and isinstance(now, UnavailableError):
        waits = f"{now}; {name} removes them when it answers"
    for shelf in Dataset:
        was, left = (None if isinstance(one, UnavailableError) else one[shelf] for one in (before, now))
        yield Location(f"{name}, {shelf}", was, left, waits)


async def _counts(sink: Sink, tokens: Sequence[str]) -> Counts:
    try:
        return {shelf: await sink.count(shelf, tokens) for shelf in Dataset}
    except UnavailableError as error:
        return error


def _is_registered(settings: Settings, device_id: str) -> bool:
    """Return whether the bridge of this machine has a token for the device."""
    try:
        return device_id in DeviceRegistry(settings.bridge_devices_file).ids()
    except DevicesFileError:
        return False


def _print_result(places: Sequence[Location], *, gone: bool, registered: bool) -> None:
    table = Table("", "before", "now", "", box=None, pad_edge=False)
    for place in places:
        table.add_row(*place.cells)
    console().print(table)
    click.echo("Everything is erased." if gone else "The erasure is requested, but not complete yet.")
    if any(place.now and not place.waits for place in places):
        click.echo("The remaining data arrived after the request.")
    click.echo(EXPIRES_BY_RETENTION)
    if registered:
        click.echo(STILL_REGISTERED)
