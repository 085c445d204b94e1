"""Workers without a broker."""

from app.settings import Settings
from app.stream.source.consumer import Consumer
from app.stream.worker import StreamApp


def without_broker(app: StreamApp | None = None) -> StreamApp:
    """Return an app whose consumer never starts; without an argument, one without agents.

    The consumer's thread opens an event loop when it is created and closes it only after it has run, so this closes it.
    """
    app = app or StreamApp("test", Settings(_env_file=None), writes=())
    Consumer.of(app)._thread.thread_loop.close()
    return app
