"""The health port: liveness, readiness and metrics of a process, for clients on the same machine."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import ConfigurationError
from app.observability.registry import MetricsRegistry
from app.settings.address import LOOPBACK_HOST

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve_health(port: int, handlers: Mapping[str, Handler]) -> web.AppRunner:
    """Listen on the port of the loopback interface until the caller cleans the runner up. `handlers`: by path.

    Raises:
        ConfigurationError: the port is in use.
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


def metrics_handler(collect: Callable[[], MetricsRegistry]) -> Handler:
    """Return the handler of a Prometheus scrape. `collect`: updates the gauges and returns the registry."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=collect().text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return answer


def health_handlers(not_ready_reason: Callable[[], str | None]) -> dict[str, Handler]:
    """Return the handlers of `/livez` and `/readyz`. `/readyz` answers 503 with the reason until there is none."""

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="live")

    async def ready(_request: web.Request) -> web.Response:
        reason = not_ready_reason()
        return web.Response(status=503 if reason else 200, text=reason or "ready")

    return {"/livez": live, "/readyz": ready}
