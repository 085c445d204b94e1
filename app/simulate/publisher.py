"""Publishers: how simulated pushes reach `locations`, through the bridge or directly."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec
from aiokafka import AIOKafkaProducer

from app.errors import UnavailableError
from app.settings import Settings
from app.simulate.phone import body
from schemas.push import Push, encode_push
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.translation import SHOWN_ON_PHONE

OK: Final = 200

Publish = Callable[[Push], Awaitable[bool]]
"""Publish a push and return once it is durable. False: it was refused, as a phone would see."""


@asynccontextmanager
async def via_bridge(settings: Settings, device_ids: Collection[str]) -> AsyncIterator[Publish]:
    """Publish as Sensor Logger does, each phone with a token of its own that is revoked at the end.

    The app cannot report mock positions, so those are left out.

    Raises:
        UnavailableError: the bridge does not answer, or rejects a phone.
    """
    host, port = settings.bridge
    url = f"http://{host}:{port}/sensor-logger"
    devices = DeviceRegistry(settings.bridge_devices_file)
    tokens = devices.add_all(list(device_ids))
    try:
        async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:

            async def say(push: Push) -> bool:
                fixes = tuple([fix for fix in push.fixes if not fix.mock])
                if not fixes:
                    return True
                headers = {"Authorization": f"Bearer {tokens[push.device_id]}"}
                try:
                    async with session.post(
                        url, data=body(msgspec.structs.replace(push, fixes=fixes)), headers=headers
                    ) as answer:
                        if answer.status not in (OK, SHOWN_ON_PHONE):
                            raise UnavailableError(f"the bridge answered {answer.status}: {await answer.text()}")
                        return answer.status == OK
                except aiohttp.ClientError as error:
                    raise UnavailableError(
                        f"the bridge at {host}:{port} does not answer ({type(error).__name__}): start it (`make up`)"
                    ) from None

            yield say
    finally:
        for device_id in device_ids:
            devices.remove(device_id)


@asynccontextmanager
async def direct(settings: Settings, producer: AIOKafkaProducer) -> AsyncIterator[Publish]:
    """Publish as the bridge would write it."""

    async def say(push: Push) -> bool:
        await producer.send_and_wait(settings.topics.locations, encode_push(push), key=push.device_id.encode())
        return True

    yield say
