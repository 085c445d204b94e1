"""The Faust apps: `faust -A app.main worker -l info` is the detector, `-A app.main:mongo` and `:elastic` the sinks.

Each is made when it is asked for: what is wrong with the settings of one store must not stop the others.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from app.errors import GeovelocityError
from app.keyring import Keyring
from app.metric import Teller
from app.settings import Settings, read_settings
from app.sink.delivery import Delivery
from app.stream.application import StreamApp
from app.stream.failstop import Exit
from app.stream.turns import Fold
from app.topology import DETECTOR, ELASTIC, MONGO, Agent, Copier
from schemas.tally import ENDS


def detector(settings: Settings) -> StreamApp:
    """The app that joins payments and phones."""
    app = StreamApp(DETECTOR.name, settings, writes=DETECTOR.writes)
    keyring = app.keyring
    table = app.durable_table(
        DETECTOR.table, lambda batch, key, now_ms: DETECTOR.upkeep(batch, key, now_ms, keyring.policy)
    )
    for topic, agent in DETECTOR.agents.items():
        tells_time = topic in DETECTOR.clocks
        app.fold_into(table, getattr(settings.topics, topic), _bound(agent, keyring), name=topic, tells_time=tells_time)
    app.metrics.begin(Teller.DETECTOR, _ends(DETECTOR.agents, settings))
    app.tick_on(table, getattr(settings.topics, DETECTOR.ticks))
    return app


def copier(of: Copier, settings: Settings) -> StreamApp:
    """An app that copies verdicts into one store."""
    app = StreamApp(of.name, settings, writes=of.writes)
    sink = of.store(settings)
    for topic, shelf in of.reads.items():
        app.drain_into(Delivery(app, sink, shelf), getattr(settings.topics, topic), name=topic)
    app.metrics.begin(Teller.SINK, _ends(of.reads, settings))
    app.on_before_shutdown.connect(lambda *_, **__: sink.close(), weak=False)
    return app


def _bound(agent: Agent, keyring: Keyring) -> Fold:
    return lambda batch: agent(batch, keyring.current())


def _ends(topics: Iterable[str], settings: Settings) -> dict[str, tuple[str, ...]]:
    """What may become of the records of these topics, by their names in this deployment."""
    return {getattr(settings.topics, topic): ENDS[topic] for topic in topics}


_BUILDERS: Final[Mapping[str, Callable[[Settings], StreamApp]]] = MappingProxyType(
    {"app": detector, "mongo": partial(copier, MONGO), "elastic": partial(copier, ELASTIC)}
)


def __getattr__(name: str) -> StreamApp:
    """Faust imports this module and asks for its app by name: a wrong setting is one line there, too."""
    if name not in _BUILDERS:
        raise AttributeError(f"module {__name__} has no app called {name}")
    try:
        app = _BUILDERS[name](read_settings())
    except GeovelocityError as error:
        print(f"geovelocity: {error}", file=sys.stderr)
        raise SystemExit(Exit.CONFIGURATION) from None
    globals()[name] = app
    return app
