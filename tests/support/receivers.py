"""Receivers of alerts: a web server that answers by a script, and a mail server that keeps its mails."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, Final

import msgspec
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import HOST

SECRET: Final = "a secret between two"
SLOW_S: Final = 60.0


@dataclass(frozen=True)
class Post:
    """One received request. `at_s`: by the loop's clock."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at_s: float

    @property
    def json(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.body)
        return decoded

    @property
    def is_signed(self) -> bool:
        """Whether the signature is valid, verified as the documentation tells receivers."""
        parts = dict(part.split("=", 1) for part in self.headers["Geovelocity-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + self.body, sha256).hexdigest()
        return hmac.compare_digest(parts["v1"], expected)


@dataclass
class Receiver:
    """A web server that answers with the statuses of `script` in order, then with `always` or 204. It keeps all posts.

    "slow" in the script means no answer. `rejects`: ids of alerts that it answers with 500. `delay_s`: time before an
    answer. `accepted`: the posts that it answered with 2xx.
    """

    port: int = 0
    script: list[int | str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    always: int | None = None
    rejects: set[str] = field(default_factory=set)
    delay_s: float = 0.0
    posts: list[Post] = field(default_factory=list)
    accepted: list[Post] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/alerts"

    def ids(self) -> list[str]:
        """Return the ids of the accepted alerts, in order."""
        return [post.headers["Geovelocity-Alert-Id"] for post in self.accepted]

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        post = Post(request.path, dict(request.headers), body, asyncio.get_running_loop().time())
        self.posts.append(post)
        await asyncio.sleep(self.delay_s)
        status = self.script.pop(0) if self.script else self.always or 204
        if post.headers.get("Geovelocity-Alert-Id") in self.rejects:
            status = 500
        if isinstance(status, str):
            await asyncio.sleep(SLOW_S)
            status = 204
        if status < 300:
            self.accepted.append(post)
        return web.Response(status=status, headers=self.headers if status >= 400 else None)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    """Listen, on the port that it had before, if any: a receiver can stop and start again."""
    application = web.Application()
    application.router.add_post("/{path:.*}", receiver.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, HOST, receiver.port, reuse_address=True).start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Mailbox:
    """A mail server. `refuses`: replies to recipients, by address. `data`: reply to every mail. Default: accept."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refuses: dict[str, str] = {}
        self.data = ""
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - the name is the library's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is the library's
        if self.data:
            return self.data
        self.mails.append(envelope)
        return "250 OK"


@asynccontextmanager
async def mailbox(box: Mailbox, **options: Any) -> AsyncIterator[Mailbox]:
    """Listen, on the port that it had before, if any."""
    make = partial(SMTP, box, hostname="mail.bank.example", **options)
    async with await asyncio.get_running_loop().create_server(make, HOST, box.port) as server:
        box.port = server.sockets[0].getsockname()[1]
        yield box
