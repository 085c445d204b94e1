"""Health: whether this worker lives, and whether it has its partitions and rows. Listens on loopback alone."""

from typing import TYPE_CHECKING

from aiohttp import web
from mode import Service
from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE

from app.settings.address import LOOPBACK_HOST
from app.stream.measure import measure

if TYPE_CHECKING:
    from app.stream.worker import StreamApp


class Health(Service):
    """`GET /livez`: the event loop turns. `/readyz`: it does its work, or why not. `/metrics`: for Prometheus.

    Each answers from what this process knows, from its first moment on, whatever else is away.
    """

    def __init__(self, app: "StreamApp", port: int) -> None:
        self._app = app
        self._port = port
        self._runner: web.AppRunner | None = None
        super().__init__()

    async def on_start(self) -> None:
        routes = web.Application()
        routes.router.add_get("/livez", self._live)
        routes.router.add_get("/readyz", self._ready)
        routes.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(routes, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK_HOST, self._port).start()

    async def on_stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def _ready(self, _request: web.Request) -> web.Response:
        waits_for = self._app.not_ready_reason
        return web.Response(status=503 if waits_for else 200, text=waits_for or "ready")

    async def _metrics(self, _request: web.Request) -> web.Response:
        measure(self._app)
        return web.Response(body=self._app.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
