"""Errors of the bridge itself, delayed refusals and cached readiness, at a listening bridge without a broker."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.bridge import ListeningBridge, listening, location, message

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[ListeningBridge]:
    async with listening(tmp_path) as there:
        yield there


@dataclass(frozen=True)
class Sent:
    """A request, what is answered, and under which code it is counted. `body` None: a good one."""

    line: int
    name: str
    status: int
    code: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""


def good(**fields: Any) -> bytes:
    return message(location(time.time_ns()), **fields)


def authorized(text: str) -> dict[str, str]:
    return {"Authorization": text}


TOKEN, KIND, PACKED = "unknown-token", "media-type", "content-encoding"


async def post(there: ListeningBridge, sent: Sent) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {there.token}"} | JSON | sent.headers
    body = good() if sent.body is None else sent.body
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{there.url}/sensor-logger{sent.path}", data=BytesIO(body), headers=headers) as answer,
    ):
        return answer.status, f"{answer.headers}{await answer.text()}"


async def test_an_error_of_the_bridge_is_500_and_is_logged_without_the_message(
    bridge: ListeningBridge, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_push: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(bridge.publisher, "publish", broken)
    status, answer = await post(bridge, Sent(0, "", 500, ""))
    assert status == 500
    assert not shows_canary(answer + caplog.text)
    (record,) = caplog.records
    assert record.getMessage().startswith("cannot answer a request: RuntimeError at ")
