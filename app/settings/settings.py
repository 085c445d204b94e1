"""All settings: one frozen object, read once from the environment (`GEOVELOCITY_…`) and a `.env` file."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.rules.parameters import PRESETS
from app.errors import SettingsError
from app.settings.address import LOOPBACK, hosts_of
from app.settings.alerts import AlertSettings
from app.settings.bridge import BridgeSettings
from app.settings.console import ConsoleSettings
from app.settings.kafka import KafkaSettings
from app.settings.process import ProcessSettings
from app.settings.rule import RuleSettings
from app.settings.state import StateSettings
from app.settings.stores import StoreSettings
from app.settings.topics import TopicSettings

PREFIX: Final = "GEOVELOCITY_"
DOTENV: Final = ".env"
NOT_SETTINGS: Final = frozenset({"GEOVELOCITY_CACHE", "GEOVELOCITY_FAILPOINT"})
"""Variables with our prefix that other code reads: the cache of server jars, and the crash tests' failpoint."""

GROUPS: Final[Mapping[str, type[BaseSettings]]] = MappingProxyType(
    {
        "Every process": ProcessSettings,
        "Kafka": KafkaSettings,
        "Topics": TopicSettings,
        "Rule and masking keys": RuleSettings,
        "State store": StateSettings,
        "Stores and Kibana": StoreSettings,
        "Bridge": BridgeSettings,
        "Console": ConsoleSettings,
        "Alerts": AlertSettings,
    }
)
"""Groups of settings by title, in the order of the reference page."""


class Settings(
    KafkaSettings,
    TopicSettings,
    RuleSettings,
    StateSettings,
    StoreSettings,
    BridgeSettings,
    ConsoleSettings,
    AlertSettings,
):
    """Every setting with its default. Names of durations and sizes end in their unit."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=DOTENV,
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(PRESETS)}")
        if self.min_insync_replicas > self.replication_factor:
            raise ValueError("min_insync_replicas is greater than replication_factor: lower it")
        if self.mode == "demo" and not self.has_keys and (remote := self._remote_setting()):
            raise ValueError(
                f"{remote} is not on this machine, and outside it the demo key protects nothing: "
                "set GEOVELOCITY_MODE=production and GEOVELOCITY_KEYS_FILE"
            )
        if self.mode == "production" and not self.has_keys:
            raise ValueError("production mode needs a masking key: set GEOVELOCITY_KEYS_FILE")
        return self

    def _remote_setting(self) -> str | None:
        """Return the name of the first setting whose address is not on this machine, or None."""
        addresses = {
            "kafka_bootstrap": self.kafka_bootstrap,
            **self.store_addresses,
            "bridge_host": self.bridge_host,
            "bridge_mqtt_url": self.bridge_mqtt_url.get_secret_value(),
            "api_host": self.api_host,
            **self.alert_addresses,
        }
        return next((name for name, address in addresses.items() if not hosts_of(address) <= LOOPBACK), None)


def read_settings(*, bridge_host: str | None = None) -> Settings:
    """Read the settings of this process. `bridge_host` overrides the environment.

    Raises:
        SettingsError: a setting is invalid, or the environment or `.env` has an unknown `GEOVELOCITY_…` variable.
    """
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    in_file = {name.upper() for name in dotenv_values(DOTENV, encoding="utf-8")}
    for variable in sorted(in_file | os.environ.keys()):
        if variable.startswith(PREFIX) and variable not in names | NOT_SETTINGS:
            near = difflib.get_close_matches(variable, names, n=1)
            hint = f"did you mean {near[0]}?" if near else "`geovelocity settings` lists the settings."
            raise SettingsError(f"{variable} is not a setting: {hint}")
    try:
        return Settings() if bridge_host is None else Settings(bridge_host=bridge_host)
    except ValidationError as error:
        problems = "; ".join(_problem(item["loc"], item["msg"]) for item in error.errors(include_input=False))
        raise SettingsError(f"bad setting: {problems}") from None


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give another process the same settings. Contains the configured secrets."""
    variables = {}
    for name in sorted(Settings.model_fields):
        value = getattr(settings, name)
        # Default paths are passed as well: a relative path means another folder in the other process.
        if name not in settings.model_fields_set and not isinstance(value, Path):
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        variables[PREFIX + name.upper()] = str(value.absolute() if isinstance(value, Path) else value)
    return variables


def _problem(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message
