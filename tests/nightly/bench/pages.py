"""Console pages without browsers: `python -m tests.nightly.bench.pages HOST PORT PAGES`. It ends with its input.

It is a process of its own at low priority, because browsers run on other machines.
"""

import asyncio
import json
import os
import sys
import time

PULSE, CASES, SNAPSHOT = b"event: pulse", b"event: cases", b"event: snapshot"


class Page(asyncio.Protocol):
    """A page that reads as fast as it can and records the times of pulses."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.bytes = 0
        self.events = dict.fromkeys((PULSE, CASES, SNAPSHOT), 0)
        self.pulses_at_s: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        for event in self.events:
            self.events[event] += data.count(event)
        if PULSE in data:
            self.pulses_at_s.append(time.monotonic())


async def main(host: str, port: int, count: int) -> None:
    loop = asyncio.get_running_loop()
    request = f"GET /api/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    pages = []
    for _ in range(count):
        _, page = await loop.create_connection(lambda: Page(request), host, port)
        pages.append(page)
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    gaps_s = sorted(
        later - earlier
        for page in pages
        for earlier, later in zip(page.pulses_at_s, page.pulses_at_s[1:], strict=False)
    )
    result = {
        "bytes": sum(page.bytes for page in pages),
        "pulses": sum(page.events[PULSE] for page in pages),
        "cases": sum(page.events[CASES] for page in pages),
        "snapshots": sum(page.events[SNAPSHOT] for page in pages),
        "gap_p50_s": gaps_s[len(gaps_s) // 2] if gaps_s else None,
        "gap_p99_s": gaps_s[int(0.99 * (len(gaps_s) - 1))] if gaps_s else None,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
