"""Proxy between a worker and a store, to break their connection."""

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


class ProxyMode(StrEnum):
    """Mode of the proxy. It applies to open connections at once."""

    THROUGH = "through"
    SLOW = "five seconds a request"
    REPLIES_LOST = "requests arrive, replies do not"
    HOLE = "requests vanish without an error"
    REFUSED = "connections are refused"
    BUSY_429 = "429 Too Many Requests"
    BUSY_503 = "503 Service Unavailable"


class Proxy:
    """Proxy on a free port of this machine. By default it forwards everything."""

    def __init__(self, upstream_port: int) -> None:
        self.way = ProxyMode.THROUGH
        self.port = 0
        self.broken = 0
        """Number of requests delayed, lost or refused; a fault with none is void."""
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
            # asyncio would log a cancelled handler as an error
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.way is ProxyMode.REFUSED:
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
                await asyncio.sleep(0)  # a transport closes in the next turn of the loop

    async def _requests(
        self, reader: asyncio.StreamReader, to_store: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            way = self.way
            self.broken += way is not ProxyMode.THROUGH
            if way is ProxyMode.REFUSED:
                return
            if way in (ProxyMode.BUSY_429, ProxyMode.BUSY_503):
                writer.write(_TOO_BUSY % way.value.encode())
                await writer.drain()
                return
            if way is ProxyMode.SLOW:
                await asyncio.sleep(SLOW_S)
            while self.way is ProxyMode.HOLE:
                await asyncio.sleep(0.1)
            to_store.write(chunk)
            await to_store.drain()

    async def _replies(self, from_store: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await from_store.read(CHUNK_BYTES):
            if self.way is ProxyMode.REPLIES_LOST:
                self.broken += 1
                return  # closes the connection, like a firewall that lost its state
            while self.way is ProxyMode.HOLE:
                await asyncio.sleep(0.1)
            writer.write(chunk)
            await writer.drain()
