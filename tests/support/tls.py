"""Certificates for one test, and a TLS proxy in front of a server without TLS."""

import asyncio
import contextlib
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from deploy.local.ports import HOST

CHUNK_BYTES = 1 << 16
MONITORS_END_WITHIN_S = 10.0
UNAUTHORIZED = b'{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}'


class Authority:
    """A certificate authority for this machine."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.file = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(HOST, "localhost").configure_cert(context)
        return context

    def key_and_chain(self) -> Path:
        """Write a key and its certificates to one file in Kafka's format, PKCS #8."""
        issued = self._authority.issue_cert(HOST, "localhost")
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        path = self._folder / "server.pem"
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)
        return path


class TlsProxy:
    """A proxy that terminates TLS. `authorization`: HTTP requests without this header get 401."""

    port: int

    def __init__(self, upstream_port: int, authority: Authority, authorization: str | None = None) -> None:
        self._upstream_port = upstream_port
        self._context = authority.server_context()
        self._wanted = None if authorization is None else f"authorization: {authorization}".lower().encode()
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close without leaving a transport open: accept nothing more, then let accepted connections attach.

        `Server.close()` in the turn of the loop that accepted a connection makes asyncio drop its transport unclosed
        (python/cpython#109564). The monitor threads of pymongo connect again every half second until they end.
        """
        await _monitor_threads_ended()
        loop = asyncio.get_running_loop()
        for listening in self._server.sockets:
            loop.remove_reader(listening.fileno())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        # asyncio logs a cancelled handler as an error
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._forward(reader, writer)
        self._open.discard(task)
        writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b""
        if self._wanted is not None:
            head = await reader.readuntil(b"\r\n\r\n")
            if self._wanted not in head.lower():
                answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n"
                writer.write(answer + b"Content-Length: %d\r\n\r\n" % len(UNAUTHORIZED) + UNAUTHORIZED)
                await writer.drain()
                return
        from_server, to_server = await asyncio.open_connection(HOST, self._upstream_port)
        try:
            to_server.write(head)
            both = [asyncio.create_task(_copy(reader, to_server)), asyncio.create_task(_copy(from_server, writer))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        finally:
            to_server.transport.abort()


async def _monitor_threads_ended() -> None:
    """Return when no monitor thread of pymongo runs: `close()` of a client does not join them.

    A test that failed may have left a client open, so the wait is bounded and does not raise.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MONITORS_END_WITHIN_S):
            await _no_monitor_thread()


async def _no_monitor_thread() -> None:
    while any(thread.name.startswith("pymongo_") for thread in threading.enumerate()):
        await asyncio.sleep(0.05)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
