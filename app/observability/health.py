"""Health port: what a process answers to this machine alone, beside what it is there for."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import ConfigurationError
from app.observability.registry import MetricsRegistry
from app.settings.address import LOOPBACK_HOST

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve_health(port: int, handlers: Mapping[str, Handler]) -> web.AppRunner:
    """Listens until the runner is cleaned up. `handlers`: by path.

    Raises:
        ConfigurationError: the port is taken.
    """
    application = web.Application()
    for path, handler in handlers.items():
        application.router.add_get(path, handler)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK_HOST, port).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigurationError(
            f"health port {port} cannot be opened ({error.strerror}): set GEOVELOCITY_HEALTH_PORT"
        ) from None
    return runner


def metrics_handler(measured: Callable[[], MetricsRegistry]) -> Handler:
    """Answers a scrape of Prometheus."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=measured().text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return answer


def health_handlers(waits_for: Callable[[], str | None]) -> dict[str, Handler]:
    """`/livez`: the event loop turns. `/readyz`: it does its work, or why not."""

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def ready(_request: web.Request) -> web.Response:
        why = waits_for()
        return web.Response(status=503 if why else 200, text=why or "ready")

    return {"/livez": live, "/readyz": ready}
