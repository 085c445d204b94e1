"""All settings: one frozen object, read once from the environment (`GEOVELOCITY_…`) and a `.env` file."""

import difflib
import os
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, FilePath, SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from agents.context import AgentContext
from agents.rules.parameters import PRESETS, RuleParameters
from agents.rules.publish.mask import Key, Masker
from app.errors import SettingsError
from app.security.masking_keys import DEMO_KEY, local_keys, parse_keys, read_keys
from app.settings.address import LOOPBACK, hosts_of
from app.settings.alerts import AlertSettings
from app.settings.bridge import BridgeSettings
from app.settings.state import StateSettings
from app.settings.stores import StoreSettings
from deploy.local.ports import HOST, Ports
from schemas.topics import PARTITIONS, Topics
from sensor_logger_bridge.public_url import PublicUrl

PREFIX: Final = "GEOVELOCITY_"
DOTENV: Final = ".env"
NOT_SETTINGS: Final = frozenset({"GEOVELOCITY_CACHE", "GEOVELOCITY_FAILPOINT"})


class Settings(BridgeSettings, AlertSettings, StoreSettings, StateSettings):
    """Every setting with its default. Names of times and sizes end in their unit."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=DOTENV,
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    mode: Literal["demo", "production"] = Field(
        "demo", description="`demo`: a public key, so every address must be on this machine"
    )
    namespace: str = Field("geovelocity", pattern=r"^[a-z][a-z0-9-]{0,40}$", description="prefix of groups and stores")
    port_base: int | None = Field(None, ge=1024, le=65_000, description="moves all default ports to a block from here")
    state_dir: Path = Field(Path(".geovelocity"), description="where local state and the local stack live")

    kafka_bootstrap: str = Field("", description="host:port of the brokers; default: the local one")
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="SASL_SSL in production"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="how to log in to the brokers"
    )
    kafka_username: str = Field("", description="login at the brokers")
    kafka_password: SecretStr = Field(SecretStr(""), description="its password")
    kafka_ca_file: FilePath | None = Field(None, description="certificates to trust, PEM; default: the system's")
    partitions: int = Field(PARTITIONS, ge=1, le=4096, description="of every keyed topic; never change it later")
    replication_factor: int = Field(1, ge=1, le=7, description="of topics that `init` makes; 3 in production")
    min_insync_replicas: int = Field(1, ge=1, le=7, description="of topics that `init` makes; 2 in production")
    session_timeout_s: float = Field(10.0, ge=3, le=60, description="after which a silent worker loses its partitions")
    commit_interval_s: float = Field(1.0, ge=0.1, le=10, description="how often positions are committed")

    topic_prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,60}$", description="put before every topic's name")
    topic_transactions: str = Field(Topics().transactions, description="name of the topic")
    topic_locations: str = Field(Topics().locations, description="name of the topic")
    topic_verdicts: str = Field(Topics().verdicts, description="name of the topic")
    topic_suspects: str = Field(Topics().suspects, description="name of the topic")
    topic_dead_letters: str = Field(Topics().dead_letters, description="name of the topic")
    topic_ticks: str = Field(Topics().ticks, description="name of the topic by which the detector lets time pass")
    topic_erasures: str = Field(Topics().erasures, description="name of the topic of devices to be forgotten")
    topic_feedback: str = Field(Topics().feedback, description="name of the topic of what analysts say of cases")

    api_host: str = Field(HOST, description="where the console listens; open without login on loopback in demo mode")
    api_port: int | None = Field(None, ge=1, le=65_535, description="default: 8080, or what the port base says")
    api_users_file: Path = Field(Path(".geovelocity/users.jsonl"), description="which token is whose at the console")
    api_high_value: float = Field(
        1000.0,
        gt=0,
        le=1e12,
        description="from this amount, in any currency, a suspect is of high value",
    )
    api_high_value_window_s: int = Field(
        3600, ge=60, le=3600, description="for how long the console counts people with suspects of high value"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="of workers and bridge; drivers stay at INFO, since at DEBUG they quote records"
    )
    health_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="where a worker answers /livez, /readyz, /metrics; the bridge: /metrics",
    )

    console_url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="where people find the console; default: here"
    )

    preset: str = Field("default", description="the rule's parameters: default or paper")
    luhn: bool = Field(default=False, description="refuse card numbers that fail their check digit")
    keys: SecretStr = Field(SecretStr(""), description="id:base64,… the first writes; 32 bytes or more each; read once")
    keys_file: Path | None = Field(None, description="a file with the same text, better: read anew when it changes")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(PRESETS)}")
        if self.min_insync_replicas > self.replication_factor:
            raise ValueError("min_insync_replicas is more than replication_factor")
        if self.mode == "demo" and not self._has_keys and (away := self._not_loopback()):
            raise ValueError(
                f"{away} is not on this machine, and outside it the demo key protects nothing: "
                "set GEOVELOCITY_MODE=production and GEOVELOCITY_KEYS_FILE"
            )
        if self.mode == "production" and not self._has_keys:
            raise ValueError("in production a key is needed: set GEOVELOCITY_KEYS_FILE")
        return self

    @property
    def _has_keys(self) -> bool:
        return self.key_file is not None or bool(self.keys.get_secret_value().strip(" ,\n"))

    @property
    def key_file(self) -> Path | None:
        """The file of masking keys: the one that is set, else, where no key is, the one `up --lan` has made here."""
        if self.keys_file is not None or self.keys.get_secret_value().strip(" ,\n") or self.mode == "production":
            return self.keys_file
        own = local_keys(self.state_dir)
        return own if own.exists() else None

    def _not_loopback(self) -> str | None:
        servers = {
            "kafka_bootstrap": self.kafka_bootstrap,
            "mongo_url": self.mongo_url.get_secret_value(),
            "elastic_url": self.elastic_url.get_secret_value(),
            "bridge_host": self.bridge_host,
            "bridge_mqtt_url": self.bridge_mqtt_url.get_secret_value(),
            "api_host": self.api_host,
            **self.alert_addresses,
        }
        return next((name for name, address in servers.items() if not hosts_of(address) <= LOOPBACK), None)

    @property
    def ports(self) -> Ports:
        return Ports() if self.port_base is None else Ports.from_base(self.port_base)

    @property
    def kafka(self) -> str:
        return self.kafka_bootstrap or f"{HOST}:{self.ports.kafka}"

    @property
    def mongo(self) -> str:
        """With its password: for the driver alone, never for a log."""
        return self.mongo_url.get_secret_value() or f"mongodb://{HOST}:{self.ports.mongo}"

    @property
    def elastic(self) -> str:
        """It may have a password in it: for the client alone, never for a log."""
        return self.elastic_url.get_secret_value() or f"http://{HOST}:{self.ports.elastic}"

    @property
    def bridge(self) -> tuple[str, int]:
        return self.bridge_host, self.bridge_port or self.ports.bridge

    @property
    def api(self) -> tuple[str, int]:
        return self.api_host, self.api_port or self.ports.api

    @property
    def console(self) -> str:
        """Where a browser finds the console, without a slash at the end."""
        return self.console_url.rstrip("/") or f"http://{HOST}:{self.api[1]}"

    @property
    def reach(self) -> PublicUrl:
        """How phones find the bridge."""
        return PublicUrl(*self.bridge, self.bridge_url)

    @cached_property
    def topics(self) -> Topics:
        named = (
            self.topic_transactions,
            self.topic_locations,
            self.topic_verdicts,
            self.topic_suspects,
            self.topic_dead_letters,
            self.topic_ticks,
            self.topic_erasures,
            self.topic_feedback,
        )
        return Topics(*(self.topic_prefix + name for name in named))

    @property
    def rule_preset(self) -> RuleParameters:
        return PRESETS[self.preset]

    @cached_property
    def masking_keys(self) -> tuple[Key, ...]:
        """The keys, newest first, as they are when they are first asked for.

        Raises:
            SettingsError: as `read_keys` and `parse_keys`.
        """
        if self.key_file is not None:
            return read_keys(self.key_file)
        return parse_keys(self.keys.get_secret_value()) or (DEMO_KEY,)

    @cached_property
    def policy(self) -> AgentContext:
        """What the agents need to know of the settings.

        Raises:
            SettingsError: as `masking_keys`.
        """
        return AgentContext(self.topics, Masker.of(self.masking_keys), self.rule_preset, self.luhn)


def read_settings(*, bridge_host: str | None = None) -> Settings:
    """The settings of this process. `bridge_host`, where given, counts more than what the environment says.

    Raises:
        SettingsError: one is wrong, or the environment or `.env` has a `GEOVELOCITY_…` variable that is none.
    """
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    in_file = {name.upper() for name in dotenv_values(DOTENV, encoding="utf-8")}
    for variable in sorted(in_file | os.environ.keys()):
        if variable.startswith(PREFIX) and variable not in names | NOT_SETTINGS:
            near = difflib.get_close_matches(variable, names, n=1)
            hint = f"did you mean {near[0]}?" if near else "the README lists the settings."
            raise SettingsError(f"{variable} is not a setting: {hint}")
    try:
        return Settings() if bridge_host is None else Settings(bridge_host=bridge_host)
    except ValidationError as error:
        problems = "; ".join(_problem(item["loc"], item["msg"]) for item in error.errors(include_input=False))
        raise SettingsError(f"bad setting: {problems}") from None


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process the same settings. Holds secrets when they were set."""
    variables = {}
    for name in sorted(Settings.model_fields):
        value = getattr(settings, name)
        # A path is passed even when it is the default: what is relative here is somewhere else there.
        if name not in settings.model_fields_set and not isinstance(value, Path):
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        variables[PREFIX + name.upper()] = str(value.absolute() if isinstance(value, Path) else value)
    return variables


def _problem(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message
