"""A listening bridge with a list in place of the broker, and the messages that a phone posts to it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from schemas.push import Push
from sensor_logger_bridge.apps.app import App
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.publisher import BrokerUnavailableError, Publisher
from sensor_logger_bridge.server import Bridge, serve
from tests.support.bad_inputs import CANARY
from tests.support.make import NOON_MS

NOON_NS = NOON_MS * 1_000_000


class RecordingPublisher(Publisher):
    """A publisher that records pushes. `is_down`: no broker answers."""

    def __init__(self) -> None:
        super().__init__({}, "locations")
        self.pushes: list[Push] = []
        self.is_down = False
        self.availability_checks = 0

    async def publish(self, push: Push) -> None:
        if self.is_down:
            raise BrokerUnavailableError("KafkaConnectionError")
        self.pushes.append(push)

    async def is_broker_available(self) -> bool:
        self.availability_checks += 1
        return not self.is_down


class ListeningBridge:
    """A bridge with its own port, and the token of `phone-1`."""

    def __init__(self, folder: Path, apps: Sequence[App] = APPS) -> None:
        self.publisher = RecordingPublisher()
        devices = DeviceRegistry(folder / "devices.jsonl")
        self.token = devices.add("phone-1")
        self.bridge = Bridge(devices, self.publisher, refusal_delay_s=0.0, apps=apps)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def listening(
    folder: Path, host: str = "127.0.0.1", apps: Sequence[App] = APPS
) -> AsyncIterator[ListeningBridge]:
    """Yield a bridge that listens on a socket."""
    there = ListeningBridge(folder, apps)
    runner = await serve(there.bridge, host, 0)
    there.port = runner.addresses[0][1]
    try:
        yield there
    finally:
        await runner.cleanup()


def location(time: Any = NOON_NS, **values: Any) -> dict[str, Any]:
    """Return an item with a position. The value `...` removes a field."""
    known = {"latitude": 40.1234567, "longitude": -75.7654321} | values
    return {
        "name": "location",
        "time": time,
        "values": {name: value for name, value in known.items() if value is not ...},
    }


def message(*items: dict[str, Any], **fields: Any) -> bytes:
    """Return a body as the app sends it, with a canary in a field that the bridge ignores."""
    known: dict[str, Any] = {"messageId": 17, "sessionId": "b1", "deviceId": "phone-1", "userId": CANARY}
    known |= {"payload": list(items)} | fields
    return json.dumps({name: value for name, value in known.items() if value is not ...}).encode()
