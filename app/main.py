"""The Faust apps: `faust -A app.main worker -l info` runs the detector, `-A app.main:mongo` and `:elastic` the sinks."""

from collections.abc import Callable
from functools import partial, update_wrapper

from app.errors import SettingsError
from app.settings import Settings, read_settings
from app.stream.application import StreamApp
from app.topology import DETECTOR
from agents.policy import Policy
from agents.rules.mask import Masker


def policy_of(settings: Settings) -> Policy:
    """What the agents need to know of the settings."""
    return Policy(settings.topics, Masker(settings.masking_keys[0]), settings.rule_preset, settings.luhn)


def detector(settings: Settings) -> StreamApp:
    """The app that joins payments and phones."""
    app = StreamApp(DETECTOR.name, settings)
    table = app.durable_table(DETECTOR.table)
    policy = policy_of(settings)
    for topic, agent in DETECTOR.agents.items():
        app.fold_into(table, getattr(settings.topics, topic), update_wrapper(partial(agent, policy=policy), agent))
    return app


def _or_one_line(build: Callable[[Settings], StreamApp]) -> StreamApp:
    """Faust imports this module to find its app: a wrong setting is one line there, too."""
    try:
        return build(read_settings())
    except SettingsError as error:
        raise SystemExit(f"geovelocity: {error}") from None


app = _or_one_line(detector)
