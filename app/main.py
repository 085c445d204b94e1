"""The Faust apps: `faust -A app.main worker -l info` is the detector, `-A app.main:mongo` and `:elastic` the sinks.

Each app is built when Faust asks for it, so that a wrong setting of one store does not stop the others.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from app.errors import GeovelocityError
from app.observability.metric import Exporter
from app.security.keyring import Keyring
from app.settings import Settings, read_settings
from app.sinks.handler import SinkHandler, WriteDeadLetters
from app.stream.output.producer import Message, Producer
from app.stream.safety.fail_stop import ExitCode
from app.stream.source.partition_queue import BatchHandler
from app.stream.worker import StreamApp
from app.topology import DETECTOR, SINKS, Agent, SinkApp
from schemas.codes.record_outcome import OUTCOMES_BY_TOPIC


def detector(settings: Settings) -> StreamApp:
    """Build the app that judges payments by the positions of phones."""
    app = StreamApp(DETECTOR.name, settings, writes=DETECTOR.writes)
    keyring = app.keyring
    table = app.durable_table(
        DETECTOR.table, lambda batch, key, now_ms: DETECTOR.row_maintenance(batch, key, now_ms, keyring.context)
    )
    for topic, agent in DETECTOR.agents.items():
        handler, advances_time = _with_context(agent, keyring), topic in DETECTOR.time_topics
        app.add_stateful_agent(table, getattr(settings.topics, topic), handler, topic, advances_time=advances_time)
    app.metrics.bind(Exporter.DETECTOR, _outcomes(DETECTOR.agents, settings))
    app.add_tick_source(table, getattr(settings.topics, DETECTOR.ticks))
    return app


def sink_worker(sink_app: SinkApp, settings: Settings) -> StreamApp:
    """Build the app that copies records into one store."""
    app = StreamApp(sink_app.name, settings, writes=sink_app.writes)
    sink = sink_app.store(settings)
    write_dead_letters = _dead_letter_writer(app)
    for topic, dataset in sink_app.reads.items():
        handler = SinkHandler(sink, dataset, app.keyring, app.metrics, write_dead_letters)
        app.add_sink(handler, getattr(settings.topics, topic), name=topic)
    app.metrics.bind(Exporter.SINK, _outcomes(sink_app.reads, settings))
    app.on_before_shutdown.connect(lambda *_, **__: sink.close(), weak=False)
    return app


def _dead_letter_writer(app: StreamApp) -> WriteDeadLetters:
    """Return a function that writes dead letters with the producer of the app."""

    async def write(topic: str, partition: int, letters: Sequence[bytes]) -> None:
        await Producer.of(app).write(topic, partition, [Message(None, letter) for letter in letters])

    return write


def _with_context(agent: Agent, keyring: Keyring) -> BatchHandler:
    """Return the agent with the context of each batch, so that a rotated masking key takes effect."""
    return lambda batch: agent(batch, keyring.current())


def _outcomes(topics: Iterable[str], settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the possible outcomes of the records of each topic, by the topic's name in this deployment."""
    return {getattr(settings.topics, topic): OUTCOMES_BY_TOPIC[topic] for topic in topics}


_BUILDERS: Final[Mapping[str, Callable[[Settings], StreamApp]]] = MappingProxyType(
    {"app": detector, **{sink_app.command: partial(sink_worker, sink_app) for sink_app in SINKS}}
)


def __getattr__(name: str) -> StreamApp:
    """Build the app that Faust asks for by name. Report a wrong setting in one line and exit."""
    if name not in _BUILDERS:
        raise AttributeError(f"module {__name__} has no app called {name}")
    try:
        app = _BUILDERS[name](read_settings())
    except GeovelocityError as error:
        print(f"geovelocity: {error}", file=sys.stderr)
        raise SystemExit(ExitCode.CONFIGURATION) from None
    globals()[name] = app
    return app
