"""Attackers of a bridge in a process of their own: `python -m tests.support.load_attackers`, a `Plan` as JSON on stdin.

It prints the results of each kind of attacker as JSON: the number of answers by status, the number of connections that
the bridge closed, and the seconds until the last of them was closed.
"""

import asyncio
import json
import os
import sys
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from deploy.local.ports import HOST

TRICKLE_S = 0.5
CROWD_FIRST_S = 1.5
"""Start of the slow attackers, after the flood, which would only evict them."""

ENDS_S = 6.0
"""Time after the siege for attackers to notice that their connection was closed."""


@dataclass
class Plan:
    """Duration of the attacks, and the tokens of the attackers' own devices."""

    port: int
    seconds: float
    tokens: dict[str, str]


@dataclass
class Met:
    """Results of one kind of attacker."""

    answers: Counter[str] = field(default_factory=Counter)
    cut_off: int = 0
    last_cut_off_s: float = 0.0


Attack = Callable[["Siege", Met], Coroutine[Any, Any, None]]


class Siege:
    """All attackers at the same time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._ends = time.monotonic() + plan.seconds

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self._ends

    async def run(self) -> dict[str, dict[str, Any]]:
        met = {name: Met() for name in ATTACKS}
        async with asyncio.TaskGroup() as group:
            for name, (number, attack) in ATTACKS.items():
                for _ in range(number):
                    group.create_task(attack(self, met[name]))
        return {name: vars(one) for name, one in met.items()}

    def head(self, name: str, *lines: str, length: int) -> bytes:
        token = self.plan.tokens.get(name, name)
        start = (
            f"POST /sensor-logger HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
        )
        return (start + "".join(f"{line}\r\n" for line in lines) + f"Content-Length: {length}\r\n\r\n").encode()

    @asynccontextmanager
    async def connection(self, met: Met) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Yield a connection. Count it if the bridge closes it."""
        began = time.monotonic()
        reader, writer = await asyncio.open_connection(HOST, self.plan.port)
        try:
            yield reader, writer
        except (ConnectionError, asyncio.IncompleteReadError):
            met.cut_off += 1
            met.last_cut_off_s = max(met.last_cut_off_s, round(time.monotonic() - began, 1))
        finally:
            writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> str:
    """Read the next answer completely, and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length")), 0)
    await reader.readexactly(length)
    return lines[0].split()[1]


async def trickle(siege: Siege, met: Met, *, start: bytes) -> None:
    """Send a byte at intervals until the bridge answers or closes the connection."""
    await asyncio.sleep(CROWD_FIRST_S)
    async with siege.connection(met) as (reader, writer):
        writer.write(start)
        asked = asyncio.create_task(answer(reader))
        while not asked.done() and siege.goes_on:
            writer.write(b"a")
            await asyncio.wait([asked], timeout=TRICKLE_S)
        met.answers[await asyncio.wait_for(asked, ENDS_S)] += 1


async def trickle_head(siege: Siege, met: Met) -> None:
    await trickle(siege, met, start=b"POST /sensor-logger HTTP/1.1\r\nHost: x\r\nX-Slow: ")


async def trickle_body(siege: Siege, met: Met) -> None:
    await trickle(siege, met, start=siege.head("slow", length=10_000))


async def say_nothing(siege: Siege, met: Met) -> None:
    async with siege.connection(met) as (reader, _):
        await asyncio.wait_for(reader.readexactly(1), siege.plan.seconds + ENDS_S)


async def do_not_read(siege: Siege, met: Met) -> None:
    """Request the longest answer repeatedly and read nothing."""
    async with siege.connection(met) as (reader, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # the stubs give a stream its write side only
        while siege.goes_on and not writer.is_closing():
            writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            await asyncio.sleep(TRICKLE_S)
        writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        while await asyncio.wait_for(reader.read(1 << 16), ENDS_S):
            pass
        raise ConnectionResetError


async def hammer(siege: Siege, met: Met, *, request: bytes, pause_s: float = 0.0) -> None:
    """Send the same request as fast as the bridge answers."""
    while siege.goes_on:
        async with siege.connection(met) as (reader, writer):
            while siege.goes_on:
                writer.write(request)
                met.answers[await answer(reader)] += 1
                await asyncio.sleep(pause_s)


def bomb() -> bytes:
    """Return 130 KB of gzip that decompress to 128 MiB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(128)), packer.flush()])


BOMB = bomb()


def pushed(name: str, *, device: str | None = None, hours_ago: float = 0.0) -> Attack:
    """Return an attacker that repeats a push."""

    async def attack(siege: Siege, met: Met) -> None:
        at_ns = time.time_ns() - round(hours_ago * 3_600_000_000_000)
        values = {"latitude": 40.1234567, "longitude": -75.7654321}
        item = {"name": "location", "time": at_ns, "values": values}
        body = json.dumps({"deviceId": device or name, "messageId": 1, "sessionId": "s", "payload": [item]}).encode()
        await hammer(siege, met, request=siege.head(name, length=len(body)) + body, pause_s=0.05)

    return attack


async def blow_up(siege: Siege, met: Met) -> None:
    head = siege.head("bomber", "Content-Encoding: gzip", length=len(BOMB))
    await hammer(siege, met, request=head + BOMB, pause_s=1.0)


async def ask(siege: Siege, met: Met) -> None:
    await hammer(siege, met, request=b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")


async def guess(siege: Siege, met: Met) -> None:
    await hammer(siege, met, request=siege.head("no-such-token", length=2) + b"{}")


ATTACKS: dict[str, tuple[int, Attack]] = {
    "heads a byte at a time": (60, trickle_head),
    "bodies a byte at a time": (40, trickle_body),
    "silent sockets": (500, say_nothing),
    "answers not read": (20, do_not_read),
    "gzip bombs": (10, blow_up),
    "guessed tokens": (40, guess),
    "questions after readiness": (10, ask),
    "a flood of one device": (8, pushed("flooder")),
    "another device's id": (4, pushed("impostor", device="phone-1")),
    "a removed token": (4, pushed("removed")),
    "an expired token": (4, pushed("expired")),
    "a push replayed at once": (1, pushed("replayer")),
    "a push replayed after hours": (2, pushed("latecomer", hours_ago=3.0)),
}


def main() -> None:
    siege = Siege(Plan(**json.load(sys.stdin)))
    print(json.dumps(asyncio.run(siege.run())))


if __name__ == "__main__":
    os.nice(15)  # real attackers have their own machines, so take no CPU time from the bridge and the phones
    main()
