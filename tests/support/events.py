"""A page without a browser: it reads the console's events and merges the cases."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp


@dataclass(frozen=True)
class ReceivedEvent:
    """One event. `at_s`: arrival time by the clock of the event loop."""

    name: str
    cursor: str
    data: Any
    at_s: float


@dataclass
class EventPage:
    """Reads events as they arrive and merges cases as a page does."""

    response: aiohttp.ClientResponse
    shown: dict[str, Any] = field(default_factory=dict)
    received: list[ReceivedEvent] = field(default_factory=list)

    @property
    def cursor(self) -> str:
        return self.received[-1].cursor

    def received_revisions(self) -> list[tuple[str, int]]:
        """Return each received revision, with repetitions."""
        return [(case["id"], case["revision"]) for one in self.received for case in one.data.get("cases", ())]

    async def next_event(self) -> ReceivedEvent:
        """Read the next event.

        Raises:
            EOFError: the server has closed the stream.
        """
        fields: dict[str, str] = {}
        while True:
            raw = await self.response.content.readuntil(b"\n")
            if not raw:
                raise EOFError
            line = raw.decode().rstrip("\n")
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                break
            elif not line:
                fields = {}
        one = ReceivedEvent(
            fields["event"], fields["id"], json.loads(fields["data"]), asyncio.get_running_loop().time()
        )
        self.received.append(one)
        self._merge(one)
        return one

    async def wait_for(self, name: str, within_s: float = 20.0) -> ReceivedEvent:
        """Read events up to one of this name, and return it."""
        async with asyncio.timeout(within_s):
            while (one := await self.next_event()).name != name:
                pass
        return one

    async def wait_for_cases(self, *ids: str, revision: int = 1, within_s: float = 20.0) -> Self:
        """Read events until the page shows all of these cases, in this revision or a later one."""
        async with asyncio.timeout(within_s):
            while not all(self.shown.get(id_, {"revision": 0})["revision"] >= revision for id_ in ids):
                await self.next_event()
        return self

    def _merge(self, one: ReceivedEvent) -> None:
        if one.name == "snapshot":
            self.shown = {}
        if one.name == "gone":
            dropped = set(one.data["device_tokens"])
            self.shown = {id_: case for id_, case in self.shown.items() if case["device_token"] not in dropped}
        for case in one.data.get("cases", ()):
            if case["revision"] > self.shown.get(case["id"], {"revision": 0})["revision"]:
                self.shown[case["id"]] = case


@asynccontextmanager
async def open_event_page(url: str, cursor: str = "", **cookies: str) -> AsyncIterator[EventPage]:
    """Open the event stream of the console at `url`, from a resume token if one is given."""
    headers = {"Last-Event-ID": cursor} if cursor else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    async with (
        aiohttp.ClientSession(timeout=timeout, read_bufsize=1 << 22, cookies=cookies) as session,
        session.get(f"{url}/api/stream", headers=headers) as response,
    ):
        assert response.status == 200
        yield EventPage(response)
