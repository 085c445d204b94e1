"""Creation of the stores' indexes and templates. Idempotent."""

from app.settings import Settings
from app.topology import SINKS


async def prepare_stores(settings: Settings) -> list[str]:
    """Create the indexes and templates of every store and return the names of the sinks.

    Raises:
        UnavailableError: a store does not answer.
        ConfigurationError: a store rejected the request.
    """
    for sink_app in SINKS:
        sink = sink_app.store(settings)
        try:
            await sink.prepare()
        finally:
            await sink.close()
    return [sink_app.name for sink_app in SINKS]
