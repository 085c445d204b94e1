"""A crowd of phones, in a process of its own: `python -m tests.nightly.bench.crowd`, with a `Plan` as JSON on stdin.

Each phone keeps one connection, opens another when it is cut off, and pushes once a second whether or not it was
answered. A late push is sent as soon as possible; its time counts from when it was due. Prints the result.
"""

import asyncio
import contextlib
import json
import random
import resource
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.local.ports import HOST

PERIOD_S = 1.0
PATIENCE_S = 5.0
"""How long after the last push answers are waited for."""


@dataclass(frozen=True)
class Plan:
    """Who pushes where. The phones come one after another within `ramp_s`; what they meet counts from then on."""

    port: int
    tokens: dict[str, str]
    ramp_s: float
    seconds: float


@dataclass
class Met:
    """Result of the measured seconds. `waited_ms`: percentiles 0 to 100, one per entry."""

    due: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    cut_off: int = 0
    unanswered: int = 0
    waited_ms: list[float] = field(default_factory=list)


class Phone(asyncio.Protocol):
    """One connection. Reads answers as the bridge writes them: a head, and a body of the length that it says."""

    def __init__(self, crowd: "Crowd", device_id: str, token: str, number: int) -> None:
        self._crowd = crowd
        self._number = 0
        self._due: deque[float] = deque()
        self._answer = b""
        self._transport: asyncio.Transport | None = None
        self._place = (48.0 + number * 1.0000007e-4, 2.0 + number * 1.0000003e-4)
        self._device_id = device_id
        self._head = (
            f"POST /sensor-logger HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._answer = transport, b""
        if self._due:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        if not self._crowd.is_over:
            self._crowd.met.cut_off += 1

    def push(self, due_s: float) -> None:
        """It is time for a push."""
        self._due.append(due_s)
        if len(self._due) == 1:
            self._send()

    @property
    def is_connected(self) -> bool:
        return self._transport is not None

    @property
    def waits(self) -> int:
        return len(self._due)

    def _send(self) -> None:
        if self._transport is None:
            return
        latitude, longitude = self._place
        self._number += 1
        body = (
            f'{{"messageId": {self._number}, "sessionId": "bench", "deviceId": "{self._device_id}", "payload": '
            f'[{{"name": "location", "time": {time.time_ns()}, "values": {{"latitude": {latitude:.7f}, '
            f'"longitude": {longitude + self._number * 1.03e-5:.7f}, "altitude": 35.1, "speed": 1.2, '
            '"speedAccuracy": 0.5, "bearing": 90.5, "bearingAccuracy": 12.0, "horizontalAccuracy": 4.7, '
            '"verticalAccuracy": 3.0}}]}'
        )
        self._transport.write(f"{self._head}{len(body)}\r\n\r\n{body}".encode())

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, ended, body = self._answer.partition(b"\r\n\r\n")
        if not ended:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._answer = b""
        self._crowd.answered(head[9:12].decode(), self._due.popleft())
        if self._due:
            self._send()


class Crowd:
    """All phones of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.met = Met()
        self.is_over = False
        self._plan = plan
        self._counts_from_s = time.monotonic() + plan.ramp_s + PERIOD_S
        self._ends_s = self._counts_from_s + plan.seconds
        self._waited_ms: list[float] = []

    def answered(self, status: str, due_s: float) -> None:
        if self._counts_from_s <= due_s < self._ends_s:
            self.met.answers[status] += 1
            self._waited_ms.append((time.monotonic() - due_s) * 1000)

    async def run(self) -> Met:
        began_s, number = time.monotonic(), len(self._plan.tokens)
        order = list(self._plan.tokens.items())
        random.Random(1).shuffle(order)
        async with asyncio.TaskGroup() as group:
            for place, (device_id, token) in enumerate(order):
                comes_s = began_s + place / number * self._plan.ramp_s
                phone = Phone(self, device_id, token, place)
                group.create_task(self._live(phone, comes_s, place / number * PERIOD_S))
        self.is_over = True
        self.met.waited_ms = _percentiles(self._waited_ms)
        return self.met

    async def _live(self, phone: Phone, comes_s: float, phase_s: float) -> None:
        await asyncio.sleep(max(0.0, comes_s - time.monotonic()))
        due_s = time.monotonic()
        due_s += (phase_s - due_s) % PERIOD_S
        while due_s < self._ends_s:
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            self.met.due += due_s >= self._counts_from_s
            phone.push(due_s)
            if not phone.is_connected:
                await self._connect(phone)
            due_s += PERIOD_S
        ends_s = self._ends_s + PATIENCE_S
        while phone.waits and time.monotonic() < ends_s:
            await asyncio.sleep(0.1)
        self.met.unanswered += phone.waits

    async def _connect(self, phone: Phone) -> None:
        """Where that fails, it is tried again with the next push."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().create_connection(lambda: phone, HOST, self._plan.port)


def _percentiles(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [round(ordered[(len(ordered) - 1) * share // 100], 1) for share in range(101)] if ordered else []


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    plan = Plan(**json.load(sys.stdin))
    print(json.dumps(vars(asyncio.run(Crowd(plan).run()))))


if __name__ == "__main__":
    main()
