"""The Faust apps: `faust -A app.main worker -l info` is the detector, `-A app.main:mongo` and `:elastic` the sinks.

Each is made when it is asked for: what is wrong with the settings of one store must not stop the others.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from app.errors import GeovelocityError
from app.observability.metric import Exporter
from app.security.keyring import Keyring
from app.settings import Settings, read_settings
from app.sinks.handler import SinkHandler
from app.stream.safety.fail_stop import ExitCode
from app.stream.source.partition_queue import BatchHandler
from app.stream.worker import StreamApp
from app.topology import DETECTOR, ELASTIC, MONGO, Agent, SinkApp
from schemas.codes.record_outcome import OUTCOMES_BY_TOPIC


def detector(settings: Settings) -> StreamApp:
    """The app that joins payments and phones."""
    app = StreamApp(DETECTOR.name, settings, writes=DETECTOR.writes)
    keyring = app.keyring
    table = app.durable_table(
        DETECTOR.table, lambda batch, key, now_ms: DETECTOR.row_maintenance(batch, key, now_ms, keyring.context)
    )
    for topic, agent in DETECTOR.agents.items():
        tells_time = topic in DETECTOR.time_topics
        app.add_stateful_agent(
            table, getattr(settings.topics, topic), _bound(agent, keyring), name=topic, tells_time=tells_time
        )
    app.metrics.bind(Exporter.DETECTOR, _ends(DETECTOR.agents, settings))
    app.add_tick_source(table, getattr(settings.topics, DETECTOR.ticks))
    return app


def sink_worker(of: SinkApp, settings: Settings) -> StreamApp:
    """An app that copies verdicts into one store."""
    app = StreamApp(of.name, settings, writes=of.writes)
    sink = of.store(settings)
    for topic, shelf in of.reads.items():
        app.add_sink(SinkHandler(app, sink, shelf), getattr(settings.topics, topic), name=topic)
    app.metrics.bind(Exporter.SINK, _ends(of.reads, settings))
    app.on_before_shutdown.connect(lambda *_, **__: sink.close(), weak=False)
    return app


def _bound(agent: Agent, keyring: Keyring) -> BatchHandler:
    return lambda batch: agent(batch, keyring.current())


def _ends(topics: Iterable[str], settings: Settings) -> dict[str, tuple[str, ...]]:
    """What may become of the records of these topics, by their names in this deployment."""
    return {getattr(settings.topics, topic): OUTCOMES_BY_TOPIC[topic] for topic in topics}


_BUILDERS: Final[Mapping[str, Callable[[Settings], StreamApp]]] = MappingProxyType(
    {"app": detector, "mongo": partial(sink_worker, MONGO), "elastic": partial(sink_worker, ELASTIC)}
)


def __getattr__(name: str) -> StreamApp:
    """Faust imports this module and asks for its app by name: a wrong setting is one line there, too."""
    if name not in _BUILDERS:
        raise AttributeError(f"module {__name__} has no app called {name}")
    try:
        app = _BUILDERS[name](read_settings())
    except GeovelocityError as error:
        print(f"geovelocity: {error}", file=sys.stderr)
        raise SystemExit(ExitCode.CONFIGURATION) from None
    globals()[name] = app
    return app
