"""The Faust apps: `faust -A app.main worker -l info` is the detector, `-A app.main:mongo` and `:elastic` the sinks."""

from collections.abc import Callable
from functools import partial

from agents.policy import Policy
from agents.rules.mask import Masker
from app.errors import GeovelocityError
from app.settings import Settings, read_settings
from app.sink.delivery import Delivery
from app.stream.application import StreamApp
from app.stream.table import Fold
from app.topology import DETECTOR, ELASTIC, MONGO, Agent, Copier


def policy_of(settings: Settings) -> Policy:
    """What the agents need to know of the settings."""
    return Policy(settings.topics, Masker(settings.masking_keys[0]), settings.rule_preset, settings.luhn)


def detector(settings: Settings) -> StreamApp:
    """The app that joins payments and phones."""
    app = StreamApp(DETECTOR.name, settings)
    table = app.durable_table(DETECTOR.table, DETECTOR.upkeep)
    policy = policy_of(settings)
    for topic, agent in DETECTOR.agents.items():
        app.fold_into(table, getattr(settings.topics, topic), _bound(agent, policy), name=topic)
    return app


def copier(of: Copier, settings: Settings) -> StreamApp:
    """An app that copies verdicts into one store."""
    app = StreamApp(of.name, settings)
    sink = of.store(settings)
    policy = policy_of(settings)
    for topic, shelf in of.reads.items():
        app.drain_into(Delivery(app, sink, shelf, policy), getattr(settings.topics, topic), name=topic)
    app.on_before_shutdown.connect(lambda *_, **__: sink.close(), weak=False)
    return app


def _bound(agent: Agent, policy: Policy) -> Fold:
    return lambda batch: agent(batch, policy)


def _or_one_line(build: Callable[[Settings], StreamApp]) -> StreamApp:
    """Faust imports this module to find its app: a wrong setting is one line there, too."""
    try:
        return build(read_settings())
    except GeovelocityError as error:
        raise SystemExit(f"geovelocity: {error}") from None


app = _or_one_line(detector)
mongo = _or_one_line(partial(copier, MONGO))
elastic = _or_one_line(partial(copier, ELASTIC))
