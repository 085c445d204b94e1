"""docs/reference/bad-inputs.md over HTTP: requests to a listening bridge without a broker."""

import asyncio
import gzip
import logging
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sensor_logger_bridge.apps.app import BYTES_MAX
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.http import body as reading
from sensor_logger_bridge.translation import SHOWN_ON_PHONE
from tests.support.bad_inputs import CANARY, named, shows_canary
from tests.support.bridge import ListeningBridge, listening, location, message

JSON = {"Content-Type": "application/json"}

BOMB_BYTES = 128 << 20

MEMORY_MAX = 32 << 20


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[ListeningBridge]:
    async with listening(tmp_path) as there:
        yield there


@dataclass(frozen=True)
class Sent:
    """A request, the status of its answer and the code of its counter. `body` None: a valid one."""

    line: int
    name: str
    status: int
    code: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""


def good(**fields: Any) -> bytes:
    return message(location(time.time_ns()), **fields)


@cache
def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(BOMB_BYTES >> 20)]
    return b"".join([*parts, packer.flush()])


def encoded(name: str) -> dict[str, str]:
    return {"Content-Encoding": name}


def typed(name: str) -> dict[str, str]:
    return {"Content-Type": name}


def authorized(text: str) -> dict[str, str]:
    return {"Authorization": text}


TOKEN, KIND, PACKED = "unknown-token", "media-type", "content-encoding"

SENT = [
    Sent(44, "another device's id", 403, "foreign-device", good(deviceId="phone-2")),
    Sent(53, "100,000 items", 413, "too-large", message(*[{"name": CANARY}] * 100_000)),
    Sent(56, "an empty body", 400, "empty", b""),
    Sent(60, "10 MB", 413, "too-large", CANARY.encode().ljust(10 << 20)),
    Sent(60, "one byte too many", 413, "too-large", good().ljust(BYTES_MAX + 1)),
    Sent(60, "as many bytes as may be", 200, "ok", good().ljust(BYTES_MAX)),
    Sent(61, "gzip", 200, "ok", gzip.compress(good()), encoded("gzip")),
    Sent(61, "deflate", 200, "ok", zlib.compress(good()), encoded("deflate")),
    Sent(61, "gzip of one byte too many", 413, "too-large", gzip.compress(b" " * (BYTES_MAX + 1)), encoded("gzip")),
    Sent(61, "nested gzip", 415, PACKED, gzip.compress(gzip.compress(good())), encoded("gzip, gzip")),
    Sent(61, "gzip in gzip, unsaid", 400, "encoding", gzip.compress(gzip.compress(good())), encoded("gzip")),
    Sent(61, "brotli", 415, PACKED, headers=encoded("br")),
    Sent(61, "zstd", 415, PACKED, headers=encoded("zstd")),
    Sent(61, "no gzip", 400, "broken", b"\x1f\x8b" + CANARY.encode(), encoded("gzip")),
    Sent(61, "plain that calls itself gzip", 400, "broken", headers=encoded("gzip")),
    Sent(61, "gzip that is cut off", 400, "broken", gzip.compress(good())[:-9], encoded("gzip")),
    Sent(61, "gzip with something behind it", 400, "broken", gzip.compress(good()) * 2, encoded("gzip")),
    Sent(62, "0xff", 400, "encoding", b"\xff" + good()),
    Sent(64, "text", 415, KIND, headers=typed("text/plain")),
    Sent(64, "a form of parts", 415, KIND, headers=typed(f"multipart/form-data; boundary={CANARY}")),
    Sent(64, "another charset", 415, KIND, headers=typed("application/json; charset=utf-16")),
    Sent(64, "the canary for a charset", 415, KIND, headers=typed(f"application/json; charset={CANARY}")),
    Sent(64, "the stated charset", 200, "ok", headers=typed("application/json; charset=UTF-8")),
    Sent(66, "a record's limit", 413, "too-large", good().ljust(999_999)),
    Sent(67, "a card in the URL", 200, "ok", path=f"/{CANARY}"),
    Sent(67, "a card in the query", 200, "ok", path=f"?card={CANARY}"),
    Sent(67, "a card in headers", 200, "ok", headers={"User-Agent": CANARY, f"X-{CANARY}": CANARY}),
    Sent(67, "a card for a token", 499, TOKEN, headers=authorized(CANARY), path=f"/{CANARY}"),
    Sent(75, "what others would carry out", 200, "ok", headers={"User-Agent": "${jndi:ldap://x} <script>"}),
    Sent(77, "no token", SHOWN_ON_PHONE, TOKEN, headers=authorized("")),
    Sent(77, "only the scheme", SHOWN_ON_PHONE, TOKEN, headers=authorized("Bearer ")),
    Sent(77, "another token", SHOWN_ON_PHONE, TOKEN, headers=authorized("Bearer x")),
    Sent(77, "a token of any bytes", SHOWN_ON_PHONE, TOKEN, headers=authorized("Bearer \udcff\udcfe")),
]


async def post(there: ListeningBridge, sent: Sent) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {there.token}"} | JSON | sent.headers
    body = good() if sent.body is None else sent.body
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{there.url}/sensor-logger{sent.path}", data=BytesIO(body), headers=headers) as answer,
    ):
        return answer.status, f"{answer.headers}{await answer.text()}"


