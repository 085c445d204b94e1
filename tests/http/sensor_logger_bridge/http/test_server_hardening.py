"""Errors of the bridge's own code, at a listening bridge without a broker."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.bridge import ListeningBridge, listening, location, message

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[ListeningBridge]:
    async with listening(tmp_path) as there:
        yield there


async def post(there: ListeningBridge) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {there.token}"} | JSON
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{there.url}/sensor-logger", data=message(location(time.time_ns())), headers=headers) as answer,
    ):
        return answer.status, f"{answer.headers}{await answer.text()}"


async def test_an_error_of_the_bridge_is_500_and_is_logged_without_the_message(
    bridge: ListeningBridge, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_push: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(bridge.publisher, "publish", broken)
    status, answer = await post(bridge)
    assert status == 500
    assert not shows_canary(answer + caplog.text)
    (record,) = caplog.records
    assert record.getMessage().startswith("cannot answer a request: RuntimeError at ")
