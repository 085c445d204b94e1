"""A bridge that listens, with a list in place of the broker; and what a phone posts to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from schemas.push import Push
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.publisher import BrokerUnavailableError, Publisher
from sensor_logger_bridge.server import Bridge, serve
from tests.support.bad_inputs import CANARY
from tests.support.make import NOON_MS

NOON_NS = NOON_MS * 1_000_000


class RecordingPublisher(Publisher):
    """Keeps what is published; `away`: no broker answers."""

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
    """A bridge on a port of its own, and the token of `phone-1`."""

    def __init__(self, folder: Path) -> None:
        self.publisher = RecordingPublisher()
        devices = DeviceRegistry(folder / "devices.jsonl")
        self.token = devices.add("phone-1")
        self.bridge = Bridge(devices, self.publisher, refusal_delay_s=0.0)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def listening(folder: Path, host: str = "127.0.0.1") -> AsyncIterator[ListeningBridge]:
    """Really listens until left, on loopback unless told otherwise."""
    there = ListeningBridge(folder)
    runner = await serve(there.bridge, host, 0)
    there.port = runner.addresses[0][1]
    try:
        yield there
    finally:
        await runner.cleanup()


def location(time: Any = NOON_NS, **values: Any) -> dict[str, Any]:
    """An item with a position. A change to `...` takes the value away."""
    known = {"latitude": 40.1234567, "longitude": -75.7654321} | values
    return {
        "name": "location",
        "time": time,
        "values": {name: value for name, value in known.items() if value is not ...},
    }


def message(*items: dict[str, Any], **fields: Any) -> bytes:
    """A body as the app sends it, with a canary in a field that is skipped."""
    known: dict[str, Any] = {"messageId": 17, "sessionId": "b1", "deviceId": "phone-1", "userId": CANARY}
    known |= {"payload": list(items)} | fields
    return json.dumps({name: value for name, value in known.items() if value is not ...}).encode()