@pytest.mark.parametrize("row", SENT, ids=named)
async def test_a_bad_request_gets_its_status_and_no_answer_with_its_content(
    row: Sent, bridge: ListeningBridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, answer = await post(bridge, row)
    assert (status, bridge.bridge.answered) == (row.status, {row.code: 1})
    assert len(bridge.publisher.pushes) == (status == 200)
    assert not shows_canary(answer)
    assert not shows_canary(caplog.text)
    assert bridge.token not in caplog.text + answer


async def raw(there: ListeningBridge, *lines: bytes, head: bytes = b"POST /sensor-logger HTTP/1.1") -> bytes:
    """Send these lines of a request and nothing more. Return the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
    start = [head, b"Host: x", b"Content-Type: application/json", b"Authorization: " + there.token.encode()]
    writer.write(b"\r\n".join([*start, *lines]))
    async with asyncio.timeout(5):
        answer = await reader.readline() + await reader.read(4096)
    writer.close()
    await writer.wait_closed()
    return answer


CANARY_BYTES = CANARY.encode()

CHUNKED = b"Transfer-Encoding: chunked"


@dataclass(frozen=True)
class Wire:
    """Lines of a request after its first ones, and the status of the answer."""

    line: int
    name: str
    lines: tuple[bytes, ...]
    status: int


WIRE = [
    Wire(60, "10 MB announced, and not waited for", (b"Content-Length: 10000000", b"", b"{}"), 413),
    Wire(60, "less comes than announced", (b"Content-Length: 1000", b"", b"{}"), 408),
    Wire(60, "more comes than announced", (b"Content-Length: 2", b"", b"{}" + CANARY_BYTES), 400),
    Wire(60, "an announcement that is no number", (b"Content-Length: %bx" % CANARY_BYTES, b"", b"{}"), 400),
    Wire(60, "chunks without end", (CHUNKED, b"", b"2", b"{}", b""), 408),
    Wire(60, "chunks of more than may be", (CHUNKED, b"", *[b"10000", b" " * 0x10000] * 5, b""), 413),
    Wire(60, "chunks that are none", (CHUNKED, b"", CANARY_BYTES + b"zz", b"{}", b""), 400),
    Wire(63, "zero in a header", (CANARY_BYTES + b"\0: 1", b"", b""), 400),
    Wire(67, "a header longer than may be", (b"X: " + CANARY_BYTES * 2000, b"", b""), 400),
    Wire(75, "an escape in a header", (b"User-Agent: \x1b[31m", b"Content-Length: 2", b"", b"{}"), 400),
    Wire(67, "an expectation that is not known", (b"Expect: " + CANARY_BYTES, b"Content-Length: 2", b"", b"{}"), 400),
]


@pytest.mark.parametrize("row", WIRE, ids=named)
async def test_malformed_http_is_rejected_and_not_quoted(
    row: Wire, bridge: ListeningBridge, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BODY_TIMEOUT_S", 1.0)
    caplog.set_level(logging.DEBUG)
    answer = await raw(bridge, *row.lines)
    assert int(answer.split()[1]) == row.status
    assert not bridge.publisher.pushes
    assert not shows_canary(answer)
    assert not shows_canary(caplog.text)


async def test_67_a_card_number_in_a_malformed_request_line_is_not_quoted(
    bridge: ListeningBridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heads = (b"GET /%b\1 HTTP/1.1", b"%b / HTTP/1.1", b"GET / HTTP/%b", b"GET /%b HTTP/1.1", b"PUT /livez?%b HTTP/1.1")
    answers = [await raw(bridge, b"", b"", head=head % CANARY_BYTES) for head in heads]
    assert [answer.split()[1] for answer in answers] == [b"400", b"400", b"400", b"404", b"405"]
    assert not shows_canary(caplog.text)
    assert not any(map(shows_canary, answers))


async def test_60_a_phone_may_expect_100_continue(bridge: ListeningBridge) -> None:
    body = good()
    length = b"Content-Length: %d" % len(body)
    answer = await raw(bridge, length, b"Expect: 100-continue", b"Connection: close", b"", body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


async def test_61_a_gzip_bomb_is_not_decompressed(bridge: ListeningBridge) -> None:
    sent = Sent(61, "", 413, "too-large", bomb(), encoded("gzip"))
    tracemalloc.start()
    try:
        assert (await post(bridge, sent))[0] == 413
        assert tracemalloc.get_traced_memory()[1] < MEMORY_MAX
    finally:
        tracemalloc.stop()


async def test_77_all_unknown_tokens_get_the_same_answer(bridge: ListeningBridge, tmp_path: Path) -> None:
    revoked = DeviceRegistry(tmp_path / "devices.jsonl").add("phone-3")
    DeviceRegistry(tmp_path / "devices.jsonl").remove("phone-3")
    texts = set()
    for token in ("", "x", revoked, bridge.token[:-1]):
        _, text = await post(bridge, Sent(77, "", 499, TOKEN, headers=authorized(token)))
        texts.add(text.rpartition(")>")[2])
    assert len(texts) == 1
