"""Load generator of phones, in a process of its own: `python -m tests.nightly.bench.load_generator` < `Plan` as JSON.

Each phone keeps one connection, reconnects when the bridge closes it, and pushes once a second, answered or not. A late
push is sent as soon as possible, and its response time counts from when it was due. The result goes to stdout as JSON.
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
ANSWER_TIMEOUT_S = 5.0
"""Seconds to wait for answers after the last push."""


@dataclass(frozen=True)
class Plan:
    """Port and tokens by device. The phones start one by one within `ramp_s`, then `seconds` are measured."""

    port: int
    tokens: dict[str, str]
    ramp_s: float
    seconds: float


@dataclass
class PushResults:
    """Result of the measured seconds. `waited_ms`: percentiles 0 to 100 of the response times, one per entry."""

    due: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    cut_off: int = 0
    unanswered: int = 0
    waited_ms: list[float] = field(default_factory=list)


class Phone(asyncio.Protocol):
    """A phone and its connection. It reads the head of an answer and a body of the length that the head states."""

    def __init__(self, generator: "LoadGenerator", device_id: str, token: str, number: int) -> None:
        self._generator = generator
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
        if not self._generator.is_over:
            self._generator.results.cut_off += 1

    def push(self, due_s: float) -> None:
        """Send the push that is due now, or queue it behind an unanswered one."""
        self._due.append(due_s)
        if len(self._due) == 1:
            self._send()

    @property
    def is_connected(self) -> bool:
        return self._transport is not None

    @property
    def unanswered(self) -> int:
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
        self._generator.answered(head[9:12].decode(), self._due.popleft())
        if self._due:
            self._send()


class LoadGenerator:
    """All phones of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.results = PushResults()
        self.is_over = False
        self._plan = plan
        self._counts_from_s = time.monotonic() + plan.ramp_s + PERIOD_S
        self._ends_s = self._counts_from_s + plan.seconds
        self._waited_ms: list[float] = []

    def answered(self, status: str, due_s: float) -> None:
        if self._counts_from_s <= due_s < self._ends_s:
            self.results.answers[status] += 1
            self._waited_ms.append((time.monotonic() - due_s) * 1000)

    async def run(self) -> PushResults:
        began_s, number = time.monotonic(), len(self._plan.tokens)
        order = list(self._plan.tokens.items())
        random.Random(1).shuffle(order)
        async with asyncio.TaskGroup() as group:
            for index, (device_id, token) in enumerate(order):
                start_s = began_s + index / number * self._plan.ramp_s
                phone = Phone(self, device_id, token, index)
                group.create_task(self._run_phone(phone, start_s, index / number * PERIOD_S))
        self.is_over = True
        self.results.waited_ms = _percentiles(self._waited_ms)
        return self.results

    async def _run_phone(self, phone: Phone, start_s: float, phase_s: float) -> None:
        await asyncio.sleep(max(0.0, start_s - time.monotonic()))
        due_s = time.monotonic()
        due_s += (phase_s - due_s) % PERIOD_S
        while due_s < self._ends_s:
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            self.results.due += due_s >= self._counts_from_s
            phone.push(due_s)
            if not phone.is_connected:
                await self._connect(phone)
            due_s += PERIOD_S
        ends_s = self._ends_s + ANSWER_TIMEOUT_S
        while phone.unanswered and time.monotonic() < ends_s:
            await asyncio.sleep(0.1)
        self.results.unanswered += phone.unanswered

    async def _connect(self, phone: Phone) -> None:
        """Connect a phone. After a failure the next push tries again."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().create_connection(lambda: phone, HOST, self._plan.port)


def _percentiles(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [round(ordered[(len(ordered) - 1) * share // 100], 1) for share in range(101)] if ordered else []


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    plan = Plan(**json.load(sys.stdin))
    print(json.dumps(vars(asyncio.run(LoadGenerator(plan).run()))))


if __name__ == "__main__":
    main()
