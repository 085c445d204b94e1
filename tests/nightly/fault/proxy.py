"""Proxy: between a worker and a store, so that the way between them can break."""

import asyncio
import contextlib
from enum import StrEnum
from typing import Final, Self

from deploy.local.ports import HOST

SLOW_S: Final = 5.0
CHUNK_BYTES: Final = 64 << 10
_TOO_BUSY: Final = (
    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"
    b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
)


class Way(StrEnum):
    """What becomes of what is sent. Connections that are open obey at once."""

    THROUGH = "through"
    SLOW = "five seconds a request"
    REPLIES_LOST = "requests arrive, replies do not"
    HOLE = "nothing arrives and nobody says so"
    REFUSED = "connections are refused"
    BUSY_429 = "429 Too Many Requests"
    BUSY_503 = "503 Service Unavailable"


class Proxy:
    """Listens on a free port of this machine and passes everything on to another, unless told otherwise."""

    def __init__(self, upstream_port: int) -> None:
        self.way = Way.THROUGH
        self.port = 0
        self.broken = 0
        """How often something was held up, lost or refused: a fault that broke nothing is void."""
        self._upstream_port = upstream_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            # asyncio logs a cancelled handler as an error, and there is nobody to tell of it
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.way is Way.REFUSED:
            self.broken += 1
            return
        to_store, from_store = None, None
        try:
            from_store, to_store = await asyncio.open_connection(HOST, self._upstream_port)
            there = asyncio.create_task(self._requests(reader, to_store, writer))
            back = asyncio.create_task(self._replies(from_store, writer))
            _, pending = await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            if to_store is not None:
                to_store.close()
                await asyncio.sleep(0)  # a transport closes with the next turn of the loop

    async def _requests(
        self, reader: asyncio.StreamReader, to_store: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            way = self.way
            self.broken += way is not Way.THROUGH
            if way is Way.REFUSED:
                return
            if way in (Way.BUSY_429, Way.BUSY_503):
                writer.write(_TOO_BUSY % way.value.encode())
                await writer.drain()
                return
            if way is Way.SLOW:
                await asyncio.sleep(SLOW_S)
            while self.way is Way.HOLE:
                await asyncio.sleep(0.1)
            to_store.write(chunk)
            await to_store.drain()

    async def _replies(self, from_store: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await from_store.read(CHUNK_BYTES):
            if self.way is Way.REPLIES_LOST:
                self.broken += 1
                return  # which closes the connection, as a firewall would that has lost its state
            while self.way is Way.HOLE:
                await asyncio.sleep(0.1)
            writer.write(chunk)
            await writer.drain()
