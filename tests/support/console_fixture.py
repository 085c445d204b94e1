"""The console's server as a process, and functions that write verdicts as the detector does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.local import runner
from app.settings import Settings
from deploy.local.process import LocalProcess
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import Outcome, encode_verdict
from tests.support.make import verdict
from tests.support.service import running, send

DEVICE = "device_k1_" + "A" * 52


def suspect(number: int, revision: int = 1, **changes: Any) -> bytes:
    fields = {"verdict": Outcome.SUSPECT, "revision": revision, "risk": number % 100, "device_token": DEVICE}
    return encode_verdict(verdict(number, **fields | changes))


def id_of(number: int) -> str:
    return verdict(number).id


async def publish(settings: Settings, *values: bytes, key: str = "phone-1") -> None:
    """Write verdicts to both topics, as the detector does."""
    for topic in (settings.topics.verdicts, settings.topics.suspects):
        await send(settings, topic, *((key, value) for value in values))


async def erase_device(settings: Settings, device_token: str, key: str) -> None:
    erasure = Erasure(
        device_tokens=(device_token,), request=0, forgotten_at="2026-11-21T12:00:00.000Z", rows=1, open_payments=0
    )
    await publish(settings, encode_erasure(erasure), key=key)  # the key selects the partition of the device


@asynccontextmanager
async def running_console(settings: Settings) -> AsyncIterator[LocalProcess]:
    async with running(runner.api(settings, restart=False), folder=settings.state_dir) as (process,):
        yield process


def console_url(settings: Settings) -> str:
    host, port = settings.api
    return f"http://{host}:{port}"
