"""The proxy of the fault tests between a client and a server."""

import asyncio
import contextlib

from deploy.local.ports import HOST
from tests.nightly.fault.proxy import Proxy, ProxyMode


async def exchange(port: int, request: bytes) -> bytes:
    """Send a request and return the first bytes of the response."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        await writer.drain()
        return await asyncio.wait_for(reader.read(100), 0.5)
    except TimeoutError:
        return b"(no answer)"
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionResetError):
            await writer.wait_closed()


async def test_each_mode_of_the_proxy_breaks_connections_in_its_way() -> None:
    received: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(100):
            received.append(chunk)
            writer.write(chunk)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    answers: dict[ProxyMode, tuple[bytes, bool]] = {}
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        for way in (ProxyMode.THROUGH, ProxyMode.REPLIES_LOST, ProxyMode.HOLE, ProxyMode.REFUSED, ProxyMode.BUSY_429):
            proxy.way = way
            received.clear()
            answer = await exchange(proxy.port, b"hello")
            answers[way] = (answer[:12], bool(received))
            proxy.way = ProxyMode.THROUGH
            await asyncio.sleep(0.15)  # held requests continue and end
    assert answers == {
        ProxyMode.THROUGH: (b"hello", True),
        ProxyMode.REPLIES_LOST: (b"", True),
        ProxyMode.HOLE: (b"(no answer)", False),
        ProxyMode.REFUSED: (b"", False),
        ProxyMode.BUSY_429: (b"HTTP/1.1 429", False),
    }
    assert proxy.broken >= 4
